package desk

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

const sessionCookie, knownCookie = "frontdesk_desk", "frontdesk_known"

func TestAPersonSignsInAndOut(t *testing.T) {
	r := newRig(t)
	r.user("li.na", viewer.Grant{Role: viewer.Agent, Queue: "cards"})
	b := r.browser()
	if w := b.get("/"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk" {
		t.Errorf("the root leads with %d to %s", w.Code, w.Header().Get("Location"))
	}
	w := b.get("/desk/tickets/T-7?from=lists/mine")
	if at := w.Header().Get("Location"); w.Code != http.StatusSeeOther || at != "/desk/sign-in?next=%2Fdesk%2Ftickets%2FT-7%3Ffrom%3Dlists%2Fmine" {
		t.Fatalf("a page leads with %d to %s", w.Code, at)
	}
	b.wants(b.get(w.Header().Get("Location")), http.StatusOK, `name="next" value="/desk/tickets/T-7?from=lists/mine"`, `autocomplete="current-password"`, "/desk/sign-in/assets/signin.")
	w = b.signIn(" Li.Na ", right)
	if at := w.Header().Get("Location"); w.Code != http.StatusSeeOther || at != "/desk/tickets/T-1" {
		t.Fatalf("signed in with %d to %s: %s", w.Code, at, w.Body)
	}
	cookie := cookieOf(t, w, sessionCookie)
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != int(signins.Life.Seconds()) {
		t.Errorf("the cookie is %+v", cookie)
	}
	b.wants(b.get("/desk/tickets/T-1"), http.StatusOK, "here is li.na, may answer: yes")
	if w := b.get("/desk/sign-in?next=/desk/x"); w.Header().Get("Location") != "/desk/x" {
		t.Errorf("who is signed in is shown the form: %d", w.Code)
	}
	secret := b.cookies[sessionCookie]
	if w := b.ask(http.MethodPost, "/desk/sign-out", nil); w.Header().Get("Location") != "/desk/sign-in?why=out" {
		t.Errorf("signed out: %d", w.Code)
	}
	b.cookies[sessionCookie] = secret // a browser that kept it
	b.out("signed out")
	for _, bad := range []string{right, secret, "li.na"} {
		if strings.Contains(r.log.String(), bad) {
			t.Errorf("the log holds %q: %s", bad, r.log)
		}
	}
}

func cookieOf(t *testing.T, w *httptest.ResponseRecorder, name string) *http.Cookie {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == name && c.MaxAge > 0 {
			return c
		}
	}
	t.Fatalf("there is no cookie %s: %v", name, w.Header()["Set-Cookie"])
	return nil
}

func TestBehindTLSTheCookieIsTheHostsOwn(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	w := r.browser().signIn("tom", right, "X-Forwarded-Proto", "https")
	if c := cookieOf(t, w, "__Host-"+sessionCookie); !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie is %+v", c)
	}
}

// TestWhatIsWrongIsToldToNobody: of a login that is unknown, disabled, without password or right the same is said.
func TestWhatIsWrongIsToldToNobody(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	off := r.user("off")
	r.must(r.store.Users.SetState(t.Context(), off.ID, users.Disabled, time.Now(), "operator"))
	_, err := r.store.Users.Add(t.Context(), users.User{Login: "new"}, time.Now(), "operator")
	r.must(err)
	var first string
	for i, c := range []struct{ login, password string }{{"tom", "wrong"}, {"tom", ""}, {"nobody", right}, {"off", right}, {"new", ""}, {"new", right}, {"no login!", right}, {"", right}} {
		w := r.browser().signIn(c.login, c.password)
		page := strings.ReplaceAll(w.Body.String(), ` value="`+c.login+`"`, "")
		page = strings.NewReplacer(" autofocus", "", ` value=""`, "").Replace(page)
		if i == 0 {
			first = page
		}
		if w.Code != http.StatusUnauthorized || page != first || len(w.Result().Cookies()) > 0 {
			t.Errorf("%q with %q: status %d, cookies %v, %s", c.login, c.password, w.Code, w.Result().Cookies(), w.Body)
		}
	}
}

