package engine

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// wire makes a connection within the process: two ends, nothing for anybody else to find. Unlike a
// net.Pipe it holds what was sent until it is read, so that neither side of a pipeline waits for the
// other one to read first.
func wire() (client, server *end) {
	requests, answers := newStream(maxRequests, true), newStream(maxAnswers, false)
	return &end{in: answers, out: requests}, &end{in: requests, out: answers}
}

const (
	// maxRequests is what a client may have sent ahead; then it waits.
	maxRequests = 64 << 10
	// maxAnswers is what a client may leave unread. The server never waits for one client while the
	// others want something, so a connection that is so far behind ends.
	maxAnswers = 64 << 20
	// keptRoom is the most that an empty stream keeps for what comes next.
	keptRoom = 64 << 10
)

// errFarBehind ends a connection whose client does not read its answers.
var errFarBehind = errors.New("the other side reads nothing")

// end is one side of a connection.
type end struct{ in, out *stream }

func (e *end) Read(p []byte) (int, error)         { return e.in.read(p) }
func (e *end) Write(p []byte) (int, error)        { return e.out.write(p) }
func (e *end) LocalAddr() net.Addr                { return inProcess{} }
func (e *end) RemoteAddr() net.Addr               { return inProcess{} }
func (e *end) SetReadDeadline(t time.Time) error  { return e.in.until(&e.in.reading, t) }
func (e *end) SetWriteDeadline(t time.Time) error { return e.out.until(&e.out.writing, t) }
func (e *end) SetDeadline(t time.Time) error {
	return errors.Join(e.SetReadDeadline(t), e.SetWriteDeadline(t))
}

// Close lets the other side read what was sent, and no more.
func (e *end) Close() error {
	e.in.close(&e.in.deaf)
	e.out.close(&e.out.complete)
	return nil
}

// lost reports that the other side can't be told anything any more.
func (e *end) lost() bool {
	e.out.mu.Lock()
	defer e.out.mu.Unlock()
	return e.out.complete || e.out.deaf
}

// inProcess is the address of both ends.
type inProcess struct{}

func (inProcess) Network() string { return "process" }
func (inProcess) String() string  { return "in-process" }

// stream is one direction of a connection. One lock and one condition variable: who reads waits for bytes, who writes
// for room, both for an end or a deadline.
type stream struct {
	most    int
	patient bool // writing waits for room, and fails otherwise

	mu               sync.Mutex
	moved            sync.Cond
	sent             bytes.Buffer
	complete         bool // its writer has closed
	deaf             bool // its reader has closed
	reading, writing time.Time
}

func newStream(most int, patient bool) *stream {
	s := &stream{most: most, patient: patient}
	s.moved.L = &s.mu
	return s
}

// read gives what was sent before it says that the writer has closed.
func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.deaf:
			return 0, net.ErrClosed
		case over(s.reading):
			return 0, os.ErrDeadlineExceeded
		case s.sent.Len() > 0:
			n, err := s.sent.Read(p)
			if s.sent.Len() == 0 && s.sent.Cap() > keptRoom {
				s.sent = bytes.Buffer{}
			}
			s.moved.Broadcast()
			return n, err
		case s.complete:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		s.wait(s.reading)
	}
}

// write waits for room, or breaks the connection where waiting would hold up others. Part of p may have gone when it
// returns an error.
func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.complete:
			return n, net.ErrClosed
		case s.deaf:
			return n, io.ErrClosedPipe
		case over(s.writing):
			return n, os.ErrDeadlineExceeded
		}
		room := min(s.most-s.sent.Len(), len(p))
		s.sent.Write(p[:room])
		n, p = n+room, p[room:]
		s.moved.Broadcast()
		if len(p) == 0 {
			return n, nil
		}
		if !s.patient {
			s.complete = true
			return n, errFarBehind
		}
		s.wait(s.writing)
	}
}

func over(deadline time.Time) bool { return !deadline.IsZero() && !time.Now().Before(deadline) }

// wait waits until something has changed, the deadline at the latest. The lock is held.
func (s *stream) wait(deadline time.Time) {
	if !deadline.IsZero() {
		timer := time.AfterFunc(time.Until(deadline), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.moved.Broadcast()
		})
		defer timer.Stop()
	}
	s.moved.Wait()
}

func (s *stream) until(deadline *time.Time, t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	*deadline = t
	s.moved.Broadcast()
	return nil
}

func (s *stream) close(side *bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*side = true
	s.moved.Broadcast()
}
