package storetest

import (
	"errors"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/staff"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// lookAfterStaff: who administers all queues sees and changes users; who administers one sees its members; all others find nothing.
func lookAfterStaff(d *desk) {
	boss := viewer.Viewer{User: d.user("boss", viewer.Grant{Role: viewer.Administrator}).ID, Login: "boss", Grants: []viewer.Grant{{Role: viewer.Administrator}}}
	of := viewer.Viewer{Login: "of.cards", Grants: []viewer.Grant{{Role: viewer.Administrator, Queue: "cards"}}}
	tom, secret, err := d.Staff.Add(d.ctx, boss, users.User{Login: "tom"}, []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}}, d.now.Add(time.Hour), d.now)
	d.must(err)
	g, err := d.Signins.Invited(d.ctx, secret, d.now)
	d.must(err)
	d.same("whom the link is for", "tom", g.Login)
	rights := staff.Rights{Grants: []viewer.Grant{{Role: viewer.Lead, Queue: "cards"}}, Members: []users.Member{{Queue: "cards", Level: users.Secondary}, {Queue: "refunds", Level: users.Primary}},
		Can: []users.Ability{{Kind: users.AbilityLanguage, Value: "zh", Level: users.Primary}}, Room: 2}
	d.must(d.Staff.SetRights(d.ctx, boss, "tom", rights, d.now))
	before := len(d.userNotes())
	d.must(d.Staff.SetRights(d.ctx, boss, "tom", rights, d.now))
	d.same("what stays is not written", before, len(d.userNotes()))
	_, _, err = d.Signins.SignIn(d.ctx, signins.Entry{Person: tom.ID}, d.now)
	d.must(err)
	p, err := d.Staff.Person(d.ctx, boss, "tom", d.now)
	d.must(err)
	d.same("a person", []any{int64(2), 1, rights.Grants, 2}, []any{p.Room, len(p.Sessions), p.Grants, len(p.Members)})
	d.must(d.Staff.EndSessions(d.ctx, boss, "tom", d.now))
	all, err := d.Staff.People(d.ctx, boss)
	d.must(err)
	d.same("people", []any{2, "boss", "tom", 2}, []any{len(all), all[0].Login, all[1].Login, len(all[1].Members)})
	crew, err := d.Staff.Crew(d.ctx, of)
	d.must(err)
	d.same("members of the one queue", map[string][]staff.Member{"cards": {{Login: "tom", Name: "tom", Active: true, Second: true}}}, crew)
	d.must(d.Service.InboxSeen(d.ctx, []service.InboxStatus{{Inbox: "hotline", Channel: "sms", State: "ok"}}, d.now))
	inboxes, err := d.Staff.Inboxes(d.ctx, of)
	d.must(err)
	d.same("inboxes", []any{1, "hotline"}, []any{len(inboxes), inboxes[0].Name})

	_, err = d.Staff.People(d.ctx, of)
	d.fails("users, of who looks after one queue", err, store.ErrNotFound)
	d.fails("rights, of who looks after one queue", d.Staff.SetRights(d.ctx, of, "tom", staff.Rights{}, d.now), store.ErrNotFound)
	_, _, err = d.Staff.Add(d.ctx, boss, users.User{Login: "tom"}, nil, d.now, d.now)
	if !errors.Is(err, users.ErrTaken) {
		d.t.Errorf("a login was given twice: %v", err)
	}
	nobody := viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Lead}, {Role: viewer.Auditor}}}
	_, err = d.Staff.Crew(d.ctx, nobody)
	d.fails("members, of a lead", err, store.ErrNotFound)
	_, err = d.Staff.Inboxes(d.ctx, nobody)
	d.fails("inboxes, of a lead", err, store.ErrNotFound)
	d.fails("a state, of a lead", d.Staff.SetState(d.ctx, nobody, "tom", users.Disabled, d.now), store.ErrNotFound)
}
