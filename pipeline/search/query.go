package search

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a person may look for at a time.
// A query of twelve terms is twelve look-ups in an index; more is a text that somebody pasted.
const (
	MostRunes = 200
	MostTerms = 12
)

// shortestBeginning is how many characters of a word are a beginning that finds it; shorter ones find themselves alone.
const shortestBeginning = 3

// Word is a word of the index; with Begins every one that begins so.
type Word struct {
	// Text is folded, as words of the index are; Begins has it find every longer word.
	Text   string
	Begins bool
}

// Term is a part of a query. A ticket fits when it has all words of one of the ways.
type Term struct {
	// Ways are never empty, and none of them is.
	Ways [][]Word

	shown []pattern // how it stands in a text
}

// Query is what a person looks for. A ticket fits when each term does.
type Query struct {
	Terms []Term
	// Ticket and Message are the numbers that the whole query is: T-3 a ticket, #44 a message, 3 either. 0: none.
	Ticket, Message int64
	Cut             bool // only the beginning is looked for
}

// None reports whether there is nothing to look for.
func (q Query) None() bool { return len(q.Terms) == 0 && q.Ticket == 0 && q.Message == 0 }

// Read reads what a person typed. Whatever it is, there is a query; of signs alone it is none.
// It never fails, and is never an expression of the database's: whatever signs are typed, words come of it.
func (f *Folder) Read(typed string) Query {
	typed = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(typed, " ")))
	q := Query{}
	if utf8.RuneCountInString(typed) > MostRunes {
		typed, q.Cut = string([]rune(typed)[:MostRunes]), true
	}
	typed = narrow(typed)
	if f.number(&q, typed) {
		return q
	}
	for part := range parts(typed) {
		terms := f.terms(part)
		if len(q.Terms)+len(terms) > MostTerms {
			q.Terms, q.Cut = append(q.Terms, terms[:MostTerms-len(q.Terms)]...), true
			break
		}
		q.Terms = append(q.Terms, terms...)
	}
	return q
}

// narrow brings signs of full width to ASCII, as they stand in numbers and addresses.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xff01 && r <= 0xff5e:
			return r - 0xfee0
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}

// number reads a query that is nothing but a number. It reports whether that is all: 3 is a word of texts, too.
// It is a number of ours only where nothing else stands in the query.
func (f *Folder) number(q *Query, typed string) bool {
	ticket := strings.HasPrefix(strings.ToUpper(typed), "T-")
	digits := typed
	switch {
	case ticket:
		digits = typed[2:]
	case strings.HasPrefix(typed, "#"):
		digits = typed[1:]
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 || !digit(digits[0]) {
		return false
	}
	switch {
	case ticket:
		q.Ticket = n
	case digits != typed:
		q.Message = n
	default:
		q.Ticket, q.Message = n, n
		return false
	}
	return true
}

// parts are what spaces keep apart, but for the spaces within a telephone number.
// A number typed with spaces would else be several short words.
func parts(typed string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for typed = strings.TrimLeft(typed, " "); typed != ""; typed = strings.TrimLeft(typed, " ") {
			n := phoneAt(typed)
			if n == 0 {
				if n = strings.IndexByte(typed, ' '); n < 0 {
					n = len(typed)
				}
			}
			if !yield(strings.TrimSpace(typed[:n])) {
				return
			}
			typed = typed[n:]
		}
	}
}

// phoneAt is the length of a telephone number at the beginning of what was typed, 0 for none.
// Signs may stand in it as people write them: "+852 2123-4567", "(0755) 8888 8888".
func phoneAt(typed string) int {
	end := 0
	for end < len(typed) && (digit(typed[end]) || strings.IndexByte("+ ()-./", typed[end]) >= 0) {
		end++
	}
	run := strings.TrimRight(typed[:end], " +(")
	if end < len(typed) && typed[end] != ' ' && !strings.HasSuffix(typed[:end], " ") { // a word goes on: it is no number
		cut := strings.LastIndexByte(run, ' ')
		run = run[:max(0, cut)]
	}
	if n := len(digitsOf(run)); n < shortestPhone || n > longestPhone {
		return 0
	}
	return len(run)
}

