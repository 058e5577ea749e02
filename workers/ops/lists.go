package ops

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store/view"
)

// pageSize is how many rows a listing shows: some screens, in a page of some ten kilobytes.
const pageSize = 50

// listPage is a page with a listing.
type listPage struct {
	frame.Frame
	Rows          any
	Held          []heldLine // of the outbox: what waits for a person
	Filters       []filter
	Older, Newest string
}

// filter is one state that a listing can be narrowed to.
type filter struct {
	Name, URL string
	Count     int64
	Here      bool
}

// listing is how one kind of listing is read and narrowed. A new one is a value of this type, a template and a route.
// It is the page's counterpart of package listings: both read view.Store.
type listing struct {
	path, title, page string
	group             string // of the states' words
	states            []string
	usual             string // the state that is shown when none is asked for; empty: all
	held              bool   // shows what is held
	counts            func(view.Counts) map[string]int64
	// read returns the rows, how many there are, and the id after which the next page begins.
	read func(ctx context.Context, p view.Page) (rows any, n int, last int64, err error)
}

// list reads one page of rows and the counts of its filters; the counts are at most a second old and shared by all
// who look.
func (d *desk) list(w http.ResponseWriter, r *http.Request, l listing) {
	p := view.Page{Limit: pageSize, State: r.FormValue("state"), Before: frame.Number(r.FormValue("before"))}
	if p.State == "" {
		p.State = l.usual
	}
	rows, n, last, err := l.read(r.Context(), p)
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	counts, err := d.watch.Counts(r.Context())
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	page := listPage{Frame: d.Frame(w, r, l.title), Rows: rows}
	if l.held {
		page.Held = heldLines(counts.Held)
	}
	page.Filters = d.filters(page.Lang, l, p.State, l.counts(counts))
	// The templates say "nothing here" for nil, and would draw an empty table for an empty list.
	if n == 0 {
		page.Rows = nil
	}
	if n >= pageSize {
		page.Older = frame.Query(l.path, "state", p.State, "before", strconv.FormatInt(last, 10))
	}
	if p.Before > 0 {
		page.Newest = frame.Query(l.path, "state", p.State)
	}
	d.Render(w, r, http.StatusOK, l.page, page)
}

// filters are the states that have rows, the usual one and the one that is shown; empty ones would only fill the
// line.
func (d *desk) filters(lang string, l listing, here string, counts map[string]int64) []filter {
	var out []filter
	if l.usual == "" {
		out = append(out, filter{Name: d.Pages.Text(lang, "filter.all"), URL: l.path, Count: -1, Here: here == ""})
	}
	for _, state := range l.states {
		if counts[state] == 0 && state != here && state != l.usual {
			continue
		}
		out = append(out, filter{Name: d.Pages.Value(lang, l.group, state), URL: frame.Query(l.path, "state", state), Count: counts[state], Here: state == here})
	}
	return out
}

// The views of the tickets, by the value of "state" in the address. Without one the open ones come in the order of work.
const (
	viewWork    = "open"
	viewWaiting = "waiting"
	viewAll     = "all"
	viewClosed  = "closed"
)

// tickets has views in place of states: the order of work differs from the order of time.
func (d *desk) tickets(w http.ResponseWriter, r *http.Request) {
	d.list(w, r, listing{path: "/tickets", title: "title.tickets", page: "tickets", group: "view", states: []string{viewWork, viewWaiting, viewClosed, viewAll}, usual: viewWork,
		counts: func(c view.Counts) map[string]int64 {
			open, closed := c.Tickets["open"], c.Tickets["closed"]
			return map[string]int64{viewWork: open, viewWaiting: open, viewClosed: closed, viewAll: open + closed}
		},
		read: func(ctx context.Context, p view.Page) (any, int, int64, error) {
			rows, err := d.view(ctx, p)
			if err != nil || len(rows) == 0 {
				return nil, 0, 0, err
			}
			last := rows[len(rows)-1].ID
			joined, err := d.lines(ctx, rows)
			return joined, len(rows), last, err
		}})
}

// view reads the tickets of a view.
func (d *desk) view(ctx context.Context, p view.Page) ([]view.Ticket, error) {
	switch p.State {
	case viewWork, viewWaiting:
		return d.Store.View.OpenTickets(ctx, view.Work{After: p.Before, Limit: p.Limit, Waiting: p.State == viewWaiting})
	case viewAll:
		p.State = ""
	}
	return d.Store.View.Tickets(ctx, p)
}

