package acts

// Guess is a category that a ticket may have, with the queue in which that is worked on. Nobody was sure of it: whoever takes the ticket up says it by one click,
// which is kept as an example.
type Guess struct{ Category, Queue string }
