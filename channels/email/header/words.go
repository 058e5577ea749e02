// Package header reads what stands in header fields, whatever their syntax: text in any charset, dates, domains.
package header

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/channels/internal/mimewalk"
	"frontdesk/channels/internal/mimewalk/charset"
)

// Text decodes an unstructured field: folding, raw 8-bit bytes (hint is the charset of the
// message's text, if known) and encoded-words, however they were made. The result is one line.
// Cost is linear in raw. Callers bound its length: the walker does for fields.
func Text(raw, hint string) string {
	return Words(Line(raw, hint))
}

// Line unfolds a field and turns raw 8-bit bytes into UTF-8; encoded-words stay.
// An escape (0x1b) also counts as 8-bit, since ISO-2022-JP is written in ASCII bytes.
func Line(raw, hint string) string {
	raw = strings.Trim(raw, " \t\r\n")
	plain := true
	for i := 0; i < len(raw); i++ {
		if raw[i] < ' ' || raw[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return raw
	}
	if !isASCII(raw) || strings.IndexByte(raw, 0x1b) >= 0 {
		raw = decoded(raw, hint)
	}
	return Unfold(raw)
}

// decoded reads raw 8-bit bytes: as UTF-8 when they are that, else as the hint.
func decoded(raw, hint string) string {
	if !charset.Known(hint) {
		hint = ""
	}
	text, _ := charset.Decode(hint, []byte(raw))
	return text
}

// Unfold turns each fold, with the white space around it, and each run of control characters
// into one space.
// A fold in the middle of a word of Chinese leaves a space there; RFC 5322 §2.2.3 wants it so.
func Unfold(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c != 0x7f {
			out = append(out, c)
			i++
			continue
		}
		fold := false
		for i < len(s) && (s[i] < ' ' || s[i] == 0x7f || fold && s[i] == ' ') {
			fold = fold || s[i] == '\n'
			i++
		}
		for fold && len(out) > 0 && out[len(out)-1] == ' ' {
			out = out[:len(out)-1]
		}
		out = append(out, ' ')
	}
	return strings.TrimSpace(string(out))
}

// encodedWord is one =?charset?encoding?text?= of RFC 2047.
type encodedWord struct {
	// charset is as written, with a language behind "*" if there is one; text is still encoded.
	charset  string
	encoding byte // 'b' or 'q'
	text     string
}

// maxWord is how long an encoded-word may be. RFC 2047 §2 allows 75 characters; some senders never
// break one; a longer one must be free of spaces. Else a search for the end would make the work
// quadratic.
const maxWord = 8 << 10

// Words decodes every encoded-word of an unfolded field. Neighbours of the same charset and
// encoding are joined before decoding, because senders cut characters in two (against §5 of the
// RFC). The text between two encoded-words is kept unless it is white space only (§6.2).
// A word that cannot be read stays as it stands. Whatever a word decodes to is kept on one line (oneLine).
func Words(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var b strings.Builder
	var run []encodedWord
	for len(s) > 0 {
		start := strings.Index(s, "=?")
		if start < 0 {
			break
		}
		w, rest, ok := readWord(s[start:])
		if !ok {
			writeRun(&b, run)
			run = run[:0]
			b.WriteString(s[:start+2])
			s = s[start+2:]
			continue
		}
		between := s[:start]
		if len(run) == 0 || strings.TrimSpace(between) != "" {
			writeRun(&b, run)
			run = run[:0]
			b.WriteString(between)
		}
		if len(run) > 0 && !sameWord(run[0], w) {
			writeRun(&b, run)
			run = run[:0]
		}
		run = append(run, w)
		s = rest
	}
	writeRun(&b, run)
	b.WriteString(s)
	return b.String()
}

// sameWord reports whether two words may be one text that was cut.
func sameWord(a, b encodedWord) bool {
	return a.encoding == b.encoding && strings.EqualFold(a.charset, b.charset)
}

