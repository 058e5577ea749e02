// Package splitting has people make a ticket of its own of some of another one's messages, and take that back. Each of its methods takes who acts: he needs
// the right to answer in the queues of both tickets, and of what is not his he learns not even that it is there.
package splitting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/commands/merge"
	"frontdesk/pipeline/domain/commands/split"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/parting"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/normalize/tidy"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
)

// Store is this room of the store. It is safe for concurrent use.
type Store struct {
	base  *base.Store
	lists *base.Store // for what people look at
	plans *plans.Store
}

// New makes the room. It acts on b, and looks on lists.
func New(b, lists *base.Store, p *plans.Store) *Store { return &Store{base: b, lists: lists, plans: p} }

// Why a ticket is not split. Nothing was done.
var (
	ErrNothing = errors.New("no message was chosen")
	ErrFirst   = errors.New("the message that opened the ticket, or says what it is about or whose it is, stays")
	ErrMoved   = fmt.Errorf("a message or a note is not in the ticket any more: %w", domain.ErrNotSo)
	ErrWaits   = errors.New("not all that goes was answered: no answer counts for it") // though Chosen.Answered says so
)

// Most is how many messages and notes go at once.
const Most = 200

// How many characters the name of the new ticket has at most, and the first words of a message that it is called by.
const (
	longestSubject = 200
	longestWords   = 80
)

// Chosen is what is to be a ticket of its own.
type Chosen struct {
	Ticket          int64 // of whose it is
	Messages, Notes []int64
	Queue           string
	Subject         string // what it is called; empty: what its first message is
	Owner           int64  // who gets it; 0: nobody. It goes to whoever has the old one, or makes it; to others only by who directs work there
	Answered        bool   // what was answered in the old ticket counts for the new one: it is the customer's turn there. Else a reply is owed
}

// Counting is how promises are made: the groups of contacts that rules may ask for, and a promise of that kind and start as it is counted. A kind of which
// nothing is promised gives false.
type Counting struct {
	Group func(message.Identity) string
	Count func(about match.Case, p promises.Promise) (promises.Promise, bool)
}

// moved is one message that is to go.
type moved struct {
	id, contact    int64
	state          messages.State
	at             time.Time
	inbox, channel string
	from           message.Address
	proven         bool // by the channel
	owned          bool // he is the contact who has proven his address
	claim          bool // he is a contact who has proven nothing, and has opened no ticket
	language       string
	subject        string
	visible        string // what it says
	thread         string // its inbox and the channel's own conversation; see pipeline.Asks
}

