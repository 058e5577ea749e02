package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest/twiliofake"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
)

// TestPain10WhatComesWhileTheProviderRefusesUsIsKept: fifty messages come while the provider takes our credentials no more. All are stored and opened,
// an agent sees them, and what was to be sent goes out once the credentials are right again.
func TestPain10WhatComesWhileTheProviderRefusesUsIsKept(t *testing.T) {
	t.Parallel()
	const messages = 50
	c := testConfig(t)
	fake := withHotline(t, &c)
	r := start(t, c)
	fake.Fail(slices.Repeat([]twiliofake.Fault{twiliofake.Unauthorized}, 10*messages)...)
	for i := range messages {
		res := r.sms(url.Values{"MessageSid": {fmt.Sprintf("SM%032d", i)}, "AccountSid": {twilioAccount}, "From": {fmt.Sprintf("+861380013%04d", i)}, "To": {twilioNumber},
			"Body": {fmt.Sprintf("我的转账 %d 元昨天没有到账", 500+i)}})
		if res.status != http.StatusOK && res.status != http.StatusNoContent {
			t.Fatalf("message %d is answered with %d", i, res.status)
		}
	}
	r.eventually(60*time.Second, func() string {
		if n := len(r.tickets()); n < messages {
			return fmt.Sprintf("%d of %d tickets are open", n, messages)
		}
		return ""
	})
	if n := len(fake.Sent()); n != 0 {
		t.Errorf("%d went out meanwhile", n)
	}
	for _, o := range r.outbox("acknowledgement") {
		if o.State == string(effects.Failed) || o.State == string(effects.Withheld) {
			t.Errorf("one is given up: %s %s", o.State, o.Cause)
		}
	}
	agent := r.colleague("wang", everywhere)
	if page := agent.see("/desk/lists/unassigned"); !strings.Contains(page, "昨天没有到账") {
		t.Error("an agent sees none of them")
	}
	r.stop()
	hasten(t, c)
	fake.Heal()
	r = start(t, c)
	r.settled(messages)
	sent := map[string]int{}
	for _, m := range fake.Sent() {
		sent[m.To]++
	}
	for i := range messages {
		if n := sent[fmt.Sprintf("+861380013%04d", i)]; n != 1 {
			t.Errorf("customer %d is acknowledged %d times", i, n)
		}
	}
}

// matters and troubles are fifty matters of one company, of which no two are alike.
var (
	matters  = []string{"terminal in Bremen", "merchant account", "monthly statement", "webhook", "settlement in euro", "chargeback file", "card reader", "refund button", "payout schedule", "team login"}
	troubles = [][2]string{{"it stopped this morning", "Since nine o'clock nothing comes through and customers walk away."}, {"a name is misspelt", "It still shows the company that we took over in spring."},
		{"who may change it", "Our bookkeeper left, and her successor has no rights there."}, {"the figures differ", "What it says is less than what our own ledger adds up to."}, {"please switch it off", "We close that branch at the end of the quarter and want no more fees."}}
)

// TestPain15FiftyTicketsOfOneAddressAreAllVisible: a company opens fifty tickets from one address within minutes. None is lost or silent: each is acknowledged,
// or stands in a digest that goes out.
func TestPain15FiftyTicketsOfOneAddressAreAllVisible(t *testing.T) {
	t.Parallel()
	const mails = 50
	c := testConfig(t)
	r := start(t, c)
	for n := range mails {
		what, why := matters[n%len(matters)], troubles[n/len(matters)]
		r.mustMail("office@company.example", human("office@company.example", what+": "+why[0], fmt.Sprintf("q%d@company.example", n), fmt.Sprintf("Our %s needs your help. %s Who can look after the %s?", what, why[1], what)))
	}
	r.eventually(90*time.Second, func() string {
		if n := len(r.tickets()); n < mails {
			return fmt.Sprintf("%d of %d tickets", n, mails)
		}
		return ""
	})
	r.settledIn(mails)
	r.stop()
	rewrite(t, c, `UPDATE outbox SET next_at = 1, wake_at = 1, due_at = created_at WHERE state = 'due' AND kind = 'digest'`)
	r = start(t, c)
	r.settled(mails)
	alone, listed := 0, map[int64]int{}
	for _, o := range r.outbox("acknowledgement") {
		switch {
		case o.State == string(effects.Sent):
			alone++
		case o.State == string(effects.Withheld) && o.Digest != 0:
			listed[o.Digest]++
		default:
			t.Errorf("the acknowledgement of ticket %d is %s %s, and no digest lists it", o.Ticket, o.State, o.Cause)
		}
	}
	all := strings.Join(r.sent(), "\n")
	for _, ticket := range r.tickets() {
		if !strings.Contains(all, fmt.Sprintf("T-%d", ticket.ID)) {
			t.Errorf("no mail names T-%d", ticket.ID)
		}
	}
	for _, p := range r.promises(promises.Acknowledgement) {
		if p.State != string(promises.Kept) {
			t.Errorf("the promise of ticket %d is %s %s", p.Ticket, p.State, p.Cause)
		}
	}
	if alone == 0 || len(listed) == 0 || len(r.sent()) > alone+2*len(listed) {
		t.Errorf("%d were acknowledged alone, %v by digests, in %d mails", alone, listed, len(r.sent()))
	}
}
