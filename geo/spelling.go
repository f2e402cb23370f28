package geo

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// NormalizeCode undoes the harmless ways to write a code: full-width digits become ASCII, and spaces, dashes,
// quotation marks and invisible characters go. It guesses nothing, so a search box may use it before [ParseCode];
// what it cannot read it leaves in place for ParseCode to refuse.
func NormalizeCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r = narrow(r); isFiller(r) {
			return -1
		}
		return r
	}, s)
}

// narrow turns full-width forms (U+FF01 to U+FF5E) into the ASCII they stand for.
func narrow(r rune) rune {
	const offset = '！' - '!'
	if r >= '！' && r <= '～' {
		return r - offset
	}
	return r
}

// isFiller tells the characters that people and programs put between or around digits. The apostrophe is how a
// spreadsheet marks a number as text.
func isFiller(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Pd, r) || r == '−' || strings.ContainsRune(`'"`+"`‘’“”", r)
}

// lookalike is the digit a letter was probably meant for.
func lookalike(r rune) (digit rune, ok bool) {
	switch narrow(r) {
	case 'O', 'o':
		return '0', true
	case 'l', 'I', 'i', '|':
		return '1', true
	}
	return r, false
}

// guessDigits is NormalizeCode, with look-alike letters read as digits.
func guessDigits(s string) string {
	return strings.Map(func(r rune) rune {
		digit, _ := lookalike(r)
		return digit
	}, NormalizeCode(s))
}

var (
	scientific   = regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$`)
	wholeDecimal = regexp.MustCompile(`^([0-9]+)\.0*$`)
)

// storedAsNumber explains a code that a spreadsheet or a database kept as a number; nil where it was not.
func storedAsNumber(noun, s string) *CodeError {
	e := &CodeError{Noun: noun, Input: echo(s), Kind: WrongCharacter}
	if scientific.MatchString(s) {
		e.Problem = "a spreadsheet has rounded the code, its last digits are lost"
		e.Hint = "export the column as text"
		return e
	}
	if m := wholeDecimal.FindStringSubmatch(s); m != nil {
		e.Suggest, e.Problem = m[1], "a decimal point, the code was stored as a number"
		return e
	}
	return nil
}

// wrongCharacter explains the first character of s that accept refuses; nil where there is none. Suggest is the
// guess at what was meant, for the caller to check and keep.
func wrongCharacter(noun, s string, accept func(rune) bool) *CodeError {
	place := 0
	for _, r := range s {
		place++
		if !accept(r) {
			return &CodeError{
				Noun: noun, Input: echo(s), Kind: WrongCharacter, Suggest: guessDigits(s),
				Problem: fmt.Sprintf("%s at character %d", describe(r), place),
			}
		}
	}
	return nil
}

// describe names a character that does not belong into a code.
func describe(r rune) string {
	digit, similar := lookalike(r)
	switch {
	case r == unicode.ReplacementChar:
		return "text that is not UTF-8"
	case similar:
		return fmt.Sprintf("%q where the digit %c was probably meant", r, digit)
	case narrow(r) != r:
		return fmt.Sprintf("a full-width %q", r)
	case unicode.IsSpace(r):
		return "a space"
	case unicode.Is(unicode.Pd, r) || r == '−':
		return "a dash"
	case !unicode.IsPrint(r):
		return fmt.Sprintf("an invisible character (%U)", r)
	}
	return fmt.Sprintf("%q", r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(rune(s[i])) {
			return false
		}
	}
	return true
}

func isZeros(s string) bool { return strings.Trim(s, "0") == "" }

// keepAlphanumerics narrows s and drops all but ASCII letters and digits.
func keepAlphanumerics(s string) string {
	return strings.Map(func(r rune) rune {
		if r = narrow(r); isDigit(r) || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}
