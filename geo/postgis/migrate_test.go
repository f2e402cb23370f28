package postgis_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/migrations"
)

func migrate(ctx context.Context, url string) error {
	return postgis.Migrate(ctx, url, slog.New(slog.DiscardHandler))
}

func TestTwoServersMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	results := make(chan error)
	for range 3 {
		go func() { results <- migrate(t.Context(), url) }()
	}
	if err := errors.Join(<-results, <-results, <-results); err != nil {
		t.Fatal(err)
	}
	if got := one(t, url, `select coalesce(string_agg(n::text, ' '), '') from (select count(*) n from goose_db_version group by version_id) x
		where n <> 1`); got != "" {
		t.Errorf("steps were taken more than once: %s", got)
	}
	if err := migrate(t.Context(), url); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	run(t, url, `insert into goose_db_version (version_id, is_applied) values (9999, true)`)
	err := migrate(t.Context(), url)
	var newer *postgis.NewerSchemaError
	if !errors.As(err, &newer) || newer.Has != 9999 || !strings.Contains(err.Error(), "use the newer gridweave") {
		t.Errorf("got %v", err)
	}
}

// steps are the versions of the migrations, in order.
func steps(t *testing.T) []int64 {
	t.Helper()
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var versions []int64
	for _, file := range files {
		digits, _, _ := strings.Cut(file, "_")
		version, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		versions = append(versions, version)
	}
	return versions
}

// After each step the rows of testdata/seed for that version go in, as a district in use would have them, and every
// later step must carry all that is there by then.
func TestEachStepCarriesWhatIsThere(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	there := map[string]int{}
	for _, version := range steps(t) {
		if err := postgis.MigrateTo(t.Context(), url, migrations.FS, version); err != nil {
			t.Fatalf("step %d: %v", version, err)
		}
		now := counts(t, url)
		for table, n := range there {
			if now[table] < n && dropped()[table] != version {
				t.Errorf("step %d left %d of %d rows in %s", version, now[table], n, table)
			}
		}
		seed, err := os.ReadFile(filepath.Join("testdata", "seed", fmt.Sprintf("%04d.sql", version)))
		if err == nil {
			run(t, url, string(seed))
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		there = counts(t, url)
	}
	if there["public.building"] == 0 || there["public.evidence"] == 0 {
		t.Errorf("the seeds have filled too little: %v", there)
	}
}

// dropped are tables that a step takes away on purpose: what was in them is counted from others.
func dropped() map[string]int64 { return map[string]int64{"public.heat_day": 20} }

func counts(t *testing.T, url string) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `select format('%I.%I', schemaname, tablename) from pg_tables
		where schemaname not in ('pg_catalog', 'information_schema') and tablename not in ('goose_db_version', 'spatial_ref_sys')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, table := range tables {
		var n int
		if err := conn.QueryRow(t.Context(), `select count(*) from `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}
