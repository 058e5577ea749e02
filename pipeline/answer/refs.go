package answer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The scanners of this file and of clock.go stand in the place of regular expressions, which cost more
// than everything else that is asked of a short message. Each says in its comment what it stands for;
// the tests hold it against that expression.

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

// lettersEnd is where the lower-case letters end that stand at i.
func lettersEnd(text string, i int) int {
	for i < len(text) && letter(text[i]) {
		i++
	}
	return i
}

// codeByte reports whether c may stand in the number of an order behind its first digit.
func codeByte(c byte) bool { return letter(c) || c >= '0' && c <= '9' || c == '-' }

// They come from facts.txt; the English words for a number stand in cueWord, since those must be whole words.
var numberWords, versionWords = factLists.Words("number words"), factLists.Words("version words")

// Bounds of an announced number: characters between the word and the number, letters before its
// first digit.
const maxGap, maxLetters = 12, 6

// announced looks for a number behind a word that announces it:
//
//	(?:[单單][号號]|[订訂][单單]|流水|[编編][号號]|交易[号號]|[参參]考|\b(?:order|ref|reference|transaction|booking|txn|id|no|number)\b)
//	[^0-9\n]{0,12}?[a-z]{0,6}-?[0-9][a-z0-9-]{2,}[0-9]
//
// It looks at each number once and walks back at most maxGap + maxLetters characters from it.
func announced(text string) bool {
	for i := 0; i < len(text); {
		if !digit(text, i) {
			i++
			continue
		}
		if long(text, i+1) && cueBefore(text, i) {
			return true
		}
		i = digitsEnd(text, i)
	}
	return false
}

// long reports whether what follows the first digit of a number has a digit in the third place or later.
func long(text string, i int) bool {
	for n := 0; i < len(text) && codeByte(text[i]); i, n = i+1, n+1 {
		if n >= 2 && digit(text, i) {
			return true
		}
	}
	return false
}

// cueBefore walks back from a number's first digit to a word that announces it. Of what it steps over,
// one dash and a few letters before that belong to the number.
func cueBefore(text string, i int) bool {
	own := 0 // characters of the number before its first digit
	if i > 0 && text[i-1] == '-' {
		own = 1
	}
	for own <= maxLetters+1 && i-own > 0 && letter(text[i-own-1]) && own-dash(text, i) < maxLetters {
		own++
	}
	for n := 0; n <= own+maxGap && i > 0; n++ {
		if cueEnds(text, i) {
			return true
		}
		r, size := utf8.DecodeLastRuneInString(text[:i])
		if r == '\n' || r >= '0' && r <= '9' {
			return false
		}
		i -= size
	}
	return false
}

// dash is 1 where a dash stands before i.
func dash(text string, i int) int {
	if i > 0 && text[i-1] == '-' {
		return 1
	}
	return 0
}

// cueEnds reports whether a word that announces a number ends at i.
func cueEnds(text string, i int) bool {
	if i == 0 {
		return false
	}
	if text[i-1] < utf8.RuneSelf {
		return letter(text[i-1]) && bounded(text, i) && cueWord(text[:i])
	}
	return slices.ContainsFunc(numberWords, func(w string) bool { return strings.HasSuffix(text[:i], w) })
}

// cueWord reports whether the text ends with one of the English words.
func cueWord(text string) bool {
	from := len(text)
	for from > 0 && wordByte(text[from-1]) {
		if from--; len(text)-from > len("transaction") {
			return false
		}
	}
	switch text[from:] {
	case "order", "ref", "reference", "transaction", "booking", "txn", "id", "no", "number":
		return true
	}
	return false
}

// maxTokens is how many numbers of a message are judged by themselves.
const maxTokens = 50

// longNumber looks for the number of an order that stands by itself: at least nine digits in
//
//	\b[a-z]{0,8}-?[0-9][a-z0-9-]{7,}\b
//
// that are no telephone number.
// An order number of nine digits or more needs no word before it; a shorter one could be an amount, a date or a house number.
func longNumber(text string) bool {
	found := 0
	for i := 0; i < len(text) && found < maxTokens; {
		if bounded(text, i-1) == bounded(text, i) {
			i++
			continue
		}
		end := tokenEnd(text, i)
		if end < 0 {
			i++
			continue
		}
		if token := text[i:end]; digits(token) >= 9 && !phone(token) {
			return true
		}
		found, i = found+1, end
	}
	return false
}

// tokenEnd is the end of the token that begins at the boundary i, -1 where there is none: the last
// boundary of words in the stretch of letters, digits and dashes.
func tokenEnd(text string, i int) int {
	first := lettersEnd(text, i)
	if first-i > 8 {
		return -1
	}
	if first < len(text) && text[first] == '-' {
		first++
	}
	if !digit(text, first) {
		return -1
	}
	end := first + 1
	for end < len(text) && codeByte(text[end]) {
		end++
	}
	for ; end >= first+8; end-- {
		if bounded(text, end-1) != bounded(text, end) {
			return end
		}
	}
	return -1
}

// phone reports whether a token is a telephone number: ^(?:1[3-9][0-9]{9}|(?:852|853|86|886|65)[0-9]{8,11})$
// Telephone numbers are as long as order numbers, so those of the countries in which the desk's customers are most are known here.
func phone(token string) bool {
	if digitsEnd(token, 0) < len(token) {
		return false
	}
	if mobile(token) {
		return true
	}
	for _, country := range [...]string{"852", "853", "86", "886", "65"} {
		if rest, ok := strings.CutPrefix(token, country); ok && len(rest) >= 8 && len(rest) <= 11 {
			return true
		}
	}
	return false
}

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
