package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// EffectRow is an outbox row as it was claimed, with all that is needed to render and send it. It is a copy: what
// becomes of the row is written by Settle alone.
type EffectRow struct {
	ID      int64
	Key     string
	Kind    string
	Ticket  int64
	Message int64
	Contact int64
	Inbox   string
	Channel string
	To      message.Address
	Payload json.RawMessage

	// State before the claim: EffectDue, EffectSending when an earlier claim ran out, EffectFailed
	// when it is the fallback that is asked for and nothing is to be sent.
	State     effects.State
	Attempts  int  // this one included
	Failures  int  // attempts of which the end is known; the others died with their process
	PartsDone int  // of an earlier attempt
	Unknown   bool // an earlier attempt may have been done: look before sending again
	OptedOut  bool // the recipient has said STOP since
	CreatedAt time.Time
	DueAt     time.Time
	LastError string

	// Of, Promises and Covers are what the texts need; they are as they were at the claim, since a text is rendered
	// right after it.
	Of       *TicketFacts   // nil when the effect has no ticket
	Reply    *ReplyFacts    // what an agent wrote; nil for every other kind
	Promises []PromiseFacts // of the ticket
	Covers   []TicketFacts  // a digest's tickets, oldest first
}

// ReplyFacts is an answer as its writer sent it.
type ReplyFacts struct {
	Recipients replies.Recipients
	Subject    string
	Text       string
	Markup     string // replies.Markdown, or "" for plain text
	Signature  string // below the text; "": none
	Quote      string // what it quotes, behind a line that says whose words they are; "": nothing
	Language   string // BCP 47
	Side       int64  // the side thread in which it goes to a third party; 0: it goes to the customer
	Files      []Enclosed
}

// Enclosed is a file that goes out with an answer.
type Enclosed struct {
	ID         int64
	Name, Type string
	Size       int64
	Shown      bool   // it is an image that the text shows
	Digest     string // of its content (answering.Store.Content)
}

// TicketFacts is what the texts say about a ticket.
type TicketFacts struct {
	ID       int64
	Display  string // redacted subject as shown
	Status   string
	Language string
	Queue    string
	Category string
	OpenedAt time.Time
	Promises []PromiseFacts // of the tickets that a digest lists
}

// PromiseFacts is what the texts say about a promise.
type PromiseFacts struct {
	Kind     string
	Due      time.Time
	State    promises.State
	Calendar string
}

// lockDue locks those of the rows that are due, in the order of their ids. SKIP LOCKED passes over a row that another
// process is claiming or settling: it would not be due afterwards anyway. The same condition again keeps a row from
// being claimed twice, since a claim moves next_at.
const lockDue = `SELECT id, state, attempts, outcome_unknown FROM outbox WHERE id = ANY($1) AND next_at > 0 AND next_at <= $2 ORDER BY id FOR UPDATE SKIP LOCKED`

// claimRow is what a claim changes of a row: Next is when the claim runs out, Wake when the sweep looks for it,
// Holder who has it.
type claimRow struct {
	ID       int64
	State    effects.State
	Unknown  bool `db:"outcome_unknown"`
	Attempts int
	Next     time.Time `db:"next_at"`
	Wake     time.Time `db:"wake_at"`
	Holder   string
}

// claimRows writes the claims of all rows in one statement, by their ids.
var claimRows = sql.Updating[claimRow]("outbox")

// askClaimed reads the rows after the claim, in the same transaction. Attempts are counted for rows that were tried
// before only: the first try, which is nearly all, costs no subquery.
const askClaimed = `SELECT id, key, kind, ticket, message, contact, inbox, channel, to_kind, to_value, to_name, payload, state, attempts, parts_done,
outcome_unknown, needs_fallback, created_at, due_at, last_error,
CASE WHEN attempts > 1 THEN (SELECT count(*) FROM outbox_attempts a WHERE a.effect = outbox.id AND a.outcome <> '` + outcomeDied + `') ELSE 0 END
FROM outbox WHERE id = ANY($1)`