func TestGuessingIsSlowedDownAndLocksNobodyOut(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	r.user("anna")
	home := r.browser()
	home.from = "198.51.100.9:1"
	attacker := r.browser()
	slowed := 0
	for range 30 {
		switch w := attacker.signIn("tom", "guess"); w.Code {
		case http.StatusTooManyRequests:
			slowed++
			attacker.wants(w, http.StatusTooManyRequests, "nothing is locked")
			if w.Header().Get("Retry-After") == "" {
				t.Error("nothing says when to come back")
			}
		case http.StatusUnauthorized:
		default:
			t.Fatalf("status %d", w.Code)
		}
	}
	if slowed < 24 {
		t.Errorf("of 30 guesses at one login from one address only %d were slowed down", slowed)
	}
	attacker.wants(attacker.signIn("tom", right), http.StatusTooManyRequests) // not even the right one, or the limit were none
	home.in("tom")                                                            // from elsewhere he is let in at once
	other := r.browser()
	other.in("anna") // and another person from the attacker's address

	office := r.browser()
	office.from, office.cookies[knownCookie] = attacker.from, home.cookies[knownCookie]
	office.in("tom") // a browser of his own is let in from there, too

	thief := r.browser()
	thief.cookies[knownCookie] = home.cookies[knownCookie]
	thief.from = "203.0.113.5:1"
	for range 20 { // it opens nothing, and is counted for itself
		if w := thief.signIn("tom", "guess"); w.Code == http.StatusSeeOther {
			t.Fatal("a known browser needs no password")
		}
	}
	thief.wants(thief.signIn("tom", right), http.StatusTooManyRequests)
	thief.wants(thief.signIn("anna", "guess"), http.StatusUnauthorized) // known for tom alone: others are counted as from anywhere
	made := r.browser()
	made.cookies[knownCookie], made.from = "AAAA.BBBB", attacker.from
	made.wants(made.signIn("tom", right), http.StatusTooManyRequests)
}

func TestGuessingAtManyLoginsIsSlowedDown(t *testing.T) {
	r := newRig(t)
	b, slowed := r.browser(), 0
	for i := range 60 {
		b.from = "[2001:db8::" + string(rune('a'+i%6)) + "]:1" // one subscriber has all of them
		if b.signIn("user"+string(rune('a'+i%26))+string(rune('a'+i/26)), "guess").Code == http.StatusTooManyRequests {
			slowed++
		}
	}
	if slowed < 5 {
		t.Errorf("of 60 guesses at as many logins %d were slowed down", slowed)
	}
	r.user("tom")
	for range 55 { // a right password uses nothing up, however many there are behind one address
		colleague := r.browser()
		colleague.from = "192.0.2.99:1"
		colleague.in("tom")
	}
}

func TestASessionIsNewAtEachSignIn(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	mallory := r.browser().in("tom") // it could be a session of his own
	planted := mallory.cookies[sessionCookie]
	for name, cookie := range map[string]string{"one of an attacker's": planted, "one that was never ours": "AAAA", "a long one": strings.Repeat("A", 4000)} {
		b := r.browser()
		b.cookies[sessionCookie] = cookie
		b.in("tom")
		if b.cookies[sessionCookie] == cookie {
			t.Errorf("%s is kept at the sign-in", name)
		}
	}
	mallory.out("what an attacker had planted")
	one, two := r.browser().in("tom"), r.browser().in("tom")
	if one.cookies[sessionCookie] == two.cookies[sessionCookie] {
		t.Error("two sign-ins have one session")
	}
	one.wants(one.get("/desk"), http.StatusOK)
}

