package erasure

import (
	"context"
	"slices"
	"strings"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Traces is what a search for a person found, by ids, and what it looked through. What lies sealed is opened for it.
// An id stands once in each list; lists are nil where nothing was found.
type Traces struct {
	Messages []int64 `json:"messages"` // the person's own, and reports about mail to the person
	Tickets  []int64 `json:"tickets"`
	Effects  []int64 `json:"effects"`
	Replies  []int64 `json:"replies"`
	Sides    []int64 `json:"sides"`  // side threads of the person's tickets, or with the person
	Drafts   []int64 `json:"drafts"` // by ticket
	Files    []int64 `json:"files"`  // that agents send
	Others   Others  `json:"others"`
	// Undecided messages name the person and wait for their decision; Sending is being handed over.
	Undecided []int64 `json:"undecided"`
	Sending   []int64 `json:"sending"`
	// Kept are parked messages of others whose originals name the person: they are decided anew from
	// them when somebody releases them, so they stay.
	Kept     []int64          `json:"kept"`
	Identity int              `json:"identities"` // rows of contacts and identities
	Searched map[string]int64 `json:"searched"`   // rows by table
	joined   []int64          // tickets of others in which the person wrote
}

// Others is what belongs to somebody else and names the person.
type Others struct {
	Messages      []int64  `json:"messages"`
	Tickets       []int64  `json:"tickets"`
	Decisions     []int64  `json:"decisions"`
	Originals     []int64  `json:"originals"`
	Effects       []int64  `json:"effects"`
	Attempts      []int64  `json:"attempts"`    // by effect
	Attachments   []int64  `json:"attachments"` // by message
	Receipts      []int64  `json:"receipts"`
	Journal       []int64  `json:"journal"`
	Letters       []int64  `json:"letters"`
	Keys          []int64  `json:"keys"`     // deliveries
	Opinions      []int64  `json:"opinions"` // by message
	Readings      []int64  `json:"readings"` // by message
	Copies        []int64  `json:"copies"`   // by message
	Indexed       []int64  `json:"indexed"`  // by ticket: words that are found there and stand in it no more
	Replies       []int64  `json:"replies"`
	Sides         []int64  `json:"sides"`  // side threads that name the person
	Drafts        []int64  `json:"drafts"` // by ticket
	Files         []int64  `json:"files"`  // that agents send to somebody else
	Views         []int64  `json:"views"`  // that somebody has kept
	Words         []int64  `json:"words"`  // that were sent to somebody else; by effect
	Conversations []string `json:"-"`
	Conversing    int      `json:"conversations"`
}

// count is how many rows of others are to be mended. A new list must be added here, in others and in eraser.mend.
func (o Others) count() int {
	n := len(o.Conversations)
	for _, ids := range [][]int64{o.Messages, o.Tickets, o.Decisions, o.Originals, o.Effects, o.Attempts, o.Attachments, o.Receipts, o.Journal, o.Letters, o.Keys, o.Opinions, o.Readings, o.Copies, o.Words, o.Indexed, o.Replies, o.Sides, o.Drafts, o.Files, o.Views} {
		n += len(ids)
	}
	return n
}

// own is how many rows of the person's own there are.
func (t Traces) own() int {
	return len(t.Messages) + len(t.Tickets) + len(t.Effects) + len(t.Replies) + len(t.Sides) + len(t.Drafts) + len(t.Files)
}

// none reports whether there is nothing left to mend. Contacts and identities go last, by themselves.
func (t Traces) none() bool {
	return t.own()+t.Others.count() == 0
}

// Left is how many findings there are, those of contacts and identities included.
func (t Traces) Left() int {
	return t.own() + t.Others.count() + t.Identity
}

// Nothing reports whether nothing anywhere has to do with the person.
func (t Traces) Nothing() bool { return t.Left()+len(t.Undecided)+len(t.Sending)+len(t.Kept) == 0 }

// sweep walks over all tables by their primary keys, in short reads, so that it holds nobody up. What it finds in one
// table is needed in the next one, so the order of tables.Tables counts: tickets first, then messages, then what
// hangs on them. It is for one goroutine and one walk.
type sweep struct {
	s    *Store
	p    Person
	n    *names
	tell func(string, int64)
	// found is the result so far.
	found Traces
	own   map[int64]bool // messages of the person, the erased ones included
	// claimants are the contacts without addresses that messages under a claimed address of the person's made.
	claimants map[int64]bool
	gone      map[int64]bool // erased already
	mine      map[int64]bool // tickets of the person
	kept      map[int64]bool // messages that are parked or undecided
	// words and watch are for the search of files: see Erased.Words.
	words []Word        // distinctive words of what is to be erased
	watch map[Word]bool // words to look for in what others wrote; false: found there
}

func (s *Store) newSweep(p Person, tell func(string, int64)) *sweep {
	if tell == nil {
		tell = func(string, int64) {}
	}
	return &sweep{s: s, p: p, n: s.names(p), tell: tell, own: map[int64]bool{}, claimants: map[int64]bool{}, gone: map[int64]bool{}, mine: map[int64]bool{}, kept: map[int64]bool{},
		watch: map[Word]bool{}, found: Traces{Searched: map[string]int64{}}}
}

// Rows of one read: of plain rows, and of those with sealed bytes in them, which may be 256 KiB each.
const (
	sweepRows   = 500
	sweepSealed = 32
)

// parts are the searches of each table that may name a person. A new table with Personal columns takes a line; a test
// compares both.
func (w *sweep) parts() map[string][]func(context.Context) error {
	return map[string][]func(context.Context) error{
		"tickets": {w.tickets}, "messages": {w.messages}, "deliveries": {w.deliveries}, "attachments": {w.attachments}, "outbox": {w.effects},
		"outbox_attempts": {w.attempts, w.said}, "receipts": {w.receipts}, "journal": {w.journal}, "dead_letters": {w.letters},
		"conversations": {w.conversations}, "identities": {w.identities}, "claims": {w.claims}, "contacts": {w.contacts}, "decisions": {w.decisions},
		"replies": {w.replies}, "side_threads": {w.sides}, "drafts": {w.drafts}, "enclosures": {w.enclosures}, "originals": {w.originals}, "opinions": {w.opinions}, "readings": {w.readings}, "copies": {w.copies}, "searched": {w.searched}, "views": {w.views}, "blocks": {w.blocks},
	}
}

// all searches everything, in the order of the table of tables.
func (w *sweep) all(ctx context.Context) error {
	parts := w.parts()
	for _, t := range tables.Tables() {
		for _, part := range parts[t.Name] {
			if err := part(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// underWay looks only for what is undecided or being sent; it reads the partial index outbox_wake and what waits, not
// the whole database.
func (w *sweep) underWay(ctx context.Context) error {
	if err := w.undecided(ctx); err != nil {
		return err
	}
	return w.s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx, sql.Ask(func(row sql.Row) error {
			var id, contact int64
			var recipient string
			err := row.Scan(&id, &contact, &recipient)
			if contact != 0 && contact == w.p.Contact || slices.Contains(w.n.keys, recipient) {
				w.found.Sending = append(w.found.Sending, id)
			}
			return err
		}, `SELECT id, contact, recipient FROM outbox WHERE wake_at > 0 AND state = 'sending'`))
	})
}

// walk reads a table page by page: query takes the last key and the number of rows, row gives its key. Rows that come
// meanwhile with smaller ids are not seen; that is why the eraser sweeps again after its mending.
func (w *sweep) walk(ctx context.Context, table string, query string, row func(sql.Row) (any, error)) error {
	return w.walkFrom(ctx, table, query, int64(-1), row)
}

// walkFrom is walk from a key of any type. Each page is a read of its own; when ctx ends, the walk ends with its
// error.
func (w *sweep) walkFrom(ctx context.Context, table string, query string, last any, row func(sql.Row) (any, error)) error {
	for {
		n := 0
		next := last
		err := w.s.base.DB.Read(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(func(r sql.Row) (err error) {
				n++
				next, err = row(r)
				return err
			}, query, last, sweepRows))
		})
		if err != nil {
			return err
		}
		last = next
		w.found.Searched[table] += int64(n)
		w.tell(table, w.found.Searched[table])
		if n < sweepRows {
			return ctx.Err()
		}
	}
}

