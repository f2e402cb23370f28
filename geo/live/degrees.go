package live

import (
	"slices"

	"github.com/paulmach/orb"
)

// Degrees is the shape in WGS-84 degrees; nil where it is empty. Rings are closed, outer ones run counterclockwise, as
// GeoJSON wants them.
func (s *Shape) Degrees() orb.Geometry {
	switch s.kind {
	case Points:
		points := make(orb.MultiPoint, s.Parts())
		for i := range points {
			points[i] = degrees(s.Part(i))[0]
		}
		if len(points) == 1 {
			return points[0]
		}
		return points
	case Lines:
		lines := make(orb.MultiLineString, s.Parts())
		for i := range lines {
			lines[i] = degrees(s.Part(i))
		}
		if len(lines) == 1 {
			return lines[0]
		}
		return lines
	case Polygon:
		return s.polygons()
	case Empty:
	}
	return nil
}

// polygons puts each outer ring together with its holes.
func (s *Shape) polygons() orb.Geometry {
	var all orb.MultiPolygon
	for i := range s.Parts() {
		ring := orb.Ring(degrees(s.Part(i)))
		ring = append(ring, ring[0])
		slices.Reverse(ring)
		if n := len(all); n > 0 && s.Hole(i) {
			all[n-1] = append(all[n-1], ring)
			continue
		}
		all = append(all, orb.Polygon{ring})
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}

func degrees(xy []int32) orb.LineString {
	line := make(orb.LineString, 0, len(xy)/2+1)
	for i := 0; i < len(xy); i += 2 {
		lon, lat := LonLat(xy[i], xy[i+1])
		line = append(line, orb.Point{lon, lat})
	}
	return line
}
