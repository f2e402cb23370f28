package insight_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/insight"
)

var anywhere = rapid.Custom(func(t *rapid.T) geo.Metric {
	return geo.Metric{E: rapid.Float64Range(4e5, 6e5).Draw(t, "e"), N: rapid.Float64Range(2.4e6, 2.6e6).Draw(t, "n")}
})

func distance(a, b geo.Metric) float64 { return math.Hypot(a.E-b.E, a.N-b.N) }

// A point lies in the hexagon whose centre is nearest, and nowhere else.
func TestHexesTile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hexes := insight.Hexes{Width: rapid.Float64Range(50, 5000).Draw(t, "width")}
		p := anywhere.Draw(t, "p")
		h := hexes.At(p)
		near := distance(p, hexes.Center(h))
		if near > hexes.Width/math.Sqrt(3)*(1+1e-9) {
			t.Fatalf("%v lies %g m from the centre of its hexagon", p, near)
		}
		if hexes.At(hexes.Center(h)) != h {
			t.Fatalf("the centre of %v lies in another", h)
		}
		for _, o := range h.Neighbours() {
			if d := distance(hexes.Center(h), hexes.Center(o)); math.Abs(d-hexes.Width) > 1e-6*hexes.Width {
				t.Fatalf("neighbour %v is %g m away, not %g", o, d, hexes.Width)
			}
			if distance(p, hexes.Center(o)) < near-1e-6 {
				t.Fatalf("%v is nearer to %v", p, o)
			}
		}
	})
}

// Every hexagon has the same area in the plane, and the one it says.
func TestHexesAreAreaHonest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hexes := insight.Hexes{Width: rapid.Float64Range(50, 5000).Draw(t, "width")}
		c := hexes.Corners(hexes.At(anywhere.Draw(t, "p")))
		var twice float64
		for i, a := range c {
			b := c[(i+1)%6]
			twice += (a.E-c[0].E)*(b.N-c[0].N) - (b.E-c[0].E)*(a.N-c[0].N)
		}
		if want := hexes.AreaKm2(); math.Abs(twice/2/1e6-want) > 1e-6*want {
			t.Fatalf("%g km², want %g", twice/2/1e6, want)
		}
	})
}

// The density integrates to what lies there, wherever the nodes are, and is nothing beyond the bandwidth.
func TestDensityKeepsTheSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.Float64Range(100, 800).Draw(t, "bandwidth")
		step := h / 12
		middle := anywhere.Draw(t, "middle")
		var sources []insight.Source
		total := 0.0
		for range rapid.IntRange(1, 12).Draw(t, "sources") {
			n := float64(rapid.IntRange(1, 9).Draw(t, "n"))
			total += n
			sources = append(sources, insight.Source{N: n, At: geo.Metric{
				E: middle.E + rapid.Float64Range(-h, h).Draw(t, "e"), N: middle.N + rapid.Float64Range(-h, h).Draw(t, "n"),
			}})
		}
		var nodes []geo.Metric
		for e := -2.2 * h; e <= 2.2*h; e += step {
			for n := -2.2 * h; n <= 2.2*h; n += step {
				nodes = append(nodes, geo.Metric{E: middle.E + e, N: middle.N + n})
			}
		}
		f := insight.Density(sources, nodes, h)
		sum := 0.0
		for i, v := range f.PerKm2 {
			sum += v * step * step / 1e6
			if (v > 0) != (f.Within[i] > 0) {
				t.Fatalf("density %g rests on %g", v, f.Within[i])
			}
		}
		if math.Abs(sum-total) > .01*total {
			t.Fatalf("the density holds %g of %g", sum, total)
		}
	})
}

func TestDensityOfOne(t *testing.T) {
	t.Parallel()
	at := geo.Metric{E: 500000, N: 2500000}
	f := insight.Density([]insight.Source{{At: at, N: 1}}, []geo.Metric{at, {E: at.E + 299, N: at.N}, {E: at.E + 301, N: at.N}}, 300)
	if want := 3 / (math.Pi * .09); math.Abs(f.PerKm2[0]-want) > 1e-9 || f.PerKm2[1] <= 0 || f.PerKm2[2] != 0 {
		t.Errorf("%v, want %g, a little, nothing", f.PerKm2, want)
	}
}

