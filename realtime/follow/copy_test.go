package follow

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// copied writes rows as PostgreSQL does; "NULL" is NULL.
func copiedOut(rows [][]string) []byte {
	out := append([]byte(copySignature), 0, 0, 0, 0, 0, 0, 0, 0)
	for _, r := range rows {
		out = binary.BigEndian.AppendUint16(out, uint16(len(r)))
		for _, c := range r {
			if c == "NULL" {
				out = binary.BigEndian.AppendUint32(out, 1<<32-1)
				continue
			}
			out = append(binary.BigEndian.AppendUint32(out, uint32(len(c))), c...)
		}
	}
	return binary.BigEndian.AppendUint16(out, 1<<16-1)
}

// Rows come whole, in whatever pieces the bytes arrive.
func TestCopyReaderTakesAnyPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.Just("NULL"), rapid.Just(""), rapid.StringN(0, 40, -1))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 0, 9).Draw(t, "rows")
		var got [][]string
		r := copyReader{cells: make([][]byte, 3), take: func(cells [][]byte) error {
			row := make([]string, len(cells))
			for i, c := range cells {
				row[i] = string(c)
				if c == nil {
					row[i] = "NULL"
				}
			}
			got = append(got, row)
			return nil
		}}
		data := copiedOut(rows)
		for len(data) > 0 {
			n := rapid.IntRange(1, len(data)).Draw(t, "piece")
			piece := append([]byte(nil), data[:n]...)
			if _, err := r.Write(piece); err != nil {
				t.Fatal(err)
			}
			clear(piece) // the connection reuses it
			data = data[n:]
		}
		if err := r.end(); err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			rows = nil
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}

func TestCopyReaderRefuses(t *testing.T) {
	whole := copiedOut([][]string{{"a", "b", "c"}})
	for name, data := range map[string][]byte{
		"text":        []byte(strings.Repeat("1\ta\tb\n", 9)),
		"two columns": copiedOut([][]string{{"a", "b"}}),
		"cut off":     whole[:len(whole)-4],
		"no end":      whole[:len(whole)-2],
	} {
		r := copyReader{cells: make([][]byte, 3), take: func([][]byte) error { return nil }}
		_, err := r.Write(data)
		if err == nil {
			err = r.end()
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
