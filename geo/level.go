package geo

import (
	"fmt"
	"strings"
)

// Level is a rung of the house-code path. Its value is the number of digits a code of that level has.
type Level int

// The levels, from the widest down.
const (
	Province  Level = 2  // 省
	City      Level = 4  // 市
	District  Level = 6  // 区
	Street    Level = 9  // 街道
	Community Level = 12 // 社区
	Grid      Level = 14 // 网格
	Building  Level = 19 // 楼栋
	Room      Level = 25 // 房屋
)

// Levels lists every level from the widest down.
func Levels() [8]Level {
	return [...]Level{Province, City, District, Street, Community, Grid, Building, Room}
}

// ParseLevel reads a level's English name as [Level.String] writes it, in any case.
func ParseLevel(s string) (Level, error) {
	for _, l := range Levels() {
		if strings.EqualFold(strings.TrimSpace(s), l.String()) {
			return l, nil
		}
	}
	return 0, fmt.Errorf("level parse: %q is none of %s", clip(s), strings.Join(levelNames(), ", "))
}

// String is the level's English name, "province" to "room"; "level(n)" for a value that is no level.
func (l Level) String() string {
	switch l {
	case Province:
		return "province"
	case City:
		return "city"
	case District:
		return "district"
	case Street:
		return "street"
	case Community:
		return "community"
	case Grid:
		return "grid"
	case Building:
		return "building"
	case Room:
		return "room"
	default:
		return fmt.Sprintf("level(%d)", int(l))
	}
}

// Valid tells whether l is one of [Levels].
func (l Level) Valid() bool {
	_, ok := l.index()
	return ok
}

// Up is the level above: the city above the district. False at the province and for a value that is no level.
func (l Level) Up() (Level, bool) {
	i, ok := l.index()
	if !ok || i == 0 {
		return 0, false
	}
	return Levels()[i-1], true
}

// Down is the level below: the room below the building. False at the room and for a value that is no level.
func (l Level) Down() (Level, bool) {
	i, ok := l.index()
	if !ok || l == Room {
		return 0, false
	}
	return Levels()[i+1], true
}

// MarshalText writes the level's name, so JSON says "street" and not 9.
func (l Level) MarshalText() ([]byte, error) {
	if !l.Valid() {
		return nil, fmt.Errorf("level marshal: %d is no level", int(l))
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (l *Level) UnmarshalText(text []byte) error {
	parsed, err := ParseLevel(string(text))
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}

func (l Level) index() (int, bool) {
	for i, known := range Levels() {
		if known == l {
			return i, true
		}
	}
	return 0, false
}

// width is how many digits the level itself adds to the path.
func (l Level) width() int {
	up, _ := l.Up()
	return int(l - up)
}

func levelNames() []string {
	var names []string
	for _, l := range Levels() {
		names = append(names, l.String())
	}
	return names
}
