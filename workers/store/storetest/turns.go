package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain/commands"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/match"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/view"
)

// nextWithin is how soon the suite's customers are promised a next reply.
const nextWithin = 4 * time.Hour

// talk is a customer who writes on in a ticket.
type talk struct {
	d      *desk
	first  pipeline.Plan
	n      int64 // messages that he wrote in it
	closed bool  // his next message opens it again
}

// writing is the decision upon his next message, which was received now.
func (k *talk) writing() commit.Decision {
	k.d.t.Helper()
	k.n++
	in := item("hotline", fmt.Sprintf("turn-%d-%d", k.first.Ticket.ID, k.n), fmt.Sprintf("And now, for the %d. time?", k.n))
	in.Delivery.At = k.d.now
	version := k.d.facts(pipeline.Asks{Tokens: []pipeline.Token{{Ticket: k.first.Ticket.ID}}}).Tickets[k.first.Ticket.ID].Version
	dec := k.d.following(k.d.pending(k.d.record(in)...)[0], k.first, k.n, version)
	dec.Plan.Ticket.Reopen, k.closed = k.closed, false
	dec.Plan.Turn = &promises.Plan{Kind: promises.NextReply, Due: k.d.now.Add(nextWithin), Warn: []time.Time{k.d.now.Add(nextWithin / 2)}, Calendar: "office"}
	return dec
}

func (k *talk) writes() {
	k.d.t.Helper()
	k.d.must(k.d.Commit.Commit(k.d.ctx, []commit.Decision{k.writing()}, k.d.now))
}

// answers is an agent who answers, which goes out after ten seconds.
func (k *talk) answers() {
	k.d.t.Helper()
	sent := k.d.sends(wang, k.d.answer(wang, k.first.Ticket.ID, fmt.Sprintf("page-%d", k.d.now.UnixNano()), "It is on its way."))
	k.d.now = sent.Until
	k.goesOut(sent)
}

func (k *talk) goesOut(sent answering.Sent) {
	k.d.t.Helper()
	if rows := k.d.claim(sent.Effect); len(rows) != 1 {
		k.d.t.Fatalf("claimed %d rows", len(rows))
	}
	k.d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: fmt.Sprint("SM", sent.Effect)})
}

// replies are where the promises of replies stand, the first reply first.
func (k *talk) replies() (out []string) {
	k.d.t.Helper()
	all, err := k.d.View.PromisesOf(k.d.ctx, []int64{k.first.Ticket.ID})
	k.d.must(err)
	for _, p := range all[k.first.Ticket.ID] {
		if p.Kind == promises.FirstReply || p.Kind == promises.NextReply {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s", p.Turn, p.State, p.Cause)))
		}
	}
	return out
}

// is sees where the promises of replies stand, and by when the desk owes something.
func (k *talk) is(what string, due time.Time, replies ...string) {
	k.d.t.Helper()
	k.d.same(what, replies, k.replies())
	i := k.d.item(k.first.Ticket.ID)
	k.d.same(what+": what is owed next", due.UTC(), i.Due.UTC())
	if half := i.Half; !due.IsZero() && (half.IsZero() || !half.Before(due)) {
		k.d.t.Errorf("%s: it is hot from %s on, and due at %s", what, half, due)
	}
	k.d.counted()
	k.d.clean()
}

func (d *desk) talk() *talk {
	d.t.Helper()
	k := &talk{d: d, first: d.firstReply("k1", phone(1), d.now.Add(time.Hour))}
	ack := k.first.Effects[0].ID
	if rows := d.claim(ack); len(rows) != 1 {
		d.t.Fatalf("claimed %d rows", len(rows))
	}
	d.settle(commands.SendEnded{ID: ack, State: effects.Sent, ProviderID: "SM0"})
	return k
}

func turnByTurn(d *desk) {
	k := d.talk()
	first := d.now.Add(time.Hour)
	d.now = d.now.Add(10 * time.Minute)
	k.writes()
	k.is("while the first reply is owed there is no next one", first, "0 due")
	k.answers()
	k.is("answered", time.Time{}, "0 kept")

	d.now = d.now.Add(time.Hour)
	due := d.now.Add(nextWithin)
	k.writes()
	k.is("who writes after our answer is promised the next one", due, "0 kept", "1 due")
	d.now = d.now.Add(time.Hour)
	k.writes()
	k.is("what he adds belongs to the same turn", due, "0 kept", "1 due")
	d.now = due.Add(-time.Hour)
	told := d.wakes()
	d.now = due
	told = append(told, d.wakes()...)
	d.same("it is warned of, and broken at its deadline", []string{"next-reply warned", "next-reply broken"}, told)
	k.is("broken, and still owed", due, "0 kept", "1 broken")
	k.answers()
	k.is("answered late", time.Time{}, "0 kept", "1 broken")

	d.now = d.now.Add(time.Hour)
	k.writes()
	k.answers()
	k.is("the next turn is kept", time.Time{}, "0 kept", "1 broken", "2 kept")
	broken, err := d.View.Promises(d.ctx, view.Page{State: "broken"})
	d.must(err)
	if len(broken) != 1 || broken[0].Kind != promises.NextReply || broken[0].Turn != 1 {
		d.t.Errorf("listed as broken: %+v", broken)
	}
}

