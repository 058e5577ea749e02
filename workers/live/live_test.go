package live

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// feed is a source in memory.
type feed struct {
	mu    sync.Mutex
	items []Item[string]
	first int64 // the first event that is still there
	asked int
	err   error
}

func (f *feed) add(events ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		f.items = append(f.items, Item[string]{Mark{0, int64(len(f.items) + 1)}, e})
	}
}

func (f *feed) looks() int {
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *feed) After(_ context.Context, m Mark, limit int) (out []Item[string], err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	for _, i := range f.items {
		if i.Mark.Compare(m) > 0 && len(out) < limit {
			out = append(out, i)
		}
	}
	return out, f.err
}

func (f *feed) Now(context.Context) (Mark, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return Mark{0, int64(len(f.items))}, f.err
}

func (f *feed) Knows(_ context.Context, m Mark) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return m.Turn == 0 && m.N >= f.first && m.N <= int64(len(f.items)), f.err
}

// everything tells a reader all events.
func everything(context.Context) (Tell[string], bool) {
	return each(func(e string) Message { return Message{Data: e} }), true
}

// each tells of events one by one; of what is the zero Message nothing.
func each(say func(e string) Message) Tell[string] {
	return func(items []Item[string]) (out []Placed) {
		for _, i := range items {
			if m := say(i.Event); m != (Message{}) {
				out = append(out, Placed{i.Mark, m})
			}
		}
		return out
	}
}

// piped is an answer whose connection can be taken over.
type piped struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (p piped) Hijack() (net.Conn, *bufio.ReadWriter, error) { return p.conn, nil, nil }

// wired is a browser's side of a stream: what it reads line by line, without the headers.
type wired struct {
	conn  net.Conn
	lines chan string // closed at the end of the stream
}

// hubbed runs a hub in a bubble, and ends it.
func hubbed(t *testing.T, c Config[string], try func(f *feed, h *Hub[string])) {
	synctest.Test(t, func(t *testing.T) {
		f := &feed{}
		c.Source = f
		h := NewHub(c)
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { h.Run(ctx); close(done) }()
		try(f, h)
		end()
		<-done
	})
}

// browse opens a stream and reads it.
func browse(h *Hub[string], r Reader[string]) *wired {
	here, there := net.Pipe()
	w := &wired{conn: here, lines: make(chan string, 50_000)}
	go func() {
		defer close(w.lines)
		lines := bufio.NewScanner(here)
		for lines.Scan() && lines.Text() != "" { // headers
		}
		for lines.Scan() {
			w.lines <- lines.Text()
		}
	}()
	h.Serve(piped{httptest.NewRecorder(), there}, httptest.NewRequest(http.MethodGet, "/events", nil), r)
	synctest.Wait()
	return w
}

// told is what has come since the last time, events parted by bars.
func (w *wired) told() string {
	synctest.Wait()
	var out []string
	for {
		select {
		case l, open := <-w.lines:
			if open {
				out = append(out, l)
				continue
			}
			out = append(out, "end")
		default:
		}
		return strings.Trim(strings.ReplaceAll(strings.Join(out, " "), "  ", " | "), " |")
	}
}

func (w *wired) wants(t *testing.T, what, want string) {
	t.Helper()
	if got := w.told(); got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

func TestAStreamTellsWhatHappens(t *testing.T) {
	hubbed(t, Config[string]{}, func(f *feed, h *Hub[string]) {
		f.add("before")
		w := browse(h, Reader[string]{Look: everything})
		w.wants(t, "the beginning", "id: 0.1 event: hello data: {}")
		f.add("one")
		h.Ring()
		time.Sleep(pause)
		w.wants(t, "after a ring", "id: 0.2 data: one")
		f.add("two", "three")
		time.Sleep(time.Second + pause)
		w.wants(t, "within a second though nobody rings", "id: 0.3 data: two | id: 0.4 data: three")
		w.conn.Close()
	})
}

func TestWhoComesBackIsToldWhatHeMissed(t *testing.T) {
	for _, c := range []struct {
		name, after, want string
		first             int64
		missed            int
	}{
		{"nothing was missed", "0.4", "id: 0.4 event: hello data: {}", 0, 0},
		{"two events", "0.2", "id: 0.2 event: hello data: {} | id: 0.3 data: e3 | id: 0.4 data: e4", 0, 0},
		{"what is not there any more", "0.2", "id: 0.4 event: reset data: {}", 3, 0},
		{"a mark that is none yet", "0.9", "id: 0.4 event: reset data: {}", 0, 0},
		{"a mark of another database", "7.2", "id: 0.4 event: reset data: {}", 0, 0},
		{"no mark at all", "one' OR 1", "id: 0.4 event: reset data: {}", 0, 0},
		{"more than is told", "0.4", "id: 0.4 event: hello data: {} | id: 0.1005 event: reset data: {}", 0, mostMissed + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			hubbed(t, Config[string]{}, func(f *feed, h *Hub[string]) {
				f.add("e1", "e2", "e3", "e4")
				f.first = c.first
				for i := range c.missed {
					f.add(fmt.Sprint("more", i))
				}
				w := browse(h, Reader[string]{After: c.after, Look: everything})
				w.wants(t, "coming back", c.want)
				f.add("next")
				h.Ring()
				time.Sleep(2 * pause)
				if got := w.told(); !strings.HasSuffix(got, "data: next") || strings.Count(got, "data:") != 1 {
					t.Errorf("what comes then: %s", got)
				}
				w.conn.Close()
			})
		})
	}
}

