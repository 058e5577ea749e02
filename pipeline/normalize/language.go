package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/normalize/latin"
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
	}
	return c.latins.Language()
}

// counts is how many letters of each script a text has.
type counts struct {
	han, kana, hangul, latin              int
	cyrillic, arabic, thai, hebrew, greek int
	devanagari                            int
	common                                int  // the commonest Chinese function characters
	spoken                                int  // those of them that no name and no company has
	japanese                              int  // Chinese characters in forms that Japan alone has
	russian, ukrainian, bulgarian, slavic int  // letters and pairs of letters that of the Cyrillic languages these have, and what is of others
	persian, urdu                         int  // letters that Arabic does not have
	words                                 int  // Latin words, without addresses, codes and brands
	long                                  bool // one of them has three letters
	latins                                latin.Scores
}

// hanCommon are characters that no Chinese sentence lacks for long and no Chinese name has.
const hanCommon = "的是不在有为為这這那就都也还還被把给給和与與但能会會要到说說去来來係"

// hanSpoken are those of them that stand in no name of a person or company either: one is enough to hear
// who speaks.
const hanSpoken = "了吗嗎请請怎么麼没沒我你您们們吧呢啊啦" + hanCantonese

// hanCantonese is written in Hong Kong mostly, so in Traditional.
const hanCantonese = "嘅咗唔喺哋冇佢嚟嗰啲俾畀乜喇"

// hanJapanese are characters in the form that Japan alone has: neither Simplified nor Traditional Chinese writes them so.
const hanJapanese = "円込払対図変発駅気価広転鉄読続権検験険売戻働枠畑営応拡歩毎済総聴覧観関単厳収両実栄様桜楽歳渋焼犠獣県砕窓粋粛経継縁縦繊聡脳臓荘蔵薬処訳豊軽辺逓遅郷醸釈鋳錬銭陥隠雑霊髪鶏黒黙斎仏仮伝倹児剣剤剰勧勲巻帰廃弐弾従徳徴恵悪戦抜択拝拠挙捜掲揺摂斉暁暦栃桟歓渉渓満瀬痩稲穂竜"

// roles are what a character tells, by rune less firstHan: a set of roles.
var roles = func() (t [lastHan - firstHan + 1]role) {
	for _, list := range []struct {
		characters string
		role       role
	}{{hanCommon, common}, {hanSpoken, common | spoken}, {hanCantonese, fromHongKong}, {hanJapanese, japanese}} {
		for _, r := range list.characters {
			t[r-firstHan] |= list.role
		}
	}
	return t
}()

// role is a set of what a Chinese character tells.
type role uint8

const (
	common role = 1 << iota
	spoken
	japanese
	fromHongKong
)

