package pipeline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
	"frontdesk/pipeline/thread"
)

func mailboxes(values ...string) (out []message.Address) {
	for _, v := range values {
		out = append(out, message.Address{Kind: message.Email, Value: v})
	}
	return out
}

// TestWhatAnAnswerStandsOn is kept of mail that people see in a ticket, without anything that would have to be masked.
func TestWhatAnAnswerStandsOn(t *testing.T) {
	written := func(change func(*message.Message)) message.Message {
		m := mail(1, "support", "li@customer.example", "Payment failed", "My payment TP20261129 failed.")
		m.Proven, m.References = true, []string{"m0@customer.example", "4111111111111111@customer.example", "say/this@customer.example"}
		m.Cc, m.ReplyTo = mailboxes("chen@customer.example", "4111111111111111@customer.example"), mailboxes("li@home.example")
		m.Cc[0].Name = "Card 4111 1111 1111 1111"
		change(&m)
		return m
	}
	whole := recipients.Reading{MessageID: "m1@customer.example", References: []string{"m0@customer.example", "say/this@customer.example"},
		ReplyTo: mailboxes("li@home.example"), To: mailboxes("support@desk.example"), Cc: mailboxes("chen@customer.example")}
	whole.Cc[0].Name = "Card •••• 1111"
	plain := whole
	plain.References = whole.References[:1]
	for _, c := range []struct {
		name string
		m    message.Message
		want recipients.Reading
	}{
		{"of a proven sender's mail", written(func(*message.Message) {}), whole},
		{"of a stranger's mail, whose Message-IDs are no place for a sentence", written(func(m *message.Message) { m.Proven = false }), plain},
		{"of what is no mail", sms(1, "My payment TP20261129 failed."), recipients.Reading{}},
		{"of mail that waits for a person", written(func(m *message.Message) { m.Encrypted, m.Exceeded = true, "parts" }), recipients.Reading{}},
	} {
		got := batch(t, settings(t), pipeline.NewFacts(), counter{}, c.m)[0].Plan.Row.Reading
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestWhichAddressesAreOurs(t *testing.T) {
	s := settings(t)
	s.BounceKey = func(a string) (string, bool) { return "", a == "b+signed@elsewhere.example" }
	for value, want := range map[string]bool{
		"support@desk.example": true, "billing@desk.example": true, "support+anything@desk.example": true, "b+signed@elsewhere.example": true,
		thread.ReplyAddress(mac, "alias@other.example", 7): true, "alias+t7.aaaaaaaaaa@other.example": false, "li@desk.example": false, "support@other.example": false, "": false,
	} {
		if got := s.Ours(mailboxes(value)[0].Identity()); got != want {
			t.Errorf("%s is ours: %t", value, got)
		}
	}
	if !s.Ours(message.Identity{Kind: message.Phone, Value: "+85230000000"}) || s.Ours(message.Identity{Kind: message.Phone, Value: "+85230000001"}) {
		t.Error("of telephone numbers an inbox's is ours, and no other")
	}
}

// TestAReportAboutACopyFailsNothing: the answer reached whom it was written to, and his address is as good as before.
func TestAReportAboutACopyFailsNothing(t *testing.T) {
	s := settings(t)
	id := thread.MessageID(mac, "reply", 7, "reply:page", "desk.example")
	for about, fails := range map[string]bool{"li@customer.example": true, "chen@customer.example": false} {
		f := pipeline.NewFacts()
		f.Effects[pipeline.BouncedBy{MessageID: id}] = pipeline.Effect{ID: 70, Key: "reply:page", Kind: effects.KindReply, Ticket: 7, To: "li@customer.example"}
		m := mail(1, "support", "mailer-daemon@mx.customer.example", "Undelivered", "It could not be delivered.")
		m.Envelope = message.Envelope{HasMailFrom: true, Recipients: []string{"support@desk.example"}}
		m.Report = &message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1", FinalRecipient: about, OriginalMessageID: id}
		plan := batch(t, s, f, counter{}, m)[0].Plan
		if got := plan.Bounce != nil; got != fails || plan.Ticket.ID != 0 || plan.Ticket.New || fails && plan.Bounce.Dead {
			t.Errorf("a report about %s fails the answer: %t; ticket %d", about, got, plan.Ticket.ID)
		}
		if !fails && (plan.State != messages.Parked || plan.Cause != causes.Backscatter) {
			t.Errorf("a report about a copy is %s %s", plan.State, plan.Cause)
		}
	}
}
