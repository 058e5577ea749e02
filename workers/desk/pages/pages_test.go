package pages

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/assets"
	"frontdesk/pipeline/thread"
	"frontdesk/templates/desk"
	"frontdesk/workers/store/viewer"
)

// rig is the pages over a fake desk, with somebody signed in.
type rig struct {
	t    testing.TB
	desk *fake
	who  viewer.Viewer
	mux  *http.ServeMux
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, desk: newFake(), who: chen}
	p, err := New(Config{Desk: "Topay", Tickets: r.desk, Acts: r.desk, Answers: r.desk, Files: r.desk, Snippets: &fakeSnippets{}, Presence: r.desk, Merges: r.desk, Splits: fakeSplits{r.desk}, Persons: fakePersons{r.desk}, Many: r.desk, Aside: r.desk, Viewer: func(*http.Request) viewer.Viewer { return r.who }, Me: "/desk/me", SignOut: "/desk/sign-out", SignIn: "/desk/sign-in"})
	if err != nil {
		t.Fatal(err)
	}
	r.mux = http.NewServeMux()
	for pattern, h := range p.Routes() {
		r.mux.HandleFunc(pattern, h)
	}
	r.desk.open(25, "payments", "sms", "en", "Priya Nair", "Charged twice", "Two charges of 1,280.00, forty seconds apart.", 14*time.Minute)
	r.desk.open(26, "payments", "email", "zh-Hans", "王建国", "退款未到账", "什么时候到账？", 3*time.Hour)
	return r
}

func (r *rig) do(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	return w
}

func (r *rig) get(path string) *httptest.ResponseRecorder {
	r.t.Helper()
	path, _, _ = strings.Cut(path, "#") // which a browser keeps for itself
	return r.do(http.MethodGet, path, "")
}

func (r *rig) post(path string, pairs ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return r.do(http.MethodPost, path, form.Encode())
}

// draft posts a draft as the script does, and reads the answer.
func (r *rig) draft(number int, kind, text string, version int64) (status int, answer struct {
	Version int64
	Text    string
}) {
	r.t.Helper()
	body, err := json.Marshal(map[string]any{"kind": kind, "text": text, "seen": 1, "version": version})
	if err != nil {
		r.t.Fatal(err)
	}
	w := r.do(http.MethodPost, fmt.Sprintf("/desk/tickets/T-%d/draft", number), string(body), "Content-Type", "application/json")
	if w.Code == http.StatusOK || w.Code == http.StatusConflict {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			r.t.Fatalf("%q: %v", w.Body, err)
		}
		if !regexp.MustCompile(`"at":"[0-2]\d:[0-5]\d"`).Match(w.Body.Bytes()) {
			r.t.Errorf("it does not say when it was saved, by the desk's clock: %s", w.Body)
		}
	}
	return w.Code, answer
}

// field is a hidden field of the first form of a page that has it.
func (r *rig) field(page, name string) string {
	r.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		r.t.Fatalf("the page has no field %s:\n%s", name, page)
	}
	return m[1]
}

func (r *rig) want(w *httptest.ResponseRecorder, status int, words ...string) {
	r.t.Helper()
	if w.Code != status {
		r.t.Errorf("status %d, want %d\n%s", w.Code, status, w.Body)
	}
	for _, word := range words {
		if !strings.Contains(w.Body.String(), word) {
			_, said, _ := strings.Cut(w.Body.String(), "</header>")
			r.t.Errorf("the page does not say %q:\n%s", word, said)
		}
	}
}

