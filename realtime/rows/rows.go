// Package rows declares what is kept in memory row by row beside the picture, as the database's log tells it: what is
// asked on the way to a tile or a frame and is no feature, such as who may see what. It knows tables and columns,
// never what they mean, and holds nothing itself: a noun's Keeper does.
package rows

import "github.com/gridweave/gridweave/realtime/position"

// Row is a row as the log or a query gives it, in PostgreSQL's text form.
type Row interface {
	// Text gives a column's value; known is false where the row does not carry it: a large value that did not change.
	Text(column string) (value string, null, known bool)
}

// Source is a published table and what is read of it; its first column is its primary key.
type Source struct {
	Table   string
	Columns []string
}

// Key is the column of the primary key.
func (s Source) Key() string { return s.Columns[0] }

// Change is what happened to a row: it has the values of Row, or is gone where Row is nil.
type Change struct {
	Table string
	Key   string // of the row, in PostgreSQL's text form
	Row   Row
}

// Keeper keeps rows. A feed calls it from one goroutine; what it answers to readers is its own affair, but a reader
// sees whole transactions only.
type Keeper interface {
	// Sources says what to follow.
	Sources() []Source
	// Replace forgets everything and takes the rows of a snapshot at a position instead. Rows may be kept.
	Replace(at position.Position, all []Change) error
	// Apply takes what one transaction did to the sources, in its order.
	Apply(at position.Position, changes []Change) error
}
