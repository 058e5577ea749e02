// Package escalating does what is configured about promises that are still owed: it raises a ticket's priority, moves it to another queue, and tells
// those who direct there.
package escalating

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/promise"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	plans *plans.Store
}

// New makes the room.
func New(b *base.Store, p *plans.Store) *Store { return &Store{base: b, plans: p} }

// Rules say what is done when.
type Rules struct {
	Group func(message.Identity) string // of whoever has opened a ticket at a proven address; nil: nobody is in one
	Steps func(match.Case, promises.Promise) []promise.Step
}

// Escalate does the steps whose moment has come, of at most so many promises along the indexes promises_step and turns_step, and tells of how many
// tickets something was done. A step is done once, in the transaction of its entry, whoever calls it: any number of processes may. Of several
// that have come all are done, in one.
func (s *Store) Escalate(ctx context.Context, r Rules, now time.Time, most int) (n int, err error) {
	due, err := s.due(ctx, now, most)
	if err != nil {
		return 0, err
	}
	for _, p := range due {
		did, err := s.one(ctx, r, p, now)
		if err != nil {
			return n, fmt.Errorf("escalating ticket %d: %w", p.Ticket, err)
		}
		if did {
			n++
		}
	}
	return n, nil
}

// due are the promises whose next step has come.
func (s *Store) due(ctx context.Context, now time.Time, most int) (out []promises.Promise, err error) {
	read := func(scan func(sql.Row) (promises.Promise, error)) func(sql.Row) error {
		return func(row sql.Row) error {
			p, err := scan(row)
			out = append(out, p)
			return err
		}
	}
	err = s.base.Read(ctx, "looking for promises to be escalated",
		sql.Ask(read(plans.ScanPromise), `SELECT `+plans.PromiseColumns+` FROM promises WHERE step_at > 0 AND settled_at = 0 AND paused_at = 0 AND step_at <= $1 ORDER BY step_at LIMIT $2`, sql.Micros(now), int64(most)),
		sql.Ask(read(plans.ScanTurn), `SELECT `+plans.TurnColumns+` FROM turns WHERE step_at > 0 AND settled_at = 0 AND step_at <= $1 ORDER BY step_at LIMIT $2`, sql.Micros(now), int64(most)))
	return out, err
}

// ground is the ticket in which a promise is owed: where it is worked on, and what rules may ask of it.
type ground struct {
	root  int64
	about match.Case
	done  []string // names of steps that were done in it
}

// one does what has come of one promise.
func (s *Store) one(ctx context.Context, r Rules, p promises.Promise, now time.Time) (did bool, err error) {
	g, err := s.ground(ctx, r, p.Ticket)
	if err != nil {
		return false, err
	}
	c := commands.RouteTicket{Ticket: g.root, Actor: entries.Service, Owed: &commands.Owed{Promise: p.Key(), Step: p.Step}}
	leads := false
	var names []string
	for _, step := range r.Steps(g.about, p) {
		switch {
		case step.At.After(now):
			if c.Owed.Next.IsZero() {
				c.Owed.Next = step.At
			}
		case !g.did(p.Ticket, step.Name):
			names = append(names, step.Name)
			c.Priority, c.Queue, leads = higher(c.Priority, step.Priority), cmp.Or(step.Queue, c.Queue), leads || step.Leads
		}
	}
	if len(names) == 0 {
		return false, s.pass(ctx, p, c.Owed.Next)
	}
	if c.Reason = strings.Join(names, ";"); p.Ticket != g.root {
		c.Reason += fmt.Sprintf(" (%d)", p.Ticket)
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return false, err
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		if leads {
			if err := tell(ctx, t, g.root, cmp.Or(c.Queue, g.about.Queue), ids[0], now); err != nil {
				return err
			}
		}
		return s.plans.Carried(ctx, t, []domain.Command{c}, ids, now)
	})
	if errors.Is(err, sql.ErrNotFound) { // another process was first, it is settled meanwhile, or its ticket is closed
		return false, s.pass(ctx, p, time.Time{})
	}
	return err == nil, err
}

// higher is the higher one of two priorities, of which each may be none.
func higher(a, b string) string {
	rank := map[string]int{"low": 1, "normal": 2, "high": 3, "urgent": 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// pass puts the next step of a promise behind the one that it had, where nothing else has.
func (s *Store) pass(ctx context.Context, p promises.Promise, next time.Time) error {
	call := sql.Do(`UPDATE promises SET step_at = $4 WHERE ticket = $1 AND kind = $2 AND step_at = $3`, p.Ticket, p.Kind, sql.Micros(p.Step), sql.Micros(next))
	if p.Turn != 0 {
		call = sql.Do(`UPDATE turns SET step_at = $4 WHERE ticket = $1 AND turn = $2 AND step_at = $3`, p.Ticket, p.Turn, sql.Micros(p.Step), sql.Micros(next))
	}
	return s.base.Do(ctx, "passing over a step", call)
}

// ground reads the ticket of a promise.
func (s *Store) ground(ctx context.Context, r Rules, ticket int64) (g ground, err error) {
	g.root = ticket
	ask := `SELECT ` + tables.TicketColumns + ` FROM tickets t WHERE t.id = $1`
	var root tables.TicketsRow
	into := func(row sql.Row) (err error) {
		root, err = sql.Read[tables.TicketsRow](row)
		return err
	}
	if err := s.base.Read(ctx, "reading a ticket", sql.Ask(into, ask, ticket)); err != nil {
		return g, err
	}
	if root.MergedInto != 0 {
		g.root = root.MergedInto
		if err := s.base.Read(ctx, "reading a ticket", sql.Ask(into, ask, g.root)); err != nil {
			return g, err
		}
	}
	g.about = match.Case{Inbox: root.Inbox, Queue: root.Queue, Category: root.Category, Priority: root.Priority, Language: root.Language}
	if len(root.Channels) > 0 {
		g.about.Channel = root.Channels[0]
	}
	if r.Group != nil && !root.Claimed && len(root.Participants) > 0 {
		g.about.Group = r.Group(root.Participants[0])
	}
	return g, s.base.Read(ctx, "reading what was escalated", sql.Ask(sql.Value(func(detail string) { g.done = append(g.done, detail) }),
		`SELECT reason FROM entries WHERE ticket = $1 AND kind = '`+promises.ActEscalate+`'`, g.root))
}

// did reports whether a step of a promise of that ticket was done.
func (g ground) did(ticket int64, name string) bool {
	for _, detail := range g.done {
		names, other, of := strings.Cut(detail, " (")
		if of != (ticket != g.root) || of && other != fmt.Sprintf("%d)", ticket) {
			continue
		}
		if slices.Contains(strings.Split(names, ";"), name) {
			return true
		}
	}
	return false
}

// tell tells those who direct in a queue, as if they were named in a note: under the number of the entry, below zero, since a note has none like that.
func tell(ctx context.Context, t sql.Tx, ticket int64, queue string, entry int64, now time.Time) error {
	return t.Run(ctx, sql.Do(`INSERT INTO mentions (person, reply, ticket, at, seen_at) SELECT DISTINCT g.person, CAST($1 AS bigint), CAST($2 AS bigint), CAST($3 AS bigint), 0
FROM grants g JOIN users who ON who.id = g.person WHERE g.role = '`+string(viewer.Lead)+`' AND (g.queue = '' OR g.queue = $4) AND who.state = 'active' ON CONFLICT (person, reply) DO NOTHING`,
		-entry, ticket, sql.Micros(now), queue))
}
