package auditing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// Rule is one sum of the books, or one thing that must be so for it to hold.
type Rule string

// The rules, in the order in which they are reported. docs/operations.md says what to do about each.
const (
	// RuleRecorded: each delivery is undecided, or decided, and not both; nothing is decided that was
	// never recorded; no delivery is there twice.
	RuleRecorded Rule = "recorded"
	// RuleOriginal: what is undecided or parked has its original, what is decided until it expires; and
	// it can be opened, as samples of each day tell.
	RuleOriginal Rule = "original"
	// RuleDecision: each decision is kept with the message.
	RuleDecision Rule = "decision"
	// RuleTicket: each message that opened or continued a ticket points to one that is there, was
	// opened once, and counts its messages.
	RuleTicket Rule = "ticket"
	// RuleCopy: a copy points to its first, and no two messages of one content stand side by side.
	RuleCopy Rule = "copy"
	// RulePromise: each ticket has the promises that it deserves, each in one of their states.
	RulePromise Rule = "promise"
	// RuleAcknowledgement: each acknowledgement owed was sent, withheld with its cause, or is on its
	// way, as its promise says.
	RuleAcknowledgement Rule = "acknowledgement"
	// RuleTwice: no ticket was acknowledged twice, but by a fallback.
	RuleTwice Rule = "twice"
	// RuleMachine: nothing was acknowledged that a machine wrote, or that opened no ticket.
	RuleMachine Rule = "machine"
	// RuleOverdue: no effect waits beyond its time without a reason.
	RuleOverdue Rule = "overdue"
	// RuleCounters: the figures of the page and the metrics are the true ones.
	RuleCounters Rule = "counters"
	// RuleStray: no ticket, promise or effect belongs to nothing.
	RuleStray Rule = "stray"
	// RuleReply: each answer of an agent has the row that sends it, that row has its answer, and a first reply is kept by one that was handed over.
	RuleReply Rule = "reply"
	// RuleDesk: each open ticket has a work item, and nothing else has one.
	RuleDesk Rule = "desk"
	// RuleHands: what is said that an agent has in hand is what is his and our turn.
	RuleHands Rule = "hands"
	// RulePerson: contacts that are one person point at one root, each by a joining that stands.
	RulePerson Rule = "person"
	// RuleLog: no line of the desk's log was changed, put in or taken out.
	RuleLog Rule = "log"
	// RuleBacklog warns of messages that wait for their decision for long. It is no error.
	RuleBacklog Rule = "backlog"
	// RuleProvider: whatever the provider lists is recorded here.
	RuleProvider Rule = "provider"
)

// Logged is how far the desk's log fits together, and the hash of the last row that does: whoever keeps it sees later whether rows at the end were
// taken away.
type Logged struct {
	Rows  int64      `json:"rows"`
	Head  string     `json:"head"`
	Cut   int64      `json:"cut,omitempty"`   // the number of the last row that was cut off by its age (retention.log); 0: none was
	CutAt base.Stamp `json:"cut_at,omitzero"` // when
}

// Rules are all rules in the order in which they are reported: losses first, warnings last. A new rule takes a
// constant, a place here, advice in cmd/frontdesk/audit, and a paragraph in docs/operations.md.
func Rules() []Rule {
	return []Rule{RuleRecorded, RuleOriginal, RuleDecision, RuleTicket, RuleCopy, RulePromise, RuleAcknowledgement, RuleTwice, RuleMachine,
		RuleOverdue, RuleCounters, RuleStray, RuleReply, RuleDesk, RuleHands, RulePerson, RuleLog, RuleProvider, RuleBacklog}
}

// Finding is one place where a sum does not hold. Ids are 0 where they have no part in it.
type Finding struct {
	Rule    Rule   `json:"rule"`
	Message int64  `json:"message,omitempty"`
	Ticket  int64  `json:"ticket,omitempty"`
	Effect  int64  `json:"effect,omitempty"`
	Inbox   string `json:"inbox,omitempty"`
	Detail  string `json:"detail"` // words for a person; no address, no text
}

// Warning reports whether the finding is only something to know.
func (f Finding) Warning() bool { return f.Rule == RuleBacklog }

// BrokenPromise is one that passed its deadline: no error of the books, and listed in them, since it was counted and
// told at its time.
type BrokenPromise struct {
	Ticket    int64      `json:"ticket"`
	Message   int64      `json:"message"` // which opened the ticket
	Kind      string     `json:"kind"`
	DueAt     base.Stamp `json:"due_at"`
	SettledAt base.Stamp `json:"settled_at"` // null: what it promised is still owed
}

