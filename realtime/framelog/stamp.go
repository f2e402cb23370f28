package framelog

import (
	"cmp"
	"math"

	"github.com/gridweave/gridweave/realtime/position"
)

// Stamp is a position within one epoch, which a log never leaves.
type Stamp struct {
	LSN   uint64
	Index uint32
}

// StampOf drops the epoch.
func StampOf(p position.Position) Stamp { return Stamp{p.LSN, p.Index} }

// In is the position in an epoch.
func (s Stamp) In(epoch string) position.Position {
	return position.Position{Epoch: epoch, LSN: s.LSN, Index: s.Index}
}

// Compare is negative where s comes before o.
func (s Stamp) Compare(o Stamp) int {
	return cmp.Or(cmp.Compare(s.LSN, o.LSN), cmp.Compare(s.Index, o.Index))
}

// Never is the stamp of the first item of a frame that has none.
func Never() Stamp { return Stamp{math.MaxUint64, math.MaxUint32} }
