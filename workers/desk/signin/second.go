package signin

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/totp"
	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/factors"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/viewer"
)

// Where something besides a password is shown, and where one says what that is.
const (
	secondPath = "/desk/sign-in/second"
	ownSecond  = MePath + "/second"
)

// stepCookie says who stands between the two steps. It goes nowhere but here, and ends by itself. Who was vouched for comes from his issuer's site, and is led on to
// the second step from there: a cookie that is strict would stay behind. Each act is a form of our own all the same (http.CrossOriginProtection).
func stepCookie() gate.Cookie {
	return gate.Cookie{Name: "frontdesk_step", Site: http.SameSiteLaxMode}
}

// secondError says that a password was right, and something besides is asked for.
type secondError struct{ step string }

func (e *secondError) Error() string { return "something besides the password is asked for" }

// waits is who stands between the steps.
func (en *Entrance) waits(r *http.Request) (w factors.Waiting, step string, err error) {
	err = store.ErrNotFound
	for _, step = range stepCookie().Values(r) {
		if w, err = en.Factors.Waits(r.Context(), step, en.Now()); !errors.Is(err, store.ErrNotFound) {
			break
		}
	}
	return w, step, err
}

// onwards leads who has shown a right password to the second step.
func (en *Entrance) onwards(w http.ResponseWriter, r *http.Request, step, next string) {
	stepCookie().Set(w, r, step, factors.StepLife)
	http.Redirect(w, r, asking(secondPath, "next", next), http.StatusSeeOther)
}

// second asks for a code. Who stands nowhere begins with the password.
func (en *Entrance) second(w http.ResponseWriter, r *http.Request) {
	en.secondPage(w, r, http.StatusOK, "", 0)
}

func (en *Entrance) secondPage(w http.ResponseWriter, r *http.Request, status int, wrong string, wait int) {
	is, _, err := en.waits(r)
	next := gate.OwnPath(r.FormValue("next"), Home)
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.Redirect(w, r, asking(SignInPath, "next", next), http.StatusSeeOther)
		return
	case err != nil:
		en.broken(w, r, err)
		return
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wait))
	}
	held, err := en.Factors.Of(r.Context(), is.Person)
	if err != nil {
		en.broken(w, r, err)
		return
	}
	p := signin.Step{Frame: en.frame(w, r, "title.step", is.Language), Login: is.Login, Next: next, Wrong: wrong, Wait: wait, App: held.Authenticator, Code: held.Authenticator || held.Codes > 0}
	if held.Keys > 0 {
		p.Passkey = en.keyForm(r, secondKeyPath, next)
		p.Passkey.First, p.Script = true, p.Passkey.Origin != ""
	}
	en.render(w, r, status, p.Lang, "step", p)
}

// showSecond takes a code of an authenticator, or a recovery code, and lets its owner in. A code is good once. Guesses are counted for the person
// alone: nobody comes here without the right password.
func (en *Entrance) showSecond(w http.ResponseWriter, r *http.Request) {
	ctx, now := r.Context(), en.Now()
	is, step, err := en.waits(r)
	if err != nil {
		en.secondPage(w, r, http.StatusOK, "", 0) // which says why
		return
	}
	wait, err := en.Signins.Try(ctx, now, secondLimit(is.Login))
	if err == nil && wait > 0 {
		en.secondPage(w, r, http.StatusTooManyRequests, "step.slow", int(math.Ceil(wait.Seconds())))
		return
	}
	ok := false
	if err == nil {
		ok, err = en.shown(ctx, is, r.PostFormValue("code"), now)
	}
	switch {
	case err != nil:
		en.broken(w, r, err)
		return
	case !ok:
		en.Logger.Info("a wrong code was tried at the desk", "user", is.Person)
		en.secondPage(w, r, http.StatusUnauthorized, "step.wrong", 0)
		return
	}
	secret, err := en.passed(r, is, step)
	switch {
	case errors.Is(err, signins.ErrStale):
		http.Redirect(w, r, SignInPath, http.StatusSeeOther) // the password has changed just now
		return
	case err != nil:
		en.broken(w, r, err)
		return
	}
	stepCookie().Drop(w, r)
	en.admit(w, r, is.Person, is.Login, secret, "")
	http.Redirect(w, r, gate.OwnPath(r.PostFormValue("next"), Home), http.StatusSeeOther)
}

