package geo_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
)

const (
	room     = "4403040040010100012000301"
	building = "4403040040010100012"
)

func TestParseCodeTakesEveryLevel(t *testing.T) {
	for _, level := range geo.Levels() {
		code, err := geo.ParseCode(room[:level])
		if err != nil {
			t.Fatal(err)
		}
		if code.Level() != level {
			t.Errorf("%s is a %s, want %s", code, code.Level(), level)
		}
		if same, err := geo.ParseCodeAt(room[:level], level); err != nil || same != code {
			t.Errorf("at its own level: %s, %v", same, err)
		}
	}
}

func TestParseCodeExplains(t *testing.T) {
	for _, tt := range []struct {
		in      string
		kind    geo.CodeErrorKind
		suggest string
		message string
	}{
		{"", geo.Missing, "", `house code: nothing given`},
		{" \t", geo.Missing, "", `house code: nothing given`},
		{
			"44030400", geo.WrongLength, "",
			`house code "44030400": 8 digits, a code has 2, 4, 6, 9, 12, 14, 19 or 25; 1 digit short of a street code (9)`,
		},
		{
			building + "0", geo.WrongLength, "",
			`house code "44030400400101000120": 20 digits, a code has 2, 4, 6, 9, 12, 14, 19 or 25; 1 digit more than a building code (19)`,
		},
		{
			room + "77", geo.WrongLength, "",
			`house code "440304004001010001200030177": 27 digits, a code has 2, 4, 6, 9, 12, 14, 19 or 25; 2 digits more than a room code (25)`,
		},
		{
			"4403040O4", geo.WrongCharacter, "440304004",
			`house code "4403040O4": 'O' where the digit 0 was probably meant at character 8; did you mean 440304004?`,
		},
		{
			"44030400l", geo.WrongCharacter, "440304001",
			`house code "44030400l": 'l' where the digit 1 was probably meant at character 9; did you mean 440304001?`,
		},
		{
			"440304 004", geo.WrongCharacter, "440304004",
			`house code "440304 004": a space at character 7; did you mean 440304004?`,
		},
		{
			"440304—004", geo.WrongCharacter, "440304004",
			`house code "440304—004": a dash at character 7; did you mean 440304004?`,
		},
		{
			"４４0304", geo.WrongCharacter, "440304",
			`house code "４４0304": a full-width '４' at character 1; did you mean 440304?`,
		},
		{
			"\ufeff440304", geo.WrongCharacter, "440304",
			"house code \"\\ufeff440304\": an invisible character (U+FEFF) at character 1; did you mean 440304?",
		},
		{"440304A04", geo.WrongCharacter, "", `house code "440304A04": 'A' at character 7`},
		{"4403\xff4", geo.WrongCharacter, "", `house code "4403\xff4": text that is not UTF-8 at character 5`},
		{
			"4.40304E+24", geo.WrongCharacter, "",
			`house code "4.40304E+24": a spreadsheet has rounded the code, its last digits are lost; export the column as text`,
		},
		{
			"440304004.0", geo.WrongCharacter, "440304004",
			`house code "440304004.0": a decimal point, the code was stored as a number; did you mean 440304004?`,
		},
		{
			"990304", geo.WrongRegion, "",
			`house code "990304": no province has the number 99 in GB/T 2260; provinces are 11–15, 21–23, 31–37, 41–46, 50–54, 61–65, 71, 81 and 82, Guangdong is 44`,
		},
		{
			"440304000", geo.ZeroPart, "440304",
			`house code "440304000": the street digits are 000, which no street has; this is the district code 440304 padded with zeros`,
		},
		{
			"440300", geo.ZeroPart, "4403",
			`house code "440300": the district digits are 00, which no district has; this is the city code 4403 padded with zeros`,
		},
		{
			"440304000001", geo.ZeroPart, "",
			`house code "440304000001": the street digits are 000, which no street has`,
		},
		{
			building + "000000", geo.ZeroPart, building,
			`house code "4403040040010100012000000": the room digits are 000000, which no room has; this is the building code 4403040040010100012 padded with zeros`,
		},
	} {
		_, err := geo.ParseCode(tt.in)
		e := asCodeError(t, err)
		if diff := cmp.Diff(tt.message, e.Error()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.in, diff)
		}
		if e.Kind != tt.kind || e.Suggest != tt.suggest {
			t.Errorf("%q: kind %s, suggest %q; want %s, %q", tt.in, e.Kind, e.Suggest, tt.kind, tt.suggest)
		}
	}
}

