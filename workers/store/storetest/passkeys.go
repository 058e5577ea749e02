package storetest

import (
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/factors"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/users"
)

// keepPasskeys: a passkey is one person's, counts onwards, and the last one stays where it is asked for.
func keepPasskeys(d *desk) {
	tom, anna := d.user("tom"), d.user("anna")
	const id = "an-id"
	add := func(u users.User, id string) error {
		return d.Factors.AddKey(d.ctx, u.ID, u.Login, id, "Phone", []byte("the record"), 3, d.shown(u), d.now)
	}
	d.fails("in a session that has ended", d.Factors.AddKey(d.ctx, tom.ID, "tom", id, "Phone", []byte("r"), 3, "none", d.now), store.ErrNotFound)
	_, _, err := d.Signins.SignIn(d.ctx, signins.Entry{Person: tom.ID}, d.now)
	d.must(err)
	d.must(add(tom, id))
	_, _, err = d.Signins.SignIn(d.ctx, signins.Entry{Person: tom.ID}, d.now)
	d.fails("who has shown a password alone before the first passkey was there", err, signins.ErrStale)
	d.fails("the same once more", add(tom, id), factors.ErrTaken)
	d.fails("another person's", add(anna, id), factors.ErrTaken)
	keys, err := d.Factors.Keys(d.ctx, tom.ID)
	d.must(err)
	d.same("one passkey", 1, len(keys))
	name := factors.NameOf(id)
	d.same("it", []any{name, "Phone", "the record", int64(3), true, true}, []any{keys[0].Name, keys[0].Title, string(keys[0].Record), keys[0].Count, keys[0].Made.Equal(d.now.Truncate(time.Microsecond)), keys[0].Used.IsZero()})
	known, err := d.Signins.Known(d.ctx, "tom")
	d.must(err)
	d.same("asked for", true, known.Second)
	owner, err := d.Factors.Owner(d.ctx, id)
	d.must(err)
	d.same("the owner", []any{tom.ID, "tom"}, []any{owner.Person, owner.Login})
	_, err = d.Factors.Owner(d.ctx, "another")
	d.fails("the owner of none", err, store.ErrNotFound)
	d.same("handles are each one's own", false, slices.Equal(d.Factors.Handle(tom.ID), d.Factors.Handle(anna.ID)))

	for i, c := range []struct {
		person users.User
		count  int64
		want   bool
	}{{tom, 3, false}, {tom, 2, false}, {tom, 0, false}, {anna, 4, false}, {tom, 4, true}, {tom, 4, false}} {
		ok, err := d.Factors.UseKey(d.ctx, c.person.ID, id, []byte("another record"), c.count, d.now)
		d.must(err)
		d.same("count "+string(rune('0'+i)), c.want, ok)
	}
	var wins sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 4 { // of several who show the same count at once one gets in
		wins.Go(func() {
			ok, err := d.Factors.UseKey(d.ctx, tom.ID, id, []byte("r"), 9, d.now)
			mu.Lock()
			defer mu.Unlock()
			if err == nil && ok {
				in++
			}
		})
	}
	wins.Wait()
	d.same("who got in", 1, in)
	d.must(d.Factors.AddKey(d.ctx, anna.ID, "anna", "uncounted", "", []byte("r"), 0, d.shown(anna), d.now))
	for range 2 {
		ok, err := d.Factors.UseKey(d.ctx, anna.ID, "uncounted", []byte("r"), 0, d.now)
		d.must(err)
		d.same("one that does not count", true, ok)
	}

	d.fails("another person's name", d.Factors.RenameKey(d.ctx, anna.ID, "anna", name, "Mine", d.now), store.ErrNotFound)
	d.must(d.Factors.RenameKey(d.ctx, tom.ID, "tom", name, "Laptop", d.now))
	d.must(d.Factors.Renew(d.ctx, tom.ID, "tom", []string{"a", "b"}, d.now))
	d.fails("the last where it is asked for", d.Factors.RemoveKey(d.ctx, tom.ID, "tom", name, true, d.now), factors.ErrLast)
	d.fails("another person's", d.Factors.RemoveKey(d.ctx, anna.ID, "anna", name, false, d.now), store.ErrNotFound)
	held, err := d.Factors.Of(d.ctx, tom.ID)
	d.must(err)
	d.same("what he has", factors.Held{Codes: 2, Keys: 1}, held)
	for _, more := range []string{"second", "third"} {
		d.must(add(tom, more))
	}
	d.same("of two who take the last two at once", "one is refused", d.lastTwo(tom, name))
	d.must(d.Factors.RemoveKey(d.ctx, tom.ID, "tom", d.onlyKey(tom), false, d.now))
	held, err = d.Factors.Of(d.ctx, tom.ID)
	d.must(err)
	d.same("what he has then, codes included", factors.Held{}, held)
	for n := range factors.MostKeys {
		d.must(add(tom, "many "+string(rune('a'+n))))
	}
	d.fails("one too many", add(tom, "one more"), factors.ErrMany)
	d.must(d.Users.SetState(d.ctx, tom.ID, users.Disabled, d.now, "boss"))
	_, err = d.Factors.Owner(d.ctx, "many a")
	d.fails("the owner who is disabled", err, store.ErrNotFound)
	d.same("the journal", true, slices.ContainsFunc(d.userNotes(), func(line string) bool { return strings.HasPrefix(line, "tom passkey-remove tom") }))
}

