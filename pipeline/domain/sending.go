package domain

import (
	"cmp"
	"slices"
	"time"
)

// SendEnded says how an attempt to send a claimed outbox row has ended.
type SendEnded struct {
	ID         int64
	Attempt    int         // whose end it is, as claimed; 0 where that is not known
	State      EffectState // EffectSent, EffectDelivered, EffectFailed, EffectWithheld, or EffectDue to try again
	ProviderID string      // for mail its Message-ID without brackets
	Next       time.Time   // when to try again, for EffectDue
	Code       string      // provider's code or our cause
	Detail     string      // words for a person; no address, no text
	PartsDone  int
	Unknown    bool // no answer: it may have been done
	// Words is what was handed over, or may have been, sealed for Attempt; nil for nothing.
	Words []byte
	// Fallback is the row that goes on at another address; the state becomes EffectFallback.
	Fallback *EffectPlan
	// Ask is when the provider is to be asked whether it arrived, if it has not said so by then; zero: never.
	Ask      time.Time
	Refused  bool   // the provider refuses us, whoever the recipient is
	Dead     bool   // the address takes nothing any more
	OptedOut bool   // the recipient said STOP
	Void     string // cause with which the acknowledgement's promise, or those that a digest covers, are void, when nobody can be reached
}

// Outcomes of an attempt beside the states of a row.
const (
	OutcomeUnknown = "unknown" // the provider gave no answer: it may have been done
	OutcomeRetry   = "retry"
)

// Took reports whether the provider has it.
func (o SendEnded) Took() bool { return o.State == EffectSent || o.State == EffectDelivered }

// SortEnds brings the ends of one row into the order in which they count: what was sent is sent, else the later attempt knows.
func SortEnds(ends []SendEnded) {
	slices.SortStableFunc(ends, func(a, b SendEnded) int {
		if a.Took() != b.Took() {
			return map[bool]int{true: -1, false: 1}[a.Took()]
		}
		return cmp.Compare(b.Attempt, a.Attempt)
	})
}

func (o SendEnded) outcome() string {
	switch {
	case o.Fallback != nil:
		return string(EffectFallback)
	case o.Unknown:
		return OutcomeUnknown
	case o.State == EffectDue:
		return OutcomeRetry
	}
	return string(o.State)
}

// Needs are the row, what was said of it before it was known, and the promises that it keeps or makes void.
func (o SendEnded) Needs(k *Known) (n Needs) {
	e, ok := k.Effects[o.ID]
	if !ok {
		n.Effects = []int64{o.ID}
		return n
	}
	n.Early = []EarlyNeed{{e.ID, e.Key, cmp.Or(o.ProviderID, e.Provider)}}
	if o.Took() || o.Void != "" || len(k.Early[e.ID]) > 0 {
		n.add(e.owed(k))
	}
	return n
}

// owed are the promises that the row keeps when it is sent.
func (e Effect) owed(k *Known) (n Needs) {
	switch e.Kind {
	case KindAcknowledgement:
		n.Acknowledgements = []int64{e.Ticket}
	case KindDigest:
		n.Covered = []int64{e.ID}
		for _, c := range k.Covered[e.ID] {
			n.Acknowledgements = append(n.Acknowledgements, c.Ticket)
		}
	}
	return n
}

func (n *Needs) add(more Needs) {
	n.Acknowledgements = append(n.Acknowledgements, more.Acknowledgements...)
	n.Covered = append(n.Covered, more.Covered...)
}

func (o SendEnded) decide(d *deciding) error {
	before, ok := d.Effects[o.ID]
	if !ok {
		return nil
	}
	e := before
	d.attempted(e, o)
	if o.ProviderID != "" {
		e.Provider = o.ProviderID
	}
	e.Parts = max(e.Parts, o.PartsDone)
	if o.Dead {
		d.plan.Dead = append(d.plan.Dead, e.Recipient)
	}
	if o.OptedOut {
		d.plan.OptedOut = append(d.plan.OptedOut, e.Recipient)
	}
	if o.Attempt > 0 && o.Attempt < e.Attempts && !o.Took() { // its claim has run out, and the row is a later attempt's
		e.Unknown = e.Unknown || o.Unknown
	} else {
		e.Unknown = o.Unknown
		d.end(&e, o)
	}
	for _, r := range d.Early[e.ID] {
		sent := e.Sent
		if e.told(r, d.now); sent.IsZero() && !e.Sent.IsZero() {
			d.kept(e)
		}
	}
	delete(d.Early, e.ID)
	d.setEffect(before, e)
	return nil
}

// attempted notes the attempt. Of an erased person nothing comes back.
func (d *deciding) attempted(e Effect, o SendEnded) {
	a := Attempt{e.ID, cmp.Or(o.Attempt, e.Attempts), o.outcome(), o.Code, o.Detail, o.Words}
	if e.Erased {
		a.Words = nil
	}
	d.plan.Attempts = append(d.plan.Attempts, a)
}

