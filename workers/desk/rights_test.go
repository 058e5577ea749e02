package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
	show "frontdesk/templates/desk/admin"
	"frontdesk/workers/desk/admin"
	"frontdesk/workers/desk/alerts"
	"frontdesk/workers/desk/events"
	"frontdesk/workers/desk/pages"
	"frontdesk/workers/desk/reading"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/desk/stored"
	"frontdesk/workers/store"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/answering"
	agents "frontdesk/workers/store/desk"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/vouching"
)

// The table of who may what: every pattern that the desk serves has a row, which says by what right it is served, and each row is asked by each
// role in each queue. A new route without a row fails.

// needs is what somebody must have.
type needs string

const (
	anybody  needs = "whoever is signed in"
	outsider needs = "whoever comes"
	read     needs = "the right to read in the ticket's queue"
	answer   needs = "the right to answer in the ticket's queue"
	joins    needs = "the right to direct or administer in the ticket's queue"
	aside    needs = "the right to direct or administer in any queue"
	keeps    needs = "the right to administer in any queue"
	staffs   needs = "the right to administer in all queues"
	audits   needs = "the right to audit in all queues"
	direct   needs = "the right to direct or administer in any queue, to change words of the desk"
)

// row is one route of the table.
type row struct {
	pattern string
	needs   needs
	form    string // what is posted, with {T} for the ticket and {O} for the other one
	json    string
	upload  bool
	soft    bool // who may not is told so on a page (200, 303), and nothing is done
	acts    bool // who may changes something
	stream  bool
	inside  bool // who is not signed in is led to the form all the same
	path    func(w *world, ticket int64) string
}

