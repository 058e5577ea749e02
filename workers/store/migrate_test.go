package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
)

// What a later version might bring.
const (
	survivable = `-- A column and a table that older programs know nothing of.
-- survives: 1
ALTER TABLE deliveries ADD COLUMN colour text NOT NULL DEFAULT '';
CREATE TABLE later_things (
  id {id} PRIMARY KEY,
  note text NOT NULL
){rowless};
`
	indexed = `-- survives: 1
CREATE INDEX CONCURRENTLY IF NOT EXISTS deliveries_colour ON deliveries (colour, at);
`
	breaking = `-- Older programs stumble over this one.
ALTER TABLE deliveries ADD COLUMN shape text NOT NULL DEFAULT '';
`
)

func withRing(t *testing.T, o store.Options) store.Options {
	t.Helper()
	ring, err := keyring.Open([]keyring.Master{master("m1", 1)})
	if err != nil {
		t.Fatal(err)
	}
	o.Keyring, o.Blobs = ring, blobs.NewMemory()
	return o
}

// TestAnOlderProgramWorksOnWhileANewerOneMigrates: one that runs, and one that is started afterwards.
func TestAnOlderProgramWorksOnWhileANewerOneMigrates(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		s := mustOpen(t, o, day, master("m1", 1))
		var work sync.WaitGroup
		stop, recorded := make(chan struct{}), make(chan int64, 1<<16)
		work.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					recorded <- recordOne(t, s, fmt.Sprintf("k%d", i), "hello", day)
				}
			}
		})
		for range 20 {
			<-recorded
		}
		applied, err := store.MigrateTo(ctx, withRing(t, o), day, survivable, indexed)
		if err != nil || len(applied) != 2 {
			t.Fatalf("applied %v, %v", applied, err)
		}
		ids := make([]int64, 20)
		for i := range ids {
			ids[i] = <-recorded
		}
		close(stop)
		work.Wait()
		if got, err := s.Backlog.Undecided(ctx, ids); err != nil || len(got) != len(ids) {
			t.Errorf("%d of %d messages that were recorded after the migration can be read: %v", len(got), len(ids), err)
		}
		mustClose(t, s)

		s, err = store.Open(ctx, withRing(t, o), day)
		if err != nil {
			t.Fatalf("the older program is refused: %v", err)
		}
		recordOne(t, s, "later", "hello", day)
		mustClose(t, s)
	})
}

// TestAProgramThatDoesNotSurviveIsRefused: it is told why.
func TestAProgramThatDoesNotSurviveIsRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		if _, err := store.MigrateTo(ctx, withRing(t, o), day, survivable, breaking, indexed); err != nil {
			t.Fatal(err)
		}
		var schema *sql.SchemaError
		_, err := store.Open(ctx, withRing(t, o), day)
		own := store.Own()
		if !errors.As(err, &schema) || schema.Have != own+3 || schema.Want != own || schema.Oldest != own+2 {
			t.Fatalf("error is %v", err)
		}
		want := fmt.Sprintf("programs before version %d do not work with", own+2)
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %q, want it to say %q", err, want)
		}
	})
}

// TestProcessesDoNotMigrateTwice: of many that start at once, each step is applied by one.
func TestProcessesDoNotMigrateTwice(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx, o := context.Background(), withRing(t, o)
		own, err := store.PendingMigrations(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var all []string
		var starts sync.WaitGroup
		for range 6 {
			starts.Go(func() {
				applied, err := store.MigrateTo(ctx, o, day, survivable, indexed)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				all = append(all, applied...)
				mu.Unlock()
			})
		}
		starts.Wait()
		if len(all) != len(own)+2 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
			t.Errorf("applied %v, want each step once", all)
		}
	})
}

