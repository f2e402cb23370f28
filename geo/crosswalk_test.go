package geo_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/geo"
)

// futian reads the real crosswalk: level, name, house code, statistics code.
func futian(t *testing.T) (pairs []geo.Pair, levels []string) {
	t.Helper()
	text, err := os.ReadFile(shared(t, "crosswalk_futian.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		pairs = append(pairs, geo.Pair{
			System: geo.Statistics, Foreign: row[3], Code: geo.Code(row[2]), NameZH: row[1],
		})
		levels = append(levels, row[0])
	}
	return pairs, levels
}

func TestFutianTranslatesBothWays(t *testing.T) {
	pairs, levels := futian(t)
	walk, err := geo.NewCrosswalk(pairs)
	if err != nil {
		t.Fatal(err)
	}
	if walk.Len() != 102 || len(walk.Pairs()) != 102 {
		t.Errorf("%d pairs, want 10 streets and 92 communities", walk.Len())
	}
	for i, p := range pairs {
		if p.Level().String() != levels[i] {
			t.Errorf("%s is a %s, the file says %s", p.Code, p.Level(), levels[i])
		}
		stat, err := geo.ParseStatCode(p.Foreign)
		if err != nil {
			t.Fatal(err)
		}
		if house, err := walk.House(stat); err != nil || house != p.Code {
			t.Errorf("%s became %s, %v; want %s", stat, house, err, p.Code)
		}
		if back, err := walk.Statistics(p.Code); err != nil || back != stat {
			t.Errorf("%s became %s, %v; want %s", p.Code, back, err, stat)
		}
	}
	// The look-alikes: 440304004 is Shatou in house codes and Futian in statistics codes.
	if house, err := walk.House("440304004"); err != nil || house != "440304003" {
		t.Errorf("statistics 440304004 is house %s, %v", house, err)
	}
}

func TestFutianNamesWhatIsMissing(t *testing.T) {
	pairs, _ := futian(t)
	walk, err := geo.NewCrosswalk(pairs)
	if err != nil {
		t.Fatal(err)
	}
	_, err = walk.House("440304999")
	e := asCodeError(t, err)
	want := `statistics code "440304999": has no house code in the crosswalk; nearest 440304011 华强北街道`
	if diff := cmp.Diff(want, e.Error()); diff != "" || e.Kind != geo.NotTranslated {
		t.Errorf("kind %s (-want +got):\n%s", e.Kind, diff)
	}
	_, err = walk.House("440304003")
	if !strings.Contains(err.Error(), "440304002 园岭街道 and 440304004 福田街道") {
		t.Errorf("the neighbours are not named: %v", err)
	}
	_, err = walk.Statistics(building)
	if !strings.Contains(err.Error(), "this is a building") {
		t.Errorf("a building: %v", err)
	}
}

func TestZeroCrosswalkKnowsDistrictsOnly(t *testing.T) {
	var walk geo.Crosswalk
	if code, err := walk.House("440304"); err != nil || code != "440304" {
		t.Errorf("district %s, %v", code, err)
	}
	if code, err := walk.Statistics("440304"); err != nil || code != "440304" {
		t.Errorf("district %s, %v", code, err)
	}
	if _, err := walk.House("440304001"); err == nil || !strings.Contains(err.Error(), "holds no statistics codes") {
		t.Errorf("street: %v", err)
	}
}

func TestFormerCodes(t *testing.T) {
	walk, err := geo.NewCrosswalk([]geo.Pair{
		{System: geo.Former, Foreign: "440304004001", Code: "440304004002"},
		{System: geo.Former, Foreign: "440304004003", Code: "440304004002"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if code, err := walk.Current("440304004003"); err != nil || code != "440304004002" {
		t.Errorf("current %s, %v", code, err)
	}
	if diff := cmp.Diff([]string{"440304004001", "440304004003"}, walk.Formers("440304004002")); diff != "" {
		t.Errorf("formers (-want +got):\n%s", diff)
	}
	if _, err := walk.Current("440304004009"); err == nil {
		t.Error("an unknown former code was translated")
	}
}

func TestCrosswalkRefuses(t *testing.T) {
	good := geo.Pair{System: geo.Statistics, Foreign: "440304004", Code: "440304003"}
	for _, tt := range []struct {
		name, reason string
		bad          geo.Pair
	}{
		{"a statistics code twice", "given to house code 440304003 already", geo.Pair{System: geo.Statistics, Foreign: "440304004", Code: "440304009"}},
		{"a house code twice", "given to statistics code 440304004 already", geo.Pair{System: geo.Statistics, Foreign: "440304009", Code: "440304003"}},
		{"two levels", "is a street and house code 440304003001 a community", geo.Pair{System: geo.Statistics, Foreign: "440304005", Code: "440304003001"}},
		{"no house code", "house code: nothing given", geo.Pair{System: geo.Statistics, Foreign: "440304005"}},
		{"a padded statistics code", "padded with zeros", geo.Pair{System: geo.Statistics, Foreign: "440304005000", Code: "440304005001"}},
		{"no former code", "digits only", geo.Pair{System: geo.Former, Code: "440304005"}},
		{"an unknown system", `system "cadastre"`, geo.Pair{System: "cadastre", Foreign: "1", Code: "440304005"}},
	} {
		walk, err := geo.NewCrosswalk([]geo.Pair{good, tt.bad})
		var row *geo.PairError
		if !errors.As(err, &row) || row.Row != 1 || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if walk.Len() != 0 {
			t.Errorf("%s: half a crosswalk was made", tt.name)
		}
	}
}

func TestStatCode(t *testing.T) {
	for _, tt := range []struct{ in, suggest, reason string }{
		{"440304004000", "440304004", "padded with zeros"},
		{"440304000000", "440304", "padded with zeros"},
		{"4403", "", "a code has 6, 9 or 12; 2 digits short of a district code (6)"},
		{building, "", "7 digits more than a community code (12)"},
		{"440304 004", "440304004", "a space at character 7"},
	} {
		_, err := geo.ParseStatCode(tt.in)
		e := asCodeError(t, err)
		if !strings.Contains(e.Error(), tt.reason) || e.Suggest != tt.suggest || e.Noun != "statistics code" {
			t.Errorf("%s: %v, suggest %q", tt.in, e, e.Suggest)
		}
	}
	code, err := geo.ParseStatCode("440304400498") // the free-trade zone's virtual community
	if err != nil {
		t.Fatal(err)
	}
	street, _ := code.Parent()
	district, _ := street.Parent()
	if _, ok := district.Parent(); ok || street != "440304400" || district != "440304" || code.Level() != geo.Community {
		t.Errorf("walked from %s over %s to %s", code, street, district)
	}
}
