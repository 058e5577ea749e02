package desk

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/desk/oidc"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/links"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// company is an issuer at the wire: what OpenID Connect has it serve, and a person who is signed in there.
type company struct {
	t        *testing.T
	srv      *httptest.Server
	key      *rsa.PrivateKey
	claims   map[string]any // of whom it vouches for
	question url.Values     // that came with a browser
	change   func(claims map[string]any)
	signs    *rsa.PrivateKey // with which it signs; nil: with its own
	used     bool            // its code
}

func newCompany(t *testing.T) *company {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &company{t: t, key: key, claims: map[string]any{"sub": "u-17"}}
	mux := http.NewServeMux()
	c.srv = httptest.NewServer(mux)
	t.Cleanup(c.srv.Close)
	answer := func(w http.ResponseWriter, data any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(data)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": c.srv.URL, "authorization_endpoint": c.srv.URL + "/auth", "token_endpoint": c.srv.URL + "/token", "jwks_uri": c.srv.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		b := base64.RawURLEncoding
		answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "k", "use": "sig", "alg": "RS256", "n": b.EncodeToString(key.N.Bytes()), "e": b.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if id != "desk" || secret != "s3cret" || r.FormValue("code") != "the-code" || c.used || base64.RawURLEncoding.EncodeToString(challenge[:]) != c.question.Get("code_challenge") || r.FormValue("redirect_uri") != c.question.Get("redirect_uri") {
			w.WriteHeader(http.StatusBadRequest)
			answer(w, map[string]any{"error": "invalid_grant"})
			return
		}
		c.used = true
		answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": c.token()})
	})
	return c
}

