package alerts

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"frontdesk/internal/assets"
	"frontdesk/pipeline/domain/alerts"
	show "frontdesk/templates/desk/signin"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
)

// TestThePageInABrowser: what is ticked is kept; this browser's own switches lie in the browser; a tone and a notification are tried, and the page says what came of
// it; on a phone nothing is wider than the screen. In both languages.
func TestThePageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("plays in a browser")
	}
	found, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: the page is not tried in a browser")
	}
	store := storetest.SQLite(t)
	u, err := store.Users.Add(t.Context(), users.User{Login: "li", Name: "Li Na", Email: "li@desk.example"}, time.Now(), "test")
	if err != nil {
		t.Fatal(err)
	}
	li := viewer.Viewer{User: u.ID, Login: "li", Grants: []viewer.Grant{{Role: viewer.Lead}}}
	rules := alerting.Rules{Bounds: alerts.Bounds{Gather: 5 * time.Minute, Hourly: 6}, Inbox: "support", Channel: "email", Hooks: true}
	p, err := New(Config{Store: store.Alerts, Rules: rules, Desk: "Topay", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	files, err := assets.Load(show.Assets(), signin.AssetsPath)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+signin.AssetsPath, files)
	for pattern, h := range p.Routes() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", signin.Policy)
			h(w, r.WithContext(signin.As(r.Context(), li)))
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("autoplay-policy", "no-user-gesture-required"))...)
	t.Cleanup(stop)
	tab, end := chromedp.NewContext(alloc)
	t.Cleanup(end)
	limited, late := context.WithTimeout(tab, 2*time.Minute)
	t.Cleanup(late)
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(limited, actions...); err != nil {
			t.Fatal(err)
		}
	}
	is := func(what, expression string) {
		t.Helper()
		for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			got, err := chromedp.Run(limited, chromedp.Evaluate[bool](expression))
			if err == nil && got {
				return
			}
			if time.Since(begun) > 10*time.Second {
				page, _ := chromedp.Run(limited, chromedp.Evaluate[string]("document.body.innerText"))
				t.Fatalf("%s: %v\n%s", what, err, page)
			}
		}
	}
	at := func(path string) { t.Helper(); do(chromedp.Navigate(server.URL + path)) }
	do(chromedp.EmulateViewport(1280, 900))
	at(Path + "?lang=en")
	do(chromedp.Click(chromedp.CSS(`input[value="given|mail"]`)), chromedp.Click(chromedp.CSS(`form[action="/desk/me/alerts"] .primary`)))
	is("what is ticked is kept", `document.body.innerText.includes('Kept.') && document.querySelector('input[value="given|mail"]').checked`)
	do(chromedp.Click(chromedp.CSS(`#own-sound`)), chromedp.Click(chromedp.CSS(`#try-sound`)))
	is("the tone is tried", `document.getElementById('tried').textContent === 'The tone was played.' && localStorage.getItem('desk:`+"' + document.getElementById('alerts').dataset.user + '"+`:sound') === 'on'`)
	do(chromedp.Click(chromedp.CSS(`#try-show`)))
	is("a browser that forbids it says so", `document.getElementById('tried').textContent.includes('The browser')`)
	do(chromedp.Click(chromedp.CSS(`button[name=way][value=mail]`)))
	is("a test is under way", `document.body.innerText.includes('under way')`)
	do(chromedp.EmulateViewport(390, 800))
	for _, lang := range []string{"en", "zh"} {
		at(Path + "?lang=" + lang)
		is("nothing is wider than a phone in "+lang, `document.documentElement.scrollWidth <= 390 && document.querySelectorAll('.grid tbody tr').length === 6`)
	}
	for name, wide := range map[string]int{"phone": 390, "wide": 1280} {
		dir := os.Getenv("FRONTDESK_SHOTS")
		if dir == "" {
			break
		}
		do(chromedp.EmulateViewport(int64(wide), 2000))
		for _, lang := range []string{"en", "zh"} {
			at(Path + "?lang=" + lang)
			picture, err := chromedp.Run(limited, chromedp.CaptureScreenshot())
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "alerts-"+name+"-"+lang+".png"), picture, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
