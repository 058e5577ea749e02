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
// anew (Commit) and those that lock one row, or before anybody else works.
func TestWhatIsWrittenIsTriedAgain(t *testing.T) {
	own := map[string]bool{"commit.go": true, "store.go": true, "sequence.go": true, "seal.go": true, "fill.go": true}
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") && !own[name] && strings.Contains(string(text), "db.write(") {
			t.Errorf("%s has a transaction that is not tried again when another one has thrown it over", name)
		}
	}
}
