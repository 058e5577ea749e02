package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/receive"
	"frontdesk/workers/store/auditing"
)

// advice says what to do about findings of a rule. docs/operations.md says more. A new rule of package auditing takes
// a line here: its findings are printed in any case, but without this line nothing stands behind the arrow.
var advice = map[auditing.Rule]string{
	auditing.RuleRecorded:        "'frontdesk trace MESSAGE' tells what is there of it; restore the row from a backup, and report this: it must not happen",
	auditing.RuleOriginal:        "restore the original from a backup of the database or of blobs.dir; where a data key is lost, its row in the table data_keys",
	auditing.RuleDecision:        "nothing is lost, but why it was decided cannot be told any more; report this",
	auditing.RuleTicket:          "'frontdesk trace MESSAGE'; look at what the customer wrote, and open or close a ticket by hand; report this",
	auditing.RuleCopy:            "one mail may stand in two tickets: 'frontdesk trace MESSAGE', close one of them; report this",
	auditing.RulePromise:         "a deadline may pass unseen: see to the ticket by hand. Is a process with the role work running?",
	auditing.RuleAcknowledgement: "the customer may have heard nothing: 'frontdesk trace MESSAGE', and write by hand where it is so; report this",
	auditing.RuleTwice:           "a customer was written to twice; report this",
	auditing.RuleMachine:         "a machine was answered: see that no loop goes on, and block its sender; report this",
	auditing.RuleOverdue:         "is a process with the role work running? 'frontdesk outbox' tells of the effect",
	auditing.RuleCounters:        "figures of the page and the metrics are wrong, nothing else; report this",
	auditing.RuleStray:           "nobody misses it, but it should not be; report this",
	auditing.RuleHands:           "agents may be given too much or too little: a process with the role work counts anew within minutes",
	auditing.RuleReply:           "keep the database as it is, and look into the ticket: what was written is there, or what was sent in outbox",
	auditing.RulePerson:          "tickets may be listed as another customer's, or not as this one's; no answer goes elsewhere for it: part the contact on the page of one of its tickets, and join it anew",
	auditing.RuleDesk:            "agents may not see the ticket: a process with the role work mends it within minutes",
	auditing.RuleLog:             "somebody has written the database past the program: keep it as it is, and hold the log beside a backup",
	auditing.RuleProvider:        "is the service fetching this inbox? 'frontdesk inboxes' says; it brings what is missing within half an hour",
	auditing.RuleBacklog:         "no error: is a process with the role work running, and keeping up?",
}

// print writes the books, as one JSON object or as tables of people. Each block is a sum whose parts stand below
// their total, with the signs = and +, so that whoever adds them up sees that nothing is missing.
func (a audited) print(w io.Writer, asJSON bool) error {
	if asJSON {
		b, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("writing the books: %w", err)
		}
		_, err = fmt.Fprintln(w, string(b))
		return err
	}
	t := &table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.line("The books %s.", a.period())
	a.messages(t)
	a.acknowledgements(t)
	a.promises(t)
	a.providers(t)
	a.broken(t)
	a.log(t)
	a.findings(t)
	return t.Flush()
}

// table prints lines of a label, a figure and a remark.
type table struct{ *tabwriter.Writer }

// line is the only way by which anything reaches the table. Inboxes' names and providers' answers are strangers'
// texts: Visible takes out of them what a terminal would obey. tabwriter measures what is left.
func (t *table) line(format string, args ...any) {
	fmt.Fprint(t, terminal.Visible(fmt.Sprintf(format+"\n", args...)))
}

func (t *table) head(words string) { t.line("\n%s", words) }

func (t *table) row(label string, n int64, remark string) {
	t.line("  %s\t%d\t%s", label, n, remark)
}

// some is a row that is shown when it counts anything: what should be zero, or mostly is, would only tire the reader.
func (t *table) some(label string, n int64, remark string) {
	if n != 0 {
		t.row(label, n, remark)
	}
}

func (a audited) period() string {
	from, to := "from the beginning", "until now"
	if !a.From.IsZero() {
		from = "from " + terminal.When(a.From)
	}
	if !a.To.IsZero() {
		to = "to " + terminal.When(a.To)
	}
	return from + " " + to + ", made " + terminal.When(a.At)
}

// byCause are counts by name, the largest first.
func byCause(m map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		if m[a] != m[b] {
			return int(m[b] - m[a])
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, m[name])
	}
	return strings.Join(names, ", ")
}

