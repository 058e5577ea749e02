// Package compose writes mail as RFC 5322 wants it, and signs it (DKIM, RFC 6376).
package compose

import (
	"cmp"
	"errors"
	"mime/quotedprintable"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// Config is what a mail gets from its inbox rather than from its text.
type Config struct {
	From message.Address // the inbox's address and display name
	Loop string          // own mark in X-Loop; the inbox's address when empty
	Now  time.Time       // Date
	UTF8 bool            // the next hop takes addresses with a non-ASCII local part (RFC 6531)
}

// Carries is what a mail may hold beside its text. 25 MiB of files make some 34 MiB of mail, which is what large providers take; many
// relays take less and say so at MAIL FROM (RFC 1870).
func Carries() message.Carries {
	const most = 25 << 20
	return message.Carries{Cc: 50, HTML: true, Files: 50, FileMax: most, FilesMax: most}
}

// Mail writes the mail as RFC 5322 wants it: one recipient in To, those of Cc, a text in UTF-8 and what goes beside it (see
// body), headers in 7 bits, lines of at most 76 bytes where words allow, CRLF. Line breaks and control characters in
// values become spaces, so that no value can add a header. Automatic mail carries the marks of
// RFC 3834 §3.1.7 and of Exchange, and never asks for a receipt. The same message gives the same bytes, but for Date. An error is a
// permanent *channels.Error: an address of a recipient or one of our own is unusable, or the message does not fit (Outbound.Fits).
func Mail(out channels.Outbound, cfg Config) (Letter, error) {
	if err := out.Fits(Carries()); err != nil {
		return Letter{}, err
	}
	to, err := envelope(out, cfg)
	if err != nil {
		return Letter{}, err
	}
	from, err := ParseAddress(cfg.From.Value, cfg.UTF8)
	if err != nil {
		return Letter{}, fault("sender", err)
	}
	if !goodID(out.MessageID) || !strings.Contains(out.MessageID, "@") {
		return Letter{}, fault("message id", errors.New("not an RFC 5322 msg-id"))
	}
	var h headerWriter
	h.mailbox("From", cfg.From.Name, from)
	// The recipient's name is foreign text: echoing it would let strangers write to strangers.
	h.mailbox("To", "", to[0])
	h.copies(to[1:])
	if out.ReplyTo != "" {
		reply, err := ParseAddress(out.ReplyTo, cfg.UTF8)
		if err != nil {
			return Letter{}, fault("reply address", err)
		}
		h.mailbox("Reply-To", "", reply)
	}
	h.words("Subject", words(out.Subject)...)
	h.words("Date", strings.Fields(cfg.Now.Format("Mon, 02 Jan 2006 15:04:05 -0700"))...)
	h.words("Message-ID", "<"+out.MessageID+">")
	h.thread(out)
	if out.Automatic {
		h.automatic(cmp.Or(cfg.Loop, from.Spec()))
	}
	if language.MatchString(out.Language) {
		h.words("Content-Language", out.Language)
	}
	h.words("MIME-Version", "1.0")
	l := Letter{Recipients: to}
	l.write(body(out), &h)
	return l, nil
}

// envelope is To and then those of Cc, each mailbox once.
func envelope(out channels.Outbound, cfg Config) ([]Address, error) {
	to, err := ParseAddress(out.To.Value, cfg.UTF8)
	if err != nil {
		return nil, fault("recipient", err)
	}
	all, known := []Address{to}, map[string]bool{strings.ToLower(to.Spec()): true}
	for _, cc := range out.Cc {
		to, err := ParseAddress(cc.Value, cfg.UTF8)
		if err != nil {
			return nil, fault("copy", err)
		}
		if name := strings.ToLower(to.Spec()); !known[name] {
			all, known[name] = append(all, to), true
		}
	}
	return all, nil
}

// language is a plain BCP 47 tag.
var language = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$`)

// fault names the value that is unusable, and never shows it.
func fault(what string, err error) *channels.Error {
	return &channels.Error{Op: "composing mail", Class: channels.Permanent, Code: "bad " + what, Err: err}
}

// thread names the mail that is answered, if it had usable names.
func (h *headerWriter) thread(out channels.Outbound) {
	if goodID(out.InReplyTo) {
		h.words("In-Reply-To", "<"+out.InReplyTo+">")
	}
	if refs := references(out.References, out.InReplyTo); len(refs) > 0 {
		h.words("References", refs...)
	}
}

// refsMax is how many references are kept: the first, which names the thread, and the last.
// RFC 5322 has no limit; header fields of kilobytes are cut or refused by relays.
const refsMax = 20

// references adds the answered mail to its own references (RFC 5322 §3.6.4), leaves out unusable ones and repetitions in a row.
func references(refs []string, parent string) []string {
	var ids []string
	for _, id := range append(slices.Clip(refs), parent) {
		if goodID(id) && (len(ids) == 0 || ids[len(ids)-1] != "<"+id+">") {
			ids = append(ids, "<"+id+">")
		}
	}
	if extra := len(ids) - refsMax; extra > 0 {
		ids = append(ids[:1], ids[1+extra:]...)
	}
	return ids
}

// goodID accepts whatever fits between angle brackets on one line.
// 500 bytes keep the line below the 998 of RFC 5322 §2.1.1.
func goodID(id string) bool {
	if id == "" || len(id) > 500 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

// automatic marks the mail so that no machine answers it.
func (h *headerWriter) automatic(loop string) {
	h.words("Auto-Submitted", "auto-replied")
	h.words("X-Auto-Response-Suppress", "All")
	h.words("X-Loop", words(loop)...)
}

// text writes a text with the fields that say what it is.
// Quoted-printable stays readable in the source, and is shorter up to one byte in six beyond ASCII; Chinese text goes as base64.
func (h *headerWriter) text(kind, text string) {
	text = lines(text)
	h.words("Content-Type", kind+";", "charset=utf-8")
	if nonASCII(text)*6 <= len(text) {
		h.words("Content-Transfer-Encoding", "quoted-printable")
		h.b.WriteString("\r\n")
		w := quotedprintable.NewWriter(&h.b)
		_, _ = w.Write([]byte(text)) // a bytes.Buffer takes everything
		_ = w.Close()
		return
	}
	h.words("Content-Transfer-Encoding", "base64")
	h.b.WriteString("\r\n")
	_ = writeBase64(&h.b, strings.NewReader(text)) // neither of the two fails
}

// lines makes the text fit for a body: CRLF ends every line, valid UTF-8, no control
// characters but tabs.
// The text ends in one line end. Lines of any length are allowed here: both encodings break them.
func lines(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, text)
	return strings.ReplaceAll(strings.TrimRight(text, "\n")+"\n", "\n", "\r\n")
}

// nonASCII counts bytes beyond ASCII.
func nonASCII(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] >= 0x80 {
			n++
		}
	}
	return n
}
