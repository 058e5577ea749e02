// Package answering carries out what agents write on tickets: drafts, answers to customers, notes for colleagues, and what is taken back
// or sent once more. Every method takes who does it; of what he may not see it says that it is not there (sql.ErrNotFound).
package answering

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
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

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	plans *plans.Store
}

// New makes the room.
func New(b *base.Store, p *plans.Store) *Store { return &Store{base: b, plans: p} }

// UndoFor is how long an answer waits before it goes out, so that its writer can take it back.
const UndoFor = 10 * time.Second

// Bounds of what is written.
const (
	LongestText    = 256 << 10 // bytes
	longestSubject = 998       // RFC 5322 §2.1.1
	longestKey     = 100
)

// Errors of what is written. ErrOvertaken: somebody has written since the writer looked; his text is to be shown to him again.
var (
	ErrOvertaken = domain.ErrOvertaken
	ErrEmpty     = errors.New("there is no text")
	ErrTooLong   = fmt.Errorf("the text is longer than %d bytes", LongestText)
	ErrNobody    = errors.New("nobody can be written to by this channel")
	ErrNoKey     = errors.New("the page has no key, or one that is too long")
)

// Writing is an answer or a note as its writer sends it.
type Writing struct {
	Key    string // of the page; at most 100 bytes of a random text
	Kind   replies.Kind
	Ticket int64
	Seen   int64 // how much was said in the ticket, as the page had it (Ground.Talk)
	Anyway bool
	// Despite are the findings of the outgoing check that the writer was shown and sends despite of (outgoing.Finding.Key).
	Despite []string
	Text    string
	// Of an answer: where it goes, as the page showed it (Ground).
	Channel, Inbox string
	Carries        message.Carries
	Recipients     replies.Recipients
	Subject        string
	Language       string // BCP 47
	Of             int64  // the message that it answers
	Elsewhere      bool   // as Ground.Elsewhere
}

// Sent is what became of a Writing.
type Sent struct {
	Reply  int64     // its id
	Effect int64     // its outbox row; 0 for a note
	Until  time.Time // until then it can be taken back; zero for a note
}

// valid says what is wrong with a writing.
func (w Writing) valid() error {
	switch {
	case w.Key == "" || len(w.Key) > longestKey:
		return ErrNoKey
	case strings.TrimSpace(w.Text) == "":
		return ErrEmpty
	case len(w.Text) > LongestText:
		return ErrTooLong
	case w.Kind == replies.Answer && (w.Inbox == "" || len(w.Recipients.To) == 0 || w.Recipients.To[0].IsZero()):
		return ErrNobody
	case w.Kind == replies.Answer && len(w.Recipients.To) > 1:
		return fmt.Errorf("an answer with %d addresses in To, of which there is one", len(w.Recipients.To))
	case w.Kind != replies.Answer && w.Kind != replies.Note:
		return fmt.Errorf("writing of kind %q: there are %s and %s", w.Kind, replies.Answer, replies.Note)
	}
	return channels.Outbound{Text: w.Text, Cc: w.Recipients.Cc}.Fits(w.Carries)
}

// Send sends an answer, which goes out after UndoFor, or leaves a note. What is sent twice from one page is sent once: the second time
// tells of the first. The writer's draft of that kind goes with it. What stands below the answer is fixed here, and goes out so whatever the
// configuration says by then. *FoundError: the outgoing check has found something.
func (s *Store) Send(ctx context.Context, v viewer.Viewer, h House, w Writing, now time.Time) (Sent, error) {
	out, err := s.send(ctx, v, h, w, now)
	if err != nil {
		return Sent{}, fmt.Errorf("sending what was written on ticket %d: %w", w.Ticket, err)
	}
	return out, nil
}

