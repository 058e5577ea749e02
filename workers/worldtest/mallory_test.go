package worldtest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// mallory is somebody who takes others' places. Her own address is her own.
const mallory = "mallory@evil.example"

// mallory does one of the things that she knows.
func (w *world) mallory() {
	d := w.script
	switch d.n(12) {
	case 0:
		w.claims()
	case 1:
		w.forgedReport()
	case 2:
		w.forgedCall()
	case 4, 5:
		w.forgedBounce()
	case 6:
		w.stolenSignature()
	case 7:
		w.claimsATicket()
	case 8:
		w.claimsANumber()
	case 9:
		w.takesIn()
	case 3: // the same name on many inboxes, often
		victim := w.victim()
		for range 2 + d.n(3) {
			w.forges(victim)
		}
	default:
		w.forges(w.victim())
	}
}

// victim is somebody by mail whose place is worth taking: who has been answered, if there is one.
func (w *world) victim() string {
	if s := w.lastAck("email"); s != nil && w.script.chance(0.7) {
		return s.to
	}
	return w.person()
}

// forges is a mail in somebody's name, or in her own with a reference that she has seen somewhere.
func (w *world) forges(victim string) {
	d := w.script
	text := w.words()
	from, envelope, how := victim, pick(d, mallory, victim), pick(d, silent, refuted, unsure)
	if d.chance(0.2) {
		from, envelope, how = mallory, mallory, vouched
	}
	subject, extra := pick(d, "About my order", "Re: About my order", "About my order "+order.FindString(text)), []string{}
	switch ref := w.stolen(victim); {
	case ref != "" && d.chance(0.6):
		extra = []string{"In-Reply-To: <" + ref + ">", "References: <" + ref + ">"}
	case d.chance(0.3): // the server of the mailbox puts its own word above this
		extra = []string{"Authentication-Results: " + authserv + "; dmarc=pass header.from=" + victim[strings.LastIndex(victim, "@")+1:]}
	}
	it := w.mail(person, from, support, envelope, subject, text, extra...)
	it.by, it.proof = mallory, how
	w.story.tell("item %d is %s's, in the name of %s (%s)", it.n, mallory, from, how)
	for _, to := range pick(d, []string{support}, []string{billing}, []string{support, billing}) {
		if d.chance(0.5) {
			w.deliver(it, to)
		} else {
			w.box(to).put(it)
		}
	}
}

// stolen is the Message-ID of a mail of ours to somebody.
func (w *world) stolen(victim string) string {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	for i := len(w.book.sends) - 1; i >= 0; i-- {
		if s := w.book.sends[i]; s.channel == "email" && s.to == victim {
			return s.id
		}
	}
	return ""
}

// claims is what she types into a form of the app: somebody's address, or one of hers at which nobody
// reads with somebody's number beside it.
func (w *world) claims() {
	d := w.script
	from := map[string]string{"email": w.victim()}
	switch d.n(3) {
	case 0:
		from = map[string]string{"email": "gone@evil.example", "phone": fmt.Sprintf("+86138001%05d", 38000+d.n(5))}
	case 1:
		from["phone"] = fmt.Sprintf("+86138001%05d", 38000+d.n(5))
	}
	it := w.book.add(&item{what: person, from: from["email"], by: mallory, text: w.words()})
	w.intoApp(it, from, "From the app "+order.FindString(it.text))
	w.after(w.lateness(), func() { w.handsOver(it) })
}

// forgedReport says of a mail that it did not arrive: of one that never was, or of hers as if it had been
// somebody else's.
func (w *world) forgedReport() {
	id := fmt.Sprintf("ack.%d.forged@desk.example", 1+w.script.n(40))
	if own := w.stolen(mallory); own != "" && w.script.chance(0.5) {
		id = own
	}
	it := w.bounce(w.victim(), id, "")
	w.book.mu.Lock()
	it.by = mallory
	w.book.mu.Unlock()
	w.box(support).put(it)
}

// forgedCall is a STOP in somebody's name that the provider has not signed.
func (w *world) forgedCall() {
	body := []byte(url.Values{"MessageSid": {fmt.Sprintf("SMf%031x", w.script.n(1<<30))}, "AccountSid": {accountSID}, "From": {fmt.Sprintf("+86138001%05d", 38000+w.script.n(5))},
		"To": {hotline}, "Body": {"STOP"}, "NumMedia": {"0"}}.Encode())
	w.after(0, func() {
		for _, signed := range []string{"", "AAAA", signTwilio(hookURL+"?", body)} {
			header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Twilio-Signature": {signed}}
			if p, status := w.post("/hooks/hotline", header, body); status/100 == 2 {
				w.fail("nothing forged is taken", "%s took a call that nobody signed", p.name())
			}
		}
	})
}
