package channelstest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/channels"
)

// ListenerCase describes one connector that is a server of its own. Open binds a fresh listener to
// a free port of the loopback and does not serve yet: the suite calls Serve and ends it.
type ListenerCase struct {
	Open func(t *testing.T) ListenerBench
	// Patience is how long anything may take. 0 means 10 s.
	Patience time.Duration
}

// ListenerBench is one listener and a client that hands messages to it over the wire. The functions
// that hand over are called from many goroutines at once, each call on a connection of its own;
// their error is that of a conversation that did not end in an answer.
type ListenerBench struct {
	Listener channels.Listener
	Addr     net.Addr
	Now      func() time.Time    // the listener's clock; nil for the real one
	Later    func(time.Duration) // moves that clock; nil where it cannot be moved

	One      func() (Told, error) // one good message, the same at every call
	Other    func() (Told, error) // another good message
	Two      func() (Told, error) // one message for two inboxes; nil where a message has one
	Oversize func() (Told, error) // longer than the listener's own limit; nil when it has none
	// Cut begins One, hangs up in the middle, and returns when the listener has hung up as well.
	Cut func() error
}

// Told is what the sender of a message was told.
type Told struct {
	Taken bool
	Class channels.Class // when not taken: Temporary to come back, Permanent for good
	Words string         // the answer as it came
}

// Listener asks every question that a listening connector must answer.
func Listener(t *testing.T, c ListenerCase) {
	t.Helper()
	if c.Patience == 0 {
		c.Patience = 10 * time.Second
	}
	t.Run("the same message sixteen times at once has one key", func(t *testing.T) { sixteenHanded(t, c) })
	t.Run("a redelivery days later has the same key", func(t *testing.T) { handedLater(t, c) })
	t.Run("another message has another key", func(t *testing.T) { handedOther(t, c) })
	t.Run("the sender is told after the commit and not before", func(t *testing.T) { toldAfter(t, c) })
	t.Run("an oversize message is refused for good", func(t *testing.T) { handedOversize(t, c) })
	for _, class := range []channels.Class{channels.Temporary, channels.Throttled, channels.Unknown} {
		t.Run("after a "+cmp.Or(string(class), "temporary")+" error it is taken under the same key", func(t *testing.T) { comeBack(t, c, class) })
	}
	t.Run("a permanent error is told as permanent", func(t *testing.T) { forGood(t, c) })
	t.Run("a message that is cut off leaves nothing", func(t *testing.T) { cutOff(t, c) })
	t.Run("two inboxes are one commit", func(t *testing.T) { twoInboxes(t, c) })
	t.Run("Serve returns when its context ends", func(t *testing.T) { served(t, c) })
}

// listening is a listener that serves, and what it handed to accept.
type listening struct {
	ListenerBench
	t    *testing.T
	stop func() error // ends Serve and returns its error

	mu    sync.Mutex
	calls [][]channels.Delivery
	fail  []error // of the next accept calls
}

func listen(t *testing.T, c ListenerCase) *listening {
	t.Helper()
	l := &listening{ListenerBench: c.Open(t), t: t}
	l.serve(c, l.accept)
	return l
}

func (l *listening) serve(c ListenerCase, accept channels.Accept) {
	ctx, cancel := context.WithCancel(l.t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Listener.Serve(ctx, accept) }()
	l.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(c.Patience):
			return errors.New("still serving after the context ended")
		}
	})
	l.t.Cleanup(func() { _ = l.stop() })
}

func (l *listening) accept(_ context.Context, ds ...channels.Delivery) ([]channels.Recorded, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, ds)
	if len(l.fail) > 0 {
		err := l.fail[0]
		l.fail = l.fail[1:]
		return nil, err
	}
	return make([]channels.Recorded, len(ds)), nil
}

