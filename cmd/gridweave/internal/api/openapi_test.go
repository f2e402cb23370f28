package api_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the served OpenAPI document for the front end")

// The front end's client is generated from this file; it must be what the server serves.
const document = "../../../../frontend/openapi.json"

func TestFrontEndKnowsTheAPI(t *testing.T) {
	s := newSurface(t)
	_, body := s.do(t, http.MethodGet, "/api/openapi.json", "", "")
	var served, kept map[string]any
	if err := json.Unmarshal(body, &served); err != nil {
		t.Fatal(err)
	}
	if *update {
		pretty, err := json.MarshalIndent(served, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(document, append(pretty, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	for _, doc := range []map[string]any{served, kept} {
		doc["info"].(map[string]any)["version"] = "" // of the build
	}
	if diff := cmp.Diff(kept, served); diff != "" {
		t.Errorf("frontend/openapi.json is not what is served: run `go test ./cmd/gridweave/internal/api -run FrontEnd -update`, then `npm run api` in frontend (-kept +served):\n%s", diff)
	}
}
