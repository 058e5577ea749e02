package reading

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestD42TheSandboxHoldsByItself: what cleaning might let through, should it ever, runs nothing, loads nothing, sends nothing and leads nowhere in a real
// browser: the copy here was never cleaned.
func TestD42TheSandboxHoldsByItself(t *testing.T) {
	if testing.Short() {
		t.Skip("tries the sandbox in a browser")
	}
	found, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: the sandbox is not tried in a browser")
	}
	r := newRig(t)
	var mu sync.Mutex
	var asked []string
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.URL.Path)
	}))
	t.Cleanup(evil.Close)
	hostile := strings.ReplaceAll(`<p id="said">Dear all</p><script>parent.document.title = top.document.title = "pwned"; fetch("EVIL/script")</script><img src="EVIL/image" onerror="fetch('EVIL/error')">
<svg onload="fetch('EVIL/svg')"></svg><link rel="stylesheet" href="EVIL/style"><style>@import url(EVIL/import); p { background: url(EVIL/background) }</style><iframe src="EVIL/frame"></iframe>
<object data="EVIL/object"></object><video src="EVIL/video" autoplay></video><meta http-equiv="refresh" content="0;url=EVIL/refresh"><form action="EVIL/form" method="post"><button autofocus onfocus="this.form.submit()">x</button></form>
<script src="EVIL/remote"></script><a href="javascript:fetch('EVIL/click')" id="link">link</a>`, "EVIL", evil.URL)
	r.do(`INSERT INTO uncopied (message) VALUES ($1)`, r.message)
	r.must(r.store.Copies.Keep(t.Context(), r.message, hostile, time.Now()))
	r.mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-src 'self'")
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>ours</title><iframe sandbox src="%s"></iframe>`, r.at("formatted"))
	})
	desk := httptest.NewServer(r.mux)
	t.Cleanup(desk.Close)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))...)
	t.Cleanup(stop)
	tab, end := chromedp.NewContext(alloc)
	t.Cleanup(end)
	limited, late := context.WithTimeout(tab, time.Minute)
	t.Cleanup(late)
	for _, path := range []string{"/page", r.at("formatted")} { // in its frame, and as a page of its own
		if err := chromedp.Do(limited, chromedp.Navigate(desk.URL+path)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // nothing tells when nothing happens
		at, err := chromedp.Run(limited, chromedp.Evaluate[string](`document.title + ' ' + location.pathname`))
		if err != nil || strings.Contains(at, "pwned") || !strings.HasSuffix(at, path) {
			t.Errorf("%s became %q, %v", path, at, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) > 0 {
		t.Errorf("a stranger's server was asked for %v", asked)
	}
}
