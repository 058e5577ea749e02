package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

// TestWhatAMachineAnswersOpensNoTicketAgain: an absence notice and a reaction stay with the ticket that they answer,
// whether it is open, closed or closed for long, and under whatever subject.
func TestWhatAMachineAnswersOpensNoTicketAgain(t *testing.T) {
	auto := func(m message.Message) message.Message {
		m.Headers = append(m.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-replied"})
		return m
	}
	for _, c := range []struct {
		name, subject, text string
		change              func(message.Message) message.Message
		after               time.Duration
		closed, person      bool
	}{
		{"an absence notice", "Automatic reply: Payment failed", "I am away until Monday.", auto, time.Hour, true, false},
		{"an absence notice to an open ticket", "Automatic reply: Payment failed", "I am away until Monday.", auto, time.Hour, false, false},
		{"one after a month", "Automatic reply: Payment failed", "I am away until Monday.", auto, 30 * 24 * time.Hour, true, false},
		{"one under a new subject", "Gone fishing", "I am away until Monday.", auto, time.Hour, true, false},
		{"one without a header, by its heading", "自动回复：Payment failed", "我正在休假，下周一回来。", nil, time.Hour, true, false},
		{"one without a heading, minutes after the ticket", "Re: Payment failed", "Thank you for your message, Kim Li is on vacation and answers next week.", nil, 2 * time.Minute, true, false},
		{"a reaction", "Re: Payment failed", "👍", nil, time.Hour, true, false},
		{"Outlook's reaction", "Re: Payment failed", "Kim Li reacted to your message: 👍", nil, time.Hour, true, false},
		{"a person on vacation", "Re: Payment failed", "I am on vacation, and the payment is still missing.", nil, 2 * time.Minute, true, true},
		{"a person after an hour", "Re: Payment failed", "Thank you for your message. It is still missing.", nil, time.Hour, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
			first := batch(t, s, facts, ids, proven(mail(1, "support", "kim@firm.example", "Payment failed", "My payment of 200 USD failed.")))[0].Plan
			if c.closed {
				facts.Tickets[first.Ticket.ID].Status = tickets.Closed
			}
			m := proven(mail(2, "support", "kim@firm.example", c.subject, c.text))
			m.At = now.Add(c.after)
			m.InReplyTo = []string{thread.MessageID(s.MAC, "ack", first.Ticket.ID, "x", "desk.example")}
			if c.change != nil {
				m = c.change(m)
			}
			got := batch(t, s, facts, ids, m)[0].Plan
			if got.State != messages.Appended || got.Ticket.ID != first.Ticket.ID || got.Ticket.Reopen != c.person {
				t.Errorf("%s %s, ticket %d, opened again: %v; want it kept with ticket %d, opened again: %v", got.State, got.Cause, got.Ticket.ID, got.Ticket.Reopen, first.Ticket.ID, c.person)
			}
		})
	}
}

// TestABotIsNotAnswered: where the channel itself says that no person wrote a message, as Telegram does of a bot, it is set aside for a person to
// look at, stays with the ticket that it answers, and is never acknowledged.
func TestABotIsNotAnswered(t *testing.T) {
	t.Parallel()
	bot := func(id int64, text string) message.Message {
		a := message.Address{Kind: "telegram", Value: "555", Name: "ParcelBot"}
		return message.Message{ID: id, Inbox: "bot", Channel: "telegram", Key: fmt.Sprint("-1001:", id), At: now.Add(time.Duration(id) * time.Minute), From: a, Proven: true, Text: text, Thread: "-1001",
			Headers: message.Headers{{Name: "Auto-Submitted", Value: "auto-generated"}}}
	}
	for _, text := range []string{"Your parcel has arrived", "hello", "/start", "我的卡被盗刷了", "/stop"} {
		got := batch(t, settings(t), pipeline.NewFacts(), counter{}, bot(1, text))[0].Plan
		if got.State != messages.Parked || got.Cause != causes.Automated || len(got.Effects) != 0 {
			t.Errorf("%q is %s %s with %d effects", text, got.State, got.Cause, len(got.Effects))
		}
	}
}

