package deliver

import (
	"maps"
	"sync/atomic"

	"frontdesk/channels"
)

// wayOut is one kind of way out by inbox. A way can be exchanged while it is used: who has taken the old one goes on with it.
type wayOut[T any] struct {
	now atomic.Pointer[map[string]T]
}

func newWayOut[T any](by map[string]T) *wayOut[T] {
	o := &wayOut[T]{}
	o.now.Store(&by)
	return o
}

// get is an inbox's way; nothing where it has none.
func (o *wayOut[T]) get(inbox string) T { return (*o.now.Load())[inbox] }

// put exchanges some of the ways. One goroutine at a time may do so.
func (o *wayOut[T]) put(some map[string]T) {
	next := maps.Clone(*o.now.Load())
	if next == nil {
		next = map[string]T{}
	}
	maps.Copy(next, some)
	o.now.Store(&next)
}

// Renew exchanges the ways out of those inboxes that out names, by senders, markers and media. What is under way goes on by the old
// ones. One goroutine at a time may call it.
func (d *Deliverer) Renew(out Outlets) {
	d.senders.put(out.Senders)
	d.markers.put(out.Markers)
	d.media.put(out.Media)
}

// Renew exchanges senders that can be asked. One goroutine at a time may call it.
func (c *Checks) Renew(senders map[string]channels.Sender) { c.tracers.put(tracersOf(senders)) }

func tracersOf(senders map[string]channels.Sender) map[string]channels.Tracer {
	out := map[string]channels.Tracer{}
	for inbox, sender := range senders {
		if t, ok := sender.(channels.Tracer); ok {
			out[inbox] = t
		}
	}
	return out
}
