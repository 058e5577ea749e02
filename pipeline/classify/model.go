package classify

// Model gives its opinion on a message. Classifier is one; a learned model is another.
type Model interface {
	Classify(in Input) Finding
}

// Combination asks models in turn.
type Combination struct {
	// Sure is the confidence from which a model's finding is taken without asking the next one.
	Sure   float64
	Models []Model
}

// Classify returns the first finding that is sure of a category, else the most confident one that
// names a category, else the first model's abstention.
func (c Combination) Classify(in Input) Finding {
	best := Finding{Category: Other}
	for i, m := range c.Models {
		f := m.Classify(in)
		switch {
		case f.Category != Other && f.Confidence >= c.Sure:
			return f
		case i == 0, f.Category != Other && (best.Category == Other || f.Confidence > best.Confidence):
			best = f
		}
	}
	return best
}