// TestAnIndexThatWasCutOffIsBuiltAnew: PostgreSQL leaves one behind that it does not use.
func TestAnIndexThatWasCutOffIsBuiltAnew(t *testing.T) {
	o := withRing(t, store.Options{URL: server.Database(t), Dir: t.TempDir()})
	ctx := context.Background()
	if _, err := store.MigrateTo(ctx, o, day, survivable, indexed); err != nil {
		t.Fatal(err)
	}
	if err := store.Exec(ctx, o, `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'deliveries_colour'::regclass`); err != nil {
		t.Fatal(err)
	}
	if err := store.Undo(ctx, o, store.Own()+1); err != nil {
		t.Fatal(err)
	}
	applied, err := store.MigrateTo(ctx, o, day, survivable, indexed)
	if err != nil || len(applied) != 1 {
		t.Fatalf("applied %v, %v", applied, err)
	}
	if err := store.Exec(ctx, o, `DO $$ BEGIN IF NOT (SELECT indisvalid FROM pg_index WHERE indexrelid = 'deliveries_colour'::regclass) THEN RAISE EXCEPTION 'broken'; END IF; END $$`); err != nil {
		t.Errorf("the index is not valid: %v", err)
	}
}

// TestABusyTableIsWaitedFor: a step never queues behind a long transaction, which would make all
// others queue behind the step.
func TestABusyTableIsWaitedFor(t *testing.T) {
	o := withRing(t, store.Options{URL: server.Database(t), Dir: t.TempDir()})
	ctx := context.Background()
	if _, err := store.MigrateTo(ctx, o, day); err != nil {
		t.Fatal(err)
	}
	held, release := make(chan struct{}), make(chan struct{})
	var holder sync.WaitGroup
	holder.Go(func() {
		if err := store.Hold(ctx, o, `LOCK TABLE deliveries IN ACCESS SHARE MODE`, held, release); err != nil {
			t.Error(err)
		}
	})
	<-held
	timer := time.AfterFunc(3*time.Second, func() { close(release) }) // longer than one attempt waits
	defer timer.Stop()
	if applied, err := store.MigrateTo(ctx, o, day, survivable); err != nil || len(applied) != 1 {
		t.Errorf("applied %v, %v", applied, err)
	}
	holder.Wait()
}

// TestAStepThatWasLeftOutIsMadeUpFor: versions that were built apart may bring their steps in any order.
func TestAStepThatWasLeftOutIsMadeUpFor(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o store.Options) {
		ctx, o := context.Background(), withRing(t, o)
		if _, err := store.MigrateTo(ctx, o, day, survivable, indexed); err != nil {
			t.Fatal(err)
		}
		if err := store.Exec(ctx, o, `DROP TABLE later_things`); err != nil {
			t.Fatal(err)
		}
		if err := store.Exec(ctx, o, fmt.Sprintf(`DELETE FROM schema_migrations WHERE version = %d`, store.Own()+1)); err != nil {
			t.Fatal(err)
		}
		applied, err := store.MigrateTo(ctx, o, day, strings.Replace(survivable, "ALTER TABLE deliveries ADD COLUMN colour text NOT NULL DEFAULT '';", "", 1), indexed)
		if err != nil || len(applied) != 1 {
			t.Errorf("applied %v, %v; want the one that was left out", applied, err)
		}
	})
}

func TestAMigrationSaysWhoSurvivesIt(t *testing.T) {
	named, err := store.Survivors()
	if err != nil {
		t.Fatal(err)
	}
	for name, said := range named {
		if !said {
			t.Errorf("migration %s has no line \"-- survives: N\"", name)
		}
	}
	for _, c := range []struct{ name, text string }{
		{"a version that is none", "-- survives: yes\n"},
		{"a version before the first", "-- survives: 0\n"},
		{"a version after its own", "-- survives: 9999\n"},
		{"an index beside other statements", "-- survives: 1\nCREATE TABLE x (id bigint);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS y ON x (id);\n"},
	} {
		if _, err := store.MigrateTo(context.Background(), store.Options{Dir: t.TempDir()}, day, c.text); err == nil {
			t.Errorf("%s is taken", c.name)
		}
	}
}
