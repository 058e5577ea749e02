package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/cards"
	"frontdesk/pipeline/normalize/device"
	"frontdesk/pipeline/normalize/phrases"
	"frontdesk/pipeline/normalize/polite"
	"frontdesk/pipeline/normalize/tidy"
)

// The end of a mail is made of few sorts of line: courtesies, a name, what stands on a visiting card, what programs and companies add. Each
// line is asked what it is, from the last one up, and what is certain takes the uncertain beside it along: a telephone number the name above
// it, a closing formula all that stands below it. Where nothing is certain, nothing goes but a name by itself.

// tailKind is what a line near the end of a mail is.
type tailKind uint8

const (
	saying   tailKind = iota // words
	empty                    // nothing
	loose                    // short and no sentence: on a visiting card only below a formula
	cardLike                 // a name, a title, a company
	contact                  // how somebody is reached: on a card without doubt
	added                    // a program's or a company's line, a picture, a ruler
	courtesy                 // thanks or a wish that is a sentence
	formula                  // a closing formula: names and titles follow
)

const (
	foldedLine   = 40 // runes of the first line of a notice that a mail program has folded
	maxTail      = 40 // lines at the end that are looked at
	maxCardLines = 10 // lines of a visiting card
	maxCardLine  = 80 // runes of one
)

// dropTail takes courtesies, visiting card and notices off the end. The first line always stays.
func dropTail(s string) string {
	starts := lastLines(s)
	if len(starts) < 2 {
		return s
	}
	t := tailReader{s: s, starts: starts, kinds: make([]tailKind, len(starts))}
	t.look()
	i := len(starts)
	for {
		j := t.saidBefore(i)
		if j < 1 {
			break
		}
		k := t.begins(j)
		if k < 1 {
			break
		}
		i = k
	}
	return strings.TrimRight(s[:t.offset(i)], " \t\n\u3000")
}

// lastLines returns where the last lines of s begin, the first of them at 0 where all of s is looked at.
func lastLines(s string) []int {
	var back []int
	for end := len(s); len(back) < maxTail && end >= 0; {
		start := strings.LastIndexByte(s[:end], '\n') + 1
		back = append(back, start)
		end = start - 1
	}
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return back
}

// tailReader holds the last lines of a text and what each of them is.
type tailReader struct {
	s      string
	starts []int
	kinds  []tailKind
}

func (t *tailReader) offset(i int) int {
	if i >= len(t.starts) {
		return len(t.s)
	}
	return t.starts[i]
}

func (t *tailReader) line(i int) string { return strings.TrimSpace(t.s[t.starts[i]:t.offset(i+1)]) }

// look says what each line is. A notice is one by its whole paragraph, which mail programs fold.
func (t *tailReader) look() {
	for i := range t.kinds {
		t.kinds[i] = tailOf(t.line(i))
	}
	for i := 1; i < len(t.kinds); i++ {
		if t.kinds[i-1] != empty && t.kinds[i-1] != added || t.kinds[i] == empty || utf8.RuneCountInString(t.line(i)) < foldedLine {
			continue
		}
		end := i
		for end < len(t.kinds) && t.kinds[end] != empty {
			end++
		}
		if isNotice(t.s[t.starts[i]:t.offset(end)]) {
			for ; i < end; i++ {
				t.kinds[i] = added
			}
		}
	}
}

// saidBefore is the last line before i that is not empty; -1 for none.
func (t *tailReader) saidBefore(i int) int {
	for i--; i >= 0 && t.kinds[i] == empty; {
		i--
	}
	return i
}

// begins returns the first line of what ends with line j and belongs to no words; 0 where line j is words.
func (t *tailReader) begins(j int) int {
	switch t.kinds[j] {
	case added, courtesy, formula:
		return j
	case contact:
		return t.card(j)
	case cardLike, loose:
		if f := t.formulaAbove(j); f > 0 {
			return f
		}
		if k := t.contactAbove(j); k > 0 {
			return k
		}
		if k := t.titledName(j); k > 0 {
			return k
		}
		if t.last(j) && isRule(t.line(j-1)) && han(t.line(j)) <= 12 && len(strings.Fields(t.line(j))) <= 3 {
			return j
		}
		if t.nameAlone(j) || t.kinds[j-1] == added && cards.Link(t.line(j)) || t.belowName(j) {
			return j
		}
	}
	return 0
}

