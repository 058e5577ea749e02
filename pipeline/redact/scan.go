package redact

import (
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/redact/aloud"
	"frontdesk/pipeline/redact/fold"
	"frontdesk/pipeline/redact/numbers"
)

// Masks. The bullet is no digit, letter or separator, so that masked text is left alone later.
const (
	// Their length tells nothing about that of what they hide.
	bullet       = "•"
	cvvMask      = "•••"
	otpMask      = "••••••"
	passwordMask = "••••••••"
	cardMask     = "•••• " // the last four digits follow
)

// context is a sort of words that says what a number near it is.
type context uint8

const (
	// The lists of words.txt say which words are of which sort (announcing in words.go).
	noContext context = iota
	cardWord
	orderWord
	cvvWord
	codeWord // of one-time codes
	pinWord
	bothWord // "security code": a verification value when short, else a one-time code
	expiryWord
	digitsWord // "the three digits": a verification value where "on the back" is near
	backWord
	passwordWord
	passWord     // a password only where a sign or its look says so
	phraseWord   // a password of several words
	vetoWord     // makes a "code" behind it harmless
	spokenWord   // a number in letters
	numberedWord // names something else that has a number: a room, a floor
	capitalWord  // of one-time codes, in capitals
	prefixWord   // of a payment provider's secrets
	passportWord // announces the number of a passport or a travel permit
	sentWord     // says that something was sent: a one-time code where digits were
	checkWord    // says so less surely, or what digits are for
	loginWord    // what is typed behind it is a password, where it looks like one
	contexts
)

// scanner holds the state of one pass.
// It goes over the text once, from left to right. Words leave a note of where they ended (last), and a number asks which notes are near:
// so nothing is searched backwards, and the cost stays linear.
type scanner struct {
	fold.Folded
	// s is what is read; src is the original, of which what is not masked is copied to out.
	s           string // the folded text
	src         string
	out         []byte // masked text so far; nil while nothing was found
	done        int    // src[:done] is in out
	past        int    // s[:past] is decided
	count       [kindCount]int
	formats     numbers.Formats
	rightToLeft bool

	refold, readAloud bool // the text must be folded, or numbers in letters read, and the pass begun anew

	last       [contexts]int // end of the last word of each sort, plus one; 0 for none
	cardEnd    int           // end of the last card, plus one
	cardDigits int           // how many it has
	dateEnd    int           // end of the last expiry date, plus one
	spoken     int           // end of the last number in letters, plus one

	groups     [maxGroups]group
	groupCount int // how many of them are of the sequence that is read
	digits     [maxGroups * maxDigits]byte
}

// class of a byte: what the scan does at it.
const (
	skip = iota
	letter
	number
	wide   // first byte of a Chinese or full-width character that may matter
	other  // first byte of another character
	escape // may begin a character that is written as a reference
)

// classes tells by a table what to do at a byte; most bytes of a text are skipped by it.
var classes = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			t[c] = letter
		case '0' <= c && c <= '9':
			t[c] = number
		case c >= 0xe3 && c <= 0xe9:
			t[c] = wide
		case c >= 0xc2:
			t[c] = other
		case c == '&' || c == '%' || c == '=' || c == '\\':
			t[c] = escape
		}
	}
	return t
}()

// run ends early when the text must be folded or read aloud first (Masker.Text begins anew then).
// Every reader of a thing returns where to go on, always behind where it began: that is why the pass ends.
func (x *scanner) run() {
	s := x.s
	for i := 0; i < len(s); {
		switch classes[s[i]] {
		case skip:
			i++
		case letter:
			i = x.word(i)
		case number:
			i = x.number(i)
		case wide:
			i = x.wide(i)
		default:
			i = x.foreign(i)
		}
		if x.refold || x.readAloud {
			return
		}
	}
}

