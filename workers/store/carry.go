package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain"
)

// decided is what became of commands in one transaction: the plan, and the statements that write it.
type decided struct {
	plan  domain.Plan
	known *domain.Known
	calls []call
}

// carry reads and locks what commands need, lets the domain decide them, and makes the statements that write the plan; the caller
// runs them as the last ones of his transaction, with his count behind. Addresses that the plan marks are left to him as
// well: see markAddresses. ids are for the entries, of which each command makes one at most.
//
// A command that means nothing in the state in which things are gives ErrNotFound.
func (s *Store) carry(ctx context.Context, t tx, commands []domain.Command, ids []int64, now time.Time, count tally) (decided, error) {
	known, err := s.load(ctx, t, commands)
	if err != nil {
		return decided{}, err
	}
	plan, err := domain.Decide(commands, known, now)
	switch {
	case errors.Is(err, domain.ErrOriginalGone):
		return decided{}, fmt.Errorf("its original is gone: %w", ErrNotFound)
	case errors.Is(err, domain.ErrNotSo):
		return decided{}, ErrNotFound
	case err != nil:
		return decided{}, err
	}
	return decided{plan, known, s.planned(plan, ids, now, count)}, nil
}

// act is a transaction that carries out one command of a person.
func (s *Store) act(ctx context.Context, c domain.Command, now time.Time) error {
	ids, err := s.sequences.takeAll(ctx, sequenceOther, 1)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t tx) error { return s.carried(ctx, t, []domain.Command{c}, ids, now) })
}

// carried carries out commands and writes what becomes of them, as the last part of a transaction.
func (s *Store) carried(ctx context.Context, t tx, commands []domain.Command, ids []int64, now time.Time) error {
	if len(commands) == 0 {
		return nil
	}
	count := tally{}
	d, err := s.carry(ctx, t, commands, ids, now, count)
	if err != nil {
		return err
	}
	return t.run(ctx, append(d.calls, count.call())...)
}

// loading is what commands need being read, round by round: what they need of promises is only known once their outbox rows are.
type loading struct {
	s     *Store
	known *domain.Known
	had   map[any]bool // what was asked for in an earlier round
}

// load reads and locks what commands need: in each round messages, tickets, outbox rows and promises, each in the order of their
// ids, as everybody does.
func (s *Store) load(ctx context.Context, t tx, commands []domain.Command) (*domain.Known, error) {
	l := loading{s: s, known: domain.NewKnown(), had: map[any]bool{}}
	for {
		var calls []call
		n := l.needs(commands)
		for _, c := range []call{
			l.messages(n.Messages), l.appends(n.Appends), l.dismissed(n.Dismissed), l.closed(n.Closed), l.tickets(n.Tickets),
			l.effects(n), l.early(n.Early), l.covered(n.Covered), l.promises(n),
		} {
			if c.text != "" {
				calls = append(calls, c)
			}
		}
		if len(calls) == 0 {
			return l.known, nil
		}
		if err := t.run(ctx, calls...); err != nil {
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

func (l *loading) messages(ids []int64) call {
	if len(ids) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		var m domain.Message
		err := row.Scan(&m.ID, &m.State, &m.Cause, &m.Ticket, &m.Inbox, &m.From.Kind, &m.From.Value, &m.Subject, &m.Original, &m.Erased)
		l.known.Messages[m.ID] = m
		return err
	}, `SELECT m.id, m.state, m.cause, m.ticket, m.inbox, m.sender_kind, m.sender_value, m.subject, EXISTS (SELECT 1 FROM originals o WHERE o.id = m.id), m.erased_at <> 0
FROM messages m WHERE m.id = ANY($1) ORDER BY m.id FOR UPDATE OF m`, sorted(ids))
}

func (l *loading) appends(ids []int64) call {
	if len(ids) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		var e domain.Entry
		var before, after string
		if err := row.Scan(&e.Message, &e.Ticket, &before, &after); err != nil {
			return err
		}
		var err error
		if e.Before, err = domain.ReadSnapshot(before); err != nil {
			return err
		}
		e.After, err = domain.ReadSnapshot(after)
		l.known.Appends[e.Message] = e
		return err
	}, `SELECT e.message, e.ticket, e.before, e.after FROM messages m JOIN entries e ON e.ticket = m.ticket AND e.message = m.id
WHERE m.id = ANY($1) AND m.ticket <> 0 AND e.kind = '`+domain.EntryContinued+`' ORDER BY e.id`, sorted(ids))
}

