package main

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/channels/channelstest/telegramfake"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/configs"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
)

const (
	annMail  = "ann.smith@customer.example"
	annPhone = "+8613800138001"
	annChat  = 7712345678
)

// annSecrets are words of Ann's that nothing may hold once she is erased.
var annSecrets = []string{annMail, "Ann.Smith@customer.example", "7712345678", "13800138001", "Ann Elisabeth Smith",
	"my blue suitcase with the broken lock", "hotel on the harbour", "please call before nine", "the suitcase again", "ann-large@customer.example"}

// withFile is a mail with one attachment.
func withFile(from, subject, id, body string, file []byte) []byte {
	raw := fmt.Sprintf("From: %s\nTo: support@desk.example\nSubject: %s\nMessage-ID: <%s>\nDate: Fri, 20 Nov 2026 10:00:00 +0800\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"+
		"--b\nContent-Type: text/plain; charset=utf-8\n\n%s\n--b\nContent-Type: application/pdf; name=form.pdf\nContent-Disposition: attachment; filename=form.pdf\nContent-Transfer-Encoding: base64\n\n%s\n--b--\n",
		from, subject, id, body, base64.StdEncoding.EncodeToString(file))
	return arrived(strings.Trim(from[strings.LastIndexByte(from, '<')+1:], "<>"), raw)
}

// annsDesk is a service on which Ann has written by every way there is, and Bob beside her.
type annsDesk struct {
	*rig
	t      *testing.T
	c      configs.Config
	d      *dovecot.Server
	large  []byte
	sms    url.Values
	update []byte
}

func newAnnsDesk(t *testing.T) *annsDesk {
	d := dovecot.Start(t)
	c := mailConfig(t, imapInbox("support", "support@desk.example", d.Addr, d.User)+doorInbox("second", "second@desk.example"), "")
	hotline, bot := withHotline(t, &c), withBot(t, &c, "webhook")
	withDoors(&c)
	d.DeliverAt(d.User, letter("old@customer.example", "from before", "old@customer.example", "history"), time.Now().Add(-240*time.Hour))
	r := start(t, c)
	r.connected("support")
	a := &annsDesk{rig: r, t: t, c: c, d: d}

	ann, form := "Ann Elisabeth Smith <Ann.Smith@customer.example>", []byte("%PDF the form that everybody fills in")
	a.large = withFile(ann, "I miss my blue suitcase with the broken lock", "ann-large@customer.example",
		"I left my blue suitcase with the broken lock in the hotel on the harbour. Order 20261120007.\n"+strings.Repeat("It is a long story that I tell here.\n", 12_000), form)
	d.Deliver(d.User, a.large)
	d.Deliver(d.User, withFile("Bob <bob@elsewhere.example>", "Umbrella", "bob@elsewhere.example", "I miss the green umbrella that I left in the hall. Order 991188.", form))
	a.decided(2)
	r.post("/form/contact", formKind, url.Values{"name": {"Ann"}, "email": {annMail}, "phone": {annPhone},
		"text": {"please call before nine, I need a refund for order 555888 as soon as you can"}, "altcha": {r.challenge()}}.Encode())
	a.decided(3)
	_, a.sms = hotline.Arrive(annPhone, twilioNumber, "the suitcase again: it was in the hotel on the harbour")
	a.update = bot.Write(telegramfake.Customer{ID: annChat, Name: "Ann Elisabeth Smith"}, "the suitcase again, do you have my blue suitcase with the broken lock?")
	r.sms(a.sms)
	r.update(a.update)
	r.mustMail(annMail, human(ann, "Out of office: my blue suitcase with the broken lock", "ann-away@customer.example", "I am away, please call before nine", "Auto-Submitted: auto-generated"), "second@desk.example")
	a.decided(6)
	a.others()
	return a
}

// others are messages that name Ann: a bounce of our acknowledgement, and one of Bob's.
func (a *annsDesk) others() {
	id := ""
	for _, raw := range a.sent() {
		if strings.Contains(strings.ToLower(raw), annMail) {
			id = headerOf(raw, "Message-ID")
		}
	}
	bounce := "From: MAILER-DAEMON@mx.customer.example\nTo: support@desk.example\nSubject: Undelivered\nMessage-ID: <b@mx.customer.example>\nIn-Reply-To: " + id +
		"\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nYour mail to " + annMail + " could not be delivered.\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.customer.example\n\nFinal-Recipient: rfc822; " + annMail + "\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
	if err := a.mail("", []string{"second@desk.example"}, bounce); err != nil {
		a.t.Fatal(err)
	}
	a.d.Deliver(a.d.User, letter("Bob <bob@elsewhere.example>", "A question", "bob2@elsewhere.example", "My neighbour Ann.Smith@customer.example told me that you find umbrellas. Is that so?"))
	a.decided(8)
}

