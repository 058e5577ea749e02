// Package classify decides what a message is about, by rules over Chinese and English words. It is
// pure: the same rules and message give the same finding, and every finding says why.
package classify

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
)

// Other is the category of what no other category claims.
const Other = "other"

// Input is what is classified: the customer's own words, without quoted text and signature.
type Input struct {
	// Either may be empty. The line gives the base subject (without Re:) and the beginning of the text, both masked.
	// Language may be a guess: a term that names a language counts in that one, and where none is known.
	Subject  string
	Text     string
	Language string // BCP 47, if known
	Topic    string // category that the customer chose himself, as in a form; if any
}

// Finding is the outcome with its reasons.
type Finding struct {
	Category string  `json:"category"`
	Score    float64 `json:"score"`
	// Confidence lies between 0 and 1 and orders findings; it is no measured probability.
	Confidence float64  `json:"confidence"`
	Reasons    []string `json:"reasons,omitempty"` // "退款 in subject +4.5"
	Runners    []Runner `json:"runners,omitempty"` // the next best, best first; at most three
	// Must says that words were found which must never be missed, such as of a stolen phone: no learned model overrules them.
	Must bool `json:"must,omitempty"`

	// What follows is a learned model's to say; rules alone leave it empty. Unsure: a person should say which of Top it is, since
	// the category is the best guess and no more. Outside: it looks like none of the desk's business.
	Unsure  bool        `json:"unsure,omitempty"`
	Outside bool        `json:"outside,omitempty"`
	Top     [Top]Runner `json:"top,omitzero"` // the best, best first, by their shares; without a category behind the last one
	Model   string      `json:"model,omitempty"`
}

// Top is how many categories are offered where nobody is sure.
const Top = 3

// Runner is a category that did not win.
// They show how near the decision was.
type Runner struct {
	Category string  `json:"category"`
	Score    float64 `json:"score"`
}

// Limits of the work for one message.
const (
	maxText = 8192 // bytes of subject and text that are looked at, each
	// topicScore is above the default threshold: where no words speak, the customer's choice stands. Clear words outweigh a wrong one.
	maxRunners = 3
	topicScore = 3.0 // what the customer's own choice is worth
	softness   = 1.2 // score difference that makes one category e times as likely as another
)

// Classifier applies rules. It is safe for concurrent use.
// All words of all rules are looked for in one pass (matcher), so the cost is linear in the text and hardly depends on the rules.
type Classifier struct {
	// folder and matcher are fixed after New; each message borrows a state from pool, so Classify makes next to no garbage.
	folder     *Folder
	matcher    *matcher
	names      []string // of the patterns
	nothing    string   // the reason for no category
	uses       [][]use  // by pattern: where it counts
	terms      []term
	categories []string
	threshold  float64
	subject    float64
	pool       sync.Pool // of *state
}

// use says that a pattern belongs to a group of a term, or negates what follows.
type use struct {
	term  int32
	group int16 // notGroup for exclusions, negator with no term
}

// They stand in the place of a group's number.
const notGroup, negatorGroup = -1, -2

// term is a Term as it is counted: category by its place, language in lower case, groups as their number.
type term struct {
	category int
	weight   float64
	language string
	groups   int16
	must     bool
}

// New compiles rules.
// Done once when the configuration is read. A word may stand in many terms; it is one pattern with many uses. The first error is told,
// with the category in which it stands.
func New(r Rules) (*Classifier, error) {
	b := builder{folder: NewFolder(), ids: map[patternKey]int32{}}
	c := &Classifier{folder: b.folder, threshold: cmp.Or(r.Threshold, defaultThreshold), subject: cmp.Or(r.Subject, defaultSubject)}
	for _, category := range r.Categories {
		if category.Key == "" || slices.Contains(c.categories, category.Key) {
			return nil, fmt.Errorf("compiling rules: category %q is empty or given twice", category.Key)
		}
		c.categories = append(c.categories, category.Key)
		for _, t := range category.Terms {
			if err := b.term(len(c.categories)-1, t); err != nil {
				return nil, fmt.Errorf("compiling rules of %s: %w", category.Key, err)
			}
		}
	}
	for _, n := range r.Negators {
		if err := b.word(n, use{0, negatorGroup}); err != nil {
			return nil, fmt.Errorf("compiling negators: %w", err)
		}
	}
	c.matcher, c.uses, c.terms = newMatcher(b.patterns), b.uses, b.terms
	for _, p := range b.patterns {
		c.names = append(c.names, string(p.text))
	}
	c.nothing = fmt.Sprintf("no category reaches %.4g", c.threshold)
	c.pool.New = func() any { return newState(len(c.categories), len(c.terms)) }
	return c, nil
}

// Categories lists the categories of the rules in their order.
func (c *Classifier) Categories() []string { return slices.Clone(c.categories) }

// builder collects patterns while rules are compiled.
type builder struct {
	folder   *Folder
	patterns []pattern
	uses     [][]use
	terms    []term
	ids      map[patternKey]int32
}

// patternKey tells patterns apart: the same letters as a whole word and as a beginning are two.
type patternKey struct {
	text       string
	start, end bool
}

// term takes one term in. Weights beyond a thousand are typing errors.
func (b *builder) term(category int, t Term) error {
	if len(t.Groups) == 0 || len(t.Groups) > maxGroups {
		return fmt.Errorf("a term has 1 to %d groups, not %d", maxGroups, len(t.Groups))
	}
	if math.IsNaN(t.Weight) || math.Abs(t.Weight) > 1000 {
		return fmt.Errorf("weight %v", t.Weight)
	}
	id := int32(len(b.terms))
	b.terms = append(b.terms, term{category, t.Weight, strings.ToLower(t.Language), int16(len(t.Groups)), t.Must})
	for g, words := range t.Groups {
		if len(words) == 0 {
			return errors.New("a group without words")
		}
		for _, w := range words {
			if err := b.word(w, use{id, int16(g)}); err != nil {
				return err
			}
		}
	}
	for _, w := range t.Not {
		if err := b.word(w, use{id, notGroup}); err != nil {
			return err
		}
	}
	return nil
}

