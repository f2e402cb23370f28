package city

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// namer names the parcels of one community, each differently.
type namer struct {
	base     named
	used     map[string]bool
	villages int
}

func newNamer(c *community) *namer { return &namer{base: baseName(c), used: map[string]bool{}} }

// parcels gives each estate, school and block its name, from the community's and from words that estates use.
func (n *namer) parcels(rng *rand.Rand, out *layout) {
	for i := range out.parcels {
		p := &out.parcels[i]
		switch {
		case p.name.zh != "" || p.fabric == "pitch" || p.fabric == "wood":
		case p.fabric == "village":
			n.villages++
			p.name = named{n.base.zh + hundred(n.villages) + "坊", fmt.Sprintf("%s Village Block %d", n.base.en, n.villages)}
		default:
			p.name = n.fresh(rng, p.fabric)
		}
		n.used[p.name.zh] = true
	}
}

// fresh draws names until one is new; after a dozen it adds a number.
func (n *namer) fresh(rng *rand.Rand, fabric string) named {
	var name named
	for range 12 {
		if name = parcelName(rng, fabric, n.base); !n.used[name.zh] {
			return name
		}
	}
	for k := 2; ; k++ {
		if again := (named{name.zh + hundred(k) + "期", fmt.Sprintf("%s Phase %d", name.en, k)}); !n.used[again.zh] {
			return again
		}
	}
}

// baseName is the community's name without the word community.
func baseName(c *community) named {
	return named{strings.TrimSuffix(c.zh, "社区"), strings.TrimSuffix(c.en, " Community")}
}

func parcelName(rng *rand.Rand, fabric string, base named) named {
	first := pick(rng, fancyWords())
	switch fabric {
	case "slab", "dorm":
		return join(pick(rng, []named{base, first}), pick(rng, slabWords()))
	case "tower", "villa":
		return join(first, pick(rng, towerWords()))
	case "cbd":
		return join(first, pick(rng, []named{{"大厦", " Tower"}, {"中心", " Center"}, {"广场", " Plaza"}, {"国际大厦", " International Tower"}, {"金融大厦", " Finance Tower"}}))
	case "block":
		return join(first, pick(rng, []named{{"电子城", " Electronics City"}, {"数码广场", " Digital Plaza"}, {"电子大厦", " Electronics Building"}, {"科技楼", " Technology Building"}}))
	case "mall", "shops":
		return join(first, pick(rng, []named{{"商场", " Mall"}, {"购物中心", " Shopping Center"}, {"商业街", " Shopping Street"}, {"市场", " Market"}}))
	case "factory":
		return join(first, pick(rng, []named{{"工业园", " Industrial Park"}, {"科技园", " Technology Park"}, {"工业区", " Industrial Zone"}, {"物流园", " Logistics Park"}}))
	case "school":
		return join(base, pick(rng, []named{{"小学", " Primary School"}, {"中学", " Middle School"}, {"学校", " School"}, {"实验学校", " Experimental School"}}))
	case "hospital":
		return join(base, named{"医院", " Hospital"})
	case "civic":
		return join(base, pick(rng, []named{{"党群服务中心", " Service Center"}, {"文体中心", " Culture and Sports Center"}, {"图书馆", " Library"}, {"综合楼", " Civic Building"}}))
	}
	return join(pick(rng, []named{base, first}), pick(rng, []named{{"公园", " Park"}, {"花园", " Garden"}, {"绿地", " Green"}}))
}

func join(a, b named) named { return named{a.zh + b.zh, a.en + b.en} }

func fancyWords() []named {
	return []named{
		{"翠景", "Cuijing"},
		{"金桂", "Jingui"},
		{"丽景", "Lijing"},
		{"云海", "Yunhai"},
		{"嘉华", "Jiahua"},
		{"东方", "Dongfang"},
		{"世纪", "Century"},
		{"天健", "Tianjian"},
		{"鸿翔", "Hongxiang"},
		{"碧涛", "Bitao"},
		{"祥云", "Xiangyun"},
		{"荔香", "Lixiang"},
		{"海悦", "Haiyue"},
		{"星河", "Xinghe"},
		{"紫薇", "Ziwei"},
		{"锦绣", "Jinxiu"},
		{"明珠", "Mingzhu"},
		{"长安", "Chang'an"},
		{"福源", "Fuyuan"},
		{"瑞和", "Ruihe"},
		{"新怡", "Xinyi"},
		{"博雅", "Boya"},
		{"银湾", "Yinwan"},
		{"华庭", "Huating"},
		{"枫林", "Fenglin"},
		{"绿洲", "Lüzhou"},
		{"君悦", "Junyue"},
		{"万和", "Wanhe"},
		{"安居", "Anju"},
		{"青云", "Qingyun"},
		{"望海", "Wanghai"},
		{"听涛", "Tingtao"},
		{"兰亭", "Lanting"},
		{"凤凰", "Fenghuang"},
		{"振业", "Zhenye"},
		{"联兴", "Lianxing"},
	}
}

