package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// Aside is what waits for a person and has no ticket.
type Aside interface {
	// Parked is a page of it, the newest first, below a message; 0: from the top. ErrNotFound: the viewer does not see it.
	Parked(ctx context.Context, v viewer.Viewer, cause string, before int64, limit int) ([]acts.Parked, error)
	// Settle does "release", "dismiss", "undismiss" or "block" with one message. ErrNotFound: it is not set aside, or not for the viewer. ErrNotSo: it
	// has no sender who could be blocked.
	Settle(ctx context.Context, v viewer.Viewer, message int64, act string) error
	// Blocks is a page of who is blocked, the newest first, below a block; 0: from the top. ErrNotFound: the viewer does not see it.
	Blocks(ctx context.Context, v viewer.Viewer, before int64, limit int) ([]acts.Block, error)
	// Unblock ends a block. ErrNotFound: there is none, or not for the viewer.
	Unblock(ctx context.Context, v viewer.Viewer, id int64) error
}

// parkedPage is a page of what is set aside.
type parkedPage struct {
	desk.Frame
	Messages []acts.Parked
	Cause    string
	Next     int64 // what the next page begins below; 0: there is none
	Blocks   []acts.Block
	More     int64 // what the next page of blocks begins below; 0: there is none
	Looked   bool  // somebody has asked for the blocks: they stand open
	Done     []asideResult
	Act      string
}

// asideResult is what became of one message.
type asideResult struct {
	ID   int64
	Done bool
	Why  string
}

// causeName reports whether a text can be a cause.
func causeName(s string) bool {
	return len(s) <= 40 && !strings.ContainsFunc(s, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') })
}

// parked lists what is set aside.
func (p *Pages) parked(w http.ResponseWriter, r *http.Request) { p.showParked(w, r, "", nil) }

func (p *Pages) showParked(w http.ResponseWriter, r *http.Request, act string, done []asideResult) {
	lang := p.language(w, r)
	page := parkedPage{Cause: r.FormValue("cause"), Done: done, Act: act}
	if !causeName(page.Cause) {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	var err error
	page.Messages, err = p.Aside.Parked(r.Context(), p.Viewer(r), page.Cause, positive(r.URL.Query().Get("before")), pageSize+1)
	blocked := positive(r.URL.Query().Get("blocked"))
	if err == nil {
		page.Blocks, err = p.Aside.Blocks(r.Context(), p.Viewer(r), blocked, pageSize+1)
	}
	if err == nil {
		page.Frame, err = p.frame(r, lang)
	}
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	page.Looked = blocked > 0 || act == "block" || r.URL.Query().Get("done") == "unblocked"
	if len(page.Blocks) > pageSize {
		page.Blocks = page.Blocks[:pageSize]
		page.More = page.Blocks[pageSize-1].ID
	}
	if len(page.Messages) > pageSize {
		page.Messages = page.Messages[:pageSize]
		page.Next = page.Messages[pageSize-1].ID
	}
	page.Here, page.Title = "parked", p.pages.Text(lang, "parked.title")
	p.render(w, http.StatusOK, lang, "parked", "layout", page)
}

// settle does something with messages that are set aside, one by one, and shows what became of each above the list.
func (p *Pages) settle(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	act := r.PostFormValue("act")
	var ids []int64
	for _, text := range append(r.PostForm["message"], r.PostForm["only"]...) {
		if id := positive(text); id > 0 && !slices.Contains(ids, id) && len(ids) < mostAtOnce {
			ids = append(ids, id)
		}
	}
	if only := positive(r.PostFormValue("only")); only > 0 {
		ids = []int64{only}
	}
	if err != nil || len(ids) == 0 || !slices.Contains([]string{"release", "dismiss", "undismiss", "block"}, act) {
		http.Redirect(w, r, to("/desk/parked", "done", "nothing"), http.StatusSeeOther)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), manyWithin)
	defer cancel()
	var done []asideResult
	for _, id := range ids {
		result := asideResult{ID: id, Done: true}
		switch err := p.Aside.Settle(ctx, p.Viewer(r), id, act); {
		case act == "block" && errors.Is(err, ErrNotSo):
			result = asideResult{ID: id, Why: "nosender"}
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrNotSo):
			result = asideResult{ID: id, Why: "notfound"}
		case err != nil:
			p.Logger.Error("settling what is set aside failed", "act", act, "message", strconv.FormatInt(id, 10), "error", err)
			result = asideResult{ID: id, Why: "failed"}
		}
		done = append(done, result)
	}
	p.Logger.Info("done at the desk with what is set aside", "act", act, "messages", len(done), "user", p.Viewer(r).User)
	p.showParked(w, r, act, done)
}

// unblock ends a block, and shows the list of them again.
func (p *Pages) unblock(w http.ResponseWriter, r *http.Request) {
	if err := p.Aside.Unblock(r.Context(), p.Viewer(r), positive(r.PathValue("id"))); err != nil {
		p.broken(w, r, "", err)
		return
	}
	p.Logger.Info("done at the desk with what is set aside", "act", "unblock", "user", p.Viewer(r).User)
	http.Redirect(w, r, "/desk/parked?done=unblocked#blocks", http.StatusSeeOther)
}

// asides reports whether a viewer sees what is set aside, as workers/store/setaside has it: the store decides, this shows the way.
func asides(v viewer.Viewer) bool {
	for _, right := range []viewer.Right{viewer.Direct, viewer.Administer} {
		if queues, every := v.Where(right); every || len(queues) > 0 {
			return true
		}
	}
	return false
}