func TestPagesShowWhatTheViewerMayRead(t *testing.T) {
	for _, c := range []struct {
		name, path string
		who        viewer.Viewer
		status     int
		has, not   string
	}{
		{"an agent of the queue sees its tickets", "/desk/queues/payments", chen, 200, "Charged twice", ""},
		{"who waits stands in next", "/desk/lists/unassigned", chen, 200, "Priya Nair", ""},
		{"what is nearly due stands at risk", "/desk/lists/at-risk", chen, 200, "14 min left", "退款未到账"},
		{"a queue of others is not there", "/desk/queues/payments", out, 404, "not for you", "Charged twice"},
		{"nor are its tickets", "/desk/tickets/T-25", out, 404, "There is no ticket T-25", "Charged twice"},
		{"nor in lists of one's own", "/desk/lists/unassigned", out, 200, "Nobody is waiting", "Charged twice"},
		{"nor the earlier lines", "/desk/tickets/T-25/earlier?before=m-9999", out, 404, "", "forty seconds"},
		{"nor the whole text", "/desk/tickets/T-25/entries/m-1001", out, 404, "", "forty seconds"},
		{"who only reads has no box", "/desk/tickets/T-25", wu, 200, "not answer it", "<textarea"},
		{"nor acts", "/desk/tickets/T-25", wu, 200, "forty seconds", `T-25/close"`},
		{"an unknown list is not there", "/desk/lists/secret", chen, 404, "not for you", ""},
		{"a number that is none", "/desk/tickets/25", chen, 404, "not for you", ""},
		{"a number with a zero before", "/desk/tickets/T-025", chen, 404, "", ""},
		{"a page that is none", "/desk/nowhere", chen, 404, "not for you", ""},
		{"the start is one's own list", "/desk", chen, 200, "Nothing waits for you", ""},
		{"the whole text is plain", "/desk/tickets/T-25/entries/m-1001", chen, 200, "forty seconds", "<html"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.who = c.who
			w := r.get(c.path)
			r.want(w, c.status, c.has)
			if c.not != "" && strings.Contains(w.Body.String(), c.not) {
				t.Errorf("the page says %q", c.not)
			}
			if got := w.Header().Get("Content-Security-Policy"); got != policy {
				t.Errorf("the policy is %q", got)
			}
		})
	}
}

func TestNobodyIsLetInWithoutASession(t *testing.T) {
	r := newRig(t)
	r.who = viewer.Viewer{}
	for _, path := range []string{"/desk", "/desk/tickets/T-25", "/desk/nowhere"} {
		r.want(r.get(path), http.StatusUnauthorized)
	}
	r.want(r.post("/desk/next"), http.StatusUnauthorized)
	if status, _ := r.draft(25, "reply", "text", 0); status != http.StatusUnauthorized {
		t.Errorf("a draft gives %d", status)
	}
}