// tickets comes first. A claimed ticket is the person's when its first participant is, or its contact was made by a
// message of his. One that is blank already is only remembered as his.
func (w *sweep) tickets(ctx context.Context) error {
	return w.walk(ctx, "tickets", `SELECT id, contact, claimed, subject, display, numbers, participants FROM tickets WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var id, contact int64
		var claimed bool
		var subject, display, numbers, participants string
		if err := row.Scan(&id, &contact, &claimed, &subject, &display, &numbers, &participants); err != nil {
			return nil, err
		}
		// The order of the cases matters: a ticket that is the person's is never also one of others that names him.
		switch {
		case contact != 0 && contact == w.p.Contact, claimed && (w.claimants[contact] || w.openedBy(participants)):
			w.mine[id] = true
			if claimed {
				w.claimants[contact] = true
			}
			if display != erasedWord || subject != erasedWord || numbers != "" || w.n.inJSON(participants) {
				w.found.Tickets = append(w.found.Tickets, id)
			}
		case w.n.in(subject, display, numbers) || w.n.inJSON(participants):
			w.found.Others.Tickets = append(w.found.Others.Tickets, id)
		default:
			w.seen(subject, display, participants)
		}
		return id, nil
	})
}

// openedBy reports whether the first of a ticket's participants is the person.
func (w *sweep) openedBy(participants string) bool {
	all, err := sql.Unlist[message.Identity](participants)
	return err == nil && len(all) > 0 && w.n.owns(all[0])
}

// erasedWord stands as the subject of a ticket whose customer was erased. It is also how a second sweep knows that
// the ticket is done.
const erasedWord = "erased"

func (w *sweep) messages(ctx context.Context) error {
	return w.walk(ctx, "messages", `SELECT id, contact, ticket, state, kind, erased_at, proven, sender_kind, sender_value, sender_name, subject, visible, quoted,
thread, evidence, redacted, fields, coalesce((SELECT s.ticket FROM side_messages a JOIN side_threads s ON s.id = a.side WHERE a.message = messages.id), 0) FROM messages WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var m sweptMessage
		err := row.Scan(&m.id, &m.contact, &m.ticket, &m.state, &m.kind, &m.erased, &m.proven, &m.from.Kind, &m.from.Value, &m.name, &m.subject, &m.visible, &m.quoted,
			&m.thread, &m.evidence, &m.redacted, &m.fields, &m.aside)
		if err == nil {
			w.message(m)
		}
		return m.id, err
	})
}