func (l *loading) dismissed(ids []int64) call {
	if len(ids) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		var id int64
		err := row.Scan(&id)
		l.known.Dismissed[id] = true
		return err
	}, `SELECT message FROM journal WHERE message <> 0 AND message = ANY($1) AND act = '`+domain.ActDismiss+`'`, sorted(ids))
}

func (l *loading) closed(ids []int64) call {
	if len(ids) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		var id, at int64
		err := row.Scan(&id, &at)
		l.known.Closed[id] = moment(at)
		return err
	}, `SELECT ticket, max(at) FROM journal WHERE ticket <> 0 AND ticket = ANY($1) AND act = '`+domain.ActClose+`' GROUP BY ticket`, sorted(ids))
}

func (l *loading) tickets(ids []int64) call {
	if len(ids) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		var k domain.TicketStatus
		err := row.Scan(&k.ID, &k.Version, &k.State, &k.Priority, &k.Messages)
		l.known.Tickets[k.ID] = k
		return err
	}, `SELECT id, version, status, priority, messages FROM tickets WHERE id = ANY($1) ORDER BY id FOR UPDATE`, sorted(ids))
}

// effectRow is a row of the table outbox as commands know it: an effect under the names of its columns.
type effectRow struct {
	ID                       int64
	Key, Kind                string
	State                    EffectState
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

var effectColumns = columnsOf[effectRow]("")

// effects locks outbox rows by any of their names.
func (l *loading) effects(n domain.Needs) call {
	if len(n.Effects)+len(n.Keys)+len(n.Providers) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		e, err := scan[effectRow](row)
		l.known.AddEffect(domain.Effect(e))
		return err
	}, `SELECT `+effectColumns+` FROM outbox WHERE id {in SELECT id FROM outbox WHERE id = ANY($1)
UNION SELECT id FROM outbox WHERE key = ANY($2) UNION SELECT id FROM outbox WHERE provider_id <> '' AND provider_id = ANY($3)} ORDER BY id FOR UPDATE`,
		orNone(sorted(n.Effects)), orNone(n.Keys), orNone(n.Providers))
}

// early takes the receipts that came before their row had the name that they bear.
func (l *loading) early(rows []domain.EarlyNeed) call {
	var keys, providers []string
	for _, n := range rows {
		keys = append(keys, n.Key)
		if n.Provider != "" {
			providers = append(providers, n.Provider)
		}
	}
	if len(rows) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		var r domain.Receipt
		var status string
		var at int64
		if err := row.Scan(&r.Inbox, &r.Key, &r.Provider, &status, &r.Reason, &at); err != nil {
			return err
		}
		r.Event, r.At = toldBy(status), moment(at)
		for _, n := range rows {
			if r.Key != "" && r.Key == n.Key || r.Provider != "" && r.Provider == n.Provider {
				l.known.Early[n.Effect] = append(l.known.Early[n.Effect], r)
			}
		}
		return nil
	}, `DELETE FROM receipts WHERE id {in SELECT id FROM receipts WHERE key <> '' AND key = ANY($1)
UNION SELECT id FROM receipts WHERE provider_id <> '' AND provider_id = ANY($2)} RETURNING inbox, key, provider_id, status, reason, at`,
		orNone(keys), orNone(providers))
}

func (l *loading) covered(digests []int64) call {
	if len(digests) == 0 {
		return call{}
	}
	return ask(func(row scanner) error {
		var digest int64
		var c domain.Covered
		err := row.Scan(&digest, &c.Effect, &c.Ticket, &c.State)
		l.known.Covered[digest] = append(l.known.Covered[digest], c)
		return err
	}, `SELECT covered_by, id, ticket, state FROM outbox WHERE covered_by > 0 AND covered_by = ANY($1) ORDER BY id`, sorted(digests))
}

// promises locks the promises of tickets, or those of their acknowledgements alone.
func (l *loading) promises(n domain.Needs) call {
	where, ids := `ticket = ANY($1) ORDER BY ticket, kind`, slices.Concat(n.Promises, n.Acknowledgements)
	switch {
	case len(ids) == 0:
		return call{}
	case len(n.Promises) == 0:
		where = `kind = '` + domain.Acknowledgement + `' AND ticket = ANY($1) ORDER BY ticket`
	}
	return ask(func(row scanner) error {
		p, err := scanPromise(row)
		l.known.Promises[domain.PromiseKey{Ticket: p.Ticket, Kind: p.Kind}] = p
		return err
	}, `SELECT `+promiseColumns+` FROM promises WHERE `+where+` FOR UPDATE`, sorted(ids))
}

