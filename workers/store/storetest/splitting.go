package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/commands/split"
	"frontdesk/pipeline/domain/contacts"
	work "frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/checking"
	"frontdesk/workers/store/commit"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/splitting"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// splitCases are about tickets that are made of messages of others.
func splitCases() []namedCase {
	return []namedCase{
		{"messages and notes go to a ticket of their own, and nobody is acknowledged twice", splitMoves},
		{"what names a moved message goes to its new ticket, and what names the ticket to the old one", splitThreads},
		{"a Message-ID that others have borne before leads to where the message of each is", splitBorne},
		{"a chat stays where a one-time code is waited for", splitChecked},
		{"a ticket that was split off is owed a reply since its message came, and never later than was told", splitPromises},
		{"what was answered before it was moved is owed no more", splitAnswered},
		{"answers, drafts and what is still to be sent stay where they were written", splitStays},
		{"what is split off while an answer is under way silences nothing that stays, whether that arrives or fails", splitUnderWay},
		{"what becomes of an answer while a ticket is split is what the split rests upon", splitBeside},
		{"an answer that comes back had answered what was split off, or was merged for a time, too", splitReturned},
		{"an answer to somebody else, or one that came back, has answered nothing that was moved", splitAnsweredOthers},
		{"whoever takes part under a claim keeps his contact, and no name is left behind", splitClaimed},
		{"the first matter after a greeting stays, since it says what the ticket is about", splitMatter},
		{"a new ticket is never called by what another customer wrote", splitCalled},
		{"an answer in a split-off ticket goes by the inbox that writes, into the conversation of the message", splitAnswers},
		{"a split is taken back with all that has come since", splitTakenBack},
		{"whoever splits a ticket answers in both queues, and gives work to nobody whom he does not direct", splitRights},
		{"of two who move one message at once one does", splitRace},
		{"a batch that was decided before a split is decided anew", splitMeanwhile},
		{"who is erased is erased from both tickets", splitErased},
	}
}

// counting promises a reply and a solution so many hours after a message came.
func counting(reply, solution int) splitting.Counting {
	return splitting.Counting{Count: func(_ match.Case, p promises.Promise) (promises.Promise, bool) {
		hours := map[string]int{promises.FirstReply: reply, promises.Resolution: solution}[p.Kind]
		return promises.Promise{Due: p.Start.Add(time.Duration(hours) * time.Hour), Calendar: "always"}, hours > 0
	}}
}

// wrote brings a message that continues a ticket under these names, and is its id.
func (d *desk) wrote(key string, ticket int64, change ...func(*commit.Decision)) int64 {
	d.t.Helper()
	dec := d.says(key, named(d.facts(naming(ticket)), naming(ticket)))
	dec.Plan.Row.Language = "en"
	for _, f := range change {
		f(&dec)
	}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan.Message
}

// splits moves messages, and is the new ticket.
func (d *desk) splits(v viewer.Viewer, ticket int64, c splitting.Chosen) int64 {
	d.t.Helper()
	c.Ticket = ticket
	if c.Queue == "" {
		c.Queue = "payments"
	}
	fresh, err := d.Splitting.Split(d.ctx, v, counting(8, 48), c, d.now)
	d.must(err)
	return fresh
}

func splitMoves(d *desk) {
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	d.now = d.now.Add(time.Minute)
	one, two := d.wrote("parcel", old), d.wrote("passport", old)
	note := d.sends(wang, answering.Writing{Key: "note-1", Kind: replies.Note, Ticket: old, Anyway: true, Text: "ask the @chen of parcels"})
	d.must(d.Desk.Take(d.ctx, wang, old, handout.Rules{}, d.now))
	mark := d.mark()
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{two, one}, Notes: []int64{note.Reply}, Subject: "The parcel", Owner: wang.User})
	told := map[int64]string{}
	for _, c := range d.changed(mark, 2) {
		told[c.Ticket] = c.Kind
	}
	d.same("both pages hear of it", map[int64]string{old: split.ActSplit, fresh: split.ActSplitOff}, told)

	d.same("what has stayed", []any{old, "Where is my refund?"}, d.lines(wang, old))
	d.same("what has gone", []any{fresh, "parcel", fresh, "passport", fresh, "ask the @chen of parcels"}, d.lines(wang, fresh))
	c, o := d.card(wang, fresh), d.card(wang, old)
	d.same("the card of the new one", []any{"The parcel", 2, "passport", wang.User, tickets.Open, work.Waiting}, []any{c.Subject, c.Messages, c.LastWords, c.Owner, c.Status, c.State})
	d.same("the card of the old one", []any{1, "Where is my refund?", wang.User}, []any{o.Messages, o.LastWords, o.Owner})
	d.same("each has a line of it that names the other", [][]any{{split.ActSplit, "wang", fresh}, {split.ActSplitOff, "wang", old}}, [][]any{d.partedBy(old), d.partedBy(fresh)})
	d.same("the acknowledgement", []string{"void", "void"}, []string{d.promiseOf(fresh, promises.Acknowledgement), promiseState(d, fresh, causes.Split)})
	if rows := d.texts(`SELECT state || ' ' || cause FROM outbox WHERE message <> 0 AND message = $1 AND kind = 'acknowledgement'`, one); len(rows) != 1 || rows[0] != "withheld split" {
		d.t.Errorf("the acknowledgement of the new one: %v", rows)
	}
	d.index()
	d.same("a word of it is found in the new one", []int64{fresh}, d.find("passport"))
	d.same("and nothing of it in the old one", []int64{old}, d.find("refund"))
	of, err := d.Splitting.Of(d.ctx, wang, old)
	d.must(err)
	if len(of) != 1 || of[0].Ticket != fresh || of[0].Origin != old || of[0].By != "wang" || !of[0].Undo {
		d.t.Errorf("what was split off: %+v", of)
	}
	for name, c := range map[string]struct {
		chosen splitting.Chosen
		want   error
	}{"nothing": {splitting.Chosen{}, splitting.ErrNothing}, "what has gone": {splitting.Chosen{Messages: []int64{one}}, splitting.ErrMoved}, "the only message that is left": {splitting.Chosen{Messages: []int64{messageOf(d, old)}}, splitting.ErrFirst}} {
		c.chosen.Ticket, c.chosen.Queue = old, "payments"
		if _, err := d.Splitting.Split(d.ctx, wang, counting(8, 48), c.chosen, d.now); !errors.Is(err, c.want) {
			d.t.Errorf("splitting off %s: %v", name, err)
		}
	}
	d.counted()
	d.clean()
}