func TestActs(t *testing.T) {
	for _, c := range []struct {
		name, path string
		who        viewer.Viewer
		before     func(*rig)
		status     int
		to         string // the address gone to, or words of the page
	}{
		{"the next ticket is the one with the nearest deadline", "/desk/next", chen, nil, 303, "/desk/tickets/T-25?from=lists%2Fmine#ticket"},
		{"nothing waits", "/desk/next", out, nil, 303, "/desk/lists/mine?done=none"},
		{"who only reads takes nothing", "/desk/next", wu, nil, 303, "/desk/lists/mine?done=none"},
		{"whose hands are full takes nothing", "/desk/next", chen, func(r *rig) { r.desk.full = true }, 303, "/desk/lists/mine?done=full"},
		{"nor a ticket that he sees", "/desk/tickets/T-25/take", chen, func(r *rig) { r.desk.full = true }, 303, "/desk/tickets/T-25?done=full&from=lists%2Fmine&of=T-25#ticket"},
		{"a ticket is taken", "/desk/tickets/T-25/take", chen, nil, 303, "/desk/tickets/T-25?done=take&from=lists%2Fmine&of=T-25#ticket"},
		{"somebody was faster", "/desk/tickets/T-25/take", chen, func(r *rig) { r.as(lin, "/desk/tickets/T-25/take") }, 303, "/desk/tickets/T-25?done=taken&from=lists%2Fmine&of=T-25#ticket"},
		{"one hands back what one has", "/desk/tickets/T-25/hand-back", chen, func(r *rig) { r.as(chen, "/desk/next") }, 303, "/desk/lists/mine?done=back&of=T-25"},
		{"and nothing else", "/desk/tickets/T-25/hand-back", chen, nil, 303, "/desk/tickets/T-25?done=notso&from=lists%2Fmine&of=T-25#ticket"},
		{"a ticket is closed", "/desk/tickets/T-25/close", chen, nil, 303, "/desk/tickets/T-25?done=close&from=lists%2Fmine&of=T-25#ticket"},
		{"once", "/desk/tickets/T-25/close", chen, func(r *rig) { r.as(lin, "/desk/tickets/T-25/close") }, 303, "/desk/tickets/T-25?done=notso&from=lists%2Fmine&of=T-25#ticket"},
		{"nothing is to be answered", "/desk/tickets/T-25/aside", chen, nil, 303, "/desk/tickets/T-25?done=aside&from=lists%2Fmine&of=T-25#ticket"},
		{"something is after all", "/desk/tickets/T-25/callup", chen, func(r *rig) { r.as(lin, "/desk/tickets/T-25/aside") }, 303, "/desk/tickets/T-25?done=callup&from=lists%2Fmine&of=T-25#ticket"},
		{"it is to be answered anyway", "/desk/tickets/T-25/callup", chen, nil, 303, "/desk/tickets/T-25?done=notso&from=lists%2Fmine&of=T-25#ticket"},
		{"and opened again", "/desk/tickets/T-25/reopen", chen, func(r *rig) { r.as(lin, "/desk/tickets/T-25/close") }, 303, "/desk/tickets/T-25?done=reopen&from=lists%2Fmine&of=T-25#ticket"},
		{"a ticket is put off", "/desk/tickets/T-25/snooze?until=" + url.QueryEscape(time.Now().Add(time.Hour).Format(time.RFC3339)), chen, nil, 303, "/desk/tickets/T-25?done=past&from=lists%2Fmine&of=T-25#ticket"},
		{"another queue's is not there", "/desk/tickets/T-25/take", out, nil, 404, "There is no ticket T-25"},
		{"who only reads is refused", "/desk/tickets/T-25/close", wu, nil, 403, "You may not do that"},
		{"a ticket that is gone", "/desk/tickets/T-99/close", chen, nil, 404, "There is no ticket T-99"},
		{"the store is away", "/desk/tickets/T-25/close", chen, func(r *rig) { r.desk.down = errors.New("no connection") }, 503, "Nothing is lost"},
		{"a reply that is gone", "/desk/replies/7/undo", chen, nil, 404, "not for you"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			if c.before != nil {
				c.before(r)
			}
			r.who = c.who
			w := r.post(c.path)
			if c.status != 303 {
				r.want(w, c.status, c.to)
				return
			}
			if got := w.Header().Get("Location"); w.Code != 303 || got != c.to {
				t.Errorf("status %d to %q, want %q", w.Code, got, c.to)
			}
			if r.desk.down == nil {
				r.want(r.get(c.to), 200)
			}
		})
	}
}

// TestAnOpenPageIsASignOfLife of who answers somewhere, and what the page shows of it is what he has said.
func TestAnOpenPageIsASignOfLife(t *testing.T) {
	r := newRig(t)
	r.want(r.post("/desk/here"), http.StatusOK, `{"presence":"online"}`)
	r.want(r.get("/desk"), http.StatusOK, `data-presence="online"`, "/desk/away")
	if r.desk.heard != 2 {
		t.Errorf("heard %d times", r.desk.heard)
	}
	if w := r.post("/desk/away", "from", "queues/payments"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk/queues/payments?done=away" {
		t.Errorf("going away: %d to %s", w.Code, w.Header().Get("Location"))
	}
	r.want(r.post("/desk/here"), http.StatusOK, `{"presence":"away"}`)
	r.want(r.get("/desk?done=away"), http.StatusOK, `data-presence="away"`, "/desk/back", "You are away")
	r.post("/desk/back")
	r.want(r.get("/desk"), http.StatusOK, `data-presence="online"`)
	r.desk.down = errors.New("no connection")
	r.want(r.post("/desk/here"), http.StatusServiceUnavailable)
	r.desk.down, r.who, r.desk.heard = nil, wu, 0
	r.want(r.post("/desk/here"), http.StatusOK, `{"presence":""}`)
	r.want(r.post("/desk/away"), http.StatusForbidden)
	if page := r.get("/desk").Body.String(); strings.Contains(page, "data-presence") || r.desk.heard != 0 {
		t.Errorf("who only reads is present: heard %d times", r.desk.heard)
	}
}

