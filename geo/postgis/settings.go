package postgis

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	adminRole    = "gridweave_admin" // superuser of the private cluster
	appRole      = "gridweave_app"   // made by the first migration; see package migrations
	databaseName = "gridweave"
	clusterPort  = 5432 // names the socket file only: nothing listens on the network

	settingsFile = "gridweave.conf"
	logFolder    = "log"
	logFilesKept = 8
	logFileBytes = 8 << 20
)

const mib = 1 << 20

// clusterSettings are the settings of a cluster on a machine with so much memory, of which the server needs its own
// share: the picture of a city takes some hundred MiB.
func clusterSettings(memory uint64) map[string]string {
	return map[string]string{
		// The feed reads the WAL. Each node has one slot; its restart makes the next beside the old.
		"wal_level":             "logical",
		"max_replication_slots": "20",
		"max_wal_senders":       "20",
		// What a stuck node may hold back: enough for an hour of imports, and no full disk.
		"max_slot_wal_keep_size": "4GB",
		"max_wal_size":           mebibytes(clamp(memory/8, 512*mib, 4096*mib)),
		"checkpoint_timeout":     "10min",

		"listen_addresses":        "''",
		"port":                    strconv.Itoa(clusterPort),
		"unix_socket_permissions": "0700",
		"max_connections":         "100",

		"shared_buffers":       mebibytes(clamp(memory/8, 64*mib, 2048*mib)),
		"effective_cache_size": mebibytes(clamp(memory/2, 128*mib, 1<<20*mib)),
		"maintenance_work_mem": mebibytes(clamp(memory/32, 64*mib, 1024*mib)),
		"work_mem":             mebibytes(clamp(memory/512, 8*mib, 64*mib)),
		"random_page_cost":     "1.1", // a solid state disk
		// PostGIS declares costs that make small queries look worth compiling: 100 ms for a query of 2.
		"jit": "off",

		"timezone":     "UTC",
		"log_timezone": "UTC",
		"datestyle":    "'ISO, YMD'",
		"lc_messages":  "'C'",

		"logging_collector":                 "on",
		"log_destination":                   "stderr",
		"log_directory":                     logFolder,
		"log_filename":                      "'postgresql-%Y%m%d-%H%M%S.log'",
		"log_file_mode":                     "0600",
		"log_rotation_size":                 strconv.Itoa(logFileBytes/1024) + "kB", // with logFilesKept bounds the folder
		"log_rotation_age":                  "0",
		"log_line_prefix":                   "'%m [%p] %q%u@%d %a '",
		"log_lock_waits":                    "on",
		"log_min_duration_statement":        "5s",
		"log_parameter_max_length":          "0", // parameters may be personal
		"log_parameter_max_length_on_error": "0",
	}
}

func clamp(v, lo, hi uint64) uint64 { return min(max(v, lo), hi) }

func mebibytes(n uint64) string { return strconv.FormatUint(n/mib, 10) + "MB" }

// machineMemory is the memory this process may use in bytes: the machine's, or the control group's where it is less.
func machineMemory() uint64 {
	memory := uint64(2048 * mib)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		memory = memTotal(string(text), memory)
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
			memory = min(memory, limit)
		}
	}
	return memory
}

// memTotal reads "MemTotal:  24683920 kB".
func memTotal(meminfo string, otherwise uint64) uint64 {
	for line := range strings.Lines(meminfo) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "MemTotal:" {
			if kb, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
				return kb * 1024
			}
		}
	}
	return otherwise
}

// renderSettings gives the same bytes for the same settings, so that a change can be seen.
func renderSettings(settings map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString("# Written by gridweave at each start. Settings of your own belong in postgresql.conf, after the include.\n")
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s = %s\n", name, settings[name])
	}
	return b.Bytes()
}

// writeSettings brings the cluster's own files to what this version wants, also in a folder made by an older one.
// It reports whether anything differed from what a PostgreSQL already running there has read.
func writeSettings(f folder, u osUser, settings map[string]string) (changed bool, err error) {
	files := map[string][]byte{
		settingsFile:      renderSettings(settings),
		"pg_hba.conf":     []byte(hbaRules),
		"pg_ident.conf":   identRules(u),
		"postgresql.conf": nil,
	}
	main, err := os.ReadFile(filepath.Join(f.cluster(), "postgresql.conf"))
	if err != nil {
		return false, fmt.Errorf("settings read: %w", err)
	}
	files["postgresql.conf"] = withInclude(main)
	for name, want := range files {
		differs, err := replaceFile(filepath.Join(f.cluster(), name), want, u)
		if err != nil {
			return false, fmt.Errorf("settings write %s: %w", name, err)
		}
		changed = changed || differs
	}
	return changed, nil
}

const includeLine = "include = '" + settingsFile + "'"

// withInclude appends our include once and leaves the rest as it is.
func withInclude(main []byte) []byte {
	for line := range bytes.Lines(main) {
		if strings.TrimSpace(string(line)) == includeLine {
			return main
		}
	}
	return append(bytes.TrimRight(main, "\n"), []byte("\n\n"+includeLine+"\n")...)
}

// hbaRules: only over the unix socket, and the kernel says who is there.
const hbaRules = `# Written by gridweave at each start.
local all         all peer map=gridweave
local replication all peer map=gridweave
`

// identRules let root, the cluster's user and the user of this process be the administrator.
func identRules(u osUser) []byte {
	names := []string{"root", u.name}
	if me, err := currentUser(); err == nil {
		names = append(names, me.name)
	}
	slices.Sort(names)
	var b bytes.Buffer
	b.WriteString("# Written by gridweave at each start.\n")
	for _, name := range slices.Compact(names) {
		fmt.Fprintf(&b, "gridweave %q %s\n", name, adminRole)
	}
	return b.Bytes()
}

// replaceFile writes a file whole or not at all, and only where it differs.
func replaceFile(path string, want []byte, u osUser) (changed bool, err error) {
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err == nil && bytes.Equal(have, want) {
		return false, nil
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, want, 0o600); err != nil {
		return false, err
	}
	if err := u.own(temp); err != nil {
		return false, err
	}
	return true, os.Rename(temp, path)
}