// card returns the first line of the visiting card that ends with the contact in line j. It must stand apart from the words above, and
// those may not announce it: "call me at this number:".
func (t *tailReader) card(j int) int {
	if f := t.formulaAbove(j); f > 0 {
		return f
	}
	k := j
	for k > 1 && j-k < maxCardLines && t.kinds[k-1] != empty && t.kinds[k-1] != saying && t.kinds[k-1] != courtesy {
		k--
	}
	above := t.saidBefore(k)
	if above < 0 || t.kinds[k-1] == saying || announcesMore(t.line(above)) {
		return 0
	}
	return k
}

// contactAbove returns the first line of the card whose last contact stands above line j, with nothing between but what stands on cards; 0 where none does.
func (t *tailReader) contactAbove(j int) int {
	for k := j; k > 0 && j-k < nameLines; k-- {
		switch t.kinds[k] {
		case contact:
			return t.card(k)
		case cardLike, empty:
		default:
			return 0
		}
	}
	return 0
}

// formulaAbove returns the closing formula above line j with nothing but short lines between; 0 where there is none.
func (t *tailReader) formulaAbove(j int) int {
	for k, n := j, 0; k > 0 && n <= maxCardLines; k-- {
		switch t.kinds[k] {
		case formula:
			return k
		case courtesy:
			if l := t.line(j); k+1 < len(t.kinds) && t.kinds[k+1] == empty && (isName(l) || cards.Parted(l) || dated(l) || endsWithAny(l, bodies)) {
				return k
			}
			return 0
		case saying:
			return 0
		case empty:
		default:
			n++
		}
	}
	return 0
}

// nameAlone reports whether line j is a name set apart from the words above, and those are finished.
func (t *tailReader) nameAlone(j int) bool {
	above := t.saidBefore(j)
	apart := t.kinds[j-1] == empty || t.kinds[j-1] == added || t.kinds[j-1] == courtesy || t.last(j) && (endsSentence(t.line(j-1)) || dashed(t.line(j)) && !dashed(t.line(j-1)))
	return above >= 0 && apart && (t.kinds[above] == courtesy || !announcesMore(t.line(above))) && t.kinds[above] != cardLike && isName(t.line(j))
}

// dashed reports whether a line begins with a dash, as names below a text do, and as each line of a list does.
func dashed(l string) bool { return strings.IndexAny(l, "-–—~/") == 0 }

// last reports whether nothing but what programs add follows line j.
func (t *tailReader) last(j int) bool {
	for _, k := range t.kinds[j+1:] {
		if k != empty && k != added {
			return false
		}
	}
	return true
}

// endsSentence reports whether a line ends as a sentence does.
func endsSentence(l string) bool { return strings.ContainsAny(lastRune(l), ".!?。！？") }

// titledName returns the line of the name above the titles that end with line j, where Chinese words say that they are titles, or a
// program's line follows; 0 for anything else.
func (t *tailReader) titledName(j int) int {
	sure := j+1 < len(t.kinds) && t.kinds[j+1] == added || phrases.ContainsAny(t.line(j), offices) || inParts(t.line(j))
	k := j
	for k > 1 && j-k < nameLines && t.kinds[k] == cardLike && t.kinds[k-1] == cardLike {
		k--
	}
	if k == j || !sure || !t.nameAlone(k) {
		return 0
	}
	return k
}

// belowName reports whether line j is a row of a company's parts, below a name or a courtesy with nothing but an empty line between.
func (t *tailReader) belowName(j int) bool {
	above := t.saidBefore(j)
	return above > 0 && inParts(t.line(j)) && (t.kinds[above] == courtesy || t.kinds[above] == formula || t.kinds[above] == cardLike && isName(t.line(above)))
}

