package process

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParseStat(t *testing.T) {
	got, err := parseStat([]byte("7 (a b) c) S 3 7 7 0 -1 4194560 100 0 0 0 150 50 30 20 20 0 1 0 100 1000 100\n"))
	if want := (stat{parent: 3, own: 2 * time.Second, children: 500 * time.Millisecond}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, wrong := range []string{"", "7 (a) S 3", "7 (a) S x 7 7 0 -1 4194560 100 0 0 0 150 50 30 20 20"} {
		if _, err := parseStat([]byte(wrong)); err == nil {
			t.Errorf("%q was accepted", wrong)
		}
	}
}

// A child counts while it runs and after it has ended.
func TestTreeCountsChildren(t *testing.T) {
	before, err := TreeCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read -r _")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	used, err := CPU(cmd.Process.Pid)
	if err != nil || used == 0 {
		t.Fatalf("the child used %v, %v", used, err)
	}
	running, err := TreeCPU(os.Getpid())
	if err != nil || running < before+used {
		t.Errorf("while it runs: %v, %v; want at least %v", running, err, before+used)
	}
	_ = stdin.Close()
	if err := cmd.Wait(); err != nil && !strings.Contains(err.Error(), "exit status") {
		t.Fatal(err)
	}
	if ended, err := TreeCPU(os.Getpid()); err != nil || ended < before+used {
		t.Errorf("after it ended: %v, %v; want at least %v", ended, err, before+used)
	}
	if now, peak, err := Memory(os.Getpid()); err != nil || now == 0 || peak < now {
		t.Errorf("memory %d, %d, %v", now, peak, err)
	}
}

func TestStartAnnounced(t *testing.T) {
	var log bytes.Buffer
	c, err := StartAnnounced(t.Context(), &log, "it", "/bin/sh", "-c", `echo '{"address":"http://here"}'; exec sleep 60`)
	if err != nil {
		t.Fatal(err)
	}
	if c.Address != "http://here" {
		t.Errorf("address %q", c.Address)
	}
	c.Stop()
	if _, err := StartAnnounced(t.Context(), &log, "it", "/bin/sh", "-c", "exit 3"); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a program that fails: %v", err)
	}
}
