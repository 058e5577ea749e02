package workers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/workers/engine"
	"frontdesk/workers/engine/redistest"
	"frontdesk/workers/store"
)

func (r *rig) sweep(notices ...NoticeTo) *Sweep {
	return NewSweep(r.store, r.bell, nil, notices, r.meter, r.logger)
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

func TestALostTaskIsRungForAgain(t *testing.T) {
	r := newRig(t)
	s := r.sweep()
	ids := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}), r.delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	r.tasks() // the engine drops everything
	s.once(t.Context(), r.time())
	r.same("at once", 0, len(r.tasks()))
	r.pass(time.Minute)
	s.once(t.Context(), r.time())
	r.same("after a minute, together", [][]int64{ids}, r.rungFor(engine.Process))
	r.pass(messageAgain)
	s.once(t.Context(), r.time())
	r.same("after two, each alone", [][]int64{{ids[0]}, {ids[1]}}, r.rungFor(engine.Process))
	r.process(ids...)
	effects := []int64{r.story(ids[0]).Effects[0].ID, r.story(ids[1]).Effects[0].ID}
	r.tasks()
	r.pass(effectAgain)
	s.once(t.Context(), r.time())
	r.same("effects", [][]int64{effects}, r.rungFor(engine.Deliver))
	r.senders["hotline"] = sendFunc(wellDone)
	r.deliver(r.deliverer(), effects...)
	r.pass(time.Hour)
	s.once(t.Context(), r.time())
	r.same("when all is done", 0, len(r.tasks()))
}

// TestAStartWithoutADatabaseIsMadeUpFor: what was open is not left to its own next time.
func TestAStartWithoutADatabaseIsMadeUpFor(t *testing.T) {
	r := newRig(t)
	ids := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	r.tasks()
	s := r.sweep()
	r.database(`ALTER TABLE undecided RENAME TO away`)
	s.beat(t.Context(), r.time())
	r.database(`ALTER TABLE away RENAME TO undecided`)
	s.beat(t.Context(), r.time())
	r.same("rung for at once", [][]int64{ids}, r.rungFor(engine.Process))
}

func TestAtAStartEverythingOpenIsDue(t *testing.T) {
	r := newRig(t)
	one := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	effect := r.opened("hotline", "k2", letter{From: "+8613800138001", Text: payment}).Effects[0].ID
	r.tasks()
	s := r.sweep()
	r.must(s.begin(t.Context(), r.time()))
	s.once(t.Context(), r.time())
	tasks := r.tasks()
	slices.SortFunc(tasks, func(a, b engine.Task) int { return len(a.Kind) - len(b.Kind) })
	var got [][]int64
	for _, task := range tasks {
		got = append(got, task.IDs)
	}
	r.same("rung for", [][]int64{one, {effect}}, got)
}

func TestAMessageThatWaitsLongIsWorkedOnWithCareOnlyWhileTheProcessIsYoung(t *testing.T) {
	r := newRig(t)
	r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	var again []bool
	r.tasks()
	for range 2 { // the process dies meanwhile
		s := r.sweep()
		r.must(s.begin(t.Context(), r.time()))
		for range 3 {
			s.once(t.Context(), r.time())
			for _, task := range r.tasks() {
				again = append(again, task.Again)
			}
			r.pass(messageAgain)
		}
	}
	r.same("care", []bool{false, false, false, true, false, false}, again)
}

func TestEachSweepFillsTheWindowsOfTheInboxes(t *testing.T) {
	r := newRig(t)
	var lot store.Lot
	for i := range 1200 {
		lot.Items = append(lot.Items, store.Item{Delivery: r.delivery("hotline", fmt.Sprint("k", i), letter{}), Bulk: i < 500})
	}
	lot.Items = append(lot.Items, store.Item{Delivery: r.delivery("bot", "k", letter{})})
	_, err := r.store.Record(t.Context(), lot, r.time())
	r.must(err)
	r.pass(time.Minute)
	s := r.sweep()
	type what struct {
		inbox string
		bulk  bool
	}
	rung := func() map[what]int {
		out := map[what]int{}
		for _, task := range r.tasks() {
			if len(task.IDs) > turnIDs {
				t.Errorf("a task of %d ids", len(task.IDs))
			}
			out[what{task.Inbox, task.Bulk}] += len(task.IDs)
		}
		return out
	}
	s.once(t.Context(), r.time())
	r.same("first sweep", map[what]int{{"bot", false}: 1, {"hotline", false}: 700, {"hotline", true}: bulkWindow}, rung())
	r.same("more is due", true, s.refill.Load() > 0)
	s.once(t.Context(), r.time())
	r.same("while the windows are full", map[what]int{}, rung())
}

