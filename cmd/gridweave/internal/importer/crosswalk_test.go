package importer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/fixture"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func translate(t *testing.T, db *postgis.DB, o importer.CrosswalkOptions) importer.CrosswalkReport {
	t.Helper()
	r, err := importer.Crosswalk(t.Context(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func crosswalkTally(r importer.CrosswalkReport) tally {
	return tally{r.Rows, r.Inserted, r.Updated, r.Unchanged, r.Rejected}
}

func TestCrosswalk(t *testing.T) {
	db := pgtest.DB(t)
	o := importer.CrosswalkOptions{
		File: fixture.File(t, "c.csv", gbk("街道,我们的,统计代码,旧编码\n"+
			"福田街道,440304003,440304004000,\n"+ // the bureau's long form of a street
			"沙头街道,440304004,440304005,\n"+
			"园岭街道,440304002,440304005,\n"+ // a second place for one foreign code changes the first
			"南园街道,440304002,440304001,\n"+ // a second foreign code for one place is refused
			"层级不同,440304001001,440304001,\n"+
			"没有,,440304009,\n"+
			"旧,440304005,,440304099\n")),
		Map: map[string]string{"house_code": "我们的", "name": "街道"},
	}
	dry := o
	dry.DryRun = true
	if r := translate(t, db, dry); query[int](t, db, "select count(*) from crosswalk") != 0 || r.Rows != 7 {
		t.Errorf("dry run: %s", r)
	}
	r := translate(t, db, o)
	if diff := cmp.Diff(tally{Rows: 7, Inserted: 3, Updated: 1, Rejected: 3}, crosswalkTally(r)); diff != "" {
		t.Errorf("%s\n%s", diff, r)
	}
	var refused []int64
	for _, x := range r.Rejects {
		refused = append(refused, x.Row)
	}
	if diff := cmp.Diff([]int64{4, 5, 6}, refused); diff != "" {
		t.Errorf("%s\n%s", diff, r)
	}
	got := query[string](t, db, "select string_agg(concat_ws(' ', system, foreign_code, code, name_zh), '; ' order by system, foreign_code) from crosswalk")
	if got != "old 440304099 440304005 旧; statistics 440304004 440304003 福田街道; statistics 440304005 440304002 园岭街道" {
		t.Errorf("got %s", got)
	}
	if n := query[int](t, db, "select count(*) from evidence where action = 'import crosswalk' and code = '440304'"); n != 1 {
		t.Errorf("%d entries in the ledger", n)
	}
}

func TestCrosswalkTwiceChangesNothing(t *testing.T) {
	db := pgtest.DB(t)
	o := importer.CrosswalkOptions{File: real(t, "crosswalk_futian.csv")}
	translate(t, db, o)
	if diff := cmp.Diff(tally{Rows: 102, Unchanged: 102}, crosswalkTally(translate(t, db, o))); diff != "" {
		t.Error(diff)
	}
	if n := query[int](t, db, "select count(*) from evidence"); n != 1 {
		t.Errorf("%d entries in the ledger, want that of the first time", n)
	}
}
