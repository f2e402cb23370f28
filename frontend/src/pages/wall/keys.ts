// The wall's keys.
import { t as common } from '../../i18n';
import { grades } from '../../map/colours';
import { useKeys } from '../../shell/keys';
import { insightPath, navigate } from '../../shell/route';
import { nothingApart } from './map/apart';
import { apart } from './map/sync';
import { shownHappenings } from './scene';
import { acknowledge, disable, enable, ready, wanted } from './sound';
import {
  area,
  cases,
  hidden,
  open,
  picking,
  report,
  reporting,
  rotation,
  select,
  selected,
  toggleGrade,
} from './state';
import { goTo } from './Ticker';
import { stepTime, togglePlay } from './TimeBar';
import { t } from './text';

export function useWallKeys() {
  useKeys([
    {
      keys: ['1', '2', '3', '4', '5'],
      shown: '1 – 5',
      does: () => t('help.grades'),
      run: (e) => {
        const grade = grades[Number(e.key) - 1];
        if (grade) toggleGrade(grade);
      },
    },
    { keys: ['l'], does: () => t('help.list'), run: toggleList },
    {
      keys: ['i'],
      does: () => t('help.cases'),
      run: () => {
        cases.value = cases.value === 'none' ? 'all' : 'none';
      },
    },
    {
      keys: ['h'],
      does: () => t('help.heat'),
      run: () => area.value && navigate(insightPath(area.value.code)),
    },
    { keys: [' '], does: () => t('help.play'), run: togglePlay },
    { keys: ['['], does: () => t('help.back'), run: () => stepTime(-15) },
    { keys: [']'], does: () => t('help.forth'), run: () => stepTime(15) },
    { keys: ['j'], does: () => t('help.next'), run: () => step(1) },
    { keys: ['k'], does: () => t('help.previous'), run: () => step(-1) },
    { keys: ['n'], does: () => t('report.title'), run: () => report() },
    { keys: ['a'], does: () => t('alarm.ack'), run: acknowledge },
    {
      keys: ['m'],
      does: () => t('sound.menu'),
      run: () => void (wanted.value && ready.value ? disable() : enable()),
    },
    { keys: ['Escape'], does: () => common('close'), run: close },
  ]);
}

function toggleList() {
  open.value = open.value === 'cases' || open.value === 'houses' ? null : 'cases';
}

/** The next thing that happened, towards the past, or the one before. */
function step(by: 1 | -1) {
  const all = shownHappenings.value;
  const s = selected.value;
  const at = all.findIndex((h) =>
    h.topic === 'grade'
      ? s?.kind === 'building' && s.ref === String(h.id)
      : s?.kind === h.topic && s.id === h.id,
  );
  const next = all[at < 0 ? 0 : at + by];
  if (next) goTo(next);
}

/** Escape closes what was opened last, and only then shows everything again. */
function close() {
  if (rotation.value > 0) rotation.value = 0;
  else if (picking.value) picking.value = false;
  else if (reporting.value) reporting.value = null;
  else if (apart.value !== nothingApart) apart.value = nothingApart;
  else if (open.value) open.value = null;
  else if (selected.value) select(null);
  else {
    hidden.value = new Set();
    cases.value = 'all';
  }
}
