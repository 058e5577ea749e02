// Package escapes takes the escapes out of JSON and of forms, whole and without understanding the rest: for a search, which must find a word
// in what cannot be parsed, too.
package escapes

import (
	"bytes"
	"iter"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON is the text with the escapes of RFC 8259 §7 as characters; all else stands as it is, broken escapes included.
func JSON(raw []byte) string {
	var out strings.Builder
	out.Grow(len(raw))
	for len(raw) > 0 {
		at := bytes.IndexByte(raw, '\\')
		if at < 0 || at+1 == len(raw) {
			out.Write(raw)
			break
		}
		out.Write(raw[:at])
		r, n := escape(raw[at:])
		out.WriteRune(r)
		raw = raw[at+n:]
	}
	return out.String()
}

// escape reads one escape at the beginning of a text of two bytes at least, and returns how many bytes it has.
func escape(s []byte) (r rune, n int) {
	switch s[1] {
	case 'b', 'f', 'n', 'r', 't':
		return ' ', 2 // white space and control characters are alike between words
	case '"', '\\', '/':
		return rune(s[1]), 2
	case 'u':
		first, ok := unit(s)
		if !ok {
			return '\\', 1
		}
		if utf16.IsSurrogate(first) {
			if second, ok := unit(s[6:]); ok && utf16.DecodeRune(first, second) != utf8.RuneError {
				return utf16.DecodeRune(first, second), 12
			}
		}
		return first, 6 // half a pair is written as U+FFFD
	}
	return '\\', 1
}

// unit reads the code unit of an escape that begins with \u.
func unit(s []byte) (u rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	for _, c := range s[2:6] {
		digit, hex := digit(c)
		if !hex {
			return 0, false
		}
		u = u<<4 | rune(digit)
	}
	return u, true
}

// Form is the text with percent-encoding as bytes and each plus sign as a space (application/x-www-form-urlencoded). All else stands as it is,
// broken escapes included. What it returns is UTF-8 only where the form was.
func Form(raw []byte) string {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(raw):
			high, ok := digit(raw[i+1])
			low, both := digit(raw[i+2])
			if ok && both {
				c = high<<4 | low
				i += 2
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// digit is the value of a hexadecimal one.
func digit(c byte) (value byte, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// Body is the body of a call without its escapes: of JSON, which begins with a brace or a bracket, else of a form. What has none is left out,
// since it says nothing that raw does not say.
func Body(raw []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := bytes.TrimLeft(raw, " \t\r\n\ufeff")
		if len(start) > 0 && (start[0] == '{' || start[0] == '[') {
			if bytes.IndexByte(raw, '\\') >= 0 {
				yield(JSON(raw))
			}
			return
		}
		if bytes.ContainsAny(raw, "%+") {
			yield(Form(raw))
		}
	}
}
