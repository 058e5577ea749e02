package normalize

import (
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/normalize/phrases"
	"frontdesk/pipeline/normalize/tidy"
)

// findWrote marks the lines that introduce a quotation ("On Monday X <x@y> wrote:"), which mail
// clients fold over up to five lines. A weak one, without a time or an address, counts only
// where a quoted line follows.
// What comes after it decides how much history is hidden, so a sentence with a colon must never pass for one: hence sure and anchored.
func findWrote(lines []line) {
	for i := range lines {
		if quotesBehind(&lines[i]) {
			lines[i].kind = wrote
			for j := i + 1; j < len(lines); j++ {
				if lines[j].kind == text || lines[j].kind == label {
					lines[j].kind = quoted
				}
			}
			return
		}
		if !closes(&lines[i]) {
			continue
		}
		first, strong := introduction(lines, i)
		if first < 0 || !strong && !quoteFollows(lines, i) {
			continue
		}
		for j := first; j <= i; j++ {
			if lines[j].kind != blank {
				lines[j].kind = wrote
			}
		}
	}
}

// quotesBehind reports whether a line is a sure introduction with the beginning of the quotation behind its colon, as Yahoo's telephones
// write it: "On Tue, Nov 24, 2026 at 10:20 AM, Some One<x@y> wrote:   Hello". All below it is quoted then, without a mark.
func quotesBehind(l *line) bool {
	if l.kind != text && l.kind != label {
		return false
	}
	i := strings.Index(l.s, ":   ")
	if i < 0 || i > maxWrote || !endsWithVerb(strings.ToLower(l.s[:i])) {
		return false
	}
	in := isWrote(strings.TrimSpace(l.s[:i+1]))
	return in.sure && in.anchored && strings.IndexByte(l.s[:i], '@') > 0
}

// closes reports whether a line can be the end of an introduction. Without a colon it must name an address.
func closes(l *line) bool {
	if len(l.s) > maxWrote || l.kind == blank || l.kind == quoted && len(l.s) > 40 {
		return false
	}
	if strings.HasSuffix(l.s, ":") || strings.HasSuffix(l.s, "：") {
		return l.kind != quoted || isVerb(strings.TrimLeft(l.s, "> "))
	}
	if l.kind == quoted {
		return false
	}
	return strings.HasSuffix(l.s, "--") || isBareDate(l.s) || isDatedAddress(l.s) || strings.IndexByte(l.s, '@') > 0 && endsWithVerb(strings.ToLower(l.s))
}

// isDatedAddress recognises "2026/11/23 Some One <x@y>".
func isDatedAddress(s string) bool {
	return strings.HasSuffix(s, ">") && digit(s[0]) && strings.IndexByte(s, '@') > 0 && startsWithDate(strings.ToLower(s))
}

// isVerb reports whether a line is nothing but the folded tail of an introduction.
func isVerb(s string) bool {
	s = strings.ToLower(strings.TrimRight(s, ":： "))
	if slices.Contains(endVerbs, s) {
		return true
	}
	return s == ""
}

// quoteFollows reports whether the next line that says something is quoted.
func quoteFollows(lines []line, i int) bool {
	for i++; i < len(lines); i++ {
		if lines[i].kind != blank {
			return lines[i].kind == quoted || barred(lines[i].s)
		}
	}
	return false
}

// introduction finds the first line of the introduction that line i closes; -1 if there is none.
// One without a date may be the folded tail of a longer one that has it.
func introduction(lines []line, i int) (first int, strong bool) {
	joined := ""
	blanks := 0
	first = -1
	for j := i; j >= 0 && j > i-wroteSpan-2; j-- {
		s := strings.TrimSpace(lines[j].s)
		if lines[j].kind == blank {
			if blanks++; blanks > 2 || !foldable(joined) {
				break
			}
			continue
		}
		if j < i && (lines[j].kind == quoted || lines[j].kind == wrote || lines[j].kind == signature) {
			break
		}
		joined = join(s, joined)
		if len(joined) > maxWrote {
			break
		}
		if in := isWrote(joined); in.ok && (first < 0 || in.anchored) {
			if first, strong = headOf(lines, j), in.sure; in.anchored {
				break
			}
		}
	}
	return first, strong
}

