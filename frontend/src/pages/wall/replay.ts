// The last 24 hours played again: how things stood at a time, and then the history from there, page by page. It never
// touches what the stream tells, so that the end of a replay is the present, at once.
import { effect, signal } from '@preact/signals';
import { api } from '../../api/client';
import { type Case, fromHistory, type Happening, isOver, saysNothing } from './happening';
import { area, replayAt, speed } from './state';

export interface Past {
  /** The time shown, in milliseconds since 1970. */
  now: number;
  cases: ReadonlyMap<number, Case>;
  /** Grades other than the present ones, by building. */
  grades: ReadonlyMap<number, string | null>;
  happenings: readonly Happening[];
}

export const past = signal<Past | null>(null);
export const playing = signal(false);
export const replayFailed = signal(false);
/** Raised whenever the past changed other than by time going on. */
export const pastVersion = signal(0);

const page = 500;
const kept = 200;
/** Steps of the replay's clock, in milliseconds of the viewer's. */
const tick = 100;

class Player {
  private queue: Happening[] = [];
  private cursor: string | null = '';
  private loading = false;
  private readonly cases = new Map<number, Case>();
  private readonly grades = new Map<number, string | null>();
  private happenings: Happening[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private last = 0;
  now: number;
  gone = false;

  constructor(
    private readonly code: string,
    private readonly from: number,
  ) {
    this.now = from;
  }

  async start() {
    const { data } = await api.GET('/api/v1/areas/{code}/past', {
      params: { path: { code: this.code }, query: { at: new Date(this.from).toISOString() } },
    });
    if (!data || this.gone) throw new Error('no past');
    for (const g of data.grades) this.grades.set(g.id, g.grade || null);
    for (const i of data.incidents) {
      this.cases.set(i.id, {
        id: i.id,
        code: i.code,
        type: i.type,
        severity: i.severity,
        status: i.status,
        reportedAt: Date.parse(i.reported_at),
        dueAt: i.due_at ? Date.parse(i.due_at) : null,
        lon: i.lon,
        lat: i.lat,
      });
    }
    await this.more();
    if (this.gone) return;
    this.show();
    this.last = performance.now();
    this.timer = setInterval(() => this.step(), tick);
  }

  stop() {
    this.gone = true;
    clearInterval(this.timer);
  }

  private step() {
    const t = performance.now();
    const passed = t - this.last;
    this.last = t;
    if (!playing.value) return;
    if (this.queue.length < page / 4) void this.more();
    // Without what comes next the clock would run over it.
    if (this.queue.length === 0 && this.loading) return;
    this.now += passed * speed.value;
    if (this.now >= Date.now()) {
      live();
      return;
    }
    let applied = false;
    while (this.queue[0] && this.queue[0].at.getTime() <= this.now) {
      this.apply(this.queue.shift() as Happening);
      applied = true;
    }
    this.show(applied);
  }

  private apply(h: Happening) {
    if (h.topic === 'grade') this.grades.set(h.id, h.now || null);
    else if (h.topic === 'incident') this.applyCase(h);
    if (!saysNothing(h)) this.happenings = [h, ...this.happenings].slice(0, kept);
  }

  private applyCase(h: Happening) {
    if (isOver(h.now)) {
      this.cases.delete(h.id);
      return;
    }
    const known = this.cases.get(h.id);
    if (known) this.cases.set(h.id, { ...known, status: h.now });
    else if (h.lon !== null && h.lat !== null) {
      this.cases.set(h.id, {
        id: h.id,
        code: h.code,
        type: h.type,
        severity: h.severity,
        status: h.now,
        reportedAt: h.at.getTime(),
        dueAt: null, // what its clock was then is not in the history
        lon: h.lon,
        lat: h.lat,
      });
    }
  }

  private show(changed = true) {
    past.value = { now: this.now, cases: this.cases, grades: this.grades, happenings: this.happenings };
    if (changed) pastVersion.value++;
  }

  private async more() {
    if (this.loading || this.cursor === null) return;
    this.loading = true;
    try {
      const { data } = await api.GET('/api/v1/areas/{code}/history', {
        params: {
          path: { code: this.code },
          query: {
            from: new Date(this.from).toISOString(),
            to: new Date(this.from + 26 * 3600_000).toISOString(),
            limit: page,
            ...(this.cursor ? { cursor: this.cursor } : {}),
          },
        },
      });
      if (data) {
        this.queue.push(...data.items.map(fromHistory));
        this.cursor = data.next;
      }
    } catch {
      // Tried again with the next step.
    }
    this.loading = false;
  }
}

/** Plays from a time on, in milliseconds since 1970. */
export function playFrom(at: number) {
  playing.value = true;
  replayAt.value = Math.floor(Math.min(at, Date.now() - 1000) / 1000);
}

export function live() {
  playing.value = false;
  replayAt.value = null;
}

/** Follows the URL's replay; returns what ends it. */
export function runReplay(): () => void {
  let player: Player | null = null;
  const stop = effect(() => {
    const at = replayAt.value;
    const code = area.value?.code;
    player?.stop();
    player = null;
    past.value = null;
    // Not ++, which would read it and have this effect follow itself.
    pastVersion.value = pastVersion.peek() + 1;
    if (at === null || !code) return;
    const p = new Player(code, at * 1000);
    player = p;
    replayFailed.value = false;
    p.start().catch(() => {
      if (!p.gone) replayFailed.value = true;
    });
  });
  return () => {
    stop();
    player?.stop();
    past.value = null;
  };
}
