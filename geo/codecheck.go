package geo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const houseNoun = "house code"

// checkCode tells why s is no code of any level; nil where it is one.
func checkCode(s string) *CodeError {
	levels := Levels()
	return checkPath(houseNoun, s, levels[:])
}

// checkPath checks a code of either family: the statistics bureau's codes have fewer levels and the same parts.
func checkPath(noun, s string, levels []Level) *CodeError {
	e := pathProblem(noun, s, levels)
	if e != nil && e.Suggest != "" {
		e.keepSuggestion(func(t string) bool { return pathProblem(noun, t, levels) == nil })
	}
	return e
}

// keepSuggestion drops a suggestion that would be refused in turn, and puts a good one into the hint.
func (e *CodeError) keepSuggestion(good func(string) bool) {
	switch {
	case !good(e.Suggest):
		e.Suggest = ""
	case e.Hint == "":
		e.Hint = "did you mean " + e.Suggest + "?"
	}
}

func pathProblem(noun, s string, levels []Level) *CodeError {
	switch {
	case s != "" && isDigits(s) && slices.Contains(levels, Level(len(s))):
		return partProblem(noun, s)
	case NormalizeCode(s) == "":
		return &CodeError{Noun: noun, Kind: Missing, Problem: "nothing given"}
	case isDigits(s):
		return wrongLength(noun, s, levels)
	}
	if e := storedAsNumber(noun, s); e != nil {
		return e
	}
	return wrongCharacter(noun, s, isDigit)
}

// wrongLength names the nearest level. Between two that are equally near it takes the longer one: digits are lost
// more often than invented.
func wrongLength(noun, s string, levels []Level) *CodeError {
	near := levels[0]
	for _, l := range levels {
		if abs(int(l)-len(s)) <= abs(int(near)-len(s)) {
			near = l
		}
	}
	return &CodeError{
		Noun: noun, Input: echo(s), Kind: WrongLength,
		Problem: fmt.Sprintf("%s, %s", counted(len(s), "digit"), digitCounts(levels)),
		Hint:    lengthHint(s, near, len(levels) == 1),
	}
}

// lengthHint says what else the digits may be, or how far they are from the nearest level.
func lengthHint(s string, near Level, only bool) string {
	switch {
	case looksLikeResidentID(s):
		return "this looks like a resident ID number"
	case looksLikeMobile(s):
		return "this looks like a mobile phone number"
	case only && len(s) < int(near):
		return counted(int(near)-len(s), "digit") + " missing"
	case only:
		return counted(len(s)-int(near), "digit") + " too many"
	default:
		return offBy(len(s), near)
	}
}

func digitCounts(levels []Level) string {
	last := len(levels) - 1
	if last == 0 {
		return fmt.Sprintf("a %s code has %d", levels[0], levels[0])
	}
	counts := make([]string, last)
	for i := range counts {
		counts[i] = strconv.Itoa(int(levels[i]))
	}
	return fmt.Sprintf("a code has %s or %d", strings.Join(counts, ", "), levels[last])
}

// offBy says how far a digit count is from a level's.
func offBy(digits int, l Level) string {
	if digits < int(l) {
		return fmt.Sprintf("%s short of a %s code (%d)", counted(int(l)-digits, "digit"), l, l)
	}
	return fmt.Sprintf("%s more than a %s code (%d)", counted(digits-int(l), "digit"), l, l)
}

// wrongLevel explains a good code of another level: what to add, or which prefix to take.
func wrongLevel(c Code, want Level) *CodeError {
	e := &CodeError{
		Noun: houseNoun, Input: string(c), Kind: WrongLevel,
		Problem: fmt.Sprintf("this is a %s code (%s)", c.Level(), counted(len(c), "digit")),
	}
	if wider, ok := c.At(want); ok {
		e.Suggest = string(wider)
		e.Hint = fmt.Sprintf("its %s is %s", want, wider)
		return e
	}
	var missing []string
	for _, l := range Levels() {
		if int(l) > len(c) && l <= want {
			missing = append(missing, fmt.Sprintf("%d %s", l.width(), l))
		}
	}
	e.Hint = fmt.Sprintf("add the %s digits", joinAnd(missing))
	return e
}

// partProblem looks at the meaning of the digits: the province, and parts that are all zeros.
func partProblem(noun, s string) *CodeError {
	if !isProvince(s[:2]) {
		return &CodeError{
			Noun: noun, Input: echo(s), Kind: WrongRegion,
			Problem: fmt.Sprintf("no province has the number %s in GB/T 2260", s[:2]),
			Hint:    "provinces are " + provinceRanges + ", Guangdong is 44",
		}
	}
	for _, l := range Levels() {
		if l > Province && int(l) <= len(s) && isZeros(s[int(l)-l.width():l]) && !undivided(s, l) {
			return zeroPart(noun, s, l)
		}
	}
	return nil
}

// zeroPart explains a part of zeros. Other lists pad the codes of wide areas with zeros to one width, so where
// nothing but zeros follows, the code of the level above was meant.
func zeroPart(noun, s string, l Level) *CodeError {
	up, _ := l.Up()
	e := &CodeError{
		Noun: noun, Input: echo(s), Kind: ZeroPart,
		Problem: fmt.Sprintf("the %s digits are %s, which no %s has", l, s[up:l], l),
	}
	if !isZeros(s[up:]) {
		return e
	}
	e.Hint = fmt.Sprintf("this is the %s code %s padded with zeros", up, s[:up])
	e.Suggest = s[:up]
	return e
}

// undivided tells the four cities without districts (不设区的地级市), whose streets hang on a district part of 00:
// Dongguan, Zhongshan, Danzhou and Jiayuguan.
func undivided(s string, l Level) bool {
	return l == District && slices.Contains([]string{"4419", "4420", "4604", "6202"}, s[:City])
}

const provinceRanges = "11–15, 21–23, 31–37, 41–46, 50–54, 61–65, 71, 81 and 82"

// isProvince tells the two-digit numbers of GB/T 2260.
func isProvince(two string) bool {
	const last = ".53764512." // the last number of each ten: 15, 23, 37, 46, 54, 65, 71 and 82
	if len(two) != 2 || !isDigits(two) {
		return false
	}
	return two[1] <= last[two[0]-'0'] && (two[1] != '0' || two[0] == '5')
}

// joinAnd writes "a", "a and b", "a, b and c".
func joinAnd(items []string) string {
	last := len(items) - 1
	if last < 1 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

func abs(n int) int { return max(n, -n) }
