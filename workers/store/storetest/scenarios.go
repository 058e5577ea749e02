package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/commit"
	table "frontdesk/workers/store/desk"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// scenarioCases are pains of other desks, by the numbers that they have in the issue, as far as no other case shows them.
func scenarioCases() []namedCase {
	return []namedCase{
		{"D4: twenty tickets that somebody has opened and left hinder nobody", openedAndLeft},
		{"D8: a draft that is discarded elsewhere while its text is sent brings no older text", discardedElsewhere},
		{"D10: what is taken back is never sent, and is a draft again for whom it was shown", takenBackWhole},
		{"D11: one key that is posted five times at once sends once", postedFiveTimes},
		{"D17: the database itself refuses a note with recipients", noteWithRecipients},
		{"pain 24: who comes in the morning drains the night in its order up to his limit, and what he leaves behind is moved on", morning},
		{"D39: Chinese words are found: two signs, one sign, a number, mixed, and in the other script", findsChinese},
	}
}

// openedAndLeft: opening locks nothing, so that whoever comes later takes, answers and closes.
func openedAndLeft(d *desk) {
	var all []int64
	for i := range 20 {
		ticket := d.open(fmt.Sprint("k", i), phone(i+1)).Ticket.ID
		all = append(all, ticket)
		d.ground(wang, ticket)
		d.must(d.Desk.Saw(d.ctx, wang, ticket, 1, d.now))
		_, err := d.Answering.SaveDraft(d.ctx, wang, answering.Draft{Ticket: ticket, Kind: replies.Answer, Text: "I begin to"}, d.now)
		d.must(err)
	}
	d.must(d.Agents.Move(d.ctx, wang.User, agents.Leave, d.now))
	for _, ticket := range all {
		d.sends(chen, d.answer(chen, ticket, fmt.Sprint("page-", ticket), "It is on its way."))
		d.must(d.Desk.Close(d.ctx, chen, ticket, d.now))
	}
	d.clean()
}

// discardedElsewhere: of a draft that another window empties while this one sends, the text of this one goes, once, and nothing comes back.
func discardedElsewhere(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	version, err := d.Answering.SaveDraft(d.ctx, wang, answering.Draft{Ticket: ticket, Kind: replies.Answer, Text: "The old text."}, d.now)
	d.must(err)
	w := d.answer(wang, ticket, "page-1", "The new text.")
	_, err = d.Answering.SaveDraft(d.ctx, wang, answering.Draft{Ticket: ticket, Kind: replies.Answer, Version: version, Text: ""}, d.now)
	d.must(err)
	sent := d.sends(wang, w)
	if _, err := d.Answering.SaveDraft(d.ctx, wang, answering.Draft{Ticket: ticket, Kind: replies.Answer, Version: version, Text: "The old text."}, d.now); !errors.Is(err, answering.ErrNewer) {
		d.t.Errorf("the window that is late: %v", err)
	}
	d.same("sent again from the same page", sent, d.sends(wang, w))
	d.now = sent.Until
	rows := d.claim(sent.Effect)
	d.same("what goes out", []string{"The new text."}, []string{rows[0].Reply.Text})
	drafts, err := d.Answering.Drafts(d.ctx, wang, ticket)
	d.must(err)
	d.same("left", "", drafts[replies.Answer].Text)
}

// takenBackWhole: the draft is back with its text, goes to whom the page shows, and the first one never goes.
func takenBackWhole(d *desk) {
	ann, bob := mails("ann@shop.example")[0], mails("bob@shop.example")[0]
	c := d.opening(d.pending(d.record(mailItem("k1", ann, "Where is my refund?"))...)[0], ann)
	c.Plan.Row.Reading.To = []message.Address{mails("support@desk.example")[0], bob}
	c.Plan.Row.Reading.MessageID = "m1@shop.example"
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{c}, d.now))
	ticket := c.Plan.Ticket.ID
	first := d.sends(wang, d.answer(wang, ticket, "page-1", "Nonsense."))
	d.must(d.Answering.Undo(d.ctx, wang, first.Reply, d.now))
	drafts, err := d.Answering.Drafts(d.ctx, wang, ticket)
	d.must(err)
	d.same("it is a draft again", "Nonsense.", drafts[replies.Answer].Text)
	w := d.answer(wang, ticket, "page-2", drafts[replies.Answer].Text+" Not.")
	d.same("for whom it was", replies.Recipients{To: []message.Address{ann}, Cc: []message.Address{bob}}, w.Recipients)
	second := d.sends(wang, w)
	d.now = d.now.Add(time.Hour)
	d.same("what was taken back is claimed", 0, len(d.claim(first.Effect)))
	d.same("what was sent is", 1, len(d.claim(second.Effect)))
	if err := d.Answering.Undo(d.ctx, wang, second.Reply, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("what is being sent is taken back: %v", err)
	}
}

