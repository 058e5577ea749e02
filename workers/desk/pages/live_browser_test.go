package pages

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"frontdesk/templates/desk"
	"frontdesk/workers/desk/events"
	"frontdesk/workers/live"
	"frontdesk/workers/store/viewer"
)

// lively is the live part of a fake desk, which all windows upon it share: what happens is what a test says.
type lively struct {
	events *events.Desk
	desk   *fake

	mu    sync.Mutex
	items []live.Item[events.Change]
	gates map[string]*gate      // of windows, by the addresses of their servers
	conns map[*leaving]struct{} // of streams
}

func newLively(t *testing.T) *lively {
	l := &lively{gates: map[string]*gate{}, conns: map[*leaving]struct{}{}}
	l.events = events.New(events.Config{Source: l,
		Readable: func(_ context.Context, v viewer.Viewer, ticket int64) (bool, error) {
			l.desk.mu.Lock()
			defer l.desk.mu.Unlock()
			_, err := l.desk.see(v, ticket)
			return err == nil, nil
		},
		Names:  func(context.Context) (map[int64]string, error) { return nil, nil },
		Viewer: func(r *http.Request) viewer.Viewer { return l.gate(r.Context()).viewer() },
		Again: func(ctx context.Context) (string, func(context.Context) (viewer.Viewer, bool)) {
			g := l.gate(ctx)
			return fmt.Sprint(g.viewer().User), func(context.Context) (viewer.Viewer, bool) { v := g.viewer(); return v, v.User != 0 }
		}})
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { l.events.Run(ctx); close(done) }()
	t.Cleanup(func() { end(); <-done })
	return l
}

func (l *lively) gate(ctx context.Context) *gate {
	at, _ := ctx.Value(http.LocalAddrContextKey).(net.Addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gates[at.String()]
}

func (l *lively) After(_ context.Context, m live.Mark, limit int) (out []live.Item[events.Change], err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range l.items {
		if i.Mark.Compare(m) > 0 && len(out) < limit {
			out = append(out, i)
		}
	}
	return out, nil
}

func (l *lively) Now(context.Context) (live.Mark, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return live.Mark{N: int64(len(l.items))}, nil
}

func (l *lively) Knows(context.Context, live.Mark) (bool, error) { return true, nil }

// happens tells of changes.
func (l *lively) happens(all ...events.Change) {
	l.mu.Lock()
	for _, c := range all {
		l.items = append(l.items, live.Item[events.Change]{Mark: live.Mark{N: int64(len(l.items) + 1)}, Event: c})
	}
	l.mu.Unlock()
	l.events.Ring()
}

// streams is how many are open.
func (l *lively) streams() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// noted notes which connections are streams.
type noted struct {
	http.ResponseWriter
	of *lively
}

func (n noted) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(n.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("taking a connection over: %w", err)
	}
	n.of.mu.Lock()
	defer n.of.mu.Unlock()
	c := &leaving{Conn: conn, of: n.of}
	n.of.conns[c] = struct{}{}
	return c, rw, nil
}

type leaving struct {
	net.Conn
	of    *lively
	muted atomic.Bool // a cable is out: what is written goes nowhere, and nobody is told
}

func (c *leaving) Write(p []byte) (int, error) {
	if c.muted.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *leaving) Close() error {
	c.of.mu.Lock()
	delete(c.of.conns, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// routes are those of a window.
func (l *lively) routes(w *window) map[string]http.HandlerFunc {
	l.desk = w.desk
	out := map[string]http.HandlerFunc{}
	for pattern, h := range l.events.Routes() {
		out[pattern] = func(rw http.ResponseWriter, r *http.Request) {
			at, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			l.mu.Lock()
			l.gates[at.String()] = w.gate
			l.mu.Unlock()
			w.gate.mu.Lock()
			cut := w.gate.cut
			w.gate.mu.Unlock()
			if cut && strings.HasSuffix(pattern, "/events") {
				panic(http.ErrAbortHandler)
			}
			h(noted{rw, l}, r)
		}
	}
	return out
}

// cut breaks the streams of all windows, and lets no new one of this window in until it is mended.
func (w *window) cut() {
	w.gate.mu.Lock()
	w.gate.cut = true
	w.gate.mu.Unlock()
	w.live.mu.Lock()
	var all []*leaving
	for c := range w.live.conns {
		all = append(all, c)
	}
	w.live.mu.Unlock()
	for _, c := range all {
		c.Close()
	}
}

// mend lets streams in again; the window comes back to the front, as one does who wonders.
func (w *window) mend() {
	w.gate.mu.Lock()
	w.gate.cut = false
	w.gate.mu.Unlock()
	w.do(`dispatchEvent(new Event('online'))`)
}

// colleague is a window of somebody else upon the same desk.
func (w *window) colleague(who viewer.Viewer) *window {
	w.t.Helper()
	tab, shut := chromedp.NewContext(w.ctx, chromedp.WithNewBrowserContext())
	w.t.Cleanup(shut)
	other := &window{t: w.t, ctx: tab, desk: w.desk, gate: &gate{who: who}, live: w.live}
	other.serve()
	other.run(chromedp.EmulateViewport(1440, 900))
	return other
}

// hears waits until the window's stream is open.
func (w *window) hears() {
	w.t.Helper()
	for end := time.Now().Add(8 * time.Second); w.live.streams() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatal("no stream is open")
		}
	}
}

