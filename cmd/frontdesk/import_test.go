package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/email/mbox"
	"frontdesk/channels/meta"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/importing"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/workers/receive"
)

// imported runs the command and returns what it counts.
func imported(t testing.TB, dir string, args ...string) (importing.Result, int) {
	t.Helper()
	code, out, errs := frontdesk(t, append([]string{"import", "--inbox", "support", "--json", "--data-dir", dir}, args...)...)
	var r importing.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("import %v ended with %d: %v: %s%s", args, code, err, out, errs)
	}
	return r, code
}

func wroteMail(t testing.TB, path, raw string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// dated is a plain mail of a person, received at that time.
func dated(from, subject, id, body, date string, headers ...string) string {
	return "Received: from mx by desk.example; " + date + "\n" + human(from, subject, id, body, headers...)
}

const (
	longAgo = "Tue, 06 May 2025 10:00:00 +0800"
	later   = "Wed, 07 May 2025 10:00:00 +0800"
)

func TestImportedHistoryIsTicketedAndOwesNothing(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	mails := t.TempDir()
	wroteMail(t, filepath.Join(mails, "a.eml"), dated("Li <li@customer.example>", "Payment failed", "1@customer.example", "My payment of 200 USD failed, order 20250506001.", longAgo, "Return-Path: <li@customer.example>"))
	wroteMail(t, filepath.Join(mails, "b.eml"), dated("Li <li@customer.example>", "Re: Payment failed", "2@customer.example", "Please hurry", later, "In-Reply-To: <1@customer.example>"))
	got, code := imported(t, c.DataDir, mails)
	if want := (importing.Result{Inbox: "support", Mails: 2, ImportCounts: receive.ImportCounts{Recorded: 2}, Skipped: map[mbox.Skip]int{}, Failed: []string{}}); code != 0 || cmp.Diff(want, got) != "" {
		t.Fatalf("ended with %d (-want +got):\n%s", code, cmp.Diff(want, got))
	}
	r.settled(2)
	tickets := r.tickets()
	if len(tickets) != 1 || tickets[0].MessageCount != 2 || tickets[0].Status != "closed" || !tickets[0].OpenedAt.Equal(time.Date(2025, 5, 6, 2, 0, 0, 0, time.UTC)) {
		t.Errorf("tickets = %+v", tickets)
	}
	promises, acks := r.promises(""), r.outbox("acknowledgement")
	if len(promises) != 1 || promises[0].State != "void" || promises[0].Cause != "history" || len(acks) != 1 || acks[0].State != "withheld" || acks[0].Cause != "history" {
		t.Errorf("promises %+v\nacknowledgements %+v", promises, acks)
	}
	if mails := r.sent(); len(mails) != 0 {
		t.Errorf("%d mails were sent", len(mails))
	}
	if got, _ := imported(t, c.DataDir, mails); got.Already != 2 || got.Recorded != 0 {
		t.Errorf("a second run: %+v", got)
	}
	r.sameAgain(c, 2)
}

// TestWhoAnswersHistoryIsAcknowledged: a new mail in the thread of an imported one has its own ticket,
// whose promises count; the next one joins that. So it is when the imported one is younger than the inbox.
func TestWhoAnswersHistoryIsAcknowledged(t *testing.T) {
	t.Parallel()
	for name, date := range map[string]string{"of a year ago": longAgo, "of today": time.Now().Add(time.Second).Format(time.RFC1123Z)} {
		t.Run(name, func(t *testing.T) { answersHistory(t, date) })
	}
}

func answersHistory(t *testing.T, date string) {
	c := testConfig(t)
	r := start(t, c)
	path := wroteMail(t, filepath.Join(t.TempDir(), "a.eml"), dated("Li <li@customer.example>", "Payment failed", "1@customer.example", "My payment of 200 USD failed, order 20250506001.", date))
	if got, _ := imported(t, c.DataDir, path); got.Recorded != 1 {
		t.Fatalf("import: %+v", got)
	}
	r.settled(1)
	for i, text := range []string{"It failed again.", "And again."} {
		r.mustMail("li@customer.example", human("Li <li@customer.example>", "Re: Payment failed", fmt.Sprintf("%d@customer.example", i+2), text, fmt.Sprintf("In-Reply-To: <%d@customer.example>", i+1)))
		r.settled(i + 2)
	}
	tickets := r.tickets()
	if len(tickets) != 2 || tickets[0].MessageCount != 2 || tickets[1].MessageCount != 1 {
		t.Errorf("tickets = %+v", tickets)
	}
	if mails := r.sent(); len(mails) != 1 {
		t.Errorf("%d mails were sent, want one acknowledgement", len(mails))
	}
	r.sameAgain(c, 3)
}

// TestManyImportedMailsOfOneAreNoFlood: a year's mails of one customer come within one batch.
func TestManyImportedMailsOfOneAreNoFlood(t *testing.T) {
	t.Parallel()
	const n = 100
	c := testConfig(t)
	c.Screening.FloodPerHour = 20
	r := start(t, c)
	mails := t.TempDir()
	for i := range n {
		wroteMail(t, filepath.Join(mails, fmt.Sprintf("%03d.eml", i)), dated("Li <li@customer.example>", fmt.Sprintf("Question %d about fees", i), fmt.Sprintf("%d@customer.example", i), "What does it cost?", longAgo))
	}
	imported(t, c.DataDir, mails)
	r.decided(n)
	if parked := r.messages("parked"); len(parked) != 0 {
		t.Errorf("%d are parked: %+v", len(parked), parked[0])
	}
	r.sameAgain(c, n)
}

func TestAMailThatCameBeforeIsFolded(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	raw := dated("Li <li@customer.example>", "Payment failed", "1@customer.example", "My payment of 200 USD failed.", longAgo)
	err := r.accept(channels.Delivery{Inbox: "support", Channel: "email", Key: "INBOX:7:1", At: time.Now(), Raw: []byte(strings.ReplaceAll(raw, "\n", "\r\n")),
		Meta: map[string]string{meta.Folder: "INBOX"}})
	if err != nil {
		t.Fatal(err)
	}
	r.settled(1)
	box := wroteMail(t, filepath.Join(t.TempDir(), "old.mbox"), "From li@customer.example Tue May  6 02:00:00 2025\n"+raw+"\n")
	if got, _ := imported(t, c.DataDir, box); got.Recorded != 1 {
		t.Errorf("import: %+v", got)
	}
	r.settled(2)
	if copies := r.messages("duplicate"); len(copies) != 1 || len(r.tickets()) != 1 {
		t.Errorf("copies %+v, tickets %+v", copies, r.tickets())
	}
	r.sameAgain(c, 2)
}

func TestImportedMailsThatCountAsNewAreAcknowledged(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	path := wroteMail(t, filepath.Join(t.TempDir(), "a.eml"), dated("Li <li@customer.example>", "Payment failed", "1@customer.example", "My payment of 200 USD failed, order 20250506001.", longAgo, "Return-Path: <li@customer.example>"))
	before := time.Now().Add(-time.Second)
	if got, _ := imported(t, c.DataDir, "--acknowledge", path); got.Recorded != 1 {
		t.Errorf("import: %+v", got)
	}
	r.settled(1)
	acks := r.outbox("acknowledgement")
	if len(acks) != 1 || acks[0].State != "sent" {
		t.Fatalf("acknowledgements = %+v", acks)
	}
	for _, p := range r.promises("") {
		if p.State == "broken" || p.DueAt.Before(before) {
			t.Errorf("promise = %+v", p)
		}
	}
	r.sameAgain(c, 1)
}

func TestImportCountsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	start(t, c).stop()
	mails := t.TempDir()
	wroteMail(t, filepath.Join(mails, "a.eml"), dated("Li <li@customer.example>", "1", "1@customer.example", "one", longAgo))
	wroteMail(t, filepath.Join(mails, "b.eml"), dated("Li <li@customer.example>", "2", "2@customer.example", "two", later))
	wroteMail(t, filepath.Join(mails, "copy.eml"), dated("Li <li@customer.example>", "2", "2@customer.example", "two", later))
	wroteMail(t, filepath.Join(mails, "empty.eml"), "\n")
	wroteMail(t, filepath.Join(mails, "notes.txt"), "no mail\n")
	wroteMail(t, filepath.Join(mails, "future.eml"), dated("Li <li@customer.example>", "3", "3@customer.example", "three", "Wed, 07 May 2098 10:00:00 +0800"))
	counts := func(recorded, already, parked int) receive.ImportCounts {
		return receive.ImportCounts{Recorded: recorded, Already: already, Parked: parked}
	}
	for _, step := range []struct {
		name string
		args []string
		want importing.Result
	}{
		{"a dry run by day", []string{"--dry-run", "--since", "2025-05-07", "--until", "2025-05-07"}, importing.Result{Mails: 5, ImportCounts: counts(1, 1, 0), OutsideDates: 3, NoMail: 1, DryRun: true}},
		{"a dry run of all", []string{"--dry-run"}, importing.Result{Mails: 5, ImportCounts: counts(4, 1, 1), NoMail: 1, DryRun: true}},
		{"the first day", []string{"--until", "2025-05-06"}, importing.Result{Mails: 5, ImportCounts: counts(1, 0, 0), OutsideDates: 4, NoMail: 1}},
		{"all", []string{"--rate", "1000/s"}, importing.Result{Mails: 5, ImportCounts: counts(3, 2, 1), NoMail: 1}},
		{"all again, and a file that is not there", []string{filepath.Join(mails, "nowhere")}, importing.Result{Mails: 5, ImportCounts: counts(0, 5, 0), NoMail: 1, Failed: []string{"…"}}},
	} {
		t.Run(step.name, func(t *testing.T) {
			got, code := imported(t, c.DataDir, append(step.args, mails)...)
			step.want.Inbox = "support"
			if len(got.Failed) == 0 {
				got.Failed = nil
			}
			if (code != 0) != (len(step.want.Failed) > 0) || len(got.Failed) != len(step.want.Failed) {
				t.Errorf("ended with %d, failed %v", code, got.Failed)
			}
			got.Failed, step.want.Failed, step.want.Skipped = nil, nil, map[mbox.Skip]int{}
			if diff := cmp.Diff(step.want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
	r := start(t, c)
	r.settled(4)
	for _, m := range r.messages() {
		if m.ReceivedAt.After(time.Now()) {
			t.Errorf("message %d was received at %s", m.ID, m.ReceivedAt)
		}
	}
	if parked := r.messages("parked"); len(parked) != 1 || parked[0].Cause != "unparsable" {
		t.Errorf("parked = %+v", parked)
	}
}

func TestImportRefusesWrongUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{{"import"}, {"import", "x"}, {"import", "--inbox", "nobody", "x"}, {"import", "--inbox", "support", "--rate", "many", "x"}, {"import", "--inbox", "support", "--since", "then", "x"}} {
		if code, _, errs := frontdesk(t, append(args, "--data-dir", dir)...); code != command.ExitUsage {
			t.Errorf("%v ended with %d: %s", args, code, errs)
		}
	}
}

// TestAnInterruptedImportGoesOn stops an import in the middle, and runs it again.
func TestAnInterruptedImportGoesOn(t *testing.T) {
	t.Parallel()
	const n = 1000
	c := testConfig(t)
	start(t, c).stop()
	var box bytes.Buffer
	for i := range n {
		fmt.Fprintf(&box, "From a Tue May  6 02:00:00 2025\n%s\n", dated(fmt.Sprintf("a%d@customer.example", i), "Question", fmt.Sprintf("%d@customer.example", i), "How does it work?", longAgo))
	}
	path := wroteMail(t, filepath.Join(t.TempDir(), "x.mbox"), box.String())
	b, err := installation.Open(t.Context(), c, false)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var o, e bytes.Buffer
	go func() {
		defer cancel()
		for {
			if heads, err := b.Store.Decided.Heads(t.Context(), 0, n); err != nil || len(heads) > 0 {
				return
			}
		}
	}()
	code := run(ctx, []string{"import", "--inbox", "support", "--rate", "400", "--json", "--data-dir", c.DataDir, path}, &o, &e)
	var first importing.Result
	if err := json.Unmarshal(o.Bytes(), &first); err != nil || code != command.ExitFinding || !strings.Contains(e.String(), "run it again") {
		t.Fatalf("ended with %d: %v: %s%s", code, err, o.String(), e.String())
	}
	second, code := imported(t, c.DataDir, path)
	if code != 0 || first.Recorded == 0 || first.Recorded == n || second.Recorded+second.Already != n || second.Already != first.Recorded {
		t.Errorf("first %+v, second %+v", first, second)
	}
	heads, err := b.Store.Decided.Heads(t.Context(), 0, 2*n)
	if err != nil || len(heads) != n {
		t.Errorf("%d are recorded: %v", len(heads), err)
	}
}

// TestTheCorporaAreImported: every mail of the public corpora is recorded once, in whatever form of
// file it comes; the line decides them all, and decides them the same again.
func TestTheCorporaAreImported(t *testing.T) {
	root := shared(t, "corpora")
	c := testConfig(t)
	start(t, c).stop()
	begun := time.Now()
	first, code := imported(t, c.DataDir, root)
	took := time.Since(begun)
	if code != 0 || first.Mails < 1000 || first.Recorded+first.Already != first.Mails {
		t.Fatalf("ended with %d: %+v", code, first)
	}
	box := filepath.Join(t.TempDir(), "all.mbox")
	asMbox(t, box, root)
	for _, path := range []string{root, box} {
		again, code := imported(t, c.DataDir, path)
		if code != 0 || again.Mails != first.Mails || again.Recorded != 0 || again.Already != first.Mails {
			t.Errorf("%s again ended with %d: %+v", path, code, again)
		}
	}
	r := start(t, c)
	begun = time.Now()
	r.decided(first.Recorded)
	t.Logf("%d mails read, %d recorded in %s, decided in %s", first.Mails, first.Recorded, took, time.Since(begun))
	if acks := r.outbox(""); len(r.sent()) != 0 {
		t.Errorf("%d were sent of %d effects", len(r.sent()), len(acks))
	}
	for _, p := range r.promises("") {
		if p.State != "void" {
			t.Fatalf("promise = %+v", p)
		}
	}
	r.sameAgain(c, first.Recorded-first.Parked) // no digits in these mails are a card's security code: every original is kept
}

// asMbox writes all mails below a folder into one mbox.
func asMbox(t *testing.T, path, root string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	boxes := &mbox.Mailboxes{Paths: []string{root}, Limit: 64 << 20, Digest: func(...[]byte) string { return "" }}
	for mail, err := range boxes.Mails(t.Context()) {
		if err != nil || mail.Skip != "" {
			continue
		}
		fmt.Fprintf(f, "From a Tue May  6 02:00:00 2025\n")
		for line := range bytes.Lines(mail.Raw) {
			if bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
				fmt.Fprint(f, ">")
			}
			f.Write(line)
		}
		fmt.Fprint(f, "\n\n")
	}
}
