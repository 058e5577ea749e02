package ops

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/workers/ops/entrance"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/store"
	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/view"
)

// heldWait is how long nothing of a release is sent, so that it can be taken back: long enough to see a mistake.
// heldAtOnce is how many of a cause one release lets go: a whole backlog at once would run into the caps that held
// it.
const (
	heldWait   = 30 * time.Second
	heldAtOnce = 100
)

// heldLine is what waits for one cause at one inbox.
type heldLine struct {
	outbox.Held
	Go int64 // how many a release lets go at most
}

func heldLines(held []outbox.Held) []heldLine {
	out := make([]heldLine, len(held))
	for i, h := range held {
		out[i] = heldLine{h, min(h.Count, heldAtOnce)}
	}
	return out
}

// waits reports whether a row waits for a person: it is held, and something may go to its address at all.
func (d *desk) waits(o view.OutboxRow) bool {
	if !o.Held || d.May == nil {
		return o.Held
	}
	return d.May(message.Address{Kind: d.Channels[o.Channel].Address, Value: o.To})
}

// held says of each row whether it waits.
func (d *desk) held(rows []view.OutboxRow) []view.OutboxRow {
	for i, o := range rows {
		rows[i].Held = d.waits(o)
	}
	return rows
}

// releaseHeldRow lets one held acknowledgement go.
func (d *desk) releaseHeldRow(w http.ResponseWriter, r *http.Request) {
	back := "/outbox?state=withheld"
	if ticket := frame.Number(r.PostFormValue("ticket")); ticket > 0 {
		back = "/tickets/" + strconv.FormatInt(ticket, 10)
	}
	d.letGo(w, r, back, acts.Release{IDs: []int64{frame.Number(r.PathValue("id"))}})
}

// releaseHeld lets those go that are held for one cause at one inbox.
func (d *desk) releaseHeld(w http.ResponseWriter, r *http.Request) {
	cause := r.PostFormValue("cause")
	if !outbox.Releasable(cause) {
		d.Fail(w, r, http.StatusBadRequest, "error.cause")
		return
	}
	d.letGo(w, r, "/outbox?state=withheld", acts.Release{Cause: cause, Inbox: r.PostFormValue("inbox"), Limit: heldAtOnce})
}

// letGo releases and says what came of it: how many went, that nothing may ever go there, or that somebody was
// faster. act is what holdBack takes back.
func (d *desk) letGo(w http.ResponseWriter, r *http.Request, back string, release acts.Release) {
	release.Who, release.Wait, release.May = entrance.Who(r), heldWait, d.May
	got, err := d.Store.Acts.ReleaseHeld(r.Context(), release, time.Now())
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	done := "held"
	switch {
	case got.Count > 0:
		d.Logger.Info("done at the operator's page", "act", "release held", "id", got.Act)
		d.watch.Drop()
	case got.Refused > 0:
		done = "never"
	case len(release.IDs) > 0:
		done = "gone"
	default:
		done = "none"
	}
	http.Redirect(w, r, frame.More(back, "done", done, "id", strconv.Itoa(got.Count), "act", positive(got.Act)), http.StatusSeeOther)
}

// holdBack takes a release back as far as nothing was sent. After heldWait there is mostly nothing left to take back,
// which is said.
func (d *desk) holdBack(w http.ResponseWriter, r *http.Request) {
	n, err := d.Store.Acts.HoldBack(r.Context(), frame.Number(r.PathValue("act")), heldWait, time.Now(), entrance.Who(r))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		d.Broken(w, r, err)
		return
	}
	done := "heldback"
	if n == 0 {
		done = "late"
	} else {
		d.Logger.Info("done at the operator's page", "act", "hold back", "id", frame.Number(r.PathValue("act")))
		d.watch.Drop()
	}
	http.Redirect(w, r, frame.More("/outbox?state=withheld", "done", done, "id", strconv.Itoa(n)), http.StatusSeeOther)
}

// positive is a number as text; none for 0.
func positive(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
