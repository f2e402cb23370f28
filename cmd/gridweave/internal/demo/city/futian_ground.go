package city

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

// futianCommunities lists the 92 communities: code below the district, names, roughly where
// (metres), fabric, and the code that the statistics bureau gives it.
//
//go:embed futian_communities.csv
var futianCommunities string

type place struct {
	code, zh, en string
	site         vec
	fabric       byte
	statistics   string // the statistics bureau's code, "" where invented
}

func futianStreets() []place {
	return []place{
		{code: "440304001", zh: "南园街道", en: "Nanyuan Street", statistics: "440304001"},
		{code: "440304002", zh: "园岭街道", en: "Yuanling Street", statistics: "440304002"},
		{code: "440304003", zh: "福田街道", en: "Futian Street", statistics: "440304004"},
		{code: "440304004", zh: "沙头街道", en: "Shatou Street", statistics: "440304005"},
		{code: "440304005", zh: "香蜜湖街道", en: "Xiangmihu Street", statistics: "440304006"},
		{code: "440304006", zh: "梅林街道", en: "Meilin Street", statistics: "440304007"},
		{code: "440304007", zh: "莲花街道", en: "Lianhua Street", statistics: "440304008"},
		{code: "440304008", zh: "华富街道", en: "Huafu Street", statistics: "440304009"},
		{code: "440304009", zh: "华强北街道", en: "Huaqiangbei Street", statistics: "440304011"},
		{code: "440304010", zh: "福保街道", en: "Fubao Street", statistics: "440304010"},
	}
}

func futianPlaces() ([]place, error) {
	var out []place
	for n, line := range strings.Split(strings.TrimSpace(futianCommunities), "\n") {
		f := strings.Split(line, ",")
		if len(f) != 7 {
			return nil, fmt.Errorf("futian communities line %d: %d fields, want 7", n+1, len(f))
		}
		x, errX := strconv.ParseFloat(f[3], 64)
		y, errY := strconv.ParseFloat(f[4], 64)
		if errX != nil || errY != nil {
			return nil, fmt.Errorf("futian communities line %d: site %s,%s is no number", n+1, f[3], f[4])
		}
		out = append(out, place{"440304" + f[0], f[1], f[2], vec{x, y}, f[5][0], f[6]})
	}
	return out, nil
}

// futianParks names the parks that fill a whole face between roads, by a point inside.
func futianParks() []place {
	return []place{
		{zh: "莲花山公园", en: "Lianhuashan Park", site: vec{1400, 950}},
		{zh: "中心公园", en: "Central Park", site: vec{3050, 850}},
		{zh: "中心公园", en: "Central Park", site: vec{3020, 0}},
		{zh: "中心公园", en: "Central Park", site: vec{3030, -800}},
		{zh: "中心公园", en: "Central Park", site: vec{3050, -1350}},
		{zh: "笔架山公园", en: "Bijiashan Park", site: vec{3350, 1750}},
		{zh: "荔枝公园", en: "Lychee Park", site: vec{5050, 0}},
		{zh: "红树林生态公园", en: "Mangrove Ecological Park", site: vec{-4000, -2950}},
		{zh: "红树林自然保护区", en: "Mangrove Nature Reserve", site: vec{-5100, -2900}},
		{zh: "红树林海滨生态公园", en: "Mangrove Seaside Park", site: vec{-2600, -3500}},
		{zh: "福田红树林生态公园", en: "Futian Mangrove Park", site: vec{-1200, -3900}},
	}
}

func futianHills() []knoll {
	return []knoll{
		{-3150, 3050, 950, 1050, .3, "塘朗山", "Tanglang Hill"},
		{-1300, 3950, 1150, 420, .1, "梅林山", "Meilin Hill"},
		{900, 4250, 620, 560, .5, "梅林后山", "Meilin Back Hill"},
		{2450, 3900, 520, 430, -.4, "牛头山", "Niutou Hill"},
		{1450, 1120, 430, 300, .2, "莲花山", "Lianhua Hill"},
		{3400, 1870, 330, 260, .8, "笔架山", "Bijia Hill"},
		{-4850, 650, 160, 330, .3, "侨城东坡", "Qiaocheng East Slope"},
	}
}