// as acts as somebody else.
func (r *rig) as(who viewer.Viewer, path string) {
	r.t.Helper()
	before := r.who
	r.who = who
	if w := r.post(path); w.Code != http.StatusSeeOther {
		r.t.Fatalf("%s: status %d\n%s", path, w.Code, w.Body)
	}
	r.who = before
}

func TestATicketIsPutOff(t *testing.T) {
	soon := time.Now().UTC().Add(2 * time.Hour).Truncate(time.Minute)
	for _, c := range []struct {
		name, field, value string
		done               string
	}{
		{"until a moment that is offered", "until", soon.Format(time.RFC3339), "later"},
		{"until one that was typed", "at", soon.Format("2006-01-02T15:04"), "later"},
		{"not into the past", "until", soon.AddDate(0, 0, -1).Format(time.RFC3339), "past"},
		{"not for years", "until", soon.AddDate(3, 0, 0).Format(time.RFC3339), "past"},
		{"not until nothing", "at", "", "past"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			w := r.post("/desk/tickets/T-25/snooze", c.field, c.value)
			if got := w.Header().Get("Location"); !strings.Contains(got, "done="+c.done) {
				t.Errorf("gone to %q", got)
			}
			if got := r.desk.tickets[25].snoozed; c.done == "later" && !got.Equal(soon) || c.done == "past" && !got.IsZero() {
				t.Errorf("put off until %v", got)
			}
		})
	}
}

func TestWrongMethods(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ method, path, allow string }{
		{"GET", "/desk/next", "POST"},
		{"GET", "/desk/tickets/T-25/close", "POST"},
		{"POST", "/desk/tickets/T-25", "GET"},
		{"DELETE", "/desk/tickets/T-25", "GET"},
		{"POST", "/desk/lists/mine", "GET"},
	} {
		w := r.do(c.method, c.path, "")
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: status %d, Allow %q", c.method, c.path, w.Code, w.Header().Get("Allow"))
		}
	}
	if r.desk.tickets[25].State != "open" {
		t.Error("a link has done something")
	}
}

func TestAReplyIsSentOnce(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-25").Body.String()
	key, seen := r.field(page, "key"), r.field(page, "seen")
	for range 5 {
		w := r.post("/desk/tickets/T-25/reply", "key", key, "seen", seen, "text", "We have refunded it.\r\nSorry.", "then", "stay")
		if got := w.Header().Get("Location"); w.Code != 303 || !strings.Contains(got, "sent=") {
			t.Fatalf("status %d to %q\n%s", w.Code, got, w.Body)
		}
	}
	if len(r.desk.replies) != 1 {
		t.Fatalf("%d replies were sent", len(r.desk.replies))
	}
	for id, o := range r.desk.replies {
		if o.text != "We have refunded it.\nSorry." {
			t.Errorf("sent %q", o.text)
		}
		r.want(r.get(fmt.Sprintf("/desk?sent=%d", id)), 200, "Sent to Priya Nair<", ">T-25<", "can be undone for")
	}
}

