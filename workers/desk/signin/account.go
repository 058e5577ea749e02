package signin

import (
	"errors"
	"net/http"
	"time"

	"frontdesk/internal/accepts"
	"frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/password"
	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
)

// welcome shows whom a link is for, and asks for a password. It uses nothing up: what looks ahead at addresses opens no account.
func (en *Entrance) welcome(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Referrer-Policy", "no-referrer") // the secret stands in the address
	if g, ok := en.guest(w, r); ok {
		en.welcomes(w, r, http.StatusOK, g, "")
	}
}

func (en *Entrance) welcomes(w http.ResponseWriter, r *http.Request, status int, g signins.Guest, wrong string) {
	p := signin.Welcome{Frame: en.frame(w, r, "title.welcome", g.Language), Login: g.Login, Name: g.Name, Shortest: password.Shortest, Wrong: wrong}
	en.render(w, r, status, p.Lang, "welcome", p)
}

// guest is whom the link is for. Who has none is told so, and counted: a secret of ours has 160 bits, and whoever guesses at it shall
// not keep the database busy.
func (en *Entrance) guest(w http.ResponseWriter, r *http.Request) (signins.Guest, bool) {
	g, err := en.Signins.Invited(r.Context(), r.PathValue("link"), en.Now())
	switch {
	case err == nil && (!g.Demo || en.Demo):
		return g, true
	case err == nil, errors.Is(err, store.ErrNotFound), errors.Is(err, signins.ErrUsed):
		en.nothing(w, r, http.StatusNotFound, "title.nothing", "nothing.link")
	default:
		en.broken(w, r, err)
	}
	return g, false
}

// accept takes the password that was chosen, and signs in with it.
func (en *Entrance) accept(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	g, ok := en.guest(w, r)
	if !ok {
		return
	}
	phc, wrong, err := en.chosenPassword(r, g.Login, g.Name)
	if wrong != "" {
		en.welcomes(w, r, http.StatusUnprocessableEntity, g, wrong)
		return
	}
	_, at := en.from(r)
	var secret string
	if err == nil {
		_, secret, err = en.Signins.Accept(r.Context(), r.PathValue("link"), phc, signins.Entry{Browser: gate.Device(r.UserAgent()), Address: at}, en.Now())
	}
	if errors.Is(err, signins.ErrSecond) {
		var step string
		if step, err = en.Factors.Step(r.Context(), g.Person, phc, en.Now()); err == nil {
			en.onwards(w, r, step, Home)
			return
		}
	}
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, signins.ErrUsed):
		en.nothing(w, r, http.StatusNotFound, "title.nothing", "nothing.link")
	case err != nil:
		en.broken(w, r, err)
	default:
		en.admit(w, r, g.Person, g.Login, secret, "")
		http.Redirect(w, r, Home, http.StatusSeeOther)
	}
}

// chosenPassword is the digest of the password in a form, or what is wrong with it.
func (en *Entrance) chosenPassword(r *http.Request, names ...string) (phc, wrong string, err error) {
	chosen := r.PostFormValue("password")
	if why := password.Refused(chosen, append(names, en.Desk)...); why != password.Fine {
		return "", "password." + string(why), nil
	}
	if chosen != r.PostFormValue("again") {
		return "", "password.differ", nil
	}
	phc, err = en.hasher.Digest(r.Context(), chosen)
	return phc, "", err
}

// me shows one's own account. What was done before stands in the address; only words of this list are taken from it.
func (en *Entrance) me(w http.ResponseWriter, r *http.Request) {
	done := ""
	switch word := r.URL.Query().Get("done"); word {
	case "saved", "password", "end", "others", "gone":
		done = "done." + word
	}
	en.shows(w, r, http.StatusOK, done, "")
}

func (en *Entrance) shows(w http.ResponseWriter, r *http.Request, status int, done, wrong string) {
	g := r.Context().Value(signedIn{}).(guest) // own pages are behind the guard
	v := g.In.Viewer
	sessions, err := en.Signins.Of(r.Context(), v.User, en.Now())
	if err != nil {
		en.broken(w, r, err)
		return
	}
	p := signin.Me{Frame: en.frame(w, r, "title.me", v.Language), Login: v.Login, Name: v.Name, Shortest: password.Shortest, Second: g.Second, Done: done, Wrong: wrong}
	if tag, ok := accepts.Tag(v.Language); ok {
		p.Language = pageLanguage(tag)
	}
	if zone, err := time.LoadLocation(g.Zone); err == nil && g.Zone != "" {
		p.Zone = zone
	}
	for _, role := range v.Grants {
		p.Roles = append(p.Roles, signin.Role{Role: string(role.Role), Queue: role.Queue})
	}
	for _, s := range sessions {
		p.Sessions = append(p.Sessions, signin.Session{ID: s.ID, Browser: s.Browser, Address: s.Address, Since: s.CreatedAt.Time, Seen: s.SeenAt.Time, This: s.ID == g.ID})
	}
	en.render(w, r, status, p.Lang, "me", p)
}

