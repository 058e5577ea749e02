package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/store"
	"frontdesk/workers/store/service"
)

// silentAfter is how long a fetched inbox may go without contact before it is an alarm. Fetchers
// give proof of life at least every ten minutes when all is well and nothing comes; a failing one
// reports at once.
const silentAfter = 12 * time.Minute

// errSilent is the failure of a source that neither answers nor fails.
var errSilent = fmt.Errorf("no contact for %s", silentAfter)

// States of an inbox.
const (
	InboxOK         = "ok"
	InboxConnecting = "connecting"
	InboxFailing    = "failing"
)

// Health gathers the state of the inboxes and writes it down every few seconds, so that a busy inbox does not cost a
// write a message. It is safe for concurrent use; the workers call it at each sign of life, and it asks nobody then.
// Of what was not written down a crash loses some seconds.
type Health struct {
	store  *store.Store
	logger *slog.Logger
	alarm  func(service.InboxStatus)

	mu     sync.Mutex
	state  map[string]service.InboxStatus
	pulses map[string]map[string]*pulse // by inbox and stream
	dirty  map[string]bool

	refused map[string]string    // inbox → why its provider refuses us; "" while it does not
	unsaid  map[string]bool      // what of it is not written down
	taken   map[string]time.Time // when it was last written down that it does not
}

// pulse is one stream of an inbox: a folder, a list. The inbox is well when all of them are.
type pulse struct {
	held bool      // fetched by this process, so it must show signs of life
	seen time.Time // last sign of life, or when it was taken on
	err  string    // why it fails; empty when it does not
}

// NewHealth makes a health book. alarm is called when an inbox starts to fail; it may be nil.
func NewHealth(s *store.Store, logger *slog.Logger, alarm func(service.InboxStatus)) *Health {
	if alarm == nil {
		alarm = func(service.InboxStatus) {}
	}
	return &Health{store: s, logger: logger, alarm: alarm, state: map[string]service.InboxStatus{}, pulses: map[string]map[string]*pulse{}, dirty: map[string]bool{},
		refused: map[string]string{}, unsaid: map[string]bool{}, taken: map[string]time.Time{}}
}

// Open notes a configured inbox. A watched one is fetched and must show signs of life; the others
// are reached by a door of ours, which is open.
func (h *Health) Open(inbox, channel, address string, watched bool, now time.Time) {
	// To the second: sources tell their times no finer, and what came in this second is no history.
	st := service.InboxStatus{Inbox: inbox, Channel: channel, Address: address, State: InboxOK, Contact: now.Truncate(time.Second)}
	if watched {
		st.State, st.Contact = InboxConnecting, time.Time{}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state[inbox], h.dirty[inbox] = st, true
}

// Hold notes that this process fetches a stream from now on: silence of it is an alarm.
func (h *Health) Hold(inbox, stream string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.pulse(inbox, stream)
	p.held, p.seen = true, now
}

// Leave notes that it does not any more, and knows nothing of the stream.
func (h *Health) Leave(inbox, stream string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.pulses[inbox], stream)
}

// pulse is a stream's, made when it is first heard of. The lock is held.
func (h *Health) pulse(inbox, stream string) *pulse {
	if h.pulses[inbox] == nil {
		h.pulses[inbox] = map[string]*pulse{}
	}
	if h.pulses[inbox][stream] == nil {
		h.pulses[inbox][stream] = &pulse{}
	}
	return h.pulses[inbox][stream]
}

// judge is the state of an inbox by its streams: one that fails is not made good by another.
func (h *Health) judge(inbox string) service.InboxStatus {
	st := h.state[inbox]
	st.Inbox, st.State, st.Err = inbox, InboxOK, ""
	for _, name := range slices.Sorted(maps.Keys(h.pulses[inbox])) {
		if p := h.pulses[inbox][name]; p.err != "" && st.Err == "" {
			st.State, st.Err = InboxFailing, p.err
		}
	}
	return st
}

// recovered logs the end of a failure, whose beginning was logged.
func (h *Health) recovered(inbox, before, after string) {
	if before == InboxFailing && after == InboxOK {
		h.sayWell(inbox)
	}
}

// sayWell logs that an inbox works again, in and out.
func (h *Health) sayWell(inbox string) {
	h.mu.Lock()
	well := h.state[inbox].State != InboxFailing && h.refused[inbox] == ""
	h.mu.Unlock()
	if well {
		h.logger.Info("inbox has recovered", "inbox", inbox)
	}
}

// Alive notes that a source has answered.
func (h *Health) Alive(inbox, stream string, lag time.Duration, now time.Time) {
	before, after := h.answered(inbox, stream, lag, now)
	h.recovered(inbox, before, after)
}

func (h *Health) answered(inbox, stream string, lag time.Duration, now time.Time) (before, after string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before = h.state[inbox].State
	p := h.pulse(inbox, stream)
	p.seen, p.err = now, ""
	st := h.judge(inbox)
	st.Contact, st.Lag = now, lag
	h.state[inbox], h.dirty[inbox] = st, true
	return before, st.State
}

