package screen

import (
	"strings"

	"frontdesk/pipeline/message"
)

// A bounce is what a mail system says about a mail of ours. So words never make one: it takes a sign of the
// transport (a report part, the null sender, the address of a mail system, our own reference coming back), and
// beside a mere sender a failure told in the form that mail systems give it. Customers write of payments, cards
// and parcels that were returned, refused and not delivered in the very same words.

// standing says how sure it is that the sender is a mail system.
type standing int

const (
	person    standing = iota // an ordinary address with an ordinary envelope
	nullOnly                  // the null sender, but a person's address in From: absence notices come like that, too
	caretaker                 // postmaster@, no-reply@ and the like with an ordinary envelope: in a small firm a person
	nameless                  // no From, and no envelope that names anybody
	nobody                    // no person: the null sender from an address that nobody reads
	system                    // an address that only mail systems have
)

// standing looks at who the sender is.
// The order of the cases is from what only a mail system has to what a person may have.
func (c *check) standing() standing {
	from, null := c.m.From.Value, c.nullSender()
	named := systemName(c.m.From.Name)
	switch {
	case daemon(from), daemon(c.returnAddress()) && !personal(from):
		return system
	case null && (robot(from) || named && (!personal(from) || daemonName(c.m.From.Name))), named && robot(from) && !c.reply():
		return nobody
	case c.m.From.IsZero() && !personal(c.returnAddress()):
		return nameless
	case null:
		return nullOnly
	case named, robot(from):
		return caretaker
	}
	return person
}

// returnAddress is the envelope sender, as far as it is known.
func (c *check) returnAddress() string {
	if c.m.Envelope.HasMailFrom {
		return c.m.Envelope.MailFrom
	}
	path, _ := c.headers.first("return-path")
	return path
}

// personal reports whether an address may be a person's.
func personal(address string) bool { return address != "" && !robot(address) }

// systemName knows the display names that mail systems give themselves.
func systemName(name string) bool {
	name = strings.ToLower(name)
	if !strings.Contains(name, "mail") && !strings.Contains(name, "postmaster") {
		return false
	}
	name = strings.Join(strings.Fields(name), " ")
	return strings.Contains(name, "mail delivery s") || strings.Contains(name, "mailer-daemon") || strings.Contains(name, "mailer daemon") ||
		name == "postmaster" || name == "mail administrator" || name == "mail delivery" || strings.HasPrefix(name, "postmaster@")
}

// daemonName knows those that no company has.
func daemonName(name string) bool {
	switch name = strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(name), " ")), "-", " "); name {
	case "mail delivery system", "mail delivery subsystem", "postmaster":
		return true
	}
	return strings.HasPrefix(name, "mailer daemon")
}

// bounced recognises a delivery report that names no standard. Which form a failure must have depends on how
// sure its sender is.
//
// A wrong yes hides a customer's mail, a wrong no only leaves a report to a person. So the less the sender is surely a mail system, the
// more form is asked for.
func (c *check) bounced() bool {
	who := c.standing()
	if who == person && own(c.m.From.Value, c.s.Own) && c.reportPart() {
		who = system // our own mail server, in our name
	}
	if who == person || who != system && c.notice() != noNotice {
		return false
	}
	subject := !c.reply() && startsReport(c.subject)
	switch {
	case c.reportPart():
		c.is(DSN, "a mail system's delivery status part")
	case c.f.KnownBounce && (who == system || subject || c.formal()):
		c.is(DSN, "a mail system gives back a mail of ours")
	case who == system && (subject || c.failing() || !c.reply() && hasAny(c.subject, bounceSubjects)):
		c.is(DSN, "a mail system tells of a failure")
	case who == nobody && (c.formal() || subject || !c.reply() && hasAny(c.subject, bounceSubjects) && c.failing()):
		c.is(DSN, "no person's address, and a failure in the form of a mail system")
	case (who == nullOnly || who == nameless) && (c.formalLines() || c.opens()):
		c.is(DSN, "no sender that could be answered, and a failure in the form of a mail system")
	case who == caretaker && (subject && (c.formal() || c.returned()) || c.dialogue() || !c.reply() && c.opens()):
		c.is(DSN, "heading and form of a mail system's report, from an address that mail systems use")
	default:
		return false
	}
	return true
}

// startsReport reports whether a subject is the heading of a delivery report: it begins with the words, and
// they end there or before a mark.
func startsReport(subject string) bool {
	for range 6 {
		for _, p := range reportSubjects {
			if rest, ok := strings.CutPrefix(subject, p); ok && (rest == "" || ends(rest) || reportTail(rest)) {
				return true
			}
		}
		_, rest, ok := gatewayTag(subject) // "warning:" may be a gateway's, and "warning: message" is a heading
		if !ok {
			return false
		}
		subject = rest
	}
	return false
}

// reportTail knows how headings go on that have no mark after their first words.
func reportTail(rest string) bool {
	for _, p := range []string{" returned to sender", " returning message", " (", " to ", " for ", " from ", " notice", " notification", " report", " failure", " message", " mail", " 通知", "通知", " by ", " about ", " in your "} {
		if after, ok := strings.CutPrefix(rest, p); ok && (!letter(p) || wordEnd(after, 0)) {
			return true
		}
	}
	return false
}

