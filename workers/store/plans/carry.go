package plans

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// decided is what became of commands in one transaction: the plan, and the statements that write it.
type decided struct {
	Plan  domain.Plan
	Known *domain.Known
	Calls []sql.Call
}

// Carry reads and locks what commands need, lets the domain decide them, and makes the statements that write the plan; the caller
// runs them as the last ones of his transaction, with his count behind. Addresses that the plan marks are left to him as
// well: see MarkAddresses. ids are for the entries, of which each command makes one at most, and
// a merging, its undoing or a split two: one for each ticket.
//
// A command that means nothing in the state in which things are gives ErrNotFound.
func (s *Store) Carry(ctx context.Context, t sql.Tx, happened []domain.Command, ids []int64, now time.Time, count base.Tally) (decided, error) {
	known, err := s.Load(ctx, t, happened)
	if err != nil {
		return decided{}, err
	}
	now = now.Truncate(time.Microsecond) // as it is kept: whoever decides an act again has no other moment
	plan, err := domain.Decide(happened, known, now)
	switch {
	case errors.Is(err, domain.ErrOriginalGone):
		return decided{}, fmt.Errorf("its original is gone: %w", sql.ErrNotFound)
	case errors.Is(err, domain.ErrOvertaken):
		return decided{}, err
	case errors.Is(err, domain.ErrNotSo):
		return decided{}, fmt.Errorf("%w: %w", sql.ErrNotFound, err)
	case err != nil:
		return decided{}, err
	}
	return decided{plan, known, s.Planned(plan, ids, now, count)}, nil
}

// Act is a transaction that carries out one command of a person.
func (s *Store) Act(ctx context.Context, c domain.Command, now time.Time) error {
	ids, err := s.base.Sequences.TakeAll(ctx, tables.SequenceOther, 1)
	if err != nil {
		return err
	}
	return s.base.Write(ctx, func(t sql.Tx) error { return s.Carried(ctx, t, []domain.Command{c}, ids, now) })
}

// Carried carries out commands and writes what becomes of them, as the last part of a transaction.
func (s *Store) Carried(ctx context.Context, t sql.Tx, commands []domain.Command, ids []int64, now time.Time) error {
	if len(commands) == 0 {
		return nil
	}
	count := base.Tally{}
	d, err := s.Carry(ctx, t, commands, ids, now, count)
	if err != nil {
		return err
	}
	if len(d.Plan.Desk)+len(d.Plan.Agents) > 0 {
		base.Rings(t)
	}
	return t.Run(ctx, append(d.Calls, count.Call())...)
}

// loading is what commands need being read, round by round: what they need of promises is only known once their outbox rows are.
type loading struct {
	s     *Store
	known *domain.Known
	had   map[any]bool // what was asked for in an earlier round
}

// Load reads and locks what commands need: in each round messages, tickets, outbox rows, promises, addresses, work items and agents, each in the
// order of their ids, as everybody does. Agents come last: whoever counts what is in their hands locks nothing after them but counters.
func (s *Store) Load(ctx context.Context, t sql.Tx, commands []domain.Command) (*domain.Known, error) {
	l := loading{s: s, known: domain.NewKnown(), had: map[any]bool{}}
	for {
		var calls []sql.Call
		n := l.needs(commands)
		for _, c := range []sql.Call{
			l.messages(n.Messages), l.appends(n.Appends), l.dismissed(n.Dismissed), l.closed(n.Closed), l.tickets(n.Tickets),
			l.roots(n.Roots), l.merges(n.Merges), l.sharing(n.Sharing), l.tags(n.Tags), l.talk(n.Talk), l.pages(n.Pages), l.replies(n.Replies),
			l.effects(n), l.early(n.Early), l.covered(n.Covered), l.promises(n), l.turns(n.Promises), l.addresses(n.Addresses), l.tombs(n.Addresses),
			l.left(n.Closed), l.desk(n.Desk), l.members(n.Members), newAgents(n.Agents), l.agents(n.Agents), l.steps(n.Steps),
		} {
			if c.Text != "" || c.Bulk != nil {
				calls = append(calls, c)
			}
		}
		calls = append(calls, l.persons(n.Persons)...)
		if len(calls) == 0 {
			return l.known, nil
		}
		if err := t.Run(ctx, calls...); err != nil {
			return nil, fmt.Errorf("locking what a command is about: %w", err)
		}
	}
}

