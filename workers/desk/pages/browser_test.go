package pages

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"frontdesk/internal/segments"
	"frontdesk/templates/desk"
	"frontdesk/workers/store/viewer"
)

// The pages in a real browser, over the fake desk on a port of the loopback. Environment:
//
//	FRONTDESK_AXE     file axe.min.js of axe-core; without it accessibility is not judged
//	FRONTDESK_SHOTS   folder for pictures of the pages; without it none are kept
//
// Where Chromium is missing these tests skip; .ci/run installs it and says that nothing may be missing.

// window is a browser's window upon a desk of its own.
type window struct {
	t    *testing.T
	ctx  context.Context
	desk *fake
	base string
	gate *gate
	live *lively

	mu     sync.Mutex
	errors []string // what the browser's console says of the pages
}

// gate is who is signed in, and whether the server can be reached.
type gate struct {
	mu    sync.Mutex
	who   viewer.Viewer
	off   bool
	cut   bool   // streams are
	rings string // what pages tell by themselves
}

func (g *gate) chosen(context.Context, viewer.Viewer) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rings
}

func (g *gate) viewer() viewer.Viewer { g.mu.Lock(); defer g.mu.Unlock(); return g.who }

func (g *gate) set(who viewer.Viewer, off bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.who, g.off = who, off
}

// browser starts Chromium, and gives what opens windows in it.
func browser(t *testing.T) func(t *testing.T, who viewer.Viewer, fill func(*fake)) *window {
	t.Helper()
	if testing.Short() { // as with the race detector, which then looks at chromedp most of the time
		t.Skip("plays days of agents in a browser")
	}
	found, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("FRONTDESK_REQUIRE_SERVERS") == "1" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: the pages are not tried in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("font-render-hinting", "none"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	root, end := chromedp.NewContext(alloc)
	t.Cleanup(end)
	if err := chromedp.Do(root); err != nil {
		t.Fatalf("starting chromium: %v", err)
	}
	return func(t *testing.T, who viewer.Viewer, fill func(*fake)) *window {
		t.Helper()
		w := &window{t: t, desk: newFake(), gate: &gate{who: who}, live: newLively(t)}
		fill(w.desk)
		w.serve()
		w.open(root)
		return w
	}
}

// serve serves the window's desk on the loopback.
func (w *window) serve() {
	w.t.Helper()
	p, err := New(Config{Desk: "Topay", Words: words(), Tickets: w.desk, Acts: w.desk, Answers: w.desk, Files: w.desk, Snippets: &fakeSnippets{}, Presence: w.desk, Merges: w.desk, Splits: fakeSplits{w.desk}, Persons: fakePersons{w.desk}, Many: w.desk, Aside: w.desk, Me: "/desk/me", SignOut: "/desk/sign-out", SignIn: "/desk/sign-in",
		Mark: w.live.events.Mark, Rings: w.gate.chosen, Viewer: func(*http.Request) viewer.Viewer { return w.gate.viewer() }})
	if err != nil {
		w.t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, h := range p.Routes() {
		mux.HandleFunc(pattern, h)
	}
	for pattern, h := range w.live.routes(w) {
		mux.HandleFunc(pattern, h)
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.gate.mu.Lock()
		off := w.gate.off
		w.gate.mu.Unlock()
		if off {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		mux.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(server.Close)
	w.base = server.URL
}

// open opens a window with storage of its own.
func (w *window) open(root context.Context) {
	w.t.Helper()
	tab, shut := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	w.t.Cleanup(shut)
	limited, cancel := context.WithTimeout(tab, 3*time.Minute)
	w.t.Cleanup(cancel)
	w.ctx = limited
	err := chromedp.Listen(limited, func(ev any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			w.errors = append(w.errors, fmt.Sprintf("%+v", ev.ExceptionDetails))
		case *log.EventEntryAdded:
			if ev.Entry.Level == "error" && ev.Entry.Source != "network" {
				w.errors = append(w.errors, ev.Entry.Text)
			}
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.run(chromedp.EmulateViewport(1440, 900))
}

// twin is a second window with the same storage and desk.
func (w *window) twin() *window {
	w.t.Helper()
	tab, shut := chromedp.NewContext(w.ctx)
	w.t.Cleanup(shut)
	other := &window{t: w.t, ctx: tab, desk: w.desk, base: w.base, gate: w.gate, live: w.live}
	other.run(chromedp.EmulateViewport(1440, 900))
	return other
}

func (w *window) run(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.t.Fatalf("in the browser: %v", err)
	}
}

func (w *window) to(path string) { w.t.Helper(); w.run(chromedp.Navigate(w.base + path)) }

// js is what an expression gives.
func js[T any](w *window, expression string) (v T) {
	w.t.Helper()
	v, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.t.Fatalf("in the browser: %v: %s", err, expression)
	}
	return v
}

// do evaluates a statement for what it does.
func (w *window) do(statement string) { w.t.Helper(); js[int](w, statement+"; 0") }

// command asks the browser itself.
func command[P, R any](w *window, c cdp.Command[P, R], params P) {
	w.t.Helper()
	w.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	}))
}

// insert puts a text where the focus is, as an input method does.
func (w *window) insert(text string) {
	w.t.Helper()
	command(w, input.InsertText, input.InsertTextParams{Text: text})
}

func (w *window) click(selector string) { w.t.Helper(); w.run(chromedp.Click(chromedp.CSS(selector))) }

func (w *window) focus(selector string) { w.t.Helper(); w.run(chromedp.Focus(chromedp.CSS(selector))) }

// write puts the focus into the box of the reply, and a text there.
func (w *window) write(text string) { w.t.Helper(); w.focus("#reply-text"); w.insert(text) }

// until waits for an expression to be true: two seconds and some for a slow machine.
func (w *window) until(what, expression string) {
	w.t.Helper()
	for end := time.Now().Add(8 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool](`document.readyState === 'complete' && (`+expression+`)`)); err == nil && ok {
			return
		}
		if time.Now().After(end) {
			w.t.Fatalf("%s: not so: %s\n%s", what, expression, js[string](w, "document.body.innerText.slice(0, 3000)"))
		}
	}
}

