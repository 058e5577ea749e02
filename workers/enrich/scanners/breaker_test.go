package scanners

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// prober answers as it is told, after that time.
type prober struct {
	asked atomic.Int64
	fails atomic.Bool
	takes time.Duration
}

func (p *prober) Probe(ctx context.Context) (string, error) {
	p.asked.Add(1)
	select {
	case <-time.After(p.takes):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if p.fails.Load() {
		return "", errors.New("away")
	}
	return "here", nil
}

func tripped(p *prober) *Breaker {
	b := NewBreaker(p, nil)
	for range breakAfter {
		b.Done(false)
	}
	return b
}

func TestABreakerOpensAfterFailuresInARow(t *testing.T) {
	b := NewBreaker(&prober{}, nil)
	for range breakAfter - 1 {
		b.Done(false)
	}
	b.Done(true)
	b.Done(false)
	if b.Open() || !b.Ask(t.Context()) {
		t.Error("a success between failures does not count")
	}
	for range breakAfter {
		b.Done(false)
	}
	if !b.Open() || b.Ask(t.Context()) {
		t.Error("it is asked though it failed again and again")
	}
}

func TestAnOpenBreakerIsClosedByOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &prober{}
		b := tripped(p)
		time.Sleep(firstPause - time.Nanosecond)
		if b.Ask(t.Context()) || p.asked.Load() != 0 {
			t.Error("it was probed within the pause")
		}
		time.Sleep(time.Nanosecond)
		if !b.Ask(t.Context()) || b.Open() || p.asked.Load() != 1 {
			t.Error("a probe that succeeds does not close it")
		}
		b.Done(false)
		if b.Open() {
			t.Error("one failure after a probe opened it again")
		}
	})
}

func TestThePauseGrowsWithEachProbeThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &prober{}
		p.fails.Store(true)
		b := tripped(p)
		for _, pause := range []time.Duration{5, 10, 20, 40, 60, 60} {
			asked := p.asked.Load()
			time.Sleep(pause*time.Second - time.Nanosecond)
			if b.Ask(t.Context()) || p.asked.Load() != asked {
				t.Errorf("probed before %v s were over", int(pause))
			}
			time.Sleep(time.Nanosecond)
			if b.Ask(t.Context()) || p.asked.Load() != asked+1 {
				t.Errorf("not probed after %v s", int(pause))
			}
		}
	})
}

func TestOneCallerProbesAndNobodyElseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &prober{takes: time.Hour}
		b := tripped(p)
		time.Sleep(firstPause)
		var all sync.WaitGroup
		start := time.Now()
		var waited [10]time.Duration
		for i := range waited {
			all.Go(func() {
				if b.Ask(t.Context()) {
					t.Error("a probe that hangs closed it")
				}
				waited[i] = time.Since(start)
			})
		}
		all.Wait()
		long := 0
		for _, w := range waited {
			switch w {
			case probePatience:
				long++
			case 0:
			default:
				t.Errorf("a caller waited %v", w)
			}
		}
		if long != 1 || p.asked.Load() != 1 {
			t.Errorf("%d callers waited and %d probed, want one", long, p.asked.Load())
		}
	})
}

func TestACallerWhoGivesUpLeavesTheNextProbeToAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &prober{takes: time.Second}
		b := tripped(p)
		time.Sleep(firstPause)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if b.Ask(ctx) {
			t.Error("it closed without an answer")
		}
		if !b.Ask(t.Context()) {
			t.Error("the next caller's probe did not close it")
		}
	})
}