// TestNothingIsToldTwiceOrLeftOut: readers come and go while much happens; each knows all of it in the end, once.
func TestNothingIsToldTwiceOrLeftOut(t *testing.T) {
	hubbed(t, Config[string]{}, func(f *feed, h *Hub[string]) {
		mark, next := "", 1
		for round := range 50 {
			w := browse(h, Reader[string]{After: mark, Look: everything})
			for range round % 7 {
				f.add("e")
				if round%2 == 0 {
					h.Ring()
				}
				time.Sleep(time.Duration(round) * pause / 7)
			}
			if round%3 == 0 {
				time.Sleep(time.Second)
			}
			w.conn.Close()
			for _, e := range strings.Split(w.told(), " | ") {
				id, name, _ := strings.Cut(strings.TrimPrefix(e, "id: "), " ")
				if name == "data: e" {
					if want := fmt.Sprintf("0.%d", next); id != want {
						t.Fatalf("round %d: told %s, want %s", round, id, want)
					}
					next++
				}
				if name != "" {
					mark = id
				}
			}
		}
		if w := browse(h, Reader[string]{After: mark, Look: everything}); strings.Count(w.told(), "data: e")+next-1 != len(f.items) {
			t.Errorf("%d of %d events were told", next-1, len(f.items))
		}
	})
}

// TestRightsAreThoseOfTheMomentOfSending: what a reader may not see gives him nothing, and who is signed out hears no more.
func TestRightsAreThoseOfTheMomentOfSending(t *testing.T) {
	hubbed(t, Config[string]{Beat: time.Minute}, func(f *feed, h *Hub[string]) {
		var mu sync.Mutex
		may, in := "mine", true
		now := func(is string, signedIn bool) { mu.Lock(); may, in = is, signedIn; mu.Unlock() }
		look := func(context.Context) (Tell[string], bool) {
			mu.Lock()
			defer mu.Unlock()
			own := may
			return each(func(e string) Message {
				if !strings.HasPrefix(e, own) {
					return Message{}
				}
				return Message{Name: "change", Data: e}
			}), in
		}
		w := browse(h, Reader[string]{Look: look})
		w.told()
		step := func(what, event, want string) {
			t.Helper()
			f.add(event)
			h.Ring()
			time.Sleep(2 * pause)
			w.wants(t, what, want)
		}
		step("his own", "mine 1", "id: 0.1 event: change data: mine 1")
		step("another team's", "theirs 2", "")
		now("theirs", true)
		step("with another right", "theirs 3", "id: 0.3 event: change data: theirs 3")
		step("of his former one", "mine 4", "")
		time.Sleep(time.Minute)
		w.wants(t, "his place moves on with the next sign of life", "id: 0.4")
		now("theirs", false)
		step("when he is signed out", "theirs 5", "end")
	})
}

func TestSignsOfLife(t *testing.T) {
	hubbed(t, Config[string]{}, func(_ *feed, h *Hub[string]) {
		var out atomic.Bool
		look := func(context.Context) (Tell[string], bool) { return nil, !out.Load() }
		w := browse(h, Reader[string]{Look: look})
		w.told()
		for range 10 {
			begun := time.Now()
			for w.told() == "" {
				time.Sleep(100 * time.Millisecond)
			}
			if d := time.Since(begun); d < 20*time.Second-200*time.Millisecond || d > 25*time.Second+200*time.Millisecond {
				t.Errorf("a sign of life after %v", d)
			}
		}
		out.Store(true)
		time.Sleep(26 * time.Second)
		w.wants(t, "at the next one the session has ended", "end")
		if n := h.Streams(); n != 0 {
			t.Errorf("%d streams are open", n)
		}
	})
}

