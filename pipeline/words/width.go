package words

// Usual reports whether a text holds nothing but ASCII, Chinese characters, and their signs and letters of full width. No
// form of Unicode changes anything in it but what Narrow changes and some signs, so that such a text, which is nearly every
// one, can be read letter by letter: that is much faster.
func Usual(text string) bool {
	for _, r := range text {
		switch {
		case r < 0x80, Han(r), r >= 0x2010 && r <= 0x2027 && r != 0x2017, r >= 0x3000 && r <= 0x3020, r >= 0xff01 && r <= 0xff5e:
		default:
			return false
		}
	}
	return true
}

// Han reports whether a character is a Chinese one that has no other form (CJK Unified Ideographs and their extension A).
func Han(r rune) bool { return r >= 0x3400 && r <= 0x9fff }

// Narrow brings ASCII of full width, and the Chinese space, to its usual form; every other character stays.
func Narrow(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xfee0
	case r == 0x3000:
		return ' '
	}
	return r
}
