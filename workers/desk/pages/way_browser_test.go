package pages

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// tryWay: another channel is chosen while a text is being written, which stays; what is heard later leaves the choice as it is, and the reply goes so.
func tryWay(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.desk.mu.Lock()
	w.desk.elsewhere = "+86 139 0000 1111"
	w.desk.mu.Unlock()
	for _, c := range []struct {
		lang  string
		width int64
	}{{"en", 1440}, {"zh", 390}} {
		w.run(chromedp.EmulateViewport(c.width, 844))
		w.to("/desk/tickets/T-2304?lang=" + c.lang)
		w.do(`(t => { t.value = ''; t.dispatchEvent(new Event('input', { bubbles: true })); })(document.getElementById('reply-text'))`)
		w.write("It is on its way.")
		w.click("#reply-form .elsewhere summary")
		w.look(fmt.Sprintf("ways-%s-%d", c.lang, c.width), false, true)
		w.click("#reply-form [name=choose][value=phone]")
		w.until("the page is made for it", `location.search.includes('by=phone') && document.querySelector('#reply-form [name=by]').value === 'phone'`)
		w.until("the text stays", replyText+` === 'It is on its way.'`)
		w.until("its parts are counted", `document.querySelector('#reply-form [data-parts]').textContent !== ''`)
		if js[bool](w, sideways) {
			t.Errorf("the page is wider than the window at %d", c.width)
		}
		w.look(fmt.Sprintf("way-%s-%d", c.lang, c.width), false, true)
	}
	w.click("#reply-form .primary")
	w.until("it is sent", `location.search.includes('sent=')`)
	w.quiet()
}