// inParts reports whether a line is a row of short parts, as companies and titles stand on a card: "Klee GmbH · Hafenstr. 12 · 20457 Hamburg".
func inParts(l string) bool {
	if utf8.RuneCountInString(l) > maxCardLine || speaks(l) {
		return false
	}
	parts := 0
	for part := range strings.FieldsFuncSeq(l, func(r rune) bool { return strings.ContainsRune("|｜•·丨", r) }) {
		if part = strings.TrimSpace(part); part == "" || len(strings.Fields(part)) > 5 || han(part) > 14 {
			return false
		}
		parts++
	}
	return parts > 1 && parts <= 5
}

// motto reports whether a line is what somebody has said, with his name behind it: "The best way out is always through." – Robert Frost.
func motto(l string) bool {
	first, _ := utf8.DecodeRuneInString(l)
	if !strings.ContainsRune("\"“«'‘*_", first) {
		return false
	}
	for _, dash := range []string{"” – ", "” — ", "” - ", "\" – ", "\" — ", "\" - ", "\" -", "” -", "\" ~ ", "’ – ", "' - ", "» – "} {
		if _, name, found := strings.Cut(l, dash); found && isName(name) {
			return true
		}
	}
	return false
}

// dated reports whether a line is a date, as letters have it below a name: 日期：2026-11-20.
func dated(l string) bool {
	for _, label := range []string{"日期：", "时间：", "時間：", "日期:", "Date: "} {
		l = strings.TrimPrefix(l, label)
	}
	return len(l) >= len("2026-1-1") && strings.Trim(l, "0123456789-/.年月日 ") == "" && strings.ContainsAny(l, "-/.年")
}

// nameAndNumber reports whether a line is a name with a telephone number behind it: "陈女士 13612340000".
func nameAndNumber(l string) bool {
	at := strings.LastIndexByte(l, ' ')
	return at > 0 && cards.Telephone(l[at+1:]) && isName(l[:at])
}

// hereby reports whether a line closes a Chinese letter by what it is: 特此投诉。
func hereby(l string) bool {
	rest, found := strings.CutPrefix(strings.TrimRight(l, "。！!. "), "特此")
	return found && han(rest) >= 2 && utf8.RuneCountInString(rest) <= 4
}

// announcesMore reports whether a line says that something follows.
func announcesMore(l string) bool {
	if strings.HasSuffix(l, ":") || strings.HasSuffix(l, "：") || strings.HasSuffix(l, ",") || strings.HasSuffix(l, "，") {
		return true
	}
	l = message.Lower(tail(l, 32))
	for _, w := range goingOn {
		if head, ok := strings.CutSuffix(l, w); ok && (w[0] >= 0x80 || strings.HasSuffix(head, " ")) {
			return true
		}
	}
	return false
}

// tailOf says what a line is by itself.
func tailOf(l string) tailKind {
	switch {
	case l == "":
		return empty
	case len(l) > 1<<10:
		return saying
	case isAdded(l):
		return added
	case isClosing(l) || isClosingTwice(l) || isRegards(l) || hereby(l):
		return formula
	case isCourtesy(l):
		return courtesy
	case utf8.RuneCountInString(l) > maxCardLine || strings.ContainsAny(l, "?？!！。；;"):
		return saying
	case cards.Contact(l) || nameAndNumber(l):
		return contact
	case namesMatter(l) || speaks(l):
		return saying
	case onCard(l) || inParts(l) || dated(l):
		return cardLike
	case len(strings.Fields(l)) <= 10 && !strings.HasSuffix(l, ".") && han(l) <= 24:
		return loose
	}
	return saying
}

// isAdded reports whether a line is a program's or a company's, a picture, a ruler, or what somebody else has said.
func isAdded(l string) bool {
	return isRule(l) || isSignatureDash(l) || device.Signature(l) || cards.Picture(l) || isNotice(l) || motto(l) || device.SentBy(l)
}