func access() []row {
	const t = "/desk/tickets/{number}"
	return []row{
		{pattern: "GET /{$}", needs: outsider}, {pattern: "GET /desk/sign-in/assets/", needs: outsider}, {pattern: "GET /desk/assets/", needs: outsider},
		{pattern: "GET /desk/sign-in", needs: outsider}, {pattern: "POST /desk/sign-in", needs: outsider}, {pattern: "POST /desk/sign-out", needs: outsider},
		{pattern: "GET /desk/welcome/{link}", needs: outsider}, {pattern: "POST /desk/welcome/{link}", needs: outsider},
		{pattern: "/", needs: anybody}, {pattern: "/desk/", needs: anybody},
		{pattern: "GET /desk/me", needs: anybody}, {pattern: "POST /desk/me", needs: anybody, form: "name=x"}, {pattern: "POST /desk/me/password", needs: anybody},
		{pattern: "GET /desk/me/alerts", needs: anybody}, {pattern: "POST /desk/me/alerts", needs: anybody, form: "on=given|show&mail=absent"}, {pattern: "POST /desk/me/alerts/webhook", needs: anybody, form: "url=https://hooks.chat.example/x&style=text"},
		{pattern: "POST /desk/me/alerts/test", needs: anybody, form: "way=mail"},
		{pattern: "GET /desk/sign-in/issuer", needs: outsider}, {pattern: "GET /desk/sign-in/issuer/back", needs: outsider},
		{pattern: "GET /desk/sign-in/second", needs: outsider}, {pattern: "POST /desk/sign-in/second", needs: outsider},
		{pattern: "POST /desk/sign-in/passkey/ask", needs: outsider}, {pattern: "POST /desk/sign-in/passkey", needs: outsider}, {pattern: "POST /desk/sign-in/second/passkey/ask", needs: outsider}, {pattern: "POST /desk/sign-in/second/passkey", needs: outsider},
		{pattern: "POST /desk/me/second/passkeys/ask", needs: anybody}, {pattern: "POST /desk/me/second/passkeys", needs: anybody}, {pattern: "POST /desk/me/second/passkeys/{name}/rename", needs: anybody},
		{pattern: "POST /desk/me/second/passkeys/{name}/remove", needs: anybody},
		{pattern: "GET /desk/me/second", needs: anybody}, {pattern: "POST /desk/me/second/begin", needs: anybody}, {pattern: "POST /desk/me/second/confirm", needs: anybody}, {pattern: "POST /desk/me/second/codes", needs: anybody},
		{pattern: "POST /desk/me/second/remove", needs: anybody}, {pattern: "POST /desk/me/sessions/{id}/end", needs: anybody}, {pattern: "POST /desk/me/sessions/end-others", needs: anybody},
		{pattern: "GET /desk", needs: anybody}, {pattern: "GET /desk/{$}", needs: anybody}, {pattern: "GET /desk/counts", needs: anybody},
		{pattern: "GET /desk/events", needs: anybody, stream: true},
		{pattern: "POST /desk/next", needs: anybody}, {pattern: "POST /desk/here", needs: anybody}, {pattern: "POST /desk/away", needs: anybody}, {pattern: "POST /desk/back", needs: anybody},
		{pattern: "GET /desk/lists/{name}", needs: anybody, path: listOf("unassigned")}, {pattern: "GET /desk/queues/{queue}", needs: read, path: func(w *world, ticket int64) string { return "/desk/queues/" + w.queues[ticket] }},
		{pattern: "POST /desk/views", needs: anybody, form: "q=suitcase&name=mine"}, {pattern: "POST /desk/views/{id}/remove", needs: anybody, path: func(*world, int64) string { return "/desk/views/1/remove" }},
		{pattern: "GET /desk/go", needs: anybody, path: func(*world, int64) string { return "/desk/go?q=suitcase" }},
		{pattern: "GET /desk/search", needs: anybody, path: func(*world, int64) string { return "/desk/search?q=suitcase" }},
		{pattern: "GET /desk/tags/{tag}", needs: anybody, path: func(*world, int64) string { return "/desk/tags/vip" }},
		{pattern: "GET " + t, needs: read}, {pattern: "GET " + t + "/news", needs: read}, {pattern: "GET " + t + "/earlier", needs: read, path: func(w *world, ticket int64) string {
			return "/desk/tickets/" + thread.TicketNumber(ticket) + "/earlier?before=" + w.line[ticket]
		}},
		{pattern: "GET " + t + "/entries/{entry}", needs: read, path: func(w *world, ticket int64) string {
			return "/desk/tickets/" + thread.TicketNumber(ticket) + "/entries/" + w.line[ticket]
		}},
		{pattern: "POST " + t + "/saw", needs: read, form: "line={L}"}, {pattern: "POST " + t + "/here", needs: read, json: `{"does":"reading"}`},
		{pattern: "POST " + t + "/take", needs: answer, acts: true}, {pattern: "POST " + t + "/hand-back", needs: answer}, {pattern: "POST " + t + "/close", needs: answer, acts: true},
		{pattern: "POST " + t + "/reopen", needs: answer}, {pattern: "POST " + t + "/aside", needs: answer, acts: true}, {pattern: "POST " + t + "/callup", needs: answer}, {pattern: "POST " + t + "/sort", needs: answer},
		{pattern: "POST " + t + "/snooze", needs: answer, form: "until=answer", acts: true}, {pattern: "POST " + t + "/tag", needs: answer, form: "tag=vip", acts: true},
		{pattern: "POST " + t + "/sort", needs: answer, form: "category=other", acts: true},
		{pattern: "POST " + t + "/merge", needs: answer, form: "into={O}&foreign=1", soft: true}, {pattern: "POST " + t + "/unmerge", needs: answer},
		{pattern: "POST " + t + "/person", needs: joins, form: "do=join&other={O}&why=told"}, {pattern: "POST " + t + "/person", needs: answer, form: "do=code&other={O}", soft: true},
		{pattern: "GET " + t + "/split", needs: answer}, {pattern: "POST " + t + "/split", needs: answer, form: "line=message-0"}, {pattern: "POST " + t + "/unsplit", needs: answer},
		{pattern: "POST " + t + "/draft", needs: answer, json: `{"kind":"note","text":"hello"}`, acts: true},
		{pattern: "POST " + t + "/reply", needs: answer, form: "key=abcdefgh&text=hello"}, {pattern: "POST " + t + "/note", needs: answer, form: "key=abcdefgh1&text=hello", acts: true},
		{pattern: "POST " + t + "/preview", needs: answer, form: "kind=note&text=hello"}, {pattern: "POST " + t + "/files", needs: answer, upload: true},
		{pattern: "GET " + t + "/check", needs: answer}, {pattern: "POST " + t + "/check", needs: answer, form: "to=none", soft: true}, {pattern: "POST " + t + "/way", needs: answer, form: "key=abcdefgh3&text=hello&choose=own"}, {pattern: "POST " + t + "/macro", needs: answer, form: "macro=none"},
		{pattern: "GET /desk/settings/macros", needs: direct, soft: true}, {pattern: "POST /desk/settings/macros", needs: direct, form: "name=hi{T}&take=1", soft: true, acts: true},
		{pattern: "GET " + t + "/forward", needs: answer}, {pattern: "POST " + t + "/forward", needs: answer, form: "key=abcdefgh2&to=bank@third.example&text=hello"},
		{pattern: "GET " + t + "/messages/{message}/formatted", needs: read}, {pattern: "GET " + t + "/messages/{message}/original", needs: read}, {pattern: "GET " + t + "/messages/{message}/files/{n}", needs: read},
		{pattern: "GET " + t + "/files/{id}", needs: read}, {pattern: "POST " + t + "/files/{id}/remove", needs: answer},
		{pattern: "GET " + t + "/snippets", needs: answer}, {pattern: "GET /desk/settings/snippets", needs: anybody}, {pattern: "POST /desk/settings/snippets", needs: direct, form: "name=hi&en=hello", soft: true, acts: true},
		{pattern: "POST /desk/replies/{id}/undo", needs: answer, path: replyOf("/undo")}, {pattern: "POST /desk/replies/{id}/retry", needs: answer, path: replyOf("/retry"), soft: true},
		{pattern: "GET /desk/parked", needs: aside}, {pattern: "POST /desk/parked", needs: aside, form: "act=dismiss&only={P}", soft: true, acts: true}, {pattern: "POST /desk/parked", needs: aside, form: "act=block&only={P}", soft: true, acts: true},
		{pattern: "POST /desk/parked/blocks/{id}/remove", needs: aside, acts: true, path: func(w *world, _ int64) string { return fmt.Sprint("/desk/parked/blocks/", w.block(), "/remove") }},
		{pattern: "GET /desk/admin", needs: keeps, soft: true}, {pattern: "GET /desk/admin/assets/", needs: outsider, path: func(*world, int64) string { return "/desk/admin/assets/none" }, inside: true},
		{pattern: "GET /desk/admin/users", needs: staffs}, {pattern: "POST /desk/admin/users", needs: staffs, form: "login=fresh{T}&role=agent", acts: true},
		{pattern: "GET /desk/admin/users/{login}", needs: staffs}, {pattern: "POST /desk/admin/users/{login}", needs: staffs, form: "name=Other&version=1", acts: true},
		{pattern: "POST /desk/admin/users/{login}/rights", needs: staffs, form: "grant=auditor|cards&member.cards=1&can.language.en=1&room=3", acts: true},
		{pattern: "POST /desk/admin/users/{login}/link", needs: staffs, acts: true}, {pattern: "POST /desk/admin/users/{login}/state", needs: staffs, form: "state=disabled", acts: true},
		{pattern: "POST /desk/admin/users/{login}/sign-out", needs: staffs, acts: true}, {pattern: "POST /desk/admin/users/{login}/factors", needs: staffs},
		{pattern: "GET /desk/admin/log", needs: audits}, {pattern: "GET /desk/admin/log.csv", needs: audits},
		{pattern: "GET /desk/admin/queues", needs: keeps}, {pattern: "GET /desk/admin/hours", needs: keeps}, {pattern: "GET /desk/admin/words", needs: keeps}, {pattern: "GET /desk/admin/inboxes", needs: keeps},
		{pattern: "POST /desk/many", needs: answer, form: "act=close&ticket={T}", soft: true, acts: true}, {pattern: "POST /desk/tags", needs: direct, form: "tag=new", soft: true, acts: true},
	}
}

