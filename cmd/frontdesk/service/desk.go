package service

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"frontdesk/channels/guard"
	"frontdesk/configs"
	"frontdesk/workers/desk"
)

const (
	// deskConns is how many connections the desk's listener holds at a time: browsers of some hundred agents, six each.
	deskConns = 4096
	// deskConnsEach is how many of them one address may have, behind which a whole office may sit.
	deskConnsEach = 1024
)

// deskPage makes the handler of the desk's listener.
func (a *Service) deskPage() (http.Handler, error) {
	zone, err := time.LoadLocation(a.config.Desk.Timezone)
	if err != nil {
		return nil, fmt.Errorf("reading the time zone of the desk: %w", err)
	}
	return desk.New(desk.Config{Store: a.base.Store, Desk: a.config.Desk.Name, DeskNames: a.config.Desk.Names, Zone: zone,
		Names: pageNames(a.config.Listen.DeskNames, a.config.Listen.Desk), Proxied: a.config.Listen.DeskNames, Remote: a.door.Remote, Admitted: admitted,
		Demo: a.given.Demo, Logger: a.logger})
}

// deskLimits bound the connections of the desk's listener. As at the operator's page, who comes on top takes the place of a connection
// that was let in for longest ago, or never. Proxies are exempt, since everybody comes from them.
func deskLimits(c configs.Config) guard.Limits {
	return guard.Limits{All: deskConns, Address: deskConnsEach, Grace: -1,
		Exempt: slices.Concat(proxies(c), []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")})}
}

// serveDesk serves the desk until ctx ends. Every connection ends by itself, whatever its other side does or leaves.
func serveDesk(ctx context.Context, l net.Listener, h http.Handler, c configs.Config, t operatorTimes) error {
	return serveUntil(ctx, &http.Server{Handler: h, ReadHeaderTimeout: t.header, ReadTimeout: t.read, WriteTimeout: t.write, IdleTimeout: t.idle,
		MaxHeaderBytes: 16 << 10, ConnState: rested, ConnContext: guard.Context}, guard.Listen(l, deskLimits(c)))
}

// DeskAddress is where agents reach the desk: the first of the names that are configured, by https, or the address of its listener; "" where
// there is none. at is what a running process listens on.
func DeskAddress(c configs.Config, at string) string {
	switch {
	case len(c.Listen.DeskNames) > 0:
		return "https://" + c.Listen.DeskNames[0]
	case at == "":
		return ""
	}
	return "http://" + Dialable(at)
}

// showDesk says where the desk is, and how somebody gets in where nobody can yet.
func (a *Service) showDesk(ctx context.Context, at Addresses) {
	if at.Desk == "" || a.given.Notes == nil {
		return
	}
	any, err := a.base.Store.Users.Any(ctx)
	switch {
	case err != nil:
		a.logger.Warn("looking for users failed", "error", err)
	case any:
		fmt.Fprintf(a.given.Notes, "desk  %s\n", DeskAddress(a.config, at.Desk))
	default:
		fmt.Fprintf(a.given.Notes, "desk  %s  (nobody can sign in yet: 'frontdesk user add LOGIN --name NAME --role administrator' prints a link for the first one)\n", DeskAddress(a.config, at.Desk))
	}
}
