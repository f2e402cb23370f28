import type { ComponentChildren } from 'preact';
import { gradeColour } from '../../map/colours';
import { Icon, type IconName } from '../../ui/Icon';
import { Swatch } from '../../ui/Swatch';
import { palette, theme } from '../prefs';
import { type Hit, titleOf, underOf } from './hits';
import { pieces } from './match';
import { t } from './text';

const icons: Record<Hit['kind'], IconName> = {
  area: 'layers',
  building: 'home',
  room: 'pin',
  incident: 'warn',
};

/** Hits as options of a list box, numbered from `first`. */
export function HitLines(props: {
  hits: readonly Hit[];
  active: number;
  choose: (hit: Hit) => void;
  query?: string;
  first?: number;
  beside?: (hit: Hit) => ComponentChildren;
}) {
  const first = props.first ?? 0;
  const query = props.query ?? '';
  return (
    <>
      {props.hits.map((hit, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox holds the focus and hears the keys
        <li
          key={`${hit.kind}${hit.id}${hit.code}`}
          id={`hit-${first + i}`}
          role="option"
          aria-selected={first + i === props.active}
          tabIndex={-1}
          onClick={() => props.choose(hit)}
        >
          <Mark hit={hit} />
          <strong>
            <Marked text={titleOf(hit)} query={query} />
          </strong>
          {props.beside?.(hit)}
          <small>
            <Marked text={underOf(hit)} query={query} />
          </small>
          <small class="code">
            <Marked text={hit.code} query={query.replace(/[\s-]/g, '')} least={6} />
            {hit.corrected && <em> {t('corrected')}</em>}
          </small>
        </li>
      ))}
    </>
  );
}

function Mark({ hit }: { hit: Hit }) {
  return hit.grade ? (
    <Swatch colour={gradeColour(hit.grade, theme.value, palette.value)} mark={hit.grade} />
  ) : (
    <Icon name={icons[hit.kind]} />
  );
}

function Marked({ text, query, least }: { text: string; query: string; least?: number }) {
  if (!query) return <>{text}</>;
  return <>{pieces(text, query, least).map((p, i) => (p.match ? <mark key={i}>{p.text}</mark> : p.text))}</>;
}
