package ops

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/workers/store/view"
)

func TestReleaseLetsAMessageOutAndWakes(t *testing.T) {
	r := newRig(t)
	p := r.park("k1", causes.Spam)
	wantParts(t, "the parked ones", r.page("/parked"), `action="/parked/`+id(p.Message)+`/release"`, "looks like spam", "Dismiss message "+id(p.Message))
	w := r.ask(http.MethodPost, "/parked/"+id(p.Message)+"/release")
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/parked?") || r.woken.Load() != 1 {
		t.Fatalf("status %d to %s, woken %d times", w.Code, to, r.woken.Load())
	}
	page := r.page(to)
	wantParts(t, "the page after it", page, "Message "+id(p.Message)+" was released")
	wantNone(t, "the page after it", page, `action="/parked/`)
	open, err := r.config.Store.Backlog.Undecided(t.Context(), []int64{p.Message})
	if err != nil || len(open) != 1 || !open[0].Released {
		t.Errorf("undecided are %+v, %v", open, err)
	}
	story, err := r.config.Store.View.Trace(t.Context(), p.Message)
	if err != nil || len(story.Acts) != 1 || story.Acts[0].Who != operator || story.Acts[0].Act != "release" {
		t.Errorf("the journal has %+v, %v", story.Acts, err)
	}
	wantParts(t, "the story", r.page("/messages/"+id(p.Message)), "By a person: released")
}

func TestDismissIsDoneOnce(t *testing.T) {
	r := newRig(t)
	p := r.park("k1", causes.Loop)
	r.ask(http.MethodPost, "/parked/"+id(p.Message)+"/dismiss")
	rows, err := r.config.Store.View.Messages(t.Context(), view.Page{State: string(messages.Dismissed)})
	if err != nil || len(rows) != 1 {
		t.Fatalf("dismissed are %+v, %v", rows, err)
	}
	to := r.ask(http.MethodPost, "/parked/"+id(p.Message)+"/dismiss").Header().Get("Location")
	wantParts(t, "the page after a repeat", r.page(to), "Somebody else was first")
	if r.woken.Load() != 0 {
		t.Error("dismissing woke the sweep")
	}
}

func TestTicketIsClosed(t *testing.T) {
	r := newRig(t)
	p := r.decide("k1", nil)
	path := "/tickets/" + id(p.Ticket.ID)
	wantParts(t, "an open ticket", r.page(path), path+"/close")
	to := r.ask(http.MethodPost, path+"/close").Header().Get("Location")
	wantParts(t, "the page after it", r.page(to), "Ticket T-"+id(p.Ticket.ID)+" was closed")
	page := r.page(path)
	wantParts(t, "a closed ticket", page, "closed")
	wantNone(t, "a closed ticket", page, path+"/close")
}

func TestParkedCountIsInTheNavigation(t *testing.T) {
	r := newRig(t)
	r.park("k1", causes.Loop)
	r.park("k2", causes.Spam)
	wantParts(t, "the navigation", r.page("/outbox"), `Set aside <span class="badge">2</span>`)
}

// TestAReleaseLetsTheSenderIn: the page says what a release teaches, lists it and takes it back.
func TestAReleaseLetsTheSenderIn(t *testing.T) {
	r := newRig(t)
	for _, cause := range causes.Learnable() {
		p := r.park("k-"+cause, cause)
		wantParts(t, "a parked one for "+cause, r.page("/messages/"+id(p.Message)), `<select name="learn"`, "and this sender from now on")
		r.ask(http.MethodPost, "/parked/"+id(p.Message)+"/release")
	}
	spam := r.park("k-spam", causes.Spam)
	wantNone(t, "spam", r.page("/messages/"+id(spam.Message)), `<select name="learn"`)
	all, err := r.config.Store.View.Exceptions(t.Context(), view.Page{})
	if err != nil || len(all) == 0 {
		t.Fatalf("exceptions are %+v, %v", all, err)
	}
	row := "/exceptions/" + id(all[0].ID) + "/remove"
	wantParts(t, "the parked ones", r.page("/parked"), `href="/exceptions"`)
	wantParts(t, "the exceptions", r.page("/exceptions"), row, "Sender", operator)
	to := r.ask(http.MethodPost, row).Header().Get("Location")
	page := r.page(to)
	wantParts(t, "the page after it", page, "The exception was removed.")
	wantNone(t, "the page after it", page, row)
	wantParts(t, "the page in Chinese", r.page("/exceptions?lang=zh"), "例外名单")
}

