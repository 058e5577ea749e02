package desk

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/workers/desk/events"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/desk/reading"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/desk/stored"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// joined are all pages of the desk over a real store, by their patterns.
func joined(t testing.TB, s *store.Store) map[string]http.HandlerFunc {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	d := stored.New(stored.Config{Store: s, House: answering.House{Carries: map[string]message.Carries{"email": {Cc: 5, HTML: true, Files: 5, FileMax: 1 << 20, FilesMax: 1 << 20}},
		Ways: func(inbox string, _ message.AddressKind) (string, string, bool) { return inbox, "email", true }, Ours: func(message.Identity) bool { return false },
		Name: func(string) string { return "Topay" }}})
	more, from := stored.NewMore(d), stored.Live{Store: s}
	p, err := pages.New(pages.Config{Desk: "Topay", Logger: logger, Tickets: d, Acts: d, Answers: d, Files: stored.Files(d), Snippets: stored.Snippets(d), Sides: stored.Sides(d), Checks: stored.Checks(d), Macros: stored.Macros(d), Splits: stored.Splits(d), Persons: stored.Persons(d), Presence: d, Merges: more, Many: more, Aside: more,
		Viewer: signin.Viewer, Me: signin.MePath, SignOut: signin.SignOutPath, SignIn: signin.SignInPath})
	if err != nil {
		t.Fatal(err)
	}
	out := p.Routes()
	maps.Copy(out, reading.New(reading.Config{Store: s, Viewer: signin.Viewer, Missing: p.Missing, Logger: logger, Mail: func(string) bool { return true },
		Whole: func(context.Context, view.Message) (bool, error) { return true, nil }}).Routes())
	maps.Copy(out, events.New(events.Config{Source: from, Readable: from.Readable, Names: from.Names, Viewer: signin.Viewer, Again: signin.Again, Heard: s.Changes.Heard,
		Say: func(context.Context, string) error { return nil }, Logger: logger}).Routes())
	return out
}

// all are the pages of a desk whose store is filled.
type all map[string]http.HandlerFunc

func (a all) Routes() map[string]http.HandlerFunc { return a }

// house is a desk over a store in which something is secret.
type house struct {
	*rig
	*storetest.Household
	routes []string // patterns, in order
	reply  int64    // of Ann's ticket
	file   int64    // that a colleague sends in it
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{}
	h.rig = newRig(t, func(c *Config) {
		h.Household = storetest.NewHousehold(t, c.Store)
		routes := joined(t, c.Store)
		h.routes, c.Pages = slices.Sorted(maps.Keys(routes)), all(routes)
	})
	ctx := t.Context()
	h.must(h.store.Base.Write(ctx, func(tx sql.Tx) error {
		return tx.Run(ctx, sql.Do(`INSERT INTO uncopied (message) VALUES ($1)`, h.AnnMessages[1]), sql.Ask(sql.Into(&h.reply), `SELECT id FROM replies WHERE ticket = $1 AND kind = 'reply'`, h.AnnTicket))
	}))
	h.must(h.store.Copies.Keep(ctx, h.AnnMessages[1], "<p>the blue suitcase with the broken lock</p>", time.Now()))
	boss := viewer.Viewer{User: 4, Login: "chen", Grants: []viewer.Grant{{Role: viewer.Agent}}}
	e, err := h.store.Answering.Enclose(ctx, boss, answering.Enclosure{Ticket: h.AnnTicket, Kind: replies.Note, Name: "blue suitcase with the broken lock.txt"}, []byte("blue suitcase with the broken lock"), message.Carries{}, time.Now())
	h.must(err)
	h.file = e.ID
	return h
}

