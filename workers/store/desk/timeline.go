package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// Kind is what a line of a timeline is.
type Kind string

// The kinds of lines. Each has a source; whoever adds one adds a line to sources.
const (
	KindMessage Kind = "message" // of the customer, or of whoever wrote into the ticket
	KindSend    Kind = "send"    // what the desk has sent by itself, or means to
	KindAct     Kind = "act"     // what a person has done
	KindEvent   Kind = "event"   // what the desk has done by itself
	KindReply   Kind = "reply"   // what an agent has written: an answer, a note, or something to a third party
	KindSide    Kind = "side"    // what a third party has answered
)

// Line is one line of a timeline, with the part that its kind names.
type Line struct {
	Mark
	Ticket  int64 // to which it belongs: the one that is shown, or one that is merged into it
	Message *Message
	Send    *view.OutboxRow
	Act     *Act // of a person, or of the desk
	Reply   *Reply
}

// Mark is the place of a line.
type Mark struct {
	At   int64 // microseconds
	Kind Kind
	ID   int64 // among those of its kind
}

// Time is when it happened.
func (m Mark) Time() time.Time { return sql.Moment(m.At) }

// Message is a message as a timeline shows it. Its texts are masked, and foreign words.
type Message struct {
	Inbox, Channel  string
	From, Name      string // what the sender calls himself; "" for one that was erased
	FromKind        message.AddressKind
	Proven          bool
	Written         string // by what: screen.Kind
	State           string // ticketed, appended
	Because         string // why it was added to the ticket, which it does not name (thread.How); empty: it names it, or opened it
	Subject         string
	Visible, Quoted string // what was written now; signature and what is quoted
	Fields          []tables.Field
	Files           []view.Attached
	Formatted       bool // there is a copy of its HTML (copies.Store.Formatted)
	Original        bool // it is kept as it was sent, and may be read so (copies.Store.Original)
	Erased          bool
	Side            int64 // the side thread in which it is a third party's answer; 0: it is a customer's
}

// Act is something that was done with the ticket.
type Act struct {
	What, Who     string // one of the kinds of entries; a login, or entries.Service
	Reason        string
	Message       int64 // with which message; 0: none
	Before, After entries.Snapshot
}

// source is where the lines of some kinds come from.
type source struct {
	// marks asks for the marks of a ticket's lines.
	marks func(ticket int64, add func(Mark)) sql.Call
	// fill reads the lines with these ids into the page.
	fill func(ctx context.Context, s *Store, ticket int64, page map[int64]*Line) error
	of   []Kind
}

// mostLines bounds how many lines of a source a timeline has: the newest. It is far above what people write.
const mostLines = 20_000

// sources are all sources.
func sources() []source {
	return []source{
		{of: []Kind{KindMessage}, fill: fillMessages, marks: func(ticket int64, add func(Mark)) sql.Call {
			return sql.Ask(sql.Pair(func(id, at int64) { add(Mark{at, KindMessage, id}) }), `SELECT m.id, d.at FROM messages m JOIN deliveries d ON d.id = m.id
WHERE m.ticket <> 0 AND m.ticket = $1 ORDER BY m.id DESC LIMIT $2`, ticket, int64(mostLines))
		}},
		{of: []Kind{KindSide}, fill: fillSides, marks: func(ticket int64, add func(Mark)) sql.Call {
			return sql.Ask(sql.Pair(func(id, at int64) { add(Mark{at, KindSide, id}) }), `SELECT a.message, d.at FROM side_threads s JOIN side_messages a ON a.side = s.id JOIN deliveries d ON d.id = a.message
WHERE s.ticket = $1 ORDER BY a.message DESC LIMIT $2`, ticket, int64(mostLines))
		}},
		{of: []Kind{KindSend}, fill: fillSends, marks: func(ticket int64, add func(Mark)) sql.Call {
			return sql.Ask(sql.Pair(func(id, at int64) { add(Mark{at, KindSend, id}) }), `SELECT o.id, CASE WHEN o.sent_at > 0 THEN o.sent_at ELSE o.created_at END FROM outbox o
WHERE o.message <> 0 AND o.message {in SELECT id FROM messages WHERE ticket <> 0 AND ticket = $1} AND o.ticket = $1 AND o.kind = '`+effects.KindAcknowledgement+`'`, ticket)
		}},
		{of: []Kind{KindReply}, fill: fillReplies, marks: func(ticket int64, add func(Mark)) sql.Call {
			return sql.Ask(sql.Pair(func(id, at int64) { add(Mark{at, KindReply, id}) }), `SELECT r.id, r.at FROM replies r WHERE r.ticket = $1 ORDER BY r.id DESC LIMIT $2`, ticket, int64(mostLines))
		}},
		{of: []Kind{KindAct, KindEvent}, fill: fillActs, marks: func(ticket int64, add func(Mark)) sql.Call {
			return sql.Ask(func(row sql.Row) error {
				m := Mark{Kind: KindAct}
				var who string
				err := row.Scan(&m.ID, &m.At, &who)
				if who == entries.Service {
					m.Kind = KindEvent
				}
				add(m)
				return err
			}, `SELECT e.id, e.at, e.actor FROM entries e WHERE e.ticket = $1 AND `+told+` ORDER BY e.id DESC LIMIT $2`, ticket, int64(mostLines))
		}},
	}
}

