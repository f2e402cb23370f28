// Package area owns the areas (网格区划) that govern: districts, streets, communities and grids with their outlines,
// their history and the codes other offices know them by. It reads; borders change through the importer, as one
// versioned step. Of the areas above one's own, names and outlines can be read and nothing else.
//
// A Service is safe for concurrent use.
package area
