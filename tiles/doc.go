// Package tiles projects the live picture as Mapbox vector tiles: tilesets made of recipes, drawn from memory, kept
// compressed as long as nothing in them changed, described by TileJSON. A tile holds what its reader's area code covers
// and nothing else; the code decides, never the geometry. It never asks the database, and knows layers and fields but
// no business noun.
//
// A Cache is safe for concurrent use. From here bytes go to the HTTP surface.
package tiles
