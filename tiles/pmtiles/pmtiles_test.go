package pmtiles

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"
)

func TestIDsAreThoseOfTheSpecification(t *testing.T) {
	for tile, id := range map[maptile.Tile]uint64{
		{}: 0, {X: 0, Y: 0, Z: 1}: 1, {X: 0, Y: 1, Z: 1}: 2, {X: 1, Y: 1, Z: 1}: 3, {X: 1, Y: 0, Z: 1}: 4, {X: 0, Y: 0, Z: 2}: 5,
		{X: 3423, Y: 1763, Z: 12}: 19078479,
	} {
		if got := ID(tile); got != id {
			t.Errorf("%v: id %d, want %d", tile, got, id)
		}
	}
	if _, ok := TileOf(1<<64 - 1); ok {
		t.Error("an id beyond the deepest zoom was accepted")
	}
	rapid.Check(t, func(t *rapid.T) {
		tile := drawTile(t, maxZoom)
		if back, ok := TileOf(ID(tile)); !ok || back != tile {
			t.Fatalf("%v has the id %d, which is of %v", tile, ID(tile), back)
		}
	})
}

func drawTile(t *rapid.T, deepest int) maptile.Tile {
	z := rapid.IntRange(0, deepest).Draw(t, "z")
	side := uint32(1)<<z - 1
	return maptile.New(rapid.Uint32Range(0, side).Draw(t, "x"), rapid.Uint32Range(0, side).Draw(t, "y"), maptile.Zoom(z))
}

// Neighbours on the curve are neighbours on the map: what makes an archive quick to read.
func TestTheCurveNeverJumps(t *testing.T) {
	first, last := ID(maptile.New(0, 0, 6)), ID(maptile.New(63, 0, 6))
	for id := first; id < last; id++ {
		a, _ := TileOf(id)
		b, _ := TileOf(id + 1)
		if d := diff(a.X, b.X) + diff(a.Y, b.Y); d != 1 {
			t.Fatalf("%v and %v are %d apart", a, b, d)
		}
	}
}

func diff(a, b uint32) uint32 { return max(a, b) - min(a, b) }