// token is a signed ID token of the person.
func (c *company) token() string {
	claims := map[string]any{"iss": c.srv.URL, "aud": "desk", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": c.question.Get("nonce")}
	for k, v := range c.claims {
		claims[k] = v
	}
	if c.change != nil {
		c.change(claims)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		c.t.Error(err)
	}
	b := base64.RawURLEncoding
	text := b.EncodeToString([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + b.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	key := c.key
	if c.signs != nil {
		key = c.signs
	}
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		c.t.Error(err)
	}
	return text + "." + b.EncodeToString(sig)
}

// joins has a desk believe the company.
func (c *company) joins(rules links.Rules) func(*Config) {
	return func(to *Config) {
		to.Issuer = &signin.Issuer{Issuer: oidc.New(oidc.Config{Issuer: c.srv.URL, ClientID: "desk", ClientSecret: "s3cret", Scopes: []string{"openid", "email"}, GroupsClaim: "groups", Client: c.srv.Client()}), Name: "Example", Rules: rules,
			Links: to.Store.Links, Token: to.Store.Base.Ring.Token, Grants: func(groups []string) (out []viewer.Grant) {
				for _, g := range groups {
					if g == "support" {
						out = append(out, viewer.Grant{Role: viewer.Agent, Queue: "cards"})
					}
				}
				return out
			}}
	}
}

// goes leads a browser to the company, and returns the address at which it comes back.
func (c *company) goes(b *browser) string {
	c.t.Helper()
	w := b.get("/desk/sign-in/issuer?next=/desk/tickets/T-5")
	at, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || !strings.HasPrefix(at.String(), c.srv.URL+"/auth?") {
		c.t.Fatalf("the way leads with %d to %q", w.Code, at)
	}
	c.question, c.used = at.Query(), false
	for key, want := range map[string]string{"response_type": "code", "client_id": "desk", "code_challenge_method": "S256", "redirect_uri": "http://127.0.0.1:8082/desk/sign-in/issuer/back"} {
		if got := c.question.Get(key); got != want {
			c.t.Errorf("the question says %s=%q, want %q", key, got, want)
		}
	}
	return signin.BackPath + "?" + url.Values{"code": {"the-code"}, "state": {c.question.Get("state")}}.Encode()
}

func TestAnIssuerLetsSomebodyIn(t *testing.T) {
	c := newCompany(t)
	c.claims = map[string]any{"sub": "u-17", "name": "Li Na", "preferred_username": "li.na", "email": "li@desk.example", "email_verified": true, "groups": []string{"staff", "support"}}
	r := newRig(t, c.joins(links.Rules{Create: true, Groups: true}))
	b := r.browser()
	b.wants(b.get("/desk/sign-in?next=/desk/x"), http.StatusOK, "Sign in with Example", `href="/desk/sign-in/issuer?next=%2fdesk%2fx"`)
	w := b.get(c.goes(b))
	if at := w.Header().Get("Location"); at != "/desk/tickets/T-5" {
		t.Fatalf("the issuer leads with %d to %q: %s", w.Code, at, w.Body)
	}
	b.wants(b.get("/desk"), http.StatusOK, "here is li.na, may answer: yes")

	c.claims["groups"], c.claims["preferred_username"], c.claims["email"] = []string{"staff"}, "other", "other@desk.example"
	again := r.browser()
	again.wants(again.get(c.goes(again)), http.StatusSeeOther)
	again.wants(again.get("/desk"), http.StatusOK, "here is li.na, may answer: no") // known by the subject; roles are those of the groups
	b.wants(b.get("/desk"), http.StatusOK, "may answer: no")

	u, err := r.store.Users.Find(t.Context(), "li.na")
	r.must(err)
	r.must(r.store.Users.SetState(t.Context(), u.ID, users.Disabled, time.Now(), "test"))
	off := r.browser()
	off.wants(off.get(c.goes(off)), http.StatusForbidden, "does not let you in")
	off.out("disabled")
}

// TestNobodyBecomesAnotherByAnIssuer: not by the same address, nor by the same login.
func TestNobodyBecomesAnotherByAnIssuer(t *testing.T) {
	for _, x := range []struct {
		name   string
		rules  links.Rules
		claims map[string]any
		status int
		as     string
	}{
		{"an address that is the same is nothing", links.Rules{Create: true}, map[string]any{"email": "boss@desk.example", "email_verified": true}, http.StatusForbidden, ""},
		{"a login that is the same is nothing", links.Rules{Create: true, ByEmail: true}, map[string]any{"preferred_username": "boss", "groups": "support"}, http.StatusForbidden, ""},
		{"an address that is not verified is nothing, whatever is believed", links.Rules{ByEmail: true}, map[string]any{"email": "boss@desk.example", "email_verified": false}, http.StatusForbidden, ""},
		{"one of which nothing is said is none that is verified", links.Rules{ByEmail: true}, map[string]any{"email": "boss@desk.example"}, http.StatusForbidden, ""},
		{"a verified one finds its user where that is believed", links.Rules{ByEmail: true}, map[string]any{"email": "Boss@desk.example", "email_verified": true}, http.StatusSeeOther, "boss"},
		{"one that two have finds nobody", links.Rules{ByEmail: true}, map[string]any{"email": "two@desk.example", "email_verified": true}, http.StatusForbidden, ""},
		{"an account of a demonstration is nobody's", links.Rules{ByEmail: true}, map[string]any{"email": "demo@desk.example", "email_verified": true}, http.StatusForbidden, ""},
		{"who has no role by a group becomes no user", links.Rules{Create: true, Groups: true}, map[string]any{"preferred_username": "new", "groups": []string{"staff"}}, http.StatusForbidden, ""},
	} {
		c := newCompany(t)
		r := newRig(t, c.joins(x.rules))
		r.userOf(users.User{Login: "boss", Email: "boss@desk.example"}, viewer.Grant{Role: viewer.Administrator})
		r.userOf(users.User{Login: "one", Email: "two@desk.example"})
		r.userOf(users.User{Login: "two", Email: "two@desk.example"})
		r.userOf(users.User{Login: "demo", Email: "demo@desk.example", Demo: true})
		c.claims = x.claims
		c.claims["sub"] = "stranger"
		b := r.browser()
		w := b.get(c.goes(b))
		if w.Code != x.status {
			t.Errorf("%s: status %d, %s", x.name, w.Code, w.Body)
		}
		if x.as != "" {
			b.wants(b.get("/desk"), http.StatusOK, "here is "+x.as)
		} else {
			b.out(x.name)
		}
	}
}

// TestWhatAnIssuerSendsIsLookedAt: each is an attack, or a fault of the other side, and lets nobody in.
func TestWhatAnIssuerSendsIsLookedAt(t *testing.T) {
	c := newCompany(t)
	c.claims = map[string]any{"sub": "u-17", "preferred_username": "tom", "groups": "support"}
	r := newRig(t, c.joins(links.Rules{Create: true}))
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	r.must(err)
	for _, x := range []struct {
		name   string
		change func(claims map[string]any)
		signs  *rsa.PrivateKey
		back   func(b *browser, at string) string
	}{
		{"a token of another issuer", func(k map[string]any) { k["iss"] = "https://other.example" }, nil, nil},
		{"a token for another desk", func(k map[string]any) { k["aud"] = "other" }, nil, nil},
		{"a token that is over", func(k map[string]any) { k["exp"] = time.Now().Add(-time.Hour).Unix() }, nil, nil},
		{"a token of another question", func(k map[string]any) { k["nonce"] = "x" }, nil, nil},
		{"a token without a subject", func(k map[string]any) { k["sub"] = "" }, nil, nil},
		{"a token that somebody else has signed", nil, stranger, nil},
		{"a state of another browser", nil, nil, func(b *browser, at string) string { delete(b.cookies, "frontdesk_flow"); return at }},
		{"a state that was made up", nil, nil, func(b *browser, _ string) string {
			b.cookies["frontdesk_flow"] = "9999999999.x.L2Rlc2s.y"
			return signin.BackPath + "?code=the-code&state=9999999999.x.L2Rlc2s.y"
		}},
		{"no code", nil, nil, func(_ *browser, at string) string { return strings.Replace(at, "the-code", "", 1) }},
		{"another code", nil, nil, func(_ *browser, at string) string { return strings.Replace(at, "the-code", "other", 1) }},
		{"an answer of refusal", nil, nil, func(*browser, string) string { return signin.BackPath + "?error=access_denied" }},
		{"a code of a question with another verifier", nil, nil, func(b *browser, at string) string { c.question.Set("code_challenge", "x"); return at }},
	} {
		c.change, c.signs = x.change, x.signs
		b := r.browser()
		at := c.goes(b)
		if x.back != nil {
			at = x.back(b, at)
		}
		b.wants(b.get(at), http.StatusUnauthorized, "led to nothing")
		b.out(x.name)
	}
	c.change, c.signs = nil, nil
	b := r.browser()
	at := c.goes(b)
	cookie := b.cookies["frontdesk_flow"]
	b.wants(b.get(at), http.StatusSeeOther)
	again := r.browser()
	again.cookies["frontdesk_flow"] = cookie
	again.wants(again.get(at), http.StatusUnauthorized) // the code was used
	c.srv.Close()
	gone := r.browser()
	gone.wants(gone.get(at), http.StatusUnauthorized)
	if strings.Contains(r.log.String(), "the-code") || strings.Contains(r.log.String(), cookie) {
		t.Errorf("the log holds a secret: %s", r.log)
	}
}

func TestAnIssuerThatIsAwayStopsNoPassword(t *testing.T) {
	c := newCompany(t)
	r := newRig(t, c.joins(links.Rules{}))
	r.user("tom")
	c.srv.Close()
	b := r.browser()
	b.wants(b.get("/desk/sign-in/issuer"), http.StatusBadGateway, "or use your password")
	b.in("tom")
	plain := newRig(t)
	plain.browser().wants(plain.browser().get("/desk/sign-in/issuer"), http.StatusNotFound)
	plain.browser().wants(plain.browser().get(signin.BackPath), http.StatusNotFound)
}

// TestWhoHasNoPasswordSetsAnAuthenticatorUp: a role may ask it of him, too; a browser that was left alone long ago does not do.
func TestWhoHasNoPasswordSetsAnAuthenticatorUp(t *testing.T) {
	c, k := newCompany(t), &clock{time.Now()}
	c.claims = map[string]any{"sub": "u-17", "preferred_username": "li.na", "groups": "support"}
	r := newRig(t, k.into, c.joins(links.Rules{Create: true}), func(to *Config) { to.SecondFor = []viewer.Role{viewer.Agent} })
	b := r.browser()
	b.wants(b.get(c.goes(b)), http.StatusSeeOther)
	if page := b.get("/desk/me/second"); strings.Contains(page.Body.String(), `type="password"`) {
		t.Error("who has no password is asked for it")
	}
	k.now = k.now.Add(11 * time.Minute)
	b.wants(b.ask(http.MethodPost, "/desk/me/second/begin", nil), http.StatusUnprocessableEntity, "Sign out and in again")
	b.host = "localhost:8082"
	if _, out := b.posts(ofOnesOwn+"/ask", nil); !strings.Contains(out.Error, "Sign out and in again") {
		t.Errorf("a passkey is asked for all the same: %+v", out)
	}
	b.host = "127.0.0.1:8082"
	k.now = k.now.Add(-11 * time.Minute)
	b = r.browser()
	b.wants(b.get(c.goes(b)), http.StatusSeeOther)
	if at := b.ask(http.MethodPost, "/desk/me/second/begin", nil).Header().Get("Location"); at != "/desk/me/second" {
		t.Fatalf("beginning leads to %q", at)
	}
	u, err := r.store.Users.Find(t.Context(), "li.na")
	r.must(err)
	secret, err := r.store.Factors.Begun(t.Context(), u.ID, k.now)
	r.must(err)
	b.wants(b.ask(http.MethodPost, "/desk/me/second/confirm", url.Values{"code": {k.code(t, secret)}}), http.StatusOK, "Your recovery codes")
	b.wants(b.get("/desk"), http.StatusOK, "here is li.na")
	b.wants(b.ask(http.MethodPost, "/desk/me/password", url.Values{"before": {""}, "password": {"a long new password"}, "again": {"a long new password"}}), http.StatusUnprocessableEntity) // the issuer alone lets him in
	again := r.browser()
	back := again.get(c.goes(again))
	if at := back.Header().Get("Location"); !strings.HasPrefix(at, "/desk/sign-in/second") {
		t.Errorf("the issuer leads to %q", at)
	}
	// He comes from another site, and a cookie that is strict would stay behind when he is led on to the second step.
	if step := back.Header().Values("Set-Cookie"); !slices.ContainsFunc(step, func(c string) bool {
		return strings.Contains(c, "frontdesk_step=") && strings.Contains(c, "SameSite=Lax")
	}) {
		t.Errorf("the step's cookie is among %q", step)
	}
	again.out("the issuer alone")
}
