package storetest

import (
	"errors"
	"sync"
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	handout "frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/view"
)

// listener is told of tickets: a row for each event.
type listener struct {
	mu   sync.Mutex
	told []string
}

func (l *listener) hears(e outbox.Told) []effects.Plan {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, e.Event+" by "+e.By)
	return []effects.Plan{{Kind: effects.KindNotice, Key: "notice:" + e.Key, Channel: "webhook", Payload: []byte(`{"to":"one","event":{}}`), Due: e.At}}
}

// tells tells of what has happened, until there is nothing more.
func (d *desk) tells(l *listener) []string {
	d.t.Helper()
	l.told = nil
	for again := true; again; {
		var err error
		again, err = d.Outbox.Tell(d.ctx, l.hears, d.now, 2)
		d.must(err)
	}
	return l.told
}

// notices are the rows of kind notice, the newest first.
func (d *desk) notices() (out []view.OutboxRow) {
	d.t.Helper()
	rows, err := d.View.Outbox(d.ctx, view.Page{})
	d.must(err)
	for _, r := range rows {
		if r.Kind == effects.KindNotice {
			out = append(out, r)
		}
	}
	return out
}

func ticketsTold(d *desk) {
	var l listener
	d.same("it begins with the first call", 0, len(d.tells(&l)))
	k := d.talk()
	id := k.first.Ticket.ID
	d.same("opened", []string{"ticket.opened by frontdesk"}, d.tells(&l))
	d.must(d.Desk.Take(d.ctx, wang, id, handout.Rules{}, d.now))
	k.answers()
	d.same("taken and answered", []string{"ticket.assigned by wang", "ticket.replied by frontdesk"}, d.tells(&l))
	d.same("once", 0, len(d.tells(&l)))
	k.writes()
	d.same("what a customer writes is none of it", 0, len(d.tells(&l)))
	d.must(d.Acts.CloseTicket(d.ctx, id, d.now, "zhou"))
	d.now = d.now.Add(3 * time.Hour)
	_, err := d.Changes.Forget(d.ctx, d.now, 100)
	d.must(err)
	d.same("closed, however long nobody was told", []string{"ticket.closed by zhou"}, d.tells(&l))
	d.same("a row for each", 4, len(d.notices()))
	d.counted()
}

// ticketsToldOnce: two processes tell once, and one that dies before its commit has told nothing.
func ticketsToldOnce(d *desk) {
	var l listener
	d.tells(&l)
	d.talk()
	boom := errors.New("it dies")
	func() {
		defer func() { _ = recover() }()
		_, _ = d.Outbox.Tell(d.ctx, func(outbox.Told) []effects.Plan { panic(boom) }, d.now, 100)
	}()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := d.Outbox.Tell(d.ctx, l.hears, d.now, 100); err != nil {
				d.t.Error(err)
			}
		})
	}
	wait.Wait()
	d.same("one row", 1, len(d.notices()))
	d.must(d.Outbox.StopTelling(d.ctx))
	d.now = d.now.Add(time.Minute)
	d.same("whoever begins anew hears of what comes then", 0, len(d.tells(&l)))
	d.counted()
}

// toldAgain: what was told is told once more when somebody wants so, and forgotten in the end.
func toldAgain(d *desk) {
	var l listener
	d.tells(&l)
	d.must(d.Outbox.Notify(d.ctx, []effects.Plan{{Kind: effects.KindAlert, Key: "waits", Channel: "alert", Payload: []byte(`{}`), Due: d.now}}, d.now))
	d.must(d.Base.Do(d.ctx, "noting a row that waits", sql.Do(`INSERT INTO told (effect, at) SELECT id, 1 FROM outbox WHERE key = 'waits'`)))
	d.talk()
	d.tells(&l)
	row := d.notices()[0]
	if err := d.Outbox.Redeliver(d.ctx, row.ID, d.now, "li"); !errors.Is(err, sql.ErrNotFound) {
		d.t.Errorf("what is on its way: %v", err)
	}
	if rows := d.claim(row.ID); len(rows) != 1 {
		d.t.Fatalf("claimed %d rows", len(rows))
	}
	d.settle(commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "410"})
	d.must(d.Outbox.Redeliver(d.ctx, row.ID, d.now, "li"))
	again := d.notices()
	d.same("a row of its own", 2, len(again))
	if rows := d.claim(again[0].ID); len(rows) != 1 || string(rows[0].Payload) != `{"to":"one","event":{}}` {
		d.t.Fatalf("claimed %+v", rows)
	}
	d.settle(commands.SendEnded{ID: again[0].ID, State: effects.Sent})
	d.now = d.now.Add(time.Hour)
	for range 2 {
		gone, err := d.Outbox.ForgetNotices(d.ctx, d.now, 1)
		d.must(err)
		d.same("one that still waits holds up none", 1, gone)
	}
	gone, err := d.Outbox.ForgetNotices(d.ctx, d.now, 10)
	d.must(err)
	d.same("both are forgotten, and nothing else", []int{0, 0}, []int{gone, len(d.notices())})
	var waits int64
	d.must(d.Base.Read(d.ctx, "looking what waits", sql.Ask(sql.Into(&waits), `SELECT id FROM outbox WHERE key = 'waits'`)))
	d.claim(waits)
	d.settle(commands.SendEnded{ID: waits, State: effects.Sent})
	d.counted()
	d.clean()
}