func TestDismissingIsTakenBack(t *testing.T) {
	r := newRig(t)
	p := r.park("k1", causes.Spam)
	path := "/parked/" + id(p.Message)
	to := r.ask(http.MethodPost, path+"/dismiss").Header().Get("Location")
	wantParts(t, "the page after it", r.page(to), `action="`+path+`/undismiss"`, "Take back")
	wantNone(t, "what is set aside", r.page("/parked"), `<tr id="p-`)
	to = r.ask(http.MethodPost, path+"/undismiss").Header().Get("Location")
	wantParts(t, "after taking it back", r.page(to), "set aside again", `<tr id="p-`+id(p.Message))
	wantParts(t, "the journal", r.page("/messages/"+id(p.Message)), "dismissed", "set aside again", "operator · spam")
	if to := r.ask(http.MethodPost, path+"/undismiss").Header().Get("Location"); !strings.Contains(to, "done=gone") {
		t.Errorf("taking back twice leads to %s", to)
	}
	r.ask(http.MethodPost, path+"/release")
	if got, _ := r.config.Store.Backlog.Undecided(t.Context(), []int64{p.Message}); len(got) != 1 {
		t.Error("it can't be released after it was set aside again")
	}
}

func TestClosingIsTakenBack(t *testing.T) {
	r := newRig(t)
	due := time.Now().Add(time.Hour)
	plan := r.decide("k1", func(p *pipeline.Plan) {
		p.Promises = append(p.Promises, promises.Plan{Kind: "first-reply", Due: due}, promises.Plan{Kind: "resolution", Due: due})
	})
	path := "/tickets/" + id(plan.Ticket.ID)
	if to := r.ask(http.MethodPost, path+"/reopen").Header().Get("Location"); !strings.Contains(to, "done=gone") {
		t.Errorf("reopening an open ticket leads to %s", to)
	}
	to := r.ask(http.MethodPost, path+"/close").Header().Get("Location")
	wantParts(t, "the page after it", r.page(to), `action="`+path+`/reopen"`)
	wantParts(t, "the closed ticket", r.page(path), "Reopen ticket", "closed")
	r.ask(http.MethodPost, path+"/reopen")
	owed, err := r.config.Store.View.Promises(t.Context(), view.Page{Ticket: plan.Ticket.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range owed {
		if p.State != string(promises.Due) || p.Cause != "" || !p.SettledAt.IsZero() {
			t.Errorf("after reopening: %+v", p)
		}
	}
	wantParts(t, "the reopened ticket", r.page(path), "Close ticket", "What people did", "<b>operator</b> · closed", "<b>operator</b> · reopened")
	counts, err := r.config.Store.View.Counts(t.Context(), time.Now())
	if err != nil || counts.Tickets["open"] != 1 || counts.Tickets["closed"] != 0 || counts.Promises["due"] != 3 || counts.Promises["void"] != 0 || counts.Promises["kept"] != 0 {
		t.Errorf("counted %+v, %+v: %v", counts.Tickets, counts.Promises, err)
	}
}

// TestAnAppendIsTakenBack: the page of a message that continued a ticket offers it, and says what became.
func TestAnAppendIsTakenBack(t *testing.T) {
	r := newRig(t)
	first := r.decide("k1", nil)
	second := r.decide("k2", func(p *pipeline.Plan) {
		p.State, p.Promises, p.Effects = messages.Appended, nil, nil
		p.Contact = contacts.Plan{ID: first.Contact.ID, Version: 1}
		p.Ticket = tickets.Plan{ID: first.Ticket.ID, Version: 1}
	})
	path := "/messages/" + id(second.Message)
	wantNone(t, "what opened the ticket", r.page("/messages/"+id(first.Message)), "/take-out")
	wantParts(t, "what continued it", r.page(path), `action="`+path+`/take-out"`, "Give it a ticket of its own")
	wantParts(t, "in Chinese", r.page(path+"?lang=zh"), "移出，另开工单")
	to := r.ask(http.MethodPost, path+"/take-out").Header().Get("Location")
	wantParts(t, "the page after it", r.page(to), "was taken out of its ticket and is decided anew")
	wantParts(t, "the ticket", r.page("/tickets/"+id(first.Ticket.ID)), "<b>operator</b> · took a message out")
	if got, _ := r.config.Store.Backlog.Undecided(t.Context(), []int64{second.Message}); len(got) != 1 {
		t.Error("it is not decided anew")
	}
	if to := r.ask(http.MethodPost, path+"/take-out").Header().Get("Location"); !strings.Contains(to, "done=gone") {
		t.Errorf("taking it out twice leads to %s", to)
	}
}