// partedBy is what a ticket's timeline says of a split.
func (d *desk) partedBy(ticket int64) []any {
	d.t.Helper()
	for _, what := range []string{split.ActSplit, split.ActSplitOff} {
		lines, _, err := d.Desk.Timeline(d.ctx, chen, ticket, table.Mark{}, 0)
		d.must(err)
		for _, l := range lines {
			if l.Act != nil && l.Act.What == what {
				return []any{l.Act.What, l.Act.Who, l.Act.After.Into}
			}
		}
	}
	return nil
}

// numbers are the numbers that a query gives.
func (d *desk) numbers(query string, args ...any) (out []int64) {
	d.t.Helper()
	d.must(d.Base.DB.Read(d.ctx, func(t sql.Tx) error {
		out = nil
		return t.Run(d.ctx, sql.Ask(sql.Value(func(n int64) { out = append(out, n) }), query, args...))
	}))
	return out
}

// promiseState is the state of a ticket's acknowledgement, if it is so for that cause.
func promiseState(d *desk, ticket int64, cause string) string {
	for _, state := range d.texts(`SELECT state FROM promises WHERE ticket = $1 AND kind = 'acknowledgement' AND cause = $2`, ticket, cause) {
		return state
	}
	return "none"
}

// messageOf is the message that opened a ticket.
func messageOf(d *desk, ticket int64) (id int64) {
	for _, a := range d.numbers(`SELECT id FROM messages WHERE ticket <> 0 AND ticket = $1 AND state = 'ticketed'`, ticket) {
		id = a
	}
	return id
}

func splitThreads(d *desk) {
	old := d.open("k1", phone(1)).Ticket.ID
	of := func(reference, content, thread string) func(*commit.Decision) {
		return func(dec *commit.Decision) {
			dec.Plan.Row.Reference, dec.Plan.Row.Content, dec.Plan.Row.Thread = reference, content, thread
		}
	}
	d.now = d.now.Add(time.Minute)
	moved := d.wrote("parcel", old, of("r-parcel", "c-parcel", "chat-1"))
	d.wrote("more", old, of("r-more", "c-more", "chat-2"))
	d.wrote("late", old, of("r-late", "c-late", "chat-2"))
	early := d.numbers(`SELECT id FROM messages WHERE ticket <> 0 AND ticket = $1 AND reference = $2`, old, "r-more")[0]
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved, early}})
	asks := pipeline.Asks{References: []string{"r-parcel", "r-late"}, Content: "c-parcel", Thread: "chat-1"}
	f := d.facts(asks, pipeline.Asks{Thread: "chat-2"}, naming(old))
	d.same("what answers the moved message, and what answers another one", map[string]int64{"r-parcel": fresh, "r-late": old}, f.References)
	d.same("a chat goes on where its newest message is", map[string]int64{"chat-1": fresh, "chat-2": old}, f.Threads)
	if c := f.For(message.Message{}, asks); c.First == nil || c.First.Ticket != fresh {
		d.t.Errorf("a copy of it belongs to %+v", c.First)
	}
	d.same("the ticket's own token stays its own", old, named(f, naming(old)).ID)
	d.same("its customer takes part in both", []message.Identity{phone(1).Identity()}, d.facts(naming(fresh)).Tickets[fresh].Participants)
	d.clean()
}