// TestAMachinesAnswerThatMayNotJoinIsSetAside: it opens no ticket of its own.
func TestAMachinesAnswerThatMayNotJoinIsSetAside(t *testing.T) {
	s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
	first := batch(t, s, facts, ids, proven(mail(1, "support", "kim@firm.example", "Payment failed", "My payment of 200 USD failed.")))[0].Plan
	m := mail(2, "support", "kim@firm.example", "Automatic reply: Payment failed", "I am away.") // nothing proves the sender
	m.InReplyTo = []string{thread.MessageID(s.MAC, "ack", first.Ticket.ID, "x", "desk.example")}
	m.Headers = append(m.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-replied"})
	if got := batch(t, s, facts, ids, m)[0].Plan; got.State != messages.Parked || got.Cause != causes.Automated {
		t.Errorf("%s %s, want it set aside as automated", got.State, got.Cause)
	}
}

// TestAReportKillsAnAddressOnlyByItsCode, in eleven forms.
func TestAReportKillsAnAddressOnlyByItsCode(t *testing.T) {
	for _, c := range []struct {
		name   string
		report message.Report
		dead   bool
	}{
		{"no such user", message.Report{Status: "5.1.1"}, true},
		{"no such domain", message.Report{Status: "5.1.2"}, true},
		{"moved", message.Report{Status: "5.1.6"}, true},
		{"null MX", message.Report{Status: "5.1.10"}, true},
		{"disabled", message.Report{Status: "5.2.1"}, true},
		{"no code but the words", message.Report{Diagnostic: "550 no such user here"}, true},
		{"a general code and the words", message.Report{Status: "5.0.0", Diagnostic: "收件人不存在"}, true},
		{"full for now", message.Report{Status: "4.2.2"}, false},
		{"full for good", message.Report{Status: "5.2.2", Diagnostic: "552 mailbox full"}, false},
		{"time is over", message.Report{Status: "4.4.1"}, false},
		{"expired in the queue", message.Report{Status: "5.4.7"}, false},
		{"a quota of the sender's", message.Report{Status: "5.4.5", Diagnostic: "550 5.4.5 daily user sending quota exceeded"}, false},
		{"a policy", message.Report{Status: "5.7.1", Diagnostic: "550 5.7.1 user unknown to this policy"}, false},
		{"spam", message.Report{Status: "5.7.509"}, false},
		{"the sender's address", message.Report{Status: "5.1.8"}, false},
		{"too large", message.Report{Status: "5.3.4"}, false},
		{"nothing is known", message.Report{}, false},
		{"only delayed", message.Report{Action: "delayed", Status: "5.1.1"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mail(2, "support", "mailer-daemon@mx.example", "Undelivered Mail Returned to Sender", "")
			s := settings(t)
			s.BounceKey = func(a string) (string, bool) { return strings.CutPrefix(a, "support+signed-for-") }
			m.Envelope.MailFrom, m.Envelope.Recipients = "", []string{"support+signed-for-k"}
			c.report.Kind = message.DSN
			if c.report.Action == "" {
				c.report.Action = "failed"
			}
			m.Report = &c.report
			got := pipeline.Decide(pipeline.Read(m, s, now), pipeline.Known{Bounced: &pipeline.Effect{ID: 7, Key: "k"}}).Plan
			if got.State != messages.Suppressed || got.Cause != screen.SuppressBounce {
				t.Fatalf("%s %s, want a bounce of ours", got.State, got.Cause)
			}
			if dead := got.Bounce != nil && got.Bounce.Dead; dead != c.dead {
				t.Errorf("dead: %v, want %v", dead, c.dead)
			}
		})
	}
}

// TestAMailFromADeadAddressRevivesIt: who writes from it is acknowledged at once, and in the next message, too. What
// somebody only types revives nothing.
func TestAMailFromADeadAddressRevivesIt(t *testing.T) {
	s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
	kim := message.Identity{Kind: message.Email, Value: "kim@firm.example"}
	facts.Failed[kim] = true
	form := message.Message{ID: 1, Inbox: "support", Channel: "form", Key: "f", At: now, From: message.Address{Kind: message.Email, Value: kim.Value}, Subject: "Card", Text: "My card is lost."}
	got := batch(t, s, facts, ids, form)[0].Plan
	if len(got.Effects) != 1 || got.Effects[0].Cause != causes.AddressFailed || !got.Alive.IsZero() {
		t.Errorf("a form: %+v, alive %v; want it withheld", got.Effects, got.Alive)
	}
	got = batch(t, s, facts, ids, mail(2, "support", kim.Value, "Card", "My card is lost."))[0].Plan
	if len(got.Effects) != 1 || got.Effects[0].Cause != "" || !got.Alive.IsZero() || !facts.Failed[kim] {
		t.Errorf("a mail that nothing proves: %+v, alive %v; want it acknowledged, and the mark left", got.Effects, got.Alive)
	}
	got = batch(t, s, facts, ids, proven(mail(4, "support", kim.Value, "Card", "My card is lost again.")))[0].Plan
	if got.Alive != kim {
		t.Errorf("a proven mail: alive %v", got.Alive)
	}
	if facts.Failed[kim] {
		t.Error("the address is still dead for the next message of the batch")
	}
	known := pipeline.Known{To: &contacts.Identity{Identity: kim, Failed: true}, Imported: true}
	if c := pipeline.Decide(pipeline.Read(proven(mail(3, "support", kim.Value, "Card", "My card is lost.")), s, now), known); !c.Plan.Alive.IsZero() {
		t.Error("an imported mail revives an address")
	}
}

// TestWhateverComesFromADeadAddressRevivesIt: a stop, a word for which nobody opens a ticket, a machine's mail. STOP itself stays.
func TestWhateverComesFromADeadAddressRevivesIt(t *testing.T) {
	number := message.Identity{Kind: message.Phone, Value: "+8613800000001"}
	for _, tc := range []struct {
		name, text string
		m          func(*message.Message)
		alive      bool
	}{
		{"a question", "Where is my refund?", nil, true},
		{"STOP", "STOP", nil, true},
		{"START", "START", nil, true},
		{"HELP", "HELP", nil, true},
		{"a word without a ticket, again", "👍", nil, true},
		{"a sender whom nobody vouches for", "Where is my refund?", func(m *message.Message) { m.Proven = false }, false},
		{"an application's signed user, who did not write from it", "Where is my refund?", func(m *message.Message) { m.Channel = "api" }, false},
		{"a form", "Where is my refund?", func(m *message.Message) { m.Channel, m.Proven = "form", false }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			facts := pipeline.NewFacts()
			facts.Failed[number], facts.Stopped[number] = true, true
			m := sms(1, tc.text)
			m.From = message.Address{Kind: message.Phone, Value: number.Value}
			if tc.m != nil {
				tc.m(&m)
			}
			got := batch(t, settings(t), facts, counter{}, m)[0].Plan
			if !got.Alive.IsZero() != tc.alive || facts.Failed[number] == tc.alive {
				t.Errorf("alive %v, marked %v; want alive %v", got.Alive, facts.Failed[number], tc.alive)
			}
			if stopped := facts.Stopped[number]; stopped == (tc.text == "START") {
				t.Errorf("stopped: %v", stopped)
			}
		})
	}
}

