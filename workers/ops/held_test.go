package ops

import (
	"net/http"
	"strings"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
)

// hold decides a message whose acknowledgement is held for a cause.
func (r *rig) hold(key, cause string) pipeline.Plan {
	return r.decide(key, func(p *pipeline.Plan) {
		p.Effects[0].Cause, p.Effects[0].Unproven, p.Promises[0].Void = cause, true, cause
	})
}

// row is an outbox row as it is listed.
func (r *rig) row(p pipeline.Plan) store.OutboxRow {
	r.t.Helper()
	rows, err := r.config.Store.Outbox(r.t.Context(), store.Page{Ticket: p.Ticket.ID})
	if err != nil || len(rows) != 1 {
		r.t.Fatalf("rows %+v, %v", rows, err)
	}
	return rows[0]
}

// post posts with the token and returns where it leads.
func (r *rig) post(path string, pairs ...string) string {
	r.t.Helper()
	w := r.ask(http.MethodPost, path, form(pairs...))
	if w.Code != http.StatusSeeOther {
		r.t.Fatalf("%s: status %d\n%s", path, w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func TestHeldAcknowledgementsAreReleasedOnThePage(t *testing.T) {
	r := newRig(t)
	a, b, c := r.hold("k1", causes.StrangerCap), r.hold("k2", causes.StrangerCap), r.hold("k3", causes.UnprovenNumber)
	page := r.page("/outbox?state=withheld")
	wantParts(t, "the listing", page, `action="/outbox/release"`, `value="stranger-cap"`, "<b>2</b> · cap for unproven senders · hotline", "Release 2<", `action="/outbox/`+id(r.row(c).ID)+`/release"`)
	wantParts(t, "the listing in Chinese", r.page("/outbox?lang=zh"), "暂缓发送，等待您放行", "放行 2 条")
	to := r.post("/outbox/release", "cause", "stranger-cap", "inbox", "hotline")
	page = r.page(to)
	wantParts(t, "the page after it", page, "2 released: sent in 30 seconds.", "Take back")
	if a, b, c := r.row(a).State, r.row(b).State, r.row(c).State; a != "due" || b != "due" || c != "withheld" {
		t.Errorf("states are %s, %s and %s", a, b, c)
	}
	story, err := r.config.Store.Trace(t.Context(), a.Message)
	if err != nil || len(story.Acts) != 1 || story.Acts[0].Who != operator {
		t.Errorf("the journal has %+v, %v", story.Acts, err)
	}
	wantParts(t, "the story", r.page("/messages/"+id(a.Message)), "By a person: let the acknowledgement go", "cap for unproven senders")

	undo, _, _ := strings.Cut(page, `/hold"`)
	undo = undo[strings.LastIndex(undo, `"`)+1:] + "/hold"
	wantParts(t, "the page after taking it back", r.page(r.post(undo)), "2 held back again.")
	if got := r.row(a); got.State != "withheld" || got.Cause != causes.StrangerCap {
		t.Errorf("the row is %+v", got)
	}
	wantParts(t, "the page after taking it back twice", r.page(r.post(undo)), "Nothing is left to take back")
}

func TestOneHeldAcknowledgementIsReleasedByItsRow(t *testing.T) {
	var premium string
	r := newRig(t, func(c *Config) { c.May = func(a message.Address) bool { return a.Value != premium } })
	a, b := r.hold("k1", causes.NoServiceArea), r.hold("k2", causes.NoServiceArea)
	premium = r.row(b).To
	release := func(p pipeline.Plan) string {
		return r.page(r.post("/outbox/"+id(r.row(p).ID)+"/release", "ticket", id(p.Ticket.ID)))
	}
	wantParts(t, "its ticket", r.page("/tickets/"+id(a.Ticket.ID)), "Release outbox row "+id(r.row(a).ID))
	wantParts(t, "the story", r.page("/messages/"+id(a.Message)), "waits for you")
	wantNone(t, "the story of a number to which nothing goes", r.page("/messages/"+id(b.Message)), "waits for you")
	wantNone(t, "the ticket of a number to which nothing goes", r.page("/tickets/"+id(b.Ticket.ID)), `/release"`)
	wantNone(t, "the listing", r.page("/outbox"), "Release outbox row "+id(r.row(b).ID))
	wantParts(t, "its ticket after it", release(a), "1 released", "Ticket T-"+id(a.Ticket.ID))
	wantParts(t, "its ticket after a second one", release(a), "Somebody else was first")
	wantParts(t, "that of a number to which nothing goes", release(b), "Nothing is ever sent to such a number")
	if a, b := r.row(a).State, r.row(b).State; a != "due" || b != "withheld" {
		t.Errorf("states are %s and %s", a, b)
	}
	p := r.decide("k3", func(p *pipeline.Plan) { p.Effects[0].Cause, p.Promises[0].Void = "opted-out", "opted-out" })
	wantNone(t, "a ticket whose customer has said STOP", r.page("/tickets/"+id(p.Ticket.ID)), `/release"`)
	release(p)
	if got := r.row(p).State; got != "withheld" {
		t.Errorf("what a customer's STOP withheld is %s", got)
	}
}

// TestReleasingIsGuardedLikeEveryAct: not without a secret, not from another site, not by a link, and for causes
// that wait for a person alone.
func TestReleasingIsGuardedLikeEveryAct(t *testing.T) {
	r := newRig(t)
	p := r.hold("k1", causes.StrangerCap)
	cookie := r.signIn("ann")
	row := "/outbox/" + id(r.row(p).ID) + "/release"
	fields := form("cause", "stranger-cap", "inbox", "hotline")
	for _, path := range []string{row, "/outbox/release", "/outbox/1/hold"} {
		if w := r.bare(http.MethodPost, path, fields); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without a secret: %d", path, w.Code)
		}
		if w := r.bare(http.MethodPost, path, fields, with(cookie), set("Origin", "https://evil.example"), set("Sec-Fetch-Site", "cross-site")); w.Code != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, w.Code)
		}
		if w := r.ask(http.MethodGet, path); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s by a link: %d", path, w.Code)
		}
	}
	for _, cause := range []string{"", "opted-out", "erased", "stranger-cap' OR 1=1"} {
		if w := r.ask(http.MethodPost, "/outbox/release", form("cause", cause)); w.Code != http.StatusBadRequest {
			t.Errorf("cause %q: %d", cause, w.Code)
		}
	}
	if got := r.row(p).State; got != "withheld" {
		t.Errorf("the row is %s", got)
	}
	w := r.bare(http.MethodPost, "/outbox/release", fields, with(cookie), set("Origin", "http://localhost:8081"))
	story, err := r.config.Store.Trace(t.Context(), p.Message)
	if w.Code != http.StatusSeeOther || err != nil || len(story.Acts) != 1 || story.Acts[0].Who != "ann" {
		t.Errorf("status %d, journal %+v, %v", w.Code, story.Acts, err)
	}
}