// splitBorne: a Message-ID is known to all who were written to, and anyone can send a mail under it. Each one's answers go to where his own message is.
func splitBorne(d *desk) {
	foreign := d.open("k0", phone(9)).Ticket.ID
	d.wrote("hello", foreign, func(dec *commit.Decision) { dec.Plan.Row.Reference = "r-parcel" })
	old := d.open("k1", phone(1)).Ticket.ID
	mine := func(reference string, from message.Address, proven bool) string {
		return dedupe.Mine(reference, pipeline.Asks{From: from.Identity(), Proven: proven}.Writer(), d.Base.Ring.Digest)
	}
	borne := func(reference string, from message.Address, proven bool) func(*commit.Decision) {
		return func(dec *commit.Decision) {
			dec.Plan.Row.Reference, dec.Plan.Row.Mine = reference, mine(reference, from, proven)
		}
	}
	d.now = d.now.Add(time.Minute)
	parcel := d.wrote("parcel", old, borne("r-parcel", phone(1), true))
	first := d.wrote("refund", old, func(dec *commit.Decision) { dec.Plan.Row.Reference = "r-refund" })
	guest := d.writes("and I?", old, phone(2), contacts.Plan{}, borne("r-refund", phone(2), false))
	own, his := mine("r-parcel", phone(1), true), mine("r-refund", phone(2), false)
	where := func(what string, want map[string]int64) {
		d.t.Helper()
		d.same(what, want, d.facts(pipeline.Asks{References: []string{"r-parcel", "r-refund"}, Mine: []string{own, his}}).References)
	}
	where("before", map[string]int64{"r-parcel": foreign, own: old, "r-refund": old, his: old})
	one := d.splits(wang, old, splitting.Chosen{Messages: []int64{parcel}})
	where("what a foreign ticket bore first", map[string]int64{"r-parcel": foreign, own: one, "r-refund": old, his: old})
	two := d.splits(wang, old, splitting.Chosen{Messages: []int64{guest}})
	where("what somebody else has borne in the same ticket, and whose message stays", map[string]int64{"r-parcel": foreign, own: one, "r-refund": old, his: two})
	three := d.splits(wang, old, splitting.Chosen{Messages: []int64{first}})
	where("and when that goes", map[string]int64{"r-parcel": foreign, own: one, "r-refund": three, his: two})
	late := d.wrote("late", old, borne("r-parcel", phone(3), true), func(dec *commit.Decision) { dec.Plan.Row.From = phone(3) })
	d.must(d.Acts.TakeOut(d.ctx, late, d.now, "li"))
	d.same("what was taken out leads nowhere until it is decided anew", 0, len(d.facts(pipeline.Asks{References: []string{"-"}, Mine: []string{mine("r-parcel", phone(3), true)}}).References))
}

// splitChecked: the code that the customer sends next is held to the check that waits for it.
func splitChecked(d *desk) {
	old := d.open("k1", phone(1)).Ticket.ID
	chat := func(thread string) func(*commit.Decision) {
		return func(dec *commit.Decision) { dec.Plan.Row.Thread = thread }
	}
	first, second := d.wrote("parcel", old, chat("chat-1")), d.wrote("passport", old, chat("chat-2"))
	_, err := d.Checking.Begin(d.ctx, wang, checking.Ways(own), old, phone(1).Identity(), d.now)
	d.must(err)
	d.splits(wang, old, splitting.Chosen{Messages: []int64{first}})
	d.same("while the code is waited for", map[string]int64{"chat-1": old}, d.facts(pipeline.Asks{Thread: "chat-1"}).Threads)
	d.now = d.now.Add(challenge.Valid)
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{second}})
	d.same("when it has run out", map[string]int64{"chat-2": fresh}, d.facts(pipeline.Asks{Thread: "chat-2"}).Threads)
	d.clean()
}