// Smoothed rates lie between the raw rate and the rate of all, and hold on to it the more the larger the base.
func TestSmoothShrinks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 40).Draw(t, "areas")
		n, base := make([]float64, k), make([]float64, k)
		var cases, people float64
		for i := range k {
			n[i] = float64(rapid.IntRange(0, 60).Draw(t, "n"))
			base[i] = float64(rapid.IntRange(0, 9000).Draw(t, "base"))
			if base[i] > 0 {
				cases, people = cases+n[i], people+base[i]
			}
		}
		out := insight.Smooth(n, base)
		for i, v := range out {
			if people == 0 {
				if v != 0 {
					t.Fatal("a rate of nobody")
				}
				continue
			}
			m := cases / people
			raw := m
			if base[i] > 0 {
				raw = n[i] / base[i]
			}
			if v < min(raw, m)-1e-12 || v > max(raw, m)+1e-12 {
				t.Fatalf("area %d: %g is not between %g and %g", i, v, raw, m)
			}
		}
	})
	equal := insight.Smooth([]float64{10, 20}, []float64{1000, 2000})
	if math.Abs(equal[0]-.01) > 1e-12 || math.Abs(equal[1]-.01) > 1e-12 {
		t.Errorf("equal rates became %v", equal)
	}
}

// No small count is shown, and nobody who knows a group's sum learns one; nor does whoever adds up a group learn a sum
// that is not shown.
func TestSuppression(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := insight.Groups{Begins: []int{0}}
		var counts []int
		var sensitive []bool
		for range rapid.IntRange(1, 4).Draw(t, "groups") {
			for range rapid.IntRange(0, 8).Draw(t, "areas") {
				counts = append(counts, rapid.IntRange(0, 12).Draw(t, "n"))
				sensitive = append(sensitive, rapid.IntRange(0, 5).Draw(t, "sensitive") == 0)
			}
			in.Begins = append(in.Begins, len(counts))
			in.Hidden = append(in.Hidden, rapid.Bool().Draw(t, "hidden"))
		}
		hidden := insight.Suppress(counts, sensitive, in)
		for i, n := range counts {
			if (insight.Small(n) || n > 0 && sensitive[i]) && !hidden[i] {
				t.Fatalf("%d is shown", n)
			}
			if n == 0 && hidden[i] {
				t.Fatal("nothing is hidden")
			}
		}
		for g, secret := range in.Hidden {
			sum, shown, any := 0, false, false
			for i := in.Begins[g]; i < in.Begins[g+1]; i++ {
				any = any || hidden[i]
				shown = shown || counts[i] > 0 && !hidden[i]
				if hidden[i] {
					sum += counts[i]
				}
			}
			if any && sum < insight.K && shown {
				t.Fatalf("group %d hides %d of %v, which its sum tells", g, sum, counts)
			}
			if secret && !any && shown {
				t.Fatalf("group %d of %v can be added up", g, counts)
			}
		}
	})
}

// Whatever the values, bounds ascend, no class is empty, and there are no more than asked for.
func TestClasses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e5), 0, 700).Draw(t, "values")
		k := rapid.IntRange(1, 7).Draw(t, "k")
		for name, c := range map[string]insight.Classes{"quantiles": insight.Quantiles(values, k), "natural": insight.Natural(values, k)} {
			if len(c) > max(0, k-1) || !slices.IsSorted(c) {
				t.Fatalf("%s: %v", name, c)
			}
			for i := 1; i < len(c); i++ {
				if c[i] == c[i-1] {
					t.Fatalf("%s: equal bounds %v", name, c)
				}
			}
			for i, b := range c {
				if c.Of(b) != i+1 || c.Of(math.Nextafter(b, 0)) != i {
					t.Fatalf("%s: bound %g of %v has class %d", name, b, c, c.Of(b))
				}
			}
		}
	})
	groups := []float64{1, 2, 1.5, 50, 51, 52, 900, 910}
	if c := insight.Natural(groups, 3); c.Of(2) != 0 || c.Of(50) != 1 || c.Of(52) != 1 || c.Of(900) != 2 {
		t.Errorf("three groups are classed by %v", c)
	}
}

