package storetest

import (
	"errors"
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
		{"walks over changes go on behind a restored dump", walksRestored},
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

// walksRestored: a dump that is played back into a new PostgreSQL carries numbers of transactions that lie far ahead of it.
func walksRestored(d *desk) {
	if d.Base.Dialect() == "sqlite" {
		return // its places are numbers of rows, which a copy carries along
	}
	const far = 1 << 40
	li := d.hires("li", payments)
	var l listener
	d.tells(&l)
	d.notes()
	d.must(d.Base.Do(d.ctx, "restoring", sql.Do(`UPDATE told_walk SET turn = $1`, int64(far)), sql.Do(`UPDATE alert_walk SET turn = $1`, int64(far)),
		sql.Do(`INSERT INTO changes (xid, at, ticket, queue, kind, actor) VALUES ($1, $2, 0, 'old', 'left', '')`, int64(far), sql.Micros(d.now))))
	began := 0
	for range 2 {
		_, told := d.Outbox.Tell(d.ctx, l.hears, d.now, 100)
		_, noted := d.Alerts.Note(d.ctx, rung, d.now, 100)
		for _, err := range []error{told, noted} {
			if errors.Is(err, changes.ErrRestored) {
				began++
			} else {
				d.must(err)
			}
		}
	}
	d.same("each walk says once that it begins anew", 2, began)
	var left int64
	d.must(d.Base.Read(d.ctx, "counting", sql.Ask(sql.Into(&left), `SELECT count(*) FROM changes WHERE xid >= $1`, int64(far))))
	d.same("changes of the other database are gone", int64(0), left)
	k := d.talk2(li)
	k.writes()
	d.now = d.now.Add(3 * time.Hour)
	_, err := d.Changes.Forget(d.ctx, d.now, 100)
	d.must(err)
	d.same("webhooks are told of what is new", []string{"ticket.opened by frontdesk", "ticket.assigned by li"}, d.tells(&l))
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("and so are people", []string{fmt.Sprintf("mail: answered %d 1", k.first.Ticket.ID)}, d.gathers())
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
