package relay

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"frontdesk/channels"
)

// pool bounds the connections to one relay and keeps the unused ones for a while.
// Opening a connection costs some round trips and a TLS handshake, and relays count connections; so the last one is used again.
type pool struct {
	// slots holds a value for each connection in use; idle are the kept ones, the last used at the end. mu guards idle and closed.
	cfg   Config
	slots chan struct{}

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// newPool opens nothing.
func newPool(cfg Config) *pool {
	return &pool{cfg: cfg, slots: make(chan struct{}, cfg.Connections)}
}

// submit hands one mail over. A kept connection may have died since its last use: then a new one
// is made at once, one time.
// It waits for a slot as long as ctx lets it. The second try is safe: errStale is only set where no mail was taken.
func (p *pool) submit(ctx context.Context, mail mail) ([]refusal, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, &channels.Error{Op: "waiting for relay", Err: ctx.Err()}
	}
	if c := p.take(); c != nil {
		refused, err := p.transmit(ctx, c, mail)
		if !errors.Is(err, errStale) || ctx.Err() != nil {
			return refused, err
		}
		p.drop() // the others were opened before the same restart
	}
	c, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	return p.transmit(ctx, c, mail)
}

// errStale marks an error of a connection that died before it could take a mail.
var errStale = errors.New("connection lost")

// transmit sends on that connection and keeps it or ends it.
func (p *pool) transmit(ctx context.Context, c *conn, mail mail) ([]refusal, error) {
	stop := context.AfterFunc(ctx, c.kill)
	refused, err := c.transmit(ctx, mail)
	alive := stop() && c.usable(err)
	if alive && c.sent < p.cfg.MailsPerConn {
		p.keep(c)
	} else if alive {
		go c.quit() // the mail is handed over: nothing waits for the relay's goodbye
	} else {
		c.kill()
	}
	return refused, err
}

// take returns the connection that was used last, or nil.
func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	c.timer.Stop()
	return c
}

// keep puts a connection back, or ends it where the pool was closed meanwhile.
func (p *pool) keep(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		go c.quit()
		return
	}
	p.idle = append(p.idle, c)
	c.timer = time.AfterFunc(p.cfg.Idle, func() {
		if p.remove(c) {
			c.quit()
		}
	})
}

// remove takes that connection out of the pool if nobody else did.
func (p *pool) remove(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, c)
	if i < 0 {
		return false
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	return true
}

// empty takes all kept connections.
func (p *pool) empty() []*conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.idle
	p.idle = nil
	for _, c := range all {
		c.timer.Stop()
	}
	return all
}

// drop ends the kept connections without a word: they are dead.
func (p *pool) drop() {
	for _, c := range p.empty() {
		c.kill()
	}
}

// close ends the kept connections; one in use ends when its mail is through (keep).
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	for _, c := range p.empty() {
		c.quit()
	}
}
