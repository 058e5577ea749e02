package pages

import (
	"net/http"
	"strings"
	"testing"
)

// TestThePaletteGoesAnywhere that the viewer may: to lists, queues, tickets by number and by words, and to nothing that is not his.
func TestThePaletteGoesAnywhere(t *testing.T) {
	r := newRig(t)
	r.want(r.get("/desk/go"), http.StatusOK, `href="/desk/lists/mine"`, `href="/desk/queues/payments"`)
	for path, parts := range map[string][3]string{
		"/desk/go?q=T-25":   {`href="/desk/tickets/T-25"`, `href="/desk/search?q=T-25"`, `href="/desk/lists/mine"`},
		"/desk/go?q=pay":    {`href="/desk/queues/payments"`, `href="/desk/search?q=pay"`, `href="/desk/lists/mine"`},
		"/desk/go?q=closed": {`href="/desk/lists/closed"`, `href="/desk/search?q=closed"`, `href="/desk/queues/payments"`},
	} {
		body := r.get(path).Body.String()
		if !strings.Contains(body, parts[0]) || !strings.Contains(body, parts[1]) || strings.Contains(body, parts[2]) {
			t.Errorf("%s: %s", path, body)
		}
	}
	if body := r.get(`/desk/go?q=%22%3E%3Cscript%3E`).Body.String(); strings.Contains(body, "<script") {
		t.Errorf("what was typed is not quoted: %s", body)
	}
	r.who = out
	if body := r.get("/desk/go?q=T-25").Body.String(); strings.Contains(body, `href="/desk/tickets/T-25"`) || strings.Contains(body, "/desk/queues/payments") {
		t.Errorf("another queue's is offered: %s", body)
	}
}

// TestASearchIsKeptUnderAName, and stands beside the lists.
func TestASearchIsKeptUnderAName(t *testing.T) {
	r := newRig(t)
	r.want(r.get("/desk/search?q=refund"), http.StatusOK, `action="/desk/views"`)
	to := r.post("/desk/views", "q", "refund", "state", "open", "name", "My <refunds>").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "The search is kept.", `href="/desk/search?q=refund&amp;state=open"`, "My &lt;refunds&gt;", `action="/desk/views/1/remove"`)
	to = r.post("/desk/views", "q", "refund", "name", "").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "It is not kept")
	to = r.post("/desk/views/1/remove").Header().Get("Location")
	r.want(r.get(to), http.StatusOK, "The kept search is gone.")
	if w := r.post("/desk/views/9/remove"); w.Code != http.StatusNotFound {
		t.Errorf("one that is not there: %d", w.Code)
	}
}
