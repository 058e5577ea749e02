package worldtest

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// cards are numbers that pass every check of a card number; none may be readable anywhere.
var cards = []string{"4111111111111111", "5555555555554444", "378282246310005", "6250941006528599"}

var problems = []string{
	"my payment failed and the money is gone, order %d", "I want a refund for order %d please", "我的付款失败了，订单号 %d，请尽快处理",
	"the withdrawal of order %d has not arrived", "how do I change the e-mail address of my account? my number is %d", "請問訂單 %d 的退款什麼時候到帳？", "hello, a question about %d",
}

// words are what somebody says, never the same twice.
func (w *world) words() string { return w.wordsBy(w.script) }

func (w *world) wordsBy(d *dice) string {
	w.said++
	return fmt.Sprintf(pick(d, problems...), 10_000_000+w.said*977)
}

// customer writes something on a channel of his.
func (w *world) customer() {
	switch d := w.script; {
	case d.chance(0.1):
		w.posts()
	case d.chance(0.07):
		w.fillsForm()
	case d.chance(0.45):
		w.writesMail()
	case d.chance(0.55):
		w.texts()
	default:
		w.chats()
	}
}

func (w *world) person() string {
	return fmt.Sprintf("person%d@c%d.example", w.script.n(6), w.script.n(3))
}

// formatted is a mail with the same words in HTML beside its text.
func formatted(raw, body string) string {
	raw = strings.Replace(raw, "Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/alternative; boundary=alt", 1)
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	part := func(kind, text string) string {
		return "--alt\r\nContent-Type: text/" + kind + "; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text + "\r\n"
	}
	return head + "\r\n\r\n" + part("plain", body) + part("html", "<p onclick=x()>"+html.EscapeString(body)+"</p>") + "--alt--\r\n"
}

// mail is the raw form of a mail with these fields.
func (w *world) mail(what, from, to, envelope, subject, body string, extra ...string) *item {
	w.mu.Lock()
	w.mails++
	mails := w.mails
	w.mu.Unlock()
	id := fmt.Sprintf("<m%d.%d@%s>", mails, w.seed, strings.SplitN(from, "@", 2)[1])
	lines := []string{"Return-Path: <" + envelope + ">", "From: Li <" + from + ">", "To: " + to, "Subject: " + subject, "Date: " + time.Now().Format(time.RFC1123Z),
		"MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"}
	if !hasField(extra, "Message-ID") {
		lines = append(lines, "Message-ID: "+id)
	}
	raw := strings.Join(append(lines, extra...), "\r\n") + "\r\n\r\n" + body + "\r\n"
	if what == person && mails%3 == 0 {
		raw = formatted(raw, body)
	}
	return w.book.add(&item{what: what, from: from, to: to, envelope: envelope, subject: subject, text: body, raw: []byte(raw), proof: usual(from)})
}

func hasField(lines []string, name string) bool {
	for _, l := range lines {
		if strings.HasPrefix(l, name+":") {
			return true
		}
	}
	return false
}

// writesMail is one mail, by one or several ways at once.
func (w *world) writesMail() {
	d := w.script
	from, to, text := w.person(), support, w.words()
	if d.chance(0.05) {
		from = "gone@c1.example" // nobody reads what we send there
	}
	if d.chance(0.15) {
		text += "\r\nmy card is " + pick(d, cards...)
	}
	if d.chance(0.02) {
		text = deadly + " " + text
	}
	var extra []string
	what, subject := person, pick(d, "About my order", "About my order "+order.FindString(text))
	switch {
	case d.chance(0.05):
		what, from, extra = machine, fmt.Sprintf("machine%d@c4.example", d.n(4)), []string{"Auto-Submitted: auto-generated"}
	case d.chance(0.05):
		what, from = other, otherDesk
	case d.chance(0.2) && w.lastAck("email") != nil:
		s := w.lastAck("email")
		from, extra = s.to, []string{"In-Reply-To: <" + s.id + ">", "References: <" + s.id + ">"}
		subject = pick(d, "About my order", strings.SplitN(s.text, "\n", 2)[0])
	}
	if strings.Contains(text, deadly) {
		what = killer
	}
	var cc []string
	if what == person && d.chance(0.1) {
		cc = []string{pick(d, mallory, w.person())}
		extra = append(extra, "Cc: "+cc[0])
	}
	it := w.mail(what, from, to, from, subject, text, extra...)
	if it.cc = cc; cc != nil && cc[0] != from && d.chance(0.6) {
		more := w.words()
		w.after(d.between(5*time.Second, 2*time.Minute), func() { w.answersAll(it, cc[0], more) })
	}
	switch {
	case d.chance(0.1): // to both of our addresses
		w.box(support).put(it)
		w.box(billing).put(it)
	case d.chance(0.1): // into the mailbox and to the door
		w.box(support).put(it)
		w.after(w.lateness(), func() { w.deliver(it, support) })
	case d.chance(0.5):
		w.deliver(it, pick(d, support, billing))
	default:
		w.box(support).put(it)
	}
}

