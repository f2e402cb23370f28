package area

import (
	"time"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
)

// Area is an area in force.
type Area struct {
	ID          int64
	Code        geo.Code
	NameZh      string
	NameEn      string
	Residents   *int
	ResidentsOn *time.Time
	Version     int
	ValidFrom   time.Time
	Bounds      orb.Bound // degrees, WGS-84
	Label       orb.Point // a point inside
	Children    int       // areas one level down
	Outline     orb.Geometry
}

// Ancestor is what can be read of an area above one's own.
type Ancestor struct {
	Code    geo.Code
	NameZh  string
	NameEn  string
	Outline orb.Geometry
}

// Version is an outline that an area once had.
type Version struct {
	Version   int
	ValidFrom time.Time
	ValidTo   time.Time
	Reason    string
}

// Filter narrows a list. After is the code that the page before ended with.
type Filter struct {
	Parent geo.Code
	Level  geo.Level
	Text   string // part of a name, or the beginning of a code
	After  geo.Code
	Limit  int
}

// Figures are the counts of an area as of now.
type Figures struct {
	Code             geo.Code
	ID               int64 // the area's id in tiles; 0 for a code without an area
	Buildings        int
	RentalBuildings  int // those with a grade
	Rooms            int
	RentalRooms      int
	Residents        int
	Grades           map[string]int
	OpenIncidents    int
	OverdueIncidents int
	Declarations     int // of the last 24 hours
}

// Translation is a code of another system for a place, or an older code of it.
type Translation struct {
	System  string
	Foreign string
	Code    geo.Code
	NameZh  string
	NameEn  string
}
