// Package training makes learned models from labelled messages, and from messages without a label.
// The same messages and the same seed give the same model, on any machine and with any number of cores.
package training

import "time"

// Example is one message to learn from.
type Example struct {
	Subject string
	Text    string
	At      time.Time // when it was labelled, or came; zero where nobody noted it. Train looks at it not at all
	Label   string    // empty where nobody has labelled it
	// Tuned says that what is known beforehand (Options.Prior) was made with this message. It teaches, but it measures
	// nothing: what is said of it flatters.
	Tuned bool
}
