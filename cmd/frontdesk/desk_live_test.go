package main

import (
	"bufio"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/workers/engine/redistest"
	"frontdesk/workers/store/viewer"
)

// pageStream is what somebody's open page is told.
type pageStream struct {
	mu    sync.Mutex
	lines []string
	done  chan struct{} // closed at the end of the stream
}

// hears opens the stream of a page that was just made.
func (c *colleague) hears() *pageStream {
	c.t.Helper()
	mark := regexp.MustCompile(`data-mark="([0-9.]+)"`).FindStringSubmatch(c.see("/desk"))
	if mark == nil {
		c.t.Fatal("the page has no place from which it hears")
	}
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+"/desk/events", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Last-Event-ID", mark[1])
	req.AddCookie(c.cookie)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("the stream: %v, %v", res, err)
	}
	return streamed(res.Body)
}

// streamed reads a stream until its end.
func streamed(body io.ReadCloser) *pageStream {
	h := &pageStream{done: make(chan struct{})}
	go func() {
		defer close(h.done)
		defer body.Close()
		for in := bufio.NewScanner(body); in.Scan(); {
			h.mu.Lock()
			h.lines = append(h.lines, in.Text())
			h.mu.Unlock()
		}
	}()
	return h
}

// has reports whether a line with these parts was heard.
func (h *pageStream) has(parts ...string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.lines, func(l string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(l, p) })
	})
}

// within waits for such a line.
func (h *pageStream) within(t *testing.T, d time.Duration, parts ...string) time.Duration {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		switch took := time.Since(begun); {
		case h.has(parts...):
			return took
		case took > d:
			t.Fatalf("%v was not heard within %v: %q", parts, d, h.lines)
		}
	}
}

// TestAnOpenPageFollowsWhatIsDone: who may read a ticket is told of it, nobody else is; and at a stop each page is told when to come back.
func TestAnOpenPageFollowsWhatIsDone(t *testing.T) {
	t.Parallel()
	r := start(t, testConfig(t))
	wang, chen := r.colleague("wang", everywhere), r.colleague("chen", everywhere)
	stranger := r.colleague("zhao", viewer.Grant{Role: viewer.Agent, Queue: "nowhere"})
	hears, others := wang.hears(), stranger.hears()
	r.mustMail("ann@customer.example", human("ann@customer.example", "Where is my refund?", "a1@customer.example", "Order 20261119001 was refunded last week, and nothing has come."))
	hears.within(t, 10*time.Second, `"kind":"opened"`, `"free":true`, `"own":false`)
	path := chen.next()
	hears.within(t, 2*time.Second, `"kind":"take"`, `"free":false`, `"mine":false`)
	wang.see(path)
	chen.sends(path, "It will be there tomorrow.")
	hears.within(t, 2*time.Second, `"kind":"reply"`, `"ticket":"`+strings.TrimPrefix(path, "/desk/tickets/")+`"`)
	again := wang.hears()
	again.within(t, 2*time.Second, "event: hello")
	if again.has(`"kind"`) {
		t.Error("a page that shows it already is told of it again")
	}
	others.mu.Lock()
	for _, l := range others.lines {
		if strings.Contains(l, `"kind"`) {
			t.Errorf("who has no right hears %s", l)
		}
	}
	others.mu.Unlock()
	r.stop()
	for _, h := range []*pageStream{hears, again, others} {
		h.within(t, 10*time.Second, "event: bye")
		<-h.done
	}
}

// TestPagesHearOfOtherProcesses at once, and a second later when Redis is away.
func TestPagesHearOfOtherProcesses(t *testing.T) {
	t.Parallel()
	redisServer := redistest.Start(t)
	f := newFleet(t, databases.Database(t), redisServer.URL())
	door := program(t, []string{"FRONTDESK_TEST_DIR=" + filepath.Join(f.dir, "door")}, "serve", "--config", f.file(), "--roles", "intake,desk", "--desk", "127.0.0.1:0")
	f.start("work")
	agent := f.colleagueAt("http://"+door.at.Desk, "wang", everywhere)
	hears := agent.hears()
	at := func() string { return door.at.SMTP }
	f.write(0, 1, at).all.Wait()
	hears.within(t, 20*time.Second, `"kind":"opened"`)
	redisServer.Down()
	hears = agent.hears()
	f.write(1, 1, at).all.Wait()
	hears.within(t, 30*time.Second, `"kind":"opened"`)
	redisServer.Up()
}