// wakes lets the clock move promises.
func (d *desk) wakes() (told []string) {
	d.t.Helper()
	moved, err := d.Outbox.WakePromises(d.ctx, d.now, 100)
	d.must(err)
	for _, m := range moved {
		if m.Kind != promises.Acknowledgement {
			told = append(told, m.Kind+" "+string(m.Event))
		}
	}
	return told
}

func turnsSetAside(d *desk) {
	k := d.talk()
	id := k.first.Ticket.ID
	k.answers()
	d.now = d.now.Add(time.Hour)
	due := d.now.Add(nextWithin)
	k.writes()
	d.must(d.Desk.SetPending(d.ctx, wang, id, d.now))
	k.is("a last thanks asks for no answer", time.Time{}, "0 kept", "1 void set-aside")
	d.now = due.Add(time.Hour)
	d.same("its clock has stopped", 0, len(d.wakes()))
	d.now = due.Add(-time.Hour)
	d.must(d.Desk.SetWaiting(d.ctx, wang, id, d.now))
	k.is("called up it is owed as before", due, "0 kept", "1 due")
	d.must(d.Desk.SetPending(d.ctx, wang, id, d.now))
	d.now = d.now.Add(time.Minute)
	due = d.now.Add(nextWithin)
	k.writes()
	k.is("who writes once more begins a turn", due, "0 kept", "1 void set-aside", "2 due")

	d.must(d.Acts.CloseTicket(d.ctx, id, d.now, "zhou"))
	k.is("closing stops the clock", time.Time{}, "0 kept", "1 void set-aside", "2 void closed")
	d.must(d.Acts.ReopenTicket(d.ctx, id, d.now, "zhou"))
	k.is("which is taken back", due, "0 kept", "1 void set-aside", "2 due")
	d.must(d.Acts.CloseTicket(d.ctx, id, d.now, "zhou"))
	d.now, k.closed = d.now.Add(time.Hour), true
	due = d.now.Add(nextWithin)
	k.writes()
	k.is("who writes in a closed ticket begins a turn", due, "0 kept", "1 void set-aside", "2 void closed", "3 due")
}

// setAsideFirst: the first reply is owed no more either when nothing is to be answered.
func setAsideFirst(d *desk) {
	k := d.talk()
	first := d.now.Add(time.Hour)
	d.must(d.Desk.SetPending(d.ctx, wang, k.first.Ticket.ID, d.now))
	k.is("set aside", time.Time{}, "0 void set-aside")
	d.must(d.Desk.SetWaiting(d.ctx, wang, k.first.Ticket.ID, d.now))
	k.is("called up", first, "0 due")
}

// writtenMeanwhile: what a customer writes while an answer is under way is owed one of its own, once that answer has gone out.
func writtenMeanwhile(d *desk) {
	k := d.talk()
	id, first := k.first.Ticket.ID, d.now.Add(time.Hour)
	sent := d.sends(wang, d.answer(wang, id, "page-1", "It is on its way."))
	d.now = d.now.Add(5 * time.Second)
	due := d.now.Add(nextWithin)
	k.writes()
	k.is("the first reply is still owed, and nothing goes before it", first, "0 due", "1 void answer-first")
	d.now = sent.Until
	k.goesOut(sent)
	k.is("it has gone out: what came meanwhile waits since it came", due, "0 kept", "1 due")

	sent = d.sends(wang, d.answer(wang, id, "page-2", "Tomorrow."))
	d.now = d.now.Add(5 * time.Second)
	k.writes()
	k.is("so with each turn", due, "0 kept", "1 due", "2 void answer-first")
	d.must(d.Answering.Undo(d.ctx, wang, sent.Reply, d.now))
	k.is("an answer that is taken back leaves the turn as it was", due, "0 kept", "1 due", "2 void answer-first")
	d.now = d.now.Add(time.Hour)
	k.answers()
	k.is("an answer to all of it settles it", time.Time{}, "0 kept", "1 kept", "2 void answer-first")
}

