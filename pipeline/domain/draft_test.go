package domain

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
)

var now = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

// does is a command that is whatever a test wants.
type does func(*Draft) error

func (does) Needs(*Known) Needs      { return Needs{} }
func (c does) Decide(d *Draft) error { return c(d) }
func done(p promises.Promise) promises.Promise {
	p, _ = p.Done(now)
	return p
}

func owed(kind string) promises.Promise {
	return promises.New(promises.Promise{Ticket: 7, Kind: kind, Start: now, Due: now.Add(time.Hour)}, "", now)
}

// TestARowComesOnceIntoAPlan: from what it was before all commands to what it is after them.
func TestARowComesOnceIntoAPlan(t *testing.T) {
	k := NewKnown()
	k.AddEffect(effects.Effect{ID: 1, Key: "k", State: effects.Due})
	reply := owed("first-reply")
	k.Promises[reply.Key()] = reply
	step := func(attempts int, due time.Duration) Command {
		return does(func(d *Draft) error {
			before := d.Effects[1]
			after := before
			after.Attempts = attempts
			d.SetEffect(before, after)
			d.Step(reply.Key(), func(p promises.Promise) (promises.Promise, bool) {
				p.Due = p.Start.Add(due)
				return p, true
			})
			return nil
		})
	}
	plan, err := Decide([]Command{step(1, 50*time.Minute), step(2, 40*time.Minute)}, k, now)
	if err != nil || len(plan.Effects) != 1 || plan.Effects[0].Before.Attempts != 0 || plan.Effects[0].After.Attempts != 2 || k.Effects[1].Attempts != 2 {
		t.Errorf("rows: %+v, %v", plan.Effects, err)
	}
	if len(plan.Promises) != 1 || !plan.Promises[0].Before.Due.Equal(reply.Due) || !plan.Promises[0].After.Due.Equal(now.Add(40*time.Minute)) {
		t.Errorf("promises: %+v", plan.Promises)
	}
}

func TestWhatDoesNotChangeIsNotPlanned(t *testing.T) {
	k := NewKnown()
	k.AddEffect(effects.Effect{ID: 1, Key: "k", State: effects.Due})
	reply := owed("first-reply")
	k.Promises[reply.Key()] = reply
	plan, err := Decide([]Command{does(func(d *Draft) error {
		d.SetEffect(d.Effects[1], d.Effects[1])
		d.Step(reply.Key(), func(p promises.Promise) (promises.Promise, bool) { return p, false })
		d.Step(promises.Key{Ticket: 8, Kind: "first-reply"}, func(p promises.Promise) (promises.Promise, bool) {
			t.Error("a promise takes a step that is not there")
			return p, true
		})
		d.StepAcknowledgement(7, func(p promises.Promise) (promises.Promise, bool) { return p, true })
		d.StepAll(8, func(p promises.Promise) (promises.Promise, bool) { return p, true })
		return nil
	})}, k, now)
	if err != nil || !reflect.DeepEqual(plan, Plan{}) {
		t.Errorf("planned: %+v, %v", plan, err)
	}
}

// TestACommandSeesWhatThoseBeforeItHaveMade of every thing.
func TestACommandSeesWhatThoseBeforeItHaveMade(t *testing.T) {
	k := NewKnown()
	plan, err := Decide([]Command{
		does(func(d *Draft) error {
			d.SetTicket(tickets.Status{ID: 7}, tickets.Status{ID: 7, State: tickets.Closed})
			d.SetMessage(messages.Status{ID: 11}, messages.Status{ID: 11, State: messages.Dismissed})
			d.SetEffect(effects.Effect{ID: 1}, effects.Effect{ID: 1, Key: "k", Provider: "p", State: effects.Sent})
			return nil
		}),
		does(func(d *Draft) error {
			byKey, _ := d.Named("k", "")
			byProvider, _ := d.Named("", "p")
			if d.Tickets[7].State != tickets.Closed || d.Messages[11].State != messages.Dismissed || byKey.ID != 1 || byProvider.ID != 1 {
				return errors.New("something is as before")
			}
			return nil
		}),
	}, k, now)
	if err != nil || len(plan.Tickets) != 1 || len(plan.Messages) != 1 || len(plan.Effects) != 1 {
		t.Errorf("%+v, %v", plan, err)
	}
}

