package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Everything of the predicate's test lies in one tile of zoom 15, so that geometry cannot help to tell scopes apart.
const (
	predicateWest, predicateSouth = 114.0400, 22.5400
	predicateStep                 = 0.0002
)

// neighbours are grids whose codes are easily taken for each other: one digit apart at each level, and digits that
// would match if a comparison slipped by a level.
func neighbours() []geo.Code {
	return []geo.Code{
		"44030400100101", "44030400100102", "44030400100110", "44030400100201", "44030400101001", "44030400200101",
		"44030401000101", "44030500100101", "44040304001001", "45030400100101", "44030410010010",
	}
}

// populate gives each grid some houses, each with an incident, all within one tile, and gives their codes by id.
func (s *surface) populate(t *testing.T) (buildings, incidents map[int64]geo.Code) {
	t.Helper()
	buildings, incidents = map[int64]geo.Code{}, map[int64]geo.Code{}
	_, err := s.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		n := 0
		for _, grid := range neighbours() {
			if _, err := tx.Exec(t.Context(), `insert into area (code, name_zh, geom) values ($1, '网格', st_multi(st_makeenvelope(114.03, 22.53, 114.05, 22.55, 4326)))
				on conflict do nothing`, grid); err != nil {
				return err
			}
			for _, house := range []string{"00001", "00010", "10000"} {
				code := grid + geo.Code(house)
				x, y := predicateWest+float64(n%6)*predicateStep, predicateSouth+float64(n/6)*predicateStep
				n++
				var building, incident int64
				err := tx.QueryRow(t.Context(), `insert into building (code, geom)
					values ($1, st_multi(st_makeenvelope($2::float8, $3::float8, $2::float8 + 0.0001, $3::float8 + 0.0001, 4326)))
					on conflict (code) do update set geom = excluded.geom returning id`, code, x, y).Scan(&building)
				if err != nil {
					return err
				}
				err = tx.QueryRow(t.Context(), `insert into incident (code, building_id, geom, type, source, due_at)
					values ($1, $2, st_setsrid(st_point($3, $4), 4326), '0101', 'sensor', now()) returning id`, code, building, x, y).Scan(&incident)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(t.Context(), `insert into building_state (building_id, code) values ($1, $2) on conflict do nothing`, building, code); err != nil {
					return err
				}
				buildings[building], incidents[incident] = code, code
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return buildings, incidents
}

// drawScope is a code that some of the given lie within, or one beside it.
func drawScope(t *rapid.T, codes []geo.Code) geo.Code {
	code := rapid.SampledFrom(codes).Draw(t, "code")
	levels := geo.Levels()
	level := rapid.SampledFrom(levels[:]).Draw(t, "level")
	if level == geo.Room {
		return code + geo.Code(rapid.StringMatching("[01]{6}").Draw(t, "room"))
	}
	scope, _ := code.At(level)
	if rapid.IntRange(0, 2).Draw(t, "beside") == 0 {
		digits := []byte(scope)
		digits[rapid.IntRange(0, len(scope)-1).Draw(t, "place")] = rapid.SampledFrom([]byte("01234")).Draw(t, "digit")
		scope = geo.Code(digits)
	}
	return scope
}

// There is one predicate: for whatever scope, an account finds by REST, in tiles, on the stream and through row-level security exactly
// what geo.Code.Covers says.
func TestOneScopePredicate(t *testing.T) {
	s := newSurface(t)
	buildings, incidents := s.populate(t)
	token := s.token(t, "reader", account.DutyOfficer, "440304")
	tile := maptile.At([2]float64{predicateWest, predicateSouth}, 15)
	codes := slices.Sorted(maps.Values(buildings))
	rapid.Check(t, func(rt *rapid.T) {
		scope := drawScope(rt, codes)
		at := s.commit(t, `update account set code = $1 where name = 'reader'`, scope)
		for _, noun := range []struct {
			name, topic string
			all         map[int64]geo.Code
		}{{"building", "grade", buildings}, {"incident", "incident", incidents}} {
			want := []int64{}
			for id, code := range noun.all {
				if scope.Covers(code) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			drawn := s.idsDrawn(t, fmt.Sprintf("/tiles/%ss/15/%d/%d?at=%s", noun.name, tile.X, tile.Y, at), token, noun.name)
			for surface, got := range map[string][]int64{
				"tiles": drawn, "SQL": s.idsInSQL(t, scope, noun.name), "REST": s.idsListed(t, token, noun.name), "the stream": s.idsStreamed(t, token, noun.topic),
			} {
				got = slices.DeleteFunc(got, func(id int64) bool { return noun.all[id] == "" }) // of the small district
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Errorf("%s as seen by %s differs between Covers and %s (-Covers +%s):\n%s", noun.name, scope, surface, surface, diff)
				}
			}
		}
	})
}

func (s *surface) idsDrawn(t *testing.T, path, token, layer string) []int64 {
	t.Helper()
	res, body := s.do(t, http.MethodGet, path, token, "")
	ids := []int64{}
	if res.StatusCode == http.StatusNoContent {
		return ids
	}
	layers, err := orbmvt.Unmarshal(body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
	}
	for _, l := range layers {
		for _, f := range l.Features {
			if id, ok := f.ID.(float64); ok && l.Name == layer {
				ids = append(ids, int64(id))
			}
		}
	}
	return ids
}

func (s *surface) idsInSQL(t *testing.T, scope geo.Code, table string) []int64 {
	t.Helper()
	ids := []int64{}
	err := s.Read(t.Context(), scope, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `select id::bigint from `+table)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// idsStreamed are those that a subscription to the account's whole area begins with.
func (s *surface) idsStreamed(t *testing.T, token, topic string) []int64 {
	t.Helper()
	c := s.dial(t, token)
	defer c.ws.Close()
	expect[wire.Hello](c)
	c.send(wire.Subscribe{ID: "all", Topics: []string{topic}})
	ids := []int64{}
	switch m := c.next().(type) {
	case wire.Subscribed:
	case wire.Error:
		if m.Code != "area" { // a room is too small to listen to: there it sees less
			t.Fatalf("%+v", m)
		}
		return ids
	default:
		t.Fatalf("%#v", m)
	}
	for more := true; more; {
		snapshot := expect[wire.Snapshot](c)
		for _, item := range snapshot.Items {
			ids = append(ids, int64(item.ID))
		}
		more = snapshot.More
	}
	return ids
}

func (s *surface) idsListed(t *testing.T, token, noun string) []int64 {
	t.Helper()
	ids := []int64{}
	res, body := s.do(t, http.MethodGet, "/api/v1/"+noun+"s?limit=200", token, "")
	var list struct{ Items []struct{ ID int64 } }
	if err := json.Unmarshal(body, &list); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%ss: %d %s, %v", noun, res.StatusCode, body, err)
	}
	for _, item := range list.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

// Every table that holds an area's data is behind the same policy, word for word, so that what holds for the tables
// above holds for all.
func TestOnePolicy(t *testing.T) {
	s := newSurface(t)
	const policy = `((code >= scope_lo()) AND (code < scope_hi()))`
	rows, err := s.Admin.Query(t.Context(), `
		select c.relname, c.relrowsecurity, coalesce((select string_agg(p.qual, ' or ') from pg_policies p
			where p.schemaname = 'public' and p.tablename = c.relname and p.cmd in ('ALL', 'SELECT')), '')
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'code' and not a.attisdropped
		where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
		  and exists (select from pg_constraint where conrelid = c.oid and pg_get_constraintdef(oid) ~ 'is_code|\[0-9\]\{(19|25)\}')
		order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	var table, got string
	var enabled bool
	n := 0
	_, err = pgx.ForEachRow(rows, []any{&table, &enabled, &got}, func() error {
		n++
		if !enabled || got != policy {
			t.Errorf("%s: row-level security %t, policy %q; want %q", table, enabled, got, policy)
		}
		return nil
	})
	if err != nil || n < 10 {
		t.Errorf("%d tables with codes, %v", n, err)
	}
}