// foldable reports whether what was read so far cannot be the start of a line of its own.
func foldable(s string) bool {
	return strings.HasPrefix(s, "<") || strings.HasPrefix(s, ">") || isVerb(s)
}

// join puts a line before what was joined so far.
func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + " " + strings.TrimLeft(b, "> ")
}

// headOf takes the line above along where it cannot be the end of a sentence:
// "客服 <support@example.com> 于".
func headOf(lines []line, i int) int {
	if i == 0 {
		return i
	}
	s := lines[i-1].s
	for _, tail := range []string{"> 于", ">于", "> 於", ">於", "> schrieb am", "> schreef op", "> skrev den"} {
		if strings.HasSuffix(s, tail) {
			return i - 1
		}
	}
	return i
}

// intro is what is known of a joined introduction.
type intro struct {
	ok       bool // it is one
	sure     bool // it has the form that mail clients give it: a date or an address, and a time or an address
	anchored bool // it starts as introductions start
}

// isWrote judges one joined introduction.
// There are as many forms as mail programs and languages. They share three parts, a date, a person or address, and a verb, in an order of
// their own; the cases ask which of the parts are there. A new language is a verb and a head in mail.txt, not a case here.
func isWrote(s string) intro {
	s = strings.ReplaceAll(s, "\u00a0", " ")
	if strings.Contains(s, "\u202a") || strings.Contains(s, "\u200f") {
		s = directions.Replace(s)
	}
	if strings.ContainsAny(s, "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669") {
		s = strings.Map(arabicDigit, s)
	}
	fence := strings.HasPrefix(s, "--") && strings.HasSuffix(s, "--")
	s = strings.Trim(s, "*_-\u2014 \t\u00a0")
	body := strings.TrimRight(s, ":： *_")
	if isBareDate(s) {
		return intro{true, true, true}
	}
	if strings.HasPrefix(s, "<") || strings.HasPrefix(s, "mailto:") {
		return intro{}
	}
	address, number := strings.IndexByte(body, '@') > 0, hasDigit(body)
	if !address && !number {
		return intro{} // as most lines are
	}
	l := strings.ToLower(body)
	verb := endsWithVerb(l)
	if body == s && !fence {
		return withoutColon(s, l, verb)
	}
	head := hasHead(l)
	dated := number && (head || startsWithDate(l))
	timed := hasTime(l)
	switch {
	case verb && dated:
		return intro{true, timed || address, true}
	case verb && address && (number || strings.ContainsAny(l, "<([")):
		return intro{true, true, false}
	case verb && number && (timed || hasYear(l)):
		return intro{true, timed && hasYear(l), false}
	case head && timed && phrases.ContainsAny(l, innerVerbs):
		return intro{true, true, true}
	case address && number && phrases.ContainsAny(l, innerVerbs):
		return intro{true, true, head}
	case timed && hasYear(l) && phrases.ContainsAny(l, innerVerbs):
		return intro{true, false, false}
	case startsWithDate(l) && address && number && strings.ContainsAny(l[len(l)-1:], ">)]"):
		return intro{true, true, true}
	}
	return intro{}
}

// withoutColon judges an introduction that has lost its colon, or never had one: it must have everything else.
func withoutColon(s, l string, verb bool) intro {
	switch {
	case verb && strings.IndexByte(l, '@') > 0 && hasTime(l) && (hasHead(l) || startsWithDate(l)):
		return intro{true, true, true}
	case isDatedAddress(s):
		return intro{true, false, true}
	}
	return intro{}
}

