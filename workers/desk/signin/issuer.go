package signin

import (
	"crypto/hmac"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"frontdesk/workers/desk/oidc"
	"frontdesk/workers/gate"
	"frontdesk/workers/store/links"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/viewer"
)

// Where somebody goes to the issuer of his company, and comes back from it.
const (
	issuerPath = SignInPath + "/issuer"
	// BackPath is the address that the issuer is told of (redirect URI), below the address of the desk.
	BackPath = issuerPath + "/back"
)

// Issuer is who vouches for people of the company, and what the house believes.
type Issuer struct {
	*oidc.Issuer
	Name  string // on the button
	Rules links.Rules
	// Grants are the roles that groups give.
	Grants func(groups []string) []viewer.Grant
	Links  *links.Store
	Token  func(parts ...[]byte) string // keyed digest of what belongs to a flow
}

// flowLife is how long somebody may stay at the issuer.
const flowLife = 10 * time.Minute

// flowCookie binds the way there to the browser that went. It comes along when the issuer's page leads back.
func flowCookie() gate.Cookie {
	return gate.Cookie{Name: "frontdesk_flow", Site: http.SameSiteLaxMode}
}

// flow is what belongs to a state: nonce and verifier are made of it under our key, so that nothing need be kept.
func (en *Entrance) flow(state string) oidc.Flow {
	return oidc.Flow{State: state, Nonce: en.Issuer.Token([]byte("desk nonce"), []byte(state)), Verifier: en.Issuer.Token([]byte("desk verifier"), []byte(state))}
}

// newState is a random state that says when it ends and where one goes on to.
func (en *Entrance) newState(next string, now time.Time) string {
	text := strconv.FormatInt(now.Add(flowLife).Unix(), 10) + "." + en.Signins.Random() + "." + base64.RawURLEncoding.EncodeToString([]byte(next))
	return text + "." + en.Issuer.Token([]byte("desk flow"), []byte(text))
}

// readState is where one goes on to by a state of ours that is not over.
func (en *Entrance) readState(state string, now time.Time) (next string, ok bool) {
	parts := strings.Split(state, ".")
	if len(state) > 4096 || len(parts) != 4 {
		return "", false
	}
	text := strings.Join(parts[:3], ".")
	ends, err := strconv.ParseInt(parts[0], 10, 64)
	path, bad := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || bad != nil || !hmac.Equal([]byte(parts[3]), []byte(en.Issuer.Token([]byte("desk flow"), []byte(text)))) || now.Unix() >= ends {
		return "", false
	}
	return gate.OwnPath(string(path), Home), true
}

// back is the address that the issuer leads back to.
func back(r *http.Request) string {
	scheme := "http"
	if gate.Secure(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host + BackPath
}

// toIssuer leads to the issuer.
func (en *Entrance) toIssuer(w http.ResponseWriter, r *http.Request) {
	if en.Issuer == nil {
		en.nowhere(w, r)
		return
	}
	next := gate.OwnPath(r.URL.Query().Get("next"), Home)
	if len(next) > 1024 {
		next = Home
	}
	state := en.newState(next, en.Now())
	to, err := en.Issuer.Begin(r.Context(), en.flow(state), back(r))
	if err != nil {
		en.unreached(w, r, err)
		return
	}
	flowCookie().Set(w, r, state, flowLife)
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // the issuer of the configuration
}

// unreached answers for an issuer that cannot be asked: passwords are taken as before.
func (en *Entrance) unreached(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	en.Logger.Error("asking the issuer of the desk failed", "error", err)
	en.turnedAway(w, r, http.StatusBadGateway, "issuer.away")
}

// turnedAway shows the form to sign in, with why the issuer's way led nowhere.
func (en *Entrance) turnedAway(w http.ResponseWriter, r *http.Request, status int, why string) {
	flowCookie().Drop(w, r)
	p := en.signInPage(w, r)
	p.Next, p.Wrong = Home, why
	en.render(w, r, status, p.Lang, "signin", p)
}

// fromIssuer lets in whom the issuer vouches for. The state must be one of ours, not over, and this browser's.
func (en *Entrance) fromIssuer(w http.ResponseWriter, r *http.Request) {
	if en.Issuer == nil {
		en.nowhere(w, r)
		return
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the code stands in the address
	ctx, now, q := r.Context(), en.Now(), r.URL.Query()
	state, own := q.Get("state"), false
	for _, kept := range flowCookie().Values(r) {
		own = own || hmac.Equal([]byte(kept), []byte(state))
	}
	next, ok := en.readState(state, now)
	if !own || !ok || q.Get("code") == "" {
		en.turnedAway(w, r, http.StatusUnauthorized, "issuer.again")
		return
	}
	p, err := en.Issuer.Finish(ctx, en.flow(state), q.Get("code"), back(r))
	if errors.Is(err, oidc.ErrRefused) {
		en.Logger.Warn("an issuer's answer was refused at the desk", "error", err)
		en.turnedAway(w, r, http.StatusUnauthorized, "issuer.again")
		return
	}
	if err != nil {
		en.unreached(w, r, err)
		return
	}
	who := links.Person{Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Login: p.Login, Grants: en.Issuer.Grants(p.Groups)}
	if p.Verified {
		who.Email = p.Email
	}
	login, err := en.Issuer.Links.Enter(ctx, who, en.Issuer.Rules, now)
	switch {
	case errors.Is(err, links.ErrNobody):
		en.turnedAway(w, r, http.StatusForbidden, "issuer.nobody")
	case errors.Is(err, links.ErrTaken):
		en.turnedAway(w, r, http.StatusForbidden, "issuer.taken")
	case err != nil:
		en.broken(w, r, err)
	default:
		flowCookie().Drop(w, r)
		en.vouched(w, r, login, next)
	}
}

// vouched opens the session of who was vouched for; who has an authenticator or a passkey here shows it all the same.
func (en *Entrance) vouched(w http.ResponseWriter, r *http.Request, login, next string) {
	known, err := en.Signins.Known(r.Context(), login)
	if err != nil {
		en.broken(w, r, err)
		return
	}
	en.vouchedAs(w, r, login, known, next)
}

// vouchedAs is vouched for somebody who was known so.
func (en *Entrance) vouchedAs(w http.ResponseWriter, r *http.Request, login string, known signins.Known, next string) {
	secret, err := en.lets(r, login, known, false)
	var more *secondError
	switch {
	case errors.As(err, &more):
		en.onwards(w, r, more.step, next)
	case errors.Is(err, signins.ErrStale):
		en.turnedAway(w, r, http.StatusForbidden, "issuer.nobody") // he was disabled just now
	case err != nil:
		en.broken(w, r, err)
	default:
		en.admit(w, r, known.Person, login, secret, "")
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // a path of ours, see gate.OwnPath
	}
}
