package plain

import (
	"net/http"
	"strconv"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

// perPage is what one page of a list holds: a few screens, and small on a slow line.
const perPage = 50

// mostParts bounds the areas below one: no district has as many streets, no community as many grids.
const mostParts = 500

// areaOf reads the path's code, finds the area and says where it lies.
func (s *site) areaOf(r *http.Request, v *view) error {
	code, err := geo.ParseCode(r.PathValue("code"))
	if err != nil {
		return fault.InvalidField("area.code", "code", err)
	}
	if v.Area, err = s.Areas.Get(r.Context(), *v.By, code); err != nil {
		return err
	}
	v.Title = v.Pick(v.Area.NameZh, v.Area.NameEn)
	s.crumbs(v, code)
	return nil
}

// crumbs are the way down to a code, with links from one's own area on.
func (s *site) crumbs(v *view, code geo.Code) {
	for _, p := range s.Above(code) {
		c := crumb{Name: v.Pick(p.NameZh, p.NameEn)}
		if v.By.Scope.Covers(p.Code) {
			c.Path = v.AreaPath(p.Code, "")
		}
		v.Crumbs = append(v.Crumbs, c)
	}
}

func (s *site) area(r *http.Request, v *view) (string, error) {
	if err := s.areaOf(r, v); err != nil {
		return "", err
	}
	code := v.Area.Code
	below := geo.Level(0)
	if down, ok := code.Level().Down(); ok && down <= geo.Grid {
		below = down
	}
	whole, split, err := s.Areas.Stats(r.Context(), *v.By, code, below)
	if err != nil {
		return "", err
	}
	v.Figures = whole
	if below == 0 {
		return "area", nil
	}
	parts, err := s.Areas.List(r.Context(), *v.By, area.Filter{Parent: code, Limit: mostParts})
	if err != nil {
		return "", err
	}
	figures := map[geo.Code]area.Figures{}
	for _, f := range split {
		figures[f.Code] = f
	}
	for _, a := range parts {
		v.Parts = append(v.Parts, part{Area: a, Figures: figures[a.Code]})
	}
	return "area", nil
}

func (s *site) incidents(r *http.Request, v *view) (string, error) {
	if err := s.areaOf(r, v); err != nil {
		return "", err
	}
	f := incident.Filter{Within: v.Area.Code, Open: true, Overdue: r.FormValue("overdue") == "1", Limit: perPage + 1}
	if before := r.FormValue("before"); before != "" {
		var err error
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil || f.Before < 1 {
			return "", fault.Invalid("list.before", "before is no number of a case")
		}
	}
	all, err := s.Incidents.List(r.Context(), *v.By, f)
	if err != nil {
		return "", err
	}
	if len(all) > perPage {
		all = all[:perPage]
		v.Further = v.with("before", strconv.FormatInt(all[perPage-1].ID, 10))
	}
	v.Incidents, v.Overdue = all, f.Overdue
	return "incidents", nil
}

func (s *site) buildings(r *http.Request, v *view) (string, error) {
	if err := s.areaOf(r, v); err != nil {
		return "", err
	}
	f := house.Filter{Within: v.Area.Code, Limit: perPage + 1}
	grade := gradeOf(r.FormValue("grade"))
	if grade != "" {
		f.Grades = []house.Grade{grade}
	}
	if after := r.FormValue("after"); after != "" {
		var err error
		if f.After.Code, err = geo.ParseCode(after); err != nil {
			return "", fault.InvalidField("list.after", "after", err)
		}
	}
	all, err := s.Houses.List(r.Context(), *v.By, f)
	if err != nil {
		return "", err
	}
	if len(all) > perPage {
		all = all[:perPage]
		v.Further = v.with("after", string(all[perPage-1].Code))
	}
	v.Buildings, v.Grade = all, grade
	return "buildings", nil
}

// gradeOf is a grade that is asked for, or none.
func gradeOf(s string) house.Grade {
	for _, g := range house.Grades() {
		if string(g) == s {
			return g
		}
	}
	return ""
}

func (s *site) building(r *http.Request, v *view) (string, error) {
	code, err := geo.ParseCodeAt(r.PathValue("code"), geo.Building)
	if err != nil {
		return "", fault.InvalidField("house.code", "code", err)
	}
	ref, err := house.ParseRef(string(code))
	if err != nil {
		return "", err
	}
	if v.Building, v.History, err = s.Houses.Get(r.Context(), *v.By, ref); err != nil {
		return "", err
	}
	if v.Rooms, err = s.Houses.Rooms(r.Context(), *v.By, ref); err != nil {
		return "", err
	}
	v.Title = v.Called(v.Building)
	s.crumbs(v, code)
	return "building", nil
}
