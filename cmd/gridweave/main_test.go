package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// programVar makes this test program be the program, for commands that start it again.
const programVar = "GRIDWEAVE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVar) != "" {
		main()
	}
	pgtest.Main(m)
}

// program runs one command to its end.
func program(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// folder is an empty data folder that PostgreSQL's own user can reach.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gridweave-main-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

func TestEveryCommandHasHelp(t *testing.T) {
	for _, command := range []string{
		"", "serve", "import", "import areas", "import buildings", "import rooms", "import crosswalk", "area redraw", "demo",
		"simulate", "export tiles", "bench", "bench tiles", "bench freshness", "bench scale", "bench stream", "user create", "user list", "user change", "token create", "token list", "token revoke", "node list", "node drop", "webhook add", "webhook list", "webhook dead", "webhook retry", "webhook remove", "db url", "version",
	} {
		code, out, errs := program(t, "", append(strings.Fields(command), "--help")...)
		if code != 0 || !strings.Contains(out, "Usage: gridweave") || errs != "" {
			t.Errorf("%q --help: exit %d, %q, %q", command, code, out, errs)
		}
	}
}

func TestWrongCommandLines(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"fly"},
		{"serve", "--no-such-flag"},
		{"import", "areas"},
		{"user", "create", "--account", "x"},
		{"node", "drop"},
		{"demo", "--scale", "galaxy"},
	} {
		code, out, errs := program(t, "", args...)
		if code != 2 || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "gridweave: ") {
			t.Errorf("%q: exit %d, %q, %q; want exit 2 and one line", args, code, out, errs)
		}
	}
	for _, args := range [][]string{
		{"serve", "--demo", "--addr", "0.0.0.0:0"},
		{"db", "url", "--data", filepath.Join(t.TempDir(), "none")},
		{"simulate", "--speed", "0"},
	} {
		code, _, errs := program(t, "", args...)
		if code != 1 || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit %d, %q; want exit 1 and one line", args, code, errs)
		}
	}
}

func TestVersion(t *testing.T) {
	code, out, _ := program(t, "", "version", "--json")
	var v map[string]string
	if err := json.Unmarshal([]byte(out), &v); code != 0 || err != nil || v["version"] == "" {
		t.Errorf("exit %d, %q, %v", code, out, err)
	}
}

// server is the program serving on a free port.
type server struct {
	ready struct {
		Address  string `json:"address"`
		Accounts []struct{ Account, Password string }
	}
	stop  context.CancelFunc
	ended chan int
	errs  *bytes.Buffer
}

