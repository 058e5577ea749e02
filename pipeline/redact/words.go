package redact

import (
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/redact/fold"
)

// announcing are the contexts with the names of their lists.
// A list of words.txt is named "latin card", "han card" or "foreign card"; the second word is the key here. A new sort needs a context in scan.go.
var announcing = map[string]context{
	"card":               cardWord,
	"order":              orderWord,
	"value":              cvvWord,
	"code":               codeWord,
	"value or code":      bothWord,
	"pin":                pinWord,
	"password":           passwordWord,
	"perhaps a password": passWord,
	"passphrase":         phraseWord,
	"expiry":             expiryWord,
	"digits":             digitsWord,
	"back":               backWord,
	"capitals":           capitalWord,
	"prefix":             prefixWord,
	"spoken":             spokenWord,
	"numbered":           numberedWord,
	"veto":               vetoWord,
	"passport":           passportWord,
	"sending":            sentWord,
	"checking":           checkWord,
	"login":              loginWord,
}

// contextWords hands over the words of one sort, "latin", "han" or "foreign", with what they announce.
func contextWords(sort string, take func(word string, c context)) {
	for _, list := range wordLists.Names() {
		if of, name, found := strings.Cut(list, " "); found && of == sort {
			for _, word := range wordLists.Words(list) {
				take(word, announcing[name])
			}
		}
	}
}

// latinIndex holds the words in Latin letters; latinStarts has, for the first two letters of each, its length and its last letter
// as bits: most words of a text are turned away there.
var latinIndex, latinStarts = func() (map[string]context, *[1 << 10]uint32) {
	index, starts := map[string]context{}, new([1 << 10]uint32)
	contextWords("latin", func(w string, c context) {
		index[w] = c
		starts[latinStart(w[0], w[1])] |= latinBits(len(w), w[len(w)-1])
	})
	return index, starts
}()

// latinStart is ten bits of the first two letters, the same for capitals.
func latinStart(a, b byte) uint16 { return uint16(a&31)<<5 | uint16(b&31) }

// latinBits are one bit for the length of a word and one for its last letter.
// A word has 2 to maxWord letters; the lower half has the length, the upper half four bits of the letter.
func latinBits(n int, last byte) uint32 { return 1<<(n-2) | 1<<(16+last&15) }

// wordContext says what a lower-case ASCII word announces.
func wordContext(w []byte) context { return latinIndex[string(w)] }

// hanWord is a context word in Chinese, and the characters that may stand for its own.
type hanWord struct {
	// word is the whole word, its first character included.
	word    string
	context context
}

// hanIndex has, for each character of the Basic Multilingual Plane, the list of the words that begin with it: for most the empty one.
var hanIndex, hanLists = func() (*[1 << 16]uint8, [][]hanWord) {
	index, lists := new([1 << 16]uint8), [][]hanWord{nil}
	contextWords("han", func(w string, c context) {
		r, _ := utf8.DecodeRuneInString(w)
		if index[r] == 0 {
			index[r] = uint8(len(lists))
			lists = append(lists, nil)
		}
		lists[index[r]] = append(lists[index[r]], hanWord{w, c})
	})
	return index, lists
}()

// hanAt returns the list of the three-byte character at the start of s.
// s begins with a character of three bytes; callers have looked at its first one.
func hanAt(s string) uint8 {
	return hanIndex[uint16(s[0])<<12|uint16(s[1]&0x3f)<<6|uint16(s[2]&0x3f)]
}

// hanContext looks for a context word at the start of s; n is its length in bytes, 0 without one.
// The first word that fits counts, so in words.txt longer ones stand before their beginnings.
func hanContext(s string) (c context, n int) {
	list := hanAt(s)
	if list == 0 {
		return noContext, 0
	}
	for _, w := range hanLists[list] {
		if strings.HasPrefix(s, w.word) {
			return w.context, len(w.word)
		}
	}
	return noContext, 0
}

// gapWords may stand between a context word and its number: "the code you sent me was 493021".
var gapWords = wordLists.Set("between")

// gapHan are the Chinese characters that may.
const gapHan = "那串係系嘅个個条條卡数字數发發给給您你分别別背面上面银行銀收刚剛才发來来写着寫著显示顯示三四六位，、／是为為我收到的了码碼号號短信输輸入填写寫：，“”「」『』（）【】"

// maxGap is the longest stretch between a context word and its number, in bytes.
const maxGap = 48

// plain reports whether s says nothing that parts a context word from its number.
// Two line breaks are the most: form letters put a code on a line of its own.
func plain(s string) bool {
	if len(s) > maxGap {
		return false
	}
	lines := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case (c == 'o' || c == 't') && asideAt(s[i:]) > 0:
			i += asideAt(s[i:])
			continue
		case classes[c] == letter:
			j := i + 1
			for j < len(s) && classes[s[j]] == letter {
				j++
			}
			if !gapWords[strings.ToLower(s[i:j])] {
				return false
			}
			i = j
			continue
		case c == '\n':
			if lines++; lines > 2 {
				return false
			}
		case c < 0x80 && !strings.ContainsRune(" \t\r:=\"'()[]{}-#>,`*/|<_~?&", rune(c)):
			return false
		case c >= 0x80:
			n := gapRune(s[i:])
			if n == 0 {
				return false
			}
			i += n
			continue
		}
		i++
	}
	return true
}

// asideAt is the length of what says at the start of s where a value came to, which is no more than that.
func asideAt(s string) int {
	for _, a := range [...]string{"on my phone", "to my phone", "on my mobile", "to my mobile", "on my screen", "over the phone"} {
		if strings.HasPrefix(s, a) {
			return len(a)
		}
	}
	return 0
}

// gapRune returns the length of an allowed character at the start of s, 0 for any other.
func gapRune(s string) int {
	for i, r := range s {
		if i > 0 {
			break
		}
		if n := len(string(r)); strings.ContainsRune(gapHan, r) || r == 0xa0 || r == 0x3000 {
			return n
		}
	}
	return 0
}

// foreignTable holds the words of other scripts by their first two bytes, folded as texts are.
var foreignTable = func() map[[2]byte][]hanWord {
	out := map[[2]byte][]hanWord{}
	contextWords("foreign", func(w string, c context) {
		for _, form := range []string{w, fold.Text(w).Text} {
			key := [2]byte{form[0], form[1]}
			out[key] = append(out[key], hanWord{form, c})
		}
	})
	return out
}()

// foreignContext looks for a context word of another script at the start of s.
func foreignContext(s string) (context, int) {
	if len(s) < 4 {
		return noContext, 0
	}
	for _, w := range foreignTable[[2]byte{s[0], s[1]}] {
		if strings.HasPrefix(s, w.word) {
			return w.context, len(w.word)
		}
	}
	return noContext, 0
}