func TestPagesOfOtherSitesMayNothing(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	b := r.browser().in("tom")
	for _, c := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"another port of ours", []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{"another port under a trusted name", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://desk.example"}, http.StatusForbidden},
		{"an older browser, another origin", []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, http.StatusForbidden},
		{"an older browser, a null origin", []string{"Sec-Fetch-Site", "", "Origin", "null"}, http.StatusForbidden},
		{"an older browser behind the proxy", []string{"Sec-Fetch-Site", "", "Origin", "https://desk.example"}, http.StatusOK},
		{"our own page", nil, http.StatusOK},
	} {
		if w := b.ask(http.MethodPost, "/desk/tickets/T-1/reply", url.Values{"text": {"x"}}, c.headers...); w.Code != c.want {
			t.Errorf("%s: status %d, want %d", c.name, w.Code, c.want)
		}
		for _, path := range []string{"/desk/sign-in", "/desk/sign-out", "/desk/me", "/desk/me/password", "/desk/me/sessions/end-others", "/desk/welcome/x"} {
			if c.want == http.StatusForbidden && r.browser().ask(http.MethodPost, path, url.Values{"login": {"tom"}, "password": {right}}, c.headers...).Code != http.StatusForbidden {
				t.Errorf("%s may post to %s", c.name, path)
			}
		}
	}
	b.host = "evil.example"
	b.wants(b.get("/desk"), http.StatusMisdirectedRequest, "listen.desk_names")
	b.host = "desk.example:443"
	b.wants(b.get("/desk"), http.StatusOK)
}

func TestOneIsSentOnToPathsOfOursAlone(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	for next, want := range map[string]string{
		"/desk/tickets/T-1?a=b": "/desk/tickets/T-1?a=b", "": "/desk", "https://evil.example": "/desk", "//evil.example": "/desk", "/\\evil.example": "/desk", "\\\\evil": "/desk",
		"/\tevil": "/desk", "/a\r\nSet-Cookie: x=y": "/desk", "javascript:alert(1)": "/desk", "desk": "/desk", "http:evil": "/desk", "///evil.example": "/desk", " //evil.example": "/desk",
	} {
		b := r.browser()
		w := b.ask(http.MethodPost, "/desk/sign-in", url.Values{"login": {"tom"}, "password": {right}, "next": {next}})
		if at := w.Header().Get("Location"); at != want {
			t.Errorf("%q leads to %q, want %q", next, at, want)
		}
		if w := b.get("/desk/sign-in?next=" + url.QueryEscape(next)); w.Header().Get("Location") != want {
			t.Errorf("who is signed in is led by %q to %q", next, w.Header().Get("Location"))
		}
		b = r.browser()
		b.wants(b.get("/desk/sign-in?next="+url.QueryEscape(next)), http.StatusOK, `name="next" value="`+want+`"`)
	}
}

func TestWhatAnAdministratorTakesIsGoneAtOnce(t *testing.T) {
	r := newRig(t)
	tom := r.user("tom", viewer.Grant{Role: viewer.Agent})
	b, other := r.browser().in("tom"), r.browser().in("tom")
	b.wants(b.get("/desk"), http.StatusOK, "may answer: yes")
	r.must(r.store.Users.SetGrants(t.Context(), tom.ID, []viewer.Grant{{Role: viewer.Auditor}}, time.Now(), "anna"))
	b.wants(b.get("/desk"), http.StatusOK, "may answer: no")
	r.must(r.store.Users.SetState(t.Context(), tom.ID, users.Disabled, time.Now(), "anna"))
	b.out("disabled")
	other.out("disabled, elsewhere")
	b.wants(b.signIn("tom", right), http.StatusUnauthorized)
	r.must(r.store.Users.SetState(t.Context(), tom.ID, users.Active, time.Now(), "anna"))
	b.out("enabled again")
	b.in("tom")
}

func TestASessionEndsByItself(t *testing.T) {
	r := newRig(t)
	tom := r.user("tom")
	b := r.browser()
	b.cookies[sessionCookie] = r.session(tom, time.Now().Add(-signins.Idle+time.Minute))
	b.wants(b.get("/desk"), http.StatusOK)
	b.cookies[sessionCookie] = r.session(tom, time.Now().Add(-signins.Idle-time.Minute))
	w := b.get("/desk")
	if at := w.Header().Get("Location"); at != "/desk/sign-in?next=%2Fdesk&why=ended" {
		t.Errorf("idle: %d to %s", w.Code, at)
	}
	b.wants(b.get(w.Header().Get("Location"), "Accept-Language", "zh-CN"), http.StatusOK, "登录已过期", `lang="zh-Hans"`)
}

