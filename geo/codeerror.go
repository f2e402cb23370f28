package geo

import (
	"fmt"
	"strings"
)

// CodeErrorKind says in which way a code or number is wrong.
type CodeErrorKind string

// The ways to be wrong.
const (
	Missing        CodeErrorKind = "missing"         // nothing was given
	WrongCharacter CodeErrorKind = "wrong_character" // a character that no such code has
	WrongLength    CodeErrorKind = "wrong_length"    // no level, or no such number, has this length
	WrongLevel     CodeErrorKind = "wrong_level"     // a good code of another level than wanted
	WrongRegion    CodeErrorKind = "wrong_region"    // the province part is not in GB/T 2260
	ZeroPart       CodeErrorKind = "zero_part"       // a part is all zeros, which stands for no place
	WrongDate      CodeErrorKind = "wrong_date"      // the birth date does not exist or is not plausible
	WrongCheck     CodeErrorKind = "wrong_check"     // the check character does not fit the others
	NotTranslated  CodeErrorKind = "not_translated"  // the crosswalk has no counterpart
)

// CodeError is why a code or number was refused. Its message names the noun, what is wrong and what was probably
// meant. It never holds the whole of a number that is, or looks like, a person's.
type CodeError struct {
	Noun    string // "house code", "statistics code", "resident id", "credit code"
	Input   string // what was given, shortened; masked where it may be personal
	Kind    CodeErrorKind
	Problem string // what is wrong
	Hint    string // what was probably meant; may be empty
	Suggest string // a text that would be accepted, where there is an obvious one; else empty
}

// Error is one line for people: noun, input, problem; hint.
func (e *CodeError) Error() string {
	text := fmt.Sprintf("%s %q: %s", e.Noun, e.Input, e.Problem)
	if e.Input == "" {
		text = e.Noun + ": " + e.Problem
	}
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// clip keeps foreign input in messages short. It cuts between characters.
func clip(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// echo is how a refused code is shown. People paste identity and phone numbers into code fields, and messages end
// in logs and reject files, so what is shaped like either is masked.
func echo(s string) string {
	digits := keepAlphanumerics(s)
	switch {
	case looksLikeResidentID(digits):
		return MaskResidentID(digits)
	case looksLikeMobile(strings.TrimPrefix(digits, "86")):
		return MaskPhone(digits)
	}
	return clip(s)
}

// counted writes "1 digit", "6 digits".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
