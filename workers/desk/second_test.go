package desk

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// clock is one that a test moves.
type clock struct{ now time.Time }

func (c *clock) into(to *Config) { to.Now = func() time.Time { return c.now } }

func (c *clock) code(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// second is where a sign-in goes on that asks for more than a password.
const second = "/desk/sign-in/second?next=%2Fdesk%2Ftickets%2FT-1"

// sets sets an authenticator up, and tells its secret and the recovery codes.
func (b *browser) sets(c *clock) (secret string, codes []string) {
	t := b.r.t
	t.Helper()
	b.wants(b.ask(http.MethodPost, "/desk/me/second/begin", url.Values{"before": {"wrong"}}), http.StatusUnprocessableEntity, "Your present password is not right")
	if w := b.ask(http.MethodPost, "/desk/me/second/begin", url.Values{"before": {right}}); w.Header().Get("Location") != "/desk/me/second" {
		t.Fatalf("beginning leads with %d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	w := b.get("/desk/me/second")
	found := regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`).FindStringSubmatch(w.Body.String())
	if found == nil || !strings.Contains(w.Body.String(), `<path d="M`) {
		t.Fatalf("the page has no secret: %s", w.Body)
	}
	secret = strings.ReplaceAll(found[1], " ", "")
	b.wants(b.ask(http.MethodPost, "/desk/me/second/confirm", url.Values{"code": {"000000"}}), http.StatusUnprocessableEntity, "That is no code of now")
	w = b.ask(http.MethodPost, "/desk/me/second/confirm", url.Values{"code": {c.code(t, secret)}})
	b.wants(w, http.StatusOK, "Your recovery codes")
	for _, m := range regexp.MustCompile(`<li><code>([a-z0-9-]+)</code>`).FindAllStringSubmatch(w.Body.String(), -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		t.Fatalf("there are %d recovery codes: %s", len(codes), w.Body)
	}
	return secret, codes
}

func TestAnAuthenticatorIsAskedBesidesThePassword(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into)
	r.user("tom")
	b, elsewhere := r.browser().in("tom"), r.browser().in("tom")
	secret, codes := b.sets(c)
	elsewhere.out("signed in without it")
	b.wants(b.get("/desk"), http.StatusOK)
	if again := b.get("/desk/me/second").Body.String(); strings.Contains(again, secret) || strings.Contains(again, codes[0]) {
		t.Error("the secret or a code is shown once more")
	}

	thief := r.browser()
	thief.wants(thief.get("/desk/sign-in/second"), http.StatusSeeOther)
	if at := thief.signIn("tom", right).Header().Get("Location"); at != second {
		t.Fatalf("the right password leads to %q", at)
	}
	thief.out("the password alone")
	thief.wants(thief.get(second), http.StatusOK, "You sign in as tom", `autocomplete="one-time-code"`)
	used := c.code(t, secret)
	thief.wants(thief.ask(http.MethodPost, second, url.Values{"code": {used}}), http.StatusUnauthorized, "That is no code of now") // it was taken when the authenticator was
	c.now = c.now.Add(40 * time.Second)
	fresh := c.code(t, secret)
	thief.wants(thief.ask(http.MethodPost, second, url.Values{"code": {fresh}, "next": {"/desk/tickets/T-9"}}), http.StatusSeeOther)
	thief.wants(thief.get("/desk"), http.StatusOK)

	other := r.browser()
	other.signIn("tom", right)
	other.wants(other.ask(http.MethodPost, second, url.Values{"code": {fresh}}), http.StatusUnauthorized) // each once
	other.wants(other.ask(http.MethodPost, second, url.Values{"code": {strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))}}), http.StatusSeeOther)
	other.wants(other.get("/desk/me/second"), http.StatusOK, "Recovery codes left: 9")
	more := r.browser()
	more.signIn("tom", right)
	more.wants(more.ask(http.MethodPost, second, url.Values{"code": {codes[3]}}), http.StatusUnauthorized) // likewise

	for _, bad := range []string{secret, fresh, codes[0], strings.ReplaceAll(codes[0], "-", "")} {
		if strings.Contains(r.log.String(), bad) {
			t.Errorf("the log holds %q", bad)
		}
		if r.holds(bad) {
			t.Errorf("the database holds %q", bad)
		}
	}
}

// holds looks for a text in what is kept of factors.
func (r *rig) holds(text string) (found bool) {
	r.t.Helper()
	r.must(r.store.Base.Read(r.t.Context(), "test", sql.Ask(func(row sql.Row) error {
		var name, title string
		var sealed []byte
		err := row.Scan(&name, &title, &sealed)
		found = found || strings.Contains(name+title+string(sealed), text)
		return err
	}, `SELECT name, title, sealed FROM factors ORDER BY person, kind, name`)))
	return found
}

