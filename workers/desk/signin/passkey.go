package signin

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/passkeys"
	"frontdesk/workers/gate"
	"frontdesk/workers/store"
	"frontdesk/workers/store/factors"
	"frontdesk/workers/store/signins"
)

// Where a browser has the question that it puts to a passkey, and where it brings the answer.
const (
	keyPath       = SignInPath + "/passkey"
	secondKeyPath = secondPath + "/passkey"
	askPart       = "/ask"
)

// keyCookie says who was asked for a passkey before anything else was known of him. It goes nowhere but here, and ends by itself.
func keyCookie() gate.Cookie {
	return gate.Cookie{Name: "frontdesk_passkey", Site: http.SameSiteStrictMode}
}

// address is where the desk is reached by who asks: that of the configuration, which a proxy in front may have hidden, else what he has asked for.
func (en *Entrance) address(r *http.Request) string {
	if en.Origin != "" {
		return en.Origin
	}
	if gate.Secure(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// keyForm is the form by which a browser is asked for a passkey, or why it is not.
func (en *Entrance) keyForm(r *http.Request, path, next string) signin.Passkey {
	at := en.address(r)
	f := signin.Passkey{Ask: path + askPart, Finish: path, Next: next}
	if site, ok := passkeys.SiteOf(at); ok {
		f.Origin = site.Origin
		return f
	}
	f.Why = "passkey.nowhere"
	if local := passkeys.Localhost(at); local != "" {
		f.Why, f.Instead = "passkey.localhost", local
	}
	return f
}

// asker asks for passkeys where who asks may have some.
func (en *Entrance) asker(r *http.Request) (*passkeys.Asker, error) {
	site, ok := passkeys.SiteOf(en.address(r))
	if !ok {
		return nil, errNoSite
	}
	return passkeys.New(en.Desk, site)
}

// errNoSite says that browsers have no passkeys at the address by which somebody has come.
var errNoSite = errors.New("there are no passkeys at this address")

// errOver says that nothing was asked that could be answered: it took too long, it was answered, or it was asked in another browser.
var errOver = errors.New("the question was answered or is over")

// reply is what the script of a page is told.
type reply struct {
	Options json.RawMessage `json:"options,omitempty"` // what the browser is asked
	To      string          `json:"to,omitempty"`      // where it goes on
	Error   string          `json:"error,omitempty"`   // what is wrong, in words
}

func (en *Entrance) replies(w http.ResponseWriter, status int, out reply) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(out); err != nil {
		return // the browser has gone away
	}
}

// denies says what is wrong, by the key of a sentence.
func (en *Entrance) denies(w http.ResponseWriter, r *http.Request, status int, theirs, word string, args ...any) {
	en.replies(w, status, reply{Error: en.pages.Word(chosen(w, r, theirs), word, args...)})
}

// slows says when the next try counts.
func (en *Entrance) slows(w http.ResponseWriter, r *http.Request, theirs string, wait time.Duration) {
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	en.denies(w, r, http.StatusTooManyRequests, theirs, "signin.slow", seconds)
}

// turns answers for what has led nowhere with a passkey: what is no fault in words, all else as for every page.
func (en *Entrance) turns(w http.ResponseWriter, r *http.Request, theirs string, err error) {
	status, word := http.StatusUnauthorized, ""
	switch {
	case errors.Is(err, errNoSite):
		status, word = http.StatusConflict, "passkey.nowhere"
	case errors.Is(err, errOver):
		word = "passkey.over"
	case errors.Is(err, passkeys.ErrCopied):
		status, word = http.StatusForbidden, "passkey.copied"
	case errors.Is(err, passkeys.ErrRefused), errors.Is(err, signins.ErrStale):
		word = "passkey.refused"
	case errors.Is(err, errDemo):
		status, word = http.StatusForbidden, "signin.demo"
	case errors.Is(err, factors.ErrTaken):
		status, word = http.StatusConflict, "passkey.known"
	case errors.Is(err, factors.ErrMany):
		status, word = http.StatusConflict, "passkey.many"
	default:
		en.broken(w, r, err)
		return
	}
	en.denies(w, r, status, theirs, word)
}

// holder is somebody with his passkeys.
func (en *Entrance) holder(ctx context.Context, person int64, login, name string) (p passkeys.Person, err error) {
	p = passkeys.Person{Handle: en.Factors.Handle(person), Login: login, Name: name}
	keys, err := en.Factors.Keys(ctx, person)
	for _, k := range keys {
		p.Keys = append(p.Keys, passkeys.Key{Record: k.Record, Count: uint32(k.Count)})
	}
	return p, err
}

// taken is the question that was put to a seat, which is answered now.
func (en *Entrance) taken(ctx context.Context, at factors.Seat) ([]byte, error) {
	kept, err := at.Asked(ctx, en.Now())
	if errors.Is(err, store.ErrNotFound) {
		err = errOver
	}
	return kept, err
}

// shownKey looks at the answer of one of a person's passkeys, and notes its use. What is refused stands in the log of the desk: a count that went
// backwards says that there may be a copy of the key, and whichever of the two comes second is kept out. Keys that are kept in several places at once
// do not count, so none of them is refused by that.
func (en *Entrance) shownKey(r *http.Request, is factors.Waiting, kept []byte) error {
	ctx, answer := r.Context(), []byte(r.PostFormValue("answer"))
	ask, err := en.asker(r)
	var p passkeys.Person
	if err == nil {
		p, err = en.holder(ctx, is.Person, is.Login, "")
	}
	var key passkeys.Key
	if err == nil {
		key, err = ask.Shown(p, kept, answer)
	}
	if err == nil {
		var ok bool
		if ok, err = en.Factors.UseKey(ctx, is.Person, key.ID, key.Record, int64(key.Count), en.Now()); err == nil && !ok {
			err = passkeys.ErrCopied
		}
	}
	if errors.Is(err, passkeys.ErrRefused) || errors.Is(err, passkeys.ErrCopied) {
		en.Logger.Warn("a passkey was refused at the desk", "user", is.Person, "why", err)
		if noted := en.note(r, is.Login, "sign-in-refused", "passkey"); noted != nil {
			return noted
		}
	}
	return err
}

// A question is no guess, and an office that begins its day asks for many from one address: the bounds only keep the database from being filled.
const (
	questionBurst = 1000
	questionEvery = 200 * time.Millisecond
)

// newcomers are counted by their network, before anything is known of them. Each question costs one try, which a right answer gives back.
func (en *Entrance) newcomers(r *http.Request) signins.Limit {
	at, _ := en.from(r)
	return signins.Limit{Of: []string{"passkey", gate.Network(at).String()}, Burst: questionBurst, Every: questionEvery}
}

// askKey asks whoever it is for a passkey. The question is this browser's alone.
func (en *Entrance) askKey(w http.ResponseWriter, r *http.Request) {
	ctx, now := r.Context(), en.Now()
	ask, err := en.asker(r)
	var wait time.Duration
	if err == nil {
		wait, err = en.Signins.Try(ctx, now, en.newcomers(r))
	}
	if err == nil && wait > 0 {
		en.slows(w, r, "", wait)
		return
	}
	var q passkeys.Question
	if err == nil {
		q, err = ask.Anyone()
	}
	at, secret := en.Factors.Newcomer()
	if err == nil {
		err = at.Ask(ctx, q.Kept, now)
	}
	if err != nil {
		en.turns(w, r, "", err)
		return
	}
	keyCookie().Set(w, r, secret, factors.AskedFor)
	en.replies(w, http.StatusOK, reply{Options: q.Options})
}

// showKey lets in by a passkey alone. The key says who it is, and has looked at its owner.
func (en *Entrance) showKey(w http.ResponseWriter, r *http.Request) {
	is, secret, err := en.enterByKey(r)
	if err != nil {
		en.turns(w, r, is.Language, err)
		return
	}
	keyCookie().Drop(w, r)
	en.admit(w, r, is.Person, is.Login, secret, "passkey")
	en.replies(w, http.StatusOK, reply{To: gate.OwnPath(r.PostFormValue("next"), Home)})
}

func (en *Entrance) enterByKey(r *http.Request) (is factors.Waiting, secret string, err error) {
	ctx := r.Context()
	kept, err := en.askedHere(r)
	if err != nil {
		return is, "", err
	}
	id, ok := passkeys.Whose([]byte(r.PostFormValue("answer")))
	if !ok {
		return is, "", passkeys.ErrRefused
	}
	is, err = en.Factors.Owner(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return is, "", passkeys.ErrRefused
	}
	if err == nil {
		err = en.shownKey(r, is, kept)
	}
	var known signins.Known
	if err == nil {
		known, err = en.Signins.Known(ctx, is.Login)
	}
	if err == nil && known.Demo && !en.Demo {
		err = errDemo
	}
	if err == nil {
		secret, err = en.opened(r, is)
	}
	if err == nil {
		err = en.Signins.Right(ctx, nil, []signins.Limit{en.newcomers(r)})
	}
	return is, secret, err
}

// askedHere is the question that was put to this browser.
func (en *Entrance) askedHere(r *http.Request) (kept []byte, err error) {
	err = errOver
	for _, secret := range keyCookie().Values(r) {
		if at, ok := en.Factors.Came(secret); ok {
			if kept, err = en.taken(r.Context(), at); !errors.Is(err, errOver) {
				break
			}
		}
	}
	return kept, err
}

// opened is the secret of a new session of somebody who has shown all that is asked for.
func (en *Entrance) opened(r *http.Request, is factors.Waiting) (string, error) {
	_, at := en.from(r)
	_, secret, err := en.Signins.SignIn(r.Context(), signins.Entry{Person: is.Person, Password: is.Password, Shown: true, Browser: gate.Device(r.UserAgent()), Address: at}, en.Now())
	return secret, err
}

// askSecondKey asks who has shown his password for one of his passkeys.
func (en *Entrance) askSecondKey(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	is, step, err := en.waits(r)
	if errors.Is(err, store.ErrNotFound) {
		en.replies(w, http.StatusOK, reply{To: asking(SignInPath, "next", gate.OwnPath(r.PostFormValue("next"), Home))})
		return
	}
	var ask *passkeys.Asker
	if err == nil {
		ask, err = en.asker(r)
	}
	var p passkeys.Person
	if err == nil {
		p, err = en.holder(ctx, is.Person, is.Login, "")
	}
	if err == nil && len(p.Keys) == 0 {
		err = passkeys.ErrRefused // they were taken away just now
	}
	var q passkeys.Question
	if err == nil {
		q, err = ask.One(p)
	}
	at, ok := en.Factors.Between(step)
	if err == nil && !ok {
		err = errOver
	}
	if err == nil {
		if err = at.Ask(ctx, q.Kept, en.Now()); errors.Is(err, store.ErrNotFound) {
			err = errOver
		}
	}
	if err != nil {
		en.turns(w, r, is.Language, err)
		return
	}
	en.replies(w, http.StatusOK, reply{Options: q.Options})
}

// showSecondKey takes a passkey as the second step. Tries are counted with those of codes.
func (en *Entrance) showSecondKey(w http.ResponseWriter, r *http.Request) {
	ctx, next := r.Context(), gate.OwnPath(r.PostFormValue("next"), Home)
	is, step, err := en.waits(r)
	if errors.Is(err, store.ErrNotFound) {
		en.replies(w, http.StatusOK, reply{To: asking(SignInPath, "next", next)})
		return
	}
	var wait time.Duration
	if err == nil {
		wait, err = en.Signins.Try(ctx, en.Now(), secondLimit(is.Login))
	}
	if err == nil && wait > 0 {
		en.slows(w, r, is.Language, wait)
		return
	}
	var kept []byte
	if at, ok := en.Factors.Between(step); err == nil && ok {
		kept, err = en.taken(ctx, at)
	}
	if err == nil {
		err = en.shownKey(r, is, kept)
	}
	var secret string
	if err == nil {
		secret, err = en.passed(r, is, step)
	}
	if err != nil {
		en.turns(w, r, is.Language, err)
		return
	}
	stepCookie().Drop(w, r)
	en.admit(w, r, is.Person, is.Login, secret, "passkey")
	en.replies(w, http.StatusOK, reply{To: next})
}
