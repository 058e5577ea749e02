package worldtest

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// dice are the random choices of one actor. Each actor has dice of its own, so that what one of them
// does leaves the choices of the others as they are.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed uint64, actor string) *dice {
	h := fnv.New64a()
	h.Write([]byte(actor))
	return &dice{r: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// chance is true with that probability.
func (d *dice) chance(p float64) bool {
	if p <= 0 {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Float64() < p
}

// n is a number from 0 to n-1.
func (d *dice) n(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// between is a time from a to b, in whole milliseconds.
func (d *dice) between(a, b time.Duration) time.Duration {
	if b <= a {
		return a
	}
	return a + time.Duration(d.n(int((b-a)/time.Millisecond)))*time.Millisecond
}

func pick[T any](d *dice, from ...T) T { return from[d.n(len(from))] }