// write makes an archive of bodies by tile, and gives its path.
func write(t testing.TB, bodies map[maptile.Tile][]byte) (string, Stats) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pmtiles")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	tiles := make([]maptile.Tile, 0, len(bodies))
	for tile := range bodies {
		tiles = append(tiles, tile)
	}
	slices.SortFunc(tiles, func(a, b maptile.Tile) int { return int(ID(a)) - int(ID(b)) })
	for _, tile := range tiles {
		if err := w.Add(tile, bodies[tile]); err != nil {
			t.Fatal(err)
		}
	}
	stats, err := w.Finish(Description{
		Type: MVT, Bounds: [4]float64{113.9, 22.4, 114.1, 22.6}, Center: [2]float64{114, 22.5}, CenterZoom: 12,
		Metadata: map[string]string{"name": "test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	return path, stats
}

func open(t testing.TB, path string) File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// Tiles that are alike follow each other from one zoom to the next, and the archive still knows its deepest.
func TestARunOverZooms(t *testing.T) {
	path, stats := write(t, map[maptile.Tile][]byte{{}: []byte("sea"), {Z: 1}: []byte("sea")})
	f := open(t, path)
	if got, err := f.Tile(maptile.Tile{Z: 1}); err != nil || string(got) != "sea" || f.Header.MaxZoom != 1 || stats.Entries != 1 {
		t.Errorf("%q, %v; zooms to %d in %d entries", got, err, f.Header.MaxZoom, stats.Entries)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bodies := map[maptile.Tile][]byte{}
		for range rapid.IntRange(1, 60).Draw(rt, "tiles") {
			// Few different bodies and small zooms: many tiles share one, and some runs are long.
			bodies[drawTile(rt, 4)] = fmt.Appendf(nil, "body %d", rapid.IntRange(0, 4).Draw(rt, "body"))
		}
		path, stats := write(t, bodies)
		f := open(t, path)
		defer func() { _ = f.Close() }()
		distinct := map[string]bool{}
		for z := range maptile.Zoom(6) {
			for x := range uint32(1) << z {
				for y := range uint32(1) << z {
					tile := maptile.New(x, y, z)
					got, err := f.Tile(tile)
					if err != nil || !bytes.Equal(got, bodies[tile]) {
						rt.Fatalf("%v: %q, %v; want %q", tile, got, err, bodies[tile])
					}
					if got != nil {
						distinct[string(got)] = true
					}
				}
			}
		}
		h := f.Header
		if h.Addressed != uint64(len(bodies)) || h.Contents != uint64(len(distinct)) || h.Entries > h.Addressed || stats.Tiles != h.Addressed {
			rt.Fatalf("%+v for %d tiles of %d bodies", h, len(bodies), len(distinct))
		}
	})
}

// An archive whose directory is too long for the root has leaves, all tiles are found in them, and its bytes are the
// same each time.
func TestLeaves(t *testing.T) {
	const zoom, count = 8, 1 << 16
	bodies := map[maptile.Tile][]byte{}
	for id := range uint64(count) {
		noise := sha256.Sum256(binary.BigEndian.AppendUint64(nil, id))
		if noise[0]%3 == 0 { // gaps and lengths that do not compress
			tile, _ := TileOf(ID(maptile.New(0, 0, zoom)) + id)
			bodies[tile] = bytes.Repeat(noise[:], 1+int(noise[1]))
		}
	}
	path, stats := write(t, bodies)
	if stats.Leaves < 2 {
		t.Fatalf("%+v: want leaves", stats)
	}
	f := open(t, path)
	for tile, want := range bodies {
		got, err := f.Tile(tile)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v: %x, %v; want %x", tile, got, err, want)
		}
	}
	var doc struct{ Name string }
	if err := f.Metadata(&doc); err != nil || doc.Name != "test" {
		t.Errorf("metadata %+v, %v", doc, err)
	}
	if diff := cmp.Diff([4]float64{113.9, 22.4, 114.1, 22.6}, f.Header.Bounds); diff != "" || f.Header.MinZoom != zoom || f.Header.MaxZoom != zoom {
		t.Errorf("header %+v", f.Header)
	}
	again, _ := write(t, bodies)
	if a, b := read(t, path), read(t, again); !bytes.Equal(a, b) {
		t.Error("the same tiles gave other bytes")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWriterLeavesWhatWasThereUntilItIsComplete(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pmtiles")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(maptile.New(1, 0, 1), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := w.Add(maptile.New(0, 0, 1), []byte("y")); !errors.Is(err, errOrder) {
		t.Errorf("out of order: %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 || string(read(t, path)) != "before" {
		t.Errorf("after giving up: %v, %q", files, read(t, path))
	}
	if w, err = Create(path); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(Description{}); err == nil {
		t.Error("an archive without tiles was written")
	}
	if _, err := Create(filepath.Join(t.TempDir(), "none", "a.pmtiles")); err == nil {
		t.Error("a folder that is not there was accepted")
	}
}

func TestWhatIsNoArchiveIsRefused(t *testing.T) {
	path, _ := write(t, map[maptile.Tile][]byte{{}: []byte("x")})
	good := read(t, path)
	for name, change := range map[string]func(b []byte) []byte{
		"empty":                func([]byte) []byte { return nil },
		"another format":       func(b []byte) []byte { b[0] = 'Q'; return b },
		"version 2":            func(b []byte) []byte { b[7] = 2; return b },
		"cut in the header":    func(b []byte) []byte { return b[:100] },
		"cut in the directory": func(b []byte) []byte { return b[:130] },
		"root beyond the end":  func(b []byte) []byte { binary.LittleEndian.PutUint64(b[8:], 1<<40); return b },
		"a length that wraps":  func(b []byte) []byte { binary.LittleEndian.PutUint64(b[16:], 1<<64-1); return b },
		"brotli":               func(b []byte) []byte { b[97] = byte(Brotli); return b },
		"zooms the wrong way":  func(b []byte) []byte { b[100] = 9; return b },
		"a broken directory":   func(b []byte) []byte { b[headerSize+3] ^= 0xff; return b },
	} {
		b := change(slices.Clone(good))
		if _, err := NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.pmtiles")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// A small file that unpacks to very much is refused, not unpacked.
func TestBombs(t *testing.T) {
	bomb := gzipped(make([]byte, tileLimit+1))
	if _, err := Unpack(bomb, Gzip); !errors.Is(err, errTooLarge) {
		t.Errorf("a tile of %d bytes: %v", len(bomb), err)
	}
	if _, err := unpack(bomb, Gzip, directoryLimit); !errors.Is(err, errTooLarge) {
		t.Errorf("a directory of %d bytes: %v", len(bomb), err)
	}
	if _, err := parseDirectory(binary.AppendUvarint(nil, 1<<40)); !errors.Is(err, errDirectory) {
		t.Errorf("a directory that promises much: %v", err)
	}
}

// Whatever a file says, reading it answers or refuses; it neither panics nor takes more memory than the limits say.
func FuzzReader(f *testing.F) {
	path, _ := write(f, map[maptile.Tile][]byte{{}: []byte("x"), maptile.New(1, 1, 2): []byte("y"), maptile.New(3, 1, 2): []byte("y")})
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	plain := slices.Clone(good[:headerSize])
	directory := encodeDirectory([]entry{{id: 0, length: 1, run: 1}, {id: 3, offset: 1, length: 8}})
	plain[97], plain[98] = byte(NoCompression), byte(NoCompression)
	binary.LittleEndian.PutUint64(plain[16:], uint64(len(directory)))
	f.Add(append(plain, directory...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for id := range uint64(30) {
			tile, _ := TileOf(id)
			if body, err := r.Tile(tile); err == nil && body != nil {
				_, _ = Unpack(body, r.Header.TileCompression)
			}
		}
		_ = r.Metadata(new(any))
	})
}

func FuzzDirectory(f *testing.F) {
	f.Add(encodeDirectory([]entry{{id: 0, length: 1, run: 1}, {id: 3, offset: 1, length: 8}, {id: 9, offset: 0, length: 1, run: 7}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := parseDirectory(b)
		if err != nil {
			return
		}
		again, err := parseDirectory(encodeDirectory(entries))
		if diff := cmp.Diff(entries, again, cmp.AllowUnexported(entry{})); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}
