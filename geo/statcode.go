package geo

import "slices"

// StatCode is a division code of the National Bureau of Statistics (统计用区划代码): 6 digits for a district, 9 for
// a street, 12 for a community. It looks like a [Code] and often names another place: 440304004 is Shatou in house
// codes and Futian here. Only a [Crosswalk] leads from one to the other; being different types, they cannot be
// compared or assigned by accident.
type StatCode string

const statNoun = "statistics code"

func statLevels() []Level { return []Level{District, Street, Community} }

// ParseStatCode reads a statistics code of the exact width of its level. The bureau's own lists also pad
// streets and districts to 12 digits with zeros; such a code is refused with the unpadded one as suggestion.
func ParseStatCode(s string) (StatCode, error) {
	if why := checkPath(statNoun, s, statLevels()); why != nil {
		return "", why
	}
	return StatCode(s), nil
}

// Level is District, Street or Community; 0 for the zero StatCode.
func (c StatCode) Level() Level {
	if l := Level(len(c)); slices.Contains(statLevels(), l) {
		return l
	}
	return 0
}

// Parent is the code one level up. False for a district and the zero StatCode.
func (c StatCode) Parent() (StatCode, bool) {
	up, ok := c.Level().Up()
	if !ok || up < District {
		return "", false
	}
	return c[:up], true
}

// UnmarshalText reads and checks a statistics code. Empty text is the zero StatCode.
func (c *StatCode) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = ""
		return nil
	}
	parsed, err := ParseStatCode(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
