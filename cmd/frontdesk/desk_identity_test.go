package main

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestACustomerShowsWhoHeIs: a code goes to a proven address; the customer answers it in the conversation; the result stands on the ticket, and nobody
// sees the code: not on the ticket, not in what was sent, not among the operator's pages, and nowhere readable in the database.
func TestACustomerShowsWhoHeIs(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	r := start(t, c)
	n := 0
	says := func(body string) {
		t.Helper()
		n++
		r.sms(url.Values{"MessageSid": {"SM" + fmt.Sprintf("%032d", n)}, "AccountSid": {twilioAccount}, "From": {"+8613800138000"}, "To": {twilioNumber}, "Body": {body}})
		r.settled(n)
	}
	says("My account is locked since yesterday, please unlock it.")
	wang := r.colleague("wang", everywhere)
	path := wang.next()
	page := wang.see(path)
	to := regexp.MustCompile(`name="to" value="([0-9a-f]{24})"`).FindStringSubmatch(page)
	if to == nil {
		t.Fatalf("no address is offered: %s", tail(page, 3000))
	}
	if status, at, said := wang.do(path+"/check", url.Values{"to": {html.UnescapeString(to[1])}}); status != http.StatusSeeOther || !strings.Contains(at, "done=check") {
		t.Fatalf("sending a code leads to %d %q %s", status, at, tail(said, 300))
	}
	code := ""
	r.eventually(30*time.Second, func() string {
		for _, m := range fake.Sent() {
			if found := regexp.MustCompile(`verification code is (\d{6})\.`).FindStringSubmatch(m.Body); found != nil {
				code = found[1]
				return ""
			}
		}
		return "the code has come"
	})
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	says("Here: " + wrong)
	if page = wang.see(path); strings.Contains(page, "has shown who he is") || !strings.Contains(page, "A code was sent") {
		t.Error("a wrong code passes, or ends the check")
	}
	says("It says " + code[:3] + " " + code[3:] + ", so " + code)
	page = wang.see(path)
	if !strings.Contains(page, "The customer has shown who he is") || strings.Contains(page, "A code was sent") || !strings.Contains(page, "It says ••••••, so ••••••") {
		t.Errorf("the right code does not pass: %s", tail(page, 6000))
	}
	if n := len(r.tickets()); n != 1 {
		t.Errorf("%d tickets, want the answers to be in the one", n)
	}
	for _, where := range []string{page, fmt.Sprintf("%+v", r.messages()), fmt.Sprintf("%+v", r.outbox(""))} {
		if strings.Contains(where, code) || strings.Contains(where, code[:3]+" "+code[3:]) {
			t.Errorf("the code stands readable somewhere: %s", around(where, code[:3]))
		}
	}
}

// around is what stands around a text.
func around(s, what string) string {
	at := strings.Index(s, what)
	return s[max(0, at-80):min(len(s), at+80)]
}
