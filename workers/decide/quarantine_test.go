package decide

import (
	"context"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
	"frontdesk/workers/workerstest"
)

func TestAClaimThatCannotBeTakenBackIsNoDeath(t *testing.T) {
	r := newRig(t)
	id := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138001", Text: payment, Files: map[string]string{"a.txt": "a file"}}))[0]
	r.Database(`CREATE TRIGGER stuck BEFORE UPDATE ON undecided WHEN new.claims < old.claims BEGIN SELECT RAISE(ABORT, 'the database is away'); END`)
	r.Blobs.FailNext(maxClaims + 2)
	for range maxClaims + 2 {
		if err := r.processor.careful(t.Context(), []int64{id}); err == nil {
			t.Fatal("a message was decided without its file")
		}
	}
	r.Must(r.processor.careful(t.Context(), []int64{id}))
	r.Same("states", []string{"ticketed"}, r.States(id))
}

// holding is a decoder that waits in one message.
type holding struct {
	workerstest.Letters
	in, on chan struct{}
}

func (h holding) Decode(d channels.Delivery) (message.Message, error) {
	if d.Key == "k1" {
		close(h.in)
		<-h.on
	}
	return h.Letters.Decode(d)
}

func TestOnlyTheMessageUnderWorkIsClaimed(t *testing.T) {
	r := newRig(t)
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138001", Text: payment}), r.Delivery("hotline", "k2", letter{From: "+8613800138002", Text: payment}))
	h := holding{in: make(chan struct{}), on: make(chan struct{})}
	r.processor.decider.decoders = map[string]channels.Decoder{"hotline": h}
	done := make(chan error, 2)
	handle := func(id int64) {
		done <- r.processor.careful(t.Context(), []int64{id})
	}
	go handle(ids[0])
	<-h.in
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := r.processor.careful(ctx, ids[1:]); err == nil {
		t.Error("a message was worked on beside another one")
	}
	pending, err := r.Store.Backlog.Undecided(t.Context(), ids)
	r.Must(err)
	r.Same("claims", []int{1, 0}, []int{pending[0].Claims, pending[1].Claims})
	go handle(ids[1])
	close(h.on)
	r.Must(<-done)
	r.Must(<-done)
	r.Same("states", []string{"ticketed", "ticketed"}, r.States(ids...))
}

// witness is a decoder that notes whether another message was claimed while it read.
type witness struct {
	workerstest.Letters
	claimed func() int
	read    map[string]int // claims that stood, by key
	first   chan struct{}  // closed when k1 is under work
	on      chan struct{}  // k1 waits for it
}

func (w *witness) Decode(d channels.Delivery) (message.Message, error) {
	if d.Key == "k1" {
		close(w.first)
		<-w.on
	} else {
		w.read[d.Key] = w.claimed()
	}
	return w.Letters.Decode(d)
}

// TestNothingIsReadBesideAClaim: should what is read meanwhile kill the process, its death would be
// counted against the message that is claimed.
func TestNothingIsReadBesideAClaim(t *testing.T) {
	for name, c := range map[string]struct {
		inbox string // scanned, or not
		read  func(*rig, asking, int64) error
		last  string
	}{
		"by a batch": {"bot", func(r *rig, _ asking, id int64) error {
			return r.processor.batch(r.T.Context(), []int64{id}, mode{})
		}, "ticketed"},
		"for the scanners": {"hotline", func(r *rig, s asking, id int64) error {
			r.Process(id)
			r.asked(s)
			return nil
		}, "recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			ids := r.Accept(r.Delivery("bot", "k1", letter{From: "+8613800138001", Text: payment}), r.Delivery(c.inbox, "k2", letter{From: "+8613800138002", Text: payment}))
			claimed := func() int {
				pending, err := r.Store.Backlog.Undecided(t.Context(), ids[:1])
				r.Must(err)
				if len(pending) == 0 {
					return 0
				}
				return pending[0].Claims
			}
			w := &witness{claimed: claimed, read: map[string]int{}, first: make(chan struct{}), on: make(chan struct{})}
			scans := r.scans(nil, workerstest.Infected)
			for _, inbox := range []string{"bot", "hotline"} {
				r.processor.decider.decoders[inbox] = w
			}
			done := make(chan error, 2)
			go func() {
				done <- r.processor.careful(t.Context(), ids[:1])
			}()
			<-w.first
			go func() { done <- c.read(r, scans, ids[1]) }()
			time.AfterFunc(100*time.Millisecond, func() { close(w.on) }) // time enough to read it, if that were allowed
			r.Must(<-done)
			r.Must(<-done)
			r.Same("claims of the first while the second was read", map[string]int{"k2": 0}, w.read)
			r.Same("states", []string{"ticketed", c.last}, r.States(ids...))
		})
	}
}

// TestAClaimThatStandsIsTakenBackBeforeAnythingIsRead: while it can't be, nothing is read.
func TestAClaimThatStandsIsTakenBackBeforeAnythingIsRead(t *testing.T) {
	for name, again := range map[string]bool{"in a batch": false, "with care": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138001", Text: payment, Files: map[string]string{"a.txt": "a file"}}),
				r.Delivery("hotline", "k2", letter{From: "+8613800138002", Text: payment}))
			r.Database(`CREATE TRIGGER stuck BEFORE UPDATE ON undecided WHEN new.claims < old.claims BEGIN SELECT RAISE(ABORT, 'the database is away'); END`)
			r.Blobs.FailNext(1)
			if err := r.processor.careful(t.Context(), ids[:1]); err == nil {
				t.Fatal("a message was decided without its file")
			}
			other := func() error {
				if again {
					return r.processor.careful(t.Context(), ids[1:])
				}
				return r.processor.batch(t.Context(), ids[1:], mode{})
			}
			if err := other(); err == nil {
				t.Error("a message was read while the claim on another one stood")
			}
			r.Database(`DROP TRIGGER stuck`)
			r.Must(other())
			pending, err := r.Store.Backlog.Undecided(t.Context(), ids)
			r.Must(err)
			r.Same("what is open, and its claims", []int64{1, ids[0], 0}, []int64{int64(len(pending)), pending[0].ID, int64(pending[0].Claims)})
		})
	}
}
