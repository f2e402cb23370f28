package postgis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
	"github.com/gridweave/gridweave/realtime/position"
)

const street geo.Code = "440304001"

func scopeSeen(ctx context.Context, tx pgx.Tx) (role, scope string, err error) {
	err = tx.QueryRow(ctx, `select current_user, coalesce(current_setting('gridweave.scope', true), '(unset)')`).Scan(&role, &scope)
	return role, scope, err
}

func TestScopeLastsOneTransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	look := func(tx pgx.Tx) error {
		role, scope, err := scopeSeen(t.Context(), tx)
		if err == nil && (role != "gridweave_app" || scope != string(street)) {
			err = fmt.Errorf("as %s in scope %q", role, scope)
		}
		return err
	}
	if _, err := db.Write(t.Context(), street, look); err != nil {
		t.Error(err)
	}
	if err := db.Read(t.Context(), street, look); err != nil {
		t.Error(err)
	}
	var after string
	if err := db.App.QueryRow(t.Context(), `select coalesce(current_setting('gridweave.scope', true), '')`).Scan(&after); err != nil || after != "" {
		t.Errorf("scope %q stays on the connection, %v", after, err)
	}
	_, err := db.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		role, _, err := scopeSeen(t.Context(), tx)
		if err == nil && role != "gridweave_admin" {
			err = fmt.Errorf("as %s", role)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func putSetting(ctx context.Context, key string) func(pgx.Tx) error {
	return func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into setting values ($1, 'true')`, key)
		return err
	}
}

// The position of a write is not before its commit record, and the epoch is the cluster's.
func TestPositionIncludesTheWrite(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	ctx := t.Context()
	if _, err := db.Admin.Exec(ctx, `select pg_create_logical_replication_slot('follow', 'test_decoding', true)`); err != nil {
		t.Fatal(err)
	}
	var last position.Position
	for i := range 3 {
		at, err := db.AsAdmin(ctx, putSetting(ctx, fmt.Sprint("key ", i)))
		if err != nil {
			t.Fatal(err)
		}
		if order, same := at.Compare(last); i > 0 && (!same || order <= 0) {
			t.Errorf("%s after %s", at, last)
		}
		last = at
		commit := lastCommit(t, db)
		if last.LSN < commit {
			t.Errorf("position %X is before its commit at %X", last.LSN, commit)
		}
	}
	var system int64
	if err := db.Admin.QueryRow(ctx, `select system_identifier from pg_control_system()`).Scan(&system); err != nil {
		t.Fatal(err)
	}
	if want := position.Epoch(uint64(system), 1); last.Epoch != want {
		t.Errorf("epoch %q, want %q", last.Epoch, want)
	}
	now, err := db.Position(ctx)
	if order, same := now.Compare(last); err != nil || !same || order < 0 {
		t.Errorf("the log ends at %s, before %s: %v", now, last, err)
	}
}

func lastCommit(t *testing.T, db *postgis.DB) uint64 {
	t.Helper()
	var lsn string
	err := db.Admin.QueryRow(t.Context(), `select lsn::text from pg_logical_slot_get_changes('follow', null, null)
		where data like 'COMMIT%' order by lsn desc limit 1`).Scan(&lsn)
	if err != nil {
		t.Fatal(err)
	}
	n, err := position.ParseLSN(lsn)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	ctx := t.Context()
	sorry := errors.New("sorry")
	_, err := db.AsAdmin(ctx, func(tx pgx.Tx) error {
		return errors.Join(putSetting(ctx, "lost")(tx), sorry)
	})
	if !errors.Is(err, sorry) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = db.AsAdmin(ctx, func(tx pgx.Tx) error {
			_ = putSetting(ctx, "lost too")(tx)
			panic("out of order")
		})
	}()
	var n int
	if err := db.Admin.QueryRow(ctx, `select count(*) from setting`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows stayed, %v", n, err)
	}
	if in := db.Admin.Stat().AcquiredConns(); in != 0 {
		t.Errorf("%d connections were not given back", in)
	}
}

func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	err := db.Read(t.Context(), street, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `create temporary table x (a int); insert into building_state (building_id, code) values (1, '1')`)
		return err
	})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "25006" {
		t.Errorf("got %v, want a read-only transaction's refusal", err)
	}
}

// Two transactions that take the same two rows in opposite order: one loses, and is tried again.
func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	ctx := t.Context()
	if _, err := db.Admin.Exec(ctx, `insert into setting values ('a', '0'), ('b', '0')`); err != nil {
		t.Fatal(err)
	}
	tries := make(chan string, 16)
	hasA, hasB := make(chan struct{}), make(chan struct{})
	cross := func(first, second string, mine, other chan struct{}) error {
		met := false
		_, err := db.AsAdmin(ctx, func(tx pgx.Tx) error {
			tries <- first
			if err := bump(ctx, tx, first); err != nil {
				return err
			}
			if !met { // only the first attempts cross each other
				met = true
				close(mine)
				<-other
			}
			return bump(ctx, tx, second)
		})
		return err
	}
	result := make(chan error)
	go func() { result <- cross("a", "b", hasA, hasB) }()
	go func() { result <- cross("b", "a", hasB, hasA) }()
	if err := errors.Join(<-result, <-result); err != nil {
		t.Fatal(err)
	}
	// On a busy machine the loser may overtake the winner's waking, and lose once more.
	if len(tries) < 3 {
		t.Errorf("%d attempts, want 3 at least", len(tries))
	}
	var sum string
	if err := db.Admin.QueryRow(ctx, `select string_agg(value::text, ' ' order by key) from setting`).Scan(&sum); err != nil || sum != "2 2" {
		t.Errorf("counts %q, want each twice, %v", sum, err)
	}
}

func bump(ctx context.Context, tx pgx.Tx, key string) error {
	_, err := tx.Exec(ctx, `update setting set value = to_jsonb(value::int + 1) where key = $1`, key)
	return err
}

func TestWriteGivesUpAfterFiveAttempts(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	n := 0
	_, err := db.AsAdmin(t.Context(), func(tx pgx.Tx) error {
		n++
		_, err := tx.Exec(t.Context(), `do $$ begin raise exception 'lost again' using errcode = '40001'; end $$`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "lost again") || n != 5 {
		t.Errorf("%d attempts, %v", n, err)
	}
}

// A context that ends stops the statement in the database and keeps the connection.
func TestCancelReachesTheDatabase(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	opened := db.App.Stat().NewConnsCount()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		result <- db.Read(ctx, street, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `select pg_sleep(600)`)
			return err
		})
	}()
	sleepers := func() (n int) {
		err := db.Admin.QueryRow(t.Context(), `select count(*) from pg_stat_activity
			where datname = current_database() and state = 'active' and query = 'select pg_sleep(600)'`).Scan(&n)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	await(t, "the statement runs", func() bool { return sleepers() == 1 })
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) && !postgis.IsCanceled(err) {
		t.Errorf("got %v", err)
	}
	await(t, "the statement has ended", func() bool { return sleepers() == 0 })
	if err := db.Read(t.Context(), street, func(pgx.Tx) error { return nil }); err != nil {
		t.Error(err)
	}
	if now := db.App.Stat().NewConnsCount(); now != opened {
		t.Errorf("%d connections were opened, %d before", now, opened)
	}
}

// The pools find a database that was restarted under them.
func TestPoolsOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t)
	db, err := postgis.Open(t.Context(), cluster.URL(), postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before, err := db.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Admin.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
		where pid <> pg_backend_pid() and application_name like 'gridweave%'`); err != nil {
		t.Fatal(err)
	}
	await(t, "a write after the connections were cut", func() bool {
		at, err := db.Write(t.Context(), street, func(pgx.Tx) error { return nil })
		order, same := at.Compare(before)
		return err == nil && same && order >= 0
	})
}

func TestOpenWantsAMigratedDatabase(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t)
	run(t, cluster.URL(), `drop owned by gridweave_app`)
	run(t, cluster.URL(), `drop role gridweave_app`)
	_, err := postgis.Open(t.Context(), cluster.URL(), postgis.Options{})
	if err == nil || !strings.Contains(err.Error(), "is the database migrated?") {
		t.Errorf("got %v", err)
	}
}

func TestConstraintsAreNamed(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	ctx := t.Context()
	_, err := db.AsAdmin(ctx, putSetting(ctx, "twice"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.AsAdmin(ctx, putSetting(ctx, "twice"))
	if !postgis.IsUnique(err, "setting_pkey") || !postgis.IsUnique(err, "") || postgis.IsUnique(err, "other") || postgis.IsCheck(err, "") {
		t.Errorf("got %v", err)
	}
	_, err = db.Admin.Exec(ctx, `insert into area (code, name_zh, geom) values ('44', '广东', st_multi(st_makeenvelope(0, 0, 1, 1, 4326)))`)
	if !postgis.IsCheck(err, "area_code") || postgis.IsUnique(err, "") {
		t.Errorf("got %v", err)
	}
}
