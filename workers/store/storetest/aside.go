package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/commit"
	desks "frontdesk/workers/store/desk"
	"frontdesk/workers/store/erasure"
)

// aside is a question to a third party as a page sends it.
func aside(ticket int64, key string, to message.Address) answering.Aside {
	return answering.Aside{Key: key, Ticket: ticket, To: to, Text: "Where is this payment?"}
}

// thirdAnswers is a third party's answer, as the line decides it.
func (d *desk) thirdAnswers(key string, from message.Address, side, ticket int64) int64 {
	d.t.Helper()
	p := d.pending(d.record(mailItem(key, from, "It left us on Friday."))...)[0]
	dec := d.assigned(commit.Decision{Pending: p, Known: []byte(`{}`), Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: causes.SideThread,
		Side: &pipeline.SidePlan{Thread: side, Ticket: ticket, Root: ticket},
		Row:  pipeline.MessageRow{Kind: "message", Formatted: true, From: from, Visible: "It left us on Friday.", Reading: recipients.Reading{MessageID: key + "@bank.example"}}}})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return p.ID
}

// askThird proves D16: what a third party answers comes back beside the ticket, and reaches nobody as a customer's words.
func askThird(d *desk) {
	ann, bank := mails("ann@shop.example")[0], mails("desk@bank.example")[0]
	first := d.opening(d.pending(d.record(mailItem("k1", ann, "Where is my refund?"))...)[0], ann)
	first.Plan.Row.Reading = recipients.Reading{MessageID: "m1@shop.example", To: mails("support@desk.example"), Cc: []message.Address{bank}}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	ticket := first.Plan.Ticket.ID
	before := d.ground(wang, ticket)

	for what, err := range map[string]error{"who takes part": answering.ErrPart, "ourselves": answering.ErrPart, "no address": answering.ErrAddress} {
		a := aside(ticket, "page-0", map[string]message.Address{"who takes part": ann, "ourselves": mails("support+x@desk.example")[0]}[what])
		if _, got := d.Answering.Ask(d.ctx, wang, house, a, d.now); !errors.Is(got, err) {
			d.t.Errorf("asking %s: %v", what, got)
		}
	}
	if _, err := d.Answering.Ask(d.ctx, zhao, house, aside(ticket, "page-0", bank), d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("asking about a ticket of another queue: %v", err)
	}
	a := aside(ticket, "page-1", bank)
	a.Quote = first.Plan.Message
	sent, err := d.Answering.Ask(d.ctx, wang, house, a, d.now)
	d.must(err)
	again, err := d.Answering.Ask(d.ctx, wang, house, a, d.now)
	d.must(err)
	d.same("from one page it is asked once", sent, again)
	d.must(d.Answering.Undo(d.ctx, wang, sent.Reply, d.now))
	drafts, err := d.Answering.Drafts(d.ctx, wang, ticket)
	d.must(err)
	d.same("what was taken back is in no box for the customer", 0, len(drafts))

	a.Key = "page-2"
	sent, err = d.Answering.Ask(d.ctx, wang, house, a, d.now)
	d.must(err)
	sides, err := d.Answering.Sides(d.ctx, wang, ticket)
	d.must(err)
	if len(sides) != 1 {
		d.t.Fatalf("who was asked twice has %d side threads", len(sides))
	}
	d.now = sent.Until
	rows := d.claim(sent.Effect)
	if len(rows) != 1 || rows[0].Reply == nil || rows[0].Kind != effects.KindForward || rows[0].To != bank || rows[0].Reply.Side != sides[0].ID {
		d.t.Fatalf("claimed %+v", rows)
	}
	d.same("it quotes the customer", true, strings.Contains(rows[0].Reply.Quote, "Where is my refund?"))
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "q1"})
	d.same("nothing was said to the customer, and nothing is his", []any{before.Talk, before.Of}, []any{d.ground(wang, ticket).Talk, d.ground(wang, ticket).Of})
	d.same("whom the customer wrote to as well gets no answer of his any more", []recipients.Left{{Address: bank, Why: recipients.Aside}}, d.ground(wang, ticket).Left)

	d.must(d.Desk.Take(d.ctx, wang, ticket, handout.Rules{}, d.now))
	d.must(d.Desk.SetPending(d.ctx, wang, ticket, d.now))
	d.now = d.now.Add(time.Minute)
	said := d.thirdAnswers("k2", bank, sides[0].ID, ticket)
	k, err := d.Desk.Ticket(d.ctx, wang, ticket)
	d.must(err)
	d.same("its answer is work, and no message of the customer's", []any{"waiting", 1}, []any{string(k.State), k.Messages})
	d.same("it is what no answer stands on", before.Of, d.ground(wang, ticket).Of)
	lines, _, err := d.Desk.Timeline(d.ctx, wang, ticket, desks.Mark{}, 50)
	d.must(err)
	at := slices.IndexFunc(lines, func(l desks.Line) bool { return l.Kind == desks.KindSide })
	if at < 0 || lines[at].ID != said || lines[at].Message.Side != sides[0].ID {
		d.t.Errorf("the lines are %+v, without the third party's", lines)
	}
	n, err := d.Mentions.Unseen(d.ctx, wang)
	d.must(err)
	d.same("who asked is told", 1, n)

	b := answering.Aside{Key: "page-3", Ticket: ticket, Side: sides[0].ID, Text: "On which Friday?"}
	sent, err = d.Answering.Ask(d.ctx, wang, house, b, d.now)
	d.must(err)
	d.now = sent.Until
	rows = d.claim(sent.Effect)
	d.same("what goes on stands below the answer", true, strings.Contains(string(rows[0].Payload), `"in_reply_to":"k2@bank.example"`))
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "q2"})
	d.counted()
	d.clean()

	known := d.facts(pipeline.Asks{Sides: []int64{sides[0].ID, 999}})
	d.same("the line knows it", &pipeline.Side{ID: sides[0].ID, Ticket: ticket, Address: bank.Value}, known.Sides[sides[0].ID])
	who, err := d.Erasure.PersonAt(d.ctx, ann.Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, who, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	known = d.facts(pipeline.Asks{Sides: []int64{sides[0].ID}})
	d.same("with its customer it is erased", &pipeline.Side{ID: sides[0].ID, Ticket: ticket, Erased: true}, known.Sides[sides[0].ID])
	d.same("with what was asked and said", []string{""}, d.texts(`SELECT DISTINCT text FROM replies WHERE side <> 0`))
	d.same("likewise the answer", []string{""}, d.texts(`SELECT visible FROM messages WHERE id = $1`, said))
	d.clean()
}
