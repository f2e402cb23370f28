package tiles_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/tiles"
	"github.com/gridweave/gridweave/tiles/pmtiles"
)

func exported(t *testing.T, w *world, scope geo.Code) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "e.pmtiles")
	archive, err := pmtiles.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tiles.Export{Sets: w.set, Scope: scope, MinZoom: 7, MaxZoom: 17}.Write(t.Context(), w.picture, archive)
	return path, errors.Join(err, archive.Abort())
}

// An archive holds what each account's tiles show, all of it and nothing else, and the same each time.
func TestExportIsWhatTheScopeSees(t *testing.T) {
	w := newWorld(t)
	for i := range 60 {
		west, south := 114+float64(i%8)*0.003, 22.5+float64(i/8)*0.002
		w.apply(t, house(t, uint64(i+1), codes()[i%3], west, south, uint32(i%6)))
	}
	for _, scope := range scopes() {
		path, err := exported(t, w, scope)
		if scope == "440305" {
			if !errors.Is(err, tiles.ErrNothing) {
				t.Errorf("an area without anything: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		archive, err := pmtiles.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		found := uint64(0)
		for z := maptile.Zoom(7); z <= 17; z++ {
			nw, se := maptile.At(orb.Point{113.99, 22.53}, z), maptile.At(orb.Point{114.04, 22.49}, z)
			for x := nw.X; x <= se.X; x++ {
				for y := nw.Y; y <= se.Y; y++ {
					tile := maptile.New(x, y, z)
					if n := compareTile(t, w, archive.Reader, scope, tile); n > 0 {
						found++
					}
				}
			}
		}
		if h := archive.Header; found == 0 || found != h.Addressed || h.MinZoom != 8 || h.MaxZoom != 17 {
			t.Errorf("%s: %d tiles found, header %+v", scope, found, h)
		}
		var about struct {
			Layers []tiles.VectorLayer `json:"vector_layers"`
		}
		if err := archive.Metadata(&about); err != nil || len(about.Layers) != 4 || about.Layers[0].ID != "cell" {
			t.Errorf("%s: %+v, %v", scope, about, err)
		}
		if err := archive.Close(); err != nil {
			t.Error(err)
		}
		again, err := exported(t, w, scope)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := content(t, path), content(t, again); !bytes.Equal(a, b) {
			t.Errorf("%s: the same picture gave other bytes", scope)
		}
	}
}

func compareTile(t *testing.T, w *world, archive *pmtiles.Reader, scope geo.Code, tile maptile.Tile) int {
	t.Helper()
	got, err := archive.Tile(tile)
	if err == nil && got != nil {
		got, err = pmtiles.Unpack(got, pmtiles.Gzip)
	}
	if want := w.fresh(scope, tile); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s %v: %d bytes, %v; want %d", scope, tile, len(got), err, len(want))
	}
	return len(got)
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestExportThatIsStoppedLeavesNothing(t *testing.T) {
	w := newWorld(t)
	w.apply(t, house(t, 1, codes()[0], 114, 22.5, 3))
	path := filepath.Join(t.TempDir(), "e.pmtiles")
	archive, err := pmtiles.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	job := tiles.Export{Sets: w.set, Scope: "4403", MaxZoom: 18, Progress: func(z maptile.Zoom, _, _ int) {
		if z == 12 {
			cancel()
		}
	}}
	if _, err := job.Write(ctx, w.picture, archive); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if err := archive.Abort(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
