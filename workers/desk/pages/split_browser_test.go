package pages

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// trySplit: what goes is chosen by its box, the new ticket is shown, each names the other by a link, and it is taken back.
func trySplit(t *testing.T, open opener) {
	w := open(t, lin, staged)
	for _, c := range []struct {
		lang  string
		width int64
	}{{"en", 1440}, {"zh", 390}} {
		w.run(chromedp.EmulateViewport(c.width, 844))
		w.to("/desk/tickets/T-2304/split?lang=" + c.lang)
		w.look(fmt.Sprintf("split-%s-%d", c.lang, c.width), false, true)
		if js[bool](w, sideways) {
			t.Errorf("the form is wider than the window at %d", c.width)
		}
	}
	if !js[bool](w, `[...document.querySelectorAll('[name=line]')].at(-1).disabled`) {
		t.Error("the message that opened the ticket can be chosen")
	}
	w.do(`document.querySelector('[name=line]').click()`)
	w.do(`document.querySelector('[name=subject]').value = '到账时间'`)
	w.click("form.sheetform .primary")
	w.until("the new ticket is shown", `location.pathname === '/desk/tickets/T-7304' && document.querySelector('#parted a').getAttribute('href') === '/desk/tickets/T-2304'`)
	w.to("/desk/tickets/T-2304")
	w.until("the old one names it", `document.querySelector('#parted a').getAttribute('href') === '/desk/tickets/T-7304'`)
	w.look("split-off-zh-390", false, true)
	w.do(`document.querySelector('#parted form button').click()`)
	w.until("it is taken back", `document.body.innerText.includes('T-7304 已并回这张工单')`)
	w.quiet()
}
