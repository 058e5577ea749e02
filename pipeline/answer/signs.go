package answer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/words"
)

// signs is the one pattern by which a fact is recognised; refs.go and clock.go have the others. It runs
// over lower-case text in half width.
type signs struct {
	// promotion knows festivals and sales by number ("618活动", "双11"), thresholds ("满300"), names before "promotion", and codes.
	promotion *regexp.Regexp
}

// newSigns compiles the pattern, once for a Finder.
func newSigns() signs {
	return signs{
		promotion: regexp.MustCompile(`[0-9一二三四五六七八九十双雙]+\p{Han}{0,4}(?:活[动動]|[节節])|[满滿][0-9]+|[a-z]{3,} (?:promotion|campaign)\b|首[单單]|\bcode [a-z0-9]{4,}\b`),
	}
}

// promoted looks for the name of a promotion. The pattern is slow, and few messages have what it needs.
func (s signs) promoted(text string) bool {
	for _, w := range [...]string{"活", "节", "節", "满", "滿", "首", " promotion", " campaign", "code "} {
		if strings.Contains(text, w) {
			return s.promotion.MatchString(text)
		}
	}
	return false
}

// Distance in bytes around a digit in which it can mean something.
// before holds the longest cue, some sixteen Chinese characters; after holds a date behind its year.
const before, after = 48, 40

// nearDigits cuts out what stands around the digits of a text, in lines; most messages have few,
// and the patterns are slow.
// The parts stay in order and never overlap, so every number is in one of them with what stands around it.
func nearDigits(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' || i < done {
			continue
		}
		from, to := max(done, align(text, i-before)), i
		for last := i; to < len(text) && to <= last+after; to++ {
			if text[to] >= '0' && text[to] <= '9' {
				last = to
			}
		}
		to = align(text, to)
		out.WriteString(text[from:to])
		out.WriteByte('\n')
		done = to
	}
	return out.String()
}

// align moves an index back to the beginning of a character, and into the text.
func align(text string, at int) int {
	at = min(max(at, 0), len(text))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// aroundAt cuts out what stands around the first few at signs.
// Four are enough: one address answers the question, and a text of nothing but at signs must cost nothing.
func aroundAt(text string) string {
	var out strings.Builder
	for range 4 {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			break
		}
		end := align(text, at+80)
		out.WriteString(text[align(text, at-80):end])
		out.WriteByte('\n')
		text = text[max(end, at+1):]
	}
	return out.String()
}

// stands reports whether one of the names is in the text, Latin ones as whole words.
func stands(names *words.List, text string) bool {
	return names.In(text, func(from, to int) bool { return alone(text, from, to) })
}

// hasWide reports whether text has anything outside ASCII.
func hasWide(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// times are words of time that need no digits.
var times = factLists.List("times")

// quotes looks for words between quotation marks, at least so many characters.
// Only the first of each kind is looked at.
func quotes(text string, least int) bool {
	for _, pair := range [...][2]string{{"“", "”"}, {"「", "」"}, {"『", "』"}, {"《", "》"}, {"【", "】"}, {"\"", "\""}} {
		_, rest, found := strings.Cut(text, pair[0])
		if inner, _, closed := strings.Cut(rest, pair[1]); found && closed && utf8.RuneCountInString(inner) >= least && !strings.Contains(inner, "\n") {
			return true
		}
	}
	return false
}

// follows looks for a cue with at least so many letters or digits behind it, up to the next
// punctuation.
func follows(text string, cues []string, least int) bool {
	for _, cue := range cues {
		for rest := text; ; {
			at := strings.Index(rest, cue)
			if at < 0 {
				break
			}
			rest = rest[at+len(cue):]
			if letters(rest) >= least {
				return true
			}
		}
	}
	return false
}

// letters counts the letters and digits up to the next punctuation; what may stand between a cue
// and its words is stepped over.
func letters(text string) int {
	n := 0
	for _, r := range strings.TrimLeft(text, " :：是为為了\"'“「") {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			n++
		case r != ' ':
			return n
		}
	}
	return n
}

// errorCues come before what a program has shown, recipientCues before a name: "报错", "收款人". facts.txt has them.
var errorCues = factLists.Words("error cues")

var recipientCues = factLists.Words("recipient cues")

// namesFor lists the names whose presence gives a fact.
// Each is a list of facts.txt by the same name.
var namesFor = map[string]*words.List{
	"payment-method": factLists.List("payment-method"),
	"phone-model":    factLists.List("phone-model"),
	"bank-name":      factLists.List("bank-name"),
	"country":        factLists.List("country"),
}
