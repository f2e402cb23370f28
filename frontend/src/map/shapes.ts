// Shapes of which pictures are drawn: each gives a point's distance from its edge in pixels, negative inside. x grows to
// the right, y down.

export type Shape = (x: number, y: number) => number;

export type Point = readonly [x: number, y: number];

export const disc =
  (cx: number, cy: number, r: number): Shape =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) - r;

export const ring =
  (cx: number, cy: number, r: number, half: number): Shape =>
  (x, y) =>
    Math.abs(Math.hypot(x - cx, y - cy) - r) - half;

/** A regular shape with `n` sides, one corner up. */
export const regular =
  (cx: number, cy: number, r: number, n: number): Shape =>
  (x, y) => {
    const slice = (2 * Math.PI) / n;
    const turned = Math.atan2(x - cx, cy - y) + 4 * Math.PI;
    const within = (turned % slice) - slice / 2;
    return Math.hypot(x - cx, y - cy) * Math.cos(within) - r * Math.cos(slice / 2);
  };

/** How far a point is from the stretch between two others. */
function fromStretch(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const dx = bx - ax;
  const dy = by - ay;
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const f = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - f * dx, y - ay - f * dy);
}

/** A line with round ends through the points, twice `half` wide. */
export const line =
  (half: number, ...points: readonly Point[]): Shape =>
  (x, y) =>
    Math.min(...points.slice(1).map((b, i) => fromStretch(x, y, points[i] ?? b, b))) - half;

/** The area within the points. */
export const area =
  (...points: readonly Point[]): Shape =>
  (x, y) => {
    let inside = false;
    let nearest = Number.POSITIVE_INFINITY;
    points.forEach((a, i) => {
      const b = points[(i + 1) % points.length] ?? a;
      nearest = Math.min(nearest, fromStretch(x, y, a, b));
      const crosses = a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0];
      if (crosses) inside = !inside;
    });
    return inside ? -nearest : nearest;
  };

/** A box from its upper left to its lower right corner. */
export const box = (x0: number, y0: number, x1: number, y1: number): Shape =>
  area([x0, y0], [x1, y0], [x1, y1], [x0, y1]);

export const grow =
  (shape: Shape, by: number): Shape =>
  (x, y) =>
    shape(x, y) - by;

export const all =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    Math.min(...shapes.map((s) => s(x, y)));

export const both =
  (a: Shape, b: Shape): Shape =>
  (x, y) =>
    Math.max(a(x, y), b(x, y));

export const without =
  (a: Shape, ...holes: readonly Shape[]): Shape =>
  (x, y) =>
    Math.max(a(x, y), -all(...holes)(x, y));

export const moved =
  (shape: Shape, dx: number, dy: number): Shape =>
  (x, y) =>
    shape(x - dx, y - dy);
