package find

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"frontdesk/pipeline/search"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer/veil"
)

// CountedTo is up to where hits are counted: beyond that nobody reads the number, and counting costs.
const CountedTo = 999

// Seek says which tickets are looked for.
type Seek struct {
	Query search.Query
	State string // open, closed; empty: both
	Queue string // only of this one
	// Only are the queues whose tickets may be found, where Limited: what else has the words is neither found nor counted.
	Only    []string
	Limited bool
	// Veiled says of a queue that where its customers can be reached is not shown; nil: it is shown everywhere. Then whole words are found alone, so
	// that nobody guesses an address letter by letter.
	Veiled func(queue string) bool
	Inbox  string // only those that this one opened
	Before int64  // only tickets with a smaller number, for the next page
	Limit  int    // 0: 50
	Bare   bool   // without where the words stand
}

// Found are the tickets that fit, the highest number first. There may be fewer than Limit on a page that is not the
// last one; Before tells.
type Found struct {
	Tickets []view.Ticket
	Before  int64 // where the next page begins; 0: there is none
	// Count is how many fit, on the first page; CountedTo + 1 stands for more than that.
	Count int
	// Ticket and Message are what the query calls by its number; 0: there is no such one, or none was called. Of is the
	// ticket of the message, 0 for none.
	Ticket, Message, Of int64
	Hits                map[int64]Hit // by ticket
}

// Hit is where what was looked for stands in a ticket. Its parts are of a masked text, with the fitting words marked.
type Hit struct {
	Message int64 // the newest in which most of it stands; 0: in the ticket's name, or in what an agent wrote
	Parts   []search.Part
}

// Reader reads what a person types into a search box.
func (s *Store) Reader() *search.Folder { return s.folder }

// Search looks for tickets. The query is data: see words. Pages and the command call it; several may at a time. It
// costs an index query, a read of the page's tickets by primary key, and, unless Bare, one look through the newest
// messages of each ticket on the page.
func (s *Store) Search(ctx context.Context, k Seek) (f Found, err error) {
	if k.Limit <= 0 {
		k.Limit = 50
	}
	if k.Before == 0 {
		if err := s.called(ctx, k, &f); err != nil {
			return f, err
		}
	}
	if len(k.Query.Terms) > 0 {
		if err := s.fitting(ctx, k, &f); err != nil {
			return f, err
		}
	}
	if k.Bare {
		return f, nil
	}
	return f, s.hits(ctx, k, &f)
}

// called looks for what a query calls by its number. Where only some queues may be searched, a message is found by its ticket alone.
func (s *Store) called(ctx context.Context, k Seek, f *Found) error {
	var calls []sql.Call
	if id := k.Query.Ticket; id > 0 {
		calls = append(calls, sql.Ask(sql.Into(&f.Ticket), `SELECT id FROM tickets WHERE id = $1 AND (NOT $2 OR queue = ANY($3))`, id, k.Limited, sql.OrNone(k.Only)))
	}
	if id := k.Query.Message; id > 0 && !k.Limited {
		calls = append(calls, sql.Ask(sql.Into(&f.Message), `SELECT id FROM deliveries WHERE id = $1`, id), sql.Ask(sql.Into(&f.Of), `SELECT ticket FROM messages WHERE id = $1`, id))
	} else if id > 0 {
		calls = append(calls, sql.Ask(sql.Into(&f.Message, &f.Of), `SELECT m.id, t.id FROM messages m JOIN tickets t ON t.id = m.ticket WHERE m.id = $1 AND t.queue = ANY($2)`, id, sql.OrNone(k.Only)))
	}
	if calls == nil {
		return nil
	}
	return s.base.Read(ctx, "listing what was called by its number", calls...)
}

