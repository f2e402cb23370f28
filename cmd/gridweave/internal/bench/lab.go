package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/httpload"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/person"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Options of every bench.
type Options struct {
	Program string // our own binary
	Peers   string // folder with others' servers, bin/peers and bin/tegola; empty measures ours alone
	Folder  string // where districts are kept from one run to the next; each scale in a folder of its own
	Quick   bool   // a try: shorter, and too short for figures
	Log     *slog.Logger
	Stderr  io.Writer // what the servers write
}

// span is how long one server is measured at a time, and rounds how often: the servers take turns, so that what
// else the machine does meets all of them.
func (o Options) span() time.Duration {
	if o.Quick {
		return 200 * time.Millisecond
	}
	return 2 * time.Second
}

func (o Options) rounds() int {
	if o.Quick {
		return 1
	}
	return 3
}

// lab is a district in a cluster of its own, and what runs on it.
type lab struct {
	Options
	scale   city.Scale
	folder  string
	cluster *postgis.Cluster
	db      *postgis.DB
	root    geo.Code
	token   string
	running []*process.Child
	died    error           // servers of ours that ended by themselves
	client  *http.Transport // for single questions
}

// idleConns are kept for those who ask at the same time.
const idleConns = 32

// adminConns are as many, for those who change something at the same time.
const adminConns = 32

