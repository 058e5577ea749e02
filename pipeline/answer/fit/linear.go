package fit

import (
	"bytes"
	_ "embed" // the model of the built-in questions
	"fmt"
	"strings"
	"sync"

	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/training"
)

//go:embed default.model
var defaultModel []byte

// What a share must reach, measured on questions that were left out (TestTheThresholdsHoldTheirPromise). The embedded model has learned from
// customers' messages too, so it knows better what it knows.
const (
	embeddedCut = 0.80
	trainedCut  = 0.96
)

// linearFinder asks a linear model whose classes are questions, and what stands beside them.
type linearFinder struct {
	model      *learned.Model
	categories []string // by class
	entries    []*Entry // by class; nil for what is no entry of this desk
	limit      float64
}

// noEntry ends the name of a class that holds questions of a category which no entry answers.
const noEntry = "/0"

// category is that of a class, whose name is "category/…".
func category(class string) string {
	at := strings.LastIndexByte(class, '/')
	return class[:at]
}

// newLinearFinder makes a finder of a model, whose classes are the entries' keys, or names of a category's other questions.
func newLinearFinder(parts learned.Parts, entries map[string]*Entry, limit float64) (*linearFinder, error) {
	model, err := learned.New(parts)
	if err != nil {
		return nil, err
	}
	f := &linearFinder{model: model, limit: limit}
	for _, class := range parts.Classes {
		e := entries[class]
		f.entries = append(f.entries, e)
		if e != nil {
			f.categories = append(f.categories, e.Category)
		} else {
			f.categories = append(f.categories, category(class))
		}
	}
	return f, nil
}

// defaultParts reads the embedded model once.
var defaultParts = sync.OnceValues(func() (learned.Parts, error) { return learned.Read(bytes.NewReader(defaultModel)) })

// embedded is the finder of built-in entries. All others of the first home stand beside them: what they would answer gets no other one.
func embedded(entries []*Entry) (*linearFinder, error) {
	parts, err := defaultParts()
	if err != nil {
		return nil, fmt.Errorf("reading the model of the built-in questions: %w", err)
	}
	known := map[string]*Entry{}
	for _, e := range entries {
		known[e.Key] = e
	}
	f, err := newLinearFinder(parts, known, embeddedCut)
	if err != nil {
		return nil, fmt.Errorf("reading the model of the built-in questions: %w", err)
	}
	return f, nil
}

// trained learns entries by their questions and variants, beside other questions. It looks at each example some times, so the work is bounded
// by how many there are (training.Linear).
func trained(entries []*Entry, aside []Aside) (*linearFinder, error) {
	known := map[string]*Entry{}
	var examples []training.Example
	for i, e := range entries {
		class := fmt.Sprintf("%s/e%06d", e.Category, i)
		known[class] = e
		for _, question := range e.questions() {
			examples = append(examples, training.Example{Text: question, Label: class})
		}
	}
	for i, a := range aside {
		for _, question := range a.Questions {
			examples = append(examples, training.Example{Text: question, Label: fmt.Sprintf("%s/%d%s", a.Category, i, noEntry)})
		}
	}
	if len(aside) == 0 { // a model needs something to tell entries from
		examples = append(examples, training.Example{Text: "?", Label: "?" + noEntry})
	}
	return newLinearFinder(training.Linear(examples, 1, training.Options{Seed: 1, Workers: 1}), known, trainedCut)
}

// questions are all ways to ask an entry, each once, in one order.
func (e *Entry) questions() []string {
	var out []string
	seen := map[string]bool{}
	for _, tag := range sortedKeys(e.Texts) {
		out = appendNew(out, seen, e.Texts[tag].Question)
	}
	for _, v := range e.Variants {
		out = appendNew(out, seen, v)
	}
	return out
}

func appendNew(out []string, seen map[string]bool, question string) []string {
	if question == "" || seen[question] {
		return out
	}
	seen[question] = true
	return append(out, question)
}

func (f *linearFinder) cut() float64 { return f.limit }

// find gives each entry its share among all classes.
func (f *linearFinder) find(in Asked, chance func(category string) float64) []Match {
	prior := make([]float32, len(f.categories))
	for c, key := range f.categories {
		prior[c] = float32(chance(key))
	}
	shares, _ := f.model.Shares(nil, in.Subject, in.Text, prior)
	var out []Match
	for c, e := range f.entries {
		if e != nil {
			share := float64(shares[c])
			out = append(out, Match{Entry: e, Share: share, sure: share})
		}
	}
	return out
}
