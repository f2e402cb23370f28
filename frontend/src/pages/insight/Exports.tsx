import { Icon } from '../../ui/Icon';
import { areasQuestion, densityQuestion, hexesQuestion } from './data';
import { savePicture } from './png';
import { presentSpan } from './question';
import { sliced } from './shown';
import * as s from './state';
import { t } from './text';

const formats = ['csv', 'xlsx', 'geojson'] as const;

/** The figures that are shown, to take away; the slice where one is shown. */
export function Exports() {
  return (
    <div class="exports" role="group" aria-label={t('export.title')}>
      <span class="dim">{t('export.title')}</span>
      <button type="button" class="chip" onClick={() => void savePicture()}>
        <Icon name="print" /> PNG
      </button>
      {formats.map((f) => (
        <a class="chip" key={f} href={address(f)} download>
          {f === 'geojson' ? 'GeoJSON' : f.toUpperCase()}
        </a>
      ))}
    </div>
  );
}

function address(format: (typeof formats)[number]): string {
  const span = presentSpan();
  const form = s.form.value;
  const asked =
    form === 'hexes' ? hexesQuestion(span) : form === 'density' ? densityQuestion(span) : areasQuestion(span);
  const query = new URLSearchParams({ form, format });
  for (const [name, value] of Object.entries(asked)) query.set(name, String(value));
  if (sliced.value) query.delete('compare'); // slices never are differences
  return `/api/v1/insight/export?${query}`;
}
