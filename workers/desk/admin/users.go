package admin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"frontdesk/templates/desk/admin"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/gate"
	"frontdesk/workers/store/staff"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// maxForm bounds what a form of the administration may send.
const maxForm = 256 << 10

// users lists who works at the desk.
func (p *Pages) users(w http.ResponseWriter, r *http.Request) {
	p.list(w, r, http.StatusOK, admin.User{}, "")
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request, status int, typed admin.User, wrong string) {
	all, err := p.Staff.People(r.Context(), signin.Viewer(r))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	page := admin.Users{Frame: p.frame(w, r, "users", "users"), Typed: typed, Roles: roleNames()}
	if wrong != "" {
		page.Wrong = "wrong." + wrong
	}
	for _, one := range all {
		page.All = append(page.All, userOf(one))
	}
	p.render(w, status, page.Lang, "users", page)
}

func roleNames() (out []string) {
	for _, role := range viewer.Roles() {
		out = append(out, string(role))
	}
	return out
}

// userOf is a person as a list shows him.
func userOf(p staff.Person) admin.User {
	u := admin.User{Login: p.Login, Name: p.Name, Email: p.Email, Language: p.Language, State: string(p.State), Presence: string(p.Presence), Demo: p.Demo, Password: p.User.Password}
	for _, g := range p.Grants {
		u.Roles = append(u.Roles, admin.Role{Role: string(g.Role), Queue: g.Queue})
	}
	for _, m := range p.Members {
		u.Queues = append(u.Queues, m.Queue)
	}
	return u
}

// typed is a user as a form has him.
func typed(r *http.Request) users.User {
	return users.User{Name: gate.Line(r.PostFormValue("name"), 64), Email: strings.TrimSpace(r.PostFormValue("email")), Language: r.PostFormValue("language"), Zone: strings.TrimSpace(r.PostFormValue("zone"))}
}

// add adds a user, and shows the link: in the answer to the form, since its secret belongs into no address of ours.
func (p *Pages) add(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	u := typed(r)
	u.Login = r.PostFormValue("login")
	grants := []viewer.Grant{}
	for _, role := range r.PostForm["role"] {
		grants = append(grants, viewer.Grant{Role: viewer.Role(role), Queue: viewer.Every})
	}
	now := p.Now()
	added, secret, err := p.Staff.Add(r.Context(), signin.Viewer(r), u, grants, now.Add(linkFor), now)
	if word := wrong(err); word != "" {
		p.list(w, r, http.StatusUnprocessableEntity, admin.User{Login: gate.Line(u.Login, 64), Name: u.Name, Email: u.Email, Language: u.Language}, word)
		return
	}
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.Logger.Info("done in the administration of the desk", "act", "add", "user", signin.Viewer(r).User)
	p.show(w, r, added.Login, "added", secret)
}

// person shows one user.
func (p *Pages) person(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, r.PathValue("login"), "", "")
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, login, done, secret string) {
	v := signin.Viewer(r)
	is, err := p.Staff.Person(r.Context(), v, login, p.Now())
	if err != nil {
		p.failed(w, r, err)
		return
	}
	house := p.House()
	page := admin.Person{Frame: p.frame(w, r, "users", "person"), User: userOf(is), Version: is.Version, Home: is.Zone, Grid: grid(house, is), Room: is.Room, Second: is.Held.Any(), Limit: house.Limit, Self: is.ID == v.User}
	if done != "" {
		page.Done = "done." + done
	}
	if secret != "" {
		page.Link = absolute(r, signin.WelcomePath(secret))
		w.Header().Set("Referrer-Policy", "no-referrer")
	}
	page.Tongues, page.Channels, page.Categories = skills(users.AbilityLanguage, house.Languages, is), skills(users.AbilityChannel, house.Channels, is), skills(users.AbilityCategory, house.Categories, is)
	for _, s := range is.Sessions {
		page.Sessions = append(page.Sessions, admin.Session{Browser: s.Browser, Address: s.Address, Since: s.CreatedAt.Time, Seen: s.SeenAt.Time})
	}
	p.render(w, http.StatusOK, page.Lang, "person", page)
}

