package geo

import (
	"fmt"
	"strings"
)

// Code is a house code (房屋编码) or a prefix of one down to its province: the path of a place. Its digits are
// 2 province, 2 city, 2 district, 3 street, 3 community, 2 grid, 5 building and 6 room; it has no check digit.
// "Lies within my area" is "starts with my area's code", which [Code.Covers] decides everywhere.
//
// The statistics bureau's codes look the same and name other places; they are [StatCode].
// The zero Code means "no place" and covers nothing.
type Code string

// ParseCode reads a code of any level. It takes the exact digits only: spaces, dashes, full-width digits and
// look-alike letters are refused, with the cleaned code as [CodeError.Suggest] where cleaning yields one.
func ParseCode(s string) (Code, error) {
	if why := checkCode(s); why != nil {
		return "", why
	}
	return Code(s), nil
}

// ParseCodeAt reads a code of the level that is wanted. A good code of another level is refused with the step
// that leads from it to the wanted one: which digits to add, or the prefix to use.
func ParseCodeAt(s string, want Level) (Code, error) {
	if !want.Valid() {
		return "", fmt.Errorf("house code parse: %d is no level", int(want))
	}
	why := checkPath(houseNoun, s, []Level{want})
	if why == nil {
		return Code(s), nil
	}
	if other, err := ParseCode(s); err == nil {
		return "", wrongLevel(other, want)
	}
	return "", why
}

// Level is the code's level; 0 for the zero Code.
func (c Code) Level() Level {
	if l := Level(len(c)); l.Valid() {
		return l
	}
	return 0
}

// At is the code's ancestor at the level, or the code itself. False where the code is wider than that.
func (c Code) At(l Level) (Code, bool) {
	if !l.Valid() || len(c) < int(l) {
		return "", false
	}
	return c[:l], true
}

// Parent is the code one level up. False for a province and the zero Code.
func (c Code) Parent() (Code, bool) {
	up, ok := c.Level().Up()
	if !ok {
		return "", false
	}
	return c[:up], true
}

// Ancestors are the codes above c from the province down, nearest last, c itself excluded.
func (c Code) Ancestors() []Code {
	var above []Code
	for _, l := range Levels() {
		if int(l) >= len(c) {
			break
		}
		above = append(above, c[:l])
	}
	return above
}

// Child is the n-th place one level below c: grid 7 of a community ends in "07". It refuses what has no level
// below, and numbers that the level's digits cannot hold.
func (c Code) Child(n int) (Code, error) {
	down, ok := c.Level().Down()
	if !ok {
		return "", fmt.Errorf("house code child: %q has no level below", string(c))
	}
	part := fmt.Sprintf("%0*d", down.width(), n)
	if n < 0 || len(part) > down.width() {
		return "", fmt.Errorf("house code child: number %d does not fit into the %d %s digits", n, down.width(), down)
	}
	return ParseCode(string(c) + part)
}

// Covers is the one scope predicate: o lies within c, or is c. The zero Code covers nothing and is covered by
// nothing. Row-level security asks the same question as [Code.Range].
func (c Code) Covers(o Code) bool {
	return c != "" && strings.HasPrefix(string(o), string(c))
}

// Range bounds the codes that c covers for SQL: code >= lo AND code < hi, compared bytewise (COLLATE "C"), where
// ':' follows '9'. The zero Code gives an empty range.
func (c Code) Range() (lo, hi string) {
	if c == "" {
		return "", ""
	}
	return string(c), string(c) + ":"
}

// Format groups the digits for people: "440304 004 001 01 00012 000301". [NormalizeCode] undoes it.
func (c Code) Format() string {
	if c.Level() <= District {
		return string(c)
	}
	groups := []string{string(c[:District])}
	for _, l := range Levels() {
		if l > District && int(l) <= len(c) {
			groups = append(groups, string(c[int(l)-l.width():l]))
		}
	}
	return strings.Join(groups, " ")
}

// UnmarshalText reads and checks a code, so JSON and flags cannot bring in a wrong one. Empty text is the zero
// Code, which is how an absent one is written.
func (c *Code) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = ""
		return nil
	}
	parsed, err := ParseCode(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
