package storetest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/files"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/view"
)

// take takes what is due of the live messages, or of the bulk ones.
func (d *desk) take(limit int, bulk bool) []backlog.Taken {
	d.t.Helper()
	taken, _, err := d.Backlog.TakeMessages(d.ctx, d.now, d.now.Add(2*time.Minute), bulk, limit, one)
	d.must(err)
	return taken
}

// one lets each inbox have one message at its turn.
func one(string) int { return 1 }

func takeMessages(d *desk) {
	bulk := item("hotline", "k1", "one")
	bulk.Bulk = true
	ids := d.record(bulk, item("hotline", "k2", "two"), item("hotline", "k3", "three"), item("hotline", "k4", "four"))
	d.same("two, in the order of their ids", []backlog.Taken{{ID: ids[1], Inbox: "hotline", Times: 1}, {ID: ids[2], Inbox: "hotline", Times: 1}}, d.take(2, false))
	d.same("the third", []backlog.Taken{{ID: ids[3], Inbox: "hotline", Times: 1}}, d.take(10, false))
	d.same("the bulk one", []backlog.Taken{{ID: ids[0], Inbox: "hotline", Times: 1}}, d.take(10, true))
	d.same("all are somebody's", 0, len(d.take(10, false))+len(d.take(10, true)))
	d.must(d.Backlog.Later(d.ctx, nil, d.now))
	d.must(d.Backlog.Later(d.ctx, ids[1:3], d.now.Add(time.Second)))
	d.same("given back for later", 0, len(d.take(10, false)))
	d.now = d.now.Add(time.Second)
	d.same("later", []backlog.Taken{{ID: ids[1], Inbox: "hotline", Times: 2}, {ID: ids[2], Inbox: "hotline", Times: 2}}, d.take(10, false))
	d.now = d.now.Add(2*time.Minute - time.Second)
	d.same("what nobody answered for in time", []backlog.Taken{{ID: ids[3], Inbox: "hotline", Times: 2}}, d.take(10, false))
}

func wakeEffects(d *desk) {
	first, second := d.open("k1", phone(1)), d.open("k2", phone(2))
	wake := func() []int64 {
		return d.wokenEffects(2 * time.Minute)
	}
	d.same("fresh ones", 0, len(wake()))
	d.claim(first.Effects[0].ID)
	d.settle(commands.SendEnded{ID: first.Effects[0].ID, State: effects.Sent})
	d.now = d.now.Add(time.Minute)
	d.same("the open one", []int64{second.Effects[0].ID}, wake())
	d.same("moved on", 0, len(wake()))
	d.same("woken rows can be claimed", 1, len(d.claim(second.Effects[0].ID)))
}

