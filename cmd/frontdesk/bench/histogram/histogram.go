// Package histogram counts latencies.
package histogram

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

// Histogram counts latencies in buckets whose width grows with the value, as HDR histograms do: its
// size does not depend on how much is recorded, and its error is a fixed part of the figure. The unit
// is a microsecond. The zero Histogram is empty. It is not safe for concurrent use: each connection
// has its own, and they are merged.
type Histogram struct {
	counts []uint64
	Total  uint64        // how many were recorded
	Most   time.Duration // the longest one
}

// Record counts one latency, in constant time and mostly without a new byte.
func (h *Histogram) Record(d time.Duration) {
	i := bucket(uint64(max(d.Microseconds(), 0)))
	if i >= len(h.counts) {
		h.counts = append(h.counts, make([]uint64, i+1-len(h.counts))...)
	}
	h.counts[i]++
	h.Total++
	h.Most = max(h.Most, d)
}

// Merge adds what another one has counted; it is exact, since both have the same buckets.
func (h *Histogram) Merge(o *Histogram) {
	if len(o.counts) > len(h.counts) {
		h.counts = append(h.counts, make([]uint64, len(o.counts)-len(h.counts))...)
	}
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.Total += o.Total
	h.Most = max(h.Most, o.Most)
}

// Quantile is the latency that the part q of all stays at or below, 0 when nothing was recorded.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.Total == 0 {
		return 0
	}
	rank := min(max(uint64(math.Ceil(q*float64(h.Total))), 1), h.Total)
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return min(time.Duration(top(i))*time.Microsecond, h.Most)
		}
	}
	return h.Most
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
