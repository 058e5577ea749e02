package pages

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"frontdesk/pipeline/thread"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/store/viewer"
)

// maxForm bounds what is read of a form, in bytes: a long text and its fields.
const maxForm = 1 << 20

// act is the route of an act that needs nothing but its ticket. stays says whether the ticket is shown again, else its list.
func (p *Pages) act(done string, stays bool, f func(context.Context, viewer.Viewer, int64) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		p.do(w, r, done, stays, f)
	}
}

// do does it once. The answer is a redirect (303), so that reloading the page does nothing twice. That somebody else was first is said,
// and no error: two people look at one list.
func (p *Pages) do(w http.ResponseWriter, r *http.Request, done string, stays bool, f func(context.Context, viewer.Viewer, int64) error) {
	number := ticketNumber(r.PathValue("number"))
	if number == 0 {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	if p.changed(w, r, number) {
		return
	}
	switch err := f(r.Context(), p.Viewer(r), number); {
	case errors.Is(err, ErrTaken):
		done, stays = "taken", true
	case errors.Is(err, ErrFull):
		done, stays = "full", true
	case errors.Is(err, ErrInOrder):
		done, stays = "inorder", true
	case errors.Is(err, ErrNotSo):
		done, stays = "notso", true
	case errors.Is(err, further.ErrMany):
		done, stays = "check-many", true
	case unvouched(err) != "":
		p.Logger.Warn("asking the company's system for addresses failed", "ticket", number, "error", err)
		done, stays = "check-unasked", true
	case err != nil:
		p.broken(w, r, "", err)
		return
	default:
		p.Logger.Info("done at the desk", "act", done, "ticket", number, "user", p.Viewer(r).User)
	}
	here, of := from(r), thread.TicketNumber(number)
	if stays {
		http.Redirect(w, r, to(ticketPath(number), "from", here, "done", done, "of", of)+"#ticket", http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, to("/desk/"+here, "done", done, "of", of), http.StatusSeeOther)
}

// changed shows the ticket again, with what was changed of it field by field, where the form that came has said that it stood otherwise: who
// presses the button has another ticket before him than he thinks. Nothing is done then; the form on the page that follows does it.
func (p *Pages) changed(w http.ResponseWriter, r *http.Request, number int64) bool {
	was := r.PostFormValue("was")
	if was == "" {
		return false
	}
	t, err := p.Tickets.Ticket(r.Context(), p.Viewer(r), number, "")
	if err != nil || len(beneath(was, t)) == 0 { // what cannot be read cannot be acted upon either, and says so itself
		return false
	}
	if page, lang, ok := p.readTicket(w, r, ""); ok {
		p.render(w, http.StatusConflict, lang, "ticket", "layout", page)
	}
	return true
}

// sort says where a ticket belongs. The form has the queue and the category that its page offered; others are refused by whoever knows them.
// Who has said it in a list goes on there.
func (p *Pages) sort(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	queue, category := r.PostFormValue("queue"), r.PostFormValue("category")
	p.do(w, r, "sorted", p.keeps(r, queue) && r.PostFormValue("back") != "list", func(ctx context.Context, v viewer.Viewer, number int64) error {
		return p.Acts.Sort(ctx, v, number, queue, category)
	})
}

// keeps reports whether the viewer may still read a ticket that is in that queue.
func (p *Pages) keeps(r *http.Request, queue string) bool {
	return queue == "" || p.Viewer(r).May(viewer.Read, queue)
}

// snooze puts a ticket off: until one of the moments that its page offers, or one that was typed in the desk's time.
func (p *Pages) snooze(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.PostFormValue("until") == "answer" {
		p.do(w, r, "until-answer", false, func(ctx context.Context, v viewer.Viewer, number int64) error {
			return p.Many.Apply(ctx, v, number, Batch{Act: "snooze"})
		})
		return
	}
	until, err := time.Parse(time.RFC3339, r.PostFormValue("until"))
	if err != nil {
		until, err = time.ParseInLocation("2006-01-02T15:04", r.PostFormValue("at"), p.Zone)
	}
	if now := time.Now(); err != nil || until.Before(now) || until.After(now.AddDate(1, 0, 0)) {
		p.do(w, r, "past", true, func(context.Context, viewer.Viewer, int64) error { return nil })
		return
	}
	p.do(w, r, "later", false, func(ctx context.Context, v viewer.Viewer, number int64) error {
		return p.Acts.Snooze(ctx, v, number, until)
	})
}

// next gives the viewer the next ticket and opens it.
func (p *Pages) next(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	address, err := p.nextAddress(r, 0)
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// nextAddress takes the next ticket and says where it is; where none waits, or he has
// enough in hand, the list with a word. sent is the reply that was sent before;
// 0: none.
func (p *Pages) nextAddress(r *http.Request, sent int64) (string, error) {
	number, err := p.Acts.Next(r.Context(), p.Viewer(r))
	bar := ""
	if sent > 0 {
		bar = strconv.FormatInt(sent, 10)
	}
	switch {
	case errors.Is(err, ErrNothing):
		return to("/desk/lists/mine", "done", "none", "sent", bar), nil
	case errors.Is(err, ErrFull):
		return to("/desk/lists/mine", "done", "full", "sent", bar), nil
	case err != nil:
		return "", err
	}
	p.Logger.Info("done at the desk", "act", "next", "ticket", number, "user", p.Viewer(r).User)
	return to(ticketPath(number), "from", "lists/mine", "sent", bar) + "#ticket", nil
}

// resend does something with a reply that was sent, and goes to its ticket.
func (p *Pages) resend(w http.ResponseWriter, r *http.Request, done string, f func(context.Context, viewer.Viewer, int64) (int64, error)) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number, err := f(r.Context(), p.Viewer(r), positive(r.PathValue("id")))
	switch {
	case number > 0 && errors.Is(err, ErrLate):
		done = "late"
	case number > 0 && errors.Is(err, ErrNotSo):
		done = "notso"
	case err != nil:
		p.broken(w, r, "", err)
		return
	default:
		p.Logger.Info("done at the desk", "act", done, "ticket", number, "user", p.Viewer(r).User)
	}
	http.Redirect(w, r, to(ticketPath(number), "from", from(r), "done", done)+"#answer", http.StatusSeeOther)
}
