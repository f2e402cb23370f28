// The last 24 hours played again: how things stood at a time, and then the history from there, page by page. It never
// touches what the stream tells, so that the end of a replay is the present, at once.
import { effect, signal } from '@preact/signals';
import { api } from '../../api/client';
import { type Case, fromHistory, type Happening, isOver, saysNothing } from './happening';
import { area, playing, replayAt, speed } from './state';

export interface Past {
  /** The time shown, in milliseconds since 1970. */
  now: number;
  cases: ReadonlyMap<number, Case>;
  /** Grades other than the present ones, by building. */
  grades: ReadonlyMap<number, string | null>;
  happenings: readonly Happening[];
}

export const past = signal<Past | null>(null);
/** Whether the server cannot be asked; it is asked again. */
export const replayFailed = signal(false);
/** The time, in milliseconds since 1970, that was to be played and that the server does not keep any more. */
export const replayLost = signal<number | null>(null);
/** Raised whenever the past changed other than by time going on. */
export const pastVersion = signal(0);

const page = 500;
const kept = 200;
/** Steps of the replay's clock, in milliseconds of the viewer's. */
const tick = 100;
/** How long after something failed it is tried again, in milliseconds. */
const again = 3000;
/** What happened so lately may still be on its way into the history, in milliseconds. */
const settling = 2000;
/** The longest stretch of history that the server gives at once, in milliseconds. */
const longest = 48 * 3600_000;
/** So long before the replay's clock comes to the end of what is known, more is asked for, in its own milliseconds. */
const early = 5000;

type Begun = 'ready' | 'lost' | 'unreachable';

class Player {
  private queue: Happening[] = [];
  /** Where the next page begins; null when the stretch that was asked for has been read. */
  private cursor: string | null = null;
  /** The stretch of history that is known or being read, in milliseconds since 1970. */
  private stretch: { from: number; to: number };
  /** When the last thing that was read happened, in milliseconds since 1970. */
  private reached = 0;
  private loading = false;
  private notBefore = 0;
  private readonly cases = new Map<number, Case>();
  private readonly grades = new Map<number, string | null>();
  private happenings: Happening[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private last = 0;
  /** What the address says of where the replay is, in seconds. */
  private noted: number;
  now: number;
  gone = false;

  constructor(
    private readonly code: string,
    readonly from: number,
  ) {
    this.now = from;
    this.noted = Math.floor(from / 1000);
    this.stretch = { from, to: from };
  }

  /** Whether the address says no more than where this replay has come to by itself. */
  isAt(code: string, seconds: number) {
    return !this.gone && code === this.code && seconds === this.noted;
  }

  /** Asks how things stood, and goes on from there. */
  async start(): Promise<Begun> {
    try {
      const { data, response } = await api.GET('/api/v1/areas/{code}/past', {
        params: { path: { code: this.code }, query: { at: new Date(this.from).toISOString() } },
      });
      if (!data) return response.status === 400 || response.status === 422 ? 'lost' : 'unreachable';
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
    } catch {
      return 'unreachable';
    }
    await this.more();
    if (this.gone) return 'ready';
    this.show();
    this.last = performance.now();
    this.timer = setInterval(() => this.step(), tick);
    return 'ready';
  }

  stop() {
    this.gone = true;
    clearInterval(this.timer);
  }

  private step() {
    const t = performance.now();
    const passed = t - this.last;
    this.last = t;
    if (!playing.value) {
      this.note(1);
      return;
    }
    if (this.queue.length < page / 4) void this.more();
    const next = this.now + passed * speed.value;
    // Without what comes next the clock would run over it.
    this.now = this.queue.length > 0 ? next : Math.max(this.now, Math.min(next, this.known()));
    if (this.now >= Date.now() - 2 * settling) {
      live();
      return;
    }
    let applied = false;
    while (this.queue[0] && this.queue[0].at.getTime() <= this.now) {
      this.apply(this.queue.shift() as Happening);
      applied = true;
    }
    this.show(applied);
    this.note(speed.value);
  }

  /** Up to when everything that happened has been read. */
  private known(): number {
    return this.cursor === null ? this.stretch.to : Math.max(this.reached, this.stretch.from);
  }

  /** Has the address say where the replay is, once it has gone on by so many seconds. */
  private note(least: number) {
    const seconds = Math.floor(this.now / 1000);
    if (Math.abs(seconds - this.noted) < least) return;
    this.noted = seconds;
    replayAt.value = seconds;
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
    if (this.loading || performance.now() < this.notBefore || !this.wants()) return;
    this.loading = true;
    this.notBefore = performance.now() + again; // taken back by an answer
    try {
      const { data } = await api.GET('/api/v1/areas/{code}/history', {
        params: {
          path: { code: this.code },
          query: {
            from: new Date(this.stretch.from).toISOString(),
            to: new Date(this.stretch.to).toISOString(),
            limit: page,
            ...(this.cursor ? { cursor: this.cursor } : {}),
          },
        },
      });
      if (data) {
        this.queue.push(...data.items.map(fromHistory));
        this.reached = this.queue.at(-1)?.at.getTime() ?? this.reached;
        this.cursor = data.next;
        this.notBefore = 0;
      }
      replayFailed.value = !data;
    } catch {
      replayFailed.value = true;
    }
    this.loading = false;
  }

  /** Whether there is something to ask for. Where the stretch has been read, the next begins: it has gone on since. */
  private wants(): boolean {
    if (this.cursor !== null) return true;
    if (this.now < this.stretch.to - early * speed.value) return false;
    const to = Math.min(this.stretch.to + longest, Date.now() - settling);
    if (to <= this.stretch.to) return false;
    this.stretch = { from: this.stretch.to, to };
    this.cursor = '';
    return true;
  }
}

/** Plays from a time on, in milliseconds since 1970. */
export function playFrom(at: number) {
  replayLost.value = null;
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
    if (at !== null && code && player?.isAt(code, at)) return;
    player?.stop();
    player = null;
    past.value = null;
    // Not ++, which would read it and have this effect follow itself.
    pastVersion.value = pastVersion.peek() + 1;
    replayFailed.value = false;
    if (at === null) playing.value = false;
    if (at === null || !code) return;
    player = new Player(code, at * 1000);
    void begin(player);
  });
  return () => {
    stop();
    player?.stop();
    past.value = null;
  };
}

/** Begins a replay as soon as the server can be reached; one that cannot be had gives way to the present. */
async function begin(player: Player) {
  const begun = await player.start();
  if (player.gone || begun === 'ready') return;
  if (begun === 'lost') {
    replayLost.value = player.from;
    live();
    return;
  }
  replayFailed.value = true;
  setTimeout(() => {
    if (!player.gone) void begin(player);
  }, again);
}
