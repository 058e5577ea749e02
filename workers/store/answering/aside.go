package answering

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands/side"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Side is a side thread of a ticket: what is asked of a third party.
type Side struct {
	ID, Ticket int64
	Address    message.Address // zero for one who was erased
	Inbox      string
	Subject    string
}

// Aside is what an agent writes to a third party.
type Aside struct {
	Key     string // as Writing.Key
	Ticket  int64
	Side    int64           // the side thread in which he goes on; 0: he begins one
	To      message.Address // of one that begins: whom he asks, by mail
	Text    string
	Quote   int64 // the customer's message that is quoted below it; 0: none
	Files   bool  // its files go along
	Despite []string
}

// Errors of what is written to third parties.
var (
	ErrAddress = errors.New("that is no address of mail to which something can be forwarded")
	ErrPart    = errors.New("whoever is to be asked takes part in the ticket, or is ourselves")
)

// mostSides bounds the side threads of a ticket.
const mostSides = 50

// Sides are the side threads of a ticket and of what is merged into it, the oldest first. sql.ErrNotFound: there is no such ticket that the viewer may read.
func (s *Store) Sides(ctx context.Context, v viewer.Viewer, ticket int64) (out []Side, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		if err := readable(ctx, t, v, viewer.Read, ticket); err != nil {
			return err
		}
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			k := Side{Address: message.Address{Kind: message.Email}}
			err := row.Scan(&k.ID, &k.Ticket, &k.Address.Value, &k.Address.Name, &k.Inbox, &k.Subject)
			if k.Address.Value == "" {
				k.Address = message.Address{}
			}
			out = append(out, k)
			return err
		}, `SELECT id, ticket, address, name, inbox, subject FROM side_threads WHERE ticket {in `+plans.Group+`} ORDER BY at, id LIMIT $2`, ticket, int64(mostSides)))
	})
	if err != nil {
		return nil, fmt.Errorf("reading side threads of ticket %d: %w", ticket, err)
	}
	return out, nil
}

// ReadAddress reads an address that somebody has typed: a bare one, or one behind a name. ErrAddress: it is none.
func ReadAddress(typed string) (message.Address, error) {
	a, err := mail.ParseAddress(strings.TrimSpace(typed))
	if err != nil || len(a.Address) > 254 || strings.ContainsAny(a.Address, "\r\n\x00") {
		return message.Address{}, ErrAddress
	}
	out := message.Address{Kind: message.Email, Value: a.Address, Name: a.Name}
	if out.Domain() == "" || !strings.Contains(out.Domain(), ".") {
		return message.Address{}, ErrAddress
	}
	return out, nil
}

// Ask writes to a third party. It goes out after UndoFor, and can be taken back until then. *FoundError as Send.
func (s *Store) Ask(ctx context.Context, v viewer.Viewer, h House, a Aside, now time.Time) (Sent, error) {
	out, err := s.ask(ctx, v, h, a, now)
	if err != nil {
		return Sent{}, fmt.Errorf("asking a third party about ticket %d: %w", a.Ticket, err)
	}
	return out, nil
}