func (s *Store) send(ctx context.Context, v viewer.Viewer, h House, w Writing, now time.Time) (out Sent, err error) {
	if err := w.valid(); err != nil {
		return out, err
	}
	w, despite, err := checked(h, w)
	if err != nil {
		return out, err
	}
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 2)
	if err != nil {
		return out, err
	}
	command, of, err := s.command(ctx, v, h, w, ids[0], now)
	if err != nil {
		return out, err
	}
	command.Reply.Despite = despite
	err = s.base.Write(ctx, func(t sql.Tx) error {
		locked, err := lock(ctx, t, w.Ticket)
		if err != nil || !v.May(viewer.Answer, locked.queue) {
			return orGone(err)
		}
		if err := enclosed(ctx, t, v, h, w); err != nil {
			return err
		}
		command.Contact = locked.contact
		if err := own(ctx, t, w); err != nil {
			return err
		}
		if command.Row != nil {
			if command.Row.Payload, err = stands(ctx, t, h, w, of); err != nil {
				return err
			}
		}
		count := base.Tally{}
		d, err := s.plans.Carry(ctx, t, []domain.Command{command}, ids[1:], now, count)
		if err != nil {
			return err
		}
		d.Calls = append(d.Calls, count.Call())
		if len(d.Plan.Replies) > 0 {
			d.Calls = append(d.Calls, emptied(w.Ticket, v.User, w.Kind, now), enclose(w, v.User, d.Plan.Replies[0].ID))
		}
		return t.Run(ctx, append(d.Calls, sql.Ask(func(row sql.Row) error {
			var at int64
			err := row.Scan(&out.Reply, &out.Effect, &at)
			if out.Effect != 0 {
				out.Until = sql.Moment(at).Add(UndoFor)
			}
			return err
		}, `SELECT id, effect, at FROM replies WHERE key = $1`, w.Key))...)
	})
	return out, err
}

// stands is the payload of an answer: where in a conversation it stands.
func stands(ctx context.Context, t sql.Tx, h House, w Writing, of recipients.Reading) (json.RawMessage, error) {
	if w.Elsewhere {
		return h.elsewhere(w)
	}
	ack := ""
	if err := t.Run(ctx, askAck(w.Ticket, w.Of, &ack)); err != nil {
		return nil, err
	}
	return payloadOf(ack, of)
}

// command is what carries a writing out, under that id, and what an answer of it stands on.
func (s *Store) command(ctx context.Context, v viewer.Viewer, h House, w Writing, id int64, now time.Time) (c commands.SendReply, of recipients.Reading, err error) {
	c = commands.SendReply{Reply: planOf(v, w, id), Actor: v.Login, Seen: w.Seen, Anyway: w.Anyway}
	if w.Kind != replies.Answer {
		return c, of, nil
	}
	if c.Reply.Signature, c.Reply.Quote, err = s.Below(ctx, v, h, w); err != nil {
		return c, of, err
	}
	effect, err := s.base.Sequences.TakeAll(ctx, pipeline.SequenceEffect, 1)
	if err != nil {
		return c, of, err
	}
	c.Reply.Effect = effect[0]
	c.Row = &effects.Plan{ID: effect[0], Key: effects.KindReply + ":" + w.Key, Kind: effects.KindReply, Inbox: w.Inbox, Channel: w.Channel,
		To: w.Recipients.To[0], Due: now.Add(UndoFor)}
	of, err = s.answered(ctx, w.Ticket, w.Of)
	return c, of, err
}

// planOf is the reply as it will be kept.
func planOf(v viewer.Viewer, w Writing, id int64) replies.Plan {
	r := replies.Plan{ID: id, Key: w.Key, Kind: w.Kind, Ticket: w.Ticket, Author: v.User, Name: v.Name, Text: w.Text, Markup: replies.Markdown, Language: w.Language, Of: w.Of}
	if w.Kind == replies.Answer {
		r.Channel, r.Inbox, r.Recipients, r.Subject = w.Channel, w.Inbox, w.Recipients, begin(w.Subject, longestSubject)
	}
	return r
}

