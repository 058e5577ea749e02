package desk

import (
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	show "frontdesk/templates/desk/admin"
	"frontdesk/workers/desk/admin"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// kept is a desk with the pages of its administration.
func kept(t *testing.T) *rig {
	t.Helper()
	return newRig(t, func(c *Config) {
		p, err := admin.New(admin.Config{Staff: c.Store.Staff, Log: c.Store.Logbook, Desk: "Topay", Logger: slog.New(slog.DiscardHandler), House: func() show.House {
			return show.House{Queues: []show.Queue{{Name: "refunds", HandOut: "pull", Overflow: "cards", After: "2h"}, {Name: "cards", HandOut: "push"}}, Languages: []string{"en", "zh"}, Channels: []string{"sms"},
				Categories: []string{"refund"}, Limit: 6, Cards: "block", Identity: "warn", Calendars: []show.Calendar{{Name: "office", Zone: "Asia/Shanghai", Years: []show.Year{{Year: 2026, Source: "notice of 2025", Off: 33, Work: 6}}}}}
		}})
		if err != nil {
			t.Fatal(err)
		}
		c.Admin = p
	})
}

// TestAnAdministratorLetsSomebodyIn: he adds a user, gives the link away, and gives and takes what the user may; all of it counts at once.
func TestAnAdministratorLetsSomebodyIn(t *testing.T) {
	r := kept(t)
	r.user("boss", viewer.Grant{Role: viewer.Administrator, Queue: viewer.Every})
	b := r.browser().in("boss")
	if w := b.get("/desk/admin"); w.Header().Get("Location") != "/desk/admin/users" {
		t.Fatalf("the administration leads to %q", w.Header().Get("Location"))
	}
	b.wants(b.ask(http.MethodPost, "/desk/admin/users", url.Values{"login": {"no login!"}, "name": {"<b>Tom"}}), http.StatusUnprocessableEntity, "That cannot be kept", "&lt;b&gt;Tom")
	b.wants(b.ask(http.MethodPost, "/desk/admin/users", url.Values{"login": {"boss"}}), http.StatusUnprocessableEntity, "Somebody has that login")
	w := b.ask(http.MethodPost, "/desk/admin/users", url.Values{"login": {"Tom"}, "name": {"Tom"}, "email": {"tom@desk.example"}})
	b.wants(w, http.StatusOK, "http://127.0.0.1:8082/desk/welcome/", "shown this once")
	if w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Error("the page with the link is named to others")
	}
	link := regexp.MustCompile(`/desk/welcome/[A-Za-z0-9_-]+`).FindString(w.Body.String())
	if again := b.get("/desk/admin/users/tom"); strings.Contains(again.Body.String(), "/desk/welcome/") {
		t.Error("the link is shown twice")
	}
	tom := r.browser()
	tom.wants(tom.ask(http.MethodPost, link, url.Values{"password": {right}, "again": {right}}), http.StatusSeeOther)
	tom.wants(tom.get("/desk"), http.StatusOK, "may answer: no")

	b.wants(b.ask(http.MethodPost, "/desk/admin/users/tom/rights", url.Values{"grant": {"agent|cards", "lead|refunds"}, "member.cards": {"1"}, "member.refunds": {"2"}, "can.language.zh": {"1"}, "can.category.refund": {"2"}, "room": {"3"}}), http.StatusSeeOther)
	tom.wants(tom.get("/desk"), http.StatusOK, "may answer: yes")
	page := b.get("/desk/admin/users/tom?done=saved")
	b.wants(page, http.StatusOK, `value="agent|cards" checked`, `value="lead|refunds" checked`, "It counts at once", `name="room" type="number" min="0" max="1000" value="3"`, "192.0.2.7")
	u, err := r.store.Users.Find(t.Context(), "tom")
	r.must(err)
	can, err := r.store.Users.Abilities(t.Context(), u.ID)
	r.must(err)
	if want := []users.Ability{{Kind: "category", Value: "refund", Level: 2}, {Kind: "language", Value: "zh", Level: 1}}; !slices.Equal(can, want) {
		t.Errorf("he can %+v", can)
	}
	b.wants(b.get("/desk/admin/queues"), http.StatusOK, "fixed by the configuration file", ">Tom</a>", "to cards after 2h")
	b.wants(b.get("/desk/admin/hours"), http.StatusOK, "notice of 2025", "33")

	if at := b.ask(http.MethodPost, "/desk/admin/users/tom", url.Values{"name": {"Tom Tan"}, "version": {"7"}}).Header().Get("Location"); at != "/desk/admin/users/tom?wrong=conflict" {
		t.Errorf("a form upon an older version leads to %s", at)
	}
	b.wants(b.ask(http.MethodPost, "/desk/admin/users/tom/sign-out", nil), http.StatusSeeOther)
	tom.out("signed out by the administrator")
	tom.in("tom")
	b.wants(b.ask(http.MethodPost, "/desk/admin/users/tom/state", url.Values{"state": {"disabled"}}), http.StatusSeeOther)
	tom.out("disabled")
	if at := b.ask(http.MethodPost, "/desk/admin/users/boss/state", url.Values{"state": {"disabled"}}).Header().Get("Location"); at != "/desk/admin/users/boss?wrong=last" {
		t.Errorf("disabling the last administrator leads to %s", at)
	}
	b.wants(b.get("/desk/admin/users/nobody"), http.StatusNotFound)
}

// TestWhoLooksAfterOneQueueSeesThatOne: nobody raises himself by forms that were made for others.
func TestWhoLooksAfterOneQueueSeesThatOne(t *testing.T) {
	r := kept(t)
	r.user("boss", viewer.Grant{Role: viewer.Administrator, Queue: viewer.Every})
	me := r.user("cards", viewer.Grant{Role: viewer.Administrator, Queue: "cards"})
	r.must(r.store.Users.SetMembers(t.Context(), me.ID, []users.Member{{Queue: "refunds", Level: 1}}, time.Now(), "test"))
	b := r.browser().in("cards")
	if w := b.get("/desk/admin"); w.Header().Get("Location") != "/desk/admin/queues" {
		t.Fatalf("the administration leads to %q", w.Header().Get("Location"))
	}
	w := b.get("/desk/admin/queues")
	b.wants(w, http.StatusOK, "cards")
	if strings.Contains(w.Body.String(), "refunds") {
		t.Error("he sees another queue")
	}
	b.wants(b.ask(http.MethodPost, "/desk/admin/users/cards/rights", url.Values{"grant": {"administrator|"}}), http.StatusNotFound)
	b.wants(b.ask(http.MethodPost, "/desk/admin/users", url.Values{"login": {"mine"}, "role": {"administrator"}}), http.StatusNotFound)
	grants, err := r.store.Users.Grants(t.Context(), me.ID)
	r.must(err)
	if len(grants) != 1 || grants[0].Queue != "cards" {
		t.Errorf("he has raised himself: %v", grants)
	}
}
