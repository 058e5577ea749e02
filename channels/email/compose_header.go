package email

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	composeFold     = 76 // preferred line length (RFC 5322 §2.1.1 says 78)
	composeWordMax  = 60 // of a plain word; longer ones are encoded, so that every line can be folded
	composeChunkMax = 45 // bytes of text in one encoded word of at most 75 (RFC 2047 §2)
	composeNameMax  = 100
)

// composeHeader writes header fields, folded between words.
type composeHeader struct{ b bytes.Buffer }

// words writes one field. The first word stays on the name's line.
func (h *composeHeader) words(name string, words ...string) {
	h.b.WriteString(name)
	h.b.WriteByte(':')
	line := len(name) + 1
	for i, w := range words {
		if i > 0 && line+1+len(w) > composeFold {
			h.b.WriteString("\r\n")
			line = 0
		}
		h.b.WriteByte(' ')
		h.b.WriteString(w)
		line += 1 + len(w)
	}
	h.b.WriteString("\r\n")
}

// mailbox writes a field with one address.
func (h *composeHeader) mailbox(field, name string, addr composeAddress) {
	h.words(field, append(composePhrase(name), "<"+addr.spec()+">")...)
}

// composeClean makes one line of foreign text: valid UTF-8, no control characters, single spaces.
func composeClean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// composeWords is unstructured text in words that a header may hold: as it is when it is plain
// ASCII, else as encoded words (RFC 2047). Text that looks encoded is encoded once more, so that
// the reader sees what was written.
func composeWords(s string) []string {
	s = composeClean(s)
	if s == "" {
		return nil
	}
	words := strings.Split(s, " ")
	if composeNonASCII(s) > 0 || strings.Contains(s, "=?") || composeLongest(words) > composeWordMax {
		return composeEncode(s)
	}
	return words
}

// composePhrase is a display name: atoms, a quoted string or encoded words (RFC 5322 §3.2.5).
func composePhrase(s string) []string {
	s = composeCut(composeClean(s), composeNameMax)
	switch words := composeWords(s); {
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

// composeEncode splits the text into encoded words between its characters.
func composeEncode(s string) []string {
	var words []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > composeChunkMax {
				break
			}
			n += size
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return words
}

func composeLongest(words []string) int {
	n := 0
	for _, w := range words {
		n = max(n, len(w))
	}
	return n
}

// composeCut shortens to n bytes without cutting a character.
func composeCut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
