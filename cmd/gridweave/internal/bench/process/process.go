// Package process starts the programs that are measured, and reads from the kernel what they used.
package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
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
	stopped atomic.Bool
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
	// Where memory runs out, the kernel is to take what is measured, not who measures it and says what happened. Where
	// that may not be asked for, it chooses by size.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", cmd.Process.Pid), []byte("500"), 0)
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

// Failure tells why the program has ended; nil while it runs, and where we ended it.
func (c *Child) Failure() error {
	if c.stopped.Load() {
		return nil
	}
	select {
	case <-c.ended:
		return fmt.Errorf("%s ended by itself: %w", c.Name, c.err)
	default:
		return nil
	}
}

// Kill ends the program as a crash would.
func (c *Child) Kill() {
	c.stopped.Store(true)
	_ = c.cmd.Process.Kill() // gone already is as well
	<-c.ended
}

// Stop ends the program in order, and after a while not so.
func (c *Child) Stop() {
	c.stop.Do(func() {
		c.stopped.Store(true)
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
