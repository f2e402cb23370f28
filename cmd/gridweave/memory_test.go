package main

import (
	"runtime"
	"testing"
)

func TestGarbageIsBounded(t *testing.T) {
	for _, c := range []struct {
		used uint64
		want int
	}{{0, 50}, {40 << 20, 50}, {128 << 20, 50}, {256 << 20, 25}, {512 << 20, 12}, {8 << 30, 10}} {
		if got := garbageBeside(c.used); got != c.want {
			t.Errorf("%d bytes in use: %d %% of garbage, want %d", c.used, got, c.want)
		}
	}
	runtime.GC()
	if used() == 0 {
		t.Error("nothing is in use")
	}
}