func TestAReplyTakesTheNextTicket(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-25").Body.String()
	r.as(chen, "/desk/tickets/T-25/take")
	w := r.do("POST", "/desk/tickets/T-25/reply", url.Values{"key": {r.field(page, "key")}, "seen": {r.field(page, "seen")}, "text": {"Done."}, "then": {"next"}}.Encode(), "Accept", "application/json")
	var answer struct{ To string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || !strings.HasPrefix(answer.To, "/desk/tickets/T-26?") || !strings.Contains(answer.To, "sent=") || !strings.HasSuffix(answer.To, "#ticket") {
		t.Fatalf("told to go to %q (%v)", answer.To, err)
	}
	if r.desk.tickets[26].owner != chen.User {
		t.Error("the next ticket was not taken")
	}
	r.want(r.get(answer.To), 200, "Sent to Priya Nair")
}

func TestWhoIsOvertakenIsToldAndKeepsHisText(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-25").Body.String()
	key, seen := r.field(page, "key"), r.field(page, "seen")
	r.desk.say(r.desk.tickets[25], desk.Line{Kind: desk.Message, By: "Priya Nair", Channel: "sms", Language: "en", Text: "Never mind, it came back."})
	w := r.post("/desk/tickets/T-25/reply", "key", key, "seen", seen, "text", "We look <into> it.")
	r.want(w, http.StatusConflict, `role="alert"`, "Never mind, it came back.", "We look &lt;into&gt; it.", "Send anyway", key)
	if len(r.desk.replies) != 0 {
		t.Fatal("it was sent")
	}
	// The page that says so has seen what is new: the next try goes.
	if fresh := r.field(w.Body.String(), "seen"); fresh == seen {
		t.Error("what is new does not count as seen")
	}
	r.want(r.post("/desk/tickets/T-25/reply", "key", key, "seen", seen, "text", "We look <into> it.", "anyway", "1"), 303)
	if len(r.desk.replies) != 1 {
		t.Error("it was not sent")
	}
}

func TestOthersThanWereShownReceiveNothing(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-25").Body.String()
	r.desk.moved = true
	post := func(page string) *httptest.ResponseRecorder {
		return r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", r.field(page, "seen"), "ground", html.UnescapeString(r.field(page, "ground")), "text", "Dear Priya")
	}
	w := post(page)
	r.want(w, http.StatusUnprocessableEntity, "Look at the recipients", "Dear Priya</textarea>")
	r.want(post(w.Body.String()), 303) // as the page shows them now
}

// TestTheOutgoingCheck shows what it has found above the text, which stays; what only warns goes when its writer says so.
func TestTheOutgoingCheck(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-25").Body.String()
	seen := r.field(page, "seen")
	w := r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", seen, "text", "Card 4111 1111 1111 1111")
	r.want(w, http.StatusUnprocessableEntity, `role="alert"`, "A payment card number", "must not go out", "Card 4111 1111 1111 1111</textarea>")
	if strings.Contains(w.Body.String(), `name="despite"`) {
		t.Error("what must not go out can be sent")
	}
	w = r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", seen, "text", "I am quite sure")
	r.want(w, http.StatusUnprocessableEntity, "The word “quite sure”", "look at this once more", `name="despite" value="shown"`, "Send anyway", "I am quite sure</textarea>")
	if len(r.desk.replies) != 0 {
		t.Fatal("it was sent")
	}
	r.want(r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", seen, "text", "I am quite sure", "despite", "shown"), 303)
	if len(r.desk.replies) != 1 {
		t.Error("it was not sent")
	}
}

func TestATextIsNeverLost(t *testing.T) {
	const text = "Dear Priya, half an hour of work."
	for _, c := range []struct {
		name   string
		who    viewer.Viewer
		number int
		down   error
		key    string
		status int
	}{
		{"the store is away", chen, 25, errors.New("no connection"), "abcdefgh", 503},
		{"the ticket is gone", chen, 99, nil, "abcdefgh", 404},
		{"the right is gone", wu, 25, nil, "abcdefgh", 403},
		{"the form was made by nobody", chen, 25, nil, "", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, kind := range []string{"reply", "note"} {
				r := newRig(t)
				r.who, r.desk.down = c.who, c.down
				w := r.post(fmt.Sprintf("/desk/tickets/T-%d/%s", c.number, kind), "key", c.key, "seen", "9999", "text", text)
				r.want(w, c.status, text)
			}
		})
	}
	r := newRig(t)
	r.want(r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", "9999", "text", strings.Repeat("x", 200000)), http.StatusUnprocessableEntity, "too long", "xxxxxxxx")
	r.want(r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", "9999", "text", " \r\n "), http.StatusUnprocessableEntity, "the text is empty")
	r.want(r.post("/desk/tickets/T-25/note", "key", "abcdefgh", "text", " "), http.StatusUnprocessableEntity, "the text is empty")
}

func TestDrafts(t *testing.T) {
	r := newRig(t)
	status, first := r.draft(25, "reply", "Dear\r\nPriya", 0)
	if status != 200 || first.Version == 0 {
		t.Fatalf("status %d, version %d", status, first.Version)
	}
	r.want(r.get("/desk/tickets/T-25"), 200, "Dear\nPriya</textarea>", "Draft saved")
	r.want(r.get("/desk/queues/payments"), 200, ">draft<")
	if status, _ := r.draft(25, "note", "look at the bank's file", 0); status != 200 {
		t.Errorf("a note beside it gives %d", status)
	}
	// Another window that knows nothing of it is told what there is.
	if status, other := r.draft(25, "reply", "Hello", 0); status != 409 || other.Version != first.Version || other.Text != "Dear\nPriya" {
		t.Errorf("status %d, %+v", status, other)
	}
	if status, second := r.draft(25, "reply", "Dear Priya,", first.Version); status != 200 || second.Version <= first.Version {
		t.Errorf("status %d, %+v", status, second)
	}
	for _, c := range []struct {
		name   string
		who    viewer.Viewer
		number int
		kind   string
		text   string
		status int
	}{
		{"who only reads", wu, 25, "reply", "x", 403},
		{"who does not see it", out, 25, "reply", "x", 404},
		{"a ticket that is gone", chen, 99, "reply", "x", 404},
		{"a kind that is none", chen, 25, "mail", "x", 400},
		{"a text that is too long", chen, 26, "reply", strings.Repeat("长", maxDraft/3+1), 413},
	} {
		r.who = c.who
		if status, _ := r.draft(c.number, c.kind, c.text, 0); status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, status, c.status)
		}
	}
	r.who = chen
	for _, c := range []struct{ kind, body string }{{"text/plain", `{"kind":"reply","text":"x"}`}, {"application/x-www-form-urlencoded", "kind=reply"}} {
		if w := r.do("POST", "/desk/tickets/T-25/draft", c.body, "Content-Type", c.kind); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s: status %d", c.kind, w.Code)
		}
	}
	if w := r.do("POST", "/desk/tickets/T-25/draft", "{", "Content-Type", "application/json"); w.Code != http.StatusBadRequest {
		t.Errorf("half of a draft gives %d", w.Code)
	}
	r.desk.down = errors.New("no connection")
	if status, _ := r.draft(25, "reply", "x", 0); status != 503 {
		t.Errorf("a store that is away gives %d", status)
	}
}

