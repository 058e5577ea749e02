package storetest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
)

// batchAgrees holds the view that a batch carries forward (pipeline.Facts.Apply, in Go) against what the next batch is told
// (Store.Facts, in SQL): after one batch of every kind of plan both say the same of senders, domains, tickets and keys.
func batchAgrees(d *desk) {
	li, wang := message.Address{Kind: message.Email, Value: "li@first.example"}, message.Address{Kind: message.Email, Value: "wang@second.example"}
	var items []intake.Item
	for i := range 6 {
		in := item("hotline", fmt.Sprint("k", i), "words")
		in.Imported = i == 5
		items = append(items, in)
	}
	pending := d.pending(d.record(items...)...)
	asked := func(from message.Address, content, own string) pipeline.Asks {
		return pipeline.Asks{From: from.Identity(), Recipient: from.Identity(), Proven: true, Trusted: true, Print: "f00d", Content: content, Own: own, References: []string{own},
			Thread: "hotline|" + from.Value, Sketch: []byte(content)}
	}
	asks := []pipeline.Asks{asked(li, "c0", "r0"), asked(li, "c1", "r1"), asked(li, "c0", "r0"), asked(wang, "c3", "r3"), asked(wang, "c4", "r4"), asked(wang, "c5", "r5")}
	facts := d.facts(asks...)

	opening := d.opening(pending[0], li)
	second := d.opening(pending[1], li)
	second.Plan.Contact = contacts.Plan{ID: opening.Plan.Contact.ID, Version: 1}
	second.Plan.Effects[0].Cause = causes.SenderCap
	second.Plan.Effects = append(second.Plan.Effects, effects.Plan{Kind: effects.KindDigest, Key: "digest:li:early", Inbox: "hotline", Channel: "email", To: li, Due: d.now.Add(time.Hour), Part: "early"})
	copied := commit.Decision{Plan: pipeline.Plan{State: messages.Duplicate, Duplicate: pending[0].ID, Inform: "accounts", Row: pipeline.MessageRow{Kind: "message", From: li, Proven: true}}}
	parked := commit.Decision{Plan: pipeline.Plan{State: messages.Parked, Cause: causes.Automated, Row: pipeline.MessageRow{Kind: "auto", From: wang, Proven: true, Fingerprint: "f00d"}}}
	other := d.opening(pending[4], wang)
	imported := d.opening(pending[5], wang)
	imported.Plan.Contact = contacts.Plan{ID: other.Plan.Contact.ID, Version: 1}
	imported.Plan.Effects[0].Cause = causes.History

	decisions := []commit.Decision{opening, second, copied, parked, other, imported}
	for i := range decisions {
		dec := &decisions[i]
		dec.Pending, dec.Plan.Message = pending[i], pending[i].ID
		if dec.Known == nil {
			dec.Known = []byte(`{}`)
		}
		if dec.Plan.State == messages.Ticketed {
			dec.Plan.Row.Sketch = asks[i].Sketch
			dec.Plan.Row.Content, dec.Plan.Row.Reference, dec.Plan.Row.Thread = asks[i].Content, asks[i].Own, asks[i].Thread
		}
		*dec = d.assigned(*dec)
		facts.Apply(pipeline.Case{Message: message.Message{ID: pending[i].ID, Inbox: "hotline", Channel: "email", At: pending[i].At, From: dec.Plan.Row.From}, Asks: asks[i], Now: d.now,
			Known: pipeline.Known{Imported: pending[i].Imported}}, dec.Plan)
	}
	d.must(d.Commit.Commit(d.ctx, decisions, d.now))
	next, err := d.Facts.Facts(d.ctx, asks, nil, []string{"hotline"}, d.now)
	d.must(err)

	d.same("senders", senderWords(next), senderWords(facts))
	d.same("a sender's figures", "2 messages in the hour, 1 acknowledgements in it, 1 in the day, digest true of 1, late 0001-01-01T00:00:00Z, prints 2, week 2", senderWords(facts)[li.Identity()])
	for _, domain := range []string{"first.example", "second.example"} {
		d.same("sends to "+domain, *next.Domains[domain], *facts.Domains[domain])
	}
	d.same("tickets", slices.Sorted(maps.Keys(next.Tickets)), slices.Sorted(maps.Keys(facts.Tickets)))
	d.same("queues that were told", next.Tickets[opening.Plan.Ticket.ID].Informed, facts.Tickets[opening.Plan.Ticket.ID].Informed)
	d.same("who owns an address", next.Owners, facts.Owners)
	d.same("what was said", saidWords(next), saidWords(facts))
	d.same("contents", next.Contents, facts.Contents)
	d.same("references", next.References, facts.References)
	d.same("conversations", next.Threads, facts.Threads)
}

// saidWords are what was said, by whom: a batch has times in nanoseconds, a database in microseconds.
func saidWords(f *pipeline.Facts) map[string]string {
	out := map[string]string{}
	for by, all := range f.Said {
		for _, s := range all {
			out[by] += fmt.Sprintln(s.Message, s.Ticket, s.At.UnixMicro(), s.Told, string(s.Sketch))
		}
	}
	return out
}

// senderWords are what is known of each sender's traffic.
func senderWords(f *pipeline.Facts) map[message.Identity]string {
	out := map[message.Identity]string{}
	for id, s := range f.Senders {
		out[id] = fmt.Sprintf("%d messages in the hour, %d acknowledgements in it, %d in the day, digest %v of %d, late %s, prints %d, week %d",
			s.LastHour, s.AcksHour, s.AcksDay, s.Digest, s.Digests, s.Late.UTC().Format(time.RFC3339), s.Prints["f00d"], s.Week["f00d"])
	}
	return out
}
