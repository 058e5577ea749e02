package commands

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
)

// SendEnded says how an attempt to send a claimed outbox row has ended.
type SendEnded struct {
	ID         int64
	Attempt    int           // whose end it is, as claimed; 0 where that is not known
	State      effects.State // Sent, Delivered, Failed, Withheld, or Due to try again
	ProviderID string        // for mail its Message-ID without brackets
	Next       time.Time     // when to try again, for Due
	Code       string        // provider's code or our cause
	Detail     string        // words for a person; no address, no text
	PartsDone  int
	Unknown    bool // no answer: it may have been done
	// Words is what was handed over, or may have been, sealed for Attempt; nil for nothing.
	Words []byte
	// Fallback is the row that goes on at another address; the state becomes effects.Fallback.
	Fallback *effects.Plan
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
	outcomeRetry   = "retry"
)

// Took reports whether the provider has it.
func (o SendEnded) Took() bool { return o.State == effects.Sent || o.State == effects.Delivered }

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
		return string(effects.Fallback)
	case o.Unknown:
		return OutcomeUnknown
	case o.State == effects.Due:
		return outcomeRetry
	}
	return string(o.State)
}

// Needs are the row, what was said of it before it was known, and the promises that it keeps or makes void.
func (o SendEnded) Needs(k *domain.Known) (n domain.Needs) {
	e, ok := k.Effects[o.ID]
	if !ok {
		n.Effects = []int64{o.ID}
		return n
	}
	n.Early = []domain.EarlyNeed{{Effect: e.ID, Key: e.Key, Provider: cmp.Or(o.ProviderID, e.Provider)}}
	if o.Took() || o.Void != "" || len(k.Early[e.ID]) > 0 || e.Kind == effects.KindReply {
		n.Owed(k, e)
	}
	if !o.Took() || len(k.Early[e.ID]) > 0 {
		n.Shared(k, e)
	}
	return n
}

// Decide writes the attempt, and what it makes of the row and its promises.
func (o SendEnded) Decide(d *domain.Draft) error {
	before, ok := d.Effects[o.ID]
	if !ok {
		return nil
	}
	e := before
	attempted(d, e, o)
	if o.ProviderID != "" {
		e.Provider = o.ProviderID
	}
	e.Parts = max(e.Parts, o.PartsDone)
	if o.Dead {
		d.Plan.Dead = append(d.Plan.Dead, e.Recipient)
	}
	if o.OptedOut { // to the same state whatever the recipient has said before, so that this need not be known
		if err := heed(d, contacts.Address{Key: e.Recipient}, contacts.Stop); err != nil {
			return err
		}
	}
	if o.Attempt > 0 && o.Attempt < e.Attempts && !o.Took() { // its claim has run out, and the row is a later attempt's
		e.Unknown = e.Unknown || o.Unknown
	} else {
		e.Unknown = o.Unknown
		end(d, &e, o)
	}
	for _, r := range d.Early[e.ID] {
		sent := e.Sent
		if e.Told(r, d.Now); sent.IsZero() && !e.Sent.IsZero() {
			kept(d, e)
		}
		unanswered(d, e)
	}
	delete(d.Early, e.ID)
	d.SetEffect(before, e)
	return nil
}

// attempted notes the attempt. Of an erased person nothing comes back.
func attempted(d *domain.Draft, e effects.Effect, o SendEnded) {
	a := domain.Attempt{Effect: e.ID, N: cmp.Or(o.Attempt, e.Attempts), Outcome: o.outcome(), Code: o.Code, Detail: o.Detail, Words: o.Words}
	if e.Erased {
		a.Words = nil
	}
	d.Plan.Attempts = append(d.Plan.Attempts, a)
}

// end is what the end of the row's own attempt makes of it.
func end(d *domain.Draft, e *effects.Effect, o SendEnded) {
	switch {
	case e.State == effects.Fallback || e.State == effects.Withheld:
	case o.Took():
		sent(d, e, o)
	case o.Fallback != nil:
		e.FellBack(o.Code)
		d.Plan.Fallbacks = append(d.Plan.Fallbacks, domain.Fallback{Of: *e, Row: o.Fallback})
	case e.Took(): // a receipt has said meanwhile that it went out
	case o.State == effects.Due:
		next := o.Next
		if next.IsZero() {
			next = d.Now
		}
		e.Retried(next, cmp.Or(o.Code, o.Detail))
	default:
		over(d, e, o)
	}
}

// sent is a row that the provider has taken.
func sent(d *domain.Draft, e *effects.Effect, o SendEnded) {
	e.HandedOver(o.State == effects.Delivered, d.Now)
	if !o.Ask.IsZero() && e.State == effects.Sent {
		d.Plan.Checks = append(d.Plan.Checks, domain.Check{Effect: e.ID, At: o.Ask})
	}
	kept(d, *e)
}

// over ends a row without success.
func over(d *domain.Draft, e *effects.Effect, o SendEnded) {
	e.Ended(o.State == effects.Withheld, o.Code, o.Detail)
	unanswered(d, *e)
	switch {
	case e.Kind == effects.KindAcknowledgement && o.Void != "":
		d.StepAcknowledgement(e.Ticket, withdrawing(o.Void, d.Now))
	case e.Kind == effects.KindDigest && o.Void != "": // what it would have kept is withheld for its cause from now on
		d.Plan.Covers = append(d.Plan.Covers, domain.CoverChange{Digest: e.ID, Cause: o.Void})
		for _, c := range d.Covered[e.ID] {
			if c.State == effects.Withheld {
				d.StepAcknowledgement(c.Ticket, withdrawing(o.Void, d.Now))
			}
		}
	case e.Kind == effects.KindDigest: // another one may cover it
		d.Plan.Covers = append(d.Plan.Covers, domain.CoverChange{Digest: e.ID, Free: true})
	}
}

// replied settles the replies that were owed. What the customer wrote while the answer was under way is owed one from now on.
func replied(d *domain.Draft, e effects.Effect) {
	root := d.Root(e.Ticket)
	before := d.Item(root)
	var since time.Time
	if before.State == desk.Waiting {
		since = before.Since
	}
	d.StepWhole(root, func(p promises.Promise) (promises.Promise, bool) { return promises.OnReply(p, since, e.Sent) })
	if !since.IsZero() {
		recall(d, root)
	}
	d.SetDesk(before, d.Owing(before))
}

// recall makes the newest promise of a reply count again, where no other is owed: see promises.OnRecall.
func recall(d *domain.Draft, ticket int64) {
	if newest, owed := d.Newest(ticket); !owed && newest.Kind != "" {
		d.Step(newest.Key(), func(p promises.Promise) (promises.Promise, bool) { return promises.OnRecall(p, d.Now) })
	}
}

// kept settles what was promised and is sent by this row, by the time at which it was.
func kept(d *domain.Draft, e effects.Effect) {
	done := func(p promises.Promise) (promises.Promise, bool) { return p.Done(e.Sent) }
	switch e.Kind {
	case effects.KindAcknowledgement:
		d.StepAcknowledgement(e.Ticket, done)
	case effects.KindReply:
		replied(d, e)
	case effects.KindDigest:
		for _, c := range d.Covered[e.ID] {
			d.StepAcknowledgement(c.Ticket, done)
		}
	}
}