// writes has a customer write.
func (w *window) customer(number int64, text string) {
	w.desk.mu.Lock()
	k := w.desk.tickets[number]
	w.desk.say(k, desk.Line{Kind: desk.Message, By: k.Person.Name, Channel: "sms", Text: text, New: true})
	c := events.Change{Ticket: number, Queue: k.Queue, Kind: "continued", Actor: "frontdesk", Owner: k.owner}
	w.desk.mu.Unlock()
	w.live.happens(c)
}

func tryMeanwhile(t *testing.T, open opener) {
	w := open(t, lin, crowded)
	w.to("/desk/tickets/T-90")
	w.hears()
	w.write("half a sentence")
	w.do(`document.getElementById('reply-text').setSelectionRange(4, 7)`)
	w.do(`document.querySelector('.scroll').scrollTop -= 400`)
	w.do(`window.marked = [...document.querySelectorAll('.flow > *')].at(-8)`)
	place := `Math.round(window.marked.getBoundingClientRect().top)`
	before, rows := js[int](w, place), js[string](w, `document.querySelector('.list .rows').innerHTML`)
	seen := js[string](w, `document.querySelector('#reply-form [name=seen]').value`)
	w.do(`document.querySelector('.acts textarea[name=words]').value = 'why I close it'`)
	w.customer(90, "One more thing.")
	w.until("the new words are said", `document.querySelector('.below .fresh') && document.querySelector('.below .fresh').textContent === '1 条新消息' && document.title.startsWith('(1) ')`)
	w.desk.mu.Lock()
	w.desk.tickets[90].owner, w.desk.tickets[90].Owner = chen.User, chen.Name
	w.desk.say(w.desk.tickets[90], desk.Line{Kind: desk.Event, By: chen.Name, Word: "taken"})
	w.desk.mu.Unlock()
	w.live.happens(events.Change{Ticket: 90, Queue: "payments", Kind: "take", Actor: "chen", Owner: chen.User})
	w.until("who has it now is shown", `document.querySelector('.talk .meta').textContent.includes('Chen Jing')`)
	if got := js[string](w, `(t => [t.value, t.selectionStart, t.selectionEnd, document.activeElement === t].join())(document.getElementById('reply-text'))`); got != "half a sentence,4,7,true" {
		t.Errorf("the text and its place are %s", got)
	}
	if got := js[string](w, `document.querySelector('.acts textarea[name=words]').value`); got != "why I close it" {
		t.Errorf("what was typed above is %q", got)
	}
	if after := js[int](w, place); after-before > 1 || before-after > 1 {
		t.Errorf("what is read has moved from %d to %d", before, after)
	}
	if js[string](w, `document.querySelector('.list .rows').innerHTML`) != rows {
		t.Error("the list has moved")
	}
	if js[string](w, `document.querySelector('#reply-form [name=seen]').value`) != seen {
		t.Error("words count as seen that nobody has seen")
	}
	w.shot("live-meanwhile")
	w.click(".below .fresh")
	w.until("what is shown is seen", `document.querySelector('#reply-form [name=seen]').value !== '`+seen+`' && document.querySelector('.below').hidden && !document.title.startsWith('(')`)
	w.quiet()
}

