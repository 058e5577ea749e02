package commands

import (
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/effects"
)

// ReceiptCame says that a provider has said something of a row.
type ReceiptCame struct{ effects.Receipt }

// Needs are the row, and the promises that it keeps.
func (r ReceiptCame) Needs(k *domain.Known) (n domain.Needs) {
	e, ok := k.Named(r.Key, r.Provider)
	if ok {
		if n.Owed(k, e); r.Event == effects.Fail {
			n.Shared(k, e)
		}
		return n
	}
	if r.Key != "" {
		n.Keys = []string{r.Key}
	}
	if r.Provider != "" {
		n.Providers = []string{r.Provider}
	}
	return n
}

// Decide tells the row. The attempt itself may never come to know, so that the promise is settled by the receipt.
func (r ReceiptCame) Decide(d *domain.Draft) error {
	before, ok := d.Named(r.Key, r.Provider)
	if !ok {
		d.Plan.Receipts = append(d.Plan.Receipts, r.Receipt)
		return nil
	}
	e := before
	e.Told(r.Receipt, d.Now)
	if before.Sent.IsZero() && !e.Sent.IsZero() {
		kept(d, e)
	}
	if before.State != e.State {
		unanswered(d, e)
	}
	d.SetEffect(before, e)
	return nil
}

// BounceCame says that a mail of ours came back: what came back went out, so that its promise is kept, by the report's time.
type BounceCame struct {
	Effect int64
	Reason string
	At     time.Time
	Dead   bool // the address is gone for good, in a way that nobody but the mail system there can know of
}

// Needs are the row, and the promises that it keeps.
func (b BounceCame) Needs(k *domain.Known) (n domain.Needs) {
	e, ok := k.Effects[b.Effect]
	if ok {
		n.Owed(k, e)
		n.Shared(k, e)
		return n
	}
	n.Effects = []int64{b.Effect}
	return n
}

// Decide fails the row, and keeps its promise.
func (b BounceCame) Decide(d *domain.Draft) error {
	before, ok := d.Effects[b.Effect]
	e := before
	if !ok || !e.Bounced(b.Reason, b.At, d.Now) {
		return nil
	}
	if before.Sent.IsZero() {
		kept(d, e)
	}
	unanswered(d, e)
	if b.Dead {
		d.Plan.Dead = append(d.Plan.Dead, e.Recipient)
	}
	d.SetEffect(before, e)
	return nil
}
