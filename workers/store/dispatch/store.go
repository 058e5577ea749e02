// Package dispatch hands out work: it reads who is there and what waits, lets route/assign decide, and claims what that says. Any number of
// processes may do so at once; the claim, one transaction, is the guard.
package dispatch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"frontdesk/pipeline/domain"
	work "frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	plans *plans.Store

	crew  crew
	mutex sync.Mutex
	asked []*asked // who waits for a next ticket
	busy  bool     // somebody serves them
}

// New makes the room.
func New(b *base.Store, p *plans.Store) *Store { return &Store{base: b, plans: p} }

// Claim is a ticket that somebody got, and why he and it.
type Claim struct {
	Ticket, User int64
	Reason       string // desk.ReasonHalf …, assign.ReasonSecondary …
}

// rounds bounds how often a claim looks anew because others were faster.
const rounds = 8

// hopeful is somebody who may get work in a round, and what may be offered to him.
type hopeful struct {
	agent assign.Agent
	view  viewer.Viewer
	offer func(assign.Agent, assign.Waiting) (assign.Offer, bool)
	from  func(assign.Agent, assign.Waiting) bool // what of them can be his at any time
	most  int                                     // tickets that he may get
	best  *assign.Offer
}

// offered is what he may be offered of a ticket.
func (h *hopeful) offered(w assign.Waiting) (assign.Offer, bool) {
	if !h.view.May(viewer.Answer, w.Queue) {
		return assign.Offer{}, false
	}
	return h.offer(h.agent, w)
}

// reader runs statements, in a transaction or by themselves.
type reader func(context.Context, ...sql.Call) error

// match decides who gets what of what waits, the best offer of all first. What is in taken is nobody's to get.
func match(ctx context.Context, read reader, who []*hopeful, taken map[int64]bool, now time.Time) (got []assign.Offer, err error) {
	b, err := look(ctx, read, now)
	if err != nil || len(b.shelves) == 0 {
		return nil, err
	}
	b.taken = taken
	for _, h := range who {
		if err := b.choose(ctx, h); err != nil {
			return nil, err
		}
	}
	for {
		var first *hopeful
		for _, h := range who {
			if h.best != nil && (first == nil || assign.Before(*h.best, *first.best) < 0) {
				first = h
			}
		}
		if first == nil {
			return got, nil
		}
		o := *first.best
		got = append(got, o)
		taken[o.Ticket.Ticket] = true
		first.gets(o)
		for _, h := range who {
			if h == first || h.best != nil && h.best.Ticket.Ticket == o.Ticket.Ticket {
				if err := b.choose(ctx, h); err != nil {
					return nil, err
				}
			}
		}
	}
}

// gets puts a ticket into his hands.
func (h *hopeful) gets(o assign.Offer) {
	h.most--
	h.agent.Hands = append(h.agent.Hands, assign.Held{Queue: o.Ticket.Queue, Channel: o.Ticket.Channel, Weight: o.Weight})
}

// claim locks what was decided; what somebody else has locked or taken meanwhile is left out.
func claim(ctx context.Context, t sql.Tx, got []assign.Offer) ([]assign.Offer, error) {
	ids := make([]int64, len(got))
	for i, o := range got {
		ids[i] = o.Ticket.Ticket
	}
	free := map[int64]bool{}
	err := t.Run(ctx, sql.Ask(sql.Value(func(id int64) { free[id] = true }),
		`SELECT d.ticket FROM desk d WHERE d.ticket = ANY($1) AND `+unowned+` ORDER BY d.ticket FOR UPDATE SKIP LOCKED`, sql.Sorted(ids)))
	if err != nil {
		return nil, fmt.Errorf("locking waiting tickets: %w", err)
	}
	kept := got[:0:0]
	for _, o := range got {
		if free[o.Ticket.Ticket] {
			kept = append(kept, o)
		}
	}
	return kept, nil
}

// settle matches and claims until nothing is left that somebody may get, or others are always faster. What it returns is locked.
func settle(ctx context.Context, t sql.Tx, who []*hopeful, now time.Time) (all []assign.Offer, err error) {
	taken := map[int64]bool{}
	for range rounds {
		got, err := match(ctx, t.Run, who, taken, now)
		if err != nil || len(got) == 0 {
			return all, err
		}
		locked, err := claim(ctx, t, got)
		if err != nil {
			return all, err
		}
		all = append(all, locked...)
		if len(locked) == len(got) {
			return all, nil
		}
		lost(who, got, locked)
	}
	return all, nil
}

// lost takes out of their hands what agents did not get after all.
func lost(who []*hopeful, got, locked []assign.Offer) {
	has := map[int64]bool{}
	for _, o := range locked {
		has[o.Ticket.Ticket] = true
	}
	for _, o := range got {
		for _, h := range who {
			if !has[o.Ticket.Ticket] && h.agent.User == o.Agent.User {
				h.most++
				h.agent.Hands = h.agent.Hands[:len(h.agent.Hands)-1]
			}
		}
	}
}

// lock locks agents, before what they get: so whoever gives one of them something at the same moment waits, and holds no ticket up
// meanwhile. Nobody waits for a ticket who has locked an agent: claims skip what is locked.
func (s *Store) lock(ctx context.Context, t sql.Tx, users []int64) (map[int64]work.Agent, error) {
	all := make([]domain.Command, len(users))
	for i, user := range users {
		all[i] = commands.AgentMoved{User: user}
	}
	known, err := s.plans.Load(ctx, t, all)
	if err != nil {
		return nil, err
	}
	return known.Agents, nil
}

// hands reads what agents have in hand.
func hands(ctx context.Context, read reader, users []int64) (map[int64][]assign.Held, error) {
	out := map[int64][]assign.Held{}
	err := read(ctx, sql.Ask(func(row sql.Row) error {
		var owner int64
		var h assign.Held
		err := row.Scan(&owner, &h.Queue, &h.Channel, &h.Weight)
		out[owner] = append(out[owner], h)
		return err
	}, `SELECT d.owner, d.queue, d.channel, d.weight FROM desk d WHERE d.owner = ANY($1) AND d.owner <> 0 AND d.state = '`+string(desk.Waiting)+`'`, sql.Sorted(users)))
	if err != nil {
		return nil, fmt.Errorf("reading what agents have in hand: %w", err)
	}
	return out, nil
}
