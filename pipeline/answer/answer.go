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

	"frontdesk/pipeline/words"
)

// FAQ is one question with its answer, in the customer's language.
type FAQ struct {
	// Both are shown to the customer as they are.
	Question, Answer string
	Terms            []string // words that speak for it, in any language
}

// Match is an FAQ that fits, with how well and why.
type Match struct {
	FAQ FAQ
	// Score is rounded to two digits, so that equal fits compare as equal on every machine.
	Score   float64
	Reasons []string // the words that were found
}

// Weights of the score. One term of the FAQ, or a good part of its question's words, is enough.
const (
	// An FAQ that merely shares some common words must stay below threshold: a wrong answer annoys, a missing one costs nothing.
	termScore = 1.0
	maxTerms  = 3
	textScore = 2.0 // when every word of the question is in the message
	threshold = 0.75
)

// maxText is how many bytes of a message are searched.
// It bounds the cost of a long mail; what a customer wants stands at its beginning.
const maxText = 8 << 10

// Finder finds answers and facts. It is safe for concurrent use.
type Finder struct {
	// fold is given to New; signs are patterns that are compiled once.
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
// Find's cost is the length of the text and the number of terms, not that of the questions: their words are looked up in index.
type Shelf struct {
	fold  func(string) string
	books []book
	index map[string]entry // by the words of the questions
}

// book is one FAQ with its folded terms.
type book struct {
	faq   FAQ
	terms []string
}

// entry says what a word counts for which questions; the weights of one question's words add up to 1.
type entry struct {
	id    int
	books []int
	share []float64
}

// Shelve makes FAQ ready.
// Done once for each category and language when the configuration is read. Questions are cut into words here, so Find need not.
func (f *Finder) Shelve(faqs []FAQ) *Shelf {
	s := &Shelf{fold: f.fold, books: make([]book, len(faqs)), index: map[string]entry{}}
	words := make([][]string, len(faqs)) // of each question, in one order: sums in one order give one result
	for i, q := range faqs {
		s.books[i].faq = q
		words[i] = distinct(f.fold(q.Question))
		for _, w := range words[i] {
			e, known := s.index[w]
			if !known {
				e.id = len(s.index)
			}
			e.books = append(e.books, i)
			s.index[w] = e
		}
		for _, t := range q.Terms {
			if word := strings.TrimSpace(f.fold(t)); word != "" && !slices.Contains(s.books[i].terms, word) {
				s.books[i].terms = append(s.books[i].terms, word)
			}
		}
	}
	for _, w := range words {
		s.weigh(w)
	}
	return s
}

// distinct lists the words of a folded text, each once, in alphabetical order.
func distinct(folded string) []string {
	var out []string
	eachGram(folded, func(w string) {
		if !common(w) {
			out = append(out, w)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// weigh gives the rarer words of a question more weight.
// It is inverse document frequency: a word that all questions of the shelf have tells nothing about which is meant. Shares of one
// question add up to 1, so long questions are no better than short ones.
func (s *Shelf) weigh(words []string) {
	all := 0.0
	weights := make([]float64, len(words))
	for i, w := range words {
		weights[i] = math.Log(1 + float64(len(s.books))/float64(len(s.index[w].books)))
		all += weights[i]
	}
	for i, w := range words {
		e := s.index[w]
		e.share = append(e.share, weights[i]/all)
		s.index[w] = e
	}
}

// Find returns the FAQ that fit the text, best first, at most n. Equal ones stay in their order.
// The score is what the terms give, plus textScore for the share of the question's words that the text has. Nil for none.
func (s *Shelf) Find(text string, n int) []Match {
	if len(s.books) == 0 {
		return nil
	}
	folded := s.fold(text[:min(len(text), maxText)])
	shares, has := s.shares(folded), words.PairsOf(folded)
	var out []Match
	for i := range s.books {
		b := &s.books[i]
		m := b.match(folded, has)
		m.Score = math.Round((m.Score+textScore*shares[i])*100) / 100
		if m.Score >= threshold {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	return out[:min(n, len(out))]
}

// shares says how much of each question's words the folded text has.
func (s *Shelf) shares(folded string) []float64 {
	out := make([]float64, len(s.books))
	seen := make([]bool, len(s.index))
	eachGram(folded, func(w string) {
		e, known := s.index[w]
		if !known || seen[e.id] {
			return
		}
		seen[e.id] = true
		for i, book := range e.books {
			out[book] += e.share[i]
		}
	})
	return out
}

// match counts the FAQ's own terms in the folded text.
// Pairs say of most words at once that they are not there. At most maxTerms count, so that an FAQ with fifty terms does not win by number.
func (b *book) match(folded string, has *words.Pairs) Match {
	m := Match{FAQ: b.faq}
	for _, word := range b.terms {
		if len(m.Reasons) < maxTerms && has.May(word) && holds(folded, word) {
			m.Score += termScore
			m.Reasons = append(m.Reasons, word)
		}
	}
	return m
}

// eachGram hands over what is compared of a folded text: words of scripts that write them apart, pairs
// of neighbouring characters in Chinese.
// Single letters are left out, and so is a single Chinese character: it stands in nearly every text. A pair is cut at everything
// that is no Chinese character.
func eachGram(folded string, take func(word string)) {
	word, han := -1, -1 // where the current word and the last Chinese character begin
	cut := func(from, to int) {
		if from >= 0 && to-from > 1 {
			take(folded[from:to])
		}
	}
	for i, r := range folded {
		switch {
		case unicode.Is(unicode.Han, r):
			cut(word, i)
			cut(han, i+utf8.RuneLen(r))
			word, han = -1, i
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			cut(word, i)
			word = -1
		case word < 0:
			word = i
		}
		han = -1
	}
	cut(word, len(folded))
}

var commonWords = factLists.Set("common words")

// common reports words that say nothing about the matter: every question has them.
func common(word string) bool {
	return commonWords[word]
}

// holds looks for a folded word; words of scripts that write them apart must stand alone.
// Chinese needs no boundary, since nothing in the text marks one.
func holds(text, word string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		if alone(text, at, at+len(word)) {
			return true
		}
		from = at + len(word)
	}
}

// alone reports whether the word text[from:to] is not a piece of a longer one.
func alone(text string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(text[from:])
	last, _ := utf8.DecodeLastRuneInString(text[:to])
	return !(apart(first) && apart(lastRune(text[:from]))) && !(apart(last) && apart(firstRune(text[to:])))
}

// firstRune and lastRune return 0 for an empty text.
func firstRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func lastRune(s string) rune {
	if s == "" {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// apart reports whether the rune belongs to a script that writes words apart.
// Japanese and Thai do not, nor does Chinese; Korean does.
func apart(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