// ClaimEffects takes those of the rows that are due, or whose earlier claim ran out, until that time; nobody else
// gets them before. A row whose claim ran out comes back as Unknown: its holder may have sent it. Claiming a digest
// decides which tickets it covers.
//
// Lock, change and read are one transaction of three round trips at most. If the process dies after it, the rows are
// claimed and nobody sends them until the claim runs out (two minutes), or the next process on that data directory
// takes them back. The result is in the order of ids.
func (s *Store) ClaimEffects(ctx context.Context, ids []int64, holder string, now, until time.Time) ([]EffectRow, error) {
	var out []EffectRow
	err := s.base.Write(ctx, func(t sql.Tx) error {
		out = nil
		count := base.Tally{}
		before := map[int64]effects.State{}
		var claims []claimRow
		lock := sql.Ask(func(row sql.Row) error {
			var e effects.Effect
			if err := row.Scan(&e.ID, &e.State, &e.Attempts, &e.Unknown); err != nil {
				return err
			}
			if c, ok := e.Claimed(sql.Clean(holder), until); ok {
				before[e.ID] = e.State
				claims = append(claims, claimRow{ID: c.ID, State: c.State, Unknown: c.Unknown, Attempts: c.Attempts, Next: c.Next, Wake: c.Wake, Holder: c.Holder})
			}
			return nil
		}, lockDue, sql.Sorted(ids), sql.Micros(now))
		if err := t.Run(ctx, lock); err != nil || len(claims) == 0 {
			return err
		}
		take := sql.Ask(func(row sql.Row) error {
			r, after, err := scanClaimed(row)
			r.State = before[r.ID]
			count.Move(tables.Counter(r.Kind), string(r.State), string(after))
			out = append(out, r)
			return err
		}, askClaimed, sql.KeysOf(before))
		if err := t.Run(ctx, claimRows.Put(claims...), take); err != nil {
			return err
		}
		slices.SortFunc(out, func(a, b EffectRow) int { return int(a.ID - b.ID) })
		return t.Last(ctx, append(s.cover(out), append(append(append(describe(out), s.stopped(out)...), s.conversing(out)...), count.Call())...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("claiming effects: %w", err)
	}
	return out, nil
}

// scanClaimed reads a row that was claimed, and the state that it is in now.
func scanClaimed(row sql.Row) (EffectRow, effects.State, error) {
	var r EffectRow
	var state effects.State
	var payload string
	var created, due int64
	var fallback bool
	err := row.Scan(&r.ID, &r.Key, &r.Kind, &r.Ticket, &r.Message, &r.Contact, &r.Inbox, &r.Channel, &r.To.Kind, &r.To.Value, &r.To.Name, &payload,
		&state, &r.Attempts, &r.PartsDone, &r.Unknown, &fallback, &created, &due, &r.LastError, &r.Failures)
	r.CreatedAt, r.DueAt = sql.Moment(created), sql.Moment(due)
	if payload != "" {
		r.Payload = json.RawMessage(payload)
	}
	return r, state, err
}

// cover gives each claimed digest the withheld acknowledgements of its address that no other digest
// covers: of a proven sender those to that very address, of unproven ones those to its mailbox, never
// one among the other, and nothing of what was erased. Rows of an older program, which counted nothing apart, go by their contact.
func (s *Store) cover(rows []EffectRow) []sql.Call {
	var calls []sql.Call
	for _, r := range rows {
		if r.Kind != effects.KindDigest || r.State == effects.Failed {
			continue
		}
		calls = append(calls, sql.Do(`UPDATE outbox SET covered_by = $1 WHERE id {in SELECT o.id FROM outbox d, outbox o
WHERE d.id = $1 AND o.counted_as <> '' AND o.counted_as = d.counted_as AND o.covered_by = 0 AND NOT o.erased AND o.state = 'withheld' AND o.cause = 'sender-cap'
AND (o.recipient = d.recipient OR d.counted_as <> $2)
UNION SELECT id FROM outbox WHERE contact <> 0 AND contact = $3 AND counted_as = '' AND covered_by = 0 AND NOT erased AND state = 'withheld' AND cause = 'sender-cap'}`,
			r.ID, s.base.Address(acknowledge.Mailbox(r.To.Identity())), r.Contact))
	}
	return calls
}

// stopped tells which recipients take nothing any more. It is read at the claim, not at the decision: STOP may have
// come while the row waited. Codes are held to tombstones, too: a system of the company's may name somebody who said STOP and was erased just now.
func (s *Store) stopped(rows []EffectRow) []sql.Call {
	of, tombs := map[string][]int{}, map[string][]int{} // places of rows
	for i, r := range rows {
		if r.Kind == effects.KindAcknowledgement || r.Kind == effects.KindDigest || r.Kind == effects.KindReply || r.Kind == effects.KindForward || r.Kind == effects.KindCode {
			of[s.base.Address(r.To.Identity())] = append(of[s.base.Address(r.To.Identity())], i)
		}
		if r.Kind == effects.KindCode {
			tombs[s.base.AddressTomb(r.To.Identity())] = append(tombs[s.base.AddressTomb(r.To.Identity())], i)
		}
	}
	mark := func(places []int) {
		for _, i := range places {
			rows[i].OptedOut = true
		}
	}
	var calls []sql.Call
	if len(of) > 0 {
		calls = append(calls, sql.Ask(sql.Value(func(address string) { mark(of[address]) }), `SELECT address FROM identities WHERE address = ANY($1) AND opted_out`, sql.KeysOf(of)))
	}
	if len(tombs) > 0 {
		calls = append(calls, sql.Ask(func(row sql.Row) error {
			var digest string
			var stopped, blocked bool
			err := row.Scan(&digest, &stopped, &blocked)
			if stopped || blocked {
				mark(tombs[digest])
			}
			return err
		}, base.AskTombs, sql.KeysOf(tombs)))
	}
	return calls
}

// ticketFacts are the columns that scanTicketFacts reads.
const ticketFacts = `t.id, t.display, t.status, t.language, t.queue, t.category, t.opened_at`

// conversing gives the conversations to their tickets in which answers go out that an agent has sent to another address of the customer's: what he answers
// there belongs where he was asked. That is done by the claim, behind which no answer is taken back, and before anybody can answer it.
func (s *Store) conversing(rows []EffectRow) (calls []sql.Call) {
	of := map[string]int64{}
	for _, r := range rows {
		var p struct {
			Conversation string `json:"conversation"`
		}
		if r.Kind != effects.KindReply || len(r.Payload) == 0 || json.Unmarshal(r.Payload, &p) != nil || p.Conversation == "" {
			continue
		}
		of[s.base.Bound(p.Conversation)] = r.Ticket
	}
	for _, key := range slices.Sorted(maps.Keys(of)) {
		calls = append(calls, sql.Do(`INSERT INTO conversations (thread, ticket) VALUES ($1, $2) ON CONFLICT (thread) DO UPDATE SET ticket = excluded.ticket`, key, of[key]))
	}
	return calls
}

// describe reads what the rows' texts need: their tickets, promises, and what digests cover. All of a claim's rows
// share a few statements.
func describe(rows []EffectRow) []sql.Call {
	var tickets, digests, answers []int64
	for _, r := range rows {
		if r.Ticket != 0 {
			tickets = append(tickets, r.Ticket)
		}
		switch r.Kind {
		case effects.KindDigest:
			digests = append(digests, r.ID)
		case effects.KindReply, effects.KindForward:
			answers = append(answers, r.ID)
		}
	}
	var calls []sql.Call
	if len(tickets) > 0 {
		calls = append(calls,
			sql.Ask(attachTicket(rows), `SELECT 0, `+ticketFacts+` FROM tickets t WHERE t.id = ANY($1)`, sql.Sorted(tickets)),
			sql.Ask(attachPromise(rows), `SELECT ticket, kind, due_at, state, calendar FROM promises WHERE ticket = ANY($1) ORDER BY ticket, kind`, sql.Sorted(tickets)))
	}
	if len(answers) > 0 {
		calls = append(calls, sql.Ask(attachReply(rows), `SELECT effect, recipients, subject, text, markup, signature, quote, language, side FROM replies WHERE effect <> 0 AND effect = ANY($1)`, sql.Sorted(answers)),
			sql.Ask(attachEnclosed(rows), `SELECT r.effect, f.id, f.name, f.type, f.size, f.shown, f.digest FROM replies r JOIN enclosures f ON f.reply = r.id
WHERE r.effect <> 0 AND r.effect = ANY($1) AND f.reply <> 0 ORDER BY f.reply, f.id`, sql.Sorted(answers)),
			sql.Ask(attachCarried(rows), `SELECT r.effect, a.name, a.media_type, a.size, a.digest FROM replies r JOIN attachments a ON a.message = r.answer_to
WHERE r.effect <> 0 AND r.effect = ANY($1) AND r.carried AND a.digest <> '' ORDER BY a.message, a.n`, sql.Sorted(answers)))
	}
	if len(digests) > 0 {
		calls = append(calls, sql.Ask(attachCovered(rows), `SELECT o.covered_by, `+ticketFacts+` FROM outbox o JOIN tickets t ON t.id = o.ticket
WHERE o.covered_by > 0 AND o.covered_by = ANY($1) ORDER BY t.id`, sql.Sorted(digests)),
			sql.Ask(attachCoveredPromise(rows), `SELECT o.covered_by, p.ticket, p.kind, p.due_at, p.state, p.calendar FROM outbox o JOIN promises p ON p.ticket = o.ticket
WHERE o.covered_by > 0 AND o.covered_by = ANY($1) ORDER BY p.ticket, p.kind`, sql.Sorted(digests)))
	}
	return calls
}

func scanTicketFacts(row sql.Row, first *int64) (TicketFacts, error) {
	var t TicketFacts
	var opened int64
	err := row.Scan(first, &t.ID, &t.Display, &t.Status, &t.Language, &t.Queue, &t.Category, &opened)
	t.OpenedAt = sql.Moment(opened)
	return t, err
}

func attachTicket(rows []EffectRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var none int64
		t, err := scanTicketFacts(row, &none)
		for i := range rows {
			if rows[i].Ticket == t.ID {
				rows[i].Of = &t
			}
		}
		return err
	}
}

// attachPromise and its like hand each row of an answer to the rows of the claim that it is about; a claim has 128
// rows at most, so they are walked through.
func attachPromise(rows []EffectRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var ticket, due int64
		var p PromiseFacts
		err := row.Scan(&ticket, &p.Kind, &due, &p.State, &p.Calendar)
		p.Due = sql.Moment(due)
		for i := range rows {
			if rows[i].Ticket == ticket {
				rows[i].Promises = append(rows[i].Promises, p)
			}
		}
		return err
	}
}

func attachReply(rows []EffectRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var effect int64
		var recipients string
		var r ReplyFacts
		if err := row.Scan(&effect, &recipients, &r.Subject, &r.Text, &r.Markup, &r.Signature, &r.Quote, &r.Language, &r.Side); err != nil {
			return err
		}
		if recipients != "" { // else its person was erased
			if err := json.Unmarshal([]byte(recipients), &r.Recipients); err != nil {
				return fmt.Errorf("reading the recipients of an answer: %w", err)
			}
		}
		for i := range rows {
			if rows[i].ID == effect {
				rows[i].Reply = &r
			}
		}
		return nil
	}
}

