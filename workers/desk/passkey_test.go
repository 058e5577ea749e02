package desk

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

func TestAPasskeyAloneSignsIn(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into, published)
	r.user("tom")
	b, elsewhere := r.browser().in("tom"), r.browser().in("tom")
	for _, before := range []string{"", "wrong"} {
		if w, out := b.posts(ofOnesOwn+"/ask", url.Values{"before": {before}}); w.Code != http.StatusUnprocessableEntity || out.Options != nil || !strings.Contains(out.Error, "present password") {
			t.Fatalf("without the password: %d %+v", w.Code, out)
		}
	}
	q := b.question(ofOnesOwn, url.Values{"before": {right}})
	if q.RP.ID != "desk.example" || q.RP.Name != "Topay" || q.User.Name != "tom" || q.Selection.ResidentKey != "required" || q.Selection.UserVerification != "required" || q.Attestation != "none" {
		t.Errorf("a new passkey is asked for as %+v", q)
	}
	if handle, err := base64.RawURLEncoding.DecodeString(q.User.ID); err != nil || len(handle) != 32 || strings.Contains(string(handle), "tom") {
		t.Errorf("the handle is %q: %v", handle, err)
	}
	d := newDevice(t)
	b.adds(d, "  Tom's\tphone ")
	elsewhere.out("signed in without it")
	b.wants(b.get("/desk/me/second?done=added"), http.StatusOK, "The passkey is added", "Tom&#39;s phone", "not used yet", "Make some: without one")
	b.wants(b.get("/desk/me"), http.StatusOK, "A second step is asked")

	fresh := r.browser()
	q = fresh.question(alone, nil)
	if q.RPID != "desk.example" || q.UserVerification != "required" || len(q.Allow) > 0 {
		t.Errorf("a passkey is asked for as %+v", q)
	}
	w, out := fresh.shows(d.get(q))
	if out.To != "/desk/tickets/T-9" || cookieOf(t, w, "frontdesk_desk").Value == "" {
		t.Fatalf("the passkey leads to %+v: %d", out, w.Code)
	}
	fresh.wants(fresh.get("/desk"), http.StatusOK, "here is tom")
	fresh.wants(fresh.get("/desk/me/second"), http.StatusOK, "last used")
	if _, out := r.browser().shows(d.get(r.browser().question(alone, nil))); out.To != "" {
		t.Error("one browser's question was answered by another one")
	}
	for _, next := range []string{"https://evil.example/", "//evil.example"} {
		q := fresh.question(alone, nil)
		if _, out := fresh.posts(alone, url.Values{"answer": {d.get(q)}, "next": {next}}); out.To != "/desk" {
			t.Errorf("one is sent on to %q", out.To)
		}
	}

	q = fresh.question(ofOnesOwn, url.Values{"before": {right}})
	if len(q.Exclude) != 1 || q.Exclude[0].ID != b64(d.id) {
		t.Errorf("a device may make a second passkey: %+v", q.Exclude)
	}
	if w, _ := fresh.posts(ofOnesOwn, url.Values{"answer": {d.create(q, es256)}}); w.Code != http.StatusConflict {
		t.Errorf("the same passkey is added twice: %d", w.Code)
	}
	name := r.keys("tom")[0]
	fresh.wants(fresh.ask(http.MethodPost, ofOnesOwn+"/"+name+"/rename", url.Values{"title": {" "}}), http.StatusUnprocessableEntity, "needs a name")
	fresh.wants(fresh.ask(http.MethodPost, ofOnesOwn+"/"+name+"/rename", url.Values{"title": {"工作手机"}}), http.StatusSeeOther)
	fresh.wants(fresh.get("/desk/me/second"), http.StatusOK, "工作手机")
	fresh.wants(fresh.ask(http.MethodPost, ofOnesOwn+"/"+name+"/remove", url.Values{"before": {"wrong"}}), http.StatusUnprocessableEntity, "not right")
	fresh.wants(fresh.ask(http.MethodPost, ofOnesOwn+"/"+name+"/remove", url.Values{"before": {right}}), http.StatusSeeOther)
	fresh.wants(fresh.ask(http.MethodPost, ofOnesOwn+"/"+name+"/remove", url.Values{"before": {right}}), http.StatusNotFound, "removed already")
	gone := r.browser()
	if _, out := gone.shows(d.get(gone.question(alone, nil))); !strings.Contains(out.Error, "does not sign you in") {
		t.Errorf("a passkey that was removed: %+v", out)
	}
	again := r.browser()
	again.wants(again.signIn("tom", right), http.StatusSeeOther)
	again.wants(again.get("/desk"), http.StatusOK)
	lines := r.lines()
	for _, want := range []string{"tom me-second-passkeys-ask", "tom me-second-passkeys", "tom sign-in passkey", "tom me-second-passkeys-rename " + name, "tom me-second-passkeys-remove " + name} {
		if !slices.Contains(lines, want) {
			t.Errorf("the log lacks %q: %q", want, lines)
		}
	}
}

