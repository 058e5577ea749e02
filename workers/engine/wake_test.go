package engine

import (
	"context"
	"testing"
	"time"
)

// TestProcessesOfAnInstallationWakeEachOther, not themselves and nobody else's, as soon as messages are enqueued.
func TestProcessesOfAnInstallationWakeEachOther(t *testing.T) {
	engines := shared(t, Config{Installation: "aaaa"}, Config{Installation: "aaaa"}, Config{Installation: "bbbb"})
	type wake struct {
		who  int
		bulk bool
	}
	heard := make(chan wake, 100)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for i, e := range engines {
		go e.Listen(ctx, func(bulk bool) { heard <- wake{i, bulk} })
	}
	for n := int64(1); ; n++ { // until the second one has subscribed
		ring(t, engines[0], Task{Kind: Process, IDs: []int64{n}})
		select {
		case w := <-heard:
			if w != (wake{who: 1}) {
				t.Fatalf("%+v was woken, want the other process of the installation, for live messages", w)
			}
		case <-time.After(10 * time.Millisecond):
			continue
		}
		break
	}
	ring(t, engines[0], Task{Kind: Deliver, IDs: []int64{1}})
	ring(t, engines[0], Task{Kind: Process, IDs: []int64{1000}, Bulk: true})
	for w := range heard {
		if w.who != 1 {
			t.Errorf("process %d was woken", w.who)
		}
		if w.bulk {
			break
		}
	}
}

func TestNobodyListensToARedisThatNobodyElseReaches(t *testing.T) {
	e, err := StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	alone := newEngine(t, e.Client())
	alone.Listen(t.Context(), func(bool) { t.Error("woken") }) // returns
	ring(t, alone, Task{Kind: Process, IDs: []int64{1}})
}
