// Package mentioning is who is named in notes for colleagues. A note names somebody as @login; he is told who may read the ticket, and nobody else.
package mentioning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"frontdesk/pipeline/domain/alerts"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	users *users.Store
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store, u *users.Store) *Store { return &Store{base: b, lists: lists, users: u} }

// mostNamed bounds how many a note names.
const mostNamed = 20

// Named are the logins that a note names, once each and in their order, at most 20: @ at the beginning of a word, and what a login is made of
// behind it. A full stop that ends the sentence is not part of it. The cost is linear in the text.
func Named(text string) (out []string) {
	inWord := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-' || r == '_'
	}
	before := ' '
	for at, r := range text {
		if r == '@' && !inWord(before) {
			rest := text[at+1:]
			if end := strings.IndexFunc(rest, func(r rune) bool { return r > 'z' || !inWord(r) && r != '+' && r != '@' }); end >= 0 {
				rest = rest[:end]
			}
			login := strings.ToLower(strings.TrimRight(rest, ".-_+@"))
			if login != "" && !slices.Contains(out, login) && len(out) < mostNamed {
				out = append(out, login)
			}
		}
		before = r
	}
	return out
}

// Note tells those whom a note on a ticket names. missed are the logins that nobody bears, or who may not read the ticket: they are told nothing.
// Called twice it tells once.
func (s *Store) Note(ctx context.Context, v viewer.Viewer, reply, ticket int64, text string, now time.Time) (missed []string, err error) {
	logins := Named(text)
	if len(logins) == 0 {
		return nil, nil
	}
	queue := ""
	queues, every := v.Where(viewer.Answer)
	if err := s.base.Read(ctx, "looking where a note stands", sql.Ask(sql.Into(&queue), `SELECT t.queue FROM tickets t WHERE t.id = $1 AND ($2 OR t.queue = ANY($3))`, ticket, every, sql.OrNone(queues))); err != nil {
		return nil, err
	}
	var calls []sql.Call
	for _, login := range logins {
		who, err := s.who(ctx, login)
		switch {
		case err != nil:
			return nil, err
		case queue == "" || !who.May(viewer.Read, queue):
			missed = append(missed, login)
		case who.User != v.User:
			calls = append(calls, sql.Do(`INSERT INTO mentions (person, reply, ticket, at, seen_at) VALUES ($1, $2, $3, $4, 0) ON CONFLICT (person, reply) DO NOTHING`, who.User, reply, ticket, sql.Micros(now)))
		}
	}
	if len(calls) == 0 {
		return missed, nil
	}
	calls = append(calls, tables.InsertChanges.Put(tables.ChangeRow{At: now, Ticket: ticket, Kind: string(alerts.Named), Actor: v.Login}))
	return missed, s.base.Do(ctx, "telling who is named in a note", calls...)
}

// who is somebody by his login; nobody, who may nothing, where there is none.
func (s *Store) who(ctx context.Context, login string) (viewer.Viewer, error) {
	u, err := s.users.Find(ctx, login)
	if err == nil {
		var who viewer.Viewer
		if who, err = s.users.Viewer(ctx, u.ID); err == nil {
			return who, nil
		}
	}
	if errors.Is(err, sql.ErrNotFound) {
		err = nil
	}
	return viewer.Viewer{}, err
}

// Tickets are those in which the viewer is named and that he may read, once each, where he was named last first; at most limit. A merged one is the
// ticket in which it is worked on.
func (s *Store) Tickets(ctx context.Context, v viewer.Viewer, limit int) (out []int64, err error) {
	queues, every := v.Where(viewer.Read)
	err = s.lists.Read(ctx, "listing where somebody is named", sql.Ask(sql.Value(func(id int64) {
		if !slices.Contains(out, id) && len(out) < limit {
			out = append(out, id)
		}
	}), `SELECT CASE WHEN t.merged_into <> 0 THEN t.merged_into ELSE t.id END FROM mentions m JOIN tickets t ON t.id = m.ticket
WHERE m.person = $1 AND ($2 OR t.queue = ANY($3)) ORDER BY m.at DESC, m.reply DESC LIMIT 500`, v.User, every, sql.OrNone(queues)))
	return out, err
}

// Unseen is in how many notes the viewer is named at which he has not looked, up to 1 000.
func (s *Store) Unseen(ctx context.Context, v viewer.Viewer) (n int, err error) {
	queues, every := v.Where(viewer.Read)
	err = s.lists.Read(ctx, "counting where somebody is named", sql.Ask(sql.Into(&n), `SELECT count(*) FROM (SELECT 1 FROM mentions m JOIN tickets t ON t.id = m.ticket
WHERE m.person = $1 AND m.seen_at = 0 AND ($2 OR t.queue = ANY($3)) LIMIT 1000) AS few`, v.User, every, sql.OrNone(queues)))
	return n, err
}

// Of are those who are named in tickets and have not looked since, by ticket: their ids between commas, such as ",7,12,".
func (s *Store) Of(ctx context.Context, tickets []int64) (map[int64]string, error) {
	out := map[int64]string{}
	err := s.lists.Read(ctx, "reading who is named", sql.Ask(sql.Pair(func(ticket, person int64) {
		if out[ticket] == "" {
			out[ticket] = ","
		}
		out[ticket] += strconv.FormatInt(person, 10) + ","
	}), `SELECT ticket, person FROM mentions WHERE ticket = ANY($1) AND seen_at = 0 AND reply > 0 ORDER BY ticket, person`, sql.Sorted(tickets)))
	return out, err
}

// Saw notes that the viewer has looked at a ticket, with what is merged into it.
func (s *Store) Saw(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) error {
	var named int
	if err := s.lists.Read(ctx, "looking who is named", sql.Ask(sql.Into(&named), `SELECT 1 FROM mentions WHERE person = $1 AND seen_at = 0 LIMIT 1`, v.User)); err != nil {
		return fmt.Errorf("ticket %d: %w", ticket, err)
	}
	if named == 0 {
		return nil // most of the time; nobody waits for the writer then
	}
	if err := s.base.Do(ctx, "noting who has looked at notes", sql.Do(`UPDATE mentions SET seen_at = $3 WHERE person = $1 AND seen_at = 0
AND ticket {in SELECT id FROM tickets WHERE id = $2 UNION ALL SELECT id FROM tickets WHERE merged_into <> 0 AND merged_into = $2}`, v.User, ticket, sql.Micros(now))); err != nil {
		return fmt.Errorf("ticket %d: %w", ticket, err)
	}
	return nil
}
