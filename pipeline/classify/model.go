package classify

import "slices"

// How a reason of a finding ends that is Unsure, and that is Outside: a trace is kept as words, and replay reads them there.
const (
	SaysUnsure  = ", unsure"
	SaysOutside = ", none of the desk's business"
)

// Model gives its opinion on a message. Classifier is one; a learned model is another.
// It must be pure, since replay decides again with it, and may be called by several at a time.
type Model interface {
	Classify(in Input) Finding
}

// Seconded is the finding with the category that somebody else has named who was asked because nobody was sure. A finding that is sure stays as it is, and with it
// words that must never be missed; so does one of which he, too, says that it is none of the categories.
func (f Finding) Seconded(category, by string) Finding {
	if !f.Unsure || f.Must || category == Other || category == "" {
		return f
	}
	f.Category, f.Unsure, f.Outside = category, false, false
	f.Reasons = append(slices.Clone(f.Reasons), "second opinion of "+by+": "+category)
	return f
}