func splitPromises(d *desk) {
	plan := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour))
	old := plan.Ticket.ID
	d.claim(plan.Effects[0].ID)
	d.settle(commands.SendEnded{ID: plan.Effects[0].ID, State: effects.Sent, ProviderID: "SM1"})
	told := d.now.Add(4 * time.Hour)
	d.now = d.now.Add(2 * time.Hour)
	moved := d.wrote("parcel", old)
	d.now = d.now.Add(time.Hour)
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}})
	d.same("by when he was told", []any{told, work.Waiting}, []any{d.item(fresh).Due, d.item(fresh).State})
	d.same("it waits since its message came", d.now.Add(-time.Hour), d.item(fresh).Since)
	d.same("the old one is owed what it was", []any{told, start}, []any{d.item(old).Due, d.item(old).Since})
	d.same("each in its own right", []string{"due", "due", "due"}, []string{d.promiseOf(old, promises.FirstReply), d.promiseOf(fresh, promises.FirstReply), d.promiseOf(fresh, promises.Resolution)})
	d.clean()

	sent := d.sends(wang, d.answer(wang, old, "page-1", "It is on its way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	d.same("an answer in the old one is none in the new one", []string{"kept", "due"}, []string{d.promiseOf(old, promises.FirstReply), d.promiseOf(fresh, promises.FirstReply)})
	d.counted()
	d.clean()
}

func splitAnswered(d *desk) {
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	moved := d.wrote("parcel", old)
	d.now = d.now.Add(time.Minute)
	sent := d.sends(wang, d.answer(wang, old, "page-1", "Both are on their way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	told, err := d.Splitting.Answered(d.ctx, wang, old, []int64{moved, messageOf(d, old)})
	d.must(err)
	d.same("the form says when it was answered", map[int64]time.Time{moved: d.now, messageOf(d, old): d.now}, told)
	told, err = d.Splitting.Answered(d.ctx, zhao, old, []int64{moved})
	d.must(err)
	d.same("not to who answers elsewhere", 0, len(told))
	open := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}})
	d.same("by itself no answer counts for the new one", []any{"due", work.Waiting, work.Pending}, []any{d.promiseOf(open, promises.FirstReply), d.item(open).State, d.item(old).State})
	_, err = d.Splitting.Undo(d.ctx, wang, open, d.now)
	d.must(err)
	d.same("taken back it is as it was", []any{"void", work.Pending}, []any{d.promiseOf(open, promises.FirstReply), d.item(old).State})
	_, err = d.Merging.Undo(d.ctx, wang, open, d.now)
	d.must(err)
	d.same("and whoever takes that back has it aside", []any{work.Pending, work.Pending}, []any{d.item(open).State, d.item(old).State})
	d.counted()
	d.clean()

	old = d.firstReply("k2", phone(2), d.now.Add(4*time.Hour)).Ticket.ID
	moved = d.writes("parcel, too", old, phone(2), contacts.Plan{})
	d.now = d.now.Add(time.Minute)
	sent = d.sends(wang, d.answer(wang, old, "page-2", "Both are on their way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	if _, err := d.Splitting.Split(d.ctx, wang, counting(8, 48), splitting.Chosen{Ticket: old, Messages: []int64{moved}, Queue: "payments", Answered: true}, d.now); !errors.Is(err, splitting.ErrWaits) {
		d.t.Errorf("while its answer is under way: %v", err)
	}
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM8"})
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}, Answered: true})
	d.same("nothing is owed, and it is the customer's turn", []any{"void", work.Pending}, []any{d.promiseOf(fresh, promises.FirstReply), d.item(fresh).State})
	d.same("the old one has kept what it promised", "kept", d.promiseOf(old, promises.FirstReply))

	d.now = d.now.Add(time.Minute)
	next := d.says("thanks, and?", named(d.facts(naming(old)), naming(old)))
	next.Plan.Row.From = phone(2)
	next.Plan.Turn = &promises.Plan{Kind: promises.NextReply, Due: d.now.Add(8 * time.Hour)}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{next}, d.now))
	d.same("a turn has begun in the old one", []any{"due", work.Waiting}, []any{d.promiseOf(old, promises.NextReply), d.item(old).State})
	other := d.splits(wang, old, splitting.Chosen{Messages: []int64{next.Plan.Message}})
	d.same("nothing of it has stayed there", []any{"void", work.Pending}, []any{d.promiseOf(old, promises.NextReply), d.item(old).State})
	d.same("it is owed in the new one", []any{"due", work.Waiting}, []any{d.promiseOf(other, promises.FirstReply), d.item(other).State})
	_, err = d.Splitting.Undo(d.ctx, wang, other, d.now)
	d.must(err)
	d.same("and waits in the old one when that is taken back", []any{"due", work.Waiting}, []any{d.promiseOf(other, promises.FirstReply), d.item(old).State})
	d.counted()
	d.clean()
}

func splitStays(d *desk) {
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	moved := d.wrote("parcel", old)
	_, err := d.Answering.SaveDraft(d.ctx, wang, answering.Draft{Ticket: old, Kind: replies.Answer, Text: "half a word"}, d.now)
	d.must(err)
	sent := d.sends(chen, d.answer(chen, old, "page-1", "It is on its way."))
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}})
	draft, err := d.Answering.Drafts(d.ctx, wang, old)
	d.must(err)
	none, err := d.Answering.Drafts(d.ctx, wang, fresh)
	d.must(err)
	d.same("a draft stays", []string{"half a word", ""}, []string{draft[replies.Answer].Text, none[replies.Answer].Text})
	d.now = sent.Until
	rows := d.claim(sent.Effect)
	if len(rows) != 1 || rows[0].Ticket != old {
		d.t.Fatalf("what is still to be sent: %+v", rows)
	}
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	d.same("and so does an answer", []any{old, "Where is my refund?", old, "It is on its way."}, d.lines(wang, old))
	if _, err := d.Splitting.Split(d.ctx, wang, counting(8, 48), splitting.Chosen{Ticket: fresh, Messages: []int64{moved}, Notes: []int64{sent.Reply}, Queue: "payments"}, d.now); !errors.Is(err, splitting.ErrFirst) {
		d.t.Errorf("the only message of a ticket: %v", err)
	}
	d.same("an answer to the moved message goes to its customer", []message.Address{phone(1)}, d.ground(wang, fresh).Recipients.To)
	d.clean()
}