// secondLimit counts what is tried for a second step.
func secondLimit(login string) signins.Limit {
	return signins.Limit{Of: []string{"second", login}, Burst: loginBurst, Every: loginEvery}
}

// passed opens the session of who has shown both.
func (en *Entrance) passed(r *http.Request, is factors.Waiting, step string) (secret string, err error) {
	if err = en.Factors.Passed(r.Context(), step); err == nil {
		secret, err = en.opened(r, is)
	}
	if err == nil {
		err = en.Signins.Right(r.Context(), []signins.Limit{secondLimit(is.Login)}, nil)
	}
	return secret, err
}

// shown reports whether a text is a code of that person's, and uses it up.
func (en *Entrance) shown(ctx context.Context, is factors.Waiting, code string, now time.Time) (bool, error) {
	secret, last, err := en.Factors.Secret(ctx, is.Person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if step, fits := totp.Read(secret, code, last, now); err == nil && fits {
		return en.Factors.Use(ctx, is.Person, step, now)
	}
	if len(code) > 64 {
		return false, nil
	}
	return en.Factors.Recover(ctx, is.Person, is.Login, code, now)
}

// missing reports whether somebody has a role for which the house asks for something besides a password, and has nothing.
func (en *Entrance) missing(in signins.In) bool { return !in.Second && en.demands(in.Viewer) }

// demands reports whether somebody has a role for which the house asks for something besides a password.
func (en *Entrance) demands(v viewer.Viewer) bool {
	return slices.ContainsFunc(v.Grants, func(g viewer.Grant) bool { return slices.Contains(en.SecondFor, g.Role) })
}

// withoutSecond reports what somebody may do who has yet to say what he has besides a password.
func (en *Entrance) withoutSecond(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, ownSecond) || r.URL.Path == MePath+"/password" || strings.HasPrefix(r.URL.Path, openPath) || r.URL.Path == herePath
}

// mySecond shows what one has besides a password.
func (en *Entrance) mySecond(w http.ResponseWriter, r *http.Request) {
	en.mineSecond(w, r, http.StatusOK, "", nil)
}

// mineSecond is the page of it. codes are fresh ones, which are shown this once.
func (en *Entrance) mineSecond(w http.ResponseWriter, r *http.Request, status int, wrong string, codes []string) {
	g := r.Context().Value(signedIn{}).(guest) // own pages are behind the guard
	v := g.Viewer
	held, err := en.Factors.Of(r.Context(), v.User)
	var kept signins.Known
	if err == nil {
		kept, err = en.Signins.Known(r.Context(), v.Login)
	}
	var keys []factors.Key
	if err == nil {
		keys, err = en.Factors.Keys(r.Context(), v.User)
	}
	secret := ""
	if err == nil {
		if secret, err = en.Factors.Begun(r.Context(), v.User, en.Now()); errors.Is(err, store.ErrNotFound) {
			err = nil
		}
	}
	if err != nil {
		en.broken(w, r, err)
		return
	}
	p := signin.Second{Frame: en.frame(w, r, "title.second", v.Language), Login: v.Login, On: held.Authenticator, Any: held.Any(), Left: held.Codes, Wrong: wrong, Codes: codes, Asked: en.missing(g.In), Password: kept.Password != ""}
	en.withKeys(&p, r, keys)
	switch done := r.URL.Query().Get("done"); done {
	case "added", "renamed", "removed", "off":
		p.Done = "second.done." + done
	}
	if secret != "" {
		key := totp.Again(en.Desk, v.Login, secret)
		p.Secret = spaced(secret)
		p.Picture, p.Size, _ = key.Picture()
	}
	en.render(w, r, status, p.Lang, "second", p)
}

// spaced is a secret in groups of four, as people type it.
func spaced(secret string) string {
	var parts []string
	for len(secret) > 4 {
		parts, secret = append(parts, secret[:4]), secret[4:]
	}
	return strings.Join(append(parts, secret), " ")
}

// beginSecond makes a secret for an authenticator, of who shows his password. One that he has counts until the new one's first code was typed.
func (en *Entrance) beginSecond(w http.ResponseWriter, r *http.Request) {
	v := Viewer(r)
	if !en.shownPassword(w, r) {
		return
	}
	key, err := totp.New(en.Desk, v.Login)
	if err == nil {
		err = en.Factors.Begin(r.Context(), v.User, key.Secret, en.Now())
	}
	if err != nil {
		en.broken(w, r, err)
		return
	}
	http.Redirect(w, r, ownSecond, http.StatusSeeOther)
}

