package service

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"frontdesk/channels/guard"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/workers/ops/control"
)

// How often and with what pause a start tries to write down its inboxes: ten seconds cover a restart of PostgreSQL
// beside ours.
const (
	openTries = 10
	openPause = time.Second
)

// listen binds the addresses, so that a taken port is an error before anything starts. Connections wait in the
// kernel's queue until open. The control socket is bound whatever the roles are: every command may ring every
// process.
func (a *Service) listen() (err error) {
	if a.has(configs.RoleIntake) && a.config.Listen.HTTP != "" {
		if a.public, err = net.Listen("tcp", a.config.Listen.HTTP); err != nil {
			return fmt.Errorf("listening for the public: %w", wiring.Taken(err, "--http", "listen.http"))
		}
		a.public = guard.Listen(a.public, publicLimits(a.config))
	}
	if a.config.Listen.Ops != "" {
		if !loopbackAddress(a.config.Listen.Ops) && a.config.Listen.OpsToken.Empty() {
			return fmt.Errorf("listening for the operator on %s: anything but loopback needs listen.ops_token", a.config.Listen.Ops)
		}
		if a.operator, err = net.Listen("tcp", a.config.Listen.Ops); err != nil {
			return fmt.Errorf("listening for the operator: %w", wiring.Taken(err, "--ops", "listen.ops"))
		}
	}
	if a.has(configs.RoleDesk) && a.config.Listen.Desk != "" {
		if a.desk, err = net.Listen("tcp", a.config.Listen.Desk); err != nil {
			return fmt.Errorf("listening for the desk: %w", wiring.Taken(err, "--desk", "listen.desk"))
		}
	}
	if a.control, err = control.Listen(a.config.DataDir); err != nil {
		return err
	}
	return nil
}

// loopbackAddress reports whether only this machine reaches an address. A name other than localhost is looked up by
// nobody here: it counts as open.
func loopbackAddress(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// open starts the listeners and fetchers of this process. What it returns has room for an error of each, so that none
// waits for a reader; after ctx has ended errors say nothing any more. running counts what is to end before the
// workers may.
func (a *Service) open(ctx context.Context, running *sync.WaitGroup) <-chan error {
	failed := make(chan error, 8)
	serve := func(name string, f func() error) {
		running.Go(func() {
			if err := f(); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("serving %s: %w", name, err)
			}
		})
	}
	if a.public != nil {
		a.routed.set(a.door.Handler(a.wiring.Routes))
		serve("HTTP", func() error { return servePublic(ctx, a.public, &a.routed) })
	}
	if a.operator != nil {
		serve("operator's HTTP", func() error {
			page, err := a.page(ctx)
			if err != nil {
				return err
			}
			return serveOperator(ctx, a.operator, page, usualTimes())
		})
	}
	if a.desk != nil {
		serve("desk's HTTP", func() error {
			page, err := a.deskPage(ctx, running)
			if err != nil {
				return err
			}
			return serveDesk(ctx, a.desk, page, a.config, usualTimes())
		})
	}
	serve("control socket", func() error {
		return serveHTTP(ctx, a.control, control.Handler(func() { a.rung(ctx) }))
	})
	for _, d := range a.doors {
		serve("SMTP", func() error { return d.Serve(ctx, a.intake.Accept) })
	}
	if a.has(configs.RoleIntake) {
		a.fetch(ctx, running, a.wiring)
	}
	if r := a.given.Reload; r != nil {
		running.Go(func() { r.Run(ctx, running, a) })
	}
	return failed
}

