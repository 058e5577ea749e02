package answering

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/outgoing"
	"frontdesk/pipeline/recipients"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Ways says by which inbox, and by which channel, an address of that kind is written to on behalf of an inbox: its own where that can, else
// the one that is configured for such addresses. ok is false where none can.
type Ways func(inbox string, kind message.AddressKind) (by, channel string, ok bool)

// House is what the configuration says of those who write answers and how. It is read, never changed.
type House struct {
	Ways    Ways
	Carries map[string]message.Carries   // by the channel's name
	Ours    func(message.Identity) bool  // whether an address reaches this desk; nil: none does
	Letters map[string]Letterhead        // by the inbox that sends
	Check   *outgoing.Check              // what agents may not send; nil: nothing is looked for
	Name    func(language string) string // the desk's name in a language; nil: it has none
	Zone    *time.Location               // of times that customers read; nil: UTC
	// Conversation is the key under which the channel of an inbox knows the conversation with an address; "" where it has none. Nil: no channel has.
	Conversation func(inbox string, to message.Address) string
}

// Ground is what an answer on a ticket stands on: whom it goes to and by which way, as the page shows it and Writing takes it back, so
// that it goes where its writer saw that it would.
type Ground struct {
	Ticket         int64
	Queue          string
	Talk           int64 // how much was said: Writing.Seen
	Of             int64 // the newest message of the customer; 0: none is left
	Channel, Inbox string
	Carries        message.Carries    // of the channel
	Recipients     replies.Recipients // one in To; none: nobody can be written to
	Proven         []message.Identity // those of the recipients who have shown that the address is theirs
	Left           []recipients.Left  // who was written to as well, and gets nothing
	Subject        string             // of mail, with "Re:"
	Language       string             // of the customer: BCP 47
	Elsewhere      bool               // it goes to another address of the customer's, which somebody has chosen (Store.Elsewhere)
}

// Proves reports whether a recipient has shown that the address is his.
func (g Ground) Proves(a message.Address) bool { return slices.Contains(g.Proven, a.Identity()) }

// newest is the customer's newest message of a ticket, or of one of his that is merged into it, and how its acknowledgement went.
type newest struct {
	id              int64
	inbox           string
	from            message.Address
	proven          bool
	sealed          []byte // its reading; nil: it has none
	ackInbox, ackBy string // empty: it has none
	ackTo           message.Address
	display, lang   string
	queue           string
}

// Ground reads what an answer on a ticket stands on. sql.ErrNotFound: there is no such ticket that the viewer may answer.
func (s *Store) Ground(ctx context.Context, v viewer.Viewer, ticket int64, h House) (Ground, error) {
	g, err := s.ground(ctx, v, ticket, h)
	if err != nil {
		return Ground{}, fmt.Errorf("reading what an answer on ticket %d stands on: %w", ticket, err)
	}
	return g, nil
}

func (s *Store) ground(ctx context.Context, v viewer.Viewer, ticket int64, h House) (Ground, error) {
	g := Ground{Ticket: ticket}
	m, err := s.newest(ctx, v, ticket, &g.Talk)
	if err != nil {
		return g, err
	}
	m.ground(&g, h)
	if len(g.Recipients.To) == 0 {
		return g, nil
	}
	var r recipients.Reading
	if g.Recipients.To[0].Kind == message.Email {
		if r, err = s.reading(ctx, m.id, m.sealed); err != nil {
			return g, err
		}
	}
	third, err := s.asked(ctx, ticket)
	if err != nil {
		return g, err
	}
	proven, shut, err := s.known(ctx, append(r.Addresses(), g.Recipients.To...))
	if err != nil {
		return g, err
	}
	if m.proven {
		proven = append(proven, m.from.Identity())
	}
	for _, a := range r.Addresses() {
		if slices.Contains(third, a.Identity().Mailbox()) {
			shut[a.Identity()] = recipients.Aside
		}
	}
	g.address(r, m.proven, shut, h)
	for _, a := range slices.Concat(g.Recipients.To, g.Recipients.Cc) {
		if id := a.Identity(); slices.Contains(proven, id) && !slices.Contains(g.Proven, id) {
			g.Proven = append(g.Proven, id)
		}
	}
	return g, nil
}

