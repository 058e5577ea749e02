// Package polite tells whether a clause is politeness and nothing else: "I would be grateful if someone could look into it at the earliest
// opportunity". It knows no sentences. It knows the words that such clauses are made of, none of which can name a matter, and those that
// make them polite; a clause of the first alone with one of the second says nothing of what somebody wants. It is pure.
package polite

import (
	_ "embed" // the words
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/words"
)

//go:embed polite.txt
var file string

// The file says what each of its lists is.
var (
	lists       = words.MustReadLists("normalize/polite/polite.txt", file)
	plain       = lists.Set("plain")
	asking      = lists.Set("asking")
	thanking    = lists.Set("thanking")
	pieces      = byFirst(lists.Words("chinese plain"), lists.Words("chinese asking"), lists.Words("chinese thanking"))
	longestWord = 24 // bytes; none of the words is longer
)

// Kind is what a clause is.
type Kind uint8

// What a clause is. Plain is of words that politeness is made of and not polite itself: beside a polite clause it says nothing, either. Asking says that
// somebody may look, act or answer, and not at what; Thanking thanks, waits or wishes.
const (
	Words Kind = iota
	Plain
	Asking
	Thanking
)

// Bounds of a clause, in words and in Chinese characters.
const (
	mostWords = 28
	mostHan   = 32
)

// Of tells what a clause is, which is given in lower case. A clause with a digit, a negation or a word that is not known is Words.
func Of(clause string) Kind {
	kind, seen := Plain, 0
	for _, w := range strings.FieldsFunc(clause, between) {
		if seen++; seen > mostWords {
			return Words
		}
		if first, _ := utf8.DecodeRuneInString(w); unicode.Is(unicode.Han, first) {
			k, ok := chinese(w)
			if !ok {
				return Words
			}
			kind = max(kind, k)
			continue
		}
		w = strings.Trim(strings.ReplaceAll(w, "’", "'"), "'")
		switch {
		case len(w) > longestWord:
			return Words
		case thanking[w]:
			kind = Thanking
		case asking[w]:
			kind = max(kind, Asking)
		case !plain[w]:
			return Words
		}
	}
	if seen == 0 {
		return Words
	}
	return kind
}

// between reports whether a character stands between words. A hyphen does not: "follow-up" is a word.
func between(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' && r != '-'
}

// piece is a piece of a Chinese clause.
type piece struct {
	word string
	kind Kind
}

func byFirst(plain, asking, thanking []string) map[rune][]piece {
	out := map[rune][]piece{}
	for kind, list := range [][]string{plain, asking, thanking} {
		for _, w := range list {
			first, _ := utf8.DecodeRuneInString(w)
			out[first] = append(out[first], piece{w, Plain + Kind(kind)})
		}
	}
	return out
}

// chinese tells what a run of Chinese is that is made of pieces alone, in whatever way it can be; false for any other.
func chinese(run string) (Kind, bool) {
	if utf8.RuneCountInString(run) > mostHan {
		return Words, false
	}
	best := make([]Kind, len(run)+1) // by length, what the pieces so far are; Words: it cannot be made of pieces
	best[0] = Plain
	for at := range run {
		if best[at] == Words {
			continue
		}
		first, _ := utf8.DecodeRuneInString(run[at:])
		for _, p := range pieces[first] {
			if !strings.HasPrefix(run[at:], p.word) {
				continue
			}
			end := at + len(p.word)
			best[end] = max(best[end], best[at], p.kind)
		}
	}
	return best[len(run)], best[len(run)] != Words
}
