package worldtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// cut replaces the one place in a file where old stands.
type cut struct{ file, old, new string }

// mutants are Frontdesks without one of their guards. Where two guards stand behind each other, both
// are taken out: either of them alone is enough, which is why there are two.
var mutants = []struct {
	name string
	seed uint64 // a world that is known to find it
	cuts []cut
}{
	{"a delivery's unique key", 0, []cut{
		{"store/migrations/0001_spine.sql", "CREATE UNIQUE INDEX deliveries_key", "CREATE INDEX deliveries_key"},
		{"store/intake/intake.go", `"ON CONFLICT (inbox, key) DO NOTHING RETURNING id"`, `"RETURNING id"`}}},
	{"the second look at what is undecided, at the commit", 0, []cut{
		{"store/commit/commit.go", "if !took[id] {", "if false && !took[id] {"},
		{"store/tables/messages.go", `sql.Inserting[MessageRow]("messages", "")`, `sql.Inserting[MessageRow]("messages", "ON CONFLICT (id) DO UPDATE SET ticket = excluded.ticket, state = excluded.state")`}}},
	{"the bookmark moves only over what is recorded", 0, []cut{
		{"receive/source.go", "	if _, err := f.intake.Lot(ctx, lot, f.src.Bulk); err != nil {", "	if b.Next != nil {\n		f.cursor = b.Next\n	}\n	if _, err := f.intake.Lot(ctx, lot, f.src.Bulk); err != nil {"}}},
	{"an acknowledgement's unique key", 24, []cut{
		{"store/migrations/0001_spine.sql", "CREATE UNIQUE INDEX outbox_key", "CREATE INDEX outbox_key"},
		{"store/plans/effects.go", `("outbox", "ON CONFLICT (key) DO NOTHING RETURNING`, `("outbox", "RETURNING`}}},
	{"a content's unique key", 0, []cut{
		{"../pipeline/dedupe/dedupe.go", "if first == nil || first.Message == m.ID {", "if first == nil || first.Message != 0 {"},
		{"store/commit/commit.go", "c.must[key] = p.State == messages.Ticketed || p.State == messages.Appended", "c.must[key] = false"}}},
	{"an address has one owner", 72, []cut{
		{"store/commit/contacts.go", "p.Contact.ID, p.Contact.New && id == from", "p.Contact.ID, false"}}},
	{"claims are counted", 0, []cut{
		{"store/backlog/undecided.go", "SET claims = claims + 1,", "SET claims = claims + 0,"}}},
	{"only what is due is claimed", 43, []cut{
		{"store/outbox/deliver.go", "next_at > 0 AND next_at <= $2 ORDER BY id", "next_at > 0 AND $2 > 0 ORDER BY id"}}},
	{"a repeated mail has the same Message-ID", 8, []cut{
		{"deliver/writer.go", `thread.MessageID(w.MAC, "ack", row.Ticket, row.Key, w.Domain)`, `thread.MessageID(w.MAC, "ack", row.Ticket, row.Key+now.String(), w.Domain)`},
		{"deliver/writer.go", "return w.outbound(row, p, text), nil", "return w.outbound(row, p, text, now), nil"},
		{"deliver/writer.go", "text templates.Text) channels.Outbound {", "text templates.Text, now time.Time) channels.Outbound {"}}},
	{"a provider is asked before a second send", 215, []cut{
		{"deliver/sending.go", "	if row.Unknown {", "	if row.Unknown && row.ID < 0 {"}}},
	{"no answer after STOP", 22, []cut{
		{"../pipeline/line.go", "OptedOut: c.Known.To != nil && c.Known.To.OptedOut && c.Screen.OptOut != \"start\",", "OptedOut: false,"},
		{"store/outbox/deliver.go", "WHERE address = ANY($1) AND opted_out`", "WHERE address = ANY($1) AND opted_out AND address = ''`"}}},
	{"STOP is what a message says", 22, []cut{
		{"../pipeline/domain/contacts/consent.go", "{From: OptedIn, On: Stop, To: OptedOut},", "{From: OptedIn, On: Stop, To: OptedIn},"}}},
	{"STOP holds for what waits", 114, []cut{
		{"store/outbox/deliver.go", "WHERE address = ANY($1) AND opted_out`", "WHERE address = ANY($1) AND opted_out AND address = ''`"}}},
	{"a copy of what was set aside is decided", 4, []cut{
		{"store/commit/commit.go", "c.must[key] = p.State == messages.Ticketed || p.State == messages.Appended", "c.must[key] = true"}}},
	{"a death counts against one message", 3, []cut{
		{"decide/process.go", "	b.read, b.err = p.read(ctx, b.fresh, b.mode)", "	for _, m := range b.again {\n		_, _, _ = p.quarantine.claim(ctx, m.ID, now)\n	}\n	b.read, b.err = p.read(ctx, b.fresh, b.mode)"}}},
	{"received is said after the commit", 0, []cut{
		{"receive/door.go", "	case err != nil:\n		return channels.Answer{}, err\n	case got.Reply != nil:", "	case got.Reply != nil && err == nil:"}}},
	{"decided in the order of the sources", 0, []cut{
		{"decide/batch.go", "return cmp.Or(a.pending.At.Compare(b.pending.At),", "return cmp.Or(b.pending.At.Compare(a.pending.At),"}}},
	{"a note of what was sent outlives the process", 9, []cut{
		{"deliver/journal.go", "json.Unmarshal(line, &p) == nil && p.ID != 0:", "json.Unmarshal(line, &p) == nil && p.ID == 0:"}}},
	{"a plan is written whole: its promises with its rows", 0, []cut{
		{"store/plans/carry.go", "calls = append(calls, movedPromises(p.Promises, count))", "calls = append(calls, movedPromises(nil, count))"}}},
	{"a turn begins once the reply before it is settled", 11, []cut{
		{"store/plans/turns.go", "ours+` AND NOT `+owed", "ours"}}},
	{"an act on a message that has no ticket is noted whole", 0, []cut{
		{"store/plans/carry.go", "		rows = append(rows, EntryOf(ids[i], e, now, \"\"))", "		if e.Ticket != 0 {\n			rows = append(rows, EntryOf(ids[i], e, now, \"\"))\n		}"}}},
	{"an attempt that outlived its claim leaves the row alone", 20, []cut{
		{"../pipeline/domain/commands/sending.go", "o.Attempt < e.Attempts && !o.Took()", "o.Attempt < 0 && !o.Took()"},
		{"deliver/way.go", "slices.DeleteFunc(slices.Compact(ids), d.inFlight.has)", "slices.Compact(ids)"}}},
	{"an erased message is known by its content", 40, []cut{
		{"store/facts/facts.go", "c.ticket, coalesce(m.erased_at, 0) <> 0", "c.ticket, coalesce(m.erased_at, 0) < 0"}}},
	{"an erased delivery is known by its key", 16, []cut{
		{"store/intake/tombs.go", "if e.same == i && s.base.Telling(", "if e.same < 0 && s.base.Telling("}}},
	{"who was erased and blocked stays away", 73, []cut{
		{"store/facts/rows.go", "		if blocked {", "		if blocked && digest == \"\" {"}}},
	{"card numbers are masked", 0, []cut{
		{"../pipeline/line_read.go", "= mask(c.Text.Visible), mask(c.Text.Quoted)", "= c.Text.Visible, mask(c.Text.Quoted)"}}},
	{"a deadline has to pass", 0, []cut{
		{"../pipeline/domain/promises/promises.go", "	if !now.Before(p.Due) {", "	if !now.Before(p.Due) || p.State == Warned {"}}},
	{"no stranger joins a ticket", 32, []cut{
		{"../pipeline/thread/thread.go", "	return !in.From.IsZero() && slices.ContainsFunc(t.Participants, func(p message.Identity) bool { return p.Mailbox() == box })", "	return box == box"}}},
	{"a late promise is not kept", 9, []cut{
		{"../pipeline/domain/promises/promises.go", "	if at.After(p.Due) && p.Paused.IsZero() {", "	if at.After(p.Due) && p.Paused.IsZero() && p.Ticket < 0 {"},
		{"../pipeline/domain/promises/promises.go", "{From: Broken, On: doInTime, To: Broken}", "{From: Broken, On: doInTime, To: Kept}"}}},
	{"a claim finds nobody", 3, []cut{
		{"../pipeline/facts.go", "if owner := f.contact(a.From); a.Proven {", "if owner := f.contact(a.From); a.Proven || owner != nil {"},
		{"../pipeline/identify/identify.go", "	case !m.Proven:", "	case !m.Proven && known == nil:"}}},
	{"arriving beside an address proves none", 5, []cut{
		{"../pipeline/identify/identify.go", "out = append(out, contacts.Claim{Address: canonical(a)})", "out = append(out, contacts.Claim{Address: canonical(a), Verified: true})"}}},
	{"a fallback leaves out what somebody else has proven", 43, []cut{
		{"store/outbox/settle.go", "AND (contact = 0 OR contact = $1) ORDER BY", "AND (contact = 0 OR contact <> 0) ORDER BY"}}},
	{"strangers and owners are counted apart", 7, []cut{
		{"../pipeline/acknowledge/trust.go", "	if trusted || id.IsZero() {", "	if trusted || !trusted || id.IsZero() {"}}},
	{"an acknowledgement has no words of a stranger", 0, []cut{
		{"../pipeline/finish.go", "	if !c.Asks.Trusted {\n		return p.Bare()", "	if !c.Asks.Trusted && p.Subject == \"\" {\n		return p.Bare()"}}},
	{"a domain that could not be asked counts as one that disowns", 18, []cut{
		{"../pipeline/thread/thread.go", "(in.DMARC == message.VerdictFail || in.DMARC == message.VerdictTempError)", "(in.DMARC == message.VerdictFail)"}}},
	{"what is only claimed is erased like what is proven", 20, []cut{
		{"store/erasure/sweep.go", "contact == w.p.Contact, claimed && (w.claimants[contact] || w.openedBy(participants)):", "contact == w.p.Contact, claimed && contact < 0:"}}},
	{"a report is about the mail's own recipient", 10, []cut{
		{"../pipeline/bounce.go", "	case !slices.Contains(about(m.Report), to):", "	case !slices.Contains(about(m.Report), to) && row.ID < 0:"}}},
	{"a report of failure comes with the null sender", 18, []cut{
		{"../pipeline/bounce.go", `	case !m.Envelope.HasMailFrom || strings.TrimSpace(m.Envelope.MailFrom) != "":`, "	case row.ID < 0:"}}},
	{"a report that anybody can write marks no address", 0, []cut{
		{"../pipeline/bounce.go", "Dead: c.Message.Report.Gone() && c.Asks.returnedFor(row.Key)", "Dead: c.Message.Report.Gone()"}}},
	{"who takes a claimed ticket over chooses his company", 396, []cut{
		{"../pipeline/domain/tickets/plan.go", "		t.Participants = slices.Clone(t.Participants[:min(len(t.Participants), 1)])", "		t.Participants = slices.Clone(t.Participants)"}}},
	{"a signature is of one identity", 2, []cut{
		{"../channels/web/identity.go", "	if !a.signed(identityText", "	if in.From.Signature == \"\" && !a.signed(identityText"}}},
	{"a solved challenge brings one message", 4, []cut{
		{"../channels/web/form.go", "func(r channels.Recorded) bool { return r.Other })", "func(r channels.Recorded) bool { return r.Other && r.ID < 0 })"}}},
	{"strangers are counted over the whole desk", 7, []cut{
		{"../pipeline/line_read.go", "	if !a.Trusted && !a.Recipient.IsZero() {", "	if !a.Trusted && a.Recipient.IsZero() {"}}},
	{"texts to typed numbers are counted", 33, []cut{
		{"../pipeline/acknowledge/phone.go", "	case limit > 0 && in.Sent.Prefix >= limit:", "	case limit > 0 && in.Sent.Prefix < 0:"},
		{"../pipeline/acknowledge/phone.go", "	case !in.Shown && in.SMS.Budget > 0 && in.Sent.Spent+in.look(to).Price > in.SMS.Budget:", "	case !in.Shown && in.Sent.Spent < 0:"}}},
	{"an act that is done means nothing the second time", 6, []cut{
		{"../pipeline/domain/tickets/tickets.go", "{From: Open, On: Close, To: Closed},", "{From: Open, On: Close, To: Closed},\n	{From: Closed, On: Close, To: Closed},"}}},
	{"an act that was taken back is not taken back again", 72, []cut{
		{"../pipeline/domain/messages/messages.go", "{From: Dismissed, On: Undismiss, To: Parked},", "{From: Dismissed, On: Undismiss, To: Parked},\n	{From: Parked, On: Undismiss, To: Parked},"}}},
	{"a ticket has one owner", 3, []cut{
		{"../pipeline/domain/commands/desk.go", "	if i.Owner != 0 && i.Owner != c.User {", "	if i.Owner < 0 {"},
		{"../pipeline/domain/commands/desk.go", "c.User != 0 && i.Owner == 0", "c.User != 0"}}},
	{"an answer that is on its way is not taken back", 0, []cut{
		{"../pipeline/domain/effects/effects.go", "	if e.Attempts > 0 || !e.after(holdBack) {", "	if !e.after(holdBack) {"},
		{"../pipeline/domain/effects/effects.go", "	{From: Due, On: holdBack, To: Withheld},", "	{From: Due, On: holdBack, To: Withheld},\n	{From: Sending, On: holdBack, To: Withheld},\n	{From: Sent, On: holdBack, To: Withheld},"}}},
	{"an answer that was taken back stays", 8, []cut{
		{"../pipeline/domain/effects/effects.go", "	e.close()\n	e.Cause, e.Counted = cause, false", "	e.Cause, e.Counted = cause, false"}}},
	{"a page is sent once", 0, []cut{
		{"../pipeline/domain/commands/replies.go", "	case d.Pages[s.Reply.Key] != 0:", "	case d.Pages[s.Reply.Key] < 0:"},
		{"store/migrations/0039_replies.sql", "CREATE UNIQUE INDEX replies_key", "CREATE INDEX replies_key"}}},
	{"a note goes nowhere", 0, []cut{
		{"../pipeline/domain/commands/replies.go", "t.Erased, note != (s.Row == nil):", "t.Erased, !note && s.Row == nil:"},
		{"store/migrations/0039_replies.sql", "recipients = '' AND inbox = '' AND effect = 0))", "recipients = '' AND inbox = ''))"},
		{"store/answering/store.go", "	if w.Kind != replies.Answer {", "	if w.Kind == \"\" {"}}},
	{"a refused act is not said to be done", 6, []cut{
		{"../pipeline/domain/domain.go", "			return Plan{}, err", "			return d.Plan, nil"}}},
	{"a plan that fails half way leaves no effect", 0, []cut{
		{"store/sql/sqlite.go", "	if err := f(&liteTx{c, ctx}); err != nil {", "	if err := f(&liteTx{c, ctx}); err != nil {\n		_, half := c.conn.ExecContext(ctx, \"COMMIT\")\n		committed = half == nil"}}},
	{"machines are not answered", 0, []cut{
		{"../pipeline/screen/withhold.go", "case h.autoSubmitted():", "case h.autoSubmitted() && false:"},
		{"../pipeline/screen/withhold.go", "case c.Kind == Auto:\n\t\treturn", "case c.Kind == Auto && false:\n\t\treturn"},
		{"../pipeline/screen/screen.go", "case c.Kind == Auto && !c.f.TicketReference:", "case c.Kind == Auto && !c.f.TicketReference && false:"}}},
}

