package store

import (
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline"
)

// PromiseState is where a promise stands.
type PromiseState string

// The states of a promise. Due and Warned are open.
const (
	PromiseDue    PromiseState = "due"
	PromiseWarned PromiseState = "warned"
	PromiseKept   PromiseState = "kept"
	PromiseBroken PromiseState = "broken"
	PromiseVoid   PromiseState = "void"
)

// PromiseEvent is one step of a promise that the clock has brought.
type PromiseEvent struct {
	Ticket int64
	Kind   string
	Event  PromiseState // PromiseWarned or PromiseBroken
	Start  time.Time    // when the message that it is owed for was received
	At     time.Time    // the moment that has come: of the warning, or the deadline
	Due    time.Time
}

var stepPromises = insert("promises", `ON CONFLICT (ticket, kind) DO UPDATE SET state = excluded.state, cause = excluded.cause,
next_at = excluded.next_at, settled_at = excluded.settled_at`,
	column{"ticket", number}, column{"kind", text}, column{"state", text}, column{"cause", text}, column{"calendar", text},
	column{"start_at", number}, column{"due_at", number}, column{"warn", text}, column{"next_at", number}, column{"settled_at", number})

// promise is an open promise as it is locked to be changed.
type promiseRow struct {
	PromiseEvent
	state    PromiseState
	cause    string
	calendar string
	warn     string
	next     int64
	settled  int64
}

// leastNotices are ids for the notices of one look at least, so that an event of a few promises may make many.
const leastNotices = 1024

// WakePromises takes the promises whose next warning or deadline has come, at most limit of them,
// and moves them on. Each step is reported once; of several warnings missed, the last one. The
// outbox rows that notices makes of an event, if it is given, go into the same commit; promises
// whose notices are too many for it are left for the next look.
func (s *Store) WakePromises(ctx context.Context, now time.Time, limit int, notices ...func(PromiseEvent) []pipeline.EffectPlan) ([]PromiseEvent, error) {
	most := 0
	if len(notices) > 0 {
		most = max(limit*noticesPerEvent, leastNotices)
	}
	for {
		events, need, err := s.wakePromises(ctx, now, limit, most, notices)
		switch {
		case err != nil:
			return nil, fmt.Errorf("waking promises: %w", err)
		case need <= most:
			return events, nil
		}
		most = need // the first event alone makes so many
	}
}

// wakePromises is one look, with ids for so many notices. Where need is more than that, nothing was done.
func (s *Store) wakePromises(ctx context.Context, now time.Time, limit, most int, notices []func(PromiseEvent) []pipeline.EffectPlan) (events []PromiseEvent, need int, err error) {
	ids, err := s.ids(ctx, map[string]int64{pipeline.SequenceEffect: int64(most)})
	if err != nil {
		return nil, 0, err
	}
	defer ids.Done()
	err = s.write(ctx, func(t tx) error {
		events, need = nil, 0
		due, err := duePromises(ctx, t, now, limit)
		if err != nil {
			return err
		}
		count := tally{}
		steps := make([][]any, 0, len(due))
		var rows []pipeline.EffectPlan
		for i := range due {
			p := &due[i]
			from := p.state
			p.step(now)
			told := noticesOf(p.PromiseEvent, notices)
			if len(rows)+len(told) > most {
				need = len(told)
				break
			}
			rows = append(rows, told...)
			count.move("promise", string(from), string(p.state))
			events = append(events, p.PromiseEvent)
			steps = append(steps, p.row())
		}
		if len(events) == 0 {
			return nil
		}
		need = 0
		if err := t.run(ctx, put(stepPromises, steps), count.call()); err != nil {
			return err
		}
		return s.notify(ctx, t, numbered(rows, ids), now)
	})
	return events, need, err
}

func noticesOf(e PromiseEvent, notices []func(PromiseEvent) []pipeline.EffectPlan) (out []pipeline.EffectPlan) {
	for _, f := range notices {
		out = append(out, f(e)...)
	}
	return out
}

const promiseColumns = `ticket, kind, state, cause, calendar, start_at, due_at, warn, next_at, settled_at`

func duePromises(ctx context.Context, t tx, now time.Time, limit int) (out []promiseRow, err error) {
	err = t.run(ctx, ask(func(row scanner) error {
		p, err := scanPromise(row)
		out = append(out, p)
		return err
	}, `SELECT `+promiseColumns+` FROM promises WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
		micros(now), limit))
	return out, err
}

func scanPromise(row scanner) (p promiseRow, err error) {
	var start, due int64
	err = row.Scan(&p.Ticket, &p.Kind, &p.state, &p.cause, &p.calendar, &start, &due, &p.warn, &p.next, &p.settled)
	p.Start, p.Due = moment(start), moment(due)
	return p, err
}

func (p *promiseRow) row() []any {
	return []any{p.Ticket, p.Kind, string(p.state), p.cause, p.calendar, micros(p.Start), micros(p.Due), p.warn, p.next, p.settled}
}

// step moves an open promise to where it stands now. Warnings that cannot be read are as good as none: the deadline counts,
// and no other promise waits for this one.
func (p *promiseRow) step(now time.Time) {
	if !now.Before(p.Due) {
		p.state, p.next = PromiseBroken, 0
		p.Event, p.At = PromiseBroken, p.Due
		return
	}
	warn, err := unlist[int64](p.warn)
	if err != nil {
		warn = nil
	}
	p.state, p.Event, p.At = PromiseWarned, PromiseWarned, moment(p.next)
	for _, w := range warn {
		if w <= micros(now) {
			p.At = moment(w)
		}
	}
	p.next = nextStep(warn, micros(p.Due), micros(now))
}

// keep settles a promise at that moment. A broken one stays broken, but is settled.
func (p *promiseRow) keep(at time.Time, count tally) bool {
	if p.settled != 0 || p.state == PromiseVoid {
		return false
	}
	from := p.state
	p.settled, p.next = micros(at), 0
	switch {
	case p.state == PromiseBroken:
	case at.After(p.Due):
		p.state = PromiseBroken
	default:
		p.state = PromiseKept
	}
	count.move("promise", string(from), string(p.state))
	return true
}

// void withdraws an open promise for a cause. One that is broken already stays so, with the cause.
func (p *promiseRow) void(cause string, at time.Time, count tally) bool {
	if p.settled != 0 {
		return false
	}
	from := p.state
	if from != PromiseBroken {
		p.state = PromiseVoid
	}
	count.move("promise", string(from), string(p.state))
	p.cause, p.settled, p.next = clean(cause), micros(at), 0
	return true
}
