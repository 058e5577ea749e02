package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/channels"
	work "frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// rung is how the suite's people are told.
var rung = alerting.Rules{Bounds: alerts.Bounds{Gather: 5 * time.Minute, Hourly: 6}, Inbox: "support", Channel: "email", Hooks: true}

// hires makes an agent with an address of his own, who has chosen to be told everything by mail at any time.
func (d *desk) hires(login string, grants ...viewer.Grant) viewer.Viewer {
	d.t.Helper()
	u, err := d.Users.Add(d.ctx, users.User{Login: login, Email: login + "@desk.example"}, d.now, "setup")
	d.must(err)
	d.must(d.Users.SetGrants(d.ctx, u.ID, grants, d.now, "setup"))
	v, err := d.Users.Viewer(d.ctx, u.ID)
	d.must(err)
	c := alerts.Default()
	for _, k := range alerts.Kinds() {
		c.On[k] = []alerts.Way{alerts.Mail}
	}
	c.Mail = alerts.Always
	d.must(d.Alerts.Choose(d.ctx, v, c, d.now))
	return v
}

// notes notes whom it is to be told.
func (d *desk) notes() {
	d.t.Helper()
	for again := true; again; {
		var err error
		again, err = d.Alerts.Note(d.ctx, rung, d.now, 3)
		d.must(err)
	}
	d.must(d.Alerts.Names(d.ctx, rung, d.now, 100))
}

// gathers tells people, and gives what is told: "way: kind ticket n, …", the oldest first.
func (d *desk) gathers() (out []string) {
	d.t.Helper()
	before := len(d.alertRows())
	d.notes()
	made, err := d.Alerts.Gather(d.ctx, rung, d.now, 100)
	d.must(err)
	all := d.alertRows()
	for _, p := range all[before:] {
		var items []string
		for _, i := range p.Items {
			items = append(items, fmt.Sprintf("%s %d %d", i.Kind, i.Ticket, i.N))
		}
		out = append(out, string(p.Way)+": "+strings.Join(items, ", "))
	}
	d.same("rows made", made, len(out))
	return out
}

// alertRows are the posts that were made, the oldest first.
func (d *desk) alertRows() (out []alerting.Post) {
	d.t.Helper()
	rows, err := d.View.Outbox(d.ctx, view.Page{Limit: 1000})
	d.must(err)
	var ids []int64
	for _, r := range slices.Backward(rows) {
		if r.Kind == effects.KindAlert {
			ids = append(ids, r.ID)
		}
	}
	d.must(d.Base.Read(d.ctx, "reading payloads", sql.Ask(sql.Value(func(payload string) {
		var p alerting.Post
		d.must(json.Unmarshal([]byte(payload), &p))
		out = append(out, p)
	}), `SELECT o.payload FROM outbox o WHERE o.id = ANY($1) ORDER BY o.id`, sql.Sorted(ids))))
	return out
}

// payments is the right of an agent where the suite's tickets lie.
var payments = viewer.Grant{Role: viewer.Agent, Queue: "payments"}

func peopleTold(d *desk) {
	li := d.hires("li", payments)
	d.same("it begins with the first call", 0, len(d.gathers()))
	k := d.talk()
	id := k.first.Ticket.ID
	d.must(d.Desk.Take(d.ctx, li, id, handout.Rules{}, d.now))
	d.now = d.now.Add(time.Hour)
	d.same("what he takes himself he knows", 0, len(d.gathers()))
	k.writes()
	d.now = d.now.Add(time.Minute)
	k.writes()
	d.same("what has just come is gathered", 0, len(d.gathers()))
	d.now = d.now.Add(5 * time.Minute)
	d.same("two messages are one", []string{fmt.Sprintf("mail: answered %d 2", id)}, d.gathers())
	d.same("once", 0, len(d.gathers()))
	k.writes()
	d.now = d.now.Add(3 * time.Hour)
	_, err := d.Changes.Forget(d.ctx, d.now, 100)
	d.must(err)
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("however long nobody told it", []string{fmt.Sprintf("mail: answered %d 1", id)}, d.gathers())
	d.counted()
}

