package imap

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

func TestFetchFirstConnection(t *testing.T) {
	old, recent := `"01-Jan-2024 10:00:00 +0000"`, `"01-Jun-2025 10:00:00 +0000"`
	since := time.Date(2025, 6, 1, 10, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		since   time.Time
		uidNext string
		want    []string
	}{
		"what is there is history":                     {time.Time{}, "", []string{"INBOX:42:5"}},
		"also where the server does not tell UIDNEXT":  {time.Time{}, "-", []string{"INBOX:42:5"}},
		"with Since, what was received since then too": {since, "", []string{"INBOX:42:2", "INBOX:42:4", "INBOX:42:5"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(4)
			for i, date := range []string{old, recent, old, ""} {
				s.mails[i].date = date
			}
			s.uidNext = c.uidNext
			cfg := s.config()
			cfg.Since = c.since
			f := newFetcher(t, cfg)
			first := fetch(t, f, nil)
			if len(first.Deliveries) != 0 || first.Next == nil {
				t.Fatalf("first fetch = %+v, want a cursor and nothing else", first)
			}
			s.put("Subject: new\r\n\r\n")
			got, _ := drain(t, f, first.Next, len(c.want))
			if diff := cmp.Diff(c.want, keys(got)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFetchQuietFolder(t *testing.T) {
	for name, caps := range map[string]string{"with IDLE": "IMAP4rev1 IDLE", "without IDLE": "IMAP4rev1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(3)
			s.caps = caps
			now := time.Now()
			cfg := s.config()
			cfg.Since, cfg.IdleFor, cfg.Poll = time.Time{}, 120*time.Millisecond, 30*time.Millisecond
			cfg.Now = func() time.Time { return now }
			f := newFetcher(t, cfg)
			cursor := fetch(t, f, nil).Next
			begun := time.Now()
			b := fetch(t, f, cursor)
			if took := time.Since(begun); took < 100*time.Millisecond || took > 2*time.Second {
				t.Errorf("proof of life after %v, want some 120 ms", took)
			}
			if diff := cmp.Diff(channels.Batch{}, b); diff != "" {
				t.Errorf("batch (-want +got):\n%s", diff)
			}
			now = now.Add(2 * time.Hour)
			b = fetch(t, f, cursor)
			if c := cursorOf(t, b.Next); !c.Floor.Equal(now) || c.Last != 3 {
				t.Errorf("cursor = %+v, want the floor to follow each hour", c)
			}
		})
	}
}

func TestFetchPollsWhenIdleIsRefused(t *testing.T) {
	s := newFake(t)
	s.hook = always("IDLE", func(c *fakeConn, tag, _ string) { c.say("%s NO not here", tag) })
	cfg := s.config()
	cfg.Poll = 10 * time.Millisecond
	f := newFetcher(t, cfg)
	cursor := fetch(t, f, nil).Next
	done := make(chan channels.Batch, 1)
	go func() { b, _ := f.Fetch(t.Context(), cursor); done <- b }()
	for len(s.said("NOOP")) < 3 {
		time.Sleep(time.Millisecond)
	}
	s.set(func() { s.mails = append(s.mails, fakeMail{uid: 1, raw: "Subject: x\r\n\r\n"}) }) // nobody is told
	for len((<-done).Deliveries) == 0 {
		t.Fatal("the mail is not found")
	}
	if n := len(s.said("IDLE")); n != 1 || s.connections() != 1 {
		t.Errorf("asked %d times for IDLE on %d connections, want once", n, s.connections())
	}
}

func TestFetchUIDsThatBeginAnewUnderTheSameValidity(t *testing.T) {
	s := newFake(t)
	s.fill(9)
	cfg := s.config()
	cfg.Since = time.Time{}
	f := newFetcher(t, cfg)
	cursor := fetch(t, f, nil).Next
	s.put("Subject: tenth\r\n\r\n")
	got, cursor := drain(t, f, cursor, 1)
	s.set(func() { s.mails = nil })
	now := time.Now().UTC().Format(`"02-Jan-2006 15:04:05 -0700"`)
	for i := range 2 {
		s.put(fmt.Sprintf("Subject: restored %d\r\n\r\n", i))
		s.set(func() { s.mails[i].date = now })
	}
	s.hangUp()
	more, cursor := drain(t, f, cursor, 2)
	if diff := cmp.Diff([]string{"INBOX:42:10", "INBOX:42.1:1", "INBOX:42.1:2"}, append(keys(got), keys(more)...)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if c := cursorOf(t, cursor); c.Turn != 1 || len(c.Epochs) != 1 {
		t.Errorf("cursor = %+v, want a second turn", c)
	}
}

func TestFetchLagMoreAndTimes(t *testing.T) {
	s := newFake(t)
	s.fill(5)
	now := time.Date(2025, 7, 17, 3, 44, 25, 0, time.UTC) // an hour after the mails
	s.mails[1].date = `"17-Jul-2030 00:00:00 +0000"`
	cfg := s.config()
	cfg.Batch, cfg.Now = 2, func() time.Time { return now }
	f := newFetcher(t, cfg)
	cursor := fetch(t, f, nil).Next
	var sizes []int
	for range 3 {
		b := fetch(t, f, cursor)
		cursor = b.Next
		sizes = append(sizes, len(b.Deliveries))
		lag := time.Hour
		if len(sizes) == 3 {
			lag = 0
		}
		if b.Lag != lag || b.More != (len(sizes) < 3) {
			t.Errorf("batch %d: lag %v, more %v; want lag %v", len(sizes), b.Lag, b.More, lag)
		}
		for _, d := range b.Deliveries {
			if d.At.After(now) {
				t.Errorf("%s is of %v, after now", d.Key, d.At)
			}
		}
	}
	if diff := cmp.Diff([]int{2, 2, 1}, sizes); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestFetchBatchIsBoundedInBytes(t *testing.T) {
	s := newFake(t)
	for range 6 {
		s.put("Subject: x\r\n\r\n" + strings.Repeat("y", 1000))
	}
	cfg := s.config()
	cfg.BatchBytes = 2500
	f := newFetcher(t, cfg)
	cursor := fetch(t, f, nil).Next
	for range 3 {
		b := fetch(t, f, cursor)
		if cursor = b.Next; len(b.Deliveries) != 2 {
			t.Errorf("got %d mails of 1 KB in a batch of 2.5 KB", len(b.Deliveries))
		}
	}
}

func TestFetchAsksForNoMoreThanItNeeds(t *testing.T) {
	s := newFake(t)
	s.fill(3)
	s.mails[1].deleted = true
	f := newFetcher(t, s.config())
	got, _ := drain(t, f, nil, 2)
	if diff := cmp.Diff([]string{"INBOX:42:1", "INBOX:42:3"}, keys(got)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if len(s.said("SELECT"))+len(s.said("UID STORE")) != 0 || len(s.said("EXAMINE")) != 1 {
		t.Error("the folder was not opened read-only")
	}
	for _, line := range s.said("UID FETCH") {
		for _, word := range []string{"ENVELOPE", "BODYSTRUCTURE", "RFC822 ", "BODY["} {
			if strings.Contains(line, word) {
				t.Errorf("%q asks for %s", line, word)
			}
		}
	}
	if search := s.said("UID SEARCH"); len(search) == 0 || !strings.Contains(search[0], "UNDELETED") {
		t.Errorf("searched with %q", search)
	}
}

func TestFetchPendingListIsBounded(t *testing.T) {
	s := newFake(t)
	s.fill(3)
	f := newFetcher(t, s.config())
	c := cursorOf(t, fetch(t, f, nil).Next)
	for i := range imap.UID(pendingMax) {
		c.put(pending{UID: 1000 + i, Tries: 1, After: time.Now().Add(time.Hour)})
	}
	c.Pending[0].After = time.Now().Add(-time.Hour)
	full, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	b := fetch(t, f, full)
	if n := cursorOf(t, b.Next); len(b.Deliveries) != 0 || len(n.Pending) != pendingMax-1 || n.Last != c.Last {
		t.Errorf("got %d mails, %d pending; want the pending mail seen to first", len(b.Deliveries), len(n.Pending))
	}
	if b = fetch(t, f, b.Next); len(b.Deliveries) != 1 {
		t.Errorf("with room for one failure, got %d mails, want 1", len(b.Deliveries))
	}
}

func TestFetchEndsWithItsContextAndWithClose(t *testing.T) {
	for name, end := range map[string]func(*Fetcher, context.CancelFunc){
		"context": func(_ *Fetcher, cancel context.CancelFunc) { cancel() },
		"Close":   func(f *Fetcher, _ context.CancelFunc) { _ = f.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newFake(t)
			f := newFetcher(t, s.config())
			cursor := fetch(t, f, nil).Next
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() { _, err := f.Fetch(ctx, cursor); done <- err }()
			for len(s.said("IDLE")) == 0 {
				time.Sleep(time.Millisecond)
			}
			begun := time.Now()
			end(f, cancel)
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("error = %v, want context.Canceled in it", err)
			}
			if took := time.Since(begun); took > 300*time.Millisecond {
				t.Errorf("took %v", took)
			}
		})
	}
	f := newFetcher(t, newFake(t).config())
	_ = f.Close()
	if _, err := f.Fetch(t.Context(), nil); emailtest.Error(t, err).Class != channels.Permanent {
		t.Errorf("Fetch after Close: %v", err)
	}
	if _, err := f.Probe(t.Context()); emailtest.Error(t, err).Class != channels.Temporary { // another one may be in its place
		t.Errorf("Probe after Close: %v", err)
	}
}

func TestFetchRefusesAForeignCursor(t *testing.T) {
	f := newFetcher(t, newFake(t).config())
	if _, err := f.Fetch(t.Context(), channels.Cursor(`{"offset":3}`)); emailtest.Error(t, err).Class != channels.Permanent {
		t.Errorf("error = %v, want Permanent", err)
	}
}

func TestRetryWaitsGrow(t *testing.T) {
	var got []time.Duration
	for tries := range 7 {
		got = append(got, retryAfter(tries))
	}
	s := time.Second
	if diff := cmp.Diff([]time.Duration{2 * s, 2 * s, 5 * s, 15 * s, 30 * s, 30 * s, 30 * s}, got); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

// A mail may come after the search and before IDLE: its EXISTS then stands in another answer.
func TestFetchMailBetweenSearchAndIdle(t *testing.T) {
	s := newFake(t)
	f := newFetcher(t, s.config())
	cursor := fetch(t, f, nil).Next
	s.set(func() {
		s.hook = once("UID SEARCH", func(c *fakeConn, tag, _ string) {
			c.say("* SEARCH")
			s.put("Subject: in between\r\n\r\n")
			c.say("%s OK done", tag)
		})
	})
	begun := time.Now()
	if b := fetch(t, f, cursor); len(b.Deliveries) != 1 || time.Since(begun) > 2*time.Second {
		t.Errorf("got %d mails after %v, want it at once", len(b.Deliveries), time.Since(begun))
	}
}

func TestFetchLeavesNothingRunning(t *testing.T) {
	s := newFake(t)
	s.fill(1)
	s.hook = always("UID FETCH", func(c *fakeConn, _, _ string) {
		c.raw("* 1 FETCH (UID 1 BODY[] {20}\r\nSubj")
		_ = c.conn.Close()
	})
	f := newFetcher(t, s.config())
	cursor := fetch(t, f, nil).Next
	before := runtime.NumGoroutine()
	for range 20 {
		if _, err := f.Fetch(t.Context(), cursor); err == nil {
			cursor = fetch(t, f, nil).Next
		}
	}
	_ = f.Close()
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