func TestADraftBehindItsReplyStaysAway(t *testing.T) {
	r := newRig(t)
	_, saved := r.draft(25, "reply", "Dear Priya", 0)
	r.want(r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", "9999", "text", "Dear Priya"), 303)
	if status, _ := r.draft(25, "reply", "Dear Pri", saved.Version); status != 409 {
		t.Errorf("a draft that was late gives %d", status)
	}
}

func TestAReplyIsTakenBack(t *testing.T) {
	r := newRig(t)
	now := time.Now()
	r.desk.now = func() time.Time { return now }
	r.want(r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", "9999", "text", "Dear Priya"), 303)
	id := r.desk.keys["abcdefgh"]
	undo := fmt.Sprintf("/desk/replies/%d/undo", id)
	r.who = lin
	r.want(r.post(undo), 404) // a colleague's reply is his own
	r.who = chen
	w := r.post(undo)
	if got := w.Header().Get("Location"); got != "/desk/tickets/T-25?done=undone&from=lists%2Fmine#answer" {
		t.Errorf("gone to %q", got)
	}
	r.want(r.get("/desk/tickets/T-25?done=undone"), 200, "Your text is in the box again", "Dear Priya</textarea>")
	r.want(r.post("/desk/tickets/T-25/reply", "key", "abcdefgi", "seen", "9999", "text", "Dear Priya"), 303)
	now = now.Add(undoFor)
	if got := r.post(fmt.Sprintf("/desk/replies/%d/undo", r.desk.keys["abcdefgi"])).Header().Get("Location"); !strings.Contains(got, "done=late") {
		t.Errorf("gone to %q", got)
	}
}

func TestAFailedReplyIsSentAgain(t *testing.T) {
	r := newRig(t)
	r.want(r.post("/desk/tickets/T-25/reply", "key", "abcdefgh", "seen", "9999", "text", "Dear Priya"), 303)
	id := r.desk.keys["abcdefgh"]
	retry := fmt.Sprintf("/desk/replies/%d/retry", id)
	if got := r.post(retry).Header().Get("Location"); !strings.Contains(got, "done=notso") {
		t.Errorf("one that has not failed: gone to %q", got)
	}
	r.desk.replies[id].state = "failed"
	lines := r.desk.tickets[25].Lines
	lines[len(lines)-1].Sending.Cause = "number-off"
	r.want(r.get("/desk/tickets/T-25"), 200, "Not sent: the number is out of service.", retry)
	if got := r.post(retry).Header().Get("Location"); !strings.Contains(got, "done=retry") {
		t.Errorf("gone to %q", got)
	}
}

func TestStrangersWordsAreShownAndNotRun(t *testing.T) {
	const evil = `<script>alert(1)</script><img src=x onerror=alert(1)>"'` + "\u202e"
	r := newRig(t)
	k := r.desk.open(27, "payments", "email", `en"><script>`, evil, evil, evil, time.Hour)
	k.Facts = []desk.Fact{{Key: evil, Value: evil}, {Key: evil}}
	k.Why = []desk.Reason{{Word: "words", Of: evil}}
	k.Others = []desk.Other{{Number: 1, Subject: evil, State: "open"}}
	k.Lines[0].Quote, k.Lines[0].Files = evil, []desk.File{{Name: evil, URL: "javascript:alert(1)"}}
	for _, path := range []string{"/desk/tickets/T-27", "/desk/queues/payments", "/desk/tickets/T-27?from=" + url.QueryEscape(evil) + "&done=" + url.QueryEscape(evil)} {
		body := r.get(path).Body.String()
		for _, bad := range []string{"<script>alert", "<img src=x", `"><script>`, `href="javascript:`} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %s", path, bad)
			}
		}
		if !strings.Contains(body, "&lt;script&gt;") {
			t.Errorf("%s does not show the words", path)
		}
	}
}