// wanted reads which mutants are asked for: 1 is all of them, 2/4 the second of four parts.
func wanted(t *testing.T) (part, parts int) {
	t.Helper()
	text := os.Getenv("FRONTDESK_MUTANTS")
	if text == "" {
		t.Skip("it compiles the simulator once a guard, which takes minutes: set FRONTDESK_MUTANTS=1, or =2/4 for the second of four parts")
	}
	if text == "1" {
		return 0, 1
	}
	if _, err := fmt.Sscanf(text, "%d/%d", &part, &parts); err != nil || part < 1 || part > parts {
		t.Fatalf("FRONTDESK_MUTANTS=%s is neither 1 nor a part of all, as 2/4", text)
	}
	return part - 1, parts
}

// TestMutants is the test of the test: a world without one of its guards has to come to harm.
func TestMutants(t *testing.T) {
	part, parts := wanted(t)
	places := make(chan struct{}, 2)
	for i, m := range mutants {
		if i%parts != part {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			places <- struct{}{}
			defer func() { <-places }()
			begun := time.Now()
			program := mutate(t, m.cuts)
			compiled := time.Since(begun)
			found := ""
			for try := 0; try < nearTries && found == ""; try++ {
				found = hunt(t, program, m.seed, nearSeeds)
			}
			if found == "" {
				found = hunt(t, program, 0, mutantSeeds)
			}
			if found == "" {
				t.Fatalf("%d worlds without %q came to no harm", mutantSeeds, m.name)
			}
			t.Logf("found by %s, in %s, %s of them to compile", found, time.Since(begun).Round(100*time.Millisecond), compiled.Round(100*time.Millisecond))
		})
	}
}

