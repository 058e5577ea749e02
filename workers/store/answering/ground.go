package answering

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Ways says by which inbox, and by which channel, an address of that kind is written to on behalf of an inbox: its own where that can, else
// the one that is configured for such addresses. ok is false where none can.
type Ways func(inbox string, kind message.AddressKind) (by, channel string, ok bool)

// Ground is what an answer on a ticket stands on: whom it goes to and by which way, as the page shows it and Writing takes it back, so
// that it goes where its writer saw that it would.
type Ground struct {
	Ticket         int64
	Talk           int64 // how much was said: Writing.Seen
	Of             int64 // the newest message of the customer; 0: none is left
	Channel, Inbox string
	Recipients     replies.Recipients // none: nobody can be written to
	Proven         bool               // the customer has proven that the address is his
	Subject        string             // of mail, with "Re:"
	Language       string             // of the customer: BCP 47
}

// newest is the customer's newest message of a ticket, and how its acknowledgement went.
type newest struct {
	id              int64
	inbox           string
	from            message.Address
	proven          bool
	ackInbox, ackBy string // empty: it has none
	ackTo           message.Address
	display, lang   string
	queue           string
}

// Ground reads what an answer on a ticket stands on. sql.ErrNotFound: there is no such ticket that the viewer may answer.
func (s *Store) Ground(ctx context.Context, v viewer.Viewer, ticket int64, ways Ways) (Ground, error) {
	g := Ground{Ticket: ticket}
	var m newest
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		g, m = Ground{Ticket: ticket}, newest{}
		if err := readable(ctx, t, v, viewer.Answer, ticket); err != nil {
			return err
		}
		return t.Run(ctx,
			sql.Ask(func(row sql.Row) error { return row.Scan(&m.display, &m.lang, &m.queue) }, `SELECT display, language, queue FROM tickets WHERE id = $1`, ticket),
			sql.Ask(sql.Into(&g.Talk), `SELECT count(*) FROM entries WHERE ticket = $1 AND kind IN (`+talk+`)`, ticket),
			sql.Ask(func(row sql.Row) error {
				return row.Scan(&m.id, &m.inbox, &m.from.Kind, &m.from.Value, &m.from.Name, &m.proven)
			}, `SELECT id, inbox, sender_kind, sender_value, sender_name, proven FROM messages WHERE ticket = $1 AND ticket <> 0 AND erased_at = 0
AND state IN ('`+string(messages.Ticketed)+`', '`+string(messages.Appended)+`')
ORDER BY CASE WHEN kind IN (`+machines+`) THEN 1 ELSE 0 END, decided_at DESC, id DESC LIMIT 1`, ticket),
			sql.Ask(func(row sql.Row) error {
				var of int64
				var ack newest
				if err := row.Scan(&of, &ack.ackInbox, &ack.ackBy, &ack.ackTo.Kind, &ack.ackTo.Value, &ack.ackTo.Name); err != nil || of != m.id {
					return err
				}
				m.ackInbox, m.ackBy, m.ackTo = ack.ackInbox, ack.ackBy, ack.ackTo
				return nil
			}, `SELECT m.id, o.inbox, o.channel, o.to_kind, o.to_value, o.to_name FROM messages m JOIN outbox o ON o.message = m.id
WHERE m.ticket = $1 AND m.ticket <> 0 AND o.message <> 0 AND o.kind = '`+effects.KindAcknowledgement+`' AND NOT o.erased AND o.state <> '`+string(effects.Fallback)+`' ORDER BY o.id`, ticket))
	})
	if err != nil {
		return Ground{}, fmt.Errorf("reading what an answer on ticket %d stands on: %w", ticket, err)
	}
	return m.ground(g, ways), nil
}

// machines are the kinds of messages that no customer wrote to be answered, as a list in SQL.
var machines = "'" + strings.Join([]string{string(screen.Auto), string(screen.DSN), string(screen.MDN), string(screen.ARF), string(screen.Own), string(screen.Echo)}, "', '") + "'"

// ground is where the answer goes: to the address that the newest message's acknowledgement went to, which its Reply-To and its form
// had named, else to its sender.
func (m newest) ground(g Ground, ways Ways) Ground {
	g.Of, g.Language, g.Proven = m.id, m.lang, m.proven
	switch to := m.from; {
	case m.id == 0:
	case !m.ackTo.IsZero() && m.ackInbox != "":
		g.Inbox, g.Channel, g.Recipients.To = m.ackInbox, m.ackBy, []message.Address{m.ackTo}
		g.Proven = m.proven && m.ackTo.Identity() == to.Identity()
	case !to.IsZero():
		if by, channel, ok := ways(m.inbox, to.Kind); ok {
			g.Inbox, g.Channel, g.Recipients.To = by, channel, []message.Address{to}
		}
	}
	if len(g.Recipients.To) > 0 && g.Recipients.To[0].Kind == message.Email {
		g.Subject = answering(m.display)
	}
	return g
}

// answering is a subject with one "Re:" before it.
func answering(subject string) string {
	if rest, ok := strings.CutPrefix(strings.ToLower(subject), "re:"); ok && len(rest) == len(subject)-3 {
		return subject
	}
	return strings.TrimSpace("Re: " + subject)
}

// talk are the kinds of entries that are somebody's words, as a list in SQL.
var talk = "'" + strings.Join(entries.Talk(), "', '") + "'"

// Payload is what a row of the outbox of kind reply keeps beside its reply: where in a conversation it stands. Message-IDs are without
// brackets.
type Payload struct {
	Thread     string   `json:"thread,omitempty"`
	InReplyTo  string   `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
}

// mostReferences bounds the ancestors that an answer names (RFC 5322 §3.6.4 sets none); the first and the nearest stay.
const mostReferences = 20

// payloadOf is where in the conversation an answer stands, by what the ticket's last acknowledgement knew of the mail that it answered.
func payloadOf(ack string) (json.RawMessage, error) {
	var p pipeline.AckPayload
	if ack != "" {
		if err := json.Unmarshal([]byte(ack), &p); err != nil {
			return nil, fmt.Errorf("reading the payload of an acknowledgement: %w", err)
		}
	}
	out := Payload{Thread: p.Thread, InReplyTo: p.InReplyTo}
	if p.InReplyTo != "" {
		out.References = append(slices.Clone(p.References), p.InReplyTo)
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

// askAck asks for the payload of a ticket's last acknowledgement.
func askAck(ticket int64, into *string) sql.Call {
	return sql.Ask(sql.Into(into), `SELECT o.payload FROM messages m JOIN outbox o ON o.message = m.id
WHERE m.ticket = $1 AND m.ticket <> 0 AND o.message <> 0 AND o.kind = '`+effects.KindAcknowledgement+`' ORDER BY o.id DESC LIMIT 1`, ticket)
}
