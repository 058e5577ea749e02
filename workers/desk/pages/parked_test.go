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
	r.want(r.get("/desk/parked?lang=zh"), http.StatusOK, "score 12；没有发件人地址")
	r.want(r.get("/desk/parked?lang=en"), http.StatusOK, "score 12; no sender address")
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

// TestSendersAreBlockedAtTheDesk: by what they sent, singly and several at once; who is blocked is listed with who did it, and let in again by one click.
func TestSendersAreBlockedAtTheDesk(t *testing.T) {
	r := newRig(t)
	r.want(r.post("/desk/parked/blocks/1/remove"), http.StatusNotFound)
	r.who = lead
	if body := r.get("/desk/parked").Body.String(); strings.Contains(body, "Blocked senders") {
		t.Error("a list of nobody is shown")
	}
	r.want(r.do(http.MethodPost, "/desk/parked", "act=block&message=9&message=8&message=7"), http.StatusOK, "set aside from now on", "Nobody can be read as its sender", "It is not set aside any more",
		`id="blocks" open`, "mallory@evil.example", "blocked by "+lead.Login, `action="/desk/parked/blocks/1/remove"`)
	if body := r.get("/desk/parked").Body.String(); strings.Contains(body, `id="blocks" open`) || !strings.Contains(body, "mallory@evil.example") {
		t.Error("who has not asked for the list finds it open, or not at all")
	}
	r.who = chen
	r.want(r.post("/desk/parked/blocks/1/remove"), http.StatusNotFound)
	r.who = lead
	if to := r.post("/desk/parked/blocks/1/remove").Header().Get("Location"); to != "/desk/parked?done=unblocked#blocks" {
		t.Errorf("led to %q", to)
	}
	r.want(r.get("/desk/parked?done=unblocked"), http.StatusOK, "is taken in again")
	r.want(r.post("/desk/parked/blocks/1/remove"), http.StatusNotFound)
	for range pageSize + 1 {
		r.want(r.post("/desk/parked", "act", "block", "only", "9"), http.StatusOK)
	}
	r.want(r.get("/desk/parked"), http.StatusOK, `href="/desk/parked?blocked=2#blocks"`)
	r.want(r.get("/desk/parked?blocked=2"), http.StatusOK, `id="blocks" open`, "/blocks/1/remove")
}
