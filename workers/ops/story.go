package ops

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/templates/console"
	"frontdesk/workers/ops/frame"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/view"
)

// messagePage tells a message's whole story.
// The story is read once; the template shows it as points in time, with the whole text below.
type messagePage struct {
	frame.Frame
	Story view.Story
	Steps []step
}

// step is one point of a message's way. Tone is a colour's name (console.Tone); the texts are in the page's language.
type step struct {
	At    time.Time
	Tone  string
	Title string
	State string
	// Detail and Lines hold foreign words, which the template escapes: evidence, what stages found and why.
	Detail string
	Lines  []pipeline.Line
	Tries  []outbox.Try
	Send   *sendLine // what went to the customer
	Opened bool      // with its words
}

// message shows a message's story: the same that trace prints.
func (d *desk) message(w http.ResponseWriter, r *http.Request) {
	id := frame.Number(r.PathValue("id"))
	story, err := d.Store.View.Trace(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		d.Nowhere(w, r)
		return
	}
	if err != nil {
		d.Broken(w, r, err)
		return
	}
	sends := map[int64][]sendLine{}
	for _, e := range story.Effects {
		sends[id] = append(sends[id], d.sendLine(e.OutboxRow))
	}
	if !d.openSend(w, r, sends) {
		return
	}
	f := d.Frame(w, r, "title.message", id)
	d.Render(w, r, http.StatusOK, "message", messagePage{Frame: f, Story: story, Steps: d.steps(f.Lang, story, sends[id])})
}

// steps are the points of the story in the order of time. Ties stay in the order in which they are added here: the
// way of a message.
func (d *desk) steps(lang string, s view.Story, sends []sendLine) []step {
	say := func(key string, args ...any) string { return d.Pages.Text(lang, key, args...) }
	out := []step{{At: s.Message.ReceivedAt.Time, Tone: "calm", Title: say("story.source")},
		{At: s.Message.RecordedAt.Time, Tone: "busy", Title: say("story.recorded")}}
	for _, a := range s.Acts {
		out = append(out, step{At: a.At.Time, Tone: "calm", Title: say("story.act", d.Pages.Value(lang, "act", a.Act)),
			Detail: a.Who + detail(d.actDetail(lang, a))})
	}
	for _, o := range s.Opinions {
		out = append(out, d.opinionStep(lang, o))
	}
	if !s.DecidedAt.IsZero() {
		out = append(out, step{At: s.DecidedAt.Time, Tone: console.Tone(s.Message.State), Title: say("story.decided"), State: s.Message.State,
			Detail: d.Pages.Trace(lang, s.Evidence), Lines: s.Trace})
	}
	for i, e := range s.Effects {
		point := d.effectStep(lang, s, e)
		if i < len(sends) && says(e.Kind) {
			point.Send, point.Opened = &sends[i], sends[i].Opened
		}
		out = append(out, point)
	}
	for _, p := range s.Promises {
		if !p.SettledAt.IsZero() && p.SettledAt.Before(s.Message.ReceivedAt.Time) {
			continue // of the ticket, and settled before this message came
		}
		kind := d.Pages.Value(lang, "kind", p.Kind)
		if p.SettledAt.IsZero() {
			out = append(out, step{At: p.DueAt.Time, Tone: console.Tone(p.State), Title: say("story.promised", kind), State: p.State})
			continue
		}
		out = append(out, step{At: p.SettledAt.Time, Tone: console.Tone(p.State), Title: say("story.promised", kind), State: p.State,
			Detail: d.Pages.Value(lang, "cause", p.Cause)})
	}
	slices.SortStableFunc(out, func(a, b step) int { return a.At.Compare(b.At) })
	return out
}

// actDetail says what was read, or for what cause something had been set aside or held.
func (d *desk) actDetail(lang string, a view.Act) string {
	if a.Act != "look" {
		return d.Pages.Value(lang, "cause", a.Detail)
	}
	what, n, _ := strings.Cut(a.Detail, " ")
	return strings.TrimSpace(d.Pages.Value(lang, "read", what) + " " + n)
}

// opinionStep is what a scanner said, or why it said nothing.
// A sender who was asked about again has a step of its own words; a scanner's score stands before its action.
func (d *desk) opinionStep(lang string, o backlog.Opinion) step {
	words := []string{o.Action, o.Name, o.Part, o.Detail, strings.Join(o.Symbols, " ")}
	if o.Score != nil {
		words[0] = strings.TrimSpace(strconv.FormatFloat(*o.Score, 'f', -1, 64) + " " + o.Action)
	}
	if o.Late {
		words = append(words, d.Pages.Text(lang, "story.late"))
	}
	if o.Second != nil {
		return step{At: o.AnswerAt.Time, Tone: "calm", Title: d.Pages.Text(lang, "story.second"), Detail: o.Second.Words(o.Verdict)}
	}
	if o.Sender != nil {
		return step{At: o.AnswerAt.Time, Tone: "calm", Title: d.Pages.Text(lang, "story.sender"), Detail: o.Sender.Words()}
	}
	return step{At: o.AnswerAt.Time, Tone: console.Tone(o.Verdict), State: o.Verdict, Title: d.Pages.Text(lang, "story.opinion", o.Scanner),
		Detail: strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " · ")}
}