// splitUnderWay: an answer to the second thing that a customer wrote is under way when he writes a third one, which is split off before or after it fails.
func splitUnderWay(d *desk) {
	for i, c := range []struct {
		name          string
		early         bool // it is split off before the answer ends
		end           effects.State
		state         work.State
		first, second string // the two turns of the old one
	}{
		{"it has failed", false, effects.Failed, work.Waiting, "1 due", "2 void split"},
		{"it fails later", true, effects.Failed, work.Waiting, "1 due", "2 void split"},
		{"it arrives later", true, effects.Sent, work.Pending, "1 kept", "2 void split"},
	} {
		old := d.firstReply(fmt.Sprint("way", i), phone(1+i), d.now.Add(4*time.Hour)).Ticket.ID
		ends := func(sent answering.Sent, state effects.State) {
			d.now = sent.Until
			d.claim(sent.Effect)
			d.settle(commands.SendEnded{ID: sent.Effect, State: state, ProviderID: fmt.Sprint("SM", sent.Effect), Code: "21614"})
		}
		says := func(key string) int64 {
			d.now = d.now.Add(time.Minute)
			next := d.says(fmt.Sprint(key, i), named(d.facts(naming(old)), naming(old)))
			next.Plan.Row.From = phone(1 + i)
			next.Plan.Turn = &promises.Plan{Kind: promises.NextReply, Due: d.now.Add(8 * time.Hour)}
			d.must(d.Commit.Commit(d.ctx, []commit.Decision{next}, d.now))
			d.now = d.now.Add(time.Minute)
			return next.Plan.Message
		}
		ends(d.sends(wang, d.answer(wang, old, fmt.Sprint("page-1", i), "It is on its way.")), effects.Sent)
		says("where?")
		since := d.item(old).Since
		under := d.sends(wang, d.answer(wang, old, fmt.Sprint("page-2", i), "In the post."))
		parcel := says("parcel")
		var fresh int64
		if c.early {
			fresh = d.splits(wang, old, splitting.Chosen{Messages: []int64{parcel}})
			d.same(c.name+": it is the customer's turn meanwhile", work.Pending, d.item(old).State)
		}
		if ends(under, c.end); !c.early {
			fresh = d.splits(wang, old, splitting.Chosen{Messages: []int64{parcel}})
			d.same(c.name+": he waits since he wrote what was not answered", since, d.item(old).Since)
		}
		d.same(c.name, []any{c.state, c.first, c.second}, append([]any{d.item(old).State}, anys(d.texts(`SELECT trim(turn || ' ' || state || ' ' || cause) FROM turns WHERE ticket = $1 ORDER BY turn`, old))...))
		d.same(c.name+": the new one owes its own", []any{work.Waiting, "due"}, []any{d.item(fresh).State, d.promiseOf(fresh, promises.FirstReply)})
	}
	d.counted()
	d.clean()
}

// splitBeside: the answer of splitUnderWay ends in a transaction that is open when the split begins, and is there before the split is decided.
func splitBeside(d *desk) {
	for i, c := range []struct {
		name   string
		split  int  // of the messages behind the answer
		counts bool // it is to count for what is split off
		before effects.State
		end    any // what is told of it: commands.SendEnded or channels.Receipt
		state  work.State
		moved  string // what the new one is owed
	}{
		{"it fails", 1, false, "", commands.SendEnded{State: effects.Failed, Code: "21614"}, work.Waiting, "due"},
		{"it comes back", 0, true, effects.Sent, channels.Receipt{Status: channels.StatusFailed, Reason: "30005"}, "", ""},
	} {
		old := d.firstReply(fmt.Sprint("way", i), phone(1+i), d.now.Add(4*time.Hour)).Ticket.ID
		says := func(key string) int64 {
			d.now = d.now.Add(time.Minute)
			next := d.says(fmt.Sprint(key, i), named(d.facts(naming(old)), naming(old)))
			next.Plan.Row.From = phone(1 + i)
			next.Plan.Turn = &promises.Plan{Kind: promises.NextReply, Due: d.now.Add(8 * time.Hour)}
			d.must(d.Commit.Commit(d.ctx, []commit.Decision{next}, d.now))
			d.now = d.now.Add(time.Minute)
			return next.Plan.Message
		}
		behind := []int64{says("where?")}
		under := d.sends(wang, d.answer(wang, old, fmt.Sprint("page-", i), "In the post."))
		d.now = under.Until
		d.claim(under.Effect)
		if c.before != "" {
			d.settle(commands.SendEnded{ID: under.Effect, State: c.before, ProviderID: fmt.Sprint("SM", under.Effect)})
		}
		behind = append(behind, says("parcel"))
		var end domain.Command
		switch e := c.end.(type) {
		case commands.SendEnded:
			e.ID = under.Effect
			end = e
		case channels.Receipt:
			end = commands.ReceiptCame{Receipt: effects.Receipt{Inbox: "hotline", Provider: fmt.Sprint("SM", under.Effect), Event: effects.Fail, Reason: e.Reason, At: d.now}}
		}
		var fresh int64
		d.beside(func(t sql.Tx) error { return plans.New(d.Base).Carried(d.ctx, t, []domain.Command{end}, nil, d.now) }, func() (err error) {
			fresh, err = d.Splitting.Split(d.ctx, wang, counting(8, 48), splitting.Chosen{Ticket: old, Messages: []int64{behind[c.split]}, Queue: "payments", Answered: c.counts}, d.now)
			if c.counts && errors.Is(err, splitting.ErrWaits) {
				return nil
			}
			return err
		})
		if c.counts {
			d.same(c.name, int64(0), fresh)
			continue
		}
		d.same(c.name, []any{c.state, work.Waiting, c.moved}, []any{d.item(old).State, d.item(fresh).State, d.promiseOf(fresh, promises.FirstReply)})
	}
	d.counted()
	d.clean()
}

