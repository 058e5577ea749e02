// Package copies is what people read of a message beside its masked text: a harmless copy of its HTML, its files, and how it was sent for as
// long as that is kept. Whoever reads takes a viewer: of a ticket that is not his he learns not even that it is there.
package copies

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/files"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	view  *view.Store
	files *files.Store
}

// New makes the room. Copies are written on b, and read on lists.
func New(b, lists *base.Store, v *view.Store, f *files.Store) *Store {
	return &Store{base: b, lists: lists, view: v, files: f}
}

// ErrHeld says that a file is not handed out, because a scanner takes it for malware. It is an ErrNotFound, too.
var ErrHeld = fmt.Errorf("a scanner takes the file for malware: %w", sql.ErrNotFound)

// Wanted is a message of which a copy is to be made.
type Wanted struct {
	ID             int64
	Inbox, Channel string
	Key            string
	At             time.Time      // when it was received
	Parts          map[string]int // its files that its HTML may show: their numbers by Content-ID
}

// Waiting are messages of which copies are to be made, the oldest first. It is asked each half second, so it reads a small table.
func (s *Store) Waiting(ctx context.Context, limit int) ([]Wanted, error) {
	var ids []int64
	err := s.base.Read(ctx, "looking for what is to be copied", sql.Ask(sql.Each64(&ids), `SELECT message FROM uncopied WHERE message > 0 ORDER BY message LIMIT $1`, limit))
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	out, at := make([]Wanted, len(ids)), map[int64]int{}
	for i, id := range ids {
		out[i], at[id] = Wanted{ID: id, Parts: map[string]int{}}, i
	}
	err = s.base.Read(ctx, "reading what is to be copied", sql.Ask(func(row sql.Row) error {
		var id, received int64
		var inbox, channel, key string
		err := row.Scan(&id, &inbox, &channel, &key, &received)
		w := &out[at[id]]
		w.Inbox, w.Channel, w.Key, w.At = inbox, channel, key, sql.Moment(received)
		return err
	}, `SELECT id, inbox, channel, key, at FROM deliveries WHERE id = ANY($1)`, ids), sql.Ask(func(row sql.Row) error {
		var id int64
		var n int
		var part string
		err := row.Scan(&id, &n, &part)
		out[at[id]].Parts[part] = n // the first one of that name comes last
		return err
	}, `SELECT message, n, content_id FROM attachments WHERE content_id <> '' AND digest <> '' AND message = ANY($1) ORDER BY message, n DESC`, ids))
	return out, err
}

// Keep keeps the copy of a message; html empty: there is to be none. Where the original is gone meanwhile none is kept: the message, or somebody
// whom it names, was erased, or it was taken out of its ticket.
func (s *Store) Keep(ctx context.Context, message int64, html string, now time.Time) error {
	if err := s.base.Ring.Turn(ctx, now); err != nil {
		return err
	}
	sealed := s.base.Ring.Seal([]byte(html), base.CopyAt(message))
	err := s.base.Write(sql.Patient(ctx), func(t sql.Tx) error {
		var wanted, there int64
		err := t.Run(ctx, sql.Ask(sql.Into(&wanted), `DELETE FROM uncopied WHERE message = $1 RETURNING message`, message),
			sql.Ask(sql.Into(&there), `SELECT id FROM originals WHERE id = $1 FOR UPDATE`, message))
		if err != nil || wanted == 0 || there == 0 || html == "" {
			return err
		}
		return t.Run(ctx, sql.Do(`INSERT INTO copies (message, sealed) VALUES ($1, $2) ON CONFLICT (message) DO UPDATE SET sealed = excluded.sealed`, message, sealed))
	})
	if err != nil {
		return fmt.Errorf("keeping the copy of message %d: %w", message, err)
	}
	return nil
}

// within is the condition that message $1 lies in ticket $2, in one that is merged into that, or is a third party's answer there, and that the viewer has the
// right there. $3 and $4 are the queues in which he has it. What shows a message as it came takes viewer.Contact: it names who has written, and to whom.
const within = `m.id = $1 AND m.erased_at = 0 AND EXISTS (SELECT 1 FROM tickets t JOIN tickets o
ON o.id = CASE WHEN m.ticket <> 0 THEN m.ticket ELSE (SELECT s.ticket FROM side_messages a JOIN side_threads s ON s.id = a.side WHERE a.message = m.id) END
WHERE t.id = $2 AND (o.id = t.id OR o.merged_into = t.id) AND ($3 OR t.queue = ANY($4)))`

