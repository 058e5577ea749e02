package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/configs/rules"
	"frontdesk/configs/values"
)

// TestMeasuredNoRobotIsAcknowledged sends what must never be answered, by the door and with the
// envelope that each has, and a person's mail beside it.
func TestMeasuredNoRobotIsAcknowledged(t *testing.T) {
	t.Parallel()
	bounce := "From: MAILER-DAEMON@mx.customer.example\nTo: support@desk.example\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <b@mx.customer.example>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nYour mail could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.customer.example\n\nFinal-Recipient: rfc822; gone@customer.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
	robots := []struct{ name, envelope, raw string }{
		{"a bounce", "", bounce},
		{"a bounce without the null sender", "mailer-daemon@mx.customer.example", strings.Replace(bounce, "<b@", "<b2@", 1)},
		{"list mail", "list-bounces@lists.example", human("fan@customer.example", "[shop] New prices", "l@lists.example", "What do you think of the new prices?", "List-Id: <shop.lists.example>", "List-Post: <mailto:shop@lists.example>")},
		{"Precedence: bulk", "news@shop.example", human("news@shop.example", "Our news", "n@shop.example", "We have news for you.", "Precedence: bulk")},
		{"our own address", "support@desk.example", human("support@desk.example", "A note to ourselves", "o@desk.example", "This comes from ourselves.")},
		{"our own address with another envelope", "someone@customer.example", human("Support@Desk.example", "Another note", "o2@desk.example", "This comes from ourselves, too.")},
		{"Auto-Submitted", "monitor@ops.example", human("monitor@ops.example", "Disk full", "a@ops.example", "The disk is full.", "Auto-Submitted: auto-generated")},
		{"a no-reply address", "no-reply@bank.example", human("no-reply@bank.example", "Your statement", "s@bank.example", "Your statement is ready.")},
		{"a null sender", "", human("someone@customer.example", "Read this", "null@customer.example", "Sent with a null sender.")},
	}
	r := start(t, testConfig(t))
	for _, m := range robots {
		if err := r.mail(m.envelope, []string{"support@desk.example"}, m.raw); err != nil {
			t.Errorf("%s: refused at the door: %v", m.name, err)
		}
	}
	r.mustMail("person@customer.example", human("person@customer.example", "My refund", "p@customer.example", "Where is my refund for order 778899?"))
	r.settled(len(robots) + 1)
	for _, o := range r.outbox("acknowledgement") {
		if o.State != "withheld" && o.To != "person@customer.example" || o.State == "withheld" && o.Cause == "" {
			t.Errorf("an effect that should not be: %+v", o)
		}
	}
	mails := r.sent()
	if len(mails) != 1 || headerOf(mails[0], "To") == "" || !strings.Contains(headerOf(mails[0], "To"), "person@customer.example") {
		t.Errorf("%d mails went out, want one to the person", len(mails))
	}
	if got := len(r.messages()); got != len(robots)+1 {
		t.Errorf("%d messages are here, want every one of %d", got, len(robots)+1)
	}
}

