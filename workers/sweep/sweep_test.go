package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/deliver"
	"frontdesk/workers/engine"
	"frontdesk/workers/store/desk"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/workerstest"
)

func (r *rig) sweep(notices ...deliver.NoticeTo) *Sweep {
	return New(Config{Store: r.Store, Notifier: r.notifier, Notices: notices, Meter: r.meter, Logger: r.Logger})
}

// rungFor are the ids of a kind that were rung for, one list a task.
func (r *rig) rungFor(kind engine.Kind) (out [][]int64) {
	for _, t := range r.tasks() {
		if t.Kind == kind {
			out = append(out, t.IDs)
		}
	}
	return out
}

// looking makes a sweep and counts how often it has this process look at what is undecided, live and in bulk.
func (r *rig) looking(notices ...deliver.NoticeTo) (_ *Sweep, looked func() [2]int64) {
	var live, bulk atomic.Int64
	look := func(inBulk bool) {
		if inBulk {
			bulk.Add(1)
		} else {
			live.Add(1)
		}
	}
	s := New(Config{Store: r.Store, Notifier: r.notifier, Process: look, Notices: notices, Meter: r.meter, Logger: r.Logger})
	return s, func() [2]int64 { return [2]int64{live.Load(), bulk.Load()} }
}

// sent has rows handed over, as a deliverer records it.
func (r *rig) sent(ids ...int64) {
	r.T.Helper()
	rows, err := r.Store.Outbox.ClaimEffects(r.T.Context(), ids, "worker-1", r.Time(), r.Time().Add(time.Minute))
	r.Must(err)
	var outcomes []commands.SendEnded
	for _, row := range rows {
		outcomes = append(outcomes, commands.SendEnded{ID: row.ID, Attempt: row.Attempts, State: effects.Sent, ProviderID: "P-" + row.Key})
	}
	r.Must(r.Store.Outbox.Settle(r.T.Context(), outcomes, r.Time()))
}

func TestALostTaskIsRungForAgain(t *testing.T) {
	r := newRig(t)
	s, looked := r.looking()
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}), r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	r.Process(ids...)
	effects := []int64{r.Story(ids[0]).Effects[0].ID, r.Story(ids[1]).Effects[0].ID}
	r.tasks() // the engine drops everything
	s.once(t.Context(), r.Time())
	r.Same("at once", 0, len(r.tasks()))
	r.Pass(effectAgain)
	s.once(t.Context(), r.Time())
	r.Same("effects", [][]int64{effects}, r.rungFor(engine.Deliver))
	r.Same("looks at what is undecided", [2]int64{2, 2}, looked())
	r.sent(effects...)
	r.Pass(time.Hour)
	s.once(t.Context(), r.Time())
	r.Same("when all is done", 0, len(r.tasks()))
}

// TestAStartWithoutADatabaseIsMadeUpFor: what was open is not left to its own next time.
func TestAStartWithoutADatabaseIsMadeUpFor(t *testing.T) {
	r := newRig(t)
	effect := r.Opened("hotline", "k2", letter{From: "+8613800138001", Text: payment}).Effects[0].ID
	r.tasks()
	s := r.sweep()
	r.Database(`ALTER TABLE outbox RENAME TO away`)
	s.beat(t.Context(), r.Time())
	r.Database(`ALTER TABLE away RENAME TO outbox`)
	s.beat(t.Context(), r.Time())
	r.Same("rung for at once", [][]int64{{effect}}, r.rungFor(engine.Deliver))
}

func TestAtAStartEverythingOpenIsDue(t *testing.T) {
	r := newRig(t)
	one := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	taken, _, err := r.Store.Backlog.TakeMessages(t.Context(), r.Time(), r.Time().Add(time.Minute), false, 10, func(string) int { return 10 })
	r.Must(err)
	r.Same("taken by a process that dies", one[0], taken[0].ID)
	r.Must(r.sweep().begin(t.Context(), r.Time()))
	r.Process(one...)
	r.Same("states", []string{"ticketed"}, r.States(one...))
}

func TestTheSweepBeatsEachSecondAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon))
		r := newRig(t)
		r.RealTime()
		s, looked := r.looking()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		r.Same("at the start", int64(1), looked()[0])
		time.Sleep(9 * sweepEvery)
		synctest.Wait()
		r.Same("after nine seconds", int64(10), looked()[0])
		stop()
		<-done
	})
}