// begin is the beginning of a text, in bytes, between two characters.
func begin(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

// locked is what is read of a ticket before something is written on it.
type locked struct {
	queue   string
	contact int64
}

// lock locks a ticket, so that the line and colleagues write before or after, and not meanwhile.
func lock(ctx context.Context, t sql.Tx, ticket int64) (out locked, err error) {
	found := false
	err = t.Run(ctx, sql.Ask(func(row sql.Row) error {
		found = true
		return row.Scan(&out.queue, &out.contact)
	}, `SELECT queue, contact FROM tickets WHERE id = $1 FOR UPDATE`, ticket))
	if err == nil && !found {
		err = sql.ErrNotFound
	}
	return out, err
}

func orGone(err error) error {
	if err == nil {
		return sql.ErrNotFound
	}
	return err
}

// Undo takes an answer back before it goes out, and gives its text to its writer's draft. sql.ErrNotFound: it is on its way, or is not his.
func (s *Store) Undo(ctx context.Context, v viewer.Viewer, reply int64, now time.Time) error {
	err := s.again(ctx, v, reply, now, func(actor string) domain.Command {
		return commands.UndoReply{Reply: reply, Actor: actor, Cause: causes.Undone}
	}, func(r written) []sql.Call {
		if r.side != 0 { // a page offers it again: what was for a third party stands in no draft for the customer
			return nil
		}
		return []sql.Call{sql.Do(`INSERT INTO drafts (ticket, author, kind, version, text, saved_at) VALUES ($1, $2, $3, 1, $4, $5)
ON CONFLICT (ticket, author, kind) DO UPDATE SET version = drafts.version + 1, saved_at = excluded.saved_at,
text = CASE WHEN drafts.text = '' THEN excluded.text ELSE excluded.text || $6 || drafts.text END`,
			r.ticket, r.author, string(r.kind), r.text, sql.Micros(now), "\n\n"), sql.Do(`UPDATE enclosures SET reply = 0 WHERE reply <> 0 AND reply = $1`, reply)}
	})
	if err != nil {
		return fmt.Errorf("taking back answer %d: %w", reply, err)
	}
	return nil
}

// Retry sends an answer once more that has failed, or that was withheld since the customer had said STOP. sql.ErrNotFound: it has not.
func (s *Store) Retry(ctx context.Context, v viewer.Viewer, reply int64, now time.Time) error {
	err := s.again(ctx, v, reply, now, func(actor string) domain.Command {
		return commands.RetryReply{Reply: reply, Actor: actor, Undo: causes.Undone}
	}, func(written) []sql.Call { return nil })
	if err != nil {
		return fmt.Errorf("sending answer %d once more: %w", reply, err)
	}
	return nil
}

// written is a reply that somebody wants something of. ticket is the one in which its own is worked on.
type written struct {
	ticket, author, side int64
	kind                 replies.Kind
	text                 string
}

// again carries out a command about a reply, with what is to be written beside.
func (s *Store) again(ctx context.Context, v viewer.Viewer, reply int64, now time.Time, command func(actor string) domain.Command, beside func(written) []sql.Call) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error {
		var r written
		if err := t.Run(ctx, sql.Ask(func(row sql.Row) error { return row.Scan(&r.ticket, &r.author, &r.kind, &r.text, &r.side) },
			`SELECT ticket, author, kind, text, side FROM replies WHERE id = $1`, reply)); err != nil {
			return err
		}
		if _, err := lock(ctx, t, r.ticket); err != nil {
			return err
		}
		var err error
		if r.ticket, err = worked(ctx, t, v, viewer.Answer, r.ticket); err != nil {
			return err
		}
		count := base.Tally{}
		d, err := s.plans.Carry(ctx, t, []domain.Command{command(v.Login)}, ids, now, count)
		if err != nil {
			return err
		}
		return t.Run(ctx, append(append(d.Calls, count.Call()), beside(r)...)...)
	})
}
