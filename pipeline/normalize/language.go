package normalize

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// language judges the counts of a text.
// "" means that the words do not tell. Scripts that stand for one language settle it; Latin letters need a vote (latinLanguage).
func (c *counts) language(text string) string {
	asian := c.han + c.kana + c.hangul
	switch best, n := c.largest(); {
	case asian > 0 && c.asianText():
		return c.asianLanguage(text)
	case n > 0 && n*2 >= c.latin:
		return best
	case c.words == 0:
		return ""
	}
	return latinLanguage(c.tokens)
}

// counts is how many letters of each script a text has.
type counts struct {
	han, kana, hangul, latin              int
	cyrillic, arabic, thai, hebrew, greek int
	devanagari                            int
	ukrainian                             int // letters that Russian does not have
	common                                int // the commonest Chinese function characters
	// tokens are those words in lower case, maxTokens at most.
	words  int // Latin words, without addresses and codes
	tokens []string
}

// maxTokens is how many Latin words are looked up.
// The first lines settle the language; more words only cost.
const maxTokens = 400

// hanCommon are characters that no Chinese sentence lacks for long and no Chinese name has.
const hanCommon = "的了是不在有吗嗎请請怎么麼没沒为為我你您们們这這那就都也还還被把给給和与與但吧呢啊能会會要到说說去来來"

// hanFunctions are the same by rune less firstHan.
var hanFunctions = func() (t [lastHan - firstHan + 1]bool) {
	for _, r := range hanCommon {
		t[r-firstHan] = true
	}
	return t
}()

// countScripts goes over the text once. Addresses and links are left out: their letters say nothing about their sender.
// Its cost is linear; nothing is kept of the text but some words.
func countScripts(text string) counts {
	var c counts
	for token := range strings.FieldsFuncSeq(text, unicode.IsSpace) {
		if strings.ContainsAny(token, "@/") && (strings.Contains(token, "://") || strings.IndexByte(token, '@') > 0) {
			continue
		}
		if isASCII(token) {
			c.plain(token)
			continue
		}
		c.letters(token)
		c.addWords(token)
	}
	return c
}

// isASCII reports whether s has nothing but ASCII.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// plain does for a token in ASCII what letters and addWords do for all others: it counts the letters
// and keeps the runs of letters and apostrophes as words, unless a digit says that it is a number.
func (c *counts) plain(token string) {
	number, word := false, -1
	words := len(c.tokens)
	total := c.words
	for i := 0; i <= len(token); i++ {
		letter := i < len(token) && 'a' <= token[i]|0x20 && token[i]|0x20 <= 'z'
		switch {
		case letter:
			c.latin++
		case i < len(token) && digit(token[i]):
			number = true
		}
		switch inside := letter || i < len(token) && token[i] == '\''; {
		case inside && word < 0:
			word = i
		case !inside && word >= 0:
			c.word(token[word:i])
			word = -1
		}
	}
	if number {
		c.tokens, c.words = c.tokens[:words], total // an order number or an amount
	}
}

// word counts a Latin word.
func (c *counts) word(w string) {
	c.words++
	if len(c.tokens) < maxTokens {
		c.tokens = append(c.tokens, strings.ToLower(w))
	}
}

// letters counts the letters of a token by script, the common ones first.
func (c *counts) letters(token string) {
	for _, r := range token {
		switch {
		case r < 0x80 || r <= 0x24f || r >= 0x1e00 && r <= 0x1eff:
			if unicode.IsLetter(r) {
				c.latin++
			}
		case commonHan(r) || r >= 0x3400 && unicode.Is(unicode.Han, r):
			c.han++
			if r >= firstHan && r <= lastHan && hanFunctions[r-firstHan] {
				c.common++
			}
		case r >= 0x3041 && r <= 0x30ff && r != '・' && r != 'ー':
			c.kana++
		case unicode.Is(unicode.Hangul, r):
			c.hangul++
		default:
			c.other(r)
		}
	}
}

// other counts letters of the scripts that stand for one language each.
// Cyrillic is Russian unless enough letters are Ukrainian: see largest.
func (c *counts) other(r rune) {
	switch {
	case unicode.Is(unicode.Cyrillic, r):
		c.cyrillic++
		if strings.ContainsRune("іїєґІЇЄҐ", r) {
			c.ukrainian++
		}
	case unicode.Is(unicode.Arabic, r):
		c.arabic++
	case unicode.Is(unicode.Thai, r):
		c.thai++
	case unicode.Is(unicode.Hebrew, r):
		c.hebrew++
	case unicode.Is(unicode.Greek, r):
		c.greek++
	case unicode.Is(unicode.Devanagari, r):
		c.devanagari++
	}
}

