package admin

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"frontdesk/templates/words"
)

// samples are the pages with everything that may stand on them.
func samples() map[string][]any {
	now := time.Date(2026, 11, 30, 8, 5, 0, 0, time.UTC)
	f := Frame{Title: "title.users", Desk: "Topay <b>", Lang: English, Zone: time.UTC, Languages: []Choice{{Tag: "en", Name: "English", URL: "?lang=en", Here: true}}, Tabs: []Tab{{Name: "users", URL: "/x", Here: true}, {Name: "hours"}, {Name: "queues"}, {Name: "words"}, {Name: "inboxes"}}}
	done := f
	done.Done, done.Wrong = "done.saved", "wrong.last"
	u := User{Login: "li.na", Name: "Li Na", State: "active", Presence: "online", Password: true, Roles: []Role{{"agent", ""}, {"lead", "cards"}, {"administrator", ""}, {"auditor", ""}}, Queues: []string{"cards"}}
	house := House{Cards: "block", Identity: "warn", Forbidden: []Forbidden{{Languages: []string{"zh"}, Words: []string{"保证"}, Action: "off"}, {Words: []string{"sure"}, Action: "warn"}}, Hidden: []string{"agent", "lead"},
		Promises: []Promise{{Kind: "acknowledgement", Within: "1m"}, {Kind: "first-reply", Calendar: "office", Whom: []string{"channel: sms"}}, {Kind: "next-reply"}, {Kind: "resolution"}},
		Calendars: []Calendar{{Name: "office", Zone: "UTC", Week: []Hours{{"mon", "09:00-12:00"}, {"sun", ""}, {"tue", ""}, {"wed", ""}, {"thu", ""}, {"fri", ""}, {"sat", ""}}, Years: []Year{{2026, "notice", 33, 6}},
			Own: []Day{{"2026-01-01", "New Year", "holiday", ""}, {"2026-01-02", "", "workday", "09:00-12:00"}, {"2026-01-03", "", "special", ""}}}}}
	return map[string][]any{
		"users": {Users{Frame: f}, Users{Frame: done, Roles: []string{"agent", "lead"}, Typed: u, All: []User{u, {Login: "x", State: "disabled", Demo: true}, {Login: "y", State: "active", Presence: "away"}}, Failing: []Fails{{Login: "x", Way: "hook", Reason: "404", Since: now, Off: true}, {Login: "y", Way: "mail", Reason: "550", Since: now}}}},
		"person": {Person{Frame: done, User: u, Grid: []Row{{Roles: []Cell{{"agent", "agent|", true}}}, {Queue: "cards", Roles: []Cell{{"agent", "agent|cards", false}}, Member: "2"}}, Tongues: []Skill{{"en", "1"}, {"zh", ""}}, Channels: []Skill{{"sms", ""}},
			Categories: []Skill{{"refund", "2"}}, Sessions: []Session{{"Firefox", "192.0.2.1", now, now}, {}}, Link: "https://desk.example/desk/welcome/x", Limit: 6, Second: true},
			Person{Frame: f, User: User{Login: "x", State: "disabled"}, Grid: []Row{{}}}},
		"queues":  {Queues{Frame: f, All: []Line{{Queue: Queue{Name: "cards", HandOut: "push", Ahead: 1, Limit: 2, InOrder: true, Overflow: "x", After: "1h"}, Members: []Member{{"li", "Li", true, false}, {"x", "X", false, true}}}, {Queue: Queue{Name: "q", HandOut: "pull"}}}}},
		"hours":   {Fixed{Frame: f, House: house}, Fixed{Frame: f}},
		"words":   {Fixed{Frame: f, House: house}, Fixed{Frame: f, House: House{Cards: "off", Identity: "off"}}},
		"inboxes": {Inboxes{Frame: f}, Inboxes{Frame: f, All: []Inbox{{Name: "mail", Channel: "email", Address: "a@b", State: "failing", Error: "no <b>", Sending: "refused", Received: now, Lag: time.Minute, Source: 3, Recorded: 3, Checked: now}, {State: "ok"}, {State: "connecting"}}}},
		"log":     {Log{Frame: f}, Log{Frame: f, Lines: []Entry{{7, now, "li.na", "tickets-close", "T-12", "ab", "cd"}}, Next: "/x", CSV: "/y", From: "2026-11-30"}},
		"nothing": {f},
	}
}

// TestPagesHaveNoScriptAndNoWordMissing renders all of them in both languages.
func TestPagesHaveNoScriptAndNoWordMissing(t *testing.T) {
	p, err := New(map[string]string{"signin.css": "/s.css", "icon.svg": "/i.svg", "admin.css": "/a.css"}, map[string]map[string]string{Chinese: {"queue.cards": "银行卡"}})
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for page, all := range samples() {
		for _, lang := range []string{English, Chinese} {
			for _, data := range all {
				out, err := p.Render(lang, page, data)
				if err != nil {
					t.Fatal(err)
				}
				html := string(out)
				shown[page] = true
				if found := regexp.MustCompile(`<script|\son[a-z]+="|\sstyle="|<style|%!|%d|%s|\bno <b>`).FindString(html); found != "" {
					t.Errorf("%s in %s has %q:\n%s", page, lang, found, html)
				}
				if key := regexp.MustCompile(`[>"](title|tab|nav|role|presence|state|level|users|link|person|can|queues|handout|hours|promise|kind|day|words|action|inboxes|done|wrong|log)\.[a-z.-]+[<"]`).FindString(html); key != "" && !strings.Contains(key, "can.language.") && !strings.Contains(key, "can.c") {
					t.Errorf("%s in %s shows the key %s", page, lang, key)
				}
				if strings.Contains(html, "Topay <b>") {
					t.Errorf("%s does not escape the name of the desk", page)
				}
			}
		}
	}
	names, err := fs.Glob(files, "pages/*.html")
	if err != nil || len(shown) != len(names)-1 {
		t.Errorf("%d of %d pages were rendered, %v", len(shown), len(names)-1, err)
	}
	if out, err := p.Render(Chinese, "queues", samples()["queues"][0]); err != nil || !strings.Contains(string(out), "银行卡") {
		t.Errorf("a queue is not called by its name: %v", err)
	}
	if _, err := p.Render(English, "none", nil); err == nil {
		t.Error("a page that is not there was rendered")
	}
}

func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, en := range words[English] {
		zh := words[Chinese][key]
		if en == "" || zh == "" {
			t.Errorf("%s has no word in one language", key)
		}
		if strings.Count(en, "%") != strings.Count(zh, "%") {
			t.Errorf("%s has other places in Chinese", key)
		}
		if strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s is Chinese in English", key)
		}
	}
}
