// Package sweep does what is due by the clock: it has the workers look for what is recorded but undecided, or due but undone, watches
// promises, and lets originals expire; it audits the books, and makes tickets findable.
package sweep

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/thread"
	"frontdesk/workers"
	"frontdesk/workers/deliver"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/changes"
	"frontdesk/workers/store/desk"
	"frontdesk/workers/store/escalating"
	"frontdesk/workers/store/fates"
	"frontdesk/workers/store/files"
	"frontdesk/workers/store/outbox"
)

// Bounds and beats of the sweep. A second is what a lost task costs at most; a thousand rows bound one transaction;
// an effect that was rung for is left alone for a minute.
const (
	sweepEvery   = time.Second
	sweepRows    = 1000
	effectAgain  = 60 * time.Second
	tidyEvery    = time.Minute
	expireEvery  = time.Hour
	collectEvery = 24 * time.Hour
	queueWithin  = 2 * time.Second // Redis has so long to say whether it takes tasks
)

// Sweep makes the database's word come true: it has the workers look for whatever is recorded but undecided, or due
// but undone, raises promise warnings and lets originals expire. Any number of processes may sweep; each row is woken
// by one of them. A step that fails is logged and comes again a second later; the other steps go on.
type Sweep struct {
	every      time.Duration
	store      *store.Store
	notifier   *workers.Notifier
	process    func(bulk bool)
	checks     *deliver.Checks
	engine     *engine.Engine
	notices    []deliver.NoticeTo
	meter      *workers.Meter
	logger     *slog.Logger
	roused     bool // everything open has been made due
	tidied     time.Time
	expired    time.Time
	collected  time.Time
	forgotten  time.Time         // when what has changed was last looked through
	shut       int64             // where the last look for originals that are back ended
	walk       desk.Walk         // over the work items of tickets
	counting   *outbox.Recount   // nil: promises are counted as they should be
	silent     bool              // nobody wants to know of tickets, and nothing is kept for who would
	resumed    outbox.Resumed    // counts on what stood still
	escalating *escalating.Rules // nil: nothing is escalated
	alerts     *alerting.Rules   // nil: nobody is told outside of the desk
	quiet      bool              // nobody is, and nothing is kept for who would be
	told       string            // the day on which what is held was told last
	asked      time.Time         // when it was last looked whether anything is held
	warned     map[string]bool   // shares that have been told on the day of warnedOn
	warnedOn   string
	turn       chan struct{} // full while one sweeps: a command may ring for a sweep beside the beats
}

// Config is what a sweep works with.
type Config struct {
	Store      *store.Store
	Notifier   *workers.Notifier
	Process    func(bulk bool) // has this process look at what is undecided; nil where nobody decides
	Checks     *deliver.Checks // asks what became of sends; nil asks nobody
	Engine     *engine.Engine  // to be tidied; nil for none
	Notices    []deliver.NoticeTo
	Counting   *outbox.Recount   // how promises are counted; nil: they stay as they were made
	Escalating *escalating.Rules // what is done about what is still owed; nil: nothing
	Alerts     *alerting.Rules   // how people of the desk are told outside of it; nil: nobody is
	Every      time.Duration     // the pause between two sweeps; one second if 0
	Meter      *workers.Meter
	Logger     *slog.Logger
}

// New makes a sweep. It sweeps while Run does.
func New(c Config) *Sweep {
	s := &Sweep{every: cmp.Or(c.Every, sweepEvery), store: c.Store, notifier: c.Notifier, process: c.Process, checks: c.Checks, engine: c.Engine, notices: c.Notices, counting: c.Counting, escalating: c.Escalating, alerts: c.Alerts,
		meter: c.Meter, logger: c.Logger, turn: make(chan struct{}, 1)}
	if c.Counting != nil {
		s.resumed = c.Counting.Resume
	}
	return s
}