// keys are the names of a person's passkeys.
func (r *rig) keys(login string) (out []string) {
	r.t.Helper()
	u, err := r.store.Users.Find(r.t.Context(), login)
	r.must(err)
	keys, err := r.store.Factors.Keys(r.t.Context(), u.ID)
	r.must(err)
	for _, k := range keys {
		out = append(out, k.Name)
	}
	return out
}

func TestAPasskeyIsASecondStep(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into, published)
	r.user("tom")
	d := newDevice(t)
	b := r.browser().in("tom")
	b.adds(d, "")
	b.wants(b.get("/desk/me/second"), http.StatusOK, "Firefox, Linux")
	d.flags = present // to have it is enough, besides the password

	s := r.browser()
	if at := s.signIn("tom", right).Header().Get("Location"); at != second {
		t.Fatalf("the right password leads to %q", at)
	}
	s.out("the password alone")
	page := s.get(second)
	s.wants(page, http.StatusOK, "You sign in as tom", `data-finish="/desk/sign-in/second/passkey"`, `data-origin="https://desk.example"`, "passkey.")
	if strings.Contains(page.Body.String(), `name="code"`) {
		t.Error("a code is asked of who has none")
	}
	q := s.question(asSecond, nil)
	if len(q.Allow) != 1 || q.Allow[0].ID != b64(d.id) || q.UserVerification != "preferred" {
		t.Errorf("a second step is asked for as %+v", q)
	}
	_, out := s.posts(asSecond, url.Values{"answer": {d.get(q)}, "next": {"/desk/tickets/T-1"}})
	if out.To != "/desk/tickets/T-1" {
		t.Fatalf("the passkey leads to %+v", out)
	}
	s.wants(s.get("/desk"), http.StatusOK)

	w := b.ask(http.MethodPost, "/desk/me/second/codes", url.Values{"before": {right}})
	b.wants(w, http.StatusOK, "Your recovery codes")
	_, code, _ := strings.Cut(w.Body.String(), "<li><code>")
	code, _, _ = strings.Cut(code, "<")
	lost := r.browser()
	lost.signIn("tom", right)
	lost.wants(lost.get(second), http.StatusOK, "A recovery code")
	lost.wants(lost.ask(http.MethodPost, second, url.Values{"code": {code}}), http.StatusSeeOther)
	lost.wants(lost.get("/desk"), http.StatusOK)

	nobody := r.browser()
	for _, path := range []string{asSecond + "/ask", asSecond} {
		if _, out := nobody.posts(path, url.Values{"answer": {"{}"}, "next": {"/desk/tickets/T-1"}}); out.To != "/desk/sign-in?next=%2Fdesk%2Ftickets%2FT-1" {
			t.Errorf("%s leads who stands nowhere to %+v", path, out)
		}
	}
	slowed := 0
	guesser := r.browser()
	guesser.signIn("tom", right)
	for range 10 {
		guesser.question(asSecond, nil)
		if w, _ := guesser.posts(asSecond, url.Values{"answer": {"{}"}}); w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" {
			slowed++
		}
	}
	if slowed != 5 {
		t.Errorf("of 10 guesses %d were slowed down", slowed)
	}
}

