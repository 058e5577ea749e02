// Package charset turns the bytes of a mail into text, whatever their label says. Labels of the
// WHATWG and IANA indexes are known, with the extensions that mail needs (GB18030 for the whole GB
// family, UTF-7, ISO-2022-KR, CP949 …). Labels lie, so the bytes have a say: see Decode.
package charset

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Decode returns b as valid UTF-8 without NUL. The rule is: what is valid UTF-8 beyond ASCII is UTF-8
// (unless the label is stateful or UTF-16); else the label; else what the bytes look like; else
// windows-1252. asLabelled is false when the label was not followed.
//
// Programs write a label out of habit and convert rarely, so the bytes are asked first. UTF-8 is tried before all others
// because hardly any text of another charset is valid UTF-8 by chance. b is not changed; the result may be longer than b
// by three times. Cost is linear, and at most sample bytes are looked at for a guess. It may be called by several at once.
func Decode(label string, b []byte) (text string, asLabelled bool) {
	enc, fam := lookup(label)
	if isASCII(b) && fam != stateful && fam != utf16Label {
		if bytes.IndexByte(b, 0x1b) >= 0 && looksISO2022JP(b) {
			return clean(decodeWith(japanese.ISO2022JP, b)), false
		}
		return clean(string(b)), true
	}
	valid := utf8.Valid(b)
	chosen, asLabelled := choose(enc, fam, b, valid)
	asLabelled = asLabelled || label == ""
	if chosen == nil {
		b = bytes.TrimPrefix(b, []byte("\ufeff"))
		if valid && bytes.IndexByte(b, 0) < 0 {
			return string(b), asLabelled
		}
		return clean(string(b)), asLabelled
	}
	return clean(decodeWith(chosen, b)), asLabelled
}

// Known reports whether a label names a charset other than ASCII and UTF-8, so that it may serve as
// a hint for unlabelled bytes of the same message.
func Known(label string) bool {
	_, fam := lookup(label)
	return fam == stateful || fam == multibyte || fam == singleByte
}

// Vague reports whether a label says nothing about bytes above 0x7f: none, ASCII, or unknown.
func Vague(label string) bool {
	_, fam := lookup(label)
	return fam == asciiLabel || fam == unknownLabel
}

// choose picks the encoding to decode b with; nil means UTF-8. valid says that b is valid UTF-8.
// It follows Decode's rule family by family. A stateful label counts only for 7-bit text: bytes above 0x7f prove that the
// text is something else. A double-byte label is given up when its own decoder fails on a good part; a western one when the bytes
// are surely Chinese: programs write GBK under iso-8859-1.
func choose(enc encoding.Encoding, fam family, b []byte, valid bool) (encoding.Encoding, bool) {
	switch fam {
	case utf8Label:
		if valid || countUTF8(b).most() {
			return nil, true
		}
		return guess(b), false
	case utf16Label:
		if valid && bytes.IndexByte(b, 0) < 0 && !isASCII(b) {
			return nil, false
		}
		return enc, true
	case stateful:
		if isASCII(b) {
			return enc, true
		}
	case multibyte:
		if valid && !hasEastAsian(b) && !twoByteText(b) {
			return enc, true
		}
	}
	if !isASCII(b) && (valid || countUTF8(b).surely(fam)) {
		return nil, false
	}
	switch {
	case enc == nil || fam == stateful && !isASCII(b):
		return guess(b), fam == asciiLabel
	case fam == singleByte && surelyGB(b):
		return simplifiedchinese.GB18030, false
	case fam == multibyte && mostlyWrong(enc, b):
		return guess(b), false
	}
	return enc, true
}

// hasEastAsian reports whether valid UTF-8 holds a character of three bytes or more. A few
// double-byte characters can look like UTF-8 of two-byte sequences by accident (see twoByteText); a whole
// text of Chinese in UTF-8 cannot do without longer ones.
func hasEastAsian(b []byte) bool {
	for _, c := range b {
		if c >= 0xe0 {
			return true
		}
	}
	return false
}

// mostlyWrong reports whether a label's own decoder cannot read a good part of the text.
// One character in eight, counted as two bytes, is more than damage.
func mostlyWrong(enc encoding.Encoding, b []byte) bool {
	b = b[:min(len(b), sample)]
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return true
	}
	bad := bytes.Count(out, []byte("\ufffd"))
	return bad > 1 && bad*8 > len(b)/2
}

// looksISO2022JP finds the escape to a Japanese character set.
func looksISO2022JP(b []byte) bool {
	return bytes.Contains(b, []byte("\x1b$B")) || bytes.Contains(b, []byte("\x1b$@"))
}

// decodeWith decodes with one encoding. Decoders replace what they cannot read.
func decodeWith(enc encoding.Encoding, b []byte) string {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return string(b)
	}
	return string(out)
}

// clean makes s storable: valid UTF-8, no NUL.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return s
}

// isASCII looks at eight bytes at a time: it is asked of every text, some of megabytes.
func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
