package web

import (
	"encoding/json"
	"errors"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/channelstest"
	"frontdesk/channels/webhook"
	"frontdesk/pipeline/message"
)

func newTestForm(t testing.TB, change func(*FormConfig)) *Form {
	t.Helper()
	c := FormConfig{
		Inbox: "contact", Desk: "Topay", Contact: "support@topay.example", Fields: []string{"phone", "topic", "order", "files"},
		Topics: []Topic{
			{Key: "refund", Names: map[string]string{"zh-Hans": "退款", "zh-Hant": "退款", "en": "Refund"}},
			{Key: "technical", Names: map[string]string{"zh-Hans": "技术问题", "en": "Technical <problem>"}},
		},
		Secret: []byte("0123456789abcdef"), Difficulty: 50, PerHour: 1000, MaxBody: 20 << 20,
		Clock: func() time.Time { return testTime.Add(-time.Minute) }, // when visitors open the page
	}
	if change != nil {
		change(&c)
	}
	f, err := NewForm(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// goodForm is what a visitor fills in, with a challenge solved that was issued at that time.
func goodForm(t testing.TB, f *Form, issued time.Time) map[string]string {
	t.Helper()
	c, err := f.altcha.issue(issued)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"lang": "zh-Hans", "name": "李雷", "email": "li.lei@example.com", "phone": "13800138000", "topic": "refund",
		"order": "20260506", "text": "退款还没有到账。", honeypot: "", "altcha": solution(t, c),
	}
}

func formRequest(t testing.TB, values map[string]string, files ...file) webhook.Request {
	contentType, raw := multi(t, values, files...)
	h := http.Header{}
	h.Set("Content-Type", contentType)
	return webhook.Request{Method: http.MethodPost, URL: &url.URL{Path: "/form/contact", RawQuery: "lang=zh-Hans"}, Header: h, Body: raw, Remote: "192.0.2.7"}
}

func TestFormConformance(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) { c.Lifetime = 30 * 24 * time.Hour })
	// Multipart of a map has no fixed order, and the suite compares bytes.
	good := formRequest(t, goodForm(t, f, testTime.Add(-time.Minute)))
	change := func(name, value string) func(time.Time) webhook.Request {
		return func(time.Time) webhook.Request {
			values := goodForm(t, f, testTime.Add(-time.Minute))
			values[name] = value
			return formRequest(t, values)
		}
	}
	channelstest.Webhook(t, channelstest.WebhookCase{
		Webhook: f, Decoder: f, Now: testTime, Secrets: []string{"0123456789abcdef", "li.lei"},
		One:     func(time.Time) webhook.Request { return good },
		Missing: change("altcha", ""), Wrong: change("altcha", "e30="), Oversize: change("text", strings.Repeat("a", 1<<20)),
		Stale: func(now time.Time) webhook.Request { return formRequest(t, goodForm(t, f, now.Add(-31*24*time.Hour))) },
	})
}

