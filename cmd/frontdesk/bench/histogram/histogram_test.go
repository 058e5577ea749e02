package histogram

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestEveryValueIsInItsBucket(t *testing.T) {
	for _, v := range []uint64{0, 1, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 1 << 20, 1<<20 + 1, 1<<36 - 1} {
		i := bucket(v)
		if top(i) < v || i > 0 && top(i-1) >= v {
			t.Errorf("%d is in bucket %d, which holds %d to %d", v, i, top(i-1)+1, top(i))
		}
	}
}

func TestBucketsFollowEachOther(t *testing.T) {
	for i := 1; i < 3000; i++ {
		if top(i) <= top(i-1) {
			t.Fatalf("bucket %d ends at %d, the one before at %d", i, top(i), top(i-1))
		}
		if bucket(top(i)) != i || bucket(top(i-1)+1) != i {
			t.Fatalf("bucket %d does not hold its own ends", i)
		}
	}
}

func TestQuantilesAreThoseOfTheSortedValues(t *testing.T) {
	var h Histogram
	var all []float64
	dice := rand.New(rand.NewPCG(2026, 3))
	for range 20_000 {
		ms := math.Exp(dice.NormFloat64()) * 3
		all = append(all, ms)
		h.Record(time.Duration(ms * float64(time.Millisecond)))
	}
	slices.Sort(all)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999, 1} {
		got, want := h.Quantile(q).Seconds()*1000, all[int(math.Ceil(q*float64(len(all))))-1]
		if math.Abs(got-want) > want/100+0.002 {
			t.Errorf("the %g quantile is %g ms, want about %g", q, got, want)
		}
	}
}

func TestMergedHistogramsAreOne(t *testing.T) {
	var a, b, both Histogram
	for i := range 1000 {
		d := time.Duration(i*i) * time.Microsecond
		both.Record(d)
		if i%3 == 0 {
			a.Record(d)
		} else {
			b.Record(d)
		}
	}
	a.Merge(&b)
	for _, q := range []float64{0, 0.5, 0.99, 1} {
		if got, want := a.Quantile(q), both.Quantile(q); got != want {
			t.Errorf("the %g quantile is %s, want %s", q, got, want)
		}
	}
}

func TestAnEmptyHistogramHasNoLatency(t *testing.T) {
	if got := new(Histogram).Quantile(0.99); got != 0 {
		t.Errorf("the quantile of nothing is %s", got)
	}
}
