package imap

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

func TestReconcileLeavesOutWhatIsNotItsBusiness(t *testing.T) {
	s := newFake(t)
	s.fill(6)
	s.mails[2].raw = strings.Repeat("x", 300<<10)
	cfg := s.config()
	cfg.MaxSize = head
	f := newFetcher(t, cfg)
	c := cursorOf(t, fetch(t, f, nil).Next)
	c.Last, c.Fence, c.Since = 5, 1, time.Time{} // 1 is history, 6 not fetched yet
	c.put(pending{UID: 4, Tries: 1, After: time.Now().Add(time.Hour)})
	f.remember(c)
	b, count, err := f.Reconcile(t.Context(), cfg.Since, nothingRecorded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"INBOX:42:2", "INBOX:42:3", "INBOX:42:5"}, keys(b.Deliveries)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if b.Deliveries[1].Cause != "too-large" || count != (channels.Count{Source: 4}) {
		t.Errorf("the large one is parked as %q, count %+v", b.Deliveries[1].Cause, count)
	}
	failing := func(context.Context, []string) (map[string]bool, error) { return nil, errors.New("database gone") }
	if _, _, err := f.Reconcile(t.Context(), cfg.Since, failing); err == nil {
		t.Error("an error of the database is lost")
	}
	c.UIDValidity = 41
	f.remember(c)
	if b, count, err = f.Reconcile(t.Context(), cfg.Since, nothingRecorded); err != nil || len(b.Deliveries) != 0 || count.Source != 0 {
		t.Errorf("another epoch: %v, %v, %v", b, count, err)
	}
}

func TestMarkWithoutMove(t *testing.T) {
	for name, c := range map[string]struct {
		caps string
		want []string
	}{
		"with MOVE":    {"IMAP4rev1 MOVE UIDPLUS", []string{`MOVE 1 "Done"`}},
		"with UIDPLUS": {"IMAP4rev1 UIDPLUS", []string{`COPY 1 "Done"`, `STORE 1 +FLAGS.SILENT (\Deleted)`, "EXPUNGE 1"}},
		"with neither, no other mail is expunged": {"IMAP4rev1", []string{`COPY 1 "Done"`, `STORE 1 +FLAGS.SILENT (\Deleted)`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFake(t)
			s.fill(1)
			s.caps = c.caps
			cfg := s.config()
			cfg.PostAction = "move:Done"
			f := newFetcher(t, cfg)
			// UID 1 of another epoch, or of another turn, is another mail: it is left alone.
			for _, key := range []string{"INBOX:41:1", "INBOX:42.1:1", "INBOX:42:1"} {
				if err := f.Mark(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, l := range s.said("UID ") {
				if l = strings.TrimPrefix(l, "UID "); !strings.HasPrefix(l, "SEARCH") {
					got = append(got, l)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || len(s.said("EXPUNGE")) != 0 {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
			s.hangUp() // the kept connection has died: a new one is made
			if err := f.Mark(t.Context(), "INBOX:42:9"); err != nil {
				t.Errorf("marking a mail that is gone: %v", err)
			}
			if err := f.Mark(t.Context(), "nonsense"); emailtest.Error(t, err).Class != channels.Permanent {
				t.Errorf("a key that is none: %v", err)
			}
		})
	}
}
