package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/cmd/frontdesk/bench/histogram"
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
		r.put("sms.max", "50/s: accept to hand-over, longest", "ms", l.handover.Most.Seconds()*1000)
		return nil
	})
}

// waits are the latencies of paced messages: accept from the moment at which a message was due to its answer,
// handover from the answer to the acknowledgement's request at the provider.
type waits struct {
	accept, handover histogram.Histogram
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
	accepted := make([]time.Time, n)
	l, err := beaten(ctx, v, requests, perSecond, enough, func(i int) { accepted[i] = time.Now() })
	w := waits{accept: l.latency}
	if err = errors.Join(err, ctx.Err()); err != nil {
		return w, err
	}
	return w, r.handedOver(ctx, v, &w.handover, numbers, accepted)
}

// beaten posts messages by the clock, so many a second, until ctx ends or there is enough; done hears of each that was accepted. It goes over some
// connections, so that one slow answer does not hold up the beat.
func beaten(ctx context.Context, v *process, requests [][]byte, each int, enough <-chan struct{}, done func(i int)) (l load, err error) {
	const lanes = 16
	own, failed := make([]histogram.Histogram, lanes), make([]error, lanes)
	var wait sync.WaitGroup
	begin := time.Now()
	for lane := range lanes {
		p, err := dialPoster(context.WithoutCancel(ctx), v.HTTP)
		if err != nil {
			return l, err
		}
		p.requests = requests
		wait.Go(func() {
			defer p.Close() // its work is done
			for i := lane; i < len(requests) && failed[lane] == nil; i += lanes {
				due := begin.Add(time.Duration(i) * time.Second / time.Duration(each))
				if !pause(ctx, time.Until(due), enough) {
					return
				}
				if failed[lane] = p.send(i); failed[lane] == nil {
					own[lane].Record(time.Since(due))
					done(i)
				}
			}
		})
	}
	wait.Wait()
	for i := range own {
		l.latency.Merge(&own[i])
	}
	return l, errors.Join(failed...)
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
func (r *run) handedOver(ctx context.Context, v *process, h *histogram.Histogram, numbers []string, accepted []time.Time) error {
	const patience = 90 * time.Second
	deadline := time.Now().Add(patience)
	for i, number := range numbers {
		for !accepted[i].IsZero() { // else it was not sent
			if at, ok := r.provider.taken(number); ok {
				h.Record(max(at.Sub(accepted[i]), 0))
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
