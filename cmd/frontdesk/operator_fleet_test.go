package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/cmd/frontdesk/service"
	"frontdesk/workers/engine/redistest"
)

// postAs is what a browser with a cookie is answered that posts a form of the page.
func postAs(t testing.TB, p *member, path string, c *http.Cookie) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.at.Ops+path, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "http://"+p.at.Ops)
	req.AddCookie(c)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestDeskProcessesShareSessions: two processes on one PostgreSQL. Who signs in at one is known to the other,
// and a sign-out at either, or an end on the page of sessions, ends it at both at once, its streams too. A token
// that one has made opens that one alone.
func TestDeskProcessesShareSessions(t *testing.T) {
	t.Parallel()
	f := newFleet(t, databases.Database(t), redistest.Start(t).URL())
	one, two := f.start("intake,work,desk"), f.start("desk")
	in := func(p *member) *http.Cookie { return followed(t, service.SignInLink("http://"+p.at.Ops, p.token())) }
	see := func(p *member, c *http.Cookie) int { return browse(t, "http://"+p.at.Ops+"/messages", c).StatusCode }
	both := func(c *http.Cookie) [2]int { return [2]int{see(one, c), see(two, c)} }
	open, shut := [2]int{http.StatusOK, http.StatusOK}, [2]int{http.StatusUnauthorized, http.StatusUnauthorized}
	ann, bob := in(one), in(two)
	if a, b := both(ann), both(bob); a != open || b != open {
		t.Fatalf("signed in at one: %v; at the other: %v", a, b)
	}
	stream := browse(t, "http://"+two.at.Ops+"/events", ann)
	ended := make(chan error, 1)
	go func() {
		buf := make([]byte, 4096)
		for {
			if _, err := stream.Body.Read(buf); err != nil {
				ended <- err
				return
			}
		}
	}()
	if code := postAs(t, one, "/logout", ann); code != http.StatusSeeOther {
		t.Fatalf("signing out: %d", code)
	}
	if a, b := both(ann), both(bob); a != shut || b != open {
		t.Errorf("after Ann has signed out at one: hers %v, Bob's %v", a, b)
	}
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("her stream at the other process goes on")
	}
	if code := postAs(t, one, "/sessions/end-others", in(one)); code != http.StatusSeeOther {
		t.Errorf("ending the others: %d", code)
	}
	if b := both(bob); b != shut {
		t.Errorf("after others were ended at one, Bob's are %v", b)
	}
	if res := browse(t, service.SignInLink("http://"+two.at.Ops, one.token())); len(res.Cookies()) != 0 {
		t.Error("a token that one process has made signs in at the other")
	}
}