// MessageSums say where the deliveries of the period are: Recorded is the sum of all others.
type MessageSums struct {
	Recorded int64            `json:"recorded"`
	Decided  map[string]int64 `json:"decided"` // by state
	Parked   map[string]int64 `json:"parked"`  // by cause
	InFlight int64            `json:"in_flight"`
	Awaiting int64            `json:"awaiting"`
	Erased   int64            `json:"erased"` // of the decided and parked ones
}

// PromiseSums say where the promises of one kind are, for the tickets opened in the period.
type PromiseSums struct {
	Made    int64            `json:"made"`
	Kept    int64            `json:"kept"`
	Pending int64            `json:"pending"`
	Void    map[string]int64 `json:"void"`   // by cause
	Broken  int64            `json:"broken"` // Owed included
	Owed    int64            `json:"owed"`   // of the broken ones, what is not done even now
}

// AckSums say what became of the acknowledgements owed, one a ticket: Owed is the sum of all others.
type AckSums struct {
	Owed     int64            `json:"owed"`
	Sent     int64            `json:"sent"`     // handed over by itself, by whatever address
	Digest   int64            `json:"digest"`   // listed in a digest that was handed over
	Pending  int64            `json:"pending"`  // on its way
	Withheld map[string]int64 `json:"withheld"` // by cause
	Failed   int64            `json:"failed"`   // no address took it
}

// EffectSums are the open effects of every kind, whatever the period.
type EffectSums struct {
	Open    int64 `json:"open"`
	Overdue int64 `json:"overdue"`
}

// Books are the result of an audit. Each total stands beside its parts, so that whoever reads them can add up. Maps
// are empty, not nil.
type Books struct {
	From  base.Stamp `json:"from"`  // null: from the beginning
	To    base.Stamp `json:"to"`    // null: until now
	At    base.Stamp `json:"at"`    // when it was made
	Whole bool       `json:"whole"` // of everything

	Messages         MessageSums            `json:"messages"`
	Tickets          int64                  `json:"tickets"` // opened in the period
	Promises         map[string]PromiseSums `json:"promises"`
	Acknowledgements AckSums                `json:"acknowledgements"`
	Effects          EffectSums             `json:"effects"`

	Found    map[Rule]int64  `json:"found"`    // findings by rule, all of them
	Findings []Finding       `json:"findings"` // the first ones of each rule
	Broken   []BrokenPromise `json:"broken"`   // the first ones; Promises counts all
	// Log is that of the desk; empty where it was not looked along (AuditOptions.Hasty, or a period).
	Log Logged `json:"log"`
}

// Clean reports whether every sum holds. Warnings and broken promises do not count.
func (b Books) Clean() bool { return b.Errors() == 0 }

// Errors counts the findings that are no warnings.
func (b Books) Errors() int64 {
	n := int64(0)
	for rule, found := range b.Found {
		if !(Finding{Rule: rule}).Warning() {
			n += found
		}
	}
	return n
}

// Add adds a finding that was made elsewhere, such as by asking a provider.
// Each rule names findingsKept at most, and counts the others: one fault may have a million rows.
func (b *Books) Add(f Finding) {
	if b.Found == nil {
		b.Found = map[Rule]int64{}
	}
	b.Found[f.Rule]++
	if b.Found[f.Rule] <= findingsKept {
		b.Findings = append(b.Findings, f)
	}
}

// Bounds of an audit. A slice of 5 000 deliveries with all that hangs on it is some ten megabytes.
const (
	// auditSlice is also how many ids one step of the whole counts.
	auditSlice   = 5000 // deliveries that are looked at in one go
	findingsKept = 100  // findings of one rule that are named, the others are counted
	brokenKept   = 500
	// defaultGrace is above what a retry or a busy minute delays, so that a healthy desk has no findings.
	defaultGrace = 15 * time.Minute
)

// Opened is what a policy of promises asks about a ticket.
type Opened struct {
	Inbox, Channel, Queue, Category, Priority, Language string
	Config                                              string // digest of the configuration that decided it
}

// AuditOptions say what to audit. The zero value audits everything.
type AuditOptions struct {
	From, To time.Time     // of the recording: at or after From, before To; zero for no bound
	Grace    time.Duration // how far in the past a time must lie to be called missed; 0: 15 minutes
	// Promised tells the kinds of promise that a ticket deserves; false: it cannot tell. Nil looks
	// only for the acknowledgement's.
	Promised func(Opened) (kinds []string, known bool)
	// Progress is told how many deliveries are done, and of about how many; 0 when nobody knows.
	Progress func(done, total int64)
	// Rest is called after each slice with the time that it took, so that an audit beside other work leaves that its time. Its error ends the audit.
	Rest func(ctx context.Context, took time.Duration) error
	// Hasty leaves out what must be counted over whole tables (RuleCounters, RuleStray). A bounded
	// period leaves it out as well.
	Hasty bool
	// Sealed opens everything that is sealed: each original, decision, opinion and file. It finds what was
	// put in another one's place. Without it samples of the originals tell whether their keys are there.
	Sealed bool
}