func TestOneReaderHasThreeStreamsAndAllHaveTheirs(t *testing.T) {
	hubbed(t, Config[string]{Most: 5}, func(_ *feed, h *Hub[string]) {
		var own []*wired
		for range 4 {
			own = append(own, browse(h, Reader[string]{Key: "a", Look: everything}))
		}
		own[0].wants(t, "the oldest of four", `id: 0.0 event: hello data: {} | event: bye data: {"retry":60000} | end`)
		own[1].wants(t, "the next one", "id: 0.0 event: hello data: {}")
		for i := range 3 {
			r := httptest.NewRecorder()
			if i < 2 {
				browse(h, Reader[string]{Key: "b", Look: everything})
				continue
			}
			h.Serve(r, httptest.NewRequest(http.MethodGet, "/events", nil), Reader[string]{Key: "c", Look: everything})
			if r.Code != http.StatusServiceUnavailable || r.Header().Get("Retry-After") != "15" {
				t.Errorf("who finds no room is told %d", r.Code)
			}
		}
		browse(h, Reader[string]{Key: "a", Look: everything})
		if n := h.Streams(); n != 5 {
			t.Errorf("%d streams are open", n)
		}
	})
}

// TestAReaderThatTakesNothingIsLetGo: nothing waits for it beyond its time.
func TestAReaderThatTakesNothingIsLetGo(t *testing.T) {
	hubbed(t, Config[string]{}, func(f *feed, h *Hub[string]) {
		here, there := net.Pipe()
		defer here.Close()
		h.Serve(piped{httptest.NewRecorder(), there}, httptest.NewRequest(http.MethodGet, "/events", nil), Reader[string]{Look: everything})
		synctest.Wait()
		for range 100 {
			f.add("e")
			h.Ring()
			h.Say(0, Message{Data: "hello"})
		}
		time.Sleep(writeWithin + time.Millisecond)
		synctest.Wait()
		if n := h.Streams(); n != 0 {
			t.Errorf("%d streams are open", n)
		}
	})
}

// TestASlowReaderMissesNothing: what has left the memory is read from the source.
func TestASlowReaderMissesNothing(t *testing.T) {
	hubbed(t, Config[string]{}, func(f *feed, h *Hub[string]) {
		w := browse(h, Reader[string]{Look: everything})
		slow := &stream[string]{hub: h, Reader: Reader[string]{Look: everything}}
		for range kept/100 + 5 {
			for range 100 {
				f.add("e")
			}
			h.Ring()
			time.Sleep(2 * gather)
		}
		if n := strings.Count(w.told(), "data: e"); n != len(f.items) {
			t.Errorf("%d of %d events were told", n, len(f.items))
		}
		if items, missed, err := h.since(t.Context(), slow.mark); err != nil || !missed || len(items) != mostMissed+1 {
			t.Errorf("of who has missed all: %d, %v, %v", len(items), missed, err)
		}
		if items, missed, err := h.since(t.Context(), Mark{0, 600}); err != nil || !missed {
			t.Errorf("%d, %v, %v", len(items), missed, err)
		}
		if items, missed, err := h.since(t.Context(), Mark{0, int64(len(f.items) - 3)}); err != nil || missed || len(items) != 3 {
			t.Errorf("of who has missed three: %d, %v, %v", len(items), missed, err)
		}
	})
}

func TestWhatIsSaidIsHeardByWhomItIsSaidTo(t *testing.T) {
	hubbed(t, Config[string]{}, func(_ *feed, h *Hub[string]) {
		a, b := browse(h, Reader[string]{Key: "a", Who: 1, Look: everything}), browse(h, Reader[string]{Key: "b", Who: 2, Look: everything})
		a.told()
		b.told()
		h.Say(1, Message{"who", "Tom\nevent: forged"})
		a.wants(t, "to whom it is said", "event: who data: Tom event: forged")
		b.wants(t, "to others", "")
	})
}

func TestTheEndIsSaidAndNotToAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub(Config[string]{Source: &feed{}})
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { h.Run(ctx); close(done) }()
		var all []*wired
		for i := range 20 {
			all = append(all, browse(h, Reader[string]{Key: fmt.Sprint(i), Look: everything}))
		}
		end()
		<-done
		after := map[string]bool{}
		for _, w := range all {
			said := w.told()
			_, retry, ok := strings.Cut(said, `event: bye data: {"retry":`)
			if !ok || !strings.HasSuffix(said, "end") {
				t.Fatalf("the end: %s", said)
			}
			after[retry] = true
			var ms int
			if _, err := fmt.Sscan(retry[:strings.IndexByte(retry, '}')], &ms); err != nil || ms < 500 || ms > 8000 {
				t.Errorf("back after %s ms: %v", retry, err)
			}
		}
		if len(after) < 10 {
			t.Errorf("all come back at once: %v", after)
		}
		r := httptest.NewRecorder()
		h.Serve(r, httptest.NewRequest(http.MethodGet, "/events", nil), Reader[string]{Look: everything})
		if r.Code != http.StatusServiceUnavailable {
			t.Errorf("behind the end: %d", r.Code)
		}
	})
}

