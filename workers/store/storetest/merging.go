package storetest

import (
	"errors"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/pipeline/thread"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/commit"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/merging"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// mergeCases are about tickets that are worked on as one.
func mergeCases() []namedCase {
	return []namedCase{
		{"D37: of two who merge two tickets into each other at once one wins", mergeRace},
		{"D37: a merging is taken back after two more messages and an answer, and each goes back to where it belongs", mergeTakenBack},
		{"D9: a draft goes with its ticket, and the list shows it", mergeDrafts},
		{"an answer on a merged ticket goes to the customer of the ticket in which it is worked on, and to nobody else", mergeForeign},
		{"whoever merges answers in the queues of both", mergeRights},
		{"a batch sees of a merged ticket what the next one is told", mergeAgrees},
		{"what an older program opens again goes back to where it is worked on", mergeMended},
	}
}

// two are two tickets of one customer: the second is received an hour later, and due an hour sooner.
func (d *desk) two() (first, second int64) {
	d.t.Helper()
	plan := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour))
	in := item("hotline", "k2", "And my parcel?")
	in.At = start.Add(30 * time.Minute)
	dec := d.opening(d.pending(d.record(in)...)[0], phone(1))
	dec.Plan.Contact = contacts.Plan{ID: plan.Contact.ID, Version: 1}
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: promises.FirstReply, Due: d.now.Add(3 * time.Hour)})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return plan.Ticket.ID, dec.Plan.Ticket.ID
}

// named is a ticket as a message that names it finds it.
func named(f *pipeline.Facts, a pipeline.Asks) tickets.Ticket {
	return f.For(message.Message{}, a).Named[0].Ticket
}

func naming(ticket int64) pipeline.Asks {
	return pipeline.Asks{Tokens: []pipeline.Token{{Ticket: ticket, How: thread.BySubjectToken}}}
}

// says is the decision about a message that names a ticket.
func (d *desk) says(key string, k tickets.Ticket) commit.Decision {
	d.t.Helper()
	in := item("hotline", key, "And?")
	in.At = d.now
	dec := commit.Decision{Pending: d.pending(d.record(in)...)[0], Known: []byte(`{}`)}
	dec.Plan = pipeline.Plan{Message: dec.Pending.ID, State: "appended", Row: pipeline.MessageRow{Kind: "human", Proven: true, From: phone(1), Visible: key},
		Ticket: tickets.Plan{ID: k.ID, Version: k.Version, Root: k.MergedInto, RootVersion: k.RootVersion, At: dec.Pending.At, Channel: "sms", Reopen: k.Status == tickets.Closed}}
	return dec
}

// hears brings a message that names a ticket.
func (d *desk) hears(key string, ticket int64) {
	d.t.Helper()
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{d.says(key, named(d.facts(naming(ticket)), naming(ticket)))}, d.now))
}

func (d *desk) merges(v viewer.Viewer, source, target int64) {
	d.t.Helper()
	_, err := d.Merging.Merge(d.ctx, v, source, target, false, d.now)
	d.must(err)
}

// lines are the messages and answers of a ticket's timeline, the oldest first, each with the ticket to which it belongs.
func (d *desk) lines(v viewer.Viewer, ticket int64) (out []any) {
	d.t.Helper()
	lines, _, err := d.Desk.Timeline(d.ctx, v, ticket, table.Mark{}, 0)
	d.must(err)
	for i := len(lines) - 1; i >= 0; i-- {
		switch l := lines[i]; {
		case l.Message != nil:
			out = append(out, l.Ticket, l.Message.Visible)
		case l.Reply != nil:
			out = append(out, l.Ticket, l.Reply.Text)
		}
	}
	return out
}

func (d *desk) card(v viewer.Viewer, ticket int64) table.Card {
	d.t.Helper()
	cards, err := d.Desk.Cards(d.ctx, v, []int64{ticket})
	d.must(err)
	if len(cards) != 1 {
		d.t.Fatalf("ticket %d has %d cards", ticket, len(cards))
	}
	return cards[0]
}