// asked marks what is asked for, so that no round asks for it again.
type (
	askedMessage   int64
	askedAppend    int64
	askedDismissed int64
	askedClosed    int64
	askedTicket    int64
	askedEffect    int64
	askedKey       string
	askedProvider  string
	askedCovered   int64
	askedFirst     int64
	askedPromises  int64
	askedAddress   string
	askedTalk      int64
	askedReply     int64
	askedPage      string
	askedDesk      int64
	askedAgent     int64
	askedRoot      int64
	askedMember    int64
	askedMerge     int64
	askedSharing   int64
	askedPerson    int64
	askedStep      int64
)

// needs are what the commands need and no earlier round has asked for.
func (l *loading) needs(commands []domain.Command) (n domain.Needs) {
	for _, c := range commands {
		m := c.Needs(l.known)
		n.Messages = fresh[askedMessage](l.had, n.Messages, m.Messages)
		n.Appends = fresh[askedAppend](l.had, n.Appends, m.Appends)
		n.Dismissed = fresh[askedDismissed](l.had, n.Dismissed, m.Dismissed)
		n.Closed = fresh[askedClosed](l.had, n.Closed, m.Closed)
		n.Tickets = fresh[askedTicket](l.had, n.Tickets, m.Tickets)
		n.Effects = fresh[askedEffect](l.had, n.Effects, m.Effects)
		n.Keys = freshText[askedKey](l.had, n.Keys, m.Keys)
		n.Providers = freshText[askedProvider](l.had, n.Providers, m.Providers)
		n.Covered = fresh[askedCovered](l.had, n.Covered, m.Covered)
		n.Acknowledgements = fresh[askedFirst](l.had, n.Acknowledgements, m.Acknowledgements)
		n.Promises = fresh[askedPromises](l.had, n.Promises, m.Promises)
		n.Talk = fresh[askedTalk](l.had, n.Talk, m.Talk)
		n.Replies = fresh[askedReply](l.had, n.Replies, m.Replies)
		n.Pages = freshText[askedPage](l.had, n.Pages, m.Pages)
		n.Desk = fresh[askedDesk](l.had, n.Desk, m.Desk)
		n.Agents = fresh[askedAgent](l.had, n.Agents, m.Agents)
		n.Roots = fresh[askedRoot](l.had, n.Roots, m.Roots)
		n.Members = fresh[askedMember](l.had, n.Members, m.Members)
		n.Merges = fresh[askedMerge](l.had, n.Merges, m.Merges)
		n.Sharing = fresh[askedSharing](l.had, n.Sharing, m.Sharing)
		n.Persons = fresh[askedPerson](l.had, n.Persons, m.Persons)
		n.Steps = fresh[askedStep](l.had, n.Steps, m.Steps)
		for _, t := range m.Tags {
			if !l.had[t] {
				l.had[t] = true
				n.Tags = append(n.Tags, t)
			}
		}
		for _, a := range m.Addresses {
			if !l.had[askedAddress(a.Key)] {
				l.had[askedAddress(a.Key)] = true
				n.Addresses = append(n.Addresses, a)
			}
		}
		for _, e := range m.Early {
			if !l.had[e] {
				l.had[e] = true
				n.Early = append(n.Early, e)
			}
		}
	}
	return n
}

func fresh[K ~int64](had map[any]bool, to, more []int64) []int64 {
	for _, id := range more {
		if !had[K(id)] {
			had[K(id)] = true
			to = append(to, id)
		}
	}
	return to
}

func freshText[K ~string](had map[any]bool, to, more []string) []string {
	for _, name := range more {
		if !had[K(name)] {
			had[K(name)] = true
			to = append(to, name)
		}
	}
	return to
}

func (l *loading) messages(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var m messages.Status
		var reference string
		var proven bool
		err := row.Scan(&m.ID, &m.State, &m.Cause, &m.Ticket, &m.Inbox, &m.From.Kind, &m.From.Value, &m.Subject, &reference, &proven, &m.Original, &m.Erased)
		if reference != "" {
			m.Mine = l.s.base.Bound(dedupe.Mine(reference, pipeline.Asks{From: m.From.Identity(), Proven: proven}.Writer(), l.s.base.Ring.Digest))
		}
		l.known.Messages[m.ID] = m
		return err
	}, `SELECT m.id, m.state, m.cause, m.ticket, m.inbox, m.sender_kind, m.sender_value, m.subject, m.reference, m.proven, EXISTS (SELECT 1 FROM originals o WHERE o.id = m.id), m.erased_at <> 0
FROM messages m WHERE m.id = ANY($1) ORDER BY m.id FOR UPDATE OF m`, sql.Sorted(ids))
}

