package tiles_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/position"
	"github.com/gridweave/gridweave/tiles"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a picture of houses, its tileset and its cache, kept in step as a follower would.
type world struct {
	picture *live.Picture
	cache   *tiles.Cache
	set     []tiles.Set
	lsn     uint64
}

func newWorld(t fataler) *world {
	p, err := live.New(live.Spec{Name: "house", Nums: []string{"grade"}, Texts: []string{"name"}, Tally: "grade"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := tiles.NewCache(p, 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	return &world{picture: p, cache: c, set: []tiles.Set{{Name: "houses", Extent: "house", Recipes: []tiles.Recipe{
		{From: "house", To: "cell", MinZoom: 8, MaxZoom: 12, Draw: tiles.Cells},
		{From: "house", To: "house", MinZoom: 13, MaxZoom: tiles.MaxZoom, Keys: []tiles.Key{tiles.PositiveKey("g", "", 0), tiles.TextKey("name", 0)}},
		{From: "house", To: "border", MinZoom: 13, MaxZoom: tiles.MaxZoom, Draw: tiles.Borders},
	}}}}
}

type fataler interface{ Fatal(args ...any) }

func (w *world) apply(t fataler, changes ...live.Change) {
	w.lsn++
	at := position.Position{LSN: w.lsn}
	deltas, err := w.picture.Apply(at, changes)
	if err != nil {
		t.Fatal(err)
	}
	w.cache.Applied(deltas, at)
}

// fresh is what the tile is now, drawn without a cache.
func (w *world) fresh(scope geo.Code, tile maptile.Tile) []byte {
	body, _ := tiles.NewRenderer(w.picture).Render(w.set[0].Recipes, scope, tile)
	return bytes.Clone(body)
}

func house(t fataler, id uint64, code geo.Code, west, south float64, grade uint32) live.Change {
	s, err := live.Quantise(orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{west + 0.0002, south + 0.0002}})
	if err != nil {
		t.Fatal(err)
	}
	return live.Change{Layer: "house", ID: id, Code: code, Shape: &s, Nums: []live.Num{{Field: 0, Value: grade}}}
}

func codes() []geo.Code {
	return []geo.Code{"4403040010010100001", "4403040010010200001", "4403040020010100001"}
}

func scopes() []geo.Code {
	return []geo.Code{"4403", "440304001", "440304002", "44030400100101", "440305"}
}

// Whatever happens, in whatever order it is asked for: the cache answers what a fresh drawing gives.
func TestCacheIsNeverStale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			id := rapid.Uint64Range(1, 12).Draw(t, "id")
			change := live.Change{Layer: "house", ID: id, Gone: true}
			switch rapid.IntRange(0, 3).Draw(t, "op") {
			case 0, 1:
				change = house(t, id, rapid.SampledFrom(codes()).Draw(t, "code"), 114+rapid.Float64Range(0, 0.02).Draw(t, "west"),
					22.5+rapid.Float64Range(0, 0.02).Draw(t, "south"), rapid.Uint32Range(0, 5).Draw(t, "grade"))
			case 2:
				change = live.Change{Layer: "house", ID: id, IfThere: true, Nums: []live.Num{{Field: 0, Value: rapid.Uint32Range(0, 5).Draw(t, "recolour")}}}
			}
			w.apply(t, change)
			for range 4 {
				w.compare(t)
			}
		}
	})
}

func (w *world) compare(t *rapid.T) {
	at := orb.Point{114 + rapid.Float64Range(0, 0.02).Draw(t, "lon"), 22.5 + rapid.Float64Range(0, 0.02).Draw(t, "lat")}
	tile := maptile.At(at, maptile.Zoom(rapid.IntRange(8, 18).Draw(t, "zoom")))
	scope := rapid.SampledFrom(scopes()).Draw(t, "scope")
	body, pos, err := w.cache.Tile(context.Background(), w.set, scope, tile, tiles.Identity)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body.Bytes, w.fresh(scope, tile)) {
		t.Fatalf("tile %v for %s is not what it is now", tile, scope)
	}
	if pos.LSN != w.lsn {
		t.Fatalf("position %d, want %d", pos.LSN, w.lsn)
	}
}

