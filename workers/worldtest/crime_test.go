package worldtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// number is somebody's who texts.
func (w *world) number() string { return fmt.Sprintf("+86138001%05d", 38000+w.script.n(5)) }

// forgedBounce says that a mail of ours to somebody did not arrive, as whoever has seen its Message-ID in an answer can.
func (w *world) forgedBounce() {
	d := w.script
	victim := w.victim()
	id := w.stolen(victim)
	if id == "" {
		w.forgedReport()
		return
	}
	it := w.bounce(pick(d, victim, victim, mallory, w.person()), id, pick(d, "", "", mallory, "mailer-daemon@mx.example"))
	it.by, it.proof = mallory, pick(d, silent, refuted, unsure)
	w.story.tell("item %d is %s's: a report about a mail to %s, as if to %s, from <%s> (%s)", it.n, mallory, victim, it.final, it.envelope, it.proof)
	if d.chance(0.5) {
		w.deliver(it, support)
	} else {
		w.box(support).put(it)
	}
}

// stolenSignature shows a signature of the app that was made for somebody or something else. The right one says
// who she is, and of a number beside it nothing.
func (w *world) stolenSignature() {
	victim, number := w.victim(), w.number()
	past, future := time.Now().Add(-time.Minute).Format(time.RFC3339), time.Now().Add(time.Hour).Format(time.RFC3339)
	for _, from := range []map[string]string{
		{"email": victim, "signature": signature("app", "email", mallory, "")},
		{"email": victim, "signature": signature("app", "email", victim, past), "signed_until": past},
		{"email": victim, "signature": signature("app", "email", victim, past), "signed_until": future},
		{"email": victim, "signature": signature("form", "email", victim, "")},
		{"email": victim, "phone": number, "signature": signature("app", "phone", number, "")},
		{"email": victim, "telegram": "7000001", "signature": signature("app", "telegram", "7000001", "")},
	} {
		body, _ := json.Marshal(map[string]any{"id": fmt.Sprintf("forged-%d", w.script.n(1<<30)), "from": from, "text": "this is me"})
		w.after(0, func() {
			if p, status := w.post("/api/app", appHeader(), body); status/100 == 2 {
				w.fail("nothing forged is taken", "%s took a call with a signature of another identity: %v", p.name(), from)
			}
		})
	}
	it := w.book.add(&item{what: person, from: mallory, by: mallory, signed: true, text: w.words()})
	w.intoApp(it, map[string]string{"email": mallory, "phone": number, "signature": signature("app", "email", mallory, "")}, "From the app")
	w.after(w.lateness(), func() { w.handsOver(it) })
}

func appHeader() http.Header {
	return http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + apiToken}}
}

// claimsATicket names somebody's ticket as its owner would, by form or app, in his name.
func (w *world) claimsATicket() {
	d := w.script
	victim := w.victim()
	text, subject := w.words(), "From the app"
	if s := w.lastTo(victim); s != nil {
		subject = "Re: " + strings.SplitN(s.text, "\n", 2)[0]
	}
	it := w.book.add(&item{what: person, from: victim, by: mallory, text: text + "\n" + subject})
	w.story.tell("item %d is %s's, in the name of %s, with the subject of a mail to him", it.n, mallory, victim)
	number := pick(d, "", w.number())
	if d.chance(0.5) {
		w.fills(it, victim, number)
		return
	}
	from := map[string]string{"email": victim}
	if number != "" {
		from["phone"] = number
	}
	w.intoApp(it, from, subject)
	w.after(w.lateness(), func() { w.handsOver(it) })
}

// claimsANumber types numbers and no more, where that may bring texts to them: of people who write, and of others.
func (w *world) claimsANumber() {
	for range 1 + w.script.n(4) {
		number := pick(w.script, w.number(), fmt.Sprintf("+86138002%05d", 38000+w.script.n(50)))
		it := w.book.add(&item{what: person, from: number, by: mallory, text: w.words()})
		if w.script.chance(0.5) {
			w.fills(it, "", number)
			continue
		}
		w.intoApp(it, map[string]string{"phone": number}, "From the app")
		w.after(w.lateness(), func() { w.handsOver(it) })
	}
}

// takesIn puts addresses on Cc: those of others on a mail of hers, or her own on one in another's name; then she answers
// her own mail.
func (w *world) takesIn() {
	d := w.script
	victim, text, more := w.victim(), w.words(), w.words()
	if d.chance(0.4) {
		other := w.person()
		it := w.mail(person, mallory, support, mallory, "About our order", text, "Cc: "+victim+", "+other)
		it.proof, it.cc = vouched, []string{victim, other}
		w.box(support).put(it)
		return
	}
	it := w.mail(person, victim, support, pick(d, mallory, victim), "About my order", text, "Cc: "+mallory)
	it.by, it.proof, it.cc = mallory, silent, []string{mallory}
	w.story.tell("item %d is %s's, in the name of %s, with herself on Cc", it.n, mallory, victim)
	w.box(support).put(it)
	w.after(d.between(10*time.Second, 10*time.Minute), func() { w.answersAll(it, mallory, more) })
}

// answersAll is the answer of somebody on Cc.
func (w *world) answersAll(to *item, who, text string) {
	id := strings.TrimPrefix(string(to.id()), "Message-ID: ")
	it := w.mail(person, who, support, who, "Re: "+to.subject, text, "In-Reply-To: "+id, "References: "+id)
	if who == mallory {
		it.proof = vouched
	}
	w.box(support).put(it)
}

// lastTo is the last mail of ours to somebody.
func (w *world) lastTo(address string) *send {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	for i := len(w.book.sends) - 1; i >= 0; i-- {
		if s := w.book.sends[i]; s.channel == "email" && s.to == address {
			return s
		}
	}
	return nil
}

// reports: a report fails the mail that it fits and no other, and no address is marked because of one.
func (j *judge) reports(r *record) {
	j.each(`SELECT kind, value FROM identities WHERE failed`, func(scan func(...any) error) error {
		var kind, value string
		err := scan(&kind, &value)
		if kind != "telegram" && value != "" && !unread(value) {
			j.w.fail("a report marks no address", "%s", value)
		}
		return err
	})
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	fits := map[string]bool{}
	for _, it := range b.items {
		if it.names == "" || it.envelope != "" || it.proof == refuted {
			continue
		}
		for _, s := range b.sends {
			fits[s.key] = fits[s.key] || s.id == it.names && s.to == it.final
		}
	}
	for _, e := range r.effects {
		if e.channel == "email" && e.cause == "bounced" && !fits[e.key] {
			j.w.fail("a report fails only what it fits", "effect %d of ticket %d to %s", e.id, e.ticket, e.to)
		}
	}
}

// unread reports whether nothing can be sent to that address.
func unread(address string) bool {
	return strings.HasPrefix(address, "gone") || strings.HasSuffix(address, "0000")
}
