package answer

import "strings"

// The scanners of this file and of clock.go stand in the place of regular expressions, which cost more
// than everything else that is asked of a short message. Each says in its comment what it stands for;
// the tests hold it against that expression.

// digit reports whether an ASCII digit stands at i; false beyond the text.
func digit(text string, i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }

// letter reports whether c is a lower-case letter of ASCII.
func letter(c byte) bool { return c >= 'a' && c <= 'z' }

// wordByte reports whether c is a byte of a word as \b means it.
func wordByte(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || c == '_' || c >= 'A' && c <= 'Z'
}

// bounded reports whether no word goes on at text[i].
func bounded(text string, i int) bool { return i < 0 || i >= len(text) || !wordByte(text[i]) }

// digitsEnd is where the digits end that stand at i.
// It is i itself where none stands there.
func digitsEnd(text string, i int) int {
	for digit(text, i) {
		i++
	}
	return i
}

// codeByte reports whether c may stand in the number of an order behind its first digit.
func codeByte(c byte) bool { return letter(c) || c >= '0' && c <= '9' || c == '-' }

// versionWords come from facts.txt.
var versionWords = factLists.Words("version words")

// mobile reports whether digits are a telephone number of mainland China.
func mobile(digits string) bool { return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3' }

// phoneNumber looks for a telephone number: \b1[3-9][0-9]{9}\b|\+[0-9][0-9 -]{7,16}[0-9]
func phoneNumber(text string) bool {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			if international(text, i+1) {
				return true
			}
		case digit(text, i):
			end := digitsEnd(text, i)
			if mobile(text[i:end]) && bounded(text, i-1) && bounded(text, end) {
				return true
			}
			i = end - 1
		}
	}
	return false
}

// international reports whether what follows a plus sign is a telephone number.
func international(text string, i int) bool {
	if !digit(text, i) {
		return false
	}
	for n := 1; i+n < len(text) && n <= 17 && (digit(text, i+n) || text[i+n] == ' ' || text[i+n] == '-'); n++ {
		if n >= 8 && digit(text, i+n) {
			return true
		}
	}
	return false
}

// groupedMobile looks for a telephone number of mainland China in groups: \b1[3-9][0-9]([ -])[0-9]{4}\1[0-9]{4}\b
func groupedMobile(text string) bool {
	for i := 0; i < len(text); i++ {
		if !digit(text, i) {
			continue
		}
		first := digitsEnd(text, i)
		if first-i == 3 && first < len(text) && (text[first] == ' ' || text[first] == '-') && bounded(text, i-1) {
			second := digitsEnd(text, first+1)
			last := digitsEnd(text, second+1)
			if second-first == 5 && last-second == 5 && text[second] == text[first] && bounded(text, last) && mobile(text[i:first]+text[first+1:second]+text[second+1:last]) {
				return true
			}
		}
		i = first
	}
	return false
}

// mailAddress looks for a mail address: [a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+
func mailAddress(text string) bool {
	for i := 1; i < len(text); i++ {
		if text[i] != '@' || !codeByte(text[i-1]) && strings.IndexByte("._%+", text[i-1]) < 0 {
			continue
		}
		end := i + 1
		for end < len(text) && codeByte(text[end]) {
			end++
		}
		if end > i+1 && end+1 < len(text) && text[end] == '.' && codeByte(text[end+1]) {
			return true
		}
	}
	return false
}

// version looks for the number of a version:
//
//	(?:版本|version|\bv|ios|android|安卓|鸿蒙|鴻蒙|harmonyos)\s?[号號:]?\s?[0-9]{1,2}
func version(text string) bool {
	for i := 0; i < len(text); i++ {
		if !digit(text, i) {
			continue
		}
		if versionBefore(text[:i]) {
			return true
		}
		i = digitsEnd(text, i)
	}
	return false
}

// versionBefore reports whether the text ends with a word for a version and what may follow it.
func versionBefore(head string) bool {
	if versionWord(head) {
		return true
	}
	once := cutSpace(head)
	if versionWord(once) || versionWord(cutSpace(once)) {
		return true
	}
	for _, sign := range [...]string{"号", "號", ":"} {
		if rest, ok := strings.CutSuffix(once, sign); ok {
			return versionWord(rest) || versionWord(cutSpace(rest))
		}
	}
	return false
}

// versionWord reports whether the text ends with a word for a version, or with a v that stands by itself.
func versionWord(head string) bool {
	for _, w := range versionWords {
		if strings.HasSuffix(head, w) {
			return true
		}
	}
	return strings.HasSuffix(head, "v") && bounded(head, len(head)-2)
}

// cutSpace takes one white space off the end.
func cutSpace(s string) string {
	if s != "" && space(s[len(s)-1]) {
		return s[:len(s)-1]
	}
	return s
}

// space is \s.
func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }
