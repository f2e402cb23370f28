package feed

import (
	"fmt"
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
}

// relation is a table's columns as the log described them last.
type relation struct {
	table   string
	columns []string
}

// Text gives a column's value in PostgreSQL's text form. known is false where the log does not carry it: a large
// value that did not change, a column that is no part of a deleted row's key, or no column at all.
func (r Row) Text(column string) (value string, null, known bool) { return r.cell(r.cells, column) }

// OldKey gives a key column's value before an update that changed it; known is false for every other row.
func (r Row) OldKey(column string) (value string, known bool) {
	value, _, known = r.cell(r.key, column)
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

// decoder turns the log's messages into transactions.
type decoder struct {
	epoch     string
	limit     int
	relations map[uint32]*relation
	current   *Transaction
	index     uint32
}

func newDecoder(epoch string, limit int) *decoder {
	return &decoder{epoch: epoch, limit: limit, relations: map[uint32]*relation{}}
}

// errTooLarge says that a transaction has more rows than a consumer is asked to hold: loading anew is cheaper.
type errTooLarge struct{ limit int }

func (e errTooLarge) Error() string {
	return fmt.Sprintf("a transaction of more than %d rows is taken over by loading anew", e.limit)
}

// message takes one message and gives the transaction that it completes, if it does.
func (d *decoder) message(data []byte) (*Transaction, error) {
	m, err := pglogrepl.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("decode log message: %w", err)
	}
	switch m := m.(type) {
	case *pglogrepl.RelationMessage:
		d.describe(m)
	case *pglogrepl.BeginMessage:
		d.current, d.index = &Transaction{Epoch: d.epoch, Commit: uint64(m.FinalLSN), Time: m.CommitTime}, 0
	case *pglogrepl.InsertMessage:
		return nil, d.row(Insert, m.RelationID, m.Tuple, nil)
	case *pglogrepl.UpdateMessage:
		return nil, d.row(Update, m.RelationID, m.NewTuple, m.OldTuple)
	case *pglogrepl.DeleteMessage:
		return nil, d.row(Delete, m.RelationID, m.OldTuple, nil)
	case *pglogrepl.TruncateMessage:
		for _, id := range m.RelationIDs {
			if err := d.row(Truncate, id, nil, nil); err != nil {
				return nil, err
			}
		}
	case *pglogrepl.CommitMessage:
		t := d.current
		t.End = uint64(m.TransactionEndLSN)
		d.current = nil
		return t, nil
	}
	return nil, nil //nolint:nilnil // most messages complete nothing
}

func (d *decoder) describe(m *pglogrepl.RelationMessage) {
	r := &relation{table: m.RelationName}
	for _, c := range m.Columns {
		r.columns = append(r.columns, c.Name)
	}
	d.relations[m.RelationID] = r
}

func (d *decoder) row(op Op, id uint32, tuple, old *pglogrepl.TupleData) error {
	rel := d.relations[id]
	if rel == nil || d.current == nil {
		return fmt.Errorf("decode log message: %c of relation %d, which was not described", op, id)
	}
	if len(d.current.Rows) >= d.limit {
		return errTooLarge{d.limit}
	}
	r := Row{Table: rel.table, Op: op, Index: d.index, rel: rel, cells: columnsOf(tuple), key: columnsOf(old)}
	d.index++
	d.current.Rows = append(d.current.Rows, r)
	return nil
}

// columnsOf copies the column headers; their data belongs to the message, which is not used again.
func columnsOf(t *pglogrepl.TupleData) []pglogrepl.TupleDataColumn {
	if t == nil {
		return nil
	}
	cells := make([]pglogrepl.TupleDataColumn, len(t.Columns))
	for i, c := range t.Columns {
		cells[i] = *c
	}
	return cells
}
