import type { BuildingDetail } from '../../api/client';
import { named, t as shared } from '../../i18n';
import { date, day } from '../../i18n/format';
import { gradeColour, grades } from '../../map/colours';
import { palette, theme } from '../../shell/prefs';
import { Reasons } from '../../ui/Reasons';
import { Swatch } from '../../ui/Swatch';
import { t } from './text';

/** The building's grade, the rules that fired, and how it came to it. */
export function Grade({ building: b }: { building: BuildingDetail }) {
  const { grade, grade_score: score, grade_reasons: reasons } = b.state;
  return (
    <section class="panel house-grade" aria-label={t('grade')}>
      <header class="panel-head">
        <h2>{t('grade')}</h2>
      </header>
      <p class="grade-line">
        {grade && <Mark grade={grade} />}
        <strong>{grade ? named('grade', grade) : shared('grade.none')}</strong>
        {score !== undefined && <span class="dim">{shared('building.score', { score })}</span>}
      </p>
      {grade && <Reasons reasons={reasons} />}
      <h3>{shared('building.history')}</h3>
      {b.grade_history.length === 0 && <p class="dim">{t('grade.history.none')}</p>}
      <ol class="timeline">
        {b.grade_history.slice(0, 12).map((c, i) => (
          <li key={`${c.at}${i}`}>
            {c.new_grade && <Mark grade={c.new_grade} />}
            <span>
              {c.old_grade ? `${named('grade', c.old_grade)} → ` : ''}
              <strong>{c.new_grade ? named('grade', c.new_grade) : shared('grade.none')}</strong>
            </span>
            <time dateTime={c.at} title={day(c.at)}>
              {date(new Date(c.at))}
            </time>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Mark({ grade }: { grade: string }) {
  const known = grades.find((g) => g === grade);
  if (!known) return <span class="swatch" />;
  return <Swatch colour={gradeColour(known, theme.value, palette.value)} mark={known} />;
}