// foreign looks at one character that is neither ASCII nor Chinese, or at a reference.
// Before the text is folded, a character that folding would change asks for that (refold); afterwards there is none.
func (x *scanner) foreign(i int) int {
	if !x.Untouched() {
		if classes[x.s[i]] == other {
			return x.wideWord(i)
		}
		return i + 1
	}
	if c := x.s[i]; c == 0xe2 && i+2 < len(x.s) && x.s[i+1] == 0x80 && x.s[i+2] >= 0x90 && x.s[i+2] <= 0xa7 || c == 0xef && i+2 < len(x.s) && x.s[i+1] == 0xbc && x.s[i+2] <= 0x8f {
		return i + 3 // dashes, quotation marks, full-width punctuation
	}
	n, yes := fold.Needed(x.s, i)
	if yes {
		x.refold = true
	}
	if n > 1 && !yes {
		return x.wideWord(i)
	}
	return i + n
}

// wideWord looks for a word of another script at i.
func (x *scanner) wideWord(i int) int {
	if c, n := foreignContext(x.s[i:]); n > 0 {
		switch c {
		case passwordWord:
			return x.secret(i+n, c)
		case passportWord:
			return x.passport(i, i+n)
		}
		x.note(c, i+n)
		return i + n
	}
	_, n := utf8.DecodeRuneInString(x.s[i:])
	return i + n
}

// note remembers that a context word ends at i.
func (x *scanner) note(c context, i int) { x.last[c] = i + 1 }

// near returns where the last word of that sort ended, if that is at most n bytes before i.
// Only the last word of a sort counts; one before it is farther away anyhow.
func (x *scanner) near(c context, i, n int) (end int, ok bool) {
	end = x.last[c] - 1
	return end, end >= 0 && i-end <= n
}

// mask replaces s[i:j].
// i and j are places in s; what is cut out of the original is all that they stand for, so signs that nobody sees go with the number.
func (x *scanner) mask(kind, i, j int, with ...string) {
	from, to := max(x.Start(i), x.done), x.End(j)
	if to <= from {
		return
	}
	if x.out == nil {
		x.out = make([]byte, 0, len(x.src)+len(x.src)/8+32) // a mask may be longer than what it hides
	}
	x.out = append(x.out, x.src[x.done:from]...)
	for _, w := range with {
		x.out = append(x.out, w...)
	}
	x.done, x.past = to, j
	x.count[kind]++
}

// maxWord is the longest word that is looked up.
// The longest of words.txt must fit.
const maxWord = 16

// word reads an ASCII word and notes what it says. It returns where to go on.
// latinStarts turns nearly all words away by their first two letters, length and last letter, before anything is looked up.
func (x *scanner) word(i int) int {
	s, j := x.s, i+1
	for j < len(s) && classes[s[j]] == letter {
		j++
	}
	n := j - i
	if n < 2 || n > maxWord {
		if n == 1 {
			return x.single(i)
		}
		return j
	}
	if bits := latinBits(n, s[j-1]); latinStarts[latinStart(s[i], s[i+1])]&bits != bits {
		x.outOfLetters(i, j)
		return j
	}
	var b [maxWord]byte
	for k := range n {
		b[k] = s[i+k] | 0x20
	}
	return x.meaning(i, j, b[:n])
}

// meaning notes what the word at i to j says; word is it in lower case.
// Most sorts are only noted; secrets are looked for at once, since they follow their word.
func (x *scanner) meaning(i, j int, word []byte) int {
	switch c := wordContext(word); c {
	case noContext:
		x.outOfLetters(i, j)
	case capitalWord:
		x.capitals(i, j)
	case prefixWord:
		return x.apiKey(i, j)
	case spokenWord:
		x.spokenNumber(i, j)
	case codeWord:
		x.code(i, j, word)
		return max(j, x.past)
	case cvvWord:
		return x.verification(i, j, word)
	case digitsWord, backWord:
		x.onTheBack(c, i, j, string(word))
	case bothWord:
		x.note(c, j)
		if _, ok := x.near(codeWord, i, 4); ok { // "código de seguridad"
			x.note(cvvWord, j)
			x.note(codeWord, j)
		}
	case passwordWord, passWord, phraseWord:
		return x.passwordAt(c, i, j, string(word))
	case sentWord, checkWord:
		x.sending(c, i, j)
	case loginWord:
		return x.login(i, j)
	case pinWord:
		if x.counts(i) { // "a module of 184PIN"
			return j
		}
		if x.oneTime(i) {
			x.note(codeWord, j)
			return j
		}
		x.note(pinWord, j)
		return x.secret(j, c)
	case passportWord:
		return x.passport(i, j)
	case numberedWord:
	default:
		x.note(c, j)
	}
	return j
}

