package training

import (
	"cmp"
	"slices"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
)

// Suggestion is a message whose label would teach a model much.
type Suggestion struct {
	Example
	Guess  string  // the model's best one
	Second string  // and what it takes for nearly as likely
	Margin float32 // between both, from 0 (no idea which) to 1
}

// around is how many messages are looked at for each that is suggested: among the most doubtful ones, those that are
// unlike each other are chosen, since ten of one kind teach what one does.
const around = 4

// Suggest gives at most so many messages whose labels would teach most, the most doubtful one first.
// Of messages with the same words one is given. It costs a look of the model at each message, and of each chosen one at
// a few times as many as are wanted.
func Suggest(m *learned.Model, others []Example, most int) []Suggestion {
	doubtful := doubts(m, others)
	doubtful = doubtful[:min(len(doubtful), around*most)]
	left := signs(doubtful)
	var out []Suggestion
	nearest := make([]float32, len(doubtful)) // to what was chosen so far
	for len(out) < most && len(out) < len(doubtful) {
		best := -1
		for i := range doubtful {
			if left[i] != nil && (best < 0 || nearest[i] < nearest[best]) {
				best = i
			}
		}
		if best < 0 || nearest[best] >= 1 {
			break // what is left says what was chosen already
		}
		chosen := left[best]
		left[best] = nil
		out = append(out, doubtful[best])
		for i, s := range left {
			if s != nil {
				nearest[i] = max(nearest[i], alike(chosen, s))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(a.Margin, b.Margin) })
	return out
}

// doubts are all messages with what the model thinks of them, the most doubtful first.
func doubts(m *learned.Model, others []Example) []Suggestion {
	classes := m.Header().Classes
	out := make([]Suggestion, 0, len(others))
	var shares []float32
	for _, e := range others {
		shares, _ = m.Shares(shares[:0], e.Subject, e.Text, nil)
		first, second := 0, -1
		for c, p := range shares {
			switch {
			case p > shares[first]:
				first, second = c, first
			case c != first && (second < 0 || p > shares[second]):
				second = c
			}
		}
		out = append(out, Suggestion{e, classes[first], classes[second], shares[first] - shares[second]})
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(a.Margin, b.Margin) })
	return out
}

// signs are the features of each message, sorted, each once.
func signs(list []Suggestion) [][]uint32 {
	reader := learned.NewReader(classify.NewFolder())
	out := make([][]uint32, len(list))
	for i, s := range list {
		hashes := []uint32{0} // nil means taken; a message without features has this one
		for _, f := range reader.Read(s.Subject, s.Text) {
			hashes = append(hashes, f.Hash)
		}
		slices.Sort(hashes)
		out[i] = slices.Compact(hashes)
	}
	return out
}

// alike is which share of all features two messages have in common (Jaccard).
func alike(a, b []uint32) float32 {
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			both, i, j = both+1, i+1, j+1
		}
	}
	return float32(both) / float32(len(a)+len(b)-both)
}
