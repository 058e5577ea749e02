package storetest

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// userCases are about who works at the desk.
func userCases() []namedCase {
	return []namedCase{
		{"a user is added once, found, changed and listed", userKept},
		{"a user has the roles, queues and abilities that he was given last", userRights},
		{"a person of an issuer is known by issuer and subject alone", enterByIssuer},
		{"the log of the desk is a chain that shows what was changed in it", keepLog}, {"what is old is cut off the log of the desk, by nobody but the program", cutLog},
		{"a line of the future stops no cut of the log", futureLog},
		{"an authenticator, its codes and the steps of a sign-in are each good once", keepFactors},
		{"a passkey is one person's, counts onwards, and the last one stays where it is asked for", keepPasskeys},
		{"a passkey is asked one question at a seat, which is answered once", askPasskeys},
		{"who looks after the desk sees and changes who works there, and nobody else does", lookAfterStaff},
		{"somebody always looks after the desk", userLast},
		{"a session is found by its secret, with the roles as they are, and ends idle, old, or with its user", deskSessions},
		{"sessions are ended one by one, all others, and with the password", deskSessionsEnd},
		{"a link sets a password once, in its time", deskLinks},
		{"tries are counted for all processes, and forgotten with time", deskTries},
	}
}

func (d *desk) user(login string, grants ...viewer.Grant) users.User {
	d.t.Helper()
	u, err := d.Users.Add(d.ctx, users.User{Login: login, Language: "en"}, d.now, "operator")
	d.must(err)
	d.must(d.Users.SetGrants(d.ctx, u.ID, grants, d.now, "operator"))
	return u
}

func (d *desk) fails(what string, err, want error) {
	d.t.Helper()
	if !errors.Is(err, want) {
		d.t.Errorf("%s: error is %v, want %v", what, err, want)
	}
}

func userKept(d *desk) {
	li, err := d.Users.Add(d.ctx, users.User{Login: " Li.Na ", Name: "李 娜", Email: "li@example.com", Language: "zh-hans", Zone: "Asia/Shanghai"}, d.now, "operator")
	d.must(err)
	d.same("as it is kept", []any{"li.na", "李 娜", "zh-Hans", users.Active, int64(1), false}, []any{li.Login, li.Name, li.Language, li.State, li.Version, li.Password})
	for _, login := range []string{"", "-li", "li na", "李娜", "a\x00b", "li/na"} {
		if _, err := d.Users.Add(d.ctx, users.User{Login: login}, d.now, "operator"); err == nil {
			d.t.Errorf("%q was taken for a login", login)
		}
	}
	_, err = d.Users.Add(d.ctx, users.User{Login: "LI.NA"}, d.now, "operator")
	d.fails("the same login", err, users.ErrTaken)
	for what, bad := range map[string]users.User{
		"a language": {ID: li.ID, Login: "li.na", Version: 1, Language: "chinesisch!"}, "a zone": {ID: li.ID, Login: "li.na", Version: 1, Zone: "Mars/Olympus"}, "an address": {ID: li.ID, Login: "li.na", Version: 1, Email: "li"},
	} {
		if _, err := d.Users.Change(d.ctx, bad, d.now, "operator"); err == nil {
			d.t.Errorf("%s that is none was taken", what)
		}
	}
	found, err := d.Users.Find(d.ctx, "Li.Na")
	d.must(err)
	d.same("found", li, found)
	d.now = d.now.Add(time.Minute)
	found.Name, found.Login = "Li", "somebody.else"
	changed, err := d.Users.Change(d.ctx, found, d.now, "li.na")
	d.must(err)
	d.same("changed", []any{"Li", "li.na", int64(2)}, []any{changed.Name, changed.Login, changed.Version})
	_, err = d.Users.Change(d.ctx, found, d.now, "li.na")
	d.fails("a change upon an old version", err, store.ErrConflict)
	_, err = d.Users.Change(d.ctx, users.User{ID: 1 << 40, Login: "nobody"}, d.now, "x")
	d.fails("a change of nobody", err, store.ErrNotFound)
	_, err = d.Users.Find(d.ctx, "nobody")
	d.fails("nobody", err, store.ErrNotFound)
	d.user("anna")
	list, err := d.Users.List(d.ctx)
	d.must(err)
	logins := []string{}
	for _, u := range list {
		logins = append(logins, u.Login)
	}
	d.same("listed by login", []string{"anna", "li.na"}, logins)
	d.same("the journal", []string{"operator user-grant anna: ", "operator user-add anna", "li.na user-change somebody.else", "operator user-add li.na"}, d.userNotes())
}

