package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// operatorConns is how many connections the operator's listener holds at a time.
	operatorConns = 256
	// operatorConnsEach is how many of them one other machine may have: less than all, so that it closes the page to nobody.
	operatorConnsEach = 64
)

// crowd bounds the connections of a listener. Who comes on top takes the place of the connection that has come, or was idle, for
// longest without being let in: one that says nothing, or says it slowly, closes the page to nobody. While all were let in he
// is the one to go.
type crowd struct {
	most, each int

	mu    sync.Mutex
	conns map[net.Conn]visitor
}

type visitor struct {
	host   string
	silent time.Time // since when it has asked nothing for which it was let in; zero while it is
}

func newCrowd(most, each int) *crowd {
	return &crowd{most: most, each: each, conns: map[net.Conn]visitor{}}
}

// changed is for http.Server.ConnState.
func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.conns[conn]
	switch state {
	case http.StateNew:
		v = visitor{host: machineOf(conn), silent: time.Now()}
		c.conns[conn] = v
		c.makeRoom(conn, v)
		return
	case http.StateActive:
		return // it speaks, which anybody may
	case http.StateIdle:
		v.silent = time.Now()
	default:
		delete(c.conns, conn)
		return
	}
	if _, known := c.conns[conn]; known {
		c.conns[conn] = v
	}
}

// crowdKey is the key of a connection's own function in the context of its requests.
type crowdKey struct{}

// greeted is for http.Server.ConnContext: it gives the requests of a connection a way to say that it was let in.
func (c *crowd) greeted(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, crowdKey{}, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if v, known := c.conns[conn]; known {
			v.silent = time.Time{}
			c.conns[conn] = v
		}
	})
}

// admitted says of a request that it was let in.
func admitted(r *http.Request) {
	if f, ok := r.Context().Value(crowdKey{}).(func()); ok {
		f()
	}
}

// makeRoom closes one connection when there are too many, or too many of one machine. It does not count those of this
// machine apart: behind a proxy everybody comes from here.
func (c *crowd) makeRoom(fresh net.Conn, v visitor) {
	its := 0
	for _, other := range c.conns {
		if other.host == v.host {
			its++
		}
	}
	tooMany := v.host != "" && its > c.each
	if len(c.conns) <= c.most && !tooMany {
		return
	}
	victim, since := fresh, v.silent
	for conn, other := range c.conns {
		if conn != fresh && !other.silent.IsZero() && !other.silent.After(since) && (!tooMany || other.host == v.host) {
			victim, since = conn, other.silent
		}
	}
	victim.Close()
	delete(c.conns, victim)
}

// machineOf is the other machine, "" for this one; of IPv6 the /64, which one subscriber has.
func machineOf(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	ip := net.ParseIP(host)
	switch {
	case err != nil || ip == nil || ip.IsLoopback():
		return ""
	case ip.To4() == nil:
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return ip.String()
}
