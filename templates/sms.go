package templates

import (
	"strings"
	"unicode/utf16"
)

// SMSParts is how many parts an SMS should have at most.
// Each part is paid for, and telephones show long messages in pieces.
const SMSParts = 3

// Characters of the GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1) beside letters and digits
// of ASCII, and of its extension table, which cost two.
const (
	gsmBasic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà"
	gsmExtended = "^{}\\[~]|€"
)

// parts counts the SMS parts that a text takes: 160 characters, or 153 in each of several, in the
// 7-bit alphabet; 70 or 67 UTF-16 units in any other text.
func parts(text string) int {
	if n, ok := septets(text); ok {
		return count(n, 160, 153)
	}
	return count(len(utf16.Encode([]rune(text))), 70, 67)
}

// count is how many parts n units take.
func count(n, single, each int) int {
	if n <= single {
		return 1
	}
	return (n + each - 1) / each
}

// septets counts those of a text; ok is false where a character is outside of the alphabet, which makes all of it UTF-16.
func septets(text string) (n int, ok bool) {
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(gsmBasic, r):
			n++
		case strings.ContainsRune(gsmExtended, r):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}