// TestUseIsNotedButNotThatOfAStream: a page that lies open keeps nobody signed in.
func TestUseIsNotedButNotThatOfAStream(t *testing.T) {
	r := newRig(t)
	tom := r.user("tom")
	b := r.browser()
	at := time.Now().Add(-time.Hour)
	b.cookies[sessionCookie] = r.session(tom, at)
	seen := func() time.Time {
		list, err := r.store.Signins.Of(t.Context(), tom.ID, time.Now())
		r.must(err)
		return list[0].SeenAt.Time
	}
	b.wants(b.get("/desk", "Accept", "text/event-stream"), http.StatusOK)
	if !seen().Equal(at.Truncate(time.Microsecond).UTC()) {
		t.Error("a stream counts as use")
	}
	b.wants(b.get("/desk"), http.StatusOK)
	if time.Since(seen()) > time.Minute {
		t.Error("a page does not count as use")
	}
}

// TestWhoWasSignedOutLosesNoText: a script is told in JSON, a form is answered with its text and the form to sign in; nothing is done.
func TestWhoWasSignedOutLosesNoText(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	b := r.browser().in("tom")
	b.cookies[sessionCookie] = r.session(r.user("anna"), time.Now().Add(-signins.Life))
	text := "Dear Ann,\n<b>the money</b> is on its way."
	w := b.ask(http.MethodPost, "/desk/tickets/T-1/reply", url.Values{"text": {text}}, "Accept", "application/json")
	var said map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &said); w.Code != http.StatusUnauthorized || err != nil || said["error"] != "signed-out" || said["sign_in"] != "/desk/sign-in" {
		t.Errorf("a script is told %d %s", w.Code, w.Body)
	}
	b.wants(b.get("/desk/tickets/T-1", "Sec-Fetch-Dest", "empty"), http.StatusUnauthorized, "signed-out")
	w = b.ask(http.MethodPost, "/desk/tickets/T-1/reply", url.Values{"text": {text}}, "Referer", "http://"+b.host+"/desk/tickets/T-1")
	b.wants(w, http.StatusUnauthorized, `readonly>Dear Ann,`, "&lt;b&gt;the money&lt;/b&gt; is on its way.", "nothing was done or sent", `name="next" value="/desk/tickets/T-1"`)
	w = b.ask(http.MethodPost, "/desk/tickets/T-1/reply", url.Values{"text": {text}}, "Referer", "https://evil.example/desk/tickets/T-1")
	b.wants(w, http.StatusUnauthorized, `name="next" value="/desk"`)
	w = b.ask(http.MethodPost, "/desk/tickets/T-1/reply", url.Values{"text": {strings.Repeat("x", 2<<20)}})
	b.wants(w, http.StatusUnauthorized, "nothing was done or sent")
	b.in("tom")
	b.wants(b.get("/desk/tickets/T-1"), http.StatusOK)
}

