package desk

import (
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/domain/alerts"
	show "frontdesk/templates/desk/admin"
	"frontdesk/workers/desk/admin"
	ringers "frontdesk/workers/desk/alerts"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// ringing is a desk with the page on which people say what they are told.
func ringing(t *testing.T, r alerting.Rules) *rig {
	t.Helper()
	return newRig(t, func(c *Config) {
		p, err := ringers.New(ringers.Config{Store: c.Store.Alerts, Rules: r, Desk: "Topay", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		c.Alerts = p
		if c.Admin, err = admin.New(admin.Config{Staff: c.Store.Staff, Log: c.Store.Logbook, Alerts: c.Store.Alerts, Desk: "Topay", Logger: slog.New(slog.DiscardHandler), House: func() show.House { return show.House{} }}); err != nil {
			t.Fatal(err)
		}
	})
}

var everyWay = alerting.Rules{Bounds: alerts.Bounds{Gather: 5 * time.Minute, Hourly: 6}, Inbox: "support", Channel: "email", Hooks: true}

func TestSomebodySaysWhatHeIsTold(t *testing.T) {
	r := ringing(t, everyWay)
	li := r.userOf(users.User{Login: "li", Email: "li@desk.example"}, viewer.Grant{Role: viewer.Agent, Queue: "cards"})
	b := r.browser().in("li")
	b.wants(b.get("/desk/me"), http.StatusOK, `href="/desk/me/alerts"`)
	b.wants(b.get("/desk/me/alerts"), http.StatusOK, `value="named|mail" checked`, `value="given|show" checked`, `value="given|mail">`, `value="absent" selected`, "They go to li@desk.example", "within 5 minutes")
	w := b.ask(http.MethodPost, "/desk/me/alerts", url.Values{"on": {"given|mail", "given|pigeon", "moon|show", "risk|hook"}, "mail": {"always"}})
	b.wants(w, http.StatusSeeOther)
	page := b.get(w.Header().Get("Location"))
	b.wants(page, http.StatusOK, "Kept.", `value="given|mail" checked`, `value="risk|hook" checked`, `value="named|mail">`, `value="given|show">`, `value="always" selected`)
	b.wants(b.get("/desk/me/alerts?done=%3Cscript%3E&lang=zh"), http.StatusOK, "通知设置")
	c, err := r.store.Alerts.Choice(t.Context(), viewer.Viewer{User: li.ID})
	r.must(err)
	if c.Mail != alerts.Always || !c.Wants(alerts.Given, alerts.Mail) || c.Wants(alerts.Named, alerts.Mail) || len(c.Of(alerts.Show)) != 0 {
		t.Errorf("kept: %+v", c)
	}
}

func TestWhatTheHouseDoesNotOfferStaysAsItWas(t *testing.T) {
	r := ringing(t, alerting.Rules{})
	li := r.user("li", viewer.Grant{Role: viewer.Agent, Queue: "cards"})
	b := r.browser().in("li")
	page := b.get("/desk/me/alerts").Body.String()
	if strings.Contains(page, "|mail") || strings.Contains(page, "/webhook") || strings.Contains(page, "Mail") {
		t.Error("ways are shown that the house does not have")
	}
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts", url.Values{"on": {"given|show"}}), http.StatusSeeOther)
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts/webhook", url.Values{"url": {"https://hooks.chat.example/x"}, "style": {"text"}}), http.StatusForbidden, "not set up")
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts/test", url.Values{"way": {"mail"}}), http.StatusUnprocessableEntity, "not set up")
	c, err := r.store.Alerts.Choice(t.Context(), viewer.Viewer{User: li.ID})
	r.must(err)
	if !c.Wants(alerts.Named, alerts.Mail) || c.Wants(alerts.Named, alerts.Show) {
		t.Errorf("kept: %+v", c)
	}
}

func TestAWebhookOfOnesOwn(t *testing.T) {
	r := ringing(t, everyWay)
	r.userOf(users.User{Login: "li", Email: "li@desk.example"}, viewer.Grant{Role: viewer.Agent, Queue: "cards"})
	b := r.browser().in("li")
	set := func(address, style string) string {
		w := b.ask(http.MethodPost, "/desk/me/alerts/webhook", url.Values{"url": {address}, "style": {style}})
		b.wants(w, http.StatusOK, "hooks.chat.example")
		return html.UnescapeString(w.Body.String())
	}
	if page := set("https://hooks.chat.example/services/T1/secret-path", "text"); strings.Contains(page, "whsec_") || strings.Contains(page, "secret-path") {
		t.Error("a chat needs no secret, and its address is one")
	}
	first := regexp.MustCompile(`whsec_[A-Za-z0-9+/=]{44}`).FindString(set("https://hooks.chat.example/x", "signed"))
	if again := regexp.MustCompile(`whsec_[A-Za-z0-9+/=]{44}`).FindString(set("https://hooks.chat.example/x", "signed")); first == "" || again == "" || first == again {
		t.Errorf("secrets %q, %q", first, again)
	}
	if page := b.get("/desk/me/alerts").Body.String(); strings.Contains(page, "whsec_") {
		t.Error("the secret is shown twice")
	}
	for range 2 {
		b.wants(b.ask(http.MethodPost, "/desk/me/alerts/test", url.Values{"way": {"hook"}}), http.StatusSeeOther)
	}
	b.wants(b.get("/desk/me/alerts?done=test"), http.StatusOK, "The test is on its way", "under way", "Webhook")
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts/webhook", url.Values{"do": {"remove"}}), http.StatusSeeOther)
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts/test", url.Values{"way": {"hook"}}), http.StatusUnprocessableEntity)
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts/test", url.Values{"way": {"show"}}), http.StatusUnprocessableEntity)
}

// TestAWebhookThatIsSwitchedOffIsShown, to its person and to who looks after users, and is called again when he wants so.
func TestAWebhookThatIsSwitchedOffIsShown(t *testing.T) {
	r := ringing(t, everyWay)
	li := r.user("li", viewer.Grant{Role: viewer.Agent, Queue: "cards"})
	b := r.browser().in("li")
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts/webhook", url.Values{"url": {"https://hooks.chat.example/x"}, "style": {"text"}}), http.StatusOK)
	_, err := r.store.Alerts.Fell(t.Context(), li.ID, alerts.Hook, "410", true, time.Now())
	r.must(err)
	b.wants(b.get("/desk/me/alerts"), http.StatusOK, "nothing has arrived since", "(410)", "switched off", `value="on"`)
	r.user("boss", viewer.Grant{Role: viewer.Administrator, Queue: viewer.Every})
	boss := r.browser().in("boss")
	boss.wants(boss.get("/desk/admin/users"), http.StatusOK, "Notifications that do not arrive", "by his webhook", "410", "switched off")
	w := b.ask(http.MethodPost, "/desk/me/alerts/webhook", url.Values{"do": {"on"}})
	if page := b.get(w.Header().Get("Location")).Body.String(); strings.Contains(page, "nothing has arrived") {
		t.Error("it is still said to be off")
	}
	if page := boss.get("/desk/admin/users").Body.String(); strings.Contains(page, "Notifications that do not arrive") {
		t.Error("it is still listed")
	}
}

// TestForeignAddresses: what could never be called is refused at once; where a name leads to is looked at when it is called.
func TestForeignAddresses(t *testing.T) {
	r := ringing(t, everyWay)
	r.user("li", viewer.Grant{Role: viewer.Agent, Queue: "cards"})
	b := r.browser().in("li")
	for _, address := range []string{"", "hooks.chat.example/x", "http://hooks.chat.example/x", "ftp://hooks.chat.example/x", "file:///etc/passwd", "javascript:alert(1)", "https://", "https://localhost/x", "https://LOCALHOST./x", "https://a.localhost/x",
		"https://127.0.0.1/x", "https://[::1]/x", "https://10.1.2.3/x", "https://169.254.169.254/latest/meta-data", "https://[::ffff:192.168.0.1]/x", "https://[64:ff9b::a00:1]/x", "https://intranet/x", "https://user:password@hooks.chat.example/x",
		"https://hooks.chat.example/x\r\nHost: evil.example", "https://hooks.chat.example/" + strings.Repeat("x", 3000)} {
		w := b.ask(http.MethodPost, "/desk/me/alerts/webhook", url.Values{"url": {address}, "style": {"text"}})
		b.wants(w, http.StatusUnprocessableEntity, "no address that can be called")
		if len(address) > 20 && strings.Contains(w.Body.String(), address) {
			t.Errorf("%s stands on the page", address)
		}
	}
	b.wants(b.ask(http.MethodPost, "/desk/me/alerts/webhook", url.Values{"url": {"https://hooks.chat.example/x"}, "style": {"ornate"}}), http.StatusUnprocessableEntity)
	if host, ok := ringers.Address("http://10.1.2.3:8080/x", true); !ok || host != "10.1.2.3" {
		t.Error("a house that wants so calls its own network")
	}
	n := 0
	r.must(r.store.Base.Read(t.Context(), "test", sql.Ask(sql.Into(&n), `SELECT count(*) FROM alert_choices`)))
	if n != 0 {
		t.Error("something was kept")
	}
}