// paths are a pattern's addresses in Ann's ticket.
func (h *house) paths(pattern string) (method string, paths []string) {
	method, path, told := strings.Cut(pattern, " ")
	if !told { // the page for what is no page
		method, path = http.MethodGet, pattern
	}
	number := fmt.Sprint("T-", h.AnnTicket)
	id := fmt.Sprint(h.reply)
	if strings.Contains(path, "/files/{id}") {
		id = fmt.Sprint(h.file)
	}
	fill := strings.NewReplacer("{number}", number, "{message}", fmt.Sprint(h.AnnMessages[1]), "{n}", "1", "{entry}", fmt.Sprint("message-", h.AnnMessages[1]), "{id}", id,
		"{queue}", "payments", "{tag}", "urgent", "{$}", "")
	if strings.Contains(path, "{name}") {
		for _, list := range []string{"mine", "at-risk", "unassigned", "unsure", "pending", "snoozed", "closed", "mentions"} {
			paths = append(paths, strings.Replace(path, "{name}", list, 1))
		}
		return method, paths
	}
	path = fill.Replace(path)
	switch {
	case strings.HasSuffix(path, "/earlier"):
		path += fmt.Sprint("?before=message-", h.AnnMessages[2])
	case strings.HasSuffix(path, "/news"):
		path += fmt.Sprint("?after=message-", h.AnnMessages[1])
	case strings.HasSuffix(path, "/search"):
		path += "?q=suitcase"
	}
	return method, []string{path}
}

// form is what all acts are posted with at once.
func (h *house) form() url.Values {
	return url.Values{"text": {"mine now"}, "key": {"abcdefghijkl"}, "seen": {"99"}, "kind": {"reply"}, "ticket": {fmt.Sprint("T-", h.AnnTicket)}, "tickets": {fmt.Sprint("T-", h.AnnTicket)}, "into": {fmt.Sprint("T-", h.AnnTicket)},
		"until": {"answer"}, "tag": {"urgent"}, "act": {"close"}, "anyway": {"1"}, "foreign": {"1"}, "line": {fmt.Sprint("message-", h.AnnMessages[1])}, "name": {"x"}, "to": {"tom"}}
}

// asks asks as a page of ours does: two of the acts are told in JSON.
func (h *house) asks(b *browser, method, path string) *httptest.ResponseRecorder {
	for act, body := range map[string]string{"/draft": `{"kind":"note","text":"mine now","version":0}`, "/here": `{"does":"reading"}`} {
		if strings.HasSuffix(path, act) && strings.Contains(path, "/T-") {
			return b.said(path, body)
		}
	}
	return b.ask(method, path, h.form())
}

// said posts JSON.
func (b *browser) said(path, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	req.Host, req.RemoteAddr = b.host, b.from
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json", "Sec-Fetch-Site": "same-origin"} {
		req.Header.Set(name, value)
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.r.h.ServeHTTP(w, req)
	return w
}

// state is what a stranger might have changed.
func (h *house) state() (out string) {
	h.t.Helper()
	for _, table := range []string{"entries", "replies", "drafts", "enclosures", "merges", "contact_pointers", "contact_steps", "ticket_tags", "mentions"} {
		n := 0
		h.must(h.store.Base.DB.Read(h.t.Context(), func(tx sql.Tx) error {
			return tx.Run(h.t.Context(), sql.Ask(sql.Into(&n), `SELECT count(*) FROM `+table))
		}))
		out += fmt.Sprint(table, " ", n, "; ")
	}
	return out
}

