package pipeline_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// Ways in which an answer names ticket 1.
var (
	replyTo  = thread.ReplyAddress(mac, "support@desk.example", 1)
	token    = thread.SubjectToken(mac, 1)
	ackID    = thread.MessageID(mac, "ack", 1, effects.AcknowledgementKey(1), "desk.example")
	customer = "m1@customer.example" // Message-ID of the mail that opened it
)

func addresses(list ...string) (out []message.Address) {
	for _, a := range list {
		out = append(out, message.Address{Kind: message.Email, Value: a})
	}
	return out
}

// change is one thing that is particular about a mail.
type change func(m *message.Message)

func beside(to ...string) change {
	return func(m *message.Message) { m.To = append(m.To, addresses(to...)...) }
}
func copied(cc ...string) change { return func(m *message.Message) { m.Cc = addresses(cc...) } }
func answers(id string) change   { return func(m *message.Message) { m.InReplyTo = []string{id} } }
func envelope(from string) change {
	return func(m *message.Message) { m.Envelope.MailFrom = from }
}
func vouched(m *message.Message) { m.Proven = true }

// toToken is an answer to the signed address.
func toToken(m *message.Message) {
	m.To, m.Envelope.Recipients = addresses(replyTo), []string{replyTo}
}

func note(id int64, from, subject string, changes ...change) message.Message {
	m := mail(id, "support", from, subject, fmt.Sprintf("Words of message %d, which have nothing to do with the others.", 100+id))
	for _, c := range changes {
		c(&m)
	}
	return m
}

// outcome says what became of the last of some mails: its state, its ticket, what it follows.
func outcome(t *testing.T, mails ...message.Message) string {
	t.Helper()
	cases := batch(t, settings(t), pipeline.NewFacts(), counter{}, mails...)
	p := cases[len(cases)-1].Plan
	if p.State == messages.Parked {
		return "parked " + p.Cause
	}
	out := fmt.Sprintf("%s %d", p.State, p.Ticket.ID)
	if follows := p.Ticket.Open.Follows; follows != 0 {
		out += fmt.Sprintf(" follows %d", follows)
	}
	return out
}

const (
	kim, bo, mal = "kim@firm.example", "bo@firm.example", "mal@evil.example"
	parked       = "parked unauthenticated-reply"
)

// TestWhoTakesPart: whom the ticket's owner named or our mail went to, under any spelling of his mailbox, and nobody else.
func TestWhoTakesPart(t *testing.T) {
	for _, tc := range []struct {
		name          string
		first, second message.Message
		want          string
	}{
		{"a colleague in To answers the customer's mail", note(1, kim, "Refund", beside(bo)), note(2, bo, "Re: Refund", answers(customer)), "appended 1"},
		{"a colleague in To answers to our address", note(1, kim, "Refund", beside(bo)), note(2, bo, "Re: Refund", toToken), "appended 1"},
		{"a colleague in Cc", note(1, kim, "Refund", copied(bo)), note(2, bo, "Re: Refund", answers(customer)), "appended 1"},
		{"a colleague in Cc under another spelling", note(1, kim, "Refund", copied("bo+work@firm.example")), note(2, bo, "Re: Refund", answers(customer)), "appended 1"},
		{"a proven colleague in a proven person's ticket", note(1, kim, "Refund", beside(bo), vouched), note(2, bo, "Re: Refund", answers(customer), vouched), "appended 1"},
		{"an unproven colleague in a proven person's ticket", note(1, kim, "Refund", beside(bo), vouched), note(2, bo, "Re: Refund", answers(customer)), "ticketed 2 follows 1"},
		{"somebody whom nobody named", note(1, kim, "Refund", beside(bo)), note(2, mal, "Re: Refund", toToken, vouched), parked},
		{"somebody whom nobody named, by the customer's Message-ID", note(1, kim, "Refund"), note(2, mal, "Re: Refund", answers(customer), vouched), "ticketed 2"},
		{"the address that our acknowledgement went to", note(1, kim, "Refund", envelope("kim.private@mailhost.example")),
			note(2, "kim.private@mailhost.example", "Re: Refund "+token, answers(ackID)), "appended 1"},
		{"the same, to our signed address", note(1, kim, "Refund", envelope("kim.private@mailhost.example")),
			note(2, "kim.private@mailhost.example", "Re: Refund", toToken), "appended 1"},
		{"the same, proven", note(1, kim, "Refund", envelope("kim.private@mailhost.example")),
			note(2, "kim.private@mailhost.example", "Re: Refund", toToken, vouched), "appended 1"},
		{"the envelope of a proven person's mail got nothing and takes no part", note(1, kim, "Refund", envelope("kim.private@mailhost.example"), vouched),
			note(2, "kim.private@mailhost.example", "Re: Refund", toToken), parked},
		{"an address that he gave as his own, where our mail went when the first failed", note(1, kim, "Refund", func(m *message.Message) { m.Also = addresses("kim@home.example") }),
			note(2, "kim@home.example", "Re: Refund", toToken), "appended 1"},
		{"the customer without his tag", note(1, "kim+desk@firm.example", "Refund"), note(2, kim, "Re: Refund", toToken), "appended 1"},
		{"the customer with a tag", note(1, kim, "Refund"), note(2, "kim+desk@firm.example", "Re: Refund", toToken), "appended 1"},
		{"the customer at Gmail's other domain", note(1, "kim@googlemail.com", "Refund"), note(2, "kim@gmail.com", "Re: Refund", toToken), "appended 1"},
		{"the customer with dots at Gmail", note(1, "kim.lee@gmail.com", "Refund"), note(2, "kimlee@gmail.com", "Re: Refund", toToken), "appended 1"},
		{"dots elsewhere are another mailbox", note(1, "kim.lee@firm.example", "Refund"), note(2, "kimlee@firm.example", "Re: Refund", toToken), parked},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcome(t, tc.first, tc.second); got != tc.want {
				t.Errorf("second message: %s, want %s", got, tc.want)
			}
		})
	}
}

