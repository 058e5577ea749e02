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
	"unicode/utf8"

	"frontdesk/pipeline/message"
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
func Body(m message.Message, limit int) Text {
	if limit <= 0 {
		limit = defaultLimit
	}
	page := readable(m, limit)
	out := Text{Full: page.text, Truncated: page.truncated}
	if isBlank(page.text) {
		return out
	}
	p := split(page, isForward(m.Subject))
	out.Visible, out.Quoted, out.Signature = p.visible, p.quoted, p.signature
	return out
}

// readable picks the body part to read. Of a plain one no markup says anything.
func readable(m message.Message, limit int) page {
	text, cut := tidy(m.Text, limit)
	plain := plainPage(text, cut)
	if isBlank(m.HTML) {
		return plain
	}
	page := htmlText(m.HTML, limit)
	switch {
	case isBlank(page.text):
		return plain
	case isBlank(text), page.quoteAt < len(page.text), !sane(text, page.text):
		return page
	}
	return plain
}

func plainPage(text string, truncated bool) page {
	return page{text: text, quoteAt: len(text), signAt: len(text), truncated: truncated}
}

// tidy unifies line ends, drops NUL, byte order marks and other invisible padding, and cuts at
// the limit without splitting a character.
func tidy(s string, limit int) (string, bool) {
	truncated := false
	if len(s) > limit {
		s, truncated = clip(s, limit), true
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return tidied(s), truncated
}

// tidied makes one line feed of every line end and drops what nobody sees. It goes by bytes: every mail
// passes.
func tidied(s string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(s); {
		if !suspect[s[i]] {
			i++
			continue
		}
		size, line := untidy(s, i)
		if size == 0 {
			i++
			continue
		}
		if out.Cap() == 0 {
			out.Grow(len(s))
		}
		out.WriteString(s[done:i])
		if line {
			out.WriteByte('\n')
		}
		i += size
		done = i
	}
	if out.Cap() == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// suspect are the bytes at which untidy finds something.
var suspect = [256]bool{'\r': true, '\f': true, 0: true, 0xc2: true, 0xcd: true, 0xe2: true, 0xef: true}

// untidy is how many bytes at i are to be replaced: by a line feed if they end a line, else by nothing.
func untidy(s string, i int) (size int, line bool) {
	switch s[i] {
	case '\r':
		if i+1 < len(s) && s[i+1] == '\n' {
			return 2, true
		}
		return 1, true
	case '\f':
		return 1, true
	case 0:
		return 1, false
	case 0xc2, 0xcd, 0xe2, 0xef: // first bytes of the others
		r, size := utf8.DecodeRuneInString(s[i:])
		switch r {
		case '\u2028', '\u2029', '\u0085':
			return size, true
		case '\u200b', '\ufeff', '\u00ad', '\u034f':
			return size, false
		}
	}
	return 0, false
}

// clip cuts s to at most n bytes at a character boundary.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// sane reports whether the plain part says what the HTML part says. Some senders put a notice
// ("this message needs an HTML reader"), raw markup or nothing but a link in it.
func sane(plain, page string) bool {
	p, h := letters(plain), letters(page)
	if p*4 < h && h > 40 {
		return false
	}
	head := strings.ToLower(clip(strings.TrimSpace(plain), 512))
	if strings.HasPrefix(head, "<!doctype") || strings.HasPrefix(head, "<html") || strings.HasPrefix(head, "<div") {
		return false
	}
	return !(p < 200 && containsAny(head, htmlNotices))
}

// htmlNotices are the words of placeholders for readers that show no HTML.
var htmlNotices = []string{
	"html viewer", "html email", "html-email", "html e-mail", "html format", "support html", "supports html",
	"view this message in html", "html version", "支持html", "html格式", "html 格式", "支援html",
}

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

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
