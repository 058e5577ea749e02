package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"frontdesk/channels/channelstest/dovecot"
)

// TestPain01OneBadMailBlocksNoOther puts three mails in front of 77 good ones: one that is nothing
// at all, one whose header breaks every rule, one with 200 files.
func TestPain01OneBadMailBlocksNoOther(t *testing.T) {
	t.Parallel()
	r, d, _ := mailDesk(t)
	begun := time.Now()
	d.Deliver(d.User, []byte("\r\n \r\n"))
	d.Deliver(d.User, arrived("b@customer.example", "From: \"unbalanced <b@customer.example>, , <@\\\nTo: \"\\\nSubject: C:\\path\\\\ \"quoted\\\nMessage-ID: <<b>\nDate: never\nContent-Type: multipart/mixed; boundary=\"\n\nthe text of the broken mail\n"))
	d.Deliver(d.User, arrived("c@customer.example", twoHundredFiles()))
	for i := range 77 {
		from := fmt.Sprintf("good%d@customer.example", i)
		d.Deliver(d.User, letter(from, fmt.Sprintf("Refund %d", i), fmt.Sprintf("good-%d@customer.example", i), fmt.Sprintf("Please refund my order number %d.", 1000+i)))
	}
	r.settled(80)
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %s, want a minute at most", took)
	}
	if got := len(r.tickets()); got != 79 {
		t.Errorf("%d tickets, want 79", got)
	}
	parked := r.messages("parked")
	if len(parked) != 1 || parked[0].Cause != "unparsable" || r.story(parked[0].ID).Evidence == "" {
		t.Errorf("parked = %+v, want the first mail with a reason", parked)
	}
	if got := len(r.story(r.bySubject("200 files").ID).Attachments); got != 200 {
		t.Errorf("%d attachments are kept, want 200", got)
	}
}

// TestPain01MailThatBreaksTheConnection has the connection break whenever the first of 80 mails comes
// over it.
func TestPain01MailThatBreaksTheConnection(t *testing.T) {
	t.Parallel()
	d := dovecot.Start(t)
	w := newBadWire(t, d.Addr)
	c := mailConfig(t, imapInbox("support", "support@desk.example", w.addr, d.User), "")
	r := start(t, c)
	r.connected("support")
	w.poison("these words break it")
	for i := range 80 {
		words := "How do I change my address?"
		if i == 0 {
			words = "these words break it"
		}
		from := fmt.Sprintf("good%d@customer.example", i)
		d.Deliver(d.User, letter(from, fmt.Sprintf("Question %d", i), fmt.Sprintf("q-%d@customer.example", i), words))
	}
	begun := time.Now()
	r.eventually(time.Minute, func() string {
		if got := len(r.tickets()); got < 79 {
			return fmt.Sprintf("%d tickets, want 79", got)
		}
		return ""
	})
	t.Logf("79 tickets after %s", time.Since(begun))
	// The one that is missing is tried again for half an hour, and shown meanwhile.
	r.stop()
	again := start(t, c)
	again.eventually(20*time.Second, func() string {
		if in := again.inbox("support"); in.SourceCount != 80 || in.RecordedCount != 79 {
			return fmt.Sprintf("%d mails at the source and %d here are shown, want 80 and 79", in.SourceCount, in.RecordedCount)
		}
		return ""
	})
}

