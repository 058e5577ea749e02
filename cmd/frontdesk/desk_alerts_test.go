package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/workers/store/users"
)

// TestSomebodyTriesHowHeIsTold: by a mail that the relay gets, in his language and marked as a machine's; by a webhook of his own; and the page says what became
// of each.
func TestSomebodyTriesHowHeIsTold(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var bodies []string
	chat := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		bodies = append(bodies, string(text))
	}))
	t.Cleanup(chat.Close)
	x := newRelay(t)
	c := mailConfig(t, doorInbox("support", "support@desk.example", "relay: outgoing"), relayLine("outgoing", x.addr))
	c.Listen.Desk, c.Alerts.Webhooks = "127.0.0.1:0", "private"
	r := start(t, c)
	li := r.colleague("li", everywhere)
	u, err := r.store.Users.Find(t.Context(), "li")
	if err == nil {
		u.Email, u.Language = "li@desk.example", "zh"
		_, err = r.store.Users.Change(t.Context(), users.User(u), time.Now(), "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	tries := func(way string) {
		t.Helper()
		if status, at, said := li.do("/desk/me/alerts/test", url.Values{"way": {way}}); status != http.StatusSeeOther || !strings.Contains(at, "done=test") {
			t.Fatalf("trying %s leads to %d %q %s", way, status, at, tail(said, 300))
		}
	}
	tries("mail")
	r.eventually(30*time.Second, func() string {
		if len(x.list()) == 0 {
			return "the mail has come"
		}
		return ""
	})
	mail := x.list()[0]
	if mail.To != "li@desk.example" || headerOf(mail.Raw, "Auto-Submitted") == "" || !strings.Contains(headerOf(mail.Raw, "To"), "li@desk.example") {
		t.Errorf("%+v", mail)
	}
	if status, _, said := li.do("/desk/me/alerts/webhook", url.Values{"url": {chat.URL + "/services/secret"}, "style": {"text"}}); status != http.StatusOK || !strings.Contains(said, "127.0.0.1") {
		t.Fatalf("setting a webhook: %d %s", status, tail(said, 500))
	}
	tries("hook")
	r.eventually(30*time.Second, func() string {
		mu.Lock()
		defer mu.Unlock()
		if len(bodies) == 0 {
			return "the webhook was called"
		}
		return ""
	})
	mu.Lock()
	if !strings.HasPrefix(bodies[0], `{"text":"Frontdesk：测试通知\n`) {
		t.Errorf("the webhook was told %s", bodies[0])
	}
	mu.Unlock()
	r.eventually(30*time.Second, func() string {
		if page := li.see("/desk/me/alerts"); strings.Count(page, `class="fate sent"`) != 2 {
			return "the page says that both have arrived"
		}
		return ""
	})
}
