package geo_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
)

// exampleID and exampleCredit are printed in GB 11643 and GB 32100 as examples; they are nobody's.
const (
	exampleID     = "11010519491231002X"
	exampleCredit = "91350100M000100Y43"
)

func TestParseResidentID(t *testing.T) {
	id, err := geo.ParseResidentID("11010519491231002x")
	if err != nil {
		t.Fatal(err)
	}
	if string(id) != exampleID {
		t.Errorf("read as %q", string(id))
	}
	if want := time.Date(1949, 12, 31, 0, 0, 0, 0, time.UTC); !id.BirthDate().Equal(want) {
		t.Errorf("born %s, want %s", id.BirthDate(), want)
	}
	for _, foreign := range []string{withCheck("83000019900101001"), withCheck("91115619900101001")} {
		if _, err := geo.ParseResidentID(foreign); err != nil {
			t.Errorf("a residence permit: %v", err)
		}
	}
}

// withCheck finds the check character by trying all of them, so it does not share the code under test.
func withCheck(digits string) string {
	for _, c := range "0123456789X" {
		sum := 0
		for i, r := range digits + string(c) {
			value := int(r - '0')
			if r == 'X' {
				value = 10
			}
			weight := 1
			for range 17 - i {
				weight = weight * 2 % 11
			}
			sum += value * weight
		}
		if sum%11 == 1 {
			return digits + string(c)
		}
	}
	return ""
}

func TestParseResidentIDExplains(t *testing.T) {
	for _, tt := range []struct {
		in     string
		kind   geo.CodeErrorKind
		reason string
	}{
		{"", geo.Missing, "nothing given"},
		{"110105491231002", geo.WrongLength, "15 digits: a number of the old form"},
		{exampleID[:17], geo.WrongLength, "17 characters, a number has 18; the last character, a digit or X, is missing"},
		{exampleID + "1", geo.WrongLength, "19 characters, a number has 18; 1 character too many"},
		{"13800138000", geo.WrongLength, "looks like a mobile phone number"},
		{"110105 19491231 002X", geo.WrongCharacter, "spaces, dashes or full-width"},
		{"1101051949123100２X", geo.WrongCharacter, "spaces, dashes or full-width"},
		{"11O10519491231002X", geo.WrongCharacter, "a letter O or l"},
		{exampleCredit, geo.WrongCharacter, "unified social credit code"},
		{"110105194912310029", geo.WrongCheck, "the check character is 9, the other digits call for X"},
		{withCheck("99010519491231002"), geo.WrongRegion, "no region begins with 99"},
		{withCheck("11010519490230002"), geo.WrongDate, "no day of the calendar"},
		{withCheck("11010529491231002"), geo.WrongDate, "in the future"},
		{withCheck("11010517491231002"), geo.WrongDate, "more than 150 years back"},
		{"张三李四王五", geo.WrongLength, "6 characters"},
	} {
		_, err := geo.ParseResidentID(tt.in)
		e := asCodeError(t, err)
		if e.Kind != tt.kind || !strings.Contains(e.Error(), tt.reason) {
			t.Errorf("%q: %s: %v; want %s: %s", tt.in, e.Kind, e, tt.kind, tt.reason)
		}
		if len(tt.in) >= 14 && strings.Contains(e.Error(), tt.in[6:14]) || e.Suggest != "" {
			t.Errorf("the message shows a birth date: %v", e)
		}
	}
}

func TestResidentIDNeverPrints(t *testing.T) {
	id := geo.ResidentID(exampleID)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("declared", "id", id)
	text, err := json.Marshal(map[string]any{"id": id})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		log.String(), string(text), fmt.Sprint(id), fmt.Sprintf("%v %s %q %+v %#v %x", id, id, id, id, id, id), id.Masked(),
	} {
		if strings.Contains(shown, "19491231") || strings.Contains(shown, fmt.Sprintf("%x", "19491231")) {
			t.Errorf("the number is shown: %s", shown)
		}
	}
	if id.Masked() != "110105********002X" {
		t.Errorf("masked %s", id.Masked())
	}
}

func TestAge(t *testing.T) {
	leap := geo.ResidentID(withCheck("11010520000229001"))
	for day, want := range map[string]int{"2018-02-28": 17, "2018-03-01": 18, "2020-02-28": 19, "2020-02-29": 20} {
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := leap.AgeOn(on); got != want {
			t.Errorf("age on %s is %d, want %d", day, got, want)
		}
	}
}