// attachEnclosed comes after attachReply: the calls of one Run are done in order.
func attachEnclosed(rows []EffectRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var effect int64
		var f Enclosed
		err := row.Scan(&effect, &f.ID, &f.Name, &f.Type, &f.Size, &f.Shown, &f.Digest)
		for i := range rows {
			if rows[i].ID == effect && rows[i].Reply != nil {
				rows[i].Reply.Files = append(rows[i].Reply.Files, f)
			}
		}
		return err
	}
}

// attachCarried gives what is forwarded the files of the message that it quotes, behind its own.
func attachCarried(rows []EffectRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var effect int64
		var f Enclosed
		err := row.Scan(&effect, &f.Name, &f.Type, &f.Size, &f.Digest)
		for i := range rows {
			if rows[i].ID == effect && rows[i].Reply != nil {
				rows[i].Reply.Files = append(rows[i].Reply.Files, f)
			}
		}
		return err
	}
}

// attachCoveredPromise comes after attachCovered, whose tickets it fills: the calls of one Run are done in order.
func attachCoveredPromise(rows []EffectRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var digest, ticket, due int64
		var p PromiseFacts
		err := row.Scan(&digest, &ticket, &p.Kind, &due, &p.State, &p.Calendar)
		p.Due = sql.Moment(due)
		for i := range rows {
			for j := range rows[i].Covers {
				if t := &rows[i].Covers[j]; rows[i].ID == digest && t.ID == ticket {
					t.Promises = append(t.Promises, p)
				}
			}
		}
		return err
	}
}

func attachCovered(rows []EffectRow) func(sql.Row) error {
	return func(row sql.Row) error {
		var digest int64
		t, err := scanTicketFacts(row, &digest)
		for i := range rows {
			if rows[i].ID == digest {
				rows[i].Covers = append(rows[i].Covers, t)
			}
		}
		return err
	}
}