func TestGuessingAtCodesIsSlowedDown(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into)
	r.user("tom")
	secret, _ := r.browser().in("tom").sets(c)
	c.now = c.now.Add(time.Minute)
	b := r.browser()
	b.signIn("tom", right)
	slowed := 0
	for n := range 20 {
		if w := b.ask(http.MethodPost, second, url.Values{"code": {string(rune('a'+n)) + "00000"}}); w.Code == http.StatusTooManyRequests {
			slowed++
		}
		if n == 9 { // signing in anew begins nothing anew
			b.signIn("tom", right)
		}
	}
	if slowed != 15 {
		t.Errorf("of 20 guesses %d were slowed down", slowed)
	}
	b.wants(b.ask(http.MethodPost, second, url.Values{"code": {c.code(t, secret)}}), http.StatusTooManyRequests)
	c.now = c.now.Add(5 * time.Minute)
	b.wants(b.ask(http.MethodPost, second, url.Values{"code": {c.code(t, secret)}}), http.StatusSeeOther)

	late := r.browser()
	late.signIn("tom", right)
	c.now = c.now.Add(11 * time.Minute)
	if at := late.ask(http.MethodPost, second, url.Values{"code": {c.code(t, secret)}}).Header().Get("Location"); !strings.HasPrefix(at, "/desk/sign-in") {
		t.Errorf("after ten minutes a code leads to %q", at)
	}
	late.out("after ten minutes")
}

// TestALinkForAPasswordOpensNoMoreThanThePassword: whoever has the link of somebody has not yet his telephone.
func TestALinkForAPasswordOpensNoMoreThanThePassword(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into)
	tom := r.user("tom")
	b := r.browser().in("tom")
	secret, _ := b.sets(c)
	link, err := r.store.Signins.Invite(t.Context(), tom.ID, c.now.Add(time.Hour), c.now, "operator")
	r.must(err)
	thief := r.browser()
	const chosen = "another long password"
	if at := thief.ask(http.MethodPost, "/desk/welcome/"+link, url.Values{"password": {chosen}, "again": {chosen}}).Header().Get("Location"); at != "/desk/sign-in/second?next=%2Fdesk" {
		t.Fatalf("the link leads to %q", at)
	}
	thief.out("the link alone")
	b.out("what was opened by the password before")
	c.now = c.now.Add(time.Minute)
	thief.wants(thief.ask(http.MethodPost, second, url.Values{"code": {c.code(t, secret)}}), http.StatusSeeOther)

	step := r.browser()
	step.signIn("tom", chosen)
	u, err := r.store.Signins.Known(t.Context(), "tom")
	r.must(err)
	r.must(r.store.Signins.SetPassword(t.Context(), tom.ID, u.Password, r.phc, "", c.now))
	c.now = c.now.Add(time.Minute)
	step.ask(http.MethodPost, second, url.Values{"code": {c.code(t, secret)}})
	step.out("between the steps while the password changed")
}

func TestARoleMayAskForASecondStep(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into, func(to *Config) { to.SecondFor = []viewer.Role{viewer.Administrator} })
	r.user("boss", viewer.Grant{Role: viewer.Administrator}, viewer.Grant{Role: viewer.Agent})
	r.user("tom", viewer.Grant{Role: viewer.Agent})
	r.browser().in("tom").wants(r.browser().in("tom").get("/desk"), http.StatusOK)
	b := r.browser().in("boss")
	for _, path := range []string{"/desk", "/desk/tickets/T-1", "/desk/me"} {
		if at := b.get(path).Header().Get("Location"); at != "/desk/me/second" {
			t.Errorf("%s leads to %q", path, at)
		}
	}
	b.wants(b.ask(http.MethodPost, "/desk/tickets/T-1/reply", url.Values{"text": {"x"}}), http.StatusForbidden, "Your role asks for a second step")
	b.wants(b.get("/desk/still", "Sec-Fetch-Dest", "empty"), http.StatusForbidden)
	b.wants(b.get("/desk/me/second"), http.StatusOK, "Your role asks for a second step")
	b.sets(c)
	b.wants(b.get("/desk"), http.StatusOK)
	b.wants(b.ask(http.MethodPost, "/desk/me/second/codes", url.Values{"before": {right}}), http.StatusOK, "Your recovery codes")
	b.wants(b.ask(http.MethodPost, "/desk/me/second/remove", url.Values{"before": {"wrong"}}), http.StatusUnprocessableEntity)
	b.wants(b.ask(http.MethodPost, "/desk/me/second/remove", url.Values{"before": {right}}), http.StatusConflict, "Add another one first")
	b.wants(b.get("/desk"), http.StatusOK)
	was, err := r.store.Users.Find(t.Context(), "boss")
	r.must(err)
	before, _, err := r.store.Factors.Secret(t.Context(), was.ID)
	r.must(err)
	c.now = c.now.Add(time.Minute)
	if after, _ := b.sets(c); after == before { // another telephone takes its place
		t.Error("another authenticator has the secret of the first")
	}
	b.wants(b.get("/desk"), http.StatusOK)
}

// TestAnAuthenticatorThatWasBegunIsSoonForgotten: who sits at the browser an hour later need not be who has shown his password.
func TestAnAuthenticatorThatWasBegunIsSoonForgotten(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into)
	tom := r.user("tom")
	b := r.browser().in("tom")
	b.wants(b.ask(http.MethodPost, "/desk/me/second/begin", url.Values{"before": {right}}), http.StatusSeeOther)
	b.wants(b.get("/desk/me/second"), http.StatusOK, "Take the picture")
	secret, err := r.store.Factors.Begun(t.Context(), tom.ID, c.now)
	r.must(err)
	c.now = c.now.Add(11 * time.Minute)
	if page := b.get("/desk/me/second").Body.String(); strings.Contains(page, "Take the picture") {
		t.Error("the secret is shown all the same")
	}
	if at := b.ask(http.MethodPost, "/desk/me/second/confirm", url.Values{"code": {c.code(t, secret)}}).Header().Get("Location"); at != "/desk/me/second" {
		t.Errorf("a code of it leads to %q", at)
	}
}