// userNotes are the lines of the journal about users, the newest first.
func (d *desk) userNotes() []string {
	d.t.Helper()
	notes, err := d.View.Journal(d.ctx, view.Page{})
	d.must(err)
	out := []string{}
	for _, n := range notes {
		out = append(out, n.Who+" "+n.Act.Act+" "+n.Detail)
	}
	return out
}

func userRights(d *desk) {
	tom := d.user("tom", viewer.Grant{Role: viewer.Lead, Queue: "cards"}, viewer.Grant{Role: viewer.Agent}, viewer.Grant{Role: viewer.Agent})
	other := d.user("anna", viewer.Grant{Role: viewer.Auditor})
	v, err := d.Users.Viewer(d.ctx, tom.ID)
	d.must(err)
	d.same("as he looks and acts", viewer.Viewer{User: tom.ID, Login: "tom", Name: "tom", Language: "en", Grants: []viewer.Grant{{Role: viewer.Agent}, {Role: viewer.Lead, Queue: "cards"}}}, v)
	d.must(d.Users.SetGrants(d.ctx, tom.ID, []viewer.Grant{{Role: viewer.Agent, Queue: "refunds"}}, d.now, "anna"))
	grants, err := d.Users.Grants(d.ctx, tom.ID)
	d.must(err)
	d.same("only what was given last", []viewer.Grant{{Role: viewer.Agent, Queue: "refunds"}}, grants)
	if d.Users.SetGrants(d.ctx, tom.ID, []viewer.Grant{{Role: "owner"}}, d.now, "anna") == nil {
		d.t.Error("a role that is none was given")
	}
	d.fails("roles for nobody", d.Users.SetGrants(d.ctx, 1<<40, nil, d.now, "anna"), store.ErrNotFound)

	d.must(d.Users.SetMembers(d.ctx, tom.ID, []users.Member{{Queue: "cards", Level: users.Secondary}, {Queue: "refunds", Level: users.Primary}}, d.now, "anna"))
	d.must(d.Users.SetMembers(d.ctx, other.ID, []users.Member{{Queue: "cards", Level: users.Primary}}, d.now, "anna"))
	members, err := d.Users.Members(d.ctx, "cards")
	d.must(err)
	d.same("whose work comes first", []users.Member{{Queue: "cards", Person: other.ID, Level: users.Primary}, {Queue: "cards", Person: tom.ID, Level: users.Secondary}}, members)
	d.must(d.Users.SetMembers(d.ctx, tom.ID, []users.Member{{Queue: "refunds", Level: users.Primary}}, d.now, "anna"))
	queues, err := d.Users.Queues(d.ctx, tom.ID)
	d.must(err)
	d.same("queues", []users.Member{{Queue: "refunds", Person: tom.ID, Level: users.Primary}}, queues)
	if d.Users.SetMembers(d.ctx, tom.ID, []users.Member{{Queue: "refunds", Level: 3}}, d.now, "anna") == nil {
		d.t.Error("a level that is none was taken")
	}

	able := []users.Ability{{Kind: users.AbilityCategory, Value: "refund", Level: users.Secondary}, {Kind: users.AbilityLanguage, Value: "zh", Level: users.Primary}}
	d.must(d.Users.SetAbilities(d.ctx, tom.ID, append(slices.Clone(able), users.Ability{Kind: users.AbilityLanguage, Value: "zh", Level: users.Primary}), d.now, "anna"))
	got, err := d.Users.Abilities(d.ctx, tom.ID)
	d.must(err)
	d.same("abilities", able, got)
	if d.Users.SetAbilities(d.ctx, tom.ID, []users.Ability{{Kind: "charm", Value: "much", Level: users.Primary}}, d.now, "anna") == nil {
		d.t.Error("an ability of no kind was taken")
	}
	d.same("the journal", []string{"anna user-ability tom: category refund 2, language zh 1, language zh 1", "anna user-member tom: refunds 1", "anna user-member anna: cards 1",
		"anna user-member tom: cards 2, refunds 1", "anna user-grant tom: agent refunds"}, d.userNotes()[:5])
}