// readWord reads one encoded-word at the start of s. An unterminated one is taken up to the end of
// the field when it has no space.
// charset names have at most 64 bytes here; a longer one is text that only looks encoded.
func readWord(s string) (w encodedWord, rest string, ok bool) {
	q := strings.IndexByte(s[2:], '?')
	if q < 0 || q > 64 {
		return w, s, false
	}
	w.charset, s = s[2:2+q], s[2+q+1:]
	if len(s) < 2 || s[1] != '?' || strings.ContainsAny(w.charset, " \t") {
		return w, s, false
	}
	w.encoding = s[0] | 0x20
	if w.encoding != 'b' && w.encoding != 'q' {
		return w, s, false
	}
	s = s[2:]
	near := s[:min(len(s), maxWord)]
	if end := strings.Index(near, "?="); end >= 0 {
		w.text = s[:end]
		return w, s[end+2:], !strings.Contains(w.text, "=?")
	}
	if s == "" || strings.IndexByte(near, ' ') >= 0 {
		return w, s, false
	}
	if len(s) > len(near) {
		return readLongWord(w, s)
	}
	w.text = strings.TrimSuffix(s, "?")
	return w, "", true
}

// readLongWord reads the text of an encoded-word that was never broken: up to its end, or where a
// space or another word begins. It takes more than maxWord or fails at once, so that the work stays
// linear.
func readLongWord(w encodedWord, s string) (encodedWord, string, bool) {
	if strings.Contains(s[:maxWord], "=?") {
		return w, s, false
	}
	end := maxWord - 1
	for end < len(s) && s[end] != ' ' && !strings.HasPrefix(s[end:], "?=") && !strings.HasPrefix(s[end:], "=?") {
		end++
	}
	w.text = s[:end]
	return w, strings.TrimPrefix(s[end:], "?="), true
}

// writeRun decodes a run of like encoded-words.
func writeRun(b *strings.Builder, run []encodedWord) {
	if len(run) == 0 {
		return
	}
	var raw []byte
	if run[0].encoding == 'q' {
		for _, w := range run {
			raw = appendQ(raw, w.text)
		}
	} else {
		raw = joinB(run)
	}
	label, _, _ := strings.Cut(run[0].charset, "*") // RFC 2231 §5 language
	text, _ := charset.Decode(label, raw)
	b.WriteString(oneLine(text))
}

// oneLine replaces what would break a line, so that a decoded field cannot inject one.
func oneLine(s string) string {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085' {
			return strings.Map(func(r rune) rune {
				if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
					return ' '
				}
				return r
			}, s)
		}
	}
	return s
}

// joinB decodes a run of B words. Where a word ends inside a group of four, the group goes on in the
// next word; else each word stands alone.
func joinB(run []encodedWord) []byte {
	total, cut := 0, false
	for _, w := range run {
		total += len(w.text)
		cut = cut || endsInsideGroup(w.text)
	}
	if cut && total%4 == 0 && len(run) > 1 {
		var all strings.Builder
		for _, w := range run {
			all.WriteString(w.text)
		}
		out, _ := mimewalk.DecodeBase64([]byte(all.String()))
		return out
	}
	var out []byte
	for _, w := range run {
		b, _ := mimewalk.DecodeBase64([]byte(w.text))
		out = append(out, b...)
	}
	return out
}

// endsInsideGroup reports whether unpadded base64 was cut inside a group: the bits of its last
// character that make no whole byte are not zero, as they are where only the padding is missing.
// Padding may be left out by senders, so the length alone does not tell.
func endsInsideGroup(s string) bool {
	var low byte
	switch len(s) % 4 {
	case 1:
		return true
	case 2:
		low = 0x0f
	case 3:
		low = 0x03
	default:
		return false
	}
	last, _ := mimewalk.DecodeBase64([]byte{'A', 'A', 'A', s[len(s)-1]})
	return len(last) == 3 && last[2]&low != 0
}

// appendQ decodes the Q encoding (RFC 2047 §4.2): "_" is a space, "=XX" a byte, the rest itself.
func appendQ(out []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
