package storetest

import (
	"errors"
	"strings"

	"frontdesk/workers/store/links"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// enterByIssuer: a person of an issuer is known by issuer and subject; what groups give is given anew, and the last administrator stays one.
func enterByIssuer(d *desk) {
	boss := d.user("boss", viewer.Grant{Role: viewer.Administrator})
	agent := []viewer.Grant{{Role: viewer.Agent, Queue: "cards"}}
	li := links.Person{Issuer: "https://id.example", Subject: "17", Login: "Li Na!", Name: strings.Repeat("李", 80), Email: "li@desk.example", Grants: agent}
	rules := links.Rules{Create: true, Groups: true}
	_, err := d.Links.Enter(d.ctx, li, links.Rules{}, d.now)
	d.nobody("a stranger, where nobody is made", err)
	login, err := d.Links.Enter(d.ctx, li, rules, d.now)
	d.must(err)
	d.same("the login that is made", "li-na", login)
	li.Login, li.Grants = "boss", []viewer.Grant{{Role: viewer.Lead}}
	login, err = d.Links.Enter(d.ctx, li, rules, d.now)
	d.must(err)
	u, err := d.Users.Find(d.ctx, login)
	d.must(err)
	grants, err := d.Users.Grants(d.ctx, u.ID)
	d.must(err)
	d.same("the same person with other groups", []any{"li-na", li.Grants}, []any{login, grants})
	other := li
	other.Issuer = "https://other.example"
	_, err = d.Links.Enter(d.ctx, other, rules, d.now)
	if !errors.Is(err, links.ErrTaken) {
		d.t.Errorf("another issuer's person with somebody's login: %v", err)
	}
	other.Login, other.Email = "x", "LI@desk.example"
	login, err = d.Links.Enter(d.ctx, other, links.Rules{ByEmail: true}, d.now)
	d.must(err)
	d.same("found by an address that is believed", "li-na", login)
	boss.Email = "boss@desk.example"
	_, err = d.Users.Change(d.ctx, boss, d.now, "test")
	d.must(err)
	login, err = d.Links.Enter(d.ctx, links.Person{Issuer: "i", Subject: "boss", Email: "boss@desk.example"}, links.Rules{ByEmail: true, Groups: true}, d.now)
	d.must(err)
	grants, err = d.Users.Grants(d.ctx, boss.ID)
	d.must(err)
	d.same("the last administrator, without a group", []any{"boss", []viewer.Grant{{Role: viewer.Administrator}}}, []any{login, grants})
	d.must(d.Users.SetState(d.ctx, u.ID, users.Disabled, d.now, "boss"))
	_, err = d.Links.Enter(d.ctx, li, rules, d.now)
	d.nobody("who is disabled", err)
}

func (d *desk) nobody(what string, err error) {
	d.t.Helper()
	if !errors.Is(err, links.ErrNobody) {
		d.t.Errorf("%s: %v", what, err)
	}
}
