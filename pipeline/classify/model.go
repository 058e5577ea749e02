package classify

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
