package geo

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"
)

// ResidentID is a resident identity number (公民身份号码) by GB 11643: 6 digits of region, the birth date as
// YYYYMMDD, 3 digits of order and a check character by ISO 7064 MOD 11-2, which is a digit or X.
//
// It is personal data. It prints, logs and marshals as its mask; string(id) is the way to the number. A database
// driver sees the string too, so nothing but its ciphertext and keyed hash is ever bound to a statement.
type ResidentID string

const residentNoun = "resident id"

// ParseResidentID reads a number of 18 characters and turns a lower-case x into X. Residence permits of people
// from Hong Kong, Macao and Taiwan (regions 81 to 83) and permanent residence cards of foreigners (9, then the
// province) are built alike and accepted. Errors show at most the mask.
func ParseResidentID(s string) (ResidentID, error) {
	id := upperX(s)
	if why := checkResidentID(id, today()); why != nil {
		return "", why
	}
	return ResidentID(id), nil
}

// BirthDate is midnight UTC of the day of birth; the zero time for the zero ResidentID.
func (id ResidentID) BirthDate() time.Time {
	if len(id) != 18 {
		return time.Time{}
	}
	born, err := time.Parse("20060102", string(id[6:14]))
	if err != nil {
		return time.Time{}
	}
	return born
}

// AgeOn is the age in completed years on the day of t, as t's own zone has it. Who was born on 29 February comes
// of age on 1 March in other years.
func (id ResidentID) AgeOn(t time.Time) int {
	born := id.BirthDate()
	age := t.Year() - born.Year()
	if t.Month() < born.Month() || t.Month() == born.Month() && t.Day() < born.Day() {
		age--
	}
	return age
}

// Masked is the form that may be shown: 440304********1234.
func (id ResidentID) Masked() string { return MaskResidentID(string(id)) }

// String is Masked, so that no format verb for text prints the number.
func (id ResidentID) String() string { return id.Masked() }

// GoString is Masked, for %#v.
func (id ResidentID) GoString() string { return fmt.Sprintf("geo.ResidentID(%q)", id.Masked()) }

// LogValue is Masked, for slog.
func (id ResidentID) LogValue() slog.Value { return slog.StringValue(id.Masked()) }

// MarshalText is Masked: evidence, exports and answers never carry the number.
func (id ResidentID) MarshalText() ([]byte, error) { return []byte(id.Masked()), nil }

// UnmarshalText reads and checks a number. Empty text is the zero ResidentID.
func (id *ResidentID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ""
		return nil
	}
	parsed, err := ParseResidentID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

func checkResidentID(id string, today time.Time) *CodeError {
	if e := residentShape(id); e != nil {
		return e
	}
	e := &CodeError{Noun: residentNoun, Input: MaskResidentID(id)}
	if !isResidentRegion(id) {
		e.Kind, e.Problem = WrongRegion, fmt.Sprintf("no region begins with %s", id[:2])
		e.Hint = "the first two digits are the province, " + provinceRanges
		return e
	}
	if e.Problem, e.Hint = birthProblem(id[6:14], today); e.Problem != "" {
		e.Kind = WrongDate
		return e
	}
	if want := mod11x2(id[:17]); want != id[17] {
		e.Kind, e.Problem = WrongCheck, fmt.Sprintf("the check character is %c, the other digits call for %c", id[17], want)
		e.Hint = "one of the characters is mistyped, compare them with the card"
		return e
	}
	return nil
}

