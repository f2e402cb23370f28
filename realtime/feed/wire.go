package feed

import (
	"slices"

	"github.com/jackc/pglogrepl"
)

// Wire is a row as it travels between servers: columns by name in PostgreSQL's text form, null where they are NULL,
// absent where the log did not carry them.
type Wire struct {
	Table string             `json:"table"`
	Op    string             `json:"op"` // I, U, D, T: see Op
	Index uint32             `json:"index"`
	Row   map[string]*string `json:"row,omitempty"`
	Old   map[string]*string `json:"old,omitempty"` // the key before an update that changed it
	// Before is the row as it was, of tables that tell. Where it had another code it is left out: the change travels by
	// its new code, to whom the old one is none of their business.
	Before Before `json:"before,omitempty"`
}

// Wire gives the row as it travels.
func (r Row) Wire() Wire {
	w := Wire{Table: r.Table, Op: string(r.Op), Index: r.Index, Row: r.named(r.cells, r.Op == Delete), Old: r.named(r.key, true), Before: r.before}
	if code, _, known := r.Text("code"); known && r.before != nil && r.Op == Update {
		if was, _, _ := r.before.Text("code"); was != code {
			w.Before = nil
		}
	}
	return w
}

// named gives values by column. Where only the key is carried, every other column comes as NULL, which it is not.
func (r Row) named(cells []pglogrepl.TupleDataColumn, keyOnly bool) map[string]*string {
	named := map[string]*string{}
	for i, c := range cells {
		switch c.DataType {
		case pglogrepl.TupleDataTypeNull:
			if !keyOnly {
				named[r.rel.columns[i]] = nil
			}
		case pglogrepl.TupleDataTypeText:
			text := string(c.Data)
			named[r.rel.columns[i]] = &text
		}
	}
	return named
}

// Unwire is the row that travelled.
func (w Wire) Unwire() Row {
	r := Row{Table: w.Table, Index: w.Index, rel: &relation{table: w.Table}, before: w.Before}
	if len(w.Op) == 1 {
		r.Op = Op(w.Op[0])
	}
	for name := range w.Row {
		r.rel.columns = append(r.rel.columns, name)
	}
	for name := range w.Old {
		if _, there := w.Row[name]; !there {
			r.rel.columns = append(r.rel.columns, name)
		}
	}
	slices.Sort(r.rel.columns)
	r.cells, r.key = r.rel.cells(w.Row), r.rel.cells(w.Old)
	return r
}

// cells puts values into the relation's order; what is absent is as if it had not changed.
func (r *relation) cells(named map[string]*string) []pglogrepl.TupleDataColumn {
	if len(named) == 0 {
		return nil
	}
	cells := make([]pglogrepl.TupleDataColumn, len(r.columns))
	for i, name := range r.columns {
		value, there := named[name]
		switch {
		case !there:
			cells[i].DataType = pglogrepl.TupleDataTypeToast
		case value == nil:
			cells[i].DataType = pglogrepl.TupleDataTypeNull
		default:
			cells[i].DataType, cells[i].Data = pglogrepl.TupleDataTypeText, []byte(*value)
		}
	}
	return cells
}
