package parse

import (
	"html"
	"strings"

	"frontdesk/pipeline/message"
)

// maxReportLines bounds the lines of a body that are searched for signs of a bounce.
const maxReportLines = 2000

// textReport reads a bounce of the mail systems that do not write RFC 3464: qmail, Exim, old
// Exchange, Notes and many Chinese providers. It returns nil unless the sender is a mail system
// and the text speaks of a failed delivery.
// original is the Message-ID of a mail that is given back; it may be empty. A text alone is never enough: customers forward and quote
// bounces, and write of failed deliveries of parcels.
func textReport(m *message.Message, original string) *message.Report {
	if !fromMailSystem(m) {
		return nil
	}
	text := m.Text
	if strings.TrimSpace(text) == "" {
		text = roughText(m.HTML)
	}
	b := scanBounce(text)
	b.phrase = b.phrase || containsAny(strings.ToLower(m.Subject), bounceSubject)
	if failed := parseAddresses(m.Headers.Get("X-Failed-Recipients"), ""); len(failed) > 0 {
		b.recipient, b.phrase = failed[0].Value, true
	}
	if !b.phrase && b.status == "" && b.diagnostic == "" {
		return nil
	}
	r := &message.Report{Kind: message.DSN, Told: true, Action: "failed", Status: b.status, Diagnostic: shortDiagnostic(b.diagnostic), FinalRecipient: b.recipient, OriginalMessageID: original}
	if b.delayed || strings.HasPrefix(b.status, "4") {
		r.Action = "delayed"
	}
	if b.expired {
		r.Action = "failed"
	}
	return r
}

// fromMailSystem reports whether a mail system wrote: its address or its own header field says so,
// or there is no sender and the subject has the words of a bounce.
// mail@ is also an ordinary mailbox, so it counts only with a null sender.
func fromMailSystem(m *message.Message) bool {
	nobody := m.From.IsZero() || m.Envelope.HasMailFrom && m.Envelope.MailFrom == ""
	local, _, _ := strings.Cut(strings.ToLower(m.From.Value), "@")
	switch local {
	case "mailer", "maildaemon", "post_master", "mail.delivery.system", "mail-delivery-system", "mailerdaemon":
		return true
	case "mail":
		return nobody
	}
	return isDaemonName(local) || strings.HasPrefix(local, "mailer-daemon") || strings.HasPrefix(local, "microsoftexchange") ||
		m.Headers.Has("X-Failed-Recipients") || nobody && containsAny(strings.ToLower(m.Subject), bounceSubject)
}

// The words of bounces, in lower case. Each list ends up in one search per line.
const (
	bounceSubject = "undeliver|delivery status|delivery fail|delivery notif|delivery report|failure notice|returned mail|mail delivery|mail failure|delivery has failed|returned to sender|message status|not deliver|unzustellbar|mail system error|メールエラー|退信|退回|系统退信|投递失败|無法傳遞|无法投递|無法遞送"
	bouncePhrase  = "could not be delivered|couldn't be delivered|not be delivered|was not delivered|wasn't able to deliver|unable to deliver|delivery to the following|delivery has failed|delivery failed|failed to deliver|permanent error|permanent fatal error|user unknown|unknown user|no such user|mailbox unavailable|mailbox full|mailbox is full|over quota|quota exceeded|undeliverable|undelivered|returned to sender|could not deliver|cannot be delivered|did not reach|unrouteable|does not exist|not found|rejected|giving up|退信|无法投递|无法送达|投递失败|不存在|被退回|無法傳遞|無法寄送"
	delayPhrase   = "has been delayed|delivery delayed|is delayed|will be retried|will keep trying|will continue to try|still being attempted|do not need to resend|don't need to resend|warning message only|temporarily deferred"
	expirePhrase  = "expired|giving up|retry time|too long|timed out permanently"
	quoteMarks    = "this is a copy of|copy of the message|copy of your message|original message|below this line|headers of the message|message header|unsent message|returned message|original mail|原邮件|原始邮件|原郵件"
)

