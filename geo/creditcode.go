package geo

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CreditCode is a unified social credit code (统一社会信用代码) of a legal person by GB 32100: registering department,
// kind of body, 6 digits of region, 9 characters of organisation and a check character, 18 in all.
type CreditCode string

const (
	creditNoun = "credit code"
	// creditAlphabet is GB 32100's: digits and capital letters without I, O, S, V and Z. A character's place is its
	// value.
	creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
)

// ParseCreditCode reads a code of 18 characters, turning small letters into capitals.
func ParseCreditCode(s string) (CreditCode, error) {
	code := strings.ToUpper(s)
	if why := checkCreditCode(code); why != nil {
		why.Input = echo(s)
		return "", why
	}
	return CreditCode(code), nil
}

// UnmarshalText reads and checks a credit code. Empty text is the zero CreditCode.
func (c *CreditCode) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = ""
		return nil
	}
	parsed, err := ParseCreditCode(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// checkCreditCode expects capitals.
func checkCreditCode(code string) *CodeError {
	e := creditProblem(code)
	if e != nil && e.Suggest != "" {
		e.keepSuggestion(func(t string) bool { return creditProblem(t) == nil })
	}
	return e
}

func creditProblem(code string) *CodeError {
	e := &CodeError{Noun: creditNoun, Input: echo(code)}
	plain := NormalizeCode(code)
	switch n := utf8.RuneCountInString(plain); {
	case plain == "":
		e.Kind, e.Problem = Missing, "nothing given"
	case n != 18:
		e.Kind, e.Problem = WrongLength, fmt.Sprintf("%s, a code has 18", counted(n, "character"))
		e.Hint = creditLengthHint(plain)
	case fitsResidentID(plain):
		e.Kind, e.Problem = WrongCheck, "this is a person's resident ID number"
	case strangeCredit(code) != nil:
		return strangeCredit(code)
	case !isDigits(code[2:8]) || !isProvince(code[2:4]) && code[2:4] != "10":
		e.Kind, e.Problem = WrongRegion, "characters 3 to 8 are no region"
		e.Hint = "they are digits and begin with the province, 44 for Guangdong, or 10 for the national register"
	default:
		return creditCheckProblem(e, code)
	}
	return e
}

func creditLengthHint(plain string) string {
	switch n := utf8.RuneCountInString(plain); {
	case n == 15 && isDigits(plain):
		return "this is a business registration number of the old form, take the 18 characters from the present licence"
	case n == 9 || n == 10:
		return "this may be an organisation code, characters 9 to 17 of the credit code"
	case n < 18:
		return counted(18-n, "character") + " missing"
	default:
		return counted(n-18, "character") + " too many"
	}
}

// strangeCredit explains a character outside the alphabet. The standard leaves out the letters that are mistaken
// for digits, so each of them was probably meant as one.
func strangeCredit(code string) *CodeError {
	e := wrongCharacter(creditNoun, code, func(r rune) bool { return strings.ContainsRune(creditAlphabet, r) })
	if e != nil {
		e.Suggest = strings.NewReplacer("O", "0", "I", "1", "Z", "2", "S", "5", "|", "1").Replace(NormalizeCode(code))
		e.Problem += ", codes have digits and capital letters without I, O, S, V and Z"
	}
	return e
}

func creditCheckProblem(e *CodeError, code string) *CodeError {
	want := creditCheck(code[:17])
	if want == code[17] {
		return nil
	}
	e.Kind, e.Problem = WrongCheck, fmt.Sprintf("the check character is %c, the other characters call for %c", code[17], want)
	e.Hint = "one of the characters is mistyped, compare them with the licence"
	return e
}

// fitsCreditCode tells whether a text has the alphabet and check character of a code. It gives no reasons and asks
// nobody else, so checks of other numbers may ask it.
func fitsCreditCode(s string) bool {
	return len(s) == 18 && strings.Trim(s, creditAlphabet) == "" && creditCheck(s[:17]) == s[17]
}

// creditCheck is the check character of 17 characters of the alphabet: weights are the powers of 3 modulo 31.
func creditCheck(code string) byte {
	sum, weight := 0, 1
	for _, r := range code {
		sum += strings.IndexRune(creditAlphabet, r) * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31]
}
