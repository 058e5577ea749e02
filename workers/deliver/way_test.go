package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/workers/engine"
)

func TestARowIsClaimedOnlyWhenItsTurnHasCome(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	var ids []int64
	for i := range AtOnce + 4 {
		ids = append(ids, r.Opened("hotline", fmt.Sprint("k", i), letter{From: fmt.Sprintf("+86138001380%02d", i), Text: payment}).Effects[0].ID)
	}
	states := func() map[string]int {
		count := map[string]int{}
		for _, id := range ids {
			count[r.Effect(id).State]++
		}
		return count
	}
	var n atomic.Int64
	full, looked := make(chan struct{}), make(chan struct{})
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		if n.Add(1) == AtOnce {
			close(full)
		}
		<-looked
		return wellDone(ctx, key, out)
	})
	go func() {
		<-full
		r.Same("while all slots are taken", map[string]int{"sending": AtOnce, "due": 4}, states())
		close(looked)
	}()
	r.deliver(d, ids...)
	r.Same("afterwards", map[string]int{"sent": len(ids)}, states())
}

// TestWhatWasBegunHereIsNotLookedForAgain when the task in the queue tells of it, too; unless it could not be
// begun, was handed back, or long after.
func TestWhatWasBegunHereIsNotLookedForAgain(t *testing.T) {
	r := newRig(t)
	sends, handsBack := 0, false
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		if sends++; handsBack {
			return channels.Receipt{}, &channels.Error{Op: "sending", Class: channels.Throttled, Err: errors.New("too many")}
		}
		return wellDone(ctx, key, out)
	})
	d := r.deliverer()
	ids := []int64{r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment}).Effects[0].ID}
	begin := func() {
		d.Begin(t.Context(), engine.Task{Kind: engine.Deliver, Inbox: "hotline", IDs: ids})
		d.lanes.extra.Wait()
	}
	r.Database(`ALTER TABLE outbox RENAME TO away`)
	begin()
	r.Database(`ALTER TABLE away RENAME TO outbox`)
	r.deliver(d, ids...)
	r.Same("the queue's task, when beginning here failed", 1, sends)
	again := func() { r.Database(`UPDATE outbox SET state = 'due', next_at = due_at`) }
	again()
	begin()
	r.Same("begun here", 2, sends)
	again()
	r.deliver(d, ids...)
	r.Same("the queue's task, when it was begun here", 2, sends)
	r.Pass(toldFor)
	r.deliver(d, ids...)
	r.Same("a task long after", 3, sends)
	handsBack = true
	again()
	begin()
	handsBack = false
	r.Database(`UPDATE outbox SET next_at = due_at`)
	r.deliver(d, ids...)
	r.Same("the queue's task, when what was begun here was handed back", 5, sends)
	d.Stop()
	begin()
	r.Same("told of here after the stop", 0, len(d.told.since))
}

// TestAProcessThatStoodStillDoesNotRunIntoItself: its claim ran out while it was sending, and as it wakes
// a task for the same row is there already.
func TestAProcessThatStoodStillDoesNotRunIntoItself(t *testing.T) {
	r := newRig(t)
	sends := 0
	var d *Deliverer
	var id int64
	r.senders["hotline"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		if sends++; sends == 1 {
			r.Pass(claimFor + time.Second)
			r.deliver(d, id)
		}
		return wellDone(ctx, key, out)
	})
	d = r.deliverer()
	s := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	id = s.Effects[0].ID
	r.deliver(d, id)
	r.Same("sends", 1, sends)
	r.Same("row", "sent", r.Effect(id).State)
	r.Same("tries", []string{"sent"}, r.tries(s.Message.ID, id))
	r.Same("what is under way", 0, len(d.inFlight.ids))
}

// TestABacklogHoldsNoLaneOfTheEngine: however many tasks of a slow inbox there are, another one's go out.
func TestABacklogHoldsNoLaneOfTheEngine(t *testing.T) {
	r := newRig(t)
	d := r.deliverer()
	release := make(chan struct{})
	r.senders["support"] = sendFunc(func(ctx context.Context, key string, out channels.Outbound) (channels.Receipt, error) {
		<-release
		return wellDone(ctx, key, out)
	})
	r.senders["hotline"] = sendFunc(wellDone)
	var slow []int64
	for i := range AtOnce + 24 {
		slow = append(slow, r.Opened("support", fmt.Sprint("m", i), letter{From: fmt.Sprintf("p%d@example.com", i), Text: payment}).Effects[0].ID)
	}
	var lanes sync.WaitGroup
	returned := make(chan struct{}, len(slow))
	for _, id := range slow {
		lanes.Go(func() {
			if err := d.Handle(t.Context(), engine.Work{Kind: engine.Deliver, IDs: []int64{id}, Inbox: "support"}); err != nil {
				t.Error(err)
			}
			returned <- struct{}{}
		})
	}
	for range len(slow) - laneTasks {
		<-returned
	}
	quick := r.Opened("hotline", "k", letter{From: "+8613800138000", Text: payment}).Effects[0].ID
	r.Must(d.Handle(t.Context(), engine.Work{Kind: engine.Deliver, IDs: []int64{quick}, Inbox: "hotline"}))
	r.Same("the other inbox's", "sent", r.Effect(quick).State)
	close(release)
	lanes.Wait()
	d.Stop()
	sent := 0
	for _, id := range slow {
		if r.Effect(id).State == "sent" {
			sent++
		}
	}
	if sent < laneTasks {
		t.Errorf("%d of the slow ones went out, want those of %d tasks at least", sent, laneTasks)
	}
}