// messages lists decided and undecided ones; counters count the decided, and the undecided are added.
func (d *desk) messages(w http.ResponseWriter, r *http.Request) {
	d.list(w, r, listing{path: "/messages", title: "title.messages", page: "messages", group: "state", states: messageStates(),
		counts: func(c view.Counts) map[string]int64 {
			o := watch.Overview{Counts: c}
			for _, u := range c.Undecided {
				o.Undecided += u.Count
			}
			return messageCounts(&o)
		},
		read: func(ctx context.Context, p view.Page) (any, int, int64, error) {
			rows, err := d.Store.View.Messages(ctx, p)
			if err != nil || len(rows) == 0 {
				return nil, 0, 0, err
			}
			return rows, len(rows), rows[len(rows)-1].ID, nil
		}})
}

func messageStates() []string {
	var out []string
	for _, s := range []messages.State{messages.Recorded, messages.Awaiting, messages.Ticketed, messages.Appended, messages.Duplicate,
		messages.Suppressed, messages.Parked, messages.Dismissed} {
		out = append(out, string(s))
	}
	return out
}

// parked has the causes as its filters, in the order of causes.Parking.
func (d *desk) parked(w http.ResponseWriter, r *http.Request) {
	d.list(w, r, listing{path: "/parked", title: "title.parked", page: "parked", group: "cause", states: causes.Parking(),
		counts: func(c view.Counts) map[string]int64 { return c.Parked },
		read: func(ctx context.Context, p view.Page) (any, int, int64, error) {
			rows, err := d.Store.View.Parked(ctx, p)
			if err != nil || len(rows) == 0 {
				return nil, 0, 0, err
			}
			return rows, len(rows), rows[len(rows)-1].ID, nil
		}})
}

// exceptions has no filters and no counts: a desk has some dozens.
func (d *desk) exceptions(w http.ResponseWriter, r *http.Request) {
	d.list(w, r, listing{path: "/exceptions", title: "title.exceptions", page: "exceptions", group: "exception",
		counts: func(view.Counts) map[string]int64 { return nil },
		read: func(ctx context.Context, p view.Page) (any, int, int64, error) {
			rows, err := d.Store.View.Exceptions(ctx, p)
			if err != nil || len(rows) == 0 {
				return nil, 0, 0, err
			}
			return rows, len(rows), rows[len(rows)-1].ID, nil
		}})
}

// outbox shows what is held above the rows, with buttons that let it go.
func (d *desk) outbox(w http.ResponseWriter, r *http.Request) {
	d.list(w, r, listing{path: "/outbox", title: "title.outbox", page: "outbox", group: "state", held: true,
		states: []string{"due", "sending", "sent", "delivered", "failed", "fallback", "withheld"},
		counts: func(c view.Counts) map[string]int64 { return c.Effects },
		read: func(ctx context.Context, p view.Page) (any, int, int64, error) {
			rows, err := d.Store.View.Outbox(ctx, p)
			if err != nil || len(rows) == 0 {
				return nil, 0, 0, err
			}
			return d.held(rows), len(rows), rows[len(rows)-1].ID, nil
		}})
}

// promises pages by ticket, so that two promises of one ticket stand on one page.
func (d *desk) promises(w http.ResponseWriter, r *http.Request) {
	d.list(w, r, listing{path: "/promises", title: "title.promises", page: "promises", group: "state",
		states: []string{"due", "warned", "kept", "broken", "void"},
		counts: func(c view.Counts) map[string]int64 { return c.Promises },
		read: func(ctx context.Context, p view.Page) (any, int, int64, error) {
			rows, err := d.Store.View.Promises(ctx, p)
			if err != nil || len(rows) == 0 {
				return nil, 0, 0, err
			}
			return rows, len(rows), rows[len(rows)-1].Ticket, nil
		}})
}

// journal lists what people did. It needs no count: nothing in it waits.
func (d *desk) journal(w http.ResponseWriter, r *http.Request) {
	d.list(w, r, listing{path: "/journal", title: "title.journal", page: "journal", usual: "all",
		counts: func(view.Counts) map[string]int64 { return nil },
		read: func(ctx context.Context, p view.Page) (any, int, int64, error) {
			p.State = ""
			rows, err := d.Store.View.Journal(ctx, p)
			if err != nil || len(rows) == 0 {
				return nil, 0, 0, err
			}
			last := rows[len(rows)-1].ID
			slices.SortStableFunc(rows, func(a, b view.Note) int { return b.At.Compare(a.At.Time) })
			lang := frame.Language(w, r)
			out := make([]noteLine, len(rows))
			for i, n := range rows {
				out[i] = noteLine{n, d.actDetail(lang, n.Act)}
			}
			return out, len(rows), last, nil
		}})
}

// noteLine is a line of the journal with what it says besides.
type noteLine struct {
	view.Note
	Why string
}
