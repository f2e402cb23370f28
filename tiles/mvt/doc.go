// Package mvt encodes Mapbox vector tiles, version 2.1, straight from quantised shapes: coordinates are shifted and
// subtracted from world to tile units, clipped only where they cross the buffered edge, and written as they come;
// no geometry is built in between. The same features in the same order give the same bytes. It knows nothing of what
// the features are.
//
// An Encoder belongs to one goroutine at a time and is made to be reused.
package mvt
