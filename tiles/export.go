package tiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/maptile"
	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/tiles/pmtiles"
)

// Export says what of a picture is written into an archive.
type Export struct {
	Sets    []Set
	Scope   geo.Code
	MinZoom maptile.Zoom
	MaxZoom maptile.Zoom
	// Progress hears how many tiles of a zoom were looked at, of how many; nil hears nothing.
	Progress func(z maptile.Zoom, done, of int)
}

// ErrNothing says that a scope has nothing to export.
var ErrNothing = errors.New("there is nothing to export in this area")

// exportBatch is how many tiles are drawn before they are written: enough to keep every core at work, few enough to
// hold in memory.
const exportBatch = 512

// Write puts every tile that shows anything of the scope into the archive, which the caller aborts on failure. The
// picture must stand still. The same picture gives the same bytes.
func (e Export) Write(ctx context.Context, p *live.Picture, w *pmtiles.Writer) (pmtiles.Stats, error) {
	box, found := extent(e.Sets, p, e.Scope, false)
	if !found {
		return pmtiles.Stats{}, ErrNothing
	}
	d := newDrafts(p, e)
	for z := e.MinZoom; z <= e.MaxZoom; z++ {
		ids := idsOf(box, z)
		for from := 0; from < len(ids); from += exportBatch {
			batch := ids[from:min(from+exportBatch, len(ids))]
			if err := d.write(ctx, batch, w); err != nil {
				return pmtiles.Stats{}, err
			}
			if e.Progress != nil {
				e.Progress(z, from+len(batch), len(ids))
			}
		}
	}
	return w.Finish(e.describe(p, box))
}

// idsOf lists the tiles of a zoom that may show anything of the box, in the archive's order.
func idsOf(box live.Box, z maptile.Zoom) []uint64 {
	minX, minY, maxX, maxY := tileRange(box, z)
	ids := make([]uint64, 0, uint64(maxX-minX+1)*uint64(maxY-minY+1))
	for x := minX; x <= maxX; x++ {
		for y := minY; y <= maxY; y++ {
			ids = append(ids, pmtiles.ID(maptile.New(x, y, z)))
		}
	}
	slices.Sort(ids)
	return ids
}

// exportMetadata is the archive's document, as readers of vector tiles expect it.
type exportMetadata struct {
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Attribution  string        `json:"attribution"`
	Type         string        `json:"type"`
	VectorLayers []VectorLayer `json:"vector_layers"`
}

func (e Export) describe(p *live.Picture, box live.Box) pmtiles.Description {
	doc := Describe(e.Sets, p, e.Scope, "")
	doc.place(box)
	layers := slices.DeleteFunc(doc.VectorLayers, func(l VectorLayer) bool {
		return l.MinZoom > int(e.MaxZoom) || l.MaxZoom < int(e.MinZoom)
	})
	for i := range layers {
		layers[i].MinZoom, layers[i].MaxZoom = max(layers[i].MinZoom, int(e.MinZoom)), min(layers[i].MaxZoom, int(e.MaxZoom))
	}
	zoom := max(float64(e.MinZoom), min(float64(e.MaxZoom), doc.Center[2]))
	return pmtiles.Description{
		Type: pmtiles.MVT, Bounds: *doc.Bounds, Center: [2]float64{doc.Center[0], doc.Center[1]}, CenterZoom: uint8(zoom),
		Metadata: exportMetadata{
			Name: doc.Name, Description: doc.Description, Attribution: doc.Attribution, Type: "overlay", VectorLayers: layers,
		},
	}
}

// drafts are what every core draws with.
type drafts struct {
	recipes []Recipe
	scope   geo.Code
	drafts  []draft
	bodies  [exportBatch][]byte
}

type draft struct {
	renderer *Renderer
	packer   *gzip.Writer
}

func newDrafts(p *live.Picture, e Export) *drafts {
	d := &drafts{scope: e.Scope, drafts: make([]draft, runtime.GOMAXPROCS(0))}
	for _, s := range e.Sets {
		d.recipes = append(d.recipes, s.Recipes...)
	}
	for i := range d.drafts {
		d.drafts[i] = draft{NewRenderer(p), gzip.NewWriter(nil)}
	}
	return d
}

// write draws the tiles on every core and writes them in order.
func (d *drafts) write(ctx context.Context, ids []uint64, w *pmtiles.Writer) error {
	g, ctx := errgroup.WithContext(ctx)
	for n := range d.drafts {
		g.Go(func() error {
			for i := n; i < len(ids); i += len(d.drafts) {
				if err := ctx.Err(); err != nil {
					return err
				}
				body, err := d.drafts[n].draw(d.recipes, d.scope, ids[i])
				if err != nil {
					return err
				}
				d.bodies[i] = body
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("export tiles: %w", err)
	}
	for i, id := range ids {
		t, _ := pmtiles.TileOf(id)
		if err := w.Add(t, d.bodies[i]); err != nil {
			return fmt.Errorf("export tiles: %w", err)
		}
	}
	return nil
}

func (d draft) draw(recipes []Recipe, scope geo.Code, id uint64) ([]byte, error) {
	t, _ := pmtiles.TileOf(id)
	raw, _ := d.renderer.Render(recipes, scope, t)
	if len(raw) == 0 {
		return nil, nil
	}
	var buf bytes.Buffer
	d.packer.Reset(&buf)
	if _, err := d.packer.Write(raw); err != nil {
		return nil, err
	}
	if err := d.packer.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
