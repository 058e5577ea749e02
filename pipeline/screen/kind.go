package screen

import (
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// kind finds out what the message is; the first that fits wins.
// What we have sent comes first, then reports, since both may carry signs of the later kinds. NamedForm leaves out what would
// be said of the site instead of its visitor.
func (c *check) kind() {
	switch {
	case c.m.Echo:
		c.is(Echo, "the provider handed our own send back")
	case c.m.OwnPost:
		c.is(Echo, "a channel or a group wrote it as itself, to its members")
	case c.f.OwnMessage:
		c.is(Echo, "its Message-ID is one of ours")
	case c.mail() && !c.f.NamedForm && c.report():
	case own(c.m.From.Value, c.s.Own):
		c.is(Own, "the sender is one of our own addresses")
	case c.mail() && !c.f.NamedForm && c.serverNotice():
	case c.reacted():
	case c.mail() && !c.f.NamedForm && c.automatic():
	case !c.mail() && c.headers.autoSubmitted():
		c.is(Auto, "the channel says that a machine sent it")
	case c.mail() && c.headers.list() && !c.f.OwnList && !c.f.NamedForm:
		c.is(List, "it carries the fields of a mailing list")
	case c.blank():
		c.is(Empty, "no subject, no text and no attachment")
	default:
		c.Kind = Human
	}
}

// is settles the kind, with the reason for the trace.
func (c *check) is(k Kind, reason string) {
	c.Kind = k
	c.because(reason)
}

// blank reports whether there is nothing at all; an encrypted mail only looks so.
func (c *check) blank() bool {
	return c.text == "" && c.subject == "" && len(c.m.Attachments) == 0 && strings.TrimSpace(c.m.HTML) == "" && !c.m.Encrypted
}

// report recognises delivery reports, read receipts and abuse reports.
// The standard's marks come first; forms without a standard (bounced, receipt) only where they say nothing.
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
	case t == "delivery-status":
		c.is(DSN, "a delivery status notification")
	case c.headers.has("x-failed-recipients"):
		c.is(DSN, "it lists failed recipients")
	case c.bounced():
	case c.receipt():
		c.is(MDN, "the heading and the sentence of a read receipt")
	default:
		return false
	}
	return true
}

// nullSender reports whether the message came with an empty reverse-path (RFC 5321 §4.5.5).
func (c *check) nullSender() bool {
	if c.m.Envelope.HasMailFrom {
		return c.m.Envelope.MailFrom == ""
	}
	path, ok := c.headers.first("return-path")
	return ok && strings.Trim(path, "<> \t") == ""
}

// reportPart reports whether a part is one that only reports have. A person who passes a report on has it, too.
func (c *check) reportPart() bool {
	if r := c.m.Report; r != nil && r.Kind == message.DSN && !r.Told {
		return true
	}
	for _, a := range c.m.Attachments {
		switch strings.ToLower(a.MediaType) {
		case "message/delivery-status", "text/rfc822-headers", "message/global-delivery-status":
			return true
		}
	}
	return false
}

// reply reports whether a person may be answering or passing on.
func (c *check) reply() bool {
	return slices.ContainsFunc([]string{"re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "re：", "回复", "答复", "转发", "回覆", "轉寄"}, func(p string) bool {
		return strings.HasPrefix(c.subject, p)
	})
}

// automatic recognises what machines write on a person's behalf or on their own. The null sender alone is no
// sign: relays and web servers send people's mail with it, too.
func (c *check) automatic() bool {
	switch {
	case c.headers.autoSubmitted():
		c.is(Auto, "Auto-Submitted says that a machine sent it")
	case c.headers.robotField() != "":
		c.is(Auto, "it carries a field that automatic mail has")
	case c.headers.precedence("auto_reply", "auto-reply"):
		c.is(Auto, "its precedence is that of an automatic reply")
	case c.headers.precedence("bulk", "junk") && !c.headers.has("list-post") && (c.headers.list() || robot(c.m.From.Value)):
		c.is(Auto, "its precedence is that of bulk mail, and its fields or its sender are, too")
	case c.nullSender() && c.f.Returned:
		c.is(Auto, "it came with the null sender, to the signed address that only our mail's envelope names")
	case c.nullSender() && robot(c.m.From.Value) && (!carer(c.m.From.Value) || mailboxWords.In(c.raw(), nil)): // people are postmasters, too
		c.is(Auto, "it came with the null sender, from an address that nobody reads")
	case c.notice() == notice:
		c.is(Auto, "subject and text are those of an absence notice, and say nothing else")
	default:
		return false
	}
	return true
}
