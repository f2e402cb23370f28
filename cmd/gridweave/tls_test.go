package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/certs"
)

// trusting is a client that trusts nothing but the authority in a PEM file.
func trusting(t *testing.T, ca []byte) (*http.Client, *tls.Config) {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatalf("no certificate in %q", ca)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// answer is what a request came back with, its body read.
type answer struct {
	StatusCode, ProtoMajor int
	Proto                  string
	Header                 http.Header
}

func send(t *testing.T, client *http.Client, method, url, body string, header ...string) (answer, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.ProtoMajor, res.Proto, res.Header}, string(read)
}

// HTTPS out of the box: the first start makes the authority and says where it is; who trusts it is served over HTTP/2,
// signs in with a cookie that never travels in the clear, and can hand the authority on; who does not is refused.
func TestHTTPSOutOfTheBox(t *testing.T) {
	data := folder(t)
	if code, _, errs := program(t, "a long password\n", "user", "create", "--data", data, "--account", "chief", "--role", "administrator",
		"--area", "440304", "--password-stdin"); code != 0 {
		t.Fatal(errs)
	}
	s := startServer(t, "--data", data, "--tls", "auto", "--tls-host", "map.district.example")
	ca, err := os.ReadFile(filepath.Join(data, "tls", "ca.crt"))
	if err != nil || !strings.HasPrefix(s.ready.Address, "https://") {
		t.Fatal(s.ready.Address, err)
	}
	client, config := trusting(t, ca)
	res, _ := send(t, client, http.MethodGet, s.ready.Address+"/healthz", "")
	if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
		t.Errorf("over %s: %d", res.Proto, res.StatusCode)
	}
	if got := res.Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("an own authority locks browsers out by %q", got)
	}
	res, served := send(t, client, http.MethodGet, s.ready.Address+"/ca.crt", "")
	if served != string(ca) || res.Header.Get("Content-Type") != "application/x-x509-ca-cert" {
		t.Errorf("/ca.crt: %d %s", res.StatusCode, served)
	}
	res, body := send(t, client, http.MethodPost, s.ready.Address+"/api/v1/session", `{"account":"chief","password":"a long password"}`,
		"Content-Type", "application/json")
	if cookie := res.Header.Get("Set-Cookie"); res.StatusCode != http.StatusCreated || !strings.Contains(cookie, "; Secure") {
		t.Errorf("sign in: %d %q %s", res.StatusCode, cookie, body)
	}
	stranger := &http.Transport{DisableKeepAlives: true}
	if res, err := (&http.Client{Transport: stranger}).Get(s.ready.Address + "/healthz"); err == nil {
		_ = res.Body.Close()
		t.Error("who trusts nobody was served")
	}
	config.ServerName = "map.district.example"
	conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.ready.Address, "https://"))
	if err != nil {
		t.Fatalf("by the name that was added: %v", err)
	}
	_ = conn.Close()
}

// WebSockets pass through the same listener that offers HTTP/2: browsers open them over HTTP/1.1.
func TestWebSocketsOverTLS(t *testing.T) {
	dir := t.TempDir()
	source, err := certs.Open("auto", dir, nil, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !websocket.IsWebSocketUpgrade(r) {
			_, _ = fmt.Fprint(w, r.Proto)
			return
		}
		upgrader := websocket.Upgrader{}
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		if kind, message, err := c.ReadMessage(); err == nil {
			_ = c.WriteMessage(kind, message)
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serveHTTP(ctx, encryption{source}.wrap(listener), echo, slog.New(slog.DiscardHandler))
	}()
	client, config := trusting(t, source.Authority().PEM())
	if _, proto := send(t, client, http.MethodGet, "https://"+address, ""); proto != "HTTP/2.0" {
		t.Errorf("a request over %s", proto)
	}
	c, res, err := (&websocket.Dialer{TLSClientConfig: config}).DialContext(t.Context(), "wss://"+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	err = c.WriteMessage(websocket.TextMessage, []byte("网格"))
	if _, message, errRead := c.ReadMessage(); err != nil || errRead != nil || string(message) != "网格" {
		t.Errorf("echo: %q, %v, %v", message, err, errRead)
	}
	_ = c.Close()
	client.CloseIdleConnections()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Behind a proxy the server stays plain; a request that came to the proxy by HTTPS gets a cookie to match. The
// operator's own certificate comes with the promise to stay on HTTPS.
func TestProxyAndOwnCertificate(t *testing.T) {
	data := folder(t)
	if code, _, errs := program(t, "a long password\n", "user", "create", "--data", data, "--account", "chief", "--role", "administrator",
		"--area", "440304", "--password-stdin"); code != 0 {
		t.Fatal(errs)
	}
	s := startServer(t, "--data", data, "--tls", "off")
	plain := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for proto, secure := range map[string]bool{"https": true, "http": false, "": false} {
		res, body := send(t, plain, http.MethodPost, s.ready.Address+"/api/v1/session", `{"account":"chief","password":"a long password"}`,
			"Content-Type", "application/json", "X-Forwarded-Proto", proto)
		if cookie := res.Header.Get("Set-Cookie"); res.StatusCode != http.StatusCreated || strings.Contains(cookie, "; Secure") != secure {
			t.Errorf("forwarded from %q: %d %q %s", proto, res.StatusCode, cookie, body)
		}
	}
	if res, _ := send(t, plain, http.MethodGet, s.ready.Address+"/ca.crt", ""); res.Header.Get("Content-Type") == "application/x-x509-ca-cert" {
		t.Error("there is no authority to hand out")
	}
	s.stop()
	if code := <-s.ended; code != 0 {
		t.Fatal(s.errs.String())
	}
	s.ended <- 0
	own := filepath.Join(t.TempDir(), "own")
	source, err := certs.Open("auto", own, nil, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s = startServer(t, "--data", data, "--tls", filepath.Join(own, "server.crt")+","+filepath.Join(own, "server.key"))
	client, _ := trusting(t, source.Authority().PEM())
	if res, _ := send(t, client, http.MethodGet, s.ready.Address+"/healthz", ""); res.Header.Get("Strict-Transport-Security") == "" {
		t.Error("an operator's certificate comes without Strict-Transport-Security")
	}
	if code, _, errs := program(t, "", "serve", "--data", folder(t), "--tls", "/none.crt,/none.key"); code != 1 || !strings.Contains(errs, "certificate") {
		t.Errorf("missing files: exit %d, %q", code, errs)
	}
}

// What the program prints is the fingerprint of what it serves.
func TestFingerprintIsOfTheServedAuthority(t *testing.T) {
	dir := t.TempDir()
	source, err := certs.Open("auto", dir, nil, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	encryption{source}.trust(&console{Context: t.Context(), stdout: &out}, "https://h")
	block, _ := pem.Decode(source.Authority().PEM())
	if block == nil || !strings.Contains(out.String(), source.Authority().Fingerprint()) || !strings.Contains(out.String(), "https://h/ca.crt") {
		t.Errorf("prints %q", out.String())
	}
}