// isClosingTwice reports whether a line has two closing formulas: "With kind regards / Met vriendelijke groet,", "谢谢，顺祝商祺".
func isClosingTwice(l string) bool {
	for _, mark := range []string{"/", "，", ", ", "！"} {
		if a, b, found := strings.Cut(l, mark); found && isClosing(a) && isClosing(b) {
			return true
		}
	}
	return false
}

// isRegards reports whether a line is of a few words of which the last one is that of a closing formula: "Warmest regards,".
func isRegards(l string) bool {
	words := strings.Fields(message.Lower(strings.Trim(l, " ,.!*_-–—~")))
	return len(words) > 0 && len(words) <= 4 && formulaEnds[words[len(words)-1]]
}

// isCourtesy reports whether a line says thanks or wishes and nothing else: each of its clauses begins as those do.
func isCourtesy(l string) bool {
	if n := utf8.RuneCountInString(l); n > 2*maxCourtesy || strings.ContainsAny(l, "0123456789") {
		return false
	} else if n > maxCourtesy && !allPolite(l) {
		return false
	}
	l = hesitate.Replace(message.Lower(l))
	turned, count := phrases.ContainsAny(l, turns), 0
	for len(l) > 0 {
		at := strings.IndexAny(l, ".!,;?。！，；、？~～…")
		c, mark := l, ""
		if at >= 0 {
			_, n := utf8.DecodeRuneInString(l[at:])
			c, mark, l = l[:at], l[at:at+n], l[at+n:]
		} else {
			l = ""
		}
		c = strings.TrimFunc(c, func(r rune) bool { return unicode.IsSpace(r) || r == '*' || r == '-' || unicode.IsSymbol(r) })
		if c == "" {
			continue
		}
		kind, asks := polite.Of(c), mark == "?" || mark == "？"
		switch {
		case helpless[c] || kind >= polite.Asking:
			count++
		case !turned && !asks && (phrases.BeginsWithAny(c, courtesyStarts) || phrases.BeginsWithAny(c, closings) || phrases.BeginsWithAny(c, shortCourtesies) && asksNothing(c)):
			count++
		case kind != polite.Plain || asks:
			return false
		}
	}
	return count > 0
}

// allPolite reports whether each sentence of a line is made of words of politeness alone.
func allPolite(l string) bool {
	for c := range strings.FieldsFuncSeq(hesitate.Replace(message.Lower(l)), func(r rune) bool { return strings.ContainsRune(".!;。！；", r) }) {
		if strings.TrimSpace(c) != "" && polite.Of(c) < polite.Asking {
			return false
		}
	}
	return true
}

// hesitate turns the one courtesy with a "not" into another one.
var hesitate = strings.NewReplacer("do not hesitate", "feel free", "don't hesitate", "feel free", "don’t hesitate", "feel free")

// asksNothing reports whether a clause that may ask for something is too short for that, and asks no question: "please let me know".
func asksNothing(c string) bool {
	words := strings.Fields(c)
	for _, w := range words {
		if askingWords[w] {
			return false
		}
	}
	return len(words) <= 7 && han(c) <= 8
}

// maxCourtesy bounds a line of courtesies, in runes.
const maxCourtesy = 120

// namesMatter reports whether a short line names what the message is about: an order, an amount.
func namesMatter(l string) bool {
	return (strings.ContainsAny(l, "0123456789") || han(l) > 0) && phrases.HasWord(message.Lower(l), matters)
}

// spokenHan are characters of sentences, which stand on no card.
const spokenHan = "我你您吗呢吧了请請想能没沒不"

// speaks reports whether a short line is somebody's own words although no mark ends it: "my card is blocked too".
func speaks(l string) bool {
	if han(l) > 0 {
		return strings.ContainsAny(l, spokenHan) && !isHanName(l)
	}
	return phrases.ContainsAny(" "+message.Lower(l)+" ", ownWords) || strings.HasPrefix(l, "I ")
}

