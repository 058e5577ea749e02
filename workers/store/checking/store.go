// Package checking has customers show who they are: a one-time code goes to an address that is proven to be theirs, and the line holds what they answer
// to it. Every method takes who acts or looks; of what he may not see it says that it is not there (sql.ErrNotFound). No code is kept: see package challenge.
package checking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/check"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/persons"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base    *base.Store
	plans   *plans.Store
	persons *persons.Store
}

// New makes the room.
func New(b *base.Store, p *plans.Store, who *persons.Store) *Store {
	return &Store{base: b, plans: p, persons: who}
}

// Payload is what a row of the outbox of kind code keeps: nothing that tells the code.
type Payload struct {
	Check    int64  `json:"check"`
	Language string `json:"language,omitempty"`
	Joins    bool   `json:"joins,omitempty"` // it goes to another contact, who may be the same person
}

// Check is a check as a ticket shows it.
type Check struct {
	ID     int64
	Kind   message.AddressKind // to which it went
	Ends   time.Time
	Result string // one of challenge's; challenge.Open also of one that has run out
	Tries  int
	Unsent bool // its code has not gone out, or has come back
}

// mostAnHour bounds the codes that go out of a ticket in an hour: each costs money, and gives five tries.
const mostAnHour = 5

// ErrMany says that so many codes have gone out of a ticket lately.
var ErrMany = errors.New("too many codes have been sent in this ticket within an hour")

// Ways says by which inbox, and by which channel, an address of that kind is written to on behalf of an inbox.
type Ways func(inbox string, kind message.AddressKind) (by, channel string, ok bool)

// subject is the ticket whose customer is to show who he is.
type subject struct {
	contact         int64
	claimed         bool
	inbox, language string
	opener          message.Identity
}

// Addresses are those to which a code may go: proven to be the ticket's customer's, of a claimed ticket the one that opened it if somebody has proven it, and
// none to which nothing may or can be sent. sql.ErrNotFound: the viewer may not answer the ticket.
func (s *Store) Addresses(ctx context.Context, v viewer.Viewer, ways Ways, ticket int64) (out []message.Address, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) (err error) {
		_, out, err = s.addresses(ctx, t, v, ways, ticket)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading where a code may go from ticket %d: %w", ticket, err)
	}
	return out, nil
}

func (s *Store) addresses(ctx context.Context, t sql.Tx, v viewer.Viewer, ways Ways, ticket int64) (of subject, out []message.Address, err error) {
	found := false
	people := ""
	queues, every := v.Where(viewer.Answer)
	if err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
		found = true
		return row.Scan(&of.contact, &of.claimed, &of.inbox, &of.language, &people)
	}, `SELECT contact, claimed, inbox, language, participants FROM tickets WHERE id = $1 AND ($2 OR queue = ANY($3))`, ticket, every, sql.OrNone(queues))); err != nil {
		return of, nil, err
	}
	if !found {
		return of, nil, sql.ErrNotFound
	}
	if all, err := sql.Unlist[message.Identity](people); err == nil && of.claimed && len(all) > 0 {
		of.opener = all[0]
	}
	opener := ""
	if !of.opener.IsZero() {
		opener = s.base.Address(of.opener)
	}
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var a message.Address
		err := row.Scan(&a.Kind, &a.Value)
		if _, _, ok := ways(of.inbox, a.Kind); ok && a.Value != "" {
			out = append(out, a)
		}
		return err
	}, `SELECT kind, value FROM identities WHERE contact <> 0 AND contact = $1 AND verified AND NOT opted_out AND NOT failed
UNION SELECT kind, value FROM identities WHERE address = $2 AND verified AND NOT opted_out AND NOT failed ORDER BY kind, value`, of.contact, opener))
	if err == nil {
		out, err = s.heeding(ctx, t, out)
	}
	return of, out, err
}

