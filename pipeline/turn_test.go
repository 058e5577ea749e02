package pipeline_test

import (
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/thread"
)

// TestWhatAMessageThatGoesOnIsPromised: a next reply by what its ticket is about and by whom it is, counted from its source; nothing to machines,
// to what opens a ticket, and where the policy promises none.
func TestWhatAMessageThatGoesOnIsPromised(t *testing.T) {
	rule := func(within time.Duration, r match.Rule) promise.Rule {
		return promise.Rule{Kind: promise.NextReply, Clock: promise.Wall, Within: within, Rule: r}
	}
	groups := match.Groups{"@merchants.example": "merchants"}
	other := rule(4*time.Hour, match.Rule{})
	vip := rule(time.Hour, match.Rule{Groups: []string{"merchants"}})
	for _, c := range []struct {
		name   string
		rules  []promise.Rule
		from   string
		change func(message.Message) message.Message
		want   time.Duration // 0: nothing
	}{
		{"a customer", []promise.Rule{vip, other}, "li@customer.example", nil, 4 * time.Hour},
		{"one of a group", []promise.Rule{vip, other}, "li@merchants.example", nil, time.Hour},
		{"by the ticket's category", []promise.Rule{rule(2*time.Hour, match.Rule{Categories: []string{"payment-failed"}}), other}, "li@customer.example", nil, 2 * time.Hour},
		{"by another category", []promise.Rule{rule(2*time.Hour, match.Rule{Categories: []string{"refund-status"}}), other}, "li@customer.example", nil, 4 * time.Hour},
		{"a machine", []promise.Rule{other}, "li@customer.example", func(m message.Message) message.Message {
			m.Headers = append(m.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-replied"})
			return m
		}, 0},
		{"where the policy promises none", nil, "li@customer.example", nil, 0},
	} {
		s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
		s.Promise.Rules, s.Groups = append(c.rules, s.Promise.Rules...), groups
		first := batch(t, s, facts, ids, proven(mail(1, "support", c.from, "Payment failed", "My payment of 200 USD failed.")))[0].Plan
		if first.Turn != nil {
			t.Errorf("%s: what opens a ticket begins a turn", c.name)
		}
		m := proven(mail(2, "support", c.from, "Re: Payment failed", "It is still missing, please look once more."))
		m.At, m.InReplyTo = now.Add(-time.Minute), []string{thread.MessageID(s.MAC, "ack", first.Ticket.ID, "x", "desk.example")}
		if c.change != nil {
			m = c.change(m)
		}
		got := batch(t, s, facts, ids, m)[0].Plan
		switch {
		case got.State != messages.Appended:
			t.Errorf("%s: it is %s %s", c.name, got.State, got.Cause)
		case c.want == 0 && got.Turn != nil, c.want != 0 && got.Turn == nil:
			t.Errorf("%s: promised %+v", c.name, got.Turn)
		case c.want != 0 && !got.Turn.Due.Equal(m.At.Add(c.want).Truncate(time.Minute)):
			t.Errorf("%s: promised by %s, received %s", c.name, got.Turn.Due, m.At)
		}
	}
}

// TestAClaimIsNoMembership: who has not proven his address belongs to no group.
func TestAClaimIsNoMembership(t *testing.T) {
	s := settings(t)
	s.Groups = match.Groups{"@merchants.example": "merchants"}
	s.Promise.Rules = append([]promise.Rule{{Kind: promise.FirstReply, Clock: promise.Wall, Within: 7 * time.Minute, Rule: match.Rule{Groups: []string{"merchants"}}}}, s.Promise.Rules...)
	for _, m := range []message.Message{mail(1, "support", "li@merchants.example", "Payment failed", "My payment of 200 USD failed."), proven(mail(2, "support", "li@merchants.example", "Card lost", "I have lost my card yesterday."))} {
		got := batch(t, s, pipeline.NewFacts(), counter{}, m)[0].Plan
		soon := false
		for _, p := range got.Promises {
			soon = soon || p.Kind == string(promise.FirstReply) && p.Due.Before(m.At.Add(8*time.Minute))
		}
		if soon != m.Proven {
			t.Errorf("proven %t: promised %+v", m.Proven, got.Promises)
		}
	}
}
