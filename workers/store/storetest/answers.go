package storetest

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/find"
	"frontdesk/workers/store/viewer"
)

// wang is an agent of the queue in which the suite's tickets lie, zhao one of another queue, sun an auditor.
var (
	wang = viewer.Viewer{User: 1, Login: "wang", Name: "Wang", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "payments"}}}
	chen = viewer.Viewer{User: 4, Login: "chen", Name: "Chen", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: viewer.Every}}}
	zhao = viewer.Viewer{User: 2, Login: "zhao", Name: "Zhao", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}}}
	sun  = viewer.Viewer{User: 3, Login: "sun", Name: "Sun", Grants: []viewer.Grant{{Role: viewer.Auditor, Queue: viewer.Every}}}
)

// firstReply opens a ticket that is owed the first words of a person until then.
func (d *desk) firstReply(key string, from message.Address, due time.Time) pipeline.Plan {
	d.t.Helper()
	dec := d.opening(d.pending(d.record(item("hotline", key, "Where is my refund?"))...)[0], from)
	dec.Plan.Promises = append(dec.Plan.Promises, promises.Plan{Kind: promises.FirstReply, Due: due, Calendar: "always"})
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	return dec.Plan
}

// house is a desk whose inboxes write to their own customers.
var house = answering.House{Ways: own, Carries: map[string]message.Carries{"email": {Cc: 50}}, Ours: func(id message.Identity) bool { return id.Mailbox().Value == "support@desk.example" }}

func own(inbox string, kind message.AddressKind) (string, string, bool) {
	if kind == message.Email {
		return inbox, "email", true
	}
	return inbox, "sms", kind == message.Phone
}

func (d *desk) ground(v viewer.Viewer, ticket int64) answering.Ground {
	d.t.Helper()
	g, err := d.Answering.Ground(d.ctx, v, ticket, house)
	d.must(err)
	return g
}

// answer is an answer as a page that was just opened would send it.
func (d *desk) answer(v viewer.Viewer, ticket int64, key, text string) answering.Writing {
	d.t.Helper()
	g := d.ground(v, ticket)
	return answering.Writing{Key: key, Kind: replies.Answer, Ticket: ticket, Seen: g.Talk, Text: text, Channel: g.Channel, Inbox: g.Inbox, Carries: g.Carries, Recipients: g.Recipients,
		Subject: g.Subject, Language: g.Language, Of: g.Of}
}

func (d *desk) sends(v viewer.Viewer, w answering.Writing) answering.Sent {
	d.t.Helper()
	sent, err := d.Answering.Send(d.ctx, v, house, w, d.now)
	d.must(err)
	return sent
}

// promiseOf is where a promise of a ticket stands.
func (d *desk) promiseOf(ticket int64, kind string) (state string) {
	d.t.Helper()
	all, err := d.View.PromisesOf(d.ctx, []int64{ticket})
	d.must(err)
	for _, p := range all[ticket] {
		if p.Kind == kind {
			return p.State
		}
	}
	return "none"
}

func answerCustomer(d *desk) {
	plan := d.firstReply("k1", phone(1), d.now.Add(time.Hour))
	ticket := plan.Ticket.ID
	g := d.ground(wang, ticket)
	d.same("what an answer stands on", answering.Ground{Ticket: ticket, Queue: "payments", Talk: 1, Of: plan.Message, Channel: "sms", Inbox: "hotline",
		Recipients: replies.Recipients{To: []message.Address{phone(1)}}, Proven: []message.Identity{phone(1).Identity()}, Language: "en"}, g)

	w := d.answer(wang, ticket, "page-1", "It is on its way.")
	sent := d.sends(wang, w)
	d.same("it can be taken back for ten seconds", d.now.Add(answering.UndoFor), sent.Until)
	d.same("sent twice from one page it is sent once", sent, d.sends(wang, w))
	if rows := d.claim(sent.Effect); len(rows) != 0 {
		d.t.Error("it was claimed before it could no longer be taken back")
	}
	d.same("the promise is not kept by what is not sent", "due", d.promiseOf(ticket, promises.FirstReply))
	d.counted()
	d.now = sent.Until
	rows := d.claim(sent.Effect)
	if len(rows) != 1 || rows[0].Reply == nil {
		d.t.Fatalf("claimed %+v", rows)
	}
	d.same("what goes out", []any{phone(1), "It is on its way.", w.Recipients, effects.KindReply}, []any{rows[0].To, rows[0].Reply.Text, rows[0].Reply.Recipients, rows[0].Kind})
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent, ProviderID: "SM7"})
	d.same("a person's words keep the promise of a first reply", "kept", d.promiseOf(ticket, promises.FirstReply))
	if err := d.Answering.Undo(d.ctx, wang, sent.Reply, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking back what is sent: %v", err)
	}
	d.counted()
	d.clean()
}