func args(v viewer.Viewer, right viewer.Right, ticket, message int64) []any {
	queues, every := v.Where(right)
	return []any{message, ticket, every, sql.OrNone(queues)}
}

// Formatted is the copy of a message's HTML. sql.ErrNotFound: there is none, or the viewer may not read it.
func (s *Store) Formatted(ctx context.Context, v viewer.Viewer, ticket, message int64) (html string, err error) {
	var sealed []byte
	err = s.lists.Read(ctx, "reading a copy", sql.Ask(sql.Into(&sealed), `SELECT c.sealed FROM copies c JOIN messages m ON m.id = c.message WHERE `+within, args(v, viewer.Contact, ticket, message)...))
	if err == nil && sealed == nil {
		err = sql.ErrNotFound
	}
	if err == nil {
		var plain []byte
		plain, err = s.base.Ring.Open(ctx, sealed, base.CopyAt(message))
		html = string(plain)
	}
	if err != nil {
		return "", fmt.Errorf("reading message %d of ticket %d: %w", message, ticket, err)
	}
	return html, nil
}

// File is the n-th file of a message with its content. sql.ErrNotFound: there is none, its content is not here any more, or the viewer may not
// read it. ErrHeld: nobody gets it.
func (s *Store) File(ctx context.Context, v viewer.Viewer, ticket, message int64, n int) (a view.Attached, content []byte, err error) {
	all, err := s.attached(ctx, v, ticket, message)
	if err == nil {
		err = sql.ErrNotFound
		for _, one := range all {
			if one.N == n {
				a, content, err = s.content(ctx, one)
			}
		}
	}
	if err != nil {
		return view.Attached{}, nil, fmt.Errorf("reading file %d of message %d: %w", n, message, err)
	}
	return a, content, nil
}

// attached are the files of a message that the viewer may read.
func (s *Store) attached(ctx context.Context, v viewer.Viewer, ticket, message int64) ([]view.Attached, error) {
	var there int64
	err := s.lists.Read(ctx, "looking for a message", sql.Ask(sql.Into(&there), `SELECT m.id FROM messages m WHERE `+within, args(v, viewer.Read, ticket, message)...))
	if err == nil && there == 0 {
		err = sql.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	all, err := s.view.Attachments(ctx, []int64{message})
	return all[message], err
}

func (s *Store) content(ctx context.Context, a view.Attached) (view.Attached, []byte, error) {
	switch {
	case a.Digest == "":
		return a, nil, sql.ErrNotFound
	case a.Scan == view.ScanMalware:
		return a, nil, ErrHeld
	}
	content, err := s.files.Blob(ctx, a.Digest)
	if errors.Is(err, blobs.ErrNotFound) {
		err = fmt.Errorf("%w: %w", sql.ErrNotFound, err)
	}
	return a, content, err
}

// Original is a message as it was sent, with what is needed to decode it. sql.ErrNotFound: it is not kept any more, something in it is masked
// where people read it, or the viewer may not read it. The caller notes who has read it (acts.Store.Looked).
func (s *Store) Original(ctx context.Context, v viewer.Viewer, ticket, message int64) (m view.Message, raw []byte, err error) {
	var received int64
	err = s.lists.Read(ctx, "looking for an original", sql.Ask(sql.Into(&m.ID, &m.Inbox, &m.Channel, &m.Key, &received), `SELECT m.id, d.inbox, d.channel, d.key, d.at
FROM messages m JOIN deliveries d ON d.id = m.id JOIN originals g ON g.id = m.id WHERE m.redacted = '' AND `+within, args(v, viewer.Contact, ticket, message)...))
	if err == nil && m.ID == 0 {
		err = sql.ErrNotFound
	}
	if err == nil {
		m.ReceivedAt = base.Stamp{Time: sql.Moment(received)}
		raw, _, err = s.files.Original(ctx, message)
	}
	if errors.Is(err, blobs.ErrNotFound) {
		err = fmt.Errorf("%w: %w", sql.ErrNotFound, err)
	}
	if err != nil {
		return view.Message{}, nil, fmt.Errorf("reading message %d of ticket %d as it was sent: %w", message, ticket, err)
	}
	return m, raw, nil
}
