package service

import (
	"net"
	"net/http"
	"net/netip"

	"frontdesk/channels/guard"
)

const (
	// operatorConns is how many connections the operator's listener holds at a time.
	operatorConns = 256
	// operatorConnsEach is how many of them one other machine may have: less than all, so that it closes the page to nobody.
	operatorConnsEach = 64
)

// operatorLimits bound the connections of the operator's listener. Who comes on top takes the place of the connection that has
// come, or was idle, for longest without being let in: one that says nothing, or says it slowly, closes the page to nobody.
// While all were let in he is the one to go. Those of this machine are not counted apart: behind a proxy everybody comes
// from here.
func operatorLimits() guard.Limits {
	return guard.Limits{All: operatorConns, Address: operatorConnsEach, Grace: -1,
		Exempt: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
}

// admitted says of a request that it was let in: its connection makes room for nobody until it is idle.
func admitted(r *http.Request) { guard.From(r.Context()).Work() }

// rested is for http.Server.ConnState.
func rested(conn net.Conn, state http.ConnState) {
	if c, ok := conn.(*guard.Conn); ok && state == http.StateIdle {
		c.Rest()
	}
}
