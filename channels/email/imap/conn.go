package imap

import (
	"context"
	"errors"
	"frontdesk/channels/email/imap/internal/wire"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// errSilent says that the server did not answer in time; the connection is closed by then.
var errSilent = errors.New("the server does not answer")

// deadlineConn is the connection as the IMAP library sees it: mended by wire, and with a watchdog of
// our own, because the library waits for ever for an answer that has not begun. Its read deadlines
// are ignored in favour of the watchdog.
//
// The watchdog measures silence on the socket, not the length of a command: a large mail over a slow line takes its time as
// long as bytes come, and a server that has fallen silent is given up after CommandTimeout in whatever it was doing.
type deadlineConn struct {
	net.Conn
	// wire reads from source below and mends what it reads.
	wire *wire.Reader
	last atomic.Int64 // time of the last byte read, Unix nanoseconds

	mu     sync.Mutex
	broken error // why reading ended; nil while the connection lives
}

// newConn takes over a connection whose TLS, if any, stands already.
func newConn(conn net.Conn) *deadlineConn {
	c := &deadlineConn{Conn: conn}
	c.wire = wire.New(source{c})
	return c
}

// source reads the socket itself and notes life and death.
type source struct{ c *deadlineConn }

// Read implements io.Reader below wire: the time of the last byte is that of the socket, before anything is mended or left out.
func (s source) Read(p []byte) (int, error) {
	n, err := s.c.Conn.Read(p)
	if n > 0 {
		s.c.last.Store(time.Now().UnixNano())
	}
	if err != nil {
		s.c.mark(err)
	}
	return n, err
}

// Read hands on the mended stream.
func (c *deadlineConn) Read(p []byte) (int, error) { return c.wire.Read(p) }

// Write sends. The library writes an empty SASL answer as "=", which is right in an initial answer
// only (RFC 4954 §4, RFC 9051 §6.2.2); as an answer to a challenge it is an empty line.
func (c *deadlineConn) Write(p []byte) (int, error) {
	if string(p) == "=\r\n" {
		_, err := c.Conn.Write([]byte("\r\n"))
		return len(p), err
	}
	return c.Conn.Write(p)
}

// SetReadDeadline does nothing: see deadlineConn.
func (c *deadlineConn) SetReadDeadline(time.Time) error { return nil }

// SetDeadline limits writing only: see deadlineConn.
func (c *deadlineConn) SetDeadline(t time.Time) error { return c.SetWriteDeadline(t) }

// mark keeps the first reason only; what follows a broken connection are consequences.
func (c *deadlineConn) mark(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = err
	}
}

// death tells why the line broke, or nil if it was the library that gave up on the stream.
func (c *deadlineConn) death() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

// kill closes the connection for a reason of ours.
func (c *deadlineConn) kill(why error) {
	c.mark(why)
	_ = c.Conn.Close()
}

// watch guards one command: the connection is killed when nothing was read for quiet, when the
// command took longer than limit, or when ctx ends. The returned function ends the guard.
// One command is watched at a time: release comes before the next watch. The timer looks again when the silence so far was
// shorter than quiet, so one timer serves a command however often bytes arrive.
func (c *deadlineConn) watch(ctx context.Context, quiet, limit time.Duration) (release func()) {
	begun := time.Now()
	c.last.Store(begun.UnixNano())
	var mu sync.Mutex
	var timer *time.Timer
	released := false
	look := func() {
		mu.Lock()
		defer mu.Unlock()
		if released {
			return
		}
		wait := min(quiet-time.Since(time.Unix(0, c.last.Load())), limit-time.Since(begun))
		if wait <= 0 {
			c.kill(errSilent)
			return
		}
		timer.Reset(wait)
	}
	mu.Lock()
	timer = time.AfterFunc(min(quiet, limit), look)
	mu.Unlock()
	stop := context.AfterFunc(ctx, func() { c.kill(context.Cause(ctx)) })
	return func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		released = true
		timer.Stop()
	}
}
