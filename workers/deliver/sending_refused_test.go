package deliver

import (
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/causes"
	"frontdesk/workers"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/service"
)

// TestAProviderThatRefusesUs is the operator's to mend: the customer is not given up over it, and the inbox is failing
// until the next send is taken.
func TestAProviderThatRefusesUs(t *testing.T) {
	for _, class := range []channels.Class{channels.Refused, channels.Unauthorized} {
		t.Run(string(class), func(t *testing.T) {
			r := newRig(t)
			alarms := 0
			h := workers.NewHealth(r.Store, r.Logger, func(service.InboxStatus) { alarms++ })
			h.Open("support", "email", "support@desk.example", false, noon)
			d := r.deliverer()
			d.kinds["acknowledgement"].(*sending).health = h
			r.senders["support"], r.senders["hotline"] = refusing(class), sendFunc(wellDone)
			story := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment})
			id := story.Effects[0].ID
			for range 3 {
				r.deliver(d, id)
				r.Pass(time.Hour)
			}
			r.Same("meanwhile", []string{"due", "due"}, []string{r.Effect(id).State, r.promise(story.Message.Ticket)})
			r.Same("alarms", 1, alarms)
			r.senders["support"] = sendFunc(wellDone)
			r.deliver(d, id)
			r.Must(h.Flush(t.Context()))
			list, err := r.Store.View.Inboxes(t.Context())
			r.Must(err)
			r.Same("in the end", []string{"sent", "kept", "ok", ""}, []string{r.Effect(id).State, r.promise(story.Message.Ticket), list[0].State, list[0].LastError})
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
			story := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment})
			id := story.Effects[0].ID
			for n := 0; r.Effect(id).State == "due" && n < 100; n++ {
				r.deliver(d, id)
				r.Pass(75 * time.Minute)
			}
			r.Same("in the end", []string{"failed", "void " + tc.cause}, []string{r.Effect(id).State, r.promise(story.Message.Ticket)})
			books, err := r.Store.Auditing.Audit(t.Context(), auditing.AuditOptions{Grace: 72 * time.Hour}, r.Time())
			r.Must(err)
			r.Same("findings", []auditing.Finding{}, books.Findings)
		})
	}
}