// trySoon has a customer write fifty times, and looks how long it takes until his words are on the screen. The figures are said, not judged:
// a machine under load is no measure.
func trySoon(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/tickets/T-2304?lang=en")
	w.hears()
	w.do(`window.came = []; new MutationObserver(() => { for (const e of document.querySelectorAll('.flow article .text')) if (e.textContent.startsWith('at ') && !e.dated) { e.dated = true; came.push(Date.now() - Number(e.textContent.slice(3))); } }).observe(document.querySelector('.flow'), {childList: true})`)
	for i := range 50 {
		w.customer(2304, fmt.Sprint("at ", time.Now().UnixMilli()))
		w.until("it is on the screen", fmt.Sprintf(`came.length > %d`, i))
		time.Sleep(50 * time.Millisecond)
	}
	all := js[[]int](w, `came.sort((a, b) => a - b)`)
	t.Logf("on the screen after %d ms (p50), %d (p90), %d (most)", all[25], all[45], all[49])
	w.quiet()
}

func tryCutOff(t *testing.T, open opener) {
	a := open(t, lin, staged)
	b := a.colleague(chen)
	b.to("/desk/tickets/T-2304?lang=en")
	b.hears()
	b.write("I think so.")
	answers := func(text string) {
		t.Helper()
		a.desk.mu.Lock()
		k := a.desk.tickets[2304]
		a.desk.say(k, desk.Line{Kind: desk.Reply, By: lin.Name, Channel: "sms", Text: text})
		a.desk.mu.Unlock()
		a.live.happens(events.Change{Ticket: 2304, Queue: "payments", Kind: "reply", Actor: "lin", Owner: lin.User})
	}
	shown := func(text string) string {
		return `[...document.querySelectorAll('.flow article.say .text')].some(e => e.textContent === '` + text + `')`
	}
	b.cut()
	time.Sleep(6 * time.Second) // as long as anybody may be cut off: the page has tried and waits for its next try
	answers("The first answer.")
	if js[bool](b, shown("The first answer.")) {
		t.Fatal("the stream is not cut")
	}
	b.mend()
	begun := time.Now()
	b.until("it is shown", shown("The first answer."))
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("it was shown after %v", took)
	}
	b.do(`document.querySelector('.scroll').scrollTop = 0`)
	b.until("it is before his eyes", `!document.querySelector('.below') || document.querySelector('.below').hidden`)
	b.cut()
	answers("The second answer.")
	b.press("\r", chromedp.ModifierCtrl)
	b.until("his own is refused once", `document.getElementById('clash') && document.getElementById('clash').textContent.includes('The second answer.') && !document.getElementById('clash').textContent.includes('The first answer.')`)
	if got := js[string](b, `document.getElementById('reply-text').value`); got != "I think so." {
		t.Errorf("the text is %q", got)
	}
	b.click("#clash button")
	b.until("and sent when he says so", `location.pathname !== '/desk/tickets/T-2304' || location.search.includes('sent=')`)
}

func tryReaders(t *testing.T, open opener) {
	a := open(t, lin, staged)
	b := a.colleague(chen)
	a.to("/desk/tickets/T-2304?lang=en")
	a.hears()
	says := func(what string, within time.Duration, text string) {
		t.Helper()
		begun := time.Now()
		a.until(what, `(e => e ? e.textContent : '')(document.querySelector('.readers')) === '`+text+`'`)
		if took := time.Since(begun); took > within {
			t.Errorf("%s: after %v", what, took)
		}
	}
	b.to("/desk/tickets/T-2304")
	says("who reads", 2*time.Second, "Chen Jing is reading")
	b.until("he sees the other", `document.querySelector('.readers').textContent === '林晓 is reading'`)
	a.shot("live-readers")
	a.accessible("readers")
	b.write("Dear")
	says("who writes", 2*time.Second, "Chen Jing is writing")
	b.to("/desk/lists/mine")
	says("who has left", 2*time.Second, "")
	b.to("/desk/tickets/T-2290")
	says("who reads another ticket", 2*time.Second, "")
	a.quiet()
}

