package redact

import (
	"strings"

	"frontdesk/pipeline/redact/values"
)

// Bounds of a passport's number: characters in all, digits, and letters, of which at most three stand before the digits.
const (
	shortestPassport, longestPassport = 7, 10
	leastPassportDigits               = 6
	longestPermit                     = 11 // of residents of Hong Kong and Macau
	mostPassportLetters               = 3
	passportGap                       = 36 // bytes between the number and its word
)

// passport masks the number behind the word for a passport at i to j, or before it where "is my" or the like ties it to the word:
// "passport no. E12345678", "护照号 EA 1234567", "G12345678是我的护照". It returns where to go on.
// A passport has no check digit of its own, so nothing but the word says what the number is: what stands between may say nothing else.
func (x *scanner) passport(i, j int) int {
	if from, to := x.passportFrom(j); to > 0 {
		x.mask(passport, from, to, passwordMask[:len(bullet)*6]+x.s[to-2:to])
		return to
	}
	if from, to := x.passportBefore(i); to > 0 && from >= x.past {
		x.mask(passport, from, to, passwordMask[:len(bullet)*6]+x.s[to-2:to])
	}
	return j
}

// passportFrom finds the number behind a word that ends at i; to is 0 for none.
func (x *scanner) passportFrom(i int) (from, to int) {
	s := x.s
	at := i
	for at < len(s) && at-i <= passportGap && classes[s[at]] != number {
		at++
	}
	if at == len(s) || classes[s[at]] != number {
		return 0, 0
	}
	from = at
	if from > i && (s[from-1] == ' ' || s[from-1] == '-') && from-1 > i && upper(s[from-2]) && (from < 4 || classes[s[from-4]] != letter || !upper(s[from-3])) {
		from-- // "E 1234 5678"
	}
	for from > i && classes[s[from-1]] == letter {
		from--
	}
	if from == i && s[i-1] < 0x80 || !plain(passportAside.Replace(strings.ToLower(s[i:from]))) && !x.surePassport(i, from) ||
		strings.EqualFold(s[max(0, i-3):i], "ppt") && !strings.Contains(strings.ToLower(s[i:from]), "n") { // a file of slides
		return 0, 0
	}
	return from, x.passportEnd(from)
}

// surePassport reports whether a capital or two and seven or eight digits begin at j, in the sentence of the word that ends at i, and
// nothing between names something else: no more need tie such a number to its word.
func (x *scanner) surePassport(i, j int) bool {
	k := j
	for k < len(x.s) && upper(x.s[k]) {
		k++
	}
	d := k
	for d < len(x.s) && classes[x.s[d]] == number {
		d++
	}
	return k > j && k-j <= 2 && d-k >= 7 && d-k <= 8 && (d == len(x.s) || classes[x.s[d]] != letter) && x.last[orderWord] <= i && values.OneSentence(x.s[i:j]) && !othersNumber(x.s[i:j]) && !namesOrder(x.s[i:j])
}

// namesOrder reports whether s has a word for an order or the like.
func namesOrder(s string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if latinIndex[w] == orderWord {
			return true
		}
	}
	for _, w := range hanOrders {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// hanOrders are the Chinese words for orders and the like.
var hanOrders = wordLists.Words("han order")

// passportAside are words between that say of the number no more than that it is one.
var passportAside = strings.NewReplacer("no.", "no", "nr.", "no", "n°", "no", "nº", "no", "nr", "no", "num", "no", "book", "", "holder", "", "document", "", "reads", "", "编号", "", "編號", "", "本号", "", "上", "", "ber", "")

// passportEnd is the end of a passport's number that begins at i, 0 where none does. One space or dash may stand before each group of digits.
func (x *scanner) passportEnd(i int) int {
	s := x.s
	letters, digits, lower, end := 0, 0, 0, i
	for at := i; at < len(s); {
		switch {
		case classes[s[at]] == letter:
			letters++
			if !upper(s[at]) {
				lower++
			}
		case classes[s[at]] == number:
			digits++
		case (s[at] == ' ' || s[at] == '-') && at+1 < len(s) && classes[s[at+1]] == number && digits+letters < longestPassport-1:
			at++
			continue
		default:
			at = len(s)
			continue
		}
		at++
		end = at
	}
	mixed := lower > 0 && lower < letters
	if mixed || !passportLength(letters, digits, s[i] == 'H' || s[i] == 'M') {
		return 0
	}
	if letters == 0 && end-i == 8 && (strings.HasPrefix(s[i:], "20") || strings.HasPrefix(s[i:], "19")) && s[i+4] <= '1' && s[i+6] <= '3' {
		return 0 // a day
	}
	return end
}

// passportLength reports whether a number of so many letters and digits may be that of a passport, or of a permit.
func passportLength(letters, digits int, permit bool) bool {
	all := letters + digits
	if letters == 0 {
		return all == 8 || all == 9
	}
	return all >= shortestPassport && (all <= longestPassport || permit && all == longestPermit) && digits >= leastPassportDigits && letters <= mostPassportLetters
}

// passportBefore finds the number before a word that begins at i, tied to it by a verb, a bracket or nothing but a space.
func (x *scanner) passportBefore(i int) (from, to int) {
	s := x.s
	at := i
	for _, tie := range [...]string{"my ", "of ", "number ", "the ", "a ", "is ", "as ", "我的", "本人", "是", "為", "为", "（", "(", "【"} {
		if cut, ok := strings.CutSuffix(s[:at], tie); ok {
			at = len(cut)
		}
	}
	if at == i {
		return 0, 0
	}
	for at > 0 && (s[at-1] == ' ' || s[at-1] == ',') && i-at < passportGap {
		at--
	}
	from = at
	for from > 0 && at-from <= longestPassport && (classes[s[from-1]] == letter || classes[s[from-1]] == number) {
		from--
	}
	if at-from < shortestPassport || !upper(s[from]) || x.passportEnd(from) != at {
		return 0, 0
	}
	return from, at
}
