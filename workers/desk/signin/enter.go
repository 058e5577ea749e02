package signin

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"frontdesk/workers/desk/password"
	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/users"
)

// Bounds of guessing. They are counted in the database, for all processes. What is counted is who is said and whence, never who is said
// alone: whoever sends wrong passwords from elsewhere slows nobody down but himself. A browser that has signed its owner in before is
// counted by itself, so that not even a neighbour behind the same address can keep him out.
const (
	// loginBurst passwords of one login may be wrong at once from one network; then one more each loginEvery.
	loginBurst = 5
	loginEvery = 30 * time.Second
	// networkBurst passwords may be wrong at once from one network, whosever they are; then one more each networkEvery.
	networkBurst = 50
	networkEvery = 3 * time.Second
)

// Outcomes of an entry that are no fault.
var (
	errWrong = errors.New("login or password is wrong")
	errDemo  = errors.New("the account is one of a demonstration")
)

// slowError says when the next try counts.
type slowError struct{ wait time.Duration }

func (e *slowError) Error() string { return "too many tries" }

// knownCookie is kept by a browser in which somebody has signed in, for a year. It opens nothing: see loginBurst.
func knownCookie() gate.Cookie {
	return gate.Cookie{Name: "frontdesk_known", Site: http.SameSiteStrictMode}
}

const knownLife = 365 * 24 * time.Hour

// limits are what a try counts against: the login from there, and everything from there; or the browser alone, where it is known.
func (en *Entrance) limits(r *http.Request, login string) (whole, one []signins.Limit) {
	for _, secret := range knownCookie().Values(r) {
		if en.Signins.Recognises(secret, login) {
			return []signins.Limit{{Of: []string{"browser", secret}, Burst: loginBurst, Every: loginEvery}}, nil
		}
	}
	at, _ := en.from(r)
	network := gate.Network(at).String()
	return []signins.Limit{{Of: []string{"login", login, network}, Burst: loginBurst, Every: loginEvery}},
		[]signins.Limit{{Of: []string{"network", network}, Burst: networkBurst, Every: networkEvery}}
}

// enter signs somebody in. Who has no password, is disabled or does not exist costs the same work as who exists, is counted the same, and is
// told the same. errDemo is told to who knows the password alone.
func (en *Entrance) enter(r *http.Request, text, secret string) (signins.Known, string, string, error) {
	login, err := users.Login(text)
	if err != nil {
		login = strings.ToLower(text) // nobody's: it is counted all the same
	}
	ctx, now := r.Context(), en.Now()
	whole, one := en.limits(r, login)
	wait, err := en.Signins.Try(ctx, now, append(whole, one...)...)
	if err != nil {
		return signins.Known{}, "", login, err
	}
	if wait > 0 {
		return signins.Known{}, "", login, &slowError{wait}
	}
	known, err := en.Signins.Known(ctx, login)
	if err != nil {
		return known, "", login, err
	}
	phc := known.Password
	if !known.Active {
		phc = ""
	}
	right, old, err := en.hasher.Matches(ctx, secret, phc)
	switch {
	case err != nil: // nothing was learned
		return known, "", login, errors.Join(err, en.Signins.Right(ctx, nil, append(whole, one...)))
	case !right:
		en.Logger.Info("a wrong password was tried at the desk", "user", known.Person)
		if known.Person != 0 { // what else is typed for a login may be a password
			if err := en.note(r, login, "sign-in-refused", ""); err != nil {
				return known, "", login, err
			}
		}
		return known, "", login, errWrong
	case known.Demo && !en.Demo:
		return known, "", login, errDemo
	}
	if err := en.Signins.Right(ctx, whole, one); err != nil {
		return known, "", login, err
	}
	if old {
		phc = en.renewed(ctx, known, secret)
	}
	known.Password = phc
	cookie, err := en.lets(r, login, known, true)
	if errors.Is(err, signins.ErrStale) {
		err = errWrong // it was changed while it was looked at
	}
	return known, cookie, login, err
}

// tries is how often what a sign-in rests upon is looked at, where it changes meanwhile.
const tries = 3

// lets opens the session of who was known so when he showed who he is: by his password (held), or by what somebody else says of him. secondError: more is asked for,
// also where he has added his first authenticator or passkey meanwhile. signins.ErrStale: he is let in no more, or by another password.
func (en *Entrance) lets(r *http.Request, login string, known signins.Known, held bool) (secret string, err error) {
	ctx, now, shown := r.Context(), en.Now(), known.Password
	_, at := en.from(r)
	for range tries {
		if known.Second {
			step, err := en.Factors.Step(ctx, known.Person, known.Password, now)
			if err != nil {
				return "", err
			}
			return "", &secondError{step}
		}
		_, secret, err = en.Signins.SignIn(ctx, signins.Entry{Person: known.Person, Password: known.Password, Browser: gate.Device(r.UserAgent()), Address: at}, now)
		if !errors.Is(err, signins.ErrStale) {
			return secret, err
		}
		fresh, again := en.Signins.Known(ctx, login)
		switch {
		case again != nil:
			return "", again
		case !fresh.Active, fresh.Person != known.Person, held && fresh.Password != shown:
			return "", err
		}
		known = fresh
	}
	return "", errChanging
}