func peopleSpared(d *desk) {
	li, lead := d.hires("li", payments), d.hires("boss", viewer.Grant{Role: viewer.Lead, Queue: "payments"})
	d.gathers()
	k := d.talk()
	id := k.first.Ticket.ID
	give := func() {
		d.t.Helper()
		d.must(d.Agents.Move(d.ctx, li.User, work.Hear, d.now))
		d.must(d.Desk.Give(d.ctx, lead, id, li.User, handout.Rules{}, d.now))
	}
	give()
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.must(d.Desk.Saw(d.ctx, li, id, 1, d.now))
	d.same("what he has seen", 0, len(d.gathers()))
	d.now = d.now.Add(time.Minute)
	k.writes()
	d.notes()
	d.must(d.Desk.HandBack(d.ctx, li, id, d.now))
	d.now = d.now.Add(6 * time.Minute)
	d.same("what is his no more", 0, len(d.gathers()))
	give()
	d.notes()
	d.must(d.Users.SetGrants(d.ctx, li.User, []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}}, d.now, "setup"))
	d.now = d.now.Add(6 * time.Minute)
	d.same("what he may not read any more", 0, len(d.gathers()))
	d.must(d.Users.SetGrants(d.ctx, li.User, []viewer.Grant{payments}, d.now, "setup"))
	k.writes()
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("what he may read again", 1, len(d.gathers()))
	p := d.alertRows()[0]
	l, err := d.Alerts.Sendable(d.ctx, p)
	d.must(err)
	d.same("when it is sent, by what holds then", []any{"li@desk.example", 1, "payments"}, []any{l.Address, len(l.Items), l.Items[0].Queue})
	d.must(d.Users.SetGrants(d.ctx, li.User, nil, d.now, "setup"))
	if _, err := d.Alerts.Sendable(d.ctx, p); !errors.Is(err, sql.ErrNotFound) {
		d.t.Errorf("rights that were taken away after it was gathered: %v", err)
	}
	d.must(d.Users.SetState(d.ctx, li.User, users.Disabled, d.now, "setup"))
	if _, err := d.Alerts.Sendable(d.ctx, p); !errors.Is(err, sql.ErrNotFound) {
		d.t.Errorf("of who is disabled: %v", err)
	}
}

func namedTold(d *desk) {
	li, wu, boss := d.hires("li", payments), d.hires("wu", payments), d.hires("boss", viewer.Grant{Role: viewer.Lead, Queue: "leads"})
	d.gathers()
	k := d.stepped()
	id := k.first.Ticket.ID
	_, err := d.Mentions.Note(d.ctx, li, 77, id, "@wu please look", d.now)
	d.must(err)
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("who is named", []string{fmt.Sprintf("mail: named %d 1", id)}, d.gathers())
	d.same("he", wu.User, d.alertRows()[0].Person)
	_, err = d.Mentions.Note(d.ctx, li, 78, id, "@wu and again", d.now)
	d.must(err)
	d.must(d.Mentions.Saw(d.ctx, wu, id, d.now))
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("not who has looked", 0, len(d.gathers()))
	d.must(d.Desk.Take(d.ctx, li, id, handout.Rules{}, d.now))
	d.now = d.now.Add(20 * time.Hour)
	_, err = d.Escalate.Escalate(d.ctx, ladder(d), d.now, 100)
	d.must(err)
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("who leads where it was escalated to", []string{fmt.Sprintf("mail: escalated %d 1", id)}, d.gathers())
	d.same("she", boss.User, d.alertRows()[1].Person)
	t := d.talk2(li)
	sent := d.sends(li, d.answer(li, t.first.Ticket.ID, "page-x", "It is on its way."))
	d.now = sent.Until
	d.claim(sent.Effect)
	d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Failed, Code: "550"})
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("whose answer did not go out", []string{fmt.Sprintf("mail: failed %d 1", t.first.Ticket.ID)}, d.gathers())
	d.counted()
}

// talk2 is another customer's ticket, which somebody has.
func (d *desk) talk2(v viewer.Viewer) *talk {
	d.t.Helper()
	k := &talk{d: d, first: d.firstReply("k-other", phone(2), d.now.Add(100*time.Hour))}
	d.must(d.Desk.Take(d.ctx, v, k.first.Ticket.ID, handout.Rules{}, d.now))
	return k
}

