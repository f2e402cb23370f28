package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit in which Linux reports processor time to programs, on every architecture.
const tick = 10 * time.Millisecond

// stat is what /proc/PID/stat says, as far as it is wanted here.
type stat struct {
	parent   int
	own      time.Duration // user and system time of the process
	children time.Duration // of its children that have ended and were waited for
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("processor time read: %w", err)
	}
	return parseStat(text)
}

// parseStat reads the fields after the name, which may itself hold blanks and brackets.
func parseStat(text []byte) (stat, error) {
	const ppid, utime, stime, cutime, cstime = 1, 11, 12, 13, 14
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) <= cstime {
		return stat{}, errors.New("processor time read: too few fields")
	}
	var n [5]int64
	for i, at := range [...]int{ppid, utime, stime, cutime, cstime} {
		v, err := strconv.ParseInt(fields[at], 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("processor time read: %w", err)
		}
		n[i] = v
	}
	return stat{parent: int(n[0]), own: time.Duration(n[1]+n[2]) * tick, children: time.Duration(n[3]+n[4]) * tick}, nil
}

// CPU is the processor time that a process has used since it began.
func CPU(pid int) (time.Duration, error) {
	s, err := readStat(pid)
	return s.own, err
}

// TreeCPU is the processor time of a process and all its children, those that have ended included: of a PostgreSQL when
// pid is its postmaster, whose children are all direct ones.
func TreeCPU(pid int) (time.Duration, error) {
	s, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	total := s.own + s.children
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		s, err := readStat(child)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH): // ended since: with its parent from now on
		case err != nil:
			return 0, err
		case s.parent == pid:
			total += s.own
		}
	}
	return total, nil
}

// Memory is the resident memory of a process in bytes: now, and the most it has had.
func Memory(pid int) (now, peak uint64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("memory read: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		switch name {
		case "VmRSS":
			now = kb << 10
		case "VmHWM":
			peak = kb << 10
		}
	}
	return now, peak, nil
}

// ForgetPeak has Memory's peak begin anew with what the process has now.
func ForgetPeak(pid int) error {
	// 5 stands for the peak, proc(5).
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		return fmt.Errorf("memory peak: %w", err)
	}
	return nil
}
