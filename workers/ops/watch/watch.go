// Package watch reads what all who look at the operator's pages see at once: the figures, the overview, and the way of the latest messages.
package watch

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/search"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/fates"
	"frontdesk/workers/store/view"
)

const (
	// FreshFor is how long figures are shown again: however many people look, the store is asked
	// once a second.
	FreshFor = time.Second
	// todayFresh is how long what came today is shown again.
	todayFresh = 5 * time.Second
	// gatherWithin bounds one look at the store.
	gatherWithin = 3 * time.Second
	// redisWithin is how soon Redis must give a sign of life.
	redisWithin = 500 * time.Millisecond
	// latest is how many rows each part of the overview shows.
	latest = 12
)

// Overview is what the page at / and /api/overview show. It is of the whole installation, but Events, which know more
// of what this process has decided.
type Overview struct {
	At        base.Stamp  `json:"at"`
	Desk      string      `json:"desk"`
	Counts    view.Counts `json:"counts"`
	Undecided int64       `json:"undecided"`
	// UndecidedSeconds is the age of the oldest undecided message; Failing counts inboxes, Sent acknowledgements and
	// all else that was handed over.
	UndecidedSeconds int64                 `json:"oldest_undecided_seconds"`
	Inboxes          []view.Inbox          `json:"inboxes"`
	Failing          int                   `json:"inboxes_failing"`
	Unusual          []fates.Share         `json:"unusual"` // shares of what is set aside or withheld that have left their usual band
	Sent             int64                 `json:"sent"`
	Today            Today                 `json:"today"`
	UnsentSince      map[string]base.Stamp `json:"unsent_since"` // since when an inbox owes what its provider refuses
	Tickets          []TicketLine          `json:"tickets"`
	Longest          []TicketLine          `json:"waits_longest"` // the open ticket that waits longest, if there is one
	Acknowledgements []Acknowledgement     `json:"acknowledgements"`
	Events           []Event               `json:"events"`
	Queues           []QueueLine           `json:"queues"`
	QueuesAway       bool                  `json:"queues_away"` // Redis does not answer, or takes no tasks
}

// Today is what came since midnight in the desk's zone.
type Today struct {
	Since    base.Stamp       `json:"since"`
	Messages int64            `json:"messages"`
	Channels map[string]int64 `json:"channels"`
}

// TicketLine is a ticket with the time by which a person's reply is promised.
// ReplyBy is null where no reply is promised; Late says that it has passed and nothing was said.
type TicketLine struct {
	view.Ticket
	Customer view.Customer `json:"customer"` // who wrote first
	ReplyBy  base.Stamp    `json:"reply_by"`
	Late     bool          `json:"late"`
	Hit      []search.Part `json:"-"` // where what was looked for stands
	HitAt    int64         `json:"-"` // in which message; 0: in none
}

// Acknowledgement is an outbox row with the promise that it keeps.
// Promise is nil where the row has no ticket, as a digest.
type Acknowledgement struct {
	view.OutboxRow
	Promise *view.Promise `json:"promise"`
}

// QueueLine is the state of one task queue.
type QueueLine struct {
	Name           string  `json:"name"`
	Pending        int     `json:"pending"`
	Active         int     `json:"active"`
	Retry          int     `json:"retry"`
	Archived       int     `json:"archived"`
	LatencySeconds float64 `json:"latency_seconds"`
}

// Latency is the age of the oldest waiting task, for people.
func (q QueueLine) Latency() string {
	return time.Duration(q.LatencySeconds * float64(time.Second)).Round(time.Millisecond).String()
}

// kept is a value that is read again when it is no longer fresh. That it could not be read is kept as long: a store
// that is away does not make each part of a page wait for it. One goroutine reads at a time; it is not cut off when
// who asked has gone, because others wait for it.
type kept[T any] struct {
	fresh   time.Duration // 0: FreshFor
	read    func(ctx context.Context, now time.Time) (T, error)
	reading singleflight.Group

	mu      sync.Mutex // never held while it is read
	at      time.Time
	value   T
	err     error
	dropped int // how often a new look was asked for
}

// get returns the value. Who comes while it is being read waits for it, as long as his own context allows.
func (k *kept[T]) get(ctx context.Context) (T, error) {
	if value, err, fresh := k.last(); fresh {
		return value, err
	}
	done := k.reading.DoChan("", func() (any, error) {
		if _, _, fresh := k.last(); !fresh { // it may just have been read
			k.renew(context.WithoutCancel(ctx))
		}
		return nil, nil
	})
	select {
	case <-done:
		value, err, _ := k.last()
		return value, err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

func (k *kept[T]) last() (value T, err error, fresh bool) { // the error is part of what is kept
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.value, k.err, time.Since(k.at) < cmp.Or(k.fresh, FreshFor)
}

// renew reads within gatherWithin. Who drops the value meanwhile makes it stale at once.
func (k *kept[T]) renew(ctx context.Context) {
	k.mu.Lock()
	before := k.dropped
	k.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, gatherWithin)
	defer cancel()
	value, err := k.read(ctx, time.Now())
	k.mu.Lock()
	defer k.mu.Unlock()
	k.value, k.err, k.at = value, err, time.Now()
	if k.dropped != before { // what was read may be older than what it was dropped for
		k.at = time.Time{}
	}
}

// drop makes the next look a new one.
func (k *kept[T]) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = time.Time{}
	k.dropped++
}