// postedFiveTimes: a browser that repeats what it heard no answer to.
func postedFiveTimes(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	w := d.answer(wang, ticket, "page-1", "It is on its way.")
	var all sync.WaitGroup
	got := make([]answering.Sent, 5)
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = d.Answering.Send(d.ctx, wang, house, w, d.now); err != nil {
				d.t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range got {
		d.same("each is told the same", got[0], s)
	}
	n := 0
	d.must(d.Base.DB.Read(d.ctx, func(t sql.Tx) error {
		return t.Run(d.ctx, sql.Ask(sql.Into(&n), `SELECT count(*) FROM replies WHERE ticket = $1`, ticket))
	}))
	d.same("answers", 1, n)
	d.now = got[0].Until
	d.same("sent", 1, len(d.claim(got[0].Effect)))
	d.counted()
	d.clean()
}

func noteWithRecipients(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	note := d.sends(wang, answering.Writing{Key: "page-1n", Kind: replies.Note, Ticket: ticket, Seen: 1, Text: "He calls each day.", Recipients: replies.Recipients{To: []message.Address{phone(1)}}})
	d.same("a note that names somebody sends nothing", int64(0), note.Effect)
	for column, value := range map[string]any{"recipients": `{"to":[{"kind":"phone","value":"+8613800138000"}]}`, "inbox": "hotline", "effect": int64(1)} {
		err := d.Base.Write(d.ctx, func(t sql.Tx) error {
			return t.Run(d.ctx, sql.Do(`UPDATE replies SET `+column+` = $2 WHERE id = $1`, note.Reply, value))
		})
		if err == nil {
			d.t.Errorf("a note has %s", column)
		}
	}
	_, r, err := d.Desk.Reply(d.ctx, viewer.Viewer{User: 1, Grants: wang.Grants}, note.Reply)
	d.must(err)
	d.same("it stays as it was", []any{"He calls each day.", 0}, []any{r.Text, len(r.Recipients.To)})
}

func findsChinese(d *desk) {
	simple := d.letter("k1", phone(1), "退款", "我上周申请退款，订单 TP0012 还没有到账。").Ticket.ID
	other := d.letter("k2", phone(2), "退款", "我上週申請退款，訂單TP0012還沒有到賬。").Ticket.ID
	d.letter("k3", phone(3), "发票", "请问发票怎么开？")
	d.index()
	for _, typed := range []string{"退款", "款", "TP0012", "tp0012", "ＴＰ００１２", "申请退款 TP0012", "订单TP0012", "訂單", "订单", "申請", "退款 上周"} {
		d.same("found by "+typed, []int64{other, simple}, d.find(typed, func(k *find.Seek) { k.Limited, k.Only = true, []string{"payments"} }))
	}
	for _, typed := range []string{"款退", "退票", "TP0013"} {
		d.same("found by "+typed, []int64{}, d.find(typed))
	}
}

// morning: eight came in the night, the youngest of them urgent. One agent comes, takes until his hands are full, and vanishes; who comes then gets what he
// had in the same order.
func morning(d *desk) {
	d.staff(1, 2)
	d.must(d.Agents.Move(d.ctx, 2, agents.Leave, d.now))
	var order []int64
	for n := range 7 {
		order = append(order, d.ticket(n+1, d.now.Add(-time.Duration(80-10*n)*time.Minute), nil))
	}
	order = append([]int64{d.ticket(8, d.now.Add(-time.Minute), func(t *tickets.Ticket) { t.Priority = "urgent" })}, order...)
	takes := func(user int64) (got []int64) {
		for {
			c, err := d.Dispatch.Next(d.ctx, agent(user, viewer.Agent, "payments"), handout.Rules{}, d.now)
			if errors.Is(err, table.ErrFull) {
				return got
			}
			d.must(err)
			got = append(got, c.Ticket)
		}
	}
	first := takes(1)
	d.same("urgent first, then the oldest, up to the limit", order[:6], first)
	d.must(d.Agents.Move(d.ctx, 1, agents.Leave, d.now))
	d.after(21*time.Minute, 2)
	for _, ticket := range first {
		d.same("it stays with nobody who has left", int64(0), d.item(ticket).Owner)
	}
	d.same("the next one gets the same, in the same order", order[:6], takes(2))
	d.inHand("of who has left", 1, 0, 0)
}
