package search

import (
	"slices"
	"strings"
	"unicode"
)

// pattern is how a term stands in a text, folded.
type pattern struct {
	text   []rune
	begins bool // a longer word fits, too
	dense  bool // of a script without spaces: it may begin and end anywhere
	raw    bool // with its signs, such as an address
	tail   bool // digits, which may end a word that begins with letters
}

// Part is a piece of a text; Hit says that it is what was looked for.
type Part struct {
	// Text is as it stands in the original, except that white space between hits is one space.
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"`
}

// Bounds of a snippet.
const (
	// Longer texts are searched in their beginning only, since each term is compared at each place.
	snippetText   = 256 << 10 // bytes of a text that are looked at
	snippetBefore = 40        // characters before the first hit
	snippetAfter  = 120       // and from there on
)

// span is a hit in a text, in bytes, with the term that it is of.
type span struct{ from, to, term int }

// Snippet is the part of a text where most of what was looked for stands close together, with the hits apart; hits is how
// many different terms stand in it, 0 for none: then there are no parts.
// The parts joined are a piece of the text, with an ellipsis where it goes on.
func (f *Folder) Snippet(text string, q Query) (parts []Part, hits int) {
	text = strings.ToValidUTF8(text[:min(len(text), snippetText)], "\ufffd")
	spans := f.spans(text, q)
	if len(spans) == 0 {
		return nil, 0
	}
	first, best := 0, 0
	for i := range spans {
		if i > 0 && spans[i].from-spans[i-1].from < snippetBefore && best > 1 {
			continue
		}
		if n := distinct(spans, i); n > best {
			first, best = i, n
		}
	}
	return cutOut(text, spans, first), best
}

// looksAhead is how many hits behind one are looked at: more don't fit into a snippet.
const looksAhead = 64

// distinct is how many terms are hit within one snippet from a hit on.
func distinct(spans []span, i int) int {
	seen := uint64(0)
	n := 0
	for j := i; j < len(spans) && j < i+looksAhead && spans[j].from < spans[i].from+snippetAfter; j++ {
		if bit := uint64(1) << (spans[j].term & 63); seen&bit == 0 {
			seen |= bit
			n++
		}
	}
	return n
}

// spans are all hits in a text, in their order and not one within another.
// At one place the longest hit counts. The units are held in memory, some forty bytes for each character.
func (f *Folder) spans(text string, q Query) (out []span) {
	units := slices.Collect(f.units(text))
	for i := 0; i < len(units); {
		end, term := 0, -1
		for n, t := range q.Terms {
			for _, p := range t.shown {
				if to := p.at(units, i); to > end {
					end, term = to, n
				}
			}
		}
		if term < 0 {
			i++
			continue
		}
		out = append(out, span{units[i].from, units[end-1].to, term})
		i = end
	}
	return out
}

// at is the end of the pattern where it stands at a place, else 0.
// A word must begin and end where words do, unless the pattern says otherwise (begins, tail, dense, raw).
func (p pattern) at(units []unit, i int) int {
	tail := false
	if !p.dense && i > 0 && units[i].kind == plain && units[i-1].kind == plain {
		if tail = p.tail && (units[i-1].r < '0' || units[i-1].r > '9'); !tail {
			return 0
		}
	}
	n := 0
	for ; i < len(units) && n < len(p.text); i++ {
		if units[i].kind == fold && p.dense && n > 0 {
			continue
		}
		r := units[i].r
		if units[i].kind == gap && !p.raw || r != p.text[n] {
			return 0
		}
		n++
	}
	if n < len(p.text) {
		return 0
	}
	goesOn := i < len(units) && units[i].kind == plain && units[i-1].kind == plain
	switch {
	case !goesOn || p.dense:
	case tail, !p.begins && !p.raw:
		return 0
	case p.begins:
		for i < len(units) && units[i].kind == plain { // the whole word is marked
			i++
		}
	}
	return i
}

// cutOut is the snippet around a hit, from the beginning of its sentence if that is near.
// It runs from back to ahead of the first hit; all other hits within are marked, too.
func cutOut(text string, spans []span, first int) []Part {
	from, before := back(text, spans[first].from)
	to, after := ahead(text, spans[first].from)
	var out []Part
	if before {
		out = append(out, Part{Text: "…"})
	}
	at := from
	for _, s := range spans {
		if s.from >= to {
			break
		}
		if s.from < from {
			continue
		}
		if s.from >= at { // one character may be several letters, each of which is a hit
			out = append(spaced(out, text[at:s.from]), Part{text[s.from:s.to], true})
			at = s.to
		}
	}
	out = spaced(out, text[at:max(at, to)])
	if after && at <= to {
		out = append(out, Part{Text: "…"})
	}
	out[0].Text = strings.TrimLeft(out[0].Text, " ")
	return slices.DeleteFunc(out, func(p Part) bool { return p.Text == "" })
}

// spaced appends a piece that is no hit, with white space as one space.
func spaced(out []Part, s string) []Part {
	if s == "" {
		return out
	}
	text := strings.Join(strings.Fields(s), " ")
	first, last := rune(s[0]), rune(s[len(s)-1])
	if unicode.IsSpace(first) {
		text = " " + text
	}
	if unicode.IsSpace(last) && strings.TrimSpace(text) != "" {
		text += " "
	}
	return append(out, Part{Text: text})
}

// back is where a snippet begins whose first hit is there, and whether a sentence is cut.
func back(text string, hit int) (from int, cut bool) {
	runes := []rune(tailOf(text[:hit]))
	for i := len(runes) - 1; i >= 0 && len(runes)-i <= snippetBefore; i-- {
		if ends(runes[i]) || runes[i] == '.' && i+1 < len(runes) && unicode.IsSpace(runes[i+1]) {
			return hit - len(string(runes[i+1:])), false
		}
	}
	if len(runes) <= snippetBefore {
		return hit - len(string(runes)), len(string(runes)) < hit
	}
	return hit - len(string(runes[len(runes)-snippetBefore:])), true
}

// tailOf is the end of a text that is looked at for the beginning of a sentence.
func tailOf(s string) string {
	if len(s) > 4*snippetBefore+8 {
		s = strings.ToValidUTF8(s[len(s)-4*snippetBefore-8:], "")
	}
	return s
}

// ahead is where a snippet ends whose first hit is there, and whether text is cut off.
func ahead(text string, hit int) (to int, cut bool) {
	n := 0
	for i := range text[hit:] {
		if n == snippetAfter {
			return hit + i, true
		}
		n++
	}
	return len(text), false
}

// ends reports whether a character ends a sentence.
func ends(r rune) bool { return strings.ContainsRune("\n。！？!?；;", r) }