// onCard reports whether a line is a name, a title or a company.
func onCard(l string) bool {
	if n := han(l); n > 0 {
		return n <= 24 && (isHanName(l) || phrases.ContainsAny(l, offices) || endsWithAny(l, bodies)) && !strings.ContainsAny(l, spokenHan)
	}
	return isName(l) || cards.Titled(l) && !strings.ContainsAny(l, "0123456789") && !(endsSentence(l) && strings.Contains(l, ". ") && len(strings.Fields(l)) > 6)
}

// isName reports whether a line is a name by itself, perhaps with a dash before it or a smile behind.
func isName(l string) bool {
	l = strings.TrimFunc(l, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsSymbol(r) || strings.ContainsRune("-–—/~～*_,.;:()", r)
	})
	if han(l) > 0 {
		at := strings.LastIndexByte(l, ' ')
		return isHanName(l) || at > 0 && han(l[:at]) == 0 && isHanName(l[at+1:]) && isName(l[:at]) // "Grace Lin 林雅"
	}
	words := strings.Fields(l)
	if len(words) == 0 || len(words) > 3 || utf8.RuneCountInString(l) > maxName {
		return false
	}
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(r) || strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(".'’-", r) }) {
			return false
		}
	}
	return !greetingStarts.Begin(strings.ToLower(l)) || !phrases.BeginsWithAny(strings.ToLower(l), greetings)
}

// isHanName reports whether a line is a Chinese name: a surname and one or two characters, perhaps with what somebody is before or behind.
func isHanName(l string) bool {
	if label, name, found := strings.Cut(l, "："); found && writers[label] {
		return isHanName(strings.TrimSpace(name)) // "家长：刘芳", and never "收款人：刘芳"
	}
	if role, name, found := strings.Cut(l, " "); found && han(role) > 0 && han(role) <= 6 && isHanName(strings.TrimSpace(name)) {
		return true // "采购 高翔"
	}
	called := false
	for _, role := range nameRoles {
		if cut, ok := strings.CutSuffix(l, role); ok {
			l, called = cut, true
		}
		l = strings.TrimPrefix(l, role)
	}
	l = strings.TrimSpace(l)
	if called && utf8.RuneCountInString(l) == 1 && phrases.ContainsAny(surnames, []string{l}) {
		return true // "張小姐"
	}
	n := utf8.RuneCountInString(l)
	if n < 2 || n > 4 || han(l) != n {
		return false
	}
	r, _ := utf8.DecodeRuneInString(l)
	return strings.ContainsRune(surnames, r) && n <= 3 || n == 4 && phrases.BeginsWithAny(l, doubleSurnames)
}

// dropOpening takes companies' banners and polite sentences off the beginning, with the salutations between them.
func dropOpening(s string) string {
	for range greetingHops + 2 {
		t := dropOpeningClause(dropGreeting(s))
		head, rest, found := strings.Cut(t, "\n")
		if found && strings.TrimSpace(rest) != "" && (isNotice(strings.TrimSpace(head)) || isOpener(head) || pleasantries[strings.ToLower(strings.Trim(head, " ?？!.,～~\t"))] || isAddressee(head) || isHouse(head) || introduces(head) || SaysNothing(head) || device.Signature(strings.TrimSpace(head)) || tellsSomething(head) && isCourtesy(strings.TrimSpace(head)) && goesOn(rest)) {
			t = strings.TrimLeft(rest, " \t\n\u3000")
		}
		if t == s {
			break
		}
		s = t
	}
	return s
}

// goesOn reports whether words follow a courtesy, and not the end of the mail.
func goesOn(rest string) bool {
	rest = strings.TrimLeft(rest, " \t\n\u3000")
	head, _, _ := strings.Cut(rest, "\n")
	head = strings.TrimSpace(head)
	return tellsSomething(rest) && !closesMail(head) && !isCourtesy(head)
}

