package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/bench"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// cli lists every command; each command's struct is its flags, its Run what it does.
type cli struct {
	Serve    serveCommand    `cmd:"" help:"Serve the map, the API and the pages."`
	Import   importCommand   `cmd:"" help:"Bring in areas, buildings, rooms or a crosswalk of codes from a file."`
	Export   exportCommand   `cmd:"" help:"Write the map into files."`
	Area     areaCommand     `cmd:"" help:"Change areas."`
	Demo     demoCommand     `cmd:"" help:"Generate a demo district."`
	Insight  insightCommand  `cmd:"" help:"Tend the counts behind heatmaps."`
	Simulate simulateCommand `cmd:"" help:"Let things happen in a demo district: incidents, declarations, grades."`
	User     userCommand     `cmd:"" help:"Manage accounts."`
	Token    tokenCommand    `cmd:"" help:"Manage bearer tokens."`
	Webhook  webhookCommand  `cmd:"" help:"Tell other systems what happens."`
	Node     nodeCommand     `cmd:"" help:"Manage the servers on one database."`
	DB       dbCommand       `cmd:"" name:"db" help:"Reach the database."`
	Bench    benchCommand    `cmd:"" help:"Measure this program, and others' servers beside it."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// console is what a command has of the process that runs it.
type console struct {
	context.Context //nolint:containedctx // lives exactly as long as the command
	stdin           io.Reader
	stdout, stderr  io.Writer
}

// printJSON writes v as one indented document.
func (c *console) printJSON(v any) error {
	enc := json.NewEncoder(c.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printLine writes one line for a person.
func (c *console) printLine(format string, args ...any) {
	_, _ = fmt.Fprintf(c.stdout, format+"\n", args...) // a closed terminal is not the command's failure
}

// parsedCommand is a command with its flags filled in.
type parsedCommand struct{ ctx *kong.Context }

// Run runs the command that was named.
func (p *parsedCommand) Run(c *console) error { return p.ctx.Run(c) }

// parse answers a nil command where help was asked for and printed.
func parse(args []string, stdout io.Writer) (*parsedCommand, error) {
	helped := false
	var commands cli
	parser, err := kong.New(&commands,
		kong.Name("gridweave"),
		kong.Description("Geospatial operations-center server for grid-governed city districts."),
		kong.Vars{"roles": "One of " + roleNames() + ".", "stream_parts": strings.Join(bench.StreamParts(), ", ")},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, Tree: true}),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { helped = true }),
	)
	if err != nil {
		return nil, err
	}
	ctx, err := parser.Parse(args)
	if helped {
		return nil, nil //nolint:nilnil // help was the command, and it has been given
	}
	if err != nil {
		return nil, usageError{err}
	}
	return &parsedCommand{ctx: ctx}, nil
}

func roleNames() string {
	names := make([]string, 0, len(account.Roles()))
	for _, r := range account.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// usageError is a command line that could not be understood.
type usageError struct{ error }

// Exit codes: 2 for a command line that is wrong, 1 for a command that failed.
func exitCode(err error) int {
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

// oneLine is the error as a person at a terminal needs it.
func oneLine(err error) string {
	text := err.Error()
	if f, ok := errors.AsType[*fault.Error](err); ok {
		text = f.Message
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// newLogger writes text for a person or JSON for a collector.
func newLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: want debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return slog.New(slog.NewTextHandler(w, options)), nil
}