func TestALinkSetsAPasswordOnce(t *testing.T) {
	r := newRig(t)
	_, err := r.store.Users.Add(t.Context(), users.User{Login: "li.na", Name: "李娜", Language: "zh"}, time.Now(), "operator")
	r.must(err)
	b := r.browser()
	link := b.link("li.na", time.Hour)
	for range 2 { // a scanner of mails looks at it, too
		w := b.get(link)
		b.wants(w, http.StatusOK, "欢迎，李娜", `minlength="10"`)
		if w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Error("the secret of the link goes on to others")
		}
	}
	post := func(b *browser, link, one, two string) *httptest.ResponseRecorder {
		return b.ask(http.MethodPost, link, url.Values{"password": {one}, "again": {two}}, "Accept-Language", "en", "Cookie", "frontdesk_lang=en")
	}
	for _, c := range []struct{ one, two, want string }{{"short", "short", "too short"}, {"password123", "password123", "among the first"}, {"li.na li.na", "li.na li.na", "hardly more"}, {right, "else", "not the same"}} {
		b.wants(post(b, link, c.one, c.two), http.StatusUnprocessableEntity, c.want)
	}
	if w := post(b, link, right, right); w.Header().Get("Location") != "/desk" {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	b.wants(b.get("/desk"), http.StatusOK, "here is li.na")
	second := r.browser()
	second.wants(post(second, link, "another "+right, "another "+right), http.StatusNotFound, "used already")
	second.wants(second.get(link), http.StatusNotFound, "used already")
	second.in("li.na")
	ended := b.link("li.na", -time.Minute)
	second.wants(second.get(ended), http.StatusNotFound, "has ended")
	second.wants(post(second, ended, right, right), http.StatusNotFound)
	second.wants(second.get("/desk/welcome/AAAA"), http.StatusNotFound)
	second.wants(post(second, "/desk/welcome/"+second.cookies[sessionCookie], right, right), http.StatusNotFound)
	again := b.link("li.na", time.Hour)
	if w := post(r.browser(), again, "another "+right, "another "+right); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	b.out("signed in with the password before")
	second.out("signed in with the password before, elsewhere")
	if strings.Contains(r.log.String(), strings.TrimPrefix(link, "/desk/welcome/")) {
		t.Error("the log holds a link")
	}
}

