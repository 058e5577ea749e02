package main

import (
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/kinds"
	"frontdesk/configs"
)

// robot is another desk, or an out-of-office assistant, that answers every mail of ours.
type robot struct {
	name    string
	domain  string
	subject string // %d is the number of its new ticket
	text    string // likewise
	token   bool   // it keeps our subject behind its own
	replyTo bool   // it answers to Reply-To, else to From
	threads bool   // it sets In-Reply-To
	fixed   bool   // it always writes from the same address
	headers []string

	answered int
	tickets  int
}

// robotTexts are confirmations as desks send them that know no loop headers.
var robotTexts = []struct{ lang, subject, text string }{
	{"english", "Request #%d: we have received your message", "Hello,\n\nThank you for contacting Acme Support. Your request has been received and given the number %d. An agent will answer you soon.\n\nAcme Support"},
	{"chinese", "工单 %d 已创建", "尊敬的客户：\n\n我们已收到您的来信，工单号 %d。客服人员将尽快与您联系，请勿回复本邮件。\n\n星光科技客服中心"},
	{"casual", "Thanks for reaching out! (%d)", "Hi there!\n\nThanks for reaching out to Acme. One of our crew will get back to you as soon as possible, usually within a day. Your request is #%d.\n\nCheers, the Acme crew"},
	{"japanese style", "[Acme-%d] Anfrage eingegangen", "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Wir haben Ihre Anfrage unter der Nummer %d erfasst und melden uns in Kürze.\n\nIhr Acme Team"},
}

// answer makes the robot's mail to a mail of ours, or its first one for nil.
func (b *robot) answer(m *mail.Message) (from, to, raw string) {
	b.tickets++
	local := fmt.Sprintf("ticket-%d", 5000+b.tickets*7)
	if b.fixed {
		local = "assistant"
	}
	from, to = local+"@"+b.domain, "support@desk.example"
	subject := b.subject
	if strings.Contains(subject, "%d") {
		subject = fmt.Sprintf(subject, 81000+b.tickets)
	}
	headers := append([]string(nil), b.headers...)
	if m != nil {
		if b.token {
			subject += " Re: " + subjectOf(m)
		}
		if b.replyTo && m.Header.Get("Reply-To") != "" {
			if a, err := mail.ParseAddress(m.Header.Get("Reply-To")); err == nil {
				to = a.Address
			}
		}
		if b.threads {
			headers = append(headers, "In-Reply-To: "+m.Header.Get("Message-ID"), "References: "+m.Header.Get("Message-ID"))
		}
	}
	text := b.text
	if strings.Contains(text, "%d") {
		text = fmt.Sprintf(text, 81000+b.tickets)
	}
	return from, to, human("Acme <"+from+">", subject, fmt.Sprintf("%d.%d@%s", b.tickets, time.Now().UnixNano(), b.domain), text, headers...)
}

// play lets the robots answer until nobody says anything more, at most the given rounds. n is how many messages
// there have been before; the new count is returned.
func (r *rig) play(robots []*robot, rounds, n int) int {
	r.t.Helper()
	for range rounds {
		said := 0
		for _, b := range robots {
			letters := r.letters("@" + b.domain)
			for _, m := range letters[min(b.answered, len(letters)):] {
				b.answered++
				from, to, raw := b.answer(m)
				r.mustMail(from, raw, to)
				said++
			}
		}
		n += said
		r.quiet(n)
		if said == 0 {
			return n
		}
	}
	return n
}

// begin lets every robot write its first mail.
func (r *rig) begin(robots []*robot) int {
	for _, b := range robots {
		from, to, raw := b.answer(nil)
		r.mustMail(from, raw, to)
	}
	r.quiet(len(robots))
	return len(robots)
}

// capped fails for a robot that got more mails than that.
func (r *rig) capped(robots []*robot, most int, when string) {
	r.t.Helper()
	for _, b := range robots {
		letters := r.letters("@" + b.domain)
		if len(letters) > most {
			r.t.Errorf("%s, %s: %d mails of ours, want at most %d", b.name, when, len(letters), most)
		}
	}
}

// days lets four days pass, the hour of a cap and the delay of a digest first.
func (r *rig) days(robots []*robot, n int) int {
	r.t.Helper()
	passed := time.Duration(0)
	for _, d := range []time.Duration{61 * time.Minute, 61 * time.Minute, 20 * time.Hour, 5 * time.Hour, 25 * time.Hour, 25 * time.Hour, 20 * time.Hour} {
		r.age(d)
		passed += d
		n = r.play(robots, 6, n)
		r.capped(robots, 2, "after "+passed.String())
	}
	return n
}

