package storetest

import (
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/factors"
)

// keepFactors: an authenticator counts once its first code was typed; a code, a recovery code and a step are each good once.
func keepFactors(d *desk) {
	tom, anna := d.user("tom"), d.user("anna")
	_, err := d.Factors.Begun(d.ctx, tom.ID, d.now)
	d.fails("a secret that was not begun", err, store.ErrNotFound)
	d.must(d.Factors.Begin(d.ctx, tom.ID, "OLDER", d.now))
	d.must(d.Factors.Begin(d.ctx, tom.ID, "SECRET", d.now))
	d.fails("a secret that was begun before", d.Factors.Confirm(d.ctx, tom.ID, "tom", "OLDER", 7, nil, "", d.now), store.ErrNotFound)
	known, err := d.Signins.Known(d.ctx, "tom")
	d.must(err)
	d.same("asked for while it was only begun", false, known.Second)
	d.must(d.Factors.Confirm(d.ctx, tom.ID, "tom", "SECRET", 7, []string{"abcde-fghjk", "23456-789ab"}, "", d.now))
	secret, last, err := d.Factors.Secret(d.ctx, tom.ID)
	d.must(err)
	d.same("the secret", []any{"SECRET", int64(7)}, []any{secret, last})
	known, err = d.Signins.Known(d.ctx, "tom")
	d.must(err)
	d.same("asked for", true, known.Second)
	for i, c := range []struct {
		step int64
		want bool
	}{{7, false}, {8, true}, {8, false}, {6, false}, {10, true}} {
		ok, err := d.Factors.Use(d.ctx, tom.ID, c.step, d.now)
		d.must(err)
		d.same("code "+string(rune('0'+i)), c.want, ok)
	}
	for i, c := range []struct {
		person int64
		code   string
		want   bool
	}{{anna.ID, "abcde-fghjk", false}, {tom.ID, "ABCDE FGHJK", true}, {tom.ID, "abcde-fghjk", false}, {tom.ID, "", false}} {
		ok, err := d.Factors.Recover(d.ctx, c.person, "x", c.code, d.now)
		d.must(err)
		d.same("recovery code "+string(rune('0'+i)), c.want, ok)
	}
	held, err := d.Factors.Of(d.ctx, tom.ID)
	d.must(err)
	d.same("what he has", factors.Held{Authenticator: true, Codes: 1}, held)
	d.must(d.Factors.Renew(d.ctx, tom.ID, "tom", []string{"a", "b", "c"}, d.now))
	d.fails("codes of who has no authenticator", d.Factors.Renew(d.ctx, anna.ID, "anna", []string{"a"}, d.now), store.ErrNotFound)

	step, err := d.Factors.Step(d.ctx, tom.ID, "", d.now)
	d.must(err)
	w, err := d.Factors.Waits(d.ctx, step, d.now)
	d.must(err)
	d.same("who stands between the steps", "tom", w.Login)
	_, err = d.Factors.Waits(d.ctx, step, d.now.Add(factors.StepLife+time.Second))
	d.fails("a step that took too long", err, store.ErrNotFound)
	d.must(d.Factors.Passed(d.ctx, step))
	_, err = d.Factors.Waits(d.ctx, step, d.now)
	d.fails("a step that was passed", err, store.ErrNotFound)
	_, err = d.Factors.Waits(d.ctx, "made up", d.now)
	d.fails("a step of nobody", err, store.ErrNotFound)
	d.must(d.Factors.Remove(d.ctx, tom.ID, "tom", "boss", d.now))
	held, err = d.Factors.Of(d.ctx, tom.ID)
	d.must(err)
	d.same("what he has then", factors.Held{}, held)
	d.same("the journal", []string{"boss factor-remove tom", "tom factor-codes tom", "x factor-code x", "tom factor-add tom"}, d.userNotes()[:4])
}