// fitting reads a page of the tickets that have the words. A ticket that has just been closed, or left the queue, is
// passed over: the index is half a second behind. The first page asks for so many that they can be counted. On
// PostgreSQL the CTE is materialized, so that the index of words is asked first and the order comes afterwards; else
// the planner may walk all tickets by number.
func (s *Store) fitting(ctx context.Context, k Seek, f *Found) error {
	before, most := k.Before, k.Limit+1
	if before == 0 {
		before, most = math.MaxInt64, max(k.Limit, CountedTo)+1
	}
	words := s.words(k)
	if words == "" || k.Limited && len(k.Only) == 0 {
		return nil
	}
	ids, done, err := s.newest(ctx, words, before, most)
	if err != nil {
		return err
	}
	if done {
		return s.page(ctx, k, ids, f)
	}
	ids = nil
	query := `SELECT rowid FROM search_words WHERE search_words MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3`
	if s.base.Dialect() != "sqlite" { // the index, whatever the planner thinks of a query that it cannot see
		query = `WITH hits AS MATERIALIZED (SELECT ticket FROM searched WHERE words @@ CAST($1 AS tsquery)) SELECT ticket FROM hits WHERE ticket < $2 ORDER BY ticket DESC LIMIT $3`
	}
	if err := s.base.Read(ctx, "listing found tickets", sql.Ask(sql.Each64(&ids), query, words, before, int64(most))); err != nil {
		return err
	}
	return s.page(ctx, k, ids, f)
}

// Looking through the newest tickets without the index.
const (
	// newestFirst entries are read in some milliseconds; newestThen are read on from there while the words are common.
	newestFirst  = 500
	newestThen   = 2000
	newestCommon = 6 // where less than one of so many has the words, the index is asked
)

// newest looks through the newest entries on PostgreSQL, whose index gives all that fit before the first: words that most tickets
// have are found sooner so. done: they are all that was asked for.
func (s *Store) newest(ctx context.Context, words string, before int64, most int) (ids []int64, done bool, err error) {
	if s.base.Dialect() == "sqlite" || s.NewestOf == 0 {
		return nil, false, nil // SQLite's index begins with the newest
	}
	for looked, chunk := 0, s.NewestOf; ; chunk = newestThen {
		n := 0
		err := s.base.Read(ctx, "listing the newest tickets", sql.Ask(func(row sql.Row) error {
			var fits bool
			err := row.Scan(&before, &fits)
			n++
			if fits && len(ids) < most {
				ids = append(ids, before)
			}
			return err
		}, `SELECT s.ticket, s.words @@ CAST($1 AS tsquery) FROM (SELECT ticket, words FROM searched WHERE ticket < $2 ORDER BY ticket DESC LIMIT $3) AS s ORDER BY s.ticket DESC`,
			words, before, int64(chunk)))
		looked += n
		switch {
		case err != nil:
			return nil, false, err
		case len(ids) == most, n < chunk:
			return ids, true, nil
		case len(ids)*newestCommon < looked:
			return nil, false, nil
		}
	}
}

// page is the first page of tickets that fit, and how many they are.
func (s *Store) page(ctx context.Context, k Seek, ids []int64, f *Found) error {
	if k.Before == 0 {
		f.Count = min(len(ids), CountedTo+1)
	}
	if len(ids) > k.Limit {
		ids = ids[:k.Limit]
		f.Before = ids[k.Limit-1]
	}
	return s.ticketsBy(ctx, k, ids, f)
}

// ticketsBy reads the tickets by primary key and looks at state, queue and inbox once more: the index may be behind.
func (s *Store) ticketsBy(ctx context.Context, k Seek, ids []int64, f *Found) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.base.Read(ctx, "listing found tickets", sql.Ask(func(row sql.Row) error {
		t, err := sql.Read[tables.TicketsRow](row)
		if err == nil && (k.State == "" || string(t.Status) == k.State) && (k.Queue == "" || t.Queue == k.Queue) && (k.Inbox == "" || t.Inbox == k.Inbox) && (!k.Limited || slices.Contains(k.Only, t.Queue)) {
			f.Tickets = append(f.Tickets, view.TicketLine(t))
		}
		return err
	}, `SELECT `+tables.TicketColumns+` FROM tickets t WHERE t.id = ANY($1)`, ids))
	slices.SortFunc(f.Tickets, func(a, b view.Ticket) int { return int(min(1, max(-1, b.ID-a.ID))) })
	return err
}