func TestWhatAnAddressMaySay(t *testing.T) {
	r := newRig(t)
	for _, query := range []string{"done=close&of=<b>T-1</b>", "done=close&of=your+password", "done=anything", "sent=7", "from=//evil.example", "from=lists/secret", "from=queues/../../x"} {
		body := r.get("/desk/tickets/T-25?" + strings.ReplaceAll(query, "<", "%3C")).Body.String()
		if strings.Contains(body, `class="notice`) || strings.Contains(body, `class="undo`) || strings.Contains(body, "evil") || strings.Contains(body, "secret") {
			t.Errorf("%s: the page says so", query)
		}
	}
	r.want(r.get("/desk/tickets/T-25?done=aside&of=T-25"), 200, "T-25 is set aside: nothing to answer.", `action="/desk/tickets/T-25/callup"`)
	r.want(r.get("/desk/tickets/T-25?done=close&of=T-25"), 200, "T-25 is closed.", `action="/desk/tickets/T-25/reopen"`)
}

func TestTheLanguageIsChosen(t *testing.T) {
	for _, c := range []struct {
		name, path string
		who        viewer.Viewer
		header     []string
		want       string
	}{
		{"that of the viewer", "/desk", lin, nil, `lang="zh-Hans"`},
		{"over that of the browser", "/desk", chen, []string{"Accept-Language", "zh"}, `lang="en"`},
		{"one asked for now", "/desk?lang=zh", chen, nil, `lang="zh-Hans"`},
		{"one chosen before", "/desk", chen, []string{"Cookie", "frontdesk_lang=zh"}, `lang="zh-Hans"`},
		{"none of ours", "/desk?lang=xx", chen, nil, `lang="en"`},
	} {
		r := newRig(t)
		r.who = c.who
		w := r.do("GET", c.path, "", c.header...)
		if !strings.Contains(w.Body.String(), "<html "+c.want) {
			t.Errorf("%s: %.60s", c.name, w.Body)
		}
	}
}