// clean audits.
func (d *desk) clean() {
	d.t.Helper()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}

// findings are those of an audit that opens everything.
func (d *desk) findings() []auditing.Finding {
	d.t.Helper()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{Sealed: true}, d.now)
	d.must(err)
	return b.Findings
}

func answerOvertaken(d *desk) {
	plan := d.open("k1", phone(1))
	ticket := plan.Ticket.ID
	mine, hers := d.answer(wang, ticket, "page-1", "Yes."), d.answer(chen, ticket, "page-2", "No.")
	d.sends(wang, mine)
	_, err := d.Answering.Send(d.ctx, chen, house, hers, d.now)
	if !errors.Is(err, answering.ErrOvertaken) {
		d.t.Errorf("a colleague has answered meanwhile: %v", err)
	}
	hers.Anyway = true
	d.sends(chen, hers)

	note := answering.Writing{Key: "page-3", Kind: replies.Note, Ticket: ticket, Seen: d.ground(wang, ticket).Talk, Text: "He called, too."}
	more := d.following(d.pending(d.record(item("hotline", "k2", "And?"))...)[0], plan, 1, 1)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{more}, d.now))
	if _, err := d.Answering.Send(d.ctx, wang, house, note, d.now); !errors.Is(err, answering.ErrOvertaken) {
		d.t.Errorf("the customer has written meanwhile: %v", err)
	}
	note.Seen = d.ground(wang, ticket).Talk
	d.same("a note goes nowhere", answering.Sent{Reply: d.sends(wang, note).Reply}, d.sends(wang, note))
	d.counted()
	d.clean()
}

func answerUndone(d *desk) {
	plan := d.firstReply("k1", phone(1), d.now.Add(time.Hour))
	ticket := plan.Ticket.ID
	sent := d.sends(wang, d.answer(wang, ticket, "page-1", "It is on its way."))
	version, err := d.Answering.SaveDraft(d.ctx, wang, answering.Draft{Ticket: ticket, Kind: replies.Answer, Version: 1, Text: "P.S."}, d.now)
	d.must(err)
	d.must(d.Answering.Undo(d.ctx, wang, sent.Reply, d.now.Add(9*time.Second)))
	drafts, err := d.Answering.Drafts(d.ctx, wang, ticket)
	d.must(err)
	d.same("its text is back, before what was written since", []any{"It is on its way.\n\nP.S.", version + 1}, []any{drafts[replies.Answer].Text, drafts[replies.Answer].Version})
	d.now = sent.Until
	if rows := d.claim(sent.Effect); len(rows) != 0 {
		d.t.Error("what was taken back was claimed")
	}
	if err := d.Answering.Undo(d.ctx, wang, sent.Reply, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking back twice: %v", err)
	}
	if err := d.Answering.Retry(d.ctx, wang, sent.Reply, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("sending once more what was taken back: %v", err)
	}
	d.same("withheld", []any{"withheld", causes.Undone}, []any{d.effect(sent.Effect).State, d.effect(sent.Effect).Cause})
	d.same("the promise is still owed", "due", d.promiseOf(ticket, promises.FirstReply))
	d.counted()
	d.clean()
}

func answerFailed(d *desk) {
	plan := d.firstReply("k1", phone(1), d.now.Add(time.Hour))
	sent := d.sends(wang, d.answer(wang, plan.Ticket.ID, "page-1", "It is on its way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Failed, Code: "21614", Detail: "no mobile number"})
	d.same("what failed keeps nothing", "due", d.promiseOf(plan.Ticket.ID, promises.FirstReply))
	d.must(d.Answering.Retry(d.ctx, chen, sent.Reply, d.now))
	if err := d.Answering.Retry(d.ctx, chen, sent.Reply, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("once more while it is on its way: %v", err)
	}
	if rows := d.claim(sent.Effect); len(rows) != 1 || rows[0].Reply.Text != "It is on its way." {
		d.t.Fatalf("claimed %+v", rows)
	}
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Sent})
	d.same("sent at last", "kept", d.promiseOf(plan.Ticket.ID, promises.FirstReply))
	d.counted()
	d.clean()
}

