package parse

import (
	"io"
	"mime"
	"net/mail"
	"strings"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/internal/mimewalk/charset"
	"frontdesk/channels/meta"
	"frontdesk/pipeline/message"
)

// readHeader fills everything that comes from the header of the message.
func (j *job) readHeader() {
	j.hint = j.charsetHint()
	fields := j.root().Fields
	j.m.Headers = make(message.Headers, 0, len(fields))
	for _, f := range fields {
		j.m.Headers = append(j.m.Headers, message.Header{Name: f.Name, Value: header.Text(f.Value, j.hint)})
	}
	for i, f := range fields {
		j.readField(f, j.m.Headers[i].Value)
	}
}

// readField takes one field to where it belongs. The first one of a name counts; address and
// identifier lists that come twice are joined.
// f is raw, decoded is for people: addresses and identifiers are parsed from the raw value, where an encoded-word cannot add a comma.
func (j *job) readField(f mimewalk.Field, decoded string) {
	m := &j.m
	switch strings.ToLower(f.Name) {
	case "subject":
		if m.Subject == "" {
			m.Subject = j.cutSubject(decoded)
		}
	case "reply-to":
		m.ReplyTo = joinAddresses(m.ReplyTo, parseAddresses(f.Value, j.hint))
	case "to":
		m.To = joinAddresses(m.To, parseAddresses(f.Value, j.hint))
	case "cc":
		m.Cc = joinAddresses(m.Cc, parseAddresses(f.Value, j.hint))
	case "message-id":
		if m.MessageID == "" {
			m.MessageID = firstID(f.Value)
		}
	case "in-reply-to":
		m.InReplyTo = cutReferences(append(m.InReplyTo, messageIDs(f.Value)...))
	case "references":
		m.References = cutReferences(append(m.References, messageIDs(f.Value)...))
	case "date":
		if m.SentAt.IsZero() {
			m.SentAt = header.Date(f.Value)
		}
	}
}

// maxSubject is how long a subject may be, in characters; the whole one stays in the headers.
// Subjects are compared and shown in lists; no person writes one so long.
const maxSubject = 2000

// cutSubject keeps the beginning of a subject that is too long.
func (j *job) cutSubject(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxSubject {
			j.problem("subject too long: only its beginning was kept")
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}

// joinAddresses appends within maxAddresses.
func joinAddresses(have, more []message.Address) []message.Address {
	if len(have) == 0 {
		return more
	}
	return append(have, more[:min(len(more), maxAddresses-len(have))]...)
}

// charsetHint finds the charset that the message's text is labelled with.
// It serves header fields in raw 8-bit, which have no label of their own; "" leaves it to a guess.
func (j *job) charsetHint() string {
	for i := range j.tree.Parts {
		if p := &j.tree.Parts[i]; strings.HasPrefix(p.Type, "text/") && charset.Known(p.Charset) {
			return p.Charset
		}
	}
	return ""
}

// readEnvelope fills the transport facts: what our own listener saw wins over what headers say.
// Recipients are who this copy was delivered to, each once in its first spelling: our door's list, then fields of mail systems. To and Cc
// say only whom the sender has written there, so they are not among them.
func (j *job) readEnvelope(facts map[string]string) {
	e := &j.m.Envelope
	e.Remote = facts[meta.Remote]
	if from, ok := facts[meta.MailFrom]; ok {
		e.MailFrom, e.HasMailFrom = canonicalAddress(strings.Trim(from, "<> ")), true
	} else if i := fieldIndex(j.root().Fields, "Return-Path"); i >= 0 {
		e.MailFrom, e.HasMailFrom = returnPath(j.root().Fields[i].Value)
	}
	seen := map[string]bool{}
	add := func(address string) {
		key := strings.ToLower(address)
		if address != "" && !seen[key] && len(e.Recipients) < maxAddresses {
			seen[key] = true
			e.Recipients = append(e.Recipients, address)
		}
	}
	for line := range strings.SplitSeq(facts[meta.Recipients], "\n") {
		add(canonicalAddress(strings.Trim(line, "<> \r\t")))
	}
	for _, f := range j.root().Fields {
		if isRecipientField(f.Name) {
			for _, a := range parseAddresses(f.Value, j.hint) {
				add(a.Value)
			}
		}
	}
}

// returnPath reads a Return-Path field: "<>" is the null sender, an empty or unreadable field says
// nothing.
func returnPath(raw string) (string, bool) {
	s := header.Line(raw, "")
	if strings.HasPrefix(strings.ReplaceAll(s, " ", ""), "<>") {
		return "", true
	}
	if list := parseAddresses(s, ""); len(list) > 0 {
		return list[0].Value, true
	}
	return "", false
}

// isRecipientField knows the fields in which mail systems note whom a copy was delivered to.
func isRecipientField(name string) bool {
	switch strings.ToLower(name) {
	case "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "x-envelope-to", "x-delivered-to":
		return true
	}
	return false
}

// fieldIndex is the place of the first field of that name; -1 for none.
func fieldIndex(fields []mimewalk.Field, name string) int {
	for i := range fields {
		if strings.EqualFold(fields[i].Name, name) {
			return i
		}
	}
	return -1
}

// readVerdicts fills the authentication verdicts and decides whether the channel vouches for From.
// Verdicts of our own listener are used alone; without them those of a trusted server.
func (j *job) readVerdicts(facts map[string]string, trusted []string) {
	e := &j.m.Envelope
	e.SPF, e.DKIM, e.DMARC = message.Verdict(facts[meta.SPF]), message.Verdict(facts[meta.DKIM]), message.Verdict(facts[meta.DMARC])
	proven := facts[meta.Proven] == provenYes
	switch {
	case e.SPF == "" && e.DKIM == "" && e.DMARC == "":
		stated := j.statedVerdicts(trusted)
		e.SPF, e.DKIM, e.DMARC, proven = stated.SPF, stated.DKIM, stated.DMARC, stated.Proven
	case facts[meta.Proven] == "": // recorded by a version that did not note it
		proven = e.DMARC == message.VerdictPass
	}
	j.m.Proven = proven && j.plainFrom()
}

// plainFrom reports whether From can be read in one way only: one field, one address, the same for
// a strict reader and for ours, and nothing beyond the limits. A verdict about anything else may be about another address.
// Two readers that differ are how a forged From is shown to one and judged by the other, so such a mail is never proven.
func (j *job) plainFrom() bool {
	value, ok := j.onlyFrom()
	if !ok {
		return false
	}
	parser := mail.AddressParser{WordDecoder: passWords()}
	list, err := parser.ParseList(strings.TrimSpace(header.Unfold(value)))
	return err == nil && len(list) == 1 && canonicalAddress(list[0].Address) == j.m.From.Value
}

// onlyFrom is the value of the one From field, where there is one and nothing of the header lies beyond the limits.
func (j *job) onlyFrom() (value string, ok bool) {
	for _, f := range j.root().Fields {
		if !strings.EqualFold(f.Name, "From") {
			continue
		}
		if ok {
			return "", false
		}
		value, ok = f.Value, true
	}
	return value, ok && !j.root().HeaderCut
}

// passWords is a decoder that accepts every charset: only the address matters.
func passWords() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil }}
}
