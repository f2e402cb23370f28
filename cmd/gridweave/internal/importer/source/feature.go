package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// features turns the JSON of one feature after another into records.
type features struct {
	names []string // those of the feature before: as a rule all features have the same
}

func (p *features) parse(raw []byte, rec *Record) {
	if err := p.feature(raw, rec); err != nil {
		row := rec.Row
		rec.clear(row)
		rec.Err = err
	}
}

func (p *features) feature(raw []byte, rec *Record) error {
	c := cursor{b: raw}
	if !c.eat('{') {
		return errors.New("not a GeoJSON feature: no JSON object")
	}
	var typ string
	var geometry []byte
	for c.peek() != '}' {
		name, ok := c.key()
		if !ok {
			return fmt.Errorf("not valid JSON at byte %d of the feature", c.pos)
		}
		var err error
		switch name {
		case "type":
			typ, err = c.scalar()
		case "geometry":
			geometry, err = c.raw()
		case "properties":
			err = p.properties(&c, rec)
		default:
			err = c.skip()
		}
		if err != nil {
			return fmt.Errorf("feature %s: %w", name, err)
		}
	}
	return p.finish(typ, raw, geometry, rec)
}

func (p *features) finish(typ string, raw, geometry []byte, rec *Record) error {
	if typ != "Feature" {
		if !strings.HasSuffix(typ, "Polygon") && typ != "Point" && typ != "GeometryCollection" {
			return fmt.Errorf("not a GeoJSON feature: its type is %q", typ)
		}
		geometry = raw // a bare geometry
	}
	g, err := parseGeometry(geometry, 0)
	if err != nil {
		return fmt.Errorf("geometry: %w", err)
	}
	rec.Geom = g
	return nil
}

func (p *features) properties(c *cursor, rec *Record) error {
	if !c.eat('{') {
		return c.skip() // null
	}
	same := true
	for i := 0; c.peek() != '}'; i++ {
		name, ok := c.key()
		if !ok {
			return fmt.Errorf("not valid JSON at byte %d of the feature", c.pos)
		}
		value, err := c.scalar()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if same && (i >= len(p.names) || p.names[i] != name) {
			same = false
			p.names = slices.Clone(p.names[:min(i, len(p.names))])
		}
		if !same {
			p.names = append(p.names, name)
		}
		rec.Values = append(rec.Values, value)
	}
	c.pos++
	if len(rec.Values) < len(p.names) {
		p.names = slices.Clone(p.names[:len(rec.Values)])
	}
	rec.Names = p.names
	return nil
}

// parseGeometry reads a GeoJSON geometry; heights and measures are dropped. nil for null.
func parseGeometry(raw []byte, depth int) (orb.Geometry, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil //nolint:nilnil // a feature without geometry is legal
	}
	c := cursor{b: raw}
	if !c.eat('{') {
		return nil, errors.New("no JSON object")
	}
	var typ string
	var coordinates, members []byte
	for c.peek() != '}' {
		name, ok := c.key()
		if !ok {
			return nil, errors.New("not valid JSON")
		}
		var err error
		switch name {
		case "type":
			typ, err = c.scalar()
		case "coordinates":
			coordinates, err = c.raw()
		case "geometries":
			members, err = c.raw()
		default:
			err = c.skip()
		}
		if err != nil {
			return nil, err
		}
	}
	if typ == "GeometryCollection" {
		return parseCollection(members, depth)
	}
	return parseCoordinates(typ, coordinates)
}

func parseCollection(raw []byte, depth int) (orb.Geometry, error) {
	if depth > maxDepth {
		return nil, errors.New("collections nested too deep")
	}
	c := cursor{b: raw}
	if !c.eat('[') {
		return nil, errors.New("a GeometryCollection without geometries")
	}
	out := orb.Collection{}
	for c.peek() != ']' {
		b, err := c.raw()
		if err != nil {
			return nil, err
		}
		g, err := parseGeometry(b, depth+1)
		if err != nil {
			return nil, err
		}
		if g != nil {
			out = append(out, g)
		}
		c.eat(',')
	}
	return out, nil
}

func parseCoordinates(typ string, raw []byte) (orb.Geometry, error) {
	c := cursor{b: raw}
	if len(raw) == 0 {
		return nil, fmt.Errorf("a %s without coordinates", typ)
	}
	switch typ {
	case "Point":
		return c.point()
	case "MultiPoint":
		points, err := list(&c, (*cursor).point)
		return orb.MultiPoint(points), err
	case "LineString":
		points, err := list(&c, (*cursor).point)
		return orb.LineString(points), err
	case "MultiLineString":
		lines, err := list(&c, func(c *cursor) (orb.LineString, error) { return list(c, (*cursor).point) })
		return orb.MultiLineString(lines), err
	case "Polygon":
		return c.polygon()
	case "MultiPolygon":
		polygons, err := list(&c, (*cursor).polygon)
		return orb.MultiPolygon(polygons), err
	}
	return nil, fmt.Errorf("unknown geometry type %q", typ)
}

func (c *cursor) polygon() (orb.Polygon, error) {
	return list(c, func(c *cursor) (orb.Ring, error) { return list(c, (*cursor).point) })
}

func list[T any](c *cursor, element func(*cursor) (T, error)) ([]T, error) {
	if !c.eat('[') {
		return nil, errors.New("coordinates are not nested as the type wants")
	}
	var out []T
	for c.peek() != ']' {
		e, err := element(c)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		c.eat(',')
	}
	c.pos++
	return out, nil
}

func (c *cursor) point() (orb.Point, error) {
	var p orb.Point
	if !c.eat('[') {
		return p, errors.New("coordinates are not nested as the type wants")
	}
	for i := 0; c.peek() != ']'; i++ {
		f, err := c.number()
		if err != nil {
			return p, err
		}
		if i < len(p) {
			p[i] = f
		}
		c.eat(',')
	}
	c.pos++
	return p, nil
}