// dropOpeningClause takes "不好意思打扰一下，" off the words that follow on its line.
func dropOpeningClause(s string) string {
	at := strings.Index(tidy.Clip(s, 60), "，")
	if at < 0 {
		return s
	}
	clause := s[:at]
	for range greetingHops {
		for _, o := range openers {
			clause = strings.TrimPrefix(clause, o)
		}
	}
	if clause == "" {
		return s[at+len("，"):]
	}
	return s
}

// isAddressee reports whether a line names to whom a Japanese letter goes: a company, or somebody who is called 様 or 御中.
func isAddressee(l string) bool {
	l = strings.TrimSpace(tidy.Clip(l, 120))
	return l != "" && utf8.RuneCountInString(l) <= 30 && !strings.ContainsAny(l, "。、？！,?!") && (endsWithAny(l, addressees) || strings.Contains(l, "株式会社") || strings.Contains(l, "有限会社"))
}

// isHouse reports whether a line names the people to whom a Chinese letter goes, with a colon behind: 贵公司财务部：
func isHouse(l string) bool {
	l = strings.TrimSpace(tidy.Clip(l, 120))
	name := strings.TrimRight(l, ":： ")
	return name != l && han(name) <= 14 && utf8.RuneCountInString(name) <= 20 && !strings.ContainsAny(name, "，,。？！:：0123456789我") && endsWithAny(name, houses)
}

// introduces reports whether a line says who writes, as Japanese letters begin: 株式会社山田商事の佐藤です。
func introduces(l string) bool {
	l = strings.TrimRight(strings.TrimSpace(tidy.Clip(l, 200)), "。.")
	return l != "" && utf8.RuneCountInString(l) <= 30 && (strings.HasSuffix(l, "と申します") || strings.HasSuffix(l, "です") && strings.Contains(l, "の") && (strings.Contains(l, "会社") || strings.HasPrefix(l, "会員")))
}

// isOpener reports whether a line is a sentence of politeness with which mails begin: "I hope you are well."
func isOpener(l string) bool {
	l = strings.TrimSpace(message.Lower(tidy.Clip(l, 200)))
	if utf8.RuneCountInString(l) > maxCourtesy || strings.ContainsAny(l, "?？0123456789") || phrases.ContainsAny(l, turns) {
		return false
	}
	inner := strings.TrimRight(l, ".!,:。！，：~～ ")
	return !strings.ContainsAny(inner, ".!。！") && (phrases.BeginsWithAny(l, openers) || han(l) <= 8 && strings.HasSuffix(inner, "好") && inner != l)
}

// dropClosingsWithin takes closing formulas out of a text that goes on below them, with the names and numbers between: "Best wishes\nOlga\n\nPS: …".
func dropClosingsWithin(s string) string {
	var out strings.Builder
	kept, at := 0, 0
	for at < len(s) {
		next := lineEnd(s, at)
		if at > 0 && closesMail(strings.TrimSpace(s[at:next])) {
			if end := closingBlock(s, next); end > 0 {
				out.WriteString(s[kept:at])
				kept, next = end, end
			}
		}
		at = next
	}
	if kept == 0 {
		return s
	}
	out.WriteString(s[kept:])
	return out.String()
}

// maxBelow bounds what is taken for a motto or a notice below a signed mail, in bytes.
const maxBelow = 320

// dropBelowSignature takes off what stands below a closing formula with a name: mottos, notices, absences. Who adds something himself says so,
// asks, or names a number.
func dropBelowSignature(s string) string {
	for at := max(0, len(s)-maxBelow-8*maxName); at < len(s); {
		next := lineEnd(s, at)
		start := at
		at = next
		if start == 0 || s[start-1] != '\n' || !closesMail(strings.TrimSpace(s[start:next])) {
			continue
		}
		end := signedBlock(s, next)
		if end > 0 && len(s)-end <= maxBelow && !adds(s[end:]) && tellsSomething(s[:start]) {
			return strings.TrimRight(s[:start], " \t\n\u3000")
		}
	}
	return s
}