// letter reports whether a text ends in an ASCII letter.
func letter(s string) bool { return s != "" && 'a' <= s[len(s)-1] && s[len(s)-1] <= 'z' }

// failing reports whether the text has words of a delivery failure. They mean something only beside a sender
// that is no person.
func (c *check) failing() bool {
	return failureWords.In(c.text, nil) || failureWords.In(c.raw(), nil)
}

// raw is the beginning of the whole text, lower-case: reports quote much that is not visible text.
func (c *check) raw() string {
	if c.whole == "" {
		c.whole = message.Lower(clip(c.m.Text, 2*lookAt))
		if strings.TrimSpace(c.whole) == "" {
			c.whole = message.Lower(clip(c.m.HTML, 2*lookAt))
		}
	}
	return c.whole
}

// formal reports whether the text has a failure in a form that mail systems write and people do not: a field of
// a report, a line of an SMTP dialogue, a recipient at the head of a line with what happened to him, or the
// first sentence of a well-known mail system.
func (c *check) formal() bool {
	return openings.In(c.raw(), nil) || c.formalLines()
}

// formalLines reports whether a line of the text is a report's.
func (c *check) formalLines() bool {
	lines := 0
	for line := range strings.Lines(c.raw()) {
		if lines++; lines > reportLines {
			break
		}
		if formalLine(strings.TrimSpace(line)) {
			return true
		}
	}
	return false
}

// opens reports whether the text begins as a well-known mail system's report does. A person who quotes one has a
// word of his own before it.
func (c *check) opens() bool {
	return openings.In(clip(c.raw(), 240), func(from, _ int) bool {
		head := strings.Trim(c.raw()[:from], "-*=# \r\n")
		return head == "" || strings.TrimRight(head, "!., \r\n") == "hi" || strings.HasPrefix(head, "hi. this is the ")
	})
}

// dialogue reports whether the text lists what was said to a mail server, sender and recipient at the heads of
// lines, beside its refusal.
func (c *check) dialogue() bool {
	text := "\n" + strings.ReplaceAll(c.raw(), "  ", "")
	return strings.Contains(text, "\nmail from:") && strings.Contains(text, "\nrcpt to:") && c.formal()
}

// returned reports whether a mail or its header is attached, as reports give it back.
func (c *check) returned() bool {
	for _, a := range c.m.Attachments {
		switch strings.ToLower(a.MediaType) {
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			return true
		}
	}
	return false
}

// reportLines is how many lines of a text are looked at for the form of a report.
const reportLines = 120

// formalLine reports whether a line, lower-case and without white space around it, is one of a report.
func formalLine(line string) bool {
	for _, p := range []string{"final-recipient:", "original-recipient:", "diagnostic-code:", "reporting-mta:", "remote-mta:", "action: failed", "status: 5.", "status: 4.", ">>> rcpt to", "<<< 5", "<<< 4", "received >>> 5", "received >>> 4", "x-failed-recipients:"} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	rest, ok := recipientFirst(line)
	return ok && (code(rest) || rest != "" && strings.ContainsRune(":-(,", rune(rest[0])) && mailboxWords.In(rest, nil)) || code(line)
}

// recipientFirst cuts an address off the head of a line: "<a@b.example>: …", "a@b.example … ". What follows must look like a report's:
// a sentence that begins with an address, such as "info@firm.example does not exist any more", is a person's or an autoresponder's.
func recipientFirst(line string) (rest string, ok bool) {
	line = strings.TrimLeft(line, "<\"'( *-")
	end := strings.IndexAny(line, " >\"':;,)\t")
	if end < 0 {
		end = len(line)
	}
	at := strings.IndexByte(line[:end], '@')
	if at <= 0 || at == end-1 {
		return "", false
	}
	return strings.TrimSpace(strings.TrimLeft(line[end:], ">\"') ")), true
}

// code reports whether a line begins with, or quotes after a mark, what a server said: "550 5.1.1 …", "said: 550
// …", "(#5.1.1)", "smtp;550 …". Amounts stand at the heads of lines, too: without an enhanced status the words must be
// of mailboxes.
func code(line string) bool {
	for _, p := range []string{"said: 5", "said: 4", "said:5", "smtp; 5", "smtp;5", "smtp; 4", "smtp;4", "(#5.", "(#4.", "remote host said", "error from remote", "#< #5.", "#5.1.1", "#<5."} {
		if strings.Contains(line, p) {
			return true
		}
	}
	head := strings.TrimLeft(line, "<>-:*. \t\"'([")
	return len(head) > 3 && (head[0] == '5' || head[0] == '4') && digits(head[1:3]) && (head[3] == '-' || head[3] == ' ') && (status(head[4:]) || mailboxWords.In(head[4:], nil))
}

// digits reports whether s has digits alone; true for an empty one.
func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// status reports whether a text begins with an enhanced status code (RFC 3463).
func status(s string) bool {
	s = strings.TrimLeft(s, "#( ")
	return len(s) >= 5 && (s[0] == '5' || s[0] == '4') && s[1] == '.' && digits(s[2:3]) && strings.IndexByte(s[3:], '.') >= 0 && strings.IndexByte(s[3:], '.') <= 2
}
