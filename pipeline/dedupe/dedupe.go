// Package dedupe makes the keys by which one message is recognised that came twice under two
// delivery keys: fetched again after UIDVALIDITY changed, sent to two of our addresses, or handed
// over by two ways. It is pure.
package dedupe

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/message"
)

// Digest is a keyed digest of its parts as lower-case hex.
type Digest func(parts ...[]byte) string

// Keys are the digests of one message.
// An empty key is not looked up. They are digests, since they outlive the text that they are made of.
type Keys struct {
	// Content is equal for copies of one mail. Empty for channels whose delivery key is the
	// provider's own message id, where two equal texts are two messages.
	Content string
	// Fingerprint is equal for texts that differ in digits, case and spacing only.
	Fingerprint string
	// Reference is the digest of the mail's own Message-ID, under which answers find it.
	Reference string
	// Version names the message of which this is a version, where its sender can edit it, and Seen what is seen of it.
	Version, Seen string
}

// Make computes the keys. body is the full decoded text, fingerprint the folded core text.
// A fingerprint of less than eight characters says too little: "thank you" is no repeat. It is linear in the text.
func Make(m message.Message, body, fingerprint string, digest Digest) Keys {
	k := Keys{}
	if m.Traits.Mail {
		k.Content = content(m, body, digest)
		if m.MessageID != "" {
			k.Reference = Reference(m.MessageID, digest)
		}
	}
	k.Version, k.Seen = version(m, digest)
	if utf8.RuneCountInString(fingerprint) >= 8 {
		k.Fingerprint = digest([]byte("fingerprint"), []byte(fingerprint))[:32]
	}
	return k
}

// content covers Message-ID, sender and the decoded body, never the Message-ID alone: clients reuse
// it. Without a Message-ID, subject and date stand in for it. White space is folded, since relays
// re-wrap bodies.
// The names of attachments are in it, their bytes are not.
func content(m message.Message, body string, digest Digest) string {
	from := m.From.Identity().Value
	folded := fold(body)
	names := []byte(attachmentNames(m))
	if m.MessageID != "" {
		return digest([]byte("content"), []byte(m.MessageID), []byte(from), folded, names)
	}
	return digest([]byte("content-no-id"), []byte(from), []byte(m.Subject), []byte(m.Headers.Get("Date")), folded, names)
}

// Vouched is the key of a proven mail whose content key one took before that proved nothing.
// Without it the stranger's copy, which came first, would swallow the owner's own mail.
func Vouched(content string, digest Digest) string {
	return digest([]byte("content-vouched"), []byte(content))
}

// Unread is the content key of a mail that could not be decoded: its bytes, with line ends made one and
// without empty lines at the end, which mailboxes and files add and take away.
func Unread(raw []byte, digest Digest) string {
	return digest([]byte("content-unread"), bytes.TrimRight(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), "\n"))
}

// attachmentNames ends each with a zero byte, so that two lists hardly ever give one text.
func attachmentNames(m message.Message) string {
	var b strings.Builder
	for _, a := range m.Attachments {
		b.WriteString(a.Name)
		b.WriteByte(0)
	}
	return b.String()
}

// Reference is the digest under which a Message-ID is kept and looked up.
// 128 bits of the digest are kept: the table has a row for every mail, and nobody who knows no key can make two that collide.
func Reference(id string, digest Digest) string {
	return digest([]byte("message-id"), []byte(strings.Trim(strings.TrimSpace(id), "<>")))[:32]
}

// Mine is the digest under which a Message-ID is kept and looked up as its writer's own, where a ticket of somebody else's
// bore it first. A Message-ID is known to all who were written to, and anyone can send a mail under it.
// It is made of the digest that Reference gives, so that it can be found again when its writer is erased.
func Mine(reference string, writer message.Identity, digest Digest) string {
	return digest([]byte("message-id-of"), []byte(reference), []byte(writer.Kind), []byte(writer.Value))[:32]
}

// fold puts one space for any white space between words, and none around them.
// It copies whole stretches, since most texts are folded already; it is asked of every body.
func fold(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if n := space(s, i); n > 0 {
			i += n
			continue
		}
		start := i
		i = foldedEnd(s, i)
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, s[start:i]...)
	}
	return out
}

// foldedEnd is where the stretch ends that begins with a word at i and is folded already: words with one
// space between them.
func foldedEnd(s string, i int) int {
	for i < len(s) {
		switch {
		case space(s, i) == 0:
			i++
		case s[i] == ' ' && i+1 < len(s) && space(s, i+1) == 0:
			i += 2
		default:
			return i
		}
	}
	return i
}

// space is how many bytes of white space stand at s[i], one character at most. No white space begins
// in the middle of another character.
func space(s string, i int) int {
	if !spaceStarts[s[i]] {
		return 0
	}
	return rareSpace(s, i)
}

// spaceStarts are the bytes with which white space begins, and other characters too.
var spaceStarts = [256]bool{' ': true, '\t': true, '\n': true, '\v': true, '\f': true, '\r': true, 0xc2: true, 0xe1: true, 0xe2: true, 0xe3: true}

// rareSpace is space for a byte with which some begins; the common ones come first.
func rareSpace(s string, i int) int {
	switch c := s[i]; {
	case c == ' ' || '\t' <= c && c <= '\r':
		return 1
	case c == 0xc2 || 0xe1 <= c && c <= 0xe3: // the first bytes of all others
		if r, size := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
			return size
		}
	}
	return 0
}

// Finding says whether the message is a copy.
type Finding struct {
	// Reason is for the trace, in plain English.
	Of     int64 // id of the first copy; 0: none known
	Inform bool  // the copy came to another inbox: tell its queue
	Reason string
}

// Copy is what is known of the first copy.
type Copy struct {
	Message int64  `json:"message"`
	Inbox   string `json:"inbox"`
	Ticket  int64  `json:"ticket,omitempty"`
	Erased  bool   `json:"erased,omitempty"` // its person was erased: nothing of the copy is kept either
	// Unproven says that nothing proved the first copy's sender, that its ticket is not the owner's, and that the address in
	// its From was told nothing. Whoever has seen a mail can hand it in before its owner does: an owner's mail is no copy then.
	Unproven bool `json:"unproven,omitempty"`
	Vouched  bool `json:"vouched,omitempty"` // it is known under the key that Vouched gives
}

// Told is the copy as one of which its owner needs to know nothing more.
// c itself is not changed; nil stays nil.
func (c *Copy) Told() *Copy {
	if c == nil || !c.Unproven {
		return c
	}
	told := *c
	told.Unproven = false
	return &told
}

// Check compares a message with the first copy that the database knows, if any.
// first is nil for none. A copy makes no ticket and gets no answer. In doubt a mail is no copy: one ticket too many does less harm
// than a customer who is never answered.
func Check(m message.Message, first *Copy) Finding {
	if first == nil || first.Message == m.ID {
		return Finding{Reason: "first of its kind"}
	}
	if first.Erased {
		return Finding{Of: first.Message, Reason: "the first copy was erased"}
	}
	if m.Proven && first.Unproven {
		return Finding{Reason: "the same words came before from somebody who proved nothing"}
	}
	if first.Inbox != m.Inbox {
		return Finding{Of: first.Message, Inform: first.Ticket != 0, Reason: "same mail came to another inbox before"}
	}
	return Finding{Of: first.Message, Reason: "same mail was handed over before"}
}
