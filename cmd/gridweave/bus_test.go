package main

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
)

// freeAddress is a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Three servers on one database, two of which hear of it over the bus that the first has within it: a right that is
// given or taken away on one is so on all, at the position that the command tells.
func TestThreeServersOnABus(t *testing.T) {
	data, address := folder(t), freeAddress(t)
	first := startServer(t, "--data", data, "--node", "one", "--bus", "embedded", "--bus-listen", address, "--log-level", "error")
	_, url, _ := program(t, "", "db", "url", "--data", data)
	servers := []*server{first}
	for _, name := range []string{"two", "three"} {
		servers = append(servers, startServer(t, "--data", folder(t), "--database-url", strings.TrimSpace(url), "--node", name,
			"--bus", "nats://"+address, "--log-level", "error"))
	}
	if code, _, errs := program(t, "a long password\n", "user", "create", "--data", data, "--account", "chief", "--role", "administrator",
		"--area", "440304", "--password-stdin"); code != 0 {
		t.Fatal(errs)
	}
	_, token, _ := program(t, "", "token", "create", "--data", data, "--account", "chief")
	token = strings.TrimSpace(token)
	for i, s := range servers {
		if status, body := s.get(t, "/api/v1/status", token); status != http.StatusOK || !strings.Contains(string(body), `"live"`) {
			t.Errorf("server %d: %d %s", i+1, status, body)
		}
	}
	_, out, _ := program(t, "", "node", "list", "--data", data, "--json")
	for _, name := range []string{`"one"`, `"two"`, `"three"`, `"gridweave_relay"`} {
		if !strings.Contains(out, name) {
			t.Errorf("node list lacks %s: %s", name, out)
		}
	}
	code, out, errs := program(t, "", "token", "revoke", "--data", data, "1", "--json")
	var revoked struct{ Position string }
	if err := json.Unmarshal([]byte(out), &revoked); code != 0 || err != nil {
		t.Fatalf("%q, %q, %v", out, errs, err)
	}
	for i, s := range servers {
		if status, body := s.get(t, "/tiles/areas/0/0/0?at="+revoked.Position, token); status != http.StatusUnauthorized {
			t.Errorf("server %d, with the revoked token: %d %s", i+1, status, body)
		}
	}
}
