package thread

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
)

// said is a ticket of the customer's in which he has said the same an hour ago.
func said(change ...func(*Again)) Again {
	a := Again{Ticket: ticket(tickets.Open, time.Hour), At: now.Add(-time.Hour), Told: true}
	for _, c := range change {
		c(&a)
	}
	return a
}

func TestWhatIsSaidAgainContinuesItsTicket(t *testing.T) {
	words := func(a *Again) { a.Words = true }
	money := func(a *Again) { a.Money = true }
	numbers := func(n ...string) func(*Again) { return func(a *Again) { a.Ticket.Numbers = n } }
	for _, c := range []struct {
		name   string
		said   Again
		change func(*Input)
		want   How // empty: a ticket of its own
	}{
		{"nearly the same words", said(words), func(*Input) {}, ByWords},
		{"the same words in another category", said(words), func(in *Input) { in.Category = "refund" }, ByWords},
		{"the same words to a closed ticket", said(words, func(a *Again) { a.Ticket.Status = tickets.Closed }), func(*Input) {}, ""},
		{"the same words after the window", said(words), func(in *Input) { in.At = now.Add(96 * time.Hour) }, ""},
		{"the same words just within it", said(words), func(in *Input) { in.At = now.Add(71 * time.Hour) }, ByWords},
		{"the same words, of which the sender was told nothing", said(words, func(a *Again) { a.Told = false }), func(*Input) {}, ""},
		{"of which nobody is told anything here", said(words, func(a *Again) { a.Told = false }), func(in *Input) { in.Unanswered = true }, ByWords},
		{"the same words in another person's ticket", said(words, func(a *Again) { a.Ticket.Contact = 9 }), func(*Input) {}, ""},
		{"the same words in a ticket that somebody opened in his name", said(words, func(a *Again) { a.Ticket.Claimed = true }), func(*Input) {}, ""},
		{"a forged sender", said(words), func(in *Input) { in.DMARC = message.VerdictFail }, ""},
		{"an envelope that contradicts him", said(words), func(in *Input) { in.Foreign = true }, ""},
		{"nothing said", said(words), func(in *Input) { in.Blank = true }, ""},
		{"history", said(words), func(in *Input) { in.History = true }, ""},
		{"taken out of that ticket by a person", said(words), func(in *Input) { in.Apart = 7 }, ""},
		{"the same number", said(numbers("1001", "1002")), func(in *Input) { in.Numbers = []string{"1002"} }, ByNumber},
		{"the same number in another category", said(numbers("1001")), func(in *Input) { in.Numbers, in.Category = []string{"1001"}, "refund" }, ""},
		{"another number", said(numbers("1001")), func(in *Input) { in.Numbers = []string{"1002"} }, ""},
		{"the category alone", said(), func(*Input) {}, ""},
		{"the category alone on a second channel", said(), func(in *Input) { in.Channel = "sms" }, ""},
		{"the same sum on a second channel", said(money), func(in *Input) { in.Channel = "sms" }, ByMatter},
		{"the same sum on one channel", said(money), func(*Input) {}, ""},
		{"the same sum of another order", said(money, numbers("1001")), func(in *Input) { in.Channel, in.Numbers = "sms", []string{"1002"} }, ""},
		{"the same sum, and nobody knows what it is about", said(money, func(a *Again) { a.Ticket.Category = "other" }), func(in *Input) { in.Channel, in.Category = "sms", "other" }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Input{From: customer, Contact: 1, Proven: true, Channel: "email", At: now, Subject: "another subject", Category: "payment-failed", Again: []Again{c.said}}
			c.change(&in)
			got := Decide(in, DefaultWindows())
			if got.How != c.want && c.want != "" || (got.Ticket == 7) != (c.want != "") {
				t.Errorf("%+v, want %q", got, c.want)
			}
		})
	}
}

// TestWhatIsSaidAgainInAnUnprovenName: anyone can write a customer's address, and lay a ticket under it as a trap.
func TestWhatIsSaidAgainInAnUnprovenName(t *testing.T) {
	claimed := said(func(a *Again) {
		a.Words, a.Ticket.Claimed, a.Ticket.Participants = true, true, []message.Identity{customer}
	})
	for _, c := range []struct {
		name   string
		change func(*Input, *tickets.Ticket)
		folds  bool
	}{
		{"to the same address's unproven ticket", func(*Input, *tickets.Ticket) {}, true},
		{"while its owner has proven the address", func(in *Input, _ *tickets.Ticket) { in.Owned = true }, false},
		{"to a proven person's ticket", func(_ *Input, k *tickets.Ticket) { k.Claimed = false }, false},
		{"naming somebody else, who would read the answer", func(in *Input, _ *tickets.Ticket) { in.Alone = false }, false},
		{"to a ticket in which somebody else takes part", func(_ *Input, k *tickets.Ticket) {
			k.Participants = append(k.Participants, message.Identity{Kind: message.Email, Value: "mal@trap.example"})
		}, false},
		{"to a ticket that somebody else opened", func(_ *Input, k *tickets.Ticket) {
			k.Participants = []message.Identity{{Kind: message.Email, Value: "mal@trap.example"}, customer}
		}, false},
		{"when its domain could not say whether it is forged", func(in *Input, _ *tickets.Ticket) { in.DMARC = message.VerdictTempError }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Input{From: customer, Channel: "email", At: now, Subject: "another subject", Category: "payment-failed", Alone: true}
			a := claimed
			c.change(&in, &a.Ticket)
			in.Again = []Again{a}
			if got := Decide(in, DefaultWindows()); (got.Ticket == 7) != c.folds {
				t.Errorf("%+v", got)
			}
		})
	}
}
