package ogc

// Operation is one path of the interface.
type operation struct{ path, summary, media string }

func operations() []operation {
	const quad = "/tiles/" + WebMercatorQuad
	const tile = quad + "/{tileMatrix}/{tileRow}/{tileCol}"
	return []operation{
		{"", "Landing page", JSON},
		{"/conformance", "What the service conforms to", JSON},
		{"/collections", "Layers", JSON},
		{"/collections/{collectionId}", "A layer", JSON},
		{"/collections/{collectionId}/items", "Features of a layer", GeoJSON},
		{"/collections/{collectionId}/tiles", "Tilesets of a layer", JSON},
		{"/collections/{collectionId}" + quad, "The tileset of a layer", JSON},
		{"/collections/{collectionId}" + tile, "A tile of a layer", MVT},
		{"/tiles", "Tilesets of all layers", JSON},
		{quad, "The tileset of all layers", JSON},
		{tile, "A tile of all layers", MVT},
		{"/tileMatrixSets", "Tile matrix sets", JSON},
		{"/tileMatrixSets/" + WebMercatorQuad, "How tiles divide the world", JSON},
	}
}

// Interface is the service's OpenAPI 3.0 document.
func (s Service) Interface(version string) map[string]any {
	paths := map[string]any{}
	for _, o := range operations() {
		paths["/"+trimSlash(o.path)] = map[string]any{"get": o.describe()}
	}
	return map[string]any{
		"openapi": "3.0.3",
		"info":    map[string]any{"title": s.Landing().Title, "description": s.Landing().Description, "version": version},
		"servers": []any{map[string]any{"url": s.Base}},
		"paths":   paths,
		"components": map[string]any{"securitySchemes": map[string]any{
			"bearer": map[string]any{"type": "http", "scheme": "bearer"},
		}},
		"security": []any{map[string]any{"bearer": []any{}}},
	}
}

func trimSlash(path string) string {
	if path == "" {
		return ""
	}
	return path[1:]
}

func (o operation) describe() map[string]any {
	parameters := []any{}
	for _, name := range placeholders(o.path) {
		kind := "integer"
		if name == "collectionId" {
			kind = "string"
		}
		parameters = append(parameters, map[string]any{
			"name": name, "in": "path", "required": true, "schema": map[string]any{"type": kind},
		})
	}
	formats := []any{"json", "html"}
	if o.media == GeoJSON {
		formats = formats[:1]
		for _, p := range [][2]string{{"limit", "integer"}, {"bbox", "string"}, {"after", "integer"}} {
			parameters = append(parameters, map[string]any{"name": p[0], "in": "query", "schema": map[string]any{"type": p[1]}})
		}
	}
	answers := map[string]any{
		"200": map[string]any{"description": o.summary, "content": map[string]any{o.media: map[string]any{}}},
		"401": map[string]any{"description": "No account is signed in"},
		"404": map[string]any{"description": "There is no such thing"},
	}
	if o.media == MVT {
		formats = []any{"mvt"}
		answers["204"] = map[string]any{"description": "Nothing is in this tile"}
	}
	parameters = append(parameters, map[string]any{
		"name": "f", "in": "query", "schema": map[string]any{"type": "string", "enum": formats},
	})
	return map[string]any{"summary": o.summary, "parameters": parameters, "responses": answers}
}

// placeholders are the names in braces.
func placeholders(path string) []string {
	var names []string
	start := -1
	for i, c := range path {
		switch {
		case c == '{':
			start = i + 1
		case c == '}' && start >= 0:
			names = append(names, path[start:i])
			start = -1
		}
	}
	return names
}
