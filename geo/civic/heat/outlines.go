package heat

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Outline is an area that a map is drawn from.
type Outline struct {
	ID             int64
	Code           geo.Code
	NameZh, NameEn string
	Outline        orb.Geometry // WGS-84, to a decimetre
}

// OutlinesRevision changes whenever one of the outlines does, or a name; the outlines themselves take far longer to read.
func (s *Service) OutlinesRevision(ctx context.Context, by account.Actor, within geo.Code, level geo.Level) (revision string, err error) {
	if err := below(Query{Area: within}, level); err != nil {
		return "", err
	}
	if !by.Scope.Covers(within) {
		return "", fault.NotFound("area", within)
	}
	lo, hi := within.Range()
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) error {
		// A row that changes has another transaction's number, and lies elsewhere.
		return tx.QueryRow(ctx, `select coalesce(md5(string_agg(xmin::text || ctid::text, ' ' order by id)), '') from area
			where code >= $1 and code < $2 and length(code) = $3`, lo, hi, int(level)).Scan(&revision)
	})
	if err != nil {
		return "", fmt.Errorf("heat outlines: %w", err)
	}
	return revision, nil
}

// Outlines gives the areas of a level within an area. Borders that two of them share stay the same points in both.
func (s *Service) Outlines(ctx context.Context, by account.Actor, within geo.Code, level geo.Level) ([]Outline, error) {
	if err := below(Query{Area: within}, level); err != nil {
		return nil, err
	}
	if !by.Scope.Covers(within) {
		return nil, fault.NotFound("area", within)
	}
	lo, hi := within.Range()
	var out []Outline
	err := s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		out, err = collect(ctx, tx, "outlines", func(r pgx.CollectableRow) (o Outline, err error) {
			var g postgis.Geom
			err = r.Scan(&o.ID, &o.Code, &o.NameZh, &o.NameEn, &g)
			o.Outline = g.Geometry
			return o, err
		}, `select id, code, name_zh, name_en, st_snaptogrid(geom, 0.000001) from area
			where code >= $1 and code < $2 and length(code) = $3 order by code`, lo, hi, int(level))
		return err
	})
	return out, err
}