// keys presses keys one after the other, as a keyboard does: a page that takes a key keeps its character from being typed.
func (w *window) keys(text string) {
	w.t.Helper()
	names := map[rune]string{'\r': "Enter", '\t': "Tab", '\x1b': "Escape"}
	for _, r := range text {
		down := input.DispatchKeyEventParams{Type: "keyDown", Key: string(r), Text: string(r)}
		if name := names[r]; name != "" {
			down.Key, down.Code = name, name
			down.WindowsVirtualKeyCode = int64(r)
			if r != '\r' {
				down.Type, down.Text = "rawKeyDown", ""
			}
		}
		command(w, input.DispatchKeyEvent, down)
		command(w, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "keyUp", Key: down.Key, Code: down.Code})
	}
}

func (w *window) press(key string, mods chromedp.Modifier) {
	w.t.Helper()
	w.run(chromedp.KeyEvent(key, chromedp.KeyModifiers(mods)))
}

// quiet fails for whatever the browser's console said.
func (w *window) quiet() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.errors {
		w.t.Errorf("the browser says: %s", e)
	}
}

// dark sets the scheme of colours.
func (w *window) dark(on bool) {
	w.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	command(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (w *window) shot(name string) {
	w.t.Helper()
	dir := os.Getenv("FRONTDESK_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// accessible asks axe-core, where it is there, for whatever is serious.
func (w *window) accessible(what string) {
	w.t.Helper()
	file := os.Getenv("FRONTDESK_AXE")
	if file == "" {
		return
	}
	axe, err := os.ReadFile(file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.do(string(axe))
	found, err := chromedp.Run(w.ctx, chromedp.Evaluate[[]string](`axe.run(document, {resultTypes: ['violations']}).then(r => r.passes.length < 15 ? ['axe has looked at ' + r.passes.length + ' rules only'] : r.violations.filter(v => v.impact !== 'minor').map(v => v.impact + ' ' + v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' ' + (n.any[0] || n.all[0] || n.none[0] || {}).message).join('\n   ')))`, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%s: axe: %v", what, err)
	}
	for _, v := range found {
		w.t.Errorf("%s: axe: %s", what, v)
	}
}

func TestInTheBrowser(t *testing.T) {
	open := browser(t)
	for _, c := range []struct {
		name string
		try  func(*testing.T, func(*testing.T, viewer.Viewer, func(*fake)) *window)
	}{
		{"the pages look as they should", tryLooks},
		{"D40: long ones too", tryCrowd},
		{"D23: a day by keyboard alone", tryKeyboard},
		{"D22: an input method's Enter sends nothing", tryComposition},
		{"D21: a text stays with its ticket", trySwitching},
		{"D6: a draft is saved in two seconds and survives", tryDraft},
		{"D7: no text is lost when the server is away or the session over", tryTrouble},
		{"D2: who is overtaken sees it above his text", tryOvertaken},
		{"D8: two windows of one person", tryConflict},
		{"D10: a reply is taken back", tryUndo},
		{"an open page is a sign of life, and who goes away says so", tryHere},
		{"parts are counted as in the program", tryParts},
		{"D40: earlier lines come into the page", tryEarlier},
		{"everything works without a script", tryWithoutScript},
		{"D20: a pasted picture stands in the text, in the preview and beside it", tryPaste},
		{"another channel is chosen while somebody writes, and his text stays", tryWay},
		{"messages go to a ticket of their own, and back", trySplit},
		{"who is one person stands beside a ticket, and is taken back", tryPerson},
		{"what was added says why, and is parted by one click", tryRepeat},
		{"D22: a slash offers snippets, and an input method's Enter takes none", trySlash},
		{"D5: what others do while somebody writes moves nothing of his", tryMeanwhile},
		{"a customer's words are on the screen at once", trySoon},
		{"D1: who was cut off sees at once what was answered, and is refused once before that", tryCutOff},
		{"D3: who reads and who writes is shown", tryReaders},
		{"lists say what is new and stay as they are", tryNewInList},
		{"a lost connection is said within five seconds", tryLost},
		{"one tab reads for all, and another one goes on when it is closed", tryTabs},
		{"D41: hundreds of events are one notice, and none for who is away", tryNotices},
	} {
		t.Run(c.name, func(t *testing.T) { c.try(t, open) })
	}
}

type opener = func(*testing.T, viewer.Viewer, func(*fake)) *window

// sideways is whether the page, or an area of it, is wider than the window.
const sideways = `document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('.cols > *, .top')].some(e => getComputedStyle(e).display !== 'none' && e.getBoundingClientRect().right > innerWidth + 1)`

// looks are the pages that are looked at. The first two are looked at in each language, at each width, light and dark; the others once,
// unless pictures of all are wanted.
var looks = []struct{ name, path string }{
	{"ticket", "/desk/tickets/T-2304?from=queues/payments&sent=77&"}, {"list", "/desk/queues/payments?"},
	{"empty", "/desk/lists/snoozed?"}, {"error", "/desk/nowhere?"}, {"note", "/desk/tickets/T-2304?box=note&"}, {"side", "/desk/tickets/T-2304?#side"}, {"nav", "/desk?#nav"},
}

func tryLooks(t *testing.T, open opener) {
	w := open(t, lin, staged)
	all := os.Getenv("FRONTDESK_SHOTS") != ""
	for _, size := range []struct{ width, height int64 }{{1440, 900}, {1024, 768}, {390, 844}} {
		w.run(chromedp.EmulateViewport(size.width, size.height))
		for _, lang := range []string{desk.Chinese, desk.English} {
			for i, l := range looks {
				if i > 1 && !all && (lang == desk.Chinese) != (size.width == 390) || i <= 1 && !all && size.width == 1024 && lang == desk.Chinese {
					continue
				}
				path, at, _ := strings.Cut(l.path, "#")
				w.to(path + "lang=" + lang + "#" + at)
				w.desk.mu.Lock()
				clear(w.desk.saw) // it is new each time
				w.desk.mu.Unlock()
				for _, scheme := range []string{"light", "dark"} {
					if judged := (scheme == "dark") == (lang == desk.English); judged || all {
						w.look(fmt.Sprintf("%s-%s-%d-%s", l.name, lang, size.width, scheme), scheme == "dark", judged)
					}
				}
			}
		}
	}
	w.quiet()
}

// look looks at the page as it stands.
func (w *window) look(what string, dark, judged bool) {
	w.t.Helper()
	w.dark(dark)
	if js[bool](w, sideways) {
		w.t.Errorf("%s scrolls sideways", what)
	}
	if n := js[int](w, `document.querySelectorAll('h1').length`); n != 1 {
		w.t.Errorf("%s has %d headings of the first rank", what, n)
	}
	w.shot(what)
	if judged {
		w.accessible(what)
	}
}

func tryCrowd(t *testing.T, open opener) {
	w := open(t, lin, crowded)
	for _, c := range []struct{ name, path string }{{"crowd-list", "/desk"}, {"crowd-ticket", "/desk/tickets/T-90"}, {"crowd-mail", "/desk/tickets/T-91"}} {
		for width, height := range map[int64]int64{1440: 900, 390: 844} {
			w.run(chromedp.EmulateViewport(width, height))
			w.to(c.path)
			took := js[float64](w, `performance.getEntriesByType('navigation')[0].duration`)
			t.Logf("%s at %d: loaded in %.0f ms", c.name, width, took)
			if js[bool](w, sideways) {
				t.Errorf("%s at %d scrolls sideways", c.name, width)
			}
			if c.name == "crowd-mail" && js[bool](w, `(s => s('.newmark').top < s('.scroll').top - 9 || s('.newmark').top > s('.scroll').bottom)(q => document.querySelector(q).getBoundingClientRect())`) {
				t.Errorf("%s at %d does not open where it begins", c.name, width)
			}
			w.desk.mu.Lock()
			clear(w.desk.saw) // it is new at the next width, too
			w.desk.mu.Unlock()
			w.shot(fmt.Sprintf("%s-%d", c.name, width))
		}
	}
	w.quiet()
}

const focused = `document.activeElement && document.activeElement.id`

func tryKeyboard(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/lists/unassigned")
	w.keys("\t")
	if got := js[string](w, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first stop is %q", got)
	}
	w.keys("j")
	w.keys("j")
	w.keys("k")
	if got := js[string](w, `document.activeElement.querySelector('.id').textContent`); got != "T-2311" {
		t.Errorf("the card in focus is %s", got)
	}
	w.keys("\r")
	w.until("the ticket is open", `!!document.getElementById('reply-text')`)
	w.keys("m")
	w.until("the note is in front", focused+` === 'note-text' && document.getElementById('answer').classList.contains('isnote') && document.getElementById('reply-form').hidden`)
	w.press("\r", chromedp.ModifierCtrl) // nothing to save
	w.until("an empty note is refused", `!document.getElementById('clash').hidden`)
	w.do(`document.activeElement.blur()`)
	w.keys("r")
	w.until("the reply is in front", focused+` === 'reply-text' && !document.getElementById('answer').classList.contains('isnote')`)
	w.keys("Hello jkrn?z") // which are no commands here
	w.press("\r", chromedp.ModifierCtrl)
	w.until("the next ticket is open and its heading has the focus", focused+` === 'ticket' && location.pathname !== '/desk/tickets/T-2311'`)
	w.desk.mu.Lock()
	if n := len(w.desk.replies); n != 2 {
		t.Errorf("%d replies are sent", n-1)
	}
	w.desk.mu.Unlock()
	w.keys("?")
	w.until("the list of keys is open", `document.getElementById('keys').open`)
	w.shot("keys")
	w.accessible("the list of keys")
	w.keys("\x1b")
	w.keys("z")
	w.until("it was taken back", `location.pathname === '/desk/tickets/T-2311' && document.getElementById('reply-text').value === 'Hello jkrn?z'`)
	w.to("/desk/tickets/T-2304")
	w.do(`document.querySelector('details.drop summary').focus()`)
	w.keys("\r")
	w.until("the moments to put off to are open", `document.querySelector('details.drop').open`)
	w.shot("later")
	w.accessible("the moments to put off to")
	w.keys("\x1b")
	w.until("and closed again, with the focus where it was", `!document.querySelector('details.drop').open && document.activeElement.tagName === 'SUMMARY'`)
	w.to("/desk/tickets/T-2311")
	// Switched off, single keys do nothing; with a modifier they are the browser's.
	w.do(`document.getElementById('keys-on').click()`)
	w.do(`document.activeElement.blur()`)
	w.keys("m")
	if js[string](w, focused) == "note-text" {
		t.Error("a single key works though they are off")
	}
	w.to("/desk/tickets/T-2311")
	w.keys("m")
	if js[string](w, focused) == "note-text" {
		t.Error("they are on again after loading")
	}
	w.quiet()
}

func tryComposition(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304")
	w.focus("#reply-text")
	command(w, input.ImeSetComposition, input.ImeSetCompositionParams{Text: "nihao", SelectionStart: 5, SelectionEnd: 5})
	const late = `new KeyboardEvent('keydown', {key: 'Enter', code: 'Enter', ctrlKey: %t, bubbles: true, cancelable: true, isComposing: %t, keyCode: %d})`
	fire := func(ctrl, composing bool, code int) {
		w.do(fmt.Sprintf(`document.getElementById('reply-text').dispatchEvent(`+late+`)`, ctrl, composing, code))
	}
	fire(true, true, 13)  // within the composition
	fire(true, false, 13) // by an input method that forgets to say so: the composition is still open
	fire(false, true, 229)
	w.insert("您好")
	fire(true, false, 229) // behind its end, as Safari has it
	time.Sleep(200 * time.Millisecond)
	if got := js[string](w, `document.getElementById('reply-text').value`); got != "您好" {
		t.Errorf("the text is %q", got)
	}
	w.desk.mu.Lock()
	n := len(w.desk.replies)
	w.desk.mu.Unlock()
	if n != 1 || js[string](w, "location.pathname") != "/desk/tickets/T-2304" {
		t.Fatalf("%d replies are sent", n-1)
	}
	fire(true, false, 13)
	w.until("a true one sends", `location.pathname !== '/desk/tickets/T-2304'`)
}

func trySwitching(t *testing.T, open opener) {
	w := open(t, lin, staged)
	numbers := []int64{2304, 2311, 2298, 2290, 2287}
	for i := range 50 {
		n := numbers[i%len(numbers)]
		w.to(fmt.Sprintf("/desk/tickets/T-%d", n))
		w.focus("#reply-text")
		w.do(`(t => t.setSelectionRange(t.value.length, t.value.length))(document.getElementById('reply-text'))`)
		w.insert(fmt.Sprintf("[%d]", n)) // and gone at once, before anything is saved
	}
	for _, n := range numbers {
		w.to(fmt.Sprintf("/desk/tickets/T-%d", n))
		want := strings.Repeat(fmt.Sprintf("[%d]", n), 10)
		if got := js[string](w, `document.getElementById('reply-text').value`); got != want {
			t.Errorf("the text of T-%d is %q", n, got)
		}
		w.until("it is saved", fmt.Sprintf(`!Object.keys(sessionStorage).some(k => k.includes(":T-%d:"))`, n))
	}
	w.desk.mu.Lock()
	defer w.desk.mu.Unlock()
	for key, d := range w.desk.drafts {
		if want := strings.Repeat(fmt.Sprintf("[%d]", key.number), 10); d.Text != want {
			t.Errorf("the draft of T-%d is %q", key.number, d.Text)
		}
	}
	if len(w.desk.drafts) != len(numbers) || len(w.desk.replies) != 1 {
		t.Errorf("%d drafts, %d replies", len(w.desk.drafts), len(w.desk.replies)-1)
	}
}

// saved is the draft of a reply as the server has it.
func (w *window) saved(number int64) string {
	w.desk.mu.Lock()
	defer w.desk.mu.Unlock()
	return w.desk.drafts[draftKey{number, w.gate.viewer().User, false}].Text
}

func tryDraft(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304")
	w.focus("#reply-text")
	begun := time.Now()
	for time.Since(begun) < 2500*time.Millisecond { // who types without a pause is saved, too
		w.keys("x")
		time.Sleep(40 * time.Millisecond)
		if time.Since(begun) > 2100*time.Millisecond && w.saved(2304) == "" {
			t.Fatal("two seconds of typing are not saved")
		}
	}
	w.until("the page says so", `/草稿已存 \d\d:\d\d/.test(document.querySelector('#reply-form [data-saved]').textContent)`)
	text := js[string](w, `document.getElementById('reply-text').value`)
	w.do(`document.getElementById('reply-text').dispatchEvent(new InputEvent('input', {bubbles: true}))`)
	w.insert("!")
	w.run(chromedp.Reload())
	if got := js[string](w, `document.getElementById('reply-text').value`); got != text+"!" {
		t.Errorf("after loading the text is %q, want %q", got, text+"!")
	}
	w.until("the server has it", `!sessionStorage.length`)
	if got := w.saved(2304); got != text+"!" {
		t.Errorf("the server has %q", got)
	}
	w.quiet()
}

func tryTrouble(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304")
	w.focus("#reply-text")
	shown := func(key string) string {
		return `document.getElementById('trouble').textContent.includes('` + key + `') && !document.getElementById('trouble').hidden`
	}
	w.gate.set(lin, true)
	w.insert("半小时的心血")
	w.until("it is said that nothing is saved", shown("没有保存"))
	w.gate.set(viewer.Viewer{}, false)
	w.until("it is said that the session is over", shown("退出登录"))
	w.shot("trouble-signedout")
	w.accessible("signed out")
	// Sending does not lose it either.
	w.press("\r", chromedp.ModifierCtrl)
	w.until("sending says so", shown("退出登录")+` && !document.querySelector('#reply-form .primary').disabled`)
	w.gate.set(lin, true)
	w.press("\r", chromedp.ModifierCtrl)
	w.until("sending says that it was not sent", shown("现在发不出去"))
	if got := js[string](w, `document.getElementById('reply-text').value`); got != "半小时的心血" {
		t.Fatalf("the text is %q", got)
	}
	w.gate.set(lin, false)
	w.do(`dispatchEvent(new Event('focus'))`) // he comes back to this window
	w.until("signed in again, it is saved", `!sessionStorage.length`)
	w.run(chromedp.Reload())
	w.until("it is there after loading", `document.getElementById('reply-text').value === '半小时的心血'`)
	w.press("\r", 0)
	w.focus("#reply-text")
	w.press("\r", chromedp.ModifierCtrl)
	w.until("one is sent", `location.pathname !== '/desk/tickets/T-2304'`)
	w.desk.mu.Lock()
	defer w.desk.mu.Unlock()
	if len(w.desk.replies) != 2 || len(w.desk.drafts) != 0 {
		t.Errorf("%d replies, drafts %v", len(w.desk.replies)-1, w.desk.drafts)
	}
}

func tryOvertaken(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304")
	w.write("已退回。")
	w.desk.mu.Lock()
	w.desk.say(w.desk.tickets[2304], desk.Line{Kind: desk.Message, By: "王建国", Channel: "sms", Language: "zh-Hans", Text: "收到了，谢谢！<b>"})
	w.desk.mu.Unlock()
	w.press("\r", chromedp.ModifierCtrl)
	w.until("the new words stand above the text", `document.getElementById('clash') && document.getElementById('clash').textContent.includes('收到了，谢谢！<b>')`)
	w.until("and in the conversation", `[...document.querySelectorAll('.flow .text')].pop().textContent.includes('谢谢')`)
	w.shot("overtaken")
	w.accessible("overtaken")
	if got := js[string](w, `document.getElementById('reply-text').value`); got != "已退回。" {
		t.Errorf("the text is %q", got)
	}
	w.click("#clash button")
	w.until("it is sent, and the next one is open", `location.pathname !== '/desk/tickets/T-2304' && !!document.querySelector('.undo')`)
}

func tryConflict(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304")
	other := w.twin()
	other.to("/desk/tickets/T-2304")
	w.write("第一个窗口")
	w.until("the first is saved", `!sessionStorage.length`)
	other.write("第二个窗口")
	other.until("the second is told", `document.getElementById('trouble').textContent.includes('另一个窗口') && !document.getElementById('trouble').hidden`)
	other.shot("conflict")
	if got := w.saved(2304); got != "第一个窗口" {
		t.Errorf("the server has %q", got)
	}
	other.click("#trouble [data-way=theirs]")
	other.until("the other text is shown", `document.getElementById('reply-text').value === '第一个窗口'`)
	other.click("#trouble [data-way=theirs]")
	other.until("and one's own again", `document.getElementById('reply-text').value === '第二个窗口'`)
	other.click("#trouble [data-way=keep]")
	other.until("what was chosen is saved", `!sessionStorage.length && document.getElementById('trouble').hidden`)
	if got := w.saved(2304); got != "第二个窗口" {
		t.Errorf("the server has %q", got)
	}
}

func tryHere(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/queues/payments")
	beats := func() int { w.desk.mu.Lock(); defer w.desk.mu.Unlock(); return w.desk.heard }
	for end := time.Now().Add(10 * time.Second); beats() < 2; time.Sleep(20 * time.Millisecond) { // the page, and its worker
		if time.Now().After(end) {
			t.Fatalf("heard %d times", beats())
		}
	}
	w.until("the page says that he is there", `document.querySelector('[data-presence=online] .state').textContent === '在线'`)
	w.click(".here summary")
	w.click(".here form[action='/desk/away'] button")
	w.until("it says so", `document.querySelector('[data-presence=away] .state').textContent === '离开'`)
	w.quiet()
}

func tryUndo(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304")
	w.write("已退回。")
	w.click("#reply-form button[value=stay]")
	w.until("the bar is there", `!!document.querySelector('.undo form') && /\d 秒内可撤回/.test(document.querySelector('.undo').textContent)`)
	first := js[string](w, `document.querySelector('.undo .left').textContent`)
	w.until("it counts down", `document.querySelector('.undo .left').textContent !== '`+first+`'`)
	if js[bool](w, `document.querySelector('.undo').getBoundingClientRect().bottom > document.getElementById('answer').getBoundingClientRect().top + 1`) {
		t.Error("the bar covers the box")
	}
	w.click(".undo form button")
	w.until("the text is in the box again", `document.getElementById('reply-text').value === '已退回。'`)
	w.desk.mu.Lock()
	for _, r := range w.desk.replies {
		r.until = time.Now().Add(-time.Second)
	}
	w.desk.mu.Unlock()
	w.to("/desk?sent=77")
	w.until("what has gone has no button", `!!document.querySelector('.undo') && !document.querySelector('.undo form')`)
}

func tryParts(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304")
	texts := []string{"", "a", strings.Repeat("a", 160), strings.Repeat("a", 161), strings.Repeat("a", 306), strings.Repeat("a", 307), strings.Repeat("€", 80), strings.Repeat("€", 81), strings.Repeat("a", 152) + "€€", "中", strings.Repeat("中", 70),
		strings.Repeat("中", 71), strings.Repeat("😀", 35), strings.Repeat("😀", 36), strings.Repeat("中", 66) + "😀😀", "ç", "Ç", "é\u0301", "\r\n\f", "`", "王先生您好，第二笔 1,280.00 元确认为重复扣款。"}
	for r := rune(1); r < 0x250; r++ {
		texts = append(texts, strings.Repeat(string(r), 75))
	}
	for _, text := range texts {
		g := segments.NewGauge()
		for _, r := range text {
			g.Add(r)
		}
		got := js[struct{ Count, Left int }](w, fmt.Sprintf("deskParts(%s)", quoted(text)))
		if got.Count != g.Segments() || got.Left != g.Left() {
			t.Errorf("%.20q: %+v in the browser, %d and %d in the program", text, got, g.Segments(), g.Left())
		}
	}
	w.write(strings.Repeat("中", 80))
	w.until("the figures follow", `document.querySelector('[data-parts]').textContent === '2 条短信，还可写 54 字'`)
}

// quoted is a text as a script writes it.
func quoted(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		fmt.Fprintf(&out, `\u{%x}`, r)
	}
	out.WriteByte('"')
	return out.String()
}

func tryEarlier(t *testing.T, open opener) {
	w := open(t, lin, crowded)
	w.to("/desk/tickets/T-90")
	if !js[bool](w, `(s => Math.abs(s.scrollTop) < 2)(document.querySelector('.scroll'))`) {
		t.Error("the page does not begin with the newest lines")
	}
	before := js[int](w, `document.querySelectorAll('.flow > *').length`)
	for range 3 {
		link := js[string](w, `document.querySelector('[data-earlier]').dataset.earlier`)
		w.do(`document.querySelector('[data-earlier]').click()`)
		w.until("earlier lines are there", `document.querySelector('[data-earlier]').dataset.earlier !== '`+link+`'`)
	}
	if after := js[int](w, `document.querySelectorAll('.flow > *').length`); after < before+100 {
		t.Errorf("%d things before, %d after", before, after)
	}
	ids := js[[]string](w, `[...document.querySelectorAll('.flow [id^=e-]')].map(e => e.id)`)
	if !slices.IsSortedFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("lines are out of order or twice: %v", ids)
	}
	w.quiet()
}

func tryWithoutScript(t *testing.T, open opener) {
	w := open(t, lin, staged)
	command(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	w.to("/desk/tickets/T-2304")
	w.write("已退回。")
	w.click("#reply-form .primary")
	w.until("the next ticket is open", `location.search.includes('sent=') && document.readyState === 'complete'`)
	w.desk.mu.Lock()
	n := len(w.desk.replies)
	w.desk.mu.Unlock()
	if n != 2 {
		t.Fatalf("%d replies were sent", n-1)
	}
	if js[string](w, focused) != "ticket" {
		t.Errorf("the focus is at %q", js[string](w, focused))
	}
}
