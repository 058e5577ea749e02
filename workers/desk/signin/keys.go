package signin

import (
	"cmp"
	"errors"
	"net/http"

	"frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/passkeys"
	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/factors"
)

// ownKeys is where one's own passkeys are looked after.
const ownKeys = ownSecond + "/passkeys"

// mostTitle is how many characters the name of a passkey may have.
const mostTitle = 64

// withKeys puts one's passkeys on the page, and the form that adds one.
func (en *Entrance) withKeys(p *signin.Second, r *http.Request, keys []factors.Key) {
	p.Passkey = en.keyForm(r, ownKeys, "")
	p.Script = p.Passkey.Origin != ""
	for _, k := range keys {
		p.Keys = append(p.Keys, signin.Key{Name: k.Name, Title: k.Title, Made: k.Made, Used: k.Used})
	}
	p.Full = len(keys) >= factors.MostKeys
	p.Device = gate.Device(r.UserAgent())
}

// askNewKey asks for a new passkey, of who shows his password. The question is this session's alone.
func (en *Entrance) askNewKey(w http.ResponseWriter, r *http.Request) {
	ctx, v := r.Context(), Viewer(r)
	g := ctx.Value(signedIn{}).(guest) // own pages are behind the guard
	ask, err := en.asker(r)
	wrong := ""
	if err == nil {
		wrong, err = en.proven(r)
	}
	if wrong != "" {
		status := http.StatusUnprocessableEntity
		if wrong == "password.slow" {
			status = http.StatusTooManyRequests
		}
		en.denies(w, r, status, v.Language, wrong)
		return
	}
	var p passkeys.Person
	if err == nil {
		p, err = en.holder(ctx, v.User, v.Login, v.Name)
	}
	if err == nil && len(p.Keys) >= factors.MostKeys {
		err = factors.ErrMany
	}
	var q passkeys.Question
	if err == nil {
		q, err = ask.Create(p)
	}
	if err == nil {
		err = en.Factors.Inside(v.User, g.ID).Ask(ctx, q.Kept, en.Now())
	}
	if err != nil {
		en.turns(w, r, v.Language, err)
		return
	}
	en.replies(w, http.StatusOK, reply{Options: q.Options})
}

// addKey keeps the passkey that was made.
func (en *Entrance) addKey(w http.ResponseWriter, r *http.Request) {
	ctx, v := r.Context(), Viewer(r)
	g := ctx.Value(signedIn{}).(guest) // own pages are behind the guard
	ask, err := en.asker(r)
	var kept []byte
	if err == nil {
		kept, err = en.taken(ctx, en.Factors.Inside(v.User, g.ID))
	}
	var key passkeys.Key
	if err == nil {
		key, err = ask.Created(passkeys.Person{Handle: en.Factors.Handle(v.User), Login: v.Login, Name: v.Name}, kept, []byte(r.PostFormValue("answer")))
	}
	if err == nil {
		title := cmp.Or(gate.Line(r.PostFormValue("title"), mostTitle), gate.Device(r.UserAgent()))
		err = en.Factors.AddKey(ctx, v.User, v.Login, key.ID, title, key.Record, int64(key.Count), g.ID, en.Now())
	}
	if err != nil {
		if errors.Is(err, passkeys.ErrRefused) {
			en.Logger.Warn("a new passkey was refused at the desk", "user", v.User, "why", err)
		}
		en.turns(w, r, v.Language, err)
		return
	}
	en.Logger.Info("a passkey was added at the desk", "user", v.User)
	en.replies(w, http.StatusOK, reply{To: ownSecond + "?done=added"})
}

// renameKey calls a passkey otherwise.
func (en *Entrance) renameKey(w http.ResponseWriter, r *http.Request) {
	v := Viewer(r)
	title := gate.Line(r.PostFormValue("title"), mostTitle)
	if title == "" {
		en.mineSecond(w, r, http.StatusUnprocessableEntity, "passkey.unnamed", nil)
		return
	}
	en.kept(w, r, "renamed", en.Factors.RenameKey(r.Context(), v.User, v.Login, r.PathValue("name"), title, en.Now()))
}

// removeKey takes a passkey away, for who shows his password. Whose role asks for a second step keeps the last one that he has.
func (en *Entrance) removeKey(w http.ResponseWriter, r *http.Request) {
	if !en.shownPassword(w, r) {
		return
	}
	v := Viewer(r)
	err := en.Factors.RemoveKey(r.Context(), v.User, v.Login, r.PathValue("name"), en.demands(v), en.Now())
	if err == nil {
		en.Logger.Info("a passkey was removed at the desk", "user", v.User)
	}
	en.kept(w, r, "removed", err)
}

// kept answers for what was done with something that one shows besides a password.
func (en *Entrance) kept(w http.ResponseWriter, r *http.Request, done string, err error) {
	switch {
	case errors.Is(err, factors.ErrLast):
		en.mineSecond(w, r, http.StatusConflict, "second.last", nil)
	case errors.Is(err, store.ErrNotFound):
		en.mineSecond(w, r, http.StatusNotFound, "passkey.gone", nil)
	case err != nil:
		en.broken(w, r, err)
	default:
		http.Redirect(w, r, ownSecond+"?done="+done, http.StatusSeeOther)
	}
}
