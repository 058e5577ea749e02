package storetest

import (
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/commit"
	desks "frontdesk/workers/store/desk"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/splitting"
)

// sketched is a question about who says something, with a sketch of it.
func sketched(from message.Address, proven bool) pipeline.Asks {
	return pipeline.Asks{From: from.Identity(), Recipient: from.Identity(), Proven: proven, Trusted: proven, Sketch: []byte("sketch")}
}

// remembers is what is known of what somebody said lately: each message with its ticket, and whether he was told of it.
func (d *desk) remembers(from message.Address, proven bool) (out []string) {
	d.t.Helper()
	q := sketched(from, proven)
	f := d.facts(q)
	for _, s := range f.Said[q.Speaker(f.Owners[from.Identity()])] {
		if f.Tickets[s.Ticket] == nil {
			d.t.Errorf("ticket %d of message %d is not known", s.Ticket, s.Message)
		}
		out = append(out, fmt.Sprintf("%d in %d, told %t: %s", s.Message, s.Ticket, s.Told, s.Sketch))
	}
	return out
}

// said opens a ticket with a message that has a sketch.
func (d *desk) said(key string, from message.Address, change func(*pipeline.Plan)) pipeline.Plan {
	d.t.Helper()
	dec := d.opening(d.pending(d.record(item("hotline", key, "Where is my refund?"))...)[0], from)
	dec.Plan.Row.Sketch = []byte(key)
	if change != nil {
		change(&dec.Plan)
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan
}

func claims(p *pipeline.Plan) {
	p.Row.Proven, p.Ticket.Open.Claimed, p.Contact.Add = false, true, nil
}

// saidAgain: what somebody has said is known when he says something again: a proven person by whatever address, anyone else by the very
// address that he names. It goes where its message goes, and goes with it.
func saidAgain(d *desk) {
	ann, other := phone(1), phone(2)
	first := d.said("k1", ann, func(p *pipeline.Plan) {
		p.Contact.Add = append(p.Contact.Add, contacts.Claim{Address: other, Verified: true})
	})
	claim := d.said("k2", phone(3), claims)
	held := d.said("k3", phone(4), func(p *pipeline.Plan) { p.Effects[0].Cause = causes.AddressFailed })
	line := func(p pipeline.Plan, key string, told bool) string {
		return fmt.Sprintf("%d in %d, told %t: %s", p.Message, p.Ticket.ID, told, key)
	}
	for name, c := range map[string]struct {
		got, want []string
	}{
		"by the address that he wrote from":     {d.remembers(ann, true), []string{line(first, "k1", true)}},
		"by another one of his":                 {d.remembers(other, true), []string{line(first, "k1", true)}},
		"in his name, without proof":            {d.remembers(ann, false), nil},
		"in the same unproven name":             {d.remembers(phone(3), false), []string{line(claim, "k2", true)}},
		"by whoever proves that name":           {d.remembers(phone(3), true), nil},
		"where the acknowledgement was held":    {d.remembers(phone(4), true), []string{line(held, "k3", false)}},
		"by somebody who has said nothing here": {d.remembers(phone(9), false), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			d.t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}

	more := d.following(d.pending(d.record(item("hotline", "k4", "And?"))...)[0], first, 1, 1)
	more.Plan.Row.Proven, more.Plan.Row.Sketch, more.Pending.At = true, []byte("k4"), more.Pending.At.Add(time.Second)
	more.Plan.Ticket.Because = "near-copy"
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{more}, d.now))
	d.same("the newest first", []string{line(more.Plan, "k4", false), line(first, "k1", true)}, d.remembers(ann, true))
	d.same("why it was added", "near-copy", d.because(first.Ticket.ID, more.Plan.Message))
	fresh := d.splits(wang, first.Ticket.ID, splitting.Chosen{Messages: []int64{more.Plan.Message}})
	d.same("what was split off lies where it lies", []string{fmt.Sprintf("%d in %d, told false: k4", more.Plan.Message, fresh), line(first, "k1", true)}, d.remembers(ann, true))
	d.same("and nobody is told there why it was added", "", d.because(fresh, more.Plan.Message))
	_, err := d.Splitting.Undo(d.ctx, wang, fresh, d.now)
	d.must(err)

	who, err := d.Erasure.PersonAt(d.ctx, ann.Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("after an erasure the others are left", []string{fmt.Sprint(claim.Message), fmt.Sprint(held.Message)}, d.texts(`SELECT CAST(message AS text) FROM sketches WHERE message > $1 ORDER BY message`, 0))
	_, err = d.Files.Expire(d.ctx, d.now.Add(31*24*time.Hour), 100)
	d.must(err)
	d.same("after a month nothing is", 0, len(d.texts(`SELECT speaker FROM sketches WHERE message > $1`, 0)))
}

// because is why a message was added to a ticket, as its page says.
func (d *desk) because(ticket, message int64) string {
	d.t.Helper()
	lines, _, err := d.Desk.Timeline(d.ctx, wang, ticket, desks.Mark{}, 50)
	d.must(err)
	for _, l := range lines {
		if l.Message != nil && l.ID == message {
			return l.Message.Because
		}
	}
	d.t.Errorf("message %d is not in ticket %d", message, ticket)
	return ""
}

// saidTakenOut: what is taken out of a ticket is decided anew, and known as decided then.
func saidTakenOut(d *desk) {
	first := d.said("k1", phone(1), nil)
	more := d.following(d.pending(d.record(item("hotline", "k2", "And?"))...)[0], first, 1, 1)
	more.Plan.Row.Proven, more.Plan.Row.Sketch = true, []byte("k2")
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{more}, d.now))
	d.same("both", 2, len(d.remembers(phone(1), true)))
	d.must(d.Acts.TakeOut(d.ctx, more.Plan.Message, d.now, "li"))
	d.same("the one that is left", 1, len(d.remembers(phone(1), true)))
	d.clean()
}

// saidMuch: the newest of much that somebody said are looked at, and what lies further back than any window is not.
func saidMuch(d *desk) {
	var last pipeline.Plan
	for i := range copies.Remembered + 3 {
		d.now = d.now.Add(time.Second)
		last = d.said(fmt.Sprint("k", i), phone(3), claims)
	}
	got := d.remembers(phone(3), false)
	if len(got) != copies.Remembered || got[0] != fmt.Sprintf("%d in %d, told true: k%d", last.Message, last.Ticket.ID, copies.Remembered+2) {
		d.t.Errorf("%d are known, the first of them %v", len(got), got[:min(1, len(got))])
	}
	d.now = d.now.Add(31 * 24 * time.Hour)
	d.same("a month later", 0, len(d.remembers(phone(3), false)))
}
