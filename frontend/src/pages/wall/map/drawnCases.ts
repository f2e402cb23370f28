// What the map has been told of incidents, so that it is told only what differs: handing thousands to its worker again
// for one that changed would cost the page more than a frame.
import type { GeoJSONSourceDiff } from 'maplibre-gl';
import { type Case, overdue } from '../happening';
import { type CaseData, caseFeature } from './cases';

interface Drawn {
  /** An incident that changed is another object. */
  of: Case;
  late: boolean;
}

export class DrawnCases {
  private drawn = new Map<number, Drawn>();

  /** Everything, for a source that is made anew. */
  whole(all: readonly Case[], now: number): CaseData {
    this.drawn = new Map(all.map((c) => [c.id, { of: c, late: overdue(c, now) }]));
    return { type: 'FeatureCollection', features: all.map((c) => caseFeature(c, now)) };
  }

  /** What has changed since; null where nothing has. */
  changes(all: readonly Case[], now: number): GeoJSONSourceDiff | null {
    const gone = new Set(this.drawn.keys());
    const add: CaseData['features'] = [];
    for (const c of all) {
      gone.delete(c.id);
      const known = this.drawn.get(c.id);
      const late = overdue(c, now);
      if (known?.of === c && known.late === late) continue;
      this.drawn.set(c.id, { of: c, late });
      add.push(caseFeature(c, now));
    }
    for (const id of gone) this.drawn.delete(id);
    return add.length + gone.size === 0 ? null : { remove: [...gone], add };
  }
}