func TestParseCodeAtExplainsOtherLevels(t *testing.T) {
	for _, tt := range []struct {
		in      string
		want    geo.Level
		suggest string
		message string
	}{
		{building, geo.Room, "", `house code "4403040040010100012": this is a building code (19 digits); add the 6 room digits`},
		{"440304004", geo.Building, "", `house code "440304004": this is a street code (9 digits); add the 3 community, 2 grid and 5 building digits`},
		{"4403", geo.Street, "", `house code "4403": this is a city code (4 digits); add the 2 district and 3 street digits`},
		{room, geo.Building, building, `house code "4403040040010100012000301": this is a room code (25 digits); its building is 4403040040010100012`},
		{building[:18], geo.Building, "", `house code "440304004001010001": 18 digits, a building code has 19; 1 digit missing`},
		{"4403 04", geo.Room, "", `house code "4403 04": a space at character 5`},
		{"440304-004", geo.Street, "440304004", `house code "440304-004": a dash at character 7; did you mean 440304004?`},
	} {
		_, err := geo.ParseCodeAt(tt.in, tt.want)
		e := asCodeError(t, err)
		if diff := cmp.Diff(tt.message, e.Error()); diff != "" {
			t.Errorf("%q at %s (-want +got):\n%s", tt.in, tt.want, diff)
		}
		if e.Suggest != tt.suggest {
			t.Errorf("%q at %s suggests %q, want %q", tt.in, tt.want, e.Suggest, tt.suggest)
		}
	}
	if _, err := geo.ParseCodeAt("44", geo.Level(3)); err == nil {
		t.Error("level 3 was accepted")
	}
}

func TestCodeErrorsHidePersonalNumbers(t *testing.T) {
	for _, personal := range []string{"11010519491231002X", "110105194912310021", "440304900101123", "13800138000", "+86 138-0013-8000", "110105 19491231 0020"} {
		_, err := geo.ParseCode(personal)
		if digits := strings.NewReplacer(" ", "", "-", "").Replace(personal); strings.Contains(err.Error(), digits) || strings.Contains(err.Error(), personal) {
			t.Errorf("the message shows a personal number: %v", err)
		}
	}
}

func TestCitiesWithoutDistricts(t *testing.T) {
	if _, err := geo.ParseCode("441900003"); err != nil {
		t.Errorf("a street of Dongguan: %v", err)
	}
}

func TestWalk(t *testing.T) {
	code := geo.Code(room)
	want := []geo.Code{"44", "4403", "440304", "440304004", "440304004001", "44030400400101", building}
	if diff := cmp.Diff(want, code.Ancestors()); diff != "" {
		t.Errorf("ancestors (-want +got):\n%s", diff)
	}
	if parent, ok := code.Parent(); !ok || parent != building {
		t.Errorf("parent %s, %v", parent, ok)
	}
	if grid, ok := code.At(geo.Grid); !ok || grid != "44030400400101" {
		t.Errorf("grid %s, %v", grid, ok)
	}
	if _, ok := geo.Code("440304").At(geo.Street); ok {
		t.Error("a district has a street")
	}
	if got, want := code.Format(), "440304 004 001 01 00012 000301"; got != want {
		t.Errorf("format %q, want %q", got, want)
	}
}

func TestZeroCodeIsNowhere(t *testing.T) {
	var none geo.Code
	if none.Level() != 0 || none.Covers("44") || none.Covers("") || geo.Code("44").Covers(none) || none.Format() != "" {
		t.Error("the zero code is somewhere")
	}
	if lo, hi := none.Range(); lo < hi {
		t.Errorf("the zero code's range %q to %q is not empty", lo, hi)
	}
	if _, ok := none.Parent(); ok || none.Ancestors() != nil {
		t.Error("the zero code has something above it")
	}
}

func TestChildRefuses(t *testing.T) {
	for _, tt := range []struct {
		of geo.Code
		n  int
	}{{room, 1}, {"", 1}, {"440304", 0}, {"440304", 1000}, {"440304", -1}, {"440304004001", 100}} {
		if child, err := tt.of.Child(tt.n); err == nil {
			t.Errorf("child %d of %q is %s", tt.n, tt.of, child)
		}
	}
}

