package pages

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"frontdesk/workers/store/viewer"
)

// fakeSnippets are snippets in memory; lin and chen edit them.
type fakeSnippets struct{ all []Snippet }

func (f *fakeSnippets) Fitting(_ context.Context, _ viewer.Viewer, number int64) ([][2]string, error) {
	if number == 999 {
		return nil, ErrNotFound
	}
	return [][2]string{{"bye", "Yours, **Lin**"}, {"refund", "It is on its way."}, {"退款", "退款在路上。"}}, nil
}

func (f *fakeSnippets) All(context.Context, viewer.Viewer) ([]Snippet, error) { return f.all, nil }

func (f *fakeSnippets) Edits(v viewer.Viewer) bool { return v.May(viewer.Answer, "payments") }

func (f *fakeSnippets) Save(_ context.Context, v viewer.Viewer, s Snippet) error {
	if !f.Edits(v) {
		return ErrNotFound
	}
	if strings.Contains(s.Texts["en"], "{x}") {
		return &Refusal{"snippets.unknown"}
	}
	f.all = append(f.all, s)
	return nil
}

func TestSnippetsAreEdited(t *testing.T) {
	r := newRig(t)
	r.want(r.get("/desk/settings/snippets"), 200, "Name of a new one", `href="/desk/settings/snippets" aria-current="page"`, `href="/desk/settings/macros"`)
	r.want(r.post("/desk/settings/snippets", "name", "refund", "en", "Dear {x}", "zh", "您好"), http.StatusUnprocessableEntity, "There is no such variable", "Dear {x}</textarea>", "您好</textarea>", `value="refund"`)
	r.want(r.post("/desk/settings/snippets", "name", "refund", "en", "Dear <you>", "zh", "您好"), 303)
	r.want(r.get("/desk/settings/snippets?done=snippet"), 200, "/refund", "Dear &lt;you&gt;</textarea>", "The snippet is saved")
	r.want(r.get("/desk/tickets/T-25/snippets"), 200, `["refund","It is on its way."]`)
	r.want(r.get("/desk/tickets/T-999/snippets"), 404)
	r.who = out
	r.want(r.get("/desk/settings/snippets"), 404)
	r.want(r.post("/desk/settings/snippets", "name", "refund", "en", "x"), 404)
}

// trySlash: a slash offers snippets, arrows choose and Enter takes, but not within a composition; in both languages and on a phone.
func trySlash(t *testing.T, open opener) {
	w := open(t, lin, staged)
	const list = `document.querySelector('#reply-form [data-phrases]')`
	key := func(name string) {
		w.do(fmt.Sprintf(`document.getElementById('reply-text').dispatchEvent(new KeyboardEvent('keydown', {key: %q, bubbles: true, cancelable: true}))`, name))
	}
	for _, c := range []struct {
		lang  string
		width int64
	}{{"en", 1440}, {"zh", 390}} {
		w.run(chromedp.EmulateViewport(c.width, 844))
		w.to("/desk/tickets/T-2304?lang=" + c.lang)
		w.do(`(t => { t.value = ''; t.dispatchEvent(new Event('input', { bubbles: true })); })(document.getElementById('reply-text'))`)
		w.focus("#reply-text")
		w.insert("a/b ")
		if js[bool](w, "!"+list+".hidden") {
			t.Error("a slash within a word offers something")
		}
		w.insert("/")
		w.until("all are offered", list+`.children.length === 3 && !`+list+`.hidden`)
		if js[bool](w, sideways) {
			t.Errorf("the page is wider than the window at %d", c.width)
		}
		w.look(fmt.Sprintf("phrases-%s-%d", c.lang, c.width), c.lang == "zh", true)
		key("ArrowDown")
		key("ArrowDown")
		key("ArrowUp")
		w.do(`document.getElementById('reply-text').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true}))`)
		if got := js[string](w, replyText); got != "a/b /" {
			t.Fatalf("an input method's Enter has put in %q", got)
		}
		key("Enter")
		w.until("the second one is there", replyText+` === 'a/b It is on its way.' && `+list+`.hidden`)
		w.insert(" /")
		w.until("offered again", `!`+list+`.hidden`)
		command(w, input.ImeSetComposition, input.ImeSetCompositionParams{Text: "tuikuan", SelectionStart: 7, SelectionEnd: 7})
		key("Enter")
		w.insert("退")
		w.until("the one that was typed", list+`.children.length === 1`)
		key("Tab")
		w.until("is there", replyText+` === 'a/b It is on its way. 退款在路上。'`)
		w.insert(" /")
		w.until("offered once more", `!`+list+`.hidden`)
		key("Escape")
		w.until("and not any more", list+`.hidden && `+replyText+`.endsWith(' /')`)
	}
	w.quiet()
}
