package httpload_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench/httpload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRunCountsWhatCameBack(t *testing.T) {
	body := strings.Repeat("x", 100_000)
	handler := http.NewServeMux()
	handler.HandleFunc("/whole", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Length", "100000")
		_, _ = io.WriteString(w, body)
	})
	handler.HandleFunc("/pieces", func(w http.ResponseWriter, _ *http.Request) {
		for part := range 10 {
			_, _ = io.WriteString(w, body[part*10_000:(part+1)*10_000])
			_ = http.NewResponseController(w).Flush()
		}
	})
	handler.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	server := httptest.NewServer(handler)
	defer server.Close()
	addr := strings.TrimPrefix(server.URL, "http://")
	for path, want := range map[string]struct{ status, bytes int }{
		"/whole": {200, 100_000}, "/pieces": {200, 100_000}, "/none": {204, 0},
	} {
		request := httpload.Get(addr, path, "Authorization", "Bearer t")
		load, err := httpload.Open(t.Context(), addr, []httpload.Request{request, request}, want.status)
		if err != nil {
			t.Fatal(err)
		}
		r, err := load.Run(t.Context(), 50*time.Millisecond)
		load.Close()
		if err != nil || r.Requests < 2 || r.Bytes != int64(r.Requests*want.bytes) || len(r.Took) != r.Requests {
			t.Errorf("%s: %d requests, %d bytes, %v", path, r.Requests, r.Bytes, err)
		}
		if r.Quantile(0.5) > r.Quantile(0.99) || r.PerSecond() <= 0 {
			t.Errorf("%s: p50 %v, p99 %v, %f a second", path, r.Quantile(0.5), r.Quantile(0.99), r.PerSecond())
		}
	}
	if _, err := httpload.Open(t.Context(), addr, []httpload.Request{httpload.Get(addr, "/whole")}, 200); err == nil {
		t.Error("a refusal counted as an answer")
	}
}
