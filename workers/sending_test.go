package workers

import (
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/causes"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
)

// TestATextThatCannotBeWritten is tried again, since it may be mended, and does not leave its promise open.
func TestATextThatCannotBeWritten(t *testing.T) {
	const (
		kept   = `CREATE TABLE kept AS SELECT id, payload FROM outbox`
		broken = `UPDATE outbox SET payload = '[]'`
		mended = `UPDATE outbox SET payload = (SELECT payload FROM kept WHERE kept.id = outbox.id)`
	)
	setup := func(t *testing.T) (*rig, *Deliverer, store.Story) {
		r := newRig(t)
		d := r.deliverer()
		r.senders["support"], r.senders["hotline"] = sendFunc(wellDone), sendFunc(wellDone)
		story := r.opened("support", "k1", letter{From: "li@customer.example", Text: payment})
		return r, d, story
	}
	t.Run("and is mended goes out", func(t *testing.T) {
		r, d, story := setup(t)
		id := story.Effects[0].ID
		r.database(kept)
		r.database(broken)
		r.deliver(d, id)
		r.same("meanwhile", []string{"due", "due"}, []string{r.effect(id).State, r.promise(story.Message.Ticket)})
		r.same("attempts", []string{"retry render"}, r.tries(story.Message.ID, id))
		r.database(mended)
		r.pass(time.Hour)
		r.deliver(d, id)
		r.same("in the end", []string{"sent", "kept"}, []string{r.effect(id).State, r.promise(story.Message.Ticket)})
	})
	t.Run("and stays broken is given up for its cause", func(t *testing.T) {
		r, d, story := setup(t)
		id := story.Effects[0].ID
		r.database(broken)
		for n := 0; r.effect(id).State == "due" && n < 100; n++ {
			r.deliver(d, id)
			r.pass(75 * time.Minute)
		}
		r.same("in the end", []string{"failed", "render", "void " + causes.NoText},
			[]string{r.effect(id).State, r.effect(id).Cause, r.promise(story.Message.Ticket)})
		books, err := r.store.Audit(t.Context(), store.AuditOptions{Grace: 72 * time.Hour}, r.time())
		r.must(err)
		r.same("findings", []store.Finding{}, books.Findings)
	})
	t.Run("and whose earlier attempt may have gone out is looked for once it can be", func(t *testing.T) {
		r, d, story := setup(t)
		id := story.Effects[0].ID
		o := &oracle{send: refusing(channels.Unknown), found: true}
		r.senders["support"] = o
		r.database(kept)
		for _, statement := range []string{`SELECT 1`, broken, mended} {
			r.database(statement)
			r.deliver(d, id)
			r.pass(time.Hour)
		}
		r.same("sends and looks", []int{1, 1}, []int{o.sends, o.looks})
		r.same("in the end", []string{"delivered", "kept"}, []string{r.effect(id).State, r.promise(story.Message.Ticket)})
	})
}

// TestWhatReturnsAfterItsPersonWasErased has nobody to go to any more, and is not tried for ever.
func TestWhatReturnsAfterItsPersonWasErased(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	r.senders["hotline"] = sendFunc(wellDone)
	story := r.opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id := story.Effects[0].ID
	r.deliver(d, id)
	person, err := r.store.Person(t.Context(), story.Contact)
	r.must(err)
	_, err = r.store.Erase(t.Context(), person, store.Erasure{Who: "ann"}, r.time())
	r.must(err)
	_, err = r.store.Record(t.Context(), store.Lot{Receipts: []store.InboxReceipt{{Inbox: "hotline",
		Receipt: channels.Receipt{Key: r.effect(id).Key, ProviderID: r.effect(id).ProviderID, Status: channels.StatusFailed, At: r.time()}}}}, r.time())
	r.must(err)
	r.same("before anybody looks", "failed", r.effect(id).State)
	r.deliver(d, id)
	r.tasks()
	for range 3 {
		r.pass(time.Hour)
		r.sweep().once(t.Context(), r.time())
	}
	r.same("rung for afterwards", 0, len(r.rungFor(engine.Deliver)))
}