// ISO 7064 MOD 11-2 finds each single wrong digit and each exchange of neighbours.
func TestCheckCharacterFindsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		born := time.Unix(rapid.Int64Range(-1e9, 1e9).Draw(t, "born"), 0).UTC().Format("20060102")
		id := withCheck(fmt.Sprintf("440304%s%03d", born, rapid.IntRange(0, 999).Draw(t, "order")))
		if _, err := geo.ParseResidentID(id); err != nil {
			t.Fatal(err)
		}
		slip := []byte(id)
		i := rapid.IntRange(0, 16).Draw(t, "place")
		if rapid.Bool().Draw(t, "exchange") {
			slip[i], slip[i+1] = slip[i+1], slip[i]
		} else {
			slip[i] = byte(rapid.IntRange('0', '9').Draw(t, "digit"))
		}
		if _, err := geo.ParseResidentID(string(slip)); err == nil && string(slip) != id {
			t.Fatalf("the slip %s of %s was accepted", slip, id)
		}
	})
}

func TestParseCreditCode(t *testing.T) {
	for _, good := range []string{exampleCredit, strings.ToLower(exampleCredit)} {
		if code, err := geo.ParseCreditCode(good); err != nil || code != exampleCredit {
			t.Errorf("%s: %s, %v", good, code, err)
		}
	}
	for _, tt := range []struct {
		in, suggest string
		kind        geo.CodeErrorKind
		reason      string
	}{
		{"", "", geo.Missing, "nothing given"},
		{"440301103097413", "", geo.WrongLength, "registration number of the old form"},
		{exampleCredit[:17], "", geo.WrongLength, "17 characters, a code has 18; 1 character missing"},
		{"91350100MO00100Y43", exampleCredit, geo.WrongCharacter, "the digit 0 was probably meant at character 10"},
		{"9I350100M000100Y43", exampleCredit, geo.WrongCharacter, "did you mean 91350100M000100Y43?"},
		{"91350100-M000100Y43", "", geo.WrongCharacter, "a dash at character 9"},
		{"91350100M000100Y44", "", geo.WrongCheck, "the check character is 4, the other characters call for 3"},
		{"91990100M000100Y43", "", geo.WrongRegion, "no region"},
		{exampleID, "", geo.WrongCheck, "a person's resident ID number"},
	} {
		_, err := geo.ParseCreditCode(tt.in)
		e := asCodeError(t, err)
		if e.Kind != tt.kind || !strings.Contains(e.Error(), tt.reason) || tt.suggest != "" && e.Suggest != tt.suggest {
			t.Errorf("%q: %s %q: %v; want %s: %s", tt.in, e.Kind, e.Suggest, e, tt.kind, tt.reason)
		}
	}
	if _, err := geo.ParseCreditCode(exampleID); strings.Contains(err.Error(), "19491231") {
		t.Errorf("the message shows a person's number: %v", err)
	}
}

func TestMasks(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{geo.MaskName("张三"), "张**"},
		{geo.MaskName(" 欧阳娜娜 "), "欧**"},
		{geo.MaskName("Ann Lee"), "A**"},
		{geo.MaskName(""), ""},
		{geo.MaskResidentID("440304199001011234"), "440304********1234"},
		{geo.MaskResidentID("110105491231002"), "***************"},
		{geo.MaskPhone("13812345678"), "138****5678"},
		{geo.MaskPhone("+86 138-1234-5678"), "138****5678"},
		{geo.MaskPhone("１３８12345678"), "138****5678"},
		{geo.MaskPhone("0755-82345678"), "********5678"},
		{geo.MaskPhone("12345"), "*****"},
		{geo.MaskPhone(""), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("masked %q, want %q", tt.got, tt.want)
		}
	}
}

func FuzzParseResidentID(f *testing.F) {
	for _, seed := range []string{exampleID, "110105491231002", "x", "１１0105 19491231002x", exampleCredit, "110105194912310021 ", "１１0105 194912310x2x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := geo.ParseResidentID(s)
		if err != nil {
			if asCodeError(t, err).Suggest != "" || len(s) == 18 && strings.Contains(err.Error(), s) {
				t.Fatalf("%q is shown: %v", s, err)
			}
			return
		}
		if string(id) != strings.ToUpper(s) || withCheck(string(id[:17])) != string(id) || id.BirthDate().IsZero() {
			t.Fatalf("%q was read as %q", s, string(id))
		}
	})
}

func FuzzParseCreditCode(f *testing.F) {
	for _, seed := range []string{exampleCredit, strings.ToLower(exampleCredit), "9I350100MO00100Y43", exampleID, "4.4E+24", "ſ1350100m000100y43", "1101051949123100%X"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := geo.ParseCreditCode(s)
		if err == nil {
			if again, err := geo.ParseCreditCode(string(code)); err != nil || again != code || len(code) != 18 {
				t.Fatalf("%q was read as %q, then %q, %v", s, code, again, err)
			}
			return
		}
		if e := asCodeError(t, err); e.Suggest != "" {
			if _, err := geo.ParseCreditCode(e.Suggest); err != nil {
				t.Fatalf("%q: the suggestion %q is refused: %v", s, e.Suggest, err)
			}
		}
	})
}