// Config is what a Watch looks at.
type Config struct {
	Store    *store.Store
	Engine   *engine.Engine
	Onlooker *Onlooker
	Desk     string                    // name of the desk
	Zone     *time.Location            // whose midnight begins a day
	Waits    func(view.OutboxRow) bool // whether a row waits for a person
}

// Watch looks at the store and the engine for all who watch. It is safe for concurrent use, and asks nobody while
// nobody looks.
type Watch struct {
	Config
	figures kept[view.Counts]
	whole   kept[*Overview]
	came    kept[Today] // counts a day's rows, so seldom
}

// New makes a watch that has read nothing yet.
func New(c Config) *Watch {
	w := &Watch{Config: c}
	w.figures.read = w.Store.View.Counts
	w.whole.read = w.gather
	w.came.read, w.came.fresh = w.today, todayFresh
	return w
}

// Counts are the figures, at most FreshFor old.
func (w *Watch) Counts(ctx context.Context) (view.Counts, error) { return w.figures.get(ctx) }

// Overview is everything, at most FreshFor old. Nobody may change it: it is shown to others, too.
func (w *Watch) Overview(ctx context.Context) (*Overview, error) { return w.whole.get(ctx) }

// Drop forgets the figures after a person has changed something, so that the page he is sent to shows it. A look that
// is under way does not count as fresh.
func (w *Watch) Drop() {
	w.figures.drop()
	w.whole.drop()
}

// gather reads everything. Redis may be away: the rest is still shown. It is about a dozen short reads, each along an
// index or over counters; they are no snapshot, so figures may differ by what happens between.
func (w *Watch) gather(ctx context.Context, now time.Time) (*Overview, error) {
	counts, err := w.Counts(ctx)
	if err != nil {
		return nil, err
	}
	o := &Overview{At: base.Stamp{Time: now}, Desk: w.Desk, Counts: counts,
		Sent: counts.Effects[string(effects.Sent)] + counts.Effects[string(effects.Delivered)]}
	o.undecided(now)
	if o.Inboxes, err = w.Store.View.Inboxes(ctx); err != nil {
		return nil, err
	}
	for _, i := range o.Inboxes {
		if i.State == workers.InboxFailing {
			o.Failing++
		}
	}
	if o.Failing > 0 {
		if o.UnsentSince, err = w.Store.View.UnsentSince(ctx); err != nil {
			return nil, err
		}
	}
	if o.Today, err = w.came.get(ctx); err != nil {
		return nil, err
	}
	shares, err := w.Store.Fates.Shares(ctx, now)
	if err != nil {
		return nil, err
	}
	o.Unusual = fates.Unusual(shares)
	tickets, err := w.Store.View.OpenTickets(ctx, view.Work{Limit: latest})
	if err != nil {
		return nil, err
	}
	if o.Tickets, err = Lines(ctx, w.Store, tickets, now); err != nil {
		return nil, err
	}
	longest, err := w.Store.View.OpenTickets(ctx, view.Work{Limit: 1, Waiting: true})
	if err != nil {
		return nil, err
	}
	if o.Longest, err = Lines(ctx, w.Store, longest, now); err != nil {
		return nil, err
	}
	if o.Acknowledgements, err = w.acknowledgements(ctx); err != nil {
		return nil, err
	}
	if o.Events, err = w.events(ctx); err != nil {
		return nil, err
	}
	o.Queues, err = w.queues(ctx)
	o.QueuesAway = err != nil
	return o, nil
}

// today counts what came since midnight.
func (w *Watch) today(ctx context.Context, now time.Time) (Today, error) {
	year, month, day := now.In(w.Zone).Date()
	t := Today{Since: base.Stamp{Time: time.Date(year, month, day, 0, 0, 0, 0, w.Zone)}}
	var err error
	t.Channels, err = w.Store.View.Came(ctx, t.Since.Time)
	for _, n := range t.Channels {
		t.Messages += n
	}
	return t, err
}

func (o *Overview) undecided(now time.Time) {
	var oldest time.Time
	for _, u := range o.Counts.Undecided {
		o.Undecided += u.Count
		if oldest.IsZero() || u.Oldest.Before(oldest) {
			oldest = u.Oldest.Time
		}
	}
	if !oldest.IsZero() {
		o.UndecidedSeconds = max(0, int64(now.Sub(oldest)/time.Second))
	}
}