// residentShape looks at length and characters, and names numbers of other kinds rather than measuring them.
func residentShape(id string) *CodeError {
	e := &CodeError{Noun: residentNoun, Input: MaskResidentID(id), Kind: WrongLength}
	plain := NormalizeCode(id)
	switch {
	case plain == "":
		return &CodeError{Noun: residentNoun, Kind: Missing, Problem: "nothing given"}
	case isDigits(id) && len(id) == 15:
		e.Problem, e.Hint = "15 digits: a number of the old form, which ended in 2013", "take the 18 characters from the present card"
	case upperX(plain) != id && residentShape(upperX(plain)) == nil:
		e.Kind, e.Problem = WrongCharacter, "it holds spaces, dashes or full-width characters"
		e.Hint = "write the 18 characters without anything between them"
	case utf8.RuneCountInString(plain) != 18:
		e.Problem = fmt.Sprintf("%s, a number has 18", counted(utf8.RuneCountInString(plain), "character"))
		e.Hint = residentLengthHint(plain)
	case !isDigits(id[:17]) || !isDigit(rune(id[17])) && id[17] != 'X':
		e.Kind, e.Problem = WrongCharacter, "it must be 17 digits and a last digit or X"
		e.Hint = strangerHint(plain)
	default:
		return nil
	}
	return e
}

func residentLengthHint(plain string) string {
	switch n := utf8.RuneCountInString(plain); {
	case looksLikeMobile(plain):
		return "this looks like a mobile phone number"
	case n == 17 && isDigits(plain):
		return "the last character, a digit or X, is missing"
	case n < 18:
		return counted(18-n, "character") + " missing"
	default:
		return counted(n-18, "character") + " too many"
	}
}

// strangerHint names what else an 18-character text may be.
func strangerHint(plain string) string {
	if fitsCreditCode(strings.ToUpper(plain)) {
		return "this is a company's unified social credit code"
	}
	if guess := guessDigits(plain[:17]); isDigits(guess) {
		return "a letter O or l stands where a 0 or 1 was probably meant"
	}
	return ""
}

// isResidentRegion: besides GB/T 2260 there are 83 for residence permits of people from Taiwan, and 9 before the
// province for foreigners' permanent residence cards.
func isResidentRegion(id string) bool {
	return isProvince(id[:2]) || id[:2] == "83" || id[0] == '9' && isProvince(id[1:3])
}

// birthProblem tells what is wrong with a birth date YYYYMMDD; empty where it is plausible.
func birthProblem(date string, today time.Time) (problem, hint string) {
	const hintDate = "characters 7 to 14 are the birth date as YYYYMMDD"
	born, err := time.Parse("20060102", date)
	switch {
	case err != nil:
		return "the birth date is no day of the calendar", hintDate
	case born.After(today):
		return "the birth date lies in the future", hintDate
	case born.Year() < today.Year()-150:
		return "the birth date lies more than 150 years back", hintDate
	}
	return "", ""
}

// today is the calendar day in China, whose numbers these are, as midnight UTC to compare with birth dates.
func today() time.Time {
	year, month, day := time.Now().In(time.FixedZone("CST", 8*60*60)).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// mod11x2 is the check character of a string of digits by ISO 7064 MOD 11-2: the pure system, radix 2, where 10 is
// written X.
func mod11x2(digits string) byte {
	p := 0
	for _, r := range digits {
		p = (p + int(r-'0')) * 2 % 11
	}
	return "0123456789X"[(12-p)%11]
}

func upperX(s string) string {
	if strings.HasSuffix(s, "x") {
		return s[:len(s)-1] + "X"
	}
	return s
}

// fitsResidentID tells whether a text has a number's form and check character. It gives no reasons and asks nobody
// else, so checks of other numbers may ask it.
func fitsResidentID(s string) bool {
	return len(s) == 18 && isDigits(s[:17]) && mod11x2(s[:17]) == s[17] && looksLikeResidentID(s)
}

// looksLikeResidentID tells, without checking it, whether a text may be a person's number: in doubt it is.
func looksLikeResidentID(s string) bool {
	switch {
	case len(s) == 18 && isDigits(s[:14]):
		_, err := time.Parse("20060102", s[6:14])
		return err == nil && (s[6:8] == "19" || s[6:8] == "20")
	case len(s) == 15 && isDigits(s):
		_, err := time.Parse("060102", s[6:12])
		return err == nil && isProvince(s[:2])
	}
	return false
}