// wokenEffects are the ids of what is woken now, to be woken again after that time.
func (d *desk) wokenEffects(again time.Duration) []int64 {
	d.t.Helper()
	rows, err := d.Outbox.WakeEffects(d.ctx, d.now, d.now.Add(again), 10)
	d.must(err)
	var ids []int64
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

// takeInTurn sees that an inbox that has much leaves room for the others, and that who was left out comes first.
func takeInTurn(d *desk) {
	for _, inbox := range []string{"a", "b", "c"} {
		var flood []intake.Item
		for n := range 7 {
			flood = append(flood, item(inbox, fmt.Sprint("flood", n), "one more"))
		}
		d.record(flood...)
		d.now = d.now.Add(time.Second)
	}
	d.record(item("z", "k1", "alone"))
	weights := map[string]int{"b": 3, "c": 2}
	turn := func(inbox string) int { return weights[inbox] }
	count := func(limit int) (taken map[string]int, more bool) {
		w, more, err := d.Backlog.TakeMessages(d.ctx, d.now, d.now.Add(2*time.Minute), false, limit, turn)
		d.must(err)
		taken = map[string]int{}
		for _, m := range w {
			taken[m.Inbox]++
		}
		return taken, more
	}
	taken, more := count(8)
	d.same("by weight, and what was left goes round again", map[string]int{"a": 2, "b": 3, "c": 2, "z": 1}, taken)
	d.same("more", true, more)
	for most, want := range map[int]int{1024: 7, 7: 7, 6: 6} {
		open, err := d.Backlog.CountOpen(d.ctx, "a", false, most)
		d.must(err)
		d.same("open", want, open)
	}
	taken, more = count(3)
	d.same("room for two of them", map[string]int{"a": 1, "b": 2}, taken)
	d.same("more", true, more)
	taken, more = count(100)
	d.same("the rest", map[string]int{"a": 4, "b": 2, "c": 5}, taken)
	d.same("no more", false, more)
}

func rouse(d *desk) {
	plan := d.open("k1", phone(1))
	id := d.record(item("hotline", "k2", "two"))[0]
	d.take(10, false) // by a process that dies
	later := d.open("k3", phone(3))
	d.claim(later.Effects[0].ID)
	d.settle(commands.SendEnded{ID: later.Effects[0].ID, State: effects.Due, Next: d.now.Add(time.Hour)})
	d.must(d.Backlog.Rouse(d.ctx, d.now))
	d.same("messages", []backlog.Taken{{ID: id, Inbox: "hotline", Times: 2}}, d.take(10, false))
	d.same("effects", []int64{plan.Effects[0].ID}, d.wokenEffects(time.Minute))
}

func reclaim(d *desk) {
	dead, alive := d.open("k1", phone(1)).Effects[0].ID, d.open("k2", phone(2)).Effects[0].ID
	for id, holder := range map[int64]string{dead: "host:one:7:1", alive: "host:other:8:1"} {
		_, err := d.Outbox.ClaimEffects(d.ctx, []int64{id}, holder, d.now, d.now.Add(2*time.Minute))
		d.must(err)
		ok, err := d.Service.Lease(d.ctx, "source:"+holder, holder, d.now, time.Minute)
		d.must(err)
		d.same("lease", true, ok)
	}
	d.must(d.Service.ReclaimFrom(d.ctx, "host:one:", d.now))
	rows := d.claim(dead, alive)
	if len(rows) != 1 || rows[0].ID != dead || !rows[0].Unknown {
		d.t.Errorf("after the death of one holder %+v could be claimed, want effect %d as unknown", rows, dead)
	}
	for holder, want := range map[string]bool{"host:one:7:1": true, "host:other:8:1": false} {
		got, err := d.Service.Lease(d.ctx, "source:"+holder, "host:third:9:1", d.now, time.Minute)
		d.must(err)
		d.same("lease of "+holder, want, got)
	}
	d.must(d.Service.Reclaim(d.ctx, d.now))
	d.same("everything", 2, len(d.claim(dead, alive)))
}

func wakePromises(d *desk) {
	plan := d.open("k1", phone(1))
	due := start.Add(24 * time.Hour)
	step := func(at time.Time) []promises.Moved {
		d.now = at
		e, err := d.Outbox.WakePromises(d.ctx, d.now, 10)
		d.must(err)
		return e
	}
	event := func(state promises.State, at time.Time) []promises.Moved {
		return []promises.Moved{{Ticket: plan.Ticket.ID, Kind: "acknowledgement", Event: state, Start: start, At: at, Due: due}}
	}
	d.same("before", 0, len(step(start.Add(12*time.Hour-time.Second))))
	d.same("first warning", event(promises.Warned, start.Add(12*time.Hour)), step(start.Add(12*time.Hour)))
	d.same("once", 0, len(step(start.Add(17*time.Hour))))
	d.same("second warning", event(promises.Warned, start.Add(18*time.Hour)), step(start.Add(20*time.Hour)))
	d.same("breach", event(promises.Broken, due), step(due))
	d.same("over", 0, len(step(due.Add(time.Hour))))
	c, err := d.View.Counts(d.ctx, d.now)
	d.must(err)
	d.same("overdue", int64(1), c.Overdue)

	other := d.open("k2", phone(2)) // recorded after two of its warnings
	d.same("both missed", 1, len(step(due.Add(2*time.Hour))))
	state, _ := d.promise(other.Ticket.ID)
	d.same("state", "broken", state)
	d.counted()
}

func wakeNotices(d *desk) {
	plan := d.open("k1", phone(1))
	d.now = start.Add(12 * time.Hour)
	notice := func(e promises.Moved) []effects.Plan {
		return []effects.Plan{{Kind: effects.KindNotice, Key: fmt.Sprintf("notice:%s:%d", e.Event, e.Ticket), Channel: "webhook", Due: d.now}}
	}
	for range 2 {
		_, err := d.Outbox.WakePromises(d.ctx, d.now, 10, notice)
		d.must(err)
	}
	d.must(d.Outbox.Notify(d.ctx, []effects.Plan{{Kind: effects.KindNotice, Key: fmt.Sprintf("notice:warned:%d", plan.Ticket.ID)}, {Kind: effects.KindNotice, Key: "notice:inbox"}}, d.now))
	rows, err := d.View.Outbox(d.ctx, view.Page{})
	d.must(err)
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.Key)
	}
	d.same("outbox", []string{"notice:inbox", fmt.Sprintf("notice:warned:%d", plan.Ticket.ID), plan.Effects[0].Key}, keys)
	d.counted()
}