func (a *annsDesk) erase(args ...string) (int, string, string) {
	return frontdesk(a.t, append([]string{"erase", "--config", filepath.Join(a.c.DataDir, "config.yaml")}, args...)...)
}

// secretsLeft greps every file of the data directory and every text of every table.
func (a *annsDesk) secretsLeft() []string {
	a.t.Helper()
	var out []string
	look := func(where string, text []byte) {
		for _, s := range annSecrets {
			if bytes.Contains(text, []byte(s)) {
				out = append(out, where+": "+s)
			}
		}
	}
	err := filepath.WalkDir(a.c.DataDir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		look(filepath.Base(path), text)
		return err
	})
	if err != nil {
		a.t.Fatal(err)
	}
	for table, text := range tableTexts(a.t, a.c) {
		look("table "+table, []byte(text))
	}
	return out
}

// tableTexts reads every column of every table beside the service.
func tableTexts(t testing.TB, c configs.Config) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.DataDir, "frontdesk.db")+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for names.Next() {
		var table string
		if err := names.Scan(&table); err != nil {
			t.Fatal(err)
		}
		out[table] = tableText(t, db, table)
	}
	return out
}

func tableText(t testing.TB, db *sql.DB, table string) string {
	t.Helper()
	rows, err := db.Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for rows.Next() {
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, values...)
	}
	return out.String()
}

// bobs is what can be seen of Bob, but for his mention of Ann.
func (a *annsDesk) bobs() string {
	var out []string
	for _, m := range a.messages() {
		if m.From == "bob@elsewhere.example" {
			out = append(out, fmt.Sprint(m.ID, m.Subject, strings.NewReplacer("Ann.Smith@customer.example", "…", "[erased]", "…").Replace(m.Text), m.State, m.Ticket))
		}
	}
	return strings.Join(out, "\n")
}

// TestEraseLeavesNothingAndNothingComesBack erases a person beside the running service, and brings
// everything again.
func TestEraseLeavesNothingAndNothingComesBack(t *testing.T) {
	t.Parallel()
	a := newAnnsDesk(t)
	if left := a.secretsLeft(); len(left) < len(annSecrets)/2 {
		t.Fatalf("before, only these are found: %v", left)
	}
	bob := a.bobs()
	code, _, errs := a.erase(annMail, "--dry-run")
	if code != 0 || !strings.Contains(errs, "would be erased: 4 messages") {
		t.Errorf("the dry run: %d\n%s", code, errs)
	}
	if code, _, errs := a.erase(annMail); code != command.ExitUsage || !strings.Contains(errs, "--yes") {
		t.Errorf("without a terminal and --yes: %d %s", code, errs)
	}
	for _, who := range []string{annMail, annPhone, "telegram:7712345678"} {
		code, out, errs := a.erase(who, "--yes", "--json")
		var reports []struct{ Clean bool }
		if err := json.Unmarshal([]byte(out), &reports); err != nil || code != 0 || !reports[0].Clean {
			t.Fatalf("erasing %s: %d, %v\n%s%s", who, code, err, out, errs)
		}
	}
	a.gone("after the erasure")
	if got := a.bobs(); got != bob {
		t.Errorf("Bob's messages were\n%s\nand are\n%s", bob, got)
	}
	files, _ := storage(t, a.c)
	if files != 1 {
		t.Errorf("%d blobs are left, want Bob's form", files)
	}

	before := len(a.tickets())
	a.d.SetUIDValidity(a.d.User, 777777)
	a.d.Deliver(a.d.User, letter("bob@elsewhere.example", "Re: A question", "bob3@elsewhere.example", "Have you found it?", "In-Reply-To: <bob2@elsewhere.example>"))
	a.eventually(60*time.Second, func() string {
		if n := len(a.messages("duplicate")); n < 3 {
			return fmt.Sprintf("%d copies after the mailbox was renumbered", n)
		}
		return ""
	})
	a.mustMail(annMail, strings.ReplaceAll(string(a.large), "\r\n", "\n"), "second@desk.example")
	for _, got := range []reply{a.sms2(), a.rig.update(a.update)} {
		if got.status != http.StatusOK {
			t.Errorf("a repeat was answered %d", got.status)
		}
	}
	a.eventually(60*time.Second, func() string {
		if n := len(a.messages("duplicate")); n < 4 {
			return fmt.Sprintf("%d copies", n)
		}
		return ""
	})
	a.decided(8)
	if n := len(a.tickets()); n != before {
		t.Errorf("%d tickets, had %d", n, before)
	}
	if code, out, errs := a.erase(annMail, "--yes"); code != 0 || !strings.Contains(out, "erased: 0 messages") {
		t.Errorf("a further run: %d\n%s%s", code, out, errs)
	}
	a.gone("after everything came again")
	if code, out, errs := frontdesk(t, "audit", "--config", filepath.Join(a.c.DataDir, "config.yaml")); code != 0 {
		t.Errorf("the books: %d\n%s%s", code, out, errs)
	}
}