func draftsStay(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	save := func(version int64, text string) (int64, error) {
		return d.Answering.SaveDraft(d.ctx, wang, answering.Draft{Ticket: ticket, Kind: replies.Answer, Version: version, Text: text}, d.now)
	}
	first, err := save(0, "Dear")
	d.must(err)
	second, err := save(first, "Dear Ann")
	d.must(err)
	if _, err := save(first, "Dear Bob"); !errors.Is(err, answering.ErrNewer) {
		d.t.Errorf("an older page saves: %v", err)
	}
	drafts, err := d.Answering.Drafts(d.ctx, wang, ticket)
	d.must(err)
	d.same("the newest", answering.Draft{Ticket: ticket, Kind: replies.Answer, Version: second, Text: "Dear Ann", SavedAt: d.now}, drafts[replies.Answer])
	others, err := d.Answering.Drafts(d.ctx, chen, ticket)
	d.must(err)
	d.same("each has his own", 0, len(others))
	d.sends(wang, d.answer(wang, ticket, "page-1", "Dear Ann, yes."))
	if _, err := save(second, "Dear Ann, y"); !errors.Is(err, answering.ErrNewer) {
		d.t.Errorf("a draft that was under way while its text was sent: %v", err)
	}
	drafts, err = d.Answering.Drafts(d.ctx, wang, ticket)
	d.must(err)
	d.same("what was sent is no draft", "", drafts[replies.Answer].Text)
	d.counted()
}

func answersAreRefused(d *desk) {
	ticket := d.open("k1", phone(1)).Ticket.ID
	good := d.answer(wang, ticket, "page-1", "Yes.")
	for _, c := range []struct {
		name   string
		who    viewer.Viewer
		change func(*answering.Writing)
		want   error
	}{
		{"by an agent of another queue", zhao, func(*answering.Writing) {}, store.ErrNotFound},
		{"by an auditor", sun, func(*answering.Writing) {}, store.ErrNotFound},
		{"by nobody", viewer.Viewer{}, func(*answering.Writing) {}, store.ErrNotFound},
		{"on a ticket that is not there", chen, func(w *answering.Writing) { w.Ticket = 99 }, store.ErrNotFound},
		{"without a text", wang, func(w *answering.Writing) { w.Text = " \n" }, answering.ErrEmpty},
		{"with too long a text", wang, func(w *answering.Writing) { w.Text = string(make([]byte, answering.LongestText+1)) + "x" }, answering.ErrTooLong},
		{"to nobody", wang, func(w *answering.Writing) { w.Recipients = replies.Recipients{} }, answering.ErrNobody},
		{"without a page", wang, func(w *answering.Writing) { w.Key = "" }, answering.ErrNoKey},
	} {
		w := good
		c.change(&w)
		if _, err := d.Answering.Send(d.ctx, c.who, house, w, d.now); !errors.Is(err, c.want) {
			d.t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	for _, v := range []viewer.Viewer{zhao, sun} {
		if _, err := d.Answering.Ground(d.ctx, v, ticket, house); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s reads what an answer stands on: %v", v.Login, err)
		}
		if _, err := d.Answering.SaveDraft(d.ctx, v, answering.Draft{Ticket: ticket, Kind: replies.Note, Text: "x"}, d.now); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("%s saves a draft: %v", v.Login, err)
		}
	}
	sent := d.sends(wang, good)
	if err := d.Answering.Undo(d.ctx, zhao, sent.Reply, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("somebody of another queue takes it back: %v", err)
	}
	if err := d.Answering.Undo(d.ctx, wang, 987654, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("taking back what is not there: %v", err)
	}
	d.counted()
}

// answersRace: two colleagues answer at the same moment, one of them by a double click; then one takes back while it is being claimed.
func answersRace(d *desk) {
	for i := range 8 {
		ticket := d.open(fmt.Sprint("k", i), phone(i+1)).Ticket.ID
		mine, hers := d.answer(wang, ticket, fmt.Sprint("mine-", i), "Yes."), d.answer(chen, ticket, fmt.Sprint("hers-", i), "No.")
		var wait sync.WaitGroup
		var mu sync.Mutex
		sent, refused := map[int64]answering.Sent{}, 0
		for _, p := range []struct {
			v viewer.Viewer
			w answering.Writing
		}{{wang, mine}, {wang, mine}, {chen, hers}, {chen, hers}} {
			wait.Go(func() {
				got, err := d.Answering.Send(d.ctx, p.v, house, p.w, d.now)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.Is(err, answering.ErrOvertaken):
					refused++
				case err != nil:
					d.t.Error(err)
				default:
					sent[got.Reply] = got
				}
			})
		}
		wait.Wait()
		if len(sent) != 1 || refused != 2 {
			d.t.Fatalf("%d answers went, %d were refused", len(sent), refused)
		}
		for _, s := range sent {
			d.undoWhileClaimed(s)
		}
	}
	d.counted()
}

