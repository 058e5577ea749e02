package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/normalize"
)

// Learn says what a released message teaches the desk.
type Learn string

// What may be learned: nothing, that its sender is let in from now on, or whatever has its subject.
const (
	LearnNothing Learn = "none"
	LearnSender  Learn = pipeline.ExceptSender
	LearnSubject Learn = pipeline.ExceptSubject
)

// ErrLearn says that a released message has nothing of the kind that was to be learned from it.
var ErrLearn = errors.New("the message has no sender or subject to learn from; release it with nothing to be learned")

// Exception is a sender or subject that a person has let out of the parked messages: what looks like a machine's is
// not set aside for that any more.
type Exception struct {
	ID      int64  `json:"id"`
	Kind    string `json:"kind"`  // sender, subject
	Value   string `json:"value"` // as the released message has it; empty once that was erased
	Inbox   string `json:"inbox"`
	Cause   string `json:"cause"` // for which it was parked
	Message int64  `json:"message"`
	MadeAt  Stamp  `json:"made_at"`
	MadeBy  string `json:"made_by"`
}

// exceptionDigest is what is kept of a sender or subject: the row holds no address and no word.
func (s *Store) exceptionDigest(e pipeline.Exception) string {
	return s.ring.Digest([]byte("exception"), []byte(e.Kind), []byte(e.Value))
}

// exceptionOf makes what is to be learned. The causes that no words decide, such as malware or a blocked sender,
// teach nothing.
func exceptionOf(m domain.Message, learn Learn) (e pipeline.Exception, any bool, err error) {
	if learn == LearnNothing || !slices.Contains(causes.Learnable(), m.Cause) {
		return e, false, nil
	}
	sender := pipeline.Exception{Kind: pipeline.ExceptSender, Value: m.From.Identity().Value}
	subject := pipeline.Exception{Kind: pipeline.ExceptSubject, Value: normalize.Subject(m.Subject)}
	switch {
	case learn == LearnSender && sender.Value != "":
		return sender, true, nil
	case learn == LearnSubject && subject.Value != "":
		return subject, true, nil
	}
	return e, false, ErrLearn
}

// learned inserts what a release teaches; one that is there already stays as it is.
func (s *Store) learned(m domain.Message, learn Learn, id, noteID int64, now time.Time, who string) ([]call, error) {
	e, any, err := exceptionOf(m, learn)
	if err != nil || !any {
		return nil, err
	}
	return []call{
		do(`INSERT INTO exceptions (id, kind, digest, message, inbox, cause, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (digest, kind) DO NOTHING`,
			id, e.Kind, s.exceptionDigest(e), m.ID, clean(m.Inbox), clean(m.Cause), micros(now), clean(who)),
		note(noteID, now, who, "except", m.ID, 0, e.Kind),
	}, nil
}

// Exceptions lists what was learned, newest first.
func (s *Store) Exceptions(ctx context.Context, p Page) ([]Exception, error) {
	out := []Exception{}
	where, args := p.where(listed{"", "e.id", "e.kind", "", "e.inbox"}, 0)
	err := s.list(ctx, "exceptions", ask(func(row scanner) error {
		var e Exception
		var at int64
		var sender, subject string
		err := row.Scan(&e.ID, &e.Kind, &e.Inbox, &e.Cause, &e.Message, &at, &e.MadeBy, &sender, &subject)
		e.MadeAt, e.Value = stamp(at), sender
		if e.Kind == pipeline.ExceptSubject {
			e.Value = subject
		}
		out = append(out, e)
		return err
	}, `SELECT e.id, e.kind, e.inbox, e.cause, e.message, e.made_at, e.made_by, coalesce(m.sender_value, ''), coalesce(m.subject, '')
FROM exceptions e LEFT JOIN messages m ON m.id = e.message`+where, args...))
	return out, err
}

// RemoveException takes one back: what comes later is judged as anything else. ErrNotFound: there is none.
func (s *Store) RemoveException(ctx context.Context, id int64, now time.Time, who string) error {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 1)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(t tx) error {
		var message int64
		var kind string
		found := false
		if err := t.run(ctx, ask(func(row scanner) error {
			found = true
			return row.Scan(&message, &kind)
		}, `DELETE FROM exceptions WHERE id = $1 RETURNING message, kind`, id)); err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		return t.run(ctx, note(ids[0], now, who, "unexcept", message, 0, kind))
	})
	if err != nil {
		return fmt.Errorf("removing exception %d: %w", id, err)
	}
	return nil
}

const askExceptions = `SELECT digest FROM exceptions WHERE digest = ANY($1)`

// excepted reads which of the batch's senders and subjects are let in.
func (a *asked) excepted(f *pipeline.Facts) func(scanner) error {
	return func(row scanner) error {
		var digest string
		err := row.Scan(&digest)
		f.Exceptions[a.exceptions[digest]] = true
		return err
	}
}
