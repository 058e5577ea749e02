package compose

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	fold     = 76 // preferred line length (RFC 5322 §2.1.1 says 78)
	wordMax  = 60 // of a plain word; longer ones are encoded, so that every line can be folded
	chunkMax = 45 // bytes of text in one encoded word of at most 75 (RFC 2047 §2)
	// nameMax is in bytes: a display name that is longer is cut.
	nameMax = 100
)

// headerWriter writes header fields, folded between words.
type headerWriter struct{ b bytes.Buffer }

// words writes one field. The first word stays on the name's line.
// No word may hold a space or a line break; callers have cleaned them.
func (h *headerWriter) words(name string, words ...string) {
	h.b.WriteString(name)
	h.b.WriteByte(':')
	line := len(name) + 1
	for i, w := range words {
		if i > 0 && line+1+len(w) > fold {
			h.b.WriteString("\r\n")
			line = 0
		}
		h.b.WriteByte(' ')
		h.b.WriteString(w)
		line += 1 + len(w)
	}
	h.b.WriteString("\r\n")
}

// Field is one header field of unstructured text, folded and encoded as Mail does it.
// name is trusted, text is not.
func Field(name, text string) []byte {
	var h headerWriter
	h.words(name, words(text)...)
	return h.b.Bytes()
}

// mailbox writes a field with one address.
func (h *headerWriter) mailbox(field, name string, addr Address) {
	h.words(field, append(phrase(name), "<"+addr.Spec()+">")...)
}

// copies writes Cc, if anybody gets one. Names are left out as in To.
func (h *headerWriter) copies(to []Address) {
	if len(to) == 0 {
		return
	}
	list := make([]string, len(to))
	for i, a := range to {
		list[i] = "<" + a.Spec() + ">,"
	}
	list[len(list)-1] = strings.TrimSuffix(list[len(list)-1], ",")
	h.words("Cc", list...)
}

// clean makes one line of foreign text: valid UTF-8, no control characters, single spaces.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// words is unstructured text in words that a header may hold: as it is when it is plain
// ASCII, else as encoded words (RFC 2047). Text that looks encoded is encoded once more, so that
// the reader sees what was written.
// nil for an empty text.
func words(s string) []string {
	s = clean(s)
	if s == "" {
		return nil
	}
	words := strings.Split(s, " ")
	if nonASCII(s) > 0 || strings.Contains(s, "=?") || longest(words) > wordMax {
		return encode(s)
	}
	return words
}

// phrase is a display name: atoms, a quoted string or encoded words (RFC 5322 §3.2.5).
func phrase(s string) []string {
	s = cut(clean(s), nameMax)
	switch words := words(s); {
	case s == "":
		return nil
	case strings.HasPrefix(words[0], "=?"):
		return words
	case strings.ContainsAny(s, `()<>[]:;@\,."`):
		return strings.Split(`"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)+`"`, " ")
	default:
		return words
	}
}

// encode splits the text into encoded words between its characters.
func encode(s string) []string {
	var words []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > chunkMax {
				break
			}
			n += size
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return words
}

// longest is the length of the longest word, in bytes.
func longest(words []string) int {
	n := 0
	for _, w := range words {
		n = max(n, len(w))
	}
	return n
}

// cut shortens to n bytes without cutting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
