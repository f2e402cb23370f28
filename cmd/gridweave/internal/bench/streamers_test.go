package bench

import "testing"

// A ping may come in the middle of events, and is answered there too; events are not.
func TestPong(t *testing.T) {
	for text, want := range map[string]string{
		"{}": "{}", "{}\n{\"push\":{}}": "{}", "{\"push\":1}\n{}": "{}", "{\"push\":1}\n{}\n{\"push\":2}": "{}",
		"{\"push\":{}}": "", "{\"push\":{}}\n{\"a\":{}}": "",
	} {
		if got := string(pong([]byte(text))); got != want {
			t.Errorf("%q is answered with %q", text, got)
		}
	}
}
