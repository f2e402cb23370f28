package city

import (
	"flag"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"slices"
	"testing"
	"time"
)

// go test ./cmd/gridweave/internal/demo/city -run TestRender -render FILE.png -east 300 -north 0 -wide 12500
//

var (
	renderTo   = flag.String("render", "", "draw the city into this PNG file")
	renderX    = flag.Float64("east", 300, "middle of the picture, metres east")
	renderY    = flag.Float64("north", 0, "middle of the picture, metres north")
	renderWide = flag.Float64("wide", 12500, "width of the picture in metres")
	renderAs   = flag.String("scale", "futian", "scale to draw")
	renderSeed = flag.Uint64("seed", 1, "seed to draw")
)

// canvas is a small rasteriser: even-odd filling with four sub-lines a pixel, enough to judge a city by.
type canvas struct {
	img   *image.RGBA
	lo    vec
	scale float64
}

func newCanvas(mid vec, wide float64, w, h int) *canvas {
	s := float64(w) / wide
	return &canvas{image.NewRGBA(image.Rect(0, 0, w, h)), vec{mid.X - wide/2, mid.Y + float64(h)/s/2}, s}
}

func (c *canvas) at(v vec) vec { return vec{(v.X - c.lo.X) * c.scale, (c.lo.Y - v.Y) * c.scale} }

func (c *canvas) fill(rings [][]vec, col color.RGBA) {
	const sub = 4
	var lines [][]vec
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, r := range rings {
		l := make([]vec, len(r))
		for i, v := range r {
			l[i] = c.at(v)
			lo, hi = min(lo, l[i].Y), max(hi, l[i].Y)
		}
		lines = append(lines, l)
	}
	b := c.img.Bounds()
	for y := max(0, int(lo)); y <= min(b.Max.Y-1, int(hi)); y++ {
		cover := make(map[int]float64)
		for k := range sub {
			c.scan(lines, float64(y)+(float64(k)+.5)/sub, 1.0/sub, cover)
		}
		for x, a := range cover {
			c.blend(x, y, col, a)
		}
	}
}

func (c *canvas) scan(lines [][]vec, y, weight float64, cover map[int]float64) {
	var xs []float64
	for _, l := range lines {
		for i := range l {
			a, b := l[i], l[(i+1)%len(l)]
			if (a.Y > y) != (b.Y > y) {
				xs = append(xs, a.X+(y-a.Y)/(b.Y-a.Y)*(b.X-a.X))
			}
		}
	}
	slices.Sort(xs)
	for i := 0; i+1 < len(xs); i += 2 {
		a, b := max(0, xs[i]), min(float64(c.img.Bounds().Max.X), xs[i+1])
		for x := int(a); float64(x) < b; x++ {
			cover[x] += weight * (min(b, float64(x+1)) - max(a, float64(x)))
		}
	}
}

func (c *canvas) blend(x, y int, col color.RGBA, a float64) {
	a = min(1, a) * float64(col.A) / 255
	o := c.img.RGBAAt(x, y)
	mixed := func(o, n uint8) uint8 { return uint8(float64(o)*(1-a) + float64(n)*a) }
	c.img.SetRGBA(x, y, color.RGBA{mixed(o.R, col.R), mixed(o.G, col.G), mixed(o.B, col.B), 255})
}

func (c *canvas) stroke(line []vec, metres, atLeast float64, col color.RGBA) {
	half := max(metres, atLeast/c.scale) / 2
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		d := b.sub(a).unit().mul(half)
		n := d.left()
		c.fill([][]vec{{a.sub(d.mul(.5)).add(n), b.add(d.mul(.5)).add(n), b.add(d.mul(.5)).sub(n), a.sub(d.mul(.5)).sub(n)}}, col)
	}
}

func (c *canvas) save(t *testing.T, name string) {
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, c.img); err != nil {
		t.Fatal(err)
	}
}

func rgb(v uint32) color.RGBA {
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

func TestRender(t *testing.T) {
	if *renderTo == "" {
		t.Skip("draws only with -render FILE")
	}
	p, err := newPlan(Options{Scale: Scale(*renderAs), Seed: *renderSeed})
	if err != nil {
		t.Fatal(err)
	}
	c := newCanvas(vec{*renderX, *renderY}, *renderWide, 1500, 1150)
	c.fill([][]vec{p.land}, rgb(0x1a2638))
	for _, s := range p.sea {
		c.fill([][]vec{s.ring}, rgb(0x0e2a47))
	}
	for f := range p.mesh.faces {
		col := uint32(0x223048)
		if _, park := p.parks[int32(f)]; park {
			col = 0x1c4a3a
		}
		c.fill([][]vec{p.mesh.ring(int32(f))}, rgb(col))
	}
	var outs []*layout
	n := map[Kind]int{}
	began := time.Now()
	for _, cm := range p.communities {
		for _, g := range cm.grids {
			o := p.layout(g)
			outs = append(outs, o)
			for _, f := range o.prints {
				n[f.kind]++
				n["all"]++
			}
		}
	}
	t.Log(time.Since(began), n)
	for _, o := range outs {
		for _, pc := range o.parcels {
			if c.sees(pc.ring) {
				c.fill([][]vec{pc.ring}, rgb(parcelColour(pc.fabric)))
			}
		}
		for _, l := range o.lanes {
			if c.sees(l.line) {
				c.stroke(l.line, l.class.half(), .6, rgb(0x46566e))
			}
		}
	}
	for _, s := range p.patches {
		col := uint32(0x1c4a3a)
		if s.kind == "water" {
			col = 0x14406b
		}
		c.fill([][]vec{s.ring}, rgb(col))
	}
	for e, line := range p.mesh.lines {
		if !c.sees(vecs(line)) {
			continue
		}
		switch r := p.mesh.names[p.mesh.roads[e]]; r.Class {
		case Expressway:
			c.stroke(vecs(line), 34, 2, rgb(0xd0b070))
		case Arterial:
			c.stroke(vecs(line), 22, 1.5, rgb(0x90a0b8))
		case Border:
		default:
			c.stroke(vecs(line), 12, 1, rgb(0x5a6c88))
		}
	}
	for _, o := range outs {
		for _, f := range o.prints {
			if c.sees(f.rings[0]) {
				c.fill(f.rings, rgb(kindColour(f.kind)))
			}
		}
	}
	c.save(t, *renderTo)
}

func (c *canvas) sees(line []vec) bool {
	b := c.img.Bounds()
	hi := vec{c.lo.X + float64(b.Max.X)/c.scale, c.lo.Y}
	lo := vec{c.lo.X, c.lo.Y - float64(b.Max.Y)/c.scale}
	return boxOf(line).touches(box{lo, hi})
}

func parcelColour(fabric string) uint32 {
	switch fabric {
	case "garden", "wood":
		return 0x1f4c3c
	case "pitch":
		return 0x2e6b4a
	case "village":
		return 0x2c3040
	}
	return 0x283852
}

func kindColour(k Kind) uint32 {
	switch k {
	case UrbanVillage:
		return 0xe0a070
	case Residential:
		return 0xc8d4e8
	case Office:
		return 0x70c8ff
	case Commercial:
		return 0xff9080
	case Industrial:
		return 0xb090d0
	case School, Hospital, Public:
		return 0xf0e080
	}
	return 0xa0b8a8
}