// sweptMessage is as much of a message as tells whose it is; erased is when it was, in microseconds, 0 for not.
type sweptMessage struct {
	id, contact, ticket, erased                                              int64
	aside                                                                    int64 // the ticket of the side thread in which it is a third party's answer
	proven                                                                   bool
	state                                                                    messages.State
	from                                                                     message.Identity
	kind, name, subject, visible, quoted, thread, evidence, redacted, fields string
}

// message decides whose a message is. It is the person's by its contact or its sender; a bounce or another report
// that names him is nobody's words, and goes with him. An erased row that still names him is found again: a mask that
// was forgotten must not pass the proof.
func (w *sweep) message(m sweptMessage) {
	mentions := w.n.in(m.from.Value, m.name, m.subject, m.visible, m.quoted, m.evidence, m.fields) || w.n.inKey("", m.thread)
	mine := w.his(m, mentions)
	if mine && !m.proven && m.contact != 0 && w.n.owns(m.from) {
		w.claimants[m.contact] = true
	}
	if m.state == messages.Parked {
		w.kept[m.id] = true
	}
	switch {
	case m.erased != 0 && !mentions:
		w.gone[m.id] = true
		w.own[m.id] = mine
	case mine || m.erased != 0:
		w.own[m.id] = true
		w.found.Messages = append(w.found.Messages, m.id)
		if m.ticket != 0 && !w.mine[m.ticket] && !slices.Contains(w.found.joined, m.ticket) {
			w.found.joined = append(w.found.joined, m.ticket)
		}
		w.remember(m)
	case mentions || w.mine[m.ticket] && m.quoted != "":
		w.found.Others.Messages = append(w.found.Others.Messages, m.id)
	default:
		w.seen(m.from.Value, m.name, m.subject, m.visible, m.quoted, m.thread, m.fields)
	}
}

