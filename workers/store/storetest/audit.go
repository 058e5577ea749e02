package storetest

import (
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/service"
)

// Town is a store in which everything has happened that can, and whose books are clean.
type Town struct {
	*desk
	Now time.Time

	Sent, Answered       pipeline.Plan // acknowledged; and continued by Answer
	Bounced, Unreachable pipeline.Plan // acknowledged at another address; at none
	Capped, Digest       pipeline.Plan // listed in a digest that was sent; in one that is to be
	Late, Broken, Due    pipeline.Plan // acknowledged too late; not yet, and too late; not yet
	History, Opted       pipeline.Plan // withheld
	Released             pipeline.Plan
	Original, Copy       pipeline.Plan // one mail that came to two inboxes

	Answer, Parked, Dismissed, Undecided, Report int64 // messages
	Fallback                                     int64 // the effect by which Bounced went on
}

// NewTown builds it through the store's own methods.
func NewTown(t testing.TB, s *store.Store) *Town {
	t.Helper()
	w := &Town{desk: newDesk(t, s)}
	w.must(w.Service.InboxSeen(w.ctx, []service.InboxStatus{{Inbox: "hotline", Channel: "sms", Contact: start.Add(-time.Hour)}}, start.Add(-time.Hour)))
	w.months()
	w.now = w.now.Add(31 * 24 * time.Hour)
	_, err := w.Files.Expire(w.ctx, w.now, 100)
	w.must(err)
	w.sends()
	w.digests()
	w.copies()
	w.people()
	w.lateness()
	w.erasures()
	w.Undecided = w.record(w.fresh("hotline", "undecided"))[0]
	w.Now = w.now
	return w
}

// fresh is an item that its source received just now.
func (w *Town) fresh(inbox, key string) intake.Item {
	i := item(inbox, key, "text of "+key)
	i.At = w.now
	return i
}

// arrive records and decides a first message; change may change what is decided.
func (w *Town) arrive(key string, n int, change ...func(*commit.Decision)) pipeline.Plan {
	w.t.Helper()
	dec := w.opening(w.pending(w.record(w.fresh("hotline", key))...)[0], phone(n))
	for _, f := range change {
		f(&dec)
	}
	w.must(w.Commit.Commit(w.ctx, []commit.Decision{dec}, w.now))
	return dec.Plan
}

// deliver sends the first effect of a plan, which then is what the outcome says.
func (w *Town) deliver(p pipeline.Plan, o commands.SendEnded) {
	w.t.Helper()
	w.hand(p.Effects[0].ID, o)
}

func (w *Town) hand(id int64, o commands.SendEnded) {
	w.t.Helper()
	if len(w.claim(id)) != 1 {
		w.t.Fatalf("effect %d was not claimed", id)
	}
	o.ID = id
	w.settle(o)
}

var handed = commands.SendEnded{State: effects.Sent}

// months happened so long ago that originals have expired.
func (w *Town) months() {
	w.deliver(w.arrive("old", 1), handed)
	dropped := w.arrive("cvv", 2, func(d *commit.Decision) { d.Plan.DropOriginal = true })
	w.deliver(dropped, handed)
	w.must(w.Acts.CloseTicket(w.ctx, dropped.Ticket.ID, w.now, "zhou"))
	large := w.fresh("hotline", "parked")
	large.Cause, large.Raw = "too-large", make([]byte, 300<<10)
	w.Parked = w.record(large)[0]
}

func (w *Town) park(key, cause string) int64 {
	i := w.fresh("hotline", key)
	i.Cause = cause
	return w.record(i)[0]
}

