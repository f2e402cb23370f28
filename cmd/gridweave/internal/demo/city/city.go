package city

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// City is a generated city: small itself, it makes the communities' buildings anew each time they are asked for.
type City struct {
	*plan
	options Options
	grades  thresholds
}

// Area (区域) is one area of any level, from the city down to the grid; the level follows from the code's length.
type Area struct {
	Code, ZH, EN string
	Geom         orb.MultiPolygon // WGS-84
}

// Translation is a foreign code of an area: the statistics bureau's.
type Translation struct{ System, Foreign, Code, ZH, EN string }

// Community (社区) is one community's buildings and what happened there, in the order of codes and of time.
type Community struct {
	Code         string
	Residents    map[string]int // by grid
	Buildings    []Building
	Lanes        []Feature
	Blocks       []Feature
	Incidents    []Incident
	Declarations []Declaration
}

// Building is one building (楼栋) with what is in it.
type Building struct {
	Code                 string // 19 digits
	ZH, EN               string
	AddressZH, AddressEN string
	Kind                 Kind
	Levels               int
	HeightM              float64
	Built                int // year
	Geom                 orb.MultiPolygon
	Rooms                []Room
	State                State
	History              []GradeEvent

	showpiece bool
}

// State is what changes about a building.
type State struct {
	Use                  Use
	Grade                Grade // "" where nothing is let
	Score                int   // -1 where never rated
	Reasons              []Reason
	Graded, Patrolled    time.Time
	Rooms, RentalRooms   int
	Residents, Incidents int // Incidents counts the open ones
}

// Room is one room or flat (房屋); its code is the building's followed by floor and number, three digits each.
type Room struct {
	Floor, Number       int16
	Use                 Use
	Capacity, Residents int16
}

// Suffix is the last six digits of the room's code.
func (r Room) Suffix() string { return fmt.Sprintf("%03d%03d", r.Floor, r.Number) }

// Unit is the number on the door.
func (r Room) Unit() string { return fmt.Sprintf("%d%02d", r.Floor, r.Number) }

// New draws the plan of a city and counts what fits into it, so that every total comes out exactly.
func New(ctx context.Context, o Options) (*City, error) {
	p, err := newPlan(o)
	if err != nil {
		return nil, err
	}
	p.nameRoads()
	p.roadHeads()
	c := &City{plan: p, options: o}
	if err := c.survey(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Areas lists every area, larger ones first, each level in the order of codes.
func (c *City) Areas() []Area {
	var out []Area
	if c.scale == Everything {
		out = append(out, c.dissolve(place{code: "4403", zh: "深圳市", en: "Shenzhen"}))
	}
	for _, d := range c.districts {
		out = append(out, c.dissolve(d))
	}
	for _, s := range c.streets {
		out = append(out, c.dissolve(s))
	}
	for _, m := range c.communities {
		out = append(out, c.dissolve(m.place))
	}
	for _, m := range c.communities {
		for _, g := range m.grids {
			out = append(out, c.dissolve(place{code: g.code, zh: m.zh + g.code[12:] + "网格", en: baseName(m).en + " Grid " + g.code[12:]}))
		}
	}
	return out
}

// dissolve joins the faces of all grids whose code starts with the area's.
func (c *City) dissolve(a place) Area {
	in := func(f int32) bool { return strings.HasPrefix(c.gridOf[f].code, a.code) }
	lo := sort.Search(len(c.byCode), func(i int) bool { return c.gridOf[c.byCode[i]].code >= a.code })
	hi := sort.Search(len(c.byCode), func(i int) bool { return c.gridOf[c.byCode[i]].code > a.code+":" })
	faces := c.byCode[lo:hi]
	return Area{a.code, a.zh, a.en, polygons(c.mesh.outlines(faces, in))}
}

// polygons sorts rings into outer ones and the holes inside them.
func polygons(rings [][]pt) orb.MultiPolygon {
	var out orb.MultiPolygon
	var shells [][]vec
	var holes [][]vec
	for _, r := range rings {
		if v := vecs(r); area(v) > 0 {
			shells = append(shells, v)
			out = append(out, orb.Polygon{closedRing(v)})
		} else {
			holes = append(holes, v)
		}
	}
	for _, h := range holes {
		for i, s := range shells {
			if inside(s, h[0].lerp(h[1], .5)) {
				out[i] = append(out[i], closedRing(h))
				break
			}
		}
	}
	return out
}

// Communities makes the communities one after the other in the order of their codes, using as many processors as the
// runtime has; at most a few are held at a time. It stops early, with the context's error, when that ends.
func (c *City) Communities(ctx context.Context) iter.Seq2[*Community, error] {
	return func(yield func(*Community, error) bool) {
		order := slices.Clone(c.communities)
		for made, err := range inOrder(ctx, order, c.community) {
			if !yield(made, err) {
				return
			}
		}
	}
}

// Crosswalk lists the statistics bureau's codes of the real streets and communities.
func (c *City) Crosswalk() []Translation {
	var out []Translation
	add := func(p place) {
		if p.statistics != "" {
			out = append(out, Translation{"statistics", p.statistics, p.code, p.zh, p.en})
		}
	}
	for _, s := range c.streets {
		add(s)
	}
	for _, m := range c.communities {
		add(m.place)
	}
	return out
}
