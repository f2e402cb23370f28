package plain

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/area"
	"github.com/gridweave/gridweave/geo/civic/house"
	"github.com/gridweave/gridweave/geo/civic/incident"
)

// view is what a page shows. Which of its parts are filled depends on the page.
type view struct {
	words
	By      *account.Actor // nil where nobody is signed in
	Title   string
	AsOf    time.Time
	address *url.URL

	Problem string // of the form
	Next    string // where the form leads to
	Text    string // of a refusal

	Crumbs  []crumb
	Area    area.Area
	Figures area.Figures
	Parts   []part

	Incidents []incident.Incident
	Overdue   bool // only those

	Buildings []house.Building
	Grade     house.Grade // only those
	Building  house.Building
	Rooms     []house.Room
	History   []house.GradeChange

	Further string // the path of the next page; "" on the last
}

// crumb is a step of the way down to a place; those above one's own area have no link.
type crumb struct {
	Name string
	Path string
}

// part is an area below, with its figures.
type part struct {
	Area    area.Area
	Figures area.Figures
}

func (s *site) view(r *http.Request) *view {
	return &view{words: s.words[languageOf(r)], AsOf: time.Now(), address: r.URL}
}

// titled names the page by a text, which a refusal also explains.
func (v *view) titled(what string) *view {
	v.Title, v.Text = v.T("title."+what), v.T("text."+what)
	return v
}

// Link is a path of ours in the reader's language.
func (v *view) Link(path string) string { return v.link(path) }

// AreaPath is where an area's page is.
func (v *view) AreaPath(code geo.Code, more string) string {
	return v.link(Root + "/area/" + string(code) + more)
}

// HousePath is where a building's page is.
func (v *view) HousePath(code geo.Code) string { return v.link(Root + "/b/" + string(code)) }

// Other is this page in the other language.
func (v *view) Other() string {
	other := words{Lang: "en"}
	if v.Lang == "en" {
		other.Lang = "zh"
	}
	return other.link(v.address.RequestURI())
}

// with is this page's address with one parameter more.
func (v *view) with(name, value string) string {
	u := *v.address
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return v.link(u.RequestURI())
}

// Time writes a time as the district's clocks show it.
func (v *view) Time(t time.Time) string {
	return t.In(time.FixedZone("CST", 8*3600)).Format("2006-01-02 15:04")
}

// Count writes a whole number with its thousands apart, as both languages do.
func (v *view) Count(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// Late tells whether a case's running timer has passed.
func (v *view) Late(i incident.Incident) bool { return i.Overdue(v.AsOf) }

// House is the building that a case happened in; "" for one in the open.
func (v *view) House(i incident.Incident) geo.Code {
	code, _ := i.Code.At(geo.Building)
	return code
}

// Mark is a grade with its name, for the template that draws one. The name is there for whoever tells no colours apart.
func (v *view) Mark(g house.Grade) mark { return mark{g, v.N("grade", g)} }

type mark struct {
	Grade house.Grade
	Text  string
}

// Narrowed is the list of an area's buildings of one grade.
func (v *view) Narrowed(code geo.Code, g house.Grade) string {
	return v.AreaPath(code, "/buildings?grade="+string(g))
}

// Called is a building's name, or its code where it has none.
func (v *view) Called(b house.Building) string {
	if name := v.Pick(b.NameZh, b.NameEn); name != "" {
		return name
	}
	return string(b.Code)
}

// Reason is a rule that fired, in words, with the points it took off; one without points is a veto.
func (v *view) Reason(r house.Reason) string {
	text := v.Pick(r.LabelZh, r.LabelEn)
	if text == "" {
		text = r.Rule
	}
	if r.Points == nil {
		return text + " · " + v.T("veto")
	}
	return fmt.Sprintf("%s · %+g", text, *r.Points)
}

// Grades are what buildings can be narrowed by.
func (v *view) Grades() []house.Grade { return house.Grades() }

// Graded is how many houses of an area have a grade.
func (v *view) Graded(f area.Figures, g house.Grade) int { return f.Grades[string(g)] }
