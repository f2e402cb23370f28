package wire_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/realtime/wire"
)

// architecture is the document whose examples both sides read.
const architecture = "../../ARCHITECTURE.md"

func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// examples are what one side says in the fenced exchanges: lines behind > or <.
func examples(t *testing.T, side string) []string {
	t.Helper()
	var lines []string
	for _, block := range regexp.MustCompile("(?s)```stream\n(.*?)```").FindAllStringSubmatch(document(t), -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			if said, ok := strings.CutPrefix(line, side+" "); ok {
				lines = append(lines, said)
			}
		}
	}
	if len(lines) == 0 {
		t.Fatalf("%s has no examples of %s", architecture, side)
	}
	return lines
}

// Every example is read strictly and written back to the same value, and every message has an example.
func TestExamples(t *testing.T) {
	sides := map[string]struct {
		decode func([]byte) (wire.Message, error)
		all    []wire.Message
	}{
		">": {wire.DecodeClient, wire.ClientMessages()},
		"<": {wire.DecodeServer, wire.ServerMessages()},
	}
	for side, s := range sides {
		seen := map[string]bool{}
		for _, line := range examples(t, side) {
			m, err := s.decode([]byte(line))
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			seen[wire.Type(m)] = true
			back, err := wire.Encode(m)
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			if diff := cmp.Diff(anyOf(t, line), anyOf(t, string(back))); diff != "" {
				t.Errorf("%s is written back otherwise (-example +written):\n%s", line, diff)
			}
			if !strings.HasPrefix(string(back), fmt.Sprintf(`{"type":%q`, wire.Type(m))) {
				t.Errorf("%s does not begin with its type", back)
			}
		}
		for _, m := range s.all {
			if !seen[wire.Type(m)] {
				t.Errorf("%s: the message %q has no example in %s", side, wire.Type(m), architecture)
			}
		}
	}
}

func anyOf(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{}`, `{"type":"hello"}`, `{"type":"fly"}`, `{"type":"ping","extra":1}`, `{"type":"ping"} {}`,
		`{"type":"subscribe","id":"a","topics":["x"],"area":"12345"}`,
		`{"type":"subscribe","id":"a","topics":["x"],"since":"nonsense"}`,
	} {
		if m, err := wire.DecodeClient([]byte(text)); err == nil {
			t.Errorf("%s was read as %#v", text, m)
		}
	}
}

// The table in the document is the table in the code; the front end reads the same document.
func TestCloseCodes(t *testing.T) {
	var rows strings.Builder
	for _, n := range wire.CloseCodes() {
		again := map[bool]string{true: "yes", false: "no"}[n.Code.Reconnect()]
		fmt.Fprintf(&rows, "| %d | %s | %s |\n", n.Code, n.Name, again)
		if n.Code.String() != n.Name {
			t.Errorf("%d is called %q, want %q", n.Code, n.Code, n.Name)
		}
	}
	if !strings.Contains(document(t), "| code | name | reconnect |\n| --- | --- | --- |\n"+rows.String()+"\n") &&
		!strings.HasSuffix(document(t), rows.String()) {
		t.Errorf("%s does not have this table of close codes:\n%s", architecture, &rows)
	}
}

// Frames are read back whole, at every length at which the header changes.
func TestFrames(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 65535, 65536, 100_000} {
		payload := []byte(strings.Repeat("x", n))
		frames := wire.AppendPing(wire.AppendText(nil, payload))
		got, text, rest := wire.Payload(frames)
		if string(got) != string(payload) || !text {
			t.Errorf("%d bytes came back as %d, text %v", n, len(got), text)
		}
		if _, text, rest = wire.Payload(rest); text || len(rest) != 0 {
			t.Errorf("behind %d bytes: text %v, %d bytes left, want a ping and nothing", n, text, len(rest))
		}
	}
	if got := wire.AppendClose(nil, 4000, strings.Repeat("r", 200)); len(got) != 127 {
		t.Errorf("a close frame of %d bytes, want one of 127 at the most", len(got))
	}
}