// A page with 5 000 lines or a mail of 2 MB is bounded.
func TestLongTicketsAreShownByPages(t *testing.T) {
	r := newRig(t)
	k := r.desk.tickets[25]
	for i := range 5000 {
		r.desk.say(k, desk.Line{Kind: desk.Message, By: "Priya Nair", Channel: "sms", Text: fmt.Sprintf("line %d of many", i)})
	}
	r.desk.say(k, desk.Line{Kind: desk.Message, By: "Priya Nair", Channel: "sms", Text: strings.Repeat("a very long mail. ", 120000)})
	w := r.get("/desk/tickets/T-25")
	r.want(w, 200, "Earlier: 4952 more", "beginning of a very long text", "line 4999 of many")
	if w.Body.Len() > 200000 {
		t.Errorf("the page has %d bytes", w.Body.Len())
	}
	m := regexp.MustCompile(`data-earlier="([^"]+)"`).FindStringSubmatch(w.Body.String())
	part := r.get(strings.ReplaceAll(m[1], "&amp;", "&"))
	r.want(part, 200, "line 4950 of many", "Earlier: 4902 more")
	if strings.Contains(part.Body.String(), "<html") || strings.Contains(part.Body.String(), "line 4951 of") {
		t.Error("the part is a whole page, or has lines twice")
	}
	// Without a script the same lines are a page of their own.
	r.want(r.get(strings.ReplaceAll(strings.ReplaceAll(m[1], "&amp;", "&"), "/earlier", "")), 200, "line 4950 of many", "<html")
}

func TestListsGoOn(t *testing.T) {
	r := newRig(t)
	for i := range 60 {
		r.desk.open(int64(100+i), "payments", "email", "en", fmt.Sprintf("Customer %d", i), "Subject", "Text", time.Duration(4+i)*time.Hour)
	}
	w := r.get("/desk/queues/payments")
	r.want(w, 200, "Further tickets", "Customer 0<")
	if strings.Contains(w.Body.String(), "Customer 59<") {
		t.Error("all are on one page")
	}
	r.want(r.get("/desk/queues/payments?after=50"), 200, "Customer 59<")
}

func TestNumbersAreThoseOfTheLine(t *testing.T) {
	for _, n := range []int64{1, 25, 1<<63 - 1} {
		if got := ticketNumber(thread.TicketNumber(n)); got != n {
			t.Errorf("%d is read as %d", n, got)
		}
	}
	for _, s := range []string{"", "T-", "T-0", "T-01", "T-+1", "T--1", "t-1", "25", "T-1x", "T-99999999999999999999"} {
		if got := ticketNumber(s); got != 0 {
			t.Errorf("%q is read as %d", s, got)
		}
	}
}

func TestMomentsToPutOffTo(t *testing.T) {
	for _, c := range []struct{ now, want string }{
		{"Mon 2026-11-30 10:07", "hour 30 11:07, hours 30 13:07, tomorrow 1 09:00, week 7 09:00"},
		{"Fri 2026-11-27 16:30", "hour 27 17:30, hours 27 19:30, tomorrow 28 09:00, week 30 09:00"},
		{"Sun 2026-11-29 22:00", "hour 29 23:00, hours 30 01:00, tomorrow 30 09:00"},
	} {
		now, err := time.Parse("Mon 2006-01-02 15:04", c.now)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, l := range later(now) {
			got = append(got, l.Word+" "+l.At.Format("2 15:04"))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s", c.now, s)
		}
	}
}

func TestFirstLoadIsSmall(t *testing.T) {
	r := newRig(t)
	page := r.get("/desk/tickets/T-25").Body.String()
	sizes := map[string]int{"page": gzipped(t, page)}
	for _, m := range regexp.MustCompile(`"(/desk/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		w := r.get(m[1])
		r.want(w, 200)
		sizes[m[1]] = gzipped(t, w.Body.String())
	}
	total := 0
	for _, n := range sizes {
		total += n
	}
	files, err := assets.Load(desk.Assets(), "/desk/assets/")
	if err != nil {
		t.Fatal(err)
	}
	script := 0 // as the browser reads it, unpacked
	for name, at := range files.Addresses {
		if w := httptest.NewRecorder(); strings.HasSuffix(name, ".js") {
			files.ServeHTTP(w, httptest.NewRequest(http.MethodGet, at, nil))
			script += w.Body.Len()
		}
	}
	t.Log(sizes, script)
	if total > 100<<10 || script > 45<<10 || len(sizes) != 5 {
		t.Errorf("the first load has %d bytes, its scripts %d: %v", total, script, sizes)
	}
}

func gzipped(t *testing.T, s string) int {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}
