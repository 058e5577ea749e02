package workers

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/guard"
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
	bodyFast   = 1 << 20          // bytes a second, at which a body is not slow, whatever others do
	roomWithin = 250 * time.Millisecond
	lingering  = 5 * time.Second // for a sender to stop sending and read why
)

// incoming is one body that is being read.
type incoming struct {
	in     io.Reader
	socket *http.ResponseController
	who    netip.Addr
	hold   *channels.Hold
	began  time.Time

	mu    sync.Mutex // guards all below
	got   int64
	given bool // given up for others
}

// bodies are those under way that did not come at once.
type bodies struct {
	mu   sync.Mutex
	open map[*incoming]struct{}
}

func (b *bodies) enter(i *incoming) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = map[*incoming]struct{}{}
	}
	b.open[i] = struct{}{}
}

func (b *bodies) leave(i *incoming) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, i)
}

// giveUp ends the slowest body but one's own; false when none is slow.
func (b *bodies) giveUp(but *incoming, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	var slowest *incoming
	least := float64(bodyFast)
	for i := range b.open {
		if pace, late := i.pace(now); i != but && late && pace < least {
			slowest, least = i, pace
		}
	}
	if slowest == nil {
		return false
	}
	slowest.mu.Lock()
	slowest.given = true
	slowest.mu.Unlock()
	_ = slowest.socket.SetReadDeadline(now) // it wakes up, and finds that it was given up
	return true
}

// pace is how many bytes a second came, and whether that counts yet. One that is given up already does
// not count.
func (i *incoming) pace(now time.Time) (perSecond float64, late bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	age := now.Sub(i.began)
	return float64(i.got) / max(age.Seconds(), 1), age >= bodyHurry && !i.given
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
	if i.given {
		err = errTooSlow
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

// read takes a body into memory, as far as the budget and its client's share have room. What is taken of
// the share is given back by done.
func (d *Door) read(w http.ResponseWriter, req *http.Request, who netip.Addr, limit int64, hold *channels.Hold) (body []byte, done func(), err error) {
	i := &incoming{in: http.MaxBytesReader(w, req.Body, limit), socket: http.NewResponseController(w), who: who, hold: hold, began: time.Now()}
	most := limit + 1 // one more, so that the end is found without growing
	if req.ContentLength >= 0 {
		most = min(most, req.ContentLength+1)
	}
	held, shared := int64(0), int64(0)
	done = func() { d.Shares.Give(who, shared) }
	for {
		if int64(len(body)) == held {
			size := min(max(firstBody, 2*held), most)
			if size > firstBody && !d.Shares.Take(who, size-shared) {
				return nil, done, &channels.Error{Op: "reading request", Class: channels.Throttled, After: 5 * time.Second, Err: errShare}
			} else if size > firstBody {
				shared = size
			}
			if !d.room(i, size) {
				return nil, done, &channels.Error{Op: "reading request", Class: channels.Temporary, After: 5 * time.Second, Err: errNoRoom}
			}
			body, held = append(make([]byte, 0, size), body...), size
		}
		n, err := i.Read(body[len(body):held])
		first := len(body) == 0
		body = body[:len(body)+n]
		switch {
		case err == io.EOF:
			_ = i.socket.SetReadDeadline(time.Time{}) // the server looks beside the handler whether its caller leaves
			return body, done, nil
		case err != nil:
			return nil, done, readError(err)
		case first:
			d.bodies.enter(i)
			defer d.bodies.leave(i)
		}
	}
}

// room holds size bytes in all for a body; where there is none, slower ones have to go for it.
func (d *Door) room(i *incoming, size int64) bool {
	until := time.Now().Add(roomWithin)
	for !i.hold.Try(size) {
		if now := time.Now(); now.After(until) || !d.bodies.giveUp(i, now) {
			return i.hold.Reach(size)
		}
		time.Sleep(5 * time.Millisecond) // whoever was given up lets go of what he holds
	}
	return true
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
