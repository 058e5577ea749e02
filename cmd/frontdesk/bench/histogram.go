package bench

import (
	"math"
	"math/bits"
	"time"
)

// subBuckets is how finely an octave is divided: a figure is off by at most one part in 128.
const (
	subBits    = 7
	subBuckets = 1 << subBits
)

// histogram counts latencies in buckets whose width grows with the value, as HDR histograms do: its
// size does not depend on how much is recorded, and its error is a fixed part of the figure. The unit
// is a microsecond. The zero histogram is empty. It is not safe for concurrent use: each connection
// has its own, and they are merged.
type histogram struct {
	counts []uint64
	total  uint64
	most   time.Duration
}

// record counts one latency, in constant time and mostly without a new byte.
func (h *histogram) record(d time.Duration) {
	i := bucket(uint64(max(d.Microseconds(), 0)))
	if i >= len(h.counts) {
		h.counts = append(h.counts, make([]uint64, i+1-len(h.counts))...)
	}
	h.counts[i]++
	h.total++
	h.most = max(h.most, d)
}

// merge adds what another one has counted; it is exact, since both have the same buckets.
func (h *histogram) merge(o *histogram) {
	if len(o.counts) > len(h.counts) {
		h.counts = append(h.counts, make([]uint64, len(o.counts)-len(h.counts))...)
	}
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
	h.most = max(h.most, o.most)
}

// quantile is the latency that the part q of all stays at or below, 0 when nothing was recorded.
func (h *histogram) quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := min(max(uint64(math.Ceil(q*float64(h.total))), 1), h.total)
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return min(time.Duration(top(i))*time.Microsecond, h.most)
		}
	}
	return h.most
}

// bucket is the place of a value: below subBuckets each value has its own, above them each octave
// has subBuckets of equal width.
func bucket(v uint64) int {
	if v < subBuckets {
		return int(v)
	}
	octave := bits.Len64(v) - subBits - 1
	return (octave+1)<<subBits + int(v>>octave) - subBuckets
}

// top is the greatest value of a bucket.
func top(i int) uint64 {
	if i < subBuckets {
		return uint64(i)
	}
	octave := i>>subBits - 1
	return uint64(i&(subBuckets-1)+subBuckets+1)<<octave - 1
}
