package pages

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"frontdesk/templates/desk/acts"
)

// TestBlockedSendersFitEveryWindow: a long address and a wide language push nothing out of the page, and one click lets a sender in again.
func TestBlockedSendersFitEveryWindow(t *testing.T) {
	w := browser(t)(t, lead, func(f *fake) {
		f.blocks = []acts.Block{{ID: 1, Address: "a-very-long-address-that-nobody-would-choose.of-a-newsletter@bounces.news.shop.example", Message: 4, At: f.now(), By: "lin"}, {ID: 2, Address: "+861•••", Message: 9, At: f.now(), By: "chen"}}
	})
	for _, lang := range []string{"zh", "en"} {
		for _, width := range []int64{1440, 390} {
			w.run(chromedp.EmulateViewport(width, 900))
			w.to("/desk/parked?lang=" + lang)
			w.do(`document.getElementById('blocks').open = true`)
			if js[bool](w, sideways) {
				t.Errorf("in %s at %d the page is wider than the window", lang, width)
			}
			w.do(`document.querySelector('.pick').click()`)
			w.shot(fmt.Sprintf("parked-%s-%d", lang, width))
			w.accessible("parked")
		}
	}
	w.do(`document.querySelector('#blocks button').click()`)
	w.until("one is let in again, and the list stands open", `document.querySelectorAll('#blocks li').length === 1 && document.getElementById('blocks').open`)
	w.quiet()
}
