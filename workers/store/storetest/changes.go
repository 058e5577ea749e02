package storetest

import (
	"fmt"
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/tickets"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/changes"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// changeCases are about what those are told who have tickets before their eyes.
func changeCases() []namedCase {
	return []namedCase{
		{"what is written and done in a ticket is told in its order", changesTold},
		{"a ticket that leaves a queue is told to both", changesQueue},
		{"what is committed behind an open transaction is not passed over", changesOvertaken},
		{"a place is known as long as nothing behind it is forgotten", changesForgotten},
		{"whoever listens in this process is told of each commit", changesHeard},
	}
}

// changed waits until so much has changed since a place: other databases of a server may hold it up for a moment.
func (d *desk) changed(m changes.Mark, n int) (out []changes.Change) {
	d.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var err error
		if out, err = d.Changes.After(d.ctx, m, 100); err != nil || len(out) >= n || time.Now().After(end) {
			d.must(err)
			return out
		}
	}
}

func (d *desk) mark() changes.Mark {
	d.t.Helper()
	m, err := d.Changes.Now(d.ctx)
	d.must(err)
	return m
}

// told is what of changes does not depend on the database.
func told(all []changes.Change) (out []string) {
	for _, c := range all {
		out = append(out, fmt.Sprintf("%s T-%d in %s by %s, of %d", c.Kind, c.Ticket, c.Queue, c.Actor, c.Owner))
	}
	return out
}

func changesTold(d *desk) {
	from := d.mark()
	ticket := d.firstReply("k1", phone(1), d.now.Add(time.Hour)).Ticket.ID
	d.same("of a ticket that was opened", []string{fmt.Sprintf("opened T-%d in payments by frontdesk, of 0", ticket)}, told(d.changed(from, 1)))
	d.hear(wang.User)
	d.must(d.Desk.Take(d.ctx, wang, ticket, handout.Rules{}, d.now))
	sent := d.sends(wang, d.answer(wang, ticket, "page", "It is on its way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	all := d.changed(from, 4)
	d.same("of what became of it", []string{
		fmt.Sprintf("opened T-%d in payments by frontdesk, of 1", ticket), fmt.Sprintf("take T-%d in payments by wang, of 1", ticket),
		fmt.Sprintf("reply T-%d in payments by wang, of 1", ticket), fmt.Sprintf("sent T-%d in payments by frontdesk, of 1", ticket)}, told(all))
	for i := range all {
		d.same("behind each place is what follows", told(all[i+1:]), told(d.changed(all[i].Mark, len(all)-i-1)))
	}
	some, err := d.Changes.After(d.ctx, from, 2)
	d.must(err)
	d.same("no more than is asked for", told(all[:2]), told(some))
}

func changesQueue(d *desk) {
	ticket := d.ticket(1, d.now, nil)
	from := d.mark()
	d.write(ticket, 1, d.now, func(p *tickets.Plan) {
		p.Settle = &tickets.SettlePlan{Queue: "cards", Category: "blocked", Priority: "urgent", Language: "zh"}
	})
	got := d.changed(from, 2)
	if len(got) > 2 { // what was there already when the place was asked for
		got = got[len(got)-2:]
	}
	d.same("each queue", []string{fmt.Sprintf("continued T-%d in cards by frontdesk, of 0", ticket), "left T-0 in payments by frontdesk, of 0"}, told(got))
}

func changesOvertaken(d *desk) {
	if d.Base.Dialect() == "sqlite" {
		return // it has one writer: nothing is overtaken
	}
	from := d.mark()
	begun, end, done := make(chan error, 1), make(chan bool), make(chan error, 1)
	go func() {
		done <- d.Base.Write(d.ctx, func(t sql.Tx) error {
			begun <- t.Run(d.ctx, tables.InsertChanges.Put(tables.ChangeRow{At: d.now, Queue: "early", Kind: tables.ChangeLeft}))
			<-end
			return nil
		})
	}()
	d.must(<-begun)
	d.must(d.Base.Do(d.ctx, "overtaking", tables.InsertChanges.Put(tables.ChangeRow{At: d.now, Queue: "late", Kind: tables.ChangeLeft})))
	d.same("while the earlier one is open", []string(nil), told(d.changed(from, 0)))
	between := d.mark()
	end <- true
	d.must(<-done)
	want := []string{"left T-0 in early by , of 0", "left T-0 in late by , of 0"}
	d.same("when it has ended", want, told(d.changed(from, 2)))
	d.same("for whoever asks from a place of between", want, told(d.changed(between, 2)))
}

func changesForgotten(d *desk) {
	known := func(what string, m changes.Mark, want bool) {
		d.t.Helper()
		is, err := d.Changes.Knows(d.ctx, m)
		d.must(err)
		d.same(what, want, is)
	}
	known("the place of an empty desk", d.mark(), true)
	at := d.mark()
	var tickets []int64
	for i := range 4 {
		tickets = append(tickets, d.ticket(i, d.now, nil))
		d.now = d.now.Add(20 * time.Minute)
	}
	all := d.changed(at, 4)
	all = all[len(all)-4:]
	known("a place of an hour ago", all[0].Mark, true)
	known("one that is none yet", changes.Mark{Turn: all[3].Turn, N: 1 << 60}, d.Base.Dialect() == "postgres")
	known("one of another database", changes.Mark{Turn: 1 << 60}, false)
	gone, err := d.Changes.Forget(d.ctx, d.now.Add(-changes.KeptFor), 1000)
	d.must(err)
	d.same("dropped: the first row", 1, gone)
	known("the place behind which all is there", all[0].Mark, true)
	known("one behind which something is gone", at, d.Base.Dialect() == "postgres" && at.Compare(all[0].Mark) >= 0)
	gone, err = d.Changes.Forget(d.ctx, d.now.Add(time.Hour), 2)
	d.must(err)
	d.same("few at a time", 1, gone)
	gone, err = d.Changes.Forget(d.ctx, d.now.Add(time.Hour), 1000)
	d.must(err)
	d.same("all but the last", 2, gone)
	known("the last one", all[3].Mark, true)
	known("the one before it", all[2].Mark, false)
	known("now", d.mark(), true)
	d.same("what comes is behind it", []string{fmt.Sprintf("opened T-%d in payments by frontdesk, of 0", d.ticket(9, d.now, nil))}, told(d.changed(all[3].Mark, 1)))
}

func changesHeard(d *desk) {
	heard, leave := d.Changes.Heard()
	told := func(what string, want bool) {
		d.t.Helper()
		is := false
		select {
		case <-heard:
			is = true
		default:
		}
		d.same(what, want, is)
	}
	ticket := d.ticket(1, d.now, nil)
	told("of a decision", true)
	d.must(d.Acts.CloseTicket(d.ctx, ticket, d.now, "zhou"))
	told("of an act", true)
	d.hear(wang.User)
	told("of what is no ticket's", false)
	plan := d.open("k1", phone(2))
	told("of a decision", true)
	sent := d.sends(wang, d.answer(wang, plan.Ticket.ID, "page", "Yes."))
	told("of an answer", true)
	leave()
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	told("who has left", false)
}