// Checks are those of a ticket, the newest first, five at most. sql.ErrNotFound: the viewer may not read it.
func (s *Store) Checks(ctx context.Context, v viewer.Viewer, ticket int64) (out []Check, err error) {
	queues, every := v.Where(viewer.Read)
	err = s.base.Read(ctx, "reading who a customer has shown to be", sql.Ask(func(row sql.Row) error {
		var c Check
		var ends int64
		err := row.Scan(&c.ID, &c.Kind, &c.Tries, &ends, &c.Result, &c.Unsent)
		c.Ends = sql.Moment(ends)
		out = append(out, c)
		return err
	}, `SELECT c.id, c.to_kind, c.tries, c.ends_at, c.result, EXISTS (SELECT 1 FROM outbox o WHERE o.id = c.effect AND o.state IN ('`+string(effects.Failed)+`', '`+string(effects.Withheld)+`'))
FROM checks c JOIN tickets t ON t.id = c.ticket WHERE c.ticket = $1 AND ($2 OR t.queue = ANY($3)) ORDER BY c.at DESC, c.id DESC LIMIT 5`, ticket, every, sql.OrNone(queues)))
	return out, err
}

// Begin sends a code to one of a ticket's Addresses. One that waits there is replaced. ErrMany: nothing was done. sql.ErrNotFound: there is no such address, or the viewer may
// not answer the ticket.
// It gives the id of the check.
func (s *Store) Begin(ctx context.Context, v viewer.Viewer, ways Ways, ticket int64, to message.Identity, now time.Time) (int64, error) {
	return s.begin(ctx, v, ways, ticket, false, now, func(_ context.Context, _ sql.Tx, all []message.Address) (message.Address, int64, error) {
		at := slices.IndexFunc(all, func(a message.Address) bool { return a.Identity() == to })
		if at < 0 {
			return message.Address{}, 0, sql.ErrNotFound
		}
		return all[at], 0, nil
	})
}

// BeginVouched is Begin to an address of which a system of the company's says that it is the customer's. Nothing goes to one that wants nothing from us, also where it was
// erased since, or that takes nothing.
func (s *Store) BeginVouched(ctx context.Context, v viewer.Viewer, ways Ways, ticket int64, to message.Address, now time.Time) (int64, error) {
	return s.begin(ctx, v, ways, ticket, true, now, func(_ context.Context, _ sql.Tx, _ []message.Address) (message.Address, int64, error) {
		return to, 0, nil
	})
}

// BeginJoining sends a code to the customer of another ticket. Once the customer of this one has answered it here, from his own proven address, the two are one person: see persons.Prove. persons.ErrUnfit,
// ErrMany: nothing was done. sql.ErrNotFound: the viewer does not answer both tickets.
func (s *Store) BeginJoining(ctx context.Context, v viewer.Viewer, ways Ways, ticket, other int64, now time.Time) (int64, error) {
	return s.begin(ctx, v, ways, ticket, false, now, func(ctx context.Context, t sql.Tx, _ []message.Address) (message.Address, int64, error) {
		to, contact, err := s.persons.Provable(ctx, t, v, ticket, other, now)
		if err != nil {
			return to, 0, err
		}
		lately := 0
		if err := t.Run(ctx, sql.Ask(sql.Into(&lately), `SELECT count(*) FROM checks WHERE joins <> 0 AND joins = $1 AND at > $2`, contact, sql.Micros(now.Add(-time.Hour)))); err != nil {
			return to, 0, err
		}
		if lately >= mostAnHour {
			return to, 0, ErrMany
		}
		return to, contact, nil
	})
}

// held holds an address until a code's row is there, so that an erasure of it ends before, or behind that and finds the row. sql.ErrNotFound: it wants or takes
// nothing, or it was known and is not any more.
func (s *Store) held(ctx context.Context, t sql.Tx, to message.Address, known bool) error {
	there, dead := false, false
	err := t.Run(ctx, sql.Ask(sql.Value(func(is bool) { there, dead = true, is }), `SELECT opted_out OR failed FROM identities WHERE address = $1 FOR UPDATE`, s.base.Address(to.Identity())))
	if err == nil && (dead || known && !there) {
		return sql.ErrNotFound
	}
	var left []message.Address
	if err == nil {
		left, err = s.heeding(ctx, t, []message.Address{to})
	}
	if err == nil && len(left) == 0 {
		return sql.ErrNotFound
	}
	return err
}

