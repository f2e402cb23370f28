package importer

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/crsdetect"
	"github.com/gridweave/gridweave/geo"
)

// relation is a way in which the database may know the ground of an upload.
type relation struct {
	name  string
	sql   string // columns code and WKB; $1 the codes, $2 the most rows
	codes func([]geo.Code) []geo.Code
	same  bool // the same places: only of use where it knows a good part of them
}

const (
	sameAreas     = `select code, st_asbinary(geom) from area where code = any ($1) order by code limit $2`
	childAreas    = `select code, st_asbinary(geom) from area where parent = any ($1) order by code limit $2`
	sameBuildings = `select code, st_asbinary(geom) from building where code = any ($1) order by code limit $2`
	// every n-th building below the codes
	innerBuildings = `
		with b as (
		  select b.code, b.geom, row_number() over (order by b.code) as n, count(*) over () as total
		  from (select unnest($1::text[]) collate "C" as code) p join building b on b.code >= p.code and b.code < p.code || ':'
		)
		select code, st_asbinary(geom) from b where n % (total / $2 + 1) = 0 order by code`
)

func relations(k Kind) []relation {
	if k == Buildings {
		return []relation{
			{"the same buildings as they are known", sameBuildings, itself, true},
			{"the known grids they lie in", sameAreas, grids, false},
			{"the same buildings as they are known", sameBuildings, itself, false},
		}
	}
	return []relation{
		{"the same areas as they are known", sameAreas, itself, true},
		{"the known areas they lie in", sameAreas, parentsOf, false},
		{"the known areas they lie in", sameAreas, ancestorsOf, false},
		{"the known areas they consist of", childAreas, itself, false},
		{"the known buildings in them", innerBuildings, itself, false},
		{"the same areas as they are known", sameAreas, itself, false},
	}
}

func itself(codes []geo.Code) []geo.Code { return codes }

func grids(codes []geo.Code) []geo.Code {
	return mapCodes(codes, func(c geo.Code) []geo.Code {
		g, ok := c.At(geo.Grid)
		if !ok {
			return nil
		}
		return []geo.Code{g}
	})
}

func parentsOf(codes []geo.Code) []geo.Code {
	return mapCodes(codes, func(c geo.Code) []geo.Code {
		p, ok := c.Parent()
		if !ok {
			return nil
		}
		return []geo.Code{p}
	})
}

func ancestorsOf(codes []geo.Code) []geo.Code { return mapCodes(codes, geo.Code.Ancestors) }

func mapCodes(codes []geo.Code, fn func(geo.Code) []geo.Code) []geo.Code {
	var out []geo.Code
	for _, c := range codes {
		out = append(out, fn(c)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ownReference finds what the database knows of the ground that the upload shows, the closest relation first.
func (s *session) ownReference(ctx context.Context, upload []crsdetect.Shape) ([]crsdetect.Shape, string, error) {
	var codes []geo.Code
	for _, u := range upload {
		if u.Code != "" {
			codes = append(codes, u.Code)
		}
	}
	for _, r := range relations(s.o.Kind) {
		shapes, err := s.known(ctx, r, r.codes(codes))
		if err != nil {
			return nil, "", err
		}
		if len(shapes) > 0 && (!r.same || 2*len(shapes) >= len(codes)) {
			return shapes, r.name, nil
		}
	}
	return nil, "", nil
}

func (s *session) known(ctx context.Context, r relation, codes []geo.Code) ([]crsdetect.Shape, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	texts := make([]string, len(codes))
	for i, c := range codes {
		texts[i] = string(c)
	}
	rows, err := s.conn.Query(ctx, r.sql, texts, againstMost)
	if err != nil {
		return nil, fmt.Errorf("known geometry: %w", err)
	}
	shapes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (crsdetect.Shape, error) {
		var code string
		var b []byte
		if err := row.Scan(&code, &b); err != nil {
			return crsdetect.Shape{}, err
		}
		g, err := wkb.Unmarshal(b)
		if err != nil {
			return crsdetect.Shape{}, err
		}
		m, _ := g.(orb.MultiPolygon)
		return crsdetect.Shape{Code: geo.Code(code), Geom: m}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("known geometry: %w", err)
	}
	return shapes, nil
}
