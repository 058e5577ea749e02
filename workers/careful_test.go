package workers

import (
	"context"
	"testing"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
	"frontdesk/workers/engine"
)

func TestAClaimThatCannotBeTakenBackIsNoDeath(t *testing.T) {
	r := newRig(t)
	id := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138001", Text: payment, Files: map[string]string{"a.txt": "a file"}}))[0]
	r.database(`CREATE TRIGGER stuck BEFORE UPDATE ON undecided WHEN new.claims < old.claims BEGIN SELECT RAISE(ABORT, 'the database is away'); END`)
	again := engine.Work{Kind: engine.Process, IDs: []int64{id}, Again: true}
	r.blobs.failNext(maxClaims + 2)
	for range maxClaims + 2 {
		if err := r.processor.Handle(t.Context(), again); err == nil {
			t.Fatal("a message was decided without its file")
		}
	}
	r.must(r.processor.Handle(t.Context(), again))
	r.same("states", []string{"ticketed"}, r.states(id))
}

// holding is a decoder that waits in one message.
type holding struct {
	letters
	in, on chan struct{}
}

func (h holding) Decode(d channels.Delivery) (message.Message, error) {
	if d.Key == "k1" {
		close(h.in)
		<-h.on
	}
	return h.letters.Decode(d)
}

func TestOnlyTheMessageUnderWorkIsClaimed(t *testing.T) {
	r := newRig(t)
	ids := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138001", Text: payment}), r.delivery("hotline", "k2", letter{From: "+8613800138002", Text: payment}))
	h := holding{in: make(chan struct{}), on: make(chan struct{})}
	r.processor.decoders = map[string]channels.Decoder{"hotline": h}
	done := make(chan error, 2)
	handle := func(id int64) {
		done <- r.processor.Handle(t.Context(), engine.Work{Kind: engine.Process, IDs: []int64{id}, Again: true})
	}
	go handle(ids[0])
	<-h.in
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := r.processor.Handle(ctx, engine.Work{Kind: engine.Process, IDs: ids[1:], Again: true}); err == nil {
		t.Error("a message was worked on beside another one")
	}
	pending, err := r.store.Undecided(t.Context(), ids)
	r.must(err)
	r.same("claims", []int{1, 0}, []int{pending[0].Claims, pending[1].Claims})
	go handle(ids[1])
	close(h.on)
	r.must(<-done)
	r.must(<-done)
	r.same("states", []string{"ticketed", "ticketed"}, r.states(ids...))
}
