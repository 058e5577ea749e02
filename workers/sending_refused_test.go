package workers

import (
	"context"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/causes"
	"frontdesk/workers/store"
)

// TestAProviderThatRefusesUs is the operator's to mend: the customer is not given up over it, and the inbox is failing
// until the next send is taken.
func TestAProviderThatRefusesUs(t *testing.T) {
	for _, class := range []channels.Class{channels.Refused, channels.Unauthorized} {
		t.Run(string(class), func(t *testing.T) {
			r := newRig(t)
			h, alarms := r.health()
			h.Open("support", "email", "support@desk.example", false, noon)
			d := r.deliverer()
			d.kinds["acknowledgement"].(*sending).health = h
			r.senders["support"], r.senders["hotline"] = refusing(class), sendFunc(wellDone)
			story := r.opened("support", "k1", letter{From: "li@customer.example", Text: payment})
			id := story.Effects[0].ID
			for range 3 {
				r.deliver(d, id)
				r.pass(time.Hour)
			}
			r.same("meanwhile", []string{"due", "due"}, []string{r.effect(id).State, r.promise(story.Message.Ticket)})
			r.same("alarms", 1, len(*alarms))
			r.senders["support"] = sendFunc(wellDone)
			r.deliver(d, id)
			r.same("in the end", []string{"sent", "kept", "ok "}, []string{r.effect(id).State, r.promise(story.Message.Ticket), h.stateOf("support")})
		})
	}
}

// TestWhatNoProviderTakesForTwoDays is given up for a cause of its own: there was somebody to write to.
func TestWhatNoProviderTakesForTwoDays(t *testing.T) {
	for _, tc := range []struct {
		class channels.Class
		cause string
	}{{channels.Refused, causes.NotTaken}, {channels.Temporary, causes.NotTaken}, {channels.Permanent, causes.NoAddress}} {
		t.Run("refusal "+string(tc.class), func(t *testing.T) {
			r := newRig(t)
			d := r.deliverer()
			r.senders["support"] = refusing(tc.class)
			story := r.opened("support", "k1", letter{From: "li@customer.example", Text: payment})
			id := story.Effects[0].ID
			for n := 0; r.effect(id).State == "due" && n < 100; n++ {
				r.deliver(d, id)
				r.pass(75 * time.Minute)
			}
			r.same("in the end", []string{"failed", "void " + tc.cause}, []string{r.effect(id).State, r.promise(story.Message.Ticket)})
			books, err := r.store.Audit(t.Context(), store.AuditOptions{Grace: 72 * time.Hour}, r.time())
			r.must(err)
			r.same("findings", []store.Finding{}, books.Findings)
		})
	}
}

// A process without the intake role knows nothing of an inbox but that its sends are refused.
func TestWhatIsKnownOfAnInboxOutlivesAProcessThatOnlySends(t *testing.T) {
	r := newRig(t)
	intake, _ := r.health()
	intake.Open("support", "email", "support@desk.example", false, noon)
	r.must(intake.Flush(context.Background()))
	sends, _ := r.health()
	sends.Refused("support", &channels.Error{Op: "naming sender to relay", Class: channels.Refused, Err: context.Canceled})
	r.must(sends.Flush(t.Context()))
	list, err := r.store.Inboxes(t.Context())
	r.must(err)
	for _, in := range list {
		if in.Name == "support" {
			r.same("inbox", []string{"email", "support@desk.example", "failing"}, []string{in.Channel, in.Address, in.State})
		}
	}
}

// TestARefusalIsSeenWhicheverProcessHeardIt: one takes in and is well, another sends and is refused.
func TestARefusalIsSeenWhicheverProcessHeardIt(t *testing.T) {
	r := newRig(t)
	now := r.time()
	intake, _ := r.health()
	first, alarms := r.health()
	second, _ := r.health()
	refused := &channels.Error{Op: "sending an SMS", Class: channels.Unauthorized, Code: "20003", Err: context.Canceled}
	state := func(what, want string) {
		t.Helper()
		for _, h := range []*Health{intake, first, second} {
			r.must(h.Flush(t.Context()))
		}
		list, err := r.store.Inboxes(t.Context())
		r.must(err)
		for _, in := range list {
			if in.Name == "hotline" {
				r.same(what, want, in.State)
				r.same(what+", with the reason", want == InboxFailing, in.SendingError != "" && in.LastError != "")
			}
		}
	}
	intake.Open("hotline", "sms", "+85230000000", false, now)
	state("at the start", InboxOK)
	first.Refused("hotline", refused)
	first.Refused("hotline", refused)
	state("refused", InboxFailing)
	r.same("alarms", 1, len(*alarms))
	intake.Heard("hotline", now.Add(time.Second))
	intake.Alive("hotline", catchupStream, 0, now.Add(time.Second))
	state("while customers go on writing", InboxFailing)
	r.same("in a process that was started since", "ok ", intake.stateOf("hotline"))
	second.Taken("hotline", now.Add(time.Minute))
	state("when another process sends again", InboxOK)
	first.Refused("hotline", refused)
	state("refused again", InboxFailing)
	first.Taken("hotline", now.Add(2*time.Minute))
	intake.Failing("hotline", catchupStream, context.DeadlineExceeded)
	r.must(intake.Flush(t.Context()))
	first.Taken("hotline", now.Add(3*time.Minute))
	r.must(first.Flush(t.Context()))
	list, err := r.store.Inboxes(t.Context())
	r.must(err)
	r.same("what cannot be fetched is not well because something was sent", InboxFailing, list[0].State)
}
