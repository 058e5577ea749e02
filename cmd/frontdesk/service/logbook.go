package service

import (
	"context"
	"time"
)

const (
	// chainEvery is how soon what was done at the desk stands in the chain of its log, chainMost how much at a time.
	chainEvery = time.Second
	chainMost  = 500
	// cutEvery is how often lines that are old enough are cut off it, cutMost how many in one transaction, during which nothing else is written.
	cutEvery = time.Hour
	cutMost  = 1000
)

// chain goes on with the desk's log until ctx ends. What waits then is gone on with by the next start, or by another process.
func (a *Service) chain(ctx context.Context) {
	tick := time.NewTicker(chainEvery)
	defer tick.Stop()
	var cut time.Time
	for {
		n, err := a.base.Store.Logbook.Chain(ctx, chainMost, time.Now())
		if err != nil && ctx.Err() == nil {
			a.logger.Warn("going on with the desk's log failed; it is tried again", "error", err)
		}
		if err == nil && n == chainMost {
			continue
		}
		if now := time.Now(); now.Sub(cut) >= cutEvery && a.cutLog(ctx, now) {
			cut = now
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// cutLog cuts off the desk's log what is older than it is kept (retention.log), a part at a time; done is false while there is more.
func (a *Service) cutLog(ctx context.Context, now time.Time) (done bool) {
	keep := time.Duration(a.config.Retention.Log)
	if keep <= 0 {
		return true
	}
	n, err := a.base.Store.Logbook.Cut(ctx, now.Add(-keep), cutMost, now)
	if err != nil {
		if ctx.Err() == nil {
			a.logger.Error("the desk's log keeps what is older than retention.log", "error", err)
		}
		return true // an hour later is soon enough to say so again
	}
	return n < cutMost
}
