package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// machine describes where figures were measured, in one paragraph of Markdown.
func machine(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	var postgres, gis string
	if err := pool.QueryRow(ctx, `select current_setting('server_version'), postgis_lib_version()`).Scan(&postgres, &gis); err != nil {
		return "", fmt.Errorf("machine describe: %w", err)
	}
	return fmt.Sprintf("%d cores of %s, %s of memory, Linux %s, PostgreSQL %s, PostGIS %s, %s. Server, database and load generator share the cores.",
		runtime.NumCPU(), field("/proc/cpuinfo", "model name"), memory(), kernel(), first(postgres), gis, runtime.Version()), nil
}

// field is the first value of that name in a file of lines "name : value".
func field(path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func memory() string {
	var kb int
	if _, err := fmt.Sscanf(field("/proc/meminfo", "MemTotal"), "%d kB", &kb); err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%d GiB", (kb+1<<19)>>20)
}

func kernel() string {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

func first(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
