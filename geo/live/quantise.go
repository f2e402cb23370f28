package live

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

var (
	errMixed     = errors.New("points, lines and polygons in one collection")
	errNotFinite = errors.New("a coordinate is not a finite number")
)

// quantiser gathers the parts of one shape.
type quantiser struct {
	kind Kind
	xy   []int32
	ends []int32
}

func (q *quantiser) shape() Shape {
	if len(q.xy) == 0 {
		return Shape{}
	}
	s := Shape{kind: q.kind, xy: q.xy, bound: boundsOf(q.xy)}
	if len(q.ends) > 1 {
		s.more = &parts{ends: q.ends}
	}
	return s
}

// reset forgets everything but the room it took.
func (q *quantiser) reset() { *q = quantiser{xy: q.xy[:0], ends: q.ends[:0]} }

func boundsOf(xy []int32) Box {
	b := Box{xy[0], xy[1], xy[0], xy[1]}
	for i := 2; i < len(xy); i += 2 {
		b.MinX, b.MaxX = min(b.MinX, xy[i]), max(b.MaxX, xy[i])
		b.MinY, b.MaxY = min(b.MinY, xy[i+1]), max(b.MaxY, xy[i+1])
	}
	return b
}

func (q *quantiser) add(g orb.Geometry) error {
	switch g := g.(type) {
	case nil:
		return nil
	case orb.Point:
		return q.points(orb.MultiPoint{g})
	case orb.MultiPoint:
		return q.points(g)
	case orb.LineString:
		return q.line(g)
	case orb.MultiLineString:
		return each(g, q.line)
	case orb.Ring:
		return q.polygon(orb.Polygon{g})
	case orb.Polygon:
		return q.polygon(g)
	case orb.MultiPolygon:
		return each(g, q.polygon)
	case orb.Bound:
		if g.IsEmpty() {
			return nil
		}
		return q.polygon(g.ToPolygon())
	case orb.Collection:
		return each(g, q.add)
	default:
		return fmt.Errorf("geometry type %T is not known", g)
	}
}

func each[T any](parts []T, add func(T) error) error {
	for _, p := range parts {
		if err := add(p); err != nil {
			return err
		}
	}
	return nil
}

// become settles the kind at the first part and refuses a second kind.
func (q *quantiser) become(k Kind) error {
	if q.kind != Empty && q.kind != k {
		return errMixed
	}
	q.kind = k
	return nil
}

func (q *quantiser) points(ps orb.MultiPoint) error {
	if len(ps) == 0 {
		return nil
	}
	if err := q.become(Points); err != nil {
		return err
	}
	for _, p := range ps {
		if err := q.push(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

func (q *quantiser) line(ls orb.LineString) error {
	if len(ls) == 0 {
		return nil
	}
	if err := q.become(Lines); err != nil {
		return err
	}
	start := len(q.xy)
	if err := q.run(start, ls); err != nil {
		return err
	}
	q.close(start, 2, false)
	return nil
}

func (q *quantiser) polygon(p orb.Polygon) error {
	if len(p) == 0 {
		return nil
	}
	if err := q.become(Polygon); err != nil {
		return err
	}
	for i, ring := range p {
		kept, err := q.ring(ring, i > 0)
		if err != nil {
			return err
		}
		if i == 0 && !kept {
			return nil // the outer ring collapsed, and its holes with it
		}
	}
	return nil
}

// ring adds a ring wound for its place: positive area in y-down coordinates outside, negative for a hole.
func (q *quantiser) ring(r orb.Ring, hole bool) (kept bool, err error) {
	start := len(q.xy)
	if err := q.run(start, orb.LineString(r)); err != nil {
		return false, err
	}
	return q.endRing(start, hole), nil
}

// endRing ends the ring that began at start, or drops it where it has collapsed.
func (q *quantiser) endRing(start int, hole bool) (kept bool) {
	if n := len(q.xy); n-start >= 4 && q.xy[n-2] == q.xy[start] && q.xy[n-1] == q.xy[start+1] {
		q.xy = q.xy[:n-2]
	}
	area := DoubleArea(q.xy[start:])
	if area == 0 {
		q.xy = q.xy[:start]
		return false
	}
	if (area < 0) != hole {
		reverse(q.xy[start:])
	}
	return q.close(start, 3, hole)
}

// run adds points, leaving out those that fall on the one before within the part that began at start.
func (q *quantiser) run(start int, points orb.LineString) error {
	for _, p := range points {
		if err := q.step(start, p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

// step adds a point to the part that began at start, unless it falls on the one before.
func (q *quantiser) step(start int, lon, lat float64) error {
	if err := q.push(lon, lat); err != nil {
		return err
	}
	if n := len(q.xy); n-start >= 4 && q.xy[n-2] == q.xy[n-4] && q.xy[n-1] == q.xy[n-3] {
		q.xy = q.xy[:n-2]
	}
	return nil
}

func (q *quantiser) push(lon, lat float64) error {
	if sum := lon + lat; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return errNotFinite
	}
	x, y := World(lon, lat)
	q.xy = append(q.xy, x, y)
	return nil
}

// close ends the part that began at start, or drops it where it has too few points.
func (q *quantiser) close(start, least int, hole bool) (kept bool) {
	if (len(q.xy)-start)/2 < least {
		q.xy = q.xy[:start]
		return false
	}
	end := int32(len(q.xy)) << 1
	if hole {
		end++
	}
	q.ends = append(q.ends, end)
	return true
}

// DoubleArea is twice the signed area (shoelace formula), positive where the ring runs clockwise on a y-down plane.
func DoubleArea(xy []int32) int64 {
	n := len(xy)
	if n < 6 {
		return 0
	}
	var sum int64
	px, py := int64(xy[n-2]), int64(xy[n-1])
	for i := 0; i+1 < n; i += 2 {
		x, y := int64(xy[i]), int64(xy[i+1])
		sum += px*y - x*py
		px, py = x, y
	}
	return sum
}

func reverse(xy []int32) {
	for i, j := 0, len(xy)-2; i < j; i, j = i+2, j-2 {
		xy[i], xy[j] = xy[j], xy[i]
		xy[i+1], xy[j+1] = xy[j+1], xy[i+1]
	}
}
