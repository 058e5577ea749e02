package pipeline_test

import (
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/pipeline/thread"
)

// TestWhoTakesATicketOverTakesNobodyElseAlong: somebody has written in another's name and put himself on
// Cc. Whoever proves the address and answers has taken nobody in.
func TestWhoTakesATicketOverTakesNobodyElseAlong(t *testing.T) {
	const victim, attacker = "li@customer.example", "eve@evil.example"
	forged := mail(1, "support", victim, "Card lost", "I have lost my card.")
	forged.Cc = []message.Address{address(message.Email, attacker)}
	answer := proven(mail(2, "support", victim, "Re: Card lost "+thread.SubjectToken(mac, 1), "Yes, but it was me who lost it."))
	for _, c := range []struct {
		name   string
		change func(*message.Message)
	}{
		{"by a reference to the forged mail", func(m *message.Message) { m.InReplyTo = []string{forged.MessageID} }},
		{"by a token that was seen", func(m *message.Message) { m.Subject += " " + thread.SubjectToken(mac, 1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			intruder := proven(mail(3, "support", attacker, "Re: Card lost", "Send the new card to me."))
			c.change(&intruder)
			got := batch(t, settings(t), pipeline.NewFacts(), counter{}, forged, answer, intruder)
			if !got[1].Plan.Ticket.Adopt || got[1].Plan.Ticket.ID != got[0].Plan.Ticket.ID {
				t.Fatalf("the owner did not take the ticket over: %+v", got[1].Plan.Ticket)
			}
			if got[2].Plan.Ticket.ID == got[0].Plan.Ticket.ID {
				t.Errorf("the stranger's words are in the owner's ticket: %s, %s", got[2].Plan.State, got[2].Thread.Reason)
			}
		})
	}
}

// TestACopyThatProvesNothingDoesNotSilenceTheOwner: somebody has seen a mail, on Cc say, and hands it in
// before it comes from its owner.
func TestACopyThatProvesNothingDoesNotSilenceTheOwner(t *testing.T) {
	owner := proven(mail(2, "support", "li@customer.example", "Card lost", "I have lost my card."))
	for _, c := range []struct {
		name   string
		change func(*message.Message)
	}{
		{"a copy whose acknowledgement goes elsewhere", func(m *message.Message) { m.Envelope.MailFrom = "eve@evil.example" }},
		{"a copy that is set aside", func(m *message.Message) {
			m.Headers = append(m.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-generated"})
		}},
		{"a copy to another inbox", func(m *message.Message) { m.Inbox, m.Envelope.MailFrom = "billing", "eve@evil.example" }},
		{"a copy without a Message-ID", func(m *message.Message) { m.MessageID, m.Envelope.MailFrom = "", "eve@evil.example" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			genuine, again := owner, owner
			first, late := owner, owner
			first.ID, first.Proven, first.Key = 1, false, "k1"
			c.change(&first)
			genuine.MessageID = first.MessageID
			again.ID, again.Key, again.MessageID = 3, "k3", first.MessageID
			late.ID, late.Proven, late.Key, late.MessageID = 4, false, "k4", first.MessageID
			got := batch(t, settings(t), pipeline.NewFacts(), counter{}, first, genuine, again, late)
			p := got[1].Plan
			if p.State != messages.Ticketed || len(p.Effects) == 0 || p.Effects[0].Cause != "" || p.Effects[0].To.Value != owner.From.Value {
				t.Errorf("the owner's mail: %s, effects %+v", p.State, p.Effects)
			}
			if p.Ticket.Open.Follows != got[0].Plan.Ticket.ID {
				t.Errorf("the owner's ticket follows %d, want %d", p.Ticket.Open.Follows, got[0].Plan.Ticket.ID)
			}
			if got[2].Plan.State != messages.Duplicate || got[2].Plan.Duplicate != 2 {
				t.Errorf("the owner's mail once more: %s of %d", got[2].Plan.State, got[2].Plan.Duplicate)
			}
			if got[3].Plan.State != messages.Duplicate {
				t.Errorf("the stranger's copy once more: %s", got[3].Plan.State)
			}
		})
	}
}

// TestACopyOfWhichTheOwnerWasToldIsFolded: of his own mail by two ways, one of which proves nothing, there is one ticket.
func TestACopyOfWhichTheOwnerWasToldIsFolded(t *testing.T) {
	owner := proven(mail(2, "support", "li@customer.example", "Card lost", "I have lost my card."))
	first := owner
	first.ID, first.Proven, first.Key, first.Inbox = 1, false, "k1", "billing"
	got := batch(t, settings(t), pipeline.NewFacts(), counter{}, first, owner)
	if e := got[0].Plan.Effects; len(e) == 0 || e[0].To.Value != owner.From.Value {
		t.Fatalf("effects %+v", e)
	}
	if got[1].Plan.State != messages.Duplicate {
		t.Errorf("state %s", got[1].Plan.State)
	}
}

// TestATicketThatWaitsForItsOwnersWordsDoesNotGetThem: somebody who knows a Message-ID of the owner's opens a
// ticket under it in his name, so that what the owner writes next in that conversation goes there.
func TestATicketThatWaitsForItsOwnersWordsDoesNotGetThem(t *testing.T) {
	const owner = "li@customer.example"
	trap := mail(1, "support", owner, "Card lost", "Please close my account.")
	trap.Envelope.MailFrom = "eve@evil.example"
	next := proven(mail(2, "support", owner, "Re: Card lost", "I have lost my card, says the list to write to you."))
	next.InReplyTo, next.References = []string{trap.MessageID}, []string{trap.MessageID}
	more := proven(mail(3, "support", owner, "Re: Card lost", "It was yesterday."))
	more.References = next.References
	answer := proven(mail(4, "support", owner, "Re: Card lost "+thread.SubjectToken(mac, 1), "What is this?"))
	got := batch(t, settings(t), pipeline.NewFacts(), counter{}, trap, next, more, answer)
	p := got[1].Plan
	if p.State != messages.Ticketed || p.Ticket.Open.Follows != got[0].Plan.Ticket.ID || len(p.Effects) == 0 || p.Effects[0].Cause != "" {
		t.Errorf("the owner's words: %s, ticket %+v, effects %+v: %s", p.State, p.Ticket, p.Effects, got[1].Thread.Reason)
	}
	if m := got[2].Plan; m.State != messages.Appended || m.Ticket.ID != p.Ticket.ID {
		t.Errorf("what he wrote then: %s, ticket %d, want %d", m.State, m.Ticket.ID, p.Ticket.ID)
	}
	if a := got[3].Plan; a.Ticket.ID != got[0].Plan.Ticket.ID || !a.Ticket.Adopt {
		t.Errorf("with a reference of ours he does not take it over: %+v", a.Ticket)
	}
}

// TestAConversationStaysWithWhoProvedHimself: whoever holds a token of the application can name any conversation and
// any address. What the proven person writes next in his conversation goes to his own ticket.
func TestAConversationStaysWithWhoProvedHimself(t *testing.T) {
	api := func(id int64, from string, ok bool, text string) message.Message {
		m := mail(id, "app", from, "", text)
		m.Channel, m.Thread, m.MessageID, m.Proven = "api", "order-4711", "", ok
		return m
	}
	for _, c := range []struct{ name, from string }{
		{"in the person's name", "li@customer.example"},
		{"in a name of his own", "eve@evil.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := pipelinetest.Settings(t, pipeline.Inbox{Name: "app", Channel: "api"}, pipeline.Inbox{Name: "support", Channel: "email", Address: "support@desk.example"})
			got := batch(t, s, pipeline.NewFacts(), counter{}, api(1, "li@customer.example", true, "I have lost my card."),
				api(2, c.from, false, "Please close my account."), api(3, "li@customer.example", true, "It was yesterday."))
			if got[1].Plan.State != messages.Ticketed || got[1].Plan.Ticket.ID == got[0].Plan.Ticket.ID {
				t.Errorf("the stranger's words: %s, ticket %d", got[1].Plan.State, got[1].Plan.Ticket.ID)
			}
			if p := got[2].Plan; p.State != messages.Appended || p.Ticket.ID != got[0].Plan.Ticket.ID {
				t.Errorf("the person's words: %s, ticket %d, want %d: %s", p.State, p.Ticket.ID, got[0].Plan.Ticket.ID, got[2].Thread.Reason)
			}
		})
	}
}

// TestACopyInAnotherPersonsTicketDoesNotSilenceTheOwner: somebody has put the victim on Cc of a ticket of his own, so that
// a mail in the victim's name joins it, and hands in a copy of the victim's mail there, before the victim's comes.
func TestACopyInAnotherPersonsTicketDoesNotSilenceTheOwner(t *testing.T) {
	const victim = "li@customer.example"
	owner := note(3, victim, "Card lost", vouched)
	for _, tc := range []struct {
		name string
		trap message.Message
		copy []change
	}{
		{"in a proven person's ticket, by our signed address", note(1, mal, "Card lost", copied(victim), vouched), []change{toToken}},
		{"in a proven person's ticket, by our Message-ID", note(1, mal, "Card lost", copied(victim), vouched), []change{answers(ackID)}},
		{"in a claimed ticket, by its Message-ID", note(1, mal, "Card lost", copied(victim)), []change{answers(customer)}},
		{"in a claimed ticket in the victim's name", note(1, victim, "Card lost"), []change{answers(customer)}},
		{"altered on the way", note(1, mal, "Card lost", copied(victim), vouched), []change{toToken, func(m *message.Message) { m.Text += "\n\nA footer of some list." }}},
		{"with a file less", note(1, mal, "Card lost", copied(victim)), []change{answers(customer), func(m *message.Message) { m.Text = m.Text[:len(m.Text)-6] }}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			stolen := owner
			stolen.ID, stolen.Key, stolen.Proven = 2, "k2", false
			for _, c := range tc.copy {
				c(&stolen)
			}
			got := batch(t, settings(t), pipeline.NewFacts(), counter{}, tc.trap, stolen, owner)
			if p := got[1].Plan; p.State != messages.Appended || p.Ticket.ID != 1 {
				t.Fatalf("the copy is not in the trap: %s, ticket %d: %s", p.State, p.Ticket.ID, got[1].Thread.Reason)
			}
			p := got[2].Plan
			if p.State != messages.Ticketed || p.Ticket.ID == 1 || len(p.Effects) == 0 || p.Effects[0].Cause != "" || p.Effects[0].To.Value != victim {
				t.Errorf("the owner's mail: %s, ticket %d, effects %+v: %s, %s", p.State, p.Ticket.ID, p.Effects, got[2].Copy.Reason, got[2].Thread.Reason)
			}
		})
	}
}