// newest reads the customer's newest message, and how much was said.
func (s *Store) newest(ctx context.Context, v viewer.Viewer, ticket int64, talked *int64) (m newest, err error) {
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		m = newest{}
		if err := readable(ctx, t, v, viewer.Answer, ticket); err != nil {
			return err
		}
		return t.Run(ctx,
			sql.Ask(func(row sql.Row) error { return row.Scan(&m.display, &m.lang, &m.queue) }, `SELECT display, language, queue FROM tickets WHERE id = $1`, ticket),
			sql.Ask(sql.Into(talked), `SELECT count(*) FROM entries WHERE ticket {in `+plans.Group+`} AND kind IN (`+plans.TalkKinds+`)`, ticket),
			sql.Ask(func(row sql.Row) error {
				return row.Scan(&m.id, &m.inbox, &m.from.Kind, &m.from.Value, &m.from.Name, &m.proven, &m.sealed)
			}, `SELECT m.id, m.inbox, m.sender_kind, m.sender_value, m.sender_name, m.proven, r.sealed FROM messages m LEFT JOIN readings r ON r.message = m.id
WHERE m.ticket {in `+plans.OfCustomer+`} AND m.ticket <> 0 AND m.erased_at = 0 AND m.state IN ('`+string(messages.Ticketed)+`', '`+string(messages.Appended)+`')
ORDER BY CASE WHEN m.kind IN (`+machines+`) THEN 1 ELSE 0 END, m.decided_at DESC, m.id DESC LIMIT 1`, ticket),
			sql.Ask(func(row sql.Row) error {
				var of int64
				var ack newest
				if err := row.Scan(&of, &ack.ackInbox, &ack.ackBy, &ack.ackTo.Kind, &ack.ackTo.Value, &ack.ackTo.Name); err != nil || of != m.id {
					return err
				}
				m.ackInbox, m.ackBy, m.ackTo = ack.ackInbox, ack.ackBy, ack.ackTo
				return nil
			}, `SELECT m.id, o.inbox, o.channel, o.to_kind, o.to_value, o.to_name FROM messages m JOIN outbox o ON o.message = m.id
WHERE m.ticket {in `+plans.OfCustomer+`} AND m.ticket <> 0 AND o.message <> 0 AND o.kind = '`+effects.KindAcknowledgement+`' AND NOT o.erased AND o.state <> '`+string(effects.Fallback)+`'
AND NOT (o.state = '`+string(effects.Withheld)+`' AND o.cause = '`+causes.Split+`') ORDER BY o.id`, ticket)) // that one was never to go anywhere
	})
	return m, err
}

// reading opens what an answer to a message stands on. What cannot be opened is none: its ticket is answered all the same, and an audit
// names it.
func (s *Store) reading(ctx context.Context, message int64, sealed []byte) (recipients.Reading, error) {
	if len(sealed) == 0 {
		return recipients.Reading{}, nil
	}
	r, err := base.OpenReading(ctx, s.base.Ring, message, sealed)
	if errors.Is(err, keyring.ErrSealed) {
		err = nil
	}
	return r, err
}

// known says of addresses which are proven, and to which nothing may or can be sent.
func (s *Store) known(ctx context.Context, all []message.Address) (proven []message.Identity, shut map[message.Identity]recipients.Reason, err error) {
	of, keys := map[string]message.Identity{}, []string{}
	for _, a := range all {
		key := s.base.Address(a.Identity())
		if _, there := of[key]; !there {
			of[key], keys = a.Identity(), append(keys, key)
		}
	}
	err = s.base.DB.Read(ctx, func(t sql.Tx) error {
		proven, shut = nil, map[message.Identity]recipients.Reason{}
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var key string
			var verified, stopped, failed bool
			if err := row.Scan(&key, &verified, &stopped, &failed); err != nil {
				return err
			}
			id := of[key]
			switch {
			case stopped:
				shut[id] = recipients.OptedOut
			case failed:
				shut[id] = recipients.Failed
			}
			if verified {
				proven = append(proven, id)
			}
			return nil
		}, `SELECT address, verified, opted_out, failed FROM identities WHERE address = ANY($1)`, keys))
	})
	return proven, shut, err
}

// machines are the kinds of messages that no customer wrote to be answered, as a list in SQL.
var machines = "'" + strings.Join([]string{string(screen.Auto), string(screen.DSN), string(screen.MDN), string(screen.ARF), string(screen.Own), string(screen.Echo)}, "', '") + "'"

