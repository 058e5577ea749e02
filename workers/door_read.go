package workers

import (
	"errors"
	"io"
	"net/http"
	"time"

	"frontdesk/channels"
)

// errNoRoom is the answer to a body when the bodies of others fill the budget.
var errNoRoom = errors.New("too many bytes under way")

const (
	firstBody  = 16 << 10         // for a body of unknown size
	bodyPause  = 30 * time.Second // without a byte, after which a sender is given up
	bodyWithin = 10 * time.Minute // for a whole body
)

// read takes a body into memory as far as the budget has room: all of it at once where its size was
// announced, else step by step.
func (d *Door) read(w http.ResponseWriter, req *http.Request, limit int64, hold *channels.Hold) ([]byte, error) {
	in := http.MaxBytesReader(w, req.Body, limit)
	size := req.ContentLength + 1 // one more, so that the end is found without growing
	switch {
	case req.ContentLength > limit:
		_, err := io.Copy(io.Discard, in)
		return nil, readError(err)
	case req.ContentLength < 0:
		size = firstBody
	}
	slow := &unhurried{Reader: in, socket: http.NewResponseController(w), until: time.Now().Add(bodyWithin)}
	defer slow.free()
	in = io.NopCloser(slow)
	var body []byte
	for {
		if len(body) == cap(body) {
			if !hold.Reach(size) {
				return nil, crowded(req, in)
			}
			body = append(make([]byte, 0, size), body...)
			size = min(2*size, max(limit+1, size+1))
		}
		n, err := in.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return nil, readError(err)
		}
	}
}

// crowded throws a body away, so that its sender comes to read the answer; one that asks first whether
// he may send it is spared that.
func crowded(req *http.Request, in io.Reader) error {
	if req.Header.Get("Expect") == "" {
		if _, err := io.Copy(io.Discard, in); err != nil {
			return readError(err)
		}
	}
	return &channels.Error{Op: "reading request", Class: channels.Temporary, After: 5 * time.Second, Err: errNoRoom}
}

// unhurried gives each step of a body its time: what is held for it is held from others.
type unhurried struct {
	io.Reader
	socket *http.ResponseController
	until  time.Time
}

func (u *unhurried) Read(p []byte) (int, error) {
	step := time.Now().Add(bodyPause)
	if step.After(u.until) {
		step = u.until
	}
	// A connection without deadlines is one of tests.
	_ = u.socket.SetReadDeadline(step)
	return u.Reader.Read(p)
}

// free takes the deadline away: the server goes on reading beside the handler, to see a sender leave.
func (u *unhurried) free() { _ = u.socket.SetReadDeadline(time.Time{}) }
