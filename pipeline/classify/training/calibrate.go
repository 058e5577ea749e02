package training

import (
	"math"
	"slices"

	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/learned/vectors"
)

// opinions are what models said of messages that they had not seen: the linear model's scores and the networks'
// shares, side by side.
type opinions struct {
	classes int
	truth   []int32
	scores  [][]float32 // of the linear model
	shares  [][]float32 // of the networks, their sum
	priors  [][]float32 // what was known beforehand; nil for nothing
}

// add asks a model about messages.
func (o *opinions) add(f *fitted, held []known) {
	texts := make([]text, len(held))
	for i, k := range held {
		texts[i] = k.text
		o.truth = append(o.truth, k.class)
		o.priors = append(o.priors, k.prior)
	}
	x := weigh(texts, learned.NewVocabulary(f.entries))
	for i := range x.len() {
		index, value := x.row(i)
		scores, sum, shares := make([]float32, o.classes), make([]float32, o.classes), make([]float32, o.classes)
		f.line.scores(index, value, scores)
		for _, n := range f.networks {
			n.shares(index, value, make([]float32, n.inner), make([]float32, n.hidden), shares)
			vectors.Add(sum, 1, shares)
		}
		o.scores, o.shares = append(o.scores, scores), append(o.shares, sum)
	}
}

// calibrate finds how sharp the linear model's scores and the mean of all shall be, and what the linear model counts
// beside a network, so that confidences are right: the values at which what was true is least surprising.
func (o *opinions) calibrate(h *learned.Header) {
	try := func(into *float32, values ...float32) {
		*into = least(values, func(v float32) float64 {
			*into = v
			return o.surprise(*h)
		})
	}
	h.LineShare, h.Sharpness = 1, 1
	h.Temperature = least([]float32{1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12}, func(v float32) float64 { return o.surpriseOfLine(v) })
	for range 2 { // both hang together
		try(&h.Sharpness, .6, .7, .8, .9, 1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2, 2.5, 3)
		try(&h.LineShare, 0, .25, .5, 1, 2)
	}
}

// least is the value that costs least; the first of several.
func least(values []float32, cost func(float32) float64) float32 {
	best, lowest := values[0], math.Inf(1)
	for _, v := range values {
		if c := cost(v); c < lowest {
			best, lowest = v, c
		}
	}
	return best
}

// surprise is the mean negative logarithm of the share that the truth got.
func (o *opinions) surprise(h learned.Header) float64 {
	sum := 0.0
	for i, class := range o.truth {
		sum -= math.Log(max(float64(o.mean(i, h)[class]), 1e-6))
	}
	return sum / float64(max(len(o.truth), 1))
}

// surpriseOfLine is the same for the linear model alone.
func (o *opinions) surpriseOfLine(temperature float32) float64 {
	sum := 0.0
	for i, class := range o.truth {
		sum -= math.Log(max(float64(o.line(i, temperature)[class]), 1e-6))
	}
	return sum / float64(max(len(o.truth), 1))
}

// line are the linear model's shares for one message.
func (o *opinions) line(i int, temperature float32) []float32 {
	shares := slices.Clone(o.scores[i])
	for c := range shares {
		shares[c] *= temperature
	}
	vectors.Softmax(shares)
	return shares
}

// mean are the shares for one message as a model with this header gives them.
func (o *opinions) mean(i int, h learned.Header) []float32 {
	shares := slices.Clone(o.shares[i])
	vectors.Add(shares, h.LineShare, o.line(i, h.Temperature))
	for c, factor := range o.priors[i] {
		shares[c] *= factor
	}
	sum := float32(0)
	for c, p := range shares {
		shares[c] = float32(math.Pow(float64(p), float64(h.Sharpness)))
		sum += shares[c]
	}
	for c := range shares {
		shares[c] /= sum
	}
	return shares
}

// confidence is the best guess for one message, how sure it is, and what is true.
type confidence struct {
	best, truth int32
	share       float32
	third       bool // the truth is among the three best
}

// confidences are the guesses of a model with this header.
func (o *opinions) confidences(h learned.Header) []confidence {
	out := make([]confidence, len(o.truth))
	for i, truth := range o.truth {
		shares := o.mean(i, h)
		best := vectors.Top(shares)
		above := 0
		for _, p := range shares {
			if p > shares[truth] {
				above++
			}
		}
		out[i] = confidence{int32(best), truth, shares[best], above < 3}
	}
	return out
}

// enough is how many guesses of one category are needed for a threshold of its own; below it the common one counts.
const enough = 40

// thresholds are the confidences from which guesses are right as often as promised: for each category with enough
// guesses its own, no lower than the common one where that holds what it promises.
func thresholds(guesses []confidence, classes int, promise float64) []float32 {
	common := threshold(guesses, promise)
	out := make([]float32, classes)
	for c := range out {
		var mine []confidence
		for _, g := range guesses {
			if g.best == int32(c) {
				mine = append(mine, g)
			}
		}
		out[c] = common
		if len(mine) >= enough {
			out[c] = max(threshold(mine, promise), common/2)
		}
	}
	return out
}

// threshold is the lowest confidence from which on the promise holds; 1 and a little where it never does.
func threshold(guesses []confidence, promise float64) float32 {
	sorted := slices.Clone(guesses)
	slices.SortStableFunc(sorted, func(a, b confidence) int {
		switch {
		case a.share > b.share:
			return -1
		case a.share < b.share:
			return 1
		}
		return 0
	})
	right, at := 0, float32(1.001)
	for i, g := range sorted {
		if g.best == g.truth {
			right++
		}
		if float64(right) >= promise*float64(i+1) && (i+1 == len(sorted) || sorted[i+1].share < g.share) {
			at = g.share
		}
	}
	return at
}