// countScripts goes over the text once. Addresses and links are left out: their letters say nothing about their sender.
// Its cost is linear; nothing is kept of the text but some words.
func countScripts(text string) counts {
	var c counts
	for token := range strings.FieldsFuncSeq(text, unicode.IsSpace) {
		if isAddress(token) {
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

// isAddress knows mail addresses and links, also those without a scheme.
func isAddress(token string) bool {
	switch strings.IndexAny(token, "@/.") {
	case -1:
		return false
	case 0:
		token = token[1:]
	}
	if strings.Contains(token, "://") || strings.IndexByte(token, '@') > 0 || strings.HasPrefix(token, "www.") {
		return true
	}
	dot, slash := strings.IndexByte(token, '.'), strings.IndexByte(token, '/')
	return dot > 0 && slash > dot+2
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
// and reads the runs of letters and apostrophes as words, unless a digit says that it is a number.
func (c *counts) plain(token string) {
	number, word := hasDigit(token), -1
	for i := 0; i <= len(token); i++ {
		letter := i < len(token) && 'a' <= token[i]|0x20 && token[i]|0x20 <= 'z'
		if letter {
			c.latin++
		}
		switch inside := letter || i < len(token) && token[i] == '\''; {
		case inside && word < 0:
			word = i
		case !inside && word >= 0:
			if !number {
				c.word(token[word:i])
			}
			word = -1
		}
	}
}

// word counts a Latin word.
func (c *counts) word(w string) {
	if !c.latins.Add(w) {
		return
	}
	c.words++
	c.long = c.long || len(w) >= 3
}

// letters counts the letters of a token by script, the common ones first.
func (c *counts) letters(token string) {
	before := rune(0)
	for _, r := range token {
		switch {
		case r < 0x80 || r <= 0x24f || r >= 0x1e00 && r <= 0x1eff:
			if unicode.IsLetter(r) {
				c.latin++
			}
		case commonHan(r) || r >= 0x3400 && unicode.Is(unicode.Han, r):
			c.hanCharacter(r)
		case r >= 0x3041 && r <= 0x30ff && r != '・' && r != 'ー':
			c.kana++
		case unicode.Is(unicode.Hangul, r):
			c.hangul++
		default:
			c.other(before, r)
		}
		before = r
	}
}

// hanCharacter counts one, and what it tells.
func (c *counts) hanCharacter(r rune) {
	c.han++
	if r < firstHan || r > lastHan {
		return
	}
	is := roles[r-firstHan]
	if is == 0 {
		return
	}
	for i, n := range [...]*int{&c.common, &c.spoken, &c.japanese} {
		if is>>i&1 == 1 {
			*n++
		}
	}
}

// other counts letters of the scripts that stand for one language, or for one and its neighbours: see largest.
func (c *counts) other(before, r rune) {
	switch {
	case unicode.Is(unicode.Cyrillic, r):
		c.cyrillicLetter(before, unicode.ToLower(r))
	case unicode.Is(unicode.Arabic, r):
		c.arabic++
		switch {
		case strings.ContainsRune("ٹڈڑںےھہ", r):
			c.urdu++
		case strings.ContainsRune("پچژگکی", r):
			c.persian++
		}
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

// cyrillicLetter counts one. Russian writes its hard sign before a few vowels alone, Bulgarian before consonants.
func (c *counts) cyrillicLetter(before, r rune) {
	c.cyrillic++
	switch {
	case strings.ContainsRune("ыэё", r):
		c.russian++
	case strings.ContainsRune("іїєґ", r):
		c.ukrainian++
	case r != 'ъ' && (r < 'а' || r > 'я'):
		c.slavic++
	}
	if (before == 'ъ' || before == 'Ъ') && !strings.ContainsRune("еёюя", r) {
		c.bulgarian++
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
	case c.spoken > 0 || c.common >= 2 || c.common == 1 && c.han >= 4 || c.kana >= 3 || c.hangul >= 3:
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
	case c.japanese*6 >= c.han && c.japanese > c.common:
		return "ja"
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
	switch best {
	case "ru":
		best = c.cyrillicLanguage()
	case "ar":
		best = c.arabicLanguage()
	}
	return best, n
}

// rare is one letter of so many. What is rarer in a text may be a name from next door.
const rare = 25

// cyrillicLanguage is Russian, unless enough letters are another language's; "" for those that are not told apart, such as
// Serbian, Belarusian and Kazakh.
func (c *counts) cyrillicLanguage() string {
	switch {
	case c.slavic*rare > c.cyrillic, c.ukrainian > 0 && c.russian*rare > c.cyrillic && c.ukrainian*rare > c.cyrillic:
		return ""
	case c.ukrainian*rare > c.cyrillic:
		return "uk"
	case c.bulgarian*2*rare > c.cyrillic && c.russian == 0:
		return "bg"
	}
	return "ru"
}

// arabicLanguage is Arabic, unless enough letters are those that Persian or Urdu has added.
func (c *counts) arabicLanguage() string {
	switch {
	case c.urdu*rare > c.arabic:
		return "ur"
	case c.persian*rare > c.arabic:
		return "fa"
	}
	return "ar"
}
