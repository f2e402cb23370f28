package live

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// World coordinates are the units of a vector tile of extent 4096 at zoom 18: Web Mercator (EPSG:3857) scaled to
// 2^30 units a side, x east, y south. One unit is 3.7 cm on the equator and 3.4 cm at Futian's latitude.
const (
	WorldZoom = 18
	Extent    = 4096
	WorldSize = 1 << 30
)

// maxLatitude is where Web Mercator's square ends, in degrees.
const maxLatitude = 85.0511287798066

// Kind is what a shape is made of; the values are those of a vector tile.
type Kind uint8

// The kinds of shape.
const (
	Empty   Kind = 0
	Points  Kind = 1
	Lines   Kind = 2
	Polygon Kind = 3
)

// Shape is a geometry in world coordinates, quantised once. Parts lie behind each other: points one part each, lines
// one part each; of polygons each outer ring, clockwise as seen on the map, followed by its holes, which run the
// other way; rings do not repeat their first point. The zero Shape is empty. Shapes are immutable.
type Shape struct {
	xy    []int32 // x, y, x, y …
	more  *parts  // nil for a single line or ring without ranks
	bound Box
	kind  Kind
}

// parts is what only some shapes have.
type parts struct {
	ends  []int32 // the index into xy behind each part, doubled, plus one where the part is a hole; nil for one part
	ranks []uint8 // of each vertex the zoom from which on it is drawn; nil where all always are
}

// Box is a rectangle in world coordinates with both edges inclusive. The zero Box is the single point 0, 0.
type Box struct{ MinX, MinY, MaxX, MaxY int32 }

// Kind tells what the shape is made of.
func (s *Shape) Kind() Kind { return s.kind }

// Bounds is the smallest box around the shape; the zero Box where it is empty.
func (s *Shape) Bounds() Box { return s.bound }

// Parts is the number of points, lines or rings.
func (s *Shape) Parts() int {
	switch {
	case len(s.xy) == 0:
		return 0
	case s.kind == Points:
		return len(s.xy) / 2
	case s.more == nil || s.more.ends == nil:
		return 1
	}
	return len(s.more.ends)
}

// Part gives the coordinates of the i-th part as x, y, x, y …; the slice may not be changed.
func (s *Shape) Part(i int) []int32 {
	if s.kind == Points {
		return s.xy[2*i : 2*i+2]
	}
	start, end := s.span(i)
	return s.xy[start:end]
}

// span is where the i-th line or ring begins and ends in xy.
func (s *Shape) span(i int) (start, end int) {
	if s.more == nil || s.more.ends == nil {
		return 0, len(s.xy)
	}
	if i > 0 {
		start = int(s.more.ends[i-1] >> 1)
	}
	return start, int(s.more.ends[i] >> 1)
}

// Ranks gives for each vertex of the i-th line or ring the zoom from which on it is drawn, nil where all always are; the
// slice may not be changed.
func (s *Shape) Ranks(i int) []uint8 {
	if s.more == nil || s.more.ranks == nil {
		return nil
	}
	start, end := s.span(i)
	return s.more.ranks[start/2 : end/2]
}

// Hole tells whether the i-th part is a hole in the outer ring before it.
func (s *Shape) Hole(i int) bool { return s.more != nil && s.more.ends != nil && s.more.ends[i]&1 == 1 }

// Equal tells whether two shapes have the same coordinates in the same order, drawn from the same zooms on.
func (s *Shape) Equal(o *Shape) bool { return s.sameLines(o) && slices.Equal(s.ranks(), o.ranks()) }

// sameLines tells whether two shapes have the same coordinates in the same order.
func (s *Shape) sameLines(o *Shape) bool {
	return s.kind == o.kind && slices.Equal(s.xy, o.xy) && slices.Equal(s.ends(), o.ends())
}

func (s *Shape) ends() []int32 {
	if s.more == nil {
		return nil
	}
	return s.more.ends
}

// Intersects tells whether the boxes have a point in common.
func (b Box) Intersects(o Box) bool {
	return b.MinX <= o.MaxX && o.MinX <= b.MaxX && b.MinY <= o.MaxY && o.MinY <= b.MaxY
}

// Contains tells whether o lies wholly within b.
func (b Box) Contains(o Box) bool {
	return b.MinX <= o.MinX && o.MaxX <= b.MaxX && b.MinY <= o.MinY && o.MaxY <= b.MaxY
}

// Union is the smallest box around both.
func (b Box) Union(o Box) Box {
	return Box{min(b.MinX, o.MinX), min(b.MinY, o.MinY), max(b.MaxX, o.MaxX), max(b.MaxY, o.MaxY)}
}

// World converts WGS-84 degrees to world coordinates, rounded to the nearest unit and kept within the square.
// Formula: spherical Web Mercator, EPSG Guidance Note 7-2, method 1024.
func World(lon, lat float64) (x, y int32) {
	lat = max(-maxLatitude, min(maxLatitude, lat))
	sin := math.Sin(lat * math.Pi / 180)
	fx := (lon + 180) / 360
	fy := 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
	return clampWorld(fx), clampWorld(fy)
}

func clampWorld(f float64) int32 {
	return int32(max(0, min(WorldSize-1, math.Floor(f*WorldSize+0.5))))
}

// LonLat converts world coordinates to WGS-84 degrees.
func LonLat(x, y int32) (lon, lat float64) {
	lon = float64(x)/WorldSize*360 - 180
	n := math.Pi * (1 - 2*float64(y)/WorldSize)
	return lon, math.Atan(math.Sinh(n)) * 180 / math.Pi
}

// Quantise turns a geometry in WGS-84 degrees into a shape. Points that fall together become one, rings that collapse
// are left out, rings are wound as Shape says. A collection must hold one kind only. NaN and infinity are refused.
func Quantise(g orb.Geometry) (Shape, error) {
	q := quantiser{}
	if err := q.add(g); err != nil {
		return Shape{}, fmt.Errorf("quantise %s: %w", geometryName(g), err)
	}
	return q.shape(), nil
}

func geometryName(g orb.Geometry) string {
	if g == nil {
		return "nothing"
	}
	return g.GeoJSONType()
}

// PointShape is a single point.
func PointShape(v Vertex) Shape {
	return Shape{kind: Points, xy: []int32{v.X, v.Y}, bound: Box{v.X, v.Y, v.X, v.Y}}
}

// BoxShape is a box as a polygon.
func BoxShape(b Box) Shape {
	return Shape{
		kind: Polygon, bound: b,
		xy: []int32{b.MinX, b.MinY, b.MaxX, b.MinY, b.MaxX, b.MaxY, b.MinX, b.MaxY},
	}
}

// LinesShape is a set of lines; those of less than two points are left out.
func LinesShape(lines [][]Vertex) Shape {
	q := quantiser{kind: Lines}
	for _, line := range lines {
		start := len(q.xy)
		for _, v := range line {
			q.xy = append(q.xy, v.X, v.Y)
		}
		q.close(start, 2, false)
	}
	return q.shape()
}