// edited changes the parts of an answer.
func edited(t *testing.T, answer string, f func(parts map[string][]byte)) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(answer), &all); err != nil {
		t.Fatal(err)
	}
	response, parts := all["response"].(map[string]any), map[string][]byte{}
	for name, text := range response {
		b, err := base64.RawURLEncoding.DecodeString(text.(string))
		if err != nil {
			t.Fatal(err)
		}
		parts[name] = b
	}
	f(parts)
	for name, b := range parts {
		response[name] = b64(b)
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestWhatIsNoAnswerOfAPasskeyLetsNobodyIn plays what lies at each part of an answer. Where a right answer would not be let in either the case proves
// nothing, so each desk lets one in first.
func TestWhatIsNoAnswerOfAPasskeyLetsNobodyIn(t *testing.T) {
	for _, attack := range []struct {
		name  string
		wrong func(t *testing.T, r *rig, b *browser, d *device) string
		word  string
	}{
		{"an answer that was given before", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			answer := d.get(b.question(alone, nil))
			was := b.cookies["frontdesk_passkey"]
			if _, out := b.shows(answer); out.To == "" {
				b.r.t.Fatal("the first answer is refused")
			}
			clear(b.cookies)
			b.cookies["frontdesk_passkey"] = was
			return answer
		}, "too long, or was answered"},
		{"an answer to the question before", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			answer := d.get(b.question(alone, nil))
			b.question(alone, nil)
			return answer
		}, "does not sign you in"},
		{"an answer to no question", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			return d.get(asked{Challenge: b64(make([]byte, 32))})
		}, "too long, or was answered"},
		{"an answer to the question of another browser", func(_ *testing.T, r *rig, b *browser, d *device) string {
			b.question(alone, nil)
			return d.get(r.browser().question(alone, nil))
		}, "does not sign you in"},
		{"an answer to the question of a second step", func(_ *testing.T, r *rig, b *browser, d *device) string {
			b.question(alone, nil)
			other := r.browser()
			other.signIn("tom", right)
			return d.get(other.question(asSecond, nil))
		}, "does not sign you in"},
		{"a page of another site", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.origin = "https://desk.example.evil.example"
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"a page of ours without TLS", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.origin = "http://desk.example"
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"another port of ours", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.origin = publicly + ":8443"
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"a passkey's answer for another site", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.site = "evil.example"
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"nobody has shown himself to the key", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.flags = present
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"nobody was there", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.flags = verified
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"a flag that was put in after the signature", func(t *testing.T, _ *rig, b *browser, d *device) string {
			d.flags = present
			return edited(t, d.get(b.question(alone, nil)), func(parts map[string][]byte) { parts["authenticatorData"][32] |= verified })
		}, "does not sign you in"},
		{"a signature with one bit changed", func(t *testing.T, _ *rig, b *browser, d *device) string {
			return edited(t, d.get(b.question(alone, nil)), func(parts map[string][]byte) { parts["signature"][20] ^= 1 })
		}, "does not sign you in"},
		{"no signature", func(t *testing.T, _ *rig, b *browser, d *device) string {
			return edited(t, d.get(b.question(alone, nil)), func(parts map[string][]byte) { parts["signature"] = nil })
		}, "does not sign you in"},
		{"a signature of another key", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.key = newDevice(t).key
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"another person's name upon a key of one's own", func(_ *testing.T, r *rig, b *browser, d *device) string {
			ann := newDevice(t)
			r.user("ann")
			r.browser().in("ann").adds(ann, "")
			d.handle = ann.handle
			return d.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"another person's key upon a name of one's own", func(_ *testing.T, r *rig, b *browser, d *device) string {
			ann := newDevice(t)
			r.user("ann")
			r.browser().in("ann").adds(ann, "")
			ann.handle = d.handle
			return ann.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"no name", func(t *testing.T, _ *rig, b *browser, d *device) string {
			return edited(t, d.get(b.question(alone, nil)), func(parts map[string][]byte) { parts["userHandle"] = nil })
		}, "does not sign you in"},
		{"a key that nobody knows", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			other := newDevice(t)
			other.handle = d.handle
			return other.get(b.question(alone, nil))
		}, "does not sign you in"},
		{"an answer for a new passkey", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			return d.create(b.question(alone, nil), es256)
		}, "does not sign you in"},
		{"a count that stands still", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.step = 0
			return d.get(b.question(alone, nil))
		}, "counted backwards"},
		{"a count that goes back to nothing", func(_ *testing.T, _ *rig, b *browser, d *device) string {
			d.count, d.step = 0, 0
			return d.get(b.question(alone, nil))
		}, "counted backwards"},
		{"a copy of the key that was made before its last use", func(_ *testing.T, r *rig, b *browser, d *device) string {
			copied := *d
			owner := r.browser()
			if _, out := owner.shows(d.get(owner.question(alone, nil))); out.To == "" {
				r.t.Fatal("the owner is refused")
			}
			return copied.get(b.question(alone, nil))
		}, "counted backwards"},
		{"no JSON", func(_ *testing.T, _ *rig, b *browser, _ *device) string { b.question(alone, nil); return "<xml/>" }, "does not sign you in"},
		{"nothing", func(_ *testing.T, _ *rig, b *browser, _ *device) string { b.question(alone, nil); return "" }, "does not sign you in"},
	} {
		t.Run(attack.name, func(t *testing.T) {
			r := newRig(t, published)
			r.user("tom")
			d, first, b := newDevice(t), r.browser(), r.browser()
			r.browser().in("tom").adds(d, "")
			if _, out := first.shows(d.get(first.question(alone, nil))); out.To == "" {
				t.Fatalf("a right answer is refused: %+v", out)
			}
			wrong := attack.wrong(t, r, b, d)
			w, out := b.shows(wrong)
			if out.To != "" || w.Code < 400 || w.Code >= 500 || !strings.Contains(out.Error, attack.word) {
				t.Errorf("it is told %d %+v", w.Code, out)
			}
			b.out("it")
		})
	}
}

