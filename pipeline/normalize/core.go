package normalize

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/device"
	"frontdesk/pipeline/normalize/phrases"
	"frontdesk/pipeline/normalize/polite"
	"frontdesk/pipeline/normalize/tidy"
)

// Core takes the salutation from the start and the closing with the name lines from the end of a
// message, for classification and fingerprints. It is careful: what it does not know stays, and
// a message that is nothing but politeness is returned whole.
func Core(visible string) string {
	s := strings.TrimSpace(visible)
	core := strings.TrimSpace(dropClosingsWithin(dropBelowSignature(dropClosing(dropTail(dropOpening(dropQuotedLines(s)))))))
	if letters(core) == 0 && !strings.ContainsAny(core, "0123456789") {
		return s
	}
	return core
}

// Bounds of what passes for a salutation, a closing and a name.
const (
	// A longer line holds a sentence, whatever it begins with.
	maxGreeting  = 48 // runes of a salutation line
	maxName      = 32 // runes of a name line
	nameLines    = 4  // lines that may follow a closing
	greetingHops = 3  // salutations in a row
	closingHops  = 4  // closing lines in a row: "此致", "敬礼"
)

// dropGreeting removes up to three salutations: "您好，", "Dear Sir or Madam,", "Hi Anna!".
func dropGreeting(s string) string {
	for range greetingHops {
		rest := dropOneGreeting(s)
		if rest == s || strings.TrimSpace(rest) == "" {
			return s
		}
		s = rest
	}
	return s
}

// dropOneGreeting removes one; the text comes back as it is when there is none, or when nothing would be left of a line of words.
func dropOneGreeting(s string) string {
	head, rest, found := strings.Cut(s, "\n")
	if bare := strings.Trim(head, "*_ "); found && len(bare) < len(head) && bare != "" {
		head, s = bare, bare+"\n"+rest // in bold
	}
	lower := message.Lower(tidy.Clip(head, 200))
	if !greetingStarts.Begin(lower) {
		return s
	}
	for _, g := range greetings {
		if !strings.HasPrefix(lower, g) || !phrases.Boundary(lower[len(g):], g) {
			continue
		}
		if found && utf8.RuneCountInString(head) <= maxGreeting && greetingLine(lower[len(g):]) {
			return strings.TrimLeft(rest, " \t\n\u3000")
		}
		return afterGreeting(s, len(g))
	}
	return s
}

// greetingLine reports whether the rest of a salutation line is names and punctuation.
func greetingLine(rest string) bool {
	if strings.ContainsAny(rest, "?？0123456789") {
		return false
	}
	words := strings.Fields(strings.Trim(rest, ",.!:;，。！：；、 ~～"))
	return len(words) <= 5 && !strings.ContainsAny(strings.Join(words, " "), ".。！!:：") && han(rest) <= 8
}

