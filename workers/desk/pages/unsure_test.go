package pages

import (
	"net/http"
	"testing"

	"frontdesk/templates/desk/acts"
)

// TestWhatNobodyIsSureOfIsSaidInItsList by one click, after which the list is shown again. Of a ticket in a queue of others nothing is there.
func TestWhatNobodyIsSureOfIsSaidInItsList(t *testing.T) {
	r := newRig(t)
	r.who = chen
	r.desk.tickets[25].Guesses = []acts.Guess{{Category: "wrong-amount", Queue: "payments"}, {Category: "refund", Queue: "payments"}}
	r.want(r.get("/desk/lists/unsure"), http.StatusOK, "Charged twice", `aria-label="What T-25 is about"`, `action="/desk/tickets/T-25/sort"`, `name="category" value="wrong-amount"`, `name="category" value="refund"`)
	r.who = out
	r.want(r.get("/desk/lists/unsure"), http.StatusOK, "Every ticket has a category")
	r.who = chen
	w := r.post("/desk/tickets/T-25/sort", "from", "lists/unsure", "back", "list", "queue", "payments", "category", "refund")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/desk/lists/unsure?done=sorted&of=T-25" {
		t.Errorf("the click leads to %q (%d)", to, w.Code)
	}
	r.want(r.get("/desk/lists/unsure?done=sorted&of=T-25"), http.StatusOK, "Every ticket has a category", "T-25")
}