// terms are those of a part: mostly one.
func (f *Folder) terms(part string) []Term {
	if phoneAt(part) == len(part) {
		return f.phone(part)
	}
	if mails := mailsIn(part); len(mails) == 1 && mails[0] == strings.TrimRight(part, ".-,;") {
		return []Term{{Ways: [][]Word{{{Text: mailWord(mails[0]), Begins: true}}}, shown: []pattern{{text: []rune(strings.ToLower(mails[0])), raw: true}}}}
	}
	return f.words(part)
}

// phone finds a number by its last digits, whatever stands before them; one with its country's code also in texts that have
// it without; and the same digits as the number of something else.
func (f *Folder) phone(part string) []Term {
	digits := digitsOf(part)
	t := Term{Ways: [][]Word{{{Text: string(signPhone) + reversed(digits), Begins: true}}}}
	if trimmed := strings.TrimLeft(part, " ("); strings.HasPrefix(trimmed, "+") || strings.HasPrefix(trimmed, "00") {
		for code := 1; code <= 3; code++ {
			if word := phoneWord(digits[code:]); word != "" {
				t.Ways = append(t.Ways, []Word{{Text: word}})
			}
		}
	}
	var all []Word
	for _, w := range f.words(part) {
		all, t.shown = append(all, w.Ways[0]...), append(t.shown, w.shown...)
	}
	if len(all) > 0 {
		t.Ways = append(t.Ways, all)
	}
	return []Term{t}
}

// words are the terms of a part as a text: each word, and each run of characters without spaces.
// A change between a script with spaces and one without ends a term, too: "iPhone手机" is two.
func (f *Folder) words(part string) (out []Term) {
	var word, run []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, wordTerm(word))
		}
		if len(run) > 0 {
			out = append(out, runTerm(run))
		}
		word, run = nil, nil
	}
	for u := range f.units(part) {
		switch {
		case u.kind == plain && len(run) == 0:
			word = append(word, u.r)
		case u.kind == dense && len(word) == 0:
			run = append(run, u.r)
		default:
			end()
			if u.kind == plain {
				word = []rune{u.r}
			}
			if u.kind == dense {
				run = []rune{u.r}
			}
		}
	}
	end()
	return out
}

// shortestEnding is how many digits are looked for at the end of telephone numbers, too.
// Fewer digits would be the end of every tenth or hundredth number.
const shortestEnding = 4

// wordTerm finds a word by its beginning, and digits also as the end of a telephone number.
func wordTerm(word []rune) Term {
	text, digits := cut(string(word)), true
	for _, r := range word {
		digits = digits && r >= '0' && r <= '9'
	}
	begins := len(word) >= shortestBeginning && (!digits || len(word) >= shortestEnding)
	t := Term{Ways: [][]Word{{{Text: text, Begins: begins}}}, shown: []pattern{{text: word, begins: begins, tail: digits && len(word) >= shortestTail}}}
	if digits && len(word) >= shortestEnding && len(word) <= longestPhone {
		t.Ways = append(t.Ways, []Word{{Text: string(signPhone) + reversed(text), Begins: true}})
	}
	return t
}

// runTerm finds a run of characters by all its pairs. A ticket may hold them apart from each other; that is rare and only shows one more hit.
func runTerm(run []rune) Term {
	t := Term{shown: []pattern{{text: run, dense: true}}}
	if len(run) == 1 {
		t.Ways = [][]Word{{{Text: string(run)}}}
		return t
	}
	var all []Word
	seen := map[string]bool{}
	for i := range len(run) - 1 {
		if pair := string(run[i : i+2]); !seen[pair] {
			seen[pair] = true
			all = append(all, Word{Text: pair})
		}
	}
	t.Ways = [][]Word{all}
	return t
}
