package auditing

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/blobs"
)

// check audits the slice. All its rows are in memory; it asks nobody, so that a rule is a plain function of them. A
// new rule is called from here.
func (r *auditSliceRows) check() {
	seen := map[int64]bool{}
	for _, id := range r.order {
		d, m := r.delivered[id], r.messages[id]
		r.recorded(d, m)
		if m == nil {
			continue
		}
		r.decided(d, m)
		switch m.state {
		case messages.Duplicate:
			r.copied(m)
		case messages.Ticketed, messages.Appended:
			r.ticketed(d, m, seen)
		default:
			r.quiet(m)
		}
	}
}

// recorded: every delivery is in exactly one of the two tables, with its original.
func (r *auditSliceRows) recorded(d auditDelivery, m *auditMessage) {
	b := &r.a.books
	b.Messages.Recorded++
	f := Finding{Rule: RuleRecorded, Message: d.id, Inbox: d.inbox}
	if older := r.repeated[d.id]; older != 0 {
		f.Detail = fmt.Sprintf("the same delivery is recorded as message %d as well", older)
		r.a.find(f)
	}
	state, open := r.undecided[d.id]
	switch {
	case open && m != nil:
		f.Detail = "it is decided and undecided at the same time"
		r.a.find(f)
	case !open && m == nil:
		f.Detail = "it is recorded, and neither decided nor waiting for its decision: it would never be looked at"
		r.a.find(f)
	}
	if !open {
		return
	}
	if state == messages.Awaiting {
		b.Messages.Awaiting++
	} else {
		b.Messages.InFlight++
	}
	if _, there := r.originals[d.id]; !there {
		r.a.find(Finding{Rule: RuleOriginal, Message: d.id, Inbox: d.inbox, Detail: "it is undecided, and its original is gone: it cannot be decided"})
	}
}

// decided: the original stays as long as it must, the decision is kept. An original whose time is over may be there
// still: expiry runs hourly. A message that is in both tables is counted once, as undecided.
func (r *auditSliceRows) decided(d auditDelivery, m *auditMessage) {
	if _, both := r.undecided[d.id]; !both {
		if m.state == messages.Parked {
			r.a.books.Messages.Parked[m.cause]++
		} else {
			r.a.books.Messages.Decided[string(m.state)]++
		}
		if m.erased != 0 {
			r.a.books.Messages.Erased++
		}
	}
	missing := ""
	switch _, there := r.originals[d.id]; {
	case there:
	case m.state == messages.Parked:
		missing = "it is parked, and its original is gone: it cannot be released"
	case m.expires > r.a.now:
		missing = "its original is gone before its time"
	}
	if missing != "" {
		r.a.find(Finding{Rule: RuleOriginal, Message: d.id, Inbox: d.inbox, Detail: missing})
	}
	if _, kept := r.decisions[d.id]; !kept && !m.parkedAtDoor(d) {
		r.a.find(Finding{Rule: RuleDecision, Message: d.id, Inbox: d.inbox, Detail: "it is " + string(m.state) + ", and what was decided is not kept"})
	}
}

// blobs: a large original lies where its row says. One that is not there may have gone with its row
// meanwhile.
// It looks for the file's presence and does not read it; a sample, or --sealed, opens it.
func (r *auditSliceRows) blobs(ctx context.Context) error {
	for _, id := range r.order {
		blob := r.originals[id]
		if blob == "" {
			continue
		}
		there, err := blobs.Has(ctx, r.a.s.base.Blobs, blob)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		still, err := r.a.s.base.NamesBlob(ctx, id, blob)
		if err != nil {
			return err
		}
		if still {
			r.a.find(Finding{Rule: RuleOriginal, Message: id, Inbox: r.delivered[id].inbox, Detail: "its original is not among the blobs"})
		}
	}
	return nil
}

// parkedAtDoor reports whether the connector parked the message as it was recorded: nobody decided, so there is no
// decision to be kept. Both times are then written by one statement's now.
func (m *auditMessage) parkedAtDoor(d auditDelivery) bool {
	return m.decided == d.recorded && (m.state == messages.Parked || m.state == messages.Dismissed)
}

// copied: a copy points to the first of its kind.
func (r *auditSliceRows) copied(m *auditMessage) {
	state, there := r.firsts[m.copyOf]
	f := Finding{Rule: RuleCopy, Message: m.id}
	switch {
	case m.copyOf == 0 || !there:
		f.Detail = fmt.Sprintf("it is a copy of message %d, which is not there", m.copyOf)
	case m.copyOf == m.id, state == messages.Duplicate:
		f.Detail = fmt.Sprintf("it is a copy of message %d, which is a copy itself", m.copyOf)
	default:
		r.quiet(m)
		return
	}
	r.a.find(f)
}

// quiet: what opened no ticket is not acknowledged.
func (r *auditSliceRows) quiet(m *auditMessage) {
	for _, e := range r.effects[m.id] {
		r.a.find(Finding{Rule: RuleMachine, Message: m.id, Ticket: e.ticket, Effect: e.id,
			Detail: "it is " + string(m.state) + ", and an acknowledgement of it is " + string(e.state)})
	}
}

// ticketed: the ticket is there, whole, and has what it deserves.
func (r *auditSliceRows) ticketed(d auditDelivery, m *auditMessage, seen map[int64]bool) {
	r.unique(m)
	k := r.tickets[m.ticket]
	if m.ticket == 0 || k == nil {
		r.a.find(Finding{Rule: RuleTicket, Message: m.id, Ticket: m.ticket, Inbox: d.inbox, Detail: "it is " + string(m.state) + ", and its ticket is not there"})
		return
	}
	if !seen[k.id] {
		seen[k.id] = true
		r.counted(k, m)
	}
	if m.state == messages.Appended {
		r.quiet(m)
		return
	}
	r.a.books.Tickets++
	r.promises(d, m, k)
	r.acknowledgement(m, k)
}

// unique: no two messages of one content stand side by side.
// content_keys has one message for each content; a message that opened or continued a ticket must be that one, or its
// copy would open a second.
func (r *auditSliceRows) unique(m *auditMessage) {
	if first, known := r.contents[m.content]; m.content != "" && known && first != m.id {
		r.a.find(Finding{Rule: RuleCopy, Message: m.id, Ticket: m.ticket, Detail: fmt.Sprintf("it has the content of message %d, and is no copy of it", first)})
	} else if m.content != "" && !known {
		r.a.find(Finding{Rule: RuleCopy, Message: m.id, Ticket: m.ticket, Detail: "its content is not known any more: a copy of it would be a second ticket"})
	}
}

// counted: a ticket was opened once, and counts its messages.
func (r *auditSliceRows) counted(k *auditTicket, m *auditMessage) {
	f := Finding{Rule: RuleTicket, Message: m.id, Ticket: k.id}
	if k.opening != 1 {
		f.Detail = fmt.Sprintf("%d messages opened it", k.opening)
		r.a.find(f)
	}
	if k.messages != k.opening+k.appended {
		f.Detail = fmt.Sprintf("it counts %d messages, and has %d", k.messages, k.opening+k.appended)
		r.a.find(f)
	}
}

// machine reports whether it is never acknowledged.
func (m *auditMessage) machine() bool { return slices.Contains(screen.Machines(), screen.Kind(m.kind)) }
