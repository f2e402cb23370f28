package postgis_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo/geotest"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// stored is what is left of a geometry in PostGIS, which knows no rings, bounds or empty members of polygons.
func stored(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.Ring:
		return stored(orb.Polygon{g})
	case orb.Bound:
		if g.IsEmpty() {
			return orb.Polygon{}
		}
		return g.ToPolygon()
	case orb.Polygon:
		out := orb.Polygon{}
		for _, ring := range g {
			if len(ring) > 0 {
				out = append(out, ring)
			}
		}
		return out
	case orb.MultiPolygon:
		out := orb.MultiPolygon{}
		for _, p := range g {
			out = append(out, stored(p).(orb.Polygon))
		}
		return out
	case orb.Collection:
		out := orb.Collection{}
		for _, member := range g {
			out = append(out, stored(member))
		}
		return out
	}
	return g
}

// hasNothing tells whether there is a nil interface in it, which is no geometry.
func hasNothing(g orb.Geometry) bool {
	c, ok := g.(orb.Collection)
	for _, member := range c {
		if hasNothing(member) {
			return true
		}
	}
	return !ok && g == nil
}

func same(a, b orb.Geometry) string { return cmp.Diff(a, b, cmpopts.EquateEmpty()) }

func TestEWKBRoundTrip(t *testing.T) {
	t.Parallel()
	for i, g := range geotest.AllGeometries() {
		data, err := postgis.EncodeEWKB(g)
		if hasNothing(g) {
			if err == nil {
				t.Errorf("%d %#v: no error", i, g)
			}
			continue
		}
		if err != nil {
			t.Errorf("%d %#v: %v", i, g, err)
			continue
		}
		back, err := postgis.DecodeEWKB(data)
		if err != nil {
			t.Errorf("%d %#v: %v", i, g, err)
		} else if diff := same(stored(g), back); diff != "" {
			t.Errorf("%d %#v: %s", i, g, diff)
		}
	}
}

// PostGIS reads the same geometry from our bytes as from its own parser of text, and we read it back from PostGIS.
func TestEWKBAgreesWithPostGIS(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	for i, g := range geotest.AllGeometries() {
		if hasNothing(g) {
			continue
		}
		var back orb.Geometry
		var asText, own string
		var srid int
		err := db.Admin.QueryRow(t.Context(), `select $1::geometry, st_astext($1::geometry), st_srid($1::geometry)`,
			postgis.Geom{Geometry: g}).Scan(&back, &asText, &srid)
		if err != nil {
			if !refusedByPostGIS(g) {
				t.Errorf("%d %#v: %v", i, g, err)
			}
			continue
		}
		if diff := same(stored(g), back); diff != "" || srid != 4326 {
			t.Errorf("%d %#v in EPSG:%d: %s", i, g, srid, diff)
		}
		text := wkt.MarshalString(stored(g))
		if strings.Contains(text, "()") || strings.Contains(text, ", EMPTY") {
			continue // orb's text of empty members is not PostGIS's
		}
		if err := db.Admin.QueryRow(t.Context(), `select st_astext(st_geomfromtext($1, 4326))`, text).Scan(&own); err != nil || own != asText {
			t.Errorf("%d %#v: PostGIS reads %s from the bytes and %s from the text, %v", i, g, asText, own, err)
		}
	}
}

// refusedByPostGIS: a line of one point.
func refusedByPostGIS(g orb.Geometry) bool {
	line, ok := g.(orb.LineString)
	return ok && len(line) == 1
}

