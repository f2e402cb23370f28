// Package directions has nothing but this test: it holds which of our packages may import which, so that
// layers, topics and bytes never learn a business noun and no noun reaches into another's store. Tests are free: to set
// their scene they may import what they like.
package directions

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gridweave/gridweave/"

// allowed lists, for each package, every package of ours that it imports. "…" stands for everything below; the longest
// line that fits a package is its line. A new import is a new word here, and with it a decision somebody reads.
const allowed = `
geo:
geo/geotest:
geo/insight:              geo
geo/live:                 geo realtime/position
geo/postgis:              geo migrations realtime/position
geo/postgis/pgtest:       geo/postgis migrations
migrations:
realtime/position:
realtime/rows:            realtime/position
realtime/feed:            realtime/position realtime/rows
realtime/feed/feedtest:   realtime/feed
realtime/framelog:        realtime/position
realtime/audience:        geo geo/live realtime/framelog realtime/position realtime/wire
realtime/session:         geo geo/live realtime/audience realtime/framelog realtime/position realtime/wire
realtime/webhook:         geo geo/live geo/postgis realtime/audience realtime/position realtime/wire
realtime/wire:            geo realtime/position
realtime/node:            realtime/position
realtime/bus:             realtime/feed realtime/position
realtime/follow:          geo/live realtime/feed realtime/position realtime/rows
tiles:                    geo geo/live realtime/position tiles/mvt tiles/pmtiles
tiles/mvt:                geo/live
tiles/mvt/mvttest:
tiles/oracle:
tiles/pmtiles:

geo/civic:
geo/civic/fault:
geo/civic/person:
geo/civic/evidence:       geo
geo/civic/account:        geo geo/postgis realtime/position realtime/rows geo/civic/evidence geo/civic/fault
geo/civic/area:           geo geo/live geo/postgis realtime/audience geo/civic/account geo/civic/fault
geo/civic/house:          geo geo/live geo/postgis realtime/audience realtime/position geo/civic/account geo/civic/evidence geo/civic/fault
geo/civic/heat:           geo geo/insight geo/postgis geo/civic/account geo/civic/fault
geo/civic/incident:       geo geo/live geo/postgis realtime/audience realtime/position geo/civic/account geo/civic/evidence geo/civic/fault geo/civic/person
geo/civic/declare:        geo geo/live geo/postgis realtime/audience realtime/position geo/civic/account geo/civic/evidence geo/civic/fault geo/civic/person
geo/civic/search:         geo geo/postgis geo/civic/account
geo/civic/situation:      geo geo/postgis geo/civic/account geo/civic/fault
geo/civic/webhook:        geo geo/postgis realtime/position geo/civic/account geo/civic/evidence geo/civic/fault geo/civic/person
geo/civic/civictest:      geo geo/postgis geo/postgis/pgtest geo/civic/account geo/civic/person

cmd/gridweave:            …
cmd/gridweave/internal/…: …
frontend:
`

// line is one line of the table: who, and what it may import.
type line struct {
	who  string
	what []string
}

func table() []line {
	var lines []line
	for text := range strings.Lines(allowed) {
		if who, what, ok := strings.Cut(text, ":"); ok {
			lines = append(lines, line{strings.TrimSpace(who), strings.Fields(what)})
		}
	}
	return lines
}

// fits tells whether the pattern names the package. "…" alone fits everything.
func fits(pattern, name string) bool {
	below, open := strings.CutSuffix(pattern, "…")
	return pattern == name || open && strings.HasPrefix(name, below)
}

// lineFor finds the longest line that fits.
func lineFor(lines []line, name string) (best line, ok bool) {
	for _, l := range lines {
		if fits(l.who, name) && len(l.who) > len(best.who) {
			best, ok = l, true
		}
	}
	return best, ok
}

// ours lists our packages with those of ours that they import, names without the module's. It reads the files itself,
// for every system and build tag at once, and because `go test` trusts its cache only as far as it saw what was read.
func ours(t *testing.T) map[string][]string {
	t.Helper()
	packages := map[string][]string{}
	for _, top := range []string{"cmd", "geo", "tiles", "realtime", "frontend", "migrations"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || isModule(path)):
				return filepath.SkipDir
			case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			return addImports(packages, path)
		})
		if err != nil {
			t.Fatalf("read sources: %v", err)
		}
	}
	return packages
}

// isModule tells whether a folder is a module of its own: others' servers, which import nothing of ours.
func isModule(path string) bool {
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

// root is the module's folder, from this one.
const root = "../../../.."

func addImports(packages map[string][]string, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return err
	}
	name = filepath.ToSlash(name)
	packages[name] = append(packages[name], ownOf(file.Imports)...)
	return nil
}

func ownOf(imports []*ast.ImportSpec) []string {
	var own []string
	for _, spec := range imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if name, ok := strings.CutPrefix(path, module); err == nil && ok {
			own = append(own, name)
		}
	}
	return own
}

func TestImportsPointDownwards(t *testing.T) {
	lines := table()
	for name, imports := range ours(t) {
		l, ok := lineFor(lines, name)
		if !ok {
			t.Errorf("%s has no line in the table of imports", name)
		}
		for _, imported := range imports {
			if !slices.ContainsFunc(l.what, func(pattern string) bool { return fits(pattern, imported) }) {
				t.Errorf("%s imports %s, which its line does not allow", name, imported)
			}
		}
	}
}

// The table must not promise more than it holds: a line or a word that nothing uses any more would let a wrong import
// come back unseen.
func TestNoLineIsStale(t *testing.T) {
	packages := ours(t)
	for _, l := range table() {
		for _, pattern := range append(l.what, "") {
			if !used(packages, l, pattern) {
				t.Errorf("nothing uses %q in the line of %s", pattern, l.who)
			}
		}
	}
}

// used tells whether a package of the line imports what the pattern names; the empty pattern asks for the package alone.
func used(packages map[string][]string, l line, pattern string) bool {
	for name, imports := range packages {
		if fits(l.who, name) && (pattern == "" || slices.ContainsFunc(imports, func(s string) bool { return fits(pattern, s) })) {
			return true
		}
	}
	return false
}

// The table says what is; this says what must be, however the table grows: below the business nobody reaches a noun,
// no noun reaches what draws, and nobody reaches the program.
func TestLayersStayApart(t *testing.T) {
	packages := ours(t)
	for name := range packages {
		for reached := range reach(packages, name) {
			if above(name, reached) {
				t.Errorf("%s reaches %s, which lies above it", name, reached)
			}
		}
	}
}

// above tells whether a package lies higher than the one that reaches it.
func above(name, reached string) bool {
	switch {
	case strings.HasPrefix(name, "cmd/"):
		return false
	case strings.HasPrefix(name, "geo/civic"):
		return strings.HasPrefix(reached, "cmd/") || strings.HasPrefix(reached, "tiles")
	default:
		return strings.HasPrefix(reached, "cmd/") || strings.HasPrefix(reached, "geo/civic")
	}
}

// reach is the set of our packages that come with the named one.
func reach(packages map[string][]string, name string) map[string]bool {
	reached, next := map[string]bool{}, []string{name}
	for len(next) > 0 {
		name, next = next[0], next[1:]
		for _, imported := range packages[name] {
			if !reached[imported] {
				reached[imported] = true
				next = append(next, imported)
			}
		}
	}
	return reached
}
