package promises

import (
	"testing"
	"time"

	"frontdesk/pipeline/domain/machine/machinetest"
)

var (
	start    = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	half     = start.Add(12 * time.Hour)
	most     = start.Add(18 * time.Hour)
	deadline = start.Add(24 * time.Hour)
	later    = deadline.Add(time.Minute)
)

// in is a promise in a state, as commands bring it there.
func in(t *testing.T, state State, settled bool) Promise {
	t.Helper()
	p := New(Promise{Ticket: 7, Kind: "first-reply", Start: start, Due: deadline, Warn: []time.Time{half, most}}, "", start)
	switch state {
	case Warned:
		p, _ = p.Wake(half)
	case Kept:
		p, _ = p.Done(half)
	case Broken:
		p, _ = p.Wake(deadline)
		if settled {
			p, _ = p.Done(later)
		}
	case Void:
		p, _ = p.Withdrawn("capped", half)
	}
	if p.State != state {
		t.Fatalf("the promise is %s, not %s", p.State, state)
	}
	return p
}

func states() []State {
	return []State{Due, Warned, Kept, Broken, Void}
}

// TestTheMachineOfAPromise walks its table whole: each event in each state.
func TestTheMachineOfAPromise(t *testing.T) {
	events := []event{remind, expire, doInTime, doLate, withdraw, giveBack}
	want := map[State][]State{ // in the order of the events; "" means nothing
		Due:    {Warned, Broken, Kept, Broken, Void, ""},
		Warned: {Warned, Broken, Kept, Broken, Void, ""},
		Kept:   {"", "", "", "", "", Due},
		Broken: {"", "", Broken, Broken, Broken, ""},
		Void:   {"", "", "", "", "", Due},
	}
	machinetest.Walk(t, Machine, events, want)
}

// TestWhatACommandMakesOfAPromise: the state, and whether the clock and the books agree with it.
func TestWhatACommandMakesOfAPromise(t *testing.T) {
	done := func(at time.Time) func(Promise) (Promise, bool) {
		return func(p Promise) (Promise, bool) { return p.Done(at) }
	}
	withdrawn := func(p Promise) (Promise, bool) { return p.Withdrawn("erased", half) }
	returned := func(p Promise) (Promise, bool) { return p.Returned(half) }
	for _, c := range []struct {
		name    string
		from    Promise
		command func(Promise) (Promise, bool)
		want    State
		changed bool
		settled time.Time
		next    time.Time
		cause   string
	}{
		{"done before the first warning is kept", in(t, Due, false), done(start), Kept, true, start, time.Time{}, ""},
		{"done at the very deadline is kept", in(t, Warned, false), done(deadline), Kept, true, deadline, time.Time{}, ""},
		{"done after it, before the clock has told, is broken", in(t, Warned, false), done(later), Broken, true, later, time.Time{}, ""},
		{"a broken one is settled late and stays broken", in(t, Broken, false), done(later), Broken, true, later, time.Time{}, ""},
		{"a settled broken one does not change again", in(t, Broken, true), done(later.Add(1)), Broken, false, later, time.Time{}, ""},
		{"a kept one is not kept twice", in(t, Kept, true), done(most), Kept, false, half, time.Time{}, ""},
		{"a void one cannot be kept", in(t, Void, true), done(most), Void, false, half, time.Time{}, "capped"},
		{"an open one is withdrawn with the cause", in(t, Warned, false), withdrawn, Void, true, half, time.Time{}, "erased"},
		{"a broken one stays broken, with the cause", in(t, Broken, false), withdrawn, Broken, true, half, time.Time{}, "erased"},
		{"a kept one cannot be withdrawn", in(t, Kept, true), withdrawn, Kept, false, half, time.Time{}, ""},
		{"a void one counts again", in(t, Void, true), returned, Due, true, time.Time{}, most, ""},
		{"a kept one counts again", in(t, Kept, true), returned, Due, true, time.Time{}, most, ""},
		{"a due one has nothing to take back", in(t, Due, false), returned, Due, false, time.Time{}, half, ""},
		{"nor has a broken one that is settled", in(t, Broken, true), returned, Broken, false, later, time.Time{}, ""},
	} {
		got, changed := c.command(c.from)
		if got.State != c.want || changed != c.changed || !got.Settled.Equal(c.settled) || !got.Next.Equal(c.next) || got.Cause != c.cause {
			t.Errorf("%s: %+v, changed %t", c.name, got, changed)
		}
	}
}

