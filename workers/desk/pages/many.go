package pages

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// Batch is what is done with each of several tickets.
type Batch struct {
	Act    string    // "close", "hand-back", "snooze", "give", "tag" or "untag"
	Reason string    // of closing: a key of acts.Reasons; empty: none
	Until  time.Time // of putting off; zero: until the customer writes
	To     int64     // the user to whom tickets are given
	Tag    string
}

// Many does things with tickets one by one, each in its own transaction and by the rights in its own queue.
type Many interface {
	// Choices are what the viewer can choose from. Later stays empty.
	Choices(ctx context.Context, v viewer.Viewer) (acts.Choices, error)
	// Apply does it with one ticket. ErrRefused: whom it is given to does not answer there; ErrAbsent: he is not there.
	Apply(ctx context.Context, v viewer.Viewer, number int64, b Batch) error
	// Tagged lists tickets with a tag.
	Tagged(ctx context.Context, v viewer.Viewer, a Asked) (desk.List, error)
	// AddTag adds a tag to the desk's list. ErrRefused: the viewer may not, or it is no word.
	AddTag(ctx context.Context, v viewer.Viewer, shown string) error
	// Views are searches that the viewer, or somebody for a queue of his, has kept. SaveView: ErrRefused, where it is not kept. DropView: ErrNotFound.
	Views(ctx context.Context, v viewer.Viewer) ([]acts.View, error)
	SaveView(ctx context.Context, v viewer.Viewer, one acts.View) error
	DropView(ctx context.Context, v viewer.Viewer, id int64) error
}

// mostAtOnce bounds how many tickets are worked on at once, manyWithin for how long.
const (
	mostAtOnce = 200
	manyWithin = 2 * time.Minute
)

// manyPage is what became of several tickets. Its rows stand where Rows does: they are written while they are made.
type manyPage struct {
	desk.Frame
	Act  string
	Rows string // a word that stands nowhere else; the layout has a Mark of its own
}

// tally ends the rows of a manyPage.
type tally struct{ Done, Refused int }

// batch reads what is to be done with each ticket; ok is false where that is nothing.
func (p *Pages) batch(r *http.Request) (b Batch, ok bool) {
	b = Batch{Act: r.PostFormValue("act"), Reason: r.PostFormValue("reason"), To: positive(r.PostFormValue("to")), Tag: begin(r.PostFormValue("tag"), longestQuery)}
	switch b.Act {
	case "close":
		return b, b.Reason == "" || slices.Contains(acts.Reasons(), b.Reason)
	case "hand-back":
		return b, true
	case "give":
		return b, b.To > 0
	case "tag", "untag":
		return b, strings.TrimSpace(b.Tag) != ""
	case "snooze":
		if r.PostFormValue("until") == "answer" {
			return b, true
		}
		var err error
		b.Until, err = time.Parse(time.RFC3339, r.PostFormValue("until"))
		return b, err == nil && b.Until.After(time.Now()) && b.Until.Before(time.Now().AddDate(1, 0, 0))
	}
	return b, false
}

// chosen are the tickets that were chosen, once each, in their order.
func chosen(r *http.Request) (out []int64) {
	for _, text := range r.PostForm["ticket"] {
		if n := ticketNumber(text); n > 0 && !slices.Contains(out, n) && len(out) <= mostAtOnce {
			out = append(out, n)
		}
	}
	return out
}

// many does one thing with several tickets, and shows what became of each while it goes on. One that is refused stops nothing, and neither does a
// browser that has gone away.
func (p *Pages) many(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	b, ok := p.batch(r)
	numbers := chosen(r)
	if err != nil || !ok || len(numbers) == 0 || len(numbers) > mostAtOnce {
		http.Redirect(w, r, to("/desk/"+from(r), "done", "nothing"), http.StatusSeeOther)
		return
	}
	lang := p.language(w, r)
	page := manyPage{Act: b.Act, Rows: rand.Text()}
	if page.Frame, err = p.frame(r, lang); err != nil {
		p.broken(w, r, "", err)
		return
	}
	page.Title = p.pages.Text(lang, "many."+b.Act)
	var out bytes.Buffer
	if err := p.pages.Render(&out, lang, "many", page); err != nil {
		p.broken(w, r, "", err)
		return
	}
	before, after, _ := bytes.Cut(out.Bytes(), []byte(page.Rows))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), manyWithin)
	defer cancel()
	flush := http.NewResponseController(w)
	write := func(text []byte) {
		w.Write(text) // the browser may have gone away: the work goes on
		if err := flush.Flush(); err != nil {
			p.Logger.Debug("a browser does not see how several things go on", "error", err)
		}
	}
	write(before)
	sum := tally{}
	for _, number := range numbers {
		result := p.applied(ctx, r, number, b)
		if result.Done {
			sum.Done++
		} else {
			sum.Refused++
		}
		write(p.part(lang, "result", result))
	}
	write(p.part(lang, "tally", sum))
	write(after)
	p.Logger.Info("done at the desk with several tickets", "act", b.Act, "done", sum.Done, "refused", sum.Refused, "user", p.Viewer(r).User)
}