func (a *annsDesk) sms2() reply { return a.rig.sms(a.sms) }

// gone looks for what is Ann's, in the files, the tables and all that the service can tell.
func (a *annsDesk) gone(when string) {
	a.t.Helper()
	if left := a.secretsLeft(); len(left) > 0 {
		a.t.Errorf("%s these are found: %v", when, left)
	}
	for _, m := range a.messages() {
		text, err := json.Marshal(a.story(m.ID))
		if err != nil {
			a.t.Fatal(err)
		}
		for _, s := range annSecrets {
			if strings.Contains(string(text), s) {
				a.t.Errorf("%s the story of message %d tells %q: %s", when, m.ID, s, text)
			}
		}
	}
}

// TestErasedPersonWhoWritesAgainIsANewCustomer, unless blocked.
func TestErasedPersonWhoWritesAgainIsANewCustomer(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	write := func(n int) {
		r.mustMail("li@customer.example", human("Li Wei <li@customer.example>", fmt.Sprintf("Order %d", 100200+n), fmt.Sprintf("li%d@customer.example", n), fmt.Sprintf("Where is my order %d? I paid a week ago.", 100200+n)))
		r.settled(n)
	}
	erase := func(more ...string) {
		t.Helper()
		if code, out, errs := frontdesk(t, append([]string{"erase", "li@customer.example", "--yes", "--data-dir", c.DataDir}, more...)...); code != 0 {
			t.Fatalf("erasing: %d\n%s%s", code, out, errs)
		}
	}
	write(1)
	erase()
	write(2)
	tickets := r.tickets()
	if len(tickets) != 2 || tickets[0].Contact == tickets[1].Contact || tickets[0].Status != "open" || tickets[1].Status != "closed" || tickets[1].Subject != "erased" {
		t.Errorf("tickets: %+v", tickets)
	}
	erase("--block")
	write(3)
	m := r.messages()[0]
	if m.State != "suppressed" || m.Cause != "erased" || m.From != "" || m.Text != "" || r.story(m.ID).OriginalIs != "gone" || len(r.tickets()) != 2 {
		t.Errorf("a message of somebody who is blocked: %+v", m)
	}
	acts := lookUp(t, c, "SELECT group_concat(act || ' ' || detail, '; ') FROM journal")
	if strings.Count(acts, "erase contact") != 2 || strings.Contains(acts, "li@") {
		t.Errorf("the journal: %s", acts)
	}
	if code, _, errs := frontdesk(t, "erase", "1", "--yes", "--data-dir", c.DataDir); code != command.ExitFinding || !strings.Contains(errs, "no contact 1") {
		t.Errorf("erasing by number again: %d %s", code, errs)
	}
	if code, out, _ := frontdesk(t, "erase", "--data-dir", c.DataDir); code != 0 || !strings.Contains(out, "no erasure is unfinished") {
		t.Errorf("the unfinished ones: %d %s", code, out)
	}
}

