package pages

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"frontdesk/workers/desk"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/storetest"
)

// Behind the entrance the pages are for who is signed in, and what they are drawn with is for everybody. No pattern of theirs is in the way
// of one of the entrance's.
func TestThePagesStandBehindTheEntrance(t *testing.T) {
	f := newFake()
	p, err := New(Config{Desk: "Topay", Tickets: f, Acts: f, Answers: f, Files: f, Presence: f, Merges: f, Many: f, Viewer: signin.Viewer, Me: signin.MePath, SignOut: signin.SignOutPath, SignIn: signin.SignInPath})
	if err != nil {
		t.Fatal(err)
	}
	h, err := desk.New(desk.Config{Store: storetest.SQLite(t), Pages: p, Desk: "Topay"})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(`{}`))
		r.Host = "localhost"
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, path := range []string{"/desk", "/desk/lists/mine", "/desk/tickets/T-1", "/desk/nowhere"} {
		if w := ask(http.MethodGet, path); w.Code != http.StatusSeeOther && w.Code != http.StatusUnauthorized {
			t.Errorf("%s is open: %d", path, w.Code)
		}
	}
	// The script tells a session that is over from a server that is away by either of these.
	w := ask(http.MethodPost, "/desk/tickets/T-1/draft", "Content-Type", "application/json", "Accept", "application/json", "Sec-Fetch-Site", "same-origin")
	if w.Code != http.StatusSeeOther && w.Code != http.StatusUnauthorized {
		t.Errorf("a draft of nobody gives %d", w.Code)
	}
	rig := newRig(t)
	for _, m := range regexp.MustCompile(`"(/desk/assets/[^"]+)"`).FindAllStringSubmatch(rig.get("/desk").Body.String(), -1) {
		if w := ask(http.MethodGet, m[1]); w.Code != http.StatusOK {
			t.Errorf("%s gives %d", m[1], w.Code)
		}
	}
	if w := ask(http.MethodGet, signin.SignInPath); w.Code != http.StatusOK {
		t.Errorf("the form gives %d", w.Code)
	}
}
