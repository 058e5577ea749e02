package storetest

import (
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/sql"
)

// resolving is a ticket that is to be resolved within ten hours, whose acknowledgement has gone out.
func (d *desk) resolving(key string, n int) *talk {
	d.t.Helper()
	dec := d.opening(d.pending(d.record(item("hotline", key, "Where is my refund?"))...)[0], phone(n))
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: promises.Resolution, Due: d.now.Add(10 * time.Hour), Calendar: "always"})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	k := &talk{d: d, first: dec.Plan}
	ack := k.first.Effects[0].ID
	if rows := d.claim(ack); len(rows) != 1 {
		d.t.Fatalf("claimed %d rows", len(rows))
	}
	d.settle(commands.SendEnded{ID: ack, State: effects.Sent, ProviderID: "SM" + key})
	return k
}

// resolution is the promise of a ticket's resolution.
func (k *talk) resolution() (p promises.Promise) {
	k.d.t.Helper()
	k.d.must(k.d.Base.Read(k.d.ctx, "reading a promise", sql.Ask(func(row sql.Row) (err error) {
		p, err = plans.ScanPromise(row)
		return err
	}, `SELECT `+plans.PromiseColumns+` FROM promises WHERE ticket = $1 AND kind = 'resolution'`, k.first.Ticket.ID)))
	return p
}

// resumes has clocks run again, by the wall clock.
func (d *desk) resumes() {
	d.t.Helper()
	d.must(d.Outbox.ResumePromises(d.ctx, nil, d.now, 100))
}

func standingStill(d *desk) {
	k := d.resolving("k1", 1)
	id, due := k.first.Ticket.ID, d.now.Add(10*time.Hour)
	d.same("owed", due.UTC(), d.item(id).Due.UTC())
	d.now = d.now.Add(4 * time.Hour)
	k.answers()
	paused := d.now
	i := d.item(id)
	d.same("answered, it is the customer's turn", []any{work.Pending, true, paused.UTC()}, []any{i.State, i.Due.IsZero(), i.Paused.UTC()})
	d.now = due.Add(30 * time.Hour)
	d.same("nothing breaks meanwhile", 0, len(d.wakes()))
	d.resumes()
	d.same("and nothing runs", true, k.resolution().Stands())
	d.clean()

	k.writes()
	wrote := d.now
	d.now = d.now.Add(time.Minute) // the sweep comes later
	d.resumes()
	p := k.resolution()
	rest := due.Sub(paused)
	d.same("he has written: what was left is left", []any{false, wrote.Add(rest).UTC(), wrote.UTC(), paused.Sub(p.Start).Microseconds()}, []any{p.Stands(), p.Due.UTC(), p.From.UTC(), p.Used})
	d.same("the item says so", []any{true, true}, []any{d.item(id).Paused.IsZero(), d.item(id).Resume.IsZero()})
	d.resumes()
	d.same("once", p, k.resolution())

	acts, err := d.View.TicketActs(d.ctx, id)
	d.must(err)
	d.same("an entry tells of it", true, len(acts) > 0 && acts[len(acts)-1].Act == promises.ActResume)
	var before string
	d.must(d.Base.Read(d.ctx, "reading an entry", sql.Ask(sql.Into(&before), `SELECT before FROM entries WHERE ticket = $1 AND kind = 'resume'`, id)))
	was, err := entries.Read(before)
	d.must(err)
	d.same("with the old time", due.UTC(), was.Promises[0].Due.UTC())

	d.must(d.Desk.SetPending(d.ctx, wang, id, d.now))
	paused = d.now
	r := outbox.Recount{Print: "one", Count: func(_ match.Case, p promises.Promise) (promises.Promise, bool) {
		return promises.Promise{Due: p.Due.Add(time.Hour), Calendar: "always"}, p.Kind == promises.Resolution
	}}
	for _, print := range []string{"one", "two"} {
		for r.Print = print; ; {
			_, done, err := d.Outbox.RecountStep(d.ctx, r, 10, d.now)
			d.must(err)
			if done {
				break
			}
		}
	}
	d.same("other calendars move what stands still, too", []any{true, p.Due.Add(time.Hour).UTC()}, []any{k.resolution().Stands(), k.resolution().Due.UTC()})
	d.now = d.now.Add(time.Hour)
	d.must(d.Desk.SetWaiting(d.ctx, wang, id, d.now))
	d.resumes()
	d.same("called up it runs on", p.Due.Add(2*time.Hour).UTC(), k.resolution().Due.UTC())
	d.now = k.resolution().Due
	d.same("and breaks at its deadline", true, slices.Contains(d.wakes(), "resolution broken"))
	d.counted()
	d.clean()
}

// standingMerged: a ticket that stands still and is merged into one that is our turn runs again, and the nearest deadline is kept.
func standingMerged(d *desk) {
	a, b := d.resolving("k1", 1), d.resolving("k2", 2)
	one, two := a.first.Ticket.ID, b.first.Ticket.ID
	due := d.now.Add(10 * time.Hour)
	d.now = d.now.Add(time.Hour)
	d.must(d.Desk.SetPending(d.ctx, wang, one, d.now))
	d.now = d.now.Add(time.Hour)
	_, err := d.Merging.Merge(d.ctx, wang, one, two, true, d.now)
	d.must(err)
	d.same("the other one's deadline is the nearest", due.UTC(), d.item(two).Due.UTC())
	d.now = d.now.Add(time.Minute)
	d.resumes()
	d.same("what stood still for an hour is due an hour later", due.Add(time.Hour).UTC(), a.resolution().Due.UTC())
	d.same("the nearest counts", due.UTC(), d.item(two).Due.UTC())
	d.must(d.Desk.SetPending(d.ctx, wang, two, d.now))
	d.same("both stand still", []bool{true, true}, []bool{a.resolution().Stands(), b.resolution().Stands()})
	d.must(d.Desk.SetWaiting(d.ctx, wang, two, d.now.Add(time.Hour)))
	d.now = d.now.Add(time.Hour)
	d.resumes()
	d.same("and run again", due.Add(time.Hour).UTC(), d.item(two).Due.UTC())
	d.same("both", []bool{false, false}, []bool{a.resolution().Stands(), b.resolution().Stands()})
	d.same("the tickets are one", two, d.facts(pipeline.Asks{Tokens: []pipeline.Token{{Ticket: one}}}).Tickets[one].MergedInto)
	d.counted()
	d.clean()
}