// Waits notes that we do not ask a source because we have enough to do: its silence says nothing.
func (h *Health) Waits(inbox, stream string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pulse(inbox, stream).seen = now
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
func (h *Health) Connected(ctx context.Context, inbox, stream string, at time.Time) error {
	h.mu.Lock()
	before := h.state[inbox].State
	h.pulse(inbox, stream).err = ""
	st := h.judge(inbox)
	st.Contact = at
	h.state[inbox] = st
	h.mu.Unlock()
	h.recovered(inbox, before, st.State)
	if err := h.store.Service.InboxSeen(ctx, []service.InboxStatus{st}, time.Now()); err != nil {
		return fmt.Errorf("noting the first contact: %w", err)
	}
	return nil
}

// Failing notes that it has not. The first failure after a success is an alarm.
func (h *Health) Failing(inbox, stream string, err error) {
	if h == nil {
		return
	}
	h.mu.Lock()
	first := h.state[inbox].State != InboxFailing
	h.pulse(inbox, stream).err = err.Error()
	st := h.judge(inbox)
	h.state[inbox], h.dirty[inbox] = st, true
	h.mu.Unlock()
	if first {
		h.logger.Error("inbox is failing", "inbox", inbox, "error", err)
		h.alarm(st)
	}
}

// Refused notes that the provider of an inbox refuses us: our token, our account, our sender. The message and its recipient
// are not at fault. The first time after a success is an alarm.
func (h *Health) Refused(inbox string, err error) {
	if h == nil {
		return
	}
	h.mu.Lock()
	first := h.refused[inbox] == ""
	h.refused[inbox], h.unsaid[inbox] = err.Error(), true
	st := h.state[inbox]
	st.Inbox = inbox
	h.mu.Unlock()
	if first {
		h.logger.Error("inbox is failing", "inbox", inbox, "error", err)
		h.alarm(st)
	}
}

// takenAgain is how often a process writes down that sends are taken, for another one that heard a refusal, or died after it.
const takenAgain = 30 * time.Second

// Taken notes that a provider has taken what we sent, or given what we asked for: if it refused us before, it does not any
// more.
func (h *Health) Taken(inbox string, now time.Time) {
	if h == nil {
		return
	}
	if h.takes(inbox, now) {
		h.sayWell(inbox)
	}
}

// takes reports whether the provider had refused us.
func (h *Health) takes(inbox string, now time.Time) (again bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	again = h.refused[inbox] != ""
	if again || now.Sub(h.taken[inbox]) >= takenAgain {
		h.refused[inbox], h.unsaid[inbox], h.taken[inbox] = "", true, now
	}
	return again
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

// Run writes the book down until ctx ends, and looks whether the clock was set back.
func (h *Health) Run(ctx context.Context) {
	h.write(ctx)
	last, owed := time.Now(), time.Duration(0)
	for Sleep(ctx, 2*time.Second) {
		now := time.Now()
		owed += setBack(last, now)
		if owed > 0 && h.Mend(ctx, owed, now) == nil {
			owed = 0
		}
		last = now
		h.silence(now)
		h.write(ctx)
	}
	h.write(context.WithoutCancel(ctx))
}

// noStep is how far the clock may fall behind the time that has passed without having been set back: clocks are slewed.
const noStep = time.Second

// setBack is by how much the clock of the wall was set back between two readings of this process.
func setBack(last, now time.Time) time.Duration {
	return stepped(now.Sub(last), now.Round(0).Sub(last.Round(0))) // with and without the monotonic clock
}

// stepped is what the clock of the wall lacks of the time that has passed.
func stepped(passed, shown time.Duration) time.Duration {
	if step := passed - shown; step > noStep {
		return step
	}
	return 0
}

// Mend takes back first contacts in the future, which a clock wrote that was ahead. back is by how much it was just set back,
// 0 at a start.
func (h *Health) Mend(ctx context.Context, back time.Duration, now time.Time) error {
	within, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	mended, err := h.store.Service.Reconnect(within, back, now)
	if err != nil {
		h.logger.Warn("looking for inboxes that were connected in the future failed", "error", err)
		return err
	}
	for _, inbox := range mended {
		h.logger.Warn("the clock was ahead when the inbox was first connected; it counts as connected now", "inbox", inbox)
	}
	return nil
}

// silence turns a stream that has said nothing for too long into a failing one.
func (h *Health) silence(now time.Time) {
	h.mu.Lock()
	var silent [][2]string
	for inbox, streams := range h.pulses {
		for name, p := range streams {
			if p.held && p.err == "" && now.Sub(p.seen) > silentAfter {
				silent = append(silent, [2]string{inbox, name})
			}
		}
	}
	h.mu.Unlock()
	for _, s := range silent {
		h.Failing(s[0], s[1], errSilent)
	}
}

func (h *Health) write(ctx context.Context) {
	if err := h.Flush(ctx); err != nil {
		h.logger.Warn("writing inbox states failed", "error", err)
	}
}

// Flush writes down what has changed.
func (h *Health) Flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return errors.Join(h.flushStates(ctx), h.flushRefusals(ctx))
}

// flushStates writes the states that have changed. What could not be written goes with the next flush, as it is then.
func (h *Health) flushStates(ctx context.Context) error {
	h.mu.Lock()
	var changed []service.InboxStatus
	for _, name := range slices.Sorted(maps.Keys(h.dirty)) {
		changed = append(changed, h.state[name])
	}
	clear(h.dirty)
	h.mu.Unlock()
	if len(changed) == 0 {
		return nil
	}
	err := h.store.Service.InboxSeen(ctx, changed, time.Now())
	if err != nil {
		h.mu.Lock()
		for _, st := range changed {
			h.dirty[st.Inbox] = true
		}
		h.mu.Unlock()
	}
	return err
}

// flushRefusals does the same for what providers refuse. It is a write of its own, since the sender of an inbox may
// be another process than its fetcher.
func (h *Health) flushRefusals(ctx context.Context) error {
	h.mu.Lock()
	said := map[string]string{}
	for inbox := range h.unsaid {
		said[inbox] = h.refused[inbox]
	}
	clear(h.unsaid)
	h.mu.Unlock()
	if len(said) == 0 {
		return nil
	}
	err := h.store.Service.InboxSending(ctx, said)
	if err != nil {
		h.mu.Lock()
		for inbox := range said {
			h.unsaid[inbox] = true
		}
		h.mu.Unlock()
	}
	return err
}
