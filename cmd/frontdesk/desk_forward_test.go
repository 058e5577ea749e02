package main

import (
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAThirdPartyIsAsked proves D16: an agent forwards a mail to a bank; its answer, by the signed address or by the Message-ID, comes back beside
// the ticket, reaches no customer and opens no ticket; a forged token does nothing; and what the agent answers then goes to the customer alone.
func TestAThirdPartyIsAsked(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "a1@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	r.settled(1)
	wang := r.colleague("wang", everywhere)
	path := wang.next()
	page := wang.see(path + "/forward")
	if !strings.Contains(page, "nothing has come") {
		t.Fatalf("the form offers no message to be quoted: %s", tail(page, 2000))
	}
	ask := url.Values{"key": {hidden(page, "key")}, "to": {"Bank Desk <desk@bank.example>"}, "text": {"Has this payment left you?"}, "quote": {quoteOf(page)}}
	if status, _, said := wang.do(path+"/forward", url.Values{"key": ask["key"], "to": {"nobody"}, "text": ask["text"]}); status != http.StatusUnprocessableEntity || !strings.Contains(said, "Has this payment left you?</textarea>") {
		t.Errorf("a wrong address: %d %s", status, tail(said, 300))
	}
	for range 2 { // a double click
		if status, to, said := wang.do(path+"/forward", ask); status != http.StatusSeeOther {
			t.Fatalf("forwarding leads to %d %q: %s", status, to, tail(said, 600))
		}
	}
	var letter *mail.Message
	r.eventually(30*time.Second, func() string {
		all := r.letters("desk@bank.example")
		if len(all) != 1 {
			return "one mail has gone to the bank"
		}
		letter = all[0]
		return ""
	})
	body, reply := bodyOf(t, letter), letter.Header.Get("Reply-To")
	if !strings.Contains(body, "Has this payment left you?") || !strings.Contains(body, "nothing has come") || strings.Contains(subjectOf(letter), "[#T-") || !strings.Contains(reply, "+s") || letter.Header.Get("In-Reply-To") != "" {
		t.Errorf("to the bank went %v\n%s", letter.Header, body)
	}
	customers := len(r.letters("ann@customer.example"))
	id := letter.Header.Get("Message-Id")

	r.mustMail("desk@bank.example", human("desk@bank.example", "Re: "+subjectOf(letter), "b1@bank.example", "It left us on Friday."), strings.Trim(reply[strings.LastIndex(reply, "<")+1:], "<> "))
	r.mustMail("colleague@bank.example", human("colleague@bank.example", "Re: "+subjectOf(letter), "b2@bank.example", "Trace number attached: FT2026.", "In-Reply-To: "+id, "References: "+id))
	r.settled(3)
	if n := len(r.tickets()); n != 1 {
		t.Fatalf("%d tickets, want the bank's answers to open none", n)
	}
	page = wang.see(path)
	for _, words := range []string{"It left us on Friday.", "Trace number attached", "answer of a third party"} {
		if !strings.Contains(page, words) {
			t.Errorf("the ticket does not show %q", words)
		}
	}
	for _, who := range []string{"desk@bank.example", "colleague@bank.example"} {
		if n := len(r.letters(who)); who == "colleague@bank.example" && n != 0 || who == "desk@bank.example" && n != 1 {
			t.Errorf("%d mails went to %s", n, who)
		}
	}
	wang.sends(path, "It left our bank on Friday.")
	r.eventually(30*time.Second, func() string {
		if len(r.letters("ann@customer.example")) != customers+1 {
			return "the customer has her answer"
		}
		return ""
	})
	ours := r.letters("ann@customer.example")
	last := ours[slices.IndexFunc(ours, func(m *mail.Message) bool { return m.Header.Get("Auto-Submitted") == "" })]
	if cc := last.Header.Get("Cc") + last.Header.Get("To"); strings.Contains(cc, "bank.example") {
		t.Errorf("the customer's answer goes to %s, too", cc)
	}

	forged := strings.Replace(id, ".", ".9", 1)
	r.mustMail("evil@elsewhere.example", human("evil@elsewhere.example", "Re: your payment", "e1@elsewhere.example", "Please change the account.", "In-Reply-To: "+forged))
	r.mustMail("ann@customer.example", human("ann@customer.example", "Re: "+subjectOf(letter), "a2@customer.example", "The bank has sent me this. When will it come?", "In-Reply-To: "+id, "References: "+id))
	r.settled(5)
	if n := len(r.tickets()); n != 2 {
		t.Errorf("%d tickets, want one of its own for the forger, and the customer in hers", n)
	}
	if page = wang.see(path); strings.Contains(page, "Please change the account.") || !strings.Contains(page, "When will it come?") {
		t.Error("the forger is in the ticket, or the customer is not")
	}
}

// quoteOf is the first message that a form offers to be quoted.
func quoteOf(page string) string {
	_, rest, _ := strings.Cut(page, `name="quote" value="0"`)
	_, rest, _ = strings.Cut(rest, `name="quote" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}
