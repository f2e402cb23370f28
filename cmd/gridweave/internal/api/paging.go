package api

import (
	"encoding/base64"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/realtime/position"
)

// Page is what every list takes: how many, and where the page before ended. It is exported because huma reads embedded
// structs only then.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Items at the most."`
	Cursor string `query:"cursor" doc:"The next of the page before."`
}

// listBody is what every list answers with.
type listBody[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"Cursor of the next page; null on the last."`
}

type listOutput[T any] struct{ Body listBody[T] }

// key is the key of the last item of the page before; "" on the first page. Cursors are opaque to clients.
func (p Page) key() (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil {
		return "", fault.Invalid("list.cursor", "the cursor is not one that a list gave", fault.Field{Path: "cursor", Message: "unknown"})
	}
	return string(raw), nil
}

func (p Page) number() (int64, error) {
	key, err := p.key()
	if err != nil || key == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0, fault.Invalid("list.cursor", "the cursor is not one that a list gave", fault.Field{Path: "cursor", Message: "unknown"})
	}
	return n, nil
}

// answerPage turns what was read, one more than the page, into the page and its cursor.
func answerPage[D, T any](p Page, read []D, key func(D) string, show func(D) T) *listOutput[T] {
	out := &listOutput[T]{Body: listBody[T]{Items: []T{}}}
	for i, d := range read {
		if i == p.Limit {
			next := base64.RawURLEncoding.EncodeToString([]byte(key(read[i-1])))
			out.Body.Next = &next
			break
		}
		out.Body.Items = append(out.Body.Items, show(d))
	}
	return out
}

// written is what every write answers with beside its body.
type written[T any] struct {
	Position string `header:"X-Position" doc:"A position in the database's log that includes the write."`
	Body     T
}

func answerWrite[T any](pos position.Position, body T) *written[T] {
	return &written[T]{Position: pos.String(), Body: body}
}

// lonLat is a point as GeoJSON writes it.
func lonLat(p orb.Point) [2]float64 { return [2]float64{p[0], p[1]} }

// optionalCode reads a code that may be left out.
func optionalCode(field, s string) (geo.Code, error) {
	if s == "" {
		return "", nil
	}
	code, err := geo.ParseCode(s)
	if err != nil {
		return "", fault.InvalidField("request.code", field, err)
	}
	return code, nil
}
