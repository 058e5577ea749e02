package workers

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

// Bounds and beats of the sweep.
const (
	sweepEvery   = time.Second
	sweepRows    = 1000
	messageAgain = 60 * time.Second // an undecided message is rung for again after that
	effectAgain  = 60 * time.Second
	tidyEvery    = time.Minute
	expireEvery  = time.Hour
	collectEvery = 24 * time.Hour
	queueWithin  = 2 * time.Second // Redis has so long to say whether it takes tasks
)

// Sweep makes the database's word come true: it rings for whatever is recorded but undecided, or
// due but undone, raises promise warnings and lets originals expire. Any number of processes may
// sweep; each row is woken by one of them.
type Sweep struct {
	// Every is the pause between two sweeps; one second if 0. Set it before Run.
	Every time.Duration
	// Checks asks what became of sends; nil for nobody. Set it before Run.
	Checks *Checks

	store     *store.Store
	bell      *Bell
	engine    *engine.Engine
	notices   []NoticeTo
	meter     *Meter
	logger    *slog.Logger
	started   time.Time
	roused    bool // everything open has been made due
	deaf      bool // Redis takes no tasks
	tidied    time.Time
	expired   time.Time
	collected time.Time
	shut      int64           // where the last look for originals that are back ended
	told      string          // the day on which what is held was told last
	asked     time.Time       // when it was last looked whether anything is held
	warned    map[string]bool // shares that have been told on the day of warnedOn
	warnedOn  string
	late      chan struct{}
	turn      chan struct{} // full while one sweeps: a command may ring for a sweep beside the beats
	refill    atomic.Int64  // time.Duration until the next look for room; 0 while nothing waits for any
}

// NoticeTo is a webhook of the operator's and the events it wants.
type NoticeTo struct {
	Name   string
	Events []string // promise.warning, promise.breach, inbox.failing, acknowledgements.held, share.unusual
}

// NewSweep joins a sweep to its store.
func NewSweep(s *store.Store, bell *Bell, e *engine.Engine, notices []NoticeTo, meter *Meter, logger *slog.Logger) *Sweep {
	return &Sweep{store: s, bell: bell, engine: e, notices: notices, meter: meter, logger: logger, late: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
}

// Run sweeps until ctx ends. At start everything open is due.
func (s *Sweep) Run(ctx context.Context) {
	defer s.Checks.wait()
	for {
		s.beat(ctx, time.Now())
		if !s.until(ctx, time.Now().Add(cmp.Or(s.Every, sweepEvery))) {
			return
		}
	}
}

// Pauses between two looks for room in the windows of crowded inboxes. A look counts what is under way,
// so it waits until there is something to be gained: a window lasts ten times as long as the pause that
// is usual under load.
const (
	refillSoonest = 20 * time.Millisecond
	refillUsual   = 80 * time.Millisecond  // at the most, while a look finds little room
	refillLatest  = 200 * time.Millisecond // while it finds none
	refillWorth   = 128                    // messages that make a look worth while
)

// refillPause is the pause after a look that rang for n messages, 0 when no more wait.
func refillPause(pause time.Duration, n int, more bool) time.Duration {
	switch {
	case !more:
		return 0
	case n == 0:
		return min(max(2*pause, refillSoonest), refillLatest)
	case n < refillWorth:
		return min(max(2*pause, refillSoonest), refillUsual)
	}
	return max(pause/2, refillSoonest)
}

// until waits for the next beat, and refills the windows of crowded inboxes meanwhile.
func (s *Sweep) until(ctx context.Context, next time.Time) bool {
	from := time.Now() // of the pause
	for {
		at := next
		if pause := s.refill.Load(); pause > 0 && from.Add(time.Duration(pause)).Before(next) {
			at = from.Add(time.Duration(pause))
		}
		timer := time.NewTimer(time.Until(at))
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-s.late:
			timer.Stop()
			s.refill.CompareAndSwap(0, int64(refillSoonest))
			continue
		case <-timer.C:
		}
		if at.Equal(next) {
			return true
		}
		s.look(ctx)
		from = time.Now()
	}
}