// TestErasingBesideALongReadingIsNotDone: what was erased stays in the write-ahead log until the reading is over, and the
// service goes on all the while.
func TestErasingBesideALongReadingIsNotDone(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	write := func(n int, from string) {
		r.mustMail(from, human("Li Wei <"+from+">", fmt.Sprintf("Order %d", 100200+n), fmt.Sprintf("m%d@customer.example", n), fmt.Sprintf("Where is my order %d? I paid a week ago.", 100200+n)))
		r.settled(n)
	}
	write(1, "li@customer.example")
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.DataDir, "frontdesk.db")+"?_pragma=query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	reading, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Rollback() //nolint:errcheck // it is over by then, unless the test has failed
	var n int
	if err := reading.QueryRow("SELECT count(*) FROM messages").Scan(&n); err != nil {
		t.Fatal(err)
	}
	erase := func(wait string) (int, string, string) {
		return frontdesk(t, "erase", "li@customer.example", "--yes", "--wait", wait, "--data-dir", c.DataDir)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		code, out, errs := erase("3s")
		if code != command.ExitFinding || !strings.Contains(out, "erased: 1 messages") || !strings.Contains(out, "NOT EMPTIED") || !strings.Contains(errs, "run this again") {
			t.Errorf("beside the reading: %d\n%s%s", code, out, errs)
		}
	}()
	write(2, "wang@customer.example")
	<-over
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := erase("30s"); code != 0 || strings.Contains(out, "NOT EMPTIED") {
		t.Errorf("after the reading: %d\n%s%s", code, out, errs)
	}
}

// TestErasingSomebodyUnknownSaysThatNothingWasDone: a typing error must not look like an erasure.
func TestErasingSomebodyUnknownSaysThatNothingWasDone(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	start(t, c).stop()
	erase := func(args ...string) (int, string, string) {
		return frontdesk(t, append([]string{"erase", "--data-dir", c.DataDir}, args...)...)
	}
	for _, who := range []string{"nobody@customer.example", "+8613800138001", "telegram:7712345678"} {
		for _, how := range [][]string{{}, {"--yes"}, {"--dry-run"}} {
			code, out, errs := erase(append(how, who)...)
			if code != 0 || !strings.Contains(out, "nothing was changed") || !strings.Contains(out, "telegram:ID") || strings.Contains(out+errs, "erased:") {
				t.Errorf("erase %s %v: %d\n%s%s", who, how, code, out, errs)
			}
		}
		for _, how := range []string{"--yes", "--dry-run"} {
			code, out, errs := erase("--json", who, how)
			var reports []map[string]any
			if err := json.Unmarshal([]byte(out), &reports); err != nil || code != 0 {
				t.Fatalf("erase --json %s %s: %d, %v\n%s%s", who, how, code, err, out, errs)
			}
			if nulls := strings.Count(out, "null"); nulls != 1 || reports[0]["begun"] != nil { // a time, not a list
				t.Errorf("erase --json %s %s prints %d nulls:\n%s", who, how, nulls, out)
			}
		}
	}
	if code, _, errs := erase("nobody"); code != command.ExitUsage || !strings.Contains(errs, "a mail address, a telephone number") {
		t.Errorf("what is no identifier: %d %s", code, errs)
	}
	if code, out, errs := erase("nobody@customer.example", "--block", "--yes"); code != 0 || strings.Contains(out, "nothing was changed") {
		t.Errorf("blocking somebody who never wrote: %d\n%s%s", code, out, errs)
	}
}

// TestPainPlusAddressesOfOneMailboxGetOneAcknowledgement: ten mails within an hour from a+1@ … a+10@.
func TestPainPlusAddressesOfOneMailboxGetOneAcknowledgement(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	for n := 1; n <= 10; n++ {
		from := fmt.Sprintf("a+%d@customer.example", n)
		r.mustMail(from, human(from, fmt.Sprintf("My %d. question about my account", n), fmt.Sprintf("q%d@customer.example", n), fmt.Sprintf("Please answer question %d: how do I close account number %d?", n, 7000+n)))
	}
	decided := func() string {
		if n := len(r.tickets()); n < 10 {
			return fmt.Sprintf("%d tickets", n)
		}
		return ""
	}
	r.eventually(60*time.Second, decided)
	r.eventually(30*time.Second, func() string {
		if n := len(r.sent()); n != 1 {
			return fmt.Sprintf("%d acknowledgements", n)
		}
		return ""
	})
	r.stop()
	rewrite(t, c, `UPDATE outbox SET next_at = 1, wake_at = 1, due_at = created_at WHERE state = 'due' AND kind = 'digest'`)
	r = start(t, c)
	r.settled(10)
	digests := 0
	for _, o := range r.outbox("digest") {
		if o.State == string(effects.Sent) {
			digests++
		}
	}
	if digests != 1 || len(r.sent()) != 2 {
		t.Errorf("%d digests were sent, %d mails in all; want one acknowledgement and one digest", digests, len(r.sent()))
	}
	for _, p := range r.promises(promises.Acknowledgement) {
		if p.State != string(promises.Kept) {
			t.Errorf("the promise of ticket %d is %s %s", p.Ticket, p.State, p.Cause)
		}
	}
}
