package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/channels/channelstest/twiliofake"
)

// TestD11OneKeyPostedFiveTimesSendsOneMail: at once, the way a browser does that heard no answer.
func TestD11OneKeyPostedFiveTimesSendsOneMail(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "a1@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	r.settled(1)
	agent := r.colleague("wang", everywhere)
	path := agent.next()
	form := answer(agent.see(path), "It is on its way.")
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if res := formPosted(t, agent.base+path+"/reply", form, agent.cookie); res.StatusCode != http.StatusSeeOther {
				t.Errorf("one of them has status %d", res.StatusCode)
			}
		})
	}
	all.Wait()
	r.eventually(30*time.Second, func() string {
		if n := len(r.letters("ann@customer.example")); n < 2 {
			return "the answer has gone out"
		}
		return ""
	})
	if again := formPosted(t, agent.base+path+"/reply", form, agent.cookie); again.StatusCode != http.StatusSeeOther {
		t.Errorf("once more, after it was sent: %d", again.StatusCode)
	}
	if n := len(r.outbox("reply")); n != 1 {
		t.Errorf("%d answers are there", n)
	}
	if n := len(r.letters("ann@customer.example")); n != 2 {
		t.Errorf("%d mails went to the customer, want the acknowledgement and one answer", n)
	}
}

// TestD12ARetryIsReallySent: a send that its provider refuses for good stands red in the ticket and says why; sent again by hand, the provider
// sees it again, and the page says so only then.
func TestD12ARetryIsReallySent(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	r := start(t, c)
	r.sms(url.Values{"MessageSid": {"SM" + strings.Repeat("1", 32)}, "AccountSid": {twilioAccount}, "From": {"+8613800138000"}, "To": {twilioNumber}, "Body": {"我的转账 500 元昨天没有到账"}})
	r.settled(1)
	agent := r.colleague("wang", everywhere)
	path := agent.next()
	const text = "您好，银行今天会到账。"
	sees := func() (n int) {
		for _, m := range fake.Sent() {
			if m.Body == text {
				n++
			}
		}
		return n
	}
	fake.Fail(twiliofake.Unroutable)
	reply := agent.sends(path, text)
	r.eventually(30*time.Second, func() string {
		if page := agent.see(path); strings.Contains(page, `class="fate bad"`) {
			return ""
		}
		return "the failed answer stands red in its ticket"
	})
	page := agent.see(path)
	if red := regexp.MustCompile(`(?s)<article class="say ours[^"]* failed".*?</article>`).FindString(page); !strings.Contains(red, reply+"/retry") || !strings.Contains(red, "Not sent: the provider refused it. <small class=\"num\">(21612)</small>") {
		t.Fatalf("it does not say why, or offers no way to send it again: %s", red)
	}
	if sees() != 0 {
		t.Errorf("the provider has %d of it", sees())
	}
	if status, to, said := agent.do(reply+"/retry", url.Values{}); status != http.StatusSeeOther {
		t.Fatalf("sending it again leads to %d %q: %s", status, to, tail(said, 400))
	}
	r.eventually(30*time.Second, func() string {
		if sees() == 1 {
			return ""
		}
		return "the provider sees it"
	})
	r.eventually(30*time.Second, func() string {
		if page := agent.see(path); strings.Contains(page, `class="fate bad"`) {
			return "the page shows no failure any more"
		}
		return ""
	})
	if sees() != 1 {
		t.Errorf("the provider has it %d times", sees())
	}
}
