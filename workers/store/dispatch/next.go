package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	work "frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// ErrFull says that the user has as much in hand as he should. It is an ErrNotFound, too.
var ErrFull = domain.ErrFull

// asked is somebody who asks for his next ticket.
type asked struct {
	ctx   context.Context
	view  viewer.Viewer
	rules assign.Rules
	now   time.Time
	claim Claim
	err   error
	done  chan struct{}
}

// At once so many are served in one transaction, which may take so long.
const (
	servedMost   = 64
	servedWithin = 10 * time.Second
)

// Next takes the next ticket for the viewer: of his queues, in a language that he speaks, as assign.Before orders them. Who asks while others
// are being served is served together with whoever else has asked meanwhile, in one transaction. ErrFull: his
// hands are full. ErrNotFound: there is nothing for him.
func (s *Store) Next(ctx context.Context, v viewer.Viewer, rules assign.Rules, now time.Time) (Claim, error) {
	a := &asked{ctx: ctx, view: v, rules: rules, now: now, done: make(chan struct{})}
	s.mutex.Lock()
	s.asked = append(s.asked, a)
	serve := !s.busy
	s.busy = true
	s.mutex.Unlock()
	if serve {
		go s.serve()
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		return Claim{}, fmt.Errorf("taking the next ticket: %w", ctx.Err())
	}
	if a.err != nil {
		return Claim{}, fmt.Errorf("taking the next ticket: %w", a.err)
	}
	return a.claim, nil
}

// serve serves who has asked, until nobody has.
func (s *Store) serve() {
	for {
		s.mutex.Lock()
		some := s.asked[:min(len(s.asked), servedMost)]
		s.asked = s.asked[len(some):]
		s.busy = len(some) > 0
		s.mutex.Unlock()
		if len(some) == 0 {
			return
		}
		s.serveSome(some)
	}
}

// serveSome serves them together. If that fails each is served alone, so that nobody fails for another one.
func (s *Store) serveSome(all []*asked) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(all[0].ctx), servedWithin)
	defer cancel()
	waiting := all[:0:0]
	for _, a := range all {
		if a.err = a.ctx.Err(); a.err == nil {
			waiting = append(waiting, a)
		}
	}
	err := s.taken(ctx, waiting)
	for _, a := range waiting {
		if err != nil {
			if a.err = err; len(waiting) > 1 {
				a.err = s.taken(ctx, []*asked{a})
			}
		}
	}
	for _, a := range all {
		close(a.done)
	}
}

// taken is the transaction in which tickets are taken.
func (s *Store) taken(ctx context.Context, all []*asked) error {
	if len(all) == 0 {
		return nil
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, len(all))
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		by, who, err := s.askers(ctx, t, all)
		if err != nil {
			return err
		}
		got, err := settle(ctx, t, who, all[0].now)
		if err != nil {
			return err
		}
		var takes []domain.Command
		for _, o := range got {
			a := by[o.Agent.User][0]
			by[o.Agent.User] = by[o.Agent.User][1:]
			a.claim, a.err = Claim{o.Ticket.Ticket, o.Agent.User, o.Reason()}, nil
			takes = append(takes, commands.TakeTicket{Ticket: o.Ticket.Ticket, User: o.Agent.User, Actor: a.view.Login, Reason: a.claim.Reason, Weight: o.Weight, Limit: a.rules.Limit})
		}
		return s.plans.Carried(ctx, t, takes, ids, all[0].now)
	})
}

// askers locks who has asked, and makes what they may get; by are their questions. Whose hands are full gets nothing.
func (s *Store) askers(ctx context.Context, t sql.Tx, all []*asked) (by map[int64][]*asked, who []*hopeful, err error) {
	by = map[int64][]*asked{}
	var users []int64
	for _, a := range all {
		a.claim, a.err = Claim{}, sql.ErrNotFound
		if a.view.User != 0 {
			by[a.view.User] = append(by[a.view.User], a)
			users = append(users, a.view.User)
		}
	}
	users = sql.Sorted(users)
	known, err := s.lock(ctx, t, users)
	if err != nil {
		return nil, nil, err
	}
	people, err := readPeople(ctx, t.Run, users)
	if err != nil {
		return nil, nil, err
	}
	held, err := hands(ctx, t.Run, users)
	if err != nil {
		return nil, nil, err
	}
	for _, user := range users {
		a, agent := by[user][0], people[user].agent
		agent.Room, agent.Got, agent.Hands = known[user].Room, known[user].GivenAt, held[user]
		for i, more := range by[user] {
			if n := int64(i) + 1; len(agent.Hands) > 0 || i > 0 {
				if full := known[user]; full.Load+n > cmp.Or(full.Room, a.rules.Limit, work.DefaultRoom) {
					more.err = fmt.Errorf("%w: %w", sql.ErrNotFound, ErrFull)
				}
			}
		}
		who = append(who, &hopeful{agent: agent, view: a.view, most: len(by[user]), from: assign.Agent.Suits, offer: func(g assign.Agent, w assign.Waiting) (assign.Offer, bool) { return a.rules.Pull(g, w, a.now) }})
	}
	return by, who, nil
}

// Unbegun is the ticket that the viewer was given, or took, since it is our turn, and has not begun: the first of them in the order of work. It is what he does
// next before anything else is given to him, and what he gets who asked for his next ticket and lost the answer. ErrNotFound: there is none.
func (s *Store) Unbegun(ctx context.Context, v viewer.Viewer) (ticket int64, err error) {
	queues, every := v.Where(viewer.Answer)
	err = s.base.Read(ctx, "looking for what an agent has not begun", sql.Ask(sql.Into(&ticket), `SELECT ticket FROM desk
WHERE owner = $1 AND owner <> 0 AND state = 'waiting' AND begun_at = 0 AND given_at >= since_at AND ($2 OR queue = ANY($3)) ORDER BY rank_at, ticket LIMIT 1`,
		v.User, every, sql.OrNone(queues)))
	if err == nil && ticket == 0 {
		err = sql.ErrNotFound
	}
	return ticket, err
}
