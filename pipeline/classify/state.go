package classify

import (
	"fmt"
	"slices"
	"strings"
)

// maxGroups is how many groups a term may have: one bit each.
const maxGroups = 30

// notSeen is the bit of a sentence's exclusions.
const notSeen = 1 << (maxGroups + 1)

// Distance in characters over which a negator takes back what follows it.
const negatorReach = 4

// state is the working memory for one message. It is reused.
type state struct {
	text     []rune
	language string

	score   []float64
	reasons []reason
	order   []int

	counted []bool   // by term: it has its weight already
	groups  []uint32 // by term: groups seen in this sentence
	words   []string // by term: how the last word of its first group was written
	touched []int32  // terms seen in this sentence
	done    []int32  // terms that are counted, for reset
}

type reason struct {
	category int
	text     string
}

func newState(categories, terms int) *state {
	return &state{score: make([]float64, categories), counted: make([]bool, terms),
		groups: make([]uint32, terms), words: make([]string, terms)}
}

func (s *state) reset(language string) {
	s.language = strings.ToLower(language)
	clear(s.score)
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
		s.words[u.term] = ""
	}
	if u.group == notGroup {
		s.groups[u.term] |= notSeen
		return
	}
	bit := uint32(1) << u.group
	if s.groups[u.term]&bit == 0 {
		s.words[u.term] = join(s.words[u.term], c.matcher.patterns[id].text)
	}
	s.groups[u.term] |= bit
}

func join(have string, word []rune) string {
	if have == "" {
		return string(word)
	}
	return have + " + " + string(word)
}

// speaks reports whether a term in the language counts in this message.
func (s *state) speaks(language string) bool {
	return language == "" || s.language == "" || s.language == language || strings.HasPrefix(s.language, language+"-")
}

func (s *state) count(c *Classifier, t int32, factor float64, where string) {
	weight := c.terms[t].weight * factor
	s.score[c.terms[t].category] += weight
	s.counted[t] = true
	s.done = append(s.done, t)
	s.reasons = append(s.reasons, reason{c.terms[t].category, fmt.Sprintf("%s%s %+.4g", s.words[t], where, weight)})
}

func (s *state) reasonsFor(category int) []string {
	var out []string
	for _, r := range s.reasons {
		if r.category == category {
			out = append(out, r.text)
		}
	}
	return out
}
