package workers

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
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/engine"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/outbox"
	"frontdesk/workers/store/view"
)

func (r *rig) sweep(notices ...NoticeTo) *Sweep {
	return NewSweep(SweepConfig{Store: r.store, Notifier: r.notifier, Notices: notices, Meter: r.meter, Logger: r.logger})
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
func (r *rig) looking(notices ...NoticeTo) (_ *Sweep, looked func() [2]int64) {
	var live, bulk atomic.Int64
	look := func(inBulk bool) {
		if inBulk {
			bulk.Add(1)
		} else {
			live.Add(1)
		}
	}
	s := NewSweep(SweepConfig{Store: r.store, Notifier: r.notifier, Process: look, Notices: notices, Meter: r.meter, Logger: r.logger})
	return s, func() [2]int64 { return [2]int64{live.Load(), bulk.Load()} }
}

func TestALostTaskIsRungForAgain(t *testing.T) {
	r := newRig(t)
	s, looked := r.looking()
	ids := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}), r.delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	r.process(ids...)
	effects := []int64{r.story(ids[0]).Effects[0].ID, r.story(ids[1]).Effects[0].ID}
	r.tasks() // the engine drops everything
	s.once(t.Context(), r.time())
	r.same("at once", 0, len(r.tasks()))
	r.pass(effectAgain)
	s.once(t.Context(), r.time())
	r.same("effects", [][]int64{effects}, r.rungFor(engine.Deliver))
	r.same("looks at what is undecided", [2]int64{2, 2}, looked())
	r.senders["hotline"] = sendFunc(wellDone)
	r.deliver(r.deliverer(), effects...)
	r.pass(time.Hour)
	s.once(t.Context(), r.time())
	r.same("when all is done", 0, len(r.tasks()))
}

// TestAStartWithoutADatabaseIsMadeUpFor: what was open is not left to its own next time.
func TestAStartWithoutADatabaseIsMadeUpFor(t *testing.T) {
	r := newRig(t)
	effect := r.opened("hotline", "k2", letter{From: "+8613800138001", Text: payment}).Effects[0].ID
	r.tasks()
	s := r.sweep()
	r.database(`ALTER TABLE outbox RENAME TO away`)
	s.beat(t.Context(), r.time())
	r.database(`ALTER TABLE away RENAME TO outbox`)
	s.beat(t.Context(), r.time())
	r.same("rung for at once", [][]int64{{effect}}, r.rungFor(engine.Deliver))
}

func TestAtAStartEverythingOpenIsDue(t *testing.T) {
	r := newRig(t)
	one := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	taken, _, err := r.store.Backlog.TakeMessages(t.Context(), r.time(), r.time().Add(takenFor), false, 10, r.processor.turn)
	r.must(err)
	r.same("taken by a process that dies", one[0], taken[0].ID)
	r.must(r.sweep().begin(t.Context(), r.time()))
	more, err := r.processor.next(t.Context(), false)
	r.must(err)
	r.same("more", false, more)
	r.same("states", []string{"ticketed"}, r.states(one...))
}

func TestTheSweepBeatsEachSecondAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon))
		r := newRig(t)
		r.now = time.Time{}
		s, looked := r.looking()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		r.same("at the start", int64(1), looked()[0])
		time.Sleep(9 * sweepEvery)
		synctest.Wait()
		r.same("after nine seconds", int64(10), looked()[0])
		stop()
		<-done
	})
}

// TestACommandRingsBesideTheBeats: with the race detector this fails where the two share anything unguarded.
func TestACommandRingsBesideTheBeats(t *testing.T) {
	r := newRig(t)
	s := NewSweep(SweepConfig{Store: r.store, Notifier: r.notifier, Every: time.Millisecond, Meter: r.meter, Logger: r.logger})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	for range 20 {
		s.Wake(t.Context())
	}
	stop()
	<-done
	r.same("left as it is", 1, r.undecided("hotline"))
}