func listOf(name string) func(*world, int64) string {
	return func(*world, int64) string { return "/desk/lists/" + name }
}

func replyOf(act string) func(*world, int64) string {
	return func(w *world, ticket int64) string { return fmt.Sprint("/desk/replies/", w.reply[ticket], act) }
}

// world is a desk with two tickets, each in a queue of its own.
type world struct {
	t       *testing.T
	store   *store.Store
	h       http.Handler
	tickets []int64
	queues  map[int64]string
	words   map[int64][]string // what nobody may learn who does not read there
	line    map[int64]string
	reply   map[int64]int64
	parked  int64
	message map[int64]int64
	served  []string         // patterns of its pages
	secrets map[int64]string // of each user's session, by his id
}

// reached are where the customers of the world can be reached.
var reached = []string{"customer.example", "elsewhere.example", "491701234567"}

func newWorld(t *testing.T, veiled []viewer.Role) *world {
	t.Helper()
	s := storetest.SQLite(t)
	h := storetest.NewHousehold(t, s)
	w := &world{t: t, store: s, tickets: []int64{h.AnnTicket, h.BobTicket}, queues: map[int64]string{}, secrets: map[int64]string{}, line: map[int64]string{}, reply: map[int64]int64{}, message: map[int64]int64{},
		words: map[int64][]string{h.AnnTicket: {"blue suitcase", "A-4711", "Bremen"}, h.BobTicket: {"green umbrella"}}}
	all := viewer.Viewer{User: 4, Login: "chen", Grants: []viewer.Grant{{Role: viewer.Lead}}}
	now := time.Now()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, queue := range []string{"refunds", "cards"} {
		must(s.Desk.Route(t.Context(), all, w.tickets[i], agents.Belongs{Queue: queue}, now))
		w.queues[w.tickets[i]] = queue
		_, err := s.Tagging.Add(t.Context(), all, "vip", now)
		must(err)
		sent, err := s.Answering.Send(t.Context(), all, answering.House{}, answering.Writing{Key: "world-" + queue, Kind: "note", Ticket: w.tickets[i], Anyway: true, Text: "seen"}, now)
		must(err)
		w.reply[w.tickets[i]], w.line[w.tickets[i]] = sent.Reply, fmt.Sprint("reply-", sent.Reply)
		_, err = s.Answering.Send(t.Context(), all, answering.House{}, answering.Writing{Key: "world2-" + queue, Kind: "note", Ticket: w.tickets[i], Anyway: true, Text: "seen again"}, now)
		must(err)
	}
	for n := range 5 { // chen is the one who has written in the tickets; his drafts are his own
		_, err := s.Users.Add(t.Context(), users.User{Login: fmt.Sprint("colleague", n)}, now, "test")
		must(err)
	}
	must(s.Base.Read(t.Context(), "test", sql.Ask(sql.Pair(func(m, ticket int64) { w.message[ticket] = m }), `SELECT id, ticket FROM messages WHERE ticket <> 0 AND state = 'ticketed' ORDER BY id`)))
	for _, m := range w.message {
		must(s.Base.Write(t.Context(), func(tx sql.Tx) error {
			return tx.Run(t.Context(), sql.Do(`INSERT INTO uncopied (message) VALUES ($1)`, m))
		}))
		must(s.Copies.Keep(t.Context(), m, "<p>From: ann.smith@customer.example</p>", now))
	}
	must(s.Base.Read(t.Context(), "test", sql.Ask(sql.Into(&w.parked), `SELECT max(id) FROM messages WHERE state = 'parked' AND sender_value <> ''`)))
	must(s.Base.Write(t.Context(), func(tx sql.Tx) error { // as many as there are people who may end one
		for n := range int64(200) {
			if err := tx.Run(t.Context(), sql.Do(`INSERT INTO blocks (id, address, kind, value, message, made_at, made_by) VALUES ($1, $2, 'email', $3, 1, 1, 'chen')`, 1<<40+n, fmt.Sprint("email:", n, "@customer.example"), fmt.Sprint(n, "@customer.example"))); err != nil {
				return err
			}
		}
		return nil
	}))
	house := answering.House{Ways: func(inbox string, _ message.AddressKind) (string, string, bool) { return inbox, "email", true }}
	joined := stored.New(stored.Config{Vouch: func(context.Context, int64, []vouching.Known) ([]vouching.Vouched, error) { return nil, nil }, Store: s, House: house, Categories: []string{"other"}})
	more := stored.NewMore(joined)
	p, err := pages.New(pages.Config{Desk: "Topay", Tickets: joined, Acts: joined, Answers: joined, Files: stored.Files(joined), Snippets: stored.Snippets(joined), Sides: stored.Sides(joined), Checks: stored.Checks(joined), Macros: stored.Macros(joined), Splits: stored.Splits(joined), Persons: stored.Persons(joined), Presence: joined, Merges: more,
		Many: more, Aside: more, Viewer: signin.Viewer, Me: signin.MePath})
	must(err)
	from := stored.Live{Store: s}
	heard := events.New(events.Config{Source: from, Readable: from.Readable, Names: from.Names, Viewer: signin.Viewer, Again: signin.Again, Heard: s.Changes.Heard, Say: func(context.Context, string) error { return nil }, Logger: slog.New(slog.DiscardHandler)})
	copied := reading.New(reading.Config{Store: s, Viewer: signin.Viewer, Missing: p.Missing, Logger: slog.New(slog.DiscardHandler), Mail: func(string) bool { return true },
		Whole: func(context.Context, view.Message) (bool, error) { return true, nil }})
	keeps, err := admin.New(admin.Config{Staff: s.Staff, Log: s.Logbook, Desk: "Topay", Logger: slog.New(slog.DiscardHandler), House: func() show.House {
		return show.House{Queues: []show.Queue{{Name: "refunds", HandOut: "pull"}, {Name: "cards", HandOut: "push"}}, Languages: []string{"en"}, Cards: "block", Identity: "warn"}
	}})
	must(err)
	told, err := alerts.New(alerts.Config{Store: s.Alerts, Rules: alerting.Rules{Inbox: "support", Channel: "email", Hooks: true}, Desk: "Topay", Logger: slog.New(slog.DiscardHandler)})
	must(err)
	for _, routes := range []Routes{p, heard, keeps, copied, told} {
		w.served = append(w.served, slices.Collect(maps.Keys(routes.Routes()))...)
	}
	w.h, err = New(Config{Store: s, Pages: p, Admin: keeps, Alerts: told, Reading: copied, Live: heard, Desk: "Topay", Veiled: veiled, Logger: slog.New(slog.DiscardHandler)})
	must(err)
	return w
}

