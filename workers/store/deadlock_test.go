package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"frontdesk/workers/store"
)

// TestTwoThatLockEachOtherOutAreBothDone: PostgreSQL throws over one of two transactions that wait for each other. What depends
// on nothing read before is done again: the outcomes of sends, receipts, releases, each step of an erasure.
func TestTwoThatLockEachOtherOutAreBothDone(t *testing.T) {
	s := mustOpen(t, store.Options{URL: server.Database(t), Dir: t.TempDir()}, day, master("m1", 1))
	defer mustClose(t, s)
	var both, done sync.WaitGroup
	both.Add(2)
	meet := func() { both.Done(); both.Wait() }
	tries, errs := [2]int{}, [2]error{}
	for i, order := range [][2]int{{1, 2}, {2, 1}} {
		done.Go(func() { tries[i], errs[i] = store.LockTwo(t.Context(), s, order[0], order[1], meet) })
	}
	done.Wait()
	if errs != [2]error{} || tries[0]+tries[1] != 3 {
		t.Errorf("errors %v, attempts %v", errs, tries)
	}
}

// TestWhatIsWrittenIsTriedAgain: every transaction goes by the way that does it again, but for those whose caller must ask
// anew (Commit) and those that lock rows in one order, or before anybody else works.
func TestWhatIsWrittenIsTriedAgain(t *testing.T) {
	own := map[string]bool{"base/base.go": true, "base/sequences.go": true, "commit/commit.go": true, "fill/fill.go": true, "store.go": true}
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "DB.Write(") {
			if seen[path] = true; !own[path] {
				t.Errorf("%s has a transaction that is not tried again when another one has thrown it over", path)
			}
		}
		return err
	})
	if err != nil || len(seen) < len(own) {
		t.Errorf("only %v were seen (%v); the others need no exception", seen, err)
	}
}
