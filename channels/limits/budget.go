// Package limits bounds what those who hand messages over may hold of memory, and notices who is slow.
package limits

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/channels/guard"
)

// Budget is memory, in bytes, that all who take messages in share, so that many large ones at once are
// told to come back instead of filling the machine. Its last eighth is for small messages alone: they
// get through while large ones are refused. Messages that come slowly make room for others, by whichever door
// they come. A nil Budget has no end.
type Budget struct {
	// most never changes. held and refused are atomic, since every buffer that grows touches them; mu guards the rest.
	most    int64
	held    atomic.Int64
	refused atomic.Int64

	mu     sync.Mutex
	yields map[*Hold]*receiving
	begun  int64 // messages so far
}

// receiving is a message that is being received.
type receiving struct {
	Yielder
	nth  int64 // by begin
	told bool  // that it has to go
}

// SmallMessage is the size in bytes up to which a message may take the last of a budget.
const SmallMessage = 256 << 10

// fastMessage is at how many bytes a second a message is not slow, whatever others do.
const fastMessage = 1 << 20

// Yielder is a message that is being received, as the door sees it by which it comes. Its methods are called from any
// goroutine and wait for nobody.
type Yielder interface {
	// Who is its client, whose share it counts in; invalid where it counts in nobody's.
	Who() netip.Addr
	// Pace is how many bytes a second have come, 0 for a message that stands still, and whether it may have to
	// make room yet.
	Pace(now time.Time) (perSecond float64, late bool)
	// GiveWay ends it: whoever receives it releases what it holds at once. False when it came to its end before.
	GiveWay() bool
}

// NewBudget makes a budget of so many bytes, in which one message of the largest size finds room.
func NewBudget(most, largest int64) *Budget {
	return &Budget{most: max(most, largest+largest/4+32<<10), yields: map[*Hold]*receiving{}}
}

// Most is how much there is.
func (b *Budget) Most() int64 { return b.most }

// Held is how much is taken now.
func (b *Budget) Held() int64 { return b.held.Load() }

// Refused is how often there was not enough.
func (b *Budget) Refused() int64 { return b.refused.Load() }

// Hold begins one message. It holds nothing yet.
func (b *Budget) Hold() *Hold { return &Hold{b: b} }