func tryNewInList(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/queues/payments?lang=en")
	w.hears()
	rows := js[string](w, `document.querySelector('.rows').innerHTML`)
	top := js[int](w, `Math.round(document.querySelector('.row').getBoundingClientRect().top)`)
	said := `(b => b && !b.hidden ? b.textContent : '')(document.querySelector('.list .fresh'))`
	w.desk.open(2400, "security", "sms", "en", "Nobody", "Another team's", "hidden", time.Hour)
	w.live.happens(events.Change{Ticket: 2400, Queue: "security", Kind: "opened", Actor: "frontdesk"})
	for i := range 3 {
		w.desk.open(int64(2401+i), "payments", "sms", "en", "Somebody", "A new one", "text", time.Duration(i)*time.Minute)
		w.live.happens(events.Change{Ticket: int64(2401 + i), Queue: "payments", Kind: "opened", Actor: "frontdesk"}, events.Change{Ticket: int64(2401 + i), Queue: "payments", Kind: "continued", Actor: "frontdesk"})
	}
	w.until("it says so", said+` === '3 new' && document.title.startsWith('(3) ')`)
	w.until("the figures follow", `[...document.querySelectorAll('.nav li a')].some(a => a.pathname === '/desk/queues/payments' && a.querySelector('.count').textContent.startsWith('6'))`)
	if js[string](w, `document.querySelector('.rows').innerHTML`) != rows || js[int](w, `Math.round(document.querySelector('.row').getBoundingClientRect().top)`) != top {
		t.Error("the list has moved under who reads it")
	}
	w.shot("live-list")
	w.accessible("something new in a list")
	w.click(".list .fresh")
	w.until("the list is shown as it is", said+` === '' && document.querySelectorAll('.rows .row').length === 6 && document.activeElement.matches('.row')`)
	w.to("/desk/tickets/T-2304?from=queues/payments&lang=en")
	w.hears()
	w.write("kept")
	var many []events.Change
	for i := range int64(10) { // which are told in one event
		w.desk.open(2410+i, "payments", "sms", "en", "Somebody", "Newer still", "text", time.Minute)
		many = append(many, events.Change{Ticket: 2410 + i, Queue: "payments", Kind: "opened", Actor: "frontdesk"})
	}
	w.live.happens(many...)
	w.until("beside a ticket, and in one piece, too", said+` === '10 new'`)
	w.do(`document.querySelector('.list .fresh').click()`)
	w.until("and there it is shown without leaving the ticket", `document.querySelectorAll('.rows .row').length === 16 && document.querySelector('.row[aria-current]').textContent.includes('T-2304') && document.getElementById('reply-text').value === 'kept'`)
	w.quiet()
}

func tryLost(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/queues/payments?lang=en")
	w.hears()
	line := `(e => e.hidden ? '' : e.textContent)(document.getElementById('live'))`
	w.until("nothing is said", line+` === ''`)
	w.cut()
	begun := time.Now()
	w.until("it is said", line+`.startsWith('The connection is cut since ')`)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("said after %v", took)
	}
	w.shot("live-lost")
	w.accessible("a lost connection")
	w.desk.open(2401, "payments", "sms", "en", "Somebody", "A new one", "text", time.Minute)
	w.live.happens(events.Change{Ticket: 2401, Queue: "payments", Kind: "opened", Actor: "frontdesk"})
	w.mend()
	w.until("it is back, and what was missed is told", line+` === '' && document.querySelector('.list .fresh').textContent === '1 new'`)
	w.live.mu.Lock()
	for c := range w.live.conns {
		c.muted.Store(true)
	}
	w.live.mu.Unlock()
	begun = time.Now()
	w.until("silence is said, too", line+`.startsWith('The connection is cut since ')`)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("said after %v", took)
	}
	w.until("and given up for a new stream", line+` === ''`)
	// The stream is there, and its next beat takes the words away: whoever looks late says it once more.
	w.until("a browser that knows it says so at once", `(dispatchEvent(new Event('offline')), `+line+`.startsWith('The connection is cut'))`)
	w.to("/desk/queues/payments?lang=zh")
	w.hears()
	w.until("in Chinese, too", `(dispatchEvent(new Event('offline')), `+line+`.includes('起中断'))`)
	w.quiet()
}

