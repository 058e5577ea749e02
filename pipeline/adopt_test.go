package pipeline_test

import (
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// TestWhoTakesAClaimedTicketOverChoosesHisCompany: somebody who opens a ticket in another's name may put an address of
// her own on Cc. Once the owner has taken the ticket over, she takes no part in it any more.
func TestWhoTakesAClaimedTicketOverChoosesHisCompany(t *testing.T) {
	s := settings(t)
	address := func(value string) message.Address { return message.Address{Kind: message.Email, Value: value} }
	claim := mail(1, "support", "li@customer.example", "My order", "Where is my order 1001?")
	claim.MessageID, claim.Cc = "1@customer.example", []message.Address{address("mallory@evil.example")}
	facts, ids := pipeline.NewFacts(), counter{}
	opened := batch(t, s, facts, ids, claim)[0].Plan
	ack := opened.Effects[0]
	ours := thread.MessageID(mac, "ack", opened.Ticket.ID, ack.Key, "desk.example")
	answer := func(id int64, from, ref string) message.Message {
		m := mail(id, "support", from, "Re: My order", "Something more about it.")
		m.Proven, m.References, m.InReplyTo = true, []string{ref}, []string{ref}
		return m
	}
	owner := answer(2, "li@customer.example", ours)
	owner.Cc = []message.Address{address("wang@customer.example")}
	if p := batch(t, s, facts, ids, owner)[0].Plan; p.State != messages.Appended || !p.Ticket.Adopt {
		t.Fatalf("the owner's answer is %s %s, takes over: %v", p.State, p.Cause, p.Ticket.Adopt)
	}
	for i, c := range []struct {
		name, from, ref string
		want            messages.State
		cause           string
	}{
		{"she, by the mail that she wrote", "mallory@evil.example", "1@customer.example", messages.Ticketed, ""},
		{"she, by a reference of ours that she has seen", "mallory@evil.example", ours, messages.Parked, "unauthenticated-reply"},
		{"whom the owner took in", "wang@customer.example", ours, messages.Appended, ""},
		{"the owner again", "li@customer.example", ours, messages.Appended, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p := batch(t, s, facts, ids, answer(int64(3+i), c.from, c.ref))[0].Plan; p.State != c.want || p.Cause != c.cause {
				t.Errorf("it is %s %s, want %s %s", p.State, p.Cause, c.want, c.cause)
			}
		})
	}
}