func TestNobodyIsAskedWhileNobodyReads(t *testing.T) {
	hubbed(t, Config[string]{}, func(f *feed, h *Hub[string]) {
		for range 100 {
			h.Ring()
			time.Sleep(time.Second)
		}
		if n := f.looks(); n != 0 {
			t.Errorf("the source was asked %d times", n)
		}
		w := browse(h, Reader[string]{Look: everything})
		time.Sleep(10 * time.Second)
		w.conn.Close()
		time.Sleep(30 * time.Second) // until the next sign of life finds nobody
		asked := f.looks()
		time.Sleep(time.Minute)
		if after := f.looks(); asked < 10 || after != asked {
			t.Errorf("asked %d times while somebody read, %d after that", asked, after-asked)
		}
	})
}

// TestASourceThatFailsEndsNothing: streams stay open, and are told when it is back.
func TestASourceThatFailsEndsNothing(t *testing.T) {
	hubbed(t, Config[string]{}, func(f *feed, h *Hub[string]) {
		w := browse(h, Reader[string]{Look: everything})
		w.told()
		f.mu.Lock()
		f.err = io.ErrUnexpectedEOF
		f.mu.Unlock()
		f.add("e")
		time.Sleep(10 * time.Second)
		w.wants(t, "while it is away", "")
		f.mu.Lock()
		f.err = nil
		f.mu.Unlock()
		time.Sleep(2 * time.Second)
		w.wants(t, "when it is back", "id: 0.1 data: e")
	})
}

// TestTheWireItself: over real connections, by HTTP/1.1, which is taken over, and by HTTP/2, which cannot be.
func TestTheWireItself(t *testing.T) {
	for name, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		t.Run(name, func(t *testing.T) {
			f := &feed{}
			h := NewHub(Config[string]{Source: f, Back: time.Second})
			ctx, end := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { h.Run(ctx); close(done) }()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Security-Policy", "default-src 'none'")
				h.Serve(w, r, Reader[string]{After: r.Header.Get("Last-Event-ID"), Look: everything})
			}))
			server.EnableHTTP2 = h2
			if server.StartTLS(); !h2 {
				server.Client().Transport.(*http.Transport).TLSClientConfig.NextProtos = []string{"http/1.1"}
				server.Client().Transport.(*http.Transport).TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
			}
			defer server.Close()
			f.add("one", "two")
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Last-Event-ID", "0.1")
			res, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.Proto != name || res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get("Content-Security-Policy") == "" || res.Header.Get("Cache-Control") != "no-store, no-transform" {
				t.Fatalf("%s %d %v", res.Proto, res.StatusCode, res.Header)
			}
			in := bufio.NewReader(res.Body)
			wants := func(lines ...string) {
				t.Helper()
				for _, want := range lines {
					if got, err := in.ReadString('\n'); err != nil || got != want+"\n" {
						t.Fatalf("got %q, %v, want %q", got, err, want)
					}
				}
			}
			wants("id: 0.1", "event: hello", "data: {}", "", "id: 0.2", "data: two", "")
			f.add("three")
			h.Ring()
			wants("id: 0.3", "data: three", "")
			end()
			wants("event: bye")
			<-done
		})
	}
}

// TestManyRingsAreOneWordToOthers, whether it can be said or not.
func TestManyRingsAreOneWordToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		words, heard := 0, make(chan struct{}, 1)
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			Pass(ctx, heard, func(context.Context) error { words++; return io.ErrClosedPipe })
			close(done)
		}()
		for range 1000 {
			select {
			case heard <- struct{}{}:
			default:
			}
			time.Sleep(time.Millisecond)
		}
		end()
		<-done
		if words < 15 || words > 25 {
			t.Errorf("%d words to others in a second", words)
		}
	})
}

func TestMarks(t *testing.T) {
	for text, want := range map[string]Mark{"0.0": {}, "17.4": {17, 4}, "9223372036854775807.1": {1<<63 - 1, 1}} {
		if m, ok := ReadMark(text); !ok || m != want {
			t.Errorf("%s: %v, %v", text, m, ok)
		}
	}
	for _, text := range []string{"", "1", "1.", ".1", "-1.2", "1.-2", "01.2", "1.2.3", "+1.2", "1.2 ", "9223372036854775808.1", strings.Repeat("1", 50)} {
		if m, ok := ReadMark(text); ok {
			t.Errorf("%q is %v", text, m)
		}
	}
}

// FuzzReadMark: whatever a browser says is a mark in its one spelling, or none.
func FuzzReadMark(f *testing.F) {
	for _, s := range []string{"0.0", "17.4", "1.2.3", "\n", "1.9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := ReadMark(s)
		if ok && (m.String() != s || m.Turn < 0 || m.N < 0) || !ok && m != (Mark{}) {
			t.Errorf("%q is %v, %v", s, m, ok)
		}
	})
}
