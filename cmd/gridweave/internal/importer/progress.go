package importer

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

// State is how far an import has come.
type State struct {
	Phase string  // "reading", "testing coordinates", "checking the tiling" …
	Rows  int64   // rows dealt with
	Done  float64 // share of the file, 0 to 1
}

// Progress hears how far an import has come, often; it decides how much of that to show. It is called from one
// goroutine at a time.
type Progress interface {
	Update(s State)
	End()
}

type silent struct{}

func (silent) Update(State) {}
func (silent) End()         {}

// NewProgress shows a bar on a terminal and plain lines elsewhere.
func NewProgress(f *os.File) Progress {
	if isatty.IsTerminal(f.Fd()) {
		return &meter{w: f, now: time.Now, every: 100 * time.Millisecond, line: barLine}
	}
	return &meter{w: f, now: time.Now, every: 5 * time.Second, line: plainLine}
}

// meter prints a line now and then; a bar overwrites its own.
type meter struct {
	w       io.Writer
	now     func() time.Time
	every   time.Duration
	line    func(s State, speed float64, left time.Duration) string
	began   time.Time
	last    time.Time
	phase   string
	first   int64
	printed bool
}

func (m *meter) Update(s State) {
	now := m.now()
	if s.Phase != m.phase {
		m.End()
		m.phase, m.began, m.first, m.last = s.Phase, now, s.Rows, now
	}
	if now.Sub(m.last) < m.every {
		return
	}
	m.last = now
	elapsed := now.Sub(m.began)
	speed := float64(s.Rows-m.first) / elapsed.Seconds()
	var left time.Duration
	if s.Done > 0 && s.Done < 1 {
		left = time.Duration(float64(elapsed) * (1 - s.Done) / s.Done)
	}
	_, _ = io.WriteString(m.w, m.line(s, speed, left)) // progress that cannot be shown is no reason to stop
	m.printed = true
}

// End closes the bar's line so that what follows begins on its own.
func (m *meter) End() {
	if m.printed && m.every < time.Second {
		_, _ = io.WriteString(m.w, "\n")
	}
	m.printed = false
}

const barWidth = 30

func barLine(s State, speed float64, left time.Duration) string {
	full := min(barWidth, int(s.Done*barWidth))
	bar := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
	return fmt.Sprintf("\r\033[K%s %s %3.0f%%  %d rows  %.0f rows/s%s", s.Phase, bar, 100*s.Done, s.Rows, speed, eta(left))
}

func plainLine(s State, speed float64, left time.Duration) string {
	return fmt.Sprintf("%s: %.0f%%, %d rows, %.0f rows/s%s\n", s.Phase, 100*s.Done, s.Rows, speed, eta(left))
}

func eta(left time.Duration) string {
	if left < time.Second {
		return ""
	}
	return ", " + left.Round(time.Second).String() + " left"
}
