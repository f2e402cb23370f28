package live

import (
	"fmt"
	"maps"
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

// drawRows draws the rows of both tables.
func drawRows(t *rapid.T) (rows [2][][][]byte) {
	for id := range rapid.IntRange(0, 20).Draw(t, "rows") {
		if rapid.IntRange(0, 9).Draw(t, "house") == 0 {
			continue
		}
		rows[0] = append(rows[0], drawHouse(t, id+1))
		if rapid.Bool().Draw(t, "state") {
			rows[1] = append(rows[1], drawState(t, id+1))
		}
	}
	return rows
}

// loadRows makes the rows the picture, read in either order.
func loadRows(t *rapid.T, p *Picture, now time.Time, rows [2][][][]byte) {
	loading := p.Load(now)
	tables := [2]Projection{houseTable(), stateTable()}
	order := []int{0, 1}
	if rapid.Bool().Draw(t, "turned") {
		slices.Reverse(order)
	}
	for _, i := range order {
		table, err := loading.Table(tables[i])
		if err != nil {
			t.Fatal(err)
		}
		for _, cells := range rows[i] {
			passing := make([][]byte, len(cells))
			for j, c := range cells {
				passing[j] = slices.Clone(c)
			}
			if err := table.Row(passing); err != nil {
				t.Fatal(err)
			}
			for _, c := range passing {
				clear(c) // a row is not kept
			}
		}
	}
	loading.Finish()
	p.Replace(position.Position{LSN: 1}, loading)
}

// A picture that is loaded from tables, in whatever order they come and whatever was shown before, is the one that the
// same rows make one by one. What was shown before stays as it was.
func TestLoadingAgreesWithApplying(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1000, 0)
		p, err := New(loadedSpec())
		if err != nil {
			t.Fatal(err)
		}
		var rows [2][][][]byte
		for range rapid.IntRange(1, 3).Draw(t, "loads") {
			for i, drawn := range drawRows(t) {
				if rapid.Bool().Draw(t, "table changes") {
					rows[i] = drawn
				}
			}
			shown := map[*Feature]Feature{}
			p.Read(func(layer func(string) *Layer) {
				layer("house").All(func(f *Feature) {
					was := *f
					was.Nums, was.Texts = slices.Clone(f.Nums), slices.Clone(f.Texts)
					shown[f] = was
				})
			})
			loadRows(t, p, now, rows)
			if diff := cmp.Diff(snapshotOf(applied(t, now, rows)), snapshotOf(p), cmp.AllowUnexported(Shape{}, parts{})); diff != "" {
				t.Fatalf("(-applied +loaded):\n%s", diff)
			}
			for f, was := range shown {
				if !f.Same(&was) {
					t.Fatalf("feature %d was changed while it was shown", f.ID)
				}
			}
		}
	})
}

// applied is a picture of the rows, one by one.
func applied(t *rapid.T, now time.Time, rows [2][][][]byte) *Picture {
	p, err := New(loadedSpec())
	if err != nil {
		t.Fatal(err)
	}
	for i, projection := range []Projection{houseTable(), stateTable()} {
		for _, cells := range rows[i] {
			c, err := projection.Put(cellsRow{projection.Columns(), cells})
			if err != nil {
				t.Fatal(err)
			}
			c.IfThere = !projection.Owns
			if _, err := p.Apply(position.Position{LSN: 1}, []Change{projection.Timely(c, now)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

// What has not changed is the same feature after a load as before.
func TestLoadingTakesOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := New(loadedSpec())
		if err != nil {
			t.Fatal(err)
		}
		rows := drawRows(t)
		var before [2]map[uint64]*Feature
		for i := range before {
			loadRows(t, p, time.Unix(1000, 0), rows)
			before[i] = map[uint64]*Feature{}
			p.Read(func(layer func(string) *Layer) { layer("house").All(func(f *Feature) { before[i][f.ID] = f }) })
		}
		if !maps.Equal(before[0], before[1]) {
			t.Fatal("features were made anew of the same rows")
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