// openLab starts the scale's cluster and generates its district where it is not there yet.
func openLab(ctx context.Context, o Options, scale city.Scale) (*lab, error) {
	l := &lab{
		Options: o, scale: scale, folder: filepath.Join(o.Folder, string(scale)),
		client: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: idleConns},
	}
	if err := os.MkdirAll(l.folder, 0o711); err != nil { //nolint:gosec // PostgreSQL's user passes through
		return nil, fmt.Errorf("bench folder: %w", err)
	}
	cluster, err := postgis.StartCluster(ctx, l.folder, postgis.ClusterOptions{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	l.cluster = cluster
	if err := l.prepare(ctx); err != nil {
		return nil, errors.Join(err, l.close(ctx))
	}
	return l, nil
}

// close ends everything that the lab started.
func (l *lab) close(ctx context.Context) error {
	l.stopAll()
	l.client.CloseIdleConnections()
	if l.db != nil {
		l.db.Close()
	}
	return errors.Join(l.died, l.cluster.Stop(context.WithoutCancel(ctx)))
}

// stopAll ends the servers. That one of ours had ended by itself is an error of the bench, and says more than what failed
// because of it; a peer's is said in the log.
func (l *lab) stopAll() {
	for _, c := range l.running {
		if died := c.Failure(); died != nil {
			l.Log.Warn("server", "error", died)
			if c.Name == ourName {
				l.died = errors.Join(l.died, died)
			}
		}
		c.Stop()
	}
	l.running = nil
}

// ourName is what our server is called among the others.
const ourName = "gridweave"

func (l *lab) prepare(ctx context.Context) error {
	if err := postgis.Migrate(ctx, l.cluster.URL(), slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	db, err := postgis.Open(ctx, l.cluster.URL(), postgis.Options{AdminConns: adminConns, AppConns: 2})
	if err != nil {
		return err
	}
	l.db = db
	// A run that was killed may have left its slots, which would hold the log for ever.
	if _, err := db.Admin.Exec(ctx, `select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active`); err != nil {
		return fmt.Errorf("bench slots: %w", err)
	}
	if err := l.populate(ctx); err != nil {
		return err
	}
	if err := db.Admin.QueryRow(ctx, `select code from area order by length(code), code limit 1`).Scan(&l.root); err != nil {
		return fmt.Errorf("bench root area: %w", err)
	}
	if err := l.makeDense(ctx); err != nil {
		return err
	}
	return l.signUp(ctx)
}

func (l *lab) populate(ctx context.Context) error {
	sealer, err := person.LoadKeys(l.keys())
	if err != nil {
		return err
	}
	l.Log.InfoContext(ctx, "district", "scale", l.scale)
	_, err = demo.Write(ctx, l.db, demo.Options{Scale: l.scale, Seed: 1, Sealer: sealer})
	if errors.Is(err, demo.ErrNotEmpty) {
		return nil // kept from an earlier run
	}
	return err
}

func (l *lab) keys() string { return filepath.Join(l.folder, "keys") }

// signUp makes the account as whom the load generator asks, new for each run, and its token.
func (l *lab) signUp(ctx context.Context) error {
	province, _ := l.root.At(geo.Province)
	accounts, console := account.NewService(l.db, account.NewHasher(1)), account.Console(province)
	name := "bench-" + strconv.FormatInt(time.Now().UnixMicro(), 36)
	_, _, err := accounts.Create(ctx, console, account.New{
		Name: name, Role: account.DutyOfficer, Code: l.root, Password: account.RandomPassword(),
	})
	if err != nil {
		return fmt.Errorf("bench account: %w", err)
	}
	if l.token, err = accounts.CreateToken(ctx, console, name, "bench", time.Now().Add(24*time.Hour)); err != nil {
		return fmt.Errorf("bench token: %w", err)
	}
	return nil
}

// manyTiles is more than the load generator, which is one account, can ask for in a second, of tiles or documents.
const manyTiles = "1000000"

// serve starts our server, as the node of that name, and waits until it has its picture.
func (l *lab) serve(ctx context.Context, node string, flags ...string) (*server, error) {
	args := append([]string{
		"serve", "--database-url", l.cluster.URL(), "--data", filepath.Join(l.folder, node), "--addr", "127.0.0.1:0", "--json", "--log-level", "warn",
		"--tile-rate", manyTiles, "--request-rate", manyTiles,
	}, flags...)
	child, err := process.StartAnnounced(ctx, l.Stderr, ourName, l.Program, args...)
	if err != nil {
		return nil, err
	}
	l.running = append(l.running, child)
	s := l.newServer("", child, child.Address, "/tiles/buildings/%d/%d/%d", "Authorization", "Bearer "+l.token)
	return s, l.awaitPicture(ctx, s)
}

// awaitPicture waits until a dense tile has buildings.
func (l *lab) awaitPicture(ctx context.Context, s *server) error {
	dense, err := l.dense(ctx)
	if err != nil {
		return err
	}
	return s.await(ctx, s.path(dense[0]))
}

// server is one that answers for tiles, ours or a peer's.
type server struct {
	peer    string // empty for ours
	child   *process.Child
	host    string // host:port
	pattern string
	headers []string

	answered int // requests of all loads
	client   *http.Transport
}

func (l *lab) newServer(peer string, child *process.Child, address, pattern string, headers ...string) *server {
	return &server{peer: peer, child: child, host: strings.TrimPrefix(address, "http://"), pattern: pattern, headers: headers, client: l.client}
}

// path of a tile on this server.
func (s *server) path(t maptile.Tile) string { return fmt.Sprintf(s.pattern, t.Z, t.X, t.Y) }

// plain is the encoding that no client asks for: every server then sends a tile as it is.
const plain = ""

// request for a tile on this server, compressed as the client accepts.
func (s *server) request(t maptile.Tile, encoding string) httpload.Request {
	headers := s.headers
	if encoding != plain {
		headers = append([]string{"Accept-Encoding", encoding}, headers...)
	}
	return httpload.Get(s.host, s.path(t), headers...)
}

// readyTimeout is more than a city takes to load.
const readyTimeout = 2 * time.Minute

// await asks until the answer is 200 with something in it.
func (s *server) await(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		body, status, err := s.get(ctx, path)
		if err == nil && status == http.StatusOK && len(body) > 0 {
			return nil
		}
		last = errors.Join(err, fmt.Errorf("status %d", status))
		select {
		case <-tick.C:
		case <-s.child.Ended():
			return fmt.Errorf("%s: it ended while it was waited for", s.child.Name)
		case <-ctx.Done():
			return fmt.Errorf("%s: not ready in time: %w", s.child.Name, last)
		}
	}
}

// maxAnswer bounds what is read of one answer.
const maxAnswer = 16 << 20

// get asks once for the plain answer and reads all of it.
func (s *server) get(ctx context.Context, path string) (body []byte, status int, err error) {
	return s.ask(ctx, path, plain)
}

// ask asks once and reads all of the answer as it came over the wire.
func (s *server) ask(ctx context.Context, path, encoding string) (body []byte, status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.host+path, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	if encoding != plain {
		r.Header.Set("Accept-Encoding", encoding)
	}
	for i := 0; i+1 < len(s.headers); i += 2 {
		r.Header.Set(s.headers[i], s.headers[i+1])
	}
	answer, err := s.client.RoundTrip(r)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return body, answer.StatusCode, err
}
