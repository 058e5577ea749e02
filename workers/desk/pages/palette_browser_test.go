package pages

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestThePaletteByKeyboard: Ctrl+K opens it, arrows and Enter go, an input method's keys are its own, and whoever has switched keys off has the
// browser's meaning (D23).
func TestThePaletteByKeyboard(t *testing.T) {
	w := browser(t)(t, chen, func(*fake) {})
	w.to("/desk/lists/mine")
	w.do(`document.dispatchEvent(new KeyboardEvent('keydown', {key: 'k', ctrlKey: true, isComposing: true, bubbles: true}))`)
	if js[bool](w, `document.getElementById('go').open`) {
		t.Error("it opens within a composition")
	}
	w.press("k", chromedp.ModifierCtrl)
	w.until("it is open, with what there is", `document.getElementById('go').open && document.activeElement.name === 'q' && document.querySelectorAll('#go-found a').length > 3`)
	w.insert("pay")
	w.until("what was typed narrows it", `document.querySelector('#go-found a').getAttribute('href') === '/desk/queues/payments'`)
	w.shot("palette")
	w.run(chromedp.KeyEvent("\u0301")) // arrow down
	w.until("an arrow goes to the first", `document.activeElement.getAttribute('href') === '/desk/queues/payments'`)
	w.press("\r", chromedp.ModifierNone)
	w.until("Enter goes there", `location.pathname === '/desk/queues/payments'`)
	w.press("k", chromedp.ModifierCtrl)
	w.until("open once more", `document.getElementById('go').open`)
	w.keys("\x1b")
	w.until("Escape closes it", `!document.getElementById('go').open`)
	w.do(`document.getElementById('keys-on').click()`)
	w.press("k", chromedp.ModifierCtrl)
	if js[bool](w, `document.getElementById('go').open`) {
		t.Error("it opens though keys are off")
	}
	w.quiet()
}
