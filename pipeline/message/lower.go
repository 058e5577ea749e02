package message

import "strings"

// Lower is strings.ToLower. It is here for all stages because their texts are mostly Chinese with a few
// Latin letters in them, where it is several times as fast.
func Lower(text string) string {
	upper := false
	for _, r := range text {
		switch {
		case 'A' <= r && r <= 'Z':
			upper = true
		case r < 0x80, r >= 0x3000 && r <= 0x9fff, r >= 0xff00 && r <= 0xff20: // none of them has case
		default:
			return strings.ToLower(text)
		}
	}
	if !upper {
		return text
	}
	var out strings.Builder
	out.Grow(len(text))
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		out.WriteByte(c)
	}
	return out.String()
}
