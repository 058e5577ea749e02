package main

import (
	"html"
	"io"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// colleague is somebody who works at the desk of a running service, by its pages.
type colleague struct {
	*rig
	base   string
	cookie *http.Cookie
}

// colleague lets somebody in who has followed his link.
func (r *rig) colleague(login string, grants ...viewer.Grant) *colleague {
	r.t.Helper()
	return r.colleagueAt("http://"+r.app.Addresses().Desk, login, grants...)
}

// colleagueAt lets somebody in at the desk of one process.
func (r *rig) colleagueAt(base, login string, grants ...viewer.Grant) *colleague {
	r.t.Helper()
	ctx := r.t.Context()
	u, err := r.store.Users.Add(ctx, users.User{Login: login, Name: strings.ToUpper(login[:1]) + login[1:], Language: "en"}, time.Now(), "test")
	if err == nil {
		err = r.store.Users.SetGrants(ctx, u.ID, grants, time.Now(), "test")
	}
	var link string
	if err == nil {
		link, err = r.store.Signins.Invite(ctx, u.ID, time.Now().Add(time.Hour), time.Now(), "test")
	}
	if err != nil {
		r.t.Fatal(err)
	}
	c := &colleague{rig: r, base: base}
	res := formPosted(r.t, c.base+"/desk/welcome/"+link, url.Values{"password": {"correct horse battery"}, "again": {"correct horse battery"}})
	for _, cookie := range res.Cookies() {
		if cookie.Name == "frontdesk_desk" {
			c.cookie = cookie
		}
	}
	if res.StatusCode != http.StatusSeeOther || c.cookie == nil {
		r.t.Fatalf("%s is not let in: %s", login, res.Status)
	}
	return c
}

// see is a page as it is read.
func (c *colleague) see(path string) string {
	c.t.Helper()
	res := browse(c.t, c.base+path, c.cookie)
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %s, %v", path, res.Status, err)
	}
	return string(body)
}

// do posts a form and gives where it leads, and what it says where it leads nowhere.
func (c *colleague) do(path string, form url.Values) (status int, to, said string) {
	c.t.Helper()
	res := formPosted(c.t, c.base+path, form, c.cookie)
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(body)
}

