package classify

// Model gives its opinion on a message. Classifier is one; a learned model is another.
type Model interface {
	Classify(in Input) Finding
}
