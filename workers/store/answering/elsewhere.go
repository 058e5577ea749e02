package answering

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Other is an address of a ticket's own customer beside the one to which an answer goes by itself. It is proven to be his.
type Other struct {
	Address message.Address
	Channel string            // by which it is written to; empty: no inbox writes to such
	Why     recipients.Reason // why no answer may or can go there; empty: one may
}

// mostOthers bounds the addresses that are offered: nobody chooses among more.
const mostOthers = 20

// Others are the addresses to which an answer that stands on g could go as well: those that are proven to be of the contact of its ticket, and of nobody
// whose ticket is merged into it. sql.ErrNotFound: there is no such ticket that the viewer may answer.
func (s *Store) Others(ctx context.Context, v viewer.Viewer, h House, g Ground) (out []Other, err error) {
	var all []Other
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		if err := readable(ctx, t, v, viewer.Answer, g.Ticket); err != nil {
			return err
		}
		all = nil
		return t.Run(ctx, askOwn(g.Ticket, &all))
	})
	if err != nil {
		return nil, fmt.Errorf("reading where else the customer of ticket %d can be reached: %w", g.Ticket, err)
	}
	for _, o := range all {
		if slices.ContainsFunc(g.Recipients.To, func(a message.Address) bool { return a.Identity() == o.Address.Identity() }) {
			continue
		}
		by, channel, ok := h.Ways(g.Inbox, o.Address.Kind)
		if ok && by != "" {
			o.Channel = channel
		} else if o.Why == "" {
			o.Why = recipients.NoWay
		}
		out = append(out, o)
	}
	return out, nil
}

// askOwn asks for the addresses that are proven to be of a ticket's contact.
func askOwn(ticket int64, into *[]Other) sql.Call {
	return sql.Ask(func(row sql.Row) error {
		var o Other
		var stopped, failed bool
		err := row.Scan(&o.Address.Kind, &o.Address.Value, &stopped, &failed)
		switch {
		case stopped:
			o.Why = recipients.OptedOut
		case failed:
			o.Why = recipients.Failed
		}
		*into = append(*into, o)
		return err
	}, `SELECT kind, value, opted_out, failed FROM identities WHERE contact <> 0 AND contact = (SELECT contact FROM tickets WHERE id = $1) AND verified AND value <> ''
ORDER BY kind, value LIMIT $2`, ticket, int64(mostOthers))
}

// Elsewhere is what an answer stands on that goes to one of a ticket's Others, and to nobody else. ErrNobody: none may go there.
func (s *Store) Elsewhere(ctx context.Context, v viewer.Viewer, h House, g Ground, to message.Identity) (Ground, error) {
	all, err := s.Others(ctx, v, h, g)
	if err != nil {
		return Ground{}, err
	}
	at := slices.IndexFunc(all, func(o Other) bool { return o.Address.Identity() == to && o.Why == "" })
	if at < 0 {
		return Ground{}, fmt.Errorf("answering ticket %d at another address: %w", g.Ticket, ErrNobody)
	}
	o := all[at]
	by, channel, _ := h.Ways(g.Inbox, o.Address.Kind)
	if g.Subject = ""; o.Address.Kind == message.Email {
		display := ""
		if err := s.base.Read(ctx, "reading the subject of a ticket", sql.Ask(sql.Into(&display), `SELECT display FROM tickets WHERE id = $1`, g.Ticket)); err != nil {
			return Ground{}, err
		}
		if display != "" {
			g.Subject = answering(display)
		}
	}
	g.Elsewhere, g.Inbox, g.Channel, g.Carries, g.Left = true, by, channel, h.Carries[channel], nil
	g.Recipients, g.Proven = replies.Recipients{To: []message.Address{o.Address}}, []message.Identity{to}
	return g, nil
}

// own holds what goes to another address of the customer's to what is known at the moment of sending: it is still proven to be his, and
// takes something.
func own(ctx context.Context, t sql.Tx, w Writing) error {
	if !w.Elsewhere {
		return nil
	}
	var all []Other
	if err := t.Run(ctx, askOwn(w.Ticket, &all)); err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(o Other) bool { return o.Why == "" && o.Address.Identity() == w.Recipients.To[0].Identity() }) {
		return ErrNobody
	}
	return nil
}

// elsewhere is where an answer stands that goes to another address of the customer's: in no conversation that the ticket has had, and in the channel's own with that
// address from when it goes out. So what the customer answers there comes into this ticket.
func (h House) elsewhere(w Writing) (json.RawMessage, error) {
	p := Payload{}
	if h.Conversation != nil {
		p.Conversation = h.Conversation(w.Inbox, w.Recipients.To[0])
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("writing the payload of an answer: %w", err)
	}
	return b, nil
}
