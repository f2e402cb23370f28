// Package source reads the files users bring: GeoJSON, newline-delimited GeoJSON, CSV, zipped Shapefile and
// GeoPackage, recognised by their content, never by the name alone. Every reader streams: its memory is that of one
// feature, whatever the size of the file. A row that cannot be read carries its own error and the rows after it still
// come; only a file that is broken as a whole ends the reading. Coordinates are handed on exactly as they stand in the
// file, in whatever system that is. It never touches the database and knows no place's meaning.
//
// A Reader belongs to one goroutine.
package source
