// Package pmtiles reads and writes PMTiles archives of version 3: a pyramid of tiles in one file, found through
// directories ordered along a Hilbert curve. It knows files and bytes and nothing of what is in a tile.
//
// A Reader is safe for concurrent use and believes nothing that a file says of itself without checking it; a Writer
// belongs to one goroutine. Format: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
package pmtiles