// capitals notes TAN, a transaction's number, and 2FA, where they are words by themselves and no part of an identifier.
func (x *scanner) capitals(i, j int) {
	s := x.s
	twoFactors := strings.EqualFold(s[i:j], "fa") && i > 0 && s[i-1] == '2' && (i == 1 || classes[s[i-2]] != letter && classes[s[i-2]] != number) && (j == len(s) || classes[s[j]] != number)
	if s[i:j] == "TAN" || twoFactors {
		x.note(codeWord, j)
	}
}

// counts reports whether a number of at most three digits is joined to the front of the word at i.
// "184PIN" says how many pins a thing has.
func (x *scanner) counts(i int) bool {
	n := 0
	for n < i && n < 4 && classes[x.s[i-1-n]] == number {
		n++
	}
	return n > 0 && n < 4
}

// outOfLetters asks for a pass that reads letters as digits, where the word that ends at j is made of
// such that look like them.
func (x *scanner) outOfLetters(i, j int) {
	if aloud.LooksLike(x.s[i])&aloud.LooksLike(x.s[j-1]) != 0 && aloud.OnlyAlike(x.s[i:j]) {
		x.lookAlike(i, j)
	}
}

// lookAlike is a word all of whose letters look like digits.
func (x *scanner) lookAlike(i, j int) {
	x.spokenNumber(i, j)
	if x.Untouched() && (i > 0 && classes[x.s[i-1]] == number || j < len(x.s) && classes[x.s[j]] == number) {
		x.readAloud = true
	}
}

// spokenNumber counts the numbers in letters that follow one another; two ask for a pass that reads
// them.
func (x *scanner) spokenNumber(i, j int) {
	if x.readOutDone() {
		return
	}
	digits := i > 1 && classes[x.s[i-2]] == number || j+1 < len(x.s) && classes[x.s[j+1]] == number
	if x.spoken > 0 && i+1-x.spoken <= 3 || digits {
		x.readAloud = true
	}
	x.spoken = j + 1
}

// readOutDone reports whether numbers in letters are read already.
func (x *scanner) readOutDone() bool { return x.spoken < 0 }

// code notes "code" and what is said with it, unless the word before makes it harmless.
// "code" alone is of one-time codes. With "security" before it, it may be both kinds; with "card" or "digits", a verification value.
func (x *scanner) code(i, j int, word []byte) {
	_, veto := x.near(vetoWord, i, 1)
	if _, order := x.near(orderWord, i, 1); !veto && !order { // "order code", "booking code"
		x.note(codeWord, j)
	}
	if end, ok := x.near(bothWord, i, 2); ok && end < i { // "security code"
		x.note(cvvWord, j)
		x.note(codeWord, j)
	}
	_, card := x.near(cardWord, i, 2)
	_, digits := x.near(digitsWord, i, 2)
	if (card || digits) && word[0] == 'c' || len(word) > 12 || x.described(codeWord, i) { // "card code", "three-digit code", "Sicherheitscode"
		x.note(cvvWord, j)
	}
	x.letterCode(j)
}

// verification notes a word for the verification value; CVV2 and the like have a digit of their own.
// "value" and "cid" are such words only in company.
func (x *scanner) verification(i, j int, word []byte) int {
	s := x.s
	switch string(word) {
	case "value":
		if _, ok := x.near(bothWord, i, 2); !ok {
			return j
		}
	case "cid": // what American Express calls it; also a customer's id and the scheme of pictures in a mail (RFC 2392)
		if _, card := x.near(cardWord, i, maxBeside); !card && (x.cardEnd == 0 || i+1-x.cardEnd > 2*maxBeside) {
			return j
		}
	}
	x.note(cvvWord, j)
	if j < len(s) && s[j] == '2' && (j+1 == len(s) || classes[s[j+1]] != number) {
		x.note(cvvWord, j+1)
		return j + 1
	}
	return j
}

