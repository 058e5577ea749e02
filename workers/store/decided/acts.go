package decided

import (
	"context"
	"time"

	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/workers/store/sql"
)

// Act is what a person did, with all that is needed to decide it again.
type Act struct {
	ID              int64
	At              time.Time
	Kind            string // as the journal calls it, such as entries.ActClose
	Message, Ticket int64  // 0: none
	Inbox           string // of its message, or of its ticket; empty: neither is there

	Noted         bool // it left an entry, with what was before and after
	Unreadable    bool // the entry cannot be read
	Before, After entries.Snapshot
	Reason        string

	Closed    time.Time      // when a person had closed the ticket for the last time until then; zero: nobody had
	Left      *desk.Item     // its work item when it was closed so; nil: it is not noted
	Dismissed bool           // a person had dismissed the message until then
	Merged    *entries.Entry // of one that takes a merging back: that one's; nil: nobody has noted it
	Appended  *entries.Entry // what the message had changed in that ticket; nil: nobody has noted it
}

const askActs = `SELECT j.id, j.at, j.act, j.message, j.ticket, e.id IS NOT NULL, coalesce(e.before, ''), coalesce(e.after, ''), coalesce(e.reason, ''), coalesce(d.inbox, t.inbox, '')
FROM journal j LEFT JOIN entries e ON e.ticket = j.ticket AND e.id = j.id LEFT JOIN deliveries d ON d.id = j.message LEFT JOIN tickets t ON t.id = j.ticket `

// ActsAfter walks over the journal by id: the next acts after that id, at most limit.
func (s *Store) ActsAfter(ctx context.Context, after int64, limit int) ([]Act, error) {
	return s.acts(ctx, askActs+`WHERE j.id > $1 ORDER BY j.id LIMIT $2`, after, limit)
}

// ActsOf finds the acts on messages, and on the tickets that these have opened, in the order of their ids.
func (s *Store) ActsOf(ctx context.Context, messages []int64) ([]Act, error) {
	return s.acts(ctx, askActs+`WHERE j.id {in SELECT id FROM journal WHERE message <> 0 AND message = ANY($1)
UNION SELECT o.id FROM messages m JOIN journal o ON o.ticket = m.ticket WHERE m.id = ANY($1) AND m.state = 'ticketed' AND m.ticket <> 0 AND o.ticket <> 0} ORDER BY j.id`, sql.Sorted(messages))
}

func (s *Store) acts(ctx context.Context, text string, args ...any) ([]Act, error) {
	var out []Act
	err := s.base.Read(ctx, "listing acts", sql.Ask(func(row sql.Row) error {
		var a Act
		var at int64
		var before, after string
		if err := row.Scan(&a.ID, &at, &a.Kind, &a.Message, &a.Ticket, &a.Noted, &before, &after, &a.Reason, &a.Inbox); err != nil {
			return err
		}
		a.At = sql.Moment(at)
		a.Before, a.After, a.Unreadable = snapshots(before, after)
		out = append(out, a)
		return nil
	}, text, args...))
	if err != nil {
		return nil, err
	}
	return out, s.before(ctx, out)
}