func (l *loading) appends(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var e entries.Entry
		var before, after string
		if err := row.Scan(&e.Message, &e.Ticket, &before, &after); err != nil {
			return err
		}
		var err error
		if e.Before, err = entries.Read(before); err != nil {
			return err
		}
		e.After, err = entries.Read(after)
		l.known.Appends[e.Message] = e
		return err
	}, `SELECT e.message, e.ticket, e.before, e.after FROM messages m JOIN entries e ON e.ticket = m.ticket AND e.message = m.id
WHERE m.id = ANY($1) AND m.ticket <> 0 AND e.kind = '`+entries.Continued+`' ORDER BY e.id`, sql.Sorted(ids))
}

func (l *loading) dismissed(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var id int64
		err := row.Scan(&id)
		l.known.Dismissed[id] = true
		return err
	}, `SELECT message FROM journal WHERE message <> 0 AND message = ANY($1) AND act = '`+entries.ActDismiss+`'`, sql.Sorted(ids))
}

func (l *loading) closed(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var id, at int64
		err := row.Scan(&id, &at)
		l.known.Closed[id] = sql.Moment(at)
		return err
	}, `SELECT ticket, max(at) FROM journal WHERE ticket <> 0 AND ticket = ANY($1) AND act = '`+entries.ActClose+`' GROUP BY ticket`, sql.Sorted(ids))
}

func (l *loading) tickets(ids []int64) sql.Call {
	if len(ids) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var k tickets.Status
		var opened, last int64
		err := row.Scan(&k.ID, &k.Version, &k.State, &k.Priority, &k.Messages, &k.Queue, &k.Language, &k.Category, &k.Guesses, &opened, &last, &k.MergedInto, &k.Erased)
		k.Opened, k.Last = sql.Moment(opened), sql.Moment(last)
		l.known.Tickets[k.ID] = k
		return err
	}, `SELECT t.id, t.version, t.status, t.priority, t.messages, t.queue, t.language, t.category, t.guesses, t.opened_at, t.last_at, t.merged_into, NOT EXISTS (SELECT 1 FROM messages m WHERE m.ticket <> 0 AND m.ticket = t.id AND m.erased_at = 0)
FROM tickets t WHERE t.id = ANY($1) ORDER BY t.id FOR UPDATE OF t`, sql.Sorted(ids))
}

// effectRow is a row of the table outbox as commands know it: an effect under the names of its columns.
type effectRow struct {
	ID                       int64
	Key, Kind                string
	State                    effects.State
	Ticket, Message, Contact int64
	Inbox, Recipient         string
	Attempts                 int
	Due                      time.Time `db:"due_at"`
	Next                     time.Time `db:"next_at"`
	Wake                     time.Time `db:"wake_at"`
	Sent                     time.Time `db:"sent_at"`
	Provider                 string    `db:"provider_id"`
	Parts                    int       `db:"parts_done"`
	Unknown                  bool      `db:"outcome_unknown"`
	NeedsFallback            bool
	Erased                   bool
	Counted                  bool
	Cause, LastError         string
	Holder                   string
}

var effectColumns = sql.Columns[effectRow]("")

// effects locks outbox rows by any of their names.
func (l *loading) effects(n domain.Needs) sql.Call {
	read := func(row sql.Row) error {
		e, err := sql.Read[effectRow](row)
		l.known.AddEffect(effects.Effect(e))
		return err
	}
	switch {
	case len(n.Effects)+len(n.Keys)+len(n.Providers) == 0:
		return sql.Call{}
	case len(n.Keys)+len(n.Providers) == 0: // whatever was sent, thousands of times a minute
		return sql.Ask(read, `SELECT `+effectColumns+` FROM outbox WHERE id = ANY($1) ORDER BY id FOR UPDATE`, sql.Sorted(n.Effects))
	}
	return sql.Ask(read, `SELECT `+effectColumns+` FROM outbox WHERE id {in SELECT id FROM outbox WHERE id = ANY($1)
UNION SELECT id FROM outbox WHERE key = ANY($2) UNION SELECT id FROM outbox WHERE provider_id <> '' AND provider_id = ANY($3)} ORDER BY id FOR UPDATE`,
		sql.OrNone(sql.Sorted(n.Effects)), sql.OrNone(n.Keys), sql.OrNone(n.Providers))
}