// errChanging says that what a sign-in rests upon changes faster than it is looked at.
var errChanging = errors.New("the user is changed again and again")

// renewed keeps a digest of a right password at today's cost, and returns what is kept now. It may fail: the next sign-in does it.
func (en *Entrance) renewed(ctx context.Context, k signins.Known, secret string) string {
	fresh, err := en.hasher.Digest(ctx, secret)
	if err == nil {
		err = en.Signins.Rehash(ctx, k.Person, k.Password, fresh)
	}
	if err != nil {
		en.Logger.Warn("keeping a password's new digest failed; the next sign-in tries again", "user", k.Person, "error", err)
		return k.Password
	}
	return fresh
}

// form shows the form. Whoever is signed in is sent on, unless he was sent here to be told something.
func (en *Entrance) form(w http.ResponseWriter, r *http.Request) {
	p := en.signInPage(w, r)
	p.Next = gate.OwnPath(r.URL.Query().Get("next"), Home)
	switch why := r.URL.Query().Get("why"); why {
	case "ended", "out":
		p.Notice = "signin." + why
	default:
		if _, _, err := en.session(r); err == nil {
			http.Redirect(w, r, p.Next, http.StatusSeeOther) //nolint:gosec // a path of ours, see gate.OwnPath
			return
		}
	}
	en.render(w, r, http.StatusOK, p.Lang, "signin", p)
}

// signIn takes the form.
func (en *Entrance) signIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form could not be read", http.StatusBadRequest)
		return
	}
	p := en.signInPage(w, r)
	p.Next, p.Login = gate.OwnPath(r.PostForm.Get("next"), Home), gate.Line(r.PostForm.Get("login"), 64)
	known, secret, login, err := en.enter(r, p.Login, r.PostForm.Get("password"))
	var slow *slowError
	var more *secondError
	switch {
	case errors.As(err, &more):
		en.onwards(w, r, more.step, p.Next)
	case err == nil:
		en.admit(w, r, known.Person, login, secret, "")
		http.Redirect(w, r, p.Next, http.StatusSeeOther) //nolint:gosec // a path of ours, see gate.OwnPath
	case errors.As(err, &slow):
		p.Wrong, p.Wait = "signin.slow", int(math.Ceil(slow.wait.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(p.Wait))
		en.render(w, r, http.StatusTooManyRequests, p.Lang, "signin", p)
	case errors.Is(err, password.ErrBusy):
		p.Wrong = "signin.busy"
		w.Header().Set("Retry-After", "2")
		en.render(w, r, http.StatusServiceUnavailable, p.Lang, "signin", p)
	case errors.Is(err, errWrong), errors.Is(err, errDemo):
		p.Wrong = "signin.wrong"
		if errors.Is(err, errDemo) {
			p.Wrong = "signin.demo"
		}
		en.render(w, r, http.StatusUnauthorized, p.Lang, "signin", p)
	default:
		en.broken(w, r, err)
	}
}

// admit gives the browser its new session; by says what has opened it, where that was no password. The one that it had is ended, whosever it was: nobody leaves a trail of them, and one that
// somebody else has put there (session fixation) leads nowhere.
func (en *Entrance) admit(w http.ResponseWriter, r *http.Request, person int64, login, secret, by string) {
	for _, before := range cookie().Values(r) {
		old, err := en.Signins.Session(r.Context(), before, en.Now())
		if err == nil {
			err = en.Signins.End(r.Context(), old.Person, old.ID)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			en.Logger.Warn("ending the session before failed; it ends by itself", "error", err)
		}
	}
	if err := en.note(r, login, "sign-in", by); err != nil {
		en.Logger.Error("noting a sign-in failed", "error", err)
	}
	cookie().Drop(w, r)
	cookie().Set(w, r, secret, signins.Life)
	knownCookie().Set(w, r, en.Signins.Recognisable(login), knownLife)
	en.Logger.Info("somebody signed in at the desk", "user", person)
}

// signOut ends the session. The cookie goes only after it has ended in the database.
func (en *Entrance) signOut(w http.ResponseWriter, r *http.Request) {
	in, _, err := en.session(r)
	if err == nil {
		if err = en.Signins.End(r.Context(), in.Person, in.ID); err == nil {
			if err = en.Left(r.Context(), in.Person, en.Now()); err == nil {
				err = en.note(r, in.Viewer.Login, "sign-out", "")
			}
		}
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		en.broken(w, r, err) // it has not ended, and nobody may believe that it has
		return
	}
	cookie().Drop(w, r)
	http.Redirect(w, r, SignInPath+"?why=out", http.StatusSeeOther)
}