// freshFor is how long ago somebody without a password may have signed in who changes what he shows besides.
const freshFor = 10 * time.Minute

// proven holds that the form has the present password, or that who has none has signed in just now; else wrong says what is wrong.
func (en *Entrance) proven(r *http.Request) (wrong string, err error) {
	g := r.Context().Value(signedIn{}).(guest) // own pages are behind the guard
	kept, err := en.Signins.Known(r.Context(), g.Viewer.Login)
	switch {
	case err != nil:
	case kept.Password != "":
		_, wrong, err = en.present(r)
	case en.Now().Sub(g.CreatedAt.Time) > freshFor: // an issuer has let him in, and may do so again
		wrong = "second.again"
	}
	return wrong, err
}

// shownPassword reports whether that is proven; else the page has said what is wrong.
func (en *Entrance) shownPassword(w http.ResponseWriter, r *http.Request) bool {
	wrong, err := en.proven(r)
	switch {
	case err != nil:
		en.broken(w, r, err)
	case wrong == "password.slow":
		en.mineSecond(w, r, http.StatusTooManyRequests, wrong, nil)
	case wrong != "":
		en.mineSecond(w, r, http.StatusUnprocessableEntity, wrong, nil)
	default:
		return true
	}
	return false
}

// confirmSecond takes the first code of an authenticator: from now on it is asked for. Guessing leads nowhere: the secret was shown.
func (en *Entrance) confirmSecond(w http.ResponseWriter, r *http.Request) {
	v, ctx, now := Viewer(r), r.Context(), en.Now()
	secret, err := en.Factors.Begun(ctx, v.User, now)
	if errors.Is(err, store.ErrNotFound) {
		http.Redirect(w, r, ownSecond, http.StatusSeeOther)
		return
	}
	if err != nil {
		en.broken(w, r, err)
		return
	}
	step, ok := totp.Read(secret, r.PostFormValue("code"), 0, now)
	if !ok {
		en.mineSecond(w, r, http.StatusUnprocessableEntity, "step.wrong", nil)
		return
	}
	codes := recoveryCodes()
	if err := en.Factors.Confirm(ctx, v.User, v.Login, secret, step, codes, ctx.Value(signedIn{}).(guest).ID, now); err != nil {
		en.broken(w, r, err)
		return
	}
	en.Logger.Info("an authenticator was taken at the desk", "user", v.User)
	en.mineSecond(w, r, http.StatusOK, "", codes)
}

// recoveryCodes are ten codes of fifty random bits, in letters and figures that nobody confuses.
func recoveryCodes() []string {
	alphabet := base32.NewEncoding("abcdefghjkmnpqrstuvwxyz023456789").WithPadding(base32.NoPadding)
	out := make([]string, 10)
	for i := range out {
		var b [7]byte
		rand.Read(b[:]) // never fails (crypto/rand)
		text := alphabet.EncodeToString(b[:])[:10]
		out[i] = text[:5] + "-" + text[5:]
	}
	return out
}

// renewSecond makes fresh recovery codes, for who shows his password.
func (en *Entrance) renewSecond(w http.ResponseWriter, r *http.Request) {
	v := Viewer(r)
	if !en.shownPassword(w, r) {
		return
	}
	codes := recoveryCodes()
	switch err := en.Factors.Renew(r.Context(), v.User, v.Login, codes, en.Now()); {
	case errors.Is(err, store.ErrNotFound):
		http.Redirect(w, r, ownSecond, http.StatusSeeOther)
	case err != nil:
		en.broken(w, r, err)
	default:
		en.mineSecond(w, r, http.StatusOK, "", codes)
	}
}

// removeSecond takes the authenticator away, for who shows his password. Whose role asks for a second step keeps the last one that he has, and may
// set up another authenticator in its place.
func (en *Entrance) removeSecond(w http.ResponseWriter, r *http.Request) {
	v := Viewer(r)
	if !en.shownPassword(w, r) {
		return
	}
	err := en.Factors.RemoveAuthenticator(r.Context(), v.User, v.Login, en.demands(v), en.Now())
	if err == nil {
		en.Logger.Info("an authenticator was removed at the desk", "user", v.User)
	}
	en.kept(w, r, "off", err)
}
