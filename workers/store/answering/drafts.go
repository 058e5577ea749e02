package answering

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// Draft is what an agent has begun to write on a ticket, one for each ticket, person and kind.
type Draft struct {
	Ticket  int64
	Kind    replies.Kind
	Version int64 // grows with each saving; 0: it is not there
	Text    string
	SavedAt time.Time
}

// ErrNewer says that a newer draft was saved from another page of the same person; the saved one stays.
var ErrNewer = errors.New("a newer draft was saved from another page")

// SaveDraft saves what was written so far on a ticket, or on the one in which it is worked on, upon the version that the page has, and gives the new version. ErrNewer: another page of the
// same person has saved since. An empty text leaves an empty draft, so that an older page is not taken for a newer one.
func (s *Store) SaveDraft(ctx context.Context, v viewer.Viewer, d Draft, now time.Time) (version int64, err error) {
	if len(d.Text) > LongestText {
		return 0, fmt.Errorf("saving a draft: %w", ErrTooLong)
	}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		version = 0
		root, err := worked(ctx, t, v, viewer.Answer, d.Ticket)
		if err != nil {
			return err
		}
		err = t.Run(ctx, sql.Ask(sql.Into(&version), `INSERT INTO drafts (ticket, author, kind, version, text, saved_at) VALUES ($1, $2, $3, $4 + 1, $5, $6)
ON CONFLICT (ticket, author, kind) DO UPDATE SET version = drafts.version + 1, text = excluded.text, saved_at = excluded.saved_at
WHERE drafts.version = $4 RETURNING version`, root, v.User, string(d.Kind), d.Version, sql.Clean(d.Text), sql.Micros(now)))
		if err == nil && version == 0 {
			return ErrNewer
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("saving a draft on ticket %d: %w", d.Ticket, err)
	}
	return version, nil
}

// emptied leaves an empty draft of a newer version: what an older page saves a moment after the sending is not what is written next.
func emptied(ticket, author int64, kind replies.Kind, now time.Time) sql.Call {
	return sql.Do(`INSERT INTO drafts (ticket, author, kind, version, text, saved_at) VALUES ($1, $2, $3, 1, '', $4)
ON CONFLICT (ticket, author, kind) DO UPDATE SET version = drafts.version + 1, text = '', saved_at = excluded.saved_at`, ticket, author, string(kind), sql.Micros(now))
}

// Drafts are what the viewer has begun to write on a ticket, by kind.
func (s *Store) Drafts(ctx context.Context, v viewer.Viewer, ticket int64) (map[replies.Kind]Draft, error) {
	out := map[replies.Kind]Draft{}
	err := s.base.DB.Read(ctx, func(t sql.Tx) error {
		clear(out)
		root, err := worked(ctx, t, v, viewer.Read, ticket)
		if err != nil {
			return err
		}
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			d := Draft{Ticket: root}
			var at int64
			err := row.Scan(&d.Kind, &d.Version, &d.Text, &at)
			d.SavedAt = sql.Moment(at)
			out[d.Kind] = d
			return err
		}, `SELECT kind, version, text, saved_at FROM drafts WHERE ticket = $1 AND author = $2`, root, v.User))
	})
	if err != nil {
		return nil, fmt.Errorf("reading drafts of ticket %d: %w", ticket, err)
	}
	return out, nil
}

// readable is sql.ErrNotFound where the viewer has not that right in the ticket's queue.
func readable(ctx context.Context, t sql.Tx, v viewer.Viewer, right viewer.Right, ticket int64) error {
	queue, found := "", false
	err := t.Run(ctx, sql.Ask(func(row sql.Row) error {
		found = true
		return row.Scan(&queue)
	}, `SELECT queue FROM tickets WHERE id = $1`, ticket))
	if err == nil && (!found || !v.May(right, queue)) {
		return sql.ErrNotFound
	}
	return err
}

// worked is the ticket in which one is worked on: itself, or the one into which it is merged. sql.ErrNotFound: the viewer has not that
// right in its queue.
func worked(ctx context.Context, t sql.Tx, v viewer.Viewer, right viewer.Right, ticket int64) (root int64, err error) {
	err = t.Run(ctx, sql.Ask(sql.Into(&root), `SELECT CASE WHEN merged_into <> 0 THEN merged_into ELSE id END FROM tickets WHERE id = $1`, ticket))
	if err == nil {
		err = readable(ctx, t, v, right, root)
	}
	return root, err
}