// grid is what somebody may in all queues and in each: those of the configuration, and others in which he was given something.
func grid(house admin.House, p staff.Person) (out []admin.Row) {
	for _, queue := range append([]string{viewer.Every}, queuesOf(house, p)...) {
		row := admin.Row{Queue: queue}
		for _, role := range viewer.Roles() {
			row.Roles = append(row.Roles, admin.Cell{Role: string(role), Value: string(role) + "|" + queue, On: slices.Contains(p.Grants, viewer.Grant{Role: role, Queue: queue})})
		}
		for _, m := range p.Members {
			if m.Queue == queue {
				row.Member = strconv.FormatInt(int64(m.Level), 10)
			}
		}
		out = append(out, row)
	}
	return out
}

// queuesOf are the queues of the configuration, and after them those that a person has something of and that are not there any more.
func queuesOf(house admin.House, p staff.Person) (out []string) {
	add := func(queue string) {
		if queue != viewer.Every && !slices.Contains(out, queue) {
			out = append(out, queue)
		}
	}
	for _, q := range house.Queues {
		add(q.Name)
	}
	for _, g := range p.Grants {
		add(g.Queue)
	}
	for _, m := range p.Members {
		add(m.Queue)
	}
	return out
}

// skills are the values of one kind with what somebody can of them; what he can and the house does not know comes last.
func skills(kind string, known []string, p staff.Person) (out []admin.Skill) {
	levels := map[string]string{}
	known = slices.Clone(known)
	for _, a := range p.Can {
		if a.Kind != kind {
			continue
		}
		levels[a.Value] = strconv.FormatInt(int64(a.Level), 10)
		if !slices.Contains(known, a.Value) {
			known = append(known, a.Value)
		}
	}
	for _, value := range known {
		out = append(out, admin.Skill{Value: value, Level: levels[value]})
	}
	return out
}

// change keeps who somebody is.
func (p *Pages) change(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	u := typed(r)
	u.Login = r.PathValue("login")
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		version = 0 // it is none: the store says that somebody has changed it
	}
	u.Version = version
	p.did(w, r, u.Login, "saved", p.Staff.Change(r.Context(), signin.Viewer(r), u, p.Now()))
}

// rights keeps what somebody may, what is his work, and what he knows.
func (p *Pages) rights(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	login := r.PathValue("login")
	if err := r.ParseForm(); err != nil {
		p.did(w, r, login, "", users.ErrForm)
		return
	}
	to := staff.Rights{}
	for _, value := range r.PostForm["grant"] {
		role, queue, _ := strings.Cut(value, "|")
		to.Grants = append(to.Grants, viewer.Grant{Role: viewer.Role(role), Queue: queue})
	}
	for name, values := range r.PostForm {
		level, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil || level == 0 {
			continue
		}
		part, rest, _ := strings.Cut(name, ".")
		switch kind, value, _ := strings.Cut(rest, "."); part {
		case "member":
			to.Members = append(to.Members, users.Member{Queue: rest, Level: users.Level(level)})
		case "can":
			to.Can = append(to.Can, users.Ability{Kind: kind, Value: value, Level: users.Level(level)})
		case "room":
			to.Room = min(max(level, 0), mostRoom)
		}
	}
	p.did(w, r, login, "saved", p.Staff.SetRights(r.Context(), signin.Viewer(r), login, to, p.Now()))
}

// mostRoom is more than anybody can have in hand.
const mostRoom = 1000

// link makes a new link, and shows it as add does.
func (p *Pages) link(w http.ResponseWriter, r *http.Request) {
	now, login := p.Now(), r.PathValue("login")
	secret, err := p.Staff.Invite(r.Context(), signin.Viewer(r), login, now.Add(linkFor), now)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.Logger.Info("done in the administration of the desk", "act", "link", "user", signin.Viewer(r).User)
	p.show(w, r, login, "link", secret)
}

// state lets somebody in, or no longer.
func (p *Pages) state(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	to, done := users.Disabled, "disabled"
	if r.PostFormValue("state") == string(users.Active) {
		to, done = users.Active, "enabled"
	}
	login := r.PathValue("login")
	p.did(w, r, login, done, p.Staff.SetState(r.Context(), signin.Viewer(r), login, to, p.Now()))
}

// signOut signs somebody out everywhere.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) {
	login := r.PathValue("login")
	p.did(w, r, login, "out", p.Staff.EndSessions(r.Context(), signin.Viewer(r), login, p.Now()))
}

// factors takes away what somebody shows besides a password.
func (p *Pages) factors(w http.ResponseWriter, r *http.Request) {
	login := r.PathValue("login")
	p.did(w, r, login, "factors", p.Staff.RemoveFactors(r.Context(), signin.Viewer(r), login, p.Now()))
}
