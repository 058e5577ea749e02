package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	work "frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// roundMost bounds how many agents are given something in one transaction.
const roundMost = 64

// Round gives waiting tickets to agents who can begin them, in the queues that hand out their work by themselves, and says what became of
// it; nothing, where nobody can begin anything. It first looks without a lock, so that a round in which nothing is to be done costs three reads.
// again: there may be more to give at once.
func (s *Store) Round(ctx context.Context, rules assign.Rules, now time.Time) (claims []Claim, again bool, err error) {
	ahead, any := rules.Pushes()
	if !any {
		return nil, false, nil
	}
	read := func(ctx context.Context, calls ...sql.Call) error {
		return s.base.Read(ctx, "looking who can begin something", calls...)
	}
	users, err := s.able(ctx, read, ahead)
	if err != nil || len(users) == 0 {
		return nil, false, err
	}
	who, err := s.pushed(ctx, read, rules, users, now)
	if err != nil {
		return nil, false, err
	}
	got, err := match(ctx, read, who, map[int64]bool{}, now)
	if err != nil || len(got) == 0 {
		return nil, false, err
	}
	if len(got) > roundMost {
		got, again = got[:roundMost], true
	}
	claims, err = s.give(ctx, rules, agentsOf(got), len(got), now)
	if errors.Is(err, sql.ErrNotFound) {
		return nil, true, nil // somebody has moved meanwhile
	}
	if err != nil {
		return nil, false, fmt.Errorf("giving out tickets: %w", err)
	}
	return claims, again || len(claims) < len(got), nil
}

func agentsOf(got []assign.Offer) map[int64]work.Agent {
	out := map[int64]work.Agent{}
	for _, o := range got {
		out[o.Agent.User] = work.Agent{}
	}
	return out
}

// askAble finds who is there and has so little in hand that he may be given something. The index is agents_heard, whose rows are
// those who work just now.
const askAble = `SELECT a.person, a.room, a.given_at FROM agents a WHERE a.presence <> 'offline' AND a.presence = 'online' AND a.load <= $1 ORDER BY a.heard_at LIMIT 4096`

func (s *Store) able(ctx context.Context, read reader, ahead int) (map[int64]work.Agent, error) {
	out := map[int64]work.Agent{}
	err := read(ctx, sql.Ask(func(row sql.Row) error {
		a := work.Agent{Presence: work.Online}
		var got int64
		err := row.Scan(&a.User, &a.Room, &got)
		a.GivenAt = sql.Moment(got)
		out[a.User] = a
		return err
	}, askAble, int64(ahead)*heaviest))
	return out, err
}

// heaviest is more than any ticket weighs: who has so many times that in hand has more tickets than that.
const heaviest = 1000

// pushed are agents as those who may be given something.
func (s *Store) pushed(ctx context.Context, read reader, rules assign.Rules, known map[int64]work.Agent, now time.Time) ([]*hopeful, error) {
	users := sql.KeysOf(known)
	people, err := s.people(ctx, read, users)
	if err != nil {
		return nil, err
	}
	held, err := hands(ctx, read, users)
	if err != nil {
		return nil, err
	}
	var who []*hopeful
	for _, user := range users {
		p := people[user]
		if a := known[user]; a.Absent() || p.agent.Queues == nil {
			continue
		}
		p.agent.Room, p.agent.Got, p.agent.Hands = known[user].Room, known[user].GivenAt, held[user]
		who = append(who, &hopeful{agent: p.agent, view: p.view, most: roundMost,
			offer: func(a assign.Agent, w assign.Waiting) (assign.Offer, bool) { return rules.Push(a, w, now) },
			from: func(a assign.Agent, w assign.Waiting) bool {
				return rules.Begins(a, w.Queue) && rules.Room(a, w.Queue, w.Channel) && a.Suits(w)
			}})
	}
	return who, nil
}

