// Package fit finds which of the desk's ready answers fit a message. What it offers holds a promised precision, measured on questions that
// it had not seen: an answer that does not fit is worse than none. It is pure.
package fit

import (
	"cmp"
	"fmt"
	"slices"

	"frontdesk/pipeline/classify"
)

// Promise is the share of the offered answers that shall fit.
const Promise = 0.92

// Text is a question and its answer as people read them.
type Text struct {
	Question, Answer string
}

// Entry is one question of the FAQ.
type Entry struct {
	// Key names it in counts; Category is the key of its category.
	Key, Category string
	Texts         map[string]*Text // by language
	Terms         []string         // words that speak for it, in any language; they count where there are no variants
	// Variants are other ways to ask it, in any language. BuiltIn says that Key, question and variants are those of the first home,
	// which the embedded model has learned from more than its variants.
	Variants []string
	BuiltIn  bool
}

// Aside are questions of a category that none of the entries answers: what is like them gets no answer.
type Aside struct {
	Category  string
	Questions []string
}

// Chance is how likely it is that a message is about a category.
type Chance struct {
	Category string
	Share    float64
}

// Asked is a message for which answers are looked for: the words of its writer, masked. Chances are of the likeliest
// categories, which one that stands for itself too (classify.Other); what is left of 1 is shared by all others.
type Asked struct {
	Subject, Text string
	Chances       []Chance
}

// Match is an entry, and how well its answer fits: a share between 0 and 1.
type Match struct {
	Entry *Entry
	Share float64
	sure  float64 // what is compared with the cut of its finder
	// promised says that it is as sure as the promise needs.
	promised bool
}

// Book knows all entries of a desk. It is safe for concurrent use, and does not change.
type Book struct {
	entries []Entry
	finders []finder
	// categories is how many share what the named chances leave.
	categories int
}

// finder finds among some of the entries. Matches that are less sure than the cut keep no promise.
type finder interface {
	find(in Asked, chance func(category string) float64) []Match
	cut() float64
}

// New makes a book. Entries with variants are matched by a linear model that is trained here, in tenths of a second; built-in ones by the
// embedded model; those without variants by their words. The same entries give the same book. An error means a broken build.
func New(entries []Entry, aside []Aside) (*Book, error) {
	b := &Book{entries: slices.Clone(entries)}
	var builtIn, varied, plain []*Entry
	categories := map[string]bool{}
	for i := range b.entries {
		e := &b.entries[i]
		categories[e.Category] = true
		switch {
		case e.BuiltIn:
			builtIn = append(builtIn, e)
		case len(e.Variants) > 0 && len(e.questions()) > 0:
			varied = append(varied, e)
		default:
			plain = append(plain, e)
		}
	}
	for _, a := range aside {
		categories[a.Category] = true
	}
	b.categories = len(categories)
	if len(builtIn) > 0 {
		f, err := embedded(builtIn)
		if err != nil {
			return nil, err
		}
		b.finders = append(b.finders, f)
	}
	if len(varied) > 0 {
		f, err := trained(varied, aside)
		if err != nil {
			return nil, fmt.Errorf("learning the questions of the FAQ: %w", err)
		}
		b.finders = append(b.finders, f)
	}
	if len(plain) > 0 {
		b.finders = append(b.finders, newWordFinder(plain))
	}
	return b, nil
}

// Find offers at most n answers, best first; none where the message is most likely about nothing of the desk's (classify.Other):
// whoever writes about something else waits for a person, and no answer of ours will do.
func (b *Book) Find(in Asked, n int) []Match {
	if b == nil || !in.ours() {
		return nil
	}
	return b.ranked(in, n, true)
}

// shown is the share from which a search shows an entry: who looks for himself sees at once whether it fits.
const shown = 0.3

// Search gives at most n entries that may answer what somebody looks for, best first, whatever the category.
func (b *Book) Search(text string, n int) (out []Match) {
	if b == nil {
		return nil
	}
	for _, m := range b.matches(Asked{Text: text}, func(string) float64 { return 1 }) {
		if m.Share >= shown && len(out) < n {
			out = append(out, m)
		}
	}
	return out
}

// ours reports whether the likeliest category is one of the desk's.
func (in Asked) ours() bool {
	if len(in.Chances) == 0 {
		return false
	}
	best := slices.MaxFunc(in.Chances, func(a, b Chance) int { return cmp.Compare(a.Share, b.Share) })
	return best.Category != classify.Other
}

// ranked are the n best matches, all or those that hold the promise.
func (b *Book) ranked(in Asked, n int, promised bool) []Match {
	chance := b.chances(in.Chances)
	out := b.matches(in, chance)
	if promised {
		out = slices.DeleteFunc(out, func(m Match) bool { return !m.promised || chance(m.Entry.Category) < possible })
	}
	return out[:min(n, len(out))]
}

// matches are all entries for which something speaks, best first.
func (b *Book) matches(in Asked, chance func(category string) float64) (out []Match) {
	for _, f := range b.finders {
		for _, m := range f.find(in, chance) {
			m.promised = m.sure >= f.cut()
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Compare(b.Share, a.Share) })
	return out
}

// possible is the chance of a category from which its answers may be offered: they stand below words about the likeliest one.
const possible = 0.02

// leastChance keeps a category in the race that nobody has named: words may know better.
const leastChance = 0.002

// chances gives each category its chance.
func (b *Book) chances(named []Chance) func(category string) float64 {
	rest := 1.0
	for _, c := range named {
		rest -= c.Share
	}
	rest = max(leastChance, rest/float64(max(1, b.categories-len(named))))
	return func(category string) float64 {
		for _, c := range named {
			if c.Category == category {
				return max(leastChance, c.Share)
			}
		}
		return rest
	}
}
