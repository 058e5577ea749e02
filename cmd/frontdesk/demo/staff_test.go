package demo

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store/viewer"
)

// TestColleaguesSignInAtTheDeskOfTheDemonstrationAlone, with the password that its start has shown.
func TestColleaguesSignInAtTheDeskOfTheDemonstrationAlone(t *testing.T) {
	c := testConfig(t)
	c.Listen.HTTP, c.Listen.SMTP = "", ""
	shown := regexp.MustCompile(`(?m)^desk       (http://127\.0\.0\.1:\d+)  \(sign in as amy, wang\.fang, admin; the password of each is ([a-z2-7-]{19}); li\.na and tom work by themselves\)$`)
	said := func(r *demoRig) []string {
		r.eventually(10*time.Second, func() string {
			if shown.MatchString(r.out.String()) {
				return ""
			}
			return "a line that says how to get in:\n" + r.out.String()
		})
		return shown.FindStringSubmatch(r.out.String())
	}
	r := startDemo(t, c)
	m := said(r)
	for _, c := range colleagues() {
		if status := signedIn(t, m[1], c.login, m[2]); status != http.StatusSeeOther {
			t.Errorf("%s: status %d", c.login, status)
		}
	}
	kept, err := r.store.Snippets.All(t.Context(), viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Lead}}})
	if err != nil || len(kept) < 3 || kept[0].Texts["en"] == "" || kept[0].Texts["zh"] == "" {
		t.Errorf("behind a slash are %+v, %v", kept, err)
	}
	if status := signedIn(t, m[1], "li.na", "wrong"); status != http.StatusUnauthorized {
		t.Errorf("a wrong password: status %d", status)
	}
	r.stop()

	again := startDemo(t, c)
	n := said(again)
	if n[2] == m[2] {
		t.Fatalf("the password is not made anew:\n%s", again.out)
	}
	if status := signedIn(t, n[1], "tom", m[2]); status != http.StatusUnauthorized {
		t.Errorf("the password of the last demonstration: status %d", status)
	}
	again.stop()

	plain := startPlain(t, c)
	at := regexp.MustCompile(`desk=(\S+)`).FindStringSubmatch(plain.out.String())
	if at == nil {
		t.Fatalf("no desk is served:\n%s", plain.out)
	}
	if status := signedIn(t, "http://"+at[1], "tom", n[2]); status != http.StatusUnauthorized {
		t.Errorf("without the demonstration: status %d", status)
	}
}

// signedIn is the status of a sign-in.
func signedIn(t *testing.T, desk, login, password string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, desk+"/desk/sign-in", strings.NewReader(url.Values{"login": {login}, "password": {password}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}
