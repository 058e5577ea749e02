package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/workers/store/viewer"
)

// lead directs work in all queues.
var lead = viewer.Viewer{User: 5, Login: "lead", Name: "Lead", Language: "en", Grants: []viewer.Grant{{Role: viewer.Lead}}}

// refusing gives another error for each ticket.
type refusing struct {
	*fake
	errs map[int64]error
	did  []int64
}

func (f *refusing) Apply(_ context.Context, _ viewer.Viewer, number int64, _ Batch) error {
	f.did = append(f.did, number)
	return f.errs[number]
}

// TestD42EachTicketHasItsResult: whatever becomes of one, the others are done, and each says what became of it.
func TestD42EachTicketHasItsResult(t *testing.T) {
	r := newRig(t)
	f := &refusing{fake: r.desk, errs: map[int64]error{2: ErrTaken, 3: fmt.Errorf("%w: %w", ErrNotSo, errors.New("x")), 4: ErrNotFound, 5: errors.New("the database is down"), 6: ErrMerged, 7: ErrRefused, 8: ErrAbsent, 9: ErrFull}}
	p, err := New(Config{Desk: "Topay", Tickets: r.desk, Acts: r.desk, Answers: r.desk, Files: r.desk, Presence: r.desk, Merges: r.desk, Many: f, Aside: r.desk, Mark: func(context.Context) string { return "1.2" }, Viewer: func(*http.Request) viewer.Viewer { return lead }})
	if err != nil {
		t.Fatal(err)
	}
	r.mux = http.NewServeMux()
	for pattern, h := range p.Routes() {
		r.mux.HandleFunc(pattern, h)
	}
	form := url.Values{"act": {"close"}, "from": {"lists/mine"}}
	for n := 1; n <= 10; n++ {
		form.Add("ticket", fmt.Sprint("T-", n))
	}
	form.Add("ticket", "T-1") // once is enough
	w := r.do(http.MethodPost, "/desk/many", form.Encode())
	r.want(w, http.StatusOK, "Somebody else has it.", "Nothing to do: it is in another state.", "It is not there", "It could not be done just now.", "It is merged into another ticket.",
		"That is not allowed", "That person is not there.", "Hands are full.", "2 done, 8 refused", `href="/desk/tickets/T-10"`)
	if !strings.Contains(w.Body.String(), `<ul class="results" aria-live="polite"><li`) {
		t.Error("the results are not in their list: a page that follows what happens has a mark of its own")
	}
	if len(f.did) != 10 || strings.Count(w.Body.String(), "<li class=\"bad\">") != 8 || !strings.HasSuffix(strings.TrimSpace(w.Body.String()), "</html>") {
		t.Errorf("done with %v:\n%s", f.did, w.Body)
	}
}

// TestWhatIsNoBatchDoesNothing.
func TestWhatIsNoBatchDoesNothing(t *testing.T) {
	r := newRig(t)
	many := make(url.Values)
	for n := 1; n <= mostAtOnce+1; n++ {
		many.Add("ticket", fmt.Sprint("T-", n))
	}
	for name, body := range map[string]string{
		"nothing chosen": "act=close", "nothing to do": "ticket=T-25", "another act": "act=erase&ticket=T-25", "no such reason": "act=close&reason=x&ticket=T-25", "to nobody": "act=give&ticket=T-25",
		"without a tag": "act=tag&tag=+&ticket=T-25", "a time that has passed": "act=snooze&until=2001-01-01T00:00:00Z&ticket=T-25", "no time": "act=snooze&until=soon&ticket=T-25",
		"too many": "act=close&" + many.Encode(),
	} {
		if to := r.do(http.MethodPost, "/desk/many", body).Header().Get("Location"); !strings.Contains(to, "done=nothing") {
			t.Errorf("%s: %s", name, to)
		}
	}
	if r.desk.tickets[25].State != "open" {
		t.Error("a ticket was closed")
	}
}

// TestSeveralTicketsAreChosenInAList, with labels, and by who answers alone.
func TestSeveralTicketsAreChosenInAList(t *testing.T) {
	r := newRig(t)
	r.want(r.get("/desk/queues/payments"), http.StatusOK, `aria-label="Select T-25"`, `name="act" value="close"`, "<option>VIP</option>")
	if body := r.get("/desk/queues/payments").Body.String(); strings.Contains(body, `value="give"`) || strings.Contains(body, "New tag") {
		t.Error("an agent is offered what a lead does")
	}
	r.who = lead
	r.want(r.get("/desk/queues/payments"), http.StatusOK, `value="give"`, "New tag")
	r.who = wu
	if body := r.get("/desk/queues/payments").Body.String(); strings.Contains(body, `class="pick"`) {
		t.Error("who reads only chooses")
	}
}

