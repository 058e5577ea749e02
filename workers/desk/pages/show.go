package pages

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"frontdesk/internal/segments"
	"frontdesk/pipeline/thread"
	"frontdesk/templates/desk"
)

// pageSize is how many tickets a page of a list shows.
const pageSize = 50

func ticketPath(number int64) string { return "/desk/tickets/" + thread.TicketNumber(number) }

// home is the list of one's own tickets.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) { p.showList(w, r, "lists/mine") }

func (p *Pages) list(w http.ResponseWriter, r *http.Request) {
	p.showList(w, r, "lists/"+r.PathValue("name"))
}

func (p *Pages) queue(w http.ResponseWriter, r *http.Request) {
	p.showList(w, r, "queues/"+r.PathValue("queue"))
}

func (p *Pages) tagged(w http.ResponseWriter, r *http.Request) {
	p.showList(w, r, "tags/"+r.PathValue("tag"))
}

// showList shows a list and nothing beside it.
func (p *Pages) showList(w http.ResponseWriter, r *http.Request, here string) {
	lang := p.language(w, r)
	list, err := p.readList(r, here, r.URL.Query().Get("after"))
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	page := desk.ListPage{List: list}
	if page.Frame, err = p.frame(r, lang); err != nil {
		p.broken(w, r, "", err)
		return
	}
	if page.List.Many, err = p.choices(r, page.Now); err != nil {
		p.broken(w, r, "", err)
		return
	}
	page.Here, page.List.Total = here, total(page.List, page.Counts)
	page.Title = p.pages.Text(lang, "list."+list.Name)
	switch {
	case list.Queue:
		page.Title = p.pages.Value(lang, "queue", list.Name)
	case list.Tag:
		page.Title = p.pages.Text(lang, "list.tag", list.Name)
	}
	p.render(w, http.StatusOK, lang, "list", "layout", page)
}

// total is how many tickets a list has: as the list says itself, else as it was counted for the frame. Of a queue that counts only what waits for
// somebody, so the list of all that is open in it has no figure.
func total(l desk.List, c desk.Counts) int64 {
	if l.Total < 0 && !l.Queue {
		for _, n := range c.Lists {
			if n.Name == l.Name {
				return n.N
			}
		}
	}
	return l.Total
}

func (p *Pages) readList(r *http.Request, here, after string) (desk.List, error) {
	kind, name, _ := strings.Cut(here, "/")
	if kind == "tags" && tagName(name) && len(after) <= 200 {
		return p.Many.Tagged(r.Context(), p.Viewer(r), Asked{Name: name, Tag: true, After: after, Limit: pageSize})
	}
	if kind != "queues" && kind != "lists" || kind == "queues" && !queueName(name) || kind == "lists" && !slices.Contains(lists(), name) || len(after) > 200 {
		return desk.List{}, ErrNotFound
	}
	return p.Tickets.List(r.Context(), p.Viewer(r), Asked{Name: name, Queue: kind == "queues", After: after, Limit: pageSize})
}

// ticket shows a ticket beside the list from which it was opened, and notes that the viewer has seen it.
// One that is merged is shown where it is worked on.
func (p *Pages) ticket(w http.ResponseWriter, r *http.Request) {
	if number := ticketNumber(r.PathValue("number")); number > 0 {
		if root, err := p.root(r, number); err == nil && root != number {
			q := r.URL.Query()
			http.Redirect(w, r, to(ticketPath(root), "from", from(r), "done", begin(q.Get("done"), longestNumber), "of", begin(q.Get("of"), longestNumber))+"#ticket", http.StatusSeeOther)
			return
		}
	}
	page, lang, ok := p.readTicket(w, r, "")
	if !ok {
		return
	}
	p.render(w, http.StatusOK, lang, "ticket", "layout", page)
	if lines := page.Ticket.Lines; len(lines) > 0 && r.URL.Query().Get("before") == "" {
		p.noteSeen(w, r, page.Ticket.Number, lines[len(lines)-1].ID)
	}
}

// seenWithin bounds how long it is tried to note what somebody was shown.
const seenWithin = 10 * time.Second

// noteSeen notes up to which line the viewer was shown a ticket, behind a page that is whole already: nobody waits before it until the database has
// room for one more write. Who has gone on meanwhile has seen it as well.
func (p *Pages) noteSeen(w http.ResponseWriter, r *http.Request, number int64, line string) {
	http.NewResponseController(w).Flush() //nolint:errcheck // what cannot be sent early is sent with the end
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), seenWithin)
	defer cancel()
	if err := p.Tickets.Saw(ctx, p.Viewer(r), number, line); err != nil {
		p.Logger.Warn("noting what was seen failed", "ticket", number, "error", err)
	}
}