// wakeManyNotices: any number of webhooks may want an event, and what is too much for one commit comes with the next.
func wakeManyNotices(d *desk) {
	for i := range 5 {
		d.open(fmt.Sprintf("k%d", i), phone(i+1))
	}
	d.now = start.Add(12 * time.Hour)
	told := map[int64]int{}
	for _, n := range []int{17, 250, 1100} { // at the first warning, the second, and the deadline
		notices := func(e promises.Moved) []effects.Plan {
			out := make([]effects.Plan, n)
			for i := range out {
				out[i] = effects.Plan{Kind: effects.KindNotice, Key: fmt.Sprintf("notice:%d:%s:%d:%d", i, e.Event, e.Ticket, e.At.Unix()), Channel: "webhook", Due: d.now}
			}
			return out
		}
		looks := 0
		for {
			events, err := d.Outbox.WakePromises(d.ctx, d.now, 10, notices)
			d.must(err)
			if len(events) == 0 {
				break
			}
			for _, e := range events {
				told[e.Ticket] += n
			}
			looks++
		}
		d.same("looks", true, looks <= 5)
		d.now = d.now.Add(6 * time.Hour)
	}
	d.same("promises", 5, len(told))
	for ticket, n := range told {
		d.same(fmt.Sprintf("notices of ticket %d", ticket), 17+250+1100, n)
	}
	c, err := d.View.Counts(d.ctx, d.now)
	d.must(err)
	d.same("overdue", int64(5), c.Overdue)
	d.same("due", int64(5*(1+17+250+1100)), c.Effects["due"])
}

func wakeVoid(d *desk) {
	dec := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], phone(1))
	dec.Plan.Promises[0].Void = "history"
	dec.Plan.Effects[0].Cause = "history"
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	d.now = start.Add(48 * time.Hour)
	events, err := d.Outbox.WakePromises(d.ctx, d.now, 10)
	d.must(err)
	d.same("events", 0, len(events))
	effects, err := d.Outbox.WakeEffects(d.ctx, d.now, d.now.Add(time.Hour), 10)
	d.must(err)
	d.same("effects", 0, len(effects))
	list, err := d.View.Promises(d.ctx, view.Page{})
	d.must(err)
	d.same("promise", []string{"void", "history"}, []string{list[0].State, list[0].Cause})
	d.counted()
}

