package proving

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/challenge"
)

// fake has one check that waits, at the link "good", for 493021.
type fake struct {
	language string
	tries    int
	over     bool
	down     error
}

func (f *fake) Waits(_ context.Context, link string, _ time.Time) (string, bool, error) {
	if link != "good" {
		return "", false, f.down
	}
	return f.language, !f.over, f.down
}

func (f *fake) Enter(_ context.Context, link, code string, _ time.Time) (string, bool, error) {
	switch {
	case f.down != nil || link != "good" || f.over:
		return "", false, f.down
	case strings.ReplaceAll(code, " ", "") == "493021":
		f.over = true
		return challenge.Passed, false, nil
	}
	f.tries++
	f.over = f.tries == challenge.Tries
	return map[bool]string{true: challenge.Failed, false: challenge.Open}[f.over], !f.over, nil
}

type rig struct {
	t    *testing.T
	fake *fake
	h    http.Handler
	now  time.Time
	from string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, fake: &fake{language: "en"}, now: time.Unix(1_800_000_000, 0), from: "192.0.2.7"}
	var err error
	if r.h, err = New(Config{Checks: r.fake, Desk: "Topay", Remote: func(*http.Request) string { return r.from }, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() time.Time { return r.now }}); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) do(method, path, code string, header ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(url.Values{"code": {code}}.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.h.ServeHTTP(w, req)
	return w
}

func (r *rig) want(what string, w *httptest.ResponseRecorder, status int, parts ...string) {
	r.t.Helper()
	if w.Code != status {
		r.t.Errorf("%s: status %d, want %d", what, w.Code, status)
	}
	for _, part := range parts {
		if !strings.Contains(w.Body.String(), part) {
			r.t.Errorf("%s: no %q in %s", what, part, w.Body)
		}
	}
}

// TestACodeIsEntered: without a script, once, in the customer's language.
func TestACodeIsEntered(t *testing.T) {
	r := newRig(t)
	r.want("the form", r.do("GET", "/check/good", ""), 200, `lang="en"`, `autocomplete="one-time-code"`, "Enter the code", "Topay")
	r.want("a look at its head tries nothing", r.do("HEAD", "/check/good", ""), 200)
	r.want("a wrong one", r.do("POST", "/check/good", "111111"), 422, "That is not the code.", `aria-invalid="true"`)
	r.want("the right one", r.do("POST", "/check/good", "493 021"), 200, "We know now that it is you.")
	r.want("it is good once", r.do("POST", "/check/good", "493021"), 404, "No code is asked for")
	r.want("and its page is over", r.do("GET", "/check/good", ""), 404, "No code is asked for")
	zh := newRig(t)
	zh.fake.language = "zh-Hant"
	zh.want("a Chinese customer", zh.do("GET", "/check/good", "", "Accept-Language", "en"), 200, `lang="zh-Hans"`, "输入验证码")
	zh.fake.language = "und"
	zh.want("one of whom nothing is known", zh.do("GET", "/check/good", "", "Accept-Language", "zh-CN"), 200, "输入验证码")
}

// TestThePageTellsNothingElse: a link that never was and one that is over are one answer, nothing of what was entered comes back, nothing is kept or told on.
func TestThePageTellsNothingElse(t *testing.T) {
	r := newRig(t)
	for range challenge.Tries - 1 {
		r.want("a wrong one", r.do("POST", "/check/good", "<b>1</b>"), 422)
	}
	r.want("the last one", r.do("POST", "/check/good", "111111"), 404)
	r.want("the right one comes too late", r.do("POST", "/check/good", "493021"), 404)
	over, never := r.do("GET", "/check/good", ""), r.do("GET", "/check/none", "")
	tried, guessed := r.do("POST", "/check/good", "493021"), r.do("POST", "/check/none", "493021")
	for _, w := range []*httptest.ResponseRecorder{never, tried, guessed} {
		if w.Code != over.Code || w.Body.String() != over.Body.String() {
			t.Errorf("a link that never was and one that is over differ: %d %s", w.Code, w.Body)
		}
	}
	if w := newRig(t).do("POST", "/check/good", "<b>1</b>"); strings.Contains(w.Body.String(), "&lt;b&gt;") || strings.Contains(w.Body.String(), "<b>") {
		t.Error("what was entered comes back")
	}
	h := over.Header()
	for field, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex, nofollow"} {
		if h.Get(field) != want {
			t.Errorf("%s is %q", field, h.Get(field))
		}
	}
	if p := h.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || !strings.Contains(p, "frame-ancestors 'none'") || strings.Contains(p, "unsafe") || strings.Contains(p, "script-src") {
		t.Errorf("policy %q", p)
	}
	if body := newRig(t).do("GET", "/check/good", "").Body.String(); !strings.Contains(body, "<style>"+pageCSS+"</style>") { // else its hash is another one
		t.Error("the style is not the one that the policy lets in")
	}
	if strings.Contains(newRig(t).do("GET", "/check/good", "").Body.String(), "<script") {
		t.Error("there is a script")
	}
}

// TestOneClientTriesSoManyAMinute: others are not held up by him, nor is he for ever.
func TestOneClientTriesSoManyAMinute(t *testing.T) {
	r := newRig(t)
	for range perMinute {
		r.do("POST", "/check/none", "111111")
	}
	w := r.do("POST", "/check/good", "493021")
	r.want("one more", w, 429, "too often")
	if w.Header().Get("Retry-After") == "" {
		t.Error("nobody says until when")
	}
	r.from = "198.51.100.9"
	r.want("somebody else", r.do("GET", "/check/good", ""), 200)
	r.from, r.now = "192.0.2.7", r.now.Add(3*time.Minute)
	r.want("he, later", r.do("POST", "/check/good", "493021"), 200)
}

// TestWhatCannotBeDoneNow: it is said so, no try is counted, and other methods and long forms are refused.
func TestWhatCannotBeDoneNow(t *testing.T) {
	r := newRig(t)
	r.fake.down = errors.New("no database")
	r.want("no database", r.do("POST", "/check/good", "493021"), 503, "could not be done now")
	r.fake.down = nil
	r.want("another method", r.do("PUT", "/check/good", ""), 405)
	r.want("a long form", r.do("POST", "/check/good", strings.Repeat("1", maxForm)), 400)
	if r.fake.tries != 0 {
		t.Errorf("%d tries were counted", r.fake.tries)
	}
}