// heeding are those of addresses at which nobody said STOP, or was blocked, and was erased then.
func (s *Store) heeding(ctx context.Context, t sql.Tx, all []message.Address) ([]message.Address, error) {
	shut, digests := map[string]bool{}, map[string]bool{}
	for _, a := range all {
		digests[s.base.AddressTomb(a.Identity())] = true
	}
	if len(digests) == 0 {
		return all, nil
	}
	err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
		var digest string
		var stopped, blocked bool
		err := row.Scan(&digest, &stopped, &blocked)
		shut[digest] = stopped || blocked
		return err
	}, base.AskTombs, sql.KeysOf(digests)))
	return slices.DeleteFunc(all, func(a message.Address) bool { return shut[s.base.AddressTomb(a.Identity())] }), err
}

// begin sends a code to the address that is chosen of those that are proven, or to another one.
func (s *Store) begin(ctx context.Context, v viewer.Viewer, ways Ways, ticket int64, vouched bool, now time.Time, choose func(context.Context, sql.Tx, []message.Address) (to message.Address, joins int64, err error)) (int64, error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 2)
	if err != nil {
		return 0, fmt.Errorf("sending a code: %w", err)
	}
	effect, err := s.base.Sequences.TakeAll(ctx, pipeline.SequenceEffect, 1)
	if err != nil {
		return 0, fmt.Errorf("sending a code: %w", err)
	}
	id := ids[0]
	err = s.base.Write(ctx, func(t sql.Tx) error {
		if err := t.Run(ctx, sql.Ask(func(sql.Row) error { return nil }, `SELECT id FROM tickets WHERE id = $1 FOR UPDATE`, ticket)); err != nil {
			return err
		}
		of, all, err := s.addresses(ctx, t, v, ways, ticket)
		if err != nil {
			return err
		}
		to, joins, err := choose(ctx, t, all)
		if err == nil {
			err = s.held(ctx, t, to, !vouched)
		}
		if err != nil {
			return err
		}
		by, channel, can := ways(of.inbox, to.Kind)
		if !can {
			return sql.ErrNotFound
		}
		lately := 0
		if err := t.Run(ctx, sql.Ask(sql.Into(&lately), `SELECT count(*) FROM checks WHERE ticket = $1 AND at > $2`, ticket, sql.Micros(now.Add(-time.Hour)))); err != nil {
			return err
		}
		if lately >= mostAnHour {
			return ErrMany
		}
		payload, err := json.Marshal(Payload{Check: id, Language: of.language, Joins: joins != 0})
		if err != nil {
			return fmt.Errorf("writing a payload: %w", err)
		}
		mac := challenge.MAC(s.base.Ring.Token)
		count := base.Tally{}
		d, err := s.plans.Carry(ctx, t, []domain.Command{check.Begin{Ticket: ticket, Contact: of.contact, Kind: string(to.Kind), Vouched: vouched, Joins: joins != 0, Actor: v.Login,
			Row: effects.Plan{ID: effect[0], Key: effects.KindCode + ":" + strconv.FormatInt(id, 10), Kind: effects.KindCode, Inbox: by, Channel: channel, To: to, Due: now, Payload: payload}}}, ids[1:], now, count)
		if err != nil {
			return err
		}
		return t.Run(ctx, append(d.Calls, count.Call(),
			sql.Do(`UPDATE checks SET result = '`+challenge.Replaced+`' WHERE ticket = $1 AND result = ''`, ticket),
			sql.Do(`INSERT INTO checks (id, ticket, mac, to_kind, tries, at, ends_at, result, effect, author, vouched, joins) VALUES ($1, $2, $3, $4, 0, $5, $6, '', $7, $8, $9, $10)`,
				id, ticket, challenge.Proof(mac, id, challenge.Code(mac, id)), string(to.Kind), sql.Micros(now), sql.Micros(now.Add(challenge.Valid)), effect[0], v.User, vouched, joins))...)
	})
	if err != nil {
		return 0, fmt.Errorf("sending a code to the customer of ticket %d: %w", ticket, err)
	}
	return id, nil
}