func TestOnesOwnAccount(t *testing.T) {
	r := newRig(t)
	tom, anna := r.user("tom", viewer.Grant{Role: viewer.Lead, Queue: "cards"}), r.user("anna")
	hers := r.browser().in("anna")
	b, other, third := r.browser().in("tom"), r.browser().in("tom"), r.browser().in("tom")
	b.wants(b.get("/desk/me"), http.StatusOK, "Lead", "cards", "Firefox, Linux", "192.0.2.7", "Sign out everywhere else")
	b.ask(http.MethodPost, "/desk/me", url.Values{"name": {"Tom\u202e\nMüller"}, "language": {"zh"}})
	u, err := r.store.Users.Get(t.Context(), tom.ID)
	r.must(err)
	if u.Name != "Tom Müller" || u.Language != "zh" {
		t.Errorf("kept is %q, %q", u.Name, u.Language)
	}
	b.wants(b.get("/desk/me?done=saved"), http.StatusOK, "已保存", "Tom Müller")
	b.ask(http.MethodPost, "/desk/me", url.Values{"name": {"Tom"}, "language": {"en"}})

	list, err := r.store.Signins.Of(t.Context(), tom.ID, time.Now())
	r.must(err)
	theirs, err := r.store.Signins.Of(t.Context(), anna.ID, time.Now())
	r.must(err)
	page := b.get("/desk/me").Body.String()
	ids := regexp.MustCompile(`/desk/me/sessions/([0-9a-f]+)/end"`).FindAllStringSubmatch(page, -1)
	if len(list) != 3 || len(ids) != 2 || strings.Contains(page, theirs[0].ID) {
		t.Fatalf("%d sessions, %d to end: %s", len(list), len(ids), page)
	}
	if w := b.ask(http.MethodPost, "/desk/me/sessions/"+theirs[0].ID+"/end", nil); w.Header().Get("Location") != "/desk/me?done=gone" {
		t.Errorf("somebody else's session: %s", w.Header().Get("Location"))
	}
	hers.wants(hers.get("/desk"), http.StatusOK)
	b.ask(http.MethodPost, "/desk/me/sessions/"+ids[0][1]+"/end", nil)
	ended := 0
	for _, o := range []*browser{other, third} {
		if o.get("/desk").Code == http.StatusSeeOther {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("%d sessions were ended by one button", ended)
	}
	b.ask(http.MethodPost, "/desk/me/sessions/end-others", nil)
	other.out("the others")
	third.out("the others")
	b.wants(b.get("/desk"), http.StatusOK)
}

func TestAPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	b, other := r.browser().in("tom"), r.browser().in("tom")
	post := func(before, one, two string) *httptest.ResponseRecorder {
		return b.ask(http.MethodPost, "/desk/me/password", url.Values{"before": {before}, "password": {one}, "again": {two}})
	}
	fresh := "another " + right
	b.wants(post("wrong", fresh, fresh), http.StatusUnprocessableEntity, "present password is not right")
	b.wants(post(right, "tom tom tom", "tom tom tom"), http.StatusUnprocessableEntity, "hardly more")
	b.wants(post(right, fresh, right), http.StatusUnprocessableEntity, "not the same")
	if w := post(right, fresh, fresh); w.Header().Get("Location") != "/desk/me?done=password" {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	b.wants(b.get("/desk"), http.StatusOK)
	other.out("signed in elsewhere")
	other.wants(other.signIn("tom", right), http.StatusUnauthorized)
	other.wants(other.signIn("tom", fresh), http.StatusSeeOther)
	for range 8 {
		post("wrong", fresh, fresh)
	}
	b.wants(post("wrong", fresh, fresh), http.StatusTooManyRequests, "half a minute")
}

func TestAccountsOfADemonstrationAreLetInByItAlone(t *testing.T) {
	r := newRig(t)
	u := r.userOf(users.User{Login: "demo", Demo: true})
	b := r.browser()
	b.wants(b.signIn("demo", right), http.StatusUnauthorized, "demonstrations only")
	b.wants(b.signIn("demo", "wrong"), http.StatusUnauthorized, "is not right")
	b.cookies[sessionCookie] = r.session(u, time.Now())
	b.out("a session from a demonstration")
	b.wants(b.get(b.link("demo", time.Hour)), http.StatusNotFound)
	shown := newRig(t, func(c *Config) { c.Demo = true })
	shown.userOf(users.User{Login: "demo", Demo: true})
	shown.browser().in("demo")
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	b := r.browser().in("tom")
	for _, path := range []string{"/", "/desk", "/desk/me", "/desk/sign-in?why=out", "/desk/welcome/x", "/desk/nowhere", "/desk/assets/a.css"} {
		h := b.get(path).Header()
		for name, want := range map[string]string{"Content-Security-Policy": signin.Policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"} {
			if got := h.Get(name); got != want && (name != "Referrer-Policy" || path != "/desk/welcome/x") {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(signin.Policy, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	if strings.Contains(signin.Policy, "unsafe") {
		t.Errorf("the policy is %s", signin.Policy)
	}
	stranger := r.browser()
	stranger.wants(stranger.get("/desk/assets/a.css"), http.StatusOK, "body{}")
	stranger.wants(stranger.get("/desk/nowhere", "Accept", "*/*"), http.StatusUnauthorized)
	b.wants(b.get("/desk/nowhere"), http.StatusNotFound, "no such page")
	style := regexp.MustCompile(`/desk/sign-in/assets/signin\.[0-9a-f]+\.css`).FindString(stranger.get("/desk/sign-in").Body.String())
	if w := stranger.get(style); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("the style at %q: %d, %s", style, w.Code, w.Header().Get("Cache-Control"))
	}
}

func TestAStreamAsksWhetherItMayGoOn(t *testing.T) {
	r := newRig(t)
	tom := r.user("tom")
	var ended bool
	h, err := New(Config{Store: r.store, Logger: newRig(t).discard(), Pages: streaming(func(req *http.Request) {
		if !signin.Still(req.Context()) {
			t.Error("a session has ended by itself")
		}
		r.must(r.store.Users.SetState(t.Context(), tom.ID, users.Disabled, time.Now(), "anna"))
		ended = !signin.Still(req.Context())
	})})
	r.must(err)
	r.h = h
	b := r.browser().in("tom")
	b.wants(b.get("/desk/events"), http.StatusOK)
	if !ended {
		t.Error("a stream goes on for who is disabled")
	}
	if !signin.Still(signin.As(t.Context(), viewer.Viewer{User: 1})) {
		t.Error("who needs no session is not let on")
	}
}