func userLast(d *desk) {
	whole := viewer.Grant{Role: viewer.Administrator}
	tom := d.user("tom", viewer.Grant{Role: viewer.Agent}) // nobody looks after the desk yet
	d.must(d.Users.SetState(d.ctx, tom.ID, users.Disabled, d.now, "operator"))
	one, other := d.user("one", whole), d.user("other", viewer.Grant{Role: viewer.Administrator, Queue: "cards"})
	d.fails("the last one becomes an agent", d.Users.SetGrants(d.ctx, one.ID, []viewer.Grant{{Role: viewer.Agent}}, d.now, "one"), users.ErrLast)
	d.fails("the last one is disabled", d.Users.SetState(d.ctx, one.ID, users.Disabled, d.now, "one"), users.ErrLast)
	grants, err := d.Users.Grants(d.ctx, one.ID)
	d.must(err)
	d.same("what was refused changes nothing", []viewer.Grant{whole}, grants)
	d.must(d.Users.SetGrants(d.ctx, other.ID, []viewer.Grant{whole}, d.now, "one"))
	var out atomic.Int32
	var both sync.WaitGroup
	for _, id := range []int64{one.ID, other.ID} {
		both.Go(func() {
			if err := d.Users.SetState(d.ctx, id, users.Disabled, d.now, "operator"); err == nil {
				out.Add(1)
			} else if !errors.Is(err, users.ErrLast) {
				d.t.Error(err)
			}
		})
	}
	both.Wait()
	d.same("of two who go at once one stays", int32(1), out.Load())
	for _, id := range []int64{one.ID, other.ID} {
		d.must(d.Users.SetState(d.ctx, id, users.Active, d.now, "operator"))
	}
	d.must(d.Users.SetState(d.ctx, one.ID, users.Disabled, d.now, "other"))
	_, err = d.Users.Viewer(d.ctx, one.ID)
	d.fails("who is disabled looks and acts", err, store.ErrNotFound)
	d.fails("nobody is disabled", d.Users.SetState(d.ctx, 1<<40, users.Disabled, d.now, "x"), store.ErrNotFound)
}

// entered signs a user in, who is given that digest of a password.
func (d *desk) entered(u users.User, phc string) (signins.Session, string) {
	d.t.Helper()
	s, secret, err := d.Signins.SignIn(d.ctx, signins.Entry{Person: u.ID, Password: phc, Browser: "Firefox, Linux", Address: "192.0.2.7"}, d.now)
	d.must(err)
	return s, secret
}

// chooses has a user choose a password by a link.
func (d *desk) chooses(u users.User, phc string) (secret string) {
	d.t.Helper()
	link, err := d.Signins.Invite(d.ctx, u.ID, d.now.Add(time.Hour), d.now, "operator")
	d.must(err)
	_, secret, err = d.Signins.Accept(d.ctx, link, phc, signins.Entry{}, d.now)
	d.must(err)
	return secret
}

func (d *desk) out(what, secret string) {
	d.t.Helper()
	_, err := d.Signins.Session(d.ctx, secret, d.now)
	d.fails(what, err, store.ErrNotFound)
}

func (d *desk) in(what, secret string) signins.In {
	d.t.Helper()
	in, err := d.Signins.Session(d.ctx, secret, d.now)
	if err != nil {
		d.t.Fatalf("%s: %v", what, err)
	}
	return in
}