func twoHundredFiles() string {
	var b strings.Builder
	b.WriteString("From: c@customer.example\nTo: support@desk.example\nSubject: 200 files\nMessage-ID: <files@customer.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the files.\n")
	for i := range 200 {
		fmt.Fprintf(&b, "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"%d.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n", i)
	}
	return b.String() + "--b--\n"
}

// TestPain02OutageOf72Hours stops the service for 72 hours of the mailbox's time, in which 2 000
// mails arrive.
func TestPain02OutageOf72Hours(t *testing.T) {
	t.Parallel()
	outage(t, 2000, 72*time.Hour)
}

// TestMeasuredOutageLongerThan48Hours is the same with the gap that loses mail elsewhere, and a few
// mails only.
func TestMeasuredOutageLongerThan48Hours(t *testing.T) {
	t.Parallel()
	outage(t, 30, 240*time.Hour)
}

// batchMost is how many messages are decided together at most.
const batchMost = 256

func outage(t *testing.T, mails int, gap time.Duration) {
	r, d, c := mailDesk(t)
	r.stop()
	// The inbox was connected long before: what came in the outage is no history.
	before := time.Now().Add(-2 * gap).UnixMicro()
	rewrite(t, c, fmt.Sprintf(`UPDATE inbox_status SET connected_at = %d`, before))
	begin := time.Now().Add(-gap).Truncate(time.Second)
	step := gap / time.Duration(mails)
	for i := range mails {
		from := fmt.Sprintf("customer%d@c%d.example", i, i%50)
		d.DeliverAt(d.User, letter(from, fmt.Sprintf("Order %d was not delivered", i), fmt.Sprintf("%d@c.example", i), fmt.Sprintf("Where is my order %d?", 70000+i)), begin.Add(time.Duration(i)*step))
	}
	again := start(t, c)
	again.eventually(3*time.Minute, func() string {
		if got := len(again.messages()); got < mails {
			return fmt.Sprintf("%d of %d mails are here", got, mails)
		}
		return ""
	})
	again.settled(mails)
	tickets := again.tickets()
	if len(tickets) != mails {
		t.Fatalf("%d tickets, want %d", len(tickets), mails)
	}
	slices.Reverse(tickets) // oldest first
	seen := map[int]bool{}
	for i, k := range tickets {
		n := -1
		if _, err := fmt.Sscanf(k.Subject, "Order %d was not delivered", &n); err != nil || seen[n] {
			t.Fatalf("ticket %d is %q", i, k.Subject)
		}
		seen[n] = true
		// In a batch those are decided last that have something to do with the batch before, a domain for one (decide/turn.go).
		if apart := max(i-n, n-i); apart >= batchMost {
			t.Fatalf("ticket %d is %q: not in the order of arrival", i, k.Subject)
		}
		if want := begin.Add(time.Duration(n) * step).Truncate(time.Second); !k.OpenedAt.Equal(want) {
			t.Fatalf("ticket %d opened at %s, want %s", i, k.OpenedAt, want)
		}
	}
	acked := map[int64]int{}
	for _, o := range again.outbox("acknowledgement") {
		if o.State != "sent" {
			t.Fatalf("acknowledgement %+v, want it sent", o)
		}
		acked[o.Ticket]++
	}
	for _, k := range tickets {
		if acked[k.ID] != 1 {
			t.Fatalf("ticket %d has %d acknowledgements, want 1", k.ID, acked[k.ID])
		}
	}
}

// TestPain03MailWithoutMessageID delivers one raw mail without the field twice, and another one.
func TestPain03MailWithoutMessageID(t *testing.T) {
	t.Parallel()
	r, d, _ := mailDesk(t)
	one := letter("wang@customer.example", "退款", "", "请退款，订单 20261101。")
	d.Deliver(d.User, one)
	r.settled(1)
	d.Deliver(d.User, one)
	d.Deliver(d.User, letter("wang@customer.example", "登录失败", "", "我的账户无法登录，请帮忙看看。"))
	r.settledIn(3)
	states := map[string]int{}
	for _, m := range r.messages() {
		states[m.State]++
	}
	if len(r.tickets()) != 2 || states["duplicate"] != 1 {
		t.Errorf("%d tickets, states %v; want 2 tickets and one duplicate", len(r.tickets()), states)
	}
}

// settledIn is settled for a sender whose second acknowledgement waits in a digest.
func (r *rig) settledIn(n int) {
	r.t.Helper()
	r.eventually(30*time.Second, func() string {
		counts, err := r.store.View.Counts(r.t.Context(), time.Now())
		if err != nil {
			return err.Error()
		}
		decided := int64(0)
		for _, c := range counts.Messages {
			decided += c
		}
		if decided < int64(n) || len(counts.Undecided) > 0 {
			return fmt.Sprintf("%d of %d decided", decided, n)
		}
		for _, o := range r.outbox("acknowledgement") {
			if o.State == "due" || o.State == "sending" {
				return "an acknowledgement waits"
			}
		}
		return ""
	})
}

// TestPain04AnotherClientReadsTheMail lets a second client mark everything as read, and move some
// mails away, while we fetch.
func TestPain04AnotherClientReadsTheMail(t *testing.T) {
	t.Parallel()
	r, d, c := mailDesk(t)
	const mails = 60
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		readEverything(t, d, stop)
	}()
	for i := range mails {
		from := fmt.Sprintf("reader%d@customer.example", i)
		d.Deliver(d.User, letter(from, fmt.Sprintf("Question %d", i), fmt.Sprintf("q%d@customer.example", i), fmt.Sprintf("My question has the number %d.", 500+i)))
		if i%10 == 9 {
			r.settled(i + 1)
		}
	}
	close(stop)
	<-stopped
	r.settled(mails)
	if got := len(r.tickets()); got != mails {
		t.Errorf("%d tickets, want %d", got, mails)
	}
	r.stop()
	again := start(t, c) // a start reconciles
	again.eventually(20*time.Second, func() string {
		if in := again.inbox("support"); in.SourceCount != mails || in.RecordedCount != mails {
			return fmt.Sprintf("the reconciliation shows %d at the source and %d here, want %d both times", in.SourceCount, in.RecordedCount, mails)
		}
		return ""
	})
}

