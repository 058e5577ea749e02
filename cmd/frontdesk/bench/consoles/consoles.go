// Package consoles plays agents who have a page open each: their streams, and what they ask for.
package consoles

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/cmd/frontdesk/bench/histogram"
)

// Consoles are agents with a page open each. Methods may be called by several at a time, but for Listen and Close.
type Consoles struct {
	desk    string // host:port
	secrets []string
	client  *http.Client
	streams []net.Conn
	reading sync.WaitGroup

	written atomic.Pointer[awaited] // one at a time

	mu    sync.Mutex
	by    map[string]*histogram.Histogram
	seen  histogram.Histogram
	open  []string // numbers of tickets that wait
	taken []string // numbers of those that somebody has
}

// within is how long one answer may take.
const within = 30 * time.Second

// errLost: nothing was found.
var errLost = errors.New("nothing was found in half a minute")

// awaited is a note that all pages are to hear of, and when it was begun to be sent.
type awaited struct {
	told  []byte // the ticket's number, as a stream tells of it
	at    time.Time
	heard atomic.Int64 // by how many streams
}

// The kinds of acts.
const (
	actList   = "list"
	actTicket = "ticket"
	actNext   = "next"
	actSearch = "search"
	actNote   = "note"
	actClose  = "close"
	actCounts = "counts"
)

// Kinds are the kinds of acts.
func Kinds() []string {
	return []string{actList, actTicket, actNext, actSearch, actNote, actClose, actCounts}
}

// round is what an agent does one after the other. Each begins at another place.
var round = []string{actList, actNext, actTicket, actNote, actList, actSearch, actTicket, actNext, actClose, actList}

// lists are the pages of lists that agents look at.
var lists = []string{"/desk/lists/mine", "/desk/lists/unassigned", "/desk/lists/at-risk", "/desk/queues/payments", "/desk/lists/closed"}

// New makes the agents of a desk (host:port), by the secrets of their sessions.
func New(desk string, secrets []string) *Consoles {
	c := &Consoles{desk: desk, secrets: secrets, by: map[string]*histogram.Histogram{},
		client: &http.Client{Timeout: within, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	for _, k := range Kinds() {
		c.by[k] = &histogram.Histogram{}
	}
	return c
}

// Listen opens the stream of each.
func (c *Consoles) Listen(ctx context.Context) error {
	for _, secret := range c.secrets {
		conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", c.desk)
		if err != nil {
			return fmt.Errorf("opening a stream: %w", err)
		}
		c.streams = append(c.streams, conn)
		if _, err := fmt.Fprintf(conn, "GET /desk/events HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nFrontdesk-Pieces: 1\r\nCookie: frontdesk_desk=%s\r\n\r\n", c.desk, secret); err != nil {
			return fmt.Errorf("opening a stream: %w", err)
		}
		in := bufio.NewReaderSize(conn, 16<<10)
		line, err := in.ReadString('\n')
		if err != nil || !strings.Contains(line, " 200 ") {
			return fmt.Errorf("opening a stream: %q, %w", line, err)
		}
		c.reading.Go(func() { c.read(in) })
	}
	return nil
}

// read reads a stream to its end, and notes when notes came. While none is awaited it looks at nothing: in life it is another machine that
// reads.
func (c *Consoles) read(in *bufio.Reader) {
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) { // longer ones come in pieces
			return
		}
		awaited := c.written.Load()
		if awaited == nil {
			continue
		}
		if tells(line, awaited.told) && awaited.heard.Add(1) <= int64(len(c.secrets)) { // what comes again is another note
			c.mu.Lock()
			c.seen.Record(time.Since(awaited.at))
			c.mu.Unlock()
		}
	}
}

// tells reports whether a line tells of a note in a ticket: in one event, or in one among several.
func tells(line, ticket []byte) bool {
	for {
		_, rest, there := bytes.Cut(line, []byte(`{"kind":"note"`))
		if !there {
			return false
		}
		note, behind, _ := bytes.Cut(rest, []byte("}"))
		if bytes.Contains(note, ticket) {
			return true
		}
		line = behind
	}
}

// Close ends the streams.
func (c *Consoles) Close() {
	for _, s := range c.streams {
		_ = s.Close() // nobody writes to it
	}
	c.reading.Wait()
	c.client.CloseIdleConnections()
}

// Took is how long the acts of a kind took, from their beats.
func (c *Consoles) Took(kind string) *histogram.Histogram {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[kind]
}

