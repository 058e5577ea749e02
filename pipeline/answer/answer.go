// Package answer finds what an acknowledgement can already say: FAQ answers that fit the message,
// and the facts that the desk will need and the message does not give. It is pure.
package answer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FAQ is one question with its answer, in the customer's language.
type FAQ struct {
	Question, Answer string
	Terms            []string // words that speak for it, in any language
}

// Match is an FAQ that fits, with how well and why.
type Match struct {
	FAQ     FAQ
	Score   float64
	Reasons []string // the words that were found
}

// Weights of the score. One term of the FAQ, or a good part of its question's words, is enough.
const (
	termScore = 1.0
	maxTerms  = 3
	textScore = 2.0 // when every word of the question is in the message
	threshold = 0.75
)

// maxText is how many bytes of a message are searched.
const maxText = 8 << 10

// Finder finds answers and facts. It is safe for concurrent use.
type Finder struct {
	fold func(string) string
	signs
}

// New makes a Finder. fold brings text into the form in which words are compared, such as
// classify's Folder does; nil means lower case only.
func New(fold func(string) string) *Finder {
	if fold == nil {
		fold = strings.ToLower
	}
	return &Finder{fold, newSigns()}
}

// Shelf is a list of FAQ made ready for searching: those of one category in one language. It is
// safe for concurrent use.
type Shelf struct {
	fold  func(string) string
	books []book
}

// book is one FAQ with its folded terms and the weights of its question's words, which add up to 1.
type book struct {
	faq   FAQ
	terms []string
	words map[string]float64
}

// Shelve makes FAQ ready.
func (f *Finder) Shelve(faqs []FAQ) *Shelf {
	s := &Shelf{fold: f.fold, books: make([]book, len(faqs))}
	seen := map[string]int{} // in how many questions a word occurs
	for i, q := range faqs {
		s.books[i] = book{faq: q, words: map[string]float64{}}
		for g := range grams(f.fold(q.Question)) {
			s.books[i].words[g] = 0
			seen[g]++
		}
		for _, t := range q.Terms {
			if word := strings.TrimSpace(f.fold(t)); word != "" && !slices.Contains(s.books[i].terms, word) {
				s.books[i].terms = append(s.books[i].terms, word)
			}
		}
	}
	for _, b := range s.books {
		b.weigh(seen, len(faqs))
	}
	return s
}

// weigh gives the rarer words of a question more weight.
func (b book) weigh(seen map[string]int, n int) {
	order := slices.Sorted(keys(b.words)) // sums in one order give one result
	all := 0.0
	for _, g := range order {
		b.words[g] = math.Log(1 + float64(n)/float64(seen[g]))
		all += b.words[g]
	}
	for _, g := range order {
		b.words[g] /= all
	}
}

// Find returns the FAQ that fit the text, best first, at most n. Equal ones stay in their order.
func (s *Shelf) Find(text string, n int) []Match {
	if len(s.books) == 0 {
		return nil
	}
	folded := s.fold(text[:min(len(text), maxText)])
	have := grams(folded)
	var out []Match
	for _, b := range s.books {
		m := b.match(folded)
		share := 0.0
		for g := range have {
			share += b.words[g]
		}
		m.Score = math.Round((m.Score+textScore*share)*100) / 100
		if m.Score >= threshold {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(n, len(out))]
}

// match counts the FAQ's own terms in the folded text.
func (b book) match(folded string) Match {
	m := Match{FAQ: b.faq}
	for _, word := range b.terms {
		if len(m.Reasons) < maxTerms && holds(folded, word) {
			m.Score += termScore
			m.Reasons = append(m.Reasons, word)
		}
	}
	return m
}

func keys(m map[string]float64) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// grams splits folded text into what is compared: words of scripts that write them apart, pairs of
// neighbouring characters in Chinese. Words that every question has are left out.
func grams(folded string) map[string]bool {
	out := map[string]bool{}
	word, han := -1, -1 // where the current word and the last Chinese character begin
	take := func(from, to int) {
		if from >= 0 && to-from > 1 && !common(folded[from:to]) {
			out[folded[from:to]] = true
		}
	}
	for i, r := range folded {
		switch {
		case unicode.Is(unicode.Han, r):
			take(word, i)
			take(han, i+utf8.RuneLen(r))
			word, han = -1, i
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			take(word, i)
			word = -1
		case word < 0:
			word = i
		}
		han = -1
	}
	take(word, len(folded))
	return out
}

// common reports words that say nothing about the matter.
func common(word string) bool {
	switch word {
	case "the", "is", "are", "my", "to", "do", "does", "how", "can", "what", "why", "in", "it", "of", "or", "and", "for", "not", "when", "will",
		"have", "has", "an", "on", "at", "be", "me", "we", "you", "your", "was", "with", "this", "that", "there", "from", "get", "am", "did", "where",
		"怎么", "么办", "什么", "可以", "为什", "如何", "是什", "请问", "我的", "怎样", "了怎", "没有", "有什", "哪些", "多久":
		return true
	}
	return false
}

// holds looks for a folded word; words of scripts that write them apart must stand alone.
func holds(text, word string) bool {
	runes := []rune(word)
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		before, after := lastRune(text[:at]), firstRune(text[at+len(word):])
		if !(apart(runes[0]) && apart(before)) && !(apart(runes[len(runes)-1]) && apart(after)) {
			return true
		}
		from = at + len(word)
	}
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

func lastRune(s string) rune {
	r := []rune(s[max(0, len(s)-4):])
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1]
}

// apart reports whether the rune belongs to a script that writes words apart.
func apart(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
