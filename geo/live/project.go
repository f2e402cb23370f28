package live

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gridweave/gridweave/geo"
)

// Projection says how the rows of a table become features of a layer. Several tables may feed one layer: one owns the
// features, the others only fill in values under the same id.
type Projection struct {
	Table string
	Layer string
	// Owns says that the feature goes when the row goes; otherwise only the row's values return to zero.
	Owns bool
	Key  string // column of the feature's id, a whole number
	Code string // column of the area code, "" for none
	Geom string // column of the geometry in EPSG:4326, "" for none
	Nums []NumColumn
	// Texts are columns kept as they are.
	Texts []TextColumn
	// Except and Recent narrow which rows are features; nil takes every row. Columns that may be stored out of line
	// (long geometries) do not go with them: a row that comes back does not carry what it kept unchanged.
	Except *Except
	Recent *Recent
}

// NumColumn fills a numeric field. Parse gives the number for PostgreSQL's text form; NULL is 0 without asking it.
type NumColumn struct {
	Column string
	Field  int
	Parse  func(text string) (uint32, error)
}

// TextColumn fills a text field; NULL is "".
type TextColumn struct {
	Column string
	Field  int
}

// Row is a row as the log or a query gives it, in PostgreSQL's text form.
type Row interface {
	// Text gives a column's value; known is false where the row does not carry it.
	Text(column string) (value string, null, known bool)
}

// Columns lists what the projection reads, the key first.
func (p Projection) Columns() []string {
	columns := []string{p.Key}
	if p.Code != "" {
		columns = append(columns, p.Code)
	}
	if p.Geom != "" {
		columns = append(columns, p.Geom)
	}
	for _, n := range p.Nums {
		columns = append(columns, n.Column)
	}
	for _, t := range p.Texts {
		columns = append(columns, t.Column)
	}
	if p.Except != nil && !slices.Contains(columns, p.Except.Column) {
		columns = append(columns, p.Except.Column)
	}
	return columns
}

// Put is the change that makes the row visible, or makes its new values visible, or takes the feature away where the
// projection leaves such rows out. Columns that the row does not carry keep the feature's value.
func (p Projection) Put(r Row) (Change, error) {
	id, err := p.id(r)
	if err != nil {
		return Change{}, err
	}
	if value, hidden := p.Except.hides(r); hidden {
		c := p.drop(id)
		c.Final = value
		return c, nil
	}
	c := Change{Layer: p.Layer, ID: id}
	if code, _, known := r.Text(p.Code); known {
		c.Code = geo.Code(code)
	}
	if hexEWKB, null, known := r.Text(p.Geom); known && !null {
		if c.Shape, err = shapeOf(hexEWKB); err != nil {
			return Change{}, fmt.Errorf("project %s %d: %w", p.Table, id, err)
		}
	}
	for _, n := range p.Nums {
		text, null, known := r.Text(n.Column)
		if !known {
			continue
		}
		value := uint32(0)
		if !null {
			if value, err = n.Parse(text); err != nil {
				return Change{}, fmt.Errorf("project %s %d: %s: %w", p.Table, id, n.Column, err)
			}
		}
		c.Nums = append(c.Nums, Num{n.Field, value})
	}
	for _, t := range p.Texts {
		if text, _, known := r.Text(t.Column); known {
			c.Texts = append(c.Texts, Text{t.Field, text})
		}
	}
	return c, nil
}

// Drop is the change for a row that went, by its key.
func (p Projection) Drop(r Row) (Change, error) {
	id, err := p.id(r)
	if err != nil {
		return Change{}, err
	}
	return p.drop(id), nil
}

// DropKey is Drop for the key that a row had before an update changed it.
func (p Projection) DropKey(key string) (Change, error) {
	id, err := parseID(key)
	if err != nil {
		return Change{}, fmt.Errorf("project %s: %w", p.Table, err)
	}
	return p.drop(id), nil
}

func (p Projection) drop(id uint64) Change {
	// The owner's row may have gone just before, and the feature with it.
	c := Change{Layer: p.Layer, ID: id, Gone: p.Owns, IfThere: true}
	if !p.Owns {
		for _, n := range p.Nums {
			c.Nums = append(c.Nums, Num{n.Field, 0})
		}
		for _, t := range p.Texts {
			c.Texts = append(c.Texts, Text{t.Field, ""})
		}
	}
	return c
}

func (p Projection) id(r Row) (uint64, error) {
	key, _, known := r.Text(p.Key)
	if !known {
		return 0, fmt.Errorf("project %s: the row has no %s", p.Table, p.Key)
	}
	id, err := parseID(key)
	if err != nil {
		return 0, fmt.Errorf("project %s: %w", p.Table, err)
	}
	return id, nil
}

// parseID reads a key as the feature's id.
func parseID(key string) (uint64, error) {
	id, err := strconv.ParseUint(key, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("key %q: %w", key, err)
	}
	return id, nil
}

func shapeOf(hexEWKB string) (*Shape, error) {
	raw, err := hex.DecodeString(hexEWKB)
	if err != nil {
		return nil, fmt.Errorf("geometry: %w", err)
	}
	s, err := QuantiseEWKB(raw)
	return &s, err
}

// ParseUint reads a whole number from 0; a larger one than fits stays at the largest.
func ParseUint(text string) (uint32, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	return uint32(min(n, 1<<32-1)), err
}

// ParseRounded reads a decimal number and rounds it, halves to the even side as PostgreSQL does.
func ParseRounded(text string) (uint32, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 {
		return 0, err
	}
	return uint32(min(math.RoundToEven(f), 1<<32-1)), nil
}

// ParseOneOf numbers the given words from 1; a word that is not among them is an error, since a map that shows it as
// something else would lie.
func ParseOneOf(words ...string) func(string) (uint32, error) {
	return func(text string) (uint32, error) {
		for i, w := range words {
			if w == text {
				return uint32(i + 1), nil
			}
		}
		return 0, fmt.Errorf("%q is none of %s", text, strings.Join(words, ", "))
	}
}