// TestPain14TwoDesksAnswerEachOther: another desk answers each mail of ours with a confirmation,
// without any header, from a new address and with a new number each time. Two mails of ours are the
// most it ever gets, also over the following days.
func TestPain14TwoDesksAnswerEachOther(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	r := start(t, c)
	var robots []*robot
	for i, words := range robotTexts {
		for variant := range 8 {
			robots = append(robots, &robot{name: fmt.Sprintf("%s, token %t, reply-to %t, threads %t", words.lang, variant&1 > 0, variant&2 > 0, variant&4 > 0),
				domain: fmt.Sprintf("desk%d-%d.example", i, variant), subject: words.subject, text: words.text,
				token: variant&1 > 0, replyTo: variant&2 > 0, threads: variant&4 > 0})
		}
	}
	n := r.play(robots, 6, r.begin(robots))
	r.capped(robots, 2, "on the first day")
	n = r.days(robots, n)
	t.Logf("%d robots wrote %d mails", len(robots), n)
}

// TestPain14TwoDesksWithProperHeaders: a desk that marks its confirmations gets one mail at most.
func TestPain14TwoDesksWithProperHeaders(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	var robots []*robot
	for i, headers := range [][]string{
		{"Auto-Submitted: auto-replied"}, {"Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"}, {"Precedence: bulk"},
		{"X-Autoreply: yes"}, {"X-Auto-Response-Suppress: All"}, {"Precedence: auto_reply"},
	} {
		robots = append(robots, &robot{name: strings.Join(headers, ", "), domain: fmt.Sprintf("marked%d.example", i), subject: robotTexts[2].subject, text: robotTexts[2].text, headers: headers, replyTo: i%2 == 0})
	}
	people := len(robots)
	for i, b := range robots { // a person of theirs writes first, so that there is something to answer
		from := "ann@" + b.domain
		r.mustMail(from, human(from, "Payment failed", fmt.Sprintf("p%d@%s", i, b.domain), "My payment failed yesterday, please check."))
	}
	r.quiet(people)
	n := r.play(robots, 6, people)
	r.age(25 * time.Hour)
	r.play(robots, 6, n)
	for _, b := range robots {
		if got := len(r.letters("@" + b.domain)); got != 1 {
			t.Errorf("%s: %d mails of ours, want 1", b.name, got)
		}
	}
}

// TestOutOfOfficeLoopWithoutHeaders: an assistant without headers that answers everything gets two
// mails at most, over days, digests among them.
func TestOutOfOfficeLoopWithoutHeaders(t *testing.T) {
	t.Parallel()
	c := testConfig(t)
	c.Screening.AcksPerSenderHour, c.Screening.AcksPerSenderDay = configs.Default("x", kinds.All()).Screening.AcksPerSenderHour, configs.Default("x", kinds.All()).Screening.AcksPerSenderDay
	r := start(t, c)
	var robots []*robot
	for i, words := range []struct{ subject, text string }{
		{"Out of office: Ann Lee", "Thank you for your message. I am out of the office until Monday with limited access to e-mail."},
		{"I'm away", "Hi, I'm travelling this week and will read my mail when I'm back. For anything urgent call Bob."},
		{"自动回复：休假中", "您好，我正在休假，11月30日回来后会尽快回复您的邮件。"},
		{"出差中", "您好，我这周在外地出差，回来以后再处理邮件，急事请打电话。"},
	} {
		for variant := range 4 {
			robots = append(robots, &robot{name: fmt.Sprintf("%q, token %t, threads %t", words.subject, variant&1 > 0, variant&2 > 0), domain: fmt.Sprintf("away%d-%d.example", i, variant),
				subject: words.subject, text: words.text, token: variant&1 > 0, threads: variant&2 > 0, fixed: true, replyTo: variant == 3})
		}
	}
	n := 0
	for _, b := range robots {
		r.mustMail("assistant@"+b.domain, human("assistant@"+b.domain, "Payment failed", "first@"+b.domain, "My payment for order 4711 failed, please check."))
		n++
	}
	r.quiet(n)
	n = r.play(robots, 6, n)
	r.capped(robots, 2, "on the first day")
	r.days(robots, n)
}
