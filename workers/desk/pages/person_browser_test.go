package pages

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// tryPerson: a ticket says by which address another one of the same person came, on a wide page and on a phone, and a joining is taken back beside it.
func tryPerson(t *testing.T, open opener) {
	w := open(t, lin, staged)
	for _, c := range []struct {
		lang  string
		width int64
	}{{"en", 1440}, {"zh", 390}} {
		w.run(chromedp.EmulateViewport(c.width, 844))
		w.to("/desk/tickets/T-2304?lang=" + c.lang + "#side")
		w.do(`document.querySelector('#same').scrollIntoView(); for (const d of document.querySelectorAll('#same details')) d.open = true`)
		w.look(fmt.Sprintf("person-%s-%d", c.lang, c.width), false, true)
		if js[bool](w, sideways) {
			t.Errorf("the page is wider than the window at %d", c.width)
		}
	}
	w.do(`{ const f = document.querySelector('#same form:has([value=join])'); f.other.value = 'T-2298'; f.why.value = 'order'; f.querySelector('button').click() }`)
	w.until("it is said", `document.body.innerText.includes('T-2298 的客户是同一个人') && document.querySelectorAll('#same form:has([value=undo])').length === 2`)
	w.do(`[...document.querySelectorAll('#same form:has([value=undo]) button')].at(-1).click()`)
	w.until("it is taken back", `document.body.innerText.includes('已在 T-2304 中撤销')`)
	w.quiet()
}