// his reports whether a message is the person's: by its contact or its sender, as what a third party was asked about him, and said; in an erasure that was
// broken off by its ticket, since nothing but that says whose it was; and as a report about mail to him, which is nobody's words.
func (w *sweep) his(m sweptMessage, mentions bool) bool {
	return m.contact != 0 && m.contact == w.p.Contact || w.n.owns(m.from) ||
		m.aside != 0 && w.mine[m.aside] ||
		m.erased != 0 && w.mine[m.ticket] ||
		mentions && (m.state == messages.Suppressed || m.kind == "bounce")
}

// deliveries looks at keys: some channels make them of a chat's or a sender's name.
func (w *sweep) deliveries(ctx context.Context) error {
	return w.walk(ctx, "deliveries", `SELECT id, channel, key FROM deliveries WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var id int64
		var channel, key string
		err := row.Scan(&id, &channel, &key)
		if w.n.inKey(channel, key) {
			w.found.Others.Keys = append(w.found.Others.Keys, id)
		}
		return id, err
	})
}

// pairs searches a table whose key has two parts: the id of what it belongs to, and a number. Both make one range
// along the key, so that a page begins where the last one ended, within one id.
func (w *sweep) pairs(ctx context.Context, table, id string, columns []string, out *[]int64) error {
	query := `SELECT ` + id + `, n, ` + strings.Join(columns, ", ") + ` FROM ` + table + ` WHERE (` + id + `, n) > ($1, $2) ORDER BY ` + id + `, n LIMIT $3`
	last := [2]int64{-1, -1}
	for {
		n := 0
		err := w.s.base.DB.Read(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Ask(func(row sql.Row) error {
				n++
				texts := make([]string, len(columns))
				dest := []any{&last[0], &last[1]}
				for i := range texts {
					dest = append(dest, &texts[i])
				}
				err := row.Scan(dest...)
				if w.n.in(texts...) && !w.unerased(table, last[0]) && !slices.Contains(*out, last[0]) {
					*out = append(*out, last[0])
				}
				return err
			}, query, last[0], last[1], sweepRows))
		})
		if err != nil {
			return err
		}
		w.found.Searched[table] += int64(n)
		w.tell(table, w.found.Searched[table])
		if n < sweepRows {
			return ctx.Err()
		}
	}
}

// unerased reports whether a row goes with what it belongs to, so that it is no finding of its own.
func (w *sweep) unerased(table string, id int64) bool {
	if table == "attachments" {
		return w.own[id] && !w.gone[id]
	}
	return slices.Contains(w.found.Effects, id)
}

func (w *sweep) attachments(ctx context.Context) error {
	return w.pairs(ctx, "attachments", "message", []string{"name", "content_id", "ref"}, &w.found.Others.Attachments)
}

func (w *sweep) attempts(ctx context.Context) error {
	return w.pairs(ctx, "outbox_attempts", "effect", []string{"code", "detail"}, &w.found.Others.Attempts)
}

func (w *sweep) effects(ctx context.Context) error {
	return w.walk(ctx, "outbox", `SELECT id, key, kind, message, contact, recipient, to_kind, to_value, to_name, payload, provider_id, last_error, erased, state
FROM outbox WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var o sweptEffect
		err := row.Scan(&o.id, &o.key, &o.kind, &o.message, &o.contact, &o.recipient, &o.to.Kind, &o.to.Value, &o.name, &o.payload, &o.provider, &o.lastError, &o.erased, &o.state)
		if err == nil {
			w.effect(o)
		}
		return o.id, err
	})
}

// sweptEffect is as much of an outbox row as tells whose it is.
type sweptEffect struct {
	id, message, contact                                     int64
	key, kind, recipient, name, payload, provider, lastError string
	to                                                       message.Identity
	erased                                                   bool
	state                                                    effects.State
}