// end stops serving, so that nothing can come any more, and wants that many accept calls.
func (l *listening) end(calls int) [][]channels.Delivery {
	l.t.Helper()
	if err := l.stop(); err != nil {
		l.t.Fatalf("serving: %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) != calls {
		l.t.Fatalf("accept was called %d times, want %d", len(l.calls), calls)
	}
	now := time.Now()
	if l.Now != nil {
		now = l.Now()
	}
	for _, call := range l.calls {
		for _, d := range call {
			checkDelivery(l.t, d, now)
		}
	}
	return l.calls
}

// hand wants that a message is taken, or refused with that class.
func (l *listening) hand(hand func() (Told, error), want Told) {
	l.t.Helper()
	got, err := hand()
	if err != nil {
		l.t.Fatalf("handing a message over: %v", err)
	}
	if got.Taken != want.Taken || got.Class != want.Class {
		l.t.Errorf("told %q: taken %v, class %q; want %v, %q", got.Words, got.Taken, got.Class, want.Taken, want.Class)
	}
	checkSecrets(l.t, got.Words, []string{acceptSecret})
}

// acceptSecret is in every error of accept and must not reach the sender.
const acceptSecret = "the-store-told-this"

func refusing(class channels.Class) error {
	return &channels.Error{Op: "recording", Class: class, Err: errors.New(acceptSecret)}
}

func sixteenHanded(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	var wg sync.WaitGroup
	told := make([]Told, 16)
	errs := make([]error, 16)
	for i := range told {
		wg.Go(func() { told[i], errs[i] = l.One() })
	}
	wg.Wait()
	for i := range told {
		if errs[i] != nil || !told[i].Taken {
			t.Errorf("sender %d was told %q, error %v; want it taken", i, told[i].Words, errs[i])
		}
	}
	calls := l.end(16)
	for _, call := range calls {
		if got := keys(call); !slices.Equal(got, keys(calls[0])) || len(got) != 1 {
			t.Errorf("keys %q, want %q", got, keys(calls[0]))
		}
	}
}

// handedLater hands over, days pass, and hands over again: to the same listener, and to one that
// was started since.
func handedLater(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	l.hand(l.One, Told{Taken: true})
	if l.Later != nil {
		l.Later(8 * 24 * time.Hour)
	}
	l.hand(l.One, Told{Taken: true})
	calls := l.end(2)
	fresh := listen(t, c)
	fresh.hand(fresh.One, Told{Taken: true})
	calls = append(calls, fresh.end(1)...)
	for _, call := range calls {
		if got := keys(call); !slices.Equal(got, keys(calls[0])) || len(got) != 1 {
			t.Errorf("keys %q, want %q", got, keys(calls[0]))
		}
	}
}

func handedOther(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	l.hand(l.One, Told{Taken: true})
	l.hand(l.Other, Told{Taken: true})
	if calls := l.end(2); slices.Equal(keys(calls[0]), keys(calls[1])) {
		t.Errorf("two messages have the key %q", keys(calls[0]))
	}
}

// toldAfter holds the commit back for a moment, in which the sender must hear nothing.
func toldAfter(t *testing.T, c ListenerCase) {
	l := &listening{ListenerBench: c.Open(t), t: t}
	entered, commit := make(chan struct{}), make(chan struct{})
	l.serve(c, func(ctx context.Context, ds ...channels.Delivery) ([]channels.Recorded, error) {
		close(entered)
		<-commit
		return l.accept(ctx, ds...)
	})
	var told Told
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		told, err = l.One()
	}()
	select {
	case <-entered:
	case <-done:
	}
	select {
	case <-done:
		t.Error("the sender was told before the commit")
	case <-time.After(50 * time.Millisecond):
	}
	close(commit)
	<-done
	if err != nil || !told.Taken {
		t.Errorf("told %q, error %v; want it taken", told.Words, err)
	}
	l.end(1)
}

func handedOversize(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	if l.Oversize == nil {
		t.Skip("this listener has no limit of its own")
	}
	l.hand(l.Oversize, Told{Class: channels.Permanent})
	l.end(0)
}

func comeBack(t *testing.T, c ListenerCase, class channels.Class) {
	l := listen(t, c)
	l.fail = []error{refusing(class), errors.New(acceptSecret)}
	l.hand(l.One, Told{Class: channels.Temporary})
	l.hand(l.One, Told{Class: channels.Temporary}) // an error that is nobody's type is for now as well
	if l.Later != nil {
		l.Later(time.Hour)
	}
	l.hand(l.One, Told{Taken: true})
	calls := l.end(3)
	if first, taken := keys(calls[0]), keys(calls[2]); !slices.Equal(first, taken) {
		t.Errorf("taken under the keys %q, want those of the first attempt, %q", taken, first)
	}
}

func forGood(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	l.fail = []error{refusing(channels.Permanent)}
	l.hand(l.One, Told{Class: channels.Permanent})
	l.hand(l.Other, Told{Taken: true})
	l.end(2)
}

func cutOff(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	if err := l.Cut(); err != nil {
		t.Fatalf("hanging up in a message: %v", err)
	}
	l.end(0)
}

// twoInboxes fails the first time: then neither inbox has it. The second time both have.
func twoInboxes(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	if l.Two == nil {
		t.Skip("a message has one inbox here")
	}
	l.fail = []error{refusing(channels.Temporary)}
	l.hand(l.Two, Told{Class: channels.Temporary})
	l.hand(l.Two, Told{Taken: true})
	calls := l.end(2)
	for _, call := range calls {
		if len(call) != 2 || call[0].Inbox == call[1].Inbox {
			t.Errorf("a commit of %d deliveries, want two of different inboxes", len(call))
		}
	}
	if !slices.Equal(keys(calls[0]), keys(calls[1])) {
		t.Errorf("keys %q, then %q", keys(calls[0]), keys(calls[1]))
	}
}

// served leaves a client connected that says nothing.
func served(t *testing.T, c ListenerCase) {
	l := listen(t, c)
	l.hand(l.One, Told{Taken: true})
	idle, err := net.Dial(l.Addr.Network(), l.Addr.String())
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer idle.Close()
	_ = idle.SetDeadline(time.Now().Add(c.Patience))
	if err := l.stop(); err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if _, err := io.Copy(io.Discard, idle); isTimeout(err) {
		t.Error("the idle client is still connected")
	}
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}
