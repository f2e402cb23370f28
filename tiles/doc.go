// Package tiles projects the district as Mapbox vector tiles (MVT 2.1): the tilesets areas, buildings and base, their
// TileJSON, their layers by zoom. A tile holds what its reader's area code covers and nothing else; the code decides,
// never the geometry. Nothing personal is ever in a tile.
//
// Tiles are read straight from PostGIS at present, in a transaction that carries the reader's scope. A Source is safe
// for concurrent use.
package tiles
