package position_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/realtime/position"
)

const example = "6a3f09c1d2e4b587-1.00000000016B3748.0"

func TestParse(t *testing.T) {
	got, err := position.Parse(example)
	if err != nil {
		t.Fatal(err)
	}
	want := position.Position{Epoch: position.Epoch(0x6a3f09c1d2e4b587, 1), LSN: 0x16B3748}
	if got != want || got.String() != example {
		t.Errorf("read %+v, written %s", got, got)
	}
}

func TestParseExplains(t *testing.T) {
	for in, reason := range map[string]string{
		"":                                       "1 parts",
		"0/16B3748":                              "want EPOCH.LSN.INDEX",
		"e.0.0":                                  `epoch "e"`,
		example[1:]:                              "epoch",
		example + ".":                            "4 parts",
		"6A3F09C1D2E4B587-1.00000000016B3748.0":  "lower-case",
		"6a3f09c1d2e4b587-01.00000000016B3748.0": "timeline",
		"6a3f09c1d2e4b587.00000000016B3748.0":    "timeline",
		"6a3f09c1d2e4b587-4294967296.00000000016B3748.0": "timeline",
		"6a3f09c1d2e4b587-1.00000000016b3748.0":          "upper-case",
		"6a3f09c1d2e4b587-1.16B3748.0":                   "16 upper-case",
		"6a3f09c1d2e4b587-1.00000000016B3748.":           "index",
		"6a3f09c1d2e4b587-1.00000000016B3748.00":         "leading zeros",
		"6a3f09c1d2e4b587-1.00000000016B3748.+1":         "index",
		"6a3f09c1d2e4b587-1.00000000016B3748.4294967296": "below 2^32",
		strings.Repeat("9", 1000) + ".0.0":               "…",
	} {
		if p, err := position.Parse(in); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, %v; want %s", in, p, err, reason)
		}
	}
}

func TestCompare(t *testing.T) {
	at := func(lsn uint64, index uint32) position.Position {
		return position.Position{Epoch: "a", LSN: lsn, Index: index}
	}
	for _, tt := range []struct {
		p, q position.Position
		want int
	}{
		{at(1, 1), at(1, 1), 0},
		{at(1, 1), at(1, 2), -1},
		{at(2, 0), at(1, 9), 1},
		{at(0, 0), at(math.MaxUint64, 0), -1},
	} {
		if got, ok := tt.p.Compare(tt.q); !ok || got != tt.want {
			t.Errorf("%v to %v: %d, %v; want %d", tt.p, tt.q, got, ok, tt.want)
		}
		if got, ok := tt.q.Compare(tt.p); !ok || got != -tt.want {
			t.Errorf("%v to %v: %d, %v; want %d", tt.q, tt.p, got, ok, -tt.want)
		}
	}
	if n, ok := at(1, 1).Compare(position.Position{Epoch: "b", LSN: 2}); ok || n != 0 {
		t.Error("positions of two epochs were compared")
	}
}

func TestTravelsAsText(t *testing.T) {
	type frame struct {
		At  position.Position `json:"at"`
		Opt position.Position `json:"opt,omitzero"`
	}
	p, err := position.Parse(example)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(frame{At: p})
	if err != nil || string(text) != `{"at":"`+example+`"}` {
		t.Fatalf("%s, %v", text, err)
	}
	var back frame
	if err := json.Unmarshal(text, &back); err != nil || back.At != p {
		t.Errorf("%+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"at":""}`), &back); err != nil || !back.At.IsZero() {
		t.Errorf("no position: %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"at":"0/1"}`), &back); err == nil {
		t.Error("an LSN was taken for a position")
	}
	if text, err := json.Marshal(position.Position{Epoch: "x", LSN: 1}); err == nil {
		t.Errorf("what cannot be read back was written: %s", text)
	}
	if none := (position.Position{}).String(); none != "" {
		t.Errorf("no position is written %q", none)
	}
}

// The text orders as the position does within an epoch, up to the index.
func TestTextKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := position.Position{Epoch: position.Epoch(1, 1), LSN: rapid.Uint64().Draw(t, "p")}
		q := position.Position{Epoch: position.Epoch(1, 1), LSN: rapid.Uint64().Draw(t, "q")}
		n, ok := p.Compare(q)
		if !ok || n != strings.Compare(p.String(), q.String()) {
			t.Fatalf("%v and %v compare as %d", p, q, n)
		}
	})
}

func TestLSN(t *testing.T) {
	for in, want := range map[string]uint64{
		"0/0": 0, "0/16B3748": 0x16B3748, "16/b374d848": 0x16B374D848, "FFFFFFFF/FFFFFFFF": math.MaxUint64, "1/00000001": 1<<32 | 1,
	} {
		if got, err := position.ParseLSN(in); err != nil || got != want {
			t.Errorf("%s: %X, %v; want %X", in, got, err, want)
		}
	}
	for _, bad := range []string{"", "0", "/", "0/", "/0", "0/123456789", "0/G", "0/-1", "0x1/0", "0/0/0", " 0/0", "1_0/0"} {
		if got, err := position.ParseLSN(bad); err == nil {
			t.Errorf("%q was read as %X", bad, got)
		}
	}
}

func TestLSNComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lsn := rapid.Uint64().Draw(t, "lsn")
		if back, err := position.ParseLSN(position.FormatLSN(lsn)); err != nil || back != lsn {
			t.Fatalf("%X is written %s and read as %X, %v", lsn, position.FormatLSN(lsn), back, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("ffffffffffffffff-4294967295.FFFFFFFFFFFFFFFF.4294967295")
	f.Add("6a3f09c1d2e4b587-1.00000000016B3748.1_0")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := position.Parse(s)
		if err != nil {
			return
		}
		if p.String() != s {
			t.Fatalf("%q is written %q", s, p)
		}
		text, err := p.MarshalText()
		if err != nil || string(text) != s {
			t.Fatalf("%q is marshalled %q, %v", s, text, err)
		}
	})
}
