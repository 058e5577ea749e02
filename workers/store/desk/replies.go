package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Reply is what an agent has written, as a timeline shows it, with where an answer stands on its way.
type Reply struct {
	Kind       replies.Kind
	Author     int64
	Name       string // of the author
	Channel    string
	Recipients replies.Recipients // as they were shown to its writer; none for a note, and for one whose person was erased
	Subject    string
	Text       string   // "" for one whose person was erased
	Markup     string   // replies.Markdown, or "" for plain text
	Signature  string   // what went out below the text; "" for none
	Quote      string   // likewise: the words that it answers
	Side       int64    // the side thread in which it goes to a third party; 0: none
	Of         int64    // the message that it answers, or that it quotes to a third party
	Despite    []string // the kinds of what a check had found in it when it was sent (package outgoing)
	Language   string
	Files      []outbox.Enclosed
	State      effects.State // of its outbox row; "" for a note
	Cause      string        // why it failed, or does not go
	Attempts   int
	Next       time.Time // when it is tried next; zero: never
}

const askReply = `SELECT r.id, r.kind, r.author, r.author_name, r.channel, r.recipients, r.subject, r.text, r.markup, r.signature, r.quote, r.despite, r.language, r.side, r.answer_to,
coalesce(o.state, ''), coalesce(o.cause, ''), coalesce(o.attempts, 0), coalesce(o.next_at, 0) FROM replies r LEFT JOIN outbox o ON o.id = r.effect AND r.effect <> 0 WHERE `

func scanReply(row sql.Row) (id int64, r *Reply, err error) {
	r = &Reply{}
	var recipients, despite string
	var next int64
	if err = row.Scan(&id, &r.Kind, &r.Author, &r.Name, &r.Channel, &recipients, &r.Subject, &r.Text, &r.Markup, &r.Signature, &r.Quote, &despite, &r.Language, &r.Side, &r.Of, &r.State, &r.Cause, &r.Attempts, &next); err != nil {
		return id, r, err
	}
	r.Next = sql.Moment(next)
	if despite != "" {
		r.Despite = strings.Split(despite, ",")
	}
	if recipients != "" {
		if err = json.Unmarshal([]byte(recipients), &r.Recipients); err != nil {
			err = fmt.Errorf("reading the recipients of reply %d: %w", id, err)
		}
	}
	return id, r, err
}

func fillReplies(ctx context.Context, s *Store, _ int64, page map[int64]*Line) error {
	return s.lists.Read(ctx, "reading replies", sql.Ask(func(row sql.Row) error {
		id, r, err := scanReply(row)
		if line := page[id]; line != nil {
			line.Reply = r
		}
		return err
	}, askReply+`r.id = ANY($1)`, sql.KeysOf(page)), sql.Ask(func(row sql.Row) error {
		var id int64
		var f outbox.Enclosed
		err := row.Scan(&id, &f.ID, &f.Name, &f.Type, &f.Size, &f.Shown)
		if line := page[id]; line != nil && line.Reply != nil {
			line.Reply.Files = append(line.Reply.Files, f)
		}
		return err
	}, `SELECT reply, id, name, type, size, shown FROM enclosures WHERE reply <> 0 AND reply = ANY($1) ORDER BY reply, id`, sql.KeysOf(page)))
}

// Reply reads one reply with its ticket, or the one in which that is worked on. ErrNotFound: there is none, or the viewer may not read it.
func (s *Store) Reply(ctx context.Context, v viewer.Viewer, reply int64) (ticket int64, r Reply, err error) {
	err = s.lists.DB.Read(ctx, func(t sql.Tx) error {
		ticket, r = 0, Reply{}
		if err := t.Run(ctx, sql.Ask(sql.Into(&ticket), `SELECT CASE WHEN t.merged_into <> 0 THEN t.merged_into ELSE t.id END FROM replies r JOIN tickets t ON t.id = r.ticket WHERE r.id = $1`, reply)); err != nil {
			return err
		}
		queue, err := queueOf(ctx, t, v, viewer.Read, ticket)
		if err != nil {
			return err
		}
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			_, found, err := scanReply(row)
			if !v.May(viewer.Contact, queue) {
				found.veil()
			}
			r = *found
			return err
		}, askReply+`r.id = $1`, reply))
	})
	if err != nil {
		return 0, Reply{}, fmt.Errorf("reading reply %d: %w", reply, err)
	}
	return ticket, r, nil
}

// Saw notes that the viewer has been shown a ticket with so many messages. Who was shown more keeps that.
func (s *Store) Saw(ctx context.Context, v viewer.Viewer, ticket int64, messages int, now time.Time) error {
	err := s.base.Write(ctx, func(t sql.Tx) error {
		if _, err := queueOf(ctx, t, v, viewer.Read, ticket); err != nil {
			return err
		}
		return t.Run(ctx, sql.Do(`INSERT INTO marks (author, ticket, messages, at) VALUES ($1, $2, $3, $4) ON CONFLICT (author, ticket) DO UPDATE SET
messages = CASE WHEN excluded.messages > marks.messages THEN excluded.messages ELSE marks.messages END, at = excluded.at`, v.User, ticket, int64(messages), sql.Micros(now)))
	})
	if err != nil {
		return fmt.Errorf("noting who has looked at ticket %d: %w", ticket, err)
	}
	return nil
}
