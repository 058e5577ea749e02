package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// lower is strings.ToLower of the text in half width, in one pass.
// It saves a pass, since it is called for each message.
func lower(text string) string {
	if !hasWide(text) {
		return strings.ToLower(text)
	}
	var out strings.Builder
	out.Grow(len(text))
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			c := byte(r)
			if 'A' <= c && c <= 'Z' {
				c |= 0x20
			}
			out.WriteByte(c)
		case r >= 0x3400 && r <= 0x9fff: // Chinese, which has neither width nor case
			out.WriteRune(r)
		default:
			out.WriteRune(unicode.ToLower(narrow(r)))
		}
	}
	return out.String()
}

// halfWidth brings full-width digits, letters and signs to their usual form.
func halfWidth(text string) string {
	if !hasWide(text) {
		return text
	}
	return strings.Map(narrow, text)
}

// narrow knows the block of full-width forms (Unicode FF01-FF5E), whose distance to ASCII is always the same, the wide space, and the signs of
// money and of numbers that the charsets of China and Taiwan have in no other width (FFE0-FFE6, FE50-FE6B): in GBK a pound sign is wide.
func narrow(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xfee0
	case r == 0x3000:
		return ' '
	case r >= 0xfe50 && r <= 0xffe6:
		return narrowSign(r)
	}
	return r
}

// narrowSign is apart because signs are few among the characters of a text.
func narrowSign(r rune) rune {
	switch r {
	case '￥':
		return '¥'
	case '￡':
		return '£'
	case '￦':
		return '₩'
	case '﹩':
		return '$'
	case '﹐':
		return ','
	case '﹒':
		return '.'
	case '﹕':
		return ':'
	case '﹣':
		return '-'
	}
	return r
}