func TestCodeTravelsAsText(t *testing.T) {
	type row struct {
		Code  geo.Code     `json:"code"`
		Stat  geo.StatCode `json:"stat"`
		Level geo.Level    `json:"level"`
	}
	want := row{building, "440304004", geo.Building}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != `{"code":"4403040040010100012","stat":"440304004","level":"building"}` {
		t.Errorf("json %s", text)
	}
	var got row
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`{"code":""}`), &got); err != nil || got.Code != "" {
		t.Errorf("an absent code: %q, %v", got.Code, err)
	}
	for _, bad := range []string{`{"code":"44030"}`, `{"stat":"4403"}`, `{"level":"village"}`, `{"code":440304}`} {
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestLevelNames(t *testing.T) {
	for _, l := range geo.Levels() {
		if got, err := geo.ParseLevel(strings.ToUpper(l.String())); err != nil || got != l {
			t.Errorf("%s: %d, %v", l, got, err)
		}
	}
	if _, err := geo.ParseLevel("village"); err == nil || !strings.Contains(err.Error(), "community") {
		t.Errorf("village: %v", err)
	}
	if _, err := geo.Level(7).MarshalText(); err == nil {
		t.Error("level 7 was written")
	}
}

// Covers, Ancestors, At and the SQL range are four ways to ask one question.
func TestScopeIsOnePredicate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyCode().Draw(t, "a"), anyCode().Draw(t, "b")
		covers := a.Covers(b)
		if above := a == b || slices.Contains(b.Ancestors(), a); covers != above {
			t.Fatalf("covers %v, but among the ancestors %v", covers, above)
		}
		if at, ok := b.At(a.Level()); covers != (ok && at == a) {
			t.Fatalf("covers %v, but b at a's level is %s", covers, at)
		}
		if lo, hi := a.Range(); covers != (string(b) >= lo && string(b) < hi) {
			t.Fatalf("covers %v, but the range is %s to %s", covers, lo, hi)
		}
	})
}

func TestScopeIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyCode().Draw(t, "a"), anyCode().Draw(t, "b"), anyCode().Draw(t, "c")
		switch {
		case !a.Covers(a):
			t.Fatal("a does not cover itself")
		case a.Covers(b) && b.Covers(a) && a != b:
			t.Fatal("two codes cover each other")
		case a.Covers(b) && b.Covers(c) && !a.Covers(c):
			t.Fatal("not transitive")
		case a.Covers(c) && b.Covers(c) && !a.Covers(b) && !b.Covers(a):
			t.Fatal("two unrelated codes cover one place")
		}
	})
}

func TestWalkComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyCode().Draw(t, "code")
		if parsed, err := geo.ParseCode(geo.NormalizeCode(code.Format())); err != nil || parsed != code {
			t.Fatalf("format %q reads as %s, %v", code.Format(), parsed, err)
		}
		child, err := code.Child(7)
		if code.Level() == geo.Room {
			return
		}
		if parent, ok := child.Parent(); err != nil || !ok || parent != code || !code.Covers(child) {
			t.Fatalf("child %s, %v has parent %s", child, err, parent)
		}
	})
}

func FuzzParseCode(f *testing.F) {
	for _, seed := range []string{"", "44", room, building, "4403 04", "４403", "440300", "4.4E+24", "11010519491231002X", "44O304", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := geo.ParseCode(s)
		if err == nil {
			if string(code) != s || !code.Level().Valid() || geo.NormalizeCode(code.Format()) != s {
				t.Fatalf("%q was read as %q", s, code)
			}
			return
		}
		e := asCodeError(t, err)
		if e.Suggest == "" {
			return
		}
		if _, err := geo.ParseCode(e.Suggest); err != nil {
			t.Fatalf("%q: the suggestion %q is refused: %v", s, e.Suggest, err)
		}
	})
}

func FuzzNormalizeCode(f *testing.F) {
	f.Add("４４－03 ＇")
	f.Fuzz(func(t *testing.T, s string) {
		once := geo.NormalizeCode(s)
		if twice := geo.NormalizeCode(once); twice != once {
			t.Fatalf("%q becomes %q, then %q", s, once, twice)
		}
	})
}

func BenchmarkParseCode(b *testing.B) {
	for b.Loop() {
		if _, err := geo.ParseCode(room); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCovers(b *testing.B) {
	scope, code := geo.Code("440304004"), geo.Code(room)
	for b.Loop() {
		if !scope.Covers(code) {
			b.Fatal("not covered")
		}
	}
}
