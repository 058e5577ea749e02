package acts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/normalize"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
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

// exceptionOf makes what is to be learned. The causes that no words decide, such as malware or a blocked sender,
// teach nothing.
func exceptionOf(m messages.Status, learn Learn) (e pipeline.Exception, any bool, err error) {
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
func (s *Store) learned(m messages.Status, learn Learn, id, noteID int64, now time.Time, who string) ([]sql.Call, error) {
	e, any, err := exceptionOf(m, learn)
	if err != nil || !any {
		return nil, err
	}
	return []sql.Call{
		sql.Do(`INSERT INTO exceptions (id, kind, digest, message, inbox, cause, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (digest, kind) DO NOTHING`,
			id, e.Kind, s.base.ExceptionDigest(e), m.ID, sql.Clean(m.Inbox), sql.Clean(m.Cause), sql.Micros(now), sql.Clean(who)),
		base.Note(noteID, now, who, "except", m.ID, 0, e.Kind),
	}, nil
}

// RemoveException takes one back: what comes later is judged as anything else. ErrNotFound: there is none.
func (s *Store) RemoveException(ctx context.Context, id int64, now time.Time, who string) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		var message int64
		var kind string
		found := false
		if err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
			found = true
			return row.Scan(&message, &kind)
		}, `DELETE FROM exceptions WHERE id = $1 RETURNING message, kind`, id)); err != nil {
			return err
		}
		if !found {
			return sql.ErrNotFound
		}
		return t.Run(ctx, base.Note(ids[0], now, who, "unexcept", message, 0, kind))
	})
	if err != nil {
		return fmt.Errorf("removing exception %d: %w", id, err)
	}
	return nil
}
