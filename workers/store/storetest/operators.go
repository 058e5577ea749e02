package storetest

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/operators"
)

func (d *desk) signIn(name string) (operators.Session, string) {
	d.t.Helper()
	got, secret, err := d.Operators.SignIn(d.ctx, operators.Entry{Ground: d.Operators.Ground(""), Name: name, Device: "Firefox, Linux", Address: "192.0.2.7"}, d.now)
	d.must(err)
	return got, secret
}

func (d *desk) noSession(what, secret, ground string) {
	d.t.Helper()
	if _, err := d.Operators.Session(d.ctx, secret, ground, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("%s: error is %v, want ErrNotFound", what, err)
	}
}

// operatorSessions: a session is found by its secret, ends by idling, by age, by an act and with its token.
func operatorSessions(d *desk) {
	made := d.Operators.Ground("")
	first, cookie := d.signIn("zhou")
	got, err := d.Operators.Session(d.ctx, cookie, made, d.now)
	d.must(err)
	d.same("the session", first, got)
	d.same("its end", d.now.Add(operators.SessionIdle), got.EndsAt.Time)
	_, other := d.signIn("li")
	d.noSession("a secret that we never made", "cookie", made)
	d.noSession("a secret with something else's end", other[:20]+cookie[20:], made)
	d.noSession("the id in place of the secret", first.ID, made)
	d.noSession("another token", cookie, d.Operators.Ground("configured"))
	d.now = d.now.Add(operators.SessionIdle - time.Minute)
	d.must(d.Operators.SessionSeen(d.ctx, first.ID, d.now))
	d.now = d.now.Add(operators.SessionIdle - time.Minute)
	got, err = d.Operators.Session(d.ctx, cookie, made, d.now)
	d.must(err)
	d.same("used, it goes on", d.now.Add(time.Minute), got.EndsAt.Time)
	d.now = d.now.Add(time.Minute)
	d.noSession("idle", cookie, made)

	second, cookie := d.signIn("")
	for at := d.now; d.now.Before(at.Add(operators.SessionLife - time.Hour)); d.now = d.now.Add(time.Hour) {
		d.must(d.Operators.SessionSeen(d.ctx, second.ID, d.now))
	}
	got, err = d.Operators.Session(d.ctx, cookie, made, d.now)
	d.must(err)
	d.same("its last end", second.OpenedAt.Add(operators.SessionLife), got.EndsAt.Time)
	d.now = d.now.Add(time.Hour)
	d.noSession("too old, though used all the time", cookie, made)
}

func operatorSessionsEnd(d *desk) {
	made := d.Operators.Ground("")
	ids, secrets := map[string]string{}, map[string]string{}
	for _, name := range []string{"a", "b", "c"} {
		var got operators.Session
		got, secrets[name] = d.signIn(name)
		ids[name] = got.ID
		d.now = d.now.Add(time.Second)
	}
	_, elsewhere, err := d.Operators.SignIn(d.ctx, operators.Entry{Ground: d.Operators.Ground("configured")}, d.now)
	d.must(err)
	d.must(d.Operators.NameSession(d.ctx, ids["a"], "li"))
	list, err := d.Operators.SessionsOf(d.ctx, made, d.now)
	d.must(err)
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	d.same("the last used first", []string{"c", "b", "li"}, names)
	d.must(d.Operators.EndSession(d.ctx, ids["b"]))
	d.noSession("ended", secrets["b"], made)
	for _, err := range []error{d.Operators.EndSession(d.ctx, ids["b"]), d.Operators.SessionSeen(d.ctx, ids["b"], d.now), d.Operators.NameSession(d.ctx, "none", "x")} {
		if !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("error is %v, want ErrNotFound", err)
		}
	}
	n, err := d.Operators.EndSessions(d.ctx, made, ids["a"])
	d.must(err)
	d.same("all but one", 1, n)
	_, err = d.Operators.Session(d.ctx, secrets["a"], made, d.now)
	d.must(err)
	_, err = d.Operators.Session(d.ctx, elsewhere, d.Operators.Ground("configured"), d.now)
	d.must(err)
}

// operatorLinks: a link signs in once, in its time, and under the token that it was made for.
func operatorLinks(d *desk) {
	made := d.Operators.Ground("")
	use := func(link, ground string) error {
		_, _, err := d.Operators.SignIn(d.ctx, operators.Entry{Ground: ground, Link: link}, d.now)
		return err
	}
	until := d.now.Add(10 * time.Minute)
	invite := func(name string, until time.Time) string {
		link, err := d.Operators.Invite(d.ctx, made, name, until, d.now)
		d.must(err)
		return link
	}
	l1, l2 := invite("zhou", until), invite("", until)
	_, cookie := d.signIn("")
	for what, err := range map[string]error{"never made": use("none", made), "a cookie's secret": use(cookie, made), "of another token": use(l1, d.Operators.Ground("configured"))} {
		if !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("a link that is %s: error is %v, want ErrNotFound", what, err)
		}
	}
	var in atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, _, err := d.Operators.SignIn(d.ctx, operators.Entry{Ground: made, Link: l1}, d.now)
			if err == nil && got.Name == "zhou" {
				in.Add(1)
			} else if !errors.Is(err, store.ErrNotFound) {
				d.t.Errorf("at once: %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	d.same("of eight at once one gets in", int32(1), in.Load())
	d.now = until
	if err := use(l2, made); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a link at its end: error is %v, want ErrNotFound", err)
	}
	l3 := invite("", until.Add(time.Hour))
	_, err := d.Operators.EndSessions(d.ctx, made, "")
	d.must(err)
	if err := use(l3, made); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("a link after all was ended: error is %v, want ErrNotFound", err)
	}
}

// operatorSessionsBounded: whoever has the token may sign in as often as he likes, and fills nothing.
func operatorSessionsBounded(d *desk) {
	made := d.Operators.Ground("")
	var cookies []string
	for range 230 {
		_, cookie := d.signIn("")
		cookies = append(cookies, cookie)
		d.now = d.now.Add(time.Second)
	}
	list, err := d.Operators.SessionsOf(d.ctx, made, d.now)
	d.must(err)
	d.same("kept", 200, len(list))
	d.noSession("the oldest", cookies[29], made)
	_, err = d.Operators.Session(d.ctx, cookies[30], made, d.now)
	d.must(err)
	if !slices.IsSortedFunc(list, func(a, b operators.Session) int { return b.SeenAt.Compare(a.SeenAt.Time) }) {
		d.t.Error("not in the order of their use")
	}
}