// Audit makes the books. It only reads, in slices of a bounded number of rows, each of them of one moment, so that it
// can run beside everything else. An error says that the books could not be made; what is wrong with the data is a
// finding and no error. The command and sweep.Audit call it; several may run at a time.
func (s *Store) Audit(ctx context.Context, o AuditOptions, now time.Time) (Books, error) {
	a := newAuditor(s, o, now)
	err := a.run(ctx)
	if err != nil {
		return Books{}, fmt.Errorf("auditing: %w", err)
	}
	slices.SortStableFunc(a.books.Findings, func(f, g Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(Rules(), f.Rule), slices.Index(Rules(), g.Rule)), cmp.Compare(f.Message, g.Message))
	})
	return a.books, nil
}

// auditor is one audit being made.
type auditor struct {
	s     *Store
	o     AuditOptions
	now   int64
	late  int64 // what lies before was missed
	books Books

	since map[string]int64 // inbox → first contact
}

func newAuditor(s *Store, o AuditOptions, now time.Time) *auditor {
	a := &auditor{s: s, o: o, now: sql.Micros(now), late: sql.Micros(now.Add(-cmp.Or(o.Grace, defaultGrace))), since: map[string]int64{}}
	a.books = Books{From: base.Stamp{Time: o.From}, To: base.Stamp{Time: o.To}, At: base.Stamp{Time: now}, Whole: o.From.IsZero() && o.To.IsZero(),
		Messages: MessageSums{Decided: map[string]int64{}, Parked: map[string]int64{}}, Promises: map[string]PromiseSums{},
		Acknowledgements: AckSums{Withheld: map[string]int64{}}, Found: map[Rule]int64{}, Findings: []Finding{}, Broken: []BrokenPromise{}}
	return a
}

// run goes through the deliveries in the order of their recording, then through what is open now, then, for the
// whole, through counters and rows that belong to nothing.
func (a *auditor) run(ctx context.Context) error {
	total, err := a.prepare(ctx)
	if err != nil {
		return err
	}
	from := position{at: sql.Micros(a.o.From)}
	for done := int64(0); ; {
		began := time.Now()
		n, next, err := a.slice(ctx, from)
		if err != nil {
			return err
		}
		done += n
		if a.o.Rest != nil && n == auditSlice {
			if err := a.o.Rest(ctx, time.Since(began)); err != nil {
				return err
			}
		}
		if a.o.Progress != nil {
			a.o.Progress(done, max(total, done))
		}
		if n < auditSlice {
			break
		}
		from = next
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	if a.books.Whole && a.o.Sealed {
		if err := a.secrets(ctx); err != nil {
			return err
		}
	}
	if a.books.Whole && !a.o.Hasty {
		if err := a.log(ctx); err != nil {
			return err
		}
		return a.whole(ctx)
	}
	return nil
}

// log looks along the desk's log.
func (a *auditor) log(ctx context.Context) error {
	c, err := a.s.log.Verify(ctx)
	if err == nil && c.Broken != 0 {
		a.find(Finding{Rule: RuleLog, Detail: c.Why})
	}
	a.books.Log = Logged{Rows: c.Rows, Head: c.Head, Cut: c.Cut, CutAt: base.Stamp{Time: c.CutAt}}
	return err
}

// prepare reads what every slice needs, and about how many deliveries there are: from the counters, since counting
// the rows would read the table.
func (a *auditor) prepare(ctx context.Context) (total int64, err error) {
	err = a.s.base.DB.Read(ctx, func(t sql.Tx) error {
		return t.Run(ctx,
			sql.Ask(sql.Pair(func(inbox string, at int64) { a.since[inbox] = at }), `SELECT inbox, connected_at FROM inbox_status WHERE connected_at > 0`),
			sql.Ask(sql.Into(&total), `SELECT coalesce(CAST(sum(n) AS bigint), 0) FROM counters WHERE name LIKE 'inbox:%'`))
	})
	if !a.books.Whole {
		total = 0
	}
	return total, err
}

// find notes a finding.
func (a *auditor) find(f Finding) { a.books.Add(f) }
