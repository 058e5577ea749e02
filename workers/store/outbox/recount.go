package outbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Recount is how the promises of open tickets are counted: by calendars and policies of which Print is a digest. Count counts one anew that was
// made before for such a ticket; ok is false where nothing of the kind is promised any more, so that it stays as it is.
type Recount struct {
	Print string
	Group func(message.Identity) string // of whoever has opened a ticket at a proven address; nil: nobody is in one
	Count func(about match.Case, before promises.Promise) (made promises.Promise, ok bool)
	// Resume counts one on whose clock stood still, and runs again from a moment.
	Resume Resumed
}

// Resumed is the From, Used, Due, Half, Warn and Step of a promise whose clock stood still, and runs again from a moment.
type Resumed func(before promises.Promise, at time.Time) promises.Promise

// RecountStep counts the promises of the next open tickets anew, at most so many, if calendars or policies are others than at the last walk over
// all of them. done: the walk is at its end. Where it stands lies in the database, so any number of processes may take steps; two that take one
// at a time do the same twice, which changes nothing.
func (s *Store) RecountStep(ctx context.Context, r Recount, most int, now time.Time) (moved int, done bool, err error) {
	var policy string
	var at, id, ended int64
	if err := s.base.Read(ctx, "looking by what promises were counted", sql.Ask(sql.Into(&policy, &at, &id, &ended), `SELECT policy, opened_at, ticket, ended_at FROM promise_walk WHERE one = 1`)); err != nil {
		return 0, false, err
	}
	switch {
	case policy == "": // the first program that knows of it: all promises are its own, or as those of the program before it
		return 0, true, s.walked(ctx, r.Print, 0, 0, now)
	case policy == r.Print && ended > 0:
		return 0, true, nil
	case policy != r.Print:
		at, id = math.MinInt64, 0
	}
	open, err := s.openTickets(ctx, r.Group, &at, &id, most)
	if err != nil {
		return 0, false, err
	}
	for _, c := range recounted(open, r) {
		err := s.plans.Act(ctx, c, now)
		switch {
		case errors.Is(err, sql.ErrNotFound): // nothing of it changes
		case err != nil:
			return moved, false, fmt.Errorf("counting the promises of a ticket anew: %w", err)
		default:
			moved++
		}
	}
	if done = len(open) < most; done {
		return moved, true, s.walked(ctx, r.Print, at, id, now)
	}
	return moved, false, s.walked(ctx, r.Print, at, id, time.Time{})
}

// walked notes where a walk stands; ended is zero while it goes on.
func (s *Store) walked(ctx context.Context, print string, at, id int64, ended time.Time) error {
	return s.base.Do(ctx, "noting by what promises were counted", sql.Do(`INSERT INTO promise_walk (one, policy, opened_at, ticket, ended_at) VALUES (1, $1, $2, $3, $4)
ON CONFLICT (one) DO UPDATE SET policy = excluded.policy, opened_at = excluded.opened_at, ticket = excluded.ticket, ended_at = excluded.ended_at`, print, at, id, sql.Micros(ended)))
}

// promised is an open ticket with what is promised in it.
type promised struct {
	ticket   int64
	about    match.Case
	promises []promises.Promise
}

// openTickets reads the next open tickets behind a place, which moves on, with the promises that the clock still moves.
func (s *Store) openTickets(ctx context.Context, group func(message.Identity) string, at, id *int64, most int) ([]promised, error) {
	var out []promised
	place := map[int64]int{}
	err := s.base.Read(ctx, "reading open tickets", sql.Ask(func(row sql.Row) error {
		t, err := sql.Read[tables.TicketsRow](row)
		*at, *id = sql.Micros(t.OpenedAt), t.ID
		p := promised{ticket: t.ID, about: match.Case{Inbox: t.Inbox, Queue: t.Queue, Category: t.Category, Priority: t.Priority, Language: t.Language}}
		if len(t.Channels) > 0 {
			p.about.Channel = t.Channels[0]
		}
		if group != nil && !t.Claimed && len(t.Participants) > 0 {
			p.about.Group = group(t.Participants[0])
		}
		place[t.ID] = len(out)
		out = append(out, p)
		return err
	}, `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.status = 'open' AND (t.opened_at, t.id) > ($1, $2) ORDER BY t.opened_at, t.id LIMIT $3`, *at, *id, int64(most)))
	if err != nil || len(out) == 0 {
		return out, err
	}
	read := func(scan func(sql.Row) (promises.Promise, error)) func(sql.Row) error {
		return func(row sql.Row) error {
			p, err := scan(row)
			if at, known := place[p.Ticket]; known {
				out[at].promises = append(out[at].promises, p)
			}
			return err
		}
	}
	ids := sql.KeysOf(place)
	err = s.base.Read(ctx, "reading the promises of open tickets",
		sql.Ask(read(plans.ScanPromise), `SELECT `+plans.PromiseColumns+` FROM promises WHERE ticket = ANY($1) AND (next_at > 0 OR paused_at > 0 AND settled_at = 0)`, ids),
		sql.Ask(read(plans.ScanTurn), `SELECT `+plans.TurnColumns+` FROM turns WHERE ticket = ANY($1) AND next_at > 0`, ids))
	return out, err
}

// recounted are the commands that count the promises of tickets anew, of those where any is counted otherwise.
func recounted(open []promised, r Recount) (out []domain.Command) {
	for _, k := range open {
		c := commands.PromiseAnew{Ticket: k.ticket, Recount: true}
		for _, before := range k.promises {
			if made, ok := r.Count(k.about, before); ok && (!made.Due.Equal(before.Due) || !made.Step.Equal(before.Step)) {
				made.Kind, made.Turn, made.Start = before.Kind, before.Turn, before.Start
				c.Made = append(c.Made, made)
			}
		}
		if len(c.Made) > 0 {
			out = append(out, c)
		}
	}
	return out
}