// end is what the end of the row's own attempt makes of it.
func (d *deciding) end(e *Effect, o SendEnded) {
	switch {
	case e.State == EffectFallback || e.State == EffectWithheld:
	case o.Took():
		d.sent(e, o)
	case o.Fallback != nil:
		e.after(FallBack)
		e.close()
		e.LastError = o.Code
		d.plan.Fallbacks = append(d.plan.Fallbacks, Fallback{*e, o.Fallback})
	case e.Took(): // a receipt has said meanwhile that it went out
	case o.State == EffectDue:
		e.after(Retry)
		next := o.Next
		if next.IsZero() {
			next = d.now
		}
		e.Next, e.Wake, e.LastError = next, next, cmp.Or(o.Code, o.Detail)
	default:
		d.over(e, o)
	}
}

// sent is a row that the provider has taken. Where it has said meanwhile that it will never arrive, it was handed over all the
// same, as if that word had come a moment later.
func (d *deciding) sent(e *Effect, o SendEnded) {
	if e.Sent.IsZero() {
		e.Sent = d.now
	}
	on := HandOver
	if o.State == EffectDelivered {
		on = Deliver
	}
	e.after(on)
	if e.State != EffectFailed {
		e.close()
		e.LastError = ""
		if !o.Ask.IsZero() && e.State == EffectSent {
			d.plan.Checks = append(d.plan.Checks, Check{e.ID, o.Ask})
		}
	}
	d.kept(*e)
}

// over ends a row without success.
func (d *deciding) over(e *Effect, o SendEnded) {
	on := Fail
	if o.State == EffectWithheld {
		on = Withhold
	}
	e.after(on)
	e.close()
	e.Cause, e.LastError = o.Code, o.Detail
	withdraw := func(p Promise) (Promise, bool) { return p.Withdrawn(o.Void, d.now) }
	switch {
	case e.Kind == KindAcknowledgement && o.Void != "":
		d.acknowledgement(e.Ticket, withdraw)
	case e.Kind == KindDigest && o.Void != "": // what it would have kept is withheld for its cause from now on
		d.plan.Covers = append(d.plan.Covers, CoverChange{Digest: e.ID, Cause: o.Void})
		for _, c := range d.Covered[e.ID] {
			if c.State == EffectWithheld {
				d.acknowledgement(c.Ticket, withdraw)
			}
		}
	case e.Kind == KindDigest: // another one may cover it
		d.plan.Covers = append(d.plan.Covers, CoverChange{Digest: e.ID, Free: true})
	}
}

// kept settles what was promised and is sent by this row, by the time at which it was.
func (d *deciding) kept(e Effect) {
	done := func(p Promise) (Promise, bool) { return p.Done(e.Sent) }
	switch e.Kind {
	case KindAcknowledgement:
		d.acknowledgement(e.Ticket, done)
	case KindDigest:
		for _, c := range d.Covered[e.ID] {
			d.acknowledgement(c.Ticket, done)
		}
	}
}

// Receipt is what a provider says of a row by itself.
type Receipt struct {
	ID            int64 // under which it is kept where no row waits for it
	Inbox         string
	Key, Provider string // names of the row; one may be empty
	Event         EffectHappening
	Reason        string
	At            time.Time
}

// ReceiptCame says that a provider has said something of a row.
type ReceiptCame struct{ Receipt }

// Needs are the row, and the promises that it keeps.
func (r ReceiptCame) Needs(k *Known) (n Needs) {
	e, ok := k.effect(r.Key, r.Provider)
	if ok {
		return e.owed(k)
	}
	if r.Key != "" {
		n.Keys = []string{r.Key}
	}
	if r.Provider != "" {
		n.Providers = []string{r.Provider}
	}
	return n
}

// The attempt itself may never come to know, so that the promise is settled by the receipt.
func (r ReceiptCame) decide(d *deciding) error {
	before, ok := d.effect(r.Key, r.Provider)
	if !ok {
		d.plan.Receipts = append(d.plan.Receipts, r.Receipt)
		return nil
	}
	e := before
	e.told(r.Receipt, d.now)
	if before.Sent.IsZero() && !e.Sent.IsZero() {
		d.kept(e)
	}
	d.setEffect(before, e)
	return nil
}

// CauseBounced is why a row has failed whose mail came back.
const CauseBounced = "bounced"

// BounceCame says that a mail of ours came back: what came back went out, so that its promise is kept, by the report's time.
type BounceCame struct {
	Effect int64
	Reason string
	At     time.Time
	Dead   bool // the address is gone for good, in a way that nobody but the mail system there can know of
}

// Needs are the row, and the promises that it keeps.
func (b BounceCame) Needs(k *Known) (n Needs) {
	e, ok := k.Effects[b.Effect]
	if ok {
		return e.owed(k)
	}
	n.Effects = []int64{b.Effect}
	return n
}

func (b BounceCame) decide(d *deciding) error {
	before, ok := d.Effects[b.Effect]
	e := before
	if !ok || e.State == EffectFailed || !e.after(Fail) {
		return nil
	}
	e.close()
	e.Cause, e.Unknown = CauseBounced, false
	if e.Sent.IsZero() {
		e.Sent = notLater(b.At, d.now)
		d.kept(e)
	}
	e.failed(b.Reason, d.now)
	if b.Dead {
		d.plan.Dead = append(d.plan.Dead, e.Recipient)
	}
	d.setEffect(before, e)
	return nil
}
