package follow_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gridweave/gridweave/geo/live"
	"github.com/gridweave/gridweave/realtime/follow"
	"github.com/gridweave/gridweave/realtime/position"
)

// listener counts what it hears.
type listener struct{ aged, applied []live.Delta }

func (l *listener) Applied(deltas []live.Delta, _ position.Position) {
	l.applied = append(l.applied, deltas...)
}
func (l *listener) Aged(deltas []live.Delta)  { l.aged = append(l.aged, deltas...) }
func (l *listener) Reset(position.Position)   {}
func (l *listener) Advance(position.Position) {}

// What is called recent leaves the picture by itself, and those who listen hear of it.
func TestOldFeaturesLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := live.New(live.Spec{Name: "note", Nums: []string{"at"}})
		if err != nil {
			t.Fatal(err)
		}
		var l listener
		f := follow.New(p, []live.Projection{{
			Table: "note", Layer: "note", Owns: true, Key: "id", Recent: &live.Recent{Field: 0, Within: time.Hour},
		}}, &l)
		for id := range uint64(3) {
			at := uint32(time.Now().Unix()) + uint32(id)*600
			if _, err := p.Apply(position.Position{LSN: 1}, []live.Change{{Layer: "note", ID: id + 1, Nums: []live.Num{{Field: 0, Value: at}}}}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			f.Advance(position.Position{LSN: 2})
			if len(l.aged) != 0 {
				t.Fatalf("%d features have gone too early", len(l.aged))
			}
			<-time.After(30 * time.Minute)
		}
		<-time.After(2 * time.Minute)
		f.Advance(position.Position{LSN: 3})
		f.Advance(position.Position{LSN: 4})
		if len(l.aged) != 1 || l.aged[0].Old.ID != 1 || l.aged[0].New != nil {
			t.Fatalf("gone after an hour: %+v", l.aged)
		}
		<-time.After(time.Hour)
		f.Advance(position.Position{LSN: 5})
		if len(l.aged) != 3 || len(l.applied) != 0 {
			t.Fatalf("%d aged, %d applied", len(l.aged), len(l.applied))
		}
		at := p.Read(func(layer func(string) *live.Layer) {
			if n := layer("note").Len(); n != 0 {
				t.Errorf("%d features are left", n)
			}
		})
		if at.LSN != 5 {
			t.Errorf("at %v", at)
		}
	})
}
