package pages

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestMerging: both are looked at first, of two customers it is said, and a notice takes it back.
func TestMerging(t *testing.T) {
	r := newRig(t)
	r.want(r.get("/desk/tickets/T-26"), http.StatusOK, `name="merge"`)
	r.want(r.get("/desk/tickets/T-26?merge=t-25"), http.StatusOK, "Merge T-26 into T-25?", "Priya Nair", "They are of different customers.", `name="foreign"`, "Merge all the same")
	for _, typed := range []string{"T-99", "26", "nonsense", "T-0", strings.Repeat("9", 60)} {
		r.want(r.get("/desk/tickets/T-26?merge="+typed), http.StatusOK, "There is no ticket "+begin(typed, longestNumber))
	}
	if to := r.post("/desk/tickets/T-26/merge", "into", "T-25").Header().Get("Location"); !strings.Contains(to, "/desk/tickets/T-26?") || !strings.Contains(to, "merge=T-25") {
		t.Errorf("of two customers, without a word, it leads to %s", to)
	}
	to := r.post("/desk/tickets/T-26/merge", "into", "T-25", "foreign", "1").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "T-26 is merged into this ticket.", `action="/desk/tickets/T-26/unmerge"`, "It is another customer&#39;s.")
	if to := r.get("/desk/tickets/T-26?from=queues/payments").Header().Get("Location"); !strings.HasPrefix(to, "/desk/tickets/T-25?from=queues%2Fpayments") {
		t.Errorf("what is merged leads to %s", to)
	}
	if to := r.post("/desk/tickets/T-26/merge", "into", "T-25", "foreign", "1").Header().Get("Location"); !strings.Contains(to, "done=notso") {
		t.Errorf("merged twice, it leads to %s", to)
	}
	to = r.post("/desk/tickets/T-26/unmerge").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "T-26 is a ticket of its own again.")
}

// TestATextWrittenOnAMergedTicketStays: it is shown where the ticket is worked on, and nothing was sent.
func TestATextWrittenOnAMergedTicketStays(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-26").Body.String()
	key, seen := r.field(page, "key"), r.field(page, "seen")
	r.post("/desk/tickets/T-26/merge", "into", "T-25", "foreign", "1")
	for _, kind := range []string{"reply", "note"} {
		w := r.post("/desk/tickets/T-26/"+kind, "key", key, "seen", seen, "text", "my own words")
		r.want(w, http.StatusUnprocessableEntity, "The ticket was merged into this one meanwhile.", "my own words", `action="/desk/tickets/T-25/`+kind+`"`)
	}
}

// TestWhoMayNotAnswerIsNotAskedToMerge.
func TestWhoMayNotAnswerIsNotAskedToMerge(t *testing.T) {
	r := newRig(t)
	r.desk.open(27, "accounts", "email", "en", "Otto", "Locked out", "Help", time.Hour)
	r.want(r.get("/desk/tickets/T-26?merge=T-27"), http.StatusOK, "There is no ticket T-27")
	if to := r.post("/desk/tickets/T-26/merge", "into", "T-27", "foreign", "1").Header().Get("Location"); !strings.Contains(to, "merge=T-27") {
		t.Errorf("into one of another queue, it leads to %s", to)
	}
	r.who = wu
	if body := r.get("/desk/tickets/T-26?merge=T-25").Body.String(); strings.Contains(body, `id="merge"`) || strings.Contains(body, `name="merge"`) {
		t.Error("who reads only is asked")
	}
}
