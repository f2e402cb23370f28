package audience

import (
	"sort"

	"github.com/gridweave/gridweave/realtime/framelog"
)

// ring is the recent events of the whole district in their order, bounded in bytes.
type ring struct {
	events []*event
	bytes  int
	max    int
	floor  framelog.Stamp // everything behind it is here
}

func (r *ring) reset(floor framelog.Stamp) { r.events, r.bytes, r.floor = nil, 0, floor }

func (r *ring) add(e *event) {
	r.events = append(r.events, e)
	r.bytes += e.size()
	for r.bytes > r.max {
		oldest := r.events[0]
		r.events[0] = nil
		r.events = r.events[1:]
		r.bytes -= oldest.size()
		r.floor = oldest.stamp
	}
}

// between gives the events behind from, up to and with to.
func (r *ring) between(from, to framelog.Stamp) []*event {
	i := sort.Search(len(r.events), func(i int) bool { return r.events[i].stamp.Compare(from) > 0 })
	j := sort.Search(len(r.events), func(i int) bool { return r.events[i].stamp.Compare(to) > 0 })
	return r.events[i:max(i, j)]
}

// reaches tells whether everything behind s is here.
func (r *ring) reaches(s framelog.Stamp) bool { return s.Compare(r.floor) >= 0 }
