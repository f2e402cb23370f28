// Package mvttest reads a vector tile as strictly as the specification (Mapbox Vector Tile 2.1) lets one, by means of its
// own, and says which rule it breaks. Nothing but tests may import it.
package mvttest