// give is the transaction in which agents are given tickets.
func (s *Store) give(ctx context.Context, rules assign.Rules, users map[int64]work.Agent, n int, now time.Time) (claims []Claim, err error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, n)
	if err != nil {
		return nil, err
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		claims = nil
		known, err := s.lock(ctx, t, sql.KeysOf(users))
		if err != nil {
			return err
		}
		who, err := s.pushed(ctx, t.Run, rules, known, now)
		if err != nil {
			return err
		}
		got, err := settle(ctx, t, who, now)
		if err != nil {
			return err
		}
		var gives []domain.Command
		for _, o := range got[:min(len(got), n)] {
			c := Claim{o.Ticket.Ticket, o.Agent.User, o.Reason()}
			claims = append(claims, c)
			gives = append(gives, commands.AssignTicket{Ticket: c.Ticket, User: c.User, Reason: c.Reason, Weight: o.Weight, Limit: rules.Limit})
		}
		return s.plans.Carried(ctx, t, gives, ids, now)
	})
	return claims, err
}

const (
	askQueueLanguages = `WITH RECURSIVE step (ticket) AS (SELECT (SELECT d.ticket FROM desk d WHERE ` + unowned + ` AND d.queue = $1 ORDER BY d.queue, d.language, d.rank_at, d.ticket LIMIT 1)
UNION ALL SELECT (SELECT d.ticket FROM desk d WHERE ` + unowned + ` AND d.queue = $1 AND d.language > c.language ORDER BY d.queue, d.language, d.rank_at, d.ticket LIMIT 1) FROM step s JOIN desk c ON c.ticket = s.ticket)
SELECT d.language FROM step s JOIN desk d ON d.ticket = s.ticket`
	// askLong finds what has waited long. Of what has waited since before $3 the rank lies before $4, since nothing's lies later than desk.Behind
	// after the moment since which it waits: so what is read is what waits that long, and a little more.
	askLong = `SELECT ` + waitingColumns + ` FROM desk d WHERE d.queue = $1 AND d.language = $2 AND ` + unowned + ` AND d.rank_at <= $4 AND d.since_at <= $3 ORDER BY d.rank_at LIMIT $5`
)

// overflowMost bounds how many tickets of a queue and language go over in one step.
const overflowMost = 100

// Overflow sends what has waited too long in its queue to the queue that its rules name, and tells how many.
func (s *Store) Overflow(ctx context.Context, rules assign.Rules, now time.Time) (n int, err error) {
	for name, q := range rules.Queues {
		if q.Overflow == "" || q.Overflow == name {
			continue
		}
		long, err := s.long(ctx, name, now.Add(-q.After))
		if err != nil {
			return n, err
		}
		for _, w := range long {
			to, over := rules.Overflows(w, now)
			if !over {
				continue
			}
			err := s.plans.Act(ctx, commands.RouteTicket{Ticket: w.Ticket, Queue: to, Actor: entries.Service, Reason: assign.ReasonOverflow, Unowned: true}, now)
			if err != nil && !errors.Is(err, sql.ErrNotFound) {
				return n, fmt.Errorf("sending ticket %d on to queue %s: %w", w.Ticket, to, err)
			}
			if err == nil {
				n++
			}
		}
	}
	return n, nil
}

// long are tickets that have waited in a queue since before a time.
func (s *Store) long(ctx context.Context, queue string, before time.Time) (out []assign.Waiting, err error) {
	var languages []string
	err = s.base.Read(ctx, "looking for what waits long", sql.Ask(sql.Value(func(l string) { languages = append(languages, l) }), askQueueLanguages, queue))
	if err != nil {
		return nil, err
	}
	var calls []sql.Call
	for _, l := range languages {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			w, err := scanWaiting(row)
			out = append(out, w)
			return err
		}, askLong, queue, l, sql.Micros(before), sql.Micros(before.Add(desk.Behind)), int64(overflowMost)))
	}
	if len(calls) > 0 {
		err = s.base.Read(ctx, "looking for what waits long", calls...)
	}
	return out, err
}