type attemptRow struct {
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
	settleEffects = updating[effectRow]("outbox", "key", "kind", "ticket", "message", "contact", "inbox", "recipient", "attempts", "due_at", "erased", "counted", "holder")
	dueEffects    = updating[dueRow]("outbox")

	insertAttempts = inserting[attemptRow]("outbox_attempts", "ON CONFLICT (effect, n) DO NOTHING")
	insertReceipts = inserting[receiptRow]("receipts", "")
)

// planned makes the statements that write a plan, tables in the order in which everybody writes them, and counts what moves.
func (s *Store) planned(p domain.Plan, ids []int64, now time.Time, count tally) (calls []call) {
	calls = append(calls, s.movedMessages(p.Messages, now, count)...)
	calls = append(calls, movedTickets(p.Tickets, count)...)
	calls = append(calls, movedPromises(p.Promises, count))
	calls = append(calls, movedEffects(p.Effects, count)...)
	calls = append(calls, attempted(p.Attempts, now), s.fallenBack(p.Fallbacks, now, count))
	for _, c := range p.Covers {
		if c.Free {
			calls = append(calls, do(`UPDATE outbox SET covered_by = 0 WHERE covered_by > 0 AND covered_by = $1`, c.Digest))
		} else {
			calls = append(calls, do(`UPDATE outbox SET cause = $2 WHERE covered_by > 0 AND covered_by = $1 AND state = 'withheld'`, c.Digest, clean(c.Cause)))
		}
	}
	if len(p.Checks) > 0 {
		rows := make([]checkRow, len(p.Checks))
		for i, c := range p.Checks {
			rows[i] = checkRow{c.Effect, c.At}
		}
		calls = append(calls, insertChecks.put(rows...))
	}
	return append(append(calls, kept(p.Receipts, now), strangers(p.Fallbacks, now)), noted(p.Entries, ids, now)...)
}

// strangers counts fallbacks to addresses that nobody has proven.
func strangers(fallbacks []domain.Fallback, now time.Time) call {
	n := int64(0)
	for _, f := range fallbacks {
		if f.Row.Unproven {
			n++
		}
	}
	if n == 0 {
		return insertReceipts.put()
	}
	return do(addScope, acknowledge.ScopeStranger, slot(now), n)
}

func movedTickets(changes []domain.Change[domain.TicketStatus], count tally) (calls []call) {
	for _, c := range changes {
		count.move("ticket", string(c.Before.State), string(c.After.State))
		calls = append(calls, do(`UPDATE tickets SET status = $2, version = $3, priority = $4, messages = $5 WHERE id = $1`,
			c.After.ID, string(c.After.State), c.After.Version, clean(c.After.Priority), int64(c.After.Messages)), indexAnew(c.After.ID))
	}
	return calls
}

func movedPromises(changes []domain.Change[domain.Promise], count tally) call {
	rows := make([]promiseRow, len(changes))
	for i, c := range changes {
		count.move("promise", string(c.Before.State), string(c.After.State))
		rows[i] = rowOf(c.After)
	}
	return writePromises.put(rows...)
}

func movedEffects(changes []domain.Change[domain.Effect], count tally) []call {
	rows := make([]effectRow, len(changes))
	var due []dueRow
	for i, c := range changes {
		e := c.After
		count.move(counter(e.Kind), string(c.Before.State), string(e.State))
		rows[i] = effectRow(e)
		if !e.Due.Equal(c.Before.Due) || e.Counted != c.Before.Counted {
			due = append(due, dueRow{e.ID, e.Due, e.Counted})
		}
	}
	if len(due) == 0 {
		return []call{settleEffects.put(rows...)}
	}
	return []call{settleEffects.put(rows...), dueEffects.put(due...)}
}

func attempted(attempts []domain.Attempt, now time.Time) call {
	rows := make([]attemptRow, len(attempts))
	for i, a := range attempts {
		rows[i] = attemptRow{Effect: a.Effect, N: int64(a.N), At: now, Outcome: a.Outcome, Code: a.Code, Detail: a.Detail, Words: a.Words}
	}
	return insertAttempts.put(rows...)
}

