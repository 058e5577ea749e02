package pages

import (
	"cmp"
	"context"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
	"frontdesk/workers/desk/further"
	"frontdesk/workers/store/viewer"
)

// fakeSplits splits the tickets of a fake.
type fakeSplits struct{ *fake }

func (f fakeSplits) Offer(_ context.Context, v viewer.Viewer, number int64) (acts.Parting, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.hold(v, number)
	if err != nil {
		return acts.Parting{}, err
	}
	out := acts.Parting{Queues: []string{"payments", "refund"}, Queue: k.Queue, Owner: k.owner, People: []acts.Person{{ID: 1, Name: "林晓"}, {ID: 2, Name: "Chen Jing"}}}
	for i, l := range slices.Backward(k.Lines) {
		if l.Kind == desk.Message || l.Kind == desk.Note {
			p := acts.Part{ID: l.ID, Note: l.Kind == desk.Note, First: i == 0, By: l.By, At: l.At, Text: l.Text}
			if !p.Note && answeredLine(k.Lines[i:]) {
				p.Answered = f.now()
			}
			out.Parts = append(out.Parts, p)
		}
	}
	return out, nil
}

// answeredLine reports whether an answer stands behind the first of some lines.
func answeredLine(lines []desk.Line) bool {
	return slices.ContainsFunc(lines, func(l desk.Line) bool { return l.Kind == desk.Reply })
}

func (f fakeSplits) Split(_ context.Context, v viewer.Viewer, number int64, p further.Parting) (int64, error) {
	f.mu.Lock()
	k, err := f.hold(v, number)
	f.mu.Unlock()
	switch {
	case err != nil:
		return 0, err
	case f.merged[number] != 0:
		return 0, ErrMerged
	case p.Owner > 2:
		return 0, further.ErrOwner
	case len(p.Lines) == 0 || p.Lines[0] == k.Lines[0].ID:
		return 0, further.ErrNoPart
	}
	var gone []desk.Line
	for _, id := range p.Lines {
		at := slices.IndexFunc(k.Lines, func(l desk.Line) bool { return l.ID == id })
		if at < 0 {
			return 0, further.ErrMoved
		}
		if p.Counts && !answeredLine(k.Lines[at:]) {
			return 0, further.ErrWaits
		}
		gone = append(gone, k.Lines[at])
		k.Lines = slices.Delete(k.Lines, at, at+1)
	}
	fresh := f.open(number+5000, cmp.Or(p.Queue, k.Queue), "email", k.Language, k.Person.Name, p.Subject, gone[0].Text, time.Hour)
	fresh.Parted = []acts.Parted{{Number: number + 5000, From: number, By: v.Name, At: f.now(), Undo: true}}
	k.Parted = []acts.Parted{{Number: number + 5000, From: number, Subject: p.Subject, By: v.Name, At: f.now(), Undo: true}}
	return number + 5000, nil
}

func (f fakeSplits) Unsplit(ctx context.Context, v viewer.Viewer, number int64) (int64, error) {
	if f.merged[number] != 0 {
		return 0, ErrNotFound
	}
	return f.Merge(ctx, v, number, number-5000, true)
}