// TestMeasuredOutOfOfficeResponderGetsTwoMailsAtMost lets a responder that sets no header answer
// each mail of ours, ten rounds long: under one address, under changing addresses, with the words of
// an absence note and with the words of another desk.
func TestMeasuredOutOfOfficeResponderGetsTwoMailsAtMost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, subject, body string
		from                func(round int) string
		reply               bool // it answers under the subject, and to the address, of our mail
	}{
		{"an absence note from one address", "Out of office", "I am out of the office until Monday and will answer then.", always("wu@customer.example"), true},
		{"an absence note in other words", "Abwesend", "Ich bin bis Montag nicht erreichbar.", always("wu@customer.example"), true},
		{"an absence note that starts a thread of its own", "我在休假", "您好，我正在休假，周一回来后回复您。", always("wu@customer.example"), false},
		{"another desk whose sender changes each time", "Ticket %d received", "Thank you for contacting us. Your ticket number is %d. We will answer soon.", changing("case%d@desk.customer.example"), false},
		{"another desk that answers in the thread", "Re: your mail", "We have received your mail under the number %d.", changing("case%d@desk.customer.example"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, testConfig(t))
			r.mustMail(c.from(0), human(c.from(0), "My order", "first@customer.example", "Where is my order? It should have come on Friday."))
			r.settledIn(1)
			answered, rounds := 0, 0
			for rounds < 10 {
				mails := r.sent()
				if len(mails) == answered {
					break
				}
				slices.SortFunc(mails, func(a, b string) int { return 0 })
				for range len(mails) - answered {
					rounds++
					r.respond(c.from(rounds), c.subject, c.body, rounds, mails, c.reply)
				}
				answered = len(mails)
				r.settledIn(rounds + 1)
			}
			if got := len(r.sent()); got > 2 {
				t.Errorf("%d mails of ours in the loop, want 2 at most", got)
			}
		})
	}
}

func always(address string) func(int) string { return func(int) string { return address } }

func changing(pattern string) func(int) string {
	return func(round int) string { return fmt.Sprintf(pattern, round) }
}

// respond answers the latest mail of ours as a responder without manners does.
func (r *rig) respond(from, subject, body string, round int, mails []string, inThread bool) {
	r.t.Helper()
	if strings.Contains(subject, "%d") {
		subject = fmt.Sprintf(subject, 4000+round)
	}
	if strings.Contains(body, "%d") {
		body = fmt.Sprintf(body, 4000+round)
	}
	to, headers := "support@desk.example", []string(nil)
	if inThread {
		ours := mails[0]
		if reply := headerOf(ours, "Reply-To"); reply != "" {
			to = strings.Trim(reply[strings.LastIndexByte(reply, '<')+1:], "<> ")
		}
		headers = []string{"In-Reply-To: " + headerOf(ours, "Message-ID"), "References: " + headerOf(ours, "Message-ID")}
	}
	raw := strings.Replace(human(from, subject, fmt.Sprintf("robot%d@customer.example", round), body, headers...), "To: support@desk.example", "To: "+to, 1)
	if err := r.mail(from, []string{to}, raw); err != nil {
		r.t.Fatalf("the responder's mail was refused at the door: %v", err)
	}
}

// TestMeasuredForeignSenderDoesNotJoin lets a stranger name another customer's mail, our answer to
// it, its signed reply address and its subject.
func TestMeasuredForeignSenderDoesNotJoin(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	r.mustMail("anna@customer.example", human("anna@customer.example", "My refund", "anna@customer.example", "Where is my refund for order 112233?"))
	r.settled(1)
	hers := r.tickets()[0]
	ack := r.sent()[0]
	reply := headerOf(ack, "Reply-To")
	reply = strings.Trim(reply[strings.LastIndexByte(reply, '<')+1:], "<> ")
	for i, m := range []struct{ headers, to, subject string }{
		{"In-Reply-To: <anna@customer.example>", "support@desk.example", "Re: My refund"},
		{"In-Reply-To: " + headerOf(ack, "Message-ID"), "support@desk.example", "Re: My refund"},
		{"X-None: 1", reply, "Re: My refund"},
		{"X-None: 1", "support@desk.example", headerOf(ack, "Subject")},
	} {
		from := fmt.Sprintf("mallory%d@evil.example", i)
		raw := human(from, m.subject, fmt.Sprintf("m%d@evil.example", i), "Please tell me all about this case.", m.headers)
		if err := r.mail(from, []string{m.to}, raw); err != nil {
			t.Fatalf("case %d: refused at the door: %v", i, err)
		}
	}
	r.settled(5)
	for _, m := range r.messages() {
		switch {
		case m.From == "anna@customer.example":
		case m.Ticket == hers.ID:
			t.Errorf("%s joined the ticket of another customer", m.From)
		case m.State == "parked" && m.Cause == "unauthenticated-reply", m.State == "ticketed":
		default:
			t.Errorf("%s: %s %s, want it parked or a ticket of its own", m.From, m.State, m.Cause)
		}
	}
	for _, k := range r.tickets() {
		if k.ID == hers.ID && k.MessageCount != 1 {
			t.Errorf("her ticket has %d messages, want 1", k.MessageCount)
		}
	}
}