// TestWhoFallsSilentKeepsNothingThatHeHasNotBegun: D24, by the sweep's clock.
func TestWhoFallsSilentKeepsNothingThatHeHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon))
		r := newRig(t)
		r.RealTime()
		ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
		r.Process(ids...)
		lead := viewer.Viewer{User: 2, Login: "lead", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}
		p, err := r.Store.Desk.List(t.Context(), lead, desk.Seek{List: desk.Unassigned}, time.Now())
		r.Must(err)
		ticket := p.Cards[0].Ticket
		owner := func() int64 {
			k, err := r.Store.Desk.Ticket(t.Context(), lead, ticket)
			r.Must(err)
			return k.Owner
		}
		_, err = r.Store.Agents.Hear(t.Context(), 1, time.Now())
		r.Must(err)
		r.Must(r.Store.Desk.Give(t.Context(), lead, ticket, 1, assign.Rules{}, time.Now()))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.sweep().Run(ctx); close(done) }()
		time.Sleep(58 * time.Second)
		synctest.Wait()
		r.Same("58 seconds later", int64(1), owner())
		time.Sleep(4 * time.Second)
		synctest.Wait()
		r.Same("62 seconds later", int64(0), owner())
		stop()
		<-done
	})
}

// TestACommandRingsBesideTheBeats: with the race detector this fails where the two share anything unguarded.
func TestACommandRingsBesideTheBeats(t *testing.T) {
	r := newRig(t)
	s := New(Config{Store: r.Store, Notifier: r.notifier, Every: time.Millisecond, Meter: r.meter, Logger: r.Logger})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	for range 20 {
		s.Wake(t.Context())
	}
	stop()
	<-done
	r.Same("left as it is", 1, r.Undecided("hotline"))
}

func TestWarningsAndBreachesComeOnceWithTheirNotices(t *testing.T) {
	r := newRig(t)
	r.Settings.Promise.Warn = []float64{0.5, 0.75}
	story := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	list, err := r.Store.View.Promises(t.Context(), view.Page{Ticket: story.Message.Ticket})
	r.Must(err)
	due := list[0].DueAt.Time
	s := r.sweep(deliver.NoticeTo{Name: "hook", Events: []string{"promise.warning", "promise.breach"}}, deliver.NoticeTo{Name: "other", Events: []string{"promise.breach"}}, deliver.NoticeTo{Name: "deaf"})
	notices := func() int {
		rows, err := r.Store.View.Outbox(t.Context(), view.Page{})
		r.Must(err)
		n := 0
		for _, row := range rows {
			if row.Kind == effects.KindNotice {
				n++
			}
		}
		return n
	}
	var seen []int
	for at := noon; at.Before(due.Add(2 * time.Hour)); at = at.Add(30 * time.Minute) {
		s.once(t.Context(), at)
		s.once(t.Context(), at)
		if n := notices(); len(seen) == 0 || seen[len(seen)-1] != n {
			seen = append(seen, n)
		}
	}
	if n := len(seen); n < 3 || seen[0] != 0 || seen[n-1]-seen[n-2] != 2 {
		t.Errorf("notices grew as %v, want one for each warning and two for the breach", seen)
	}
	for i := 1; i < len(seen)-1; i++ {
		if seen[i]-seen[i-1] != 1 {
			t.Errorf("notices grew as %v, want one for each warning", seen)
		}
	}
	list, err = r.Store.View.Promises(t.Context(), view.Page{Ticket: story.Message.Ticket})
	r.Must(err)
	r.Same("promise", "broken", list[0].State)
	got := workerstest.Values(t, r.meter.Late)
	r.Same("counted", 1.0, got[`frontdesk_promises_broken_total{kind="acknowledgement"}`])
}

func TestOriginalsExpireHoweverManyThereAre(t *testing.T) {
	r := newRig(t)
	var lot intake.Lot
	for i := range sweepRows + 20 {
		d := r.Delivery("hotline", fmt.Sprint("k", i), letter{From: "+8613800138000", Text: payment})
		lot.Items = append(lot.Items, intake.Item{Delivery: d})
	}
	recorded, err := r.Store.Intake.Record(t.Context(), lot, r.Time())
	r.Must(err)
	var ids []int64
	for _, one := range recorded {
		ids = append(ids, one.ID)
	}
	r.Process(ids...)
	r.Pass(31 * 24 * time.Hour)
	s := r.sweep()
	for range 3 {
		s.once(t.Context(), r.Time())
		r.Pass(sweepEvery)
	}
	for _, one := range []int{0, len(recorded) - 1} {
		if kept := r.Story(recorded[one].ID).OriginalIs; kept != "gone" {
			t.Errorf("original %d is %s", one, kept)
		}
	}
}

