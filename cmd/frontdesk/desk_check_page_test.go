package main

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/configs"
	"frontdesk/configs/values"
)

// TestACustomerEntersHisCodeOnOurPage: the company's system names an address, of which the agent sees a label alone; the code goes there and the link stands in the conversation.
// Who reads the conversation alone, and who reads the code alone, shows nothing; who has both shows who he is, once.
func TestACustomerEntersHisCodeOnOurPage(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	var silent atomic.Bool
	var asked atomic.Int64
	company := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		var q struct {
			Data struct{ Addresses []struct{ Address string } }
		}
		body, _ := io.ReadAll(r.Body)
		switch {
		case silent.Load():
			w.WriteHeader(http.StatusBadGateway)
			return
		case json.Unmarshal(body, &q) != nil || len(q.Data.Addresses) != 1 || q.Data.Addresses[0].Address != "+8613800138000" || r.Header.Get("Webhook-Signature") == "":
			t.Errorf("the company's system is asked %s", body)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"addresses":[{"kind":"phone","address":"+8613911112222","label":"139 **** 22 (card holder)"}]}`)
	}))
	defer company.Close()
	c.Identity.Addresses = &configs.AddressHook{URL: company.URL, Secret: values.NewSecret("a secret of the company's own"), Timeout: values.Duration(5 * time.Second)}
	r := start(t, c)
	r.sms(url.Values{"MessageSid": {"SM" + fmt.Sprintf("%032d", 1)}, "AccountSid": {twilioAccount}, "From": {"+8613800138000"}, "To": {twilioNumber}, "Body": {"My account is locked since yesterday, please unlock it."}})
	r.settled(1)
	wang := r.colleague("wang", everywhere)
	path := wang.next()
	if page := wang.see(path); asked.Load() != 0 || !strings.Contains(page, path+"/check") {
		t.Error("the company's system is asked before anybody wants that, or is offered to nobody")
	}
	silent.Store(true)
	if page := wang.see(path + "/check"); !strings.Contains(page, "The company&#39;s system did not answer. Try again.") {
		t.Errorf("nobody is told that it did not answer: %s", tail(page, 2000))
	}
	silent.Store(false)
	page := wang.see(path + "/check")
	to := regexp.MustCompile(`name="to" value="(company-[0-9a-f]{24})"`).FindStringSubmatch(page)
	if to == nil || !strings.Contains(page, "139 **** 22 (card holder)") || strings.Contains(page, "13911112222") {
		t.Fatalf("no address is offered, or it is shown: %s", tail(page, 3000))
	}
	if status, at, said := wang.do(path+"/check", url.Values{"to": {to[1]}}); status != http.StatusSeeOther || !strings.Contains(at, "done=check") {
		t.Fatalf("sending a code leads to %d %q %s", status, at, tail(said, 300))
	}
	code := ""
	r.eventually(30*time.Second, func() string {
		for _, m := range fake.Sent() {
			if found := regexp.MustCompile(`verification code is (\d{6})\.`).FindStringSubmatch(m.Body); found != nil {
				if code = found[1]; m.To != "+8613911112222" || strings.Contains(m.Body, "/check/") {
					t.Errorf("the code goes to %s: %s", m.To, m.Body)
				}
				return ""
			}
		}
		return "the code has come"
	})
	page = wang.see(path)
	link := regexp.MustCompile(`/check/[a-z]+-[a-z]{32}`).FindString(html.UnescapeString(page))
	if link == "" || !strings.Contains(page, publicURL+link) || strings.Contains(page, code) || strings.Contains(page, "13911112222") {
		t.Fatalf("the draft asks for no code, or the page shows it: %s", tail(page, 4000))
	}
	link = r.httpURL(link)
	enter := func(link, code string) (int, string) {
		t.Helper()
		resp, err := http.PostForm(link, url.Values{"code": {code}})
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	if status, said := enter(link, map[bool]string{true: "000001", false: "000000"}[code == "000000"]); status != http.StatusUnprocessableEntity || !strings.Contains(said, "That is not the code.") {
		t.Errorf("who reads the conversation alone: %d %s", status, said)
	}
	guessed := link[:len(link)-32] + strings.Repeat("q", 32)
	if status, _ := enter(guessed, code); status != http.StatusNotFound {
		t.Errorf("who reads the code alone: %d", status)
	}
	if page = wang.see(path); strings.Contains(page, "has shown who he is") {
		t.Error("one of both alone has shown who he is")
	}
	if status, said := enter(link, code); status != http.StatusOK || !strings.Contains(said, "We know now that it is you.") {
		t.Errorf("who has both: %d %s", status, said)
	}
	if status, _ := enter(link, code); status != http.StatusNotFound {
		t.Errorf("a second time: %d", status)
	}
	if page = wang.see(path); !strings.Contains(page, "The customer has shown who he is") {
		t.Errorf("the agent does not see it: %s", tail(page, 4000))
	}
}
