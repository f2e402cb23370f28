package pgtest_test

import (
	"testing"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestDatabasesAreApart(t *testing.T) {
	a, b := pgtest.DB(t), pgtest.DB(t)
	if _, err := a.Admin.Exec(t.Context(), `insert into setting values ('here', 'true')`); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := b.Admin.QueryRow(t.Context(), `select count(*) from setting`).Scan(&n); err != nil || n != 0 {
		t.Fatalf("the other database sees %d rows, %v", n, err)
	}
}