// arabicDigit makes an ASCII digit of an Arabic one.
func arabicDigit(r rune) rune {
	if r >= 0x660 && r <= 0x669 {
		return '0' + r - 0x660
	}
	return r
}

// directions takes out the marks by which mail clients say in which direction a part of a line runs.
var directions = strings.NewReplacer("\u200e", "", "\u200f", "", "\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "")

// endsWithVerb reports whether a line ends with one of endVerbs as a word.
func endsWithVerb(l string) bool {
	for _, v := range endVerbs {
		if head, ok := strings.CutSuffix(l, v); ok {
			// "Some One <x@y>wrote" is written without a space, "overwrote" is not meant; "parašė" ends like another verb.
			if head == "" || v[0] >= 0x80 || strings.HasSuffix(head, " ") || strings.HasSuffix(head, ">") {
				return true
			}
		}
	}
	return false
}

// hasHead reports whether the introduction starts as clients start it.
func hasHead(l string) bool {
	for _, h := range introHeads {
		if rest, ok := strings.CutPrefix(l, h); ok {
			// A date is near: "On Thursday my agent" is a sentence.
			return strings.ContainsAny(tidy.Clip(rest, 40), "0123456789")
		}
	}
	return false
}

// startsWithDate reports whether a number, or a short word and a number, come first:
// "2016-10-24 15:36 GMT", "30 серп. 2016", "ср, 30 апр.", "Wednesday, 17 November", "pe 20. lokakuuta".
func startsWithDate(l string) bool {
	for range 3 {
		word, rest, _ := strings.Cut(l, " ")
		if word == "" || word == "at" || word == "um" || utf8.RuneCountInString(word) > 14 {
			return false
		}
		if word[0] >= '0' && word[0] <= '9' {
			return true
		}
		if strings.ContainsAny(word, "@<\"'") {
			return false
		}
		l = rest
		if !strings.HasSuffix(word, ",") && !strings.HasSuffix(word, ".") {
			return rest != "" && rest[0] >= '0' && rest[0] <= '9'
		}
	}
	return false
}

// isBareDate recognises what Gmail wrote for years, which may have lost its end:
// "2016-03-03 17:21 GMT+01:00 Some One".
func isBareDate(s string) bool {
	if len(s) < 26 || len(s) > maxWrote || s[0] < '0' || s[0] > '9' || s[4] != '-' || s[7] != '-' || s[10] != ' ' {
		return false
	}
	i := strings.Index(s[:22], " GMT")
	return i > 14 && len(s) > i+11 && (s[i+4] == '+' || s[i+4] == '-') && s[i+7] == ':'
}

// hasTime looks for "15:20", "15.20" after a space, or "15点20".
func hasTime(l string) bool {
	for i := 1; i+2 < len(l); i++ {
		if l[i] != ':' && l[i] != '.' && !strings.HasPrefix(l[i:], "点") && !strings.HasPrefix(l[i:], "時") && !strings.HasPrefix(l[i:], "时") {
			continue
		}
		if digit(l[i-1]) && (l[i] >= 0x80 || digit(l[i+1]) && digit(l[i+2]) && (i+3 == len(l) || !digit(l[i+3]))) {
			return true
		}
	}
	return false
}

// hasYear looks for a year of mail.
func hasYear(l string) bool {
	for i := 0; i+4 <= len(l); i++ {
		if (l[i] == '2' && l[i+1] == '0' || l[i] == '1' && l[i+1] == '9') && digit(l[i+2]) && digit(l[i+3]) {
			return true
		}
	}
	return false
}

// hasDigit asks for digits of ASCII.
func hasDigit(s string) bool {
	for i := range len(s) {
		if digit(s[i]) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// introHeads start an introduction, lower case.
var introHeads = mailLists.Words("introduction heads")

// endVerbs end an introduction, lower case, without the colon.
var endVerbs = mailLists.Words("introduction ends")

// innerVerbs stand between the writer and the date in the languages that put it so.
var innerVerbs = mailLists.Words("introduction verbs")
