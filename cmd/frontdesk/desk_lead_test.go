package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"frontdesk/configs/rules"
	"frontdesk/configs/values"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// A lead's day in a real browser, at a whole service with everything behind it. Environment: as of the pages' own suite (workers/desk/pages),
// FRONTDESK_AXE and FRONTDESK_SHOTS.

// sight is a lead's window.
type sight struct {
	t    *testing.T
	ctx  context.Context
	c    *colleague
	lang string

	mu     sync.Mutex
	errors []string
}

// window opens Chromium for somebody who is signed in.
func (c *colleague) window(t *testing.T, lang string) *sight {
	t.Helper()
	if testing.Short() { // as with the race detector, which then looks at chromedp most of the time
		t.Skip("plays a lead's day in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(serverProgram(t, "chromium")), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("font-render-hinting", "none"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	root, end := chromedp.NewContext(alloc)
	t.Cleanup(end)
	limited, cancel := context.WithTimeout(root, 5*time.Minute)
	t.Cleanup(cancel)
	s := &sight{t: t, ctx: limited, c: c, lang: lang}
	err := chromedp.Do(limited)
	if err == nil {
		err = chromedp.Listen(limited, func(ev any) {
			if thrown, is := ev.(*runtime.EventExceptionThrown); is {
				s.mu.Lock()
				s.errors = append(s.errors, fmt.Sprintf("%+v", thrown.ExceptionDetails))
				s.mu.Unlock()
			}
		})
	}
	if err == nil {
		_, err = chromedp.Call(limited, network.SetCookie, network.SetCookieParams{Name: c.cookie.Name, Value: c.cookie.Value, URL: c.base})
	}
	if err == nil {
		_, err = chromedp.Call(limited, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}})
	}
	if err == nil {
		err = chromedp.Do(limited, chromedp.EmulateViewport(1440, 900))
	}
	if err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	return s
}

func (s *sight) to(path string) {
	s.t.Helper()
	if err := chromedp.Do(s.ctx, chromedp.Navigate(s.c.base+path)); err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
}

func seen[T any](s *sight, expression string) (v T) {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		s.t.Fatalf("in the browser: %v: %s", err, expression)
	}
	return v
}

// until waits for an expression to be true.
func (s *sight) until(what, expression string) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool](`document.readyState === 'complete' && !!(`+expression+`)`)); err == nil && ok {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s: not so: %s\n%s\n%s", what, expression, seen[string](s, "location.href"), seen[string](s, "document.body.innerText.slice(0, 3000)"))
		}
	}
}

// reads waits until words stand on the page.
func (s *sight) reads(words ...string) {
	s.t.Helper()
	for _, w := range words {
		s.until("reading "+w, fmt.Sprintf("document.body.innerText.includes(%q)", w))
	}
}

// does is what a click on a part of a form does, below a part of the page; the page that follows is waited for.
func (s *sight) does(selector string) {
	s.t.Helper()
	seen[int](s, fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) throw new Error('nothing is at ' + %q); for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true; document.documentElement.dataset.before = 1; return 0 })()`, selector, selector))
	if err := chromedp.Do(s.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		s.t.Fatalf("clicking %s: %v", selector, err)
	}
	s.until("another page after "+selector, `!document.documentElement.dataset.before`)
}

func (s *sight) put(selector, value string) {
	s.t.Helper()
	seen[int](s, fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) throw new Error('nothing is at ' + %q); e.value = %q; e.dispatchEvent(new Event('change', {bubbles: true})); return 0 })()`, selector, selector, value))
}

// tick chooses messages or tickets of a list.
func (s *sight) tick(name string, values ...string) {
	s.t.Helper()
	for _, v := range values {
		if err := chromedp.Do(s.ctx, chromedp.Click(chromedp.CSS(fmt.Sprintf(`.pick[name=%q][value=%q]`, name, v)))); err != nil {
			s.t.Fatalf("choosing %s %s: %v", name, v, err)
		}
	}
}

