package guard

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// grace is the usual Limits.Grace: an honest request takes less.
const grace = 500 * time.Millisecond

// Listener accepts connections within its limits. It is safe for concurrent use.
type Listener struct {
	net.Listener
	limits Limits

	mu                 sync.Mutex // guards all below, and the place of each Conn
	open               []*Conn
	groups             map[netip.Prefix]*group
	refused, displaced int64
}

// group is what is open of one client or one network.
// A group is forgotten with its last connection (tidy), so an attack from many addresses leaves nothing behind.
type group struct{ open int }

// Listen puts limits before a listener.
func Listen(l net.Listener, limits Limits) *Listener {
	if limits.Grace == 0 {
		limits.Grace = grace
	}
	return &Listener{Listener: l, limits: limits, groups: map[netip.Prefix]*group{}}
}

// Counts tells how many connections are open now, how many found no room, and how many had to make room
// for others.
func (l *Listener) Counts() (open int, refused, displaced int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open), l.refused, l.displaced
}

// Accept returns the next connection that finds room, as a *Conn. One that finds none is told so and
// closed.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c, gone := l.admit(raw, time.Now())
		for _, g := range gone {
			g.Conn.Close()
		}
		if c != nil {
			return c, nil
		}
		l.turnAway(raw)
	}
}

// turnAway closes a connection with the farewell. Its send buffer is empty, so the write waits for nobody.
func (l *Listener) turnAway(raw net.Conn) {
	if len(l.limits.Farewell) > 0 {
		_ = raw.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)) // it is turned away, whether it hears that or not
		_, _ = raw.Write(l.limits.Farewell)
	}
	raw.Close()
}

// admit counts a connection in, and says which others have to go for it; nil when there is no room.
// It asks three shares in turn, the client's own, its network's, and all. At most one connection goes for the new one, since a place
// in the smallest share is a place in the others, too. The cost is linear in the open connections, only when a share is full.
func (l *Listener) admit(raw net.Conn, now time.Time) (c *Conn, gone []*Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c = &Conn{Conn: raw, l: l}
	c.since.Store(now.UnixNano())
	if ip := addressOf(raw.RemoteAddr()); ip.IsValid() && !Within(ip, l.limits.Exempt) {
		address, network := Client(ip)
		c.address, c.network = l.group(address), l.group(network)
	}
	l.enter(c)
	for _, s := range []struct {
		full  bool
		among func(*Conn) bool
	}{
		{c.address.beyond(l.limits.Address), func(o *Conn) bool { return o.address == c.address }},
		{c.network.beyond(l.limits.Network), func(o *Conn) bool { return o.network == c.network }},
		{l.limits.All > 0 && len(l.open) > l.limits.All, func(*Conn) bool { return true }},
	} {
		if !s.full || len(gone) > 0 {
			continue // who has gone was of the same network, and one of all
		}
		v := l.victim(c, s.among, now)
		if v == nil {
			l.refused++
			l.drop(c)
			return nil, nil
		}
		l.displaced++
		l.drop(v)
		gone = append(gone, v)
	}
	return c, gone
}

// beyond reports whether more is open than the limit allows.
func (g *group) beyond(limit int) bool { return g != nil && limit > 0 && g.open > limit }

// group finds or makes a group; nil for no network.
func (l *Listener) group(p netip.Prefix) *group {
	if !p.IsValid() {
		return nil
	}
	g := l.groups[p]
	if g == nil {
		g = &group{}
		l.groups[p] = g
	}
	return g
}

// victim is who makes room for a fresh one: not one that is being worked for, and none that has just come. Of the rest
// one of the client that has most, and of those the one that has handed nothing in for longest.
func (l *Listener) victim(fresh *Conn, among func(*Conn) bool, now time.Time) *Conn {
	var worst *Conn
	for _, o := range l.open {
		if o == fresh || o.working.Load() || now.UnixNano()-o.since.Load() < int64(l.limits.Grace) || !among(o) {
			continue
		}
		if worst == nil || o.weight() > worst.weight() || o.weight() == worst.weight() && o.since.Load() < worst.since.Load() {
			worst = o
		}
	}
	return worst
}

// enter counts a connection in; its place lets drop take it out without a search.
func (l *Listener) enter(c *Conn) {
	c.place = len(l.open)
	l.open = append(l.open, c)
	for _, g := range []*group{c.address, c.network} {
		if g != nil {
			g.open++
		}
	}
}

// drop takes a connection out of the books, once.
func (l *Listener) drop(c *Conn) {
	if c.gone {
		return
	}
	c.gone = true
	last := len(l.open) - 1
	l.open[c.place] = l.open[last]
	l.open[c.place].place = c.place
	l.open[last] = nil
	l.open = l.open[:last]
	for _, g := range []*group{c.address, c.network} {
		if g != nil {
			g.open--
		}
	}
	l.tidy(c)
}

// tidy forgets the groups of a connection that have nothing open any more.
func (l *Listener) tidy(c *Conn) {
	address, network := Client(addressOf(c.RemoteAddr()))
	for _, p := range []netip.Prefix{address, network} {
		if g := l.groups[p]; g != nil && g.open == 0 {
			delete(l.groups, p)
		}
	}
}
