package training

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"frontdesk/pipeline/classify/learned"
)

// Options say how a model is trained. The zero value is what nearly everybody wants.
type Options struct {
	Name    string
	Seed    uint64
	Promise float64 // share of what is named that shall be right; 0 means DefaultPromise
	Workers int     // pieces of work at a time; they change nothing in the outcome. 0 means one
	Size    int     // bytes that the model may take, but for some hundred kilobytes that do not grow with its features; 0: 7 MiB. Rare features are left out for it
	Turns   int     // in how many turns messages are left out and asked; 0: as many as their number allows
	// Prior gives what is known of a message beforehand: a factor for each category, in the order of the sorted labels.
	// It is no part of the model: who asks the model brings the same factors. nil is nothing.
	Prior func(categories []string, e Example) []float32
	// Progress is told how far the work is, in rounds of all messages. It may be called from any goroutine, one at a time.
	Progress func(what string, done, all int)
}

// Result is a trained model, as its file will hold it, and what was measured on messages that it had not seen.
type Result struct {
	Parts  learned.Parts
	Report Report
}

// DefaultPromise is the share of named messages that shall be right, where nothing else is asked.
const DefaultPromise = 0.96

// Train makes a model of labelled messages and of others without a label.
// Part of the labelled ones is left out first, so that the report tells what the model does with messages that it has
// not seen; the model itself then learns from all. An error says which labels have too few messages.
func Train(ctx context.Context, labelled, others []Example, o Options) (Result, error) {
	o.Promise, o.Workers = cmp.Or(o.Promise, DefaultPromise), max(1, o.Workers)
	classes, numbers, err := labels(labelled)
	if err != nil {
		return Result{}, err
	}
	t := &trainer{ctx: ctx, o: o, r: standard(o.Seed, len(classes)), classes: classes, others: read(others)}
	t.r.size = cmp.Or(o.Size, t.r.size)
	for i, x := range read(labelled) {
		k := known{text: x, class: numbers[labelled[i].Label], tuned: labelled[i].Tuned}
		if o.Prior != nil && !k.tuned {
			k.prior = o.Prior(classes, labelled[i])
		}
		t.labelled = append(t.labelled, k)
	}
	folds := t.folds()
	seen, err := t.validate(folds)
	if err != nil {
		return Result{}, err
	}
	h := learned.Header{Name: o.Name, Classes: classes, Promise: o.Promise}
	seen.calibrate(&h)
	confidences := seen.confidences(h)
	h.Thresholds = thresholds(confidences, len(classes), o.Promise)
	report := t.report(confidences, h.Thresholds)
	report.Rows, report.Unlabelled, report.Classes = len(labelled), len(others), len(classes)
	f, err := t.fit("learning from all", t.labelled)
	if err != nil {
		return Result{}, err
	}
	parts, err := rounded(f.parts(h))
	return Result{parts, report}, err
}

// labels numbers the labels in their order. Two are needed, and two messages of each.
func labels(examples []Example) ([]string, map[string]int32, error) {
	counts := map[string]int{}
	var classes []string
	for _, e := range examples {
		if counts[e.Label]++; counts[e.Label] == 1 {
			classes = append(classes, e.Label)
		}
	}
	slices.Sort(classes)
	numbers := map[string]int32{}
	for i, c := range classes {
		numbers[c] = int32(i)
		switch {
		case c == "":
			return nil, nil, errors.New("training: a labelled message has an empty category")
		case counts[c] < 2:
			return nil, nil, fmt.Errorf("training: the category %q has one message; two are needed to learn and to check, and twenty to do well", c)
		}
	}
	if len(classes) < 2 {
		return nil, nil, fmt.Errorf("training: there are messages of %d categories; a model needs two at least", len(classes))
	}
	return classes, numbers, nil
}

// trainer trains one model.
type trainer struct {
	ctx      context.Context
	o        Options
	r        recipe
	classes  []string
	labelled []known
	others   []text
}

// Few messages are left out in turns, so that each is seen by a model that does not know it; many in one part.
const (
	fewRows   = 12000
	fewFolds  = 4
	fewCopies = 1500 // messages with and without a label below which turns are cheap in spite of those without
	heldShare = 10   // one of so many is left out of many
)

// folds says for each labelled message in which turn it is left out; -1 for never. Each turn has its share of each
// category.
func (t *trainer) folds() []int {
	out := make([]int, len(t.labelled))
	random := rand.New(rand.NewPCG(t.o.Seed, 11))
	byClass := make([][]int, len(t.classes))
	for i, k := range t.labelled {
		byClass[k.class] = append(byClass[k.class], i)
	}
	turns := heldShare
	switch {
	case t.o.Turns > 0:
		turns = t.o.Turns
	case len(t.others) > fewCopies:
		turns = 2
	case len(t.labelled) <= fewRows:
		turns = fewFolds
	}
	for c, mine := range byClass {
		random.Shuffle(len(mine), func(a, b int) { mine[a], mine[b] = mine[b], mine[a] })
		for n, i := range mine {
			if out[i] = (n + c) % turns; turns == heldShare && out[i] > 0 {
				out[i] = -1
			}
		}
	}
	return out
}

// validate lets models that have not seen a message say what it is.
func (t *trainer) validate(folds []int) (*opinions, error) {
	turns := slices.Max(folds) + 1
	seen := &opinions{classes: len(t.classes)}
	for turn := range turns {
		var train, held []known
		for i, k := range t.labelled {
			if folds[i] == turn && !k.tuned {
				held = append(held, k)
			} else if folds[i] != turn {
				train = append(train, k)
			}
		}
		what := "checking on what was left out"
		if turns > 1 {
			what = fmt.Sprintf("%s, %d of %d", what, turn+1, turns)
		}
		f, err := t.fit(what, train)
		if err != nil {
			return nil, err
		}
		seen.add(f, held)
	}
	return seen, nil
}

// fit makes the parts, and tells how far it is.
func (t *trainer) fit(what string, labelled []known) (*fitted, error) {
	var progress func(done, all int)
	if t.o.Progress != nil {
		progress = func(done, all int) { t.o.Progress(what, done, all) }
	}
	f, err := fit(t.ctx, labelled, t.others, len(t.classes), t.r, t.o.Workers, progress)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	return f, nil
}

// rounded gives the parts as they will be read from the file.
func rounded(p learned.Parts) (learned.Parts, error) {
	var file bytes.Buffer
	if err := learned.Write(&file, p); err != nil {
		return p, err
	}
	return learned.Read(&file)
}
