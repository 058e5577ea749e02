package redact

import (
	"strings"

	"frontdesk/pipeline/redact/values"
)

// The verification value is described as often as it is named: "the three digits on the back", "背面的三位数". Both halves of
// such a description are common words by themselves ("I want my money back, order number 123"), so each must be what it
// is here: a place on a card, and digits.

// onTheBack notes a word for digits or for the back of a card, and a verification value where both are in one sentence, or
// where the back is said to be that of a card. word is the one at i to j in lower case.
// Words for digits of an order or a parcel are passed over. A note stays even where nothing follows: the other half may come later.
func (x *scanner) onTheBack(c context, i, j int, word string) {
	ofCard := false
	if c == backWord {
		var place bool
		if place, ofCard = x.place(i, j, word); !place {
			return
		}
	} else if x.numberOf(i, word) {
		return
	}
	x.note(c, j)
	_, security := x.near(bothWord, i, 2)
	security = security && c == digitsWord // "security number"
	if ofCard || security || x.described(c, i) {
		x.note(cvvWord, j)
	}
	if security || c == digitsWord && (x.digitsSent(i) || x.sixOf(i)) {
		x.note(codeWord, j)
	}
}

// sixOf reports whether "six" or "6" stands before the word for digits at i: one-time codes have so many.
func (x *scanner) sixOf(i int) bool {
	before := strings.TrimRight(strings.ToLower(x.s[max(0, i-8):i]), " -")
	return values.EndsWith(before, []string{"six", " 6"}) || before == "6"
}

// onTheBackHan is onTheBack for Chinese and Japanese words.
// In Chinese "behind" and "back" are one character, so it counts only with a card before it.
func (x *scanner) onTheBackHan(c context, i, j int) {
	behind := c == backWord && (strings.HasPrefix(x.s[i:], "后") || strings.HasPrefix(x.s[i:], "後")) // "behind", of anything
	if c == backWord && values.EndsWith(x.s[:i], hanThings) || behind && !values.EndsWith(x.s[:i], []string{"卡", "卡片"}) && (!values.ThreeFollow(x.s[j:]) || x.otherEnd(i)) {
		return
	}
	x.note(c, j)
	if x.described(c, i) || c == backWord && !behind && values.EndsWith(x.s[:i], []string{"卡", "卡片"}) {
		x.note(cvvWord, j)
	}
	if c == digitsWord && x.digitsSent(i) {
		x.note(codeWord, j)
	}
}

// described reports whether the word at i and one before it in the same sentence are the two halves of a description.
func (x *scanner) described(c context, i int) bool {
	others, within := []context{backWord}, 40
	if c == backWord {
		others, within = []context{digitsWord, codeWord}, 48
	}
	for _, other := range others {
		if end, ok := x.near(other, i, within); ok && end <= i && values.OneSentence(x.s[end:i]) {
			return true
		}
	}
	return false
}

// numberOf reports whether a word for numbers speaks of an order or the like: "tracking number".
func (x *scanner) numberOf(i int, word string) bool {
	if word[0] == 'd' || word[0] == 'c' || word[0] == 'z' { // digits, chiffres, Ziffern
		return false
	}
	if _, order := x.near(orderWord, i, 1); order {
		return true
	}
	before := strings.TrimRight(x.s[max(0, i-maxWord):i], " ")
	return othersNumber(before[strings.LastIndexByte(before, ' ')+1:])
}

// place reports whether the word at i to j is a place and not a part of "back to you" or "at the back door", and whether it
// is said to be one on a card.
// "Back" is an adverb far more often than a place, so what stands directly before and behind it decides.
func (x *scanner) place(i, j int, word string) (place, ofCard bool) {
	last := strings.Trim(values.LastWord(x.s[max(0, i-24):i]), "\"'(")
	rest := strings.TrimLeft(x.s[j:min(len(x.s), j+64)], " \n")
	next := strings.ToLower(values.WordAt(rest, 0))
	switch word {
	case "ruckseite", "backside", "signature", "reverso", "dorso":
		return true, false
	case "dos", "retro":
		return last == "au" || last == "sul", false
	case "behind":
		card := cardFollows(rest) == yes
		return card || strings.HasPrefix(rest, ":") || next == "is" || next == "are", card
	case "over": // "I flipped the card over"
		card := turned(x.s[max(0, i-32):i])
		return card, card
	case "front": // American Express prints the value there; others the whole number, which is told by itself
		return placeWords[last] && (next == "" || afterPlace[next]), false
	}
	if next == "of" { // back, reverse
		card := cardFollows(strings.TrimLeft(rest[2:], " \n"))
		return card != no && (placeWords[last] || card == yes), card == yes
	}
	if word == "back" && (wordContext([]byte(last)) == cardWord || last == "" && strings.HasPrefix(rest, ":")) { // "card back number"
		return true, last != ""
	}
	return placeWords[last] && (next == "" || afterPlace[next]), false
}

// turned reports whether s says that a card is turned: "flipped my card ".
func turned(s string) bool {
	words := strings.Fields(strings.ToLower(s))
	n := len(words)
	for k := n - 1; k > 0 && k > n-5; k-- {
		if wordContext([]byte(words[k])) == cardWord {
			for _, w := range words[max(0, k-3):k] {
				if strings.HasPrefix(w, "flip") || strings.HasPrefix(w, "turn") {
					return true
				}
			}
		}
	}
	return false
}

// placeWords come directly before "back" where that is a place, afterPlace directly behind it.
var placeWords, afterPlace = wordLists.Set("before the back"), wordLists.Set("behind the back")

// answers of cardFollows
const (
	no = iota
	unsaid
	yes
)

// cardFollows tells whether s, which says what the back is of, names a card: "my Visa card".
func cardFollows(s string) int {
	for range 5 {
		w := strings.ToLower(values.WordAt(s, 0))
		switch {
		case w == "" || w == "it":
			return unsaid
		case wordContext([]byte(w)) == cardWord:
			return yes
		case !beforeCard[w]:
			return no
		}
		s = strings.TrimLeft(s[len(w):], " \n'")
	}
	return unsaid
}

// beforeCard are the words that may stand between "of" and the card: "of my Visa card".
var beforeCard = wordLists.Set("before a card")

// otherEnd reports whether "the last three digits" at i are those of another number: 手机号后三位.
func (x *scanner) otherEnd(i int) bool {
	s := strings.TrimRight(x.s[max(0, i-24):i], " ")
	s = strings.TrimSuffix(strings.TrimSuffix(s, "的"), "（")
	return !values.EndsWith(s, []string{"卡号", "卡號", "卡片号", "卡号码"}) && values.EndsWith(s, []string{"号", "號", "号码", "號碼", "手机", "手機", "电话", "電話", "身份证", "身份證", "证件", "编码", "金额", "余额", "条码", "运单", "快递", "订单", "訂單"})
}

// hanThings have a back and are no cards.
var hanThings = wordLists.Words("things")