func peopleToldOnce(d *desk) {
	li := d.hires("li", payments)
	d.gathers()
	k := d.talk2(li)
	d.now = d.now.Add(time.Minute)
	k.writes()
	var made atomic.Int64
	all := func() {
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				_, err := d.Alerts.Note(d.ctx, rung, d.now, 100)
				n, other := d.Alerts.Gather(d.ctx, rung, d.now, 100)
				if err := errors.Join(err, d.Alerts.Names(d.ctx, rung, d.now, 100), other); err != nil {
					d.t.Error(err)
				}
				made.Add(int64(n))
			})
		}
		wait.Wait()
	}
	all()
	d.now = d.now.Add(6 * time.Minute)
	all()
	d.same("one row, of one event", []any{int64(1), 1, int64(1)}, []any{made.Load(), len(d.alertRows()), d.alertRows()[0].Items[0].N})
	d.must(d.Alerts.Stop(d.ctx))
	k.writes()
	d.now = d.now.Add(time.Minute)
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("whoever begins anew hears of what comes then", 0, len(d.gathers()))
	d.counted()
}

func ownHook(d *desk) {
	li := d.hires("li", payments)
	d.gathers()
	c := alerts.Default()
	c.On[alerts.Answered] = []alerts.Way{alerts.Hook}
	d.must(d.Alerts.Choose(d.ctx, li, c, d.now))
	k := d.talk2(li)
	k.writes()
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("who has no webhook", 0, len(d.gathers()))
	d.must(d.Agents.Move(d.ctx, li.User, work.GoAway, d.now))
	const url = "https://hooks.chat.example/services/T1/B2/secret-path"
	secret, err := d.Alerts.SetHook(d.ctx, li, url, "hooks.chat.example", alerts.Signed, d.now)
	d.must(err)
	d.same("a secret as Standard Webhooks writes it", "whsec_", secret[:6])
	var kept string
	d.must(d.Base.Read(d.ctx, "reading what is kept", sql.Ask(func(row sql.Row) error {
		var url, secret []byte
		err := row.Scan(&url, &secret)
		kept = string(url) + string(secret)
		return err
	}, `SELECT url, secret FROM alert_choices WHERE person = $1`, li.User)))
	if strings.Contains(kept, "chat.example") || strings.Contains(kept, secret[6:]) {
		d.t.Error("the webhook lies open in the database")
	}
	k.writes()
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	d.same("while he is away it waits", 0, len(d.gathers()))
	d.must(d.Agents.Move(d.ctx, li.User, work.ComeBack, d.now))
	d.now = d.now.Add(time.Minute)
	d.same("and is told when he is back", []string{fmt.Sprintf("hook: answered %d 1", k.first.Ticket.ID)}, d.gathers())
	p := d.alertRows()[0]
	l, err := d.Alerts.Sendable(d.ctx, p)
	d.must(err)
	d.same("what is called", []any{url, secret, alerts.Signed, ""}, []any{l.URL, l.Secret, l.Style, l.Address})
	for n := range 5 {
		off, err := d.Alerts.Fell(d.ctx, li.User, alerts.Hook, "500", false, d.now)
		d.must(err)
		d.same("not before a day", false, off)
		d.now = d.now.Add(time.Duration(n+1) * time.Hour)
	}
	d.now = d.now.Add(24 * time.Hour)
	off, err := d.Alerts.Fell(d.ctx, li.User, alerts.Hook, "500", false, d.now)
	d.must(err)
	d.same("switched off", true, off)
	if _, err := d.Alerts.Sendable(d.ctx, p); !errors.Is(err, sql.ErrNotFound) {
		d.t.Errorf("what is switched off is called: %v", err)
	}
	chosen, err := d.Alerts.Of(d.ctx, li)
	d.must(err)
	if s := chosen.States[alerts.Hook]; s.Off.IsZero() || s.Reason != "500" {
		d.t.Errorf("he is shown %+v", s)
	}
	admin := viewer.Viewer{User: 9, Grants: []viewer.Grant{{Role: viewer.Administrator}}}
	for v, want := range map[*viewer.Viewer]int{&admin: 1, &li: 0} {
		failing, err := d.Alerts.Failing(d.ctx, *v)
		d.must(err)
		d.same("who looks after users is shown it, and nobody else", want, len(failing))
	}
	d.must(d.Alerts.SwitchOn(d.ctx, li))
	if _, err := d.Alerts.Sendable(d.ctx, p); err != nil {
		d.t.Errorf("switched on again: %v", err)
	}
	off, err = d.Alerts.Fell(d.ctx, li.User, alerts.Hook, "410", true, d.now)
	d.must(err)
	d.same("gone for ever is off at once", true, off)
	d.must(d.Alerts.Arrived(d.ctx, li.User, alerts.Hook))
	chosen, err = d.Alerts.Of(d.ctx, li)
	d.must(err)
	d.same("what arrives ends it", 0, len(chosen.States))
	_, err = d.Alerts.SetHook(d.ctx, li, "", "", alerts.Text, d.now)
	d.must(err)
	if _, err := d.Alerts.Sendable(d.ctx, p); !errors.Is(err, sql.ErrNotFound) {
		d.t.Errorf("a webhook that was removed is called: %v", err)
	}
}

