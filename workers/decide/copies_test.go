package decide

import (
	"testing"

	"frontdesk/pipeline/pipelinetest"
	"frontdesk/pipeline/thread"
)

// TestACopyThatProvesNothingTakesNobodysPlace: the owner's mail comes to the database after it, beside it and once more,
// and also when a person has to look at it first.
func TestACopyThatProvesNothingTakesNobodysPlace(t *testing.T) {
	const li = "li@customer.example"
	owner := letter{From: li, Subject: "Payment failed", Text: payment, MessageID: "m1@customer.example", Proven: true}
	copied := owner
	copied.Proven = false
	full := func(r *rig) { // so that the address hears nothing of the copy
		r.Settings.Caps.StrangerHour = 1
		r.Opened("support", "other", letter{From: "ann@customer.example", Text: payment})
	}
	t.Run("told at his own address", func(t *testing.T) {
		r := newRig(t)
		ids := r.Accept(r.Delivery("support", "a", copied), r.Delivery("support", "b", owner))
		r.Process(ids[0])
		r.Process(ids[1])
		r.Same("states", []string{"ticketed", "duplicate"}, r.States(ids...))
	})
	t.Run("one after the other", func(t *testing.T) {
		r := newRig(t)
		full(r)
		ids := r.Accept(r.Delivery("support", "a", copied), r.Delivery("support", "b", owner), r.Delivery("support", "c", owner), r.Delivery("support", "d", copied))
		for _, id := range ids {
			r.Process(id)
		}
		r.Same("states", []string{"ticketed", "ticketed", "duplicate", "duplicate"}, r.States(ids...))
	})
	t.Run("in one batch", func(t *testing.T) {
		r := newRig(t)
		full(r)
		ids := r.Accept(r.Delivery("support", "a", copied), r.Delivery("support", "b", owner), r.Delivery("support", "c", owner), r.Delivery("support", "d", copied))
		r.Process(ids...)
		r.Same("states", []string{"ticketed", "ticketed", "duplicate", "duplicate"}, r.States(ids...))
	})
	t.Run("set aside and let go", func(t *testing.T) {
		r := newRig(t)
		other := r.Opened("hotline", "o", letter{From: "+8613800138000", Text: payment})
		asked, doubted := owner, copied
		asked.Subject += " " + thread.SubjectToken(pipelinetest.MAC, other.Message.Ticket)
		doubted.Subject = asked.Subject
		ids := r.Accept(r.Delivery("support", "a", doubted), r.Delivery("support", "b", asked))
		r.Process(ids[0])
		r.Process(ids[1])
		r.Same("states", []string{"parked unauthenticated-reply", "parked unauthenticated-reply"}, r.States(ids...))
		r.Must(r.Store.Acts.Release(t.Context(), ids[1], r.Time(), "lin"))
		r.Process(ids[1])
		ids = append(ids, r.Accept(r.Delivery("support", "c", asked), r.Delivery("support", "d", doubted))...)
		r.Process(ids[2:]...)
		r.Same("states", []string{"parked unauthenticated-reply", "ticketed", "duplicate", "duplicate"}, r.States(ids...))
	})
}
