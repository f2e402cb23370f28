package audience

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gridweave/gridweave/geo/live"
)

// Look finds a layer of the picture, which stands still meanwhile.
type Look = func(layer string) *live.Layer

// Topic declares what is told under one name.
type Topic struct {
	Name string
	// State says that of an entity only the newest event matters: to a client that lags the others are not told.
	State bool
	// Notice says that events are about a place and not about an entity: nobody enters or leaves, whoever sees the old
	// or the new place is told. Conflating keeps those that say different things.
	Notice bool
	// Snapshot says that there is a present state to begin with: the features of the layers.
	Snapshot bool
	Sources  []Source
}

// Source declares what of a layer's features a topic tells.
type Source struct {
	Layer string
	// Concerns tells whether a change is an event of the topic; nil takes each. Of before and now one may be nil.
	Concerns func(before, now *live.Feature) bool
	// Data appends what the topic tells, a JSON object. Before is nil where there is none or in a snapshot; now is nil
	// only for a Notice.
	Data func(dst []byte, look Look, before, now *live.Feature) []byte
	// Place bounds a feature that has no shape of its own; nil takes the shape's bounds.
	Place func(look Look, f *live.Feature) (live.Box, bool)
	// Public is for what is nobody's: everybody hears of it.
	Public bool
}

// side is what a feature is to the topic, before or after a change.
func (s *Source) side(look Look, f *live.Feature) side {
	if f == nil {
		return side{}
	}
	found := side{there: true, public: s.Public, code: f.Code}
	found.box, found.placed = s.place(look, f)
	return found
}

func (s *Source) place(look Look, f *live.Feature) (live.Box, bool) {
	if s.Place != nil {
		return s.Place(look, f)
	}
	return f.Shape.Bounds(), f.Shape.Kind() != live.Empty
}

// MaxTopics is how many topics there can be: each has its place in the last part of an event's position, twice, since
// a change may be two events of a Notice.
const MaxTopics = 16

// Set is a set of topics, by their place among those declared.
type Set uint32

func (s Set) has(topic uint8) bool { return s&(1<<topic) != 0 }

// topics are the declared ones.
type topics []Topic

func (t topics) check(p *live.Picture) error {
	if len(t) > MaxTopics {
		return fmt.Errorf("audience: %d topics, at most %d fit", len(t), MaxTopics)
	}
	for i, topic := range t {
		if slices.ContainsFunc(t[:i], func(o Topic) bool { return o.Name == topic.Name }) {
			return fmt.Errorf("audience: topic %q is declared twice", topic.Name)
		}
		for _, s := range topic.Sources {
			known := false
			p.Read(func(layer func(string) *live.Layer) { known = layer(s.Layer) != nil })
			if !known {
				return fmt.Errorf("audience: topic %q is of layer %q, which is not there", topic.Name, s.Layer)
			}
		}
	}
	return nil
}

// named gives the set of the named topics, or says which there are.
func (t topics) named(names []string) (Set, error) {
	var s Set
	for _, name := range names {
		i := slices.IndexFunc(t, func(topic Topic) bool { return topic.Name == name })
		switch {
		case i < 0:
			return 0, fmt.Errorf("no topic %q; there are %s", name, strings.Join(t.names(^Set(0)), ", "))
		case s.has(uint8(i)):
			return 0, fmt.Errorf("topic %q is named twice", name)
		}
		s |= 1 << i
	}
	if s == 0 {
		return 0, fmt.Errorf("name at least one topic; there are %s", strings.Join(t.names(^Set(0)), ", "))
	}
	return s, nil
}

// names lists the topics of a set by name.
func (t topics) names(s Set) []string {
	var names []string
	for i, topic := range t {
		if s.has(uint8(i)) {
			names = append(names, topic.Name)
		}
	}
	slices.Sort(names)
	return names
}
