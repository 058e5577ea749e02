package pages

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"frontdesk/templates/desk"
	"frontdesk/templates/desk/acts"
)

// repeated is the desk of staged with a message that was added to a ticket, and a ticket that may be about the same problem.
func repeated(f *fake) {
	staged(f)
	f.open(2250, "payments", "email", "zh-Hans", "王建国", "为什么同一笔订单被扣了两次", "请退回。", 5*time.Hour)
	f.mu.Lock()
	defer f.mu.Unlock()
	k := f.tickets[2304]
	k.Perhaps = &acts.Perhaps{Other: 2250, Subject: "为什么同一笔订单被扣了两次，请尽快把多扣的那一笔退回到原来的银行卡", Newer: 2304, Older: 2250}
	k.Guesses = []acts.Guess{{Category: "wrong-amount", Queue: "payments"}, {Category: "refund", Queue: "payments"}, {Category: "payment-failed", Queue: "payments"}}
	k.Lines = append(k.Lines, desk.Line{ID: "message-99", At: f.now().Add(-time.Minute), Kind: desk.Message, By: "王建国", Channel: "email", Language: "zh-Hans", New: true, Because: "near-copy",
		Text: "您好，我昨天买机票付款时页面卡住，再付一次后发现扣了两笔。订单号 TP-20261125-8821。"})
}

// tryRepeat: a message that was added says why, and is parted by one click; so is the other ticket merged.
func tryRepeat(t *testing.T, open opener) {
	w := open(t, lin, repeated)
	for _, c := range []struct {
		lang  string
		width int64
	}{{"en", 1440}, {"zh", 1440}, {"en", 390}, {"zh", 390}} {
		w.run(chromedp.EmulateViewport(c.width, 844))
		w.to("/desk/tickets/T-2304?lang=" + c.lang)
		w.do(`document.querySelector('.because').scrollIntoView({block: 'center'})`)
		w.look(fmt.Sprintf("repeat-%s-%d", c.lang, c.width), false, true)
		if js[bool](w, sideways) {
			t.Errorf("the page is wider than the window at %d", c.width)
		}
	}
	w.do(`document.querySelector('#guesses').scrollIntoView({block: 'center'})`)
	w.look("guesses-zh-390", false, true)
	w.do(`document.querySelector('#guesses form:nth-of-type(2) button').click()`)
	w.until("nothing is asked any more", `document.body.innerText.includes('已更正归属') && !document.querySelector('#guesses')`)
	w.until("why it is here", `document.querySelector('.because').innerText.includes('内容与此前的消息几乎相同')`)
	w.do(`document.querySelector('.because form button').click()`)
	w.until("it is a ticket of its own", `location.pathname === '/desk/tickets/T-7304'`)
	w.to("/desk/tickets/T-2304")
	w.do(`document.querySelector('#perhaps form button').click()`)
	w.until("the older one is shown", `location.pathname === '/desk/tickets/T-2250'`)
	w.quiet()
}
