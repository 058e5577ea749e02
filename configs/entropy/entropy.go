// Package entropy estimates how hard a secret is to guess. It is a leaf.
package entropy

import (
	_ "embed"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What a secret must have, in bits of our estimate.
const (
	Enough         = 80.0  // of a secret of ours
	EnoughKey      = 128.0 // of a master key
	EnoughPassword = 40.0  // of a password to a server that is ours, which counts wrong ones
)

// How strong a secret is, is told by an estimate of what somebody needs who knows how people make secrets up. It is not told from
// the secret what it really is; a random one is never called weak, and one that a person thought of nearly always is.

//go:embed words.txt
var wordsFile string

// Bits of what people put together.
const (
	// A list of 512 equally likely words would be 9 bits a word. The numbers are estimates, kept low: a weak secret that passes costs more
	// than a good one that is asked about.
	bitsWord     = 9.0 // a word of the list, with its spelling
	bitsSpelling = 1.0 // a capital, a figure in place of a letter
	bitsPattern  = 6.0 // where a sequence or a repetition begins and what it is, besides its length
	bitsLetter   = 2.2 // a letter of a word that is not in the list
	bitsYear     = 7.0
	bitsMark     = 3.0 // a mark between words, the first time
	bitsMarkMore = 0.7 // and again
	bitsHan      = 5.0 // a character of another script: people write words
	// longestLooked bounds what is looked at; what is longer is at least as strong as its beginning.
	longestLooked = 256
	// shortestWord is the least length of a word that is looked for inside others.
	shortestWord = 3
	longestWord  = 16
)

// Bits estimates how many bits somebody must guess to find the text. 80 are out of reach for good; a person's password
// has 20 to 40.
// The cost grows with the square of longestLooked at most. The text itself goes nowhere.
func Bits(text string) float64 {
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	if len(runes) > longestLooked {
		runes = runes[:longestLooked]
	}
	if p := period(runes); p < len(runes) {
		return estimate(runes[:p]) + math.Log2(float64(len(runes))/float64(p)) + 1
	}
	return estimate(runes)
}

// period is the length after which the text repeats itself; its own length if it does not.
func period[T comparable](text []T) int {
	fail := make([]int, len(text)+1) // Knuth-Morris-Pratt: the longest border of each beginning
	for i, k := 1, 0; i < len(text); i++ {
		for k > 0 && text[i] != text[k] {
			k = fail[k]
		}
		if text[i] == text[k] {
			k++
		}
		fail[i+1] = k
	}
	return len(text) - fail[len(text)]
}

// guess reads a text from left to right, each time by the cheapest thing that people write.
// words are those of the list. size is asked for what no word and no pattern explains.
type guess struct {
	// marks are those that were seen already.
	text  []rune
	plain []rune // in small letters, figures read as the letters they stand for
	words map[string]bool
	size  float64 // bits of a character of the text that belongs to nothing
	marks map[rune]bool
}

// estimate adds up the cheapest reading (next), and is never more than what few different characters can say.
func estimate(text []rune) float64 {
	g := &guess{text: text, words: wordList(), size: math.Log2(alphabet(text)), marks: map[rune]bool{}}
	for _, r := range text {
		g.plain = append(g.plain, spelled(unicode.ToLower(r)))
	}
	bits := 0.0
	for at := 0; at < len(text); {
		n, more := g.next(at)
		at, bits = at+n, bits+more
	}
	few := float64(distinct(text)) // which ones, and each time one of them
	return min(bits, 3*few+float64(len(text))*math.Log2(few+1))
}

// next is the length and the bits of what begins at a place.
// The order is from what is cheapest to guess; what fits nothing costs as much as a random character of its sort.
func (g *guess) next(at int) (int, float64) {
	if n := run(g.text[at:]); n >= 3 {
		return n, min(bitsPattern+math.Log2(float64(n)), float64(n)*g.size)
	}
	if n := g.word(at); n > 0 {
		return n, bitsWord + g.spelling(at, n)
	}
	if n := g.year(at); n > 0 {
		return n, bitsYear
	}
	if n := g.spoken(at); n > 0 {
		return n, float64(n)*bitsLetter + g.spelling(at, n)
	}
	r := g.text[at]
	switch {
	case r < utf8.RuneSelf && (isLetter(r) || isDigit(r)):
		return 1, g.size
	case r < utf8.RuneSelf && g.marks[r]:
		return 1, bitsMarkMore
	case r < utf8.RuneSelf:
		g.marks[r] = true
		return 1, bitsMark
	default:
		return 1, bitsHan
	}
}

// run is how long a sequence goes on: the same character, each one more or one less, or a row of the keyboard.
// The rows are those of English and German keyboards, both ways; of shorter pieces than four keys chance makes too many.
func run(text []rune) int {
	longest := 1
	for _, step := range []rune{0, 1, -1} {
		n := 1
		for n < len(text) && text[n]-text[n-1] == step {
			n++
		}
		longest = max(longest, n)
	}
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "qwertzuiop", "poiuytrewq", "lkjhgfdsa", "0987654321"} {
		from := strings.IndexRune(row, unicode.ToLower(text[0]))
		if from < 0 {
			continue
		}
		n := 0
		for n < len(text) && from+n < len(row) && unicode.ToLower(text[n]) == rune(row[from+n]) {
			n++
		}
		if n >= 4 {
			longest = max(longest, n)
		}
	}
	return longest
}

