package screen

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/words"
)

// optOut reads the words with which customers of short messages leave and come back. They count only from
// whom the channel vouches for: who types somebody's address into a form must not silence him for ever. What
// the provider says goes before what the text says: he acts on words of his own choice.
// A stop that is not heeded breaks the carriers' rules; one that was not meant silences a customer. So the
// whole text must be such a word.
func (c *check) optOut() {
	if c.mail() || c.Kind == Echo || c.Kind == Auto || !c.m.Traits.Carrier && !c.m.Proven { // a text comes from the provider, who knows the number
		return
	}
	c.OptOut = c.m.OptOut
	if c.m.Traits.Carrier {
		c.wordOfText()
	} else if c.OptOut == "" {
		c.wordOfChat()
	}
	switch c.OptOut {
	case "stop":
		c.because("the customer does not want messages any more")
	case "start":
		c.because("the customer wants messages again")
	case "help":
		c.because("the word that the provider itself answers with its notice")
	}
}

// wordOfText reads a whole text that is one such word.
func (c *check) wordOfText() {
	word := bare(c.text)
	c.unclear = carrierWords[word]
	switch {
	case c.OptOut != "" || word == "":
	case c.unclear || stopWords[word] || stopsInChinese(word):
		c.OptOut = "stop"
	case startWords[word], c.f.Stopped && backWords[word]:
		c.OptOut = "start"
	case helpWords[word]:
		c.OptOut = "help"
	}
}

// wordOfChat reads the commands of chats. /start is how every chat with a bot begins: it takes a stop back, and stays a message.
func (c *check) wordOfChat() {
	first, _, _ := strings.Cut(c.text, " ")
	command, _, _ := strings.Cut(first, "@") // groups name the bot behind the command
	switch {
	case command == "/stop" && first == strings.TrimRight(c.text, " .!。！"):
		c.OptOut = "stop"
	case command == "/start" && c.f.Stopped:
		c.OptOut = "start"
	}
}

// longestOptWord is how long a text may be, in bytes, that is looked at for such a word.
const longestOptWord = 120

// bare is a text as its letters and digits alone: in one case, without accents, in the ordinary width, without spaces, signs
// and pictures. Empty for a text too long to be a word.
func bare(s string) string {
	if len(s) > longestOptWord {
		return ""
	}
	usual := words.Usual(s)
	if !usual {
		s = norm.NFKD.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r = words.Narrow(r); r == 'ı' {
			b.WriteByte('i') // whose capital is that of i
		} else if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	if usual {
		return b.String()
	}
	return norm.NFC.String(b.String())
}

// bareWords are the words of a list as bare has them.
func bareWords(list string) map[string]bool {
	out := map[string]bool{}
	for _, word := range optLists.Words(list) {
		out[bare(strings.ToLower(word))] = true
	}
	return out
}

// The words are those on which Twilio acts, by default and in the lists that it offers for other languages, and those that
// customers are told to write elsewhere. A word that also means to cancel an order is in none of them.
var stopWords = bareWords("stop") // Arabic, Hebrew, Hindi

// startWords take a stop back, from whoever writes them.
var startWords = bareWords("start")

// backWords count from whom has left: from anybody else they are words.
var backWords = bareWords("back")

// helpWords are answered by the provider itself, with its notice.
var helpWords = bareWords("help")

// carrierWords make a carrier or Twilio stop deliveries, though the customer may have meant an
// order: no message can be sent any more, but a ticket is opened.
var carrierWords = bareWords("carrier")

// Chinese texts end in a line such as 退订回T, 回复TD退订 or 拒收请回复R, and customers write back any part of it.
var (
	chineseStops   = optLists.Words("chinese stops")
	chineseRemarks = optLists.Words("chinese remarks")
)

// alone are the letters that stand for 退订 by themselves, too.
var alone = optLists.Set("letters")

// stopsInChinese reports whether a bare text is made of such parts alone.
func stopsInChinese(word string) bool {
	if alone[word] {
		return true
	}
	han, stops := false, false
	for rest := word; rest != ""; {
		n := 0
		for i, list := range [][]string{chineseStops, chineseRemarks} {
			for _, part := range list {
				if n == 0 && strings.HasPrefix(rest, part) {
					n, stops = len(part), stops || i == 0
				}
			}
		}
		if n == 0 {
			return false
		}
		han = han || rest[0] >= 0x80
		rest = rest[n:]
	}
	return han && stops
}
