package acts

// Perhaps is another ticket of the same customer, which may be about the same problem as the one that is shown. What text says is too little to
// merge them without a person; who looks does it with one click, and can take it back.
type Perhaps struct {
	Other        int64
	Subject      string
	Newer, Older int64 // which of the two is merged into which
}
