package postgis

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// folder is a data folder by its absolute path:
//
//	postgres/          the private cluster, owned by the user PostgreSQL runs as
//	keys/              secret keys, owned by the server's user; never in the database
//	gridweave.lock     held by the process that owns the cluster, whose id stands in it
//	gridweave.users    held shared by every process that uses the cluster
//	postgres-start.log what PostgreSQL said before its own log was open
type folder string

func openFolder(dir string) (folder, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder open: %w", err)
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return "", fmt.Errorf("data folder make: %w", err)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return "", fmt.Errorf("data folder open: %w", err)
	}
	f := folder(abs)
	if err := os.MkdirAll(f.keys(), 0o700); err != nil {
		return "", fmt.Errorf("data folder make: %w", err)
	}
	return f, f.shareOwner(f.keys())
}

func (f folder) cluster() string  { return filepath.Join(string(f), "postgres") }
func (f folder) keys() string     { return filepath.Join(string(f), "keys") }
func (f folder) lock() string     { return filepath.Join(string(f), "gridweave.lock") }
func (f folder) users() string    { return filepath.Join(string(f), "gridweave.users") }
func (f folder) startLog() string { return filepath.Join(string(f), "postgres-start.log") }

// shareOwner gives what root makes in somebody's data folder to that somebody, who may start the server next time.
func (f folder) shareOwner(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(string(f))
	if err != nil {
		return fmt.Errorf("data folder check: %w", err)
	}
	if owner := ownerOf(info); owner != 0 {
		return os.Lchown(path, int(owner), -1)
	}
	return nil
}

// clusterMajor is the PostgreSQL version that made the cluster; 0: there is none yet.
func (f folder) clusterMajor() (int, error) {
	text, err := os.ReadFile(filepath.Join(f.cluster(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cluster version read: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("cluster version read: %w", err)
	}
	return major, nil
}

// maxSocketPath is what fits into sockaddr_un with its closing zero.
const maxSocketPath = 107

// socketFolder makes a short folder for the socket, in the first place that is short enough and that PostgreSQL's user
// can reach. Its name follows from the data folder's, so that a restart finds it again.
func (f folder) socketFolder(u osUser) (string, error) {
	sum := sha256.Sum256([]byte(f))
	name := "gw-" + hex.EncodeToString(sum[:6])
	var errs []error
	for _, base := range slices.Compact([]string{os.TempDir(), "/tmp", "/var/tmp"}) {
		dir := filepath.Join(base, name)
		if err := makeSocketFolder(dir, u); err != nil {
			errs = append(errs, err)
			continue
		}
		return dir, nil
	}
	return "", fmt.Errorf("socket folder make: %w", errors.Join(errs...))
}

func makeSocketFolder(dir string, u osUser) error {
	if socket := socketPath(dir); len(socket) > maxSocketPath {
		return fmt.Errorf("%s is longer than %d bytes", socket, maxSocketPath)
	}
	if strings.ContainsAny(dir, `'",\`) {
		return fmt.Errorf("PostgreSQL's settings cannot name %s", dir)
	}
	if err := u.requireTraversable(filepath.Dir(dir)); err != nil {
		return err
	}
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return u.own(dir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Anybody may have made this name in a folder where all may write: it is ours only if it is what we would make.
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || (ownerOf(info) != u.uid && ownerOf(info) != 0) {
		return fmt.Errorf("%s belongs to somebody else: remove it", dir)
	}
	return u.own(dir)
}

func socketPath(dir string) string { return filepath.Join(dir, ".s.PGSQL."+strconv.Itoa(clusterPort)) }

// clusterURL is understood by psql, libpq and pgx.
func clusterURL(socketDir string, port int) string {
	host := strings.NewReplacer("&", "%26", "+", "%2B").Replace((&url.URL{Path: socketDir}).EscapedPath())
	return fmt.Sprintf("postgresql://%s@/%s?host=%s&port=%d", adminRole, databaseName, host, port)
}
