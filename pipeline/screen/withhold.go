package screen

import (
	"strings"

	"frontdesk/pipeline/message"
)

// withhold finds the first cause that speaks against an acknowledgement.
// The order is that of certainty; the first cause is the one that the trace and the row show.
func (c *check) withhold() {
	cause, reason := "", ""
	switch {
	case c.Kind == Echo, c.Kind == Own, c.looped():
		cause, reason = withholdOwnAddress, "we do not answer ourselves"
	case c.OptOut == "stop":
		cause, reason = withholdOptedOut, "the customer has opted out"
	case c.mail():
		cause, reason = c.withholdMail()
	case c.Kind == Auto:
		cause, reason = withholdAutoSubmitted, "a machine sent the message"
	}
	switch {
	case cause != "":
	case c.Park != "":
		cause, reason = withholdParked, "a message that is set aside is not acknowledged"
	case c.Suppress != "":
		cause, reason = withholdSuppressed, "a message that needs no ticket needs no acknowledgement"
	}
	if c.Withhold = cause; cause != "" {
		c.because("no acknowledgement: " + reason)
	}
}

// withholdMail applies the rules of mail, in the order in which they are certain. What the operator's
// site writes for a visitor is a machine's mail by all its signs; the visitor is none.
func (c *check) withholdMail() (cause, reason string) {
	if !c.f.NamedForm {
		if cause, reason = c.withholdMachine(); cause != "" {
			return cause, reason
		}
	}
	switch {
	case robot(c.m.From.Value) || !c.carried() && robotPath(c.m.Envelope.MailFrom, c.m.From.Value):
		return withholdRobotAddress, "nobody reads the answers to this address"
	case !c.carried() && own(c.m.Envelope.MailFrom, c.s.Own):
		return withholdOwnAddress, "the envelope sender is one of our own addresses"
	case c.Kind == Auto:
		return withholdRobotText, "subject and text are those of a machine"
	case c.notice() == unclear:
		return withholdRobotText, "the heading of an absence notice stands over a text that says more"
	case c.f.OwnAcknowledgement:
		return withholdOwnReply, "it answers an acknowledgement of ours"
	case !c.carried() && !c.returnPath():
		return withholdNoReturnPath, "there is no usable return path"
	case !c.f.Forwarded && len(c.s.Own) > 0 && !toUs(c.m, c.s.Own) && !toUs(c.m, c.s.Roles):
		return withholdNotToUs, "none of the recipients is one of our addresses"
	case c.spam():
		return withholdSpam, "the spam score reaches the threshold"
	case c.forged():
		return withholdForged, "the sender's domain disowns the message"
	}
	return "", ""
}

// withholdMachine applies those that say that the mail is a machine's or a list's.
// They stand in fields and in the envelope (RFC 3834 §2); only a report may be known by its text.
func (c *check) withholdMachine() (cause, reason string) {
	h := c.headers
	switch {
	case c.nullSender():
		return withholdNullSender, "the null sender must not be answered"
	case c.Kind == DSN || c.Kind == MDN || c.Kind == ARF || h.reportType() != "":
		return withholdReport, "reports are not answered"
	case h.autoSubmitted():
		return withholdAutoSubmitted, "a machine sent the message"
	case h.list() && !c.f.OwnList:
		return withholdList, "mail of a mailing list is not answered automatically"
	case h.precedence("bulk", "junk", "auto_reply", "auto-reply") || h.precedence("list") && !c.f.OwnList:
		return withholdPrecedence, "its precedence is that of bulk or automatic mail"
	case h.suppressed():
		return withholdSuppressHeader, "the sender asks for no automatic replies"
	case h.robotField() != "":
		return withholdRobotHeader, "it carries a field that automatic mail has"
	}
	return "", ""
}

// returnPath reports whether there is an envelope sender that can be written to (RFC 3834 §4). Mailboxes that note
// none at all (Exchange within its own organization) say nothing against From; a field that cannot be read does.
func (c *check) returnPath() bool {
	path := c.m.Envelope.MailFrom
	if !c.m.Envelope.HasMailFrom {
		noted := false
		if path, noted = c.headers.first("return-path"); !noted {
			path = c.m.From.Value
		}
	}
	path = addr(path)
	at := strings.LastIndexByte(path, '@')
	return at > 0 && at < len(path)-1 && !strings.ContainsAny(path, " \t\r\n,;")
}

// forged reports whether sender authentication failed, so that an answer could hit a victim.
// SPF alone may fail since a mail was forwarded; a signature that holds then speaks for the sender.
func (c *check) forged() bool {
	e := c.m.Envelope
	switch {
	case c.f.NamedForm: // the verdicts are the site's, whom the operator knows; anybody may type any address there
		return false
	case c.f.Forwarded || c.f.OwnList: // the host that SPF looks at is the carrier's
		return e.DMARC == message.VerdictFail
	case e.DMARC == message.VerdictPass:
		return false
	case e.DMARC == message.VerdictFail:
		return true
	}
	return e.SPF == message.VerdictFail && e.DKIM != message.VerdictPass
}