// han counts Chinese characters.
func han(s string) int {
	n := 0
	for _, r := range s {
		if commonHan(r) || unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

// afterGreeting removes "您好，" or "Hi Anna," before words of the same line: a mark must follow
// within three words or, in Chinese, six characters.
func afterGreeting(s string, at int) string {
	head, _, _ := strings.Cut(s, "\n")
	i := strings.IndexAny(head[min(at, len(head)):], ",!，！。：、~～")
	if strings.HasPrefix(head[min(at, len(head)):], ". ") { // "Good day. My card …"
		i = 0
	}
	if i < 0 {
		rest, apart := strings.CutPrefix(head[min(at, len(head)):], " ")
		if apart && at > 0 && s[at-1] >= 0x80 {
			return s[at+1:] // "您好 我的订单"
		}
		if first, _, more := strings.Cut(rest, " "); apart && more && sentenceStarts[first] {
			return s[at+1:] // "hey where is my parcel"
		}
		return s
	}
	name := head[at : at+i]
	if len(strings.Fields(name)) > 3 || han(name) > 6 || strings.ContainsAny(name, "0123456789?？") {
		return s
	}
	_, n := utf8.DecodeRuneInString(head[at+i:])
	return strings.TrimLeft(s[at+i+n:], " \t\n\u3000,!，！。~～")
}

// dropClosing removes closing lines with the few name lines below them, or thanks at the end of
// the last line.
func dropClosing(s string) string {
	for range closingHops {
		i := closingAt(s)
		if i < 0 {
			break
		}
		s = strings.TrimRight(s[:i], " \t\n\u3000")
	}
	return dropThanks(s)
}

// closingAt returns where the line of the closing starts, -1 if there is none above at most four
// name lines. The first line of a text is no closing.
func closingAt(s string) int {
	names := 0
	for end := len(s); names <= nameLines; {
		start := strings.LastIndexByte(s[:end], '\n') + 1
		if start == 0 {
			return -1
		}
		l := strings.TrimSpace(s[start:end])
		switch {
		case l == "":
		case isClosing(l):
			return start
		case isNameLine(l):
			names++
		default:
			return -1
		}
		end = start - 1
	}
	return -1
}

// isClosing reports whether a line is a closing formula, perhaps with a name behind it.
func isClosing(l string) bool {
	if utf8.RuneCountInString(l) > maxGreeting {
		return false
	}
	lower := message.Lower(strings.Trim(l, " \t\u3000*_-—~～"))
	if !closingStarts.Begin(lower) {
		return false
	}
	for _, c := range closings {
		rest, ok := strings.CutPrefix(lower, c)
		if !ok || !phrases.Boundary(rest, c) {
			continue
		}
		rest = strings.Trim(rest, " \t,.!;:，。！；：、~～\u3000")
		return rest == "" || (len(strings.Fields(rest)) <= 3 && han(rest) <= 6 && !strings.ContainsAny(rest, "0123456789?？.。,，"))
	}
	return false
}

// isNameLine reports whether a line below a closing can be a name, a title or an address.
func isNameLine(l string) bool {
	if utf8.RuneCountInString(l) > maxName || strings.ContainsAny(l, "?？!！。；;:：") {
		return false
	}
	return len(strings.Fields(l)) <= 4 && han(l) <= 10 && !speaks(l)
}

// dropThanks removes thanks at the end of the last sentence.
func dropThanks(s string) string {
	s = dropSaidThanks(dropGlued(dropSigned(dropFaces(s))))
	t := strings.TrimRight(s, " \t\n\u3000,.!;，。！；、~～")
	if !endsWithAny(message.Lower(tail(t, maxThanks)), thanks) {
		return s
	}
	lower := strings.ToLower(t)
	if len(lower) != len(t) { // a character whose lower case has another length: offsets would lie
		return s
	}
	for _, c := range thanks {
		head, ok := strings.CutSuffix(lower, c)
		if !ok {
			continue
		}
		rest := strings.TrimRight(head, " \t\u3000")
		apart := (c[0] >= 0x80 || c == "thx") && len(rest) < len(head) // Chinese sets thanks apart with a space, and who chats
		if rest == "" || !apart && !strings.ContainsAny(lastRune(rest), ".!?;,\n，。！？；、~") {
			return s
		}
		return strings.TrimRight(s[:len(rest)], " \n,，、")
	}
	return s
}

// dropSigned takes thanks with a name off the end of the last sentence: "Do you take cash? Thanks, Rob".
func dropSigned(s string) string {
	from := len(s) - len(tail(s, maxGreeting))
	for i := len(s) - 1; i > from; i-- {
		if strings.IndexByte(".?!", s[i-1]) >= 0 && s[i] == ' ' {
			if last := strings.TrimSpace(s[i:]); isClosing(last) && strings.ContainsAny(last, ", ") {
				return strings.TrimRight(s[:i], " ")
			}
		}
	}
	return s
}

// dropSaidThanks takes sentences of thanks, made of words of politeness alone, off the end of the last line, where a sentence stays.
func dropSaidThanks(s string) string {
	for range closingHops {
		end := len(s) - len(tail(s, 2*maxThanks))
		t := strings.TrimRight(s, " \t\n\u3000.!。！~～")
		at := strings.LastIndexAny(t[min(end, len(t)):], ".!?。！？，\n")
		if at < 0 {
			return s
		}
		_, n := utf8.DecodeRuneInString(t[end+at:])
		head, last := t[:end+at+n], t[end+at+n:]
		if apart := last != "" && (last[0] == ' ' || head[len(head)-1] >= 0x80 || head[len(head)-1] == '\n'); !apart || polite.Of(message.Lower(last)) != polite.Thanking || !tellsSomething(head) {
			return s
		}
		s = strings.TrimRight(head, " \t\n\u3000，")
	}
	return s
}

// dropFaces takes the faces of a chat off the end, which its programs write as words in brackets: [呲牙][玫瑰].
func dropFaces(s string) string {
	for {
		t := strings.TrimRight(s, " \t\n")
		at := strings.LastIndexByte(t, '[')
		if at <= 0 || !strings.HasSuffix(t, "]") {
			return s
		}
		if face := t[at+1 : len(t)-1]; len(face) > 12 || han(face) == 0 || 3*han(face) != len(face) || strings.TrimSpace(t[:at]) == "" {
			return s
		}
		s = strings.TrimRight(t[:at], " \t\n")
	}
}

// dropGlued takes a telephone's line off that stands behind the last words, with nothing but a space between: "… has expired Sent from my Galaxy".
func dropGlued(s string) string {
	from := len(s) - len(tail(s, maxGreeting))
	at := strings.LastIndex(s[from:], " Sent from my ")
	if at <= 0 || !tellsSomething(s[:from+at]) || !device.Signature(s[from+at+1:]) {
		return s
	}
	return strings.TrimRight(s[:from+at], " \t\n")
}

// They turn nearly every line away before a list is gone through.
var greetingStarts, closingStarts = phrases.StartsOf(greetings), phrases.StartsOf(closings)

// maxThanks bounds the thanks in bytes, in upper case.
const maxThanks = 160

// tail is the end of s, at most n bytes of it, from a character boundary on.
func tail(s string, n int) string {
	at := max(0, len(s)-n)
	for at < len(s) && !utf8.RuneStart(s[at]) {
		at++
	}
	return s[at:]
}

// endsWithAny reports whether s ends with one of them.
func endsWithAny(s string, ends []string) bool {
	return slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(s, e) })
}

// greetings start a message, lower case; longer ones before their beginnings.
var greetings = courtesyLists.Words("greetings")

// closings end a message, lower case; they stand at the start of a line.
var closings = courtesyLists.Words("closings")

// thanks are cut off the end of the last sentence, longer ones before their ends.
var thanks = courtesyLists.Words("thanks")

// lastRune is the last character as a text, "" of none.
func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}
