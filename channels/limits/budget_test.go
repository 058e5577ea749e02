package limits

import (
	"sync"
	"testing"
)

func TestABudgetKeepsItsLastForSmallMessages(t *testing.T) {
	const mib = 1 << 20
	b := NewBudget(16*mib, 4*mib)
	var large []*Hold
	for range 4 {
		h := b.Hold()
		if h.Reach(4 * mib) {
			large = append(large, h)
		}
	}
	if len(large) != 3 || b.Held() != 12*mib || b.Refused() != 1 {
		t.Fatalf("%d large ones hold %d bytes, %d refused", len(large), b.Held(), b.Refused())
	}
	fill := b.Hold()
	if !fill.Reach(2*mib) || b.Fits(SmallMessage+1) || !b.Fits(SmallMessage) {
		t.Errorf("with %d bytes held, not just small ones fit", b.Held())
	}
	var small []*Hold
	for range 20 {
		if h := b.Hold(); h.Reach(SmallMessage) {
			small = append(small, h)
		}
	}
	if len(small) != 8 || b.Held() != b.Most() {
		t.Errorf("%d small ones fill it to %d", len(small), b.Held())
	}
	fill.Release()
	if b.Held() != b.Most()-2*mib {
		t.Errorf("after one gave its 2 MiB back, %d of %d bytes are held", b.Held(), b.Most())
	}
	for h := b.Hold(); h.Reach(SmallMessage); h = b.Hold() {
		small = append(small, h)
	}
	if small[0].Reach(SmallMessage + 1) {
		t.Error("a small one grew large in a full budget")
	}
	for _, h := range append(append(large, small...), fill, fill) {
		h.Release()
	}
	if b.Held() != 0 {
		t.Errorf("%d bytes stay held", b.Held())
	}
}

func TestABudgetHasRoomForTheLargestMessage(t *testing.T) {
	b := NewBudget(1, 40<<20)
	if h := b.Hold(); !h.Reach(40<<20 + 512) {
		t.Errorf("a budget of %d has no room for it", b.Most())
	}
	var none *Budget
	if h := none.Hold(); !h.Reach(1<<40) || !none.Fits(1<<40) {
		t.Error("no budget refuses")
	} else {
		h.Release()
	}
}

func TestManyNeverHoldMoreThanTheBudget(t *testing.T) {
	b := NewBudget(1<<20, 1)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 1000 {
				h := b.Hold()
				for n := int64(1); n < 1<<20 && h.Reach(n); n *= 2 {
				}
				h.Release()
			}
		})
	}
	all.Wait()
	if b.Held() != 0 {
		t.Errorf("%d bytes stay held", b.Held())
	}
}