func deskSessions(d *desk) {
	tom := d.user("tom", viewer.Grant{Role: viewer.Agent, Queue: "cards"}, viewer.Grant{Role: viewer.Lead, Queue: "refunds"})
	d.chooses(tom, "$p$1")
	s, cookie := d.entered(tom, "$p$1")
	in := d.in("signed in", cookie)
	d.same("the session", s, in.Session)
	d.same("its viewer", viewer.Viewer{User: tom.ID, Login: "tom", Name: "tom", Language: "en", Grants: []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}, {Role: viewer.Lead, Queue: "refunds"}}}, in.Viewer)
	d.must(d.Users.SetGrants(d.ctx, tom.ID, nil, d.now, "operator"))
	d.same("roles that were taken", 0, len(d.in("without roles", cookie).Viewer.Grants))
	_, other := d.entered(tom, "$p$1")
	for what, secret := range map[string]string{"a secret that we never made": "cookie", "none": "", "the id": s.ID, "something else's end": other[:20] + cookie[20:]} {
		d.out(what, secret)
	}
	for _, e := range []signins.Entry{{Person: tom.ID, Password: "$p$0"}, {Person: 1 << 40}, {Person: tom.ID}} {
		_, _, err := d.Signins.SignIn(d.ctx, e, d.now)
		d.fails("upon another password", err, signins.ErrStale)
	}
	d.now = d.now.Add(signins.Idle - time.Minute)
	d.must(d.Signins.Seen(d.ctx, s.ID, d.now))
	d.now = d.now.Add(signins.Idle - time.Minute)
	d.same("used, it goes on", d.now.Add(time.Minute), d.in("used", cookie).EndsAt.Time)
	d.out("the other one, which was not", other)
	d.now = d.now.Add(time.Minute)
	d.out("idle", cookie)

	s, cookie = d.entered(tom, "$p$1")
	for at := d.now; d.now.Before(at.Add(signins.Life - time.Hour)); d.now = d.now.Add(time.Hour) {
		d.must(d.Signins.Seen(d.ctx, s.ID, d.now))
	}
	d.same("its last end", s.CreatedAt.Add(signins.Life), d.in("used all the time", cookie).EndsAt.Time)
	d.now = d.now.Add(time.Hour)
	d.out("too old, though used all the time", cookie)

	_, cookie = d.entered(tom, "$p$1")
	link, err := d.Signins.Invite(d.ctx, tom.ID, d.now.Add(time.Hour), d.now, "operator")
	d.must(err)
	d.must(d.Users.SetState(d.ctx, tom.ID, users.Disabled, d.now, "operator"))
	d.out("disabled", cookie)
	_, _, err = d.Signins.SignIn(d.ctx, signins.Entry{Person: tom.ID, Password: "$p$1"}, d.now)
	d.fails("a sign-in of who is disabled", err, signins.ErrStale)
	d.must(d.Users.SetState(d.ctx, tom.ID, users.Active, d.now, "operator"))
	d.out("enabled again", cookie)
	_, err = d.Signins.Invited(d.ctx, link, d.now)
	d.fails("a link from before", err, store.ErrNotFound)

	var cookies []string
	for range 25 {
		_, cookie := d.entered(tom, "$p$1")
		cookies = append(cookies, cookie)
		d.now = d.now.Add(time.Second)
	}
	list, err := d.Signins.Of(d.ctx, tom.ID, d.now)
	d.must(err)
	d.same("bounded in number", 20, len(list))
	d.out("the oldest", cookies[4])
	d.in("the oldest that is kept", cookies[5])
}

func deskSessionsEnd(d *desk) {
	tom, anna := d.user("tom"), d.user("anna")
	hers := d.chooses(anna, "$p$2")
	first := d.chooses(tom, "$p$1")
	a, cookieA := d.entered(tom, "$p$1")
	_, cookieB := d.entered(tom, "$p$1")
	c, cookieC := d.entered(tom, "$p$1")
	d.fails("somebody else ends it", d.Signins.End(d.ctx, anna.ID, a.ID), store.ErrNotFound)
	d.must(d.Signins.End(d.ctx, tom.ID, a.ID))
	d.out("ended", cookieA)
	d.fails("ended twice", d.Signins.End(d.ctx, tom.ID, a.ID), store.ErrNotFound)
	n, err := d.Signins.EndOthers(d.ctx, tom.ID, c.ID)
	d.must(err)
	d.same("others", 2, n)
	d.out("another one", cookieB)
	d.out("the first one", first)
	d.in("this one", cookieC)
	_, cookieB = d.entered(tom, "$p$1")
	link, err := d.Signins.Invite(d.ctx, tom.ID, d.now.Add(time.Hour), d.now, "anna")
	d.must(err)
	d.fails("a password upon an old one", d.Signins.SetPassword(d.ctx, tom.ID, "$p$0", "$p$3", c.ID, d.now), signins.ErrStale)
	d.must(d.Signins.SetPassword(d.ctx, tom.ID, "$p$1", "$p$3", c.ID, d.now))
	d.out("with the password before", cookieB)
	d.in("where it was changed", cookieC)
	d.in("somebody else's", hers)
	_, err = d.Signins.Invited(d.ctx, link, d.now)
	d.fails("a link from before", err, store.ErrNotFound)
	d.must(d.Signins.Rehash(d.ctx, tom.ID, "$p$1", "$p$4"))
	k, err := d.Signins.Known(d.ctx, "tom")
	d.must(err)
	d.same("an old digest comes too late", signins.Known{Person: tom.ID, Password: "$p$3", Active: true}, k)
	d.must(d.Signins.Rehash(d.ctx, tom.ID, "$p$3", "$p$4"))
	d.in("the same password, digested anew", cookieC)
	none, err := d.Signins.Known(d.ctx, "nobody")
	d.must(err)
	d.same("nobody", signins.Known{}, none)
	d.same("the journal", []string{"tom user-password tom", "anna user-link tom"}, d.userNotes()[:2])
}