// hidden is the value of a hidden field of a page; the first of that name.
func hidden(page, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// answer is the form by which a page's answer is sent.
func answer(page, text string) url.Values {
	return url.Values{"key": {hidden(page, "key")}, "seen": {hidden(page, "seen")}, "ground": {hidden(page, "ground")}, "text": {text}, "then": {"stay"}}
}

// next takes the next ticket and gives its path.
func (c *colleague) next() string {
	c.t.Helper()
	status, to, _ := c.do("/desk/next", url.Values{})
	path, _, _ := strings.Cut(to, "?")
	if status != http.StatusSeeOther || !strings.HasPrefix(path, "/desk/tickets/T-") {
		c.t.Fatalf("taking the next ticket leads to %d %q", status, to)
	}
	return path
}

// sends answers a ticket and gives the path of the answer.
func (c *colleague) sends(path, text string) string {
	c.t.Helper()
	status, to, said := c.do(path+"/reply", answer(c.see(path), text))
	at, err := url.Parse(to)
	if status != http.StatusSeeOther || err != nil || at.Query().Get("sent") == "" {
		c.t.Fatalf("answering %s leads to %d %q: %s", path, status, to, tail(said, 400))
	}
	return "/desk/replies/" + at.Query().Get("sent")
}

var everywhere = viewer.Grant{Role: viewer.Agent, Queue: viewer.Every}

// TestAnAgentAnswersByMailAndSMS: signs in, takes the next ticket, answers it, thinks again, and the promise of a first reply is kept; what
// the customer answers to that is in the same ticket.
func TestAnAgentAnswersByMailAndSMS(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	fake := withHotline(t, &c)
	r := start(t, c)
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "a1@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	r.sms(url.Values{"MessageSid": {"SM" + strings.Repeat("1", 32)}, "AccountSid": {twilioAccount}, "From": {"+8613800138000"}, "To": {twilioNumber}, "Body": {"我的转账 500 元昨天没有到账"}})
	r.settled(2)
	agent := r.colleague("wang", everywhere)

	answers := map[string]string{}
	for range 2 {
		path := agent.next()
		page, text := agent.see(path), "It was sent on Friday; it will be there tomorrow."
		if strings.Contains(page, "转账 500 元") {
			text = "您好，银行今天会到账。"
		} else if !strings.Contains(page, "nothing has come") {
			t.Fatalf("%s shows no words of a customer", path)
		}
		answers[path] = text
		first := agent.sends(path, "Nonsense.")
		if status, _, _ := agent.do(first+"/undo", url.Values{}); status != http.StatusSeeOther {
			t.Fatalf("taking back has status %d", status)
		}
		if page = agent.see(path); !strings.Contains(page, ">Nonsense.</textarea>") {
			t.Errorf("what was taken back is no draft on %s", path)
		}
		agent.sends(path, text)
	}
	if status, to, _ := agent.do("/desk/next", url.Values{}); status != http.StatusSeeOther || strings.Contains(to, "/tickets/") {
		t.Errorf("with nothing left the next ticket leads to %d %q", status, to)
	}
	r.eventually(30*time.Second, func() string {
		if n := len(slices.DeleteFunc(r.promises(""), func(p view.Promise) bool { return p.Kind != "first-reply" || p.State != "kept" })); n != 2 {
			return "the promises of two first replies are kept"
		}
		return ""
	})

	letters := r.letters("ann@customer.example")
	if len(letters) != 2 {
		t.Fatalf("%d mails went to the customer, want the acknowledgement and the answer", len(letters))
	}
	ours := letters[slices.IndexFunc(letters, func(m *mail.Message) bool { return m.Header.Get("Auto-Submitted") == "" })]
	if body := bodyOf(t, ours); !strings.Contains(body, "sent on Friday") || strings.Contains(body, "Nonsense") || ours.Header.Get("In-Reply-To") != "<a1@customer.example>" || !strings.HasPrefix(subjectOf(ours), "Re: Where is my refund?") {
		t.Errorf("the answer is %v %s", ours.Header, body)
	}
	texts := fake.Sent()
	if last := texts[len(texts)-1]; len(texts) != 2 || last.Body != "您好，银行今天会到账。" || last.To != "+8613800138000" {
		t.Errorf("by SMS went %+v", texts)
	}

	r.mustMail("ann@customer.example", human("ann@customer.example", "Re: Where is my refund?", "a2@customer.example", "Thank you, it is here.", "In-Reply-To: "+ours.Header.Get("Message-Id"), "References: "+ours.Header.Get("Message-Id")))
	r.settled(3)
	if n := len(r.tickets()); n != 2 {
		t.Errorf("%d tickets, want the answer to be in that of the mail", n)
	}
	if mine := agent.see("/desk"); !strings.Contains(mine, "Thank you, it is here.") {
		t.Error("what the customer has answered is not among the agent's own")
	}
}

// TestTwoAgentsAnswerAtOnce: one answer goes; the other agent is shown it above his own text, and may send that all the same. Whoever has no
// right in the queue sees nothing of it.
func TestTwoAgentsAnswerAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "a1@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	r.settled(1)
	wang, chen := r.colleague("wang", everywhere), r.colleague("chen", everywhere)
	stranger := r.colleague("zhao", viewer.Grant{Role: viewer.Agent, Queue: "nowhere"})
	path := wang.next()
	hers := answer(chen.see(path), "It will be there on Monday.")
	wang.sends(path, "It is on its way.")

	status, _, page := chen.do(path+"/reply", hers)
	if status != http.StatusConflict || !strings.Contains(page, "It is on its way.") || !strings.Contains(page, "It will be there on Monday.</textarea>") {
		t.Fatalf("who was overtaken is told %d: %s", status, tail(page, 600))
	}
	again := answer(page, "It will be there on Monday.")
	again.Set("anyway", "1")
	for range 2 { // a double click
		if status, to, said := chen.do(path+"/reply", again); status != http.StatusSeeOther {
			t.Fatalf("sending all the same leads to %d %q: %s", status, to, tail(said, 400))
		}
	}
	if status, _, _ := wang.do(path+"/note", url.Values{"key": {hidden(wang.see(path), "key") + "n"}, "text": {"He calls each day."}}); status != http.StatusSeeOther {
		t.Errorf("a note has status %d", status)
	}
	for what, status := range map[string]int{"the ticket": browse(t, stranger.base+path, stranger.cookie).StatusCode} {
		if status != http.StatusNotFound {
			t.Errorf("who has no right there sees %s with status %d", what, status)
		}
	}
	if status, _, _ := stranger.do(path+"/reply", hers); status != http.StatusNotFound {
		t.Errorf("who has no right there answers with status %d", status)
	}
	r.eventually(30*time.Second, func() string {
		if n := len(r.letters("ann@customer.example")); n != 3 {
			return "the acknowledgement and two answers have gone out"
		}
		return ""
	})
	for _, m := range r.letters("ann@customer.example") {
		if strings.Contains(bodyOf(t, m), "He calls each day") {
			t.Error("the note has gone to the customer")
		}
	}
}