func detail(s string) string {
	if s == "" {
		return ""
	}
	return " · " + s
}

// A row that was never sent stands where it was decided, so that it does not stand in the future.
func (d *desk) effectStep(lang string, s view.Story, e view.TracedEffect) step {
	out := step{At: e.DueAt.Time, Tone: console.Tone(e.State), State: e.State, Tries: e.Tries,
		Title: d.Pages.Text(lang, "story.effect", d.Pages.Value(lang, "kind", e.Kind), d.Pages.Value(lang, "channel", e.Channel))}
	if d.waits(e.OutboxRow) {
		out.State, out.Tone = "held", console.Tone("held")
	}
	if !e.SentAt.IsZero() {
		out.At = e.SentAt.Time
	}
	if out.At.IsZero() || out.At.Before(s.DecidedAt.Time) {
		out.At = s.DecidedAt.Time
	}
	if e.Cause != "" {
		out.Detail = d.Pages.Value(lang, "cause", e.Cause)
	}
	return out
}

// ticketPage shows a ticket with all that belongs to it: one page of its messages, and of these the files, fields and
// sends.
type ticketPage struct {
	frame.Frame
	Ticket   watch.TicketLine
	Messages []view.Message
	Files    map[int64][]view.Attached // by message
	Fields   map[int64][]tables.Field  // likewise
	Sends    map[int64][]sendLine      // likewise: what went to the customer about it
	Promises []view.Promise
	Outbox   []view.OutboxRow
	Acts     []view.Act         // what people did with it
	Others   []watch.TicketLine // of the same customer
	// Closed is whether a person closed it, who can take that back; a ticket that an import made is closed by nobody.
	Closed        bool
	Older, Newest string
}

// ticket shows a ticket: its messages, newest first, with files and sends.
func (d *desk) ticket(w http.ResponseWriter, r *http.Request) {
	id := frame.Number(r.PathValue("id"))
	page, found, err := d.readTicket(r.Context(), id, frame.Number(r.FormValue("before")))
	switch {
	case err != nil:
		d.Broken(w, r, err)
	case !found:
		d.Nowhere(w, r)
	case d.openSend(w, r, page.Sends):
		page.Frame = d.Frame(w, r, "title.ticket", page.Ticket.Number)
		d.Render(w, r, http.StatusOK, "ticket", page)
	}
}

// readTicket reads a ticket and a page of its messages with what hangs on them: some ten short reads, each along an
// index, in no snapshot.
func (d *desk) readTicket(ctx context.Context, id, before int64) (p ticketPage, found bool, err error) {
	rows, err := d.Store.View.Tickets(ctx, view.Page{ID: id})
	if err != nil || len(rows) == 0 || rows[0].ID != id {
		return p, false, err
	}
	joined, err := d.lines(ctx, rows)
	if err != nil {
		return p, false, err
	}
	p.Ticket = joined[0]
	of := view.Page{Ticket: id, Limit: pageSize}
	if p.Promises, err = d.Store.View.Promises(ctx, of); err != nil {
		return p, false, err
	}
	if p.Outbox, err = d.Store.View.Outbox(ctx, of); err != nil {
		return p, false, err
	}
	p.Outbox = d.held(p.Outbox)
	if p.Acts, err = d.Store.View.TicketActs(ctx, id); err != nil {
		return p, false, err
	}
	if p.Others, err = d.others(ctx, rows[0]); err != nil {
		return p, false, err
	}
	p.Closed = p.Ticket.Status == "closed" && slices.ContainsFunc(p.Acts, func(a view.Act) bool { return a.Act == "close" })
	of.Before = before
	if p.Messages, err = d.Store.View.Messages(ctx, of); err != nil {
		return p, false, err
	}
	ids := make([]int64, len(p.Messages))
	for i, m := range p.Messages {
		ids[i] = m.ID
	}
	if p.Files, err = d.Store.View.Attachments(ctx, ids); err != nil {
		return p, false, err
	}
	if p.Fields, err = d.Store.View.FieldsOf(ctx, ids); err != nil {
		return p, false, err
	}
	if p.Sends, err = d.sends(ctx, ids); err != nil {
		return p, false, err
	}
	path := "/tickets/" + strconv.FormatInt(id, 10)
	if len(p.Messages) >= pageSize {
		p.Older = frame.Query(path, "before", strconv.FormatInt(p.Messages[len(p.Messages)-1].ID, 10))
	}
	if before > 0 {
		p.Newest = path
	}
	return p, true, nil
}

// others are further tickets of a ticket's customer.
// They are shown beside the ticket, so that one person does not answer twice what another has answered.
func (d *desk) others(ctx context.Context, t view.Ticket) ([]watch.TicketLine, error) {
	rows, err := d.Store.View.SameCustomer(ctx, t)
	if err != nil {
		return nil, err
	}
	return d.lines(ctx, rows)
}

// lines joins tickets to their promised replies.
func (d *desk) lines(ctx context.Context, rows []view.Ticket) ([]watch.TicketLine, error) {
	return watch.Lines(ctx, d.Store, rows, time.Now())
}