// readEverything marks every mail as seen, again and again, as a busy mail program does.
func readEverything(t *testing.T, d *dovecot.Server, stop <-chan struct{}) {
	client := signedIn(t, d)
	defer client.Close()
	for {
		select {
		case <-stop:
			return
		default:
		}
		seen := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagSeen}, Silent: true}
		if err := client.Store(imap.SeqSet{{Start: 1, Stop: 0}}, seen, nil).Close(); err != nil {
			t.Errorf("the second client: %v", err)
			return
		}
		if err := client.Noop().Wait(); err != nil {
			t.Errorf("the second client: %v", err)
			return
		}
	}
}

func signedIn(t *testing.T, d *dovecot.Server) *imapclient.Client {
	client, err := imapclient.DialInsecure(d.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Login(d.User, d.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	return client
}

// TestPain16OldMailIsNoNews connects a mailbox with 5 000 old mails.
func TestPain16OldMailIsNoNews(t *testing.T) {
	t.Parallel()
	d := dovecot.Start(t)
	oldMail(d, 5000)
	r := start(t, mailConfig(t, imapInbox("support", "support@desk.example", d.Addr, d.User), ""))
	r.connected("support")
	d.Deliver(d.User, letter("new@customer.example", "A new question", "new@customer.example", "How do I change my phone number?"))
	r.settled(1)
	if got := r.messages(); len(got) != 1 || got[0].Subject != "A new question" {
		t.Errorf("%d messages, want the new one alone", len(got))
	}
	if acks := r.outbox("acknowledgement"); len(acks) != 1 || acks[0].State != "sent" {
		t.Errorf("acknowledgements = %+v, want one to the new mail", acks)
	}
}

// TestPain16OldMailTakenInOwesNothing takes the old mails in, by a since of two years ago.
func TestPain16OldMailTakenInOwesNothing(t *testing.T) {
	t.Parallel()
	d := dovecot.Start(t)
	const old = 500
	oldMail(d, old)
	since := time.Now().AddDate(-2, 0, 0).Format("2006-01-02")
	r := start(t, mailConfig(t, imapInbox("support", "support@desk.example", d.Addr, d.User, "imap since: "+since), ""))
	r.settled(old)
	if got := len(r.tickets()); got != old {
		t.Errorf("%d tickets, want %d", got, old)
	}
	for _, o := range r.outbox("") {
		if o.State != "withheld" || o.Cause != "history" {
			t.Fatalf("an effect of old mail: %+v", o)
		}
	}
	for _, p := range r.promises("") {
		if p.State != "void" {
			t.Fatalf("old mail is owed something: %+v", p)
		}
	}
	if got := len(r.sent()); got != 0 {
		t.Errorf("%d mails were sent, want none", got)
	}
}

func oldMail(d *dovecot.Server, n int) {
	for i := range n {
		from := fmt.Sprintf("old%d@customer.example", i)
		d.DeliverAt(d.User, letter(from, fmt.Sprintf("Old question %d", i), fmt.Sprintf("old%d@customer.example", i), fmt.Sprintf("An old question about order %d.", 9000+i)), time.Now().Add(-time.Duration(n-i)*3*time.Hour))
	}
}

// TestMeasuredSameMessageIDTwiceInOnePoll hands the same mail over twice in one batch.
func TestMeasuredSameMessageIDTwiceInOnePoll(t *testing.T) {
	t.Parallel()
	r, d, c := mailDesk(t)
	r.stop()
	for i := range 20 {
		from := fmt.Sprintf("twin%d@customer.example", i)
		raw := letter(from, fmt.Sprintf("Twin %d", i), fmt.Sprintf("twin%d@customer.example", i), fmt.Sprintf("This mail number %d was put down twice.", i))
		d.Deliver(d.User, raw)
		d.Deliver(d.User, raw)
	}
	again := start(t, c)
	again.settled(40)
	if got := len(again.tickets()); got != 20 {
		t.Errorf("%d tickets, want 20", got)
	}
	if got := len(again.outbox("acknowledgement")); got != 20 {
		t.Errorf("%d acknowledgements, want 20", got)
	}
	if got := len(again.messages("duplicate")); got != 20 {
		t.Errorf("%d duplicates are shown, want 20", got)
	}
}