// Shown is how long it took from the sending of a note until each stream told of it.
func (c *Consoles) Shown() histogram.Histogram {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

var ticketIn = regexp.MustCompile(`/desk/tickets/(T-[0-9]+)`)

// Look reads which tickets wait.
func (c *Consoles) Look(ctx context.Context) error {
	_, body, err := c.ask(ctx, 0, http.MethodGet, "/desk/lists/unassigned", nil)
	for _, m := range ticketIn.FindAllStringSubmatch(body, -1) {
		c.open = append(c.open, m[1])
	}
	if err == nil && len(c.open) == 0 {
		err = errors.New("no ticket waits at the desk that is measured")
	}
	return err
}

// Act lets the agents do n acts by the clock, each a second, or until ctx ends. Meanwhile each page renews its counts, as one does before which somebody sits
// while things happen.
func (c *Consoles) Act(ctx context.Context, n, each int) error {
	const lanes, countsEvery = 20, 5
	all := n / each * len(c.secrets) / countsEvery
	var failed error
	var wait sync.WaitGroup
	wait.Go(func() {
		failed = c.beat(ctx, lanes, all, len(c.secrets)/countsEvery, func(i int) (string, error) {
			_, _, err := c.ask(ctx, i%len(c.secrets), http.MethodGet, "/desk/counts?from=lists%2Fmine", nil)
			return actCounts, err
		})
	})
	err := c.beat(ctx, lanes, n, each, func(i int) (string, error) {
		return c.do(ctx, i%len(c.secrets), round[(i+i/len(c.secrets))%len(round)])
	})
	wait.Wait()
	return errors.Join(err, failed)
}

// beat does n things by the clock, so many a second, or until ctx ends; what each takes counts from its beat.
func (c *Consoles) beat(ctx context.Context, lanes, n, each int, do func(i int) (kind string, err error)) error {
	failed := make([]error, lanes)
	var wait sync.WaitGroup
	begin := time.Now()
	for lane := range lanes {
		wait.Go(func() {
			for i := lane; i < n; i += lanes {
				due := begin.Add(time.Duration(i) * time.Second / time.Duration(each))
				if !pause(ctx, time.Until(due)) {
					failed[lane] = ctx.Err()
					return
				}
				kind, err := do(i)
				if err != nil {
					failed[lane] = fmt.Errorf("%s at the desk: %w", kind, err)
					return
				}
				c.mu.Lock()
				c.by[kind].Record(time.Since(due))
				c.mu.Unlock()
			}
		})
	}
	wait.Wait()
	return errors.Join(failed...)
}

// do does one act. All are leads, and write in what any of them has taken; where nobody has anything a list is looked at.
func (c *Consoles) do(ctx context.Context, agent int, kind string) (done string, err error) {
	mine := c.inHand(kind == actClose)
	if mine == "" && (kind == actNote || kind == actClose) {
		kind = actList
	}
	switch kind {
	case actList:
		_, _, err = c.ask(ctx, agent, http.MethodGet, lists[rand.IntN(len(lists))], nil)
	case actTicket:
		if mine == "" {
			mine = c.open[rand.IntN(len(c.open))]
		}
		_, _, err = c.ask(ctx, agent, http.MethodGet, "/desk/tickets/"+mine, nil)
	case actSearch:
		_, _, err = c.ask(ctx, agent, http.MethodGet, "/desk/search?q="+url.QueryEscape([]string{"退款", "订单", "refund", "锁定"}[rand.IntN(4)]), nil)
	case actNext:
		var at string
		at, _, err = c.ask(ctx, agent, http.MethodPost, "/desk/next", url.Values{})
		if m := ticketIn.FindStringSubmatch(at); m != nil {
			c.mu.Lock()
			c.taken = append(c.taken, m[1])
			c.mu.Unlock()
		}
	case actNote:
		w := &awaited{told: []byte(`"` + mine + `"`), at: time.Now()}
		first := c.written.CompareAndSwap(nil, w)
		_, _, err = c.ask(ctx, agent, http.MethodPost, "/desk/tickets/"+mine+"/note", url.Values{"key": {fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())}, "kind": {"note"}, "text": {"I have asked the bank."}})
		if first {
			time.AfterFunc(2*time.Second, func() { c.written.CompareAndSwap(w, nil) })
		}
	case actClose:
		_, _, err = c.ask(ctx, agent, http.MethodPost, "/desk/tickets/"+mine+"/close", url.Values{"from": {"lists/mine"}})
	}
	return kind, err
}

// inHand is a ticket that somebody has; out takes it out of their hands.
func (c *Consoles) inHand(out bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.taken) == 0 {
		return ""
	}
	i := rand.IntN(len(c.taken))
	number := c.taken[i]
	if out {
		c.taken = slices.Delete(c.taken, i, i+1)
	}
	return number
}

// Find searches until a word is found.
func (c *Consoles) Find(ctx context.Context, word string) error {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		_, body, err := c.ask(ctx, 0, http.MethodGet, "/desk/search?q="+word, nil)
		if err != nil {
			return err
		}
		if ticketIn.MatchString(body) {
			return nil
		}
	}
	return fmt.Errorf("finding a word: %w", errLost)
}

// ask asks the desk as an agent. What it leads to is not followed: the page after an act is an act of its own. at is where that is.
func (c *Consoles) ask(ctx context.Context, agent int, method, path string, form url.Values) (at, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+c.desk+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Cookie", "frontdesk_desk="+c.secrets[agent])
	res, err := c.client.Transport.RoundTrip(req)
	if err != nil {
		return "", "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: status %d", method, path, res.StatusCode)
	}
	return res.Header.Get("Location"), string(text), err
}

// pause waits for the beat, and reports false when ctx has ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
