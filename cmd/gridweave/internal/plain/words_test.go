package plain

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBothLanguagesHaveTheSameWords(t *testing.T) {
	zh, en := mustWords("zh"), mustWords("en")
	for key, text := range zh.texts {
		if other, ok := en.texts[key]; !ok || text == "" != (other == "") {
			t.Errorf("%s: %q and %q", key, text, other)
		}
	}
	if len(zh.texts) != len(en.texts) {
		t.Errorf("%d words in Chinese, %d in English", len(zh.texts), len(en.texts))
	}
}

// What the pages ask for is there; a key that is made of a value is a group with its values.
func TestPagesHaveTheirWords(t *testing.T) {
	zh := mustWords("zh")
	entries, err := pages.ReadDir("pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile("pages/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\.T "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			if _, ok := zh.texts[m[1]]; !ok {
				t.Errorf("%s: no words for %q", e.Name(), m[1])
			}
		}
	}
}

// The district's terms are the front end's, word for word.
func TestTermsAreTheFrontEnds(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		raw, err := os.ReadFile("../../../../frontend/src/i18n/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var theirs map[string]string
		if err := json.Unmarshal(raw, &theirs); err != nil {
			t.Fatal(err)
		}
		want, got := map[string]string{}, map[string]string{}
		for key, text := range theirs {
			if regexp.MustCompile(`^(grade|use|kind|level|status|role)\.`).MatchString(key) {
				want[key], got[key] = text, mustWords(lang).texts[key]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-front end +plain):\n%s", lang, diff)
		}
	}
}
