package feed

import (
	"slices"
	"time"

	"github.com/jackc/pglogrepl"

	"github.com/gridweave/gridweave/realtime/position"
)

// Op is what happened to a row.
type Op byte

// The operations. Truncate comes without values and means every row of the table.
const (
	Insert   Op = 'I'
	Update   Op = 'U'
	Delete   Op = 'D'
	Truncate Op = 'T'
)

// Transaction is one commit: its changes in the order they were made.
type Transaction struct {
	Epoch  string
	Commit uint64 // LSN of the commit record: the position of each change is (Epoch, Commit, Row.Index)
	End    uint64 // LSN behind it: everything up to here is known once the transaction is applied
	Time   time.Time
	Rows   []Row
}

// Position is what a picture reflects once it has applied the transaction.
func (t Transaction) Position() position.Position {
	return position.Position{Epoch: t.Epoch, LSN: t.End}
}

// Row is one change to one row. A delete has its key's columns only.
type Row struct {
	Table string
	Op    Op
	Index uint32 // ordinal in the transaction, counted over every change, published or not skipped by anybody
	rel   *relation
	cells []pglogrepl.TupleDataColumn
	// key holds the old key where an update changed it.
	key []pglogrepl.TupleDataColumn
	// before is the row as it was, where the table's triggers tell.
	before Before
}

// relation is a table's columns as the log described them last.
type relation struct {
	table   string
	columns []string
}

// Text gives a column's value in PostgreSQL's text form. known is false where the log does not carry it: a large
// value that did not change, a column that is no part of a deleted row's key, or no column at all.
func (r Row) Text(column string) (value string, null, known bool) { return r.cell(r.cells, column) }

// OldKey gives a key column's value before an update that changed it; known is false for every other row. A table that
// logs whole old rows (REPLICA IDENTITY FULL) names its key also where it stays.
func (r Row) OldKey(column string) (value string, known bool) {
	value, _, known = r.cell(r.key, column)
	if now, _, told := r.Text(column); told && now == value {
		return "", false
	}
	return value, known
}

func (r Row) cell(cells []pglogrepl.TupleDataColumn, column string) (value string, null, known bool) {
	if r.rel == nil {
		return "", false, false
	}
	i := slices.Index(r.rel.columns, column)
	if i < 0 || i >= len(cells) {
		return "", false, false
	}
	switch cells[i].DataType {
	case pglogrepl.TupleDataTypeNull:
		return "", true, true
	case pglogrepl.TupleDataTypeText:
		return string(cells[i].Data), false, true
	default:
		return "", false, false // unchanged large value
	}
}

// Has tells whether the table has the column, as the log described it.
func (r Row) Has(column string) bool { return r.rel != nil && slices.Contains(r.rel.columns, column) }