// word is the length of the longest word of the list that begins at a place.
// It takes the longest, as a person reads: "password" and not "pass". A word of the list may be spelled with figures for letters.
func (g *guess) word(at int) int {
	for n := min(longestWord, len(g.text)-at); n >= 2; n-- {
		if n < shortestWord && g.text[at] < utf8.RuneSelf {
			break
		}
		for _, spelling := range []string{strings.ToLower(string(g.text[at : at+n])), string(g.plain[at : at+n])} {
			// Three letters alone are a word between marks and in front, and chance in the middle of others.
			if g.words[spelling] && (n > shortestWord || spelling[0] >= utf8.RuneSelf || g.apart(at, n)) {
				return n
			}
		}
	}
	return 0
}

// apart reports whether what stands there is a word by itself: between marks, figures or the ends, in letters of one sort.
func (g *guess) apart(at, n int) bool {
	letter := func(i int) bool { return i >= 0 && i < len(g.text) && isLetter(g.text[i]) }
	return (!letter(at-1) || g.humps(at)) && (!letter(at+n) || g.humps(at+n)) && regular(g.text[at:at+n])
}

// year is a year of these times, or a day of one, between things that are no figures.
// People put the year of their birth behind a word, or the whole day (YYYYMMDD).
func (g *guess) year(at int) int {
	if at > 0 && isDigit(g.text[at-1]) {
		return 0
	}
	n := 0
	for n < 9 && at+n < len(g.text) && isDigit(g.text[at+n]) {
		n++
	}
	if n != 4 && n != 8 {
		return 0
	}
	if century := string(g.text[at : at+2]); century != "19" && century != "20" {
		return 0
	}
	if n == 8 && (g.text[at+4] > '1' || g.text[at+6] > '3') {
		return 0
	}
	return n
}

// spoken is the length of the letters at a place if they can be said: most pairs of neighbours are frequent in English or in
// Chinese written in Latin letters. Of random letters a fifth of the pairs is.
func (g *guess) spoken(at int) int {
	if at > 0 && isLetter(g.text[at-1]) && !g.humps(at) {
		return 0
	}
	n := 0
	for at+n < len(g.text) && isLetter(g.text[at+n]) && (n == 0 || !g.humps(at+n)) {
		n++
	}
	if n < 4 || !regular(g.text[at:at+n]) {
		return 0
	}
	hits := 0
	for i := at; i+1 < at+n; i++ {
		if strings.Contains(frequentPairs, " "+strings.ToLower(string(g.text[i:i+2]))) {
			hits++
		}
	}
	if float64(hits) < 0.7*float64(n-1) {
		return 0
	}
	return n
}

// humps reports a capital behind a small letter, as two words are put together.
func (g *guess) humps(at int) bool {
	return at > 0 && unicode.IsUpper(g.text[at]) && unicode.IsLower(g.text[at-1])
}

// frequentPairs are the pairs of letters that most of English, and most syllables of Chinese, are made of.
const frequentPairs = " th he in er an re nd on en at ou ed ha to or it is hi es ng as ar te se st le al ve of me ti nt ea co ri ro li ra io ic " +
	"el la ta de ma us ll si om ch ur ec ns pe ot ge lo ne ut no di ai wa pr tr ho il un wh ee ss ct ie so ke be sh ca po ac em oo ow " +
	"pl ul ol mo ad im am id ly fo su ir ai ei ui ao iu ue zh xi ji qi ni wo wu yu ya ye yi fu gu ku hu ju ba bi bu da du mi mu pa pi " +
	"lu sa sy my by fi fe fr cr gr br cl bl sp sw ev av ag ig ee ck rs rt ry rd rm ft ld lt op ap ep up ip ay ey oy tt ff pp mm nn rr "

// spelling is what the way of writing adds: capitals other than the first of all or all of them, figures for letters.
func (g *guess) spelling(at, n int) float64 {
	bits := 0.0
	if !regular(g.text[at : at+n]) {
		bits += 2 * bitsSpelling
	}
	for i := at; i < at+n; i++ {
		if g.text[i] < utf8.RuneSelf && !isLetter(g.text[i]) {
			bits += bitsSpelling
		}
	}
	if unicode.IsUpper(g.text[at]) {
		bits += bitsSpelling
	}
	return bits
}