// readTicket reads all that a ticket's page shows. It answers itself where that cannot be; kept is a text that must not be lost then.
func (p *Pages) readTicket(w http.ResponseWriter, r *http.Request, kept string) (page desk.TicketPage, lang string, ok bool) {
	lang = p.language(w, r)
	number, v := ticketNumber(r.PathValue("number")), p.Viewer(r)
	if number == 0 {
		p.broken(w, r, kept, ErrNotFound)
		return page, lang, false
	}
	number, err := p.root(r, number)
	if err == nil {
		page.Ticket, err = p.Tickets.Ticket(r.Context(), v, number, place(r.URL.Query().Get("before")))
	}
	if err == nil {
		page.Frame, err = p.frame(r, lang)
	}
	if err == nil {
		page.List, err = p.readList(r, page.Here, "")
		if errors.Is(err, ErrNotFound) { // a queue that is none of his any more
			page.Here = "lists/mine"
			page.List, err = p.readList(r, page.Here, "")
		}
	}
	if err == nil && page.Ticket.Acts {
		page.Ticket.Answer, err = p.box(r, number)
	}
	if err == nil && page.Ticket.Acts {
		err = p.routines(r, &page.Ticket)
	}
	if err == nil && page.Ticket.Acts {
		if page.Ticket.Identity, err = p.identity(r, number); err == nil && p.Persons != nil && page.Ticket.Same != nil {
			page.Ticket.Same.Suggested, err = p.Persons.Suggested(r.Context(), p.Viewer(r), number)
		}
	}
	if err == nil && page.Ticket.Acts {
		page.Ticket.Joining, err = p.joining(r, number)
	}
	if err == nil && page.Ticket.Acts {
		page.Ticket.Choose, err = p.choices(r, page.Now)
	}
	if err != nil {
		p.broken(w, r, kept, err)
		return page, lang, false
	}
	page.Ticket.Stood, page.Ticket.Changed = stood(page.Ticket), beneath(r.PostFormValue("was"), page.Ticket)
	page.Open, page.List.Total = number, total(page.List, page.Counts)
	page.Ticket.Later = later(page.Now.In(p.Zone))
	page.Note, page.Ticket.Ran = r.URL.Query().Get("box") == "note", ran(r)
	subject := page.Ticket.Subject
	if subject == "" {
		subject = p.pages.Text(lang, "subject.none")
	}
	page.Title = p.pages.Text(lang, "title.ticket", thread.TicketNumber(number), subject)
	return page, lang, true
}

// box is what the viewer answers with; nil where he may not.
func (p *Pages) box(r *http.Request, number int64) (*desk.Answer, error) {
	by := way(r)
	a, err := p.Answers.Box(r.Context(), p.Viewer(r), number, by)
	if errors.Is(err, ErrRefused) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a.Key = rand.Text()
	if a.By != by {
		a.Failed = "answer.noway"
	}
	measure(&a)
	return &a, nil
}

// measure counts what the draft costs where that is counted in parts.
func measure(a *desk.Answer) {
	g := segments.NewGauge()
	for _, c := range a.Reply.Text {
		g.Add(c)
	}
	a.Limits.Count, a.Limits.Left = g.Segments(), g.Left()
}

// later are the moments to which a ticket can be put off; mornings are at nine. now is in the desk's zone.
func later(now time.Time) []desk.Later {
	morning := func(days int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 9, 0, 0, 0, now.Location())
	}
	out := []desk.Later{{Word: "hour", At: now.Add(time.Hour).Truncate(time.Minute)}, {Word: "hours", At: now.Add(3 * time.Hour).Truncate(time.Minute)}, {Word: "tomorrow", At: morning(1)}}
	if days := (8 - int(now.Weekday())) % 7; days > 1 {
		out = append(out, desk.Later{Word: "week", At: morning(days)})
	} else if days == 0 {
		out = append(out, desk.Later{Word: "week", At: morning(7)})
	}
	return out
}

// earlier is the page of lines before those that are shown, as a part of a page.
func (p *Pages) earlier(w http.ResponseWriter, r *http.Request) {
	number, before := ticketNumber(r.PathValue("number")), place(r.URL.Query().Get("before"))
	if number == 0 || before == "" {
		p.broken(w, r, "", ErrNotFound)
		return
	}
	lang := p.language(w, r)
	page := desk.TicketPage{Frame: p.bare(r, lang)}
	var err error
	if page.Ticket, err = p.Tickets.Ticket(r.Context(), p.Viewer(r), number, before); err != nil {
		p.broken(w, r, "", err)
		return
	}
	p.render(w, http.StatusOK, lang, "ticket", "earlier", page)
}

// place is that of a line, as addresses have it; "" for anything else.
func place(s string) string {
	if len(s) > 100 || strings.ContainsFunc(s, func(r rune) bool {
		return r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-'
	}) {
		return ""
	}
	return s
}

// whole is the whole text of a line, as plain text: there is nothing in it that a browser would run.
func (p *Pages) whole(w http.ResponseWriter, r *http.Request) {
	number, entry := ticketNumber(r.PathValue("number")), place(r.PathValue("entry"))
	text, err := "", ErrNotFound
	if number > 0 && entry != "" {
		text, err = p.Tickets.Whole(r.Context(), p.Viewer(r), number, entry)
	}
	if err != nil {
		p.broken(w, r, "", err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write([]byte(text)) // the browser has gone away
}
