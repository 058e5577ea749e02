package pages

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// pastes pastes a picture into the reply, as a browser tells of it; with words: a text is in the clipboard, too.
func (w *window) pastes(words bool) {
	w.t.Helper()
	more := ""
	if words {
		more = `d.setData('text/plain', 'words');`
	}
	w.do(`(() => { const d = new DataTransfer(); ` + more + ` d.items.add(new File([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])], 'screen.png', { type: 'image/png' }));
		document.getElementById('reply-text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: d, bubbles: true, cancelable: true })); })()`)
}

const replyText = `document.getElementById('reply-text').value`

// tryPaste: a pasted picture stands in the text, in the preview and beside it, in both languages and on a phone, and goes with what is sent.
func tryPaste(t *testing.T, open opener) {
	w := open(t, lin, staged)
	for i, c := range []struct {
		lang, preview string
		width         int64
	}{{"en", "Close the preview", 1440}, {"zh", "收起预览", 390}} {
		w.run(chromedp.EmulateViewport(c.width, 844))
		w.to("/desk/tickets/T-2304?lang=" + c.lang)
		w.focus("#reply-text")
		w.insert("**Look** ")
		w.pastes(false)
		w.until("the picture stands in the text", replyText+`.includes('**Look** ![screen.png](file:')`)
		w.until("and beside it", `document.querySelectorAll('#reply-form [data-file]').length === 1`)
		w.click("#reply-form [data-preview]")
		w.until("the preview shows both", `(p => !p.hidden && p.querySelector('strong').textContent === 'Look' && p.querySelector('img').getAttribute('src').includes('/files/'))(document.querySelector('#reply-form [data-shown]'))`)
		if got := js[string](w, `document.querySelector('#reply-form [data-preview]').textContent`); got != c.preview {
			t.Errorf("the button says %q", got)
		}
		if js[bool](w, sideways) {
			t.Errorf("the page is wider than the window at %d", c.width)
		}
		w.look(fmt.Sprintf("preview-%s-%d", c.lang, c.width), i == 1, true)
		w.click("#reply-form [data-remove]")
		w.until("taken away it is gone from both", `!document.querySelector('#reply-form [data-file]') && !`+replyText+`.includes('file:')`)
		w.do(`(t => { t.value = ''; t.dispatchEvent(new Event('input', { bubbles: true })); })(document.getElementById('reply-text'))`)
	}
	w.pastes(true) // from a document: people want its words
	w.insert("Here: ")
	w.pastes(false)
	w.until("one picture", replyText+`.includes('Here: ![screen.png](file:')`)
	w.click("#reply-form .primary")
	w.until("it is sent", `location.search.includes('sent=')`)
	w.desk.mu.Lock()
	defer w.desk.mu.Unlock()
	sent := 0
	for _, l := range w.desk.tickets[2304].Lines {
		if len(l.Files) == 1 && strings.HasPrefix(l.Text, "Here: ![screen.png](file:") {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("%d replies with the picture", sent)
	}
	w.quiet()
}
