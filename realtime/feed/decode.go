package feed

import (
	"fmt"

	"github.com/jackc/pglogrepl"

	"github.com/gridweave/gridweave/realtime/rows"
)

// decoder turns the log's messages into transactions.
type decoder struct {
	epoch             string
	maxRows, maxBytes int
	needs             map[string]rows.Source
	relations         map[uint32]*relation
	current           *Transaction
	index             uint32
	bytes             int               // of the current transaction
	befores           map[rowKey]before // of the current transaction, until the row's change comes
	keys              map[string]string // the key's column of the tables whose rows are told as they were
}

func newDecoder(epoch string, cfg Config) *decoder {
	d := &decoder{
		epoch: epoch, maxRows: cfg.MaxRows, maxBytes: cfg.MaxBytes, needs: map[string]rows.Source{}, relations: map[uint32]*relation{},
		keys: map[string]string{},
	}
	for _, n := range cfg.Needs {
		d.needs[n.Table] = n
	}
	return d
}

// message takes one message and gives the transaction that it completes, if it does.
func (d *decoder) message(data []byte) (*Transaction, error) {
	m, err := pglogrepl.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("decode log message: %w", err)
	}
	d.bytes += len(data)
	switch m := m.(type) {
	case *pglogrepl.RelationMessage:
		return nil, d.describe(m)
	case *pglogrepl.BeginMessage:
		d.index, d.bytes, d.befores = 0, 0, nil
		d.current = &Transaction{Epoch: d.epoch, Commit: uint64(m.FinalLSN), Time: m.CommitTime}
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
	case *pglogrepl.LogicalDecodingMessage:
		return nil, d.remember(m)
	case *pglogrepl.CommitMessage:
		t := d.current
		t.End = uint64(m.TransactionEndLSN)
		d.current = nil
		return t, nil
	}
	return nil, nil //nolint:nilnil // most messages complete nothing
}

// describe keeps what the log says of a table before its first change and after each change of its columns.
func (d *decoder) describe(m *pglogrepl.RelationMessage) error {
	r := &relation{table: m.RelationName}
	for _, c := range m.Columns {
		r.columns = append(r.columns, c.Name)
	}
	d.relations[m.RelationID] = r
	if err := missing(d.needs[r.table], r.columns); err != nil {
		return fmt.Errorf("%w: %w", ErrReload, err)
	}
	return nil
}

func (d *decoder) row(op Op, id uint32, tuple, old *pglogrepl.TupleData) error {
	rel := d.relations[id]
	if rel == nil || d.current == nil {
		return fmt.Errorf("decode log message: %c of relation %d, which was not described", op, id)
	}
	if len(d.current.Rows) >= d.maxRows || d.bytes > d.maxBytes {
		return fmt.Errorf("%w: a transaction of more than %d rows or %d bytes", ErrReload, d.maxRows, d.maxBytes)
	}
	r := Row{Table: rel.table, Op: op, Index: d.index, rel: rel, cells: columnsOf(tuple), key: columnsOf(old)}
	if op == Update || op == Delete {
		r.before = d.recall(r)
	}
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