// Readers and a writer at once: once the writer has said that it is done, nobody is served what was before.
func TestCacheUnderLoad(t *testing.T) {
	w := newWorld(t)
	for id := range uint64(40) {
		w.apply(t, house(t, id+1, codes()[id%3], 114+float64(id%8)*0.0004, 22.5+float64(id/8)*0.0004, 1))
	}
	tile := maptile.At(orb.Point{114.001, 22.501}, 15)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, scope := range scopes()[:3] {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, _, err := w.cache.Tile(context.Background(), w.set, scope, tile, tiles.Gzip); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := range uint32(600) {
		w.apply(t, live.Change{Layer: "house", ID: uint64(n%40) + 1, Nums: []live.Num{{Field: 0, Value: n%5 + 1}}})
		if n%50 != 0 {
			continue
		}
		for _, scope := range scopes() {
			body, _, err := w.cache.Tile(context.Background(), w.set, scope, tile, tiles.Identity)
			if err != nil || !bytes.Equal(body.Bytes, w.fresh(scope, tile)) {
				t.Fatalf("after change %d, %s is served what was before, %v", n, scope, err)
			}
		}
	}
	close(stop)
	wg.Wait()
}

func TestEncodings(t *testing.T) {
	w := newWorld(t)
	w.apply(t, house(t, 1, codes()[0], 114, 22.5, 3))
	tile := maptile.At(orb.Point{114.0001, 22.5001}, 16)
	plain, _, err := w.cache.Tile(context.Background(), w.set, "440304", tile, tiles.Identity)
	if err != nil || len(plain.Bytes) == 0 {
		t.Fatal(err)
	}
	tags := map[string]bool{plain.ETag: true}
	for encoding, unpack := range map[tiles.Encoding]func([]byte) ([]byte, error){
		tiles.Gzip: func(b []byte) ([]byte, error) {
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			var out bytes.Buffer
			_, err = out.ReadFrom(r)
			return out.Bytes(), err
		},
		tiles.Zstd: func(b []byte) ([]byte, error) {
			r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
			if err != nil {
				return nil, err
			}
			defer r.Close()
			return r.DecodeAll(b, nil)
		},
	} {
		packed, _, err := w.cache.Tile(context.Background(), w.set, "440304", tile, encoding)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := unpack(packed.Bytes); err != nil || !bytes.Equal(got, plain.Bytes) {
			t.Errorf("%s does not unpack to the plain tile: %v", encoding, err)
		}
		tags[packed.ETag] = true
		again, _, err := newCacheOf(t, w).Tile(t.Context(), w.set, "440304", tile, encoding)
		if err != nil || again.ETag != packed.ETag {
			t.Errorf("%s: another cache gives another ETag, %v", encoding, err)
		}
	}
	if len(tags) != 3 {
		t.Errorf("%d different ETags for 3 encodings", len(tags))
	}
}

func newCacheOf(t *testing.T, w *world) *tiles.Cache {
	t.Helper()
	c, err := tiles.NewCache(w.picture, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCacheOfNothingDrawsEachTime(t *testing.T) {
	w := newWorld(t)
	w.apply(t, house(t, 1, codes()[0], 114, 22.5, 3))
	tile := maptile.At(orb.Point{114, 22.5}, 14)
	for size, want := range map[uint64]uint64{0: 3, 1 << 20: 1} {
		c, err := tiles.NewCache(w.picture, size)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if body, _, err := c.Tile(t.Context(), w.set, "440304", tile, tiles.Gzip); err != nil || len(body.Bytes) == 0 {
				t.Fatalf("%d bytes, %v", len(body.Bytes), err)
			}
		}
		if c.Renders() != want {
			t.Errorf("a cache of %d bytes: drawn %d times, want %d", size, c.Renders(), want)
		}
	}
}

func TestSetsAndTileJSON(t *testing.T) {
	w := newWorld(t)
	w.apply(t, house(t, 1, codes()[0], 114, 22.5, 3), house(t, 2, codes()[2], 114.1, 22.6, 3))
	sets := tiles.Sets{{Name: "a"}, {Name: "b"}}
	if found, err := sets.Named("b,a"); err != nil || len(found) != 2 || found[0].Name != "b" {
		t.Errorf("%v, %v", found, err)
	}
	for _, wrong := range []string{"", "c", "a,a", "a,"} {
		if _, err := sets.Named(wrong); err == nil {
			t.Errorf("%q was accepted", wrong)
		}
	}
	doc := tiles.Describe(w.set, w.picture, "440304001", "http://127.0.0.1")
	if doc.Bounds == nil || doc.Bounds[2] > 114.01 {
		t.Errorf("bounds %v reach beyond the reader's area", doc.Bounds)
	}
	if doc.MinZoom != 8 || doc.MaxZoom != 18 || len(doc.VectorLayers) != 4 || doc.Tiles[0] != "http://127.0.0.1/tiles/houses/{z}/{x}/{y}" {
		t.Errorf("%+v", doc)
	}
	if none := tiles.Describe(w.set, w.picture, "440305", ""); none.Bounds != nil {
		t.Errorf("bounds %v where nothing is seen", none.Bounds)
	}
}

func BenchmarkCachedTile(b *testing.B) {
	w := newWorld(b)
	for id := range uint64(4000) {
		w.apply(b, house(b, id+1, codes()[id%3], 114+float64(id%64)*0.0003, 22.5+float64(id/64)*0.0003, uint32(id%5+1)))
	}
	tile := maptile.At(orb.Point{114.01, 22.51}, 14)
	for _, scope := range []geo.Code{"440304", "440304001"} {
		b.Run(fmt.Sprint("scope ", scope), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := w.cache.Tile(context.Background(), w.set, scope, tile, tiles.Gzip); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// One who leaves stops waiting; the tile is drawn all the same, for who comes next.
func TestTileForOneWhoLeaves(t *testing.T) {
	w := newWorld(t)
	w.apply(t, house(t, 1, codes()[0], 114, 22.5, 3))
	tile := maptile.At(orb.Point{114.0001, 22.5001}, 16)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, _, err := w.cache.Tile(gone, w.set, "440304", tile, tiles.Identity); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	body, _, err := w.cache.Tile(t.Context(), w.set, "440304", tile, tiles.Identity)
	if err != nil || len(body.Bytes) == 0 {
		t.Fatalf("%d bytes, %v", len(body.Bytes), err)
	}
	if n := w.cache.Renders(); n > 2 {
		t.Errorf("drawn %d times", n)
	}
}

// A tile beyond the budget comes as counts, none missing, and says so.
func TestBudgetIsKeptByCounting(t *testing.T) {
	p, err := live.New(live.Spec{Name: "house", Nums: []string{"grade"}, Texts: []string{"name"}})
	if err != nil {
		t.Fatal(err)
	}
	recipes := []tiles.Recipe{{
		From: "house", To: "house", MinZoom: 13, MaxZoom: tiles.MaxZoom,
		Keys:  []tiles.Key{tiles.NumKey("g", "", 0), tiles.TextKey("name", 0)},
		Crowd: &tiles.Crowd{To: "house_cell", Side: 64, Squares: true},
	}}
	tile := maptile.At(orb.Point{114.01, 22.51}, 14)
	bound := tile.Bound()
	const side = 110
	var changes []live.Change
	want := map[string]float64{}
	for i := range side * side {
		west := bound.Min[0] + (bound.Max[0]-bound.Min[0])*(float64(i%side)+0.3)/side
		south := bound.Min[1] + (bound.Max[1]-bound.Min[1])*(float64(i/side)+0.3)/side
		c := house(t, uint64(i+1), codes()[i%3], west, south, uint32(i%5))
		c.Texts = []live.Text{{Field: 0, Value: fmt.Sprintf("A house with a long name, the %dth", i)}}
		changes = append(changes, c)
		want[fmt.Sprint("n", i%5)]++
		want["n"]++
	}
	r := tiles.NewRenderer(p)
	for _, part := range [][]live.Change{changes[:2000], changes} {
		if _, err := p.Apply(position.Position{LSN: 1}, part); err != nil {
			t.Fatal(err)
		}
		body, _ := r.Render(recipes, "4403", tile)
		if len(body) > tiles.Budget {
			t.Fatalf("%d houses: %d bytes", len(part), len(body))
		}
		layers, err := orbmvt.Unmarshal(body)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, l := range layers {
			for _, f := range l.Features {
				count(l.Name, f.Properties, got)
			}
		}
		if got["features"] != float64(len(part)) || got["aggregated"] != map[bool]float64{true: 1}[len(part) > 2000] {
			t.Errorf("%d houses: the tile says that it stands for %v", len(part), got)
		}
		if len(part) == len(changes) {
			for key, n := range want {
				if got[key] != n {
					t.Errorf("%s: %v in the tile, want %v", key, got[key], n)
				}
			}
		}
	}
}

// count adds what a feature stands for: itself, a cell's counts, or what the tile says of itself.
func count(layer string, properties map[string]any, into map[string]float64) {
	switch layer {
	case "house":
		into["n"]++
		into[fmt.Sprint("n", properties["g"])]++
	default:
		for key, v := range properties {
			switch v := v.(type) {
			case float64:
				into[key] += v
			case bool:
				if v {
					into[key]++
				}
			}
		}
	}
}