// passes keeps a picture of a page, and has axe-core judge it.
func (s *sight) passes(name string) {
	s.t.Helper()
	if dir := os.Getenv("FRONTDESK_SHOTS"); dir != "" {
		png, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "lead-"+name+"-"+s.lang+".png"), png, 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	file := os.Getenv("FRONTDESK_AXE")
	if file == "" {
		return
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	seen[int](s, string(axe)+"; 0")
	found, err := chromedp.Run(s.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ['violations']}).then(r => r.passes.length < 15 ? ['axe has looked at ' + r.passes.length + ' rules only'] : r.violations.filter(v => v.impact !== 'minor').map(v => v.impact + ' ' + v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' ' + (n.any[0] || n.all[0] || n.none[0] || {}).message).join('\n   ')))`, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatalf("%s: axe: %v", name, err)
	}
	for _, v := range found {
		s.t.Errorf("%s: axe: %s", name, v)
	}
}

// speaks are the words of the day in a language.
type speaks struct{ unassigned, risk, escalated, beyond, dismissed, blocked, refused, one string }

var leads = map[string]speaks{
	"en": {"Unassigned", "Due soon or late", "raised", "beyond the limit", "dismissed", "blocked", "refused", "1 done, 1 refused"},
	"zh": {"等人接手", "临期与超时", "", "已超出上限", "", "", "未完成", "完成 1 张，未完成 1 张"},
}

// shift is the desk upon which a lead's day is played: tickets of several customers, mails of machines, and a colleague with full hands.
func shift(t *testing.T) (r *rig, lead, wang *colleague) {
	t.Helper()
	c := testConfig(t)
	c.Agents.Limit = 1
	c.Escalations = []rules.Escalation{{Of: values.OneOrMore{"first_reply"}, Before: values.Duration(1000 * time.Hour), Priority: "urgent", TellLeads: true}}
	r = start(t, c)
	lead, wang = r.colleague("zhou", viewer.Grant{Role: viewer.Lead, Queue: viewer.Every}, viewer.Grant{Role: viewer.Agent, Queue: viewer.Every}), r.colleague("wang", everywhere)
	for i, m := range []struct{ from, subject, body string }{
		{"ann@customer.example", "Where is my refund?", "When will I get my refund? Order 20261119001 was refunded last week, and nothing has come."},
		{"ann@customer.example", "My parcel and my refund", "My parcel came broken this morning, and I want my money back."},
		{"bob@customer.example", "My account is locked", "I typed the wrong PIN too many times. Please unlock my account."},
		{"cem@customer.example", "Charged twice", "I was charged twice for order 20261119003: two debits on the same day."},
		{"dan@customer.example", "Cannot register", "The app does not let me register with my telephone number."},
		{"fay@customer.example", "Help! My phone was stolen", "My phone was stolen an hour ago and I think someone is using my wallet. There is a payment I did not make. Please block my account now!"},
		{"eve@customer.example", "Which cards do you take?", "Which cards and banks do you take for payments from Germany?"},
	} {
		r.mustMail(m.from, human(m.from, m.subject, fmt.Sprint("day-", i, "@customer.example"), m.body))
		r.eventually(30*time.Second, func() string { // one after the other, as customers write
			if n := len(r.tickets()); n <= i {
				return fmt.Sprint(n, " tickets")
			}
			return ""
		})
	}
	for i, from := range []string{"robot@machines.example", "news@letters.example", "noise@machines.example"} {
		r.mustMail(from, human(from, fmt.Sprint("Report ", i), fmt.Sprint("auto-", i, "@machines.example"), "All is well.", "Auto-Submitted: auto-generated"))
	}
	r.eventually(30*time.Second, func() string {
		held, err := r.store.View.Parked(r.t.Context(), view.Page{Limit: 10})
		if err != nil || len(held) < 3 {
			return fmt.Sprint(len(held), " are set aside ", err)
		}
		return ""
	})
	return r, lead, wang
}

func TestALeadsDay(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a lead's day in a browser")
	}
	serverProgram(t, "chromium")
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			aLeadsDay(t, lang)
		})
	}
}

func aLeadsDay(t *testing.T, lang string) {
	r, lead, wang := shift(t)
	wang.next() // his hands are full with one
	wang.do("/desk/here", nil)
	say, s := leads[lang], lead.window(t, lang)

	s.to("/desk/lists/unassigned?lang=" + lang)
	s.reads(say.unassigned, say.risk)
	s.passes("unassigned")
	free := seen[[]string](s, `[...document.querySelectorAll('.pick')].map(e => e.value)`)
	if len(free) < 4 {
		t.Fatalf("unassigned are %v", free)
	}
	s.to("/desk/lists/at-risk")
	s.until("what is due within the hour is there, whosever it is", fmt.Sprintf(`[...document.querySelectorAll('a.row')].some(a => a.href.includes('/%s?'))`, about(r, "stolen")[0]))
	s.passes("at-risk")

	t.Log("an escalation is seen on the ticket, and mentions lead to it")
	s.to("/desk/lists/mentions")
	s.until("mentions lead to what was escalated", `document.querySelectorAll('a.row').length > 0`)
	s.passes("mentions")
	s.to("/desk/tickets/" + free[0])
	s.until("it is urgent now", `document.querySelector('.tag.urgent')`)
	s.passes("escalated")

	t.Log("a ticket is given beyond what a colleague may have in hand, and says so")
	given := free[0]
	s.to("/desk/lists/unassigned")
	s.tick("ticket", given)
	s.put("#many-to", fmt.Sprint(userID(t, r, "wang")))
	s.does(`#many button[value="give"]`)
	s.passes("given")
	s.to("/desk/tickets/" + given)
	s.reads(say.beyond)

	t.Log("he takes one, and says where it belongs")
	own := free[1]
	s.to("/desk/tickets/" + own)
	s.does(`form[action$="/take"] button`)
	other := seen[string](s, `[...document.querySelectorAll('.sorting select[name=queue] option')].find(o => !o.selected).value`)
	s.put(".sorting select[name=queue]", other)
	s.put(".sorting select[name=category]", "complaint")
	s.does(`form.sorting[action$="/sort"] button`)
	s.until("it stands in the other queue", fmt.Sprintf(`document.querySelector('.sorting select[name=queue]').value === %q && document.querySelector('.sorting select[name=category]').value === 'complaint'`, other))
	s.passes("sorted")

	t.Log("what is set aside is released, dismissed and taken back, blocked and let in again")
	s.to("/desk/parked")
	s.passes("parked")
	held := seen[[]string](s, `[...document.querySelectorAll('.pick[name=message]')].map(e => e.value)`)
	if len(held) != 3 {
		t.Fatalf("set aside are %v", held)
	}
	s.tick("message", held[0])
	s.does(`#many button[value="release"]`)
	s.until("it is no longer there", `document.querySelectorAll('.pick[name=message]').length === 2`)
	s.tick("message", held[1])
	s.does(`#many button[value="dismiss"]`)
	s.passes("dismissed")
	s.does(`.results button`)
	s.until("it is set aside again", `document.querySelectorAll('.pick[name=message]').length === 2`)
	s.tick("message", held[2])
	s.does(`#many button[value="block"]`)
	s.until("its sender is blocked", `document.querySelector('#blocks li')`)
	s.passes("blocked")
	s.does(`#blocks li button`)
	s.until("and let in again", `!document.querySelector('#blocks li')`)

	t.Log("two of one customer are merged, and parted again")
	of := about(r, "refund", "parcel")
	if len(of) != 2 {
		t.Fatalf("of one customer are %v", of)
	}
	first, second := of[0], of[1]
	s.to("/desk/tickets/" + first + "?merge=" + second)
	s.passes("merging")
	s.does(`#merge form[method="post"] button`)
	s.until("the one is worked on in the other", fmt.Sprintf(`document.body.innerText.includes(%q) && document.querySelector('#merged button')`, first))
	s.passes("merged")
	s.does(`#merged button`)
	s.until("they are two again", `!document.querySelector('#merged')`)

	t.Log("several are closed, with what became of each")
	rest := free[2:4]
	s.to("/desk/lists/unassigned")
	s.tick("ticket", rest...)
	if _, _, said := wang.do("/desk/tickets/"+rest[1]+"/close", nil); said != "" { // a colleague is quicker with one of them
		t.Log(tail(said, 200))
	}
	s.does(`#many button[value="close"]`)
	s.reads(say.one)
	s.passes("closed")

	t.Log("he keeps a snippet and a macro, and may no more than that")
	s.to("/desk/settings/snippets")
	s.passes("snippets")
	s.put(`details input[name=name], form input[name=name][required]`, "hello")
	s.put(`form:has(input[name=name][required]) textarea[name=en]`, "Good day {customer},")
	s.put(`form:has(input[name=name][required]) textarea[name=zh]`, "您好，{customer}：")
	s.does(`form:has(input[name=name][required]) button`)
	s.reads("hello")
	s.to("/desk/settings/macros")
	s.passes("macros")
	s.put(`form input[name=name][required]`, "solved")
	s.put(`form:has(input[name=name][required]) textarea[name=en]`, "It is solved.")
	s.put(`form:has(input[name=name][required]) select[name=then]`, "close")
	s.does(`form:has(input[name=name][required]) button`)
	s.reads("solved")
	for _, path := range []string{"/desk/admin", "/desk/admin/users", "/desk/admin/users/wang", "/desk/admin/log", "/desk/admin/log.csv", "/desk/admin/queues"} {
		if got := browse(t, lead.base+path, lead.cookie); got.StatusCode == 200 {
			t.Errorf("%s is open to a lead", path)
		}
	}
	if status, _, _ := lead.do("/desk/admin/users/wang/rights", map[string][]string{"grant": {"administrator|"}}); status == 200 || status == 303 {
		t.Errorf("a lead makes an administrator: %d", status)
	}
	s.to("/desk/admin/users")
	s.passes("refused")

	t.Log("of two roles, who directs and administers sets a colleague's queues, and who audits reads the log")
	boss := r.colleague("boss", viewer.Grant{Role: viewer.Lead, Queue: viewer.Every}, viewer.Grant{Role: viewer.Administrator, Queue: viewer.Every}, viewer.Grant{Role: viewer.Auditor, Queue: viewer.Every})
	if _, err := chromedp.Call(s.ctx, network.SetCookie, network.SetCookieParams{Name: boss.cookie.Name, Value: boss.cookie.Value, URL: boss.base}); err != nil {
		t.Fatal(err)
	}
	s.to("/desk/admin/users/wang?lang=" + lang)
	s.passes("person")
	queue := seen[string](s, `document.querySelector('select[name^="member."]').name`)
	s.put(fmt.Sprintf(`select[name=%q]`, queue), "1")
	s.does(fmt.Sprintf(`form:has(select[name=%q]) button`, queue))
	s.until("it is kept", fmt.Sprintf(`document.querySelector('select[name=%q]').value === '1'`, queue))
	for end := time.Now().Add(15 * time.Second); ; time.Sleep(300 * time.Millisecond) {
		s.to("/desk/admin/log?act=admin-users-rights") // a second behind
		if seen[bool](s, `document.querySelector('tbody').innerText.includes('boss')`) || time.Now().After(end) {
			break
		}
	}
	s.reads("boss", "zhou", "wang") // what the lead tried stands there, too
	s.passes("log")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.errors {
		t.Errorf("the browser says: %s", e)
	}
}

// about are the tickets whose subject has one of the words.
func about(r *rig, words ...string) (of []string) {
	for _, k := range r.tickets() {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(k.Subject, w) }) {
			of = append(of, k.Number)
		}
	}
	return of
}

func userID(t *testing.T, r *rig, login string) int64 {
	t.Helper()
	var u users.User
	u, err := r.store.Users.Find(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}
