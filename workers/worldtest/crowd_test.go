package worldtest

import (
	"fmt"
	"time"
)

// crowd is a handful of messages that kill whoever reads them, among those of people who did no harm, before processes
// that take their time: a death has to be counted against the one that brought it.
func (w *world) crowd() {
	d := w.crowds
	w.ponder(3 * time.Minute)
	for range 2 + d.n(2) {
		who, text := fmt.Sprintf("dear%d@c1.example", d.n(4)), deadly+" "+w.wordsBy(d)
		if d.chance(0.3) {
			w.phone.receive(w.book.add(&item{what: killer, from: fmt.Sprintf("+86138001%05d", 38000+d.n(5)), text: text}))
		} else {
			w.box(support).put(w.mail(killer, who, support, who, "About my order", text))
		}
	}
	for range 4 + d.n(5) {
		if d.chance(0.5) {
			chat := int64(7_000_001 + d.n(6))
			w.chat.receive(w.book.add(&item{what: person, from: fmt.Sprint(chat), chat: chat, text: w.wordsBy(d)}), nil)
		} else {
			who := fmt.Sprintf("dear%d@c1.example", d.n(4))
			w.box(support).put(w.mail(person, who, support, who, "About my order", w.wordsBy(d)))
		}
	}
}
