package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench"
	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
)

type benchCommand struct {
	All       benchAll       `cmd:"" default:"withargs" help:"Run all of them."`
	Tiles     benchTiles     `cmd:"" help:"Tiles, cold and cached, beside others' servers on the same rows."`
	Freshness benchFreshness `cmd:"" help:"From a commit to the changed tile, while much changes."`
	Stream    benchStream    `cmd:"" help:"Events to thousands of clients, beside other ways to send them."`
	Scale     benchScale     `cmd:"" help:"Loading, memory and tiles of a district and of a whole city."`
	Insight   benchInsight   `cmd:"" help:"Every question of the heatmap and of the wall, of a district and of a whole city."`
}

// benchFlags are common to all.
type benchFlags struct {
	Data    string `env:"GRIDWEAVE_BENCH_DATA" help:"Folder for the districts that are measured on, kept for the next time; without one they are generated anew and removed." placeholder:"DIR"`
	Peers   string `default:"auto" help:"Folder with others' servers (make build puts them beside the program), or none." placeholder:"DIR"`
	Quick   bool   `help:"Only to try it out: too short for figures."`
	JSON    bool   `help:"Print rows as JSON instead of tables."`
	Results string `help:"Write the tables, with the machine they were measured on, into this file too." placeholder:"FILE"`
}

// suite is one bench on its way: it gives its rows and describes the machine.
type suite func(ctx context.Context, o bench.Options) ([]bench.Row, string, error)

// run runs benches one after the other and prints what they measured.
func (f benchFlags) run(c *console, suites ...suite) (err error) {
	o, remove, err := f.options(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	var rows []bench.Row
	about := ""
	for _, s := range suites {
		measured, machine, err := s(c, o)
		if err != nil {
			return err
		}
		rows, about = append(rows, measured...), machine
	}
	return f.report(c, rows, about)
}

func (f benchFlags) options(c *console) (o bench.Options, remove func() error, err error) {
	log, err := newLogger(c.stderr, "text", "info")
	if err != nil {
		return o, nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return o, nil, fmt.Errorf("bench: %w", err)
	}
	o = bench.Options{Program: program, Folder: f.Data, Quick: f.Quick, Log: log, Stderr: c.stderr}
	if o.Peers, err = f.peers(program); err != nil {
		return o, nil, err
	}
	remove = func() error { return nil }
	if o.Folder == "" {
		if o.Folder, err = os.MkdirTemp("", "gridweave-bench-"); err != nil {
			return o, nil, fmt.Errorf("bench: %w", err)
		}
		remove = func() error { return os.RemoveAll(o.Folder) }
	}
	// PostgreSQL's own user passes through.
	if err := os.MkdirAll(o.Folder, 0o711); err != nil {
		return o, remove, fmt.Errorf("bench: %w", err)
	}
	return o, remove, os.Chmod(o.Folder, 0o711)
}

// peers is the folder of others' servers; empty measures ours alone.
func (f benchFlags) peers(program string) (string, error) {
	folder := f.Peers
	switch folder {
	case "none":
		return "", nil
	case "auto":
		folder = filepath.Dir(program)
	}
	for _, name := range []string{"peers", "tegola"} {
		if _, err := os.Stat(filepath.Join(folder, name)); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("bench: there is no %s in %s: make build builds it; --peers none measures without", name, folder)
		} else if err != nil {
			return "", fmt.Errorf("bench: %w", err)
		}
	}
	return folder, nil
}

func (f benchFlags) report(c *console, rows []bench.Row, about string) error {
	if f.Results != "" {
		var b strings.Builder
		if err := bench.WriteResults(&b, rows, about, version); err != nil {
			return err
		}
		if err := os.WriteFile(f.Results, []byte(b.String()), 0o644); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	if f.JSON {
		return bench.WriteJSON(c.stdout, rows)
	}
	c.printLine("%s", about)
	return bench.WriteTable(c.stdout, rows)
}

type benchTiles struct {
	benchFlags
	Scale string `enum:"tiny,futian,city" default:"futian" help:"District to measure on: futian, city or tiny."`
}

func (b *benchTiles) suite(ctx context.Context, o bench.Options) ([]bench.Row, string, error) {
	return bench.Tiles(ctx, o, city.Scale(b.Scale))
}

// Run measures tiles.
func (b *benchTiles) Run(c *console) error { return b.run(c, b.suite) }

type benchAll struct{ benchFlags }

// Run measures everything.
func (b *benchAll) Run(c *console) error {
	district, all := string(city.Futian), string(city.Everything)
	if b.Quick {
		all = string(city.Tiny)
	}
	return b.run(c, (&benchTiles{Scale: district}).suite, (&benchFreshness{Scale: district}).suite,
		(&benchStream{Scale: district}).suite, (&benchScale{Small: district, Large: all}).suite,
		(&benchInsight{Scale: []string{district, all}}).suite)
}

type benchFreshness struct {
	benchFlags
	Scale string `enum:"tiny,futian,city" default:"futian" help:"District to measure on: futian, city or tiny."`
}

func (b *benchFreshness) suite(ctx context.Context, o bench.Options) ([]bench.Row, string, error) {
	return bench.Freshness(ctx, o, city.Scale(b.Scale))
}

// Run measures how soon a commit shows.
func (b *benchFreshness) Run(c *console) error { return b.run(c, b.suite) }

type benchScale struct {
	benchFlags
	Small string `enum:"tiny,futian" default:"futian" help:"The smaller district: futian or tiny."`
	Large string `enum:"tiny,futian,city" default:"city" help:"The larger one: city, whose generation takes minutes, futian or tiny."`
}

func (b *benchScale) suite(ctx context.Context, o bench.Options) ([]bench.Row, string, error) {
	return bench.Scale(ctx, o, city.Scale(b.Small), city.Scale(b.Large))
}

// Run measures what more buildings cost.
func (b *benchScale) Run(c *console) error { return b.run(c, b.suite) }

type benchStream struct {
	benchFlags
	Scale string   `enum:"tiny,futian,city" default:"futian" help:"District to measure on: futian, city or tiny."`
	Part  []string `help:"Only these parts: ${stream_parts}." placeholder:"NAME"`
}

func (b *benchStream) suite(ctx context.Context, o bench.Options) ([]bench.Row, string, error) {
	return bench.Stream(ctx, o, city.Scale(b.Scale), b.Part...)
}

// Run measures the stream.
func (b *benchStream) Run(c *console) error { return b.run(c, b.suite) }

type benchInsight struct {
	benchFlags
	Scale []string `enum:"tiny,futian,city" default:"futian,city" help:"Districts to measure on: futian, city, whose generation takes minutes, or tiny."`
}

func (b *benchInsight) suite(ctx context.Context, o bench.Options) ([]bench.Row, string, error) {
	scales := make([]city.Scale, len(b.Scale))
	for i, s := range b.Scale {
		scales[i] = city.Scale(s)
	}
	return bench.Insight(ctx, o, scales...)
}

// Run measures the heatmap's questions.
func (b *benchInsight) Run(c *console) error { return b.run(c, b.suite) }
