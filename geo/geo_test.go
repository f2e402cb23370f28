package geo_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo"
)

// shared finds a file of the real data beside the project.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real data is absent: %v", err)
	}
	return path
}

// asCodeError is the error as the type that callers get at.
func asCodeError(t *testing.T, err error) *geo.CodeError {
	t.Helper()
	var e *geo.CodeError
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is no *geo.CodeError", err, err)
	}
	return e
}

// anyCode draws a good house code of any level; few different parts, so that codes of one draw are often related.
func anyCode() *rapid.Generator[geo.Code] {
	return rapid.Custom(func(t *rapid.T) geo.Code {
		code := geo.Code(rapid.SampledFrom([]string{"44", "11", "50", "82"}).Draw(t, "province"))
		for range rapid.IntRange(0, 7).Draw(t, "depth") {
			child, err := code.Child(rapid.OneOf(rapid.IntRange(1, 2), rapid.IntRange(1, 99)).Draw(t, "number"))
			if err != nil {
				t.Fatal(err)
			}
			code = child
		}
		return code
	})
}
