package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
)

var (
	stepPromises = insert("promises", `ON CONFLICT (ticket, kind) DO UPDATE SET state = excluded.state, cause = excluded.cause,
next_at = excluded.next_at, settled_at = excluded.settled_at`, promiseFields...)
	movePromises = insert("promises", `ON CONFLICT (ticket, kind) DO UPDATE SET calendar = excluded.calendar, start_at = excluded.start_at,
due_at = excluded.due_at, warn = excluded.warn, next_at = excluded.next_at`, promiseFields...)
)

// leastNotices are ids for the notices of one look at least, so that an event of a few promises may make many.
const leastNotices = 1024

// WakePromises takes the promises whose next warning or deadline has come, at most limit of them,
// and moves them on. Each step is reported once; of several warnings missed, the last one. The
// outbox rows that notices makes of an event, if it is given, go into the same commit; promises
// whose notices are too many for it are left for the next look.
func (s *Store) WakePromises(ctx context.Context, now time.Time, limit int, notices ...func(domain.Moved) []pipeline.EffectPlan) ([]domain.Moved, error) {
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
func (s *Store) wakePromises(ctx context.Context, now time.Time, limit, most int, notices []func(domain.Moved) []pipeline.EffectPlan) (events []domain.Moved, need int, err error) {
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
			p, moved := due[i].Wake(now)
			told := noticesOf(moved, notices)
			if len(rows)+len(told) > most {
				need = len(told)
				break
			}
			rows = append(rows, told...)
			count.move("promise", string(due[i].State), string(p.State))
			events = append(events, moved)
			steps = append(steps, promiseRow(p))
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

func noticesOf(e domain.Moved, notices []func(domain.Moved) []pipeline.EffectPlan) (out []pipeline.EffectPlan) {
	for _, f := range notices {
		out = append(out, f(e)...)
	}
	return out
}

const promiseColumns = `ticket, kind, state, cause, calendar, start_at, due_at, warn, next_at, settled_at`

func duePromises(ctx context.Context, t tx, now time.Time, limit int) (out []domain.Promise, err error) {
	err = t.run(ctx, ask(func(row scanner) error {
		p, err := scanPromise(row)
		out = append(out, p)
		return err
	}, `SELECT `+promiseColumns+` FROM promises WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
		micros(now), limit))
	return out, err
}

func scanPromise(row scanner) (p domain.Promise, err error) {
	var start, due, next, settled int64
	var warn string
	err = row.Scan(&p.Ticket, &p.Kind, &p.State, &p.Cause, &p.Calendar, &start, &due, &warn, &next, &settled)
	p.Start, p.Due, p.Warn, p.Next, p.Settled = moment(start), moment(due), moments(warn), moment(next), moment(settled)
	return p, err
}

func promiseRow(p domain.Promise) []any {
	return []any{p.Ticket, clip(p.Kind), string(p.State), clean(p.Cause), clean(p.Calendar), micros(p.Start), micros(p.Due), list(microsOf(p.Warn)), micros(p.Next), micros(p.Settled)}
}

// moments reads the warnings of a promise. What cannot be read is as good as none: the deadline counts, and no other promise
// waits for this one.
func moments(warn string) []time.Time {
	warn, ok := strings.CutPrefix(warn, "[")
	if !ok {
		return nil
	}
	var out []time.Time
	for w := range strings.SplitSeq(strings.TrimSuffix(warn, "]"), ",") {
		us, err := strconv.ParseInt(strings.TrimSpace(w), 10, 64)
		if err != nil {
			return nil
		}
		out = append(out, moment(us))
	}
	return out
}

func microsOf(times []time.Time) []int64 {
	out := make([]int64, len(times))
	for i, t := range times {
		out[i] = micros(t)
	}
	slices.Sort(out)
	return out
}

// promises is what one transaction changes of promises that it has locked.
type promises struct {
	count tally
	rows  [][]any
}

// change notes what a command made of a promise.
func (c *promises) change(before, after domain.Promise, changed bool) {
	if changed {
		c.count.move("promise", string(before.State), string(after.State))
		c.rows = append(c.rows, promiseRow(after))
	}
}

// each locks the promises that the rest of a statement chooses and hands each to the command.
func (c *promises) each(ctx context.Context, t tx, command func(domain.Promise) (domain.Promise, bool), where string, args ...any) error {
	return t.run(ctx, ask(func(row scanner) error {
		p, err := scanPromise(row)
		if err != nil {
			return err
		}
		after, changed := command(p)
		c.change(p, after, changed)
		return nil
	}, `SELECT `+promiseColumns+` FROM promises WHERE `+where+` FOR UPDATE`, args...))
}

// call writes what was changed.
func (c *promises) call() call { return put(stepPromises, c.rows) }

const (
	promisesOfTicket = `ticket = $1 ORDER BY ticket, kind`
	acknowledgements = `kind = '` + domain.Acknowledgement + `' AND ticket = ANY($1) ORDER BY ticket`
)
