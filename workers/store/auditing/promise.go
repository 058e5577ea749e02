package auditing

import (
	"fmt"
	"slices"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/sql"
)

// promises: a ticket has one promise of each kind that it deserves, each in one of their states.
// It knows what is deserved only for tickets of this configuration; see deserved.
func (r *auditSliceRows) promises(d auditDelivery, m *auditMessage, k *auditTicket) {
	have := map[string]bool{}
	for i := range k.promises {
		p := &k.promises[i]
		have[p.Kind] = true
		r.sum(m, p)
		if wrong := r.promise(d, p); wrong != "" {
			r.a.find(Finding{Rule: RulePromise, Message: m.id, Ticket: k.id, Detail: "its promise of kind " + p.Kind + " " + wrong})
		}
	}
	if wrong := turns(k.promises); wrong != "" {
		r.a.find(Finding{Rule: RulePromise, Message: m.id, Ticket: k.id, Detail: wrong})
	}
	for _, kind := range r.deserved(d, m, k) {
		if !have[kind] {
			r.a.find(Finding{Rule: RulePromise, Message: m.id, Ticket: k.id, Detail: "it has no promise of kind " + kind})
		}
	}
}

// turns says what is wrong with the promises of replies of one ticket beside each other, or nothing: the turns are numbered, and a next reply is
// never owed beside the one before it.
func turns(all []promises.Promise) string {
	last, owed := int64(0), 0
	for _, p := range all {
		if p.Reply() && p.Settled.IsZero() {
			owed++
		}
		if p.Kind != promises.NextReply {
			continue
		}
		if p.Turn != last+1 {
			return fmt.Sprintf("its turn %d follows turn %d", p.Turn, last)
		}
		last = p.Turn
	}
	if owed > 1 {
		return fmt.Sprintf("%d replies are owed at a time", owed)
	}
	return ""
}

// deserved are the kinds of promise that the ticket must have, as far as that can be told: every
// ticket one of an acknowledgement, be it void; the others as the policy says that decided it.
func (r *auditSliceRows) deserved(d auditDelivery, m *auditMessage, k *auditTicket) []string {
	kinds := []string{promises.Acknowledgement}
	since := r.a.since[d.inbox]
	if r.a.o.Promised == nil || d.imported || since == 0 || d.at < since || k.messages > 1 || m.origin != 0 { // a later message may have raised its priority; a person, split it off
		return kinds
	}
	more, known := r.a.o.Promised(Opened{Inbox: d.inbox, Channel: d.channel, Queue: k.queue, Category: k.category, Priority: k.priority,
		Language: k.language, Config: r.decisions[m.id]})
	if !known {
		return kinds
	}
	return slices.Compact(slices.Sorted(slices.Values(append(kinds, more...))))
}

// promise says what is wrong with one, or nothing.
// The states and times must agree as the machine of promises leaves them; a row that was changed by hand is found
// here.
func (r *auditSliceRows) promise(d auditDelivery, p *promises.Promise) string {
	switch open := p.Open(); {
	case open && !p.Settled.IsZero():
		return "is " + string(p.State) + ", and settled"
	case p.Stands() && !p.Next.IsZero():
		return "stands still, and would be woken"
	case open && p.Next.IsZero() && p.Paused.IsZero():
		return "is " + string(p.State) + ", and nothing would ever wake it"
	case open && !p.Next.IsZero() && sql.Micros(p.Next) < r.a.late:
		return "was to be looked at by " + words(sql.Micros(p.Next)) + ", and was not"
	case !open && !p.Next.IsZero():
		return "is " + string(p.State) + ", and would be woken"
	case p.State == promises.Kept && (p.Settled.IsZero() || p.Settled.After(p.Due) && p.Paused.IsZero()):
		return "is kept, but not by " + words(sql.Micros(p.Due))
	case p.State == promises.Void && p.Cause == "":
		return "is void without a cause"
	case p.Kind == promises.Acknowledgement && sql.Micros(p.Start) != d.at:
		return "counts from " + words(sql.Micros(p.Start)) + ", and its message was received at " + words(d.at)
	}
	return ""
}

func words(us int64) string { return sql.Moment(us).Format("2006-01-02 15:04:05") + " UTC" }

// sum adds a promise to the sums of its kind, and lists it when it is broken.
func (r *auditSliceRows) sum(m *auditMessage, p *promises.Promise) {
	b := &r.a.books
	s := b.Promises[p.Kind]
	s.Made++
	switch p.State {
	case promises.Kept:
		s.Kept++
	case promises.Void:
		if s.Void == nil {
			s.Void = map[string]int64{}
		}
		s.Void[p.Cause]++
	case promises.Broken:
		s.Broken++
		if p.Settled.IsZero() {
			s.Owed++
		}
		if len(b.Broken) < brokenKept {
			b.Broken = append(b.Broken, BrokenPromise{Ticket: p.Ticket, Message: m.id, Kind: p.Kind, DueAt: base.Stamp{Time: p.Due}, SettledAt: base.Stamp{Time: p.Settled}})
		}
	default:
		s.Pending++
	}
	b.Promises[p.Kind] = s
}

// acknowledgement: what is owed was sent, withheld or is on its way, as the promise says; and once.
func (r *auditSliceRows) acknowledgement(m *auditMessage, k *auditTicket) {
	c := &ackChain{r: r, m: m, k: k, rows: r.effects[m.id]}
	i := slices.IndexFunc(k.promises, func(p promises.Promise) bool { return p.Kind == promises.Acknowledgement })
	if i >= 0 {
		c.promise = &k.promises[i]
	}
	c.check()
	c.sum()
}