func expire(d *desk) {
	blob, err := d.Files.PutBlob(d.ctx, []byte("a picture"))
	d.must(err)
	loose, err := d.Files.PutBlob(d.ctx, []byte("a picture of nobody's ticket"))
	d.must(err)
	pending := d.pending(d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"), item("hotline", "k3", string(make([]byte, 300<<10))), item("hotline", "k5", "five"))...)
	decided, large := d.opening(pending[0], phone(1)), d.opening(pending[2], phone(3))
	decided.Plan.Row.Attachments = append(decided.Plan.Row.Attachments, attachment(blob))
	parked := commit.Decision{Pending: pending[1], Plan: pipeline.Plan{Message: pending[1].ID, State: messages.Parked, Cause: causes.Spam}}
	suppressed := commit.Decision{Pending: pending[3], Plan: pipeline.Plan{Message: pending[3].ID, State: messages.Suppressed, Cause: causes.Automated,
		Row: pipeline.MessageRow{Kind: "message", Attachments: []message.Attachment{attachment(loose)}}}}
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{decided, parked, large, suppressed}, d.now))
	undecided := d.record(item("hotline", "k4", "four"))[0]

	d.now = d.now.Add(30*24*time.Hour - time.Second)
	got, err := d.Files.Expire(d.ctx, d.now, 10)
	d.must(err)
	d.same("before its time", files.Expired{}, got)
	content, err := d.Files.Blob(d.ctx, blob)
	d.must(err)
	d.same("attachment", "a picture", string(content))
	removed, err := d.Files.CollectBlobs(d.ctx, time.Now().Add(48*time.Hour))
	d.must(err)
	d.same("blobs that are named", 0, removed)

	d.now = d.now.Add(time.Second)
	got, err = d.Files.Expire(d.ctx, d.now, 10)
	d.must(err)
	d.same("expired", files.Expired{Originals: 3, Attachments: 1}, got)
	for _, id := range []int64{pending[0].ID, pending[2].ID, pending[3].ID} {
		if _, _, err := d.Files.Original(d.ctx, id); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("error is %v, want ErrNotFound", err)
		}
	}
	for _, id := range []int64{pending[1].ID, undecided} {
		_, _, err := d.Files.Original(d.ctx, id)
		d.must(err)
	}
	removed, err = d.Files.CollectBlobs(d.ctx, time.Now().Add(48*time.Hour))
	d.must(err)
	d.same("blobs that nobody names", 1, removed)
	if _, err := d.Files.Blob(d.ctx, loose); !errors.Is(err, blobs.ErrNotFound) {
		d.t.Errorf("error is %v, want ErrNotFound", err)
	}
	content, err = d.Files.Blob(d.ctx, blob)
	d.must(err)
	d.same("a file of a ticket lives as long as that", "a picture", string(content))
}

func lease(d *desk) {
	take := func(holder string) bool {
		got, err := d.Service.Lease(d.ctx, "inbox:support", holder, d.now, time.Minute)
		d.must(err)
		return got
	}
	d.same("first, second, renewed", []bool{true, false, true}, []bool{take("a"), take("b"), take("a")})
	d.must(d.Service.ReleaseLease(d.ctx, "inbox:support", "b"))
	d.same("not the holder's to release", false, take("b"))
	d.must(d.Service.ReleaseLease(d.ctx, "inbox:support", "a"))
	d.same("released", true, take("b"))
	d.now = d.now.Add(time.Minute)
	d.same("run out", true, take("a"))
}

func inboxSeen(d *desk) {
	see := func(i service.InboxStatus) view.Inbox {
		i.Inbox, i.Channel, i.Address = "support", "email", "support@desk.example"
		d.must(d.Service.InboxSeen(d.ctx, []service.InboxStatus{i}, d.now))
		list, err := d.View.Inboxes(d.ctx)
		d.must(err)
		return list[0]
	}
	want := view.Inbox{Name: "support", Channel: "email", Address: "support@desk.example", State: "failing", LastError: "connection refused"}
	d.same("never connected", want, see(service.InboxStatus{State: "failing", Err: "connection refused"}))
	first := d.now
	want.State, want.LastError, want.ConnectedAt, want.LastContactAt, want.LagSeconds = "connected", "", base.Stamp{Time: first}, base.Stamp{Time: first}, 90
	d.same("first contact", want, see(service.InboxStatus{State: "connected", Contact: d.now, Lag: 90 * time.Second}))
	d.now = d.now.Add(time.Hour)
	want.LastContactAt, want.LagSeconds = base.Stamp{Time: d.now}, 0
	want.SourceCount, want.RecordedCount, want.CheckedAt = 7, 6, base.Stamp{Time: d.now}
	d.same("second contact", want, see(service.InboxStatus{State: "connected", Contact: d.now, Source: 7, Recorded: 6, Checked: d.now}))
	want.State, want.LastError = "failing", "timeout"
	d.same("failing again", want, see(service.InboxStatus{State: "failing", Err: "timeout"}))
	f, err := d.Facts.Facts(d.ctx, nil, nil, []string{"support", "other"}, d.now)
	d.must(err)
	d.same("since", map[string]time.Time{"support": first}, f.Since)
}

