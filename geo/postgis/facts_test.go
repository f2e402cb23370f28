package postgis

import (
	"strings"
	"testing"
)

func able() facts {
	return facts{
		Major: 15, Me: "me", Database: "db", Encoding: "UTF8", Ctype: "C.UTF-8", PostGIS: "3.3.2", PostGISOffered: "3.3.2",
		TrgmOffered: true, WALLevel: "logical", Slots: 1, Senders: 1, Replication: true, CreateRole: true,
		CreateInDatabase: true, CreateInPublic: true,
	}
}

func TestFactsMissing(t *testing.T) {
	t.Parallel()
	if got := able().missing(); len(got) != 0 {
		t.Fatalf("able misses %q", got)
	}
	for name, c := range map[string]struct {
		spoil func(*facts)
		want  string
	}{
		"version":        {func(f *facts) { f.Major = 14 }, "upgrade to 15"},
		"standby":        {func(f *facts) { f.Standby = true }, "URL of its primary"},
		"encoding":       {func(f *facts) { f.Encoding = "SQL_ASCII" }, "ENCODING 'UTF8'"},
		"ctype":          {func(f *facts) { f.Ctype = "C" }, "LC_CTYPE 'C.UTF-8'"},
		"postgis 2":      {func(f *facts) { f.PostGIS = "2.5.1" }, "ALTER EXTENSION postgis UPDATE"},
		"postgis absent": {func(f *facts) { f.PostGIS, f.PostGISOffered = "", "" }, "apt install postgresql-15-postgis-3"},
		"trgm":           {func(f *facts) { f.TrgmOffered = false }, "postgresql-contrib"},
		"role":           {func(f *facts) { f.CreateRole = false }, `CREATE ROLE gridweave_app NOLOGIN; GRANT gridweave_app TO "me"`},
		"unbound":        {func(f *facts) { f.AppExists, f.AppGranted, f.AppUnbound = true, true, true }, "NOBYPASSRLS"},
		"slots":          {func(f *facts) { f.SlotsUsed = 1 }, "max_replication_slots = 5"},
	} {
		f := able()
		c.spoil(&f)
		if got := f.missing(); len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: missing %q, want one with %q", name, got, c.want)
		}
	}
	restarted := able()
	restarted.SlotsUsed, restarted.SlotsOurs = 1, 1 // our own slot from before
	if got := restarted.missing(); len(got) != 0 {
		t.Errorf("restarted misses %q", got)
	}
}
