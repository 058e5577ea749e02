package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// perSecond is the load under which latencies are measured: a busy desk's, far below what the line can do, so that
// nothing queues by itself.
const perSecond = 50

// latencies measures, at fifty messages a second, from the answer to the webhook to the
// acknowledgement's request at the provider. The beat does not wait for answers (an open loop): a
// stall of the service delays what comes meanwhile, as it would in life, and counts.
func latencies(ctx context.Context, r *run) error {
	return r.with(ctx, false, func(v *process) error {
		who := newCustomers(0)
		if _, err := r.paced(ctx, v, who, r.count(50, 100)); err != nil {
			return err
		}
		l, err := r.pacedProfiled(ctx, v, who, r.count(400, 3000), "sms")
		if err != nil {
			return err
		}
		r.latency("sms.accept.", "50/s: webhook answered, ", &l.accept)
		r.latency("sms.", "50/s: accept to hand-over, ", &l.handover)
		r.put("sms.max", "50/s: accept to hand-over, longest", "ms", l.handover.most.Seconds()*1000)
		return nil
	})
}

// waits are the latencies of paced messages: accept from the moment at which a message was due to its answer,
// handover from the answer to the acknowledgement's request at the provider.
type waits struct {
	accept, handover histogram
}

func (r *run) pacedProfiled(ctx context.Context, v *process, who *customers, n int, name string) (l waits, err error) {
	err = r.profiled(ctx, v, name, func() error {
		l, err = r.paced(ctx, v, who, n)
		return err
	})
	return l, err
}

// paced sends n messages of new customers at the beat, and waits until each is acknowledged.
func (r *run) paced(ctx context.Context, v *process, who *customers, n int) (waits, error) {
	return r.pacedUntil(ctx, v, who, n, nil)
}

// pacedUntil is paced, and ends early when enough is closed. Latencies count from the beat, not from the sending: a
// lane that was late because of a slow answer would else hide that slowness (coordinated omission).
func (r *run) pacedUntil(ctx context.Context, v *process, who *customers, n int, enough <-chan struct{}) (waits, error) {
	r.provider.forget()
	requests, numbers := who.firsts(n)
	const lanes = 16 // connections, so that one slow answer does not hold up the beat
	posters := make([]*poster, lanes)
	for i := range posters {
		p, err := dialPoster(ctx, v.HTTP)
		if err != nil {
			return waits{}, err
		}
		defer p.Close() // its work is done
		p.requests = requests
		posters[i] = p
	}
	accepted, failed := make([]time.Time, n), make([]error, lanes)
	var w waits
	var mu sync.Mutex
	var wait sync.WaitGroup
	begin := time.Now()
	for lane, p := range posters {
		wait.Go(func() {
			var own histogram
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				w.accept.merge(&own)
			}()
			for i := lane; i < n && ctx.Err() == nil; i += lanes {
				due := begin.Add(time.Duration(i) * time.Second / perSecond)
				if !pause(ctx, time.Until(due), enough) {
					return
				}
				if failed[lane] = p.send(i); failed[lane] != nil {
					return
				}
				accepted[i] = time.Now()
				own.record(accepted[i].Sub(due))
			}
		})
	}
	wait.Wait()
	for _, err := range append(failed, ctx.Err()) {
		if err != nil {
			return w, err
		}
	}
	return w, r.handedOver(ctx, v, &w.handover, numbers, accepted)
}

// pause waits for the beat, and reports false when there is enough.
func pause(ctx context.Context, d time.Duration, enough <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-enough:
		return false
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// handedOver waits until the provider has a message for each number. The provider notes when each came, so looking
// late costs no accuracy.
func (r *run) handedOver(ctx context.Context, v *process, h *histogram, numbers []string, accepted []time.Time) error {
	const patience = 90 * time.Second
	deadline := time.Now().Add(patience)
	for i, number := range numbers {
		for !accepted[i].IsZero() { // else it was not sent
			if at, ok := r.provider.taken(number); ok {
				h.record(max(at.Sub(accepted[i]), 0))
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("waiting for acknowledgements: %w; %d of %d have come: %s", errStuck, i, len(numbers), v.errs)
			}
			select {
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// firsts are first messages of n new customers: each is owed an acknowledgement.
func (c *customers) firsts(n int) (requests [][]byte, numbers []string) {
	for range n {
		customer := c.first + c.known
		c.known++
		c.serial++
		requests = append(requests, c.smsOf(customer))
		numbers = append(numbers, phoneOf(customer))
	}
	return requests, numbers
}