// TestWhoIsNamedLater takes part from then on, where the owner names him.
func TestWhoIsNamedLater(t *testing.T) {
	for _, tc := range []struct {
		name  string
		mails []message.Message
		want  string
	}{
		{"by the owner", []message.Message{note(1, kim, "Refund", vouched), note(2, kim, "Re: Refund", toToken, copied(bo), vouched),
			note(3, bo, "Re: Refund", toToken, vouched)}, "appended 1"},
		{"by the claimed owner", []message.Message{note(1, kim, "Refund"), note(2, kim, "Re: Refund", toToken, copied(bo)), note(3, bo, "Re: Refund", toToken)}, "appended 1"},
		{"by a colleague, who owns nothing", []message.Message{note(1, kim, "Refund", copied(bo), vouched), note(2, bo, "Re: Refund", toToken, copied(mal), vouched),
			note(3, mal, "Re: Refund", toToken, vouched)}, parked},
		{"by somebody in the owner's name", []message.Message{note(1, kim, "Refund", vouched), note(2, kim, "Re: Refund", toToken, copied(mal)),
			note(3, mal, "Re: Refund", toToken, vouched)}, parked},
		{"by a claim whose owner has taken the ticket over", []message.Message{note(1, kim, "Refund", copied(mal)), note(2, kim, "Re: Refund", toToken, vouched),
			note(3, mal, "Re: Refund", answers(customer), vouched)}, "ticketed 2"},
		{"by the envelope of such a claim", []message.Message{note(1, kim, "Refund", envelope(mal)), note(2, kim, "Re: Refund", toToken, vouched),
			note(3, mal, "Re: Refund", toToken, vouched)}, parked},
		{"by the owner who took it over", []message.Message{note(1, kim, "Refund", copied(bo)), note(2, kim, "Re: Refund", toToken, copied(bo), vouched),
			note(3, bo, "Re: Refund", toToken, vouched)}, "appended 1"},
		{"our own addresses are nobody", []message.Message{note(1, kim, "Refund", beside("billing+x@desk.example")), note(2, "billing+x@desk.example", "Re: Refund", toToken, vouched)},
			"parked from-own-address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcome(t, tc.mails...); got != tc.want {
				t.Errorf("last message: %s, want %s", got, tc.want)
			}
		})
	}
}

// TestATokenWinsOverSubjectAndHeaders: mail gateways and people edit subjects, and programs fill in headers from the mail at hand.
func TestATokenWinsOverSubjectAndHeaders(t *testing.T) {
	for subject, want := range map[string]string{
		"Money still missing " + token:                   "appended 1",
		"***SPAM*** Re: Refund please " + token:          "appended 1",
		"EXTERNAL: Re: Refund please " + token:           "appended 1",
		"外部邮件：回复: Refund please " + token:                "appended 1",
		"Fwd: Re: Refund please " + token:                "appended 1",
		"[SUSPECTED SPAM] AW: my order " + token:         "appended 1",
		"re: refund please [#t-1-" + token[5:]:           "appended 1",
		"Re: (no subject) " + token + " second question": "appended 1",
		"【外部】答复：退款 " + token:                             "appended 1",
		"Re: other matter [#T-1-aaaaaaaaaa]":             "ticketed 3 follows 1",
		"***SPAM*** Re: Refund please":                   "appended 1",
		"EXTERNAL: Re: Refund please":                    "appended 1",
		"外部邮件：Refund please":                             "appended 1",
		"{Spam?} Refund please":                          "appended 1",
		"[External] Re: Refund please":                   "appended 1",
		"Caution> Refund please":                         "appended 1",
		"I also want a refund please":                    "ticketed 3 follows 1",
		"Another matter":                                 "ticketed 3 follows 1",
	} {
		t.Run(subject, func(t *testing.T) {
			got := outcome(t, note(1, kim, "Refund please", vouched), note(2, kim, "Lost card", vouched), note(3, kim, subject, answers(ackID), vouched))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("the token names one ticket and the headers another", func(t *testing.T) {
		other := thread.MessageID(mac, "ack", 2, effects.AcknowledgementKey(2), "desk.example")
		if got := outcome(t, note(1, kim, "Refund please", vouched), note(2, kim, "Lost card", vouched), note(3, kim, "Re: Refund please "+token, answers(other), vouched)); got != "appended 1" {
			t.Error(got)
		}
	})
	t.Run("another's token in the subject of an answer in one's own ticket", func(t *testing.T) {
		own := thread.MessageID(mac, "ack", 2, effects.AcknowledgementKey(2), "desk.example")
		if got := outcome(t, note(1, bo, "Refund please", vouched), note(2, kim, "Lost card", vouched), note(3, kim, "Re: Lost card "+token, answers(own), vouched)); got != "appended 2" {
			t.Error(got)
		}
	})
	t.Run("another's token beside one's own mail is parked", func(t *testing.T) {
		if got := outcome(t, note(1, bo, "Refund please", vouched), note(2, kim, "Lost card", vouched), note(3, kim, "Re: Lost card "+token, answers("m2@customer.example"), vouched)); got != parked {
			t.Error(got)
		}
	})
	t.Run("a stranger's token is parked under any subject", func(t *testing.T) {
		if got := outcome(t, note(1, kim, "Refund please"), note(2, mal, "EXTERNAL: hello "+token, vouched)); got != parked {
			t.Error(got)
		}
	})
}
