package normalize

import (
	"strings"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/phrases"
	"frontdesk/pipeline/normalize/tidy"
)

// Spoken is what the first words of a person tell about his language.
type Spoken struct {
	Language string // "" where they do not tell
	Letters  bool   // they are words in letters of an alphabet, whatever the language: he hardly reads Chinese
}

// Speaks returns the language that a person writes in, by the subject and his first words. What programs and companies put
// around them says nothing about him: notices of confidentiality, warnings about mail from outside, adverts. The
// subject of a reply is somebody else's as a rule, so that it counts only where the words do not tell. core is
// the text without salutation and closing, visible the same with them.
// It takes the first paragraph that tells, and asks the others only when that does not: a customer's first words are his own, what follows may be quoted.
func Speaks(subject, core, visible string, reply bool) Spoken {
	own := subject
	if reply {
		own = ""
	}
	var said strings.Builder
	for paragraph := range paragraphs(core) {
		said.WriteString(tidy.Clip(paragraph, maxSpoken) + "\n")
		if got := judge(joined(own, said.String())); got.Language != "" && letters(said.String()) >= enoughLetters {
			return got
		}
		if len(said.String()) > maxSpoken {
			break
		}
	}
	for _, text := range []string{joined(own, said.String()), said.String(), own + "\n" + firstParagraph(visible), subject, subject + "\n" + tidy.Clip(core, maxSpoken)} {
		if got := judge(text); got.Language != "" {
			return got
		}
	}
	return Spoken{Letters: judge(subject + "\n" + said.String()).Letters}
}

// joined is a subject and a text.
func joined(subject, text string) string {
	if subject == "" {
		return text
	}
	return subject + "\n" + text
}

const (
	enoughLetters = 6       // bytes of letters that carry a language: two Chinese characters, or a word
	maxSpoken     = 2 << 10 // bytes of first words
)

// firstParagraph is the first paragraph that is no notice; "" for none.
func firstParagraph(text string) string {
	for p := range paragraphs(text) {
		return p
	}
	return ""
}

// paragraphs yields what stands between empty lines, without the lines of programs and companies.
func paragraphs(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		text = tidy.Clip(text, coreSpoken)
		start, own := 0, false // own: the paragraph is one line so far, and that is no notice
		for at := 0; at < len(text); {
			end, next := len(text), len(text)
			if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
				end, next = at+i, at+i+1
			}
			line := text[at:end]
			long := len(line) >= noticeLine
			if isBlank(line) || long && isNotice(line) {
				if !spoke(text[start:at], own, yield) {
					return
				}
				start = next
			} else {
				own = long && at == start
			}
			at = next
		}
		spoke(text[min(start, len(text)):], own, yield)
	}
}

// spoke yields a paragraph that says something.
func spoke(p string, own bool, yield func(string) bool) bool {
	return isBlank(p) || !own && isNotice(p) || yield(strings.TrimSpace(p))
}

const (
	coreSpoken = 8 << 10 // bytes of a text that are looked at
	noticeLine = 48      // bytes of a line that can be a notice of its own, within a paragraph
	maxBegin   = 64      // bytes that hold every beginning of a notice
)

// isNotice reports whether a paragraph is a company's notice or a program's, by the words that such ones are made of.
// The lists of mail.txt have the words. A customer may use one of them; two different ones are a notice's.
func isNotice(p string) bool {
	p = tidy.Clip(p, 1<<10)
	head := message.Lower(tidy.Clip(strings.TrimLeft(p, "*[(<【（>!#_- \t\u3000⚠\ufe0f"), maxBegin))
	if beginStarts.Begin(head) {
		for _, begin := range noticeBegins {
			if strings.HasPrefix(head, begin) {
				return true
			}
		}
	}
	if len(p) < noticeLine {
		return false
	}
	l := message.Lower(p)
	first := ""
	return noticeWords.In(l, func(from, to int) bool {
		word := l[from:to]
		if first == "" {
			first = word
		}
		return word != first
	})
}

// beginStarts turns most paragraphs away.
var beginStarts = phrases.StartsOf(noticeBegins)

// noticeBegins begin a notice whatever follows, noticeWords make one where at least two of them stand together.
var (
	noticeBegins = mailLists.Words("notice beginnings")
	noticeWords  = mailLists.List("notice words")
)

// judge finds the language of a text, and whether it consists of words in letters: a Latin one of three letters at least, or some of another
// alphabet, and nothing of East Asia.
func judge(text string) Spoken {
	c := countScripts(text)
	alphabet := c.cyrillic + c.arabic + c.thai + c.hebrew + c.greek + c.devanagari
	return Spoken{Language: c.language(text), Letters: c.han+c.kana+c.hangul == 0 && (c.long || alphabet >= 3)}
}