// hooked is who wants to be told by a webhook alone whom notes name, and where mail goes only while he is absent.
func (d *desk) hooked(login string, grants ...viewer.Grant) viewer.Viewer {
	d.t.Helper()
	v := d.hires(login, grants...)
	c := alerts.Default()
	c.On[alerts.Named], c.On[alerts.Answered] = []alerts.Way{alerts.Hook}, []alerts.Way{alerts.Mail}
	d.must(d.Alerts.Choose(d.ctx, v, c, d.now))
	_, err := d.Alerts.SetHook(d.ctx, v, "https://hooks.chat.example/x", "hooks.chat.example", alerts.Text, d.now)
	d.must(err)
	return v
}

// noted is a note on a ticket.
func (d *desk) noted(note, ticket int64, text string) {
	d.t.Helper()
	_, err := d.Mentions.Note(d.ctx, viewer.Viewer{User: 99, Login: "wu", Grants: []viewer.Grant{{Role: viewer.Agent}}}, note, ticket, text, d.now)
	d.must(err)
	d.must(d.Alerts.Names(d.ctx, rung, d.now, 100))
	d.now = d.now.Add(6 * time.Minute)
}

func waysOff(d *desk) {
	li := d.hooked("li", payments)
	d.must(d.Agents.Move(d.ctx, li.User, work.Hear, d.now))
	k := d.talk()
	d.noted(70, k.first.Ticket.ID, "@li look")
	off := rung
	off.Hooks = false
	for _, r := range []alerting.Rules{off, rung} {
		_, err := d.Alerts.Gather(d.ctx, r, d.now, 100)
		d.must(err)
		d.same("what waited for a way that was switched off is dropped", 0, len(d.alertRows()))
	}
}

func whoIsHere(d *desk) {
	audits, li := d.hooked("audits", viewer.Grant{Role: viewer.Auditor}), d.hooked("li", payments)
	night := rung
	night.Open = func(time.Time) bool { return false }
	d.gathers()
	k := d.talk2(li)
	d.noted(70, k.first.Ticket.ID, "@audits look")
	d.must(d.Agents.Move(d.ctx, li.User, work.Hear, d.now))
	k.writes()
	d.notes()
	d.now = d.now.Add(6 * time.Minute)
	made, err := d.Alerts.Gather(d.ctx, night, d.now, 100)
	d.must(err)
	d.same("at night a webhook is quiet, and who works then gets no mail that is for absent ones", 0, made)
	d.now = d.now.Add(2 * time.Minute)
	d.same("in the morning", []string{fmt.Sprintf("hook: named %d 1", k.first.Ticket.ID)}, d.gathers())
	d.same("who answers nowhere has no presence to wait for", audits.User, d.alertRows()[0].Person)
}

// failuresToldOnce: an answer that failed long ago is no news when another one fails.
func failuresToldOnce(d *desk) {
	li, wu := d.hires("li", payments), d.hires("wu", payments)
	d.gathers()
	k := d.talk2(li)
	for i, v := range []viewer.Viewer{li, wu} {
		sent := d.sends(v, d.answer(v, k.first.Ticket.ID, fmt.Sprint("page-", i), "It is on its way."))
		d.now = sent.Until
		d.claim(sent.Effect)
		d.settle(commands.SendEnded{ID: sent.Effect, State: effects.Failed, Code: "550"})
		d.notes()
		d.now = d.now.Add(6 * time.Minute)
		d.same("whose answer it was", []string{fmt.Sprintf("mail: failed %d 1", k.first.Ticket.ID)}, d.gathers())
		d.same("he alone", v.User, d.alertRows()[i].Person)
		d.now = d.now.Add(time.Hour)
	}
}