func tryTabs(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/queues/payments?lang=en")
	w.hears()
	other := w.twin()
	other.to("/desk/queues/payments")
	said := `(b => b && !b.hidden ? b.textContent : '')(document.querySelector('.list .fresh'))`
	w.customer(2290, "Hello?")
	for _, tab := range []*window{w, other} {
		tab.until("each tab is told", said+` === '1 new'`)
	}
	if n := w.live.streams(); n != 1 {
		t.Errorf("%d streams are open", n)
	}
	w.run(chromedp.Navigate("about:blank"))
	w.desk.open(2401, "payments", "sms", "en", "Somebody", "A new one", "text", time.Minute)
	w.live.happens(events.Change{Ticket: 2401, Queue: "payments", Kind: "opened", Actor: "frontdesk"})
	other.until("the other one reads now", said+` === '2 new'`)
	other.quiet()
}

func tryNotices(t *testing.T, open opener) {
	w := open(t, lin, staged)
	w.to("/desk/queues/refund?lang=en")
	w.hears()
	w.do(`window.given = []; window.Notification = class { constructor(text) { given.push(text); } static permission = 'granted'; static requestPermission() { return Promise.resolve('granted'); } }`)
	w.do(`document.querySelector('.here summary').click(); document.getElementById('alert-show').click()`)
	w.until("the switch is kept", `localStorage.getItem('desk:1:show') === 'on'`)
	w.do(`document.hasFocus = () => false`)
	flood := func() {
		var all []events.Change
		for i := range 300 {
			all = append(all, events.Change{Ticket: int64(5000 + i), Queue: "payments", Kind: "continued", Actor: "frontdesk", Owner: lin.User})
		}
		w.live.happens(all...)
		w.live.happens(events.Change{Ticket: 1, Queue: "payments", Kind: "continued", Actor: "frontdesk", Owner: chen.User}, events.Change{Ticket: 2, Queue: "payments", Kind: "give", Actor: "lin", Owner: lin.User})
	}
	flood()
	w.until("one notice for all", `window.given.length === 1 && window.given[0] === 'Something new in 300 tickets'`)
	flood()
	time.Sleep(3 * time.Second)
	if n := js[int](w, `window.given.length`); n != 1 {
		t.Errorf("%d notices within a few seconds", n)
	}
	w.desk.mu.Lock()
	w.desk.gone[lin.User] = true
	w.desk.mu.Unlock()
	w.to("/desk/queues/refund?lang=en")
	w.hears()
	w.do(`window.given = []; window.Notification = class { constructor(text) { given.push(text); } static permission = 'granted'; }; document.hasFocus = () => false`)
	flood()
	time.Sleep(3 * time.Second)
	if n := js[int](w, `window.given.length`); n != 0 {
		t.Errorf("%d notices to who is away", n)
	}
	w.desk.mu.Lock()
	delete(w.desk.gone, lin.User)
	w.desk.mu.Unlock()
	w.gate.mu.Lock()
	w.gate.rings = "given:show,sound;answered:mail;named:show"
	w.gate.mu.Unlock()
	w.to("/desk/queues/refund?lang=en")
	w.hears()
	w.do(`window.given = []; window.Notification = class { constructor(text) { given.push(text); } static permission = 'granted'; }; document.hasFocus = () => false`)
	flood()
	w.live.happens(events.Change{Ticket: 7, Queue: "payments", Kind: "named", Actor: "tom", Named: ",1,"}, events.Change{Ticket: 8, Queue: "payments", Kind: "give", Actor: "tom", Owner: lin.User}, events.Change{Ticket: 9, Queue: "payments", Kind: "named", Actor: "tom", Named: ",2,"})
	w.until("of what he has chosen alone", `window.given.length === 1 && window.given[0] === 'Something new in 2 tickets'`)
	w.gate.mu.Lock()
	w.gate.rings = "given:show;answered:show;named:mail"
	w.gate.mu.Unlock()
	other := w.twin()
	other.to("/desk/queues/refund?lang=en")
	other.do(`document.hasFocus = () => false`)
	time.Sleep(4 * time.Second) // notices lie ten seconds apart
	w.do(`window.given = []`)
	w.live.happens(events.Change{Ticket: 11, Queue: "payments", Kind: "named", Actor: "tom", Named: ",1,"}, events.Change{Ticket: 13, Queue: "payments", Kind: "named", Actor: "tom", Named: ",1,"}, events.Change{Ticket: 12, Queue: "payments", Kind: "continued", Actor: "frontdesk", Owner: lin.User})
	w.until("besides the two, of what he has chosen since in another tab", `window.given.length === 1 && window.given[0] === 'Something new in 3 tickets'`)
	other.quiet()
	w.quiet()
}
