package desk

import (
	"context"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// chromium is a window of a real browser, with an authenticator that needs no finger. Where Chromium is missing the tests skip; .ci/run installs it
// and says that nothing may be missing. FRONTDESK_SHOTS is a folder for pictures of the pages; without it none are kept.
type chromium struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu     sync.Mutex
	errors []string // what its console says
}

// newChromium opens a desk's window. The desk is reached as localhost.
func newChromium(t *testing.T, r *rig) *chromium {
	t.Helper()
	if testing.Short() {
		t.Skip("plays a sign-in in a browser")
	}
	found, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: passkeys are not tried in a browser")
	}
	server := httptest.NewServer(r.h)
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, end := chromedp.NewContext(alloc)
	t.Cleanup(end)
	limited, cancel := context.WithTimeout(tab, 3*time.Minute)
	t.Cleanup(cancel)
	c := &chromium{t: t, ctx: limited, base: "http://localhost:" + port}
	c.run(chromedp.EmulateViewport(1200, 900))
	if err := chromedp.Listen(limited, c.hear); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *chromium) hear(ev any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		c.errors = append(c.errors, ev.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if ev.Entry.Level == "error" && ev.Entry.Source != "network" {
			c.errors = append(c.errors, ev.Entry.Text)
		}
	}
}

func (c *chromium) run(actions ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	if err := chromedp.Do(c.ctx, actions...); err != nil {
		c.t.Fatalf("in the browser: %v", err)
	}
}

func asks[P, R any](c *chromium, command cdp.Command[P, R], params P) (out R) {
	c.t.Helper()
	c.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
		out, err = cdp.Call(ctx, t, command, params)
		return err
	}))
	return out
}

// authenticator puts a device into the browser: its owner shows himself to it, or does not.
func (c *chromium) authenticator(verified bool) webauthn.AuthenticatorID {
	c.t.Helper()
	return asks(c, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: verified, AutomaticPresenceSimulation: true}}).AuthenticatorID
}

func (c *chromium) to(path string) { c.t.Helper(); c.run(chromedp.Navigate(c.base + path)) }

func (c *chromium) click(selector string) {
	c.t.Helper()
	c.run(chromedp.Click(chromedp.CSS(selector)))
}

func (c *chromium) types(selector, text string) {
	c.t.Helper()
	c.run(chromedp.SendKeys(chromedp.CSS(selector), text))
}

func says[T any](c *chromium, expression string) (v T) {
	c.t.Helper()
	v, err := chromedp.Run(c.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		c.t.Fatalf("in the browser: %v: %s", err, expression)
	}
	return v
}

// until waits for an expression to be true.
func (c *chromium) until(what, expression string) {
	c.t.Helper()
	for range 200 {
		if v, err := chromedp.Run(c.ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && !!("+expression+")")); err == nil && v {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.shot("failed")
	c.t.Fatalf("%s: not seen; the page at %s says:\n%s", what, says[string](c, "location.href"), says[string](c, "document.body.innerText"))
}

func (c *chromium) shot(name string) {
	c.t.Helper()
	to := os.Getenv("FRONTDESK_SHOTS")
	if to == "" {
		return
	}
	for _, width := range []int64{1200, 390} {
		c.run(chromedp.EmulateViewport(width, 900))
		picture, err := chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, "passkey-"+name+map[bool]string{true: "-phone"}[width == 390]+".png"), picture, 0o600)
		}
		if err != nil {
			c.t.Error(err)
		}
	}
	c.run(chromedp.EmulateViewport(1200, 900))
}

// quiet says that the console of the browser has nothing to say.
func (c *chromium) quiet() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.errors) > 0 {
		c.t.Errorf("the console says %q", c.errors)
	}
}

