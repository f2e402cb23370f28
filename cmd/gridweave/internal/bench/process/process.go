// Package process starts the programs that are measured, and reads from the kernel what they used.
package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Child is a program that runs until Stop.
type Child struct {
	Name    string
	Address string // as it announced it, "http://host:port"; empty where it announces nothing
	Profile string // where it announced Go's profiles, as Address
	cmd     *exec.Cmd
	ended   chan struct{}
	err     error // why it ended, once ended is closed
	stop    sync.Once
}

// stopTimeout is what a program may take to end in order before it is killed.
const stopTimeout = 20 * time.Second

// Start runs a program whose log goes to stderr.
func Start(ctx context.Context, stderr io.Writer, name, path string, args ...string) (*Child, error) {
	return start(ctx, stderr, nil, name, path, args)
}

// StartAnnounced runs a program that prints a JSON object with its address when it is ready, and waits for that.
func StartAnnounced(ctx context.Context, stderr io.Writer, name, path string, args ...string) (*Child, error) {
	read, write := io.Pipe()
	c, err := start(ctx, stderr, write, name, path, args)
	if err != nil {
		return nil, err
	}
	go func() {
		<-c.ended
		_ = write.CloseWithError(fmt.Errorf("%s ended before it was ready: %w", name, c.err))
	}()
	var ready struct {
		Address string `json:"address"`
		Profile string `json:"profile"`
	}
	if err := json.NewDecoder(read).Decode(&ready); err != nil {
		c.Stop()
		return nil, fmt.Errorf("%s start: %w", name, err)
	}
	go func() { _, _ = io.Copy(io.Discard, read) }() // until the program has ended
	c.Address, c.Profile = ready.Address, ready.Profile
	return c, nil
}

func start(ctx context.Context, stderr, stdout io.Writer, name, path string, args []string) (*Child, error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), path, args...) //nolint:gosec // our own program, or one built beside it
	cmd.Stderr, cmd.Stdout = stderr, stdout
	// Ctrl-C at the terminal is for us; we end the others in order. Where we are killed they are told.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s start: %w", name, err)
	}
	c := &Child{Name: name, cmd: cmd, ended: make(chan struct{})}
	go func() {
		if c.err = cmd.Wait(); c.err == nil {
			c.err = errors.New("it ended")
		}
		close(c.ended)
	}()
	return c, nil
}

// PID is the program's process id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Ended is closed when the program has ended.
func (c *Child) Ended() <-chan struct{} { return c.ended }

// Kill ends the program as a crash would.
func (c *Child) Kill() {
	_ = c.cmd.Process.Kill() // gone already is as well
	<-c.ended
}

// Stop ends the program in order, and after a while not so.
func (c *Child) Stop() {
	c.stop.Do(func() {
		_ = c.cmd.Process.Signal(syscall.SIGTERM) // gone already is as well
		patience := time.NewTimer(stopTimeout)
		defer patience.Stop()
		select {
		case <-c.ended:
		case <-patience.C:
			_ = c.cmd.Process.Kill()
			<-c.ended
		}
	})
}