// early takes the receipts that came before their row had the name that they bear.
func (l *loading) early(rows []domain.EarlyNeed) sql.Call {
	var keys, providers []string
	for _, n := range rows {
		keys = append(keys, n.Key)
		if n.Provider != "" {
			providers = append(providers, n.Provider)
		}
	}
	if len(rows) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var r effects.Receipt
		var status string
		var at int64
		if err := row.Scan(&r.Inbox, &r.Key, &r.Provider, &status, &r.Reason, &at); err != nil {
			return err
		}
		r.Event, r.At = toldBy(status), sql.Moment(at)
		for _, n := range rows {
			if r.Key != "" && r.Key == n.Key || r.Provider != "" && r.Provider == n.Provider {
				l.known.Early[n.Effect] = append(l.known.Early[n.Effect], r)
			}
		}
		return nil
	}, `DELETE FROM receipts WHERE id {in SELECT id FROM receipts WHERE key <> '' AND key = ANY($1)
UNION SELECT id FROM receipts WHERE provider_id <> '' AND provider_id = ANY($2)} RETURNING inbox, key, provider_id, status, reason, at`,
		sql.OrNone(keys), sql.OrNone(providers))
}

func (l *loading) covered(digests []int64) sql.Call {
	if len(digests) == 0 {
		return sql.Call{}
	}
	return sql.Ask(func(row sql.Row) error {
		var digest int64
		var c domain.Covered
		err := row.Scan(&digest, &c.Effect, &c.Ticket, &c.State)
		l.known.Covered[digest] = append(l.known.Covered[digest], c)
		return err
	}, `SELECT covered_by, id, ticket, state FROM outbox WHERE covered_by > 0 AND covered_by = ANY($1) ORDER BY id`, sql.Sorted(digests))
}

// promises locks the promises of tickets, or those of their acknowledgements alone.
func (l *loading) promises(n domain.Needs) sql.Call {
	where, ids := `ticket = ANY($1) ORDER BY ticket, kind`, slices.Concat(n.Promises, n.Acknowledgements)
	switch {
	case len(ids) == 0:
		return sql.Call{}
	case len(n.Promises) == 0:
		where = `kind = '` + promises.Acknowledgement + `' AND ticket = ANY($1) ORDER BY ticket`
	}
	return sql.Ask(func(row sql.Row) error {
		p, err := ScanPromise(row)
		l.known.Promises[promises.Key{Ticket: p.Ticket, Kind: p.Kind}] = p
		return err
	}, `SELECT `+PromiseColumns+` FROM promises WHERE `+where+` FOR UPDATE`, sql.Sorted(ids))
}

// AttemptRow is a row of the table outbox_attempts.
type AttemptRow struct {
	Effect, N             int64
	At                    time.Time
	Outcome, Code, Detail string
	Words                 []byte
}

type receiptRow struct {
	ID                     int64
	Inbox, Key, ProviderID string
	Status, Reason         string
	At, KeptAt             time.Time
}

// dueRow is of columns that stand in indexes: they are written for rows alone of which they change.
type dueRow struct {
	ID      int64
	DueAt   time.Time
	Counted bool
}

var (
	settleEffects = sql.Updating[effectRow]("outbox", "key", "kind", "ticket", "message", "contact", "inbox", "recipient", "attempts", "due_at", "erased", "counted", "holder")
	dueEffects    = sql.Updating[dueRow]("outbox")

	// InsertAttempts writes attempts that are not noted yet.
	InsertAttempts = sql.Inserting[AttemptRow]("outbox_attempts", "ON CONFLICT (effect, n) DO NOTHING")
	insertReceipts = sql.Inserting[receiptRow]("receipts", "")
)

