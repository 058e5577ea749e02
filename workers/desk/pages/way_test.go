package pages

import (
	"net/http"
	"strings"
	"testing"

	"frontdesk/templates/desk/acts"
)

// TestAWayIsChosenOnThePage: by a link or, without a script, by a button that keeps the text; whom it goes to is in sight, and the reply says by which way.
func TestAWayIsChosenOnThePage(t *testing.T) {
	r := newRig(t)
	if page := r.get("/desk/tickets/T-26").Body.String(); strings.Contains(page, `name="choose"`) {
		t.Error("there is a choice where the customer has one address")
	}
	r.desk.elsewhere = "+86 139 0000 1111"
	r.want(r.get("/desk/tickets/T-26"), http.StatusOK, `name="choose" value="phone"`, "no inbox writes there")
	page := r.post("/desk/tickets/T-26/way", "key", "abcdefgh1", "text", "您好 <b>", "choose", "phone")
	r.want(page, http.StatusOK, "您好 &lt;b&gt;</textarea>", `name="by" value="phone"`, `name="key" value="abcdefgh1"`, `name="choose" value="own"`, "Text only", "by SMS")
	r.want(r.post("/desk/tickets/T-26/way", "key", "abcdefgh1", "text", "x", "by", "phone", "choose", acts.ByItself), http.StatusOK, `name="choose" value="phone"`)
	linked := r.get("/desk/tickets/T-26?by=phone").Body.String()
	if news := r.get("/desk/tickets/T-26/news?by=phone").Body.String(); r.field(news, "ground") != r.field(linked, "ground") {
		t.Error("what a page hears later has other recipients")
	}
	gone := r.get("/desk/tickets/T-26?by=elsewhere")
	r.want(gone, http.StatusOK, "Nothing can go to that address any more")
	if strings.Contains(gone.Body.String(), `name="by"`) {
		t.Error("a way that is none was chosen")
	}
	ground := r.field(linked, "ground")
	r.want(r.post("/desk/tickets/T-26/reply", "key", "abcdefgh2", "seen", "5000", "ground", ground, "text", "Done."), http.StatusUnprocessableEntity, "Who receives it has changed")
	r.want(r.post("/desk/tickets/T-26/reply", "key", "abcdefgh3", "seen", "5000", "ground", ground, "by", "phone", "text", "Done."), http.StatusSeeOther)
}