// word adds one use of a word or phrase.
// An asterisk before or behind it lets it stand within a longer word; between Chinese characters that needs none.
func (b *builder) word(word string, u use) error {
	body, openEnd := strings.CutSuffix(word, "*")
	body, openStart := strings.CutPrefix(body, "*")
	text := b.folder.runes(nil, body)
	if len(text) == 0 {
		return fmt.Errorf("the word %q holds no letters", word)
	}
	if slices.Contains(text, '\n') {
		return fmt.Errorf("the phrase %q runs over the end of a sentence", word)
	}
	p := pattern{text: text, wordStart: !openStart && inWord(text[0]), wordEnd: !openEnd && inWord(text[len(text)-1])}
	key := patternKey{string(text), p.wordStart, p.wordEnd}
	id, known := b.ids[key]
	if !known {
		id = int32(len(b.patterns))
		b.ids[key] = id
		b.patterns = append(b.patterns, p)
		b.uses = append(b.uses, nil)
	}
	b.uses[id] = append(b.uses[id], u)
	return nil
}

// Classify finds the category of a message, or Other when none reaches the threshold.
// Each term counts once, in the subject or in the text, whichever comes first. It may be called by several at a time.
func (c *Classifier) Classify(in Input) Finding {
	s := c.pool.Get().(*state)
	defer c.pool.Put(s)
	c.weigh(s, in)
	return c.choose(s)
}

// weigh counts what speaks for each category.
func (c *Classifier) weigh(s *state, in Input) {
	s.reset(in.Language)
	s.read(c, in.Subject, c.subject, " in subject")
	s.read(c, in.Text, 1, "")
	if topic := slices.Index(c.categories, in.Topic); topic >= 0 && in.Topic != Other {
		s.score[topic] += topicScore
		s.reasons = append(s.reasons, reason{category: topic, term: -1, weight: topicScore})
	}
}

// Scores appends what the rules found for each category to dst, in the order of Categories: 0 where nothing speaks.
// The customer's own choice counts as in Classify.
func (c *Classifier) Scores(dst []float64, in Input) []float64 {
	s := c.pool.Get().(*state)
	defer c.pool.Put(s)
	c.weigh(s, in)
	return append(dst, s.score...)
}

// Reaching tells each category whose score reaches the threshold, by its place among Categories, with the words that speak for it: "lawyer + letter". Nothing is
// kept of words, and nothing is made where nothing is reached.
func (c *Classifier) Reaching(in Input, take func(category int, words []string)) {
	s := c.pool.Get().(*state)
	defer c.pool.Put(s)
	c.weigh(s, in)
	for i, score := range s.score {
		if score >= c.threshold {
			take(i, s.named(c, i))
		}
	}
}

// Look is Classify with what a learned model is to know beside it, by one reading: it appends the scores to dst as Scores does, and
// the finding has Must. Where that stands for a category, the category is the finding's, whatever else speaks louder.
func (c *Classifier) Look(dst []float64, in Input) (Finding, []float64) {
	s := c.pool.Get().(*state)
	defer c.pool.Put(s)
	c.weigh(s, in)
	f := c.choose(s)
	best := -1
	for i, must := range s.must {
		switch {
		case !must:
		case c.categories[i] == Other:
			f.Must = true
		case s.score[i] >= 0 && (best < 0 || s.score[i] > s.score[best]): // what takes words back counts against them
			best = i
		}
	}
	if best >= 0 {
		f.Must, f.Category, f.Score, f.Reasons = true, c.categories[best], round(s.score[best]), s.explain(c, best)
		f.Confidence = c.confidence(s, f.Category)
	}
	return f, append(dst, s.score...)
}

// choose ranks the scores.
// Ties go to the category that stands first in the rules.
func (c *Classifier) choose(s *state) Finding {
	order := s.order[:0]
	for i, score := range s.score {
		if score > 0 && c.categories[i] != Other {
			order = append(order, i)
		}
	}
	s.order = order
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.score[b], s.score[a]) })
	f := Finding{Category: Other}
	rest := order
	if len(order) > 0 && s.score[order[0]] >= c.threshold {
		best := order[0]
		f.Category, f.Score, rest = c.categories[best], round(s.score[best]), order[1:]
		f.Reasons = s.explain(c, best)
	} else {
		f.Reasons = []string{c.nothing}
	}
	f.Confidence = c.confidence(s, f.Category)
	for _, i := range rest[:min(len(rest), maxRunners)] {
		f.Runners = append(f.Runners, Runner{c.categories[i], round(s.score[i])})
	}
	return f
}

// confidence weighs the chosen category against all others, with Other at the threshold.
// It is a softmax over the scores. Other takes part with the threshold as its score, so a winner just above it is no certainty.
func (c *Classifier) confidence(s *state, chosen string) float64 {
	all, mine := 0.0, 0.0
	for i, score := range s.score {
		if c.categories[i] == Other {
			continue
		}
		p := 1.0 // of most categories nothing is found
		if score != 0 {
			p = math.Exp(min(score, 50) / softness)
		}
		all += p
		if c.categories[i] == chosen {
			mine = p
		}
	}
	other := math.Exp(c.threshold / softness)
	if chosen == Other {
		mine = other
	}
	return math.Round(mine/(all+other)*1000) / 1000
}

// round keeps two digits: what is compared by replay must not differ in the last bits.
func round(x float64) float64 { return math.Round(x*100) / 100 }