// sends: sent, continued, bounced with a fallback, unreachable.
func (w *Town) sends() {
	w.Sent = w.arrive("sent", 3)
	w.deliver(w.Sent, commands.SendEnded{State: effects.Sent, ProviderID: "SM3"})
	w.receipt(channels.Receipt{ProviderID: "SM3", Status: channels.StatusDelivered, At: w.now})
	w.Answered = w.arrive("answered", 4)
	w.deliver(w.Answered, handed)
	dec := w.following(w.pending(w.record(w.fresh("hotline", "answer"))...)[0], w.Answered, 1, 1)
	w.must(w.Commit.Commit(w.ctx, []commit.Decision{dec}, w.now))
	w.Answer = dec.Plan.Message

	w.Bounced = w.arrive("bounced", 5)
	w.deliver(w.Bounced, handed)
	report := w.pending(w.record(w.fresh("support", "report"))...)[0]
	w.Report = report.ID
	w.must(w.Commit.Commit(w.ctx, []commit.Decision{{Pending: report, Plan: pipeline.Plan{Message: report.ID, State: messages.Suppressed, Cause: "bounce",
		Bounce: &pipeline.BouncePlan{Effect: w.Bounced.Effects[0].ID, Reason: "5.1.1"}}}}, w.now))
	next := fallback(w.Bounced.Ticket.ID, w.desk)
	w.hand(w.Bounced.Effects[0].ID, commands.SendEnded{State: effects.Failed, Code: "bounced", Fallback: next})
	w.hand(next.ID, handed)
	w.Fallback = next.ID

	w.Unreachable = w.arrive("unreachable", 6)
	next = fallback(w.Unreachable.Ticket.ID, w.desk)
	w.deliver(w.Unreachable, commands.SendEnded{State: effects.Failed, Code: "21610", Fallback: next, OptedOut: true})
	w.hand(next.ID, commands.SendEnded{State: effects.Failed, Code: "550", Dead: true, Void: causes.NoAddress})
}

// digests: what a cap withheld is listed in one that was sent.
func (w *Town) digests() {
	w.Capped = w.arrive("capped", 3, w.capped(1, w.Sent))
	w.now = w.now.Add(time.Hour)
	w.hand(w.Capped.Effects[1].ID, handed)
}

// capped withholds the acknowledgement of a further ticket of a contact, and plans a digest.
func (w *Town) capped(version int64, first pipeline.Plan) func(*commit.Decision) {
	return func(d *commit.Decision) {
		d.Plan.Contact = contacts.Plan{ID: first.Contact.ID, Version: version}
		d.Plan.Effects[0].Cause = causes.SenderCap
		d.Plan.Effects = append(d.Plan.Effects, effects.Plan{Kind: effects.KindDigest, Inbox: "hotline", Channel: "sms", To: first.Row.From,
			Due: w.now.Add(time.Hour), Part: "early"})
		*d = w.assigned(*d)
	}
}

// copies: one mail came to two inboxes.
func (w *Town) copies() {
	w.Original = w.arrive("original", 7, func(d *commit.Decision) { d.Plan.Row.Content = "c0ffee01" })
	w.deliver(w.Original, handed)
	p := w.pending(w.record(w.fresh("support", "copy"))...)[0]
	w.Copy = pipeline.Plan{Message: p.ID, State: messages.Duplicate, Duplicate: w.Original.Message, Inform: "accounts",
		Row: pipeline.MessageRow{Content: "c0ffee01"}}
	w.must(w.Commit.Commit(w.ctx, []commit.Decision{{Pending: p, Plan: w.Copy}}, w.now))
}

// people released, dismissed, and said STOP.
func (w *Town) people() {
	id := w.park("released", "unparsable")
	w.must(w.Acts.Release(w.ctx, id, w.now, "zhou"))
	dec := w.opening(w.pending(id)[0], phone(8))
	w.must(w.Commit.Commit(w.ctx, []commit.Decision{dec}, w.now))
	w.Released = dec.Plan
	w.deliver(w.Released, handed)
	w.Dismissed = w.park("dismissed", "spam")
	w.must(w.Acts.Dismiss(w.ctx, w.Dismissed, w.now, "zhou"))

	p := w.pending(w.record(w.fresh("hotline", "stop"))...)[0]
	w.must(w.Commit.Commit(w.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "opt-out",
		Consent: said(phone(9).Identity(), true)}}}, w.now))
	w.Opted = w.arrive("opted", 9, void("opted-out"))
}

func void(cause string) func(*commit.Decision) {
	return func(d *commit.Decision) {
		d.Plan.Promises[0].Void, d.Plan.Effects[0].Cause = cause, cause
	}
}

