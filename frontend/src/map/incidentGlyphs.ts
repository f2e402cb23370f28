// What an incident's mark shows: one sign for each of the major classes that migrations/0004_incident_types.sql names,
// and an exclamation mark for classes that a district added. Each fits into 12 pixels around 0, 0, and has no stroke
// thinner than a pixel.
import type { IncidentClass } from './incidents';
import { all, area, both, box, disc, grow, line, ring, type Shape, without } from './shapes';

const below = (y: number) => box(-9, y, 9, 9);

/** Urban appearance: a litter bin. */
const bin = all(
  without(
    area([-4.4, -2.6], [4.4, -2.6], [3.5, 6], [-3.5, 6]),
    line(0.6, [-1.5, -0.4], [-1.3, 3.8]),
    line(0.6, [1.5, -0.4], [1.3, 3.8]),
  ),
  line(0.9, [-5, -4.4], [5, -4.4]),
  line(0.8, [-1.2, -5.6], [1.2, -5.6]),
);

/** Public facilities: a street lamp. */
const lamp = all(
  line(0.9, [-3.4, 6], [-3.4, -3], [-1.6, -5.2], [2, -5.2]),
  both(disc(3, -4.2, 2.9), below(-4.4)),
  line(0.8, [-5.4, 6], [-1.4, 6]),
);

/** Environment: a leaf. */
const leaf = all(
  without(both(disc(-2.7, -2.7, 7.4), disc(2.7, 2.7, 7.4)), line(0.6, [-4, 4], [2.6, -2.6])),
  line(0.8, [-5.8, 5.8], [-3.4, 3.4]),
);

/** Work safety: a helmet. */
const helmet = all(
  without(
    both(disc(0, 1.6, 5.2), box(-9, -9, 9, 1.8)),
    line(0.6, [-1.7, -2.4], [-1.7, 0.6]),
    line(0.6, [1.7, -2.4], [1.7, 0.6]),
  ),
  line(1.1, [-5.2, 3.8], [5.2, 3.8]),
);

/** Fire: a flame. */
const flame = without(
  all(disc(0, 1.8, 4.3), area([-4.1, 0.6], [-3.2, -2.4], [-1.6, -1], [0.4, -6.6], [3.4, -2.4], [4.2, 0.8])),
  disc(0.2, 3.4, 1.7),
  area([-1.3, 2.6], [0.5, -0.6], [1.7, 2.6]),
);

/** Rental houses: a house with its door. */
const house = all(
  area([-6.2, -0.4], [0, -6.2], [6.2, -0.4]),
  without(box(-4.4, -0.6, 4.4, 5.8), box(-1.3, 1.8, 1.3, 6)),
);

/** Population services: a person. */
const person = all(disc(0, -3.2, 2.6), both(disc(0, 5.4, 5), box(-9, -9, 9, 5.6)));

/** Labour disputes: a hammer. */
const hammer = all(line(1.1, [-4.6, 5], [1, -0.6]), area([-2.2, -3.2], [1.4, -6.2], [5.8, -1.6], [3.4, 1.8]));

/** Market supervision: a shopping bag. */
const bag = all(
  without(area([-4.6, -2], [4.6, -2], [5.2, 6], [-5.2, 6]), both(ring(0, 0.4, 2.2, 0.6), below(0.4))),
  both(ring(0, -2.4, 2.6, 0.8), box(-9, -9, 9, -2)),
);

/** Food and health: a bowl with chopsticks. */
const bowl = all(
  both(disc(0, 0.4, 5.6), below(0.4)),
  line(0.8, [-2.8, 5.6], [2.8, 5.6]),
  line(0.7, [-0.8, -1], [2.8, -6]),
  line(0.7, [1.8, -1], [5.2, -5.2]),
);

/** Traffic: a traffic light. */
const light = without(
  grow(box(-1.8, -5, 1.8, 5), 1.3),
  disc(0, -3.9, 1.3),
  disc(0, 0, 1.3),
  disc(0, 3.9, 1.3),
);

/** Disputes: a speech bubble that meets another. */
const talk = all(
  without(
    grow(box(-4.6, -4.6, 4.6, 0.8), 1.2),
    disc(-2.9, -1.9, 0.95),
    disc(0, -1.9, 0.95),
    disc(2.9, -1.9, 0.95),
  ),
  area([-4, 1], [0.4, 1], [-3.6, 6]),
);

/** Public order: a shield. */
const shield = without(
  area([0, -6.4], [5, -4.6], [4.8, 0.6], [2.8, 3.8], [0, 6.2], [-2.8, 3.8], [-4.8, 0.6], [-5, -4.6]),
  line(0.8, [-2.2, -0.4], [-0.5, 1.6], [2.4, -2.4]),
);

/** Emergencies: a flash. */
const flash = area([1.8, -6.6], [-4.4, 1.2], [-0.8, 1.2], [-2, 6.6], [4.4, -1.6], [0.6, -1.6]);

const warning = all(line(1.3, [0, -5], [0, 0.8]), disc(0, 4.6, 1.5));

export const glyphs: Record<IncidentClass, Shape> = {
  '': warning,
  '01': bin,
  '02': lamp,
  '03': leaf,
  '04': helmet,
  '05': flame,
  '06': house,
  '07': person,
  '08': hammer,
  '09': bag,
  '10': bowl,
  '11': light,
  '12': talk,
  '13': shield,
  '14': flash,
};