// Planned makes the statements that write a plan, tables in the order in which everybody writes them, and counts what moves.
func (s *Store) Planned(p domain.Plan, ids []int64, now time.Time, count base.Tally) (calls []sql.Call) {
	calls = append(calls, s.movedMessages(p.Messages, now, count)...)
	calls = append(calls, movedTickets(p.Tickets, count)...)
	calls = append(append(append(calls, split(p, now, count)...), merged(p.Merges, now)...), tagged(p.Tags, now)...)
	calls = append(calls, joined(p, now)...)
	calls = append(calls, movedPromises(p.Promises, count))
	calls = append(calls, movedTurns(p.Promises, count)...)
	calls = append(calls, movedDesk(p.Desk)...)
	calls = append(calls, movedAgents(p.Agents)...)
	calls = append(calls, movedEffects(p.Effects, count)...)
	calls = append(calls, attempted(p.Attempts, now), s.fallenBack(p.Fallbacks, now, count))
	calls = append(calls, s.written(p, now, count)...)
	for _, c := range p.Covers {
		if c.Free {
			calls = append(calls, sql.Do(`UPDATE outbox SET covered_by = 0 WHERE covered_by > 0 AND covered_by = $1`, c.Digest))
		} else {
			calls = append(calls, sql.Do(`UPDATE outbox SET cause = $2 WHERE covered_by > 0 AND covered_by = $1 AND state = 'withheld'`, c.Digest, sql.Clean(c.Cause)))
		}
	}
	if len(p.Checks) > 0 {
		rows := make([]checkRow, len(p.Checks))
		for i, c := range p.Checks {
			rows[i] = checkRow{c.Effect, c.At}
		}
		calls = append(calls, insertChecks.Put(rows...))
	}
	calls = append(append(calls, kept(p.Receipts, now), strangers(p.Fallbacks, now)), noted(p.Entries, ids, now)...)
	return append(calls, tables.InsertChanges.Put(changed(p, now)...))
}

// changed is what of a plan those are told who have its tickets before their eyes.
func changed(p domain.Plan, now time.Time) []tables.ChangeRow {
	out := tables.Changed(p.Entries, now)
	for _, c := range p.Effects {
		if row, is := tables.Sent(c.After, now); is && c.Before.State != c.After.State {
			out = append(out, row)
			if c.After.State == effects.Failed { // other tickets that it had answered are our turn, too
				out = append(out, beside(p, c.After.Ticket, now)...)
			}
		}
	}
	return out
}

// beside are those of a plan's work items that are not of that ticket.
func beside(p domain.Plan, ticket int64, now time.Time) (out []tables.ChangeRow) {
	for _, c := range p.Desk {
		if c.After.Ticket != ticket {
			out = append(out, tables.ChangeRow{At: now, Ticket: c.After.Ticket, Kind: tables.ChangeSent, Actor: entries.Service})
		}
	}
	return out
}

// strangers counts fallbacks to addresses that nobody has proven.
func strangers(fallbacks []domain.Fallback, now time.Time) sql.Call {
	n := int64(0)
	for _, f := range fallbacks {
		if f.Row.Unproven {
			n++
		}
	}
	if n == 0 {
		return insertReceipts.Put()
	}
	return sql.Do(base.AddScope, acknowledge.ScopeStranger, base.Slot(now), n)
}

func movedTickets(changes []domain.Change[tickets.Status], count base.Tally) (calls []sql.Call) {
	for _, c := range changes {
		count.Move("ticket", string(c.Before.State), string(c.After.State))
		calls = append(calls, sql.Do(`UPDATE tickets SET status = $2, version = $3, priority = $4, messages = $5, queue = $6, category = $7, merged_into = $8, guesses = $9 WHERE id = $1`,
			c.After.ID, string(c.After.State), c.After.Version, sql.Clean(c.After.Priority), int64(c.After.Messages), sql.Clip(c.After.Queue), sql.Clean(c.After.Category), c.After.MergedInto, sql.Clean(c.After.Guesses)), tables.IndexAnew(c.After.ID))
	}
	return calls
}

func movedPromises(changes []domain.Change[promises.Promise], count base.Tally) sql.Call {
	rows := make([]PromiseRow, 0, len(changes))
	for _, c := range changes {
		if c.After.Turn == 0 {
			count.Move("promise", string(c.Before.State), string(c.After.State))
			rows = append(rows, RowOf(c.After))
		}
	}
	return writePromises.Put(rows...)
}

func movedEffects(changes []domain.Change[effects.Effect], count base.Tally) []sql.Call {
	rows := make([]effectRow, len(changes))
	var due []dueRow
	for i, c := range changes {
		e := c.After
		count.Move(tables.Counter(e.Kind), string(c.Before.State), string(e.State))
		rows[i] = effectRow(e)
		if !e.Due.Equal(c.Before.Due) || e.Counted != c.Before.Counted {
			due = append(due, dueRow{e.ID, e.Due, e.Counted})
		}
	}
	if len(due) == 0 {
		return []sql.Call{settleEffects.Put(rows...)}
	}
	return []sql.Call{settleEffects.Put(rows...), dueEffects.Put(due...)}
}