// told are the entries that say more than that somebody has written, which stands there itself.
const told = `e.kind NOT IN ('` + entries.Opened + `', '` + entries.ActReply + `', '` + entries.ActNote + `', '` + entries.ActForward + `', '` + entries.SideCame + `') AND (e.kind <> '` + entries.Continued + `'
OR e.after LIKE '%"ticket"%' OR e.after LIKE '%"queue"%' OR e.after LIKE '%"priority"%' OR e.after LIKE '%"contact"%')`

// Timeline reads the lines of a ticket, and of what is merged into it, below a mark, the newest first; a zero mark begins with the newest, and of a mark without a time
// the line of that kind and id is looked for. earlier is how many lines lie below these. ErrNotFound: there is no such ticket or line, or the
// viewer may not read it. It reads the marks of all lines and the texts of one page alone.
func (s *Store) Timeline(ctx context.Context, v viewer.Viewer, ticket int64, before Mark, limit int) (lines []Line, earlier int, err error) {
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	var marks []Mark
	of := map[Mark]int64{} // to which ticket each belongs
	queue := ""
	err = s.lists.DB.Read(ctx, func(t sql.Tx) error {
		marks = nil
		tickets, in, err := group(ctx, t, v, ticket)
		if err != nil {
			return err
		}
		queue = in
		var calls []sql.Call
		for _, origin := range tickets {
			for _, from := range sources() {
				calls = append(calls, from.marks(origin, func(m Mark) {
					marks, of[m] = append(marks, m), origin
				}))
			}
		}
		return t.Run(ctx, calls...)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading the timeline of ticket %d: %w", ticket, err)
	}
	slices.SortFunc(marks, func(a, b Mark) int { return b.compare(a) })
	if marks, err = below(marks, before); err != nil {
		return nil, 0, fmt.Errorf("reading the timeline of ticket %d: %w", ticket, err)
	}
	lines = make([]Line, min(limit, len(marks)))
	for i := range lines {
		lines[i].Mark, lines[i].Ticket = marks[i], of[marks[i]]
	}
	err = s.fill(ctx, lines)
	veilLines(v, queue, lines)
	return lines, len(marks) - len(lines), err
}

// group is a ticket that the viewer may read, with what is merged into it, and its queue. sql.ErrNotFound: he may not.
func group(ctx context.Context, t sql.Tx, v viewer.Viewer, ticket int64) (out []int64, queue string, err error) {
	if queue, err = queueOf(ctx, t, v, viewer.Read, ticket); err != nil {
		return nil, "", err
	}
	out = []int64{ticket}
	return out, queue, t.Run(ctx, sql.Ask(sql.Value(func(id int64) { out = append(out, id) }), `SELECT t.id FROM tickets t WHERE t.merged_into <> 0 AND t.merged_into = $1 ORDER BY t.id`, ticket))
}

// fill reads the texts of a page.
func (s *Store) fill(ctx context.Context, lines []Line) error {
	pages := map[int64]map[int64]*Line{} // by ticket, of one kind
	for _, from := range sources() {
		clear(pages)
		for i := range lines {
			if l := &lines[i]; slices.Contains(from.of, l.Kind) {
				if pages[l.Ticket] == nil {
					pages[l.Ticket] = map[int64]*Line{}
				}
				pages[l.Ticket][l.ID] = l
			}
		}
		for _, ticket := range sql.KeysOf(pages) {
			if err := from.fill(ctx, s, ticket, pages[ticket]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Line reads one line of a ticket by its kind and id. ErrNotFound: there is none, or the viewer may not read it.
func (s *Store) Line(ctx context.Context, v viewer.Viewer, ticket int64, m Mark) (Line, error) {
	line, queue := Line{Mark: m}, ""
	for _, from := range sources() {
		if !slices.Contains(from.of, m.Kind) {
			continue
		}
		err := s.lists.DB.Read(ctx, func(t sql.Tx) error {
			line.Ticket = 0
			tickets, in, err := group(ctx, t, v, ticket)
			queue = in
			var calls []sql.Call
			for _, origin := range tickets {
				calls = append(calls, from.marks(origin, func(o Mark) {
					if o.Kind == m.Kind && o.ID == m.ID {
						line.Ticket = origin
					}
				}))
			}
			if err == nil {
				err = t.Run(ctx, calls...)
			}
			return err
		})
		if err == nil && line.Ticket == 0 {
			err = sql.ErrNotFound
		}
		if err == nil {
			err = from.fill(ctx, s, line.Ticket, map[int64]*Line{m.ID: &line})
		}
		if err != nil {
			return Line{}, fmt.Errorf("reading a line of ticket %d: %w", ticket, err)
		}
		lines := []Line{line}
		veilLines(v, queue, lines)
		return lines[0], nil
	}
	return Line{}, fmt.Errorf("reading a line of ticket %d: %w", ticket, sql.ErrNotFound)
}

// below are the marks under one, of marks with the newest first.
func below(marks []Mark, before Mark) ([]Mark, error) {
	if before == (Mark{}) {
		return marks, nil
	}
	if before.At == 0 {
		at := slices.IndexFunc(marks, func(m Mark) bool { return m.Kind == before.Kind && m.ID == before.ID })
		if at < 0 {
			return nil, sql.ErrNotFound
		}
		return marks[at+1:], nil
	}
	at := slices.IndexFunc(marks, func(m Mark) bool { return m.compare(before) < 0 })
	if at < 0 {
		return nil, nil
	}
	return marks[at:], nil
}

// compare orders marks by time, those of one moment by kind and id.
func (m Mark) compare(o Mark) int {
	return cmp.Or(cmp.Compare(m.At, o.At), cmp.Compare(m.Kind, o.Kind), cmp.Compare(m.ID, o.ID))
}

func fillMessages(ctx context.Context, s *Store, ticket int64, page map[int64]*Line) error {
	ids := sql.KeysOf(page)
	err := s.lists.Read(ctx, "reading messages", sql.Ask(func(row sql.Row) error {
		var id, erased int64
		var fields string
		m := &Message{}
		if err := row.Scan(&id, &m.Inbox, &m.Channel, &m.FromKind, &m.From, &m.Name, &m.Proven, &m.Written, &m.State, &m.Subject, &m.Visible, &m.Quoted, &fields, &erased); err != nil {
			return err
		}
		m.From, m.Erased = base.Shown(m.From), erased != 0
		page[id].Message = m
		var err error
		m.Fields, err = sql.Unlist[tables.Field](fields)
		return err
	}, `SELECT id, inbox, channel, sender_kind, sender_value, sender_name, proven, kind, state, subject, visible, quoted, fields, erased_at FROM messages WHERE id = ANY($1)`, ids))
	if err != nil {
		return err
	}
	if err := s.beyond(ctx, ticket, ids, page); err != nil {
		return err
	}
	files, err := s.view.Attachments(ctx, ids)
	for id, of := range files {
		if m := page[id].Message; m != nil {
			m.Files = of
		}
	}
	return err
}

// beyond says what there is of messages beside their masked text: why they lie where they do, a formatted copy, and the original, which is handed out where nothing of it had
// to be masked.
func (s *Store) beyond(ctx context.Context, ticket int64, ids []int64, page map[int64]*Line) error {
	return s.lists.Read(ctx, "reading what there is of messages", sql.Ask(sql.Value(func(id int64) { page[id].Message.Formatted = true }), `SELECT message FROM copies WHERE message = ANY($1)`, ids),
		sql.Ask(sql.Value(func(id int64) { page[id].Message.Original = true }), `SELECT o.id FROM originals o JOIN messages m ON m.id = o.id WHERE o.id = ANY($1) AND m.redacted = '' AND m.erased_at = 0`, ids),
		sql.Ask(func(row sql.Row) error {
			var id int64
			var why string
			err := row.Scan(&id, &why)
			page[id].Message.Because = why
			return err
		}, `SELECT e.message, e.reason FROM entries e WHERE e.ticket = $1 AND e.kind = '`+entries.Continued+`' AND e.reason <> '' AND e.message = ANY($2) ORDER BY e.id`, ticket, ids))
}

// fillSides reads third parties' answers as messages are read, with the side thread of each.
func fillSides(ctx context.Context, s *Store, ticket int64, page map[int64]*Line) error {
	if err := fillMessages(ctx, s, ticket, page); err != nil {
		return err
	}
	return s.lists.Read(ctx, "reading side threads", sql.Ask(sql.Pair(func(id, side int64) {
		if m := page[id].Message; m != nil {
			m.Side = side
		}
	}), `SELECT message, side FROM side_messages WHERE message = ANY($1)`, sql.KeysOf(page)))
}

func fillSends(ctx context.Context, s *Store, _ int64, page map[int64]*Line) error {
	rows, err := s.view.OutboxByID(ctx, sql.KeysOf(page))
	for _, o := range rows {
		page[o.ID].Send = &o
	}
	return err
}

func fillActs(ctx context.Context, s *Store, ticket int64, page map[int64]*Line) error {
	return s.lists.Read(ctx, "reading acts", sql.Ask(func(row sql.Row) error {
		var id int64
		var before, after string
		a := &Act{}
		if err := row.Scan(&id, &a.What, &a.Who, &a.Reason, &a.Message, &before, &after); err != nil {
			return err
		}
		var err error
		if a.Before, err = entries.Read(before); err != nil {
			return err
		}
		a.After, err = entries.Read(after)
		page[id].Act = a
		return err
	}, `SELECT e.id, e.kind, e.actor, e.reason, e.message, e.before, e.after FROM entries e WHERE e.ticket = $1 AND e.id = ANY($2)`, ticket, sql.KeysOf(page)))
}