func futianLakes() []knoll {
	return []knoll{
		{-2450, 60, 300, 170, .5, "香蜜湖", "Xiangmi Lake"},
		{-1350, 3330, 420, 190, .2, "梅林水库", "Meilin Reservoir"},
		{5120, 60, 120, 150, .2, "荔湖", "Lychee Lake"},
		{1050, 700, 150, 70, .3, "莲花湖", "Lianhua Lake"},
		{-4350, -2980, 200, 60, .1, "凤塘湖", "Fengtang Lake"},
	}
}

// southShore are the first points of the outline, those that lie on the bay and the river.
const southShore = 24

// futianStrokes draws the district's outline, then its roads.
func futianStrokes(seed uint64) (outline []vec, strokes []stroke, names []roadway) {
	pts := futianOutline()
	south := ragged(seed+5, pts[:southShore], 30)
	const east = 29 // the last point along Hongling Road
	hongling := rounded(pts[southShore-1:east], 120)
	rest := ragged(seed+6, append(append([]vec{}, pts[east-1:]...), pts[0]), 45)
	names = []roadway{{Class: Border}, {Arterial, "红岭路", "Hongling Road"}}
	strokes = []stroke{{south, 0}, {hongling, 1}, {rest, 0}}
	for _, s := range futianRoads() {
		line := rounded(s.line, 90)
		for i, p := range line {
			off := vec{noise(seed+7, p.X/700, p.Y/700), noise(seed+8, p.X/700, p.Y/700)}
			line[i] = p.add(off.mul(26))
		}
		strokes = append(strokes, stroke{line, int32(len(names))})
		names = append(names, roadway{s.class, s.zh, s.en})
	}
	for _, s := range strokes[:3] {
		outline = append(outline, s.line[:len(s.line)-1]...)
	}
	return outline, strokes, names
}

// futianWater is the bay beyond the shore, the river that runs to it from upstream, and the streams through the district.
func (g *ground) futianWater(outline, upstream []vec) {
	pts := futianOutline()
	shore, river := nearest(outline, pts[6]), nearest(outline, pts[southShore-1])
	bay := append([]vec{}, outline[:shore+1]...)
	bay = append(bay, vec{-1250, -4800}, vec{-1500, -5400}, vec{-2500, -6100}, vec{-3800, -6900}, vec{-5200, -7600},
		vec{-7500, -8300}, vec{-12000, -9800}, vec{-12000, -5600}, vec{-9600, -4900}, vec{-8400, -3700}, vec{-7000, -3000},
		vec{-6200, -3250})
	g.sea = append(g.sea, newPatch("water", "sea", "深圳湾", "Shenzhen Bay", bay))
	course := append([]vec{{-1900, -4480}}, outline[shore:river+1]...)
	course = append(course, upstream...)
	g.add(newPatch("water", "river", "深圳河", "Shenzhen River", ribbon(course, 18, 95)))
	stream := func(zh, en string, half float64, through ...vec) {
		g.add(newPatch("water", "canal", zh, en, ribbon(ragged(g.seed+9, through, 18), half, half)))
	}
	stream("福田河", "Futian River", 10, vec{3080, 1150}, vec{3020, 300}, vec{3060, -500}, vec{3030, -1400}, vec{3100, -2300},
		vec{3200, -3050})
	stream("新洲河", "Xinzhou River", 11, vec{60, 1850}, vec{120, 700}, vec{90, -400}, vec{60, -1500}, vec{-60, -2500},
		vec{-240, -3300}, vec{-420, -4380})
	stream("凤塘河", "Fengtang River", 8, vec{-3600, -1500}, vec{-3500, -2300}, vec{-3600, -3250})
}
