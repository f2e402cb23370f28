// Command gridweave is the operations-center server and everything around it, in one binary: it serves, imports,
// generates the demo district, simulates, and manages accounts. This package only reads flags, wires the parts
// together and ends them in order; what they do is theirs.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
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
	_, _ = fmt.Fprintf(stderr, "gridweave: %s\n", oneLine(err))
	return exitCode(err)
}
