package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// go test ./cmd/gridweave/internal/demo -run TestWrite/big -big futian
var big = flag.String("big", "", "also write a city of this scale, and log how long it took")

func TestMain(m *testing.M) { pgtest.Main(m) }

// testSealer seals so that a test can tell a sealed value from a plain one.
type testSealer struct{}

func (testSealer) Seal(plain []byte) []byte {
	out := []byte("sealed:")
	for _, b := range plain {
		out = append(out, ^b)
	}
	return out
}

func (testSealer) Hash(plain []byte) []byte {
	h := hmac.New(sha256.New, []byte("test"))
	h.Write(plain)
	return h.Sum(nil)
}

func tiny() Options {
	return Options{Scale: city.Tiny, Seed: 5, Now: time.Date(2026, 3, 4, 2, 30, 0, 0, time.UTC), Sealer: testSealer{}}
}

func number(t *testing.T, db *postgis.DB, sql string, args ...any) (n int64) {
	t.Helper()
	if err := db.Admin.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestWrite(t *testing.T) {
	db := pgtest.DB(t)
	stages := map[string]bool{}
	o := tiny()
	o.Progress = func(p Progress) { stages[p.Stage] = true }
	sum, err := Write(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	want := city.Tiny.Counts()
	if sum.Buildings != want.Buildings || sum.Rooms != want.Rooms || len(stages) < 3 {
		t.Errorf("summary %+v after stages %v, want %+v", sum, stages, want)
	}
	for what, q := range map[string]struct {
		sql  string
		want int64
	}{
		"areas":              {`select count(*) from area`, int64(want.Districts + want.Streets + want.Communities + want.Grids)},
		"buildings":          {`select count(*) from building`, int64(want.Buildings)},
		"states":             {`select count(*) from building_state`, int64(want.Buildings)},
		"rooms":              {`select count(*) from room`, int64(want.Rooms)},
		"invalid footprints": {`select count(*) from building where not st_isvalid(geom)`, 0},
		"overlapping footprints": {`select count(*) from building a join building b on a.id < b.id and a.geom && b.geom
			where st_relate(a.geom, b.geom, 'T********')`, 0},
		"buildings outside their grid": {`select count(*) from building b join area a on a.code = b.grid
			where not st_covers(a.geom, b.geom)`, 0},
		"residents of the district": {`select residents from area where length(code) = 6`, int64(sum.Residents)},
		"counts of rooms": {`select count(*) from building_state s join
			(select left(code, 19) as code, count(*) as n, sum(residents) as people from room group by 1) r using (code)
			where s.rooms <> r.n or s.residents <> r.people`, 0},
		"the next building's id": {`select nextval(pg_get_serial_sequence('building', 'id'))`, int64(want.Buildings) + 1},
		"gaps between grids": {`select (st_area(d.geom) - sum(st_area(g.geom)) > 1e-12)::int from area d, area g
			where length(d.code) = 6 and length(g.code) = 14 group by d.geom`, 0},
		"buildings in the road": {`select count(*) from building b join base_feature f on f.kind = 'road' and f.geom && b.geom
			where st_intersects(f.geom, b.geom)`, 0},
		"declarations not sealed": {`select count(*) from declaration where not (id_sealed like 'sealed:%' and name_sealed like 'sealed:%'
			and phone_sealed like 'sealed:%' and length(id_hash) = 32)`, 0},
		"steps without evidence": {`select count(*) from declaration d where not exists
			(select from evidence e where e.noun = 'declaration' and e.subject = d.id::text)`, 0},
	} {
		if got := number(t, db, q.sql); got != q.want {
			t.Errorf("%s: %d, want %d", what, got, q.want)
		}
	}
	if sum.Declarations < 20 || number(t, db, `select count(*) from declaration`) != int64(sum.Declarations) {
		t.Errorf("%d declarations", sum.Declarations)
	}
}

func TestSecondDemoIsRefused(t *testing.T) {
	db := pgtest.DB(t)
	if _, err := Write(t.Context(), db, tiny()); err != nil {
		t.Fatal(err)
	}
	_, err := Write(t.Context(), db, tiny())
	if !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), "tiny, seed 5") {
		t.Errorf("a second demo: %v", err)
	}
}

func TestInterruptedDemoLeavesNothing(t *testing.T) {
	db := pgtest.DB(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o := tiny()
	o.Progress = func(p Progress) {
		if p.Done == 2 {
			stop()
		}
	}
	if _, err := Write(ctx, db, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted demo: %v", err)
	}
	if n := number(t, db, `select (select count(*) from area) + (select count(*) from building) + (select count(*) from setting)`); n != 0 {
		t.Errorf("%d rows stayed behind", n)
	}
	o.Progress = nil
	if _, err := Write(t.Context(), db, o); err != nil {
		t.Errorf("the demo again: %v", err)
	}
}

func TestBig(t *testing.T) {
	if *big == "" {
		t.Skip("writes a large city only with -big SCALE")
	}
	scale, err := city.ParseScale(*big)
	if err != nil {
		t.Fatal(err)
	}
	o := tiny()
	o.Scale = scale
	sum, err := Write(t.Context(), pgtest.DB(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", sum)
}
