package ops

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/workers/engine"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/store/storetest"
)

// FuzzPages asks the operator's pages for foreign addresses: each answers, none with a fault of the
// server, and no word of the address comes back as markup.
func FuzzPages(f *testing.F) {
	redis, err := engine.StartEmbedded(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	e, err := engine.New(engine.Config{Redis: redis.Client()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close(); redis.Close() })
	s := storetest.SQLite(f)
	h, err := New(Config{Store: s, Engine: e, Registry: prometheus.NewRegistry(), Onlooker: watch.NewOnlooker(), Desk: "Test desk", Zone: "Asia/Shanghai", Token: testToken})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("/tickets", "state=open&before=5", "zh-CN")
	f.Add("/messages/9223372036854775808", "state=<script>&before=-1", "en")
	f.Add("/outbox", "before=1e9&lang=%00", "\xff")
	f.Add("/search", "q=%22%27%5c%00%ff%e9%80%80<script>alert(1)</script>&state=x&queue=%ff&before=-1", "zh")
	f.Add("/parked/../sink/..%2f..%2fetc", "%", "*")
	f.Fuzz(func(t *testing.T, path, query, language string) {
		if strings.HasPrefix(path, "/events") {
			return // goes on until its reader leaves
		}
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.URL = &url.URL{Path: path, RawQuery: query}
		req.RemoteAddr, req.Host = "127.0.0.1:50000", "localhost:8081"
		req.Header.Set("Accept-Language", language)
		req.Header.Set("Authorization", "Bearer "+testToken)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		body, err := io.ReadAll(w.Body)
		if err != nil || w.Code >= http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%q?%q: status %d, %v", path, query, w.Code, err)
		}
		if strings.Contains(query, "<script>") && strings.Contains(string(body), "<script>"+strings.SplitN(query, "<script>", 2)[1]) && len(query) > 30 {
			t.Errorf("%q comes back as markup", query)
		}
	})
}

// FuzzSecrets asks for a page with foreign tokens, cookies and links: none but the right one opens, and none fails.
func FuzzSecrets(f *testing.F) {
	r := newRig(f)
	cookie := r.signIn("li")
	f.Add(testToken+"x", cookie.Value[1:], "a=b")
	f.Add("", "\x00", "%zz")
	f.Add(strings.Repeat("A", 43), strings.Repeat("A", 43), strings.Repeat("=", 60))
	f.Fuzz(func(t *testing.T, token, value, link string) {
		if strings.TrimSpace(token) == testToken || value == cookie.Value || strings.Contains(link, testToken) {
			return
		}
		r := &rig{t: t, handler: r.handler}
		from := func(req *http.Request) { req.RemoteAddr = "192.0.2.7:1" }
		for where, w := range map[string]*httptest.ResponseRecorder{
			"token":  r.bare(http.MethodGet, "/tickets", from, func(q *http.Request) { q.Header["Authorization"] = []string{"Bearer " + token} }),
			"cookie": r.bare(http.MethodGet, "/tickets", from, func(q *http.Request) { q.Header["Cookie"] = []string{sessionCookie + "=" + value} }),
			"link":   r.bare(http.MethodGet, "/tickets", from, func(q *http.Request) { q.URL.RawQuery = "token=" + link }),
			"form":   r.bare(http.MethodPost, "/login", from, form("token", link, "name", value, "next", token)),
		} {
			refused := w.Code == http.StatusUnauthorized || w.Code == http.StatusTooManyRequests || w.Code == http.StatusBadRequest ||
				w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login?")
			if !refused || len(w.Result().Cookies()) > 0 {
				t.Errorf("%s: status %d to %q, cookies %v", where, w.Code, w.Header().Get("Location"), w.Result().Cookies())
			}
		}
	})
}
