package pipeline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

// TestAReportFailsOnlyTheMailThatItFits: whoever has seen a Message-ID of ours, in an answer or in what its reader
// passed on, can write a report about that mail. It must not cost the reader his acknowledgement.
func TestAReportFailsOnlyTheMailThatItFits(t *testing.T) {
	s := settings(t)
	s.BounceKey = func(a string) (string, bool) { return strings.CutPrefix(a, "support+signed-for-") }
	key := effects.AcknowledgementKey(7)
	id := thread.MessageID(mac, "ack", 7, key, "desk.example")
	back := "support+signed-for-" + key
	report := func(final string) *message.Report {
		return &message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1", FinalRecipient: final, OriginalMessageID: id}
	}
	null := message.Envelope{HasMailFrom: true, Recipients: []string{"support@desk.example"}}
	returned := message.Envelope{HasMailFrom: true, Recipients: []string{back}}
	with := func(e message.Envelope, change func(*message.Envelope)) message.Envelope { change(&e); return e }
	for _, c := range []struct {
		name     string
		envelope message.Envelope
		report   *message.Report
		to       string
		fails    bool
	}{
		{"about the recipient, with the null sender", null, report("li@customer.example"), "", true},
		{"about the recipient, written otherwise", null, report("LI@Customer.example"), "", true},
		{"about the address to which it was written, from behind a forwarder", null, &message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1", FinalRecipient: "li@elsewhere.example", OriginalRecipient: "li@customer.example", OriginalMessageID: id}, "", true},
		{"about somebody else", null, report("wang@customer.example"), "", false},
		{"about nobody", null, report(""), "", false},
		{"about the sender of the report", null, report("mailer-daemon@mx.customer.example"), "", false},
		{"from somebody with an address", with(null, func(e *message.Envelope) { e.MailFrom = "mallory@evil.example" }), report("li@customer.example"), "", false},
		{"from nobody knows whom", with(null, func(e *message.Envelope) { e.HasMailFrom = false }), report("li@customer.example"), "", false},
		{"in the name of a domain that disowns it", with(null, func(e *message.Envelope) { e.DMARC = message.VerdictFail }), report("li@customer.example"), "", false},
		{"at the signed return address", returned, report("li@customer.example"), "", true},
		{"at the signed return address, about nobody", returned, report(""), "", true},
		{"at the signed return address, from behind a forwarder", returned, report("li@elsewhere.example"), "", true},
		{"at the signed return address, from a mail system with an address", with(returned, func(e *message.Envelope) { e.MailFrom = "postmaster@customer.example" }), report("li@customer.example"), "", true},
		{"at the signed return address, which its mailbox tells in To alone", with(null, func(e *message.Envelope) { e.HasMailFrom = false }), report(""), back, true},
		{"at the signed return address of another mail", with(null, func(e *message.Envelope) { e.Recipients = []string{"support+signed-for-acknowledgement:8"} }), report("wang@customer.example"), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := pipeline.NewFacts()
			row := pipeline.Effect{ID: 70, Key: key, Kind: effects.KindAcknowledgement, Ticket: 7, To: "li@customer.example"}
			for _, by := range []pipeline.BouncedBy{{Key: key}, {MessageID: id}, {Key: key, Returned: true}} {
				f.Effects[by] = row
			}
			m := mail(1, "support", "mailer-daemon@mx.customer.example", "Undelivered", "It could not be delivered.")
			m.Envelope, m.Report = c.envelope, c.report
			if c.to != "" {
				m.To = []message.Address{{Kind: message.Email, Value: c.to}}
			}
			plan := batch(t, s, f, counter{}, m)[0].Plan
			want := pipeline.Plan{State: messages.Parked, Cause: causes.Backscatter}
			if c.fails {
				want = pipeline.Plan{State: messages.Suppressed, Cause: screen.SuppressBounce, Bounce: &pipeline.BouncePlan{Effect: 70, Reason: "bounce 5.1.1", Dead: strings.HasPrefix(c.name, "at the signed return address")}}
			}
			if got := (pipeline.Plan{State: plan.State, Cause: plan.Cause, Bounce: plan.Bounce}); cmp.Diff(want, got) != "" {
				t.Errorf("plan (-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// TestAReportThatDelaysOrIsAboutTheErasedNeedsNobody: a report that fails nothing is believed without further signs.
func TestAReportThatDelaysOrIsAboutTheErasedNeedsNobody(t *testing.T) {
	s := settings(t)
	key := effects.AcknowledgementKey(7)
	id := thread.MessageID(mac, "ack", 7, key, "desk.example")
	for _, c := range []struct {
		name, action string
		row          pipeline.Effect
		erased       bool
	}{
		{"it is late", "delayed", pipeline.Effect{ID: 70, Key: key, Ticket: 7, To: "li@customer.example"}, false},
		{"its reader was erased", "failed", pipeline.Effect{ID: 70, Key: key, Ticket: 7, Erased: true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := pipeline.NewFacts()
			f.Effects[pipeline.BouncedBy{Key: key}] = c.row
			m := mail(1, "support", "mailer-daemon@mx.customer.example", "Undelivered", "It could not be delivered.")
			m.Envelope = message.Envelope{HasMailFrom: true, Recipients: []string{"support@desk.example"}}
			m.Report = &message.Report{Kind: message.DSN, Action: c.action, FinalRecipient: "li@elsewhere.example", OriginalMessageID: id}
			plan := batch(t, s, f, counter{}, m)[0].Plan
			if plan.State != messages.Suppressed || plan.Bounce != nil || plan.Erased != c.erased {
				t.Errorf("it is %s %s, bounce %v, erased %v", plan.State, plan.Cause, plan.Bounce, plan.Erased)
			}
		})
	}
}
