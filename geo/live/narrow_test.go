package live

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/geo"
)

func TestParseEpoch(t *testing.T) {
	for text, want := range map[string]uint32{
		"2026-11-24 22:58:42+00":        1795561122,
		"2026-11-25 06:58:42.999999+08": 1795561122,
		"2026-11-25 04:28:42.5+05:30":   1795561122,
		"1970-01-01 00:00:00+00":        0,
		"1901-01-01 08:05:43+08:05:43":  0,
		"infinity":                      1<<32 - 1,
		"-infinity":                     0,
		"2200-01-01 00:00:00+00":        1<<32 - 1,
		"2026-11-24 16:58:42.000001-06": 1795561122,
		"2026-11-24 19:28:42-03:30":     1795561122,
	} {
		got, err := ParseEpoch(text)
		if err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "24.11.2026", "2026-11-24", "tomorrow"} {
		if got, err := ParseEpoch(text); err == nil {
			t.Errorf("%q: %d and no error", text, got)
		}
	}
}

// columns is a row of text columns.
type columns map[string]string

func (c columns) Text(column string) (value string, null, known bool) {
	value, known = c[column]
	return value, false, known
}

func TestProjectionNarrows(t *testing.T) {
	p := Projection{
		Table: "case", Layer: "case", Owns: true, Key: "id", Code: "code",
		Nums:   []NumColumn{{Column: "at", Field: 0, Parse: ParseUint}},
		Except: &Except{Column: "status", Values: []string{"closed", "merged"}},
		Recent: &Recent{Field: 0, Within: time.Hour},
	}
	if diff := cmp.Diff([]string{"id", "code", "at", "status"}, p.Columns()); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	now := time.Unix(10_000, 0)
	for name, c := range map[string]struct {
		row  columns
		gone bool
	}{
		"open":                 {columns{"id": "1", "code": "4403", "at": "9000", "status": "open"}, false},
		"on the edge":          {columns{"id": "1", "code": "4403", "at": "6400", "status": "open"}, false},
		"old":                  {columns{"id": "1", "code": "4403", "at": "6399", "status": "open"}, true},
		"over":                 {columns{"id": "1", "code": "4403", "at": "9000", "status": "merged"}, true},
		"without the column":   {columns{"id": "1", "code": "4403", "at": "9000"}, false},
		"without its own time": {columns{"id": "1", "status": "open"}, false},
	} {
		change, err := p.Put(c.row)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if change = p.Timely(change, now); change.Gone != c.gone || change.ID != 1 {
			t.Errorf("%s: %+v", name, change)
		}
	}
}

func TestLayerByCode(t *testing.T) {
	s := spec()
	s.Coded = true
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	apply := func(changes ...Change) {
		t.Helper()
		if _, err := p.Apply(p.position, changes); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(want map[string]uint64) {
		t.Helper()
		got := map[string]uint64{}
		p.Read(func(layer func(string) *Layer) {
			for _, code := range []string{"4403040010010100001", "4403040010010100002", "4403040010010100003"} {
				if f, ok := layer("house").ByCode(geo.Code(code)); ok {
					got[code] = f.ID
				}
			}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	const a, b, c = "4403040010010100001", "4403040010010100002", "4403040010010100003"
	apply(Change{Layer: "house", ID: 1, Code: a}, Change{Layer: "house", ID: 2, Code: b})
	holds(map[string]uint64{a: 1, b: 2})
	apply(Change{Layer: "house", ID: 1, Code: c}, Change{Layer: "house", ID: 2, Code: a}, Change{Layer: "house", ID: 1, Code: b})
	holds(map[string]uint64{a: 2, b: 1})
	apply(Change{Layer: "house", ID: 2, Code: b}, Change{Layer: "house", ID: 1, Code: a}) // exchanged, one after the other
	holds(map[string]uint64{a: 1, b: 2})
	apply(Change{Layer: "house", ID: 2, Gone: true})
	holds(map[string]uint64{a: 1})
}
