package postgis

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed sql/check.sql
var checkSQL string

// CheckError lists what a database lacks, each with what to set or to run.
type CheckError struct{ Missing []string }

func (e *CheckError) Error() string {
	if len(e.Missing) == 1 {
		return "database check: " + e.Missing[0]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "database check: %d things are missing: ", len(e.Missing))
	for i, item := range e.Missing {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "(%d) %s", i+1, item)
	}
	return b.String()
}

// Check connects and tells whether the database can serve: version, PostGIS, the WAL's level, replication slots,
// privileges. Errors: *CheckError with everything that is missing at once, or that it cannot be reached.
func Check(ctx context.Context, url string) error {
	return withConn(ctx, url, "", func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, checkSQL)
		if err != nil {
			return fmt.Errorf("database check: %w", err)
		}
		f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[facts])
		if err != nil {
			return fmt.Errorf("database check: %w", err)
		}
		if missing := f.missing(); len(missing) > 0 {
			return &CheckError{missing}
		}
		return nil
	})
}

// facts are what sql/check.sql finds.
type facts struct {
	Major                                             int
	Me, Database                                      string
	Standby                                           bool
	Encoding, Ctype                                   string
	PostGIS, PostGISOffered                           string
	Trgm, TrgmOffered                                 bool
	WALLevel                                          string
	Slots, SlotsUsed, SlotsOurs, Senders, SendersUsed int
	Super, Replication, CreateRole                    bool
	AppExists, AppGranted, AppUnbound                 bool
	CreateInDatabase, CreateInPublic                  bool
}

func (f facts) missing() []string {
	var list []string
	need := func(ok bool, format string, args ...any) {
		if !ok {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	need(f.Major >= oldestMajor, "PostgreSQL %d is too old: upgrade to %d or newer", f.Major, oldestMajor)
	need(!f.Standby, "it is a standby, where nothing can be written: use the URL of its primary")
	need(f.Encoding == "UTF8", "its encoding is %s: create it with ENCODING 'UTF8'", f.Encoding)
	need(f.Ctype != "C" && f.Ctype != "POSIX",
		"its LC_CTYPE is %s, in which no Chinese text is found: create it with LC_CTYPE 'C.UTF-8' TEMPLATE template0", f.Ctype)
	f.needExtensions(need)
	f.needReplication(need)
	f.needPrivileges(need)
	return list
}

type needFunc = func(ok bool, format string, args ...any)

// needExtensions: PostGIS is for superusers to create, pg_trgm is trusted and comes with the migration.
func (f facts) needExtensions(need needFunc) {
	switch {
	case f.PostGIS != "":
		need(firstNumber(f.PostGIS) >= 3, "PostGIS %s is too old: install 3 or newer, then ALTER EXTENSION postgis UPDATE", f.PostGIS)
	case f.PostGISOffered == "":
		need(false, "PostGIS is not installed on its machine: apt install postgresql-%d-postgis-3", f.Major)
	default:
		need(firstNumber(f.PostGISOffered) >= 3, "PostGIS %s is too old: install 3 or newer", f.PostGISOffered)
		need(f.Super, "PostGIS is not in the database: as a superuser there, CREATE EXTENSION postgis")
	}
	need(f.Trgm || f.TrgmOffered, "pg_trgm is not installed on its machine: apt install postgresql-contrib")
}

func (f facts) needReplication(need needFunc) {
	need(f.WALLevel == "logical",
		"wal_level is %s: ALTER SYSTEM SET wal_level = 'logical', then restart PostgreSQL", f.WALLevel)
	need(f.SlotsUsed < f.Slots || f.SlotsOurs > 0,
		"all %d replication slots are taken: ALTER SYSTEM SET max_replication_slots = %d, then restart PostgreSQL", f.Slots, f.Slots+4)
	need(f.SendersUsed < f.Senders || f.SlotsOurs > 0,
		"all %d WAL senders are taken: ALTER SYSTEM SET max_wal_senders = %d, then restart PostgreSQL", f.Senders, f.Senders+4)
	need(f.Super || f.Replication, "user %s may not follow the WAL: ALTER ROLE %s REPLICATION", f.Me, f.quoted())
}

func (f facts) needPrivileges(need needFunc) {
	me := f.quoted()
	switch {
	case !f.AppExists:
		need(f.Super || f.CreateRole, "the server's role is missing and user %s may not create it: "+
			"CREATE ROLE %s NOLOGIN; GRANT %s TO %s", f.Me, appRole, appRole, me)
	default:
		need(f.Super || f.AppGranted, "user %s may not work as the server's role: GRANT %s TO %s", f.Me, appRole, me)
		need(!f.AppUnbound, "row-level security does not bind the server's role: ALTER ROLE %s NOSUPERUSER NOBYPASSRLS", appRole)
	}
	need(f.CreateInDatabase, "user %s may not create in database %s: GRANT CREATE ON DATABASE %s TO %s",
		f.Me, f.Database, pgx.Identifier{f.Database}.Sanitize(), me)
	need(f.CreateInPublic, "user %s may not create in schema public: GRANT ALL ON SCHEMA public TO %s", f.Me, me)
}

func (f facts) quoted() string { return pgx.Identifier{f.Me}.Sanitize() }

// firstNumber is the 3 of "3.3.2".
func firstNumber(version string) int {
	digits, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}
