package geo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// System names the family a foreign code belongs to.
type System string

// The families that a crosswalk leads from.
const (
	Statistics System = "statistics" // the statistics bureau's division codes, one for each place
	Former     System = "old"        // house codes that were renumbered or merged away, any number for one place
)

// Pair says that a foreign code and a house code name the same place.
type Pair struct {
	System  System
	Foreign string // digits; for Statistics a [StatCode]
	Code    Code
	NameZH  string // may be empty
	NameEN  string // may be empty
}

// Level is the level of the place.
func (p Pair) Level() Level { return p.Code.Level() }

// Validate tells whether the pair is complete, of a known system and one level on both sides.
func (p Pair) Validate() error {
	if _, err := ParseCode(string(p.Code)); err != nil {
		return err
	}
	switch p.System {
	case Statistics:
		if _, err := ParseStatCode(p.Foreign); err != nil {
			return err
		}
	case Former:
		if p.Foreign == "" || !isDigits(p.Foreign) {
			return fmt.Errorf("old code %q: digits only", echo(p.Foreign))
		}
	default:
		return fmt.Errorf("system %q is none of %s and %s", clip(string(p.System)), Statistics, Former)
	}
	if from := Level(len(p.Foreign)); from.Valid() && from != p.Level() {
		return fmt.Errorf("%s code %s is a %s and house code %s a %s: a pair is one place", p.System, p.Foreign, from, p.Code, p.Level())
	}
	return nil
}

// PairError is a pair that a crosswalk refuses. Row counts from 0 in the pairs given to [NewCrosswalk].
type PairError struct {
	Row int
	Err error
}

// Error counts rows from 1, as people do.
func (e *PairError) Error() string { return fmt.Sprintf("crosswalk row %d: %v", e.Row+1, e.Err) }

// Unwrap is the reason.
func (e *PairError) Unwrap() error { return e.Err }

// Crosswalk (编码对照表) translates between families of codes. It does not change after [NewCrosswalk] and may be
// shared by goroutines. The zero Crosswalk is empty and translates districts only.
type Crosswalk struct {
	to     map[foreignKey]Pair
	from   map[houseKey][]string
	sorted map[System][]string // foreign codes in order, to name neighbours
}

type foreignKey struct {
	system System
	code   string
}

type houseKey struct {
	system System
	code   Code
}

// NewCrosswalk takes all pairs or none. It refuses invalid pairs, a foreign code twice and, in the statistics
// family, a house code twice; the error joins a [*PairError] for each refused row.
func NewCrosswalk(pairs []Pair) (Crosswalk, error) {
	x := Crosswalk{to: map[foreignKey]Pair{}, from: map[houseKey][]string{}, sorted: map[System][]string{}}
	var refused []error
	for row, p := range pairs {
		if err := x.add(p); err != nil {
			refused = append(refused, &PairError{Row: row, Err: err})
		}
	}
	if refused != nil {
		return Crosswalk{}, errors.Join(refused...)
	}
	for _, codes := range x.sorted {
		slices.Sort(codes)
	}
	return x, nil
}

func (x Crosswalk) add(p Pair) error {
	if err := p.Validate(); err != nil {
		return err
	}
	there, back := foreignKey{p.System, p.Foreign}, houseKey{p.System, p.Code}
	if twin, taken := x.to[there]; taken {
		return fmt.Errorf("%s code %s is given to house code %s already", p.System, p.Foreign, twin.Code)
	}
	if twins := x.from[back]; len(twins) > 0 && p.System == Statistics {
		return fmt.Errorf("house code %s is given to %s code %s already", p.Code, p.System, twins[0])
	}
	x.to[there] = p
	x.from[back] = append(x.from[back], p.Foreign)
	x.sorted[p.System] = append(x.sorted[p.System], p.Foreign)
	return nil
}

// Len counts the pairs.
func (x Crosswalk) Len() int { return len(x.to) }

// Pairs lists the pairs by system and foreign code.
func (x Crosswalk) Pairs() []Pair {
	all := make([]Pair, 0, len(x.to))
	for _, system := range slices.Sorted(maps.Keys(x.sorted)) {
		for _, foreign := range x.sorted[system] {
			all = append(all, x.to[foreignKey{system, foreign}])
		}
	}
	return all
}

// House translates a statistics code. Districts need no pair: both families take their digits from GB/T 2260.
func (x Crosswalk) House(s StatCode) (Code, error) {
	if p, ok := x.to[foreignKey{Statistics, string(s)}]; ok {
		return p.Code, nil
	}
	if s.Level() == District {
		return Code(s), nil
	}
	return "", x.untranslated(Statistics, string(s))
}

// Statistics translates a house code. Only districts, streets and communities have statistics codes.
func (x Crosswalk) Statistics(c Code) (StatCode, error) {
	if codes := x.from[houseKey{Statistics, c}]; len(codes) > 0 {
		return StatCode(codes[0]), nil
	}
	if c.Level() == District {
		return StatCode(c), nil
	}
	e := &CodeError{
		Noun: houseNoun, Input: string(c), Kind: NotTranslated,
		Problem: "has no statistics code in the crosswalk",
	}
	if l := c.Level(); l != 0 && !slices.Contains(statLevels(), l) {
		e.Hint = fmt.Sprintf("the statistics bureau numbers districts, streets and communities, and this is a %s", l)
	}
	return "", e
}

// Current is the house code that took the place of a former one.
func (x Crosswalk) Current(former string) (Code, error) {
	if p, ok := x.to[foreignKey{Former, former}]; ok {
		return p.Code, nil
	}
	return "", x.untranslated(Former, former)
}

// Formers are the former codes of a place in the order of their pairs, none where it never had another.
func (x Crosswalk) Formers(c Code) []string { return slices.Clone(x.from[houseKey{Former, c}]) }

// untranslated names the neighbours that do have a counterpart, since a missing code is mostly a mistyped one or
// one of a later year.
func (x Crosswalk) untranslated(system System, foreign string) *CodeError {
	e := &CodeError{
		Noun: string(system) + " code", Input: echo(foreign), Kind: NotTranslated,
		Problem: "has no house code in the crosswalk",
	}
	var near []string
	for _, code := range x.neighbours(system, foreign) {
		p := x.to[foreignKey{system, code}]
		near = append(near, strings.TrimSpace(fmt.Sprintf("%s %s", code, p.NameZH)))
	}
	switch {
	case len(x.sorted[system]) == 0:
		e.Hint = fmt.Sprintf("the crosswalk holds no %s codes", system)
	case len(near) > 0:
		e.Hint = "nearest " + joinAnd(near)
	}
	return e
}

// neighbours are the codes of the same length before and after one that is missing.
func (x Crosswalk) neighbours(system System, foreign string) []string {
	var same []string
	for _, code := range x.sorted[system] {
		if len(code) == len(foreign) {
			same = append(same, code)
		}
	}
	i, _ := slices.BinarySearch(same, foreign)
	return same[max(i-1, 0):min(i+1, len(same))]
}
