// Package agents is who works at the desk just now: signs of life, and what goes back to all when somebody is not there. Each of its methods
// is about one's own presence, or is called by the service.
package agents

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain"
	work "frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	plans *plans.Store
}

// New makes the room.
func New(b *base.Store, p *plans.Store) *Store { return &Store{base: b, plans: p} }

// Of is a user as far as he works at the desk; of whom nothing was ever heard is offline.
func (s *Store) Of(ctx context.Context, user int64) (work.Agent, error) {
	a := work.Agent{User: user, Presence: work.Offline}
	err := s.base.Read(ctx, "reading an agent", sql.Ask(func(row sql.Row) error {
		r, err := sql.Read[plans.AgentRow](row)
		a = work.Agent(r)
		return err
	}, `SELECT `+plans.AgentColumns+` FROM agents a WHERE a.person = $1`, user))
	return a, err
}

// Hear notes a sign of life of a user, and tells how he is now. One that comes soon after another writes nothing (work.Quiet).
func (s *Store) Hear(ctx context.Context, user int64, now time.Time) (work.Agent, error) {
	a, err := s.Of(ctx, user)
	if err != nil {
		return a, err
	}
	after, changed := a.Heard(now)
	if !changed {
		return a, nil
	}
	return after, s.Move(ctx, user, work.Hear, now)
}

// Move notes that a user goes away, comes back or leaves. What means nothing in the state in which he is does nothing.
func (s *Store) Move(ctx context.Context, user int64, on work.Event, now time.Time) error {
	_, err := s.moved(ctx, user, on, now)
	return err
}

func (s *Store) moved(ctx context.Context, user int64, on work.Event, now time.Time) (bool, error) {
	if user == 0 {
		return false, nil
	}
	err := s.base.Write(ctx, func(t sql.Tx) error {
		return s.plans.Carried(ctx, t, []domain.Command{commands.AgentMoved{User: user, On: on}}, nil, now)
	})
	switch {
	case errors.Is(err, sql.ErrNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("noting the presence of user %d: %w", user, err)
	}
	return true, nil
}

// SetRoom says how much a user may have in hand, in weights; 0: as everybody.
func (s *Store) SetRoom(ctx context.Context, user, room int64) error {
	return s.base.Do(ctx, "noting how much an agent may have in hand", sql.Do(`INSERT INTO agents (person, presence, heard_at, since_at, room, load, not_begun, missed, given_at)
VALUES ($1, 'offline', 0, 0, $2, 0, 0, 0, 0) ON CONFLICT (person) DO UPDATE SET room = excluded.room`, user, room))
}

const (
	askSilent = `SELECT a.person FROM agents a WHERE a.presence <> 'offline' AND a.heard_at <= $1 ORDER BY a.heard_at LIMIT $2`
	// askAbsent finds what does not stay with owners who are not there, askUnbegun what owners let lie who are: see work.Agent.Returns. Both
	// begin at the few agents of whom there may be something (agents_absent, agents_lets); SQLite keeps the order of a CROSS JOIN.
	askAbsent = `SELECT d.ticket, d.owner FROM agents a CROSS JOIN desk d
WHERE a.person > 0 AND d.owner = a.person AND d.owner <> 0 AND d.state = 'waiting' AND a.presence <> 'online' AND a.load > 0 AND (d.begun_at = 0 AND (a.presence = 'offline' OR d.given_at >= d.since_at) OR a.since_at <= $1) LIMIT $2`
	askUnbegun = `SELECT d.ticket, d.owner FROM agents a CROSS JOIN desk d
WHERE a.person > 0 AND d.owner = a.person AND d.owner <> 0 AND d.state = 'waiting' AND a.presence = 'online' AND a.not_begun > 0 AND d.begun_at = 0 AND d.given_at >= d.since_at AND d.given_at <= $1 LIMIT $2`
)

// Swept is what a sweep has done.
type Swept struct {
	Silent   int // users of whom nothing was heard any more
	Returned int // tickets that have gone back to all
}

// Sweep notes who has fallen silent, and gives back to all what does not stay with its owner, at most so many of each. Any number of
// processes may call it.
func (s *Store) Sweep(ctx context.Context, now time.Time, most int) (out Swept, err error) {
	var silent []int64
	if err := s.base.Read(ctx, "looking who has fallen silent", sql.Ask(sql.Each64(&silent), askSilent, sql.Micros(now.Add(-work.Silence)), int64(most))); err != nil {
		return out, err
	}
	for _, user := range silent {
		moved, err := s.moved(ctx, user, work.FallSilent, now)
		if err != nil {
			return out, err
		}
		if moved {
			out.Silent++
		}
	}
	var back []commands.ReturnTicket
	read := func(row sql.Row) error {
		var c commands.ReturnTicket
		err := row.Scan(&c.Ticket, &c.User)
		back = append(back, c)
		return err
	}
	err = s.base.Read(ctx, "looking for what does not stay with its owner", sql.Ask(read, askAbsent, sql.Micros(now.Add(-work.Break)), int64(most)),
		sql.Ask(read, askUnbegun, sql.Micros(now.Add(-work.Patience)), int64(most)))
	if err != nil {
		return out, err
	}
	for _, c := range back {
		switch err := s.plans.Act(ctx, c, now); {
		case errors.Is(err, sql.ErrNotFound): // he is back, or another process was first
		case err != nil:
			return out, fmt.Errorf("giving ticket %d back: %w", c.Ticket, err)
		default:
			out.Returned++
		}
	}
	return out, nil
}