// TestFormOverHTTP is a visitor's way: the page, the challenge, the form, the thanks.
func TestFormOverHTTP(t *testing.T) {
	f := newTestForm(t, nil)
	h := newHost(t, f, f.Page())
	status, header, text := exchange(t, http.MethodGet, h.URL+"/form/contact?lang=en", nil, nil)
	if status != 200 || !strings.Contains(text, `action="/form/contact?lang=en"`) {
		t.Fatalf("page: %d %s", status, text)
	}
	checkPolicy(t, header.Get("Content-Security-Policy"), text)
	status, header, text = exchange(t, http.MethodGet, h.URL+"/form/contact/challenge", nil, nil)
	var c challengeV1
	if err := json.Unmarshal([]byte(text), &c); err != nil || status != 200 || header.Get("Cache-Control") != "no-store" {
		t.Fatalf("challenge: %d %s %v", status, text, err)
	}
	values := goodForm(t, f, testTime)
	values["lang"], values["altcha"] = "en", solution(t, c)
	contentType, raw := multi(t, values, file{"files", "发票.pdf", "application/pdf", "%PDF-1.7"})
	for range 2 { // a reload of the answer posts again
		status, _, text = exchange(t, http.MethodPost, h.URL+"/form/contact?lang=en", map[string]string{"Content-Type": contentType}, raw)
		if status != 200 || !strings.Contains(text, "we have received your message") || !strings.Contains(text, "confirmation") {
			t.Errorf("post: %d %s", status, text)
		}
	}
	if len(h.recorded) != 1 || h.recorded[0].Cause != "" || h.recorded[0].Key != "form:"+c.Signature {
		t.Fatalf("recorded: %+v", h.recorded)
	}
	got, err := f.Decode(h.recorded[0])
	if err != nil {
		t.Fatal(err)
	}
	want := message.Message{
		Inbox: "contact", Channel: "form", Key: "form:" + c.Signature, At: testTime,
		From:     message.Address{Kind: message.Email, Value: "li.lei@example.com", Name: "李雷"},
		Also:     []message.Address{{Kind: message.Phone, Value: "+8613800138000", Name: "李雷"}},
		Envelope: message.Envelope{Remote: "127.0.0.1"}, Text: "退款还没有到账。", Language: "en",
		Fields:      map[string]string{"topic": "refund", "order-number": "20260506"},
		Attachments: []message.Attachment{{Name: "发票.pdf", MediaType: "application/pdf", Size: 8, Content: []byte("%PDF-1.7")}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// checkPolicy wants a policy that lets the page's own script and style run, and nothing else.
func checkPolicy(t *testing.T, policy, text string) {
	t.Helper()
	for tag, directive := range map[string]string{"script": "script-src ", "style": "style-src "} {
		found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(text, -1)
		if len(found) != 1 {
			t.Fatalf("%d elements %s", len(found), tag)
		}
		if want := directive + hashOf(found[0][1]); !strings.Contains(policy, want) {
			t.Errorf("policy %q does not let the %s run: %s", policy, tag, want)
		}
	}
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || regexp.MustCompile(`(?:src|href)="https?:`).MatchString(text) || strings.Contains(text, "style=\"") {
		t.Error("the page loads something from outside or inline")
	}
}

func TestFormParksMachinesAndAnswersThemLikePeople(t *testing.T) {
	for name, c := range map[string]struct {
		issued   time.Time
		trap     string
		evidence string
	}{
		"a filled honeypot":       {testTime.Add(-time.Minute), "http://spam.example", "honeypot"},
		"a form filled at once":   {testTime, "", "minimum fill time"},
		"both, without any text":  {testTime, "x", "honeypot"},
		"a person":                {testTime.Add(-4 * time.Second), "", ""},
		"a person with a warning": {testTime.Add(-3 * time.Second), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newTestForm(t, nil)
			values := goodForm(t, f, c.issued)
			values[honeypot] = c.trap
			if name == "both, without any text" {
				values["text"] = ""
			}
			got, err := f.Receive(formRequest(t, values), testTime)
			if err != nil {
				t.Fatal(err)
			}
			person, err := f.Receive(formRequest(t, goodForm(t, f, testTime.Add(-time.Minute))), testTime)
			if err != nil {
				t.Fatal(err)
			}
			known := []channels.Recorded{{ID: 1, New: true}}
			if diff := cmp.Diff(person.Reply(known), got.Reply(known)); diff != "" {
				t.Errorf("the answers differ:\n%s", diff)
			}
			if c.evidence == "" {
				if len(got.Deliveries) != 1 || len(got.Bad) != 0 {
					t.Errorf("got %d deliveries and %d to park", len(got.Deliveries), len(got.Bad))
				}
				return
			}
			if len(got.Deliveries) != 0 || len(got.Bad) != 1 || got.Bad[0].Cause != "spam" || !strings.HasPrefix(got.Bad[0].Evidence, c.evidence) {
				t.Errorf("got %+v", got)
			}
			if _, err := f.Decode(got.Bad[0]); err != nil {
				t.Errorf("the parked form cannot be shown: %v", err)
			}
		})
	}
}

func TestFormRefusalsKeepWhatWasTyped(t *testing.T) {
	f := newTestForm(t, nil)
	for name, c := range map[string]struct {
		change map[string]string
		class  channels.Class
		status int
		text   string
	}{
		"no address at all":       {map[string]string{"email": "", "phone": ""}, channels.Permanent, 422, "请填写电子邮箱或手机号码"},
		"a bad mail address":      {map[string]string{"email": "li.lei"}, channels.Permanent, 422, "电子邮箱格式不正确"},
		"a bad number alone":      {map[string]string{"email": "", "phone": "123"}, channels.Permanent, 422, "手机号码不正确"},
		"no text":                 {map[string]string{"text": " \n"}, channels.Permanent, 422, "请描述您遇到的问题"},
		"no proof":                {map[string]string{"altcha": ""}, channels.Unauthorized, 401, "人机验证已过期"},
		"in the visitor's tongue": {map[string]string{"altcha": "", "lang": "en"}, channels.Unauthorized, 401, "not a robot"},
	} {
		t.Run(name, func(t *testing.T) {
			values := goodForm(t, f, testTime.Add(-time.Minute))
			values["name"], values["order"] = `Robert"><script>`, "order & number"
			maps.Copy(values, c.change)
			_, err := f.Receive(formRequest(t, values), testTime)
			e, ok := errors.AsType[*channels.Error](err)
			if !ok || e.Class != c.class || e.Answer.Status != c.status {
				t.Fatalf("got %v", err)
			}
			text := string(e.Answer.Body)
			if !strings.Contains(text, c.text) {
				t.Errorf("the page does not say %q", c.text)
			}
			for _, typed := range []string{values["name"], values["order"], values["email"], values["phone"], strings.TrimSpace(values["text"])} {
				if typed != "" && !strings.Contains(text, html.EscapeString(typed)) && !strings.Contains(text, escaped(typed)) {
					t.Errorf("%q is lost", typed)
				}
			}
			if strings.Contains(text, `"><script>`) {
				t.Error("what was typed becomes markup")
			}
			checkPolicy(t, e.Answer.Header.Get("Content-Security-Policy"), text)
			if strings.Contains(err.Error(), "li.lei") || strings.Contains(err.Error(), "退款") {
				t.Errorf("the error repeats the form: %v", err)
			}
		})
	}
}

// escaped is text as html/template writes it.
func escaped(text string) string {
	return strings.NewReplacer("&", "&amp;", `"`, "&#34;", "<", "&lt;", ">", "&gt;", "+", "&#43;").Replace(text)
}

func TestFormTakesUrlencodedToo(t *testing.T) {
	f := newTestForm(t, nil)
	values := url.Values{}
	for name, value := range goodForm(t, f, testTime.Add(-time.Minute)) {
		values.Set(name, value)
	}
	h := http.Header{}
	h.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err := f.Receive(webhook.Request{Header: h, Body: []byte(values.Encode()), Remote: "192.0.2.7"}, testTime)
	if err != nil || len(got.Deliveries) != 1 {
		t.Fatalf("got %v", err)
	}
	if m, err := f.Decode(got.Deliveries[0]); err != nil || m.Text != "退款还没有到账。" || m.Proven {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestFormKeepsANumberThatCannotBeCalled(t *testing.T) {
	f := newTestForm(t, nil)
	values := goodForm(t, f, testTime.Add(-time.Minute))
	values["phone"] = "ext. 12"
	got, err := f.Receive(formRequest(t, values), testTime)
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Decode(got.Deliveries[0])
	if err != nil || m.Fields["phone"] != "ext. 12" || m.Also != nil {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestFormLimitsPostsOfOneAddress(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) { c.PerHour = 2 })
	r := formRequest(t, goodForm(t, f, testTime.Add(-time.Minute)))
	for range 2 {
		if _, err := f.Receive(r, testTime); err != nil {
			t.Fatal(err)
		}
	}
	_, err := f.Receive(r, testTime)
	e, ok := errors.AsType[*channels.Error](err)
	if !ok || e.Class != channels.Throttled || e.After < time.Second || e.Answer.Header.Get("Retry-After") == "" {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(string(e.Answer.Body), "退款还没有到账。") {
		t.Error("what was typed is lost")
	}
	r.Remote = "192.0.2.8"
	if _, err := f.Receive(r, testTime); err != nil {
		t.Errorf("another address: %v", err)
	}
}

func TestPageLimitsChallengesOfOneAddress(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) { c.PerHour = 1 })
	h := newHost(t, f, f.Page())
	var last int
	for range challengesPerPost + 1 {
		last, _, _ = exchange(t, http.MethodGet, h.URL+"/form/contact/challenge?version=2", nil, nil)
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("got %d, want 429", last)
	}
	if status, _, _ := exchange(t, http.MethodGet, h.URL+"/form/contact", nil, nil); status != 200 {
		t.Errorf("the page itself: got %d", status)
	}
	if status, _, _ := exchange(t, http.MethodHead, h.URL+"/form/contact", nil, nil); status != 200 {
		t.Errorf("HEAD: got %d", status)
	}
}

func TestPageChoosesTheLanguage(t *testing.T) {
	f := newTestForm(t, nil)
	h := newHost(t, f, f.Page())
	for _, c := range []struct{ query, accept, want string }{
		{"", "", "zh-Hans"}, {"?lang=en", "zh-CN", "en"}, {"?lang=zh-Hant", "", "zh-Hant"},
		{"", "en-GB,en;q=0.9", "en"}, {"", "zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"}, {"", "zh-TW,zh;q=0.9", "zh-Hant"}, {"", "zh-HK", "zh-Hant"},
		{"?lang=zh-HK", "", "zh-Hant"}, {"", "fr,en;q=0.5", "en"}, {"", "fr", "zh-Hans"}, {"?lang=%22%3E%3Cscript%3E", "en", "en"}, {"", ";;;", "zh-Hans"},
	} {
		_, header, text := exchange(t, http.MethodGet, h.URL+"/form/contact"+c.query, map[string]string{"Accept-Language": c.accept}, nil)
		if got := header.Get("Content-Language"); got != c.want || !strings.Contains(text, `<html lang="`+c.want+`">`) {
			t.Errorf("%q with %q: got %s, want %s", c.query, c.accept, got, c.want)
		}
	}
}

// TestPageIsRenderedOnce: whoever asks for the page without end, and reads nothing, has it rendered no second time.
func TestPageIsRenderedOnce(t *testing.T) {
	page := newTestForm(t, nil).Page()
	get := httptest.NewRequest(http.MethodGet, "/form/contact?lang=en", nil)
	first, again := httptest.NewRecorder(), httptest.NewRecorder()
	page.ServeHTTP(first, get)
	first.Header()["Content-Type"][0] = "changed by whoever sends it"
	page.ServeHTTP(again, get)
	if first.Body.String() != again.Body.String() || again.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Error("the second visitor got another page than the first")
	}
	if n := testing.AllocsPerRun(20, func() { page.ServeHTTP(httptest.NewRecorder(), get) }); n > 60 {
		t.Errorf("one page costs %v allocations, as if it were rendered anew", n)
	}
}

func TestPageKnowsItsAddresses(t *testing.T) {
	f := newTestForm(t, nil)
	server := newHost(t, f, f.Page())
	for path, want := range map[string]int{"/form/contact": 200, "/form/contact/": 200, "/form/contact/challenge": 200, "/form/contact/other": 404, "/form/other/challenge": 404, "/": 404} {
		if got, _, _ := exchange(t, http.MethodGet, server.URL+path, nil, nil); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
	for method, want := range map[string]int{http.MethodPut: 405, http.MethodDelete: 405} {
		w := httptest.NewRecorder()
		f.Page().ServeHTTP(w, httptest.NewRequest(method, "/form/contact", nil))
		if w.Code != want || w.Header().Get("Allow") == "" {
			t.Errorf("%s: got %d, want %d", method, w.Code, want)
		}
	}
}

// TestPageIsAccessible: every control has a label, every description exists.
func TestPageIsAccessible(t *testing.T) {
	f := newTestForm(t, nil)
	for _, tag := range []string{"en", "zh-Hans", "zh-Hant"} {
		text := string(f.answer(200, shown{Language: tag}).Body)
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(`\bid="([^"]+)"`).FindAllStringSubmatch(text, -1) {
			if ids[m[1]] {
				t.Errorf("%s: two elements %s", tag, m[1])
			}
			ids[m[1]] = true
		}
		labels := map[string]bool{}
		for _, m := range regexp.MustCompile(`<label for="([^"]+)">([^<]+)`).FindAllStringSubmatch(text, -1) {
			labels[m[1]] = strings.TrimSpace(m[2]) != ""
		}
		controls := regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`).FindAllString(text, -1)
		if len(controls) < 9 {
			t.Errorf("%s: only %d controls", tag, len(controls))
		}
		for _, control := range controls {
			id := regexp.MustCompile(`\bid="([^"]+)"`).FindStringSubmatch(control)
			if !strings.Contains(control, `type="hidden"`) && (id == nil || !labels[id[1]]) {
				t.Errorf("%s: no label for %s", tag, control)
			}
			if by := regexp.MustCompile(`aria-describedby="([^"]+)"`).FindStringSubmatch(control); by != nil && !ids[by[1]] {
				t.Errorf("%s: nothing describes %s", tag, control)
			}
		}
		if !strings.Contains(text, `name="viewport"`) {
			t.Errorf("%s: no viewport", tag)
		}
	}
}