func TestGeometryArguments(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	ctx := t.Context()
	type row struct {
		Null, Empty postgis.Geom
		Point       orb.Point
		Many        []orb.Geometry
		Any         orb.Geometry
	}
	var got row
	err := db.App.QueryRow(ctx, `select $1::geometry, $2::geometry, $3::geometry, $4::geometry[], null::geometry`,
		postgis.Geom{}, postgis.Geom{Geometry: orb.MultiPolygon(nil)}, orb.Point{114, 22}, []orb.Geometry{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}},
	).Scan(&got.Null, &got.Empty, &got.Point, &got.Many, &got.Any)
	want := row{
		Empty: postgis.Geom{Geometry: orb.MultiPolygon{}}, Point: orb.Point{114, 22},
		Many: []orb.Geometry{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	for query, problem := range map[string]string{
		`select null::geometry`:                                    "NULL",
		`select 'SRID=4326;LINESTRING(0 0, 1 1)'::geometry`:        "cannot put LineString into *orb.Point",
		`select 'SRID=4547;POINT(0 0)'::geometry`:                  "SRID 4547, want 4326",
		`select 'SRID=4326;CIRCULARSTRING(0 0,1 1,2 0)'::geometry`: "type 8 is not supported",
		`select 'SRID=4326;POINT EMPTY'::geometry`:                 "cannot put MultiPoint into *orb.Point",
	} {
		var p orb.Point
		if err := db.App.QueryRow(ctx, query).Scan(&p); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %q", query, err, problem)
		}
	}
	var flat orb.Point
	if err := db.App.QueryRow(ctx, `select 'SRID=4326;POINT ZM(1 2 3 4)'::geometry`).Scan(&flat); err != nil || flat != (orb.Point{1, 2}) {
		t.Errorf("with height and measure: %v, %v", flat, err)
	}
	if _, err := db.App.Exec(ctx, `select $1::geometry`, orb.Point{math.NaN(), 1}); err == nil {
		t.Error("a point of NaN was taken")
	}
}

func TestGeometryInCopyAndText(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	ctx := t.Context()
	if _, err := db.Admin.Exec(ctx, `create table place (id int, geom geometry(Point, 4326))`); err != nil {
		t.Fatal(err)
	}
	rows := [][]any{{1, orb.Point{114, 22}}, {2, postgis.Geom{}}}
	if n, err := db.Admin.CopyFrom(ctx, pgx.Identifier{"place"}, []string{"id", "geom"}, pgx.CopyFromRows(rows)); err != nil || n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
	var got orb.Geometry
	err := db.Admin.QueryRow(ctx, `select geom from place where id = $1`, pgx.QueryExecModeSimpleProtocol, 1).Scan(&got)
	if diff := same(orb.Point{114, 22}, got); err != nil || diff != "" {
		t.Errorf("as text: %v %s", err, diff)
	}
	all, err := db.Admin.Query(ctx, `select geom from place order by id`)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(all, pgx.RowToMap)
	if diff := cmp.Diff([]map[string]any{{"geom": orb.Point{114, 22}}, {"geom": nil}}, values); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
}

func TestEWKBRoundTripOfAnyPolygon(t *testing.T) {
	t.Parallel()
	coordinate := rapid.Float64Range(-180, 180)
	point := rapid.Custom(func(t *rapid.T) orb.Point { return orb.Point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")} })
	ring := rapid.Custom(func(t *rapid.T) orb.Ring { return rapid.SliceOfN(point, 1, 6).Draw(t, "ring") })
	polygon := rapid.Custom(func(t *rapid.T) orb.Polygon { return rapid.SliceOfN(ring, 0, 3).Draw(t, "rings") })
	rapid.Check(t, func(t *rapid.T) {
		g := orb.MultiPolygon(rapid.SliceOfN(polygon, 0, 4).Draw(t, "polygons"))
		data, err := postgis.EncodeEWKB(g)
		if err != nil {
			t.Fatal(err)
		}
		back, err := postgis.DecodeEWKB(data)
		if diff := same(g, back); err != nil || diff != "" {
			t.Fatalf("%v: %s", err, diff)
		}
	})
}

func FuzzDecodeEWKB(f *testing.F) {
	for _, g := range geotest.AllGeometries() {
		if data, err := postgis.EncodeEWKB(g); err == nil {
			f.Add(data)
		}
	}
	for _, text := range []string{
		"0020000002000010e6ffffffff",                         // a line of 4,294,967,295 points
		"0020000007000010e600000001",                         // a collection that ends before its member
		"01010000a0e6100000" + strings.Repeat("00", 24),      // a point with height
		"0020000001000010e67ff80000000000007ff8000000000000", // big-endian, empty
		strings.Repeat("000000000700000001", 100),
	} {
		data, err := hex.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := postgis.DecodeEWKB(data)
		if err != nil {
			return
		}
		once, err := postgis.EncodeEWKB(g)
		if err != nil {
			return // coordinates that are not finite
		}
		again, err := postgis.DecodeEWKB(once)
		if err != nil {
			t.Fatalf("%#v: %v", g, err)
		}
		twice, err := postgis.EncodeEWKB(again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%#v became %#v, %v", g, again, err)
		}
	})
}
