import { useEffect } from 'preact/hooks';
import { helpOpen, hidden, listOpen, selected, toggleGrade } from '../app/state';
import { grades } from '../map/colours';
import { AreaCard } from './AreaCard';
import { BuildingCard } from './BuildingCard';
import { BuildingList } from './BuildingList';
import { Help } from './Help';
import { Legend } from './Legend';
import { MapView } from './MapView';
import { TopBar } from './TopBar';

export function Console() {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const s = selected.value;
  return (
    <div class="console">
      <TopBar />
      <main class="stage">
        <MapView />
        <Legend />
        {s?.kind === 'building' && <BuildingCard reference={s.ref} key={s.ref} />}
        {s?.kind === 'area' && <AreaCard code={s.code} key={s.code} />}
        {listOpen.value && <BuildingList />}
        {helpOpen.value && <Help />}
      </main>
    </div>
  );
}

function onKey(event: KeyboardEvent) {
  const target = event.target as HTMLElement;
  if (event.key === 'Escape') {
    close();
    target.blur();
    return;
  }
  if (target.closest('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey) return;
  const grade = grades[Number(event.key) - 1];
  if (grade) toggleGrade(grade);
  else if (event.key === '/') document.querySelector<HTMLInputElement>('#search')?.focus();
  else if (event.key === '?') helpOpen.value = !helpOpen.value;
  else if (event.key.toLowerCase() === 'l') listOpen.value = !listOpen.value;
  else if (event.key.toLowerCase() === 'f') void fullScreen();
  else return;
  event.preventDefault();
}

/** Escape closes what was opened last, and only then shows all grades again. */
function close() {
  if (helpOpen.value) helpOpen.value = false;
  else if (listOpen.value) listOpen.value = false;
  else if (selected.value) selected.value = null;
  else hidden.value = new Set();
}

export async function fullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}