func TestTagsAndReasons(t *testing.T) {
	r := newRig(t)
	to := r.post("/desk/tickets/T-25/tag", "tag", "VIP", "from", "tags/VIP").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "The tags of T-25 are changed.", `href="/desk/tags/VIP"`)
	r.want(r.get("/desk/tags/VIP"), http.StatusOK, "Tag: VIP", "T-25")
	r.want(r.get("/desk/tags/none"), http.StatusOK, "No ticket has this tag")
	r.post("/desk/tickets/T-25/tag", "tag", "VIP", "off", "1")
	r.want(r.get("/desk/tags/VIP"), http.StatusOK, "No ticket has this tag")
	to = r.post("/desk/tags", "tag", "new").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "That is no tag, or you may not add one.")
	r.who = lead
	to = r.post("/desk/tags", "tag", "new").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "The tag is in the list.")
	r.who = chen
	to = r.post("/desk/tickets/T-25/snooze", "until", "answer").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "T-25 is put off until the customer writes.")
	r.post("/desk/tickets/T-26/close", "reason", "solved", "words", "he has called")
	r.want(r.get("/desk/tickets/T-26"), http.StatusOK, "he has called")
	if r.desk.tickets[26].State != "closed" {
		t.Error("it is not closed")
	}
}

// TestD5WhatChangedBeneathAFormIsSaid: field by field, before anything is done, and a text that was written stays.
func TestD5WhatChangedBeneathAFormIsSaid(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-25").Body.String()
	was, key, seen := strings.ReplaceAll(r.field(page, "was"), "&amp;", "&"), r.field(page, "key"), r.field(page, "seen")
	k := r.desk.tickets[25]
	k.Queue, k.Urgent, k.owner, k.Owner = "refund", true, lin.User, "林晓"
	r.who = viewer.Viewer{User: 2, Login: "chen", Name: "Chen Jing", Language: "en", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "payments"}, {Role: viewer.Agent, Queue: "refund"}}}
	w := r.post("/desk/tickets/T-25/close", "was", was)
	r.want(w, http.StatusConflict, "Nothing was done.", "<b>Queue</b>", "<b>Urgent</b>", "<b>Owner</b>", "林晓")
	if k.State != "open" {
		t.Error("it was closed all the same")
	}
	r.want(r.post("/desk/tickets/T-25/reply", "was", was, "key", key, "seen", seen, "text", "my own words"), http.StatusUnprocessableEntity, "It has not been sent", "my own words", "<b>Owner</b>")
	again := strings.ReplaceAll(r.field(w.Body.String(), "was"), "&amp;", "&")
	if to := r.post("/desk/tickets/T-25/close", "was", again).Header().Get("Location"); !strings.Contains(to, "done=close") {
		t.Errorf("looked at and done again, it leads to %s", to)
	}
	for _, odd := range []string{"%zz", strings.Repeat("owner=x&", 1000), "unknown=1"} {
		if to := r.post("/desk/tickets/T-26/close", "was", odd).Header().Get("Location"); !strings.Contains(to, "done=close") {
			t.Errorf("%.20q: it leads to %s", odd, to)
		}
		r.desk.tickets[26].State = "open"
	}
}

// TestATicketIsSaidToBelongElsewhere, by who answers in it; who may not read it there goes back to his list.
func TestATicketIsSaidToBelongElsewhere(t *testing.T) {
	r := newRig(t)
	if to := r.post("/desk/tickets/T-25/sort", "queue", "payments", "category", "other").Header().Get("Location"); to != "/desk/tickets/T-25?done=sorted&from=lists%2Fmine&of=T-25#ticket" {
		t.Errorf("goes to %s", to)
	}
	if to := r.post("/desk/tickets/T-25/sort", "queue", "nowhere", "category", "other").Header().Get("Location"); to != "/desk/lists/mine?done=sorted&of=T-25" {
		t.Errorf("goes to %s", to)
	}
}
