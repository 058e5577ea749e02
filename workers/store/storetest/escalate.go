package storetest

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/promise"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/escalating"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// stepped is a ticket whose first reply is owed within ten hours, with steps at three quarters and at its deadline.
func (d *desk) stepped() *talk {
	d.t.Helper()
	dec := d.opening(d.pending(d.record(item("hotline", "k1", "Where is my refund?"))...)[0], phone(1))
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: promises.FirstReply, Due: d.now.Add(10 * time.Hour), Step: d.now.Add(7 * time.Hour), Calendar: "always"})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return &talk{d: d, first: dec.Plan}
}

// ladder are its rules.
func ladder(d *desk) escalating.Rules {
	return escalating.Rules{Steps: func(about match.Case, p promises.Promise) []promise.Step {
		if about.Queue == "" || p.Kind != promises.FirstReply {
			d.t.Errorf("asked about %+v, %+v", about, p)
		}
		return []promise.Step{{At: p.Due.Add(-3 * time.Hour), Name: "first-reply 0.7", Priority: "high"}, {At: p.Due, Name: "first-reply 1", Priority: "urgent", Queue: "leads", Leads: true}}
	}}
}

// escalations are the entries about them, with the ticket's priority and queue after each.
func (k *talk) escalations() (out []string) {
	k.d.t.Helper()
	k.d.must(k.d.Base.Read(k.d.ctx, "reading entries", sql.Ask(sql.Pair(func(actor, reason string) { out = append(out, actor+": "+reason) }),
		`SELECT actor, reason FROM entries WHERE ticket = $1 AND kind = 'escalate' ORDER BY id`, k.first.Ticket.ID)))
	return out
}

func escalated(d *desk) {
	lead, err := d.Users.Add(d.ctx, users.User{Login: "lead", Name: "Lead"}, d.now, "setup")
	d.must(err)
	d.must(d.Users.SetGrants(d.ctx, lead.ID, []viewer.Grant{{Role: viewer.Lead, Queue: "leads"}}, d.now, "setup"))
	k := d.stepped()
	id := k.first.Ticket.ID
	step := func() int {
		d.t.Helper()
		n, err := d.Escalate.Escalate(d.ctx, ladder(d), d.now, 100)
		d.must(err)
		return n
	}
	d.same("before its time", 0, step())
	d.now = d.now.Add(7 * time.Hour)
	d.same("at three quarters", 1, step())
	d.same("once", 0, step())
	d.same("its priority is raised", "high", d.item(id).Priority)
	d.now = d.now.Add(3 * time.Hour)
	d.must(d.Desk.Take(d.ctx, wang, id, handout.Rules{}, d.now))
	d.same("at the deadline", 1, step())
	d.same("it is in another queue, and nobody's", []any{"leads", "urgent", int64(0)}, []any{d.item(id).Queue, d.item(id).Priority, d.item(id).Owner})
	d.same("each with its reason", []string{"frontdesk: first-reply 0.7", "frontdesk: first-reply 1"}, k.escalations())
	who, err := d.Users.Viewer(d.ctx, lead.ID)
	d.must(err)
	named, err := d.Mentions.Tickets(d.ctx, who, 10)
	d.must(err)
	d.same("who directs there is told", []int64{id}, named)
	d.must(d.Base.Do(d.ctx, "as if rules had changed", sql.Do(`UPDATE promises SET step_at = $2 WHERE ticket = $1 AND kind = 'first-reply'`, id, sql.Micros(d.now))))
	d.same("what was done is not done again", 0, step())
	d.counted()
}

// escalatedOnce: whoever comes second finds it done.
func escalatedOnce(d *desk) {
	k := d.stepped()
	d.now = d.now.Add(20 * time.Hour)
	var did atomic.Int64
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			n, err := d.Escalate.Escalate(d.ctx, ladder(d), d.now, 100)
			if err != nil {
				d.t.Error(err)
			}
			did.Add(int64(n))
		})
	}
	wait.Wait()
	d.same("all that was missed, in one", []string{"frontdesk: first-reply 0.7;first-reply 1"}, k.escalations())
	d.same("by one", int64(1), did.Load())
	d.must(d.Acts.CloseTicket(d.ctx, k.first.Ticket.ID, d.now, "zhou"))
	d.must(d.Base.Do(d.ctx, "as if rules had changed", sql.Do(`UPDATE promises SET step_at = 1 WHERE ticket = $1`, k.first.Ticket.ID)))
	r := escalating.Rules{Steps: func(match.Case, promises.Promise) []promise.Step {
		return []promise.Step{{At: d.now, Name: strings.Repeat("x", 3)}}
	}}
	for range 2 {
		n, err := d.Escalate.Escalate(d.ctx, r, d.now, 100)
		d.must(err)
		d.same("a closed ticket is left alone", 0, n)
	}
}
