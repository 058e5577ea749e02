package mimewalk

import (
	"bytes"
	"strings"
)

// Encoding is a Content-Transfer-Encoding.
type Encoding uint8

// The transfer encodings. Identity stands for 7bit, 8bit, binary and everything unknown.
const (
	Identity Encoding = iota
	Base64
	QuotedPrintable
	UUEncode
)

// parseEncoding reads the name of a transfer encoding as senders write it; known is false for a
// name that means nothing.
// The names are those that senders were seen to write, charset names and typing errors among them. To add one, add it to its case.
func parseEncoding(value string) (e Encoding, known bool) {
	v := strings.ToLower(unfold(value))
	if strings.IndexByte(v, '(') >= 0 {
		v = dropComments(v)
	}
	v, _, _ = strings.Cut(v, ";")
	v = strings.Map(func(r rune) rune {
		if r <= ' ' || r == '-' || r == '_' || r == '"' || r == '\'' {
			return -1
		}
		return r
	}, v)
	switch v {
	case "", "7bit", "8bit", "7bits", "8bits", "binary", "none", "7", "8", "utf8", "text", "plain", "ascii":
		return Identity, true
	case "base64", "b64", "b", "xbase64":
		return Base64, true
	case "quotedprintable", "qp", "q", "quoted", "printable":
		return QuotedPrintable, true
	case "xuuencode", "uuencode", "xuue", "uue":
		return UUEncode, true
	}
	return Identity, false
}

// Decode returns the bytes behind a transfer encoding. Identity bodies are returned as they are,
// without a copy. What cannot be decoded is skipped; clean is false then.
// It never fails and is linear in body. out may share memory with body, so a caller must not change it.
func Decode(e Encoding, body []byte) (out []byte, clean bool) {
	switch e {
	case Base64:
		out, _, _, clean = DecodeText(e, body)
		return out, clean
	case QuotedPrintable:
		return decodeQuoted(body)
	case UUEncode:
		if _, content, before, _, ok := FindUU(body); ok && len(bytes.TrimSpace(body[:before])) == 0 {
			return content, true
		}
		return body, false
	}
	return body, true
}

const (
	// The marks are above 63, so one comparison tells them from values.
	b64Bad   = 0xff // no character of the alphabet
	b64Space = 0xfe // skipped silently
	b64Pad   = 0xfd // "="
	b64Blank = 0xfc // skipped, but not found inside of true base64
)

// b64Value gives each byte its 6 bits, or one of the marks above. It is never written.
var b64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = b64Bad
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	t['-'], t['_'] = 62, 63 // RFC 4648 §5, seen in encoded-words
	t['\r'], t['\n'], t[' '], t['\t'] = b64Space, b64Space, b64Blank, b64Blank
	t['='] = b64Pad
	return t
}()

// DecodeBase64 decodes base64 and skips what does not belong to it; padding may be missing or stand
// in the middle. A body that is plainly no base64 is returned as it is.
// "Plainly" is where one byte in ten or more does not belong: text under a header that says base64 falsely.
func DecodeBase64(src []byte) (out []byte, clean bool) {
	out, _, clean = decodeBase64(src)
	return out, clean
}

// decodeBase64 is DecodeBase64; odd says that there is something that base64 does not consist of, or
// something behind its padding.
func decodeBase64(src []byte) (out []byte, odd, clean bool) {
	out = make([]byte, 0, len(src)/4*3+3)
	var acc uint32
	var n, bad, blank int
	ended := false // by padding, or an empty line
	for i := 0; i < len(src); {
		if n == 0 {
			var took int
			out, took = decodeQuads(out, src[i:])
			odd = odd || ended && took > 0
			if i += took; i == len(src) {
				break
			}
		}
		switch v := b64Value[src[i]]; v {
		case b64Bad:
			bad++
		case b64Space:
			ended = ended || src[i] == '\n' && i+1 < len(src) && (src[i+1] == '\n' || src[i+1] == '\r')
		case b64Blank:
			blank++
		case b64Pad:
			out, bad = flush(out, acc, n, bad)
			acc, n, ended = 0, 0, true
		default:
			odd = odd || ended
			acc, n = acc<<6|uint32(v), n+1
			if n == 4 {
				out = append(out, byte(acc>>16), byte(acc>>8), byte(acc))
				acc, n = 0, 0
			}
		}
		i++
	}
	out, bad = flush(out, acc, n, bad)
	odd = odd || bad+blank > 0
	if (bad+blank)*10 > len(src) {
		return src, odd, false
	}
	return out, odd, bad == 0
}

// decodeQuads decodes whole groups of four as long as nothing else comes, and tells how many bytes
// it took.
// Nearly all of a body goes this way; the loop of decodeBase64 is for line ends and faults.
func decodeQuads(out, src []byte) ([]byte, int) {
	i := 0
	for ; i+4 <= len(src); i += 4 {
		a, b, c, d := b64Value[src[i]], b64Value[src[i+1]], b64Value[src[i+2]], b64Value[src[i+3]]
		if a|b|c|d >= 64 {
			break
		}
		out = append(out, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return out, i
}

// flush writes the bytes of an unfinished group.
// A group of one character holds no whole byte: it counts as a fault.
func flush(out []byte, acc uint32, n, bad int) ([]byte, int) {
	switch n {
	case 1:
		bad++
	case 2:
		out = append(out, byte(acc>>4))
	case 3:
		out = append(out, byte(acc>>10), byte(acc>>2))
	}
	return out, bad
}

// decodeQuoted decodes quoted-printable (RFC 2045 §6.7). An "=" that begins no escape stays as it is.
// A "=" at the end of a line, white space behind it allowed, joins two lines. A body without any "=" is returned without a copy.
func decodeQuoted(src []byte) (out []byte, clean bool) {
	first := bytes.IndexByte(src, '=')
	if first < 0 {
		return src, true
	}
	out = make([]byte, 0, len(src))
	clean = true
	for {
		i := bytes.IndexByte(src, '=')
		if i < 0 {
			return append(out, src...), clean
		}
		out, src = append(out, src[:i]...), src[i+1:]
		for { // a run of escapes, as Chinese text is
			var ok bool
			if out, src, ok = quotedEscape(out, src); !ok {
				clean = false
				out = append(out, '=')
			}
			if len(src) == 0 || src[0] != '=' {
				break
			}
			src = src[1:]
		}
	}
}

// quotedEscape handles what follows an "=".
// It returns what was appended to, what is left, and whether it was an escape or a soft line break.
func quotedEscape(out, src []byte) ([]byte, []byte, bool) {
	if len(src) >= 2 {
		hi, lo := hexValue(src[0]), hexValue(src[1])
		if hi < 16 && lo < 16 {
			return append(out, hi<<4|lo), src[2:], true
		}
	}
	i := 0
	for i < len(src) && (src[i] == ' ' || src[i] == '\t' || src[i] == '\r') {
		i++
	}
	switch {
	case i == len(src):
		return out, nil, true
	case src[i] == '\n':
		return out, src[i+1:], true
	}
	return out, src, false
}

// hexValue is the value of a hexadecimal digit of either case, or 16.
func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 16
}