// words are the query in the words of the database's own query language. Each word is quoted, so that none says
// anything there, whatever a person has typed. Facts (state, queue, inbox) are words as well, with marks that no text
// can have.
func (s *Store) words(k Seek) string {
	w := postWords
	if s.base.Dialect() == "sqlite" {
		w = liteWords
	}
	if k.Veiled != nil {
		w.begins = ""
	}
	var terms []string
	for _, t := range k.Query.Terms {
		var ways []string
		for _, way := range t.Ways {
			ways = append(ways, w.join(w.and, way))
		}
		terms = append(terms, "("+strings.Join(ways, w.or)+")")
	}
	for _, fact := range [][2]string{{factStatus, k.State}, {factQueue, k.Queue}, {factInbox, k.Inbox}} {
		if fact[1] != "" {
			terms = append(terms, w.word(search.Fact(fact[0], fact[1])))
		}
	}
	if k.Limited {
		var only []search.Word
		for _, queue := range k.Only {
			only = append(only, search.Fact(factQueue, queue))
		}
		terms = append(terms, w.join(w.or, only))
	}
	return strings.Join(terms, w.and)
}

// wording is how a database's query language writes words.
type wording struct {
	quote, begins, and, or string
}

var (
	liteWords = wording{quote: `"`, begins: ` *`, and: ` AND `, or: ` OR `}
	postWords = wording{quote: `'`, begins: `:*`, and: ` & `, or: ` | `}
)

func (w wording) word(word search.Word) string {
	text := strings.ReplaceAll(strings.ReplaceAll(word.Text, `\`, `\\`), w.quote, w.quote+w.quote)
	out := w.quote + text + w.quote
	if word.Begins {
		out += w.begins
	}
	return out
}

func (w wording) join(by string, way []search.Word) string {
	var words []string
	for _, word := range way {
		words = append(words, w.word(word))
	}
	return "(" + strings.Join(words, by) + ")"
}

// hitMessages is in how many of a ticket's newest messages the place is looked for that is shown.
const hitMessages = 50

// hits finds where what was looked for stands in the tickets of a page.
func (s *Store) hits(ctx context.Context, k Seek, f *Found) error {
	f.Hits = map[int64]Hit{}
	q, hidden := k.Query, map[int64]bool{}
	for _, t := range f.Tickets {
		hidden[t.ID] = k.Veiled != nil && k.Veiled(t.Queue)
	}
	if len(q.Terms) == 0 || len(f.Tickets) == 0 {
		return nil
	}
	best := map[int64]int{}
	look := func(ticket, message int64, text string) {
		if text == "" || best[ticket] >= len(q.Terms) {
			return
		}
		if hidden[ticket] {
			text = veil.Text(text)
		}
		if parts, n := s.folder.Snippet(text, q); n > best[ticket] {
			best[ticket], f.Hits[ticket] = n, Hit{Message: message, Parts: parts}
		}
	}
	var calls []sql.Call
	for _, t := range f.Tickets {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			var id int64
			var name, address, subject, visible, fields string
			if err := row.Scan(&id, &name, &address, &subject, &visible, &fields); err != nil {
				return err
			}
			given, err := sql.Unlist[tables.Field](fields)
			if err != nil {
				return fmt.Errorf("reading fields: %w", err)
			}
			look(t.ID, id, subject+"\n"+visible)
			for _, g := range given {
				look(t.ID, id, g.Name+": "+g.Value)
			}
			if hidden[t.ID] {
				address = ""
			}
			look(t.ID, id, strings.TrimSpace(name+" "+base.Shown(address)))
			return nil
		}, `SELECT id, sender_name, sender_value, subject, visible, fields FROM messages WHERE ticket <> 0 AND ticket = $1 ORDER BY id DESC LIMIT $2`, t.ID, int64(hitMessages)))
	}
	for _, t := range f.Tickets {
		calls = append(calls, sql.Ask(sql.Value(func(text string) { look(t.ID, 0, text) }), `SELECT text FROM replies WHERE ticket = $1 ORDER BY id DESC LIMIT $2`, t.ID, int64(hitMessages)))
	}
	if err := s.base.Read(ctx, "listing where the words stand", calls...); err != nil {
		return err
	}
	for _, t := range f.Tickets {
		look(t.ID, 0, t.Subject)
	}
	return nil
}