// shown is a session of somebody who has shown all that is asked for.
func (d *desk) shown(u users.User) string {
	s, _, err := d.Signins.SignIn(d.ctx, signins.Entry{Person: u.ID, Shown: true}, d.now)
	d.must(err)
	return s.ID
}

// lastTwo takes two of three passkeys away one after the other, and the last two at once.
func (d *desk) lastTwo(u users.User, first string) string {
	d.must(d.Factors.RemoveKey(d.ctx, u.ID, u.Login, first, true, d.now))
	both := make(chan error, 2)
	for _, id := range []string{"second", "third"} {
		go func() { both <- d.Factors.RemoveKey(d.ctx, u.ID, u.Login, factors.NameOf(id), true, d.now) }()
	}
	one, two := <-both, <-both
	if (one == nil) == (two == nil) {
		return "both or none are refused"
	}
	if one == nil {
		one = two
	}
	d.fails("the second of two", one, factors.ErrLast)
	return "one is refused"
}

// onlyKey is the name of a person's one passkey.
func (d *desk) onlyKey(u users.User) string {
	keys, err := d.Factors.Keys(d.ctx, u.ID)
	d.must(err)
	d.same("passkeys", 1, len(keys))
	return keys[0].Name
}

// askPasskeys: a passkey is asked one question at a seat, which is answered once.
func askPasskeys(d *desk) {
	tom := d.user("tom")
	step, err := d.Factors.Step(d.ctx, tom.ID, "", d.now)
	d.must(err)
	between, ok := d.Factors.Between(step)
	d.same("between the steps", true, ok)
	newcomer, secret := d.Factors.Newcomer()
	again, ok := d.Factors.Came(secret)
	d.same("the same seat", true, ok && again == newcomer)
	for name, made := range map[string]bool{"a step's secret": second(d.Factors.Came(step)), "a newcomer's secret": second(d.Factors.Between(secret)), "made up": second(d.Factors.Came("made up"))} {
		d.same(name, false, made)
	}
	inside, other := d.Factors.Inside(tom.ID, "a"), d.Factors.Inside(tom.ID, "b")
	seats := []factors.Seat{newcomer, between, inside}
	for _, at := range seats {
		d.must(at.Ask(d.ctx, []byte("older"), d.now))
		d.must(at.Ask(d.ctx, []byte("question"), d.now))
		kept, err := at.Asked(d.ctx, d.now)
		d.must(err)
		d.same("the question", "question", string(kept))
		_, err = at.Asked(d.ctx, d.now)
		d.fails("asked for once more", err, store.ErrNotFound)
		d.must(at.Ask(d.ctx, []byte("late"), d.now))
		_, err = at.Asked(d.ctx, d.now.Add(factors.AskedFor))
		d.fails("asked for too late", err, store.ErrNotFound)
	}
	d.must(inside.Ask(d.ctx, []byte("question"), d.now))
	_, err = other.Asked(d.ctx, d.now)
	d.fails("that of another session", err, store.ErrNotFound)
	_, err = d.Factors.Waits(d.ctx, step, d.now)
	d.must(err) // who stood there does so yet
	d.must(d.Factors.Passed(d.ctx, step))
	d.fails("nobody stands there", between.Ask(d.ctx, []byte("q"), d.now), store.ErrNotFound)
}

func second[A any](_ A, ok bool) bool { return ok }