// TestWhatIsHeldIsToldOnceADay: of several processes one tells, a restart tells nothing twice, the next day tells
// again while something new is held, and nothing when nothing is.
func TestWhatIsHeldIsToldOnceADay(t *testing.T) {
	r := newRig(t)
	to := deliver.NoticeTo{Name: "ops", Events: []string{eventHeld}}
	s, other := r.sweep(to), r.sweep(to, deliver.NoticeTo{Name: "deaf", Events: []string{"inbox.failing"}})
	beat := func(sweeps ...*Sweep) {
		for _, s := range sweeps {
			s.once(t.Context(), r.Time())
		}
	}
	told := func() (out []string) {
		for _, row := range r.notified() {
			out = append(out, fmt.Sprintf("%s %v", row.Key, row.Held))
		}
		return out
	}
	beat(s, other)
	r.Same("with nothing held", []string(nil), told())
	one := r.Opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	r.Database(`UPDATE outbox SET state = 'withheld', cause = 'stranger-cap', next_at = 0, wake_at = 0 WHERE id = ` + fmt.Sprint(one.Effects[0].ID))
	r.Pass(tidyEvery)
	beat(s, other, r.sweep(to))
	day := r.Time().UTC().Format(time.DateOnly)
	first := "notice:ops:" + eventHeld + ":" + day + " [stranger-cap hotline 1]"
	r.Same("told once", []string{first}, told())
	r.Pass(6 * time.Hour)
	beat(s, other)
	r.Same("told no more that day", []string{first}, told())
	r.Pass(20 * time.Hour)
	beat(s, other)
	r.Same("nothing new in the last day", []string{first}, told())
	two := r.Opened("hotline", "k2", letter{From: "+8613800138001", Text: payment})
	r.Database(`UPDATE outbox SET state = 'withheld', cause = 'unproven-number', next_at = 0, wake_at = 0 WHERE id = ` + fmt.Sprint(two.Effects[0].ID))
	r.Pass(tidyEvery)
	beat(s, other)
	day = r.Time().UTC().Format(time.DateOnly)
	r.Same("and the next day", []string{first, "notice:ops:" + eventHeld + ":" + day + " [unproven-number hotline 1]"}, told())
}

// heldNotice is a notice of what is held, as its row has it.
type heldNotice struct {
	Key  string
	Held []string
}

// notified are the notices in the outbox, the oldest first.
func (r *rig) notified() (out []heldNotice) {
	r.T.Helper()
	rows, err := r.Store.View.Outbox(r.T.Context(), view.Page{Limit: 1000})
	r.Must(err)
	var ids []int64
	for _, o := range rows {
		if o.Kind == effects.KindNotice {
			ids = append(ids, o.ID)
		}
	}
	slices.Sort(ids)
	claimed, err := r.Store.Outbox.ClaimEffects(r.T.Context(), ids, "looker", r.Time(), r.Time())
	r.Must(err)
	for _, row := range claimed {
		var n deliver.Notice
		var e struct{ Held []outbox.Held }
		r.Must(json.Unmarshal(row.Payload, &n))
		r.Must(json.Unmarshal(n.Event, &e))
		h := heldNotice{Key: row.Key}
		for _, k := range e.Held {
			h.Held = append(h.Held, fmt.Sprintf("%s %s %d", k.Cause, k.Inbox, k.Count))
		}
		out = append(out, h)
	}
	return out
}

// TestAShareThatLeavesItsBandIsToldOnceADay, with the notice for whoever wants it.
func TestAShareThatLeavesItsBandIsToldOnceADay(t *testing.T) {
	r := newRig(t)
	s := r.sweep(deliver.NoticeTo{Name: "alarm", Events: []string{eventUnusual}})
	r.Must(s.unusual(t.Context(), r.Time()))
	var deliveries []channels.Delivery
	for i := range 20 {
		deliveries = append(deliveries, r.Delivery("support", fmt.Sprintf("robot%d", i), letter{From: "kim@firm.example", Subject: "Automatic reply: Invoice " + strconv.Itoa(i), Text: "I am away."}))
	}
	ids := r.Accept(deliveries...)
	r.Process(ids...)
	for i := range 2 {
		r.Must(s.unusual(t.Context(), r.Time().Add(time.Duration(2+i)*time.Minute)))
	}
	rows, err := r.Store.View.Outbox(t.Context(), view.Page{})
	r.Must(err)
	notices := 0
	for _, row := range rows {
		if row.Kind == effects.KindNotice {
			notices++
		}
	}
	r.Same("notices", 1, notices)
	r.Same("lines in the log", 1, strings.Count(r.Logs.String(), "has left its usual band"))
}