// TestWhatAPersonHasLetInOpensATicket, though a machine wrote it; it is not answered, and a bounce of ours stays one.
func TestWhatAPersonHasLetInOpensATicket(t *testing.T) {
	s := settings(t)
	auto := mail(1, "support", "shop@partner.example", "Daily report", "12 orders failed.")
	auto.Headers = append(auto.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-generated"})
	bounce := mail(2, "support", "mailer-daemon@partner.example", "Undelivered Mail Returned to Sender", "550 5.1.1 user unknown")
	event := mail(3, "support", "no-reply@partner.example", "Event", `{"event":"bounced"}`)
	for _, m := range []message.Message{auto, bounce, event} {
		c := pipeline.Read(m, s, now)
		facts := pipeline.NewFacts()
		if got := pipeline.Decide(c, facts.For(m, c.Asks)).Plan; got.State != messages.Parked || !slices.Contains(causes.Learnable(), got.Cause) {
			t.Errorf("message %d: %s %s, want it set aside as a machine's", m.ID, got.State, got.Cause)
		}
		for _, e := range []pipeline.Exception{{Kind: pipeline.ExceptSender, Value: m.From.Value}, {Kind: pipeline.ExceptSubject, Value: c.Base}} {
			facts := pipeline.NewFacts()
			facts.Exceptions[e] = true
			got := pipeline.Decide(c, facts.For(m, c.Asks)).Plan
			if got.State != messages.Ticketed || len(got.Effects) != 1 || got.Effects[0].Cause == "" {
				t.Errorf("message %d with %v: %s %s, effects %+v; want a ticket without an answer", m.ID, e, got.State, got.Cause, got.Effects)
			}
		}
	}
	bounce.Envelope = message.Envelope{HasMailFrom: true}
	bounce.Report = &message.Report{Kind: message.DSN, Action: "failed", FinalRecipient: "kim@firm.example"}
	if got := pipeline.Decide(pipeline.Read(bounce, s, now), pipeline.Known{Excepted: true, Bounced: &pipeline.Effect{ID: 7, To: "kim@firm.example"}}).Plan; got.State != messages.Suppressed {
		t.Errorf("a bounce of ours: %s %s", got.State, got.Cause)
	}
}

// TestWhomAPersonHasBlockedIsSetAside whatever he writes, until a person lets the message out; nothing is answered and nothing is lost.
func TestWhomAPersonHasBlockedIsSetAside(t *testing.T) {
	s := settings(t)
	m := mail(1, "support", "pest@firm.example", "My refund", "Where is my refund?")
	other := mail(2, "support", "lee@firm.example", "My refund", "Where is my refund?")
	decide := func(m message.Message, released bool) pipeline.Plan {
		c, facts := pipeline.Read(m, s, now), pipeline.NewFacts()
		facts.Blocked[message.Identity{Kind: message.Email, Value: "pest@firm.example"}] = true
		facts.Released[m.ID] = released
		return pipeline.Decide(c, facts.For(m, c.Asks)).Plan
	}
	if got := decide(m, false); got.State != messages.Parked || got.Cause != causes.BlockedSender || slices.ContainsFunc(got.Effects, func(e effects.Plan) bool { return e.Cause == "" }) {
		t.Errorf("his: %s %s, effects %+v", got.State, got.Cause, got.Effects)
	}
	if got := decide(m, true); got.State != messages.Ticketed {
		t.Errorf("his that was let out: %s %s", got.State, got.Cause)
	}
	if got := decide(other, false); got.State != messages.Ticketed {
		t.Errorf("another one's: %s %s", got.State, got.Cause)
	}
}

// TestABounceThatAPersonPassesOnSettlesNothing though it names a mail of ours.
func TestABounceThatAPersonPassesOnSettlesNothing(t *testing.T) {
	m := mail(2, "support", "anna@customer.example", "Fwd: Undelivered Mail", "Your mail to my colleague came back to me. What did it say?")
	m.Report = &message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1", OriginalMessageID: "ack@desk.example"}
	got := pipeline.Decide(pipeline.Read(m, settings(t), now), pipeline.Known{Bounced: &pipeline.Effect{ID: 7}}).Plan
	if got.State != messages.Ticketed || got.Bounce != nil {
		t.Errorf("%s %s, bounce %+v; want a ticket and nothing else", got.State, got.Cause, got.Bounce)
	}
}

// TestAnAutoresponderAnswersTheEnvelope: what comes with the null sender to the signed address of our envelope is a
// program's, with a header that says so or without; it stays with the ticket. A person who writes there is heard.
func TestAnAutoresponderAnswersTheEnvelope(t *testing.T) {
	const verp = "support+signed@desk.example"
	for _, c := range []struct {
		name, envelope, subject, text, header string
		reopen                                bool
	}{
		{"with a header", "", "Automatic reply: Payment failed", "I am away until Monday.", "auto-replied", false},
		{"without one", "", "Re: Payment failed", "The office is shut, call 555 123.", "", false},
		{"under a new subject", "", "Thank you for your mail", "We come back to you.", "", false},
		{"a person", "kim@firm.example", "Re: Payment failed", "It is still missing.", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
			s.BounceKey = func(a string) (string, bool) { return "acknowledgement:1", a == verp }
			first := batch(t, s, facts, ids, proven(mail(1, "support", "kim@firm.example", "Payment failed", "My payment of 200 USD failed.")))[0].Plan
			facts.Tickets[first.Ticket.ID].Status = tickets.Closed
			facts.Effects[pipeline.BouncedBy{Key: "acknowledgement:1"}] = pipeline.Effect{ID: 7, Ticket: first.Ticket.ID}
			m := proven(mail(2, "support", "kim@firm.example", c.subject, c.text))
			m.At = now.Add(time.Hour)
			m.Envelope.MailFrom, m.Envelope.Recipients = c.envelope, []string{verp}
			m.InReplyTo = []string{thread.MessageID(s.MAC, "ack", first.Ticket.ID, "x", "desk.example")}
			if c.header != "" {
				m.Headers = append(m.Headers, message.Header{Name: "Auto-Submitted", Value: c.header})
			}
			got := batch(t, s, facts, ids, m)[0].Plan
			if got.State != messages.Appended || got.Ticket.ID != first.Ticket.ID || got.Ticket.Reopen != c.reopen || got.Bounce != nil {
				t.Errorf("%s %s, ticket %d, opened again %v, bounce %v", got.State, got.Cause, got.Ticket.ID, got.Ticket.Reopen, got.Bounce)
			}
		})
	}
}