// TestAKeyOfAnotherPersonIsNoSecondStep: who knows a password and has a passkey of his own does not come past the second step of somebody else.
func TestAKeyOfAnotherPersonIsNoSecondStep(t *testing.T) {
	r := newRig(t, published)
	r.user("tom")
	r.user("ann")
	toms, anns := newDevice(t), newDevice(t)
	r.browser().in("tom").adds(toms, "")
	r.browser().in("ann").adds(anns, "")
	b := r.browser()
	b.signIn("tom", right)
	for _, handle := range [][]byte{anns.handle, toms.handle, nil} {
		anns.handle = handle
		if _, out := b.posts(asSecond, url.Values{"answer": {anns.get(b.question(asSecond, nil))}}); !strings.Contains(out.Error, "does not sign you in") {
			t.Errorf("it is told %+v", out)
		}
		b.out("another person's key")
	}
	if _, out := b.posts(asSecond, url.Values{"answer": {toms.get(b.question(alone, nil))}}); out.To != "" {
		t.Error("the question of a sign-in by a passkey alone is answered at the second step")
	}
	q := b.question(asSecond, nil)
	if _, out := b.posts(asSecond, url.Values{"answer": {toms.get(q)}}); out.To != "/desk" {
		t.Errorf("his own key leads to %+v", out)
	}
}