// containsAny reports whether s holds one of the words of a list.
// Both are in lower case.
func containsAny(s, list string) bool {
	for word := range strings.SplitSeq(list, "|") {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// bounceFacts is what the text of a bounce says.
type bounceFacts struct {
	// Each is the first that was found. phrase, delayed and expired say which words were seen on any line.
	recipient, status, diagnostic string
	phrase, delayed, expired      bool
}

// scanBounce reads the text before the returned original.
// The original's own words must not count as the report's, so reading ends where it begins; two lines are always read.
func scanBounce(text string) bounceFacts {
	var b bounceFacts
	lines := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		lower := strings.ToLower(line)
		if lines++; lines > maxReportLines || lines > 2 && isQuoteStart(lower) {
			break
		}
		b.take(line, lower)
	}
	return b
}

// isQuoteStart reports whether a line begins the returned original.
func isQuoteStart(lower string) bool {
	return strings.HasPrefix(lower, "received:") || strings.HasPrefix(lower, "return-path:") ||
		(strings.HasPrefix(lower, "--") || strings.HasSuffix(lower, "--") || strings.HasSuffix(lower, ":")) && containsAny(lower, quoteMarks)
}

// take reads one line.
// A status code counts only on a line that is about one: dates and versions look like it.
func (b *bounceFacts) take(line, lower string) {
	b.phrase = b.phrase || containsAny(lower, bouncePhrase)
	b.delayed = b.delayed || containsAny(lower, delayPhrase)
	b.expired = b.expired || containsAny(lower, expirePhrase)
	if b.recipient == "" {
		b.recipient = lineAddress(line)
	}
	reply := hasReplyCode(line)
	if b.diagnostic == "" && reply {
		b.diagnostic = line
	}
	if b.status == "" && (reply || strings.Contains(line, "#") || strings.Contains(lower, "status")) {
		b.status = statusCode(line)
	}
}

// hasReplyCode reports whether a line holds an SMTP reply code of failure: three digits between
// other things.
func hasReplyCode(line string) bool {
	for i := 0; i+3 <= len(line); i++ {
		if (line[i] != '4' && line[i] != '5') || line[i+1] > '7' || !isDigit(line[i+1]) || !isDigit(line[i+2]) {
			continue
		}
		before := i == 0 || strings.IndexByte(" :(<>'\"[", line[i-1]) >= 0
		after := i+3 < len(line) && strings.IndexByte(" -#", line[i+3]) >= 0
		if before && after {
			return true
		}
	}
	return false
}

// lineAddress returns the address that a line begins with, as "<a@b>:" or "a@b", or names as a
// recipient.
func lineAddress(line string) string {
	rest := line
	if name, value, ok := strings.Cut(line, ":"); ok && containsAny(strings.ToLower(name), "recipient|rcpt to|收件人") {
		rest = strings.TrimSpace(value)
	}
	rest = strings.TrimLeft(rest, "<'\"(*- ")
	if end := strings.IndexFunc(rest, endsLineAddress); end >= 0 {
		rest = rest[:end]
	}
	if at := strings.IndexByte(rest, '@'); at <= 0 || at == len(rest)-1 || !strings.Contains(rest[at:], ".") {
		return ""
	}
	return canonicalAddress(rest)
}

// endsLineAddress reports whether a character cannot be part of an address at the beginning of a line.
func endsLineAddress(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(">:'\")(,;", r)
}

// quotedMessageID finds the Message-ID line of an original that is quoted in a text.
// The value may stand on the line below, as folded fields do.
func quotedMessageID(text string) string {
	next := false
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(strings.TrimSpace(line), "> |")
		if next {
			return firstID(line)
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "message-id") {
			continue
		}
		if value = strings.TrimSpace(value); value != "" {
			return firstID(value)
		}
		next = true
	}
	return ""
}

// roughText makes lines of HTML, good enough to search for addresses and codes.
func roughText(s string) string {
	var b strings.Builder
	for s != "" && b.Len() < maxReportBytes {
		before, after, found := strings.Cut(s, "<")
		b.WriteString(before)
		if !found {
			break
		}
		tag, rest, _ := strings.Cut(after, ">")
		if strings.HasPrefix(tag, "br") || strings.HasPrefix(tag, "p") || strings.HasPrefix(tag, "div") || strings.HasPrefix(tag, "tr") || strings.HasPrefix(tag, "/") {
			b.WriteByte('\n')
		}
		s = rest
	}
	return html.UnescapeString(b.String())
}