// bouncesToldOnce: the same of an answer that was handed over, and of which its provider has said later that it never arrives; one that is sent once more, and
// fails once more, is told once more.
func bouncesToldOnce(d *desk) {
	li, wu := d.hires("li", payments), d.hires("wu", payments)
	d.gathers()
	k := d.talk2(li)
	told := func(what string, who int64) {
		d.t.Helper()
		d.notes()
		d.now = d.now.Add(6 * time.Minute)
		d.same(what, []string{fmt.Sprintf("mail: failed %d 1", k.first.Ticket.ID)}, d.gathers())
		all := d.alertRows()
		d.same(what+": he alone", who, all[len(all)-1].Person)
		d.now = d.now.Add(time.Hour)
	}
	first := d.sends(li, d.answer(li, k.first.Ticket.ID, "page-0", "It is on its way."))
	d.now = first.Until
	d.claim(first.Effect)
	d.settle(commands.SendEnded{ID: first.Effect, State: effects.Sent, ProviderID: "SM1"})
	d.receipt(channels.Receipt{ProviderID: "SM1", Status: channels.StatusFailed, Reason: "30005", At: d.now})
	told("what came back", li.User)
	second := d.sends(wu, d.answer(wu, k.first.Ticket.ID, "page-1", "It is on its way."))
	d.now = second.Until
	d.claim(second.Effect)
	d.settle(commands.SendEnded{ID: second.Effect, State: effects.Failed, Code: "550"})
	told("what failed behind it", wu.User)
	d.must(d.Answering.Retry(d.ctx, li, first.Reply, d.now))
	d.claim(first.Effect)
	d.settle(commands.SendEnded{ID: first.Effect, State: effects.Failed, Code: "550"})
	told("what failed once more", li.User)
}

func alertTests(d *desk) {
	li := d.hires("li", payments)
	if err := d.Alerts.Test(d.ctx, li, rung, alerts.Hook, d.now); !errors.Is(err, alerting.ErrNone) {
		d.t.Errorf("of what is not set up: %v", err)
	}
	if err := d.Alerts.Test(d.ctx, li, alerting.Rules{Hooks: true}, alerts.Mail, d.now); !errors.Is(err, alerting.ErrNone) {
		d.t.Errorf("of what the house does not have: %v", err)
	}
	for range 10 {
		d.must(d.Alerts.Test(d.ctx, li, rung, alerts.Mail, d.now))
	}
	if err := d.Alerts.Test(d.ctx, li, rung, alerts.Mail, d.now); !errors.Is(err, alerting.ErrMany) {
		d.t.Errorf("the eleventh: %v", err)
	}
	rows, err := d.View.Outbox(d.ctx, view.Page{Limit: 1})
	d.must(err)
	d.claim(rows[0].ID)
	d.settle(commands.SendEnded{ID: rows[0].ID, State: effects.Failed, Code: "550"})
	sent, err := d.Alerts.Sent(d.ctx, li, 20)
	d.must(err)
	if len(sent) != 10 || !sent[0].Test || sent[0].State != "failed" || sent[0].Error != "550" || sent[1].State != "due" {
		d.t.Errorf("what became of them: %+v", sent)
	}
	d.now = d.now.Add(time.Hour + time.Second)
	d.must(d.Alerts.Test(d.ctx, li, rung, alerts.Mail, d.now))
	d.now = d.now.Add(time.Second)
	_, err = d.Outbox.ForgetNotices(d.ctx, d.now, 100)
	d.must(err)
	d.must(d.Alerts.Forget(d.ctx, d.now.Add(-time.Minute), 100))
	sent, err = d.Alerts.Sent(d.ctx, li, 20)
	d.must(err)
	d.same("what is old is forgotten", 1, len(sent))
	d.counted()
}