func startServer(t *testing.T, args ...string) *server {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	s := &server{stop: stop, ended: make(chan int, 1), errs: &bytes.Buffer{}}
	go func() {
		s.ended <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--json"}, args...), strings.NewReader(""), w, s.errs)
		_ = w.Close()
	}()
	t.Cleanup(func() { stop(); <-s.ended })
	if err := json.NewDecoder(bufio.NewReader(r)).Decode(&s.ready); err != nil {
		stop()
		t.Fatalf("the server did not get ready: %v; %s", err, s.errs.String())
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return s
}

func (s *server) get(t *testing.T, path, token string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.ready.Address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// An operator's first hour: an empty district is served, an account and a token are made beside the running server, a
// second server on the same folder is refused, and everything stops cleanly.
func TestServeAndCommandsBeside(t *testing.T) {
	data := folder(t)
	s := startServer(t, "--data", data)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/openapi.json", "/api/docs"} {
		if status, _ := s.get(t, path, ""); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	code, out, errs := program(t, "a long password\n", "user", "create", "--data", data, "--account", "chief", "--role", "administrator",
		"--area", "440304", "--password-stdin", "--json")
	if code != 0 || !strings.Contains(out, `"position"`) {
		t.Fatalf("user create: exit %d, %q, %q", code, out, errs)
	}
	code, token, errs := program(t, "", "token", "create", "--data", data, "--account", "chief")
	if token = strings.TrimSpace(token); code != 0 || strings.ContainsAny(token, " \n") {
		t.Fatalf("token create: exit %d, %q, %q", code, token, errs)
	}
	if code, _, errs := program(t, "", "import", "areas", "no such file", "--data", data); code != 1 || strings.Count(errs, "\n") != 1 {
		t.Errorf("an import that fails: exit %d, %q; want one line", code, errs)
	}
	status, body := s.get(t, "/api/v1/session", token)
	if status != http.StatusOK || !bytes.Contains(body, []byte(`"chief"`)) {
		t.Errorf("with the token: %d %s", status, body)
	}
	if status, _ := s.get(t, "/tiles/areas/0/0/0", token); status != http.StatusNoContent {
		t.Errorf("an empty district's tile: %d, want 204", status)
	}
	if code, _, errs := program(t, "", "serve", "--data", data, "--addr", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, "in use") {
		t.Errorf("a second server: exit %d, %q", code, errs)
	}
	if code, out, _ := program(t, "", "db", "url", "--data", data); code != 0 || !strings.HasPrefix(out, "postgresql://") {
		t.Errorf("db url: exit %d, %q", code, out)
	}
	code, out, _ = program(t, "", "token", "list", "--data", data, "--json", "--log-level", "error")
	if code != 0 || strings.Contains(out, token) || !strings.Contains(out, `"chief"`) {
		t.Errorf("token list: exit %d, %q", code, out)
	}
	var revoked struct{ Position string }
	code, out, errs = program(t, "", "token", "revoke", "--data", data, "1", "--json", "--log-level", "error")
	if err := json.Unmarshal([]byte(out), &revoked); code != 0 || err != nil {
		t.Fatalf("token revoke: exit %d, %q, %q", code, out, errs)
	}
	if status, body := s.get(t, "/tiles/areas/0/0/0?at="+revoked.Position, token); status != http.StatusUnauthorized {
		t.Errorf("with the revoked token: %d %s", status, body)
	}
	code, out, errs = program(t, "", "node", "list", "--data", data, "--json", "--log-level", "error")
	var nodes []struct {
		Node, Slot    string
		Alive, Active bool
		Seen          string `json:"seen_at"`
	}
	if err := json.Unmarshal([]byte(out), &nodes); code != 0 || err != nil || len(nodes) != 1 || !nodes[0].Alive || !nodes[0].Active || nodes[0].Seen == "" {
		t.Fatalf("node list: exit %d, %q, %q, %v", code, out, errs, err)
	}
	if code, _, errs := program(t, "", "node", "drop", "--data", data, nodes[0].Node); code != 1 || !strings.Contains(errs, "alive") {
		t.Errorf("node drop of the server itself: exit %d, %q", code, errs)
	}
	s.stop()
	if code := <-s.ended; code != 0 {
		t.Errorf("the server ended with %d: %s", code, s.errs.String())
	}
	s.ended <- 0 // for the cleanup
}

// The demo fills an empty folder, tells its accounts, which stay the same over a restart, and lets things happen.
func TestDemo(t *testing.T) {
	data := folder(t)
	args := []string{"--data", data, "--demo", "--scale", "tiny", "--log-level", "error"}
	s := startServer(t, args...)
	first := s.ready.Accounts
	if len(first) < 10 || !slices.ContainsFunc(first, func(a struct{ Account, Password string }) bool { return a.Account == "duty" }) {
		t.Fatalf("accounts: %v", first)
	}
	code, out, errs := program(t, "", "simulate", "--data", data, "--speed", "100000", "--steps", "120", "--json")
	var counts map[string]int
	if err := json.Unmarshal([]byte(out), &counts); code != 0 || err != nil || counts["steps"] != 120 || counts["failed"] != 0 || counts["advanced"] == 0 {
		t.Errorf("simulate: exit %d, %q, %q", code, out, errs)
	}
	if code, _, errs := program(t, "", "demo", "--data", data, "--scale", "tiny"); code != 1 || !strings.Contains(errs, "demo is there already") {
		t.Errorf("a second demo: exit %d, %q", code, errs)
	}
	s.stop()
	if code := <-s.ended; code != 0 {
		t.Errorf("the server ended with %d: %s", code, s.errs.String())
	}
	s.ended <- 0
	again := startServer(t, args...)
	if !slices.Equal(first, again.ready.Accounts) {
		t.Error("a restart changed the accounts")
	}
}

func TestLoopbackOnly(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:0": true, "[::1]:80": true, "127.9.9.9:1": true, "0.0.0.0:80": false, ":8080": false,
		"192.168.1.2:80": false, "example.org:80": false, "nonsense": false,
	} {
		if err := requireLoopback("it", addr); (err == nil) != ok {
			t.Errorf("%s: %v", addr, err)
		}
	}
}