// TestAPasskeyInABrowser makes one in Chromium, and signs in with it alone and besides the password. The words are looked at in both languages.
func TestAPasskeyInABrowser(t *testing.T) {
	r := newRig(t)
	r.user("tom")
	c := newChromium(t, r)
	asks(c, webauthn.Enable, webauthn.EnableParams{})
	device := c.authenticator(true)
	const alone, form = `form.passkey[action="/desk/sign-in/passkey/ask"]`, `form.passkey[action="/desk/me/second/passkeys/ask"]`
	signIn := func() {
		c.to("/desk/sign-in?next=/desk/me/second&lang=en")
		c.types("#login", "tom")
		c.types("#password", right+"\r")
	}
	at := func(path string) string { return "location.pathname === '" + path + "'" }

	signIn()
	c.until("the page of what one shows", at("/desk/me/second"))
	c.shot("none")
	c.types(form+` [name="before"]`, "wrong")
	c.click(form + " button")
	c.until("a wrong password", `document.querySelector('`+form+` [data-says]').innerText.includes('not right')`)
	c.types(form+` [name="title"]`, "Laptop 工作")
	c.run(chromedp.SetValue(chromedp.CSS(form+` [name="before"]`), right))
	c.click(form + " button")
	c.until("the passkey is added", `location.search === '?done=added' && document.body.innerText.includes('Laptop 工作')`)
	c.shot("added")
	if kept := asks(c, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: device}).Credentials; len(kept) != 1 || !kept[0].IsResidentCredential || kept[0].RpID != "localhost" || strings.Contains(string(kept[0].UserHandle), "tom") {
		t.Errorf("the device keeps %+v", kept)
	}
	c.click(".keys summary")
	c.shot("change")
	c.types(form+` [name="before"]`, right)
	c.click(form + " button")
	c.until("a second one of the same device", `document.querySelector('`+form+` [data-says]').innerText.includes('of this device already')`)

	out := `form[action="/desk/sign-out"] button`
	c.click(out)
	c.until("the sign-in", at("/desk/sign-in"))
	c.to("/desk/sign-in?next=/desk/me/second&lang=zh")
	c.until("the button in Chinese", `document.querySelector('`+alone+` button').innerText.includes('使用通行密钥登录')`)
	c.shot("sign-in-zh")
	c.click(alone + " button")
	c.until("signed in by the passkey alone", at("/desk/me/second")+` && document.body.innerText.includes('最近使用')`)
	c.shot("used-zh")

	c.click(out)
	c.until("the sign-in", at("/desk/sign-in"))
	signIn()
	c.until("the second step", at("/desk/sign-in/second"))
	c.shot("step")
	c.click(`form.passkey button`)
	c.until("signed in by both", at("/desk/me/second"))

	c.click(out)
	c.until("the sign-in", at("/desk/sign-in"))
	asks(c, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device})
	c.to("/desk/sign-in?lang=en")
	c.click(alone + " button")
	c.until("nobody has shown himself", `document.querySelector('`+alone+` [data-says]').innerText.includes('brought no passkey')`)
	c.shot("cancelled")
	c.quiet()
}

// TestAPasskeyIsNotAskedForWhereItIsNotGood: a page under another name than the public one says where passkeys are, and one at an address how to come
// to a name; both without a button.
func TestAPasskeyIsNotAskedForWhereItIsNotGood(t *testing.T) {
	r := newRig(t, published)
	c := newChromium(t, r)
	c.to("/desk/sign-in?lang=en")
	c.until("where passkeys are", `document.body.innerText.includes('Passkeys work at https://desk.example only') && !document.querySelector('form.passkey button')`)
	c.shot("elsewhere")
	plain, err := New(Config{Store: r.store, Pages: played{}, Desk: "Topay", Logger: r.discard()})
	r.must(err)
	server := httptest.NewServer(plain)
	t.Cleanup(server.Close)
	c.run(chromedp.Navigate(server.URL + "/desk/sign-in?lang=zh"))
	c.until("how to come to a name", `document.body.innerText.includes('请打开 http://localhost:') && !document.querySelector('form.passkey')`)
	c.shot("address-zh")
	c.quiet()
}
