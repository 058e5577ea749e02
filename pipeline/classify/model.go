package classify

// Model gives its opinion on a message. Classifier is one; a learned model is another.
// It must be pure, since replay decides again with it, and may be called by several at a time.
type Model interface {
	Classify(in Input) Finding
}
