package training

import (
	"cmp"
	"slices"
)

// Report tells what a model does with messages that it has not seen. Shares are between 0 and 1.
type Report struct {
	Rows       int `json:"rows"`       // labelled messages
	Unlabelled int `json:"unlabelled"` // messages without a label
	Classes    int `json:"categories"`
	Checked    int `json:"checked"` // labelled messages on which this was measured
	// Accuracy is of all best guesses; Third counts a guess as right where the truth is among the three best.
	Accuracy float64 `json:"accuracy"`
	Third    float64 `json:"among_three"`
	MacroF1  float64 `json:"macro_f1"`
	// Error is how far confidence and truth lie apart (expected calibration error, ten equal bins).
	Error float64 `json:"calibration_error"`
	Bins  []Bin   `json:"calibration"`
	// Promise is the precision that was asked for; Coverage is the share of messages that are named with it, Precision
	// how many of those are right.
	Promise   float64 `json:"promise"`
	Coverage  float64 `json:"coverage"`
	Precision float64 `json:"precision"`
	ByClass   []Class `json:"by_category"`
	Confusion []Pair  `json:"confusion"` // most frequent first
}

// Bin are the guesses of about the same confidence.
type Bin struct {
	Confidence float64 `json:"confidence"` // mean
	Right      float64 `json:"right"`
	Count      int     `json:"count"`
}

// Class is what is reached for one category.
type Class struct {
	Name      string  `json:"category"`
	Count     int     `json:"count"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Threshold float64 `json:"threshold"`
}

// Pair is a category that was taken for another one.
type Pair struct {
	Truth string `json:"category"`
	Guess string `json:"taken_for"`
	Count int    `json:"count"`
}

const bins, pairs = 10, 20

// report measures guesses.
func (t *trainer) report(guesses []confidence, thresholds []float32) Report {
	r := Report{Checked: len(guesses), Promise: t.o.Promise}
	var named, namedRight, right, third int
	for _, g := range guesses {
		ok := g.best == g.truth
		if g.third {
			third++
		}
		if ok {
			right++
		}
		if g.share >= thresholds[g.best] {
			named++
			if ok {
				namedRight++
			}
		}
	}
	r.Accuracy, r.Third = share(right, len(guesses)), share(third, len(guesses))
	r.Coverage, r.Precision = share(named, len(guesses)), share(namedRight, named)
	r.Bins, r.Error = calibration(guesses)
	r.ByClass, r.MacroF1 = t.byClass(guesses, thresholds)
	r.Confusion = t.confusion(guesses)
	return r
}

func share(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }

// calibration compares confidence and truth.
func calibration(guesses []confidence) ([]Bin, float64) {
	out := make([]Bin, bins)
	for _, g := range guesses {
		b := &out[min(int(g.share*bins), bins-1)]
		b.Count++
		b.Confidence += float64(g.share)
		if g.best == g.truth {
			b.Right++
		}
	}
	gap := 0.0
	for i := range out {
		b := &out[i]
		if b.Count > 0 {
			gap += max(b.Confidence-b.Right, b.Right-b.Confidence) / float64(len(guesses))
			b.Confidence /= float64(b.Count)
			b.Right /= float64(b.Count)
		}
	}
	return slices.DeleteFunc(out, func(b Bin) bool { return b.Count == 0 }), gap
}

// byClass measures each category, and the mean of their F1.
func (t *trainer) byClass(guesses []confidence, thresholds []float32) ([]Class, float64) {
	out := make([]Class, len(t.classes))
	guessed, right := make([]int, len(out)), make([]int, len(out))
	for _, g := range guesses {
		out[g.truth].Count++
		guessed[g.best]++
		if g.best == g.truth {
			right[g.best]++
		}
	}
	sum := 0.0
	for c := range out {
		k := &out[c]
		k.Name, k.Threshold = t.classes[c], float64(thresholds[c])
		k.Precision, k.Recall = share(right[c], guessed[c]), share(right[c], k.Count)
		if right[c] > 0 {
			k.F1 = 2 * k.Precision * k.Recall / (k.Precision + k.Recall)
		}
		sum += k.F1
	}
	return out, sum / float64(len(out))
}

// confusion counts what was taken for what.
func (t *trainer) confusion(guesses []confidence) []Pair {
	counts := map[[2]int32]int{}
	for _, g := range guesses {
		if g.best != g.truth {
			counts[[2]int32{g.truth, g.best}]++
		}
	}
	var out []Pair
	for pair, n := range counts {
		out = append(out, Pair{t.classes[pair[0]], t.classes[pair[1]], n})
	}
	slices.SortFunc(out, func(a, b Pair) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Truth, b.Truth), cmp.Compare(a.Guess, b.Guess))
	})
	return out[:min(len(out), pairs)]
}
