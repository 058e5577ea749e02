package pages

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhatIsSetAsideIsSettledAtTheDesk: with its cause in plain words, singly and several at once, each with a result, by those who direct work.
func TestWhatIsSetAsideIsSettledAtTheDesk(t *testing.T) {
	r := newRig(t)
	r.want(r.get("/desk/parked"), http.StatusNotFound)
	if body := r.get("/desk").Body.String(); strings.Contains(body, "/desk/parked") {
		t.Error("an agent is shown the way")
	}
	r.who = lead
	r.want(r.get("/desk"), http.StatusOK, `href="/desk/parked"`)
	r.want(r.get("/desk/parked"), http.StatusOK, "looks like spam", "If it is a customer, release it.", "score 12", "a stranger answers a ticket", `aria-label="Select message 9"`)
	if body := r.get("/desk/parked?cause=spam").Body.String(); strings.Contains(body, "M-8") {
		t.Error("of one cause others are listed")
	}
	r.want(r.get("/desk/parked?cause=%3Cscript"), http.StatusNotFound)
	r.want(r.do(http.MethodPost, "/desk/parked", "act=release&message=9&message=7&message=9"), http.StatusOK, "let out: it is decided anew", "It is not set aside any more")
	r.want(r.post("/desk/parked", "act", "dismiss", "message", "9"), http.StatusOK, "dismissed", `value="undismiss"`)
	r.want(r.post("/desk/parked", "act", "undismiss", "only", "9"), http.StatusOK, "set aside again")
	for _, body := range []string{"act=release", "act=erase&message=9", "act=release&message=x"} {
		if to := r.do(http.MethodPost, "/desk/parked", body).Header().Get("Location"); !strings.Contains(to, "done=nothing") {
			t.Errorf("%s: %s", body, to)
		}
	}
}