func tokens(d *desk) {
	none, err := d.Service.LoadToken(d.ctx, "gmail")
	d.must(err)
	d.same("none", true, none == nil)
	for _, secret := range []string{"r1", "r2"} {
		d.must(d.Service.SaveToken(d.ctx, "gmail", []byte(secret), d.now))
		got, err := d.Service.LoadToken(d.ctx, "gmail")
		d.must(err)
		d.same("token", secret, string(got))
	}
	want := service.Letter{Queue: "live", Task: "message:process", Payload: "[1]", Error: "boom", Attempts: 25}
	d.must(d.Service.DeadLetter(d.ctx, want, d.now))
	var letter service.Letter
	var at int64
	d.must(d.Base.Read(d.ctx, "reading the letter", sql.Ask(sql.Into(&letter.Queue, &letter.Task, &letter.Payload, &letter.Error, &letter.Attempts, &at),
		`SELECT queue, task, payload, error, attempts, at FROM dead_letters`)))
	d.same("letter", want, letter)
	d.same("its moment", d.now, sql.Moment(at))
}

func sequences(d *desk) {
	var all []int64
	for range 3 {
		ids, err := d.Base.IDs(d.ctx, 300)
		d.must(err)
		for range 250 {
			all = append(all, ids.Next(pipeline.SequenceTicket))
		}
		ids.Done()
		ids.Done()
	}
	want := make([]int64, 750)
	for i := range want {
		want[i] = int64(i + 1)
	}
	slices.Sort(all)
	d.same("ids", want, all)
	defer func() {
		if recover() == nil {
			d.t.Error("more ids than reserved were given")
		}
	}()
	ids, err := d.Base.IDs(d.ctx, 0)
	d.must(err)
	ids.Next(pipeline.SequenceTicket)
}

func counters(d *desk) {
	for i := range 5 {
		plan := d.open(fmt.Sprintf("k%d", i), phone(i))
		if i%2 == 0 {
			d.claim(plan.Effects[0].ID)
			d.settle(commands.SendEnded{ID: plan.Effects[0].ID, State: effects.Sent})
		}
	}
	d.record(item("hotline", "open", "open"))
	d.counted()
	c, err := d.View.Counts(d.ctx, d.now)
	d.must(err)
	d.same("recorded", map[string]int64{"hotline": 6}, c.Recorded)
	d.same("undecided", []view.Waiting{{Inbox: "hotline", Count: 1, Oldest: base.Stamp{Time: d.now}}}, c.Undecided)
	d.same("unsent", int64(2), c.Unsent)
	d.same("due since", base.Stamp{Time: d.now}, c.DueSince)
}

// reconnect: a clock that was hours ahead wrote down when inboxes were first connected.
func reconnect(d *desk) {
	ahead := 8 * time.Hour
	seen := func(inbox string, at time.Time) {
		d.must(d.Service.InboxSeen(d.ctx, []service.InboxStatus{{Inbox: inbox, State: "ok", Contact: at}}, at))
	}
	connected := func() map[string]time.Time {
		list, err := d.View.Inboxes(d.ctx)
		d.must(err)
		out := map[string]time.Time{}
		for _, i := range list {
			out[i.Name] = i.ConnectedAt.Time
		}
		return out
	}
	seen("long ago", start.Add(-1000*time.Hour))
	seen("a little ahead", start.Add(30*time.Second)) // the clocks of two machines
	seen("ahead", start.Add(ahead))
	mended, err := d.Service.Reconnect(d.ctx, 0, start)
	d.must(err)
	d.same("mended at a start", []string{"ahead"}, mended)
	d.same("connected", map[string]time.Time{"long ago": start.Add(-1000 * time.Hour), "a little ahead": start.Add(30 * time.Second), "ahead": start}, connected())
	seen("first", start.Add(ahead))
	seen("second", start.Add(ahead+time.Hour))
	now := start.Add(90 * time.Minute) // half an hour after the second one; then the clock was set back
	mended, err = d.Service.Reconnect(d.ctx, ahead, now)
	d.must(err)
	d.same("mended while running", []string{"first", "second"}, mended)
	d.same("the first", []time.Time{start, start.Add(time.Hour)}, []time.Time{connected()["first"], connected()["second"]})
	mended, err = d.Service.Reconnect(d.ctx, 0, now)
	d.must(err)
	d.same("mended again", 0, len(mended))
}
