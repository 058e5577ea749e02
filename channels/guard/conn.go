package guard

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Conn is one connection of a Listener.
type Conn struct {
	net.Conn
	l                *Listener
	address, network *group // nil where it is counted in all alone
	// gone is set once the connection is out of the books.
	place int // in Listener.open
	gone  bool
	since atomic.Int64 // Unix nanoseconds: accepted, or the last work done
	// working is set between Work and Rest.
	working atomic.Bool
}

// weight is how much of the listener its client has; nothing for one that is counted in all alone.
func (c *Conn) weight() int {
	switch {
	case c.address == nil:
		return 0
	case c.network != nil:
		return c.network.open
	}
	return c.address.open
}

// Work says that something whole has been handed in and is being worked on: until Rest the connection
// makes room for nobody. A nil Conn is one that nobody guards.
func (c *Conn) Work() {
	if c != nil {
		c.working.Store(true)
	}
}

// Rest says that the work is done. The time without handing anything in counts from here.
func (c *Conn) Rest() {
	if c != nil {
		c.since.Store(time.Now().UnixNano())
		c.working.Store(false)
	}
}

// Close closes the connection and gives its share back. It may be called more than once.
func (c *Conn) Close() error {
	c.l.mu.Lock()
	c.l.drop(c)
	c.l.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite ends our half of a TCP connection, so that its client can still read what was written.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// connKey is the key of a connection in a context.
type connKey struct{}

// Context puts a connection into the context of its requests; it is what http.Server.ConnContext
// takes. A connection of another listener changes nothing.
// The other way round a handler finds it by From, to say Work and Rest.
func Context(ctx context.Context, c net.Conn) context.Context {
	if own, ok := c.(*Conn); ok {
		return context.WithValue(ctx, connKey{}, own)
	}
	return ctx
}

// From returns the connection of a request, or nil.
func From(ctx context.Context) *Conn {
	c, _ := ctx.Value(connKey{}).(*Conn)
	return c
}