// ackChain are the rows of one ticket's acknowledgement: the first, and those that went on at other addresses when
// one failed. All are written under the ticket's opening message, in the order of their making.
type ackChain struct {
	r       *auditSliceRows
	m       *auditMessage
	k       *auditTicket
	rows    []auditEffect
	promise *promises.Promise // nil: there is none
	end     auditEffect       // the row that none went on from
}

func (c *ackChain) find(rule Rule, effect int64, format string, args ...any) {
	c.r.a.find(Finding{Rule: rule, Message: c.m.id, Ticket: c.k.id, Effect: effect, Detail: fmt.Sprintf(format, args...)})
}

// check finds the row in which the chain ends: the only one that did not go on at another address. Then each row and
// the promise are held to it.
func (c *ackChain) check() {
	if len(c.rows) == 0 {
		c.find(RuleAcknowledgement, 0, "no acknowledgement was planned, and none withheld")
		return
	}
	ends := slices.DeleteFunc(slices.Clone(c.rows), func(e auditEffect) bool { return e.state == effects.Fallback })
	if len(ends) == 0 {
		c.find(RuleAcknowledgement, c.rows[len(c.rows)-1].id, "it was to go on at another address, and no effect does")
		return
	}
	// One row ends the chain. Two that do not go on are two acknowledgements of one ticket, which RuleTwice forbids.
	if c.end = ends[len(ends)-1]; len(ends) > 1 {
		c.find(RuleTwice, c.end.id, "%d acknowledgements stand side by side", len(ends))
	}
	for _, e := range c.rows {
		if e.ticket != c.k.id {
			c.find(RuleAcknowledgement, e.id, "the effect belongs to ticket %d", e.ticket)
		}
		if c.m.machine() && e.state != effects.Withheld {
			c.find(RuleMachine, e.id, "the message is of kind %s, and its acknowledgement is %s", c.m.kind, e.state)
		}
		c.woken(e)
		c.woken(c.r.covering[e.coveredBy])
	}
	if c.promise != nil {
		c.agrees()
	}
}

// woken: what is to be done is found by those who look for it.
func (c *ackChain) woken(e auditEffect) {
	if (e.state == effects.Due || e.state == effects.Sending) && e.wake == 0 {
		c.find(RuleOverdue, e.id, "the %s is %s, and nothing would ever wake it", e.kind, e.state)
	}
}

// agrees: the promise says what became of the rows.
func (c *ackChain) agrees() {
	p, out := c.promise, c.out() || c.listed()
	void := p.State == promises.Void || p.State == promises.Broken && p.Cause != "" // what was broken already stays so
	switch {
	case !p.Settled.IsZero() && !void && !out:
		c.find(RuleAcknowledgement, c.end.id, "its promise is settled, and nothing went out")
	case p.State == promises.Void && out:
		c.find(RuleAcknowledgement, c.end.id, "its promise is void, and an acknowledgement went out")
	case void && !out && !c.withheld():
		c.find(RuleAcknowledgement, c.end.id, "its promise is void for the cause %s, and the effect is %s", p.Cause, describeEnd(c.end))
	case p.Settled.IsZero() && out:
		c.find(RuleAcknowledgement, c.end.id, "it went out, and its promise is still %s", p.State)
	case p.Open() && !c.pending():
		c.find(RuleAcknowledgement, c.end.id, "it is still owed, the effect is %s, and nothing is on its way", describeEnd(c.end))
	}
}

func describeEnd(e auditEffect) string {
	if e.cause == "" {
		return string(e.state)
	}
	return string(e.state) + " (" + e.cause + ")"
}

// out reports whether any of the rows was handed over, whatever became of it then.
func (c *ackChain) out() bool {
	return slices.ContainsFunc(c.rows, func(e auditEffect) bool {
		return e.sent != 0 || e.state == effects.Sent || e.state == effects.Delivered
	})
}

// capped reports whether the row waits for a digest to list its ticket.
func (e auditEffect) capped() bool {
	return e.state == effects.Withheld && e.cause == causes.SenderCap
}

// listed reports whether a digest that was handed over lists the ticket.
func (c *ackChain) listed() bool {
	return c.end.capped() && c.r.covering[c.end.coveredBy].sent != 0
}

// withheld reports whether the rows say why nothing went out, as the promise does.
func (c *ackChain) withheld() bool {
	switch c.end.state {
	case effects.Withheld:
		return c.end.cause == c.promise.Cause || c.promise.Cause == causes.Erased
	case effects.Failed:
		return !c.end.needsFallback && slices.Contains([]string{causes.NoAddress, causes.NoText, causes.NotTaken, causes.Erased}, c.promise.Cause)
	}
	return false
}

// pending reports whether something is on its way that will settle the promise.
func (c *ackChain) pending() bool {
	switch {
	case c.end.state == effects.Due, c.end.state == effects.Sending:
		return true
	case c.m.erased != 0:
		return true // the erasure is under way: it voids the promise after the effects
	case c.end.state == effects.Failed:
		return c.end.needsFallback
	case c.end.capped() && c.end.coveredBy == 0:
		return c.r.digests[c.end.id]
	case c.end.capped():
		d := c.r.covering[c.end.coveredBy]
		return d.state == effects.Due || d.state == effects.Sending
	}
	return false
}

// sum adds the chain to the sums of acknowledgements: each ticket once, in the first of the places that fits.
func (c *ackChain) sum() {
	s := &c.r.a.books.Acknowledgements
	s.Owed++
	switch {
	case c.out():
		s.Sent++
	case c.listed():
		s.Digest++
	case c.m.erased == 0 && c.pending():
		s.Pending++
	case c.end.state == effects.Withheld:
		s.Withheld[c.end.cause]++
	case len(c.rows) > 0:
		s.Failed++
	}
}
