package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/faq"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// TestWhatIsAskedOftenIsSuggested: closed tickets of a running service, read from the command line beside it.
func TestWhatIsAskedOftenIsSuggested(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	asked := []string{"Can I pay in instalments with your card?", "Is it possible to pay my order in instalments?", "How do I pay in instalments, please?", "May I pay the order in three instalments?"}
	for i, text := range asked {
		from := fmt.Sprintf("customer%d@customer.example", i)
		r.mustMail(from, human(from, "A question", fmt.Sprintf("%d@customer.example", i), text))
	}
	r.mustMail("li@customer.example", human("li@customer.example", "Zebra", "z@customer.example", "A zebra stands in the yard."))
	r.settled(len(asked) + 1)
	u, err := r.store.Users.Add(t.Context(), users.User{Login: "wang", Name: "Wang", Language: "en"}, time.Now(), "test")
	if err == nil {
		err = r.store.Users.SetGrants(t.Context(), u.ID, []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}, time.Now(), "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	who, err := r.store.Users.Viewer(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	tickets := r.tickets()
	if len(tickets) != len(asked)+1 {
		t.Fatalf("%d tickets", len(tickets))
	}
	for _, k := range tickets {
		if err := r.store.Desk.CloseFor(t.Context(), who, k.ID, "solved", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := frontdesk(t, "faq", "suggest", "--json", "--data-dir", r.config.DataDir)
	var groups []faq.Group
	if err := json.Unmarshal([]byte(out), &groups); err != nil || code != 0 {
		t.Fatalf("%d %v %s%s", code, err, out, errs)
	}
	if len(groups) != 1 || groups[0].Tickets < 3 || len(groups[0].Examples) != 3 {
		t.Errorf("%+v", groups)
	}
	if code, _, errs := frontdesk(t, "faq", "suggest", "--tickets", "0", "--data-dir", r.config.DataDir); code != 2 {
		t.Errorf("no tickets are asked for: %d %s", code, errs)
	}
}