// Split makes the ticket, and tells its number. ErrNothing, ErrFirst, ErrMoved, ErrWaits, domain.ErrMerged, domain.ErrOvertaken: nothing was done. sql.ErrNotFound: the ticket
// is not there, or the viewer may not answer it, or not in the queue of the new one.
func (s *Store) Split(ctx context.Context, v viewer.Viewer, k Counting, c Chosen, now time.Time) (int64, error) {
	c.Messages, c.Notes = sql.Sorted(c.Messages), sql.Sorted(c.Notes)
	switch {
	case len(c.Messages) == 0:
		return 0, ErrNothing
	case len(c.Messages)+len(c.Notes) > Most, !v.May(viewer.Answer, c.Queue):
		return 0, fmt.Errorf("splitting ticket %d: %w", c.Ticket, sql.ErrNotFound)
	}
	ids, err := s.base.Ids(ctx, map[string]int64{pipeline.SequenceTicket: 1, pipeline.SequenceEffect: 1, pipeline.SequenceContact: 1, tables.SequenceOther: 2})
	if err != nil {
		return 0, fmt.Errorf("splitting ticket %d: %w", c.Ticket, err)
	}
	defer ids.Done()
	claimant := ids.Next(pipeline.SequenceContact)
	number, effect, notes := ids.Next(pipeline.SequenceTicket), ids.Next(pipeline.SequenceEffect), []int64{ids.Next(tables.SequenceOther), ids.Next(tables.SequenceOther)}
	err = s.base.Write(ctx, func(t sql.Tx) error {
		p := part{Chosen: c, v: v, now: now, number: number, effect: effect, claimant: claimant}
		if _, err := s.lock(ctx, t, split.Messages{Ticket: c.Ticket, Parting: parting.Parting{Messages: c.Messages, Notes: c.Notes}}, c.Ticket); err != nil {
			return err
		}
		if err := p.read(ctx, t); err != nil {
			return err
		}
		command, row := p.command(k)
		if err := t.Run(ctx, append(p.claims(row), insertTickets.Put(row))...); err != nil {
			return err
		}
		if err = s.plans.Carried(ctx, t, []domain.Command{command}, notes, now); errors.Is(err, split.ErrSays) {
			return ErrFirst
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("splitting ticket %d: %w", c.Ticket, err)
	}
	return number, nil
}

// lock locks all that an act is decided upon before any of it is read, in the order in which everybody does: what becomes of an answer while it is read would be
// taken as it was. group is the ticket whose answers are looked at: behind the lock of it nobody writes a further one.
func (s *Store) lock(ctx context.Context, t sql.Tx, act domain.Command, group int64) (*domain.Known, error) {
	n, sends := act.Needs(domain.NewKnown()), []int64{}
	none := func(sql.Row) error { return nil }
	if err := t.Run(ctx, sql.Ask(none, `SELECT id FROM messages WHERE id = ANY($1) ORDER BY id FOR UPDATE`, sql.OrNone(sql.Sorted(n.Messages))),
		sql.Ask(none, `SELECT id FROM tickets WHERE id = ANY($1) ORDER BY id FOR UPDATE`, sql.Sorted(append(n.Tickets, group))),
		sql.Ask(sql.Each64(&sends), `SELECT r.effect FROM replies r WHERE r.ticket {in `+plans.Group+`} AND r.kind = '`+string(replies.Answer)+`' AND r.side = 0 AND r.effect <> 0`, group)); err != nil {
		return nil, err
	}
	return s.plans.Load(ctx, t, []domain.Command{locked{act, sends}})
}

// locked is an act as far as it locks, with the rows of answers that are looked at.
type locked struct {
	domain.Command
	sends []int64
}

// Needs are what the act needs, and these rows.
func (l locked) Needs(k *domain.Known) domain.Needs {
	n := l.Command.Needs(k)
	n.Effects = l.sends
	return n
}

// part is a split in its transaction.
type part struct {
	Chosen
	v              viewer.Viewer
	now            time.Time
	number, effect int64
	claimant       int64 // the contact of a new ticket whose customer nothing proves

	of       tables.TicketsRow // the ticket that is split
	moved    []moved           // by when they were received
	owner    int64             // who has it
	since    time.Time         // since when its item says that the customer waits
	stays    time.Time         // when the oldest of what waits there was received that stays
	answered time.Time
}

var insertTickets = sql.Inserting[tables.TicketsRow]("tickets", "")

// askWhole asks for a ticket that the viewer answers.
var askWhole = `SELECT ` + tables.TicketColumns + ` FROM tickets t WHERE t.id = $1 AND ($2 OR t.queue = ANY($3))`

// read reads what is to go, and what of the rest that concerns. All of it is locked.
func (p *part) read(ctx context.Context, t sql.Tx) error {
	queues, every := p.v.Where(viewer.Answer)
	if err := t.Run(ctx, sql.Ask(func(row sql.Row) (err error) {
		p.of, err = sql.Read[tables.TicketsRow](row)
		return err
	}, askWhole, p.Ticket, every, sql.OrNone(queues)),
		sql.Ask(sql.Pair(func(at, owner int64) { p.since, p.owner = sql.Moment(at), owner }), `SELECT since_at, owner FROM desk WHERE ticket = $1`, p.Ticket),
		sql.Ask(p.scan, `SELECT m.id, m.state, m.contact, d.at, m.inbox, m.channel, m.sender_kind, m.sender_value, m.sender_name, m.proven,
EXISTS (SELECT 1 FROM identities i WHERE i.address = ltrim(m.sender, '?') AND i.contact <> 0 AND i.contact = m.contact),
m.contact <> 0 AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.contact <> 0 AND i.contact = m.contact) AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.contact <> 0 AND t.contact = m.contact), m.language, m.subject, m.visible, m.thread FROM messages m JOIN deliveries d ON d.id = m.id WHERE m.id = ANY($1) AND m.ticket = $2 AND m.erased_at = 0`, p.Messages, p.Ticket)); err != nil {
		return err
	}
	switch {
	case p.of.ID == 0, p.Owner != 0 && p.Owner != p.v.User && p.Owner != p.owner && !p.v.May(viewer.Direct, p.Queue):
		return sql.ErrNotFound
	case p.of.MergedInto != 0:
		return domain.ErrMerged
	case len(p.moved) != len(p.Messages):
		return ErrMoved
	case slices.ContainsFunc(p.moved, func(m moved) bool { return m.state == messages.Ticketed }):
		return ErrFirst
	}
	slices.SortStableFunc(p.moved, func(a, b moved) int { return a.at.Compare(b.at) })
	return p.readRest(ctx, t)
}

func (p *part) scan(row sql.Row) error {
	var m moved
	var at int64
	err := row.Scan(&m.id, &m.state, &m.contact, &at, &m.inbox, &m.channel, &m.from.Kind, &m.from.Value, &m.from.Name, &m.proven, &m.owned, &m.claim, &m.language, &m.subject, &m.visible, &m.thread)
	m.at = sql.Moment(at)
	p.moved = append(p.moved, m)
	return err
}

// askStays asks when the oldest message was received that a person has written and that stays.
const askStays = `SELECT coalesce(min(d.at), 0) FROM messages m JOIN deliveries d ON d.id = m.id
WHERE m.ticket {in ` + plans.Group + `} AND m.ticket <> 0 AND NOT (m.id = ANY($2)) AND m.kind NOT IN (`

// askAnswered asks for messages that people have written (m, received by d) with when the newest answer to each was handed over that was written after it and before
// $2, in a ticket ($1) or what is merged into it, to its writer, at that address or another one of his; 0: none was, or it has come to nothing.
var askAnswered = `SELECT m.id, coalesce((SELECT max(o.sent_at) FROM replies r JOIN outbox o ON o.id = r.effect
WHERE r.ticket {in ` + plans.Group + `} AND r.kind = '` + string(replies.Answer) + `' AND r.side = 0 AND r.at >= d.at AND r.at < $2 AND o.sent_at > 0 AND NOT ` + nothing + `
AND (o.recipient = ltrim(m.sender, '?') OR EXISTS (SELECT 1 FROM identities i WHERE i.address = o.recipient AND i.contact <> 0 AND i.contact = m.contact))), 0)
FROM messages m JOIN deliveries d ON d.id = m.id JOIN tickets t ON t.id = m.ticket WHERE m.kind NOT IN (` + machines + `) AND m.ticket <> 0 AND `

// Answered tells when those of a ticket's messages were answered that were: by an answer to who wrote it that was written after it, and that has not come to
// nothing. Whoever splits them off says whether that counts for the new ticket (Chosen.Answered).
func (s *Store) Answered(ctx context.Context, v viewer.Viewer, ticket int64, messages []int64) (map[int64]time.Time, error) {
	out := map[int64]time.Time{}
	queues, every := v.Where(viewer.Answer)
	return out, s.lists.Read(ctx, "reading what was answered", sql.Ask(sql.Pair(func(id, at int64) {
		if at > 0 {
			out[id] = sql.Moment(at)
		}
	}), askAnswered+`m.id = ANY($3) AND m.ticket = $1 AND ($4 OR t.queue = ANY($5))`, ticket, int64(math.MaxInt64), sql.OrNone(sql.Sorted(messages)), every, sql.OrNone(queues)))
}

// wholly is when the last of some messages of people was answered, where all of them were.
type wholly struct {
	at    int64
	waits bool // one was not
}

func (w *wholly) read(_, at int64) { w.at, w.waits = max(w.at, at), w.waits || at == 0 }

// readRest reads what people have written since the customer waits that stays, and whether all that goes was answered. What machines write is nobody's work.
func (p *part) readRest(ctx context.Context, t sql.Tx) error {
	var stays, good, bad int64
	var sent wholly
	err := t.Run(ctx,
		sql.Ask(sql.Into(&stays), askStays+machines+`) AND d.at >= $3`, p.Ticket, p.Messages, sql.Micros(p.since)),
		sql.Ask(sql.Pair(sent.read), askAnswered+`m.id = ANY($3) AND m.ticket = $1`, p.Ticket, int64(math.MaxInt64), p.Messages),
		sql.Ask(sql.Pair(func(went, none int64) { good, bad = went, none }), `SELECT coalesce(max(CASE WHEN `+nothing+` THEN 0 ELSE r.at END), 0), coalesce(max(CASE WHEN `+nothing+` THEN r.at ELSE 0 END), 0)
FROM replies r JOIN outbox o ON o.id = r.effect WHERE r.ticket {in `+plans.Group+`} AND r.kind = '`+string(replies.Answer)+`' AND r.side = 0 AND r.at < $2`, p.Ticket, sql.Micros(p.since)))
	if err == nil && stays == 0 && bad > good { // the customer wrote while an answer was under way that has come to nothing
		err = t.Run(ctx, sql.Ask(sql.Into(&stays), askStays+machines+`) AND d.at > $3 AND d.at < $4`, p.Ticket, p.Messages, good, sql.Micros(p.since)))
	}
	if p.stays = sql.Moment(stays); p.Answered {
		if p.answered = sql.Moment(sent.at); err == nil && (sent.waits || sent.at == 0) {
			err = ErrWaits
		}
	}
	return err
}

// nothing says in SQL that an answer has come to nothing: its customer has not got it.
const nothing = `o.state IN ('` + string(effects.Failed) + `', '` + string(effects.Withheld) + `')`

// machines are the kinds of messages that nobody has written, as a list in SQL.
var machines = func() string {
	var out []string
	for _, k := range screen.Machines() {
		out = append(out, "'"+string(k)+"'")
	}
	return strings.Join(out, ", ")
}()

func (p *part) last() time.Time { return p.moved[len(p.moved)-1].at }

// command is what carries it out, with the row of the new ticket.
func (p *part) command(k Counting) (split.Messages, tables.TicketsRow) {
	first, row := p.moved[0], p.row()
	c := split.Messages{Ticket: p.Ticket, Version: p.of.Version, Contact: row.Contact, Actor: p.v.Login, Acknowledged: p.acknowledged(row.Ticket)}
	c.Parting = parting.Parting{Ticket: p.number, Notes: p.Notes, Queue: row.Queue, Category: row.Category, Language: row.Language, Channel: p.moved[len(p.moved)-1].channel,
		Owner: p.Owner, First: first.at, Last: row.LastAt, Answered: p.answered, Since: p.since, Stays: p.stays, Promised: p.promised(k, row.Ticket)}
	for _, m := range p.moved {
		c.Messages = append(c.Messages, m.id)
	}
	return c, row
}

// row is the new ticket. Its customer is the author of its first message: the contact who has proven that address, or a claim. Whoever took part in the old one takes part in it, if that is its customer's, too; else
// those do who wrote what goes.
func (p *part) row() tables.TicketsRow {
	first := p.moved[0]
	row := tables.TicketsRow{RecordedAt: p.now, Display: p.called(), Ticket: tickets.Ticket{ID: p.number, Version: 1, Contact: first.contact, Inbox: first.inbox, Queue: p.Queue,
		Category: p.of.Category, Guesses: p.of.Guesses, Priority: p.of.Priority, Status: tickets.Open, Subject: normalize.Subject(first.subject), Language: p.of.Language, Messages: len(p.moved),
		OpenedAt: first.at, LastAt: p.last(), Follows: p.Ticket, History: p.of.History}}
	if first.language != "" && first.language != "und" {
		row.Language = first.language
	}
	people := []message.Identity{}
	for _, m := range p.moved {
		people = append(people, m.from.Identity())
		if !slices.Contains(row.Channels, m.channel) {
			row.Channels = append(row.Channels, m.channel)
		}
	}
	if first.contact == p.of.Contact {
		people = append(people, p.of.Participants...)
	}
	if row.Claimed = !first.owned; row.Claimed && !first.claim {
		row.Contact = p.claimant
	}
	for _, who := range people {
		if !who.IsZero() && !slices.Contains(row.Participants, who) && len(row.Participants) < mostPeople {
			row.Participants = append(row.Participants, who)
		}
	}
	return row
}

// claims gives a new ticket whose customer nothing proves a contact of its own, as each such ticket has one, until he proves himself. One that its writer has
// already goes with him. What others have written stays theirs.
func (p *part) claims(row tables.TicketsRow) []sql.Call {
	first := p.moved[0]
	if row.Contact != p.claimant {
		return nil
	}
	return []sql.Call{sql.Do(`INSERT INTO contacts (id, version, name, language, created_at) VALUES ($1, 1, $2, $3, $4)`, row.Contact, sql.Clean(first.from.Name), sql.Clean(row.Language), sql.Micros(p.now)),
		sql.Do(`UPDATE messages SET contact = $2 WHERE id = ANY($1) AND contact = $3 AND ltrim(sender, '?') = (SELECT ltrim(f.sender, '?') FROM messages f WHERE f.id = $4)`, p.Messages, row.Contact, first.contact, first.id)}
}

// mostPeople is how many take part in a ticket.
const mostPeople = 20

// called is what the new ticket is called: as its maker wants, as its first message is, by its first words, or as the old one is. What that one is called may be
// its own customer's words, which are nothing of anybody else's ticket.
func (p *part) called() string {
	first := p.moved[0]
	names := []string{p.Subject, first.subject, tidy.Short(strings.Join(strings.Fields(first.visible), " "), longestWords)}
	if first.contact == p.of.Contact {
		names = append(names, p.of.Display)
	}
	for _, name := range names {
		if name = strings.TrimSpace(sql.Clean(name)); name != "" {
			return tidy.Short(name, longestSubject)
		}
	}
	return ""
}

// promised is what the new ticket is promised, counted since its first message was received: an acknowledgement, which is void, and what the policy says.
func (p *part) promised(k Counting, t tickets.Ticket) []promises.Plan {
	first := p.moved[0]
	out := []promises.Plan{{Kind: promises.Acknowledgement, Due: first.at.Add(promise.DefaultAcknowledgement)}}
	if k.Count == nil || t.History {
		return out
	}
	about := match.Case{Channel: first.channel, Inbox: t.Inbox, Queue: t.Queue, Category: t.Category, Priority: t.Priority, Language: t.Language}
	if k.Group != nil && !t.Claimed && len(t.Participants) > 0 {
		about.Group = k.Group(t.Participants[0])
	}
	for _, kind := range []string{promises.FirstReply, promises.Resolution} {
		if made, ok := k.Count(about, promises.Promise{Kind: kind, Start: first.at}); ok {
			out = append(out, promises.Plan{Kind: kind, Due: made.Due, Half: made.Half, Warn: made.Warn, Step: made.Step, Calendar: made.Calendar})
		}
	}
	return out
}

// acknowledged is the acknowledgement of the new ticket, which does not go out: its customer has had one. It keeps the channel's own conversation, in which
// an answer goes.
func (p *part) acknowledged(t tickets.Ticket) effects.Plan {
	first := p.moved[0]
	words := pipeline.AckPayload{Language: t.Language, Category: t.Category}
	if own, is := strings.CutPrefix(first.thread, first.inbox+"|"); is && first.proven { // of another one it is written otherwise, and is none to answer in
		words.Thread = own
	}
	payload, err := json.Marshal(words)
	if err != nil {
		payload = json.RawMessage("{}") // strings always marshal
	}
	return effects.Plan{ID: p.effect, Key: effects.AcknowledgementKey(p.number), Kind: effects.KindAcknowledgement, Inbox: first.inbox, Channel: first.channel, To: first.from, Due: p.now,
		Cause: causes.Split, Unproven: !first.proven, Payload: payload}
}

// SplitOff is a ticket that was made of another one's messages.
type SplitOff struct {
	Ticket, Origin int64
	Subject        string // of the new one
	By             string // a login
	At             time.Time
	Undo           bool // the viewer may take it back
}

const askSplits = `SELECT s.ticket, s.origin, n.display, s.actor, s.at, n.queue, o.queue FROM splits s JOIN tickets n ON n.id = s.ticket JOIN tickets o ON o.id = s.origin
WHERE n.merged_into = 0 AND ($2 OR n.queue = ANY($3)) AND ($2 OR o.queue = ANY($3)) AND `

// Of lists what was split off a ticket, and the ticket itself where it was split off another one: as far as the viewer may read both, and what was not taken
// back. The newest comes first.
func (s *Store) Of(ctx context.Context, v viewer.Viewer, ticket int64) (out []SplitOff, err error) {
	queues, every := v.Where(viewer.Read)
	read := func(row sql.Row) error {
		var one SplitOff
		var at int64
		var new, old string
		err := row.Scan(&one.Ticket, &one.Origin, &one.Subject, &one.By, &at, &new, &old)
		one.At, one.Undo = sql.Moment(at), v.May(viewer.Answer, new) && v.May(viewer.Answer, old) && (one.By == v.Login || v.May(viewer.Direct, new))
		out = append(out, one)
		return err
	}
	err = s.lists.Read(ctx, "listing what was split off a ticket", sql.Ask(read, askSplits+`s.ticket = $1`, ticket, every, sql.OrNone(queues)),
		sql.Ask(read, askSplits+`s.origin = $1 ORDER BY s.at DESC, s.ticket DESC LIMIT 50`, ticket, every, sql.OrNone(queues)))
	return out, err
}

// Undo takes a split back, and tells in which ticket all of it is worked on then: the new ticket is merged into the one that it came from, with all that has
// come to it since. Where that is nothing, and all that was moved had been answered before it was, it is as it was before: the customer's turn there. Who has split
// it may, and who directs work in the queue of the new one. sql.ErrNotFound: he may not, or it was taken back.
func (s *Store) Undo(ctx context.Context, v viewer.Viewer, ticket int64, now time.Time) (root int64, err error) {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 3)
	if err != nil {
		return 0, fmt.Errorf("taking back that ticket %d was split off: %w", ticket, err)
	}
	queues, every := v.Where(viewer.Answer)
	err = s.base.Write(ctx, func(t sql.Tx) error {
		root = 0
		origin, at, by, queue := int64(0), int64(0), "", ""
		if err := t.Run(ctx, sql.Ask(func(row sql.Row) error { return row.Scan(&root, &origin, &at, &by, &queue) }, `SELECT r.id, s.origin, s.at, s.actor, n.queue FROM splits s JOIN tickets n ON n.id = s.ticket JOIN tickets o ON o.id = s.origin
JOIN tickets r ON r.id = CASE WHEN o.merged_into <> 0 THEN o.merged_into ELSE o.id END
WHERE s.ticket = $1 AND n.merged_into = 0 AND ($2 OR n.queue = ANY($3)) AND ($2 OR r.queue = ANY($3))`, ticket, every, sql.OrNone(queues))); err != nil {
			return err
		}
		if root == 0 || root == ticket || by != v.Login && !v.May(viewer.Direct, queue) {
			return sql.ErrNotFound
		}
		back := merge.Tickets{Source: ticket, Target: root, Actor: v.Login}
		known, err := s.lock(ctx, t, back, origin)
		if err != nil {
			return err
		}
		var before wholly
		if err := t.Run(ctx, sql.Ask(sql.Pair(before.read), askAnswered+`m.ticket = $3`, origin, at, ticket)); err != nil {
			return err
		}
		acts := []domain.Command{back}
		if known.Item(ticket).State == desk.Waiting && len(known.Members[ticket]) == 0 && !before.waits && before.at > 0 {
			acts = []domain.Command{commands.SetPending{Ticket: ticket, Actor: v.Login}, back}
		}
		return s.plans.Carried(ctx, t, acts, ids, now)
	})
	if err != nil {
		return 0, fmt.Errorf("taking back that ticket %d was split off: %w", ticket, err)
	}
	return root, nil
}