func (s *Store) ask(ctx context.Context, v viewer.Viewer, h House, a Aside, now time.Time) (out Sent, err error) {
	k, begins, err := s.sideOf(ctx, v, h, a)
	if err != nil {
		return out, err
	}
	by, channel, ok := h.Ways(k.Inbox, message.Email)
	if !ok {
		return out, ErrNobody
	}
	w := Writing{Key: a.Key, Kind: replies.Answer, Ticket: k.Ticket, Text: a.Text, Channel: channel, Inbox: by, Carries: h.Carries[channel],
		Recipients: replies.Recipients{To: []message.Address{k.Address}}, Subject: k.Subject, Of: a.Quote, Despite: a.Despite}
	if err := w.valid(); err != nil {
		return out, err
	}
	w, despite, err := checked(h, w)
	if err != nil {
		return out, err
	}
	c, before, err := s.asking(ctx, v, h, w, k)
	if err != nil {
		return out, err
	}
	c.Reply.Despite, c.Reply.Carried = despite, a.Files && a.Quote != 0
	c.Row.Due = now.Add(UndoFor)
	if c.Row.Payload, err = payloadOf("", before); err != nil {
		return out, err
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 3)
	if err != nil {
		return out, err
	}
	c.Reply.ID = ids[0]
	if begins {
		k.ID = ids[1]
	}
	c.Reply.Side = k.ID
	err = s.base.Write(ctx, func(t sql.Tx) error {
		locked, err := lock(ctx, t, k.Ticket)
		if err != nil || !v.May(viewer.Answer, locked.queue) {
			return orGone(err)
		}
		c.Contact = locked.contact
		count := base.Tally{}
		d, err := s.plans.Carry(ctx, t, []domain.Command{c}, ids[2:], now, count)
		if err != nil {
			return err
		}
		if begins && len(d.Plan.Replies) > 0 {
			d.Calls = append(d.Calls, sql.Do(`INSERT INTO side_threads (id, ticket, address, name, inbox, subject, author, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				k.ID, k.Ticket, sql.Clean(k.Address.Value), sql.Clean(k.Address.Name), k.Inbox, sql.Clean(k.Subject), v.User, sql.Micros(now)))
		}
		return t.Run(ctx, append(append(d.Calls, count.Call()), sql.Ask(func(row sql.Row) error {
			var at int64
			err := row.Scan(&out.Reply, &out.Effect, &at)
			out.Until = sql.Moment(at).Add(UndoFor)
			return err
		}, `SELECT id, effect, at FROM replies WHERE key = $1`, w.Key))...)
	})
	return out, err
}

// sideOf is the side thread in which something is asked, and whether it begins with that. Nobody is asked who takes part in the ticket: what he
// answered would be no customer's.
func (s *Store) sideOf(ctx context.Context, v viewer.Viewer, h House, a Aside) (k Side, begins bool, err error) {
	all, err := s.Sides(ctx, v, a.Ticket)
	if err != nil {
		return k, false, err
	}
	if a.Side != 0 {
		at := slices.IndexFunc(all, func(k Side) bool { return k.ID == a.Side })
		switch {
		case at < 0:
			return k, false, sql.ErrNotFound
		case all[at].Address.IsZero():
			return k, false, ErrNobody
		}
		return all[at], false, nil
	}
	if a.To.Kind != message.Email || a.To.Domain() == "" {
		return k, false, ErrAddress
	}
	if len(all) >= mostSides {
		return k, false, fmt.Errorf("there are %d side threads, which is the most: %w", mostSides, ErrNobody)
	}
	box := a.To.Identity().Mailbox()
	for _, k := range all { // who was asked before is asked in the same thread
		if !k.Address.IsZero() && k.Address.Identity().Mailbox() == box && k.Ticket == a.Ticket {
			return k, false, nil
		}
	}
	k = Side{Ticket: a.Ticket, Address: a.To}
	var display, people string
	var taking int
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error { return row.Scan(&k.Inbox, &display, &people) }, `SELECT inbox, display, participants FROM tickets WHERE id = $1`, a.Ticket),
			sql.Ask(sql.Into(&taking), `SELECT count(*) FROM identities i JOIN tickets t ON t.contact = i.contact WHERE t.id = $1 AND i.contact <> 0 AND i.address = $2`, a.Ticket, s.base.Address(a.To.Identity())))
	})
	if err != nil {
		return k, false, err
	}
	part, err := sql.Unlist[message.Identity](people)
	if err != nil {
		return k, false, fmt.Errorf("reading who takes part: %w", err)
	}
	if taking > 0 || h.Ours != nil && h.Ours(a.To.Identity()) || slices.ContainsFunc(part, func(p message.Identity) bool { return p.Mailbox() == box }) {
		return k, false, ErrPart
	}
	k.Subject = begin(strings.TrimSpace("Fwd: "+display), longestSubject)
	return k, true, nil
}

// asking is what carries it out, and what it stands on: the third party's newest answer.
func (s *Store) asking(ctx context.Context, v viewer.Viewer, h House, w Writing, k Side) (c side.Ask, before recipients.Reading, err error) {
	r := planOf(v, w, 0)
	quote := w // the customer's language introduces his words: nobody knows a third party's
	if err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(sql.Into(&quote.Language), `SELECT language FROM tickets WHERE id = $1`, w.Ticket))
	}); err != nil {
		return c, before, err
	}
	if r.Signature, _, err = s.Below(ctx, v, h, Writing{Kind: replies.Answer, Inbox: w.Inbox, Language: quote.Language}); err != nil {
		return c, before, err
	}
	if w.Of != 0 {
		if r.Quote, err = s.quoted(ctx, h, quote); err != nil {
			return c, before, err
		}
	}
	effect, err := s.base.Sequences.TakeAll(ctx, pipeline.SequenceEffect, 1)
	if err != nil {
		return c, before, err
	}
	r.Effect = effect[0]
	c = side.Ask{Reply: r, Actor: v.Login, Row: effects.Plan{ID: effect[0], Key: effects.KindForward + ":" + w.Key, Kind: effects.KindForward, Inbox: w.Inbox, Channel: w.Channel, To: k.Address}}
	if k.ID == 0 {
		return c, before, nil
	}
	var newest int64
	var sealed []byte
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		newest, sealed = 0, nil
		return t.Run(ctx, sql.Ask(func(row sql.Row) error { return row.Scan(&newest, &sealed) },
			`SELECT a.message, r.sealed FROM side_messages a JOIN readings r ON r.message = a.message WHERE a.side = $1 ORDER BY a.message DESC LIMIT 1`, k.ID))
	})
	if err == nil {
		before, err = s.reading(ctx, newest, sealed)
	}
	return c, before, err
}

// asked are the mailboxes of the third parties of a ticket: none of them gets an answer that is for its customer.
func (s *Store) asked(ctx context.Context, ticket int64) (out []message.Identity, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(ctx, sql.Ask(sql.Value(func(address string) {
			out = append(out, message.Address{Kind: message.Email, Value: address}.Identity().Mailbox())
		}), `SELECT address FROM side_threads WHERE address <> '' AND ticket {in `+plans.Group+`} ORDER BY id`, ticket))
	})
	return out, err
}