// TestNobodyReachesWhatIsAnotherQueues: every route of the desk, asked for a ticket, message, file, reply and line of a queue that is not the
// viewer's, answers as for one that is not there, tells nothing and changes nothing (IDOR; D38).
func TestNobodyReachesWhatIsAnotherQueues(t *testing.T) {
	h := newHouse(t)
	h.user("zhao", viewer.Grant{Role: viewer.Lead, Queue: "cards"}, viewer.Grant{Role: viewer.Administrator, Queue: "cards"})
	h.user("li", viewer.Grant{Role: viewer.Agent, Queue: "payments"})
	stranger, own := h.browser().in("zhao"), h.browser().in("li")
	secrets := append(h.Secrets, "My blue suitcase", "lock.txt")
	nowhere := strings.NewReplacer(fmt.Sprint("T-", h.AnnTicket), "T-424242", fmt.Sprint("/", h.reply, "/"), "/424242/", "queues/payments", "queues/none")
	before, seen := h.state(), 0
	for _, pattern := range h.routes {
		method, paths := h.paths(pattern)
		switch {
		case strings.HasSuffix(pattern, "/desk/events"), strings.Contains(pattern, "/assets/"): // a stream does not end (TestD38WhatIsAnotherTeamsGivesNothing)
			continue
		case strings.HasSuffix(pattern, "/desk/parked"): // has no queue: it is for those who direct work
			continue
		}
		for _, path := range paths {
			w := h.asks(stranger, method, path)
			for _, s := range secrets {
				if strings.Contains(w.Body.String(), s) || strings.Contains(fmt.Sprint(w.Header()), s) {
					t.Errorf("%s %s tells %q", method, path, s)
				}
			}
			named := strings.Contains(pattern, "{number}") || strings.Contains(pattern, "{id}") || strings.Contains(pattern, "{queue}")
			if to := w.Header().Get("Location"); named && w.Code != http.StatusNotFound && !strings.Contains(to, "merge=") && !(strings.HasSuffix(pattern, "/files") && w.Code == http.StatusUnsupportedMediaType) {
				t.Errorf("%s %s answers %d %s, want 404", method, path, w.Code, to)
			}
			if none := h.asks(stranger, method, nowhere.Replace(path)); none.Code != w.Code {
				t.Errorf("%s %s answers %d, and %d for what is not there", method, path, w.Code, none.Code)
			}
			if method == http.MethodGet {
				if w := own.ask(method, path, nil); w.Code == http.StatusOK && strings.Contains(pattern, "{number}") {
					seen++
				}
			}
		}
	}
	if after := h.state(); after != before {
		t.Errorf("it was %s and is %s", before, after)
	}
	// What the table asks for is there: to who may read the queue.
	for _, path := range []string{"/messages/%d/formatted", "/messages/%d/files/1", "/messages/%d/original", "/entries/message-%d"} {
		own.wants(own.get(fmt.Sprintf("/desk/tickets/T-%d"+path, h.AnnTicket, h.AnnMessages[1])), http.StatusOK)
	}
	if seen < 6 {
		t.Errorf("of %d pages of her ticket its agent can open %d", len(h.routes), seen)
	}
}

// TestNoRouteThatActsIsForOtherSites: every POST of the desk refuses a form of another site, and none of the acts is done by a link (CSRF).
func TestNoRouteThatActsIsForOtherSites(t *testing.T) {
	h := newHouse(t)
	h.user("li", viewer.Grant{Role: viewer.Lead, Queue: viewer.Every}, viewer.Grant{Role: viewer.Administrator, Queue: viewer.Every})
	b := h.browser().in("li")
	entrance := []string{"POST /desk/sign-in", "POST /desk/sign-out", "POST /desk/welcome/x", "POST /desk/me", "POST /desk/me/password", "POST /desk/me/sessions/1/end", "POST /desk/me/sessions/end-others"}
	before, posts := h.state(), 0
	for _, pattern := range slices.Concat(h.routes, entrance) {
		method, paths := h.paths(pattern)
		if method != http.MethodPost {
			continue
		}
		posts++
		for _, c := range []struct {
			name    string
			headers []string
		}{
			{"another site", []string{"Sec-Fetch-Site", "cross-site"}},
			{"another port of ours", []string{"Sec-Fetch-Site", "same-site"}},
			{"another origin, of an older browser", []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}},
			{"a document in a sandbox", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}},
			{"a form that looks like text", []string{"Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"}},
		} {
			if w := b.ask(http.MethodPost, paths[0], h.form(), c.headers...); w.Code != http.StatusForbidden {
				t.Errorf("%s may post to %s: %d", c.name, paths[0], w.Code)
			}
		}
		if !slices.Contains(h.routes, "GET "+strings.TrimPrefix(pattern, "POST ")) && !slices.Contains(entrance, pattern) {
			if w := b.get(paths[0]); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
				t.Errorf("a link to %s answers %d", paths[0], w.Code)
			}
		}
	}
	if after := h.state(); after != before || posts < 30 {
		t.Errorf("of %d posts: it was %s and is %s", posts, before, after)
	}
	b.wants(b.get("/desk"), http.StatusOK) // still signed in
}
