package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store/sql"
)

// proves has a system of the company's say that addresses are those of the contact of all tickets there are.
func (r *rig) proves(all ...message.Address) {
	r.t.Helper()
	ctx, base := r.t.Context(), r.store.Base
	if err := base.DB.Write(ctx, func(t sql.Tx) error {
		for _, a := range all {
			if err := t.Run(ctx, sql.Do(`INSERT INTO identities (address, kind, value, contact, verified, opted_out, failed, created_at)
SELECT $1, $2, $3, contact, true, false, false, 1 FROM tickets WHERE id > 0 ON CONFLICT (address) DO UPDATE SET contact = excluded.contact, verified = true`, base.Address(a.Identity()), string(a.Kind), a.Value)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
}

// TestAMailIsAnsweredBySMS: the agent chooses the customer's number on the page, keeps his text, and sees whom it goes to; the promise of a first reply is
// kept, and what the customer answers by SMS is in the ticket of his mail.
func TestAMailIsAnsweredBySMS(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	r := start(t, c)
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "a1@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	r.settled(1)
	const number = "+8613800138000"
	r.proves(message.Address{Kind: message.Phone, Value: number}, message.Address{Kind: message.Email, Value: "ann@customer.example"})
	agent := r.colleague("wang", everywhere)
	path := agent.next()
	page := agent.see(path)
	way := regexp.MustCompile(`name="choose" value="([0-9a-f]{24})"`).FindStringSubmatch(page)
	if way == nil || !strings.Contains(page, "By SMS to "+number) && !strings.Contains(page, "By SMS to &#43;8613800138000") {
		t.Fatalf("her number is not offered: %s", tail(page, 6000))
	}
	form := answer(page, "It will be there tomorrow.")
	form.Set("choose", way[1])
	status, _, page := agent.do(path+"/way", form)
	if status != http.StatusOK || !strings.Contains(page, ">It will be there tomorrow.</textarea>") || hidden(page, "by") != way[1] || !strings.Contains(page, "data-parts") {
		t.Fatalf("choosing has status %d: %s", status, tail(page, 6000))
	}
	form = answer(page, "It will be there tomorrow.")
	if status, _, _ := agent.do(path+"/reply", form); status != http.StatusUnprocessableEntity {
		t.Errorf("what was to go by SMS goes elsewhere with status %d", status)
	}
	form.Set("by", way[1])
	if status, to, said := agent.do(path+"/reply", form); status != http.StatusSeeOther || !strings.Contains(to, "sent=") {
		t.Fatalf("answering leads to %d %q: %s", status, to, tail(said, 600))
	}
	r.eventually(30*time.Second, func() string {
		for _, p := range r.promises("") {
			if p.Kind == "first-reply" && p.State == "kept" {
				return ""
			}
		}
		return "the promise of a first reply is kept"
	})
	if texts := fake.Sent(); len(texts) != 1 || texts[0].To != number || texts[0].Body != "It will be there tomorrow." {
		t.Errorf("by SMS went %+v", texts)
	}
	if n := len(r.letters("ann@customer.example")); n != 1 {
		t.Errorf("%d mails went to her, want the acknowledgement alone", n)
	}
	r.sms(url.Values{"MessageSid": {"SM" + strings.Repeat("2", 32)}, "AccountSid": {twilioAccount}, "From": {number}, "To": {twilioNumber}, "Body": {"Thank you, I have it now."}})
	r.settled(2)
	if n := len(r.tickets()); n != 1 {
		t.Errorf("%d tickets, want her answer to be in that of the mail", n)
	}
	if page := agent.see(path); !strings.Contains(page, "Thank you, I have it now.") || hidden(page, "by") != "" {
		t.Errorf("what she has answered is not on the ticket: %s", tail(page, 3000))
	}
	r.sameAgain(c, 2)
}
