package live

import (
	"slices"
	"time"
)

// Except leaves rows out whose column has one of the values: what is over is no part of the present picture. A row that
// takes such a value goes, one that loses it comes back. The column must be one that the log always carries, which
// every short one is.
type Except struct {
	Column string
	Values []string
}

// Recent leaves features out once they are older than Within, by the numeric field that holds their time in seconds
// since 1970. They go without any transaction, as time passes; see Layer.Older.
type Recent struct {
	Field  int
	Within time.Duration
}

// Since is the oldest second that is still shown at now.
func (r Recent) Since(now time.Time) uint32 {
	return uint32(max(0, now.Add(-r.Within).Unix()))
}

// hides tells whether the row is none of the picture's, and by which value.
func (e *Except) hides(r Row) (value string, hidden bool) {
	if e == nil {
		return "", false
	}
	value, _, known := r.Text(e.Column)
	return value, known && slices.Contains(e.Values, value)
}

// Timely is the change as it is to be made at now: what is too old by then goes.
func (p Projection) Timely(c Change, now time.Time) Change {
	if p.Recent == nil {
		return c
	}
	for _, n := range c.Nums {
		if n.Field == p.Recent.Field && n.Value < p.Recent.Since(now) {
			return p.drop(c.ID)
		}
	}
	return c
}

// Older lists the ids of features whose numeric field is below since.
func (l *Layer) Older(field int, since uint32) (ids []uint64) {
	l.All(func(f *Feature) {
		if f.Nums[field] < since {
			ids = append(ids, f.ID)
		}
	})
	slices.Sort(ids)
	return ids
}

// ParseEpoch reads a timestamp with time zone, as PostgreSQL writes it under DateStyle ISO, as whole seconds since 1970,
// rounded down. What lies before is 0; infinity is the largest number.
func ParseEpoch(text string) (uint32, error) {
	switch text {
	case "infinity":
		return 1<<32 - 1, nil
	case "-infinity":
		return 0, nil
	}
	// Offsets come as +08, +05:30, or, for times before zones were rounded, +08:05:43.
	layout := "2006-01-02 15:04:05.999999-07"
	if n := len(text); n > 6 && text[n-3] == ':' {
		layout += ":00"
		if n > 9 && text[n-6] == ':' {
			layout += ":00"
		}
	}
	t, err := time.Parse(layout, text)
	if err != nil {
		return 0, err
	}
	return uint32(max(0, min(t.Unix(), 1<<32-1))), nil
}

// EpochTime is the moment of a number that ParseEpoch made.
func EpochTime(seconds uint32) time.Time { return time.Unix(int64(seconds), 0).UTC() }
