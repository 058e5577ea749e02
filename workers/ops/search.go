package ops

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline/thread"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/view"
)

// searchPage shows the tickets that a person looks for. Filters narrow by state, More by the queues of what was
// found; Cut says that the query was longer than is looked for.
type searchPage struct {
	frame.Frame
	Rows          []watch.TicketLine
	Filters, More []filter // by state, by queue
	Narrowed      bool
	Cut           bool
	Count, Many   int    // how many fit; Many: more than so many
	Message       int64  // that was called by its number
	Missing       string // what was called by its number and is not there
	Left          int    // per cent of the tickets that have not been looked at for the index
	Older, Newest string
}

// searchWithin bounds one search: a query of common words over a large desk must not hold a session of the lists for
// long.
const searchWithin = 10 * time.Second

// search looks for tickets. What is called by a name of its own, T-3 or #44, is gone to at once. Unknown filters in
// the address are dropped, since people edit addresses.
func (d *desk) search(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), searchWithin)
	defer cancel()
	asked := strings.TrimSpace(r.FormValue("q"))
	k := find.Seek{Query: d.Store.Find.Reader().Read(asked), State: r.FormValue("state"), Queue: r.FormValue("queue"), Before: frame.Number(r.FormValue("before")), Limit: pageSize}
	if k.State != viewWork && k.State != viewClosed {
		k.State = ""
	}
	if len(k.Queue) > 100 {
		k.Queue = ""
	}
	f, err := d.Store.Find.Search(ctx, k)
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	if to := called(k, f); to != "" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	page, err := d.searched(ctx, k, f)
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	asked = begins(asked, 200)
	page.Frame = d.Frame(w, r, "title.search")
	if asked != "" {
		page.Title = d.Pages.Text(page.Lang, "find.for", asked)
	}
	page.Asked = asked
	d.narrow(&page, k, f)
	d.Render(w, r, http.StatusOK, "search", page)
}

// begins is a text up to so many characters.
// It cuts between characters, so that the title stays text.
func begins(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// called is the address of what nothing but its number was typed of; "" for a query that could mean more.
func called(k find.Seek, f find.Found) string {
	switch {
	case len(k.Query.Terms) > 0:
	case f.Ticket > 0:
		return "/tickets/" + strconv.FormatInt(f.Ticket, 10)
	case f.Message > 0:
		return "/messages/" + strconv.FormatInt(f.Message, 10)
	}
	return ""
}

// searched joins what was found to what lists show of tickets. What a number calls comes first. It also says which
// part of the tickets is not indexed yet, so that nobody takes "not found" for "not there".
func (d *desk) searched(ctx context.Context, k find.Seek, f find.Found) (p searchPage, err error) {
	tickets := f.Tickets
	for _, id := range []int64{f.Of, f.Ticket} {
		if id == 0 || len(tickets) > 0 && tickets[0].ID == id {
			continue
		}
		rows, err := d.Store.View.Tickets(ctx, view.Page{ID: id})
		if err != nil {
			return p, err
		}
		tickets = slices.Concat(rows, slices.DeleteFunc(slices.Clone(tickets), func(t view.Ticket) bool { return t.ID == id }))
	}
	if p.Rows, err = d.lines(ctx, tickets); err != nil {
		return p, err
	}
	for i := range p.Rows {
		hit := f.Hits[p.Rows[i].ID]
		p.Rows[i].Hit, p.Rows[i].HitAt = hit.Parts, hit.Message
	}
	p.Cut, p.Message, p.Count = k.Query.Cut, f.Message, f.Count
	if f.Count > find.CountedTo {
		p.Many, p.Count = find.CountedTo, 0
	}
	if len(k.Query.Terms) == 0 && k.Before == 0 {
		switch {
		case k.Query.Ticket > 0 && f.Ticket == 0:
			p.Missing = thread.TicketNumber(k.Query.Ticket)
		case k.Query.Message > 0 && f.Message == 0:
			p.Missing = "#" + strconv.FormatInt(k.Query.Message, 10)
		}
	}
	_, walked, err := d.Store.Find.Findable(ctx)
	if !walked.Done {
		p.Left = max(1, int(100*walked.Left))
	}
	return p, err
}

// narrow offers what the search can be narrowed to: the states, and the queues of what was found.
func (d *desk) narrow(p *searchPage, k find.Seek, f find.Found) {
	address := func(state, queue, before string) string {
		return frame.Query("/search", "q", p.Asked, "state", state, "queue", queue, "before", before)
	}
	p.Narrowed = k.State != "" || k.Queue != ""
	if p.Asked == "" {
		return
	}
	for _, state := range []struct{ name, word string }{{"", "find.any"}, {viewWork, "find.open"}, {viewClosed, "find.closed"}} {
		p.Filters = append(p.Filters, filter{Name: d.Pages.Text(p.Lang, state.word), URL: address(state.name, k.Queue, ""), Count: -1, Here: state.name == k.State})
	}
	queues := []string{""}
	for _, t := range f.Tickets {
		queues = append(queues, t.Queue)
	}
	if k.Queue != "" {
		queues = append(queues, k.Queue)
	}
	slices.Sort(queues)
	if queues = slices.Compact(queues); len(queues) > 2 || k.Queue != "" {
		for _, q := range queues {
			name := d.Pages.Value(p.Lang, "desk", q)
			if q == "" {
				name = d.Pages.Text(p.Lang, "find.queues")
			}
			p.More = append(p.More, filter{Name: name, URL: address(k.State, q, ""), Here: q == k.Queue})
		}
	}
	if f.Before > 0 {
		p.Older = address(k.State, k.Queue, strconv.FormatInt(f.Before, 10))
	}
	if k.Before > 0 {
		p.Newest = address(k.State, k.Queue, "")
	}
}