// signedBlock is where the names below a closing formula end, which begin at a place; 0 where there is none.
func signedBlock(s string, at int) int {
	names := 0
	for at < len(s) && names < nameLines {
		next := lineEnd(s, at)
		if k := tailOf(strings.TrimSpace(s[at:next])); k != cardLike && k != contact {
			break
		}
		names, at = names+1, next
	}
	if names == 0 {
		return 0
	}
	return at
}

// ownWords are those by which somebody speaks of what is his, as no motto and no notice does.
var ownWords = []string{" my ", " me ", "\nmy ", "我"}

// adds reports whether what stands below a name is somebody's own: it says that it is added, asks, speaks of what is his, or names a number.
func adds(below string) bool {
	below = strings.TrimSpace(below)
	digits := 0
	for i := range len(below) {
		if below[i] < '0' || below[i] > '9' {
			digits = 0
		} else if digits++; digits > 4 {
			return true
		}
	}
	lower := message.Lower(strings.TrimLeft(below, "*-_( "))
	return strings.ContainsAny(below, "?？") || phrases.ContainsAny(" "+lower, ownWords) || phrases.BeginsWithAny(lower, postscripts)
}

// tellsSomething reports whether a text is a sentence at least: three words, or six Chinese characters.
func tellsSomething(s string) bool { return len(strings.Fields(s)) >= 3 || han(s) >= 6 }

// lineEnd is where the line that begins at a place ends, its break included.
func lineEnd(s string, at int) int {
	if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(s)
}

// closesMail reports whether a line is a closing formula.
func closesMail(l string) bool {
	return l != "" && len(l) <= 4*maxGreeting && (isClosing(l) || isClosingTwice(l) || isRegards(l))
}

// closingBlock is where the names below a closing formula end, which begin at a place: at an empty line with words below. 0 where none does.
func closingBlock(s string, at int) int {
	for n := 0; at < len(s) && n <= nameLines; n++ {
		next := lineEnd(s, at)
		l := strings.TrimSpace(s[at:next])
		if l == "" {
			if strings.TrimSpace(s[next:]) == "" {
				return 0
			}
			return at
		}
		if k := tailOf(l); k != cardLike && k != contact && k != formula {
			return 0
		}
		at = next
	}
	return 0
}

// dropQuotedLines takes quoted lines out of an answer between them, where something stays.
func dropQuotedLines(s string) string {
	if !strings.HasPrefix(s, ">") && !strings.Contains(s, "\n>") {
		return s
	}
	var b strings.Builder
	for l := range strings.Lines(s) {
		if !strings.HasPrefix(l, ">") {
			b.WriteString(l)
		}
	}
	if out := strings.TrimSpace(b.String()); letters(out) > 0 {
		return out
	}
	return s
}

// The lists of courtesy.txt say what each of them is.
var (
	courtesyStarts  = courtesyLists.Words("polite ends")
	turns           = courtesyLists.Words("turns")
	helpless        = courtesyLists.Set("asking for help")
	pleasantries    = courtesyLists.Set("pleasantries")
	shortCourtesies = courtesyLists.Words("polite ends when short")
	askingWords     = courtesyLists.Set("asking")
	formulaEnds     = courtesyLists.Set("formula ends")
	sentenceStarts  = courtesyLists.Set("sentence starts")
	goingOn         = courtesyLists.Words("going on")
	openers         = courtesyLists.Words("openers")
	addressees      = courtesyLists.Words("addressees")
	houses          = courtesyLists.Words("chinese addressees")
	writers         = courtesyLists.Set("writers")
	bodies          = mailLists.Words("card bodies")
	postscripts     = courtesyLists.Words("postscripts")
	matters         = courtesyLists.Words("matters")
	nameRoles       = courtesyLists.Words("name roles")
	doubleSurnames  = courtesyLists.Words("double surnames")
	surnames        = strings.Join(courtesyLists.Words("surnames"), "")
)
