package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo/postgis"
)

// Each query answers with the columns of a hit, so that one scan reads them all.
const (
	areaColumns = `'area', a.id::bigint, a.code, a.name_zh, a.name_en, '', '', '', '', null::timestamptz,
		st_pointonsurface(a.geom)`
	buildingColumns = `'building', b.id::bigint, b.code, b.name_zh, b.name_en, b.address_zh, b.address_en,
		coalesce(s.grade, ''), '', null::timestamptz, st_pointonsurface(b.geom)`
	roomColumns = `'room', b.id::bigint, r.code, r.unit, r.unit, b.name_zh || ' ' || b.address_zh,
		b.name_en || ' ' || b.address_en, coalesce(s.grade, ''), '', null::timestamptz, st_pointonsurface(b.geom)`
	incidentColumns = `'incident', i.id, i.code, t.name_zh, t.name_en, '', '', '', i.status, i.reported_at, i.geom`
)

func scan(r pgx.CollectableRow) (Hit, error) {
	var h Hit
	var place postgis.Geom
	err := r.Scan(&h.Kind, &h.ID, &h.Code, &h.NameZh, &h.NameEn, &h.AddressZh, &h.AddressEn, &h.Grade, &h.Status, &h.At,
		&place, &h.Score)
	h.Place, _ = place.Geometry.(orb.Point)
	return h, err
}

func collect(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]Hit, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	all, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return all, nil
}

// startingWith finds the areas, buildings and the room whose code starts with the digits; the nearer in length, the
// better.
func startingWith(ctx context.Context, tx pgx.Tx, digits string, limit int) ([]Hit, error) {
	return collect(ctx, tx, `
		(select `+areaColumns+`, 1 - 0.01 * (length(a.code) - length($1)) from area a
		 where a.code >= $1 and a.code < $1 || ':' order by length(a.code), a.code limit $2)
		union all
		(select `+buildingColumns+`, 1 - 0.01 * (length(b.code) - length($1)) from building b
		 join building_state s on s.building_id = b.id
		 where b.code >= $1 and b.code < $1 || ':' order by b.code limit $2)
		union all
		(select `+roomColumns+`, 1 - 0.01 * (length(r.code) - length($1)) from room r join building b on b.code = left(r.code, 19)
		 join building_state s on s.building_id = b.id
		 where length($1) > 19 and r.code >= $1 and r.code < $1 || ':' order by r.code limit $2)`,
		digits, limit)
}

// exactly finds what has one of the codes.
func exactly(ctx context.Context, tx pgx.Tx, codes []string) ([]Hit, error) {
	return collect(ctx, tx, `
		(select `+areaColumns+`, 0 from area a where a.code = any ($1::text[]))
		union all
		(select `+buildingColumns+`, 0 from building b join building_state s on s.building_id = b.id
		 where b.code = any ($1::text[]))
		union all
		(select `+roomColumns+`, 0 from room r join building b on b.code = left(r.code, 19)
		 join building_state s on s.building_id = b.id where r.code = any ($1::text[]))`, codes)
}

// areas finds areas by name.
func areas(ctx context.Context, tx pgx.Tx, text string, limit int) ([]Hit, error) {
	return collect(ctx, tx, `
		select `+areaColumns+`, f.score from area_search($1, $2) f join area a using (id) order by f.score desc, a.code`, text, limit)
}

// buildings finds buildings by name and address.
func buildings(ctx context.Context, tx pgx.Tx, text string, limit int) ([]Hit, error) {
	return collect(ctx, tx, `
		select `+buildingColumns+`, f.score from building_search($1, $2) f join building b using (id)
		join building_state s on s.building_id = b.id order by f.score desc, b.code`, text, limit)
}

// incidents finds the newest incidents of the types whose name fits. They score below places of the same likeness: of a
// place there is one, of a type there are many.
func incidents(ctx context.Context, tx pgx.Tx, text string, limit int) ([]Hit, error) {
	return collect(ctx, tx, `
		with wanted as materialized (select search_words(search_stem($1)) as words),
		fitting as materialized (
		  select code, name_zh, name_en, word_similarity(words, name_words) as near
		  from incident_type, wanted order by near desc, code limit 5)
		select `+incidentColumns+`, 0.8 * t.near
		from fitting t, lateral (select * from incident i where i.type = t.code order by i.id desc limit $2) i
		where t.near >= 0.5 order by t.near desc, i.id desc limit $2`, text, min(limit, newest))
}

// newest is how many incidents of one type are of use in a list of places.
const newest = 5

// incidentByID finds the incident with a number.
func incidentByID(ctx context.Context, tx pgx.Tx, id int64) ([]Hit, error) {
	return collect(ctx, tx, `
		select `+incidentColumns+`, 1 from incident i join incident_type t on t.code = i.type where i.id = $1`, id)
}
