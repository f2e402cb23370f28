// Slices of hexagons and of a density, one answer each: the next ones are asked for while one looks at the present, so
// that a film plays as smoothly as one that comes whole. All of a film share one legend, which is asked for once.
import { api, type Problem } from '../../api/client';
import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type Frame =
  | { form: 'hexes'; answer: Schemas['InsightHexes'] }
  | { form: 'density'; answer: Schemas['InsightDensity'] };

export interface Asked {
  area: string;
  measure: 'incidents' | 'declarations' | 'undeclared' | 'grades';
  from: string;
  to: string;
  class?: string;
  width?: number;
  bandwidth?: number;
}

/** A film of a month by days, and what was looked at before. */
const most = 64;

const kept = new Map<string, Promise<unknown>>();

/** The answer from what is kept where it is; what failed is asked for again. */
function once<T>(question: unknown, ask: () => Promise<T>): Promise<T> {
  const key = JSON.stringify(question);
  const found = kept.get(key) as Promise<T> | undefined;
  if (found) return found;
  const made = ask();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  for (const old of kept.keys()) {
    if (kept.size <= most) break;
    kept.delete(old);
  }
  return made;
}

export const frameOf = (form: Frame['form'], asked: Asked): Promise<Frame> =>
  once([form, asked], () => ask(form, asked));

/** The legend of all slices of so many hours of a time. */
export const legendOf = (
  form: Frame['form'],
  asked: Asked,
  step: number,
): Promise<Schemas['InsightLegend']> =>
  once([form, asked, step], async () => {
    const query = { ...asked, form, step };
    const { data, error } = await api.GET('/api/v1/insight/legend', { params: { query } });
    if (!data) throw new Refused(error);
    return data;
  });

/** What is kept is of an hour that may still run; when the page asks anew, so do films. */
export function forgetFrames() {
  kept.clear();
}

export class Refused extends Error {
  constructor(readonly problem?: Problem) {
    super(problem?.detail ?? '');
  }
}

async function ask(form: Frame['form'], query: Asked): Promise<Frame> {
  if (form === 'hexes') {
    const { data, error } = await api.GET('/api/v1/insight/hexes', { params: { query } });
    if (!data) throw new Refused(error);
    return { form, answer: data };
  }
  const { data, error } = await api.GET('/api/v1/insight/density', { params: { query } });
  if (!data) throw new Refused(error);
  return { form, answer: data };
}