// A gain and a loss of the same size are equally far from the middle.
func TestDivergingMirrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e4, 1e4), 0, 300).Draw(t, "values")
		c := insight.Diverging(values, 3)
		for _, v := range append(values, 0) {
			if up, down := c.Of(v), c.Of(-v); up+down != len(c) {
				t.Fatalf("%g has class %d and %g %d of %v", v, up, -v, down, c)
			}
		}
		if c.Of(0) != len(c)/2 {
			t.Fatalf("no change has class %d of %v", c.Of(0), c)
		}
	})
}

func TestGiStarGolden(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../shared/data/golden_gistar.json")
	if err != nil {
		t.Skipf("the reference data is not beside the project: %v", err)
	}
	var golden struct {
		Points    [][2]float64
		Y         []float64
		Threshold float64
		GiStar    []float64 `json:"gistar_binary"`
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	near := make(insight.Neighbours, len(golden.Points))
	for i, a := range golden.Points {
		for j, b := range golden.Points {
			if math.Hypot(a[0]-b[0], a[1]-b[1]) <= golden.Threshold {
				near[i] = append(near[i], j)
			}
		}
	}
	for i, z := range insight.GiStar(golden.Y, near) {
		if math.Abs(z-golden.GiStar[i]) > 1e-9 {
			t.Errorf("place %d: %.12f, want %.12f", i, z, golden.GiStar[i])
		}
	}
}

// The statistic does not change with the unit, and everybody's neighbourhood of everything is no spot.
func TestGiStarIsAScore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// Whole numbers, as counts are: of differences far below the values themselves nothing is left in another unit.
		counts := rapid.SliceOfN(rapid.IntRange(0, 100), 3, 30).Draw(t, "counts")
		values := make([]float64, len(counts))
		for i, n := range counts {
			values[i] = float64(n)
		}
		near, all := make(insight.Neighbours, len(values)), make(insight.Neighbours, len(values))
		other := make([]float64, len(values))
		for i := range values {
			near[i] = []int{i, (i + 1) % len(values)}
			for j := range values {
				all[i] = append(all[i], j)
			}
			other[i] = 3*values[i] + 40
		}
		a, b := insight.GiStar(values, near), insight.GiStar(other, near)
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-4*(1+math.Abs(a[i])) {
				t.Fatalf("place %d: %g, in another unit %g", i, a[i], b[i])
			}
		}
		for _, z := range insight.GiStar(values, all) {
			if z != 0 {
				t.Fatalf("all together are a spot of %g", z)
			}
		}
	})
}

// Procedure 1 over the fifteen p-values of the paper's own example believes four at 0.05.
func TestDiscoveries(t *testing.T) {
	t.Parallel()
	p := []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}
	got := insight.Discoveries(p, .05)
	for i, believed := range got {
		if believed != (i < 4) {
			t.Errorf("p = %g: %v", p[i], believed)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 40).Draw(t, "p")
		strict, loose := insight.Discoveries(p, .01), insight.Discoveries(p, .1)
		for i := range p {
			if strict[i] && !loose[i] {
				t.Fatal("a stricter bound believes more")
			}
		}
	})
}

func TestTwoSided(t *testing.T) {
	t.Parallel()
	for z, want := range map[float64]float64{0: 1, 1.959963985: .05, -2.575829304: .01} {
		if got := insight.TwoSided(z); math.Abs(got-want) > 1e-8 {
			t.Errorf("z %g: %g, want %g", z, got, want)
		}
	}
}