// regular reports letters that are all small, all capital, or small but for the first.
func regular(text []rune) bool {
	upper, lower := 0, 0
	for i, r := range text {
		switch {
		case unicode.IsUpper(r) && i > 0:
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	return upper == 0 || lower == 0
}

// spelled is the letter that a figure or mark stands for.
// Other spellings are rare enough to be left out.
func spelled(r rune) rune {
	if i := strings.IndexRune("0134578@$!", r); i >= 0 {
		return rune("oleastbasi"[i])
	}
	return r
}

// alphabet is how many characters the text chooses from, by the sorts of those that it has.
// Hexadecimal digits alone count as such, since that is how secrets are made by programs.
func alphabet(text []rune) float64 {
	var digits, hexadecimal, lower, upper, others bool
	for _, r := range text {
		switch {
		case isDigit(r):
			digits = true
		case r >= 'a' && r <= 'f':
			hexadecimal = true
		case r >= 'A' && r <= 'F':
			hexadecimal, others = true, true
		case r >= 'a' && r <= 'z':
			lower = true
		case r >= 'A' && r <= 'Z':
			upper = true
		}
	}
	switch {
	case lower && upper:
		return 52 + map[bool]float64{true: 10}[digits]
	case lower || upper:
		n := map[bool]float64{true: 10}[digits] + 26
		if lower && others {
			n += 26
		}
		return n
	case hexadecimal && digits:
		return 16
	case hexadecimal:
		return 6
	}
	return 10
}

// distinct counts different elements.
// It tells keys of few different bytes from those of chance.
func distinct[T comparable](text []T) int {
	seen := map[T]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// isLetter and isDigit are those of ASCII.
func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// wordList is read once: words of passwords and of examples, in small letters.
var wordList = sync.OnceValue(readWords)

// readWords reads words.txt: words parted by blanks, comments on lines of their own. To add a word, write it there in small letters.
func readWords() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(wordsFile) {
		if !strings.HasPrefix(line, "#") {
			for w := range strings.FieldsSeq(line) {
				words[w] = true
			}
		}
	}
	return words
}

// Certain says why everybody finds the text at once, "" when he does not: it is very short, has hardly a character, or is one
// of the words that stand in examples. Unlike an estimate it is never wrong, so a start may refuse upon it.
func Certain(text string) string {
	switch {
	case utf8.RuneCountInString(text) < leastLength:
		return "it is so short that all are tried in a moment"
	case distinct([]rune(text)) <= 3:
		return "it repeats so few characters that it is found in a moment"
	case placeholder(text):
		return "it is one of the words that stand in examples, which are tried first"
	}
	return ""
}

// leastLength is the least length of a secret, in characters. A good one is longer.
// Seven characters of all sorts are tried within hours by whoever holds a digest of them.
const leastLength = 8

// placeholder reports a text that is one or two words of the list, or three of which one says that something else belongs there;
// with marks around, and at most four figures behind.
func placeholder(text string) bool {
	plain := strings.ToLower(text)
	plain = strings.TrimFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i := 0; i < 4 && plain != ""; i++ {
		if last := plain[len(plain)-1]; last < '0' || last > '9' {
			break
		}
		plain = plain[:len(plain)-1]
	}
	words := wordList()
	parts := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	asks := slices.ContainsFunc(parts, func(p string) bool {
		return slices.Contains([]string{"your", "replace", "change", "here", "example", "placeholder", "todo", "fixme", "insert"}, p)
	})
	if len(parts) == 0 || len(parts) > 4 || len(parts) > 2 && !asks {
		return false
	}
	return !slices.ContainsFunc(parts, func(p string) bool { return len(p) > 2 && !words[p] && !words[strings.Map(spelled, p)] })
}

// KeyBits estimates the bits of a key of random bytes. Fewer than 128 say that no chance has made it.
// It looks for repetitions, few different bytes, steady steps and typed text. Chance passes all of it; its result means little above 128.
func KeyBits(key []byte) float64 {
	if len(key) == 0 {
		return 0
	}
	steps := make([]byte, 0, len(key))
	typed := true
	for i, b := range key {
		steps = append(steps, b-key[(i+len(key)-1)%len(key)])
		typed = typed && b >= ' ' && b < 0x7f
	}
	bits := 8 * float64(period(key))
	for _, part := range [][]byte{key, steps[1:]} {
		bits = min(bits, float64(len(key))*math.Log2(float64(distinct(part))), 8*float64(distinct(part)))
	}
	if typed {
		bits = min(bits, Bits(string(key)))
	}
	return bits
}

// Constant reports a key of hardly any bytes, such as zeros: not an estimate, so a start may refuse it.
// 32 bytes of chance have fewer than ten different ones about never.
func Constant(key []byte) bool { return distinct(key) <= 4 }
