package search

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/message"
)

// Bounds of what is indexed of one ticket; what comes on top is not found.
const (
	// A ticket of a thousand mails stays within both; they bound what a hostile one adds to the index.
	mostWords   = 20_000
	mostBytes   = 400 << 10
	longestWord = 64 // bytes: longer ones are found by their beginning
)

// Signs with which words begin that are no words of a text. They belong to Unicode's private use, and are taken out of texts.
const (
	// A word of each kind is found by its kind alone: a fact "state=open" never by the text "open".
	signMail  = '\ue001'
	signPhone = '\ue002'
	signFact  = '\ue003'
	// ASCII signs within a word are moved here: an index takes letters and digits alone for parts of a word.
	signASCII = '\ue100'
)

// Words are the words of one ticket.
// It is for one goroutine.
type Words struct {
	// bytes is what the words take together, separators included.
	f     *Folder
	seen  map[string]struct{}
	bytes int
}

// Words begins with none.
func (f *Folder) Words() *Words { return &Words{f: f, seen: map[string]struct{}{}} }

// List are the words, sorted.
func (w *Words) List() []string {
	out := slices.AppendSeq(make([]string, 0, len(w.seen)), maps.Keys(w.seen)) // never nil: it goes into a column
	slices.Sort(out)
	return out
}

// add takes a word in, once, within the bounds.
func (w *Words) add(word string) {
	if _, there := w.seen[word]; there || word == "" || len(w.seen) >= mostWords || w.bytes+len(word) > mostBytes {
		return
	}
	w.seen[word] = struct{}{}
	w.bytes += len(word) + 1
}

// Fact adds something that is looked for by a choice, such as the state of a ticket.
func (w *Words) Fact(name, value string) { w.add(Fact(name, value).Text) }

// Fact is the word of a choice.
func Fact(name, value string) Word {
	return Word{Text: string(signFact) + moved(name+"="+cut(strings.ToLower(value)))}
}

// Address adds an address as it is shown: a number that is masked there must not be found here.
func (w *Words) Address(kind message.AddressKind, value string) {
	switch kind {
	case message.Email:
		for _, v := range []string{value, message.Identity{Kind: kind, Value: value}.Mailbox().Value} {
			w.add(mailWord(v))
		}
	case message.Phone:
		w.add(phoneWord(digitsOf(value)))
	}
	w.text(value)
}

// Text adds the words of a masked text, with the addresses and numbers in it.
func (w *Words) Text(text string) {
	w.text(text)
	if wide(text) {
		text = narrow(text)
	}
	for _, address := range mailsIn(text) {
		w.add(mailWord(address))
	}
	for _, digits := range phonesIn(text) {
		w.add(phoneWord(digits))
	}
}

// wide reports whether a text has digits of full width, or their sign in addresses.
func wide(text string) bool {
	for i := strings.Index(text, "\xef\xbc"); i >= 0 && i+2 < len(text); {
		if c := text[i+2]; c >= 0x90 && c <= 0x99 || c == 0xa0 {
			return true
		}
		next := strings.Index(text[i+2:], "\xef\xbc")
		if next < 0 {
			return false
		}
		i += 2 + next
	}
	return false
}

// text adds words of letters, single characters of scripts without spaces, and their pairs. A line break between two such
// characters does not part them; any sign does.
func (w *Words) text(text string) {
	var word []byte
	before := rune(0) // the dense character before, or 0
	end := func() {
		if len(word) > 0 {
			w.add(string(word))
			w.tail(word)
		}
		word = word[:0]
	}
	for u := range w.f.units(text) {
		if u.kind != plain {
			end()
		}
		switch u.kind {
		case plain:
			before = 0
			if len(word)+utf8.RuneLen(u.r) <= longestWord {
				word = utf8.AppendRune(word, u.r)
			}
		case dense:
			w.add(string(u.r))
			if before != 0 {
				w.add(string([]rune{before, u.r}))
			}
			before = u.r
		case gap:
			before = 0
		}
	}
	end()
}

// shortestTail is how many digits at the end of a word are found without what stands before them: of an order number.
const shortestTail = 3

// tail adds the digits at a word's end: people leave the letters before a number away.
func (w *Words) tail(word []byte) {
	i := len(word)
	for i > 0 && word[i-1] >= '0' && word[i-1] <= '9' {
		i--
	}
	if i > 0 && len(word)-i >= shortestTail {
		w.add(string(word[i:]))
	}
}

// mailWord is a whole address as a word.
func mailWord(address string) string { return string(signMail) + moved(cut(strings.ToLower(address))) }

// Address reports whether a word of the index is a whole address.
func Address(word string) bool {
	return strings.HasPrefix(word, string(signMail)) || strings.HasPrefix(word, string(signPhone))
}

// phoneWord is a number from its last digit to its first.
func phoneWord(digits string) string {
	if len(digits) < shortestPhone || len(digits) > longestPhone {
		return ""
	}
	return string(signPhone) + reversed(digits)
}

// reversed is for ASCII digits.
func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// moved moves the signs of a word out of ASCII.
func moved(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= utf8.RuneSelf && (r < 0xe000 || r > 0xf8ff) && r != utf8.RuneError:
			return r
		case r < utf8.RuneSelf:
			return signASCII + r
		}
		return -1
	}, s)
}

// cut is a word at its greatest length.
func cut(s string) string {
	if len(s) <= longestWord {
		return s
	}
	i := longestWord
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i]
}
