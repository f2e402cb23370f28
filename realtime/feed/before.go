package feed

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pglogrepl"

	"github.com/gridweave/gridweave/realtime/rows"
)

// beforePrefix marks the messages by which triggers write into the log how a row was before the change that follows
// (migrations/0021_webhook_memory.sql).
const beforePrefix = "gridweave.before"

// before is such a message. Values are in PostgreSQL's text form, as the log has them, nil for NULL.
type before struct {
	Table string `json:"table"`
	Key   string `json:"key"` // column of the key
	Row   Before `json:"row"`
}

// Before is a row as it was before a change.
type Before map[string]*string

// Text implements rows.Row.
func (b Before) Text(column string) (value string, null, known bool) {
	v, known := b[column]
	if v == nil {
		return "", known, known
	}
	return *v, false, known
}

// Before gives the row as it was before an update or a deletion, where its table's triggers tell: every published
// column. An update of such a table without it has changed nothing that is published.
func (r Row) Before() (was rows.Row, known bool) {
	if r.before == nil {
		return nil, false
	}
	return r.before, true
}

// remember keeps what a message tells until the row's change comes.
func (d *decoder) remember(m *pglogrepl.LogicalDecodingMessage) error {
	if m.Prefix != beforePrefix || !m.Transactional || d.current == nil {
		return nil // somebody else's
	}
	var b before
	if err := json.Unmarshal(m.Content, &b); err != nil {
		return fmt.Errorf("decode log message: what was before: %w", err)
	}
	key, _, known := b.Row.Text(b.Key)
	if !known {
		return fmt.Errorf("decode log message: what was before in %s has no %s", b.Table, b.Key)
	}
	if d.befores == nil {
		d.befores = map[rowKey]before{}
	}
	d.befores[rowKey{b.Table, key}] = b
	d.keys[b.Table] = b.Key
	return nil
}

// rowKey names a row.
type rowKey struct{ table, key string }

// recall gives what was remembered of the row that changed now.
func (d *decoder) recall(r Row) Before {
	column, told := d.keys[r.Table]
	if !told || len(d.befores) == 0 {
		return nil
	}
	key, moved := r.OldKey(column)
	if !moved {
		key, _, _ = r.Text(column)
	}
	b := d.befores[rowKey{r.Table, key}]
	delete(d.befores, rowKey{r.Table, key})
	return b.Row
}