// turnsRace: a customer who writes at the moment at which an answer is handed over is promised the next one, whichever comes first.
func turnsRace(d *desk) {
	k := d.talk()
	for n := range 12 {
		sent := d.sends(wang, d.answer(wang, k.first.Ticket.ID, fmt.Sprint("page-", n), "It is on its way."))
		d.now = sent.Until
		if rows := d.claim(sent.Effect); len(rows) != 1 {
			d.t.Fatalf("claimed %d rows", len(rows))
		}
		dec := k.writing()
		var wait sync.WaitGroup
		wait.Go(func() {
			if err := d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now); err != nil {
				d.t.Error(err)
			}
		})
		wait.Go(func() {
			if err := d.Outbox.Settle(d.ctx, []commands.SendEnded{{ID: sent.Effect, State: effects.Sent, ProviderID: fmt.Sprint("SM", sent.Effect)}}, d.now); err != nil {
				d.t.Error(err)
			}
		})
		wait.Wait()
		turns := k.replies()
		if want := fmt.Sprintf("%d due", n+1); !slices.Contains(turns, want) {
			d.t.Fatalf("after answer %d: %v, want %s", n+1, turns, want)
		}
		if i := d.item(k.first.Ticket.ID); i.State != work.Waiting || !i.Due.Equal(d.now.Add(nextWithin)) {
			d.t.Fatalf("after answer %d the item is %+v", n+1, i)
		}
		d.now = d.now.Add(time.Minute)
	}
	d.counted()
	d.clean()
}

// countedAnew: promises of open tickets follow other calendars, once; what was told never moves later, and the times before stand in an entry.
func countedAnew(d *desk) {
	k := d.talk()
	id, first := k.first.Ticket.ID, d.now.Add(time.Hour)
	by := func(print string, move time.Duration) outbox.Recount {
		return outbox.Recount{Print: print, Count: func(about match.Case, p promises.Promise) (promises.Promise, bool) {
			if about.Queue != "payments" || about.Channel != "sms" {
				d.t.Errorf("counted for %+v", about)
			}
			return promises.Promise{Due: p.Due.Add(move), Calendar: print}, p.Kind != promises.Acknowledgement
		}}
	}
	walk := func(r outbox.Recount) (moved int) {
		d.t.Helper()
		for done := false; !done; {
			n, over, err := d.Outbox.RecountStep(d.ctx, r, 1, d.now)
			d.must(err)
			moved, done = moved+n, over
		}
		return moved
	}
	d.same("the first program that knows of it leaves all as it is", 0, walk(by("one", -time.Minute)))
	d.same("so does the next one that counts alike", 0, walk(by("one", -time.Minute)))
	k.is("as it was made", first, "0 due")
	d.same("by other calendars it is earlier", 1, walk(by("two", -20*time.Minute)))
	first = first.Add(-20 * time.Minute)
	k.is("earlier", first, "0 due")
	d.same("a walk that is over is over", 0, walk(by("two", -20*time.Minute)))
	d.same("what was told moves never later", 0, walk(by("three", time.Hour)))
	k.is("not later", first, "0 due")

	k.answers()
	d.now = d.now.Add(time.Minute)
	due := d.now.Add(nextWithin)
	k.writes()
	d.same("a next reply was told to nobody", 1, walk(by("four", time.Hour)))
	k.is("later", due.Add(time.Hour), "0 kept", "1 due")
	acts, err := d.View.TicketActs(d.ctx, id)
	d.must(err)
	var told []string
	for _, a := range acts {
		if a.Act == entries.ActRecount {
			told = append(told, a.Who)
		}
	}
	d.same("each is told", []string{entries.Service, entries.Service}, told)
	var before []string
	d.must(d.Base.Read(d.ctx, "reading entries", sql.Ask(sql.Value(func(text string) {
		was, err := entries.Read(text)
		d.must(err)
		for _, p := range was.Promises {
			before = append(before, p.Kind+" "+p.Due.UTC().Format(time.RFC3339))
		}
	}), `SELECT before FROM entries WHERE ticket = $1 AND kind = '`+entries.ActRecount+`' ORDER BY id`, id)))
	d.same("the times before", []string{"first-reply " + first.Add(20*time.Minute).UTC().Format(time.RFC3339), "next-reply " + due.UTC().Format(time.RFC3339)}, before)
}

// turnsOfTheErased: nobody is left to whom a reply could be owed.
func turnsOfTheErased(d *desk) {
	k := d.talk()
	k.answers()
	d.now = d.now.Add(time.Minute)
	k.writes()
	who, err := d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{}, d.now)
	d.must(err)
	k.d.same("the turn of who was erased", []string{"0 kept", "1 void erased"}, k.replies())
	d.same("it is nobody's work", work.Gone, d.item(k.first.Ticket.ID).State)
	d.same("the ticket is closed", tickets.Closed, d.facts(pipeline.Asks{Tokens: []pipeline.Token{{Ticket: k.first.Ticket.ID}}}).Tickets[k.first.Ticket.ID].Status)
	d.counted()
}
