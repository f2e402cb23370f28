package account

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/realtime/rows"
)

// Tables that the directory follows; the publication leaves out of each what is nobody's business there.
const (
	accountTable = "account"
	tokenTable   = "token"
	sessionTable = "session"
)

// Sources implements rows.Keeper. Accounts come first: a snapshot is taken in this order.
func (d *Directory) Sources() []rows.Source {
	return []rows.Source{
		{Table: accountTable, Columns: []string{"id", "name", "role", "code", "department", "active"}},
		{Table: tokenTable, Columns: []string{"id", "account_id", "hash", "expires_at", "revoked_at"}},
		{Table: sessionTable, Columns: []string{"token", "account_id", "expires_at"}},
	}
}

// change takes one row and tells which accounts it concerns.
func (d *Directory) change(c rows.Change) (touched []int64, err error) {
	switch c.Table {
	case accountTable:
		touched, err = d.changeAccount(c)
	case tokenTable:
		touched, err = d.changeToken(c)
	case sessionTable:
		touched, err = d.changeSession(c)
	default:
		err = fmt.Errorf("no such source")
	}
	if err != nil {
		return nil, fmt.Errorf("directory %s: %w", c.Table, err)
	}
	return touched, nil
}

func (d *Directory) changeAccount(c rows.Change) ([]int64, error) {
	id, err := strconv.ParseInt(c.Key, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("id: %w", err)
	}
	if c.Row == nil {
		delete(d.accounts, id)
		return []int64{id}, nil
	}
	before := d.accounts[id]
	e := before
	e.ID = id
	set := func(column string, to *string) {
		if text, _, known := c.Row.Text(column); known {
			*to = text
		}
	}
	role, code := string(e.Role), string(e.Scope)
	set("name", &e.Name)
	set("role", &role)
	set("code", &code)
	set("department", &e.Department)
	e.Role, e.Scope = Role(role), geo.Code(code)
	if text, _, known := c.Row.Text("active"); known {
		e.active = text == "t"
	}
	d.accounts[id] = e
	if e == before {
		return nil, nil // a new name to show, a new password: nothing that is kept here
	}
	return []int64{id}, nil
}

func (d *Directory) changeToken(c rows.Change) ([]int64, error) {
	before, known := d.tokens[c.Key]
	var touched []int64
	if known {
		touched = d.withdraw(before)
		delete(d.tokens, c.Key)
	}
	if c.Row == nil {
		return touched, nil
	}
	credential := Credential{kind: bearer}
	text, _, _ := c.Row.Text("hash")
	if err := decodeHash(&credential, strings.TrimPrefix(text, `\x`), hex.DecodeString); err != nil {
		return nil, fmt.Errorf("row %s: %w", c.Key, err)
	}
	_, null, told := c.Row.Text("revoked_at")
	added, err := d.grant(credential, c.Row, told && !null)
	if err != nil {
		return nil, err
	}
	d.tokens[c.Key] = credential
	return append(touched, added...), nil
}

func (d *Directory) changeSession(c rows.Change) ([]int64, error) {
	credential := Credential{kind: cookie}
	if err := decodeHash(&credential, c.Key, base64.RawURLEncoding.DecodeString); err != nil {
		return nil, nil //nolint:nilerr // no hash of ours, so no cookie can ever match it
	}
	touched := d.withdraw(credential)
	if c.Row == nil {
		return touched, nil
	}
	added, err := d.grant(credential, c.Row, false)
	return append(touched, added...), err
}

func decodeHash(into *Credential, text string, decode func(string) ([]byte, error)) error {
	hash, err := decode(text)
	if err == nil && len(hash) != len(into.hash) {
		err = fmt.Errorf("%d bytes, want %d", len(hash), len(into.hash))
	}
	copy(into.hash[:], hash)
	return err
}

// withdraw forgets a credential and tells whose it was.
func (d *Directory) withdraw(c Credential) []int64 {
	g, known := d.grants[c]
	if !known {
		return nil
	}
	delete(d.grants, c)
	return []int64{g.account}
}

// grant remembers what a row gives; a session that nobody has signed in to gives nothing.
func (d *Directory) grant(c Credential, r rows.Row, revoked bool) ([]int64, error) {
	text, null, _ := r.Text("account_id")
	if null {
		return nil, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("account_id: %w", err)
	}
	g := grant{account: id, revoked: revoked}
	if text, null, known := r.Text("expires_at"); known && !null {
		g.until = parseTime(text)
	}
	d.grants[c] = g
	return []int64{id}, nil
}

// parseTime reads a timestamptz as PostgreSQL prints it in ISO style; 'infinity' is the zero time, which means never.
// What cannot be read is long ago: such a credential is no reason to stop the feed, and must not be valid for ever.
func parseTime(text string) time.Time {
	if text == "infinity" {
		return time.Time{}
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Unix(0, 0)
}
