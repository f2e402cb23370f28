package pgtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/goleak"

	"github.com/gridweave/gridweave/geo/postgis"
)

// shared is the test process's cluster, made when the first test asks for it.
var shared process //nolint:gochecknoglobals // one cluster a process is the purpose

type process struct {
	mu      sync.Mutex
	home    *home
	cluster *postgis.Cluster
	clones  int
}

// Main runs a package's tests, stops the cluster and fails where a goroutine was left behind:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// Without it the watchdog does the stopping.
func Main(m *testing.M) {
	code := m.Run()
	err := shared.stop()
	if err == nil && code == 0 {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// DB is a migrated database of the test's own, closed and dropped at its end.
func DB(t testing.TB) *postgis.DB {
	t.Helper()
	db, err := postgis.Open(t.Context(), URL(t), postgis.Options{})
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// URL names a migrated database of the test's own as its administrator, a superuser; it is dropped at the test's end.
func URL(t testing.TB) string { return clone(t, "gridweave") }

// EmptyURL is URL for a database without PostGIS, roles of our own aside, and without migrations.
func EmptyURL(t testing.TB) string { return clone(t, "template0") }

func clone(t testing.TB, template string) string {
	t.Helper()
	url, name, err := shared.clone(t.Context(), template)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := dropDatabase(context.WithoutCancel(t.Context()), url, name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return url
}

// dropDatabase waits for replication slots whose reader has just gone: PostgreSQL takes a moment to notice, and force ends
// every session but theirs.
func dropDatabase(ctx context.Context, url, name string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		err := maintain(ctx, url, fmt.Sprintf(`drop database %s with (force)`, name))
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "55006" {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *process) clone(ctx context.Context, template string) (url, name string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cluster == nil {
		if err := p.start(ctx); err != nil {
			return "", "", err
		}
	}
	p.clones++
	name = fmt.Sprintf("test_%d", p.clones)
	url = strings.Replace(p.cluster.URL(), "/gridweave?", "/"+name+"?", 1)
	// Through the WAL takes 0.1 s; copying the files takes the two checkpoints around it, 0.3 s even without syncing.
	return url, name, maintain(ctx, url, fmt.Sprintf(`create database %s template %s strategy wal_log`, name, template))
}

func (p *process) start(ctx context.Context) error {
	home, err := newHome(ctx)
	if err != nil {
		return err
	}
	cluster, err := postgis.StartCluster(ctx, home.dir, postgis.ClusterOptions{Settings: settings()})
	if err != nil {
		return errors.Join(err, home.remove())
	}
	p.home, p.cluster = home, cluster
	return nil
}

func (p *process) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cluster == nil {
		return nil
	}
	if err := p.cluster.Stop(context.Background()); err != nil {
		return err
	}
	p.cluster = nil
	return p.home.remove()
}

// Folder is a data folder with a migrated cluster that is not started. At the test's end whatever runs there is
// killed and the folder removed.
func Folder(t testing.TB) string {
	t.Helper()
	home, err := newHome(t.Context())
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := home.remove(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return home.dir
}

// Cluster is a throw-away cluster of the test's own, whose PostgreSQL it may kill; stopped at its end. Its database
// is migrated. Settings come on top of those for tests.
func Cluster(t testing.TB, more ...map[string]string) *postgis.Cluster {
	t.Helper()
	options := postgis.ClusterOptions{Settings: settings(more...)}
	cluster, err := postgis.StartCluster(t.Context(), Folder(t), options)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return cluster
}

// maintain runs a statement about databases from outside of them.
func maintain(ctx context.Context, url, statement string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// settings are for data that nobody will miss. WAL is still flushed in order, so that the feed hears at once.
func settings(more ...map[string]string) map[string]string {
	all := map[string]string{
		"fsync":                      "off",
		"full_page_writes":           "off",
		"autovacuum":                 "off",
		"shared_buffers":             "64MB",
		"maintenance_work_mem":       "64MB",
		"max_wal_size":               "1GB",
		"min_wal_size":               "32MB",
		"logging_collector":          "off",
		"log_min_duration_statement": "-1",
	}
	for _, m := range more {
		maps.Copy(all, m)
	}
	return all
}