func TestTheClockMovesAPromise(t *testing.T) {
	p := in(t, Due, false)
	for _, c := range []struct {
		name  string
		now   time.Time
		event State
		at    time.Time
		next  time.Time
	}{
		{"the first warning", half, Warned, half, most},
		{"of two warnings that were missed the last is told", most.Add(time.Hour), Warned, most, deadline},
		{"it breaks at its deadline", deadline, Broken, deadline, time.Time{}},
		{"and no later than that where the clock stood still", later, Broken, deadline, time.Time{}},
	} {
		got, moved := p.Wake(c.now)
		want := Moved{Ticket: 7, Kind: "first-reply", Event: c.event, Start: start, At: c.at, Due: deadline}
		if moved != want || got.State != c.event || !got.Next.Equal(c.next) || !got.Settled.IsZero() {
			t.Errorf("%s: %+v, told %+v", c.name, got, moved)
		}
	}
	if bare := New(Promise{Due: deadline}, "", start); !bare.Next.Equal(deadline) {
		t.Errorf("without warnings it is woken at %s", bare.Next)
	}
	if void := New(Promise{Due: deadline}, "opted-out", start); void.State != Void || !void.Next.IsZero() || !void.Settled.Equal(start) {
		t.Errorf("void from the beginning: %+v", void)
	}
}

// TestATimeOnceToldMovesEarlierNeverLater, in no state, whatever is counted anew.
func TestATimeOnceToldMovesEarlierNeverLater(t *testing.T) {
	sooner := Promise{Start: half, Due: most, Warn: []time.Time{half.Add(time.Hour)}, Calendar: "office"}
	for _, state := range states() {
		p := in(t, state, true)
		got, changed := p.Hastened(sooner, half)
		if changed != p.Open() || changed && (!got.Due.Equal(most) || got.Calendar != "office" || !got.Next.Equal(sooner.Warn[0]) || got.State != state) {
			t.Errorf("%s brought forward: %+v, changed %t", state, got, changed)
		}
		for _, due := range []time.Time{deadline, later} {
			if got, changed := p.Hastened(Promise{Due: due}, half); changed || !got.Due.Equal(p.Due) {
				t.Errorf("%s moved to %s", state, got.Due)
			}
		}
	}
}

// TestWhatAnActMakesOfPromises: closing, reopening, erasing and releasing, over every kind and state.
func TestWhatAnActMakesOfPromises(t *testing.T) {
	kinds := []string{Acknowledgement, FirstReply, NextReply, Resolution}
	for _, kind := range kinds {
		for _, state := range states() {
			p := in(t, state, false)
			p.Kind = kind
			closed, changed := OnClose(p, most)
			want := map[bool]State{true: state, false: Void}[kind == Acknowledgement || !p.Open()]
			if kind == Resolution && p.Open() {
				want = Kept
			}
			if closed.State != want || changed != (kind != Acknowledgement && (p.Open() || kind == Resolution && state == Broken)) {
				t.Errorf("closing with %s %s: %s, changed %t", kind, state, closed.State, changed)
			}
			again, back := OnReopen(closed, most, most.Add(1))
			if back != (changed && closed.State != Broken) || back && again.State != Due {
				t.Errorf("reopening with %s %s: %s, changed %t", kind, state, again.State, back)
			}
			if _, other := OnReopen(closed, half.Add(1), most); other {
				t.Errorf("reopening takes back what another act settled: %s %s", kind, state)
			}
			for _, alone := range []bool{true, false} {
				got, changed := OnErase(p, "erased", alone, most)
				if should := p.Open() && (alone || kind == Acknowledgement); changed != should || should && got.Cause != "erased" {
					t.Errorf("erasing with %s %s, nobody left %t: %+v", kind, state, alone, got)
				}
			}
		}
	}
	held := in(t, Void, true)
	if p, changed := OnRelease(held, "capped", most); !changed || p.State != Due || !p.Next.Equal(deadline) {
		t.Errorf("released: %+v", p)
	}
	if _, changed := OnRelease(held, "opted-out", most); changed {
		t.Error("a release for another cause makes it count")
	}
}