// TestWhatIsNoNewPasskeyIsNotKept: an answer must be one to the question of that session, and name an algorithm that we know.
func TestWhatIsNoNewPasskeyIsNotKept(t *testing.T) {
	r := newRig(t, published)
	r.user("tom")
	b := r.browser().in("tom")
	ask := func(b *browser) asked { return b.question(ofOnesOwn, url.Values{"before": {right}}) }
	for name, answer := range map[string]func() string{
		"an answer to nothing":            func() string { return newDevice(t).create(asked{Challenge: b64(make([]byte, 32))}, es256) },
		"no algorithm":                    func() string { return newDevice(t).create(ask(b), 0x00) },
		"another site":                    func() string { d := newDevice(t); d.site = "evil.example"; return d.create(ask(b), es256) },
		"another origin":                  func() string { d := newDevice(t); d.origin = "https://evil.example"; return d.create(ask(b), es256) },
		"nobody has shown himself":        func() string { d := newDevice(t); d.flags = present; return d.create(ask(b), es256) },
		"the question of another sign-in": func() string { q := ask(r.browser().in("tom")); ask(b); return newDevice(t).create(q, es256) },
		"an answer for a sign-in":         func() string { q := ask(b); d := newDevice(t); return d.get(q) },
		"no answer":                       func() string { ask(b); return "" },
	} {
		if w, out := b.posts(ofOnesOwn, url.Values{"answer": {answer()}}); out.To != "" || w.Code != http.StatusUnauthorized || out.Error == "" {
			t.Errorf("%s: %d %+v", name, w.Code, out)
		}
	}
	if keys := r.keys("tom"); len(keys) > 0 {
		t.Errorf("%d passkeys are kept", len(keys))
	}
	d := newDevice(t)
	answer := d.create(ask(b), es256)
	for n, want := range []string{"/desk/me/second?done=added", ""} { // once
		if _, out := b.posts(ofOnesOwn, url.Values{"answer": {answer}}); out.To != want {
			t.Errorf("the answer given for the %d. time leads to %q", n+1, out.To)
		}
	}
	if r.holds(string(d.id)) || r.holds("publicKey") || r.holds(string(d.handle)) {
		t.Error("a passkey lies there unsealed")
	}
	r.must(r.store.Base.Read(t.Context(), "test", sql.Ask(func(row sql.Row) error {
		var sealed []byte
		err := row.Scan(&sealed)
		if strings.Contains(string(sealed), "challenge") {
			t.Error("a question lies there unsealed")
		}
		return err
	}, `SELECT sealed FROM entry_steps ORDER BY digest`)))
}

// TestAKeyThatLiesAboutItsAlgorithmOpensNothing: who adds one has made it himself, and has made it in vain.
func TestAKeyThatLiesAboutItsAlgorithmOpensNothing(t *testing.T) {
	r := newRig(t, published)
	r.user("tom")
	d, b := newDevice(t), r.browser().in("tom")
	const eddsa = 0x27
	b.posts(ofOnesOwn, url.Values{"answer": {d.create(b.question(ofOnesOwn, url.Values{"before": {right}}), eddsa)}})
	s := r.browser()
	if _, out := s.shows(d.get(s.question(alone, nil))); out.To != "" || out.Error == "" {
		t.Errorf("it is told %+v", out)
	}
	s.out("a key of no algorithm")
}

func TestAQuestionForAPasskeyWaitsForMinutes(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into, published)
	r.user("tom")
	d, b := newDevice(t), r.browser().in("tom")
	b.adds(d, "")
	q := b.question(ofOnesOwn, url.Values{"before": {right}})
	s := r.browser()
	s.signIn("tom", right)
	between, own := s.question(asSecond, nil), r.browser()
	first := own.question(alone, nil)
	c.now = c.now.Add(5*time.Minute + time.Second)
	if _, out := b.posts(ofOnesOwn, url.Values{"answer": {newDevice(t).create(q, es256)}}); !strings.Contains(out.Error, "too long") {
		t.Errorf("a new passkey after minutes: %+v", out)
	}
	if _, out := s.posts(asSecond, url.Values{"answer": {d.get(between)}}); !strings.Contains(out.Error, "too long") {
		t.Errorf("a second step after minutes: %+v", out)
	}
	if _, out := own.shows(d.get(first)); !strings.Contains(out.Error, "too long") {
		t.Errorf("a passkey alone after minutes: %+v", out)
	}
	if _, out := own.shows(d.get(own.question(alone, nil))); out.To == "" {
		t.Errorf("asked again: %+v", out)
	}
}

// TestASyncedPasskeyDoesNotCount: it says 0 each time, and may begin to be kept in more than one place, as stores of passwords do.
func TestASyncedPasskeyDoesNotCount(t *testing.T) {
	r := newRig(t, published)
	r.user("tom")
	d := newDevice(t)
	d.step = 0
	r.browser().in("tom").adds(d, "")
	for _, flags := range []byte{present | verified, present | verified, present | verified | eligible, present | verified | eligible} {
		d.flags = flags
		b := r.browser()
		if _, out := b.shows(d.get(b.question(alone, nil))); out.To == "" {
			t.Errorf("with flags %x it is told %+v", flags, out)
		}
	}
	d.flags = present | verified
	b := r.browser()
	if _, out := b.shows(d.get(b.question(alone, nil))); out.To != "" {
		t.Error("a key that was kept in several places is one that cannot be")
	}
}

