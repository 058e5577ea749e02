package charset

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// whole is a transformer over a function that needs all of its input at once, which is how this
// package uses every decoder.
type whole struct {
	transform.NopResetter
	// decode gets all of the input and returns all of the output.
	decode func(src []byte) []byte
}

// Transform implements transform.Transformer.
func (w whole) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	if !atEOF {
		return 0, 0, transform.ErrShortSrc
	}
	out := w.decode(src)
	if len(out) > len(dst) {
		return 0, 0, transform.ErrShortDst
	}
	return copy(dst, out), len(src), nil
}

// utf16Encoding reads UTF-16 with or without a byte order mark. Without mark and without a label
// that names the order, the more plausible one is taken.
type utf16Encoding struct{ big, little bool }

// NewEncoder implements encoding.Encoding; nothing is ever encoded here.
func (u utf16Encoding) NewEncoder() *encoding.Encoder { return encoding.Nop.NewEncoder() }

// NewDecoder implements encoding.Encoding.
func (u utf16Encoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: whole{decode: u.decode}}
}

// decode lets a byte order mark win over the label. An odd last byte is left out; lone surrogates become U+FFFD.
func (u utf16Encoding) decode(src []byte) []byte {
	big := u.big
	switch {
	case len(src) >= 2 && src[0] == 0xfe && src[1] == 0xff:
		big, src = true, src[2:]
	case len(src) >= 2 && src[0] == 0xff && src[1] == 0xfe:
		big, src = false, src[2:]
	case !u.big && !u.little:
		big = looksBigEndian(src)
	}
	units := make([]uint16, 0, len(src)/2)
	for i := 0; i+1 < len(src); i += 2 {
		hi, lo := src[i], src[i+1]
		if !big {
			hi, lo = lo, hi
		}
		units = append(units, uint16(hi)<<8|uint16(lo))
	}
	return []byte(string(utf16.Decode(units)))
}

// looksBigEndian compares how many units of either order are ASCII, CJK, kana, hangul or full-width.
func looksBigEndian(src []byte) bool {
	plausible := func(hi byte) bool {
		return hi == 0 || hi == 0x30 || hi == 0xff || hi >= 0x4e && hi <= 0x9f || hi >= 0xac && hi <= 0xd7 || hi == 0x04
	}
	var big, little int
	for i := 0; i+1 < len(src) && i < 4096; i += 2 {
		if plausible(src[i]) {
			big++
		}
		if plausible(src[i+1]) {
			little++
		}
	}
	return big >= little
}

// utf7Encoding reads UTF-7 (RFC 2152).
type utf7Encoding struct{}

// NewEncoder implements encoding.Encoding; nothing is ever encoded here.
func (utf7Encoding) NewEncoder() *encoding.Encoder { return encoding.Nop.NewEncoder() }

// NewDecoder implements encoding.Encoding.
func (utf7Encoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: whole{decode: decodeUTF7}}
}

// decodeUTF7 replaces each run between "+" and "-" by its characters; a "+" that begins none stays.
func decodeUTF7(src []byte) []byte {
	s := string(src)
	out := make([]byte, 0, len(src))
	for {
		plus := strings.IndexByte(s, '+')
		if plus < 0 {
			return append(out, s...)
		}
		out, s = append(out, s[:plus]...), s[plus+1:]
		if strings.HasPrefix(s, "-") {
			out, s = append(out, '+'), s[1:]
			continue
		}
		n := 0
		for n < len(s) && isBase64(s[n]) {
			n++
		}
		if n == 0 {
			out = append(out, '+')
			continue
		}
		out = append(out, shiftedUTF16(s[:n])...)
		s = strings.TrimPrefix(s[n:], "-")
	}
}

// shiftedUTF16 decodes one base64 run of UTF-7.
func shiftedUTF16(run string) string {
	if len(run)%4 == 1 { // a lone character carries no byte
		run = run[:len(run)-1]
	}
	b, err := base64.RawStdEncoding.DecodeString(run)
	if err != nil {
		return run
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// shiftedEncoding reads the ISO 2022 charsets that change to a 94×94 set with SO and back with SI
// (RFC 1557, RFC 1922); inner is the 8-bit form of that set.
type shiftedEncoding struct{ inner encoding.Encoding }

// NewEncoder implements encoding.Encoding; nothing is ever encoded here.
func (e shiftedEncoding) NewEncoder() *encoding.Encoder { return encoding.Nop.NewEncoder() }

// NewDecoder implements encoding.Encoding.
func (e shiftedEncoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: whole{decode: e.decode}}
}

// decode sets the high bit of what stands between SO and SI and reads the result as inner. A line end shifts back,
// so that one lost SI does not cost the rest of the mail. The escape that names the set is skipped.
func (e shiftedEncoding) decode(src []byte) []byte {
	eight := make([]byte, 0, len(src))
	shifted := false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case c == 0x1b && i+3 < len(src) && src[i+1] == '$': // designation: ESC $ ) C
			i += 3
		case c == '\n':
			shifted = false
			eight = append(eight, c)
		case shifted && c > ' ' && c < 0x7f:
			eight = append(eight, c|0x80)
		default:
			eight = append(eight, c)
		}
	}
	out, err := e.inner.NewDecoder().Bytes(eight)
	if err != nil {
		return eight
	}
	return out
}