func TestWarningsAndBreachesComeOnceWithTheirNotices(t *testing.T) {
	r := newRig(t)
	r.settings.Promise.Warn = []float64{0.5, 0.75}
	story := r.opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	list, err := r.store.View.Promises(t.Context(), view.Page{Ticket: story.Message.Ticket})
	r.must(err)
	due := list[0].DueAt.Time
	s := r.sweep(NoticeTo{"hook", []string{"promise.warning", "promise.breach"}}, NoticeTo{"other", []string{"promise.breach"}}, NoticeTo{"deaf", nil})
	notices := func() int {
		rows, err := r.store.View.Outbox(t.Context(), view.Page{})
		r.must(err)
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
	r.same("promise", "broken", r.promise(story.Message.Ticket))
	got := values(t, r.meter.Late)
	r.same("counted", 1.0, got[`frontdesk_promises_broken_total{kind="acknowledgement"}`])
}

func TestOriginalsExpireHoweverManyThereAre(t *testing.T) {
	r := newRig(t)
	var lot intake.Lot
	for i := range sweepRows + 20 {
		d := r.delivery("hotline", fmt.Sprint("k", i), letter{From: "+8613800138000", Text: payment})
		lot.Items = append(lot.Items, intake.Item{Delivery: d})
	}
	recorded, err := r.store.Intake.Record(t.Context(), lot, r.time())
	r.must(err)
	p := r.newProcessor()
	for at := 0; at < len(recorded); at += processItems {
		var ids []int64
		for _, one := range recorded[at:min(at+processItems, len(recorded))] {
			ids = append(ids, one.ID)
		}
		r.must(p.batch(t.Context(), ids, mode{}))
	}
	r.pass(31 * 24 * time.Hour)
	s := r.sweep()
	for range 3 {
		s.once(t.Context(), r.time())
		r.pass(sweepEvery)
	}
	for _, one := range []int{0, len(recorded) - 1} {
		if kept := r.story(recorded[one].ID).OriginalIs; kept != "gone" {
			t.Errorf("original %d is %s", one, kept)
		}
	}
}

// TestWhatIsHeldIsToldOnceADay: of several processes one tells, a restart tells nothing twice, the next day tells
// again while something new is held, and nothing when nothing is.
func TestWhatIsHeldIsToldOnceADay(t *testing.T) {
	r := newRig(t)
	to := NoticeTo{Name: "ops", Events: []string{eventHeld}}
	s, other := r.sweep(to), r.sweep(to, NoticeTo{Name: "deaf", Events: []string{"inbox.failing"}})
	beat := func(sweeps ...*Sweep) {
		for _, s := range sweeps {
			s.once(t.Context(), r.time())
		}
	}
	told := func() (out []string) {
		for _, row := range r.notified() {
			out = append(out, fmt.Sprintf("%s %v", row.Key, row.Held))
		}
		return out
	}
	beat(s, other)
	r.same("with nothing held", []string(nil), told())
	one := r.opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	r.database(`UPDATE outbox SET state = 'withheld', cause = 'stranger-cap', next_at = 0, wake_at = 0 WHERE id = ` + fmt.Sprint(one.Effects[0].ID))
	r.pass(tidyEvery)
	beat(s, other, r.sweep(to))
	day := r.time().UTC().Format(time.DateOnly)
	first := "notice:ops:" + eventHeld + ":" + day + " [stranger-cap hotline 1]"
	r.same("told once", []string{first}, told())
	r.pass(6 * time.Hour)
	beat(s, other)
	r.same("told no more that day", []string{first}, told())
	r.pass(20 * time.Hour)
	beat(s, other)
	r.same("nothing new in the last day", []string{first}, told())
	two := r.opened("hotline", "k2", letter{From: "+8613800138001", Text: payment})
	r.database(`UPDATE outbox SET state = 'withheld', cause = 'unproven-number', next_at = 0, wake_at = 0 WHERE id = ` + fmt.Sprint(two.Effects[0].ID))
	r.pass(tidyEvery)
	beat(s, other)
	day = r.time().UTC().Format(time.DateOnly)
	r.same("and the next day", []string{first, "notice:ops:" + eventHeld + ":" + day + " [unproven-number hotline 1]"}, told())
}

// heldNotice is a notice of what is held, as its row has it.
type heldNotice struct {
	Key  string
	Held []string
}

// notified are the notices in the outbox, the oldest first.
func (r *rig) notified() (out []heldNotice) {
	r.t.Helper()
	rows, err := r.store.View.Outbox(r.t.Context(), view.Page{Limit: 1000})
	r.must(err)
	var ids []int64
	for _, o := range rows {
		if o.Kind == effects.KindNotice {
			ids = append(ids, o.ID)
		}
	}
	slices.Sort(ids)
	claimed, err := r.store.Outbox.ClaimEffects(r.t.Context(), ids, "looker", r.time(), r.time())
	r.must(err)
	for _, row := range claimed {
		var n Notice
		var e struct{ Held []outbox.Held }
		r.must(json.Unmarshal(row.Payload, &n))
		r.must(json.Unmarshal(n.Event, &e))
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
	s := r.sweep(NoticeTo{Name: "alarm", Events: []string{eventUnusual}})
	r.must(s.unusual(t.Context(), r.time()))
	var deliveries []channels.Delivery
	for i := range 20 {
		deliveries = append(deliveries, r.delivery("support", fmt.Sprintf("robot%d", i), letter{From: "kim@firm.example", Subject: "Automatic reply: Invoice " + strconv.Itoa(i), Text: "I am away."}))
	}
	ids := r.accept(deliveries...)
	r.process(ids...)
	for i := range 2 {
		r.must(s.unusual(t.Context(), r.time().Add(time.Duration(2+i)*time.Minute)))
	}
	rows, err := r.store.View.Outbox(t.Context(), view.Page{})
	r.must(err)
	notices := 0
	for _, row := range rows {
		if row.Kind == effects.KindNotice {
			notices++
		}
	}
	r.same("notices", 1, notices)
	r.same("lines in the log", 1, strings.Count(r.logs.String(), "has left its usual band"))
}
