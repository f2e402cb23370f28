package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/realtime/wire"
)

// asyncSchemas is where the document keeps its schemas.
const asyncSchemas = "#/components/schemas/"

// asyncAPI describes the stream (AsyncAPI 3.0.0), made of the same Go types that are sent.
func asyncAPI(version string) (map[string]any, huma.Registry) {
	registry := huma.NewMapRegistry(asyncSchemas, huma.DefaultSchemaNamer)
	client := asyncMessages(registry, wire.ClientMessages())
	server := asyncMessages(registry, wire.ServerMessages())
	describeItems(registry)
	return map[string]any{
		"asyncapi": "3.0.0",
		"info": map[string]any{
			"title": "Gridweave stream", "version": version,
			"description": "Live changes of a district over a WebSocket (subprotocol " + wire.Subprotocol +
				"): JSON in text frames. GET /events gives the server's messages of one subscription as Server-Sent Events.",
		},
		"channels": map[string]any{"stream": map[string]any{
			"address": "/stream", "messages": references(client, server),
			"bindings": map[string]any{"ws": map[string]any{"method": "GET", "query": map[string]any{
				"type": "object", "properties": map[string]any{"pace": map[string]any{
					"type": "string", "enum": []string{"wall", "phone"},
					"description": "Be written to at most 20 or 4 times a second; at once where left out.",
				}},
			}}},
		}},
		"operations": map[string]any{
			"hear": operation("receive", client),
			"tell": operation("send", server),
		},
		"components": map[string]any{
			"messages": merged(client, server), "schemas": registry.Map(),
			"securitySchemes": map[string]any{
				"session": map[string]any{"type": "httpApiKey", "in": "cookie", "name": cookieName},
				"bearer":  map[string]any{"type": "http", "scheme": "bearer"},
			},
		},
		"x-close-codes": closeCodes(),
	}, registry
}

// asyncMessages describes messages by their names on the wire; each payload says its type.
func asyncMessages(registry huma.Registry, all []wire.Message) map[string]any {
	messages := map[string]any{}
	for _, m := range all {
		name := wire.Type(m)
		ref := registry.Schema(reflect.TypeOf(m), true, "")
		schema := registry.SchemaFromRef(ref.Ref)
		schema.Properties["type"] = &huma.Schema{Type: huma.TypeString, Enum: []any{name}}
		schema.Required = append([]string{"type"}, schema.Required...)
		messages[name] = map[string]any{"name": name, "contentType": "application/json", "payload": ref}
	}
	return messages
}

// describeItems says what an item's data is, by topic.
func describeItems(registry huma.Registry) {
	shapes := topics.Shapes()
	item := registry.SchemaFromRef(registry.Schema(reflect.TypeFor[wire.Item](), true, "").Ref)
	item.Properties["topic"].Enum = nil
	data := &huma.Schema{}
	for _, topic := range slices.Sorted(maps.Keys(shapes)) {
		hint := strings.ToUpper(topic[:1]) + topic[1:] + "Data"
		schema := huma.SchemaFromType(registry, reflect.TypeOf(shapes[topic]))
		registry.Map()[hint] = schema
		data.AnyOf = append(data.AnyOf, &huma.Schema{Ref: asyncSchemas + hint})
		item.Properties["topic"].Enum = append(item.Properties["topic"].Enum, topic)
	}
	item.Properties["data"] = data
	for _, kind := range []wire.Kind{wire.Present, wire.Added, wire.Changed, wire.Removed, wire.Enter, wire.Left} {
		item.Properties["kind"].Enum = append(item.Properties["kind"].Enum, string(kind))
	}
}

func references(sets ...map[string]any) map[string]any {
	refs := map[string]any{}
	for name := range merged(sets...) {
		refs[name] = map[string]any{"$ref": "#/components/messages/" + name}
	}
	return refs
}

func operation(action string, messages map[string]any) map[string]any {
	refs := make([]any, 0, len(messages))
	for _, name := range slices.Sorted(maps.Keys(messages)) {
		refs = append(refs, map[string]any{"$ref": "#/channels/stream/messages/" + name})
	}
	return map[string]any{"action": action, "channel": map[string]any{"$ref": "#/channels/stream"}, "messages": refs}
}

func merged(sets ...map[string]any) map[string]any {
	all := map[string]any{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}

func closeCodes() []map[string]any {
	var codes []map[string]any
	for _, n := range wire.CloseCodes() {
		codes = append(codes, map[string]any{"code": int(n.Code), "name": n.Name, "reconnect": n.Code.Reconnect()})
	}
	return codes
}

// registerAsyncAPI serves the description of the stream beside that of REST.
func registerAsyncAPI(mux *http.ServeMux, d Deps) {
	mux.HandleFunc("GET /api/asyncapi.json", func(w http.ResponseWriter, r *http.Request) {
		described, _ := asyncAPI(d.Version)
		doc, err := json.MarshalIndent(described, "", "  ")
		if err != nil {
			writeProblem(w, r, d.Log, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(doc) // the client may be gone
	})
}