// TestAMessageIDThatSomebodyElseTookLeadsItsWriterToHisOwnTicket: a Message-ID is known to all who were written to.
// Somebody who bears it first, with its writer on Cc, does not get what the writer says next.
func TestAMessageIDThatSomebodyElseTookLeadsItsWriterToHisOwnTicket(t *testing.T) {
	const victim = "li@customer.example"
	for _, tc := range []struct {
		name string
		trap message.Message
		box  string // from which the victim goes on
		own  []change
	}{
		{"a proven person's ticket", note(1, mal, "Card lost", copied(victim), vouched), victim, []change{vouched}},
		{"a claimed ticket", note(1, mal, "Card lost", copied(victim)), victim, []change{vouched}},
		{"a claimed ticket, and nothing proves the victim", note(1, mal, "Card lost", copied(victim)), victim, nil},
		{"under another spelling of his mailbox", note(1, mal, "Card lost", copied(victim), vouched), "li+work@customer.example", []change{vouched}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			first := note(2, victim, "Card lost", tc.own...)
			first.MessageID = tc.trap.MessageID
			next := note(3, tc.box, "Re: Card lost", append(tc.own, answers(first.MessageID))...)
			got := batch(t, settings(t), pipeline.NewFacts(), counter{}, tc.trap, first, next)
			if p := got[1].Plan; p.State != messages.Ticketed || p.Ticket.ID != 2 {
				t.Fatalf("the victim's mail: %s, ticket %d", p.State, p.Ticket.ID)
			}
			if p := got[2].Plan; p.State != messages.Appended || p.Ticket.ID != 2 {
				t.Errorf("what he wrote then: %s, ticket %d: %s", p.State, p.Ticket.ID, got[2].Thread.Reason)
			}
		})
	}
}