func TestTextsAreCompleteInEveryLanguage(t *testing.T) {
	want := english()
	for _, tag := range []string{"en", "zh-Hans", "zh-Hant"} {
		got, ok := textsOf(tag)
		encoded, err := json.Marshal(got)
		if !ok || err != nil || strings.Contains(string(encoded), `""`) {
			t.Errorf("%s: something is empty: %s", tag, encoded)
		}
		for problem := range want.Problems {
			if got.Problems[problem] == "" {
				t.Errorf("%s has no text for %s", tag, problem)
			}
		}
		if tag != "en" && (got.Title == want.Title || len(got.Problems) != len(want.Problems)) {
			t.Errorf("%s is not translated", tag)
		}
	}
	for _, tag := range []string{"zh-Hans", "zh-Hant"} {
		got, _ := textsOf(tag)
		encoded, _ := json.Marshal(got)
		other := map[string]string{"zh-Hans": "請們驗證碼類號郵", "zh-Hant": "请们验证码类号邮"}[tag]
		own := strings.NewReplacer("简体中文", "").Replace(string(encoded))
		if i := strings.IndexAny(own, other); i >= 0 {
			t.Errorf("%s holds a character of the other script: %s", tag, own[i:i+3])
		}
	}
}

func TestPageWithoutOptionalFields(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) { c.Fields, c.Contact, c.Topics = nil, "", nil })
	text := string(f.answer(200, shown{Language: "en"}).Body)
	for _, id := range []string{"phone", "topic", "order", "files"} {
		if strings.Contains(text, `id="`+id+`"`) {
			t.Errorf("the page shows %s", id)
		}
	}
	values := goodForm(t, f, testTime.Add(-time.Minute))
	values["email"] = ""
	if _, err := f.Receive(formRequest(t, values), testTime); err == nil {
		t.Error("a number that was not asked for is enough")
	}
}