// undoWhileClaimed: an answer is either taken back or claimed, never both.
func (d *desk) undoWhileClaimed(s answering.Sent) {
	d.t.Helper()
	var wait sync.WaitGroup
	undone, claimed := false, 0
	wait.Go(func() {
		err := d.Answering.Undo(d.ctx, wang, s.Reply, s.Until)
		if undone = err == nil; err != nil && !errors.Is(err, store.ErrNotFound) {
			d.t.Error(err)
		}
	})
	wait.Go(func() {
		rows, err := d.Outbox.ClaimEffects(d.ctx, []int64{s.Effect}, "worker-1", s.Until, s.Until.Add(2*time.Minute))
		if claimed = len(rows); err != nil {
			d.t.Error(err)
		}
	})
	wait.Wait()
	if undone == (claimed == 1) { // a claim passes over a row that is being taken back, and who takes back waits for a claim
		d.t.Fatalf("taken back: %t, claimed: %d", undone, claimed)
	}
	if claimed == 1 {
		d.settle(commands.SendEnded{ID: s.Effect, State: effects.Sent})
	}
}

// searchesAnswers: what agents wrote is found; who may search some queues alone finds, counts and is called to nothing of others.
func searchesAnswers(d *desk) {
	mine := d.letter("k1", phone(1), "Refund", "Where is my money?").Ticket.ID
	other := d.letter("k2", phone(2), "Refund", "Where is my money?", func(dec *commit.Decision) { dec.Plan.Ticket.Open.Queue = "cards" })
	d.sends(wang, d.answer(wang, mine, "page-1", "It was sent by elephant post."))
	d.sends(chen, answering.Writing{Key: "page-2", Kind: replies.Note, Ticket: mine, Anyway: true, Text: "他下午打过电话"})
	d.index()
	only := func(queues ...string) func(*find.Seek) {
		return func(k *find.Seek) { k.Limited, k.Only = true, queues }
	}
	for _, c := range []struct {
		name, typed string
		change      func(*find.Seek)
		want        []int64
	}{
		{"words of an answer", "elephant", only("payments"), []int64{mine}},
		{"words of a note", "打过", only("payments"), []int64{mine}},
		{"words of both in one ticket", "elephant 电话", only("payments", "cards"), []int64{mine}},
		{"all queues", "money", func(*find.Seek) {}, []int64{other.Ticket.ID, mine}},
		{"one queue", "money", only("payments"), []int64{mine}},
		{"two queues", "money", only("payments", "cards"), []int64{other.Ticket.ID, mine}},
		{"no queue", "money", only(), []int64{}},
		{"a queue that is not there", "money", only("nowhere"), []int64{}},
		{"one queue asked for that is none of his", "money", func(k *find.Seek) { k.Queue = "cards"; only("payments")(k) }, []int64{}},
	} {
		d.same(c.name, c.want, d.find(c.typed, c.change))
	}
	for typed, want := range map[string][]int64{
		fmt.Sprint("T-", mine): {mine, 0}, fmt.Sprint("T-", other.Ticket.ID): {0, 0}, fmt.Sprint("#", other.Message): {0, 0},
	} {
		f, err := d.Find.Search(d.ctx, find.Seek{Query: d.Find.Reader().Read(typed), Limited: true, Only: []string{"payments"}})
		d.must(err)
		d.same("called by its number: "+typed, want, []int64{f.Ticket, f.Message})
	}
	f, err := d.Find.Search(d.ctx, find.Seek{Query: d.Find.Reader().Read("money"), Limited: true, Only: []string{"payments"}})
	d.must(err)
	d.same("what is not seen is not counted", 1, f.Count)
	f, err = d.Find.Search(d.ctx, find.Seek{Query: d.Find.Reader().Read("elephant")})
	d.must(err)
	if len(f.Hits[mine].Parts) == 0 {
		d.t.Error("where the words of an answer stand is not shown")
	}
}
