package training

import (
	"cmp"
	"math"
	"slices"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
)

// text is one message as features, each once, with how often it stands.
type text struct {
	features []learned.Feature
}

// read turns messages into features.
func read(examples []Example) []text {
	reader := learned.NewReader(classify.NewFolder())
	out := make([]text, len(examples))
	for i, e := range examples {
		out[i].features = slices.Clone(reader.Read(e.Subject, e.Text))
	}
	return out
}

// vocabulary keeps the features that stand in at least so many messages, in the order in which they came.
func vocabulary(texts []text, least int) []learned.Entry {
	type seen struct{ count, last int }
	counts := map[uint32]*seen{}
	var order []learned.Feature
	for i, t := range texts {
		for _, f := range t.features {
			s := counts[f.Hash]
			if s == nil {
				s = &seen{0, -1}
				counts[f.Hash] = s
				order = append(order, f)
			}
			if s.last != i {
				s.count, s.last = s.count+1, i
			}
		}
	}
	var entries []learned.Entry
	for _, f := range order {
		if n := counts[f.Hash].count; n >= least {
			weight := 1 + math.Log(float64(1+len(texts))/float64(1+n))
			entries = append(entries, learned.Entry{Feature: f, Weight: float32(weight)})
		}
	}
	return entries
}

// piecesCount is how much less often a piece of a word counts as seen, where there is no room for all features: its word is told by other pieces, too. A Chinese
// pair of characters that is left out is told by nothing.
const piecesCount = 2

// frequent keeps so many of the features, in their order: those in the most messages, of equal ones those that came first.
func frequent(entries []learned.Entry, most int) []learned.Entry {
	if len(entries) <= most {
		return entries
	}
	rare := func(e learned.Entry) float64 { // the less a feature weighs, the more messages have it
		if e.Block == learned.Pieces {
			return float64(e.Weight) + math.Log(piecesCount)
		}
		return float64(e.Weight)
	}
	places := make([]int, len(entries))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(rare(entries[a]), rare(entries[b])) })
	places = places[:most]
	slices.Sort(places)
	out := make([]learned.Entry, 0, most)
	for _, i := range places {
		out = append(out, entries[i])
	}
	return out
}

// rows are messages as vectors over a vocabulary, one behind the other.
type rows struct {
	starts []int // of each row, and the end
	index  []int32
	value  []float32
	width  int // features
}

func (r *rows) len() int { return len(r.starts) - 1 }

func (r *rows) row(i int) ([]int32, []float32) {
	return r.index[r.starts[i]:r.starts[i+1]], r.value[r.starts[i]:r.starts[i+1]]
}

// weigh makes rows of texts.
func weigh(texts []text, v *learned.Vocabulary) *rows {
	w := learned.NewWeigher(v)
	out := &rows{starts: []int{0}, width: v.Len()}
	for _, t := range texts {
		vector := w.Weigh(t.features)
		out.index = append(out.index, vector.Index...)
		out.value = append(out.value, vector.Value...)
		out.starts = append(out.starts, len(out.index))
	}
	return out
}
