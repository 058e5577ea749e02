// Package mind is what decides what a message is about: rules and a learned model together. The model says how likely
// each category is; what the rules found is a prior that a desk's own labels outgrow. It is pure.
package mind

import (
	"math"
	"slices"
	"strconv"
	"sync"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
)

// Outside is the label of messages that are none of the desk's business. It is no category: what is most like them
// is other, and unsure.
const Outside = "outside"

// softness is the score of the rules that makes a category e times as likely. Rules are right in 95 of 100 cases
// where they say something; the model often knows better.
const softness = 3

// Mind decides by rules and a model; it is a classify.Model. It is safe for concurrent use.
type Mind struct {
	rules   *classify.Classifier
	model   *learned.Model
	header  learned.Header
	outside int    // the model's class for what is outside; -1 for none
	other   int    // its class for other; -1 for none
	places  []int  // by category of the rules: the model's class; -1 for none
	desk    []bool // by class of the model: whether the desk has that category
	alone   bool   // the model knows none of the desk's categories: the rules decide
	keys    []string
	pool    sync.Pool // of *state
}

// state is what one message needs.
type state struct {
	scores         []float64
	factor, shares []float32
}

// Opinion is what the mind says of a message.
type Opinion struct {
	// Category is always the best guess, and one of the desk's.
	Category   string
	Confidence float32
	// Unsure says that a person should look: the confidence lies below what the promised precision needs.
	Unsure bool
	// Outside says that the message looks like none of the desk's business.
	Outside bool
	// Top are the three best categories, best first.
	Top []Choice
}

// Choice is a category that it may be, with its share.
type Choice struct {
	Category string
	Share    float32
}

// New joins rules and a model. The desk's categories are those of the rules: the mind names no other one. Where the model knows none of
// them but other, the rules decide alone.
func New(rules *classify.Classifier, model *learned.Model) *Mind {
	h := model.Header()
	m := &Mind{rules: rules, model: model, header: h, outside: slices.Index(h.Classes, Outside), other: slices.Index(h.Classes, classify.Other),
		desk: make([]bool, len(h.Classes)), alone: true, keys: rules.Categories()}
	for _, category := range m.keys {
		place := slices.Index(h.Classes, category)
		m.places = append(m.places, place)
		if place >= 0 {
			m.desk[place] = true
			m.alone = m.alone && category == classify.Other
		}
	}
	m.pool.New = func() any {
		return &state{make([]float64, 0, len(m.keys)), make([]float32, len(h.Classes)), make([]float32, 0, len(h.Classes))}
	}
	return m
}

// Prior turns what the rules found into a factor for each class of a model. It is what training needs as well, so
// that thresholds hold what they promise for both together.
func Prior(rules *classify.Classifier, classes []string) func(in classify.Input) []float32 {
	places := make([]int, 0, len(classes))
	for _, category := range rules.Categories() {
		places = append(places, slices.Index(classes, category))
	}
	return func(in classify.Input) []float32 {
		out := make([]float32, len(classes))
		prior(out, places, rules.Scores(nil, in))
		return out
	}
}

// prior sets the factors.
func prior(out []float32, places []int, scores []float64) {
	for c := range out {
		out[c] = 1
	}
	for i, score := range scores {
		if places[i] >= 0 && score != 0 {
			out[places[i]] = float32(math.Exp(min(score, maxScore) / softness))
		}
	}
}

// maxScore bounds what rules can say: a long text with many words is not e times as sure for each of them.
const maxScore = 12

// Judge says what a message is about.
func (m *Mind) Judge(in classify.Input) Opinion {
	f := m.Classify(in)
	out := Opinion{Category: f.Category, Confidence: float32(f.Confidence), Unsure: f.Unsure, Outside: f.Outside}
	for _, t := range f.Top {
		if t.Category != "" {
			out.Top = append(out.Top, Choice{t.Category, float32(t.Score)})
		}
	}
	return out
}

// Classify says what a message is about, as the line asks it. These stand above the model: words that must never be missed, and a
// category of the desk's that the model does not know, as far as the rules find it. What the customer chose himself stands where the model is
// unsure or names nothing of the desk's.
func (m *Mind) Classify(in classify.Input) classify.Finding {
	s := m.pool.Get().(*state)
	defer m.pool.Put(s)
	var f classify.Finding
	f, s.scores = m.rules.Look(s.scores[:0], in)
	if m.alone {
		f.Must = false
		return f
	}
	prior(s.factor, m.places, s.scores)
	s.shares, _ = m.model.Shares(s.shares[:0], in.Subject, in.Text, s.factor)
	best := most(s.shares)
	own := slices.Index(m.keys, f.Category) // of the rules' choice
	if f.Must || f.Category != classify.Other && m.places[own] < 0 {
		f.Top = m.top(s.shares)
		if f.Top[0].Category != f.Category {
			f.Top = [classify.Top]classify.Runner{{Category: f.Category, Score: f.Confidence}}
		}
		f.Model = m.header.Name
		return f
	}
	return m.learned(f, s, in, best)
}

// learned is what the model says, which has looked at the rules' scores. best is its best class, which may be none of the desk's.
func (m *Mind) learned(ruled classify.Finding, s *state, in classify.Input, best int) classify.Finding {
	f := classify.Finding{Model: m.header.Name, Outside: best == m.outside, Unsure: best == m.outside || !m.desk[best] || s.shares[best] < m.header.Thresholds[best]}
	f.Top = m.top(s.shares)
	f.Category, f.Confidence = f.Top[0].Category, f.Top[0].Score
	switch {
	case (f.Unsure || f.Category == classify.Other) && in.Topic != classify.Other && slices.Contains(m.keys, in.Topic):
		f.Category, f.Unsure = in.Topic, f.Outside
		f.Reasons = append(f.Reasons, "chosen by the customer")
	case f.Category == ruled.Category && f.Category != classify.Other:
		f.Reasons, f.Score = ruled.Reasons, ruled.Score
	}
	said := "model " + f.Model + " " + strconv.FormatFloat(f.Confidence, 'f', 2, 64)
	switch {
	case f.Outside:
		said += classify.SaysOutside
	case f.Unsure:
		said += classify.SaysUnsure
	}
	f.Reasons = append(f.Reasons, said)
	return f
}

// most is the place of the greatest share.
func most(shares []float32) (best int) {
	for c, p := range shares {
		if p > shares[best] {
			best = c
		}
	}
	return best
}

// top are the best of the desk's categories. What is outside counts for other.
func (m *Mind) top(shares []float32) (out [classify.Top]classify.Runner) {
	if m.outside >= 0 && m.other >= 0 {
		shares[m.other] += shares[m.outside]
		shares[m.outside] = -1
	}
	for i := range out {
		best := -1
		for c, p := range shares {
			if m.desk[c] && p >= 0 && (best < 0 || p > shares[best]) {
				best = c
			}
		}
		if best < 0 {
			break
		}
		out[i] = classify.Runner{Category: m.header.Classes[best], Score: math.Round(float64(shares[best])*1000) / 1000}
		shares[best] = -1
	}
	return out
}

// Why tells the words that speak most for a category or against it.
func (m *Mind) Why(in classify.Input, category string) []learned.Reason {
	return m.model.Why(in.Subject, in.Text, category)
}
