package normalize

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/words"
)

// maxNothing is the longest text, in bytes, of which it is asked whether it says anything: who writes more says something.
const maxNothing = 240

// SaysNothing reports whether a text does not tell what its writer wants: it has no letter and no digit (a sign, an emoji, no
// text at all), it is a program's command such as "/start" with or without the payload of a link, or each of its words
// belongs to a greeting, to a question whether anybody is there or a wish for a person or for help, or to a test of the line. A
// number says something, and so does one word more than these.
// The words stand in courtesy.txt. It errs on the side of "says something": then a ticket is classified, and perhaps wrongly; the
// other way round a customer would be asked what he wants although he has said it.
func SaysNothing(text string) bool {
	text = strings.TrimSpace(text)
	if len(text) > maxNothing {
		return false
	}
	if isCommand(text) {
		return true
	}
	rest := plainWords(text)
	for rest != "" {
		n := emptyPhrase(rest)
		if n == 0 {
			return false
		}
		rest = strings.TrimLeft(rest[n:], " ")
	}
	return true
}

// isCommand reports whether a text is what a chat's buttons send: "/start", "/start refund_campaign", "/menu@desk_bot". Only
// start has a payload, of at most 64 letters, digits, - and _ by Telegram's rules.
func isCommand(text string) bool {
	name, payload, _ := strings.Cut(strings.TrimPrefix(text, "/"), " ")
	name, _, _ = strings.Cut(strings.ToLower(name), "@")
	if !strings.HasPrefix(text, "/") || !slices.Contains([]string{"start", "menu", "hello", "new", "restart", "begin", "test"}, name) {
		return false
	}
	return payload == "" || name == "start" && len(payload) <= 64 && strings.IndexFunc(payload, func(r rune) bool {
		return !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}) < 0
}

// plainWords are the letters, marks and digits of a text in lower case and in their usual width, everything else as one space.
func plainWords(text string) string {
	if !words.Usual(text) {
		text = norm.NFKC.String(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range message.Lower(text) {
		r = words.Narrow(r)
		switch {
		case r == '\'' || r == '’' || r == 0xfe0f || r == 0x200d || r == 0x20e3: // "anyone's"; what joins the parts of an emoji
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		default:
			space = true
		}
	}
	return b.String()
}

// emptyPhrase is the length of the longest phrase without content that a text begins with; 0 when there is none. Where a
// script writes spaces a phrase ends with a word, or where another script begins ("hello你好"); letters that somebody holds down ("hiii", "你好啊啊") belong to it.
func emptyPhrase(text string) int {
	first, _ := utf8.DecodeRuneInString(text)
	best := 0
	for _, p := range emptyPhrases[first] {
		if len(p) > best && strings.HasPrefix(text, p) {
			if n := held(text, len(p)); n == len(text) || text[n] == ' ' || unspaced(p) || unspaced(text[n:n+sizeAt(text, n)]) {
				best = n
			}
		}
	}
	return best
}

// sizeAt is the length of the letter at n.
func sizeAt(text string, n int) int {
	_, size := utf8.DecodeRuneInString(text[n:])
	return size
}

// held goes on over repetitions of the last letter before n.
func held(text string, n int) int {
	last, size := utf8.DecodeLastRuneInString(text[:n])
	for strings.HasPrefix(text[n:], string(last)) {
		n += size
	}
	return n
}

// unspaced reports whether a phrase is of a script without spaces between words.
func unspaced(phrase string) bool {
	r, _ := utf8.DecodeLastRuneInString(phrase)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

// emptyPhrases are the phrases by their first letter.
var emptyPhrases = func() map[rune][]string {
	out := map[rune][]string{}
	for _, phrase := range slices.Concat(courtesyLists.Words("empty"), courtesyLists.Words("empty english"), courtesyLists.Words("empty chinese")) {
		phrase = plainWords(phrase)
		first, _ := utf8.DecodeRuneInString(phrase)
		out[first] = append(out[first], phrase)
	}
	return out
}()
