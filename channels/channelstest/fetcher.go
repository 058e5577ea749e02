package channelstest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
)

// FetcherCase describes one connector that pulls. Open starts a fresh, empty fake provider, which
// t.Cleanup stops.
type FetcherCase struct {
	Open func(t *testing.T) FetcherBench
	// Faults are those that the fake can be told. Their classes: ServerError and Drop Temporary,
	// Throttle Throttled with a wait, Unauthorized Unauthorized, Slow Temporary within Patience.
	Faults []Fault
	// Patience is how long a fetch may take when the provider does not answer. 0 means 5 s.
	Patience time.Duration
}

// FetcherBench is one fake provider and what is needed to work with it.
type FetcherBench struct {
	Connect func() channels.Fetcher // a new connector on the same provider, as after a restart
	Decoder channels.Decoder        // nil leaves the question of decoding out
	Put     func(text string)       // a customer writes
	PutBad  func()                  // an item that cannot be read; nil when there is no such thing
	Fault   func(Fault)             // the next request fails this way
	Secrets []string
}

// Fetcher asks every question that a pulling connector must answer.
func Fetcher(t *testing.T, c FetcherCase) {
	t.Helper()
	if c.Patience == 0 {
		c.Patience = 5 * time.Second
	}
	t.Run("messages come once and in order", func(t *testing.T) { inOrder(t, c) })
	t.Run("the old cursor after a crash brings the same keys", func(t *testing.T) { afterCrash(t, c) })
	t.Run("a cancelled fetch returns", func(t *testing.T) { cancelled(t, c) })
	t.Run("one bad item costs no other", func(t *testing.T) { badAmongGood(t, c) })
	for _, f := range c.Faults {
		t.Run("after "+string(f)+" nothing is missing", func(t *testing.T) { afterFault(t, c, f) })
	}
}

// drain fetches with moving cursor until it has n deliveries, with a new fetcher if f is nil.
func drain(t *testing.T, f channels.Fetcher, after channels.Cursor, n int) ([]channels.Delivery, channels.Cursor) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	var all []channels.Delivery
	for len(all) < n {
		b, err := f.Fetch(ctx, after)
		if err != nil {
			t.Fatalf("fetching after %s: %v", after, err)
		}
		all = append(all, b.Deliveries...)
		if b.Next != nil {
			after = b.Next
		}
	}
	for _, d := range all {
		checkDelivery(t, d, time.Now().Add(time.Second))
	}
	return all, after
}

func connect(t *testing.T, b FetcherBench) channels.Fetcher {
	t.Helper()
	f := b.Connect()
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func inOrder(t *testing.T, c FetcherCase) {
	b := c.Open(t)
	f := connect(t, b)
	b.Put("first")
	b.Put("second")
	got, after := drain(t, f, nil, 2)
	b.Put("third")
	more, _ := drain(t, f, after, 1)
	got = append(got, more...)
	ks := keys(got)
	if slices.Sort(ks); len(slices.Compact(ks)) != 3 {
		t.Fatalf("got keys %q, want three different ones", keys(got))
	}
	if b.Decoder == nil {
		return
	}
	var texts []string
	for _, d := range got {
		checkDecode(t, b.Decoder, d)
		m, _ := b.Decoder.Decode(d)
		texts = append(texts, m.Text)
	}
	if diff := cmp.Diff([]string{"first", "second", "third"}, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

// afterCrash fetches, loses the answer with the process, and fetches again with what was committed.
func afterCrash(t *testing.T, c FetcherCase) {
	b := c.Open(t)
	f := connect(t, b)
	b.Put("before")
	_, committed := drain(t, f, nil, 1)
	b.Put("one")
	b.Put("two")
	lost, _ := drain(t, f, committed, 2)
	if err := f.Close(); err != nil {
		t.Fatalf("closing: %v", err)
	}
	again, _ := drain(t, connect(t, b), committed, 2)
	if diff := cmp.Diff(keys(lost), keys(again)); diff != "" {
		t.Errorf("keys after the crash (-before +after):\n%s", diff)
	}
}

func cancelled(t *testing.T, c FetcherCase) {
	b := c.Open(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	f := connect(t, b)
	go func() { defer close(done); _, _ = f.Fetch(ctx, nil) }()
	stop()
	select {
	case <-done:
	case <-time.After(c.Patience):
		t.Fatalf("Fetch still runs %v after its context ended", c.Patience)
	}
}

func badAmongGood(t *testing.T, c FetcherCase) {
	b := c.Open(t)
	if b.PutBad == nil {
		t.Skip("this provider hands over nothing unreadable")
	}
	b.Put("before")
	b.PutBad()
	b.Put("after")
	got, _ := drain(t, connect(t, b), nil, 3)
	bad := 0
	for _, d := range got {
		if d.Cause != "" {
			bad++
		}
	}
	if len(got) != 3 || bad != 1 {
		t.Errorf("got %d deliveries, %d of them to park; want 3 and 1", len(got), bad)
	}
}

func afterFault(t *testing.T, c FetcherCase, fault Fault) {
	b := c.Open(t)
	f := connect(t, b)
	b.Put("first")
	b.Fault(fault)
	ctx, stop := context.WithTimeout(t.Context(), c.Patience)
	defer stop()
	batch, err := f.Fetch(ctx, nil)
	if len(batch.Deliveries) != 0 {
		t.Fatalf("got %d deliveries with the fault", len(batch.Deliveries))
	}
	e := checkClass(t, err, b.Secrets, fetchClass(fault))
	if fault == Throttle && e.After <= 0 {
		t.Error("throttled without saying how long")
	}
	b.Put("second")
	if got, _ := drain(t, f, nil, 2); len(got) != 2 {
		t.Errorf("got %q afterwards, want two deliveries", keys(got))
	}
}

func fetchClass(f Fault) channels.Class {
	switch f {
	case Throttle:
		return channels.Throttled
	case Unauthorized:
		return channels.Unauthorized
	}
	return channels.Temporary
}