func TestWhoIsOutHasNoPasskey(t *testing.T) {
	r := newRig(t, published)
	tom := r.user("tom")
	d := newDevice(t)
	r.browser().in("tom").adds(d, "")
	tries := func() told {
		b := r.browser()
		_, out := b.shows(d.get(b.question(alone, nil)))
		return out
	}
	tom, err := r.store.Users.Get(t.Context(), tom.ID)
	r.must(err)
	r.must(r.store.Users.SetState(t.Context(), tom.ID, users.Disabled, time.Now(), "operator"))
	if out := tries(); !strings.Contains(out.Error, "does not sign you in") {
		t.Errorf("who is disabled is told %+v", out)
	}
	r.must(r.store.Users.SetState(t.Context(), tom.ID, users.Active, time.Now(), "operator"))
	if out := tries(); out.To == "" {
		t.Errorf("who is let in again is told %+v", out)
	}
	boss := viewer.Viewer{User: 99, Login: "boss", Grants: []viewer.Grant{{Role: viewer.Administrator}}}
	r.must(r.store.Staff.RemoveFactors(t.Context(), boss, "tom", time.Now()))
	if out := tries(); out.To != "" {
		t.Error("a passkey that an administrator has removed signs in")
	}
}

func TestPasskeysOfADemonstrationAreLetInByItAlone(t *testing.T) {
	for _, demo := range []bool{true, false} {
		d := newDevice(t)
		r := newRig(t, published, func(c *Config) { c.Demo = true })
		r.userOf(users.User{Login: "amy", Demo: true})
		r.browser().in("amy").adds(d, "")
		var err error
		if r.h, err = New(Config{Store: r.store, Pages: played{}, Desk: "Topay", Origin: publicly, Demo: demo, Logger: r.discard()}); err != nil {
			t.Fatal(err)
		}
		b := r.browser()
		if _, out := b.shows(d.get(b.question(alone, nil))); (out.To != "") != demo {
			t.Errorf("in a demonstration (%t) it is told %+v", demo, out)
		}
	}
}

func TestWhoAsksForPasskeysAllTheTimeIsSlowedDown(t *testing.T) {
	r := newRig(t, published, frozen)
	r.user("tom")
	d := newDevice(t)
	r.browser().in("tom").adds(d, "")
	b := r.browser()
	b.from = "198.51.100.7:1"
	for range 20 { // a right answer costs nothing
		if _, out := b.shows(d.get(b.question(alone, nil))); out.To == "" {
			t.Fatalf("it is told %+v", out)
		}
		clear(b.cookies)
	}
	slowed := 0
	for range 1010 {
		if w, _ := b.posts(alone+"/ask", nil); w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "" {
			slowed++
		}
	}
	if slowed != 10 {
		t.Errorf("of 1010 questions %d were slowed down", slowed)
	}
	other := r.browser()
	if _, out := other.shows(d.get(other.question(alone, nil))); out.To == "" {
		t.Errorf("elsewhere: %+v", out)
	}
}