// before adds what was done before those acts that take something back.
func (s *Store) before(ctx context.Context, acts []Act) error {
	reopened, undismissed, ticketOf, parted := map[int64][]*Act{}, map[int64][]*Act{}, map[int64][]*Act{}, map[int64][]*Act{}
	takenOut := map[int64]bool{}
	for i := range acts {
		switch a := &acts[i]; a.Kind {
		case entries.ActReopen:
			reopened[a.Ticket] = append(reopened[a.Ticket], a)
		case entries.ActUndoMerge:
			parted[a.Ticket] = append(parted[a.Ticket], a)
		case entries.ActUndismiss:
			undismissed[a.Message] = append(undismissed[a.Message], a)
		case entries.ActTakeOut:
			ticketOf[a.Ticket] = append(ticketOf[a.Ticket], a)
			takenOut[a.Message] = true
		}
	}
	var calls []sql.Call
	if len(reopened) > 0 {
		calls = append(calls, sql.Ask(earlier(reopened, func(a *Act, at time.Time) {
			if at.After(a.Closed) {
				a.Closed = at
			}
		}), `SELECT ticket, at FROM journal WHERE ticket <> 0 AND ticket = ANY($1) AND act = '`+entries.ActClose+`'`, sql.KeysOf(reopened)),
			sql.Ask(left(reopened), `SELECT ticket, at, before FROM entries WHERE ticket = ANY($1) AND kind = '`+entries.ActClose+`' ORDER BY at, id`, sql.KeysOf(reopened)))
	}
	if len(undismissed) > 0 {
		calls = append(calls, sql.Ask(earlier(undismissed, func(a *Act, _ time.Time) { a.Dismissed = true }),
			`SELECT message, at FROM journal WHERE message <> 0 AND message = ANY($1) AND act = '`+entries.ActDismiss+`'`, sql.KeysOf(undismissed)))
	}
	if len(ticketOf) > 0 {
		calls = append(calls, sql.Ask(appended(ticketOf), `SELECT ticket, message, at, before, after FROM entries
WHERE ticket = ANY($1) AND message = ANY($2) AND kind = '`+entries.Continued+`' ORDER BY at, id`, sql.KeysOf(ticketOf), sql.KeysOf(takenOut)))
	}
	if len(parted) > 0 {
		calls = append(calls, sql.Ask(merged(parted), `SELECT ticket, at, before, after FROM entries WHERE ticket = ANY($1) AND kind = '`+entries.ActMerge+`' ORDER BY at, id`, sql.KeysOf(parted)))
	}
	if len(calls) == 0 {
		return nil
	}
	return s.base.Read(ctx, "listing what acts take back", calls...)
}

// earlier tells acts of what was done with the same thing until then.
func earlier(of map[int64][]*Act, told func(*Act, time.Time)) func(sql.Row) error {
	return func(row sql.Row) error {
		var id, at int64
		if err := row.Scan(&id, &at); err != nil {
			return err
		}
		for _, a := range of[id] {
			if then := sql.Moment(at); !then.After(a.At) {
				told(a, then)
			}
		}
		return nil
	}
}

// left tells acts of the work item that their ticket had when it was closed for the last time until then.
func left(of map[int64][]*Act) func(sql.Row) error {
	return func(row sql.Row) error {
		var ticket, at int64
		var before string
		if err := row.Scan(&ticket, &at, &before); err != nil {
			return err
		}
		was, _, broken := snapshots(before, "")
		for _, a := range of[ticket] {
			if !sql.Moment(at).After(a.At) {
				a.Left, a.Unreadable = was.Desk, a.Unreadable || broken
			}
		}
		return nil
	}
}

// merged tells acts of the last time until then that their ticket was merged.
func merged(of map[int64][]*Act) func(sql.Row) error {
	return func(row sql.Row) error {
		e := entries.Entry{Kind: entries.ActMerge}
		var at int64
		var before, after string
		if err := row.Scan(&e.Ticket, &at, &before, &after); err != nil {
			return err
		}
		var broken bool
		e.Before, e.After, broken = snapshots(before, after)
		for _, a := range of[e.Ticket] {
			if !sql.Moment(at).After(a.At) {
				a.Merged, a.Unreadable = &e, a.Unreadable || broken
			}
		}
		return nil
	}
}

// appended tells acts of the last time until then that their message continued their ticket.
func appended(of map[int64][]*Act) func(sql.Row) error {
	return func(row sql.Row) error {
		var e entries.Entry
		var at int64
		var before, after string
		if err := row.Scan(&e.Ticket, &e.Message, &at, &before, &after); err != nil {
			return err
		}
		var broken bool
		e.Before, e.After, broken = snapshots(before, after)
		for _, a := range of[e.Ticket] {
			if a.Message == e.Message && !sql.Moment(at).After(a.At) {
				a.Appended, a.Unreadable = &e, a.Unreadable || broken
			}
		}
		return nil
	}
}

// snapshots reads how things stood before and after.
func snapshots(before, after string) (b, a entries.Snapshot, broken bool) {
	b, first := entries.Read(before)
	a, second := entries.Read(after)
	return b, a, first != nil || second != nil
}
