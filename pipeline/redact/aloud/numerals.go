package aloud

import (
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/redact/fold"
)

// Numeral returns the Chinese digit at i, -1 if there is none.
// One look-up, since it is asked for every Chinese character.
func Numeral(s string, i int) int {
	if len(s)-i < 3 || s[i] < 0xe3 || s[i] > 0xe9 {
		return -1
	}
	return int(han[uint16(s[i])<<12|uint16(s[i+1]&0x3f)<<6|uint16(s[i+2]&0x3f)]&0x0f) - 1
}

// numberWords are the words with which a number is read out, letter by letter without accents, in
// English, German, French, Spanish, Portuguese, Italian, Dutch and Pinyin.
var numberWords = func() map[string]string {
	out := map[string]string{}
	for _, list := range []string{
		"zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
		"null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf", "zero un deux trois quatre cinq six sept huit neuf dix onze douze",
		"cero uno dos tres cuatro cinco seis siete ocho nueve diez", "zero um dois tres quatro cinco seis sete oito nove",
		"zero uno due tre quattro cinque sei sette otto nove", "nul een twee drie vier vijf zes zeven acht negen", "ling yi er san si wu liu qi ba jiu",
		"oh yao liang", "nought ein zwo fuenf", "nil une",
	} {
		for v, w := range strings.Fields(list) {
			switch w {
			case "yao", "ein", "une":
				v = 1
			case "liang", "zwo":
				v = 2
			case "fuenf":
				v = 5
			}
			digits := string(rune('0' + v%10))
			if v >= 10 {
				digits = "1" + digits
			}
			out[w] = digits
		}
	}
	for i, w := range strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety") {
		out[w] = string(rune('2'+i)) + "0"
	}
	return out
}()

// token is one piece of a number that is read out.
type token struct {
	// digits are the ASCII digits that it stands for; empty for "double" and the like.
	start, end int
	digits     string
	times      int  // 2 for "double", 3 for "triple", else 0
	tens       bool // "forty"
	alike      bool // written with letters that look like digits
	plain      bool // digits as digits
}

// shortestCard is how many digits the shortest number of a payment card has.
const shortestCard = 12

// maxToken is the longest piece that is read.
// Longer runs are keys and encoded data.
const maxToken = 40

// tokenAt reads the piece that starts at i.
// A token is a word for a number, a run of digits, or letters that look like digits ("4lll").
func tokenAt(s string, i int) (token, bool) {
	c := s[i]
	if c >= utf8.RuneSelf {
		if v := Numeral(s, i); v >= 0 {
			return token{start: i, end: i + 3, digits: string(rune('0' + v))}, true
		}
		return token{}, false
	}
	if !isLetter(c) && !isDigit(c) || i > 0 && (isLetter(s[i-1]) || isDigit(s[i-1])) {
		return token{}, false
	}
	j, letters, alike := i, 0, true
	for j < len(s) && j-i <= maxToken && (isLetter(s[j]) || isDigit(s[j])) {
		if isLetter(s[j]) {
			letters++
			alike = alike && LooksLike(s[j]) > 0
		}
		j++
	}
	switch t := (token{start: i, end: j}); {
	case j-i > maxToken, letters > 0 && j-i == 2 && i > 0 && s[i-1] == '=': // "=3D" of quoted-printable
		return token{}, false
	case letters == 0:
		t.plain, t.digits = true, s[i:j]
		return t, true
	case letters == j-i && letters <= maxToken && t.word(strings.ToLower(s[i:j])):
		return t, true
	case alike:
		t.alike, t.digits = true, asDigits(s[i:j])
		return t, true
	}
	return token{}, false
}

// word fills in what a word of a number that is read out says, and reports whether it is one.
func (t *token) word(w string) bool {
	switch w {
	case "double", "shuang":
		t.times = 2
	case "triple", "treble":
		t.times = 3
	case "quadruple":
		t.times = 4
	default:
		if t.digits = numberWords[w]; t.digits == "" {
			return false
		}
		t.tens = t.digits[1:] == "0" && t.digits[0] >= '2'
	}
	return true
}

// asDigits replaces the letters that look like digits.
func asDigits(s string) string {
	b := []byte(s)
	for k, c := range b {
		if d := LooksLike(c); d > 0 {
			b[k] = d
		}
	}
	return string(b)
}

// alikes are the letters that are taken for a digit, and that digit.
// More letters would make numbers of ordinary words.
var alikes = [256]byte{'O': '0', 'o': '0', 'Q': '0', 'D': '0', 'l': '1', 'I': '1', 'i': '1'}

// LooksLike returns the digit that a letter is taken for, 0 for others.
func LooksLike(c byte) byte { return alikes[c] }

