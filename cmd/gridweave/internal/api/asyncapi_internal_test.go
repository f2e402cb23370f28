package api

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/tilesets"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Every example of ARCHITECTURE.md is valid under the document, and the document has every message, topic and code.
func TestAsyncAPI(t *testing.T) {
	doc, registry := asyncAPI("test")
	messages := doc["components"].(map[string]any)["messages"].(map[string]any)
	for _, schema := range registry.Map() {
		schema.PrecomputeMessages()
	}
	for _, m := range append(wire.ClientMessages(), wire.ServerMessages()...) {
		if _, ok := messages[wire.Type(m)]; !ok {
			t.Errorf("%q is not described", wire.Type(m))
		}
	}
	shapes := topics.Shapes()
	for _, topic := range topics.All(tilesets.All(), tilesets.Layers()...) {
		if _, ok := shapes[topic.Name]; !ok {
			t.Errorf("topic %q has no shape", topic.Name)
		}
		delete(shapes, topic.Name)
	}
	if len(shapes) > 0 {
		t.Errorf("shapes of no topic: %v", shapes)
	}
	architecture, err := os.ReadFile("../../../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for _, block := range regexp.MustCompile("(?s)```stream\n(.*?)```").FindAllStringSubmatch(string(architecture), -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			if message, said := strings.CutPrefix(strings.TrimLeft(line, "<>"), " {"); said {
				examples++
				validate(t, registry, messages, "{"+message)
			}
		}
	}
	if examples < 20 {
		t.Errorf("%d examples", examples)
	}
}

func validate(t *testing.T, registry huma.Registry, messages map[string]any, line string) {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(line), &value); err != nil {
		t.Fatal(err)
	}
	name, _ := value["type"].(string)
	payload := messages[name].(map[string]any)["payload"].(*huma.Schema)
	result := &huma.ValidateResult{}
	huma.Validate(registry, registry.SchemaFromRef(payload.Ref), huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, result)
	for _, err := range result.Errors {
		t.Errorf("%s: %v", line, err)
	}
}
