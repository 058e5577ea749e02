package training

import (
	"slices"

	"frontdesk/pipeline/classify/learned"
)

// linearSteps is how many looks at an example Linear takes at most: a second or two of work. Of many examples of many classes each is
// looked at less often.
const linearSteps = 20_000_000

// Linear makes a linear model alone, without networks and without measuring: it is for few examples of many classes, such as the ways to ask
// a question, and takes tenths of a second. Features that stand in fewer than least examples are left out. Its thresholds are 0: whoever asks it
// has measured what its shares are worth.
func Linear(examples []Example, least int, o Options) learned.Parts {
	p := learned.Parts{Header: learned.Header{Name: o.Name, LineShare: 1, Promise: o.Promise}}
	for _, e := range examples {
		p.Classes = append(p.Classes, e.Label)
	}
	slices.Sort(p.Classes)
	p.Classes = slices.Compact(p.Classes)
	p.Thresholds = make([]float32, len(p.Classes))
	r := standard(o.Seed, len(p.Classes))
	p.Temperature = r.temperature
	texts := read(examples)
	p.Vocabulary = vocabulary(texts, least)
	x := weigh(texts, learned.NewVocabulary(p.Vocabulary))
	targets := make([]target, len(examples))
	for i, e := range examples {
		class, _ := slices.BinarySearch(p.Classes, e.Label)
		targets[i] = target{int32(class), 1}
	}
	r.line.rounds = min(r.line.rounds, max(2, linearSteps/max(1, len(examples)*len(p.Classes))))
	for _, w := range trainLine(x, targets, len(p.Classes), r.line, max(1, o.Workers)).weights {
		p.Line.Weights = append(p.Line.Weights, w[:x.width])
		p.Line.Bias = append(p.Line.Bias, w[x.width])
	}
	addMeans(p.Line.Weights, x, targets)
	return p
}

// addMeans adds to each class's weights the mean of its examples: with a dozen of them what they have in common tells a little more than
// where the border runs.
func addMeans(weights [][]float32, x *rows, targets []target) {
	counts := make([]float32, len(weights))
	for _, t := range targets {
		counts[t.class]++
	}
	for i, t := range targets {
		index, value := x.row(i)
		for k, f := range index {
			weights[t.class][f] += float32(value[k] / counts[t.class])
		}
	}
}