// TestSplitting: what goes is chosen on a form that works without a script, the new ticket is shown, and a notice takes it back.
func TestSplitting(t *testing.T) {
	r := newRig(t)
	k := r.desk.tickets[26]
	r.desk.say(k, desk.Line{Kind: desk.Message, By: k.Person.Name, Channel: "email", Text: "Another thing: my parcel <b>is</b> late."})
	r.desk.say(k, desk.Line{Kind: desk.Note, By: "Chen Jing", Text: "Ask the parcel people."})
	first, parcel, note := k.Lines[0].ID, k.Lines[1].ID, k.Lines[2].ID
	r.want(r.get("/desk/tickets/T-26"), http.StatusOK, `href="/desk/tickets/T-26/split?of=`+parcel)
	page := r.get("/desk/tickets/T-26/split?of=" + parcel)
	r.want(page, http.StatusOK, "Split the ticket", `value="`+parcel+`" checked`, `value="`+first+`" disabled`, "It opened this ticket, and stays.", "my parcel &lt;b&gt;is&lt;/b&gt; late", `value="`+note+`"`, `name="was"`)
	was := html.UnescapeString(r.field(page.Body.String(), "was"))

	r.want(r.post("/desk/tickets/T-26/split", "queue", "payments"), http.StatusUnprocessableEntity, "Choose a message that goes.")
	r.want(r.post("/desk/tickets/T-26/split", "line", first, "queue", "payments", "subject", "kept"), http.StatusUnprocessableEntity, "Choose a message that goes.", `value="kept"`)
	r.want(r.post("/desk/tickets/T-26/split", "line", parcel, "queue", "payments", "owner", "9"), http.StatusUnprocessableEntity, "That colleague does not answer in this queue", `value="`+parcel+`" checked`)
	r.want(r.post("/desk/tickets/T-26/split", "line", "m-1", "queue", "payments"), http.StatusConflict, "The ticket was changed meanwhile. This is what is in it now.")
	k.Urgent = true
	r.want(r.post("/desk/tickets/T-26/split", "line", parcel, "queue", "payments", "was", was), http.StatusConflict, "<b>Urgent</b>", "Nothing was done: look, and send it again.", `value="`+parcel+`" checked`)
	if len(k.Lines) != 3 {
		t.Fatal("something was moved")
	}
	k.Urgent = false

	form := url.Values{"line": {parcel, note}, "queue": {"payments"}, "subject": {"Parcel"}, "was": {was}}
	to := r.do(http.MethodPost, "/desk/tickets/T-26/split", form.Encode()).Header().Get("Location")
	if !strings.HasPrefix(to, "/desk/tickets/T-5026?") {
		t.Fatalf("it leads to %s", to)
	}
	r.want(r.get(to), http.StatusOK, "T-5026 is a ticket of its own now.", `action="/desk/tickets/T-5026/unsplit"`, "Split off", `href="/desk/tickets/T-26"`)
	r.want(r.get("/desk/tickets/T-26"), http.StatusOK, `href="/desk/tickets/T-5026"`, `action="/desk/tickets/T-5026/unsplit"`)
	to = r.post("/desk/tickets/T-5026/unsplit").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "T-5026 is merged back into this ticket.")
	r.want(r.post("/desk/tickets/T-5026/unsplit"), http.StatusNotFound)
	r.want(r.get("/desk/tickets/T-26/split?lang=zh"), http.StatusOK, "拆分工单", "它开启了这张工单")
}

// TestWhetherAnAnswerCountsIsAsked: where something that can go was answered; and it is said where it was not.
func TestWhetherAnAnswerCountsIsAsked(t *testing.T) {
	r := newRig(t)
	k := r.desk.tickets[26]
	r.desk.say(k, desk.Line{Kind: desk.Message, By: k.Person.Name, Channel: "email", Text: "My parcel is late."})
	parcel := k.Lines[1].ID
	if strings.Contains(r.get("/desk/tickets/T-26/split").Body.String(), `name="answered"`) {
		t.Error("it is asked of what nobody has answered")
	}
	r.desk.say(k, desk.Line{Kind: desk.Reply, By: "Chen Jing", Channel: "email", Text: "It comes tomorrow."})
	r.desk.say(k, desk.Line{Kind: desk.Message, By: k.Person.Name, Channel: "email", Text: "And my passport?"})
	passport := k.Lines[3].ID
	r.want(r.get("/desk/tickets/T-26/split"), http.StatusOK, `name="answered" value="1">`, "counts for the new ticket", "answered <time")
	r.want(r.get("/desk/tickets/T-26/split?lang=zh"), http.StatusOK, "之前的回复也算作新工单的回复", "已回复于")
	r.want(r.post("/desk/tickets/T-26/split", "line", passport, "queue", "payments", "answered", "1"), http.StatusUnprocessableEntity, "Not everything that you have chosen was answered", `name="answered" value="1" checked`, `value="`+passport+`" checked`)
	r.want(r.post("/desk/tickets/T-26/split", "line", parcel, "queue", "payments", "answered", "1"), http.StatusSeeOther)
}

// TestWhoMayNotAnswerSplitsNothing.
func TestWhoMayNotAnswerSplitsNothing(t *testing.T) {
	r := newRig(t)
	line := r.desk.tickets[26].Lines[0].ID
	r.who = wu
	r.want(r.get("/desk/tickets/T-26/split"), http.StatusForbidden)
	r.want(r.post("/desk/tickets/T-26/split", "line", line, "queue", "payments"), http.StatusForbidden)
	if strings.Contains(r.get("/desk/tickets/T-26").Body.String(), "/split?") {
		t.Error("who reads only is offered a split")
	}
}
