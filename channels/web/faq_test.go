package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withQuestions gives a form the page of questions.
func withQuestions(c *FormConfig) {
	c.Answered = []Topic{
		{Key: "refund", Names: map[string]string{"zh-Hans": "退款", "en": "Refund"}, Questions: []Question{
			{"", map[string]string{"en": "When will my refund arrive?", "zh-Hans": "退款多久可以到账？"}, map[string]string{"en": "Within 3 to 7 working days.", "zh-Hans": "3 至 7 个工作日。"}},
			{"", map[string]string{"en": "How do I ask for a refund?", "zh-Hans": "如何申请退款？"}, map[string]string{"en": "Open the order and choose <Request>.", "zh-Hans": "打开订单，选择申请。"}},
		}},
		{Key: "password", Names: map[string]string{"zh-Hans": "密码", "en": "Password"}, Questions: []Question{
			{"", map[string]string{"en": "I have forgotten my password.", "zh-Hans": "忘记密码怎么办？"}, map[string]string{"en": "Choose \"Forgot password\".", "zh-Hans": "点击忘记密码。"}},
			{"", map[string]string{"en": "Only in English?"}, map[string]string{"en": "Yes."}},
		}},
		{Key: "silent", Names: map[string]string{"en": "Silent"}},
	}
}

// asksFor gets a page of the form.
func asksFor(f *Form, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr = "192.0.2.9:1234"
	f.Page().ServeHTTP(w, r)
	return w
}

// questionsOf are those that a page shows, in its order.
func questionsOf(page string) (out []string) {
	for _, part := range strings.Split(page, "<summary>")[1:] {
		question, _, _ := strings.Cut(part, "</summary>")
		out = append(out, question)
	}
	return out
}