func slabWords() []named {
	return []named{{"花园", " Garden"}, {"苑", " Court"}, {"新村", " New Village"}, {"小区", " Estate"}, {"宿舍区", " Quarters"}, {"大院", " Compound"}, {"家园", " Homes"}}
}

func towerWords() []named {
	return []named{{"花园", " Garden"}, {"豪庭", " Grand Court"}, {"雅苑", " Elegant Court"}, {"公馆", " Residence"}, {"名苑", " Mansion"}, {"山庄", " Hillside"}, {"府", " House"}, {"湾畔", " Bayside"}}
}

func numeral(n int) string {
	return string([]rune("零一二三四五六七八九")[n])
}

// buildingName is the estate's name with the block's number, or the estate's alone where it has but one building.
func buildingName(f *footprint, p parcel, number, of int) named {
	switch {
	case f.kind == Other:
		return named{p.name.zh + "配套用房", p.name.en + " Annex"}
	case f.kind == UrbanVillage:
		return named{fmt.Sprintf("%s%d号", p.name.zh, number), fmt.Sprintf("%s No. %d", p.name.en, number)}
	case of <= 1 || p.fabric == "garden":
		return p.name
	case f.kind == Commercial && p.fabric != "shops":
		return named{p.name.zh + "裙楼", p.name.en + " Podium"}
	}
	return named{fmt.Sprintf("%s%d栋", p.name.zh, number), fmt.Sprintf("%s Block %d", p.name.en, number)}
}

// nameRoads names the roads that have no name yet after the community they run through.
func (p *plan) nameRoads() {
	count := map[*community]int{}
	near := p.roadCommunities()
	for road := range p.mesh.names {
		r := &p.mesh.names[road]
		c := near[int32(road)]
		if r.ZH != "" || r.Class == Border || c == nil {
			continue
		}
		count[c]++
		n := roadName(baseName(c), count[c], r.Class)
		r.ZH, r.EN = n.zh, n.en
	}
}

func roadName(base named, n int, class Class) named {
	if class == Path {
		return join(base, named{"步道", " Trail"})
	}
	sides := []named{{"路", " Road"}, {"东路", " East Road"}, {"西路", " West Road"}, {"南路", " South Road"}, {"北路", " North Road"}, {"中路", " Middle Road"}}
	if n <= len(sides) {
		return join(base, sides[n-1])
	}
	n -= len(sides)
	return join(base, named{hundred(n) + "街", fmt.Sprintf(" %s Street", ordinal(n))})
}

// hundred writes 1 to 99 in Chinese numerals, and larger numbers in digits.
func hundred(n int) string {
	tens, ones := n/10, n%10
	if tens > 9 {
		return strconv.Itoa(n)
	}
	s := ""
	if tens > 1 {
		s = numeral(tens)
	}
	if tens > 0 {
		s += "十"
	}
	if ones > 0 {
		s += numeral(ones)
	}
	return s
}

func ordinal(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
		return fmt.Sprintf("%dth", n)
	case n%10 == 1:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// roadCommunities finds, for each road, the community on its left side where its first edge runs.
func (p *plan) roadCommunities() map[int32]*community {
	owner := map[*gridPlan]*community{}
	for _, c := range p.communities {
		for _, g := range c.grids {
			owner[g] = c
		}
	}
	near := map[int32]*community{}
	for e, road := range p.mesh.roads {
		for _, h := range []int32{int32(e) * 2, int32(e)*2 + 1} {
			if f := p.mesh.face[h]; f != outer && near[road] == nil {
				near[road] = owner[p.gridOf[f]]
			}
		}
	}
	return near
}
