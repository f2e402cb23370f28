// Package position names a point in the order of everything that happens: the write-ahead log of one PostgreSQL
// cluster.
//
// A position is (epoch, LSN, index). The epoch is the cluster's system identifier in hexadecimal, a dash and its
// timeline, so that a restored or promoted database is another world whose numbers mean nothing here. The LSN is
// the transaction's commit LSN. The index is the change's ordinal in its transaction, counted before any filter.
//
// A tile and a frame carry the position they reflect, a write answers with one that includes it. The package is a
// leaf: it imports nothing of ours, does no I/O and its values are safe to copy and share.
package position

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Position is a point in the log. The zero Position means "none" and is written as the empty text.
type Position struct {
	Epoch string // see [Epoch]
	LSN   uint64 // commit LSN of the transaction, in bytes from the start of the log
	Index uint32 // ordinal of the change in its transaction
}

// Epoch writes the identity of a history: a cluster's system identifier (pg_control_system) and timeline.
func Epoch(systemIdentifier uint64, timeline uint32) string {
	return fmt.Sprintf("%016x-%d", systemIdentifier, timeline)
}

// Parse reads EPOCH.LSN.INDEX as [Position.String] writes it, for instance
// 6a3f09c1d2e4b587-1.00000000016B3748.0: one position has one spelling, so texts compare as positions do for
// equality. Upper and lower case, leading zeros and the empty text are errors.
func Parse(s string) (Position, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return Position{}, fmt.Errorf("position parse: %q has %d parts, want EPOCH.LSN.INDEX", clip(s), len(parts))
	}
	if err := checkEpoch(parts[0]); err != nil {
		return Position{}, err
	}
	lsn, err := strconv.ParseUint(parts[1], 16, 64)
	if err != nil || fmt.Sprintf("%016X", lsn) != parts[1] {
		return Position{}, fmt.Errorf("position parse: LSN %q is not 16 upper-case hexadecimal digits", clip(parts[1]))
	}
	index, err := strconv.ParseUint(parts[2], 10, 32)
	if err != nil || strconv.FormatUint(index, 10) != parts[2] {
		return Position{}, fmt.Errorf("position parse: index %q is not a number below 2^32 without leading zeros", clip(parts[2]))
	}
	return Position{Epoch: parts[0], LSN: lsn, Index: uint32(index)}, nil
}

// String is the canonical text; empty for the zero Position.
func (p Position) String() string {
	if p.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s.%016X.%d", p.Epoch, p.LSN, p.Index)
}

// IsZero tells whether there is no position; encoding/json's omitzero asks it.
func (p Position) IsZero() bool { return p == Position{} }

// Compare orders two positions of one epoch: negative where p comes before q, 0 where they are one, positive
// where p comes after. It answers false for different epochs, whose positions have no order: the caller resyncs.
func (p Position) Compare(q Position) (int, bool) {
	if p.Epoch != q.Epoch {
		return 0, false
	}
	return cmp.Or(cmp.Compare(p.LSN, q.LSN), cmp.Compare(p.Index, q.Index)), true
}

// MarshalText writes the canonical text. It refuses an epoch that Parse would not read back.
func (p Position) MarshalText() ([]byte, error) {
	if p.IsZero() {
		return []byte{}, nil
	}
	if err := checkEpoch(p.Epoch); err != nil {
		return nil, fmt.Errorf("position marshal: %w", err)
	}
	return []byte(p.String()), nil
}

// UnmarshalText reads what MarshalText writes; the empty text is the zero Position.
func (p *Position) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Position{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

func checkEpoch(s string) error {
	system, timeline, _ := strings.Cut(s, "-")
	id, idErr := strconv.ParseUint(system, 16, 64)
	line, lineErr := strconv.ParseUint(timeline, 10, 32)
	if idErr != nil || lineErr != nil || Epoch(id, uint32(line)) != s {
		return fmt.Errorf("position parse: epoch %q is not 16 lower-case hexadecimal digits, a dash and a timeline", clip(s))
	}
	return nil
}

// clip keeps foreign input in messages short.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
