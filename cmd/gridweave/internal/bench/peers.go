package bench

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/process"
	"github.com/gridweave/gridweave/tiles"
)

// attributes are what every server puts into its tiles, as ours does.
func attributes() []string { return []string{"g", "u", "h"} }

// peerTable is the table for others' servers whose geometry is in that projection.
func peerTable(srid int) string { return "peer.building_" + strconv.Itoa(srid) }

// startAsmvt starts ST_AsMVT behind a thin handler.
func (l *lab) startAsmvt(ctx context.Context, srid int) (*server, error) {
	child, err := process.StartAnnounced(ctx, l.Stderr, "asmvt", filepath.Join(l.Peers, "peers"), "asmvt",
		"--database-url", l.cluster.URL(), "--table", peerTable(srid), "--srid", strconv.Itoa(srid),
		"--columns", strings.Join(attributes(), ","), "--gzip", strconv.Itoa(tiles.GzipLevel))
	if err != nil {
		return nil, fmt.Errorf("%w (make build builds it)", err)
	}
	l.running = append(l.running, child)
	return l.newServer("asmvt", child, child.Address, "/%d/%d/%d"), nil
}

// startTegola starts tegola; with cached it keeps every tile it has made in files, its own kind of cache.
func (l *lab) startTegola(ctx context.Context, srid int, cached bool) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	address := "127.0.0.1:" + strconv.Itoa(port)
	name := "tegola-" + strconv.Itoa(srid)
	cache := ""
	if cached {
		name += "-cached"
		cache = filepath.Join(l.folder, name)
		if err := os.RemoveAll(cache); err != nil {
			return nil, fmt.Errorf("tegola cache: %w", err)
		}
	}
	config := filepath.Join(l.folder, name+".toml")
	if err := os.WriteFile(config, []byte(tegolaConfig(address, l.cluster.URL(), srid, cache)), 0o600); err != nil {
		return nil, fmt.Errorf("tegola config: %w", err)
	}
	// It complains of every tile that a client wants uncompressed, and sends it. What else it has to say is kept.
	log, err := os.Create(filepath.Join(l.folder, name+".log"))
	if err != nil {
		return nil, fmt.Errorf("tegola log: %w", err)
	}
	defer log.Close() // the program has it open by then
	child, err := process.Start(ctx, log, "tegola", filepath.Join(l.Peers, "tegola"), "serve", "--config", config, "--log-level", "ERROR")
	if err != nil {
		return nil, fmt.Errorf("%w (make build builds it)", err)
	}
	l.running = append(l.running, child)
	s := l.newServer("tegola", child, address, "/maps/gridweave/%d/%d/%d.pbf")
	return s, s.await(ctx, "/capabilities")
}

// freePort finds one that nobody listens on. tegola does not tell which one it chose.
func freePort(ctx context.Context) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("port find: %w", err)
	}
	defer listener.Close()
	addr, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("port find: %s is not TCP", listener.Addr())
	}
	return addr.Port, nil
}

// tegolaConfig has tegola ask as the thin handler does: the tile's envelope by its numbers, buffered alike. It wants
// its own token in every query, so that stands in a comment; and a host in the URL, which the socket's folder overrides.
func tegolaConfig(address, databaseURL string, srid int, cache string) string {
	geom, box := "geom", "ST_TileEnvelope(!ZOOM!, !X!, !Y!, margin => 0.015625)"
	if srid != 3857 {
		geom, box = "ST_Transform(geom, 3857)", fmt.Sprintf("ST_Transform(%s, %d)", box, srid)
	}
	sql := fmt.Sprintf("SELECT ST_AsMVTGeom(%s, ST_TileEnvelope(!ZOOM!, !X!, !Y!), 4096, 64, true) AS geom, id, %s FROM %s WHERE geom && %s /* !BBOX! */",
		geom, strings.Join(attributes(), ", "), peerTable(srid), box)
	var b strings.Builder
	fmt.Fprintf(&b, "[webserver]\nport = %q\n\n", address)
	if cache != "" {
		fmt.Fprintf(&b, "[cache]\ntype = \"file\"\nbasepath = %q\n\n", cache)
	}
	fmt.Fprintf(&b, "[[providers]]\nname = \"gridweave\"\ntype = \"mvt_postgis\"\nuri = %q\nsrid = %d\n\n", tegolaURL(databaseURL), srid)
	fmt.Fprintf(&b, "  [[providers.layers]]\n  name = \"building\"\n  geometry_fieldname = \"geom\"\n  geometry_type = \"polygon\"\n  id_fieldname = \"id\"\n  sql = %q\n\n", sql)
	b.WriteString("[[maps]]\nname = \"gridweave\"\n\n  [[maps.layers]]\n  provider_layer = \"gridweave.building\"\n  min_zoom = 0\n  max_zoom = 22\n")
	return b.String()
}

// tegolaURL gives the URL a host with a port, without which tegola refuses it; pgx lets the query's win.
func tegolaURL(url string) string {
	if scheme, rest, ok := strings.Cut(url, "@/"); ok {
		return scheme + "@localhost:5432/" + rest + "&sslmode=disable&pool_max_conns=8"
	}
	return url
}