// lateness: a promise settled late, one broken and owed, history, and one that is due.
func (w *Town) lateness() {
	w.Late, w.Broken = w.arrive("late", 10), w.arrive("broken", 11)
	w.History = w.arrive("history", 12, void(causes.History))
	w.now = w.now.Add(25 * time.Hour)
	for {
		events, err := w.Outbox.WakePromises(w.ctx, w.now, 100)
		w.must(err)
		if len(events) == 0 {
			break
		}
	}
	w.deliver(w.Late, handed)
	w.deliver(w.Broken, commands.SendEnded{State: effects.Due, Next: w.now.Add(time.Hour), Code: "temporary"})
	w.Digest = w.arrive("digest", 4, w.capped(2, w.Answered))
	w.Due = w.arrive("due", 13)
}

// erasures: somebody who was answered, somebody who was still to be, and somebody who was parked.
func (w *Town) erasures() {
	w.deliver(w.arrive("erased", 20), handed)
	w.arrive("erased before the answer", 21)
	dec := commit.Decision{Pending: w.pending(w.record(w.fresh("hotline", "erased while parked"))...)[0]}
	dec.Plan = pipeline.Plan{Message: dec.Pending.ID, State: messages.Parked, Cause: causes.Spam, Row: pipeline.MessageRow{From: phone(22)}}
	w.must(w.Commit.Commit(w.ctx, []commit.Decision{dec}, w.now))
	for n := 20; n <= 22; n++ {
		person, err := w.Erasure.PersonAt(w.ctx, phone(n).Identity())
		w.must(err)
		_, err = w.Erasure.Erase(w.ctx, person, erasure.Erasure{Who: "zhou"}, w.now)
		w.must(err)
	}
}

// audited is the healthy town's books.
func audited(d *desk) {
	w := NewTown(d.t, d.Store)
	var done int64
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{Progress: func(n, total int64) { done = n }}, w.Now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
	d.same("clean, whole, looked at", []any{true, true, b.Messages.Recorded}, []any{b.Clean(), b.Whole, done})
	d.same("messages", auditing.MessageSums{Recorded: 25, InFlight: 1, Erased: 3, Parked: map[string]int64{"too-large": 1},
		Decided: map[string]int64{"ticketed": 17, "appended": 1, "duplicate": 1, "suppressed": 2, "dismissed": 2}}, b.Messages)
	d.same("tickets", int64(17), b.Tickets)
	d.same("promises", map[string]auditing.PromiseSums{"acknowledgement": {Made: 17, Kept: 9, Pending: 2, Broken: 2, Owed: 1,
		Void: map[string]int64{"no-address": 1, "opted-out": 1, "history": 1, "erased": 1}}}, b.Promises)
	d.same("acknowledgements", auditing.AckSums{Owed: 17, Sent: 9, Digest: 1, Pending: 3, Failed: 1,
		Withheld: map[string]int64{"opted-out": 1, "history": 1, "erased": 1}}, b.Acknowledgements)
	d.same("broken", []int64{w.Late.Ticket.ID, w.Broken.Ticket.ID}, []int64{b.Broken[0].Ticket, b.Broken[1].Ticket})
	d.same("open effects", auditing.EffectSums{Open: 3}, b.Effects)

	old, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{To: start.Add(24 * time.Hour)}, w.Now)
	d.must(err)
	d.same("of the first day", []any{int64(3), int64(2), true, false}, []any{old.Messages.Recorded, old.Tickets, old.Clean(), old.Whole})
	late, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{From: w.Now}, w.Now)
	d.must(err)
	d.same("of the last moment", int64(6), late.Messages.Recorded)
}

// failedFirst is a failure that the provider tells before the send itself is written down: it was
// handed over all the same, which is what was promised.
func failedFirst(d *desk) {
	plan := d.open("k1", phone(1))
	id := plan.Effects[0].ID
	d.claim(id)
	d.receipt(channels.Receipt{Key: plan.Effects[0].Key, Status: channels.StatusFailed, Reason: "30005", At: d.now})
	d.settle(commands.SendEnded{ID: id, State: effects.Sent, ProviderID: "SM1"})
	state, _ := d.promise(plan.Ticket.ID)
	d.same("promise and effect", []string{"kept", "failed"}, []string{state, d.effect(id).State})
	d.same("claimed for its fallback", 1, len(d.claim(id)))
	d.settle(commands.SendEnded{ID: id, State: effects.Failed, Code: "bounced", Void: causes.NoAddress})
	state, _ = d.promise(plan.Ticket.ID)
	d.same("promise when there is no other address", "kept", state)
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}