// How many worlds are run: those beside the seed that is known to find it, a few times since
// goroutines run in an order of their own, else from the first one on; and for how long at most.
const (
	nearSeeds   = 8
	nearTries   = 3
	mutantSeeds = 600
	huntFor     = 10 * time.Minute
)

// mutate compiles the simulator against files with those cuts, and returns the program.
func mutate(t *testing.T, cuts []cut) string {
	t.Helper()
	dir := t.TempDir()
	changed := map[string]string{}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for _, c := range cuts {
		name, err := filepath.Abs(filepath.Join("..", c.file))
		if err != nil {
			t.Fatal(err)
		}
		text, ok := changed[name]
		if !ok {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
		if n := strings.Count(text, c.old); n != 1 {
			t.Fatalf("%s: %q stands there %d times, want once: the guard has moved, so move its mutant", c.file, c.old, n)
		}
		changed[name] = strings.Replace(text, c.old, c.new, 1)
	}
	for name, text := range changed {
		copied := filepath.Join(dir, fmt.Sprintf("%d%s", len(overlay.Replace), filepath.Ext(name)))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[name] = copied
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "world.test")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	// Most of a mutant's time goes into its compilation, and its few worlds need no fast code.
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-gcflags=frontdesk/...=-N -l -dwarf=false", "-ldflags=-s -w", "-overlay", file, "-o", program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("compiling the mutant: %v\n%s", err, out)
	}
	return program
}

var complaint = regexp.MustCompile(`seed (\d+): ([^:]+):`)

// hunt runs worlds until one comes to harm, and says which and by which invariant.
func hunt(t *testing.T, program string, from uint64, n int) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestWorld$", "-test.timeout", huntFor.String(), "-seed", fmt.Sprint(from), "-seeds", fmt.Sprint(n), "-most", "1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if found := complaint.FindSubmatch(out); found != nil {
		return fmt.Sprintf("%q with seed %s", found[2], found[1])
	}
	if err != nil {
		t.Fatalf("the mutant's worlds broke down without a finding: %v\n%s", err, out)
	}
	return ""
}
