package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/workers/store/blobs"
)

func stores(t *testing.T) map[string]blobs.Store {
	t.Helper()
	dir, err := blobs.OpenDir(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]blobs.Store{"directory": dir, "memory": blobs.NewMemory()}
}

func listed(t *testing.T, s blobs.Store) []string {
	t.Helper()
	var out []string
	for b, err := range s.List(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if b.PutAt.IsZero() || b.Size == 0 {
			t.Errorf("blob %+v", b)
		}
		out = append(out, b.Digest)
	}
	return out
}

func TestBlobs(t *testing.T) {
	ctx := context.Background()
	one, two := strings.Repeat("0a", 32), strings.Repeat("f1", 32)
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if _, err := s.Get(ctx, one); !errors.Is(err, blobs.ErrNotFound) {
				t.Errorf("missing: error is %v, want ErrNotFound", err)
			}
			for _, put := range []struct{ digest, content string }{{two, "two"}, {one, "one"}, {one, "one again"}} {
				if err := s.Put(ctx, put.digest, []byte(put.content)); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.Get(ctx, one)
			if err != nil || string(got) != "one again" {
				t.Errorf("got %q, %v", got, err)
			}
			if got := listed(t, s); len(got) != 2 || got[0] != one || got[1] != two {
				t.Errorf("listed %v", got)
			}
			for range 2 {
				if err := s.Delete(ctx, one); err != nil {
					t.Error(err)
				}
			}
			if got := listed(t, s); len(got) != 1 {
				t.Errorf("listed %v", got)
			}
		})
	}
}

func TestNamesAreDigestsOnly(t *testing.T) {
	for name, s := range stores(t) {
		for _, bad := range []string{"", "short", "../../../../etc/passwd", strings.Repeat("A", 64), "00000000/0000"} {
			if err := s.Put(context.Background(), bad, nil); !errors.Is(err, blobs.ErrName) {
				t.Errorf("%s: %q: error is %v, want ErrName", name, bad, err)
			}
		}
	}
}

func TestConcurrentPutsOfOneBlobLeaveItWhole(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	content := bytes.Repeat([]byte("x"), 100_000)
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			var wait sync.WaitGroup
			for range 8 {
				wait.Go(func() {
					if err := s.Put(context.Background(), digest, content); err != nil {
						t.Error(err)
					}
					if got, err := s.Get(context.Background(), digest); err != nil || !bytes.Equal(got, content) {
						t.Errorf("read %d bytes, %v", len(got), err)
					}
				})
			}
			wait.Wait()
		})
	}
}

func TestRemaindersOfACrashGo(t *testing.T) {
	root := t.TempDir()
	s, err := blobs.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, "aa", "bb")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	fresh, old := filepath.Join(folder, ".new-1"), filepath.Join(folder, ".new-2")
	for _, path := range []string{fresh, old} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, s); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error("a write that is under way was removed")
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Error("the remainder of a crash is still there")
	}
}

// TestTheFirstBlobMakesTheDirectory: who only reads leaves nothing behind.
func TestTheFirstBlobMakesTheDirectory(t *testing.T) {
	root := filepath.Join(t.TempDir(), "data", "blobs")
	s := blobs.LazyDir(root)
	if got := listed(t, s); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	digest := strings.Repeat("ab", 32)
	if there, err := blobs.Has(t.Context(), s, digest); there || err != nil {
		t.Errorf("it has what was never put: %v, %v", there, err)
	}
	if _, err := s.Get(t.Context(), digest); !errors.Is(err, blobs.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Stat(root); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("reading made the directory: %v", err)
	}
	if err := s.Put(t.Context(), digest, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, s); len(got) != 1 {
		t.Errorf("listed %v", got)
	}
}
