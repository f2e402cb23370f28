import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api } from '../../api/client';
import { named, pick } from '../../i18n';
import { day, number } from '../../i18n/format';
import { housePath, insightPath, wallPath } from '../../shell/route';
import { Facts } from '../../ui/Facts';
import { IconButton } from '../../ui/Icon';
import { useLoad } from '../../ui/load';
import { Empty, Waiting } from '../../ui/states';
import { question } from './data';
import { presentSpan } from './question';
import { about, legend, nameOf, type Row, rowByKey } from './shown';
import * as s from './state';
import { t } from './text';
import { change, figure, unitWords } from './words';

/** The area or hexagon that was picked: its figures, and the way on to its parts, houses and cases. */
export function Detail() {
  const r = s.selected.value ? rowByKey.value.get(s.selected.value) : undefined;
  const box = useRef<HTMLElement>(null);
  // On a phone it stands below the map that was tapped.
  useEffect(() => {
    if (r && matchMedia('(max-width: 860px)').matches) box.current?.scrollIntoView({ block: 'start' });
  }, [r?.key]);
  if (!r) return null;
  return (
    <section class="panel picked" aria-label={r.name} ref={box}>
      <header class="panel-head">
        <h2>{r.name}</h2>
        <IconButton
          icon="close"
          label={t('detail.close')}
          press={() => {
            s.selected.value = null;
          }}
        />
      </header>
      <Figures row={r} />
      {r.code && <Ways code={r.code} />}
      {r.code && <Houses code={r.code} key={`h${r.code}`} />}
      {r.code && s.measure.value === 'incidents' && <Cases code={r.code} key={`c${r.code}`} />}
    </section>
  );
}

function Figures({ row: r }: { row: Row }) {
  const unit = about.value?.unit ?? '';
  const rate = unit.includes('_per_');
  return (
    <>
      <Facts
        rows={[
          [
            t(`measure.${s.measure.value}`),
            r.suppressed ? t('row.hidden') : r.n === null ? null : number(r.n),
          ],
          [t('detail.before'), r.previous === null ? null : number(r.previous)],
          [
            legend.value.diverging ? t('detail.change') : unitWords(unit),
            r.value === null || !(rate || legend.value.diverging)
              ? null
              : legend.value.diverging
                ? change(r.value)
                : figure(r.value),
          ],
        ]}
      />
      {r.suppressed && <p class="dim small">{t('suppressed.why')}</p>}
    </>
  );
}

function Ways({ code }: { code: string }) {
  const here = s.area.value?.code ?? '';
  return (
    <p class="ways">
      {code !== here && code.length < 14 && (
        <a class="secondary" href={`${insightPath(code)}${s.keep()}`}>
          {t('detail.parts')}
        </a>
      )}
      <a class="secondary" href={wallPath(code)}>
        {t('detail.wall')}
      </a>
    </p>
  );
}

function Houses({ code }: { code: string }) {
  const asked = useComputed(() => ({ ...question(presentSpan()), area: code }));
  const top = useLoad(
    () => api.GET('/api/v1/insight/top', { params: { query: asked.value } }),
    [JSON.stringify(asked.value)],
  );
  const houses = top.data.value?.houses.slice(0, 8);
  return (
    <>
      <h3>{s.measure.value === 'grades' ? t('houses.worst') : t('houses.title')}</h3>
      {!houses && <Waiting failed={top.failed.value} again={top.again} />}
      {houses?.length === 0 && <p class="dim small">{t('houses.none')}</p>}
      <ol class="links">
        {houses?.map((h) => (
          <li key={h.code}>
            <a href={housePath(h.code)}>
              {pick(h.name_zh, h.name_en) || pick(h.address_zh, h.address_en) || h.code}
            </a>
            <data>{number(h.n)}</data>
          </li>
        ))}
      </ol>
    </>
  );
}

function Cases({ code }: { code: string }) {
  const span = useComputed(presentSpan);
  const list = useLoad(
    () =>
      api.GET('/api/v1/incidents', {
        params: {
          query: {
            code,
            since: span.value.from.toISOString(),
            until: span.value.to.toISOString(),
            limit: 8,
            ...(s.klass.value.length === 4 ? { type: s.klass.value } : {}),
          },
        },
      }),
    [code, span.value.from.getTime(), span.value.to.getTime(), s.klass.value],
  );
  const items = list.data.value?.items;
  return (
    <>
      <h3>{t('cases.title')}</h3>
      {!items && <Waiting failed={list.failed.value} again={list.again} />}
      {items?.length === 0 && <Empty title={t('cases.none')} />}
      <ol class="links">
        {items?.map((i) => (
          <li key={i.id}>
            <a href={i.code.length >= 19 ? housePath(i.code.slice(0, 19)) : wallPath(i.code.slice(0, 14))}>
              {pick(i.type.name_zh, i.type.name_en)}
              <small>
                {named('status', i.status)} · {nameOf(i.code)}
              </small>
            </a>
            <time dateTime={i.reported_at}>{day(i.reported_at)}</time>
          </li>
        ))}
      </ol>
    </>
  );
}
