package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
)

const twice = "I paid for order 20261188 last Tuesday and the payment shows twice on my statement. Please pay the second one back."

// TestOneProblemIsOneTicket: what a customer sends after his first mail, and whether it continues that ticket. One acknowledgement is sent for what does.
func TestOneProblemIsOneTicket(t *testing.T) {
	for _, c := range []struct {
		name          string
		subject, text string
		change        func(*message.Message)
		because       string // empty: a ticket of its own
	}{
		{"the same text under another subject", "URGENT", twice, nil, "near-copy"},
		{"with a greeting and a signature", "Payment", "Dear Sir or Madam,\n\nI hope you are well.\n" + twice + "\n\nKind regards,\nLi Wei\n--\nLi Wei, Head of Sales\n+49 30 1234567", nil, "near-copy"},
		{"with slips", "Payment", "I payed for order 20261188 last Tuesday and the paymnet shows twice on my statement. Please pay the second one back", nil, "near-copy"},
		{"forwarded", "Fwd: Payment", "See below.\n\n---------- Forwarded message ---------\nFrom: Li <li@customer.example>\nDate: Mon, 30 Nov 2026 at 09:00\nSubject: Payment\nTo: <support@desk.example>\n\n" + twice, nil, "near-copy"},
		{"forwarded without a word", "Fwd: Payment", "---------- Forwarded message ---------\nFrom: Li <li@customer.example>\nDate: Mon, 30 Nov 2026 at 09:00\nSubject: Payment\nTo: <support@desk.example>\n\n" + twice, nil, "near-copy"},
		{"with a picture beside it", "Payment", twice, func(m *message.Message) {
			m.Attachments = []message.Attachment{{Name: "shot.png", MediaType: "image/png", Size: 1000}}
		}, "near-copy"},
		{"reworded, about the same order", "Double charge", "Why did you charge me two times for 20261188? I was charged twice.", nil, "same-number"},
		{"the same words about another order", "Payment", "I paid for order 20261199 last Tuesday and the payment shows twice on my statement. Please pay the second one back.", nil, ""},
		{"another problem about the same order", "Password", "How do I change my password? My order was 20261188.", nil, ""},
		{"reworded without a number", "Charged", "You have taken my money two times, I was charged twice.", nil, ""},
		{"a week later", "Payment", twice, func(m *message.Message) { m.At = m.At.Add(7 * 24 * time.Hour) }, ""},
	} {
		for _, proof := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, proven %t", c.name, proof), func(t *testing.T) {
				first, second := mail(1, "support", "li@customer.example", "Payment", twice), mail(2, "support", "li@customer.example", c.subject, c.text)
				first.Proven, second.Proven = proof, proof
				if c.change != nil {
					c.change(&second)
				}
				got := batch(t, desk(t), pipeline.NewFacts(), counter{}, first, second)
				p, acks := got[1].Plan, 0
				for _, e := range append(got[0].Plan.Effects, p.Effects...) {
					if e.Kind == effects.KindAcknowledgement {
						acks++
					}
				}
				want := map[bool]string{true: "ticketed 2 2 acknowledgements ", false: "appended 1 1 acknowledgements " + c.because}[c.because == ""]
				if now := fmt.Sprintf("%s %d %d acknowledgements %s", p.State, p.Ticket.ID, acks, p.Ticket.Because); now != want {
					t.Errorf("%s, want %s (%s, %s)", now, want, got[1].Class.Category, got[1].Core)
				}
			})
		}
	}
}

// TestNobodyIsMetWithSilence: where the first one was told nothing, the next message of the same words is acknowledged.
func TestNobodyIsMetWithSilence(t *testing.T) {
	s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
	kim := message.Identity{Kind: message.Email, Value: "kim@firm.example"}
	facts.Failed[kim] = true
	form := message.Message{ID: 1, Inbox: "contact", Channel: "form", Key: "f", At: now, From: message.Address{Kind: message.Email, Value: kim.Value}, Text: twice}
	if got := batch(t, s, facts, ids, form)[0]; got.Ack.Send() {
		t.Fatalf("nothing can be sent there: %+v", got.Ack)
	}
	if got := batch(t, s, facts, ids, mail(2, "support", kim.Value, "Payment", twice))[0]; got.Plan.State != messages.Ticketed || !got.Ack.Send() {
		t.Errorf("%s, %+v", got.Plan.State, got.Ack)
	}
	if got := batch(t, s, facts, ids, mail(3, "support", kim.Value, "Payment", twice))[0]; got.Plan.State != messages.Appended || got.Plan.Ticket.ID != 2 {
		t.Errorf("%s to %d, want it in the one that was acknowledged", got.Plan.State, got.Plan.Ticket.ID)
	}
}

// TestWhatIsKeptOfAMessage: of what no person says now, or what says nothing, no sketch is kept.
func TestWhatIsKeptOfAMessage(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*message.Message)
		known  pipeline.Known
		kept   bool
	}{
		{"a customer's words", func(*message.Message) {}, pipeline.Known{}, true},
		{"a greeting", func(m *message.Message) { m.Subject, m.Text = "", "Hello!" }, pipeline.Known{}, false},
		{"history", func(*message.Message) {}, pipeline.Known{Imported: true}, false},
		{"a machine's", func(m *message.Message) {
			m.Headers = append(m.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-replied"})
		}, pipeline.Known{}, false},
	} {
		m := mail(1, "support", "li@customer.example", "Payment", twice)
		c.change(&m)
		if got := pipeline.Decide(pipeline.Read(m, settings(t), now), c.known); (len(got.Plan.Row.Sketch) > 0) != c.kept {
			t.Errorf("%s: %d bytes, %s", c.name, len(got.Plan.Row.Sketch), got.Plan.State)
		}
	}
}