func TestTheFirstCommandThatMeansNothingEndsAPlan(t *testing.T) {
	after := false
	plan, err := Decide([]Command{
		does(func(d *Draft) error {
			d.SetTicket(tickets.Status{ID: 7}, tickets.Status{ID: 7, State: tickets.Closed})
			return nil
		}),
		does(func(*Draft) error { return ErrNotSo }),
		does(func(*Draft) error {
			after = true
			return nil
		}),
	}, NewKnown(), now)
	if !errors.Is(err, ErrNotSo) || !reflect.DeepEqual(plan, Plan{}) || after {
		t.Errorf("%+v, %v, those after it are decided: %t", plan, err, after)
	}
}

// TestAnEntryTellsOfItsOwnSteps and not of those that other commands of the plan took.
func TestAnEntryTellsOfItsOwnSteps(t *testing.T) {
	k := NewKnown()
	for _, kind := range []string{promises.Resolution, "first-reply", promises.Acknowledgement} {
		k.Promises[owed(kind).Key()] = owed(kind)
	}
	keep := func(p promises.Promise) (promises.Promise, bool) { return done(p), true }
	plan, err := Decide([]Command{
		does(func(d *Draft) error {
			d.StepAcknowledgement(7, keep)
			d.Enter(entries.Entry{Kind: "first"}, entries.Snapshot{}, entries.Snapshot{}, func() {})
			return nil
		}),
		does(func(d *Draft) error {
			d.Enter(entries.Entry{Kind: "second"}, entries.Snapshot{Ticket: tickets.Open}, entries.Snapshot{Ticket: tickets.Closed}, func() {
				d.StepAll(7, func(p promises.Promise) (promises.Promise, bool) { return done(p), p.Open() })
			})
			return nil
		}),
	}, k, now)
	if err != nil || len(plan.Entries) != 2 || len(plan.Promises) != 3 {
		t.Fatalf("%+v, %v", plan, err)
	}
	first, second := plan.Entries[0], plan.Entries[1]
	if len(first.After.Promises) != 0 {
		t.Errorf("the first tells of %+v", first.After.Promises)
	}
	if s := second.Before.Beside; len(first.Before.Beside)+len(first.After.Beside)+len(second.After.Beside) != 0 || len(s) != 1 || s[0].Kind != promises.Acknowledgement {
		t.Errorf("the second leaves %+v as they are", s)
	}
	if s := second.After.Promises; len(s) != 2 || s[0].Kind != "first-reply" || s[1].Kind != promises.Resolution || s[0].State != promises.Kept || second.Before.Promises[0].State != promises.Due {
		t.Errorf("the second tells of %+v, in the order of their kinds", s)
	}
}

func TestARowIsFoundByItsNames(t *testing.T) {
	k := NewKnown()
	k.AddEffect(effects.Effect{ID: 1, Key: "k", Provider: "p"})
	k.AddEffect(effects.Effect{ID: 2, Key: "l"})
	for _, c := range []struct {
		name, key, provider string
		want                int64
	}{
		{"by its key", "k", "", 1},
		{"by its provider's name", "", "p", 1},
		{"by its key first", "l", "p", 2},
		{"by its provider's name where nobody has the key", "m", "p", 1},
		{"by neither", "m", "q", 0},
		{"without a name nothing is found", "", "", 0},
	} {
		if e, ok := k.Named(c.key, c.provider); e.ID != c.want || ok != (c.want != 0) {
			t.Errorf("%s: %d, %t", c.name, e.ID, ok)
		}
	}
}

// TestWhatARowOwes: an acknowledgement its ticket's promise, a digest those of all that it covers, once they are known.
func TestWhatARowOwes(t *testing.T) {
	k := NewKnown()
	k.Covered[2] = []Covered{{Effect: 5, Ticket: 8}, {Effect: 6, Ticket: 9}}
	for _, c := range []struct {
		name string
		row  effects.Effect
		want Needs
	}{
		{"an acknowledgement", effects.Effect{ID: 1, Kind: effects.KindAcknowledgement, Ticket: 7}, Needs{Acknowledgements: []int64{7}}},
		{"a digest", effects.Effect{ID: 2, Kind: effects.KindDigest}, Needs{Covered: []int64{2}, Acknowledgements: []int64{8, 9}}},
		{"a digest of which nothing is known yet", effects.Effect{ID: 3, Kind: effects.KindDigest}, Needs{Covered: []int64{3}}},
		{"a notice", effects.Effect{ID: 4, Kind: effects.KindNotice, Ticket: 7}, Needs{}},
	} {
		var n Needs
		if n.Owed(k, c.row); !reflect.DeepEqual(n, c.want) {
			t.Errorf("%s: %+v", c.name, n)
		}
	}
}
