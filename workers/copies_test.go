package workers

import (
	"testing"

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
		r.settings.Caps.StrangerHour = 1
		r.opened("support", "other", letter{From: "ann@customer.example", Text: payment})
	}
	t.Run("told at his own address", func(t *testing.T) {
		r := newRig(t)
		ids := r.accept(r.delivery("support", "a", copied), r.delivery("support", "b", owner))
		r.process(ids[0])
		r.process(ids[1])
		r.same("states", []string{"ticketed", "duplicate"}, r.states(ids...))
	})
	t.Run("one after the other", func(t *testing.T) {
		r := newRig(t)
		full(r)
		ids := r.accept(r.delivery("support", "a", copied), r.delivery("support", "b", owner), r.delivery("support", "c", owner), r.delivery("support", "d", copied))
		for _, id := range ids {
			r.process(id)
		}
		r.same("states", []string{"ticketed", "ticketed", "duplicate", "duplicate"}, r.states(ids...))
	})
	t.Run("in one batch", func(t *testing.T) {
		r := newRig(t)
		full(r)
		ids := r.accept(r.delivery("support", "a", copied), r.delivery("support", "b", owner), r.delivery("support", "c", owner), r.delivery("support", "d", copied))
		r.process(ids...)
		r.same("states", []string{"ticketed", "ticketed", "duplicate", "duplicate"}, r.states(ids...))
	})
	t.Run("set aside and let go", func(t *testing.T) {
		r := newRig(t)
		other := r.opened("hotline", "o", letter{From: "+8613800138000", Text: payment})
		asked, doubted := owner, copied
		asked.Subject += " " + thread.SubjectToken(mac, other.Message.Ticket)
		doubted.Subject = asked.Subject
		ids := r.accept(r.delivery("support", "a", doubted), r.delivery("support", "b", asked))
		r.process(ids[0])
		r.process(ids[1])
		r.same("states", []string{"parked unauthenticated-reply", "parked unauthenticated-reply"}, r.states(ids...))
		r.must(r.store.Acts.Release(t.Context(), ids[1], r.time(), "lin"))
		r.process(ids[1])
		ids = append(ids, r.accept(r.delivery("support", "c", asked), r.delivery("support", "d", doubted))...)
		r.process(ids[2:]...)
		r.same("states", []string{"parked unauthenticated-reply", "ticketed", "duplicate", "duplicate"}, r.states(ids...))
	})
}
