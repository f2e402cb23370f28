package position

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseLSN reads PostgreSQL's notation of a log sequence number, "X/Y": the upper and the lower 32 bits in
// hexadecimal, in either case, 1 to 8 digits each.
func ParseLSN(s string) (uint64, error) {
	high, low, found := strings.Cut(s, "/")
	if !found {
		return 0, fmt.Errorf("lsn parse: %q has no slash, want X/Y as PostgreSQL prints it, for instance 0/16B3748", clip(s))
	}
	h, err := parseHalf(high)
	if err != nil {
		return 0, fmt.Errorf("lsn parse: %q: %w", clip(s), err)
	}
	l, err := parseHalf(low)
	if err != nil {
		return 0, fmt.Errorf("lsn parse: %q: %w", clip(s), err)
	}
	return h<<32 | l, nil
}

// FormatLSN writes a log sequence number as PostgreSQL does, "0/16B3748".
func FormatLSN(lsn uint64) string {
	return fmt.Sprintf("%X/%X", lsn>>32, lsn&0xFFFFFFFF)
}

func parseHalf(s string) (uint64, error) {
	if len(s) < 1 || len(s) > 8 {
		return 0, fmt.Errorf("half %q has %d digits, want 1 to 8", clip(s), len(s))
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		return 0, fmt.Errorf("half %q is not hexadecimal", s)
	}
	return n, nil
}