func deskLinks(d *desk) {
	tom := d.user("tom")
	invite := func() string {
		link, err := d.Signins.Invite(d.ctx, tom.ID, d.now.Add(24*time.Hour), d.now, "operator")
		d.must(err)
		return link
	}
	accept := func(link string) error {
		_, _, err := d.Signins.Accept(d.ctx, link, "$p$1", signins.Entry{Browser: "Edge, Windows"}, d.now)
		return err
	}
	before, link := invite(), invite()
	d.fails("one that a later one replaced", accept(before), store.ErrNotFound)
	for range 2 { // to look is not to use
		guest, err := d.Signins.Invited(d.ctx, link, d.now)
		d.must(err)
		d.same("whom it is for", signins.Guest{Person: tom.ID, Login: "tom", Name: "tom", Language: "en"}, guest)
	}
	var in atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := accept(link); err == nil {
				in.Add(1)
			} else if !errors.Is(err, signins.ErrUsed) {
				d.t.Errorf("at once: %v", err)
			}
		})
	}
	all.Wait()
	d.same("of eight at once one gets in", int32(1), in.Load())
	d.fails("used", accept(link), signins.ErrUsed)
	_, cookie := d.entered(tom, "$p$1")
	d.fails("a cookie's secret", accept(cookie), store.ErrNotFound)
	link = invite()
	d.in("a link changes nothing until it is used", cookie)
	d.now = d.now.Add(time.Hour)
	d.must(accept(link))
	d.out("signed in before", cookie)
	link = invite()
	d.now = d.now.Add(24 * time.Hour)
	d.fails("at its end", accept(link), store.ErrNotFound)
	_, err := d.Signins.Invite(d.ctx, 1<<40, d.now, d.now, "operator")
	d.fails("for nobody", err, store.ErrNotFound)
	d.now = d.now.Add(8 * 24 * time.Hour)
	link = invite()
	d.must(accept(link))
	d.fails("long ago", accept(before), store.ErrNotFound)
}

func deskTries(d *desk) {
	mine, ours := signins.Limit{Of: []string{"tom", "192.0.2.7"}, Burst: 3, Every: 30 * time.Second}, signins.Limit{Of: []string{"192.0.2.7"}, Burst: 5, Every: 10 * time.Second}
	other := signins.Limit{Of: []string{"anna", "192.0.2.7"}, Burst: 3, Every: 30 * time.Second}
	try := func(limits ...signins.Limit) time.Duration {
		wait, err := d.Signins.Try(d.ctx, d.now, limits...)
		d.must(err)
		return wait
	}
	var in atomic.Int32
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			wait, err := d.Signins.Try(d.ctx, d.now, mine, ours)
			if d.must(err); wait == 0 {
				in.Add(1)
			}
		})
	}
	all.Wait()
	d.same("of twelve at once", int32(3), in.Load())
	d.same("the next one waits", 30*time.Second, try(mine, ours))
	d.same("and asking puts nothing off", 30*time.Second, try(mine, ours))
	d.same("somebody else, from there", time.Duration(0), try(other, ours))
	d.must(d.Signins.Right(d.ctx, []signins.Limit{other}, []signins.Limit{ours}))
	d.same("who was right used nothing up", time.Duration(0), try(other, ours))
	d.same("the fifth from there", time.Duration(0), try(other, ours))
	d.same("the sixth", 10*time.Second, try(other, ours))
	d.now = d.now.Add(29 * time.Second)
	d.same("a second before", time.Second, try(mine, ours))
	d.now = d.now.Add(time.Second)
	d.same("then one", time.Duration(0), try(mine, ours))
	d.same("and no second one", 30*time.Second, try(mine, ours))
	d.now = d.now.Add(time.Hour)
	d.same("all is forgotten", []time.Duration{0, 0, 0, 30 * time.Second}, []time.Duration{try(mine), try(mine), try(mine), try(mine)})
}
