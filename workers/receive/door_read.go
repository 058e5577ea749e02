package receive

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
)

// Reasons for which a body is not taken.
var (
	errNoRoom   = errors.New("too many bytes under way")
	errShare    = errors.New("too many bytes of one client under way")
	errTooSlow  = errors.New("the body came too slowly")
	errTooLarge = errors.New("the body is too large")
)

// How a body comes in. What is held for it is held from others, so it is held as it comes and never as
// it was announced, and it has to come at some pace.
const (
	firstBody  = 16 << 10         // held at once; more as it comes
	bodyPause  = 10 * time.Second // without a byte, after which a sender is given up
	bodyBegin  = 10 * time.Second // before the pace counts
	bodyPace   = 8 << 10          // bytes a second
	bodyWithin = 10 * time.Minute // for a whole body
	bodyHurry  = 2 * time.Second  // after which a body that is slower than others may have to go for them
	lingering  = 5 * time.Second  // for a sender to stop sending and read why
)

// incoming is one body that is being read. When the memory of all bodies is short, the slowest one has to go
// (limits.Hold.Yields): an attacker who sends slowly loses his place to those who send.
type incoming struct {
	in     io.Reader
	socket *http.ResponseController
	who    netip.Addr
	began  time.Time

	mu    sync.Mutex // guards all below
	got   int64
	pace  limits.Pace
	given bool // given up for others
	over  bool // nothing of it comes any more
}

// Pace is how many bytes a second came, and whether that counts yet. One that is given up already, or whole, does
// not count.
func (i *incoming) Pace(now time.Time) (perSecond float64, late bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.pace.PerSecond(now), i.pace.Counts(now) && !i.given && !i.over
}

// Who is its client.
func (i *incoming) Who() netip.Addr { return i.who }

// GiveWay gives the body up: whoever reads it wakes up and finds that.
func (i *incoming) GiveWay() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.given || i.over {
		return false
	}
	i.given = true
	_ = i.socket.SetReadDeadline(time.Now())
	return true
}

// Read gives each step of a body its time.
func (i *incoming) Read(p []byte) (int, error) {
	i.mu.Lock()
	if i.given {
		i.mu.Unlock()
		return 0, errTooSlow
	}
	// A connection without deadlines is one of tests.
	_ = i.socket.SetReadDeadline(i.deadline(time.Now()))
	i.mu.Unlock()
	n, err := i.in.Read(p)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got += int64(n)
	i.pace.Came(i.got, time.Now())
	i.over = err != nil
	switch {
	case i.given && err != io.EOF:
		err = errTooSlow
	case errors.Is(err, io.EOF):
		_ = i.socket.SetReadDeadline(time.Time{}) // the server looks beside the handler whether its caller leaves
	}
	return n, err
}

// deadline is when the next byte has to be here.
func (i *incoming) deadline(now time.Time) time.Time {
	at := now.Add(bodyPause)
	for _, end := range []time.Time{
		i.began.Add(bodyBegin + time.Duration(i.got)*time.Second/bodyPace),
		i.began.Add(bodyWithin),
	} {
		if end.Before(at) {
			at = end
		}
	}
	return at
}

// read takes a body into memory, as far as the budget and its client's share have room. What is taken of the share is
// given back by done, which may be called more than once. With an error body is what had come. The buffer doubles as
// it fills, so an announced length that never comes holds 16 KiB.
func (d *Door) read(w http.ResponseWriter, req *http.Request, who netip.Addr, limit int64, hold *limits.Hold) (body []byte, done func(), err error) {
	i := &incoming{in: http.MaxBytesReader(w, req.Body, limit), socket: http.NewResponseController(w), who: who, began: time.Now(), pace: limits.NewPace(bodyHurry, time.Now())}
	most := limit + 1 // one more, so that the end is found without growing
	if req.ContentLength >= 0 {
		most = min(most, req.ContentLength+1)
	}
	held, shared := int64(0), int64(0)
	done = func() { d.Shares.Give(who, shared); shared = 0 }
	hold.Yields(i)
	for {
		if int64(len(body)) == held {
			size := min(max(firstBody, 2*held), most)
			if size > firstBody && !hold.Share(d.Shares, who, size-shared) {
				return nil, done, &channels.Error{Op: "reading request", Class: channels.Throttled, After: 5 * time.Second, Err: errShare}
			} else if size > firstBody {
				shared = size
			}
			if !hold.Press(size) {
				return nil, done, &channels.Error{Op: "reading request", Class: channels.Temporary, After: 5 * time.Second, Err: errNoRoom}
			}
			body, held = append(make([]byte, 0, size), body...), size
		}
		n, err := i.Read(body[len(body):held])
		body = body[:len(body)+n]
		switch {
		case errors.Is(err, io.EOF):
			hold.Whole()
			return body, done, nil
		case err != nil:
			return body, done, readError(err)
		}
	}
}

// linger lets the sender of a body that nobody wants come to read the answer: what he still sends is
// thrown away for a moment, without memory, and then the connection ends.
func linger(w http.ResponseWriter, req *http.Request) {
	socket := http.NewResponseController(w)
	_ = socket.Flush()
	if req.Header.Get("Expect") == "" && socket.SetReadDeadline(time.Now().Add(lingering)) == nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	_ = socket.SetReadDeadline(time.Now())
}

// parting says that the connection ends with this answer.
func parting(w http.ResponseWriter) {
	_ = http.NewResponseController(w).EnableFullDuplex() // the answer comes before the body's end
	w.Header().Set("Connection", "close")
}

// working tells the guard of the connection that a whole request is in hand.
func working(req *http.Request) (rest func()) {
	c := guard.From(req.Context())
	c.Work()
	return c.Rest
}
