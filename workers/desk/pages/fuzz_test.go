package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzPages asks the agents' pages for foreign addresses and posts foreign forms and drafts to them: each answers, none with a fault of the
// server; none leads away from the desk, and no word comes back as markup.
func FuzzPages(f *testing.F) {
	f.Add("GET", "/desk/tickets/T-25", "from=queues/payments&sent=77&before=1.2", "", false)
	f.Add("GET", "/desk/queues/<script>alert(1)</script>", "after=-1.9223372036854775808&from=//evil.example", "", false)
	f.Add("GET", "/desk/tickets/T-9223372036854775808/entries/../../x", "from=queues/%22%3e%3cscript%3ealert(1)%3c/script%3e", "", false)
	f.Add("POST", "/desk/tickets/T-25/reply", "", "key=k-1&seen=-1&ground=%00&text=%ff<script>alert(1)</script>&anyway=1&from=queues/..", false)
	f.Add("POST", "/desk/tickets/T-26/note", "from=lists/mine", "key=0123456789abcdef0123456789abcdef&seen=1&text=%20", false)
	f.Add("POST", "/desk/tickets/T-25/draft", "", `{"kind":"reply","text":"\u0000\ud800","seen":1e9,"version":-1}`, true)
	f.Add("POST", "/desk/tickets/T-25/snooze", "", "until=9999-12-31T23:59&from=queues/%5c%5cevil.example", false)
	f.Add("POST", "/desk/replies/0/undo", "", "from=queues/%0d%0aX-A:%20b", false)
	f.Add("POST", "/desk//tickets/T-25/draft", "\x0e%94\b=", "", false)
	f.Add("GET", "/desk//evil.example/..//tickets/T-25", "from=%0d%0aX", "", false)
	f.Fuzz(func(t *testing.T, method, path, query, body string, json bool) {
		if method != http.MethodGet && method != http.MethodPost || !strings.HasPrefix(path, "/desk") || strings.HasPrefix(path, "/desk/assets/") {
			return
		}
		// A server never hands on what its request line could not hold, a control character for one.
		asked, err := url.ParseRequestURI((&url.URL{Path: path, RawQuery: query}).String())
		if err != nil {
			return
		}
		r := newRig(t)
		req := httptest.NewRequest(method, "/desk", strings.NewReader(body))
		req.URL = asked
		req.Header.Set("Content-Type", map[bool]string{false: "application/x-www-form-urlencoded", true: "application/json"}[json])
		w := httptest.NewRecorder()
		r.mux.ServeHTTP(w, req)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %q?%q: status %d", method, path, query, w.Code)
		}
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || to.Host != "" || to.Scheme != "" || to.Path != "" && !strings.HasPrefix(to.Path, "/desk") {
			t.Errorf("%s %q?%q: leads to %q", method, path, query, w.Header().Get("Location"))
		}
		if got := w.Body.String(); strings.Contains(strings.ToLower(got), "<script>alert") {
			t.Errorf("%s %q?%q: words come back as markup", method, path, query)
		}
	})
}
