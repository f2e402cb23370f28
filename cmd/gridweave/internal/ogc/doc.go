// Package ogc writes the documents of OGC API Tiles 1.0 about our tilesets: landing page, conformance, collections (one
// for each layer of our tiles), tilesets, and the tile matrix set WebMercatorQuad. It only describes: who is asking and
// what may be told is decided where it is called from, and tiles come from package tiles.
//
// Values are fresh at every call.
package ogc