// spelled are words that people spell.
var spelled = []struct {
	word string
	context
}{{"cvv", cvvWord}, {"cvc", cvvWord}, {"csc", cvvWord}, {"cvn", cvvWord}, {"pin", pinWord}, {"otp", codeWord}}

// single reads a letter by itself: perhaps one of "c v v" or "C.V.V.".
// The same sign must stand between all three letters.
func (x *scanner) single(i int) int {
	s := x.s
	if i+4 >= len(s) || i > 0 && classes[s[i-1]] == number && aloud.LooksLike(s[i]) == 0 {
		return i + 1
	}
	if c := s[i] | 0x20; c != 'c' && c != 'p' && c != 'o' {
		x.outOfLetters(i, i+1)
		return i + 1
	}
	for _, w := range spelled {
		if s[i]|0x20 == w.word[0] && s[i+2]|0x20 == w.word[1] && s[i+4]|0x20 == w.word[2] && s[i+1] == s[i+3] && (s[i+1] == ' ' || s[i+1] == '.' || s[i+1] == '-') &&
			(i+5 == len(s) || classes[s[i+5]] != letter) {
			end := i + 5
			if end < len(s) && s[end] == '.' {
				end++
			}
			x.note(w.context, end)
			return end
		}
	}
	x.outOfLetters(i, i+1)
	return i + 1
}

// wide looks at one character of Chinese or Japanese, or a full-width one.
// It is the hot path of Chinese text: one look-up a character, and most have nothing there.
func (x *scanner) wide(i int) int {
	s := x.s
	if len(s)-i < 3 {
		return i + 1
	}
	c, n := hanContext(s[i:])
	if n == 0 {
		switch {
		case aloud.Numeral(s, i) >= 0 && !x.readOutDone() && aloud.ReadsOut(s, i):
			x.readAloud = true
		case s[i] == 0xe3 && s[i+1] != 0x80 && s[i+1] != 0x81:
			return x.foreign(i)
		}
		if s[i] >= 0xe3 && s[i] <= 0xe9 && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 {
			return i + 3 // as nearly all are
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		return i + size
	}
	end := i + n
	switch c {
	case bothWord:
		x.note(cvvWord, end)
		x.note(codeWord, end)
		x.letterCode(end)
	case codeWord:
		x.note(c, end)
		if x.described(c, i) { // 卡背面的验证码
			x.note(cvvWord, end)
		}
		x.letterCode(end)
	case passwordWord:
		return x.passwordAt(c, i, end, "")
	case sentWord, checkWord:
		x.sending(c, i, end)
	case loginWord:
		return x.login(i, end)
	case passportWord:
		return x.passport(i, end)
	case cvvWord:
		if !x.otherEnd(i) {
			x.note(c, end)
		}
	case digitsWord, backWord:
		x.onTheBackHan(c, i, end)
	default:
		x.note(c, end)
	}
	return max(end, x.past)
}

// apiKey masks a secret that a payment provider made, by the prefix that says so. It returns where to go on.
// The prefixes are Stripe's; other providers' go into the list of the same name in words.txt and here.
func (x *scanner) apiKey(i, j int) int {
	s := x.s
	for _, p := range []string{"sk_live_", "sk_test_", "rk_live_", "pk_live_"} {
		if !strings.HasPrefix(s[i:], p) {
			continue
		}
		end := i + len(p)
		for end < len(s) && (classes[s[end]] == letter || classes[s[end]] == number) {
			end++
		}
		if end-i-len(p) >= 8 {
			x.mask(password, i, end, passwordMask)
			return end
		}
	}
	return j
}
