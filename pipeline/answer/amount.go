package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Amount is a sum of money that a text names.
type Amount struct {
	Currency string // ISO 4217; empty for a bare $ or an unknown unit
	// Value is in units of the currency, 12.5 for "12.50"; it serves thresholds and comparisons, never accounts.
	Value float64
}

// Amounts finds sums of money in a text: "¥200", "200元", "HKD 300", "US$1,299.00", "5万块",
// "1.5k usd". A bare number is none. It returns at most 20.
// The first maxText bytes are looked at. Order is that of the text, and equal sums are not joined.
func (f *Finder) Amounts(text string) []Amount {
	return sums(nearDigits(lower(text[:min(len(text), maxText)])))
}

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

// factor is what a number is multiplied with; 1 for no scale.
func factor(scale string) float64 {
	switch strings.ToLower(scale) {
	case "千", "k":
		return 1e3
	case "万", "萬":
		return 1e4
	case "亿", "億":
		return 1e8
	}
	return 1
}

// currency names the unit as it was written; "" where it may be of several.
func currency(unit string) string {
	return currencies[strings.ToUpper(strings.Join(strings.Fields(unit), ""))]
}

// currencies are the units with their currencies.
// They come from money.txt: a list whose name is no ISO 4217 code is one of the two that say where units stand. A unit that is missing
// there is added to both: to its currency and to its place.
var currencies = func() map[string]string {
	out := map[string]string{}
	for _, name := range moneyLists.Names() {
		if name == "before" || name == "behind" {
			continue
		}
		for _, unit := range moneyLists.Words(name) {
			out[unit] = name
		}
	}
	return out
}()
