package ops

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"frontdesk/workers/ops/entrance"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/store"
	"frontdesk/workers/store/acts"
)

// act is something that a person does to one row: one transaction, with an entry in the journal under who.
// store.ErrNotFound: the row is gone, or in no state for it.
type act func(ctx context.Context, id int64, now time.Time, who string) error

// release lets a parked message out; the form says what the desk is to learn from it. The sender is the default, as
// in the command.
func (d *desk) release(w http.ResponseWriter, r *http.Request) {
	learn := acts.Learn(r.PostFormValue("learn"))
	switch learn {
	case acts.LearnSubject, acts.LearnNothing:
		d.do(w, r, "release", "/parked", func(ctx context.Context, id int64, now time.Time, who string) error {
			err := d.Store.Acts.ReleaseLearning(ctx, id, learn, now, who)
			if errors.Is(err, acts.ErrLearn) { // it has no subject: nothing is to be learned
				err = d.Store.Acts.ReleaseLearning(ctx, id, acts.LearnNothing, now, who)
			}
			return err
		})
	default:
		d.do(w, r, "release", "/parked", d.Store.Acts.Release)
	}
}

// act is the route of an act that needs nothing but its row.
func (d *desk) act(done, back string, f act) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { d.do(w, r, done, back, f) }
}

// do does it once and goes back to the listing. That somebody else was first is said, and no error: two people look
// at one list. The answer is a redirect (303), so that reloading the page does nothing twice.
func (d *desk) do(w http.ResponseWriter, r *http.Request, done, back string, f act) {
	id := frame.Number(r.PathValue("id"))
	err := f(r.Context(), id, time.Now(), entrance.Who(r))
	switch {
	case errors.Is(err, store.ErrNotFound):
		done = "gone"
	case err != nil:
		d.Broken(w, r, err)
		return
	default:
		d.Logger.Info("done at the operator's page", "act", done, "id", id)
		d.watch.Drop()
		if d.Wake != nil && (done == "release" || done == "take-out") {
			d.Wake(context.WithoutCancel(r.Context()))
		}
	}
	http.Redirect(w, r, frame.Query(back, "done", done, "id", strconv.FormatInt(id, 10)), http.StatusSeeOther)
}