// beside does something while a transaction is open that has done everything but to end, and ends that when the other one waits for it. SQLite has one writer: the
// other one begins when it has ended.
func (d *desk) beside(first func(sql.Tx) error, then func() error) {
	d.t.Helper()
	begun, end, done := make(chan error, 1), make(chan bool, 1), make(chan error, 1)
	go func() {
		done <- d.Base.Write(d.ctx, func(t sql.Tx) error {
			err := first(t)
			begun <- err
			<-end
			return err
		})
	}()
	d.must(<-begun)
	over := make(chan error, 1)
	go func() { over <- then() }()
	if d.Base.Dialect() != "sqlite" {
		for len(over) == 0 && len(d.numbers(`SELECT CAST(pid AS bigint) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) == 0 {
			runtime.Gosched()
		}
	}
	end <- true
	d.must(<-done)
	d.must(<-over)
}

// splitReturned: whoever waits there waits again, and nobody who does not.
func splitReturned(d *desk) {
	answers := func(ticket int64, page string) (provider string) {
		d.t.Helper()
		d.now = d.now.Add(time.Minute)
		sent := d.sends(wang, d.answer(wang, ticket, page, "It is on its way."))
		d.now = sent.Until
		d.claim(sent.Effect)
		provider = fmt.Sprint("SM", sent.Effect)
		d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: provider})
		d.now = d.now.Add(time.Minute)
		return provider
	}
	back := func(provider string) {
		d.t.Helper()
		d.receipt(channels.Receipt{ProviderID: provider, Status: channels.StatusFailed, Reason: "30005", At: d.now})
	}
	states := func(what string, want []any, of ...int64) {
		d.t.Helper()
		var got []any
		for _, ticket := range of {
			got = append(got, d.item(ticket).State)
		}
		d.same(what, want, got)
	}
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	parcel := d.wrote("parcel", old)
	both := answers(old, "page-1")
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{parcel}, Answered: true})
	own := answers(old, "page-2")
	states("all are answered", []any{work.Pending, work.Pending}, old, fresh)
	back(own)
	states("what was written behind the split was for the old one alone", []any{work.Waiting, work.Pending}, old, fresh)
	mark := d.mark()
	back(both)
	states("what was handed over before it was for both", []any{work.Waiting, work.Waiting}, old, fresh)
	told := map[int64]bool{}
	for _, c := range d.changed(mark, 2) {
		told[c.Ticket] = true
	}
	d.same("pages hear of both", map[int64]bool{old: true, fresh: true}, told)

	one, two := d.open("k2", phone(2)).Ticket.ID, d.open("k3", phone(3)).Ticket.ID
	_, err := d.Merging.Merge(d.ctx, wang, one, two, true, d.now)
	d.must(err)
	while := answers(two, "page-3")
	_, err = d.Merging.Undo(d.ctx, wang, one, d.now)
	d.must(err)
	states("what was written while they were one has answered both", []any{work.Pending, work.Pending}, one, two)
	behind := answers(two, "page-4")
	back(behind)
	states("what was written behind it was for one", []any{work.Pending, work.Waiting}, one, two)
	back(while)
	states("and that was for both", []any{work.Waiting, work.Waiting}, one, two)

	for name, end := range map[string]func(answering.Sent){
		"fails": func(sent answering.Sent) {
			d.claim(sent.Effect)
			d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Failed, Code: "21614"})
		},
		"is taken back": func(sent answering.Sent) {
			d.now = sent.Until.Add(-time.Second)
			d.must(d.Answering.Undo(d.ctx, wang, sent.Reply, d.now))
			d.now = sent.Until
		},
	} {
		_, err := d.Merging.Merge(d.ctx, wang, one, two, true, d.now)
		d.must(err)
		d.now = d.now.Add(time.Minute)
		sent := d.sends(wang, d.answer(wang, two, "page-5-"+name, "It is on its way."))
		_, err = d.Merging.Undo(d.ctx, wang, one, d.now.Add(time.Second))
		d.must(err)
		states("an answer is under way that "+name, []any{work.Pending, work.Pending}, one, two)
		d.now = sent.Until
		end(sent)
		states("it "+name, []any{work.Waiting, work.Waiting}, one, two)
		d.now = d.now.Add(time.Minute)
	}
	d.counted()
	d.clean()
}

func anys(of []string) (out []any) {
	for _, one := range of {
		out = append(out, one)
	}
	return out
}

// writes is a message of somebody else, whom nothing proves, who takes part in a ticket.
func (d *desk) writes(key string, ticket int64, from message.Address, contact contacts.Plan, change ...func(*commit.Decision)) int64 {
	d.t.Helper()
	dec := d.says(key, named(d.facts(naming(ticket)), naming(ticket)))
	dec.Plan.Row.From, dec.Plan.Row.Proven, dec.Plan.Contact = from, false, contact
	for _, f := range change {
		f(&dec)
	}
	dec = d.assigned(dec)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan.Message
}

func splitAnsweredOthers(d *desk) {
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	other, also := d.writes("and I?", old, phone(2), contacts.Plan{}), d.writes("me too", old, phone(2), contacts.Plan{})
	own := d.wrote("parcel", old)
	d.now = d.now.Add(time.Minute)
	sent := d.sends(wang, d.answer(wang, old, "page-1", "It is on its way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	d.same("the answer went to", []string{phone(1).Value}, d.texts(`SELECT to_value FROM outbox WHERE id = $1`, sent.Effect))
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{other}})
	d.same("who was not written to waits", []any{"due", work.Waiting}, []any{d.promiseOf(fresh, promises.FirstReply), d.item(fresh).State})
	counts := func(name string, messages ...int64) {
		d.t.Helper()
		if _, err := d.Splitting.Split(d.ctx, wang, counting(8, 48), splitting.Chosen{Ticket: old, Messages: messages, Queue: "payments", Answered: true}, d.now); !errors.Is(err, splitting.ErrWaits) {
			d.t.Errorf("%s: %v", name, err)
		}
	}
	counts("nor is all answered where one of two was", own, also)
	answered, err := d.Splitting.Answered(d.ctx, wang, old, []int64{own, also})
	d.must(err)
	d.same("which the form says of that one", map[int64]time.Time{own: d.now}, answered)
	d.counted()
	d.clean()

	old = d.firstReply("k2", phone(4), d.now.Add(4*time.Hour)).Ticket.ID
	own = d.writes("where?", old, phone(4), contacts.Plan{})
	d.now = d.now.Add(time.Minute)
	sent = d.sends(wang, d.answer(wang, old, "page-2", "It is on its way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM8"})
	d.receipt(channels.Receipt{ProviderID: "SM8", Status: channels.StatusFailed, Reason: "30005", At: d.now})
	counts("what came back has answered nothing", own)
	d.counted()
	d.clean()
}

func splitClaimed(d *desk) {
	first := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], phone(1))
	first.Plan.Contact.Add[0].Verified, first.Plan.Ticket.Open.Claimed, first.Plan.Row.Proven = false, true, false
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	old, opener := first.Plan.Ticket.ID, first.Plan.Contact.ID
	contact := func(message int64) int64 {
		return d.numbers(`SELECT contact FROM messages WHERE id = $1`, message)[0]
	}
	guest := d.writes("and I?", old, phone(2), contacts.Plan{New: true, Name: "Rumpelstilz", Add: []contacts.Claim{{Address: phone(2)}}})
	who := contact(guest)
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{guest}})
	d.same("the guest is whom he was", []int64{who, who}, []int64{d.numbers(`SELECT contact FROM tickets WHERE id = $1`, fresh)[0], contact(guest)})
	d.same("of each there is one", []string{"Ann", "Rumpelstilz"}, d.texts(`SELECT name FROM contacts WHERE id > $1 ORDER BY id`, int64(0)))

	shared := func(dec *commit.Decision) { dec.Plan.Contact = contacts.Plan{ID: opener, Version: 1} }
	own, his := d.writes("parcel", old, phone(1), contacts.Plan{}, shared), d.writes("mine, too", old, phone(3), contacts.Plan{}, func(dec *commit.Decision) { dec.Plan.Contact = contacts.Plan{ID: opener, Version: 2} })
	fresh = d.splits(wang, old, splitting.Chosen{Messages: []int64{own, his}})
	claimant := d.numbers(`SELECT contact FROM tickets WHERE id = $1`, fresh)[0]
	d.same("what the opener wrote has a contact of its own, what others did has not", []any{true, claimant, opener}, []any{claimant != opener && claimant != 0, contact(own), contact(his)})
	d.clean()
}

func splitMatter(d *desk) {
	pending := d.pending(d.record(item("hotline", "m1", "Hi"), item("hotline", "m2", "My card was stolen"))...)
	first := d.greeting(pending[0])
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{d.matter(pending[1], first.Plan)}, d.now))
	lead := viewer.Viewer{User: 5, Login: "lead", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}
	if _, err := d.Splitting.Split(d.ctx, lead, counting(8, 48), splitting.Chosen{Ticket: first.Plan.Ticket.ID, Messages: []int64{pending[1].ID}, Queue: "payments"}, d.now); !errors.Is(err, splitting.ErrFirst) {
		d.t.Errorf("the matter alone: %v", err)
	}
	d.clean()
}

func splitCalled(d *desk) {
	plan := d.open("k1", phone(1)) // it is called "Refund?"
	old := plan.Ticket.ID
	long := strings.Repeat("long ", 30)
	picture := func(dec *commit.Decision) { dec.Plan.Row.Visible = "" }
	said, silent := d.writes("my  own\nmatter", old, phone(2), contacts.Plan{}), d.writes("p1", old, phone(3), contacts.Plan{}, picture)
	own, silentOwn := d.wrote(long, old), d.wrote("p2", old, picture, func(dec *commit.Decision) { dec.Plan.Contact = contacts.Plan{ID: plan.Contact.ID, Version: 1} })
	for name, c := range map[string]struct {
		message int64
		want    string
	}{
		"as its first words are": {said, "my own matter"}, "what says nothing has no name": {silent, ""}, "the first of many words": {own, long[:79] + "…"}, "the same customer's": {silentOwn, "Refund?"},
	} {
		d.same(name, c.want, d.card(wang, d.splits(wang, old, splitting.Chosen{Messages: []int64{c.message}})).Subject)
	}
	d.clean()
}

func splitAnswers(d *desk) {
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	moved := d.wrote("parcel", old, func(dec *commit.Decision) { dec.Plan.Row.Thread = "hotline|group-7" })
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}})
	other := house // whose hotline is an inbox that cannot send
	other.Ways = func(string, message.AddressKind) (string, string, bool) { return "outgoing", "sms", true }
	g, err := d.Answering.Ground(d.ctx, wang, fresh, other)
	d.must(err)
	d.same("by the inbox that writes", []string{"outgoing", "sms"}, []string{g.Inbox, g.Channel})
	sent := d.sends(wang, d.answer(wang, fresh, "page-1", "Tomorrow."))
	d.same("in the conversation", []string{`{"thread":"group-7"}`}, d.texts(`SELECT payload FROM outbox WHERE id = $1`, sent.Effect))
	d.clean()
}

func splitTakenBack(d *desk) {
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	moved := d.wrote("parcel", old)
	d.now = d.now.Add(time.Minute)
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}})
	d.now = d.now.Add(time.Minute)
	d.hears("and now?", fresh)
	sent := d.sends(wang, d.answer(wang, fresh, "page-1", "Tomorrow."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	if _, err := d.Splitting.Undo(d.ctx, chen, fresh, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taken back by a colleague who directs nobody: %v", err)
	}
	root, err := d.Splitting.Undo(d.ctx, wang, fresh, d.now)
	d.must(err)
	d.same("it is worked on there", old, root)
	d.same("with all that has come since", []any{old, "Where is my refund?", fresh, "parcel", fresh, "and now?", fresh, "Tomorrow."}, d.lines(wang, old))
	d.same("what the old one owes it owes", []any{work.Waiting, "due", "kept"}, []any{d.item(old).State, d.promiseOf(old, promises.FirstReply), d.promiseOf(fresh, promises.FirstReply)})
	if _, err := d.Splitting.Undo(d.ctx, wang, fresh, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taken back twice: %v", err)
	}
	d.now = d.now.Add(time.Minute)
	d.hears("late", fresh)
	d.same("what comes for it now is work on the old one", "late", d.card(wang, old).LastWords)
	if _, err := d.Splitting.Split(d.ctx, wang, counting(8, 48), splitting.Chosen{Ticket: fresh, Messages: []int64{moved}, Queue: "payments"}, d.now); !errors.Is(err, domain.ErrMerged) {
		d.t.Errorf("splitting what is merged: %v", err)
	}
	of, err := d.Splitting.Of(d.ctx, wang, old)
	d.must(err)
	d.same("it is none that was split off any more", 0, len(of))
	d.counted()
	d.clean()
}

func splitRights(d *desk) {
	old := d.firstReply("k1", phone(1), d.now.Add(4*time.Hour)).Ticket.ID
	moved := d.wrote("parcel", old)
	lead := viewer.Viewer{User: 5, Login: "lead", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}
	for name, c := range map[string]struct {
		v viewer.Viewer
		c splitting.Chosen
	}{
		"somebody of another queue": {zhao, splitting.Chosen{Queue: "cards"}}, "an auditor": {sun, splitting.Chosen{Queue: "payments"}}, "into a queue that is not his": {wang, splitting.Chosen{Queue: "cards"}},
		"to a colleague whom he does not direct": {wang, splitting.Chosen{Queue: "payments", Owner: chen.User}},
	} {
		c.c.Ticket, c.c.Messages = old, []int64{moved}
		if _, err := d.Splitting.Split(d.ctx, c.v, counting(8, 48), c.c, d.now); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s: %v", name, err)
		}
	}
	fresh := d.splits(lead, old, splitting.Chosen{Messages: []int64{moved}, Queue: "cards", Owner: chen.User})
	d.same("a lead gives it to whom he will", []any{chen.User, "cards"}, []any{d.item(fresh).Owner, d.item(fresh).Queue})
	for v, want := range map[*viewer.Viewer]int{&wang: 0, &zhao: 0, &chen: 1, &sun: 1} { // who reads one of both alone learns nothing of the other
		of, err := d.Splitting.Of(d.ctx, *v, old)
		d.must(err)
		d.same("what "+v.Login+" sees of it", want, len(of))
	}
	if _, err := d.Splitting.Undo(d.ctx, wang, fresh, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taken back by who does not answer there: %v", err)
	}
	d.clean()
}

func splitRace(d *desk) {
	old := d.open("k1", phone(1)).Ticket.ID
	moved := d.wrote("parcel", old)
	var wg sync.WaitGroup
	errs := [2]error{}
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = d.Splitting.Split(d.ctx, wang, counting(8, 48), splitting.Chosen{Ticket: old, Messages: []int64{moved}, Queue: "payments"}, d.now)
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		d.t.Errorf("both at once: %v", errs)
	}
	d.same("one ticket more", 2, len(d.numbers(`SELECT id FROM tickets WHERE id > $1`, int64(0))))
	d.counted()
	d.clean()
}

func splitMeanwhile(d *desk) {
	old := d.open("k1", phone(1)).Ticket.ID
	moved := d.wrote("parcel", old)
	late := d.says("late", named(d.facts(naming(old)), naming(old)))
	d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}})
	if err := d.Commit.Commit(d.ctx, []commit.Decision{late}, d.now); !errors.Is(err, store.ErrConflict) {
		d.t.Errorf("what was decided upon the ticket as it was: %v", err)
	}
}

func splitErased(d *desk) {
	old := d.open("k1", phone(1)).Ticket.ID
	moved := d.wrote("parcel of Rumpelstilz", old)
	fresh := d.splits(wang, old, splitting.Chosen{Messages: []int64{moved}, Subject: "Parcel of Rumpelstilz"})
	who, err := d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	for _, ticket := range []int64{old, fresh} {
		if left := d.texts(`SELECT display || participants FROM tickets WHERE id = $1`, ticket); len(left) != 1 || left[0] != `erased[{"kind":"","value":""}]` {
			d.t.Errorf("ticket %d has kept %q", ticket, left)
		}
	}
	d.same("nobody finds him", []int64{}, d.find("Rumpelstilz"))
	d.clean()
}
