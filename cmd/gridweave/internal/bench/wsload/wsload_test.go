package wsload

import (
	"bytes"
	"compress/flate"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func frame(op byte, payload string) []byte {
	b := []byte{0x80 | op}
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = append(b, 126, byte(n>>8), byte(n))
	default:
		b = append(b, 127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, payload...)
}

// deflate is what permessage-deflate sends of a text.
func deflate(t *rapid.T, text string) string {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\x00\x00\xff\xff")
}

// However the bytes are cut, every marker counts once, and only those within a message.
func TestParserCountsAcrossPieces(t *testing.T) {
	const marker = `"kind":`
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		want, pings := 0, 0
		for range rapid.IntRange(0, 8).Draw(t, "frames") {
			n := rapid.IntRange(0, 400).Draw(t, "events")
			switch deflated := rapid.Bool().Draw(t, "deflated"); {
			case n == 0:
				stream = append(stream, frame(opPing, marker)...)
				pings++
			case deflated:
				stream = append(stream, frame(opText|0x40, deflate(t, strings.Repeat(marker+"abc", n)))...)
				want += n
			default:
				payload := rapid.SampledFrom([]string{"", `"ki`, `"kind"`}).Draw(t, "before") +
					strings.Repeat(marker+rapid.StringN(0, 3, 12).Draw(t, "between"), n) + `"kind`
				stream = append(stream, frame(opText, payload)...)
				want += strings.Count(payload, marker)
			}
		}
		got, heard := 0, 0
		p := parser{marker: []byte(marker), control: func(op byte, payload []byte) {
			if op == opPing && string(payload) == marker {
				heard++
			}
		}}
		for len(stream) > 0 {
			n := rapid.IntRange(1, min(len(stream), 700)).Draw(t, "piece")
			got += p.feed(stream[:n])
			stream = stream[n:]
		}
		if got != want || heard != pings {
			t.Fatalf("%d events, %d pings; want %d, %d", got, heard, want, pings)
		}
	})
}

// A crowd hears what is sent to each of its clients, answers pings, and knows whom it lost.
func TestCrowd(t *testing.T) {
	const clients = 20
	release, leave := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
		_, _ = rw.Write(frame(opText, "hello"))
		_, _ = rw.Write(frame(opText, "an event~"))
		_ = rw.Flush()
		<-release
		_, _ = conn.Write(frame(opText, strings.Repeat("an event~", 50)))
		_, _ = conn.Write(frame(opPing, "still there?"))
		answer := make([]byte, 64)
		if n, err := conn.Read(answer); err != nil || !bytes.Contains(answer[:n], []byte("still there?")) {
			t.Errorf("a ping was answered with %q, %v", answer[:n], err)
		}
		<-leave
	}))
	defer server.Close()
	var last [clients]int64
	crowd, err := Gather(t.Context(), clients, func(int) Script {
		return Script{
			Host: strings.TrimPrefix(server.URL, "http://"), Path: "/", Marker: "~", Local: "127.0.0.7",
			Greeted: func(text []byte) bool { return string(text) == "hello" },
		}
	}, func(at int, before, events int64) { last[at] = before + events })
	if err != nil {
		t.Fatal(err)
	}
	close(release)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := crowd.Await(ctx, clients*51); err != nil {
		t.Fatal(err)
	}
	close(leave)
	crowd.Gone()
	if crowd.Lost() != clients || crowd.At(0) != 51 || last[clients-1] != 51 {
		t.Errorf("%d lost, %d at the first, %d at the last", crowd.Lost(), crowd.At(0), last[clients-1])
	}
	crowd.Close()
}
