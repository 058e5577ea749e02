package sql

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// logged is a SQLite file whose write-ahead log holds something, with a second process's handle on it.
type logged struct {
	path       string
	own, other DB
}

func newLogged(t *testing.T) logged {
	l := logged{path: filepath.Join(t.TempDir(), "desk.db")}
	open := func() DB {
		d, err := OpenSQLite(t.Context(), l.path, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	l.own, l.other = open(), open()
	l.run(t, l.own, `CREATE TABLE said (word TEXT)`)
	l.run(t, l.own, `INSERT INTO said VALUES ('secret')`)
	return l
}

func (l logged) run(t *testing.T, d DB, text string) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx Tx) error { return tx.Run(t.Context(), Do(text)) }); err != nil {
		t.Error(err)
	}
}

// log is how long the write-ahead log is, in bytes.
func (l logged) log(t *testing.T) int64 {
	info, err := os.Stat(l.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// read begins a reading that sees what there is now, and lasts until end is called.
func (l logged) read(t *testing.T, d DB) (end func()) {
	begun, over, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		err := d.Snapshot(context.WithoutCancel(t.Context()), func(tx Tx) error {
			var n int64
			err := tx.Run(t.Context(), Ask(Into(&n), `SELECT count(*) FROM said`))
			close(begun)
			<-over
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-begun
	return func() {
		close(over)
		<-done
	}
}

// Whoever empties the log waits for readers without keeping anybody from writing, and no longer than he may.
func TestALongReadingHoldsUpNobodyButTheOneWhoEmptiesTheLog(t *testing.T) {
	const writes = 6 // while the log is waited for
	own, other := func(l logged) DB { return l.own }, func(l logged) DB { return l.other }
	for _, test := range []struct {
		name           string
		reader, writer func(logged) DB
		since          bool // whether something was written since the reading began
		rewrite        bool
	}{
		{"this process reads and writes", own, own, false, false},
		{"this process reads, another one writes", own, other, false, false},
		{"another process reads and writes", other, other, false, false},
		{"another process reads, this one writes", other, own, false, false},
		{"something was written since the reading began", other, other, true, false},
		{"something was written since this process's reading began", own, own, true, false},
		{"the file is rewritten, too", other, other, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLogged(t)
			end := l.read(t, test.reader(l))
			if test.since {
				l.run(t, l.own, `DELETE FROM said`)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			compacted := make(chan error, 1)
			go func() { compacted <- l.own.Compact(ctx, test.rewrite) }()
			for range writes {
				l.run(t, test.writer(l), `INSERT INTO said VALUES ('later')`)
				time.Sleep(checkpointPause / 2) // so that tries come between them
			}
			select {
			case err := <-compacted:
				t.Fatalf("the log was not waited for until all was written: %v", err)
			default: // whoever writes does not wait for it
			}
			cancel()
			if err := <-compacted; !errors.Is(err, ErrRead) {
				t.Errorf("emptying the log said %v, want ErrRead", err)
			}
			if l.log(t) == 0 {
				t.Error("the log is empty while somebody reads in it")
			}
			end()
			if err := l.own.Compact(t.Context(), false); err != nil || l.log(t) != 0 {
				t.Errorf("once the reading is over: %v, %d bytes left in the log", err, l.log(t))
			}
		})
	}
}

func TestTheLogIsEmptied(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*testing.T, logged) error
		want error
	}{
		{"at once, when nobody reads", func(t *testing.T, l logged) error { return l.own.Compact(t.Context(), false) }, nil},
		{"when the file was rewritten", func(t *testing.T, l logged) error { return l.own.Compact(t.Context(), true) }, nil},
		{"when a reading ends meanwhile", func(t *testing.T, l logged) error {
			time.AfterFunc(300*time.Millisecond, l.read(t, l.other))
			return l.own.Compact(t.Context(), false)
		}, nil},
		{"when this process's reading ends meanwhile", func(t *testing.T, l logged) error {
			time.AfterFunc(300*time.Millisecond, l.read(t, l.own))
			return l.own.Compact(t.Context(), false)
		}, nil},
		{"not for a caller who has gone", func(t *testing.T, l logged) error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return l.own.Compact(ctx, false)
		}, context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLogged(t)
			if err := test.do(t, l); !errors.Is(err, test.want) {
				t.Fatalf("said %v, want %v", err, test.want)
			}
			if empty := l.log(t) == 0; empty != (test.want == nil) {
				t.Errorf("%d bytes are in the log", l.log(t))
			}
			var wait int
			check := l.own.Outside(t.Context(), func(tx Tx) error { return tx.Run(t.Context(), Ask(Into(&wait), `PRAGMA busy_timeout`)) })
			if check != nil || wait != busyMilliseconds {
				t.Errorf("a write waits %d ms for another process from now on (%v)", wait, check)
			}
		})
	}
}
