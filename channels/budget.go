package channels

import "sync/atomic"

// Budget is memory, in bytes, that all who take messages in share, so that many large ones at once are
// told to come back instead of filling the machine. Its last eighth is for small messages alone: they
// get through while large ones are refused. A nil Budget has no end.
type Budget struct {
	most    int64
	held    atomic.Int64
	refused atomic.Int64
}

// SmallMessage is the size in bytes up to which a message may take the last of a budget.
const SmallMessage = 256 << 10

// NewBudget makes a budget of so many bytes, in which one message of the largest size finds room.
func NewBudget(most, largest int64) *Budget {
	return &Budget{most: max(most, largest+largest/4+32<<10)}
}

// Most is how much there is.
func (b *Budget) Most() int64 { return b.most }

// Held is how much is taken now.
func (b *Budget) Held() int64 { return b.held.Load() }

// Refused is how often there was not enough.
func (b *Budget) Refused() int64 { return b.refused.Load() }

// Hold begins one message. It holds nothing yet.
func (b *Budget) Hold() *Hold { return &Hold{b: b} }

// Fits reports whether a message of that size would find room just now; if not, it counts as refused.
func (b *Budget) Fits(size int64) bool {
	if b == nil || b.held.Load()+size <= b.limit(size) {
		return true
	}
	b.refused.Add(1)
	return false
}

// limit is up to where a message of that size may fill the budget.
func (b *Budget) limit(size int64) int64 {
	if size <= SmallMessage {
		return b.most
	}
	return b.most - b.most/8
}

// Hold is what one message has of a budget. It is not safe for concurrent use.
type Hold struct {
	b *Budget
	n int64
}

// Reach takes what is missing to hold size bytes in all; false, and nothing is taken, when there is not
// enough: that counts as refused.
func (h *Hold) Reach(size int64) bool {
	if h.Try(size) {
		return true
	}
	h.b.refused.Add(1)
	return false
}

// Try is Reach for who will try again.
func (h *Hold) Try(size int64) bool {
	more := size - h.n
	if h.b == nil || more <= 0 {
		return true
	}
	if h.b.held.Add(more) > h.b.limit(size) {
		h.b.held.Add(-more)
		return false
	}
	h.n = size
	return true
}

// Shrink gives back what is held beyond size bytes.
func (h *Hold) Shrink(size int64) {
	if h.b != nil && h.n > size {
		h.b.held.Add(size - h.n)
		h.n = size
	}
}

// Release gives everything back. It may be called more than once.
func (h *Hold) Release() {
	if h.b != nil {
		h.b.held.Add(-h.n)
		h.n = 0
	}
}
