package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/cmd/frontdesk/service"
	"frontdesk/workers/engine"
)

// TestPain05StorageDoesNotGrow makes the database refuse one mail with a file at the last step, even
// as parked, and has it worked on 60 times while its mailbox is polled.
func TestPain05StorageDoesNotGrow(t *testing.T) {
	t.Parallel()
	d := dovecot.Start(t)
	c := mailConfig(t, imapInbox("support", "support@desk.example", d.Addr, d.User, "imap idle: 0s"), "")
	var work engine.Handler
	r := startWith(t, c, func(o *service.Options) {
		impatient(t, 10*time.Second)(o) // looks for mail every 50 ms
		o.Around = func(h engine.Handler) engine.Handler { work = h; return h }
	})
	r.connected("support")
	rewrite(t, c, `CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.id = 1 BEGIN SELECT RAISE(ABORT, 'the test refuses it'); END`)
	d.Deliver(d.User, arrived("li@customer.example", bigMail()))
	r.eventually(20*time.Second, func() string {
		if !strings.Contains(r.logs.String(), "the test refuses it") {
			return "the mail was not tried"
		}
		return ""
	})
	try := func() {
		work(t.Context(), engine.Work{Kind: engine.Process, IDs: []int64{1}})
	}
	for range 5 {
		try()
	}
	files, size := storage(t, c)
	before := rows(t, c)
	for range 60 {
		try()
	}
	time.Sleep(60 * 50 * time.Millisecond) // and 60 polls
	afterFiles, afterSize := storage(t, c)
	if afterFiles != files || afterSize != size {
		t.Errorf("%d files of %d bytes became %d of %d", files, size, afterFiles, afterSize)
	}
	for table, n := range rows(t, c) {
		if n != before[table] && table != "dead_letters" {
			t.Errorf("%s: %d rows became %d", table, before[table], n)
		}
	}
	// The others are not held up, and the fault over, the mail has one fate.
	d.Deliver(d.User, letter("wu@customer.example", "Beside it", "w@customer.example", "How do I pay by card?"))
	r.eventually(20*time.Second, func() string {
		for _, m := range r.messages() {
			if m.Subject == "Beside it" && m.State == "ticketed" {
				return ""
			}
		}
		return "the mail beside it is not ticketed"
	})
	rewrite(t, c, `DROP TRIGGER refuse`)
	try()
	r.settled(2)
	if got := len(r.messages()); got != 2 {
		t.Errorf("%d messages, want 2", got)
	}
}

// TestPain05RefusedAtTheDoorStorageDoesNotGrow makes the database refuse to record one large mail
// that a connector brings 60 times.
func TestPain05RefusedAtTheDoorStorageDoesNotGrow(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	rewrite(t, c, `CREATE TRIGGER refuse BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'the test refuses it'); END`)
	bring := func() error {
		return r.accept(channels.Delivery{Inbox: "support", Channel: "email", Key: "INBOX:1:1", At: time.Now(), Raw: arrived("li@customer.example", bigMail())})
	}
	if err := bring(); err == nil {
		t.Fatal("the refused mail was recorded")
	}
	files, size := storage(t, c)
	before := rows(t, c)
	for range 60 {
		if err := bring(); err == nil {
			t.Fatal("the refused mail was recorded")
		}
	}
	if afterFiles, afterSize := storage(t, c); afterFiles != files || afterSize != size {
		t.Errorf("%d files of %d bytes became %d of %d", files, size, afterFiles, afterSize)
	}
	for table, n := range rows(t, c) {
		if n != before[table] {
			t.Errorf("%s: %d rows became %d", table, before[table], n)
		}
	}
	rewrite(t, c, `DROP TRIGGER refuse`)
	if err := bring(); err != nil {
		t.Fatalf("after the fault: %v", err)
	}
	r.settled(1)
	if got := len(r.tickets()); got != 1 {
		t.Errorf("%d tickets, want 1", got)
	}
}

// bigMail has a body and a file large enough for the blob store.
func bigMail() string {
	return "From: li@customer.example\nTo: support@desk.example\nSubject: refused\nMessage-ID: <refused@customer.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nThis mail is refused.\n" +
		"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=big.pdf\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("JVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQKJVBERi0xLjQK\n", 6000) + "--b--\n"
}

// TestPain06CrashBetweenTicketAndServerFlag kills the process as it is about to mark the mail on its
// server.
func TestPain06CrashBetweenTicketAndServerFlag(t *testing.T) {
	t.Parallel()
	d := dovecot.Start(t)
	w := newBadWire(t, d.Addr)
	x := newRelay(t)
	c := mailConfig(t, imapInbox("support", "support@desk.example", w.addr, d.User, "imap post_action: seen", "relay: out"), relayLine("out", x.addr))
	first := start(t, c) // fixes the bookmark
	first.connected("support")
	first.stop()

	p := spawn(t, c)
	stored := make(chan struct{})
	var once sync.Once
	w.watch(func(said []byte) {
		if strings.Contains(strings.ToUpper(string(said)), " STORE ") {
			once.Do(func() {
				p.kill()
				close(stored)
			})
		}
	})
	d.Deliver(d.User, letter("li@customer.example", "Once only", "once@customer.example", "Please open one ticket for order 5501."))
	select {
	case <-stored:
	case <-time.After(30 * time.Second):
		t.Fatal("the process never came to mark the mail")
	}
	w.watch(nil)
	r := start(t, c)
	r.settled(1)
	if got := len(r.tickets()); got != 1 {
		t.Errorf("%d tickets, want 1", got)
	}
	if ids := distinct(x.list()); len(ids) != 1 {
		t.Errorf("acknowledgements %v, want one", ids)
	}
	for _, o := range r.outbox("mark") {
		if o.State != "sent" {
			t.Errorf("the mark is %+v, want it done", o)
		}
	}
	if got := strings.TrimSpace(d.Doveadm("search", "-u", d.User, "mailbox", "INBOX", "seen")); strings.Count(got, "\n") != 0 || got == "" {
		t.Errorf("marked on the server: %q, want one mail", got)
	}
}