// Run sweeps until ctx ends. At start everything open is due.
func (s *Sweep) Run(ctx context.Context) {
	defer s.checks.Wait()
	for {
		s.beat(ctx, time.Now())
		if !workers.Sleep(ctx, s.every) {
			return
		}
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

// begin makes everything open due.
func (s *Sweep) begin(ctx context.Context, now time.Time) error {
	err := s.store.Backlog.Rouse(ctx, now)
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
	if err := s.checks.Begin(ctx, now); err != nil && ctx.Err() == nil {
		s.logger.Error("sweep step failed", "step", "asking about sends", "error", err)
	}
}

// Wake sweeps at once; the control socket rings it after a command has written. It waits for a sweep that is under
// way, and returns after its own.
func (s *Sweep) Wake(ctx context.Context) { s.once(ctx, time.Now()) }

// once does the steps in the order in which they hurry. Each is bounded by its rows or by a time of its own, so that
// promises are looked at every second.
func (s *Sweep) once(ctx context.Context, now time.Time) {
	if !s.enter(ctx) {
		return
	}
	defer s.leave()
	for _, step := range []struct {
		name string
		do   func(context.Context, time.Time) error
	}{
		{"waking messages", s.messages}, {"waking effects", s.effects}, {"having clocks run again", s.resume}, {"watching promises", s.promises}, {"escalating", s.escalate}, {"telling of tickets", s.tell}, {"telling people", s.alert}, {"bringing tickets back", s.snoozed}, {"looking who is there", s.presence}, {"mending the desk", s.desk}, {"counting promises anew", s.recount}, {"telling what is held", s.held}, {"tidying", s.tidy},
	} {
		err := step.do(ctx, now)
		if errors.Is(err, changes.ErrRestored) {
			s.logger.Warn("a sweep step begins anew", "step", step.name, "reason", err)
		} else if err != nil && ctx.Err() == nil {
			s.logger.Error("sweep step failed", "step", step.name, "error", err)
		}
	}
}

// messages has the workers of this process look for what is undecided and due.
func (s *Sweep) messages(context.Context, time.Time) error {
	if s.process != nil {
		s.process(false)
		s.process(true)
	}
	return nil
}

// effects wakes due rows and rings for them by inbox. The moment is part of each task's id, since Asynq would refuse
// one of an id that it still keeps.
func (s *Sweep) effects(ctx context.Context, now time.Time) error {
	rows, err := s.store.Outbox.WakeEffects(ctx, now, now.Add(effectAgain), sweepRows)
	if err != nil {
		return err
	}
	var due workers.ByInbox
	for _, row := range rows {
		due.Add(workers.Outlet(row.Inbox, row.Channel), row.ID)
	}
	due.Notify(s.notifier, engine.Deliver, int(now.UnixMicro()), deliver.AtOnce)
	return nil
}

// queue asks whether Redis takes tasks, which makes the queues known to it again after it has lost its memory.
func (s *Sweep) queue(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queueWithin)
	defer cancel()
	return s.engine.Ready(ctx)
}

// promises warns before a promise passes, and says when one has. The store moves them and writes the notices in one
// commit; the log and the metric come after it, so a crash in between costs a line of the log and no notice.
func (s *Sweep) promises(ctx context.Context, now time.Time) error {
	events, err := s.store.Outbox.WakePromises(ctx, now, sweepRows, s.notice)
	if err != nil {
		return err
	}
	for _, e := range events {
		s.meter.CountPromise(e.Kind, string(e.Event))
		s.logger.Warn("promise "+string(e.Event), //nolint:sloglint // warned or broken, nothing else
			"ticket", e.Ticket, "kind", e.Kind, "due", e.Due.UTC().Format(time.RFC3339))
	}
	return nil
}

// snoozed brings back the tickets that were put away until now.
func (s *Sweep) snoozed(ctx context.Context, now time.Time) error {
	_, err := s.store.Desk.WakeDue(ctx, now, sweepRows)
	return err
}

// presence notes who has fallen silent, and gives back to all what does not stay with its owner.
func (s *Sweep) presence(ctx context.Context, now time.Time) error {
	swept, err := s.store.Agents.Sweep(ctx, now, sweepRows)
	if swept.Returned > 0 {
		s.logger.Info("tickets went back to their queues", "tickets", swept.Returned)
	}
	return err
}

// walkWithin is how long a sweep walks over the desk.
const walkWithin = 100 * time.Millisecond

// desk walks over the work items of tickets, a little with each sweep.
func (s *Sweep) desk(ctx context.Context, now time.Time) error {
	mended := 0
	for begun := time.Now(); time.Since(begun) < walkWithin; {
		n, done, err := s.store.Desk.Step(ctx, &s.walk, now)
		if err != nil {
			return err
		}
		if mended += n; done {
			break
		}
	}
	if mended > 0 {
		s.logger.Info("work items of tickets were made or mended", "tickets", mended)
	}
	return nil
}

// notice makes the outbox rows of an event; they are written in the commit of the event.
func (s *Sweep) notice(e promises.Moved) []effects.Plan {
	name := "promise.warning"
	if e.Event == promises.Broken {
		name = "promise.breach"
	}
	event, err := json.Marshal(map[string]any{"event": name, "ticket": thread.TicketNumber(e.Ticket), "kind": e.Kind,
		"due_at": e.Due.UTC().Format(time.RFC3339)})
	if err != nil {
		return nil
	}
	return deliver.Notices(s.notices, name, fmt.Sprintf("%s:%d:%s:%d", name, e.Ticket, e.Kind, e.At.Unix()), event, e.At)
}

// Bounds of telling webhooks.
const (
	noticesKept = 30 * 24 * time.Hour // so long it can be seen what they were told, and told once more
	tellRounds  = 5                   // with each sweep
)

// tell tells webhooks of what has happened to tickets.
func (s *Sweep) tell(ctx context.Context, now time.Time) error {
	wanted := slices.ContainsFunc(s.notices, func(n deliver.NoticeTo) bool {
		return slices.ContainsFunc(n.Events, func(e string) bool { return strings.HasPrefix(e, "ticket.") })
	})
	if !wanted {
		if s.silent {
			return nil
		}
		s.silent = true // this process is told of nobody who wants to know
		return s.store.Outbox.StopTelling(ctx)
	}
	for range tellRounds {
		again, err := s.store.Outbox.Tell(ctx, func(e outbox.Told) []effects.Plan { return deliver.TicketNotices(s.notices, e) }, now, sweepRows)
		if err != nil || !again {
			return err
		}
	}
	return nil
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
	held, err := s.store.Outbox.Held(ctx, now.Add(-24*time.Hour))
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
	if err := s.store.Outbox.Notify(ctx, deliver.Notices(s.notices, eventHeld, eventHeld+":"+day, event, now), now); err != nil {
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
	all, err := s.store.Fates.Shares(ctx, now)
	if err != nil {
		return err
	}
	day := now.UTC().Format(time.DateOnly)
	for _, share := range fates.Unusual(all) {
		event, err := json.Marshal(struct {
			Event string `json:"event"`
			fates.Share
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
		if err := s.store.Outbox.Notify(ctx, deliver.Notices(s.notices, eventUnusual, key, event, now), now); err != nil {
			return err
		}
	}
	return nil
}

// tidy does the slow steps, each on its own beat: hourly expiry, in portions of sweepRows; daily collection of blobs
// and keys; each minute originals that are back, unusual shares and the queues.
func (s *Sweep) tidy(ctx context.Context, now time.Time) error {
	if now.Sub(s.expired) > expireEvery {
		gone, err := s.store.Files.Expire(ctx, now, sweepRows)
		if err != nil {
			return err
		}
		if gone == (files.Expired{}) { // else there may be more: the next beat goes on
			s.expired = now
		}
	}
	if now.Sub(s.collected) > collectEvery {
		s.collected = now
		if _, err := s.store.Files.CollectBlobs(ctx, now); err != nil {
			return err
		}
		if _, err := s.store.Base.DropKeys(ctx, now, sweepRows); err != nil {
			return err
		}
	}
	if _, err := s.store.Persons.Prove(ctx, now); err != nil {
		return err
	}
	if now.Sub(s.forgotten) >= tidyEvery {
		if _, err := s.store.Checking.Forget(ctx, now, sweepRows); err != nil {
			return err
		}
		if _, err := s.store.Outbox.ForgetNotices(ctx, now.Add(-noticesKept), sweepRows); err != nil {
			return err
		}
		if err := s.store.Alerts.Forget(ctx, now.Add(-noticesKept), sweepRows); err != nil {
			return err
		}
		gone, err := s.store.Changes.Forget(ctx, now.Add(-changes.KeptFor), sweepRows)
		if err != nil {
			return err
		}
		if gone == 0 { // else there may be more: the next beat goes on
			s.forgotten = now
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
	return errors.Join(s.engine.Tidy(), s.queue(ctx))
}
