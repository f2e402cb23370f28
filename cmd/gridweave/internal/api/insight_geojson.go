package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/gridweave/gridweave/geo/civic/heat"
)

// geojson writes a collection, number by number: a density's sixty thousand points, each made into maps to be marshalled,
// would take ten times as long.
func (s sheet) geojson() ([]byte, error) {
	b := []byte(`{"type":"FeatureCollection"`)
	for _, p := range s.parameters() {
		b = appendMember(append(b, ','), p[0])
		b = appendText(b, p[1])
	}
	b = append(b, `,"features":[`...)
	var err error
	for i, row := range s.rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"type":"Feature","geometry":`...)
		if b, err = appendGeometry(b, s.shapes[i]); err != nil {
			return nil, err
		}
		b = append(b, `,"properties":{`...)
		for j, name := range s.columns {
			if j > 0 {
				b = append(b, ',')
			}
			if b, err = appendValue(appendMember(b, name), row[j]); err != nil {
				return nil, err
			}
		}
		b = append(b, `}}`...)
	}
	return append(b, `]}`...), nil
}

// outlinesGeoJSON writes outlines as a collection, number by number too: made into maps first, a city's grids would take a
// quarter of a second.
func outlinesGeoJSON(all []heat.Outline) ([]byte, error) {
	b := []byte(`{"type":"FeatureCollection","features":[`)
	var err error
	for i, o := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, `{"type":"Feature","id":`...), o.ID, 10)
		if b, err = appendGeometry(append(b, `,"geometry":`...), o.Outline); err != nil {
			return nil, err
		}
		b = append(b, `,"properties":{`...)
		for j, p := range [][2]string{{"code", string(o.Code)}, {"name_zh", o.NameZh}, {"name_en", o.NameEn}} {
			if j > 0 {
				b = append(b, ',')
			}
			b = appendText(appendMember(b, p[0]), p[1])
		}
		b = append(b, `}}`...)
	}
	return append(b, `]}`...), nil
}

func appendMember(b []byte, name string) []byte { return append(appendText(b, name), ':') }

// appendText writes a string as JSON; one that cannot be written as such does not exist.
func appendText(b []byte, s string) []byte {
	text, _ := json.Marshal(s) //nolint:errchkjson // a string
	return append(b, text...)
}

func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return appendText(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case float64:
		return appendNumber(b, v), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	}
	return nil, fmt.Errorf("geojson: no value of a table: %T", v)
}

// appendNumber writes a number that is one, not beyond all measure, and neither infinite.
func appendNumber(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'f', -1, 64) }

func appendGeometry(b []byte, g orb.Geometry) ([]byte, error) {
	switch g := g.(type) {
	case nil:
		return append(b, "null"...), nil
	case orb.Point:
		return append(appendPoint(append(b, `{"type":"Point","coordinates":`...), g), '}'), nil
	case orb.Polygon:
		return append(appendPolygon(append(b, `{"type":"Polygon","coordinates":`...), g), '}'), nil
	case orb.MultiPolygon:
		b = append(b, `{"type":"MultiPolygon","coordinates":`...)
		return append(appendList(b, g, appendPolygon), '}'), nil
	}
	text, err := geojson.NewGeometry(g).MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("geojson: %w", err)
	}
	return append(b, bytes.TrimSpace(text)...), nil
}

func appendPolygon(b []byte, p orb.Polygon) []byte { return appendList(b, p, appendRing) }

func appendRing(b []byte, r orb.Ring) []byte { return appendList(b, r, appendPoint) }

func appendPoint(b []byte, p orb.Point) []byte {
	b = appendNumber(append(b, '['), p[0])
	return append(appendNumber(append(b, ','), p[1]), ']')
}

func appendList[T any](b []byte, all []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, x := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, x)
	}
	return append(b, ']')
}
