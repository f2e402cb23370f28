// Why a building has its grade: the rules that fired, each with what it took off, or that it is a veto, and its evidence.
import type { components } from '../api/schema';
import { pick, t } from '../i18n';

type Reason = components['schemas']['Reason'];

/** Evidence that all of them share is said once, below. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  if (reasons.length === 0) return <p class="dim">{t('building.noreasons')}</p>;
  const sources = new Set(reasons.map((r) => r.evidence));
  return (
    <>
      <ul class="grade-reasons">
        {reasons.map((r) => (
          <li key={r.rule} class={r.points ? '' : 'veto'}>
            <span>
              {pick(r.label_zh ?? '', r.label_en ?? '') || r.rule}
              {sources.size > 1 && r.evidence && <small class="dim"> · {named(r.evidence)}</small>}
            </span>
            <data>{r.points ? t('reason.points', { n: Math.abs(r.points) }) : t('reason.veto')}</data>
          </li>
        ))}
      </ul>
      {sources.size === 1 && reasons[0]?.evidence && (
        <p class="dim evidence">{t('reason.all', { evidence: named(reasons[0].evidence) })}</p>
      )}
    </>
  );
}

function named(evidence: string): string {
  return evidence === 'patrol' ? t('reason.patrol') : evidence;
}