// part is a part of the page of many, or nothing where it cannot be made.
func (p *Pages) part(lang, name string, data any) []byte {
	var out bytes.Buffer
	if err := p.pages.Part(&out, lang, "many", name, data); err != nil {
		p.Logger.Error("rendering a part of a page of the desk failed", "part", name, "error", err)
		return nil
	}
	return out.Bytes()
}

// applied does it with one ticket.
func (p *Pages) applied(ctx context.Context, r *http.Request, number int64, b Batch) acts.Result {
	err := p.Many.Apply(ctx, p.Viewer(r), number, b)
	for _, known := range []struct {
		of  error
		why string
	}{{ErrTaken, "taken"}, {ErrFull, "full"}, {ErrMerged, "merged"}, {ErrAbsent, "absent"}, {ErrRefused, "refused"}, {ErrNotSo, "notso"}, {ErrNotFound, "notfound"}} {
		if errors.Is(err, known.of) {
			return acts.Result{Number: number, Why: known.why}
		}
	}
	if err != nil {
		p.Logger.Error("doing one of several things at the desk failed", "act", b.Act, "ticket", number, "error", err)
		return acts.Result{Number: number, Why: "failed"}
	}
	return acts.Result{Number: number, Done: true}
}

// choices are what the viewer can do with several tickets of a list; nil where he answers nowhere.
func (p *Pages) choices(r *http.Request, now time.Time) (*acts.Choices, error) {
	if !works(p.Viewer(r)) {
		return nil, nil
	}
	c, err := p.Many.Choices(r.Context(), p.Viewer(r))
	for _, l := range later(now.In(p.Zone)) {
		c.Later = append(c.Later, acts.Later(l))
	}
	return &c, err
}

// one does something with the ticket of a page.
func (p *Pages) one(done string, b func(r *http.Request) Batch) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		p.do(w, r, done, true, func(ctx context.Context, v viewer.Viewer, number int64) error {
			return p.Many.Apply(ctx, v, number, b(r))
		})
	}
}

// tag puts a tag on a ticket, or takes it off.
func tag(r *http.Request) Batch {
	b := Batch{Act: "tag", Tag: begin(r.PostFormValue("tag"), longestQuery)}
	if r.PostFormValue("off") != "" {
		b.Act = "untag"
	}
	return b
}

// addTag adds a tag to the desk's list.
func (p *Pages) addTag(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	done := "tag-added"
	switch err := p.Many.AddTag(r.Context(), p.Viewer(r), r.PostFormValue("tag")); {
	case errors.Is(err, ErrRefused):
		done = "tag-refused"
	case err != nil:
		p.broken(w, r, "", err)
		return
	}
	http.Redirect(w, r, to("/desk/"+from(r), "done", done), http.StatusSeeOther)
}

// close closes a ticket: for a reason of the list, and with words for colleagues, which are left as a note first.
func (p *Pages) close(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	reason, words := r.PostFormValue("reason"), strings.TrimSpace(tidy(r.PostFormValue("words")))
	if !slices.Contains(acts.Reasons(), reason) {
		reason = ""
	}
	p.do(w, r, "close", true, func(ctx context.Context, v viewer.Viewer, number int64) error {
		if words != "" {
			if err := p.Answers.Note(ctx, v, number, Outgoing{Key: rand.Text(), Text: words}); err != nil {
				return err
			}
		}
		if reason == "" {
			return p.Acts.Close(ctx, v, number)
		}
		return p.Many.Apply(ctx, v, number, Batch{Act: "close", Reason: reason})
	})
}