func TestNewFormRefuses(t *testing.T) {
	for name, c := range map[string]FormConfig{
		"no inbox":                 {Secret: []byte("0123456789abcdef")},
		"a short secret":           {Inbox: "a", Secret: []byte("short")},
		"a language without texts": {Inbox: "a", Secret: []byte("0123456789abcdef"), Languages: []string{"fr"}},
	} {
		if _, err := NewForm(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func FuzzForm(f *testing.F) {
	form := newTestForm(f, func(c *FormConfig) { c.PerHour = 1 << 30 })
	values := goodForm(f, form, testTime.Add(-time.Minute))
	contentType, raw := multi(f, values, file{"files", "a.txt", "", "y"})
	f.Add(contentType, raw, "zh-TW")
	f.Add("application/x-www-form-urlencoded", []byte("text=x&email=a@example.com&altcha="+url.QueryEscape(values["altcha"])), "en")
	f.Fuzz(func(t *testing.T, contentType string, raw []byte, accept string) {
		h := http.Header{}
		h.Set("Content-Type", contentType)
		h.Set("Accept-Language", accept)
		got, err := form.Receive(webhook.Request{Header: h, Body: raw, Remote: "192.0.2.7"}, testTime)
		if err != nil {
			e, ok := errors.AsType[*channels.Error](err)
			if !ok || e.Answer == nil || e.Answer.Status < 400 || len(e.Answer.Body) == 0 {
				t.Errorf("a refusal without a page: %v", err)
			}
			return
		}
		for _, d := range append(got.Deliveries, got.Bad...) {
			if _, err := form.Decode(d); err != nil {
				t.Errorf("what was taken cannot be decoded: %v", err)
			}
		}
	})
}