// TestWhoWasPutOnCcIsAnsweredOnHisOwn: somebody proven puts a person on Cc of his ticket. What that person writes, unless he
// answers that very mail under its subject, has a ticket and an acknowledgement of its own, and goes to nobody but him.
func TestWhoWasPutOnCcIsAnsweredOnHisOwn(t *testing.T) {
	const victim = "li@customer.example"
	trap := note(1, mal, "Refund", copied(victim, "kim@firm.example"), vouched)
	for _, tc := range []struct {
		name string
		mail message.Message
		want string
	}{
		{"a mail of his own", note(2, victim, "Card lost", vouched), "ticketed 2"},
		{"nothing proves it", note(2, victim, "Card lost"), "ticketed 2"},
		{"under the very subject", note(2, victim, "Refund", vouched), "ticketed 2"},
		{"as an answer that lost its headers", note(2, victim, "Re: Refund", vouched), "ticketed 2"},
		{"with the trap among what it answers, under a subject of its own", note(2, victim, "Card lost", answers(customer), vouched), "ticketed 2 follows 1"},
		{"the same with the Message-ID of our acknowledgement", note(2, victim, "Card lost", answers(ackID), vouched), "ticketed 2 follows 1"},
		{"an answer to the trap that nothing proves", note(2, victim, "Re: Refund", answers(customer)), "ticketed 2 follows 1"},
		{"with the attacker on Cc", note(2, victim, "Card lost", copied(mal), vouched), "ticketed 2"},
		{"with the attacker in Reply-To", note(2, victim, "Card lost", vouched, func(m *message.Message) { m.ReplyTo = addresses(mal) }), "ticketed 2"},
		{"under the trap's Message-ID", note(2, victim, "Refund", vouched, func(m *message.Message) { m.MessageID = trap.MessageID }), "ticketed 2"},
		{"from another spelling of his mailbox", note(2, "li+desk@customer.example", "Refund", vouched), "ticketed 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcome(t, trap, tc.mail); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			got := batch(t, settings(t), pipeline.NewFacts(), counter{}, trap, tc.mail)
			for i, own := range []string{mal, tc.mail.From.Value} {
				p := got[i].Plan
				if len(p.Effects) == 0 || p.Effects[0].Cause != "" {
					t.Errorf("mail %d is not answered: %+v", i+1, p.Effects)
				}
				for _, e := range p.Effects {
					if e.To.Value != own {
						t.Errorf("a %s of mail %d goes to %s", e.Kind, i+1, e.To.Value)
					}
				}
			}
		})
	}
}