// TestTheLastSecondStepStays where a role asks for one: authenticator or passkey, whichever is last.
func TestTheLastSecondStepStays(t *testing.T) {
	c := &clock{time.Now()}
	r := newRig(t, c.into, published, func(to *Config) { to.SecondFor = []viewer.Role{viewer.Administrator} })
	r.user("boss", viewer.Grant{Role: viewer.Administrator})
	r.user("tom", viewer.Grant{Role: viewer.Agent})
	remove := func(b *browser, login string) int {
		return b.ask(http.MethodPost, ofOnesOwn+"/"+r.keys(login)[0]+"/remove", url.Values{"before": {right}}).Code
	}
	b := r.browser().in("boss")
	if at := b.get("/desk").Header().Get("Location"); at != "/desk/me/second" {
		t.Fatalf("without a second step the desk leads to %q", at)
	}
	d := newDevice(t)
	b.adds(d, "Key")
	b.wants(b.get("/desk"), http.StatusOK)
	if code := remove(b, "boss"); code != http.StatusConflict {
		t.Errorf("the last passkey is removed: %d", code)
	}
	b.wants(b.ask(http.MethodPost, ofOnesOwn+"/"+r.keys("boss")[0]+"/remove", url.Values{"before": {right}}), http.StatusConflict, "Add another one first")
	b.adds(newDevice(t), "Other")
	if code := remove(b, "boss"); code != http.StatusSeeOther {
		t.Errorf("one of two is not removed: %d", code)
	}
	b.sets(c)
	if code := remove(b, "boss"); code != http.StatusSeeOther {
		t.Errorf("with an authenticator the last passkey is not removed: %d", code)
	}
	b.wants(b.ask(http.MethodPost, "/desk/me/second/remove", url.Values{"before": {right}}), http.StatusConflict, "Add another one first")
	free := r.browser().in("tom")
	free.adds(newDevice(t), "")
	if code := remove(free, "tom"); code != http.StatusSeeOther {
		t.Errorf("whose role asks for nothing keeps it: %d", code)
	}
}

func TestPasskeysAreOfferedWhereTheyCanBeUsed(t *testing.T) {
	for _, one := range []struct {
		name, origin, host, proto string
		want                      string // on the page of the sign-in
	}{
		{"a desk with a public name", publicly, "127.0.0.1:8082", "", `data-origin="https://desk.example"`},
		{"the same, with a port", "https://desk.example:8443", "desk.example", "https", `data-origin="https://desk.example:8443"`},
		{"a demonstration on this machine", "", "localhost:8082", "", `data-origin="http://localhost:8082"`},
		{"the same by an address", "", "127.0.0.1:8082", "", `<a href="http://localhost:8082/desk">`},
		{"the same by an address of IPv6", "", "[::1]:8082", "", `<a href="http://localhost:8082/desk">`},
		{"a name without TLS", "", "desk.example:8082", "", "Passkeys need a name and https"},
		{"an address of the network", "", "192.0.2.7:8082", "", "Passkeys need a name and https"},
		{"an address with TLS", "", "192.0.2.7", "https", "Passkeys need a name and https"},
		{"an address for a public name", "https://192.0.2.7", "192.0.2.7", "https", "Passkeys need a name and https"},
	} {
		t.Run(one.name, func(t *testing.T) {
			r := newRig(t, func(c *Config) { c.Origin = one.origin })
			b := r.browser()
			b.host = one.host
			w := b.get("/desk/sign-in", "X-Forwarded-Proto", one.proto)
			b.wants(w, http.StatusOK, one.want)
			offered := strings.HasPrefix(one.want, "data-origin")
			for _, part := range []string{"<script", `class="passkey"`} {
				if strings.Contains(w.Body.String(), part) != offered {
					t.Errorf("the page has %q: %t", part, !offered)
				}
			}
			out := b.ask(http.MethodPost, alone+"/ask", nil, "Accept", "application/json", "X-Forwarded-Proto", one.proto)
			if (out.Code == http.StatusOK) != offered {
				t.Errorf("a question is answered with %d %s", out.Code, out.Body)
			}
		})
	}
}

// TestWhoWasSignedOutLosesNoTextToAPasskey: the page on which the text stands is the one that asks for it, and goes on only when it is right.
func TestWhoWasSignedOutLosesNoTextToAPasskey(t *testing.T) {
	r := newRig(t, published)
	r.user("tom")
	d, b := newDevice(t), r.browser().in("tom")
	b.adds(d, "")
	clear(b.cookies)
	b.wants(b.ask(http.MethodPost, "/desk/tickets/T-1/reply", url.Values{"text": {"my long answer"}}, "Referer", "https://127.0.0.1:8082/desk/tickets/T-1"), http.StatusUnauthorized,
		"my long answer", `action="/desk/sign-in/passkey/ask"`, `name="next" value="/desk/tickets/T-1"`)
	if w, out := b.shows("{}"); out.Error == "" || strings.Contains(w.Body.String(), "<html") {
		t.Errorf("a wrong answer is no word upon the page: %d %s", w.Code, w.Body)
	}
}