// Lines joins tickets to their customers and to their promised replies: two queries for all of them.
func Lines(ctx context.Context, s *store.Store, tickets []view.Ticket, now time.Time) ([]TicketLine, error) {
	out := make([]TicketLine, len(tickets))
	if len(tickets) == 0 {
		return out, nil
	}
	ids := make([]int64, len(tickets))
	for i, t := range tickets {
		ids[i] = t.ID
	}
	owed, err := s.View.PromisesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	customers, err := s.View.Customers(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i, t := range tickets {
		out[i] = TicketLine{Ticket: t, Customer: customers[t.ID]}
		for _, p := range owed[t.ID] {
			if p.Kind != promises.Acknowledgement && (out[i].ReplyBy.IsZero() || p.DueAt.Before(out[i].ReplyBy.Time)) && p.Kind != kindResolution {
				out[i].ReplyBy = p.DueAt
				out[i].Late = p.SettledAt.IsZero() && p.DueAt.Before(now) && p.State != string(promises.Void)
			}
		}
	}
	return out, nil
}

// kindResolution is the promise that is no reply: it says when a matter is solved.
const kindResolution = "resolution"

// acknowledgements picks the latest ones out of the latest effects; where many notices or marks stand between, there
// are fewer than a dozen.
func (w *Watch) acknowledgements(ctx context.Context) ([]Acknowledgement, error) {
	rows, err := w.Store.View.Outbox(ctx, view.Page{Limit: 8 * latest})
	if err != nil {
		return nil, err
	}
	out := []Acknowledgement{}
	var tickets []int64
	for _, r := range rows {
		if len(out) < latest && (r.Kind == effects.KindAcknowledgement || r.Kind == effects.KindDigest) {
			out = append(out, Acknowledgement{OutboxRow: r})
			if r.Ticket > 0 {
				tickets = append(tickets, r.Ticket)
			}
		}
	}
	if len(tickets) == 0 {
		return out, nil
	}
	owed, err := w.Store.View.PromisesOf(ctx, tickets)
	if err != nil {
		return nil, err
	}
	for i := range out {
		of := owed[out[i].Ticket]
		if k := slices.IndexFunc(of, func(p view.Promise) bool { return p.Kind == promises.Acknowledgement }); k >= 0 {
			out[i].Promise = &of[k]
		}
	}
	return out, nil
}

// events tells the latest messages' ways: as this process saw them, or else as the store has them,
// for what another process has decided or an earlier life of this one.
func (w *Watch) events(ctx context.Context) ([]Event, error) {
	rows, err := w.Store.View.Messages(ctx, view.Page{Limit: latest})
	if err != nil {
		return nil, err
	}
	seen := map[int64]Event{}
	for _, e := range w.Onlooker.Last(onlookerEvents) {
		if _, newer := seen[e.Message]; !newer {
			seen[e.Message] = e
		}
	}
	out := make([]Event, 0, len(rows))
	for _, m := range rows {
		e, ok := seen[m.ID]
		if !ok || e.State != m.State {
			e = Event{At: m.RecordedAt.Time, Message: m.ID, Inbox: m.Inbox, Channel: m.Channel, State: m.State, Ticket: m.Ticket,
				Cause: m.Cause, Category: m.Category, Language: m.Lang}
		}
		out = append(out, e)
	}
	return out, w.became(ctx, out)
}

// became tells what became of the acknowledgements of the messages. What was meant when they were decided is no news.
func (w *Watch) became(ctx context.Context, events []Event) error {
	var ids, tickets []int64
	for _, e := range events {
		ids = append(ids, e.Message)
		if e.State == string(messages.Ticketed) && e.Ticket > 0 {
			tickets = append(tickets, e.Ticket)
		}
	}
	rows, err := w.Store.View.Acknowledgements(ctx, ids)
	if err != nil {
		return err
	}
	owed, err := w.Store.View.PromisesOf(ctx, tickets)
	if err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		withheld := false
		for _, o := range rows[e.Message] {
			state := o.State
			if w.Waits(o) {
				state = "held"
			}
			withheld = withheld || o.State == string(effects.Withheld)
			e.Became = append(e.Became, Became{Channel: o.Channel, State: state, Cause: o.Cause, Error: o.LastError})
		}
		for _, p := range owed[e.Ticket] {
			if e.State == string(messages.Ticketed) && p.Kind == promises.Acknowledgement && p.State == string(promises.Void) && !withheld {
				e.Void = p.Cause
			}
		}
	}
	return nil
}

// queues asks Redis first whether it takes tasks, then for the depths.
func (w *Watch) queues(ctx context.Context) ([]QueueLine, error) {
	// Looking at the queues knows no deadline, and a Redis that takes no tasks answers: it is asked to take one first.
	alive, cancel := context.WithTimeout(ctx, redisWithin)
	defer cancel()
	if err := w.Engine.Ready(alive); err != nil {
		return []QueueLine{}, err
	}
	depths, err := w.Engine.Depths(ctx)
	if err != nil {
		return []QueueLine{}, err
	}
	out := make([]QueueLine, 0, len(depths))
	for _, q := range depths {
		out = append(out, QueueLine{Name: q.Queue, Pending: q.Pending, Active: q.Active, Retry: q.Retry, Archived: q.Archived, LatencySeconds: q.Latency.Seconds()})
	}
	slices.SortFunc(out, func(a, b QueueLine) int { return cmp.Compare(order(a.Name), order(b.Name)) })
	return out, nil
}

// order keeps the queues in the order of their weight.
func order(queue string) int {
	return slices.Index([]string{engine.QueueLive, engine.QueueEffects, engine.QueueBulk}, queue)
}
