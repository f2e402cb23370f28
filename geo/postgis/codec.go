package postgis

import (
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
)

// registerGeometry teaches a connection PostGIS's geometry type and arrays of it. Queries then take orb geometries as
// arguments and scan into pointers to them, to orb.Geometry and to Geom.
func registerGeometry(types *pgtype.Map, oid, arrayOID uint32) {
	geometry := &pgtype.Type{Name: "geometry", OID: oid, Codec: geometryCodec{}}
	types.RegisterType(geometry)
	types.RegisterType(&pgtype.Type{Name: "_geometry", OID: arrayOID, Codec: &pgtype.ArrayCodec{ElementType: geometry}})
}

// Geom is a geometry that may be NULL: its nil interface is NULL, and a typed nil in it is that type's EMPTY, whereas
// pgx takes a typed nil given as it is for NULL.
type Geom struct{ orb.Geometry }

type geometryCodec struct{}

func (geometryCodec) FormatSupported(format int16) bool {
	return format == pgtype.BinaryFormatCode || format == pgtype.TextFormatCode
}

func (geometryCodec) PreferredFormat() int16 { return pgtype.BinaryFormatCode }

func (geometryCodec) PlanEncode(_ *pgtype.Map, _ uint32, format int16, value any) pgtype.EncodePlan {
	switch value.(type) {
	case orb.Geometry, Geom:
		return encodeGeometry{text: format == pgtype.TextFormatCode}
	}
	return nil
}

type encodeGeometry struct{ text bool }

func (e encodeGeometry) Encode(value any, buf []byte) ([]byte, error) {
	if g, ok := value.(Geom); ok {
		if value = g.Geometry; value == nil {
			return nil, nil // NULL
		}
	}
	g, ok := value.(orb.Geometry)
	if !ok {
		return nil, fmt.Errorf("geometry encode: %T is none", value)
	}
	data, err := EncodeEWKB(g)
	if err != nil {
		return nil, err
	}
	if e.text {
		return hex.AppendEncode(buf, data), nil
	}
	return append(buf, data...), nil
}

func (geometryCodec) PlanScan(_ *pgtype.Map, _ uint32, format int16, target any) pgtype.ScanPlan {
	switch target.(type) {
	case *orb.Geometry, *Geom, *orb.Point, *orb.MultiPoint, *orb.LineString, *orb.MultiLineString, *orb.Polygon,
		*orb.MultiPolygon, *orb.Collection:
		return scanGeometry{text: format == pgtype.TextFormatCode}
	}
	return nil
}

type scanGeometry struct{ text bool }

func (s scanGeometry) Scan(src []byte, target any) error {
	g, err := s.decode(src)
	if err != nil {
		return err
	}
	switch target := target.(type) {
	case *orb.Geometry:
		*target = g
		return nil
	case *Geom:
		target.Geometry = g
		return nil
	}
	if g == nil {
		return errors.New("geometry scan: NULL needs *orb.Geometry or *postgis.Geom")
	}
	if !assign(target, g) {
		return fmt.Errorf("geometry scan: cannot put %s into %T", g.GeoJSONType(), target)
	}
	return nil
}

func (s scanGeometry) decode(src []byte) (orb.Geometry, error) {
	if src == nil {
		return nil, nil
	}
	if s.text {
		data, err := hex.DecodeString(string(src))
		if err != nil {
			return nil, fmt.Errorf("geometry scan: %w", err)
		}
		src = data
	}
	return DecodeEWKB(src)
}

// assign puts a geometry into a target of its own type.
func assign(target any, g orb.Geometry) (ok bool) {
	switch target := target.(type) {
	case *orb.Point:
		*target, ok = g.(orb.Point)
	case *orb.MultiPoint:
		*target, ok = g.(orb.MultiPoint)
	case *orb.LineString:
		*target, ok = g.(orb.LineString)
	case *orb.MultiLineString:
		*target, ok = g.(orb.MultiLineString)
	case *orb.Polygon:
		*target, ok = g.(orb.Polygon)
	case *orb.MultiPolygon:
		*target, ok = g.(orb.MultiPolygon)
	case *orb.Collection:
		*target, ok = g.(orb.Collection)
	}
	return ok
}

// DecodeDatabaseSQLValue gives database/sql, which has no geometries, the hexadecimal text.
func (c geometryCodec) DecodeDatabaseSQLValue(_ *pgtype.Map, _ uint32, format int16, src []byte) (driver.Value, error) {
	if src == nil {
		return nil, nil
	}
	if format == pgtype.TextFormatCode {
		return string(src), nil
	}
	return hex.EncodeToString(src), nil
}

// DecodeValue is what rows.Values and pgx.RowToMap give: an orb.Geometry.
func (c geometryCodec) DecodeValue(_ *pgtype.Map, _ uint32, format int16, src []byte) (any, error) {
	return scanGeometry{text: format == pgtype.TextFormatCode}.decode(src)
}
