package workers

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store"
)

// silentAfter is how long a fetched inbox may go without contact before it is an alarm. Fetchers
// give proof of life at least every ten minutes when all is well and nothing comes; a failing one
// reports at once.
const silentAfter = 12 * time.Minute

// States of an inbox.
const (
	InboxOK         = "ok"
	InboxConnecting = "connecting"
	InboxFailing    = "failing"
)

// Health gathers the state of the inboxes and writes it down every few seconds, so that a busy
// inbox does not cost a write a message.
type Health struct {
	store  *store.Store
	logger *slog.Logger
	alarm  func(store.InboxStatus)

	mu      sync.Mutex
	state   map[string]store.InboxStatus
	watched map[string]bool
	dirty   map[string]bool
}

// NewHealth makes a health book. alarm is called when an inbox starts to fail; it may be nil.
func NewHealth(s *store.Store, logger *slog.Logger, alarm func(store.InboxStatus)) *Health {
	if alarm == nil {
		alarm = func(store.InboxStatus) {}
	}
	return &Health{store: s, logger: logger, alarm: alarm, state: map[string]store.InboxStatus{}, watched: map[string]bool{}, dirty: map[string]bool{}}
}

// Open notes a configured inbox. A watched one is fetched and must show signs of life; the others
// are reached by a door of ours, which is open.
func (h *Health) Open(inbox, channel, address string, watched bool, now time.Time) {
	st := store.InboxStatus{Inbox: inbox, Channel: channel, Address: address, State: InboxOK, Contact: now}
	if watched {
		st.State, st.Contact = InboxConnecting, time.Time{}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state[inbox], h.watched[inbox], h.dirty[inbox] = st, watched, true
}

// Alive notes that the source of an inbox has answered.
func (h *Health) Alive(inbox string, lag time.Duration, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.state[inbox]
	st.Inbox, st.State, st.Contact, st.Lag, st.Err = inbox, InboxOK, now, lag, ""
	h.state[inbox], h.dirty[inbox] = st, true
}

// Heard notes that something came in for an open inbox. It says nothing about whether its source
// can be asked.
func (h *Health) Heard(inbox string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if st, open := h.state[inbox]; open {
		st.Contact = now
		h.state[inbox], h.dirty[inbox] = st, true
	}
}

// Connected notes the first contact ever, and writes it down at once: what the source received
// before is history, and the first message must already be judged by that.
func (h *Health) Connected(ctx context.Context, inbox string, at time.Time) error {
	h.mu.Lock()
	st := h.state[inbox]
	st.Inbox, st.State, st.Contact, st.Err = inbox, InboxOK, at, ""
	h.state[inbox] = st
	h.mu.Unlock()
	if err := h.store.InboxSeen(ctx, []store.InboxStatus{st}, time.Now()); err != nil {
		return fmt.Errorf("noting the first contact: %w", err)
	}
	return nil
}

// Failing notes that it has not. The first failure after a success is an alarm.
func (h *Health) Failing(inbox string, err error) {
	h.mu.Lock()
	st := h.state[inbox]
	first := st.State != InboxFailing
	st.Inbox, st.State, st.Err = inbox, InboxFailing, err.Error()
	h.state[inbox], h.dirty[inbox] = st, true
	h.mu.Unlock()
	if first {
		h.logger.Error("inbox is failing", "inbox", inbox, "error", err)
		h.alarm(st)
	}
}

// Counted notes what a reconciliation counted. A message that the source holds and that could not
// be recorded is an alarm: nobody else would ever miss it.
func (h *Health) Counted(inbox string, c channels.Count, now time.Time) {
	h.mu.Lock()
	st := h.state[inbox]
	st.Inbox, st.Source, st.Recorded, st.Checked = inbox, c.Source, c.Recorded, now
	h.state[inbox], h.dirty[inbox] = st, true
	h.mu.Unlock()
	if c.Source > c.Recorded {
		h.logger.Error("the source holds messages that are not recorded", "inbox", inbox, "source", c.Source, "recorded", c.Recorded)
		h.alarm(st)
	}
}

// Run writes the book down until ctx ends.
func (h *Health) Run(ctx context.Context) {
	h.write(ctx)
	for sleep(ctx, 2*time.Second) {
		h.silence(time.Now())
		h.write(ctx)
	}
	h.write(context.WithoutCancel(ctx))
}

// silence turns an inbox that has said nothing for too long into a failing one.
func (h *Health) silence(now time.Time) {
	h.mu.Lock()
	var silent []string
	for name, st := range h.state {
		if st.State == InboxOK && h.watched[name] && now.Sub(st.Contact) > silentAfter {
			silent = append(silent, name)
		}
	}
	h.mu.Unlock()
	for _, name := range silent {
		h.Failing(name, errSilent)
	}
}

func (h *Health) write(ctx context.Context) {
	if err := h.Flush(ctx); err != nil {
		h.logger.Warn("writing inbox states failed", "error", err)
	}
}

// Flush writes down what has changed.
func (h *Health) Flush(ctx context.Context) error {
	h.mu.Lock()
	var changed []store.InboxStatus
	for _, name := range slices.Sorted(maps.Keys(h.dirty)) {
		changed = append(changed, h.state[name])
	}
	clear(h.dirty)
	h.mu.Unlock()
	if len(changed) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := h.store.InboxSeen(ctx, changed, time.Now())
	if err != nil {
		h.mu.Lock()
		for _, st := range changed {
			h.dirty[st.Inbox] = true
		}
		h.mu.Unlock()
	}
	return err
}
