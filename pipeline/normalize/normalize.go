// Package normalize turns what a channel delivered into text that the later stages can compare:
// the readable text of HTML, the words that the customer wrote now apart from the quoted history,
// the core without salutation and signature, the base subject, a fingerprint and the language.
//
// Everything here is a plain function over plain values, linear in its input, and never fails:
// whatever cannot be understood is kept as it is, because a customer's words are never cut away
// on a guess.
package normalize

import (
	"strings"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/markup"
	"frontdesk/pipeline/normalize/phrases"
	"frontdesk/pipeline/normalize/tidy"
)

// Text is the readable text of one message and its parts.
type Text struct {
	Full      string // the whole readable text
	Visible   string // what the person wrote now; blank only when Full is blank
	Quoted    string // the quoted history that was cut off
	Signature string // the signature that was cut off
	Truncated bool   // Full was cut at the limit
}

// defaultLimit bounds the text of one message, in bytes, where the caller sets no limit.
const defaultLimit = 256 << 10

// Body reads the text of m. limit bounds Full in bytes; 0 or less means 256 KiB.
//
// The HTML part is used where there is no sane plain text, or where a mail client has marked the
// quoted history in it; otherwise the plain text is used.
// It never fails. Where everything would be cut off, everything is kept.
func Body(m message.Message, limit int) Text {
	if limit <= 0 {
		limit = defaultLimit
	}
	page := readable(m, limit)
	out := Text{Full: page.Text, Truncated: page.Truncated}
	if isBlank(page.Text) {
		return out
	}
	p := split(page, isForward(m.Subject))
	out.Visible, out.Quoted, out.Signature = p.visible, p.quoted, p.signature
	return out
}

// readable picks the body part to read. Of a plain one no markup says anything.
func readable(m message.Message, limit int) markup.Page {
	text, cut := tidy.Text(m.Text, limit)
	plain := plainPage(text, cut)
	if isBlank(m.HTML) {
		return plain
	}
	page := markup.Text(m.HTML, limit)
	switch {
	case isBlank(page.Text):
		return plain
	case isBlank(text), page.QuoteAt < len(page.Text), !sane(text, page.Text):
		return page
	}
	return plain
}

// plainPage is a plain text as a page without marks.
func plainPage(text string, truncated bool) markup.Page {
	return markup.Page{Text: text, QuoteAt: len(text), SignAt: len(text), Truncated: truncated}
}

// sane reports whether the plain part says what the HTML part says. Some senders put a notice
// ("this message needs an HTML reader"), raw markup or nothing but a link in it.
func sane(plain, page string) bool {
	p, h := letters(plain), letters(page)
	if p*4 < h && h > 40 {
		return false
	}
	head := strings.ToLower(tidy.Clip(strings.TrimSpace(plain), 512))
	if strings.HasPrefix(head, "<!doctype") || strings.HasPrefix(head, "<html") || strings.HasPrefix(head, "<div") {
		return false
	}
	return !(p < 200 && phrases.ContainsAny(head, htmlNotices))
}

// htmlNotices are the words of placeholders for readers that show no HTML.
var htmlNotices = mailLists.Words("no html")

// letters counts the bytes of s that are not white space, punctuation of ASCII or digits.
func letters(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 || 'a' <= c|0x20 && c|0x20 <= 'z' {
			n++
		}
	}
	return n
}

// isBlank reports whether nothing but white space is there.
func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