// otherDesk is a ticket system that confirms whatever comes, and never says that it is a machine.
const otherDesk = "helpdesk@other.example"

// reacts is what a mail of ours brings about where it arrives.
func (w *world) reacts(to, id, subject string) {
	answer := []string{"In-Reply-To: <" + id + ">", "References: <" + id + ">"}
	in := w.chaos.between(time.Second, 20*time.Second)
	switch {
	case to == otherDesk:
		w.after(in, func() {
			w.mu.Lock()
			w.confirmed++
			n := w.confirmed
			w.mu.Unlock()
			it := w.mail(other, otherDesk, support, otherDesk, fmt.Sprintf("[Case %d] %s", 5000+n, subject), fmt.Sprintf("Thank you for your message. Your request was received and has case number %d. We will come back to you.", 5000+n),
				pick(w.chaos, answer, nil)...)
			w.box(support).put(it)
		})
	case strings.HasPrefix(to, "person0@") && w.chaos.chance(0.5):
		w.after(in, func() {
			w.box(support).put(w.mail(machine, to, support, "", "Out of office: "+subject, "I am away until Monday.", append(answer, "Auto-Submitted: auto-replied")...))
		})
	case strings.HasPrefix(to, "person5@") && w.chaos.chance(0.5):
		w.after(in, func() { w.box(support).put(w.bounce(to, id, "")) })
	}
}

// bounce is a report that a mail of ours did not arrive (RFC 3464).
func (w *world) bounce(to, id, envelope string) *item {
	body := strings.Join([]string{"--b", "Content-Type: text/plain", "", "Your message could not be delivered.", "--b", "Content-Type: message/delivery-status", "",
		"Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; " + to, "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 no such user", "",
		"--b", "Content-Type: text/rfc822-headers", "", "Message-ID: <" + id + ">", "Subject: ours", "", "--b--"}, "\r\n")
	it := w.mail(machine, "mailer-daemon@mx.example", support, envelope, "Undelivered Mail Returned to Sender", body, "Auto-Submitted: auto-replied")
	it.names, it.final = id, to
	it.raw = []byte(strings.Replace(string(it.raw), "Content-Type: text/plain; charset=utf-8", "Content-Type: multipart/report; report-type=delivery-status; boundary=b", 1))
	return it
}

// lastAck is a mail of ours that somebody may answer.
func (w *world) lastAck(channel string) *send {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	for i := len(w.book.sends) - 1; i >= 0 && i > len(w.book.sends)-6; i-- {
		if s := w.book.sends[i]; s.channel == channel && strings.HasPrefix(s.to, "person") {
			return s
		}
	}
	return nil
}

// deliver is another mail server that tries until we take the mail.
func (w *world) deliver(it *item, to string) {
	w.after(0, func() {
		for try := 0; !w.over.Load(); try++ {
			if w.submitted(it, to) {
				return
			}
			time.Sleep(min(10*time.Second<<min(try, 6), 10*time.Minute))
		}
	})
}

func (w *world) submitted(it *item, to string) bool {
	p := w.anyone(func(p *process) bool { return p.takes })
	if p == nil {
		return false
	}
	if w.trouble(w.odds.cut, "a mail is cut off on its way to the door") {
		submit(p, it, to, true)
		return false
	}
	accepted, _ := submit(p, it, to, false)
	if !accepted {
		return false
	}
	w.book.taken(it, mailboxes[to])
	return !w.trouble(w.odds.lost, "our 250 is lost") // else the other server sends it again
}

// texts is one SMS.
func (w *world) texts() {
	d := w.script
	from := fmt.Sprintf("+86138001%05d", 38000+d.n(5))
	if d.chance(0.05) {
		from = "+8613800130000"
	}
	it := &item{what: person, from: from, text: w.words()}
	switch {
	case d.chance(0.1):
		it.what, it.text = optOut, "STOP"
	case d.chance(0.05):
		it.what, it.text = optIn, "START"
	case d.chance(0.1):
		it.text += " card " + pick(d, cards...)
	case d.chance(0.02):
		it.what, it.text = killer, deadly+" "+it.text
	}
	w.phone.receive(w.book.add(it))
}

// chats is one message of a messenger, and maybe a change of its words.
func (w *world) chats() {
	d := w.script
	chat := int64(7_000_001 + d.n(6))
	if d.chance(0.05) {
		chat = 7_000_010
	}
	it := w.book.add(&item{what: person, from: fmt.Sprint(chat), chat: chat, text: w.words()})
	if d.chance(0.1) {
		it.text += " 我的卡号 " + pick(d, cards...)
	}
	w.chat.receive(it, nil)
	if d.chance(0.2) {
		w.after(d.between(2*time.Second, time.Minute), func() {
			w.chat.receive(w.book.add(&item{what: person, from: fmt.Sprint(chat), chat: chat, text: it.text + " (sorry, corrected)"}), it)
		})
	}
}
