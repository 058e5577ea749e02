package ops

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/deliver"
	"frontdesk/workers/ops/entrance"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/view"
)

// sendLine is one send in the story of a message or a ticket. Its words are opened one send at a time, and each opening is in the
// journal.
type sendLine struct {
	view.OutboxRow
	Shown  string        // its state, as it is shown
	Opened bool          // its words are wanted
	Said   []outbox.Said // its attempts, where they are; masked
	Open   string        // address of the same page with its words; empty where nothing was tried
	Shut   string        // address of the same page without them
}

// says reports whether an effect of that kind hands words to somebody.
func says(kind string) bool {
	return kind == effects.KindAcknowledgement || kind == effects.KindDigest || kind == effects.KindReply || kind == effects.KindForward || kind == effects.KindCode || kind == effects.KindNotice
}

func (d *desk) sendLine(o view.OutboxRow) sendLine {
	s := sendLine{OutboxRow: o, Shown: o.State}
	if d.waits(o) {
		s.Shown = "held"
	}
	return s
}

// sends reads what went to customers about messages, by message.
func (d *desk) sends(ctx context.Context, messages []int64) (map[int64][]sendLine, error) {
	rows, err := d.Store.View.OutboxOf(ctx, messages)
	if err != nil {
		return nil, err
	}
	out := map[int64][]sendLine{}
	for id, of := range rows {
		for _, o := range of {
			if says(o.Kind) {
				out[id] = append(out[id], d.sendLine(o))
			}
		}
	}
	return out, nil
}

// openSend opens the words of the one send that the address asks for ("said"), and gives the others the addresses at
// which they are. It reports false when an answer was given. One at a time, so that the journal says what somebody
// has really read.
func (d *desk) openSend(w http.ResponseWriter, r *http.Request, sends map[int64][]sendLine) bool {
	wanted := frame.Number(r.FormValue("said"))
	for _, of := range sends {
		for i := range of {
			s := &of[i]
			if !says(s.Kind) || s.Attempts == 0 {
				continue
			}
			s.Opened = s.ID == wanted
			s.Open, s.Shut = r.URL.Path+saidQuery(r, s.ID)+anchor(s.ID), r.URL.Path+saidQuery(r, 0)+anchor(s.ID)
			if s.Opened && !d.said(w, r, s) {
				return false
			}
		}
	}
	return true
}

func anchor(id int64) string { return "#s-" + strconv.FormatInt(id, 10) }

// saidQuery is the query of the page with the words of another send.
func saidQuery(r *http.Request, id int64) string {
	return frame.Query("", "before", positive(frame.Number(r.FormValue("before"))), "said", positive(id))
}

// said opens what a send has said and writes into the journal that somebody has read it. It reports false when an
// answer was given. What is shown is masked once more: the text may quote the customer's subject.
func (d *desk) said(w http.ResponseWriter, r *http.Request, s *sendLine) bool {
	all, err := d.Store.Outbox.Said(r.Context(), []int64{s.ID})
	if err == nil {
		s.Said = all[s.ID]
		if slices.ContainsFunc(s.Said, func(a outbox.Said) bool { return a.Words != nil }) {
			err = d.Store.Acts.Looked(r.Context(), s.Message, "sending "+strconv.FormatInt(s.ID, 10), time.Now(), entrance.Who(r))
		}
	}
	switch {
	case errors.Is(err, keyring.ErrIntakeOnly), errors.Is(err, keyring.ErrSealed):
		d.Fail(w, r, http.StatusNotFound, "error.said")
	case err != nil:
		d.Broken(w, r, err)
	}
	for i, a := range s.Said {
		if a.Unheard() && deliver.Idle(a.Code) {
			s.Said[i].Outcome = "retry"
		}
		if a.Words != nil {
			a.Words.Subject, _ = d.Mask.Text(a.Words.Subject)
			a.Words.Text, _ = d.Mask.Text(a.Words.Text)
		}
	}
	return err == nil
}

// sentPage shows one send with all that is known of it.
type sentPage struct {
	frame.Frame
	Send  sendLine
	Inbox string
}

// sent shows the page of one send with all its attempts. Opening it opens the words, and the journal says so.
func (d *desk) sent(w http.ResponseWriter, r *http.Request) {
	id := frame.Number(r.PathValue("id"))
	rows, err := d.Store.View.Outbox(r.Context(), view.Page{ID: id})
	var inbox string
	if err == nil && len(rows) == 1 {
		inbox, err = d.Store.Outbox.InboxOf(r.Context(), id)
	}
	switch {
	case err != nil:
		d.Broken(w, r, err)
		return
	case len(rows) != 1 || id == 0:
		d.Nowhere(w, r)
		return
	}
	s := d.sendLine(rows[0])
	if says(s.Kind) && !d.said(w, r, &s) {
		return
	}
	d.Render(w, r, http.StatusOK, "sent", sentPage{Frame: d.Frame(w, r, "title.sent", id), Send: s, Inbox: inbox})
}