func attempted(attempts []domain.Attempt, now time.Time) sql.Call {
	rows := make([]AttemptRow, len(attempts))
	for i, a := range attempts {
		rows[i] = AttemptRow{Effect: a.Effect, N: int64(a.N), At: now, Outcome: a.Outcome, Code: a.Code, Detail: a.Detail, Words: a.Words}
	}
	return InsertAttempts.Put(rows...)
}

func (s *Store) fallenBack(fallbacks []domain.Fallback, now time.Time, count base.Tally) sql.Call {
	rows := make([]OutboxRow, len(fallbacks))
	for i, f := range fallbacks {
		rows[i] = s.EffectRow(*f.Row, Origin{Ticket: f.Of.Ticket, Message: f.Of.Message, Contact: f.Of.Contact}, now)
		count.Move(tables.Counter(f.Row.Kind), "", string(f.Row.Start()))
	}
	return InsertOutbox.Put(rows...)
}

// kept keeps receipts for which no row waits yet.
func kept(receipts []effects.Receipt, now time.Time) sql.Call {
	rows := make([]receiptRow, len(receipts))
	for i, r := range receipts {
		rows[i] = receiptRow{ID: r.ID, Inbox: r.Inbox, Key: r.Key, ProviderID: r.Provider, Status: statusOf(r.Event), Reason: r.Reason, At: r.At, KeptAt: now}
	}
	return insertReceipts.Put(rows...)
}

// movedMessages writes what people made of parked messages. One that is let out is undecided again, and its row is made anew by its
// decision.
func (s *Store) movedMessages(changes []domain.Change[messages.Status], now time.Time, count base.Tally) (calls []sql.Call) {
	for _, c := range changes {
		m := c.After
		switch m.State {
		case messages.Recorded:
			count.Move("message", string(c.Before.State), "")
			if c.Before.State == messages.Parked {
				count.Move("parked", c.Before.Cause, "")
			}
			if m.Apart != 0 { // answers to it go where it goes
				calls = append(calls, sql.Do(`DELETE FROM mail_references WHERE ticket = $2 AND `+leading, []int64{m.ID}, m.Apart, sql.OrNone(own(m))))
			}
			calls = append(calls, sql.Do(`DELETE FROM messages WHERE id = $1`, m.ID), sql.Do(`DELETE FROM attachments WHERE message = $1`, m.ID), sql.Do(`DELETE FROM readings WHERE message = $1`, m.ID), sql.Do(`DELETE FROM copies WHERE message = $1`, m.ID), sql.Do(`DELETE FROM sketches WHERE message = $1`, m.ID), sql.Do(`DELETE FROM uncopied WHERE message = $1`, m.ID),
				sql.Do(`INSERT INTO undecided (message_id, inbox, bulk, imported, kept_open, released, state, recorded_at, wake_at, wakes, claims, apart)
SELECT d.id, d.inbox, false, d.imported, d.imported AND NOT $3, $3, 'recorded', d.recorded_at, CAST($2 AS bigint), 0, 0, CAST($4 AS bigint) FROM deliveries d WHERE d.id = $1`, m.ID, sql.Micros(now), m.Seen, m.Apart))
		case messages.Dismissed:
			count.Move("message", string(c.Before.State), string(m.State))
			count.Move("parked", m.Cause, "")
			calls = append(calls, sql.Do(`UPDATE messages SET state = 'dismissed', expires_at = $2 WHERE id = $1`, m.ID, sql.Micros(now.Add(s.base.Retention))))
		case messages.Parked:
			count.Move("message", string(c.Before.State), string(m.State))
			count.Move("parked", "", m.Cause)
			calls = append(calls, sql.Do(`UPDATE messages SET state = 'parked', expires_at = 0 WHERE id = $1`, m.ID))
		}
	}
	return calls
}

// noted writes entries: each into the journal, which lists what people did, and under the same id into the list of its ticket. What is
// about a message alone stands there under no ticket.
func noted(entries []entries.Entry, ids []int64, now time.Time) (calls []sql.Call) {
	var rows []EntryRow
	for i, e := range entries {
		calls = append(calls, base.Note(ids[i], now, e.Actor, e.Kind, e.Message, e.Ticket, e.Detail))
		rows = append(rows, EntryOf(ids[i], e, now, ""))
	}
	if len(rows) > 0 {
		calls = append(calls, InsertEntries.Put(rows...))
	}
	return calls
}
