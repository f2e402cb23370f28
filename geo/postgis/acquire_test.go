package postgis_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

type use struct {
	url     string
	release postgis.Release
}

func acquire(t *testing.T, dir string) use {
	t.Helper()
	url, release, err := postgis.Acquire(t.Context(), dir, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return use{url, release}
}

func (u use) leave(t *testing.T) {
	t.Helper()
	if err := u.release(t.Context()); err != nil {
		t.Error(err)
	}
}

func (u use) works() bool {
	got, err := ask(context.Background(), u.url, `select 'yes'`)
	return err == nil && got == "yes"
}

func TestAcquireTakesTheURLThatIsGiven(t *testing.T) {
	t.Parallel()
	url, release, err := postgis.Acquire(t.Context(), "/nowhere/at/all", "postgresql://elsewhere/x", nil)
	if err != nil || url != "postgresql://elsewhere/x" {
		t.Fatalf("%q, %v", url, err)
	}
	if err := release(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCommandStartsAndStopsTheCluster(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	command := acquire(t, dir)
	if !command.works() {
		t.Error("no answer")
	}
	command.leave(t)
	if command.works() {
		t.Error("still up after its only user left")
	}
	_, err := postgis.RunningURL(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "gridweave serve") {
		t.Errorf("a cluster that is down: %v", err)
	}
}

func TestCommandBesideAServer(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	url, stop, err := postgis.AcquireAlone(t.Context(), dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	command := acquire(t, dir)
	if command.url != url || !command.works() {
		t.Errorf("got %s beside %s", command.url, url)
	}
	command.leave(t)
	if !command.works() {
		t.Error("the server's database went with a command")
	}
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if command.works() {
		t.Error("still up after the server")
	}
}

// Whoever started the cluster may leave first; the last one stops it, also where several leave at once.
func TestLastUserStopsTheCluster(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	owner := acquire(t, dir)
	var others []use
	for range 8 {
		others = append(others, acquire(t, dir))
	}
	owner.leave(t)
	if !others[0].works() {
		t.Fatal("stopped while others work")
	}
	var all sync.WaitGroup
	for _, other := range others {
		all.Go(func() { other.leave(t) })
	}
	all.Wait()
	if others[0].works() {
		t.Error("still up after its last user")
	}
	again := acquire(t, dir)
	if !again.works() {
		t.Error("no answer")
	}
	again.leave(t)
}

// A server that comes while an earlier owner's cluster is still in use takes it over and keeps it.
func TestServerTakesOverWhatACommandUses(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	owner, command := acquire(t, dir), acquire(t, dir)
	owner.leave(t)
	_, stop, err := postgis.AcquireAlone(t.Context(), dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	command.leave(t)
	if !command.works() {
		t.Error("the command took the server's database with it")
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAcquireEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := pgtest.Folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := postgis.Acquire(ctx, dir, "", slog.New(slog.DiscardHandler))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	acquire(t, dir).leave(t) // nothing was left locked
}