func TestThePageOfQuestions(t *testing.T) {
	f := newTestForm(t, withQuestions)
	w := asksFor(f, "/form/contact/faq?lang=en")
	page := w.Body.String()
	if diff := cmp.Diff([]string{"When will my refund arrive?", "How do I ask for a refund?", "I have forgotten my password.", "Only in English?"}, questionsOf(page)); w.Code != 200 || diff != "" {
		t.Errorf("%d %s", w.Code, diff)
	}
	for _, want := range []string{`<html lang="en">`, "<h2>Refund</h2>", "&lt;Request&gt;", `href="/form/contact?lang=en"`, `method="get" action="/form/contact/faq"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page", want)
		}
	}
	for _, never := range []string{"<script", "Silent", "noindex", `lang="zh-Hant"`} {
		if strings.Contains(page, never) {
			t.Errorf("%s is on the page", never)
		}
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'; style-src "+hashOf(pageCSS)+";") || strings.Contains(policy, "script") || strings.Contains(page, "style=") {
		t.Errorf("the policy is %q", policy)
	}
	if got := w.Header().Get("Cache-Control"); got != "public, max-age=300" {
		t.Errorf("the page may be kept: %q", got)
	}
	if form := asksFor(f, "/form/contact?lang=en").Body.String(); !strings.Contains(form, `href="/form/contact/faq?lang=en"`) {
		t.Error("the form does not lead to the questions")
	}
}

func TestQuestionsAreFoundWithoutAScript(t *testing.T) {
	f := newTestForm(t, withQuestions)
	for _, c := range []struct {
		name, lang, query string
		want              []string
	}{
		{"a word", "en", "password", []string{"I have forgotten my password."}},
		{"another form of a word", "en", "refunded", []string{"When will my refund arrive?", "How do I ask for a refund?"}},
		{"the better one first", "en", "when does the refund arrive", []string{"When will my refund arrive?"}},
		{"a word of the answer", "en", "working days", []string{"When will my refund arrive?"}},
		{"the end of a word is none", "en", "word", nil},
		{"upper case and signs", "en", "  PASSWORD?! ", []string{"I have forgotten my password."}},
		{"Chinese", "zh-Hans", "退款到账", []string{"退款多久可以到账？"}},
		{"Chinese with what was written around it", "zh-Hans", "忘记了密码", []string{"忘记密码怎么办？"}},
		{"nothing that fits", "en", "weather", nil},
		{"signs", "en", "?!", nil},
		{"a tag", "en", "<script>alert(1)</script>", nil},
	} {
		w := asksFor(f, "/form/contact/faq?lang="+c.lang+"&q="+url.QueryEscape(c.query))
		page := w.Body.String()
		if diff := cmp.Diff(c.want, questionsOf(page)); w.Code != 200 || diff != "" {
			t.Errorf("%s: %d %s", c.name, w.Code, diff)
		}
		text, _ := textsOf(c.lang)
		if strings.Contains(page, text.NoneFits) != (c.want == nil) || !strings.Contains(page, text.Write) || strings.Contains(page, "<script") || !strings.Contains(page, "noindex") {
			t.Errorf("%s: %s", c.name, page)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a search may be kept", c.name)
		}
	}
	if w := asksFor(f, "/form/contact/faq?lang=en&q="+strings.Repeat("x", 5000)); w.Code != 200 || strings.Contains(w.Body.String(), strings.Repeat("x", maxQuery+1)) {
		t.Errorf("a long query: %d", w.Code)
	}
}

// TestWhatIsUnderstoodStandsBeforeWords: the desk's own finder comes first, and no question twice.
func TestWhatIsUnderstoodStandsBeforeWords(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) {
		withQuestions(c)
		c.Answered[1].Questions[0].Key = "password/1"
		c.Find = func(text string, n int) []string { return []string{"gone/1", "password/1"} }
	})
	page := asksFor(f, "/form/contact/faq?lang=en&q=refund").Body.String()
	if diff := cmp.Diff([]string{"I have forgotten my password.", "When will my refund arrive?", "How do I ask for a refund?"}, questionsOf(page)); diff != "" {
		t.Error(diff)
	}
}

func TestSearchesOfAnAddressAreBounded(t *testing.T) {
	f := newTestForm(t, func(c *FormConfig) { withQuestions(c); c.PerHour = 1 })
	for n := range searchesFactor {
		if w := asksFor(f, "/form/contact/faq?lang=en&q=refund"); w.Code != 200 {
			t.Fatalf("search %d: %d", n, w.Code)
		}
	}
	w := asksFor(f, "/form/contact/faq?lang=en&q=refund")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Too many searches") {
		t.Errorf("one too many: %d %s", w.Code, w.Body)
	}
	if w := asksFor(f, "/form/contact/faq?lang=en"); w.Code != 200 {
		t.Errorf("the page without a search: %d", w.Code)
	}
}

func TestWithoutQuestionsThereIsNoSuchPage(t *testing.T) {
	for name, f := range map[string]*Form{"none at all": newTestForm(t, nil), "none in the language": newTestForm(t, withQuestions)} {
		if w := asksFor(f, "/form/contact/faq?lang=zh-Hant"); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
		if form := asksFor(f, "/form/contact?lang=zh-Hant").Body.String(); strings.Contains(form, "/faq") {
			t.Errorf("%s: the form leads to it", name)
		}
	}
}

// FuzzFAQ: whatever is looked for, a question that holds all of it is found, and what is shown is escaped.
func FuzzFAQ(f *testing.F) {
	form := newTestForm(f, withQuestions)
	f.Add("en", "refund")
	f.Add("zh-Hans", "退款多久")
	f.Add("en", "\x00<b>\xff")
	f.Fuzz(func(t *testing.T, lang, query string) {
		w := asksFor(form, "/form/contact/faq?"+url.Values{"lang": {lang}, "q": {query}}.Encode())
		if w.Code != 200 && w.Code != http.StatusNotFound && w.Code != http.StatusTooManyRequests {
			t.Errorf("%d for %q", w.Code, query)
		}
		if n := strings.Count(w.Body.String(), "<b>"); n > 0 {
			t.Errorf("%q came through", query)
		}
	})
}