func sumOf(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// messages tells where each recorded message is. The last row is what the others do not explain; it is not zero only
// when rules have findings, too, since both are counted from the same rows.
func (a audited) messages(t *table) {
	m := a.Messages
	t.head("Messages")
	t.row("recorded", m.Recorded, "")
	for _, state := range []struct{ name, words string }{{"ticketed", "= opened a ticket"}, {"appended", "+ continued one"},
		{"duplicate", "+ copies of a message that is here"}, {"suppressed", "+ understood, need no ticket"}, {"dismissed", "+ dropped by a person"}} {
		t.row(state.words, m.Decided[state.name], "")
	}
	t.row("+ parked, wait for a person", sumOf(m.Parked), byCause(m.Parked))
	t.row("+ wait for their decision", m.InFlight, "")
	t.some("+ wait for somebody's answer", m.Awaiting, "")
	rest := m.Recorded - sumOf(m.Decided) - sumOf(m.Parked) - m.InFlight - m.Awaiting
	t.some("+ nowhere, or twice", rest, "see the findings")
	t.some("of these, erased", m.Erased, "")
}

// acknowledgements tells of one acknowledgement for each ticket that was opened in the period, whenever it was sent.
// The last row counts every effect of the outbox at this moment, whatever the period.
func (a audited) acknowledgements(t *table) {
	k := a.Acknowledgements
	t.head("Acknowledgements of tickets opened")
	t.row("owed", k.Owed, "")
	t.row("= sent", k.Sent, "")
	t.row("+ listed in a digest that was sent", k.Digest, "")
	t.row("+ on their way", k.Pending, "")
	t.row("+ withheld", sumOf(k.Withheld), byCause(k.Withheld))
	t.row("+ no address took it", k.Failed, "")
	t.some("+ unaccounted for", k.Owed-k.Sent-k.Digest-k.Pending-sumOf(k.Withheld)-k.Failed, "see the findings")
	t.some("effects of every kind that are open now", a.Effects.Open, fmt.Sprintf("%d of them overdue", a.Effects.Overdue))
}

func (a audited) promises(t *table) {
	t.head("Promises")
	t.line("  kind\tmade\t= kept\t+ pending\t+ void\t+ broken\tof those still owed\tvoid for")
	for _, kind := range slices.Sorted(maps.Keys(a.Promises)) {
		p := a.Promises[kind]
		t.line("  %s\t%d\t%d\t%d\t%d\t%d\t%d\t%s", kind, p.Made, p.Kept, p.Pending, sumOf(p.Void), p.Broken, p.Owed, byCause(p.Void))
	}
}

// providers tells of each inbox whose provider can list what it holds. "Too young" came within the grace and may
// still be on its way.
func (a audited) providers(t *table) {
	if len(a.Providers) == 0 {
		return
	}
	t.head("Mail servers and providers")
	t.line("  inbox\tlists\t= recorded\t+ too young\t+ missing\t")
	for _, p := range a.Providers {
		t.line("  %s\t%d\t%d\t%d\t%d\t%s", name(p), p.Listed, p.Recorded, p.Young, p.Missing, remark(p))
	}
}

func name(p receive.Asked) string { return strings.TrimSpace(p.Inbox + " " + p.Stream) }

func remark(p receive.Asked) string {
	switch {
	case p.Err != "":
		return "could not be asked: " + p.Err
	case p.Skipped != "":
		return "not asked: " + p.Skipped
	}
	return ""
}

// brokenShown is how many broken promises are listed; --json lists more. Twenty fit on a screen beside the sums, and
// the command that lists all of them stands below.
const brokenShown = 20

// broken lists broken promises, the first of the period first, with the command that lists all.
func (a audited) broken(t *table) {
	if len(a.Broken) == 0 {
		return
	}
	t.head("Broken promises (no error of the books)")
	for _, b := range a.Broken[:min(len(a.Broken), brokenShown)] {
		settled := "still owed"
		if !b.SettledAt.IsZero() {
			settled = "settled " + terminal.When(b.SettledAt)
		}
		t.line("  %s\t%s\tdue %s\t%s", thread.TicketNumber(b.Ticket), b.Kind, terminal.When(b.DueAt), settled)
	}
	if more := a.brokenTotal() - min(len(a.Broken), brokenShown); more > 0 {
		t.line("  and %d more: 'frontdesk promises --state broken'", more)
	}
}

// brokenTotal counts all broken promises of the period; a.Broken lists the first of them only.
func (a audited) brokenTotal() (n int) {
	for _, p := range a.Promises {
		n += int(p.Broken)
	}
	return n
}

// log tells the head of the desk's log: rows that are taken from its end are missed by who has kept an earlier one.
func (a audited) log(t *table) {
	if a.Log.Rows > 0 {
		t.head("The log of the desk")
		t.row("lines", a.Log.Rows, "the hash of the last one is "+a.Log.Head)
	}
	if a.Log.Cut > 0 {
		t.row("cut off", a.Log.Cut, "up to this line by retention.log, on "+terminal.When(a.Log.CutAt)+", at a checkpoint of this program's")
	}
}

// findings lists what was found by rule, in the order of auditing.Rules: warnings stand last. The books keep some
// findings of a rule and count all (Found), so that a database that is wholly broken does not fill the memory.
func (a audited) findings(t *table) {
	t.head("Findings")
	if len(a.Findings) == 0 {
		t.line("  none: every sum holds")
		return
	}
	for _, rule := range auditing.Rules() {
		n := int64(0)
		for _, f := range a.Findings {
			if f.Rule != rule {
				continue
			}
			if n++; n == 1 {
				t.line("  %s: %d\n    → %s", rule, a.Found[rule], advice[rule])
			}
			t.line("    %s", findingLine(f))
		}
		if more := a.Found[rule] - n; more > 0 {
			t.line("    and %d more", more)
		}
	}
	if a.Clean {
		t.line("  warnings only: every sum holds")
	}
}

// findingLine names what a finding is about, by the numbers that the other commands take. It holds no address and no
// text.
func findingLine(f auditing.Finding) string {
	var where []string
	if f.Message != 0 {
		where = append(where, fmt.Sprintf("message %d", f.Message))
	}
	if f.Ticket != 0 {
		where = append(where, thread.TicketNumber(f.Ticket))
	}
	if f.Effect != 0 {
		where = append(where, fmt.Sprintf("effect %d", f.Effect))
	}
	if f.Inbox != "" {
		where = append(where, "inbox "+f.Inbox)
	}
	if len(where) == 0 {
		return f.Detail
	}
	return strings.Join(where, ", ") + ": " + f.Detail
}
