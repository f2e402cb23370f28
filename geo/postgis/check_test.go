package postgis_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestCheckAcceptsThePrivateCluster(t *testing.T) {
	t.Parallel()
	if err := postgis.Check(t.Context(), pgtest.URL(t)); err != nil {
		t.Error(err)
	}
	if err := postgis.Check(t.Context(), pgtest.EmptyURL(t)); err != nil {
		t.Errorf("before the first migration: %v", err)
	}
}

func TestCheckListsEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Cluster(t, map[string]string{
		"wal_level": "replica", "max_replication_slots": "0", "max_wal_senders": "0",
	})
	run(t, cluster.URL(), `create role weak`)
	run(t, cluster.URL(), `create database bare template template0`)
	bare := strings.Replace(cluster.URL(), "/gridweave?", "/bare?", 1) + "&options=-c%20role%3Dweak"
	err := postgis.Check(t.Context(), bare)
	var check *postgis.CheckError
	if !errors.As(err, &check) {
		t.Fatalf("got %v", err)
	}
	want := []string{
		`PostGIS is not in the database: as a superuser there, CREATE EXTENSION postgis`,
		`wal_level is replica: ALTER SYSTEM SET wal_level = 'logical', then restart PostgreSQL`,
		`all 0 replication slots are taken: ALTER SYSTEM SET max_replication_slots = 4, then restart PostgreSQL`,
		`all 0 WAL senders are taken: ALTER SYSTEM SET max_wal_senders = 4, then restart PostgreSQL`,
		`user weak may not follow the WAL: ALTER ROLE "weak" REPLICATION`,
		`user weak may not work as the server's role: GRANT gridweave_app TO "weak"`,
		`user weak may not create in database bare: GRANT CREATE ON DATABASE "bare" TO "weak"`,
		`user weak may not create in schema public: GRANT ALL ON SCHEMA public TO "weak"`,
	}
	if diff := cmp.Diff(want, check.Missing); diff != "" {
		t.Error(diff)
	}
	// Each remedy is what it says: after them the list is shorter by what no restart is needed for.
	run(t, cluster.URL(), `alter role "weak" replication; grant gridweave_app to "weak"; grant create on database "bare" to "weak"`)
	run(t, strings.Replace(cluster.URL(), "/gridweave?", "/bare?", 1), `create extension postgis; grant all on schema public to "weak"`)
	if !errors.As(postgis.Check(t.Context(), bare), &check) || cmp.Diff(want[1:4], check.Missing) != "" {
		t.Errorf("left: %q", check.Missing)
	}
}

func TestCheckSaysThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	err := postgis.Check(t.Context(), "postgresql://somebody@/x?host="+t.TempDir())
	if err == nil || !strings.HasPrefix(err.Error(), "database connect:") {
		t.Errorf("got %v", err)
	}
}