// TestMeasuredRelayRestartedIsTriedAgain takes the relay away as the mail comes.
func TestMeasuredRelayRestartedIsTriedAgain(t *testing.T) {
	t.Parallel()
	x := newRelay(t)
	c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"), relayLine("out", x.addr))
	r := start(t, c)
	r.mustMail("one@customer.example", human("one@customer.example", "First", "1@customer.example", "My first question about order 1001."))
	r.settled(1)
	x.stop()
	r.mustMail("two@customer.example", human("two@customer.example", "Second", "2@customer.example", "My second question about order 1002."))
	r.eventually(20*time.Second, func() string {
		for _, o := range r.outbox("acknowledgement") {
			if o.To == "two@customer.example" && o.State == "due" && o.Attempts > 0 && o.LastError != "" {
				return ""
			}
		}
		return "no acknowledgement waits for the relay"
	})
	x.back()
	if next := lookUp(t, c, `SELECT next_at / 1000000 FROM outbox WHERE state = 'due'`); next <= fmt.Sprint(time.Now().Unix()) {
		t.Errorf("the next attempt is due at %s, want it after a pause", next)
	}
	hasten(t, c)
	r.eventually(40*time.Second, func() string {
		for _, o := range r.outbox("acknowledgement") {
			if o.State != "sent" {
				return fmt.Sprintf("%+v", o)
			}
		}
		return ""
	})
	var to []string
	for _, m := range x.list() {
		to = append(to, m.To)
	}
	if !slices.Equal(to, []string{"one@customer.example", "two@customer.example"}) {
		t.Errorf("the relay took mail for %v, want one for each", to)
	}
	for _, p := range r.promises("acknowledgement") {
		if p.State != "kept" {
			t.Errorf("promise %+v, want it kept", p)
		}
	}
}

// TestABounceThatOvertakesItsSendIsKnown: the bounce is there before the relay has said that it took the
// mail, as after a crash between that word and its record.
func TestABounceThatOvertakesItsSendIsKnown(t *testing.T) {
	t.Parallel()
	x := newRelay(t)
	c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: out"), relayLine("out", x.addr))
	r := start(t, c)
	x.when(func(m relayed) {
		bounce := "From: MAILER-DAEMON@mx.customer.example\nTo: support@desk.example\nSubject: Undelivered\nMessage-ID: <b@mx.customer.example>\n" +
			"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nIt could not be delivered.\n" +
			"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.customer.example\n\nFinal-Recipient: rfc822; gone@customer.example\nAction: failed\nStatus: 5.1.1\n\n" +
			"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: " + m.ID + "\nSubject: x\n\n--b--\n"
		if err := r.mail("", []string{"support@desk.example"}, bounce); err != nil {
			t.Error(err)
			return
		}
		r.eventually(20*time.Second, func() string {
			if lookUp(t, c, `SELECT count(*) FROM messages`) != "2" {
				return "the bounce is not decided"
			}
			return ""
		})
	})
	r.mustMail("gone@customer.example", human("gone@customer.example", "First", "1@customer.example", "My first question about order 1001."))
	r.settled(2)
	for _, m := range r.messages() {
		if m.From != "gone@customer.example" && (m.State != "suppressed" || m.Cause != "bounce") {
			t.Errorf("the bounce is %s %s", m.State, m.Cause)
		}
	}
	acks, promises := r.outbox("acknowledgement"), r.promises("acknowledgement")
	if len(acks) != 1 || acks[0].State != "failed" || acks[0].Cause != "bounced" || len(promises) != 1 || promises[0].State != "kept" || len(x.list()) != 1 {
		t.Errorf("%d mails, acknowledgements %+v, promises %+v", len(x.list()), acks, promises)
	}
}

