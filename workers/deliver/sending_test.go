package deliver

import (
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/causes"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/view"
)

// TestATextThatCannotBeWritten is tried again, since it may be mended, and does not leave its promise open.
func TestATextThatCannotBeWritten(t *testing.T) {
	const (
		kept   = `CREATE TABLE kept AS SELECT id, payload FROM outbox`
		broken = `UPDATE outbox SET payload = '[]'`
		mended = `UPDATE outbox SET payload = (SELECT payload FROM kept WHERE kept.id = outbox.id)`
	)
	setup := func(t *testing.T) (*rig, *Deliverer, view.Story) {
		r := newRig(t)
		d := r.deliverer()
		r.senders["support"], r.senders["hotline"] = sendFunc(wellDone), sendFunc(wellDone)
		story := r.Opened("support", "k1", letter{From: "li@customer.example", Text: payment})
		return r, d, story
	}
	t.Run("and is mended goes out", func(t *testing.T) {
		r, d, story := setup(t)
		id := story.Effects[0].ID
		r.Database(kept)
		r.Database(broken)
		r.deliver(d, id)
		r.Same("meanwhile", []string{"due", "due"}, []string{r.Effect(id).State, r.promise(story.Message.Ticket)})
		r.Same("attempts", []string{"retry render"}, r.tries(story.Message.ID, id))
		r.Database(mended)
		r.Pass(time.Hour)
		r.deliver(d, id)
		r.Same("in the end", []string{"sent", "kept"}, []string{r.Effect(id).State, r.promise(story.Message.Ticket)})
	})
	t.Run("and stays broken is given up for its cause", func(t *testing.T) {
		r, d, story := setup(t)
		id := story.Effects[0].ID
		r.Database(broken)
		for n := 0; r.Effect(id).State == "due" && n < 100; n++ {
			r.deliver(d, id)
			r.Pass(75 * time.Minute)
		}
		r.Same("in the end", []string{"failed", "render", "void " + causes.NoText},
			[]string{r.Effect(id).State, r.Effect(id).Cause, r.promise(story.Message.Ticket)})
		books, err := r.Store.Auditing.Audit(t.Context(), auditing.AuditOptions{Grace: 72 * time.Hour}, r.Time())
		r.Must(err)
		r.Same("findings", []auditing.Finding{}, books.Findings)
	})
	t.Run("and whose earlier attempt may have gone out is looked for once it can be", func(t *testing.T) {
		r, d, story := setup(t)
		id := story.Effects[0].ID
		o := &oracle{send: refusing(channels.Unknown), found: true}
		r.senders["support"] = o
		r.Database(kept)
		for _, statement := range []string{`SELECT 1`, broken, mended} {
			r.Database(statement)
			r.deliver(d, id)
			r.Pass(time.Hour)
		}
		r.Same("sends and looks", []int{1, 1}, []int{o.sends, o.looks})
		r.Same("in the end", []string{"delivered", "kept"}, []string{r.Effect(id).State, r.promise(story.Message.Ticket)})
	})
}

// TestWhatReturnsAfterItsPersonWasErased has nobody to go to any more, and is not tried for ever.
func TestWhatReturnsAfterItsPersonWasErased(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	r.senders["hotline"] = sendFunc(wellDone)
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id := story.Effects[0].ID
	r.deliver(d, id)
	person, err := r.Store.Erasure.Person(t.Context(), story.Contact)
	r.Must(err)
	_, err = r.Store.Erasure.Erase(t.Context(), person, erasure.Erasure{Who: "ann"}, r.Time())
	r.Must(err)
	_, err = r.Store.Intake.Record(t.Context(), intake.Lot{Receipts: []plans.InboxReceipt{{Inbox: "hotline",
		Receipt: channels.Receipt{Key: r.Effect(id).Key, ProviderID: r.Effect(id).ProviderID, Status: channels.StatusFailed, At: r.Time()}}}}, r.Time())
	r.Must(err)
	r.Same("before anybody looks", "failed", r.Effect(id).State)
	r.deliver(d, id)
	for range 3 {
		r.Pass(time.Hour)
		woken, err := r.Store.Outbox.WakeEffects(t.Context(), r.Time(), r.Time().Add(time.Minute), 10)
		r.Must(err)
		r.Same("woken afterwards", 0, len(woken))
	}
}