// addWords splits a token at everything that is no letter and keeps the Latin words.
func (c *counts) addWords(token string) {
	if strings.ContainsAny(token, "0123456789") && !hasHan(token) {
		return // an order number or an amount
	}
	for w := range strings.FieldsFuncSeq(token, func(r rune) bool {
		accent := r >= 0x300 && r <= 0x36f // the marks of other scripts are no words
		return !(r < 0x250 && unicode.IsLetter(r) || r >= 0x1e00 && r <= 0x1eff || accent || r == '\'')
	}) {
		c.word(w)
	}
}

// hasHan reports whether a Chinese character is among them.
func hasHan(s string) bool {
	for _, r := range s {
		if commonHan(r) || r >= 0x3400 && unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}

// asianText reports whether the East Asian characters carry the sentence.
// Names in Chinese stand in English mail, and English words in Chinese mail; function characters (hanCommon) tell which is the sentence.
func (c *counts) asianText() bool {
	n := c.han + c.kana + c.hangul
	switch {
	case c.cyrillic+c.arabic+c.thai > n:
		return false
	case c.common >= 2 || c.common == 1 && c.han >= 4 || c.kana >= 3 || c.hangul >= 3:
		return n*3 >= c.words
	}
	return n >= c.words
}

// asianLanguage tells Japanese by its kana, Korean by Hangul, and the two scripts of Chinese by their characters.
// A little kana in a Chinese text is a brand or an emoticon, such as の.
func (c *counts) asianLanguage(text string) string {
	switch {
	case (c.kana >= 2 || c.kana == 1 && c.common == 0) && c.kana*6 >= c.han:
		return "ja"
	case c.hangul*2 > c.han:
		return "ko"
	}
	return chinese(text)
}

// largest returns the language of the most frequent script that stands for one language.
func (c *counts) largest() (string, int) {
	best, n := "", 0
	for _, s := range []struct {
		code string
		n    int
	}{
		{"ru", c.cyrillic}, {"ar", c.arabic}, {"th", c.thai}, {"he", c.hebrew}, {"el", c.greek}, {"hi", c.devanagari},
	} {
		if s.n > n {
			best, n = s.code, s.n
		}
	}
	if best == "ru" && c.ukrainian*25 > c.cyrillic {
		best = "uk"
	}
	return best, n
}

// latinScores are the points that a word or a letter gives to each Latin language.
// The order is that of latinCodes.
type latinScores [len(latinCodes)]int8

// latinTable joins the word lists: a word that only one language has weighs most.
var latinTable = sync.OnceValue(func() map[string]latinScores {
	shared := map[string]int{}
	for _, words := range latinWords {
		for w := range words {
			shared[w]++
		}
	}
	table := make(map[string]latinScores, len(shared))
	for i, code := range latinCodes {
		for w := range latinWords[code] {
			s := table[w]
			s[i] = int8(max(1, 5-2*shared[w])) + 1 // 4, 2, 2, 2 …
			table[w] = s
		}
	}
	return table
})

// latinLanguage votes with the commonest words of each language, and with letters and endings
// that few languages have.
// A tie, or fewer than two points, is no answer, except that English wins one.
func latinLanguage(tokens []string) string {
	table, endings := latinTable(), endingTable()
	var score [len(latinCodes)]int
	for _, t := range tokens {
		if points, known := table[t]; known {
			for i := range score {
				score[i] += int(points[i])
			}
		} else {
			endings.vote(t, &score)
		}
		if isASCII(t) {
			continue // none of the letters below is in it
		}
		for i, code := range latinCodes {
			if letters := latinLetters[code]; letters != "" && strings.ContainsAny(t, letters) {
				score[i]++
			}
		}
	}
	best, second := 0, -1
	for i := 1; i < len(score); i++ {
		switch {
		case score[i] > score[best]:
			best, second = i, score[best]
		case score[i] > second:
			second = score[i]
		}
	}
	if score[best] < 2 || score[best] == second && best != 0 {
		return ""
	}
	return latinCodes[best]
}

// endings are the endings of all languages by their last byte.
type endings [256][]ending

// ending is one ending with its language.
type ending struct {
	text     string
	language int // index in latinCodes
}

// endingTable is made once.
var endingTable = sync.OnceValue(func() *endings {
	var out endings
	for i, code := range latinCodes {
		for _, e := range latinEndings[code] {
			last := e[len(e)-1]
			out[last] = append(out[last], ending{e, i})
		}
	}
	return &out
})

// vote gives a point to each language that has words with such an ending.
func (e *endings) vote(word string, score *[len(latinCodes)]int) {
	voted := 0 // a set of languages: however many of its endings fit, one has one point
	for _, end := range e[word[len(word)-1]] {
		if voted&(1<<end.language) == 0 && len(word) > len(end.text)+1 && strings.HasSuffix(word, end.text) {
			voted |= 1 << end.language
			score[end.language]++
		}
	}
}