// effect decides whose an outbox row is, as message does. What is being sent right now is noted, too.
func (w *sweep) effect(o sweptEffect) {
	mentions := w.n.in(o.to.Value, o.name, o.lastError) || w.n.inJSON(o.payload) || w.n.inKey("", o.recipient) || w.n.inProvider(o.to.Kind, o.provider)
	mine := o.contact != 0 && o.contact == w.p.Contact || w.own[o.message] || w.n.owns(o.to)
	switch {
	case o.erased && !mentions:
	case mine || o.erased:
		w.found.Effects = append(w.found.Effects, o.id)
		if o.state == effects.Sending {
			w.found.Sending = append(w.found.Sending, o.id)
		}
	case mentions:
		w.found.Others.Effects = append(w.found.Others.Effects, o.id)
	default:
		w.seen(o.to.Value, o.name, o.payload)
	}
}

// plain searches a table whose rows belong to nobody: an id and texts, the columns that tables.Tables calls Personal.
func (w *sweep) plain(ctx context.Context, table string, out *[]int64) error {
	of := tables.TableOf(table)
	id, columns := of.Key[0], of.Personal
	query := `SELECT ` + id + `, ` + strings.Join(columns, ", ") + ` FROM ` + table + ` WHERE ` + id + ` > $1 ORDER BY ` + id + ` LIMIT $2`
	return w.walk(ctx, table, query, func(row sql.Row) (any, error) {
		var key int64
		texts := make([]string, len(columns))
		dest := []any{&key}
		for i := range texts {
			dest = append(dest, &texts[i])
		}
		err := row.Scan(dest...)
		if w.n.in(texts...) && !slices.Contains(*out, key) {
			*out = append(*out, key)
		}
		return key, err
	})
}

func (w *sweep) receipts(ctx context.Context) error {
	return w.plain(ctx, "receipts", &w.found.Others.Receipts)
}

func (w *sweep) journal(ctx context.Context) error {
	return w.plain(ctx, "journal", &w.found.Others.Journal)
}

func (w *sweep) letters(ctx context.Context) error {
	return w.plain(ctx, "dead_letters", &w.found.Others.Letters)
}

func (w *sweep) conversations(ctx context.Context) error {
	defer func() { w.found.Others.Conversing = len(w.found.Others.Conversations) }()
	return w.walkFrom(ctx, "conversations", `SELECT thread FROM conversations WHERE thread > $1 ORDER BY thread LIMIT $2`, "", func(row sql.Row) (any, error) {
		var thread string
		err := row.Scan(&thread)
		if w.n.inKey("", thread) {
			w.found.Others.Conversations = append(w.found.Others.Conversations, thread)
		}
		return thread, err
	})
}

// identities counts rows that go at the very end, with the contact.
func (w *sweep) identities(ctx context.Context) error {
	return w.walkFrom(ctx, "identities", `SELECT address, contact FROM identities WHERE address > $1 ORDER BY address LIMIT $2`, "", func(row sql.Row) (any, error) {
		var address string
		var contact int64
		err := row.Scan(&address, &contact)
		if slices.Contains(w.n.keys, address) || contact != 0 && contact == w.p.Contact {
			w.found.Identity++
		} else {
			w.seen(address)
		}
		return address, err
	})
}

// contacts looks at names, which others may have as well: then they say nothing in a file.
func (w *sweep) contacts(ctx context.Context) error {
	return w.walk(ctx, "contacts", `SELECT id, name FROM contacts WHERE id > $1 ORDER BY id LIMIT $2`, func(row sql.Row) (any, error) {
		var id int64
		var name string
		err := row.Scan(&id, &name)
		switch {
		case id == w.p.Contact, w.claimants[id]:
			w.found.Identity++
			w.word("name", name)
		default:
			w.seen(name)
		}
		return id, err
	})
}

// claims of the person's addresses by messages of others go with the addresses.
func (w *sweep) claims(ctx context.Context) error {
	return w.walkFrom(ctx, "claims", `SELECT address FROM claims WHERE address > $1 GROUP BY address ORDER BY address LIMIT $2`, "", func(row sql.Row) (any, error) {
		var address string
		err := row.Scan(&address)
		if slices.Contains(w.n.keys, address) {
			w.found.Identity++
		} else {
			w.seen(address)
		}
		return address, err
	})
}