// changeMe keeps name and language. A language of no page leaves it to the browser.
func (en *Entrance) changeMe(w http.ResponseWriter, r *http.Request) {
	v := Viewer(r)
	u, err := en.Users.Get(r.Context(), v.User)
	if err == nil {
		if name := gate.Line(r.PostFormValue("name"), 64); name != "" {
			u.Name = name
		}
		u.Language = ""
		if lang := r.PostFormValue("language"); known(lang) {
			u.Language = lang
			keepLanguage(w, r, lang)
		} else {
			keepLanguage(w, r, "")
		}
		_, err = en.Users.Change(r.Context(), u, en.Now(), v.Login)
	}
	if err != nil {
		en.broken(w, r, err)
		return
	}
	http.Redirect(w, r, MePath+"?done=saved", http.StatusSeeOther)
}

// present holds the password of a form ("before") against that of who is signed in. wrong says why it does not count. Guessing at it is slowed
// down as guessing at the sign-in is.
func (en *Entrance) present(r *http.Request) (kept signins.Known, wrong string, err error) {
	v, ctx := Viewer(r), r.Context()
	limit := signins.Limit{Of: []string{"own", v.Login}, Burst: loginBurst, Every: loginEvery}
	wait, err := en.Signins.Try(ctx, en.Now(), limit)
	if err == nil && wait > 0 {
		return kept, "password.slow", nil
	}
	if err == nil {
		kept, err = en.Signins.Known(ctx, v.Login)
	}
	right := false
	if err == nil {
		right, _, err = en.hasher.Matches(ctx, r.PostFormValue("before"), kept.Password)
	}
	switch {
	case err != nil:
		return kept, "", err
	case !right:
		return kept, "password.before", nil
	}
	return kept, "", en.Signins.Right(ctx, []signins.Limit{limit}, nil)
}

// changePassword asks for the present password, so that a browser that was left alone loses nobody his account.
func (en *Entrance) changePassword(w http.ResponseWriter, r *http.Request) {
	v, ctx := Viewer(r), r.Context()
	kept, wrong, err := en.present(r)
	switch wrong {
	case "":
	case "password.slow":
		en.shows(w, r, http.StatusTooManyRequests, "", wrong)
		return
	default:
		en.shows(w, r, http.StatusUnprocessableEntity, "", wrong)
		return
	}
	var phc string
	if err == nil {
		phc, wrong, err = en.chosenPassword(r, v.Login, v.Name)
	}
	if wrong != "" {
		en.shows(w, r, http.StatusUnprocessableEntity, "", wrong)
		return
	}
	if err == nil {
		err = en.Signins.SetPassword(ctx, v.User, kept.Password, phc, r.Context().Value(signedIn{}).(guest).ID, en.Now())
	}
	if err != nil {
		en.broken(w, r, err)
		return
	}
	en.Logger.Info("a password was changed at the desk", "user", v.User)
	http.Redirect(w, r, MePath+"?done=password", http.StatusSeeOther)
}

// endSession signs oneself out elsewhere.
func (en *Entrance) endSession(w http.ResponseWriter, r *http.Request) {
	done := "end"
	err := en.Signins.End(r.Context(), Viewer(r).User, r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		done, err = "gone", nil
	}
	if err != nil {
		en.broken(w, r, err)
		return
	}
	http.Redirect(w, r, MePath+"?done="+done, http.StatusSeeOther)
}

// endOthers signs oneself out everywhere else, for who has left a browser signed in somewhere.
func (en *Entrance) endOthers(w http.ResponseWriter, r *http.Request) {
	if _, err := en.Signins.EndOthers(r.Context(), Viewer(r).User, r.Context().Value(signedIn{}).(guest).ID); err != nil {
		en.broken(w, r, err)
		return
	}
	http.Redirect(w, r, MePath+"?done=others", http.StatusSeeOther)
}
