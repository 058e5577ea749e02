package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"frontdesk/configs"
	"frontdesk/workers/store"
)

// demo is one run of the demonstration: the normal service on the embedded default, with providers
// that this process plays itself and customers who write to it.
type demo struct {
	fakes   *demoFakes
	screen  *demoScreen
	dataDir string
	store   *store.Store
	link    func(ctx context.Context, page string) (string, error) // to the operator's page; nil where its token was configured
	running sync.WaitGroup
}

// serveDemo runs the service with simulated customers. They come in by the real doors; only the
// providers behind SMS and Telegram are played, on loopback.
func serveDemo(ctx context.Context, c configs.Config, logger *slog.Logger, out io.Writer) error {
	if !embeddedDefault(c) {
		return usageError{errors.New("--demo runs on the embedded default alone, so that no simulated customer meets a real inbox; leave --config away")}
	}
	fakes, err := startDemoFakes()
	if err != nil {
		return err
	}
	defer fakes.close()
	c.Inboxes = append(slices.Clone(c.Inboxes), fakes.inboxes(c.Listen.HTTP != "")...)
	a, err := newApp(ctx, c, logger)
	if err != nil {
		return err
	}
	d := &demo{fakes: fakes, screen: newDemoScreen(out), dataDir: c.DataDir, store: a.base.store}
	if a.token.made {
		d.link = a.newLink
	}
	around, stop := context.WithCancel(ctx)
	events, end := a.onlooker.Listen()
	d.running.Go(func() { d.screen.events(around, events) })
	a.out, a.ready = d.screen, func(at addresses) { d.begin(around, at) }
	err = a.run(ctx)
	stop()
	end()
	d.running.Wait()
	return err
}

// embeddedDefault reports whether the configuration is the one that runs without a file.
func embeddedDefault(c configs.Config) bool {
	own := configs.Default(c.DataDir, c.Kinds).Inboxes
	return len(c.Relays) == 0 && len(c.Inboxes) == len(own) && c.Inboxes[0].Name == own[0].Name && c.Inboxes[0].Relay == "" && c.Inboxes[0].IMAP == nil
}

// begin lets the customers in. It is called once, when everything listens.
func (d *demo) begin(ctx context.Context, at addresses) {
	doors := newDemoDoors(at, d.fakes)
	d.hints(ctx, at, doors)
	d.running.Go(func() { d.screen.acknowledgements(ctx, d.store) })
	if at.HTTP != "" {
		d.running.Go(func() { doors.settleSMS(ctx) })
	}
	d.running.Go(func() { d.play(ctx, doors) })
}

func (d *demo) hints(ctx context.Context, at addresses, doors *demoDoors) {
	mails := filepath.Join(d.dataDir, "sink")
	if at.Ops != "" {
		page := "http://" + dialable(at.Ops)
		d.screen.hint("page", d.pageLink(ctx, page))
		mails = page + "/sink  (also as .eml files in " + mails + ")"
	}
	d.screen.hint("mail sent", mails)
	if doors.smtp == "" {
		d.screen.hint("note", "there is no SMTP listener; the customers who write mail are left out")
	}
	if doors.public == "" {
		d.screen.hint("note", "there is no public HTTP listener; the customers who use SMS, the form or the API are left out")
	}
}

// pageLink is the page with a link that signs in once.
func (d *demo) pageLink(ctx context.Context, page string) string {
	const what = "  (tickets, queues, promises, live"
	if d.link == nil {
		return page + "/" + what + ")"
	}
	link, err := d.link(ctx, page)
	if err != nil {
		return page + "/" + what + "; 'frontdesk login' makes a link that signs in)"
	}
	return fmt.Sprintf("%s%s; good once, for %d minutes, 'frontdesk login' makes another)", link, what, int(linkFor.Minutes()))
}

// play lets the customers of the script write at their times, and then one more now and then for as
// long as the service runs.
func (d *demo) play(ctx context.Context, doors *demoDoors) {
	cast := newDemoCast(time.Now())
	var script sync.WaitGroup
	for _, s := range cast.script() {
		script.Go(func() { d.act(ctx, doors, s) })
	}
	script.Wait()
	for cast.pause(ctx) {
		d.act(ctx, doors, cast.passerby())
	}
}

// act lets one customer write. What goes wrong is said, and the show goes on.
func (d *demo) act(ctx context.Context, doors *demoDoors, s demoScene) {
	if !doors.open(s.door) || !wait(ctx, s.after) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := s.act(ctx, doors); err != nil && ctx.Err() == nil {
		d.screen.hint("note", fmt.Sprintf("a customer was not heard by %s: %v", s.door, err))
	}
}

// wait reports false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// dialable is the address under which a listener of this machine is reached.
func dialable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
