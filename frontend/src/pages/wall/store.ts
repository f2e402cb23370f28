// The district as the stream tells it: open incidents, grades that changed since the tiles were made, what happened
// lately. Large things are changed in place, and a version says so: a copy for each event would cost more than the event.
import { signal } from '@preact/signals';
import { comparePositions, type Item } from '../../live/protocol';
import { type Case, fromStream, type Happening, isOver, saysNothing } from './happening';

/** How many things that happened are kept; a ticker shows no more. */
const kept = 400;

export class Store {
  readonly cases = new Map<number, Case>();
  readonly casesVersion = signal(0);
  /** Grades newer than the tiles, by building; null for a house that is no longer let. */
  readonly grades = new Map<number, { grade: string | null; at: string }>();
  readonly gradesVersion = signal(0);
  readonly happenings = signal<readonly Happening[]>([]);
  /** When the last event was taken in; null before the first. */
  readonly changedAt = signal<Date | null>(null);
  private readonly listeners = new Set<(h: Happening) => void>();
  private readonly watchers = new Set<(items: readonly Item[] | null) => void>();
  private seen = new Set<string>();

  /** Calls back for each thing as it happens, not for what is loaded afterwards. Returns what ends it. */
  onHappening(listener: (h: Happening) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls back with everything that is told, and with null where something may have been missed. */
  onItems(watcher: (items: readonly Item[] | null) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** From now on everything is told; of what was before, nobody knows. */
  missed() {
    for (const w of this.watchers) w(null);
  }

  /** The open incidents, in parts; the first of a whole replaces what was known. */
  snapshot(items: Item[], reset: boolean) {
    if (reset) this.cases.clear();
    for (const i of items) this.putCase(i);
    this.casesVersion.value++;
  }

  take(items: Item[], at = new Date()) {
    const fresh: Happening[] = [];
    let cases = false;
    let grades = false;
    for (const i of items) {
      const known = this.cases.get(i.id);
      if (i.topic === 'incident') {
        this.putCase(i);
        cases = true;
      } else if (i.topic === 'grade' && 'data' in i) {
        this.grades.set(i.id, { grade: i.data.grade, at: i.at });
        grades = true;
      }
      const h = fromStream(i, at, i.topic === 'incident' ? known : undefined);
      if (h && this.remember(h)) fresh.push(h);
    }
    if (cases) this.casesVersion.value++;
    if (grades) this.gradesVersion.value++;
    if (fresh.length > 0) {
      this.happenings.value = [...fresh.reverse(), ...this.happenings.value].slice(0, kept);
      for (const h of fresh) for (const l of this.listeners) l(h);
    }
    this.changedAt.value = at;
    for (const w of this.watchers) w(items);
  }

  /** Adds what happened before the page was there; oldest last. */
  backfill(older: Happening[]) {
    const fresh = older.filter((h) => this.remember(h));
    const all = [...this.happenings.value, ...fresh].sort((a, b) => b.at.getTime() - a.at.getTime());
    this.happenings.value = all.slice(0, kept);
  }

  /** Tiles of this position say themselves what the grades are: what is not newer is forgotten. */
  forgetGrades(upTo: string | null) {
    for (const [id, g] of this.grades) {
      if (upTo === null || (comparePositions(g.at, upTo) ?? -1) <= 0) this.grades.delete(id);
    }
    this.gradesVersion.value++;
  }

  private remember(h: Happening): boolean {
    if (this.seen.has(h.key) || saysNothing(h)) return false;
    this.seen.add(h.key);
    if (this.seen.size > 4 * kept) this.seen = new Set([...this.seen].slice(-2 * kept));
    return true;
  }

  private putCase(i: Item) {
    if (i.topic !== 'incident') return;
    if (!('data' in i) || isOver(i.data.status)) {
      this.cases.delete(i.id);
      return;
    }
    const d = i.data;
    this.cases.set(i.id, {
      id: i.id,
      code: i.code,
      type: d.type,
      severity: d.severity,
      status: d.status,
      reportedAt: Date.parse(d.reported_at),
      dueAt: d.due_at === null ? null : Date.parse(d.due_at),
      lon: d.lon,
      lat: d.lat,
    });
  }
}
