package classify

import (
	"slices"
	"strconv"
	"strings"
)

// maxGroups is how many groups a term may have: one bit each.
const maxGroups = 30

// notSeen is the bit of a sentence's exclusions.
const notSeen = 1 << (maxGroups + 1)

// Distance in characters over which a negator takes back what follows it.
// "我不是要退款" takes 退款 back; a word farther on belongs to another thought.
const negatorReach = 4

// state is the working memory for one message. It is reused.
type state struct {
	// text is folded; language is in lower case, empty when not known.
	text     []rune
	language string

	// score is by category; reasons are in the order of counting; order is choose's.
	score   []float64
	must    []bool // by category: a term was found that nothing may overrule
	reasons []reason
	order   []int

	counted []bool   // by term: it has its weight already
	groups  []uint32 // by term: groups seen in this sentence
	words   []found  // by term: what was found of it
	touched []int32  // terms seen in this sentence
	done    []int32  // terms that are counted, for reset
}

// found are the first few patterns that were found of a term; -1 for none. They are written out
// only when somebody reads them.
type found [3]int32

// reason is a term that was counted; term -1 is the customer's own choice.
type reason struct {
	category int
	term     int32
	words    found
	weight   float64
	where    string
}

// newState makes room for all of the rules' terms, some kilobytes; the pool keeps as many as there are goroutines.
func newState(categories, terms int) *state {
	return &state{score: make([]float64, categories), must: make([]bool, categories), counted: make([]bool, terms),
		groups: make([]uint32, terms), words: make([]found, terms)}
}

// reset costs what the last message touched, not the number of terms.
func (s *state) reset(language string) {
	s.language = strings.ToLower(language)
	clear(s.score)
	clear(s.must)
	s.reasons = s.reasons[:0]
	for _, t := range s.done {
		s.counted[t] = false
	}
	s.done = s.done[:0]
}

// read adds up what one field says, sentence by sentence.
func (s *state) read(c *Classifier, text string, factor float64, where string) {
	s.text = c.folder.runes(s.text[:0], cutBytes(text, maxText))
	for rest := s.text; len(rest) > 0; {
		line := rest
		if end := slices.Index(rest, '\n'); end >= 0 {
			line, rest = rest[:end], rest[end+1:]
		} else {
			rest = nil
		}
		s.sentence(c, line, factor, where)
	}
}

// cutBytes shortens a text; a character cut in two is folded to nothing.
func cutBytes(text string, n int) string { return text[:min(len(text), n)] }

// sentence counts the terms all of whose groups were seen in it and none of whose exclusions. Hits come in the order of their ends, so a
// negator is known before what it takes back.
func (s *state) sentence(c *Classifier, line []rune, factor float64, where string) {
	s.touched = s.touched[:0]
	negated := -1
	c.matcher.find(line, func(id int32, from, to int) {
		back := negated >= 0 && from >= negated && from-negated <= negatorReach
		for _, u := range c.uses[id] {
			switch {
			case u.group == negatorGroup:
				negated = to
			case !back || u.group == notGroup:
				s.see(c, u, id)
			}
		}
	})
	for _, t := range s.touched {
		all := uint32(1)<<c.terms[t].groups - 1
		if s.groups[t] == all && !s.counted[t] {
			s.count(c, t, factor, where)
		}
		s.groups[t] = 0
	}
}

// see marks one group of a term as seen in this sentence.
func (s *state) see(c *Classifier, u use, id int32) {
	if s.counted[u.term] || !s.speaks(c.terms[u.term].language) {
		return
	}
	if s.groups[u.term] == 0 {
		s.touched = append(s.touched, u.term)
		s.words[u.term] = found{-1, -1, -1}
	}
	if u.group == notGroup {
		s.groups[u.term] |= notSeen
		return
	}
	bit := uint32(1) << u.group
	if s.groups[u.term]&bit == 0 {
		s.words[u.term].add(id)
	}
	s.groups[u.term] |= bit
}

// add keeps the first three.
func (w *found) add(id int32) {
	if free := slices.Index(w[:], -1); free >= 0 {
		w[free] = id
	}
}

// speaks reports whether a term in the language counts in this message.
func (s *state) speaks(language string) bool {
	return language == "" || s.language == "" || s.language == language || strings.HasPrefix(s.language, language+"-")
}

// count adds a term's weight, once for a message.
func (s *state) count(c *Classifier, t int32, factor float64, where string) {
	weight := c.terms[t].weight * factor
	s.score[c.terms[t].category] += weight
	s.counted[t] = true
	s.done = append(s.done, t)
	if c.terms[t].must {
		s.must[c.terms[t].category] = true
	}
	s.reasons = append(s.reasons, reason{c.terms[t].category, t, s.words[t], weight, where})
}

// explain writes out why a category has its score.
func (s *state) explain(c *Classifier, category int) []string {
	var out []string
	for _, r := range s.reasons {
		if r.category == category {
			out = append(out, r.name(c.names)+r.where+" "+signed(r.weight))
		}
	}
	return out
}

// named are the words that speak for a category, without their weights.
func (s *state) named(c *Classifier, category int) []string {
	var out []string
	for _, r := range s.reasons {
		if r.category == category && r.term >= 0 && r.weight > 0 {
			out = append(out, r.name(c.names))
		}
	}
	return out
}

// signed writes a weight with its sign, in four digits.
func signed(weight float64) string {
	text := strconv.FormatFloat(weight, 'g', 4, 64)
	if text[0] == '-' || text[0] == '+' {
		return text
	}
	return "+" + text
}

// name is what the trace shows of a reason: the words that were found.
func (r reason) name(names []string) string {
	if r.term < 0 {
		return "chosen by the customer"
	}
	out := ""
	for _, id := range r.words {
		switch {
		case id < 0:
		case out == "":
			out = names[id]
		default:
			out += " + " + names[id]
		}
	}
	return out
}