// Fits reports whether a message of that size would find room just now, be it that slow ones went for it; if not, it
// counts as refused.
func (b *Budget) Fits(size int64) bool {
	if b == nil {
		return true
	}
	over := b.held.Load() + size - b.limit(size)
	if over <= 0 || over <= total(b.slow(nil, anybody, time.Now())) {
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

// slowly is one message that comes slowly.
type slowly struct {
	*receiving
	// pace is in bytes a second, bytes what it holds now.
	pace  float64
	bytes int64
}

// total is what they hold together.
func total(of []slowly) (bytes int64) {
	for _, s := range of {
		bytes += s.bytes
	}
	return bytes
}

// anybody is every client, also one without an address.
var anybody netip.Prefix

// within reports whether a client is one of these.
func within(who netip.Addr, of netip.Prefix) bool {
	return of == anybody || of.Contains(who.Unmap().WithZone(""))
}

// slow are the messages of some clients that come slowly, but for one's own, the slowest first and of equals the oldest.
func (b *Budget) slow(but *Hold, of netip.Prefix, now time.Time) (out []slowly) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for h, r := range b.yields {
		if pace, late := r.Pace(now); h != but && !r.told && late && within(r.Who(), of) && pace < fastMessage {
			out = append(out, slowly{r, pace, h.n.Load()})
		}
	}
	slices.SortFunc(out, func(x, y slowly) int { return cmp.Or(cmp.Compare(x.pace, y.pace), cmp.Compare(x.nth, y.nth)) })
	return out
}

// going is how much those of some clients hold who were told to go and have not gone yet.
func (b *Budget) going(of netip.Prefix) (bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for h, r := range b.yields {
		if r.told && within(r.Who(), of) {
			bytes += h.n.Load()
		}
	}
	return bytes
}

// clear tells slow messages of some clients to go, until so many bytes become free; false when nothing would come of it, and then nobody has to go.
func (b *Budget) clear(but *Hold, of netip.Prefix, bytes int64) bool {
	going := b.going(of)
	bytes -= going
	if bytes <= 0 {
		return true
	}
	victims := enough(b.slow(but, of, time.Now()), bytes)
	for _, v := range victims {
		b.mu.Lock()
		v.told = true
		b.mu.Unlock()
		v.GiveWay()
	}
	return len(victims) > 0 || going > 0
}

// enough are the slowest that have so many bytes together, without those that are not needed for it beside the others; nil where all
// have not.
func enough(of []slowly, bytes int64) (out []slowly) {
	sum := int64(0)
	for i := 0; i < len(of) && sum < bytes; i++ {
		out, sum = append(out, of[i]), sum+of[i].bytes
	}
	if sum < bytes {
		return nil
	}
	for i, o := range slices.Backward(out) {
		if sum-o.bytes >= bytes {
			sum -= o.bytes
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

// Hold is what one message has of a budget. Its methods are for one goroutine at a time.
type Hold struct {
	// n is what the message holds. It is atomic, since others read it to see what they would gain.
	b *Budget
	n atomic.Int64
}

// Yields says that the message is being received, so that it may have to make room for others until Whole or Release.
func (h *Hold) Yields(y Yielder) {
	if h.b != nil {
		h.b.mu.Lock()
		defer h.b.mu.Unlock()
		h.b.begun++
		h.b.yields[h] = &receiving{Yielder: y, nth: h.b.begun}
	}
}

// Whole says that the message is here: it makes room for nobody any more.
func (h *Hold) Whole() {
	if h.b != nil {
		h.b.mu.Lock()
		defer h.b.mu.Unlock()
		delete(h.b.yields, h)
	}
}

// How long a message waits for the room of slower ones, and how often it looks.
const (
	pressWithin = 500 * time.Millisecond
	pressStep   = 5 * time.Millisecond
)

// Press takes what is missing to hold size bytes in all. Where there is not enough, as many of the slowest messages that are
// being received go for it as that takes, within half a second; false, and nothing is taken, when they would not be
// enough: that counts as refused, and nobody has to go.
func (h *Hold) Press(size int64) bool {
	over := func() (int64, netip.Prefix) { return h.b.held.Load() + size - h.n.Load() - h.b.limit(size), anybody }
	return h.press(func() bool { return h.Try(size) }, over) || h.Reach(size)
}

// Share takes n more of a client's share, as Press does: where it is used up, slow messages of the same client go.
func (h *Hold) Share(s *guard.Shares, who netip.Addr, n int64) bool {
	return h.press(func() bool { return s.Take(who, n) }, func() (int64, netip.Prefix) { return s.Over(who, n) })
}

// press tries, tells slow messages to go, and tries again in small steps: those told need a moment to let go.
func (h *Hold) press(try func() bool, over func() (bytes int64, of netip.Prefix)) bool {
	for end := time.Now().Add(pressWithin); !try(); time.Sleep(pressStep) {
		bytes, of := over()
		if h.b == nil || bytes > 0 && !h.b.clear(h, of, bytes) || time.Now().After(end) {
			return false
		}
	}
	return true
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
	more := size - h.n.Load()
	if h.b == nil || more <= 0 {
		return true
	}
	if h.b.held.Add(more) > h.b.limit(size) {
		h.b.held.Add(-more)
		return false
	}
	h.n.Store(size)
	return true
}

// Release gives everything back. It may be called more than once.
func (h *Hold) Release() {
	if h.b != nil {
		h.Whole()
		h.b.held.Add(-h.n.Swap(0))
	}
}