func TestWarningsAndBreachesComeOnceWithTheirNotices(t *testing.T) {
	r := newRig(t)
	r.settings.Promise.Warn = []float64{0.5, 0.75}
	story := r.opened("hotline", "k1", letter{From: "+8613800138000", Text: payment})
	list, err := r.store.Promises(t.Context(), store.Page{Ticket: story.Message.Ticket})
	r.must(err)
	due := list[0].DueAt.Time
	s := r.sweep(NoticeTo{"hook", []string{"promise.warning", "promise.breach"}}, NoticeTo{"other", []string{"promise.breach"}}, NoticeTo{"deaf", nil})
	notices := func() int {
		rows, err := r.store.Outbox(t.Context(), store.Page{})
		r.must(err)
		n := 0
		for _, row := range rows {
			if row.Kind == pipeline.KindNotice {
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
	var lot store.Lot
	for i := range sweepRows + 20 {
		d := r.delivery("hotline", fmt.Sprint("k", i), letter{From: "+8613800138000", Text: payment})
		lot.Items = append(lot.Items, store.Item{Delivery: d})
	}
	recorded, err := r.store.Record(t.Context(), lot, r.time())
	r.must(err)
	p := r.newProcessor()
	for at := 0; at < len(recorded); at += processItems {
		var ids []int64
		for _, one := range recorded[at:min(at+processItems, len(recorded))] {
			ids = append(ids, one.ID)
		}
		r.must(p.Handle(t.Context(), engine.Work{Kind: engine.Process, IDs: ids}))
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

func TestTheSweepBeatsEachSecondAndStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon))
		r := newRig(t)
		r.now = time.Time{}
		r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
		r.tasks()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.sweep().Run(ctx); close(done) }()
		time.Sleep(500 * time.Millisecond)
		r.same("at the start", 1, len(r.tasks()))
		time.Sleep(messageAgain + sweepEvery)
		r.same("a minute later", 1, len(r.tasks()))
		stop()
		<-done
	})
}

// TestACommandRingsBesideTheBeats: with the race detector this fails where the two share anything unguarded.
func TestACommandRingsBesideTheBeats(t *testing.T) {
	r := newRig(t)
	s := r.sweep()
	s.Every = time.Millisecond
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

func TestLooksForRoomAreAsFrequentAsTheyFindSome(t *testing.T) {
	tests := map[string]struct {
		pause time.Duration
		found int
		more  bool
		want  time.Duration
	}{
		"much was found: sooner":                   {80 * time.Millisecond, 500, true, 40 * time.Millisecond},
		"no sooner than that":                      {20 * time.Millisecond, 500, true, 20 * time.Millisecond},
		"little was found: later":                  {20 * time.Millisecond, 30, true, 40 * time.Millisecond},
		"something was found: not as rare as that": {80 * time.Millisecond, 30, true, 80 * time.Millisecond},
		"back from nothing":                        {200 * time.Millisecond, 30, true, 80 * time.Millisecond},
		"nothing was found: rarer":                 {160 * time.Millisecond, 0, true, 200 * time.Millisecond},
		"nothing waits: none":                      {200 * time.Millisecond, 0, false, 0},
		"the first one":                            {0, 30, true, 20 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := refillPause(test.pause, test.found, test.more); got != test.want {
				t.Errorf("pause %v, want %v", got, test.want)
			}
		})
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
	rows, err := r.store.Outbox(r.t.Context(), store.Page{Limit: 1000})
	r.must(err)
	var ids []int64
	for _, o := range rows {
		if o.Kind == pipeline.KindNotice {
			ids = append(ids, o.ID)
		}
	}
	slices.Sort(ids)
	claimed, err := r.store.ClaimEffects(r.t.Context(), ids, "looker", r.time(), r.time())
	r.must(err)
	for _, row := range claimed {
		var n Notice
		var e struct{ Held []store.Held }
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
	rows, err := r.store.Outbox(t.Context(), store.Page{})
	r.must(err)
	notices := 0
	for _, row := range rows {
		if row.Kind == pipeline.KindNotice {
			notices++
		}
	}
	r.same("notices", 1, notices)
	r.same("lines in the log", 1, strings.Count(r.logs.String(), "has left its usual band"))
}

// TestWorkGoesOnWhenRedisTakesTasksAgain: at once, not when each row's turn comes by itself.
func TestWorkGoesOnWhenRedisTakesTasksAgain(t *testing.T) {
	r := newRig(t)
	embedded, err := engine.StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(embedded.Close)
	full, client := &redistest.Refusing{}, embedded.Client()
	client.AddHook(full)
	e, err := engine.New(engine.Config{Redis: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	s := NewSweep(r.store, r.bell, e, nil, r.meter, r.logger)
	decided := r.accept(r.delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}))
	r.process(decided...)
	effect := r.story(decided[0]).Effects[0].ID
	full.With(errors.New("OOM command not allowed when used memory > 'maxmemory'"))
	waiting := r.accept(r.delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	r.tasks() // nobody was woken
	for range 5 {
		r.pass(time.Minute)
		s.once(t.Context(), r.time())
		r.same("while Redis is full", 0, len(r.tasks()))
	}
	full.With(nil)
	r.pass(time.Second)
	s.once(t.Context(), r.time())
	tasks := r.tasks()
	var messages, effects []int64
	for _, task := range tasks {
		switch task.Kind {
		case engine.Process:
			messages = append(messages, task.IDs...)
		case engine.Deliver:
			effects = append(effects, task.IDs...)
		}
	}
	r.same("messages", waiting, messages)
	r.same("effects", []int64{effect}, effects)
	r.pass(time.Second)
	s.once(t.Context(), r.time())
	r.same("once", 0, len(r.tasks()))
}
