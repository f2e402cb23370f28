package live

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/realtime/position"
)

// loadedSpec is a layer that two tables feed.
func loadedSpec() Spec {
	return Spec{Name: "house", Nums: []string{"at", "grade", "rooms"}, Texts: []string{"name", "note"}, Tally: "grade", Coded: true}
}

func houseTable() Projection {
	return Projection{
		Table: "house", Layer: "house", Owns: true, Key: "id", Code: "code", Geom: "geom",
		Nums: []NumColumn{{Column: "at", Field: 0, Parse: ParseUint}}, Texts: []TextColumn{{Column: "name", Field: 0}},
		Recent: &Recent{Field: 0, Within: time.Minute},
	}
}

func stateTable() Projection {
	return Projection{
		Table: "state", Layer: "house", Key: "id",
		Nums: []NumColumn{
			{Column: "grade", Field: 1, Parse: ParseOneOf("green", "red")},
			{Column: "rooms", Field: 2, Parse: ParseUint},
		},
		Texts: []TextColumn{{Column: "note", Field: 1}},
	}
}

// cellsRow is a row as a copy gives it, read by name.
type cellsRow struct {
	columns []string
	cells   [][]byte
}

func (r cellsRow) Text(column string) (value string, null, known bool) {
	i := slices.Index(r.columns, column)
	if i < 0 {
		return "", false, false
	}
	if column == "geom" && r.cells[i] != nil {
		return fmt.Sprintf("%x", r.cells[i]), false, true
	}
	return string(r.cells[i]), r.cells[i] == nil, true
}

func drawHouse(t *rapid.T, id int) [][]byte {
	geom := []byte(nil)
	if rapid.IntRange(0, 5).Draw(t, "shaped") > 0 {
		west := 114 + rapid.Float64Range(0, 0.1).Draw(t, "west")
		parts := orb.MultiPolygon{{square(west, 22.5, 0.0003)}, {square(west, 22.6, 0.001), square(west+0.0002, 22.6002, 0.0002)}}
		var err error
		if geom, err = postgis.EncodeEWKB(parts[:rapid.IntRange(0, 2).Draw(t, "parts")]); err != nil {
			t.Fatal(err)
		}
	}
	code := fmt.Sprintf("44030400100101%05d", id)
	name := rapid.SampledFrom([]string{"", "甲", "乙"}).Draw(t, "name")
	return [][]byte{[]byte(fmt.Sprint(id)), []byte(code), geom, []byte(fmt.Sprint(rapid.IntRange(900, 1000).Draw(t, "at"))), []byte(name)}
}

func drawState(t *rapid.T, id int) [][]byte {
	var grade []byte
	if rapid.Bool().Draw(t, "graded") {
		grade = []byte(rapid.SampledFrom([]string{"green", "red"}).Draw(t, "grade"))
	}
	return [][]byte{[]byte(fmt.Sprint(id)), grade, []byte(fmt.Sprint(rapid.IntRange(0, 90).Draw(t, "rooms"))), []byte("note")}
}

// A picture that is loaded from tables, in whatever order they come, is the one that the same rows make one by one.
func TestLoadingAgreesWithApplying(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1000, 0)
		p, err := New(loadedSpec())
		if err != nil {
			t.Fatal(err)
		}
		applied, err := New(loadedSpec())
		if err != nil {
			t.Fatal(err)
		}
		loading := p.Load(now)
		tables := []Projection{houseTable(), stateTable()}
		rows := [][][][]byte{nil, nil}
		for id := range rapid.IntRange(0, 20).Draw(t, "rows") {
			rows[0] = append(rows[0], drawHouse(t, id+1))
			if rapid.Bool().Draw(t, "state") {
				rows[1] = append(rows[1], drawState(t, id+1))
			}
		}
		for i, projection := range tables {
			for _, cells := range rows[i] {
				c, err := projection.Put(cellsRow{projection.Columns(), cells})
				if err != nil {
					t.Fatal(err)
				}
				c.IfThere = !projection.Owns
				if _, err := applied.Apply(position.Position{LSN: 1}, []Change{projection.Timely(c, now)}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if rapid.Bool().Draw(t, "turned") {
			slices.Reverse(tables)
			slices.Reverse(rows)
		}
		for i, projection := range tables {
			table, err := loading.Table(projection)
			if err != nil {
				t.Fatal(err)
			}
			for _, cells := range rows[i] {
				if err := table.Row(cells); err != nil {
					t.Fatal(err)
				}
				for _, c := range cells {
					clear(c) // a row is not kept
				}
			}
		}
		loading.Finish()
		p.Replace(position.Position{LSN: 1}, loading)
		if diff := cmp.Diff(snapshotOf(applied), snapshotOf(p), cmp.AllowUnexported(Shape{}, parts{})); diff != "" {
			t.Fatalf("(-applied +loaded):\n%s", diff)
		}
	})
}

// snapshot is all that a layer answers.
type snapshot struct {
	Features, Found, Coded map[uint64]Feature
	Total                  Counts
}

func snapshotOf(p *Picture) snapshot {
	s := snapshot{map[uint64]Feature{}, map[uint64]Feature{}, map[uint64]Feature{}, Counts{}}
	p.Read(func(layer func(string) *Layer) {
		l := layer("house")
		l.All(func(f *Feature) { s.Features[f.ID] = *f })
		for _, f := range l.Within(Box{0, 0, WorldSize - 1, WorldSize - 1}, nil) {
			s.Found[f.ID] = *f
		}
		for id := range 21 {
			if f, ok := l.ByCode(geo.Code(fmt.Sprintf("44030400100101%05d", id))); ok {
				s.Coded[f.ID] = *f
			}
		}
		s.Total = tallied(l, "")
	})
	return s
}

func TestLoadingRefuses(t *testing.T) {
	p, err := New(loadedSpec())
	if err != nil {
		t.Fatal(err)
	}
	loading := p.Load(time.Unix(0, 0))
	if _, err := loading.Table(Projection{Layer: "street"}); err == nil {
		t.Error("a layer that is not there is loaded")
	}
	house, err := loading.Table(houseTable())
	if err != nil {
		t.Fatal(err)
	}
	row := func(cells ...string) (all [][]byte) {
		for _, c := range cells {
			all = append(all, []byte(c))
		}
		return all
	}
	for name, cells := range map[string][][]byte{
		"key":      row("x", "4403", "", "1", ""),
		"number":   {[]byte("1"), []byte("4403"), nil, []byte("many"), nil},
		"geometry": row("2", "4403", "\x01\x02", "1", ""),
	} {
		if err := house.Row(cells); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	good := [][]byte{[]byte("7"), []byte("4403"), nil, []byte("1"), nil}
	if err := house.Row(good); err != nil {
		t.Fatal(err)
	}
	if err := house.Row(good); err == nil {
		t.Error("two rows with one id are taken")
	}
}
