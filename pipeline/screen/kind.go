package screen

import (
	"strings"

	"frontdesk/pipeline/message"
)

// kind finds out what the message is; the first that fits wins.
func (c *check) kind() {
	switch {
	case c.m.Echo:
		c.is(Echo, "the provider handed our own send back")
	case c.f.OwnMessage:
		c.is(Echo, "its Message-ID is one of ours")
	case c.mail() && !c.f.NamedForm && c.report():
	case own(c.m.From.Value, c.s.Own):
		c.is(Own, "the sender is one of our own addresses")
	case c.mail() && !c.f.NamedForm && c.automatic():
	case c.mail() && c.headers.list() && !c.f.OwnList && !c.f.NamedForm:
		c.is(List, "it carries the fields of a mailing list")
	case c.blank():
		c.is(Empty, "no subject, no text and no attachment")
	default:
		c.Kind = Human
	}
}

func (c *check) is(k Kind, reason string) {
	c.Kind = k
	c.because(reason)
}

func (c *check) blank() bool {
	return c.text == "" && c.subject == "" && len(c.m.Attachments) == 0 && strings.TrimSpace(c.m.HTML) == "" && !c.m.Encrypted
}

// report recognises delivery reports, read receipts and abuse reports.
func (c *check) report() bool {
	if r := c.m.Report; r != nil {
		switch r.Kind {
		case message.MDN:
			c.is(MDN, "a disposition notification")
			return true
		case message.ARF:
			c.is(ARF, "a feedback report")
			return true
		}
	}
	switch t := c.headers.reportType(); {
	case t == "feedback-report", strings.HasPrefix(c.subject, "complaint about message from ") && strings.HasPrefix(addr(c.m.From.Value), "staff@"):
		c.is(ARF, "a feedback report")
	case t == "disposition-notification":
		c.is(MDN, "a disposition notification")
	case c.m.Report != nil && c.m.Report.Kind == message.DSN, t == "delivery-status":
		c.is(DSN, "a delivery status notification")
	case c.odd():
	default:
		return false
	}
	return true
}

// odd recognises delivery reports in forms of their own. Each sign but the first two needs a
// second one, so that a person who writes about a bounce is not taken for one.
func (c *check) odd() bool {
	if c.headers.has("x-failed-recipients") {
		c.is(DSN, "it lists failed recipients")
		return true
	}
	from := c.m.From.Value
	null := c.nullSender()
	told := (null || !c.reply()) && hasAny(c.subject, bounceSubjects)
	switch {
	case c.notice():
		return false
	case daemon(from):
		c.is(DSN, "the sender is a mail system")
	case c.robotName() && (null || told || c.bounced()):
		c.is(DSN, "the sender calls itself a mail system")
	case null && (told || c.reportPart() || c.bounced()):
		c.is(DSN, "the null sender and the words of a delivery failure")
	case told && (c.reportPart() || c.bounced()):
		c.is(DSN, "subject and text of a delivery failure")
	case c.reportPart() && !c.reply() && c.bounced():
		c.is(DSN, "a delivery status part and the words of a delivery failure")
	default:
		return false
	}
	return true
}

// robotName reports whether the sender looks like a mail system without certainty.
func (c *check) robotName() bool {
	local, _, _ := strings.Cut(addr(c.m.From.Value), "@")
	name := strings.ToLower(c.m.From.Name)
	return strings.Trim(strings.ReplaceAll(local, "_", ""), "0123456789") == "postmaster" || local == "root" || local == "daemon" || c.m.From.IsZero() || robot(c.m.From.Value) ||
		strings.Contains(name, "mail delivery") || strings.Contains(name, "mailer-daemon") || strings.Contains(name, "mail administrator") || strings.Contains(name, "postmaster")
}

// nullSender reports whether the message came with an empty reverse-path (RFC 5321 §4.5.5).
func (c *check) nullSender() bool {
	if c.m.Envelope.HasMailFrom {
		return c.m.Envelope.MailFrom == ""
	}
	path, ok := c.headers.first("return-path")
	return ok && strings.Trim(path, "<> \t") == ""
}

// reportPart reports whether a part is one that only reports have.
func (c *check) reportPart() bool {
	for _, a := range c.m.Attachments {
		switch strings.ToLower(a.MediaType) {
		case "message/delivery-status", "text/rfc822-headers", "message/global-delivery-status":
			return true
		}
	}
	return false
}

// bounced reports whether the text speaks of a delivery failure.
func (c *check) bounced() bool {
	if !c.bounce {
		c.bounce = hasAny(c.text, bounceWords) || hasAny(strings.ToLower(clip(c.m.Text, 2*lookAt)), bounceWords)
	}
	return c.bounce
}

// reply reports whether a person may be answering or passing on.
func (c *check) reply() bool {
	for _, p := range []string{"re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "re：", "回复", "答复", "转发", "回覆", "轉寄"} {
		if strings.HasPrefix(c.subject, p) {
			return true
		}
	}
	return false
}

// automatic recognises what machines write on a person's behalf or on their own.
func (c *check) automatic() bool {
	switch {
	case c.headers.autoSubmitted():
		c.is(Auto, "Auto-Submitted says that a machine sent it")
	case c.headers.robotField() != "":
		c.is(Auto, "it carries a field that automatic mail has")
	case c.headers.precedence("auto_reply", "auto-reply"):
		c.is(Auto, "its precedence is that of an automatic reply")
	case c.headers.precedence("bulk", "junk") && !c.headers.has("list-post"):
		c.is(Auto, "its precedence is that of bulk mail")
	case c.nullSender():
		c.is(Auto, "it came with the null sender")
	case c.notice():
		c.is(Auto, "subject or text is that of an absence notice")
	default:
		return false
	}
	return true
}

// notice recognises vacation notices that carry no header which says so.
func (c *check) notice() bool {
	s := strings.TrimLeft(c.subject, "[(【 ")
	for _, p := range noticeSubjects {
		rest, ok := strings.CutPrefix(s, p)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], ":-([]),.") || strings.HasPrefix(rest, "：") || strings.HasPrefix(rest, "】") || strings.HasPrefix(rest, " -") || strings.HasPrefix(rest, " :")) {
			return true
		}
	}
	for _, p := range absenceSubjects {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	if len(c.m.InReplyTo) == 0 && !c.reply() {
		return false
	}
	return hasAny(clip(c.text, 300), noticeTexts)
}

// optOut reads the words with which customers of short messages leave and come back.
func (c *check) optOut() {
	if c.mail() {
		return
	}
	c.OptOut = c.m.OptOut
	word := strings.Trim(c.text, " \t\r\n.!。！\"'“”")
	if c.OptOut == "" && c.m.Channel == "sms" {
		c.OptOut = optWords[word]
		if carrierWords[word] {
			c.OptOut, c.unclear = "stop", true
		}
	}
	if c.OptOut == "" && word == "/stop" {
		c.OptOut = "stop"
	}
	switch c.OptOut {
	case "stop":
		c.because("the customer does not want messages any more")
	case "start":
		c.because("the customer wants messages again")
	}
}
