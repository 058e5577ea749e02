package pages

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"frontdesk/pipeline/thread"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/store/viewer"
)

// merge merges a ticket into another one. Where they are of different customers it is asked once more, in front of both.
func (p *Pages) merge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	number, asked := ticketNumber(r.PathValue("number")), r.PostFormValue("into")
	into := calledTicket(asked)
	root, err := int64(0), ErrNotFound
	if number > 0 && into > 0 {
		root, err = p.Merges.Merge(r.Context(), p.Viewer(r), number, into, r.PostFormValue("foreign") != "")
	}
	switch {
	case number == 0:
		p.broken(w, r, "", ErrNotFound)
	case errors.Is(err, ErrForeign), errors.Is(err, ErrNotFound):
		http.Redirect(w, r, to(ticketPath(number), "from", from(r), "merge", begin(asked, longestNumber))+"#merge", http.StatusSeeOther)
	case errors.Is(err, ErrMerged), errors.Is(err, ErrNotSo):
		http.Redirect(w, r, to(ticketPath(number), "from", from(r), "done", "notso")+"#ticket", http.StatusSeeOther)
	case err != nil:
		p.broken(w, r, "", err)
	default:
		p.Logger.Info("done at the desk", "act", "merge", "ticket", number, "user", p.Viewer(r).User)
		http.Redirect(w, r, to(ticketPath(root), "from", from(r), "done", "merged", "of", thread.TicketNumber(number))+"#ticket", http.StatusSeeOther)
	}
}

// unmerge takes a merging back, and shows the ticket that is one of its own again.
func (p *Pages) unmerge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p.do(w, r, "unmerged", true, func(ctx context.Context, v viewer.Viewer, number int64) error {
		return p.Merges.Unmerge(ctx, v, number)
	})
}

// longestNumber bounds what is typed for a ticket's number, in bytes.
const longestNumber = 40

// calledTicket is the ticket that somebody calls by its number, as T-25, t-25, #25 or 25; 0: that is none.
func calledTicket(typed string) int64 {
	typed = strings.TrimSpace(typed)
	if len(typed) > longestNumber {
		return 0
	}
	for _, mark := range []string{"T-", "t-", "#"} {
		typed = strings.TrimPrefix(typed, mark)
	}
	return ticketNumber("T-" + typed)
}

// joining is the merging that a ticket's page is asked for; nil: none is. What cannot be merged has no number.
func (p *Pages) joining(r *http.Request, number int64) (*acts.Joining, error) {
	asked := begin(r.URL.Query().Get("merge"), longestNumber)
	if asked == "" {
		return nil, nil
	}
	out := acts.Joining{}
	if into := calledTicket(asked); into > 0 {
		j, err := p.Merges.Joining(r.Context(), p.Viewer(r), number, into)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		out = j
	}
	out.Asked = asked
	return &out, nil
}

// root is the ticket in which one is worked on, as far as the viewer may read that; else itself.
func (p *Pages) root(r *http.Request, number int64) (int64, error) {
	root, err := p.Merges.Root(r.Context(), p.Viewer(r), number)
	if err != nil || root == 0 {
		return number, err
	}
	return root, nil
}
