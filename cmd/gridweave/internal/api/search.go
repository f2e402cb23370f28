package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/civic/search"
	"github.com/gridweave/gridweave/geo/live"
)

// Hit is one thing that a search found.
type Hit struct {
	Kind      search.Kind     `json:"kind" enum:"area,building,room,incident"`
	ID        int64           `json:"id" doc:"Of the area, the building or the incident; of a room, its building's."`
	Code      geo.Code        `json:"code"`
	NameZh    string          `json:"name_zh" doc:"Of an incident, its type's; of a room, the number on its door."`
	NameEn    string          `json:"name_en"`
	AddressZh string          `json:"address_zh,omitempty"`
	AddressEn string          `json:"address_en,omitempty"`
	Within    []Place         `json:"within" doc:"The areas it lies in, from the street down."`
	Grade     house.Grade     `json:"grade,omitempty" enum:"green,yellow,orange,red,grey"`
	Status    incident.Status `json:"status,omitempty" doc:"Of an incident."`
	At        *time.Time      `json:"at,omitempty" doc:"When an incident was reported."`
	Place     [2]float64      `json:"place" doc:"Longitude and latitude."`
	Bounds    *[4]float64     `json:"bounds,omitempty" doc:"Of an area: west, south, east, north."`
	Score     float64         `json:"score" doc:"1 is exactly what was typed."`
	Corrected bool            `json:"corrected,omitempty" doc:"Found by undoing a slip in a code."`
}

type searchAPI struct{ d Deps }

func registerSearch(api huma.API, d Deps) {
	get(api, "search", "/api/v1/search", "Areas, buildings, rooms and incidents by code, name or address, typing errors allowed",
		"search", searchAPI{d}.find)
}

type searchInput struct {
	Text  string `query:"q" required:"true" maxLength:"100" doc:"Name, address, number of an incident, or digits of a code in any width or grouping."`
	Limit int    `query:"limit" minimum:"1" maximum:"50" default:"12"`
}

type searchOutput struct {
	Body struct {
		Items []Hit `json:"items" doc:"Best first."`
	}
}

func (s searchAPI) find(ctx context.Context, in *searchInput) (*searchOutput, error) {
	found, err := s.d.Search.Find(ctx, actorOf(ctx), in.Text, in.Limit)
	if err != nil {
		return nil, err
	}
	places := placesAround(s.d.Tiles.Picture, found)
	out := &searchOutput{}
	out.Body.Items = make([]Hit, 0, len(found))
	for _, h := range found {
		hit := Hit{
			Kind: h.Kind, ID: h.ID, Code: h.Code, NameZh: h.NameZh, NameEn: h.NameEn, AddressZh: h.AddressZh,
			AddressEn: h.AddressEn, Within: []Place{}, Grade: house.Grade(h.Grade), Status: incident.Status(h.Status), At: h.At,
			Place: lonLat(h.Place), Score: h.Score, Corrected: h.Corrected,
		}
		if h.Kind == search.Area {
			hit.Bounds = places[h.Code].Bounds
		}
		for _, l := range []geo.Level{geo.Street, geo.Community} {
			if code, ok := h.Code.At(l); ok && code != h.Code && places[code].Code != "" {
				around := places[code]
				around.Bounds = nil
				hit.Within = append(hit.Within, around)
			}
		}
		out.Body.Items = append(out.Body.Items, hit)
	}
	return out, nil
}

// placesAround finds the areas among the hits, and the streets and communities that hits lie in, all with one pass over the picture's areas.
func placesAround(p *live.Picture, hits []search.Hit) map[geo.Code]Place {
	named := map[geo.Code]Place{}
	for _, h := range hits {
		if h.Kind == search.Area {
			named[h.Code] = Place{}
		}
		for _, l := range []geo.Level{geo.Street, geo.Community} {
			if code, ok := h.Code.At(l); ok {
				named[code] = Place{}
			}
		}
	}
	p.Read(func(layer func(string) *live.Layer) {
		layer(area.Layer().Name).All(func(f *live.Feature) {
			if _, wanted := named[f.Code]; wanted {
				named[f.Code] = Place{
					Code: f.Code, Level: f.Code.Level().String(), NameZh: f.Texts[area.TextNameZh], NameEn: f.Texts[area.TextNameEn],
					Bounds: boundsOf(f),
				}
			}
		})
	})
	return named
}