func mergeRace(d *desk) {
	first, second := d.two()
	var wg sync.WaitGroup
	errs := [2]error{}
	for i, p := range [][2]int64{{first, second}, {second, first}} {
		wg.Go(func() { _, errs[i] = d.Merging.Merge(d.ctx, wang, p[0], p[1], false, d.now) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || errs[0] != nil && !errors.Is(errs[0], store.ErrNotFound) || errs[1] != nil && !errors.Is(errs[1], store.ErrNotFound) {
		d.t.Fatalf("both ways at once: %v", errs)
	}
	root, source := second, first
	if errs[0] != nil {
		root, source = first, second
	}
	at, err := d.Merging.Root(d.ctx, wang, source)
	d.must(err)
	d.same("where it is worked on", root, at)
	if _, err := d.Merging.Merge(d.ctx, wang, root, source, false, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("into what is merged into it: %v", err)
	}
	i := d.item(root)
	d.same("the older place, and the nearer deadline", []any{work.Waiting, start, d.now.Add(3 * time.Hour), true}, []any{i.State, i.Since, i.Due, d.item(source).Gone()})
	for _, list := range table.Lists() {
		d.must(d.Desk.Take(d.ctx, wang, root, handout.Rules{}, d.now))
		p, err := d.Desk.List(d.ctx, wang, table.Seek{List: list}, d.now)
		d.must(err)
		for _, c := range p.Cards {
			if c.Ticket == source {
				d.t.Errorf("the list %s has what is merged", list)
			}
		}
		d.must(d.Desk.HandBack(d.ctx, wang, root, d.now))
	}
	d.counted()
	d.clean()
}

func mergeTakenBack(d *desk) {
	source, root := d.two()
	d.sends(wang, answering.Writing{Key: "note-1", Kind: replies.Note, Ticket: source, Anyway: true, Text: "call back"})
	page := d.answer(wang, root, "page-0", "Too soon.")
	d.merges(wang, source, root)
	if _, err := d.Answering.Send(d.ctx, wang, house, page, d.now); !errors.Is(err, answering.ErrOvertaken) {
		d.t.Errorf("an answer of somebody who has not seen what came with the merging: %v", err)
	}
	d.same("what was said in both", []any{source, "Where is my refund?", root, "Where is my refund?", source, "call back"}, d.lines(wang, root))

	sent := d.sends(wang, d.answer(wang, root, "page-1", "It is on its way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	d.same("one answer keeps the promises of both", []string{"kept", "kept"}, []string{d.promiseOf(source, promises.FirstReply), d.promiseOf(root, promises.FirstReply)})
	d.same("and nothing is owed", []any{work.Pending, time.Time{}}, []any{d.item(root).State, d.item(root).Due})
	d.clean()

	d.must(d.Desk.Close(d.ctx, wang, root, d.now))
	d.now = d.now.Add(time.Minute)
	d.hears("one", source)
	d.same("what names the merged one opens the other", []any{tickets.Open, work.Waiting, true}, []any{d.card(wang, root).Status, d.item(root).State, d.item(source).Gone()})
	d.now = d.now.Add(time.Minute)
	d.hears("two", root)
	c := d.card(wang, root)
	d.same("the card of both", []any{1, 4, "two"}, []any{c.Merged, c.Messages, c.LastWords})
	if err := d.Desk.Close(d.ctx, wang, source, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("closing what is merged: %v", err)
	}
	d.clean()

	of, err := d.Merging.Of(d.ctx, wang, root)
	d.must(err)
	if len(of) != 1 || of[0].Ticket != source || of[0].By != "wang" || !of[0].Undo || of[0].Foreign {
		d.t.Errorf("what is merged: %+v", of)
	}
	at, err := d.Merging.Undo(d.ctx, wang, source, d.now)
	d.must(err)
	d.same("it was worked on there", root, at)
	d.same("the source's own", []any{source, "Where is my refund?", source, "call back", source, "one"}, d.lines(wang, source))
	d.same("the root's own", []any{root, "Where is my refund?", root, "It is on its way.", root, "two"}, d.lines(wang, root))
	d.same("both are open, and our turn", []any{work.Waiting, work.Waiting, tickets.Open, tickets.Open},
		[]any{d.item(source).State, d.item(root).State, d.card(wang, source).Status, d.card(wang, root).Status})
	if _, err := d.Merging.Undo(d.ctx, wang, source, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taken back twice: %v", err)
	}
	d.now = d.now.Add(time.Minute)
	d.hears("three", source)
	d.same("what comes now goes to its own", "three", d.card(wang, source).LastWords)
	d.counted()
	d.clean()
	d.same("what was done with the source", []string{entries.ActUndoMerge, entries.ActMerge}, d.done(source))
	d.same("and with the root", []string{entries.ActGiveOut, entries.ActTakeIn}, d.done(root))
}

// done are the mergings in a ticket's timeline, the newest first.
func (d *desk) done(ticket int64) (out []string) {
	d.t.Helper()
	lines, _, err := d.Desk.Timeline(d.ctx, wang, ticket, table.Mark{}, 0)
	d.must(err)
	for _, l := range lines {
		if l.Act != nil && (l.Act.After.Into != 0) {
			out = append(out, l.Act.What)
		}
	}
	return out
}

func mergeDrafts(d *desk) {
	source, root := d.two()
	draft := func(v viewer.Viewer, ticket, version int64, text string) (int64, error) {
		return d.Answering.SaveDraft(d.ctx, v, answering.Draft{Ticket: ticket, Kind: replies.Answer, Version: version, Text: text}, d.now)
	}
	hers, err := draft(chen, source, 0, "hers")
	d.must(err)
	_, err = draft(wang, source, 0, "of the one")
	d.must(err)
	_, err = draft(wang, root, 0, "of the other")
	d.must(err)
	d.merges(wang, source, root)
	for v, want := range map[*viewer.Viewer]string{&wang: "of the other\n\nof the one", &chen: "hers"} {
		for _, ticket := range []int64{root, source} { // a page of the merged one may still be open
			got, err := d.Answering.Drafts(d.ctx, *v, ticket)
			d.must(err)
			d.same("the draft of "+v.Login, want, got[replies.Answer].Text)
		}
		d.same("the list shows that there is one", true, d.card(*v, root).Drafted)
	}
	if _, err := draft(chen, source, hers, "from a page of before"); !errors.Is(err, answering.ErrNewer) {
		d.t.Errorf("a page of before saves: %v", err)
	}
	got, err := d.Answering.Drafts(d.ctx, chen, root)
	d.must(err)
	_, err = draft(chen, source, got[replies.Answer].Version, "kept")
	d.must(err)
	got, err = d.Answering.Drafts(d.ctx, chen, root)
	d.must(err)
	d.same("what that page saves is saved where the ticket is worked on", "kept", got[replies.Answer].Text)
	if _, err := d.Answering.Send(d.ctx, chen, house, answering.Writing{Key: "page-9", Kind: replies.Note, Ticket: source, Anyway: true, Text: "late"}, d.now); !errors.Is(err, domain.ErrMerged) {
		d.t.Errorf("a note from a page of before: %v", err)
	}
}

func mergeForeign(d *desk) {
	mine := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	theirs := d.firstReply("k2", phone(2), d.now.Add(4*time.Hour)).Ticket.ID
	p, err := d.Merging.Look(d.ctx, wang, theirs, mine)
	d.must(err)
	d.same("whoever looks is warned", merging.Pair{Source: theirs, Target: mine, Foreign: true}, p)
	if _, err := d.Merging.Merge(d.ctx, wang, theirs, mine, false, d.now); !errors.Is(err, merging.ErrForeign) {
		d.t.Errorf("of two customers, without a word: %v", err)
	}
	_, err = d.Merging.Merge(d.ctx, wang, theirs, mine, true, d.now)
	d.must(err)
	d.now = d.now.Add(time.Minute)
	d.hears("newest", theirs)
	g := d.ground(wang, mine)
	d.same("whom an answer goes to", replies.Recipients{To: []message.Address{phone(1)}}, g.Recipients)
	of, err := d.Merging.Of(d.ctx, wang, mine)
	d.must(err)
	d.same("it says so", true, of[0].Foreign)
}

func mergeRights(d *desk) {
	open := func(n int, queue string) int64 {
		return d.ticket(n, d.now.Add(-time.Hour), func(t *tickets.Ticket) { t.Queue = queue })
	}
	pay, card := open(1, "payments"), open(2, "cards")
	for _, v := range []viewer.Viewer{wang, zhao, sun} {
		for _, p := range [][2]int64{{pay, card}, {card, pay}} {
			if _, err := d.Merging.Merge(d.ctx, v, p[0], p[1], true, d.now); !errors.Is(err, store.ErrNotFound) {
				d.t.Errorf("%s merges: %v", v.Login, err)
			}
		}
	}
	_, err := d.Merging.Merge(d.ctx, chen, card, pay, true, d.now)
	d.must(err)
	for v, want := range map[*viewer.Viewer]int64{&wang: pay, &chen: pay, &sun: pay, &zhao: 0} {
		got, err := d.Merging.Root(d.ctx, *v, card)
		d.must(err)
		d.same("where "+v.Login+" finds it", want, got)
	}
	for _, v := range []viewer.Viewer{wang, zhao, sun} {
		if _, err := d.Merging.Undo(d.ctx, v, card, d.now); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s takes it back: %v", v.Login, err)
		}
	}
	of, err := d.Merging.Of(d.ctx, wang, pay)
	d.must(err)
	d.same("what wang may take back", false, of[0].Undo)
}

func mergeAgrees(d *desk) {
	source, root := d.two()
	d.merges(wang, source, root)
	d.must(d.Desk.Close(d.ctx, wang, root, d.now))
	asks := []pipeline.Asks{naming(source), naming(root), naming(source)}
	facts := d.facts(asks...)
	var batch []commit.Decision
	for i, a := range asks {
		dec := d.assigned(d.says([]string{"a", "b", "c"}[i], named(facts, a)))
		dec.Plan.Ticket.Priority = []string{"high", "", ""}[i]
		facts.Apply(pipeline.Case{Message: message.Message{ID: dec.Pending.ID}, Asks: a, Now: d.now}, dec.Plan)
		batch = append(batch, dec)
	}
	d.must(d.Commit.Commit(d.ctx, batch, d.now))
	next := d.facts(asks...)
	for _, id := range []int64{source, root} {
		d.same("a ticket of the batch", *next.Tickets[id], *facts.Tickets[id])
	}
	d.same("as a message finds it", []any{tickets.Open, "high", root}, []any{named(next, naming(source)).Status, named(next, naming(source)).Priority, named(next, naming(source)).MergedInto})
	stale := d.says("d", named(facts, naming(source)))
	stale.Plan.Ticket.RootVersion--
	if err := d.Commit.Commit(d.ctx, []commit.Decision{stale}, d.now); !errors.Is(err, store.ErrConflict) {
		d.t.Errorf("upon an older root: %v", err)
	}
	unaware := d.says("e", named(facts, naming(source)))
	unaware.Plan.Ticket.Root = 0
	if err := d.Commit.Commit(d.ctx, []commit.Decision{unaware}, d.now); !errors.Is(err, store.ErrConflict) {
		d.t.Errorf("as if it were not merged: %v", err)
	}
}

func mergeMended(d *desk) {
	source, root := d.two()
	d.merges(wang, source, root)
	d.must(d.Base.Do(d.ctx, "being an older program", sql.Do(`UPDATE tickets SET status = 'open' WHERE id = $1`, source)))
	var w table.Walk
	for done := false; !done; {
		var err error
		_, done, err = d.Desk.Step(d.ctx, &w, d.now)
		d.must(err)
	}
	d.same("it is closed again, and worked on where it was", []any{tickets.Closed, true, false}, []any{d.card(wang, source).Status, d.item(source).Gone(), d.item(root).Gone()})
}
