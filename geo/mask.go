package geo

import (
	"strings"
	"unicode/utf8"
)

// MaskName keeps the first character of a person's name, 张**, whatever its length: the number of stars tells
// nothing.
func MaskName(name string) string {
	name = strings.TrimSpace(name)
	if name == "" {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(name)
	return string(first) + "**"
}

// MaskResidentID keeps region and last four characters, 440304********1234. What does not have 18 characters is
// masked whole, since nobody knows which part of it is which.
func MaskResidentID(number string) string {
	if len(number) != 18 || !isASCII(number) {
		return strings.Repeat("*", utf8.RuneCountInString(number))
	}
	return number[:6] + "********" + number[14:]
}

// MaskPhone keeps three and four digits of a mobile number, 138****5678, with or without +86. Of other numbers it
// keeps the last four, and nothing of those too short for that.
func MaskPhone(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r = narrow(r); isDigit(r) {
			return r
		}
		return -1
	}, phone)
	if mobile := strings.TrimPrefix(digits, "86"); looksLikeMobile(mobile) {
		return mobile[:3] + "****" + mobile[7:]
	}
	if len(digits) < 8 {
		return strings.Repeat("*", len(digits))
	}
	return strings.Repeat("*", len(digits)-4) + digits[len(digits)-4:]
}

// looksLikeMobile tells numbers of mobile phones in mainland China: 11 digits, 13 to 19 first.
func looksLikeMobile(s string) bool {
	return len(s) == 11 && isDigits(s) && s[0] == '1' && s[1] >= '3'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