func (s *Store) fallenBack(fallbacks []domain.Fallback, now time.Time, count tally) call {
	rows := make([]outboxRow, len(fallbacks))
	for i, f := range fallbacks {
		rows[i] = s.effectRow(*f.Row, origin{ticket: f.Of.Ticket, message: f.Of.Message, contact: f.Of.Contact}, now)
		count.move(counter(f.Row.Kind), "", string(f.Row.Start()))
	}
	return insertOutbox.put(rows...)
}

// kept keeps receipts for which no row waits yet.
func kept(receipts []domain.Receipt, now time.Time) call {
	rows := make([]receiptRow, len(receipts))
	for i, r := range receipts {
		rows[i] = receiptRow{ID: r.ID, Inbox: r.Inbox, Key: r.Key, ProviderID: r.Provider, Status: statusOf(r.Event), Reason: r.Reason, At: r.At, KeptAt: now}
	}
	return insertReceipts.put(rows...)
}

// markAddresses writes which recipients can be sent nothing any more, and which said STOP. They are locked after outbox and promises,
// as everywhere.
func markAddresses(p domain.Plan) (calls []call) {
	dead, stopped := orNone(slices.Clone(p.Dead)), slices.Sorted(slices.Values(p.OptedOut))
	if len(dead)+len(stopped) > 0 {
		calls = append(calls, lockIdentities(slices.Concat(dead, stopped)))
	}
	if len(dead) > 0 {
		calls = append(calls, markFailed(dead))
	}
	if len(stopped) > 0 {
		calls = append(calls, do(`UPDATE identities SET opted_out = true WHERE address = ANY($1)`, stopped))
	}
	return calls
}

// movedMessages writes what people made of parked messages. One that is let out is undecided again, and its row is made anew by its
// decision.
func (s *Store) movedMessages(changes []domain.Change[domain.Message], now time.Time, count tally) (calls []call) {
	for _, c := range changes {
		m := c.After
		switch m.State {
		case domain.Recorded:
			count.move("message", string(c.Before.State), "")
			if c.Before.State == domain.Parked {
				count.move("parked", c.Before.Cause, "")
			}
			if m.Apart != 0 { // answers to it go where it goes
				calls = append(calls, do(`DELETE FROM mail_references WHERE ticket = $2 AND digest {in SELECT reference FROM messages WHERE id = $1 AND reference <> ''}`, m.ID, m.Apart))
			}
			calls = append(calls, do(`DELETE FROM messages WHERE id = $1`, m.ID), do(`DELETE FROM attachments WHERE message = $1`, m.ID),
				do(`INSERT INTO undecided (message_id, inbox, bulk, imported, kept_open, released, state, recorded_at, wake_at, wakes, claims, apart)
SELECT d.id, d.inbox, false, d.imported, d.imported AND NOT $3, $3, 'recorded', d.recorded_at, CAST($2 AS bigint), 0, 0, CAST($4 AS bigint) FROM deliveries d WHERE d.id = $1`, m.ID, micros(now), m.Seen, m.Apart))
		case domain.Dismissed:
			count.move("message", string(c.Before.State), string(m.State))
			count.move("parked", m.Cause, "")
			calls = append(calls, do(`UPDATE messages SET state = 'dismissed', expires_at = $2 WHERE id = $1`, m.ID, micros(now.Add(s.retention))))
		case domain.Parked:
			count.move("message", string(c.Before.State), string(m.State))
			count.move("parked", "", m.Cause)
			calls = append(calls, do(`UPDATE messages SET state = 'parked', expires_at = 0 WHERE id = $1`, m.ID))
		}
	}
	return calls
}

// noted writes entries: each into the journal, which lists what people did, and those of a ticket into its own list, too.
func noted(entries []domain.Entry, ids []int64, now time.Time) (calls []call) {
	var rows []entryRow
	for i, e := range entries {
		calls = append(calls, note(ids[i], now, e.Actor, e.Kind, e.Message, e.Ticket, e.Detail))
		if e.Ticket != 0 {
			rows = append(rows, entryOf(ids[i], e, now, ""))
		}
	}
	if len(rows) > 0 {
		calls = append(calls, insertEntries.put(rows...))
	}
	return calls
}
