package domain

import (
	"testing"
	"time"
)

var (
	start    = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	half     = start.Add(12 * time.Hour)
	most     = start.Add(18 * time.Hour)
	deadline = start.Add(24 * time.Hour)
	later    = deadline.Add(time.Minute)
)

// in is a promise in a state, as commands bring it there.
func in(t *testing.T, state PromiseState, settled bool) Promise {
	t.Helper()
	p := NewPromise(Promise{Ticket: 7, Kind: "first-reply", Start: start, Due: deadline, Warn: []time.Time{half, most}}, "", start)
	switch state {
	case PromiseWarned:
		p, _ = p.Wake(half)
	case PromiseKept:
		p, _ = p.Done(half)
	case PromiseBroken:
		p, _ = p.Wake(deadline)
		if settled {
			p, _ = p.Done(later)
		}
	case PromiseVoid:
		p, _ = p.Withdrawn("capped", half)
	}
	if p.State != state {
		t.Fatalf("the promise is %s, not %s", p.State, state)
	}
	return p
}

func states() []PromiseState {
	return []PromiseState{PromiseDue, PromiseWarned, PromiseKept, PromiseBroken, PromiseVoid}
}

// TestTheMachineOfAPromise walks its table whole: each event in each state.
func TestTheMachineOfAPromise(t *testing.T) {
	events := []PromiseHappening{Remind, Expire, DoInTime, DoLate, Withdraw, Return}
	want := map[PromiseState][]PromiseState{ // in the order of the events; "" means nothing
		PromiseDue:    {PromiseWarned, PromiseBroken, PromiseKept, PromiseBroken, PromiseVoid, ""},
		PromiseWarned: {PromiseWarned, PromiseBroken, PromiseKept, PromiseBroken, PromiseVoid, ""},
		PromiseKept:   {"", "", "", "", "", PromiseDue},
		PromiseBroken: {"", "", PromiseBroken, PromiseBroken, PromiseBroken, ""},
		PromiseVoid:   {"", "", "", "", "", PromiseDue},
	}
	rows := 0
	for _, from := range states() {
		for i, on := range events {
			to, ok := PromiseMachine.Next(from, on)
			if want[from][i] == "" {
				if ok || to != from {
					t.Errorf("%s in %s leads to %s, and means nothing there", on, from, to)
				}
				continue
			}
			rows++
			if !ok || to != want[from][i] {
				t.Errorf("%s in %s leads to %s, want %s", on, from, to, want[from][i])
			}
		}
	}
	if rows != len(PromiseMachine) {
		t.Errorf("the table has %d rows, %d of them are known here", len(PromiseMachine), rows)
	}
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
		want    PromiseState
		changed bool
		settled time.Time
		next    time.Time
		cause   string
	}{
		{"done before the first warning is kept", in(t, PromiseDue, false), done(start), PromiseKept, true, start, time.Time{}, ""},
		{"done at the very deadline is kept", in(t, PromiseWarned, false), done(deadline), PromiseKept, true, deadline, time.Time{}, ""},
		{"done after it, before the clock has told, is broken", in(t, PromiseWarned, false), done(later), PromiseBroken, true, later, time.Time{}, ""},
		{"a broken one is settled late and stays broken", in(t, PromiseBroken, false), done(later), PromiseBroken, true, later, time.Time{}, ""},
		{"a settled broken one does not change again", in(t, PromiseBroken, true), done(later.Add(1)), PromiseBroken, false, later, time.Time{}, ""},
		{"a kept one is not kept twice", in(t, PromiseKept, true), done(most), PromiseKept, false, half, time.Time{}, ""},
		{"a void one cannot be kept", in(t, PromiseVoid, true), done(most), PromiseVoid, false, half, time.Time{}, "capped"},
		{"an open one is withdrawn with the cause", in(t, PromiseWarned, false), withdrawn, PromiseVoid, true, half, time.Time{}, "erased"},
		{"a broken one stays broken, with the cause", in(t, PromiseBroken, false), withdrawn, PromiseBroken, true, half, time.Time{}, "erased"},
		{"a kept one cannot be withdrawn", in(t, PromiseKept, true), withdrawn, PromiseKept, false, half, time.Time{}, ""},
		{"a void one counts again", in(t, PromiseVoid, true), returned, PromiseDue, true, time.Time{}, most, ""},
		{"a kept one counts again", in(t, PromiseKept, true), returned, PromiseDue, true, time.Time{}, most, ""},
		{"a due one has nothing to take back", in(t, PromiseDue, false), returned, PromiseDue, false, time.Time{}, half, ""},
		{"nor has a broken one that is settled", in(t, PromiseBroken, true), returned, PromiseBroken, false, later, time.Time{}, ""},
	} {
		got, changed := c.command(c.from)
		if got.State != c.want || changed != c.changed || !got.Settled.Equal(c.settled) || !got.Next.Equal(c.next) || got.Cause != c.cause {
			t.Errorf("%s: %+v, changed %t", c.name, got, changed)
		}
	}
}

func TestTheClockMovesAPromise(t *testing.T) {
	p := in(t, PromiseDue, false)
	for _, c := range []struct {
		name  string
		now   time.Time
		event PromiseState
		at    time.Time
		next  time.Time
	}{
		{"the first warning", half, PromiseWarned, half, most},
		{"of two warnings that were missed the last is told", most.Add(time.Hour), PromiseWarned, most, deadline},
		{"it breaks at its deadline", deadline, PromiseBroken, deadline, time.Time{}},
		{"and no later than that where the clock stood still", later, PromiseBroken, deadline, time.Time{}},
	} {
		got, moved := p.Wake(c.now)
		want := Moved{Ticket: 7, Kind: "first-reply", Event: c.event, Start: start, At: c.at, Due: deadline}
		if moved != want || got.State != c.event || !got.Next.Equal(c.next) || !got.Settled.IsZero() {
			t.Errorf("%s: %+v, told %+v", c.name, got, moved)
		}
	}
	if bare := NewPromise(Promise{Due: deadline}, "", start); !bare.Next.Equal(deadline) {
		t.Errorf("without warnings it is woken at %s", bare.Next)
	}
	if void := NewPromise(Promise{Due: deadline}, "opted-out", start); void.State != PromiseVoid || !void.Next.IsZero() || !void.Settled.Equal(start) {
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
	kinds := []string{Acknowledgement, "first-reply", Resolution}
	for _, kind := range kinds {
		for _, state := range states() {
			p := in(t, state, false)
			p.Kind = kind
			closed, changed := OnClose(p, most)
			want := map[bool]PromiseState{true: state, false: PromiseVoid}[kind == Acknowledgement || !p.Open()]
			if kind == Resolution && p.Open() {
				want = PromiseKept
			}
			if closed.State != want || changed != (kind != Acknowledgement && (p.Open() || kind == Resolution && state == PromiseBroken)) {
				t.Errorf("closing with %s %s: %s, changed %t", kind, state, closed.State, changed)
			}
			again, back := OnReopen(closed, most, most.Add(1))
			if back != (changed && closed.State != PromiseBroken) || back && again.State != PromiseDue {
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
	held := in(t, PromiseVoid, true)
	if p, changed := OnRelease(held, "capped", most); !changed || p.State != PromiseDue || !p.Next.Equal(deadline) {
		t.Errorf("released: %+v", p)
	}
	if _, changed := OnRelease(held, "opted-out", most); changed {
		t.Error("a release for another cause makes it count")
	}
}