// distinct counts mails by Message-ID.
func distinct(mails []relayed) map[string]int {
	out := map[string]int{}
	for _, m := range mails {
		out[m.ID]++
	}
	return out
}

// TestPain06CrashBetweenSendAndRecord kills the process as the relay has taken the acknowledgement and
// before its 250 is heard.
func TestPain06CrashBetweenSendAndRecord(t *testing.T) {
	t.Parallel()
	x := newRelay(t)
	c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"), relayLine("out", x.addr))
	p := spawn(t, c)
	dead := make(chan struct{})
	var once sync.Once
	x.when(func(relayed) {
		once.Do(func() {
			p.kill()
			close(dead)
		})
	})
	s := &sender{t: t, addr: p.smtp}
	if err := s.once("li@customer.example", human("li@customer.example", "Once only", "once@customer.example", "Please open one ticket for order 5502.")); err != nil {
		t.Fatalf("the door: %v", err)
	}
	select {
	case <-dead:
	case <-time.After(30 * time.Second):
		t.Fatal("the relay was never handed the acknowledgement")
	}
	r := start(t, c)
	r.settled(1)
	if got := len(r.tickets()); got != 1 {
		t.Errorf("%d tickets, want 1", got)
	}
	mails := x.list()
	if ids := distinct(mails); len(mails) != 2 || len(ids) != 1 || ids[""] != 0 {
		t.Errorf("%d acknowledgements under %v, want the repeat under the same Message-ID", len(mails), ids)
	}
	if acks := r.outbox("acknowledgement"); len(acks) != 1 || acks[0].State != "sent" {
		t.Errorf("acknowledgements = %+v", acks)
	}
}

// TestMeasuredKilledThreeTimesDuring600Mails kills the service with signal 9 three times while mail
// comes in.
func TestMeasuredKilledThreeTimesDuring600Mails(t *testing.T) {
	t.Parallel()
	const mails = 600
	x := newRelay(t)
	c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"), relayLine("out", x.addr))
	p := spawn(t, c)
	s := &sender{t: t, addr: p.smtp}
	var taken atomic.Int64
	step := make(chan struct{}, mails)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.flow(ctx, 8, crashMails(mails), func() { taken.Add(1); step <- struct{}{} })
	}()
	for kills := range 3 {
		for range 130 {
			<-step
		}
		s.to("")
		p.kill()
		p = spawn(t, c)
		s.to(p.smtp)
		t.Logf("kill %d after %d mails", kills+1, taken.Load())
	}
	select {
	case <-done:
	case <-ctx.Done():
		t.Fatalf("%d of %d mails were taken", taken.Load(), mails)
	}
	p.kill()
	r := start(t, c)
	r.settled(mails)
	balance(t, r, x, mails)
	t.Logf("%d attempts were repeated by the sender", s.repeats)
}

// TestMeasuredGracefulStopDuring400Mails stops the service as a deploy does while mail comes in.
func TestMeasuredGracefulStopDuring400Mails(t *testing.T) {
	t.Parallel()
	const mails = 400
	x := newRelay(t)
	c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"), relayLine("out", x.addr))
	p := spawn(t, c)
	s := &sender{t: t, addr: p.smtp}
	step := make(chan struct{}, mails)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.flow(ctx, 8, crashMails(mails), func() { step <- struct{}{} })
	}()
	for range 150 {
		<-step
	}
	begun := time.Now()
	p.terminate()
	stopped := time.Since(begun)
	r := start(t, c) // no mourning: a graceful stop leaves nothing claimed
	s.to(r.smtpAddr())
	<-done
	r.settled(mails)
	balance(t, r, x, mails)
	for id, n := range distinct(x.list()) {
		if n > 1 {
			t.Errorf("acknowledgement %s went out %d times", id, n)
		}
	}
	t.Logf("the stop took %s, the sender repeated %d attempts", stopped, s.repeats)
}

// balance looks for what is lost, double, unanswered or nowhere.
func balance(t *testing.T, r *rig, x *relayServer, mails int) {
	t.Helper()
	tickets := r.tickets()
	subjects := map[string]int{}
	for _, k := range tickets {
		subjects[k.Subject]++
		if k.Queue == "" || k.MessageCount != 1 {
			t.Errorf("ticket %+v is not routed, or a ghost", k)
		}
	}
	for i := range mails {
		if n := subjects[fmt.Sprintf("Order %d", i)]; n != 1 {
			t.Errorf("mail %d has %d tickets, want 1", i, n)
		}
	}
	if len(tickets) != mails {
		t.Errorf("%d tickets, want %d", len(tickets), mails)
	}
	ids, to := distinct(x.list()), map[string]map[string]bool{}
	repeats := 0
	for _, m := range x.list() {
		if to[m.To] == nil {
			to[m.To] = map[string]bool{}
		}
		to[m.To][m.ID] = true
	}
	for _, n := range ids {
		repeats += n - 1
	}
	for i := range mails {
		if n := len(to[crashSender(i)]); n != 1 {
			t.Errorf("%s got %d acknowledgements, want 1", crashSender(i), n)
		}
	}
	for _, o := range r.outbox("acknowledgement") {
		if o.State != "sent" {
			t.Errorf("acknowledgement %+v", o)
		}
	}
	t.Logf("%d tickets, %d acknowledgements, %d repeats under the same Message-ID", len(tickets), len(ids), repeats)
}
