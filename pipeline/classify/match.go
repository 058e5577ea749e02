package classify

import (
	"unicode"

	"frontdesk/pipeline/words"
)

// matcher finds many patterns in one pass over a text (Aho and Corasick, 1975). The transitions
// lie in one open hash table, so that a table of all of Unicode is not needed.
type matcher struct {
	// slots are half empty at least, so a look-up ends after a step or two. mask is their number minus one, a power of two.
	slots []slot
	mask  uint32
	first [0x80]int32 // the root's transitions for ASCII, where nearly every letter of a text begins
	// fail is by state: the longest proper end of what was read that begins a pattern, too.
	fail     []int32
	output   []int32 // nearest state, itself or along fail, in which a pattern ends; 0 for none
	ends     []int32 // pattern that ends in the state, or -1
	same     []int32 // by pattern: the next one with the same text and other boundaries, or -1
	patterns []pattern
}

// pattern is one sequence to look for. Latin letters and digits at its ends match whole words
// only, unless the rules open them with an asterisk.
// text is folded. The boundaries are checked when a pattern is found, not by the automaton.
type pattern struct {
	text      []rune
	wordStart bool
	wordEnd   bool
}

// slot is one transition: from state by r to next.
type slot struct {
	state int32
	r     rune
	next  int32 // 0 marks an empty slot: no transition leads to the root
}

// newMatcher builds the automaton.
// States are numbered in the order in which patterns are read; 0 is the root. parent, by and depth say how each was reached and are needed
// for link alone.
// The memory is some twelve bytes for each transition, twice over, and grows with the letters of all patterns.
func newMatcher(patterns []pattern) *matcher {
	size := 1
	for _, p := range patterns {
		size += len(p.text)
	}
	capacity := uint32(16)
	for int(capacity) < 2*size {
		capacity *= 2
	}
	m := &matcher{slots: make([]slot, capacity), mask: capacity - 1, patterns: patterns,
		fail: make([]int32, 1, size), output: make([]int32, 1, size), ends: []int32{-1}}
	parent := []int32{0}
	by := []rune{0}
	depth := []int{0}
	for id, p := range patterns {
		state := int32(0)
		for _, r := range p.text {
			next := m.step(state, r)
			if next == 0 {
				next = int32(len(m.ends))
				m.insert(state, r, next)
				m.fail, m.output, m.ends = append(m.fail, 0), append(m.output, 0), append(m.ends, -1)
				parent, by, depth = append(parent, state), append(by, r), append(depth, depth[state]+1)
			}
			state = next
		}
		m.same = append(m.same, m.ends[state])
		m.ends[state] = int32(id)
	}
	m.link(parent, by, depth)
	return m
}

// link computes the fall-back states, shallow states first.
func (m *matcher) link(parent []int32, by []rune, depth []int) {
	order := make([][]int32, 1)
	for state := 1; state < len(depth); state++ {
		for len(order) <= depth[state] {
			order = append(order, nil)
		}
		order[depth[state]] = append(order[depth[state]], int32(state))
	}
	for _, states := range order {
		for _, s := range states {
			if depth[s] > 1 {
				m.fail[s] = m.advance(m.fail[parent[s]], by[s])
			}
			m.output[s] = m.output[m.fail[s]]
			if m.ends[s] >= 0 {
				m.output[s] = s
			}
		}
	}
}

// hash mixes both; the multipliers are odd constants with well spread bits.
func hash(state int32, r rune) uint32 {
	h := (uint32(state)*0x9e3779b1 ^ uint32(r)) * 0x85ebca6b
	return h ^ h>>15
}

// insert adds a transition that is not there yet.
func (m *matcher) insert(state int32, r rune, next int32) {
	at := hash(state, r) & m.mask
	for m.slots[at].next != 0 {
		at = (at + 1) & m.mask
	}
	m.slots[at] = slot{state, r, next}
	if state == 0 && int(r) < len(m.first) {
		m.first[r] = next
	}
}

// step returns the next state, or 0 when there is none.
func (m *matcher) step(state int32, r rune) int32 {
	for at := hash(state, r) & m.mask; ; at = (at + 1) & m.mask {
		s := &m.slots[at]
		if s.next == 0 || (s.state == state && s.r == r) {
			return s.next
		}
	}
}

// advance returns the state after r, falling back as far as is needed.
func (m *matcher) advance(state int32, r rune) int32 {
	for state != 0 {
		if next := m.step(state, r); next != 0 {
			return next
		}
		state = m.fail[state]
	}
	if r >= 0 && int(r) < len(m.first) {
		return m.first[r]
	}
	return m.step(0, r)
}

// find calls hit for every pattern that occurs, with the position of its first rune, in the order
// of their ends.
// The cost is the length of the text plus the number of hits. hit must not keep the text.
func (m *matcher) find(text []rune, hit func(id int32, from, to int)) {
	state := int32(0)
	for i, r := range text {
		state = m.advance(state, r)
		for s := m.output[state]; s != 0; s = m.output[m.fail[s]] {
			for id := m.ends[s]; id >= 0; id = m.same[id] {
				p := &m.patterns[id]
				if from := i + 1 - len(p.text); p.fits(text, from, i+1) {
					hit(id, from, i+1)
				}
			}
		}
	}
}

// fits checks the word boundaries.
func (p *pattern) fits(text []rune, from, to int) bool {
	if p.wordStart && from > 0 && inWord(text[from-1]) {
		return false
	}
	return !p.wordEnd || to == len(text) || !inWord(text[to])
}

// inWord reports whether the rune belongs to a word that is written between spaces.
func inWord(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	}
	return !words.Han(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