// connected notes the inboxes that are reached by a door of ours; the others report by themselves.
// It is written down before a door opens: what came before the first connection is history, and
// after a crash no message may be taken for that.
func (a *Service) connected(ctx context.Context) error {
	if !a.has(configs.RoleIntake) {
		return nil
	}
	fetched := map[string]bool{}
	for _, src := range a.wiring.Sources {
		fetched[src.Inbox] = true
	}
	for _, in := range a.config.Inboxes {
		a.health.Open(in.Name, in.Channel, in.Address, fetched[in.Name], time.Now())
	}
	var err error
	for range openTries { // the database may be away for a moment just now
		if err = errors.Join(a.health.Flush(ctx), a.health.Mend(ctx, 0, time.Now())); err == nil || ctx.Err() != nil {
			break
		}
		a.logger.Warn("writing down the inboxes failed; trying again", "error", err)
		select {
		case <-time.After(openPause):
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return nil // a stop during the start is no failure
	}
	return err
}

// Addresses are what this process listens on, with the ports that the kernel chose. Valid from New on.
func (a *Service) Addresses() Addresses {
	at := Addresses{PID: os.Getpid()}
	if a.public != nil {
		at.HTTP = a.public.Addr().String()
	}
	if a.operator != nil {
		at.Ops = a.operator.Addr().String()
	}
	if a.desk != nil {
		at.Desk = a.desk.Addr().String()
	}
	for _, d := range a.doors {
		if d.LMTP() {
			at.LMTP = doorAddress(d.Addr())
		} else {
			at.SMTP = doorAddress(d.Addr())
		}
	}
	return at
}

// announce prints and writes where this process listens. Scripts and supervisors wait for the line "ready": it comes
// when everything listens. A file that cannot be written is a warning only.
func (a *Service) announce(ctx context.Context) {
	at := a.Addresses()
	if b, err := json.MarshalIndent(at, "", "  "); err == nil {
		if err := os.WriteFile(a.addressFile(), append(b, '\n'), 0o600); err != nil {
			a.logger.Warn("writing addresses.json failed", "error", err)
		}
	}
	a.logger.Info("serving", "http", at.HTTP, "ops", at.Ops, "desk", at.Desk, "smtp", at.SMTP, "lmtp", at.LMTP,
		"user", runningAs(), "roles", a.config.Roles, "data_dir", a.config.DataDir, "version", a.given.Version)
	fmt.Fprintln(a.given.Out, at.ready())
	a.showLink(ctx, at)
	a.showDesk(ctx, at)
	if a.given.Ready != nil {
		a.given.Ready(at)
	}
}

// doorAddress is an address as the configuration names it.
func doorAddress(at net.Addr) string {
	if at.Network() == "unix" {
		return "unix:" + at.String()
	}
	return at.String()
}

// ready is the line that a start prints. Whoever reads it finds the first three words always, and the others where there are such doors.
func (at Addresses) ready() string {
	line := fmt.Sprintf("ready http=%s ops=%s smtp=%s", at.HTTP, at.Ops, at.SMTP)
	if at.LMTP != "" {
		line += " lmtp=" + at.LMTP
	}
	if at.Desk != "" {
		line += " desk=" + at.Desk
	}
	return line
}

// runningAs is the user of this process: its name where the machine knows one, else its number.
func runningAs() string {
	u, err := user.Current()
	if err != nil {
		return strconv.Itoa(os.Getuid())
	}
	return cmp.Or(u.Username, u.Uid)
}

func (a *Service) addressFile() string { return filepath.Join(a.config.DataDir, "addresses.json") }

// withdraw takes back what announce has written. After a kill it stays, so whoever reads it looks whether its PID
// lives.
func (a *Service) withdraw() {
	if err := os.Remove(a.addressFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.logger.Warn("removing addresses.json failed", "error", err)
	}
}

// proxies are the networks whose X-Forwarded-For is believed. The configuration was checked, so what cannot be read
// is passed over.
func proxies(c configs.Config) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range c.Listen.TrustedProxies {
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, p)
		} else if ip, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(ip, ip.BitLen()))
		}
	}
	return out
}

// serveHTTP serves until ctx ends, then lets running requests finish. It is for the control socket: its clients are
// commands of the same user.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	return serveUntil(ctx, &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}, l)
}

// servePublic serves strangers: every part of a request and of its answer has an end. The door itself
// gives bodies and answers the time that they need.
func servePublic(ctx context.Context, l net.Listener, h http.Handler) error {
	return serveUntil(ctx, &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ConnContext: guard.Context}, l)
}

// publicLimits are the shares of the public listener's connections. Proxies are exempt, since everybody comes from
// them. The farewell is a whole answer, so that a client that is turned away knows when to come back.
func publicLimits(c configs.Config) guard.Limits {
	return guard.Limits{All: c.Limits.Connections, Address: c.Limits.ConnectionsPerAddress, Network: c.Limits.ConnectionsPerNetwork, Exempt: proxies(c),
		Farewell: []byte("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")}
}

// serveUntil serves until ctx ends, then lets running requests finish, for ten seconds at most. Requests have a
// context that outlives ctx: one that has begun to record a message must not be cut off by the stop.
func serveUntil(ctx context.Context, srv *http.Server, l net.Listener) error {
	srv.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if srv.Shutdown(grace) != nil {
			srv.Close()
		}
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}