// ReadOut replaces numbers that are read out, in words of several languages, Chinese digits or
// letters that look like digits, by their digits.
// It is the second pass, made only for texts in which the first one saw such numbers (scanner.readAloud). All pieces of one number map back to
// the original, so the mask covers the words.
func ReadOut(f fold.Folded) fold.Folded {
	s, w := f.Text, fold.NewWriter(len(f.Text))
	at := 0
	copyTo := func(j int) {
		for ; at < j; at++ {
			w.Put(s[at], f.Start(at), f.End(at+1))
		}
	}
	for i := 0; i < len(s); {
		t, ok := tokenAt(s, i)
		if !ok {
			i++
			continue
		}
		run, end := runOf(s, t)
		for _, part := range stretches(run) {
			if !spokenNumber(part) {
				continue
			}
			for k, t := range part {
				copyBreak(&at, t.start, s, w, f, k > 0)
				for d := range len(t.digits) {
					w.Put(t.digits[d], f.Start(t.start), f.End(t.end))
				}
				at = t.end
			}
		}
		copyTo(end)
		i = end
	}
	copyTo(len(s))
	return w.Done()
}

// stretches parts a run of digits and letters that look like them where the pieces are not grouped as those of one number
// are: "ID 4lll llll" is a word and a number, "2047148535391784_8239_o" a name of a file. What is read out in words is one.
func stretches(run []token) [][]token {
	alike := false
	for _, t := range run {
		if !t.plain && !t.alike {
			return [][]token{run}
		}
		alike = alike || t.alike
	}
	if !alike {
		return nil
	}
	var out [][]token
	for len(run) > 0 {
		n := len(run[0].digits)
		k := 1
		for n <= 6 && k < len(run) && len(run[k].digits) == n {
			k++
		}
		if k > 1 && k < len(run) && len(run[k].digits) < n {
			k++ // the last group is shorter
		}
		if n == 4 && k < 3 && len(run) >= 3 && len(run[1].digits) == 6 { // as on cards of American Express and Diners Club
			k = 3
		}
		out, run = append(out, run[:k]), run[k:]
	}
	return out
}

// copyBreak copies what stands before a piece; between two pieces nothing but a line break.
// Line breaks stay since they part numbers (Line).
func copyBreak(at *int, to int, s string, w *fold.Writer, f fold.Folded, between bool) {
	for ; *at < to; *at++ {
		if !between || s[*at] == '\n' {
			w.Put(s[*at], f.Start(*at), f.End(*at+1))
		}
	}
}

// runOf gathers the pieces that follow t closely.
// "double four" becomes 44, "forty two" 42.
func runOf(s string, t token) (run []token, end int) {
	run = []token{t}
	for {
		last := &run[len(run)-1]
		next, ok := tokenAfter(s, last.end)
		if !ok {
			return run, last.end
		}
		switch {
		case last.times > 0 && len(next.digits) == 1:
			next.digits = strings.Repeat(next.digits, last.times)
			next.start = last.start
			*last = next
		case last.tens && len(next.digits) == 1 && !next.plain && next.digits != "0":
			last.digits = last.digits[:1] + next.digits
			last.end, last.tens = next.end, false
		default:
			run = append(run, next)
		}
	}
}

// tokenAfter finds the next piece behind at most three separators.
// Any word between two pieces but a joiner ends the number.
func tokenAfter(s string, i int) (token, bool) {
	for range 6 {
		if i >= len(s) {
			break
		}
		if t, ok := tokenAt(s, i); ok {
			return t, true
		}
		_, n := SeparatorAt(s, i)
		if n == 0 {
			n = Joiner(s, i)
		}
		if n == 0 {
			break
		}
		i += n
	}
	return token{}, false
}

// spokenNumber reports whether the pieces are a number that is read out: at least three digits,
// not all of them written as such.
// Letters that look like digits are believed for card numbers only, and with a real digit among them: "OOO" is a word.
func spokenNumber(run []token) bool {
	digits, real, words := 0, 0, 0
	spoken, alike := false, false
	for i, t := range run {
		digits += len(t.digits)
		spoken, alike = spoken || !t.plain, alike || t.alike
		if !t.plain && !t.alike && !(i+1 < len(run) && run[i+1].plain && len(run[i+1].digits) > 2) { // "part one 4111" is a label
			words++
		}
		if t.plain || t.alike && strings.ContainsAny(t.digits, "23456789") {
			real++
		}
	}
	if alike && (digits < shortestCard || real == 0) {
		return false
	}
	return spoken && digits >= 3 && (alike || words > 1 || words == len(run))
}

// ReadsOut reports whether the Chinese digit at i begins a number that is read out.
// One Chinese digit by itself is an ordinary word: 一 stands in every other sentence.
func ReadsOut(s string, i int) bool {
	if i > 0 && isDigit(s[i-1]) || i+3 < len(s) && isDigit(s[i+3]) || Numeral(s, i+3) >= 0 {
		return true
	}
	for j, k := i+3, 0; j < len(s) && k < 3; k++ {
		_, n := SeparatorAt(s, j)
		if n == 0 {
			return false
		}
		if j += n; Numeral(s, j) >= 0 {
			return true
		}
	}
	return false
}

// OnlyAlike reports whether a word is made of letters that look like digits.
func OnlyAlike(w string) bool {
	return !slices.ContainsFunc([]byte(w), func(c byte) bool { return LooksLike(c) == 0 })
}