// enter waits for the turn to sweep. It reports false when ctx ends first.
func (s *Sweep) enter(ctx context.Context) bool {
	select {
	case s.turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Sweep) leave() { <-s.turn }

// look rings for what the windows have room for by now.
func (s *Sweep) look(ctx context.Context) {
	if !s.enter(ctx) {
		return
	}
	defer s.leave()
	if err := s.messages(ctx, time.Now()); err != nil && ctx.Err() == nil {
		s.logger.Error("sweep step failed", "step", "waking messages", "error", err)
		s.refill.Store(0)
	}
}

// Late tells the sweep that messages were recorded for which nobody was rung. It never blocks.
func (s *Sweep) Late() {
	select {
	case s.late <- struct{}{}:
	default:
	}
}

// begin makes everything open due.
func (s *Sweep) begin(ctx context.Context, now time.Time) error {
	if s.started.IsZero() {
		s.started = now
	}
	err := s.store.Rouse(ctx, now)
	s.roused = err == nil
	return err
}

// beat is one sweep. Until everything open has been made due, because the database was away at the
// start, each begins anew.
func (s *Sweep) beat(ctx context.Context, now time.Time) {
	if !s.roused {
		if err := s.begin(ctx, now); err != nil && ctx.Err() == nil {
			s.logger.Error("waking everything open failed; trying again", "error", err)
		}
	}
	s.once(ctx, now)
	if err := s.Checks.begin(ctx, now); err != nil && ctx.Err() == nil {
		s.logger.Error("sweep step failed", "step", "asking about sends", "error", err)
	}
}

// Wake sweeps at once; the control socket rings it after a command has written.
func (s *Sweep) Wake(ctx context.Context) { s.once(ctx, time.Now()) }

func (s *Sweep) once(ctx context.Context, now time.Time) {
	if !s.enter(ctx) {
		return
	}
	defer s.leave()
	for _, step := range []struct {
		name string
		do   func(context.Context, time.Time) error
	}{
		{"asking the queue", s.queue}, {"waking messages", s.messages}, {"waking effects", s.effects}, {"watching promises", s.promises}, {"telling what is held", s.held}, {"tidying", s.tidy},
	} {
		if err := step.do(ctx, now); err != nil && ctx.Err() == nil {
			s.logger.Error("sweep step failed", "step", step.name, "error", err)
		}
	}
}

// queue asks whether Redis takes tasks. While it takes none nobody is rung for, so that what is open keeps its turn; when it
// takes them again everything open is due at once, as at a start: the rings of meanwhile are lost.
func (s *Sweep) queue(ctx context.Context, now time.Time) error {
	if s.engine == nil {
		return nil
	}
	ask, cancel := context.WithTimeout(ctx, queueWithin)
	defer cancel()
	err := s.engine.Ready(ask)
	switch {
	case ctx.Err() != nil:
	case err != nil && !s.deaf:
		s.deaf = true
		s.logger.Error("Redis takes no tasks; what comes in is recorded, and waits", "error", err)
	case err == nil && s.deaf:
		if err := s.store.Rouse(ctx, now); err != nil {
			return err
		}
		s.deaf = false
		s.logger.Info("Redis takes tasks again")
	}
	return nil
}

// messages rings for undecided messages. One that was rung for before is rung for alone, with its
// count as the attempt: its task is fresh, and a message that kills the process takes no others
// with it. While the process is young such a message may be why the last one died, and the queue may
// have forgotten that: it is worked on with care.
func (s *Sweep) messages(ctx context.Context, now time.Time) error {
	if s.deaf {
		return nil
	}
	woken, more, err := s.store.WakeMessages(ctx, now, now.Add(messageAgain), sweepRows, sweepWindow)
	if err != nil {
		return err
	}
	s.refill.Store(int64(refillPause(time.Duration(s.refill.Load()), len(woken), more)))
	young := now.Sub(s.started) < messageAgain
	groups := map[bool]*byInbox{false: {}, true: {}}
	for _, w := range woken {
		if w.Wakes > 1 {
			s.bell.Ring(engine.Task{Kind: engine.Process, IDs: []int64{w.ID}, Inbox: w.Inbox, Bulk: w.Bulk, Attempt: w.Wakes, Again: young})
			continue
		}
		groups[w.Bulk].add(w.Inbox, w.ID)
	}
	for _, bulk := range []bool{false, true} {
		groups[bulk].ringParts(s.bell, engine.Task{Kind: engine.Process, Bulk: bulk, Attempt: int(now.UnixMicro())}, turnIDs)
	}
	return nil
}

func (s *Sweep) effects(ctx context.Context, now time.Time) error {
	if s.deaf {
		return nil
	}
	rows, err := s.store.WakeEffects(ctx, now, now.Add(effectAgain), sweepRows)
	if err != nil {
		return err
	}
	var due byInbox
	for _, row := range rows {
		due.add(outlet(row.Inbox, row.Channel), row.ID)
	}
	due.ringParts(s.bell, engine.Task{Kind: engine.Deliver, Attempt: int(now.UnixMicro())}, deliverAtOnce)
	return nil
}

// promises warns before a promise passes, and says when one has.
func (s *Sweep) promises(ctx context.Context, now time.Time) error {
	events, err := s.store.WakePromises(ctx, now, sweepRows, s.notice)
	if err != nil {
		return err
	}
	for _, e := range events {
		s.meter.promise(e.Kind, string(e.Event))
		s.logger.Warn("promise "+string(e.Event), "ticket", e.Ticket, "kind", e.Kind, "due", e.Due.UTC().Format(time.RFC3339))
	}
	return nil
}

// notice makes the outbox rows of an event; they are written in the commit of the event.
func (s *Sweep) notice(e domain.Moved) []pipeline.EffectPlan {
	name := "promise.warning"
	if e.Event == domain.PromiseBroken {
		name = "promise.breach"
	}
	event, err := json.Marshal(map[string]any{"event": name, "ticket": thread.TicketNumber(e.Ticket), "kind": e.Kind,
		"due_at": e.Due.UTC().Format(time.RFC3339)})
	if err != nil {
		return nil
	}
	return Notices(s.notices, name, fmt.Sprintf("%s:%d:%s:%d", name, e.Ticket, e.Kind, e.At.Unix()), event, e.At)
}

// Notices makes one outbox row for each webhook that wants the event.
func Notices(to []NoticeTo, name, key string, event json.RawMessage, at time.Time) []pipeline.EffectPlan {
	var out []pipeline.EffectPlan
	for _, n := range to {
		for _, wanted := range n.Events {
			if wanted != name {
				continue
			}
			payload, err := json.Marshal(Notice{To: n.Name, Event: event})
			if err == nil {
				out = append(out, pipeline.EffectPlan{Kind: pipeline.KindNotice, Key: "notice:" + n.Name + ":" + key, Channel: "webhook", Payload: payload, Due: at})
			}
		}
	}
	return out
}

// eventHeld is the event of the operator's digest of what is withheld and waits for him.
const eventHeld = "acknowledgements.held"

// held tells the operator once a day, from the first one on, what was withheld that he may let go: how many, for
// which cause, from which inbox and since when.
func (s *Sweep) held(ctx context.Context, now time.Time) error {
	day := now.UTC().Format(time.DateOnly)
	if day == s.told || now.Sub(s.asked) < tidyEvery {
		return nil
	}
	held, err := s.store.Held(ctx, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	s.asked = now
	if len(held) == 0 {
		return nil
	}
	event, err := json.Marshal(map[string]any{"event": eventHeld, "held": held})
	if err != nil {
		return fmt.Errorf("writing a notice: %w", err)
	}
	if err := s.store.Notify(ctx, Notices(s.notices, eventHeld, eventHeld+":"+day, event, now), now); err != nil {
		return err
	}
	s.logger.Warn("acknowledgements are withheld and wait for a person", "kinds", len(held))
	s.told = day
	return nil
}

// eventUnusual is the event of a share of what is set aside or withheld that has left its usual band.
const eventUnusual = "share.unusual"

// unusual tells the operator once a day, for each inbox and cause, that more or fewer messages than usual are set
// aside or go unanswered: a rule may take people for machines.
func (s *Sweep) unusual(ctx context.Context, now time.Time) error {
	all, err := s.store.Shares(ctx, now)
	if err != nil {
		return err
	}
	day := now.UTC().Format(time.DateOnly)
	for _, share := range store.Unusual(all) {
		event, err := json.Marshal(struct {
			Event string `json:"event"`
			store.Share
		}{eventUnusual, share})
		if err != nil {
			return fmt.Errorf("writing a notice: %w", err)
		}
		key := strings.Join([]string{eventUnusual, share.Inbox, share.What, share.Cause, share.Unusual, day}, ":")
		if s.warned == nil || s.warnedOn != day {
			s.warned, s.warnedOn = map[string]bool{}, day
		}
		if !s.warned[key] {
			s.logger.Warn("a share of what is set aside or withheld has left its usual band", "inbox", share.Inbox, "kind", share.What, "code", share.Cause, "state", share.Unusual)
			s.warned[key] = true
		}
		if err := s.store.Notify(ctx, Notices(s.notices, eventUnusual, key, event, now), now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sweep) tidy(ctx context.Context, now time.Time) error {
	if now.Sub(s.expired) > expireEvery {
		gone, err := s.store.Expire(ctx, now, sweepRows)
		if err != nil {
			return err
		}
		if gone == (store.Expired{}) { // else there may be more: the next beat goes on
			s.expired = now
		}
	}
	if now.Sub(s.collected) > collectEvery {
		s.collected = now
		if _, err := s.store.CollectBlobs(ctx, now); err != nil {
			return err
		}
		if _, err := s.store.DropKeys(ctx, now, sweepRows); err != nil {
			return err
		}
	}
	if now.Sub(s.tidied) < tidyEvery || s.engine == nil {
		return nil
	}
	s.tidied = now
	if err := s.returned(ctx, now); err != nil {
		return err
	}
	if err := s.unusual(ctx, now); err != nil {
		return err
	}
	return s.engine.Tidy()
}