// ground is where the answer goes: to the address that the newest message's acknowledgement went to, which its form had named, else to
// its sender.
func (m newest) ground(g *Ground, h House) {
	g.Of, g.Language, g.Queue = m.id, m.lang, m.queue
	switch to := m.from; {
	case m.id == 0:
	case !m.ackTo.IsZero() && m.ackInbox != "":
		g.Inbox, g.Channel, g.Recipients.To = m.ackInbox, m.ackBy, []message.Address{m.ackTo}
	case !to.IsZero():
		if by, channel, ok := h.Ways(m.inbox, to.Kind); ok {
			g.Inbox, g.Channel, g.Recipients.To = by, channel, []message.Address{to}
		}
	}
	g.Carries = h.Carries[g.Channel]
	if len(g.Recipients.To) > 0 && g.Recipients.To[0].Kind == message.Email {
		g.Subject = answering(m.display)
	}
}

// address has an answer by mail go to all who are to get it.
func (g *Ground) address(r recipients.Reading, proven bool, shut map[message.Identity]recipients.Reason, h House) {
	if g.Recipients.To[0].Kind != message.Email {
		return
	}
	ours := h.Ours
	if ours == nil {
		ours = func(message.Identity) bool { return false }
	}
	set := recipients.Answer(recipients.Asked{From: g.Recipients.To[0], Proven: proven, Reading: r, Ours: ours, Shut: shut, Most: g.Carries.Cc})
	g.Recipients, g.Left = replies.Recipients{Cc: set.Cc}, set.Left
	if !set.To.IsZero() {
		g.Recipients.To = []message.Address{set.To}
	}
}

// answering is a subject with one "Re:" before it.
func answering(subject string) string {
	if rest, ok := strings.CutPrefix(strings.ToLower(subject), "re:"); ok && len(rest) == len(subject)-3 {
		return subject
	}
	return strings.TrimSpace("Re: " + subject)
}

// Payload is what a row of the outbox of kind reply keeps beside its reply: where in a conversation it stands. Message-IDs are without
// brackets.
type Payload struct {
	Thread     string   `json:"thread,omitempty"`
	InReplyTo  string   `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
	// Conversation is the one that belongs to the ticket from when the answer goes out (House.Conversation).
	Conversation string `json:"conversation,omitempty"`
}

// mostReferences bounds the ancestors that an answer names (RFC 5322 §3.6.4 sets none); the first and the nearest stay.
const mostReferences = 20

// payloadOf is where in the conversation an answer stands: below the mail that it answers, and where nothing is kept of that, below the one that
// the ticket's last acknowledgement has answered. The channel's own conversation is known by the acknowledgement alone.
func payloadOf(ack string, r recipients.Reading) (json.RawMessage, error) {
	var p pipeline.AckPayload
	if ack != "" {
		if err := json.Unmarshal([]byte(ack), &p); err != nil {
			return nil, fmt.Errorf("reading the payload of an acknowledgement: %w", err)
		}
	}
	out := Payload{Thread: p.Thread, InReplyTo: p.InReplyTo}
	before := p.References
	if r.MessageID != "" {
		out.InReplyTo, before = r.MessageID, r.References
	}
	if out.InReplyTo != "" {
		out.References = append(slices.Clone(before), out.InReplyTo)
		if n := len(out.References); n > mostReferences {
			out.References = append(out.References[:1:1], out.References[n-mostReferences+1:]...)
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("writing the payload of an answer: %w", err)
	}
	return b, nil
}

// askAck asks for the payload of the last acknowledgement of the ticket to which the answered message belongs: the one that is answered, or
// one that is merged into it. Without a message it is that of the ticket itself.
func askAck(ticket, of int64, into *string) sql.Call {
	return sql.Ask(sql.Into(into), `SELECT o.payload FROM messages m JOIN outbox o ON o.message = m.id
WHERE m.ticket = coalesce((SELECT q.ticket FROM messages q WHERE q.id = $2 AND q.ticket <> 0), $1) AND m.ticket <> 0 AND o.message <> 0 AND o.kind = '`+effects.KindAcknowledgement+`' ORDER BY o.id DESC LIMIT 1`, ticket, of)
}

// answered reads what an answer to a message of a ticket stands on.
func (s *Store) answered(ctx context.Context, ticket, of int64) (recipients.Reading, error) {
	var sealed []byte
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		sealed = nil
		return t.Run(ctx, sql.Ask(sql.Into(&sealed), `SELECT r.sealed FROM messages m JOIN readings r ON r.message = m.id WHERE m.id = $2 AND m.ticket {in `+plans.OfCustomer+`}`, ticket, of))
	})
	if err != nil {
		return recipients.Reading{}, err
	}
	return s.reading(ctx, of, sealed)
}