// patterns are all that the desk of the world serves.
func patterns(t *testing.T) []string {
	t.Helper()
	out := newWorld(t, nil).served
	en, err := signin.New(signin.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(slices.Values(append(append(out, en.Patterns(true)...), en.Patterns(false)...)))
}

func TestEveryRouteHasARowInTheTableOfRights(t *testing.T) {
	var rows []string
	for _, r := range access() {
		rows = append(rows, r.pattern)
	}
	served := patterns(t)
	for _, p := range served {
		if !slices.Contains(rows, p) {
			t.Errorf("%s has no row in the table of who may what", p)
		}
	}
	for _, r := range rows {
		if !slices.Contains(served, r) {
			t.Errorf("%s has a row, and is not served", r)
		}
	}
}

// person is somebody with a role.
type person struct {
	name   string
	grants []viewer.Grant
	viewer.Viewer
}

// people have each role in each queue, in all, and nothing.
func people() []person {
	out := []person{{name: "nobody in particular"}}
	for _, role := range viewer.Roles() {
		for _, queue := range []string{"refunds", "cards", viewer.Every} {
			out = append(out, person{name: fmt.Sprintf("%s of %q", role, queue), grants: []viewer.Grant{{Role: role, Queue: queue}}})
		}
	}
	return out
}

// enters adds a person who is signed in.
func (w *world) enters(p *person, n int) {
	w.t.Helper()
	ctx, now := w.t.Context(), time.Now()
	u, err := w.store.Users.Add(ctx, users.User{Login: fmt.Sprint("person", n)}, now, "test")
	if err == nil {
		err = w.store.Users.SetGrants(ctx, u.ID, p.grants, now, "test")
	}
	secret := ""
	if err == nil {
		_, secret, err = w.store.Signins.SignIn(ctx, signinsEntry(u.ID), now)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.secrets[u.ID] = secret
	p.Viewer = viewer.Viewer{User: u.ID, Login: u.Login, Grants: p.grants}
}

// may is what the table promises.
func (r row) may(w *world, p person, ticket int64) bool {
	switch r.needs {
	case read:
		return p.May(viewer.Read, w.queues[ticket])
	case answer:
		return p.May(viewer.Answer, w.queues[ticket])
	case joins:
		return p.May(viewer.Direct, w.queues[ticket]) || p.May(viewer.Administer, w.queues[ticket])
	case keeps:
		return p.Anywhere(viewer.Administer)
	case staffs:
		return p.May(viewer.Administer, viewer.Every)
	case audits:
		return p.May(viewer.Audit, viewer.Every)
	case aside, direct:
		return p.Anywhere(viewer.Direct) || p.Anywhere(viewer.Administer)
	}
	return true
}

// ask sends the row's request.
func (r row) ask(w *world, p person, ticket int64) *httptest.ResponseRecorder {
	w.t.Helper()
	method, path, both := strings.Cut(r.pattern, " ")
	if !both {
		method, path = http.MethodGet, r.pattern+"nowhere"
	}
	if r.path != nil {
		path = r.path(w, ticket)
	}
	other := w.tickets[0]
	if other == ticket {
		other = w.tickets[1]
	}
	fill := strings.NewReplacer("{number}", thread.TicketNumber(ticket), "{id}", "1", "{login}", "colleague0", "{message}", fmt.Sprint(w.message[ticket]), "{n}", "1", "{$}", "", "{link}", "abc", "{T}", thread.TicketNumber(ticket), "{O}", thread.TicketNumber(other), "{P}", fmt.Sprint(w.parked), "{L}", w.line[ticket])
	var body io.Reader = strings.NewReader(fill.Replace(r.form))
	kind := "application/x-www-form-urlencoded"
	if r.json != "" {
		body, kind = strings.NewReader(r.json), "application/json"
	}
	if r.upload {
		var buf bytes.Buffer
		m := multipart.NewWriter(&buf)
		m.WriteField("kind", "note")
		part, err := m.CreateFormFile("file", "a.txt")
		if err == nil {
			_, err = part.Write([]byte("hello"))
		}
		if err == nil {
			err = m.Close()
		}
		if err != nil {
			w.t.Fatal(err)
		}
		body, kind = &buf, m.FormDataContentType()
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	if r.stream {
		cancel()
		ctx, cancel = context.WithTimeout(w.t.Context(), 100*time.Millisecond)
	}
	defer cancel()
	req := httptest.NewRequest(method, fill.Replace(path), body).WithContext(ctx)
	req.Host = "127.0.0.1:8082"
	req.Header.Set("Accept", "text/html,*/*")
	if method != http.MethodGet {
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if secret := w.secrets[p.User]; secret != "" {
		req.AddCookie(&http.Cookie{Name: sessionCookie, Value: secret})
	}
	out := httptest.NewRecorder()
	w.h.ServeHTTP(out, req)
	return out
}

// block is a block that is there.
func (w *world) block() (id int64) {
	w.t.Helper()
	if err := w.store.Base.Read(w.t.Context(), "test", sql.Ask(sql.Into(&id), `SELECT min(id) FROM blocks`)); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// digest stands for everything in which an act of somebody could leave a trace.
func (w *world) digest() string {
	w.t.Helper()
	sum := sha256.New()
	for _, q := range []string{`SELECT id, queue, status, version FROM tickets ORDER BY id`, `SELECT ticket, state, owner, wake_at FROM desk ORDER BY ticket`, `SELECT ticket, id, kind, actor FROM entries ORDER BY ticket, id`,
		`SELECT id, kind, author, text FROM replies ORDER BY id`, `SELECT ticket, author, kind, text FROM drafts ORDER BY ticket, author, kind`, `SELECT id, name, ticket, reply FROM enclosures ORDER BY id`,
		`SELECT ticket, tag, '', '' FROM ticket_tags ORDER BY ticket, tag`, `SELECT name, shown, '', '' FROM tags ORDER BY name`, `SELECT name, language, text, author FROM snippets ORDER BY name, language`, `SELECT author, name, acts, '' FROM macros ORDER BY name`, `SELECT id, ticket, result, effect FROM checks ORDER BY id`,
		`SELECT id, name, state, version FROM users ORDER BY id`, `SELECT person, role, queue, '' FROM grants ORDER BY person, role, queue`, `SELECT person, queue, level, '' FROM members ORDER BY person, queue`,
		`SELECT person, kind, value, level FROM abilities ORDER BY person, kind, value`, `SELECT person, room, '', '' FROM agents WHERE room <> 0 ORDER BY person`, `SELECT digest, person, used_at, '' FROM entry_links ORDER BY digest`,
		`SELECT id, act, who, detail FROM journal WHERE act LIKE 'user%' ORDER BY id`, `SELECT id, state, cause, ticket FROM messages ORDER BY id`, `SELECT author, ticket, messages, '' FROM marks ORDER BY author, ticket`,
		`SELECT id, value, made_by, '' FROM blocks ORDER BY id`} {
		err := w.store.Base.DB.Read(w.t.Context(), func(t sql.Tx) error {
			return t.Run(w.t.Context(), sql.Ask(func(row sql.Row) error {
				var cells [4]any
				err := row.Scan(&cells[0], &cells[1], &cells[2], &cells[3])
				fmt.Fprintln(sum, cells[:]...)
				return err
			}, q))
		})
		if err != nil {
			w.t.Fatal(q, err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// TestWhoMayWhat asks every row as everybody, upon a ticket of each queue: who may not is refused, learns nothing of it, and changes nothing.
func TestWhoMayWhat(t *testing.T) {
	for _, r := range access() {
		t.Run(r.pattern, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			var refused, in []person
			for n, p := range people() {
				w.enters(&p, n)
				refused = append(refused, p)
			}
			changed := false
			for _, ticket := range w.tickets {
				in = in[:0]
				for _, p := range refused {
					if r.may(w, p, ticket) {
						in = append(in, p)
						continue
					}
					before := w.digest()
					out := r.ask(w, p, ticket)
					if !r.soft && out.Code != http.StatusNotFound && out.Code != http.StatusForbidden {
						t.Errorf("%s, without %s %s: status %d", p.name, r.needs, w.queues[ticket], out.Code)
					}
					w.learns(p, out)
					if w.digest() != before {
						t.Errorf("%s has changed something in %s", p.name, w.queues[ticket])
					}
				}
				for _, p := range in {
					before := w.digest()
					out := r.ask(w, p, ticket)
					if out.Code >= 500 || r.needs != anybody && r.needs != outsider && !r.missing() && (out.Code == http.StatusForbidden || out.Code == http.StatusNotFound) {
						t.Errorf("%s is refused in %s: status %d", p.name, w.queues[ticket], out.Code)
					}
					w.learns(p, out)
					changed = changed || w.digest() != before
				}
			}
			if r.acts && !changed {
				t.Error("nobody could change anything: the row proves nothing")
			}
			if r.needs != outsider || r.inside {
				out := r.ask(w, person{}, w.tickets[0])
				if at := out.Header().Get("Location"); out.Code != http.StatusUnauthorized && (out.Code != http.StatusSeeOther || !strings.HasPrefix(at, "/desk/sign-in")) {
					t.Errorf("who is not signed in gets %d %s", out.Code, at)
				}
				w.learns(person{}, out)
			}
		})
	}
}

// missing are rows whose object is not there in this world: who may asks in vain as well, and the others must learn no more than he.
func (r row) missing() bool {
	return slices.Contains([]string{"GET /desk/tickets/{number}/files/{id}", "GET /desk/tickets/{number}/messages/{message}/original", "GET /desk/tickets/{number}/messages/{message}/files/{n}", "POST /desk/tickets/{number}/files/{id}/remove", "POST /desk/replies/{id}/undo", "POST /desk/replies/{id}/retry", "POST /desk/tickets/{number}/unmerge", "POST /desk/tickets/{number}/unsplit"}, r.pattern)
}

// learns looks for words of tickets that a person may not read.
func (w *world) learns(p person, out *httptest.ResponseRecorder) {
	w.t.Helper()
	body := out.Body.String() + fmt.Sprint(out.Header())
	for ticket, words := range w.words {
		if p.May(viewer.Read, w.queues[ticket]) {
			continue
		}
		for _, word := range words {
			if strings.Contains(body, word) {
				w.t.Errorf("%s learns %q of %s", p.name, word, w.queues[ticket])
			}
		}
	}
}

// TestAddressesAreKeptFromRoles: with every role veiled, no answer of any route holds an address of a customer, and the texts are there all the
// same; with none veiled they are.
func TestAddressesAreKeptFromRoles(t *testing.T) {
	shown := map[bool]int{}
	for _, veiled := range []bool{true, false} {
		var roles []viewer.Role
		if veiled {
			roles = viewer.Roles()
		}
		w := newWorld(t, roles)
		everyone := people()
		for n := range everyone {
			w.enters(&everyone[n], n)
		}
		asked := append(access(), row{pattern: "GET /desk/search", path: func(*world, int64) string { return "/desk/search?q=" + url.QueryEscape("ann.smith@customer.example") }})
		for _, r := range asked {
			if !strings.HasPrefix(r.pattern, "GET") && !strings.HasSuffix(r.pattern, "/preview") {
				continue
			}
			for _, p := range everyone {
				for _, ticket := range w.tickets {
					body := strings.ReplaceAll(r.ask(w, p, ticket).Body.String(), "ann.smith@customer.example\" ", "") // what one has typed oneself
					for _, address := range reached {
						if n := strings.Count(body, address); n > 0 {
							shown[veiled] += n
							if veiled && !strings.Contains(r.pattern, "search") {
								t.Errorf("%s: %s is shown %q", r.pattern, p.name, address)
							}
						}
					}
				}
			}
		}
		page := row{pattern: "GET /desk/tickets/{number}"}.ask(w, everyone[3], w.tickets[0]).Body.String()
		for _, word := range []string{"blue suitcase", "Ann Elisabeth"} {
			if !strings.Contains(page, word) {
				t.Errorf("veiled: %t: the page lacks %q", veiled, word)
			}
		}
	}
	if shown[false] < 20 {
		t.Errorf("without a veil %d addresses are shown only: the test proves nothing", shown[false])
	}
}

func signinsEntry(person int64) signins.Entry { return signins.Entry{Person: person} }
