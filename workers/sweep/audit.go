package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"frontdesk/workers"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
)

// Beats of the service's own audit.
const (
	auditLease   = "audit"
	auditWithin  = 30 * time.Minute // the lease of one audit: it is all that a crash leaves behind
	auditLook    = time.Minute      // how often a process looks whether an audit is due
	auditWhole   = 24 * time.Hour   // how often everything is audited
	auditOverlap = 50 * time.Hour   // how far before the last clean audit the next one begins: effects are tried for two days
	auditNamed   = 10               // ids of each sort that the warning names
	auditRests   = 19               // how long it rests after a slice, in times of what that took: it takes a twentieth of one core
	auditRest    = 10 * time.Second // at most
)

// Audit lets the service make its own books: every so often those of what was recorded since the last clean audit,
// once a day those of everything. Of several processes one does it. What it found lies in the database, where the
// gauges of every process read it.
type Audit struct {
	store    *store.Store
	holder   string
	every    time.Duration
	promised func(auditing.Opened) ([]string, bool)
	logger   *slog.Logger
}

// NewAudit joins it to a store. holder names this process; promised tells which promises a ticket deserves, see
// auditing.AuditOptions.
func NewAudit(s *store.Store, holder string, every time.Duration, promised func(auditing.Opened) ([]string, bool), logger *slog.Logger) *Audit {
	return &Audit{store: s, holder: holder, every: every, promised: promised, logger: logger}
}

// Run audits until ctx ends, the first time after a while: a start has other things to do.
func (a *Audit) Run(ctx context.Context) {
	for workers.Sleep(ctx, min(auditLook, a.every)) {
		if err := a.once(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.logger.Error("auditing failed", "error", err)
		}
	}
}

// once audits if it is time, and no other process is at it.
func (a *Audit) once(ctx context.Context, now time.Time) error {
	if last, err := a.store.Auditing.LastAudit(ctx); err != nil || now.Sub(last.At) < a.every {
		return err
	}
	held, err := a.store.Service.Lease(ctx, auditLease, a.holder, now, auditWithin)
	if err != nil || !held {
		return err
	}
	defer func() {
		if err := a.store.Service.ReleaseLease(context.WithoutCancel(ctx), auditLease, a.holder); err != nil {
			a.logger.Warn("releasing lease failed", "lease", auditLease, "error", err)
		}
	}()
	last, err := a.store.Auditing.LastAudit(ctx) // another process may have been faster
	if err != nil || now.Sub(last.At) < a.every {
		return err
	}
	return a.audit(ctx, last, now)
}

// As long as no audit was clean every one is of everything, so that a fault is not forgotten because it grew old.
func (a *Audit) audit(ctx context.Context, last auditing.AuditMark, now time.Time) error {
	o := auditing.AuditOptions{Promised: a.promised, Rest: a.rest(now)}
	whole := last.Clean.IsZero() || now.Sub(last.Whole) >= auditWhole
	if !whole {
		o.From = last.Clean.Add(-auditOverlap)
	}
	began := time.Now()
	books, err := a.store.Auditing.Audit(ctx, o, now)
	if err != nil {
		return err
	}
	mark := auditing.AuditMark{At: now, Clean: last.Clean, Whole: last.Whole, Took: time.Since(began), Found: books.Found}
	if whole {
		mark.Whole = now
	}
	if books.Clean() {
		mark.Clean = now
	} else {
		a.warn(books)
	}
	return a.store.Auditing.MarkAudit(ctx, mark, now)
}

// rest has an audit leave the machine to those who work, and keeps its lease meanwhile. now is when it was taken.
func (a *Audit) rest(now time.Time) func(context.Context, time.Duration) error {
	began, kept := time.Now(), time.Duration(0)
	return func(ctx context.Context, took time.Duration) error {
		if !workers.Sleep(ctx, min(auditRests*took, auditRest)) {
			return ctx.Err()
		}
		since := time.Since(began)
		if since-kept < auditWithin/3 {
			return nil
		}
		kept = since
		held, err := a.store.Service.Lease(ctx, auditLease, a.holder, now.Add(since), auditWithin)
		if err == nil && !held {
			err = errors.New("another process audits since this one stood still")
		}
		return err
	}
}

// warn names the places where a sum does not hold; 'frontdesk audit' says all about them.
func (a *Audit) warn(b auditing.Books) {
	var messages, tickets, effects []int64
	note := func(to *[]int64, id int64) {
		if id != 0 && len(*to) < auditNamed {
			*to = append(*to, id)
		}
	}
	rules := map[auditing.Rule]int64{}
	for _, f := range b.Findings {
		if !f.Warning() {
			rules[f.Rule] = b.Found[f.Rule]
			note(&messages, f.Message)
			note(&tickets, f.Ticket)
			note(&effects, f.Effect)
		}
	}
	a.logger.Warn("the audit found sums that do not hold; 'frontdesk audit' names them", "findings", b.Errors(), "rules", fmt.Sprint(rules),
		"messages", fmt.Sprint(messages), "tickets", fmt.Sprint(tickets), "effects", fmt.Sprint(effects))
}