// TestPain21OneMailToSeveralOfOurAddresses sends one mail to two of ours, on To and Cc, blind, through
// a list, and to ourselves: one ticket each, and every queue knows.
func TestPain21OneMailToSeveralOfOurAddresses(t *testing.T) {
	t.Parallel()
	c := mailConfig(t, doorInbox("support", "support@desk.example")+doorInbox("billing", "billing@desk.example"), "")
	c.Routing = []rules.Route{
		{Match: rules.Match{Inbox: values.OneOrMore{"support"}}, Queue: "general"},
		{Match: rules.Match{Inbox: values.OneOrMore{"billing"}}, Queue: "payments"},
	}
	both := []string{"support@desk.example", "billing@desk.example"}
	copies := func(name, to, cc string, headers ...string) string {
		raw := human(name+"@customer.example", "From "+name, name+"@customer.example", "This is what "+name+" wants to know: where is order 4711?", headers...)
		if cc != "" {
			to += "\nCc: " + cc
		}
		return strings.Replace(raw, "To: support@desk.example", "To: "+to, 1)
	}
	r := start(t, c)
	// one transaction for both, as a server that hands over to both at once
	r.mustMail("one@customer.example", copies("one", "support@desk.example", "billing@desk.example"), both...)
	// a transaction for each, with the trace of its own way on top
	for i, to := range both {
		r.mustMail("two@customer.example", fmt.Sprintf("Received: from mx%d.customer.example\n", i)+copies("two", "support@desk.example", "billing@desk.example"), to)
	}
	// blind copies: neither address stands in the header
	r.mustMail("three@customer.example", copies("three", "friend@customer.example", ""), both...)
	// a distribution list
	for i, to := range both {
		r.mustMail("all-bounces@lists.example", fmt.Sprintf("Received: from list%d.lists.example\n", i)+copies("four", "all@lists.example", "", "List-Id: <all.lists.example>"), to)
	}
	r.settled(8)
	tickets := r.tickets()
	bySubject := map[string]int{}
	for _, k := range tickets {
		bySubject[k.Subject]++
		if k.MessageCount != 1 {
			t.Errorf("ticket %q has %d messages, want 1", k.Subject, k.MessageCount)
		}
		queues := append([]string{k.Queue}, k.Informed...)
		slices.Sort(queues)
		if !slices.Equal(queues, []string{"general", "payments"}) {
			t.Errorf("ticket %q is known to %v, want both queues", k.Subject, queues)
		}
	}
	for _, name := range []string{"one", "two", "three", "four"} {
		if got := bySubject["From "+name]; got != 1 {
			t.Errorf("%d tickets from %s, want 1", got, name)
		}
	}
	acks := map[string]int{}
	for _, m := range r.sent() {
		acks[headerOf(m, "To")]++
	}
	for _, name := range []string{"one", "two"} {
		if got := acks["<"+name+"@customer.example>"] + acks[name+"@customer.example"]; got != 1 {
			t.Errorf("%d acknowledgements to %s, want 1", got, name)
		}
	}

	// one of ours writes to the other, and to itself
	self := human("billing@desk.example", "To ourselves", "self@desk.example", "A note from billing to support.")
	r.mustMail("billing@desk.example", self, both...)
	r.settled(10)
	if got := len(r.tickets()); got != len(tickets) {
		t.Errorf("%d tickets, want no more than the %d: our own mail opens none by itself", got, len(tickets))
	}
	if got := len(r.messages("parked")); got == 0 {
		t.Error("our own mail is not shown as parked")
	}
}
