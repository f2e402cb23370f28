package postgis

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// oldestMajor is the first PostgreSQL whose column lists in publications and LZ4 the schema and feed rely on.
const oldestMajor = 15

// binaries is an installation of PostgreSQL's server that has PostGIS.
type binaries struct {
	dir   string // holds postgres and initdb
	major int
}

func (b binaries) path(name string) string { return filepath.Join(b.dir, name) }

// findBinaries looks for the newest installation that can run a cluster of the wanted major version (0: any from
// oldestMajor on; a cluster's files can be read by their own major version only).
func findBinaries(ctx context.Context, want int) (binaries, error) {
	var found []binaries
	bare := 0 // newest that lacks only PostGIS
	for _, dir := range binaryFolders(ctx) {
		major, ok := majorOf(ctx, dir)
		if !ok || major < oldestMajor || (want != 0 && major != want) {
			continue
		}
		if !hasPostGIS(ctx, dir, major) {
			bare = max(bare, major)
			continue
		}
		found = append(found, binaries{dir, major})
	}
	if err := ctx.Err(); err != nil {
		return binaries{}, fmt.Errorf("postgresql find: %w", err)
	}
	if len(found) == 0 {
		return binaries{}, missingBinaries(want, bare)
	}
	return slices.MaxFunc(found, func(a, b binaries) int { return cmp.Compare(a.major, b.major) }), nil
}

func missingBinaries(want, bare int) error {
	switch {
	case bare != 0:
		return fmt.Errorf("postgis find: PostgreSQL %d has no PostGIS: apt install postgresql-%d-postgis-3", bare, bare)
	case want != 0:
		return fmt.Errorf("postgresql find: the data folder was made by PostgreSQL %d, which is not installed: "+
			"apt install postgresql-%d-postgis-3", want, want)
	}
	return fmt.Errorf("postgresql find: no PostgreSQL server from %d on is installed: apt install postgresql-%d-postgis-3, "+
		"or name a database with --database-url", oldestMajor, oldestMajor)
}

// binaryFolders are the places where distributions put the server, and the one that comes first in PATH.
func binaryFolders(ctx context.Context) []string {
	var dirs []string
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"} {
		matches, err := filepath.Glob(pattern)
		if err == nil {
			dirs = append(dirs, matches...)
		}
	}
	if postgres, err := exec.LookPath("postgres"); err == nil {
		if postgres, err = filepath.EvalSymlinks(postgres); err == nil {
			dirs = append(dirs, filepath.Dir(postgres))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// majorOf reads "postgres (PostgreSQL) 15.14 (Debian …)"; not ok where server or initdb are missing.
func majorOf(ctx context.Context, dir string) (int, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, false
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(out))
	if len(fields) < 3 {
		return 0, false
	}
	digits := strings.FieldsFunc(fields[2], func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0, false
	}
	major, err := strconv.Atoi(digits[0])
	return major, err == nil
}

// hasPostGIS looks for the extension's control file where this server would read it. Debian installs pg_config with
// the client, so that its absence means nothing.
func hasPostGIS(ctx context.Context, dir string, major int) bool {
	shares := []string{
		fmt.Sprintf("/usr/share/postgresql/%d", major),
		filepath.Join(dir, "../share/postgresql"),
		filepath.Join(dir, "../share"),
	}
	if out, err := exec.CommandContext(ctx, filepath.Join(dir, "pg_config"), "--sharedir").Output(); err == nil {
		shares = append(shares, strings.TrimSpace(string(out)))
	}
	return slices.ContainsFunc(shares, func(share string) bool {
		_, err := os.Stat(filepath.Join(share, "extension", "postgis.control"))
		return err == nil
	})
}

// ServerMajor is the major version of the installed PostgreSQL that a new private cluster would use.
func ServerMajor(ctx context.Context) (int, error) {
	b, err := findBinaries(ctx, 0)
	return b.major, err
}
