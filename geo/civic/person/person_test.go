package person_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/gridweave/gridweave/geo/civic/person"
)

func sealer(t *testing.T) *person.Sealer {
	t.Helper()
	s, err := person.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealOpens(t *testing.T) {
	s := sealer(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := s.Seal(plain)
		if len(plain) > 3 && bytes.Contains(sealed, plain) {
			t.Fatal("the text shows in the ciphertext")
		}
		if bytes.Equal(sealed, s.Seal(plain)) {
			t.Fatal("the same ciphertext twice")
		}
		opened, err := s.Open(sealed)
		if err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opened %q, %v", opened, err)
		}
		sealed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1
		if _, err := s.Open(sealed); !errors.Is(err, person.ErrUnreadable) {
			t.Fatalf("a changed ciphertext gives %v", err)
		}
	})
}

func TestOtherKeysOpenNothing(t *testing.T) {
	a, b := sealer(t), sealer(t)
	if _, err := b.Open(a.Seal([]byte("张三"))); !errors.Is(err, person.ErrUnreadable) {
		t.Errorf("opened with other keys: %v", err)
	}
	if bytes.Equal(a.Hash([]byte("张三")), b.Hash([]byte("张三"))) {
		t.Error("the same hash under other keys")
	}
}

func TestKeysStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var wg sync.WaitGroup
	sealers := make([]*person.Sealer, 8)
	for i := range sealers {
		wg.Go(func() {
			s, err := person.LoadKeys(dir)
			if err != nil {
				t.Error(err)
			}
			sealers[i] = s
		})
	}
	wg.Wait()
	want := sealers[0].Hash([]byte("x"))
	for i, s := range sealers {
		if !bytes.Equal(s.Hash([]byte("x")), want) {
			t.Errorf("start %d got other keys", i)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files beside the keys, %v", len(left)-1, err)
	}
}

func TestReadableKeysAreRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := person.LoadKeys(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "person.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := person.LoadKeys(dir); err == nil {
		t.Error("keys that everybody may read were accepted")
	}
}
