// Command gridweave is the operations-center server and everything around it, in one binary: it serves, imports,
// generates the demo district, simulates, and manages accounts. This package only reads flags, wires the parts
// together and ends them in order; what they do is theirs.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	// Who reads what is printed may go before the work is done: it fails to be written then, and nobody dies of it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// endings are the signals that end the program in order. A terminal that goes ends it like one that says so, unless it was
// started to outlive it (nohup).
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// run is the program without its process: what tests start. It answers the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	command, err := parse(args, stdout)
	if err == nil && command != nil {
		err = command.Run(&console{Context: ctx, stdin: stdin, stdout: stdout, stderr: stderr})
	}
	if err == nil {
		return 0
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w: %w", cause, err) // "context canceled" alone does not say who wanted it to end
	}
	_, _ = fmt.Fprintf(stderr, "gridweave: %s\n", oneLine(err))
	return exitCode(err)
}
