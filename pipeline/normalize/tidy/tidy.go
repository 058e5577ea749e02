// Package tidy takes out of a text what nobody sees, before anything reads it.
package tidy

import (
	"strings"
	"unicode/utf8"
)

// Text unifies line ends, drops NUL, byte order marks and other invisible padding, and cuts at
// the limit without splitting a character.
// limit is in bytes; the second result says that something was cut. Broken UTF-8 becomes U+FFFD.
func Text(s string, limit int) (string, bool) {
	truncated := false
	if len(s) > limit {
		s, truncated = Clip(s, limit), true
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return Marks(s), truncated
}

// Marks makes one line feed of every line end and drops what nobody sees. It goes by bytes: every mail
// passes.
// A text without any such byte comes back as it is, without a copy.
func Marks(s string) string {
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

// Clip cuts s to at most n bytes at a character boundary.
// n must not be negative.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// Short cuts a text at that many characters, the ellipsis among them. It goes through the text only when that is long enough to matter.
func Short(s string, runes int) string {
	if len(s) <= runes || utf8.RuneCountInString(s) <= runes {
		return s
	}
	n := 0
	for i := range s {
		if n == runes-1 && utf8.ValidString(s[:i]) {
			return s[:i] + "…"
		}
		n++
	}
	return string([]rune(s)[:runes-1]) + "…"
}
