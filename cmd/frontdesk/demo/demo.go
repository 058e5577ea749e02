// Package demo is `serve --demo`: the service as it is, with customers who are simulated and providers that are played.
package demo

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"frontdesk/cmd/frontdesk/service"
	"frontdesk/configs"
	"frontdesk/workers"
)

// show is one run of the demonstration: the normal service on the embedded default, with providers
// that this process plays itself and customers who write to it.
type show struct {
	fakes   *fakes
	screen  *screen
	dataDir string
	queues  []string
	pace    pace
	service *service.Service
	running sync.WaitGroup
}

// ErrConfigured refuses everything but the embedded default.
var ErrConfigured = errors.New("--demo runs on the embedded default alone, so that no simulated customer meets a real inbox; leave --config away")

// Serve runs the service with simulated customers until ctx ends. They come in by the real doors; only the providers
// behind SMS and Telegram are played, on loopback. What happens is shown on o's out. ErrConfigured comes before
// anything is started or made.
func Serve(ctx context.Context, c configs.Config, o service.Options) error {
	return serve(ctx, c, o, human())
}

func serve(ctx context.Context, c configs.Config, o service.Options, p pace) error {
	if !embeddedDefault(c) {
		return ErrConfigured
	}
	fakes, err := startFakes()
	if err != nil {
		return err
	}
	defer fakes.close()
	c.Inboxes = append(slices.Clone(c.Inboxes), fakes.inboxes(c.Listen.HTTP != "")...)
	around, stop := context.WithCancel(ctx)
	defer stop()
	d := &show{fakes: fakes, screen: newScreen(o.Out, c.Kinds.Line()), dataDir: c.DataDir, queues: queueNames(c), pace: p}
	// The ready line goes through the screen as well, so that it never stands in the middle of another line.
	o.Out, o.Ready, o.Demo = d.screen, func(at service.Addresses) { d.begin(around, at) }, true
	d.service, err = service.New(ctx, c, o)
	if err != nil {
		return err
	}
	events, end := d.service.Events()
	d.running.Go(func() { d.screen.events(around, events) })
	err = d.service.Run(ctx)
	stop()
	end()
	d.running.Wait()
	return err
}

// embeddedDefault reports whether the configuration is the one that runs without a file. Listeners and the log may
// differ: their flags are allowed.
func embeddedDefault(c configs.Config) bool {
	own := configs.Default(c.DataDir, c.Kinds)
	return reflect.DeepEqual(c.Shared, own.Shared) && len(c.Inboxes) == len(own.Inboxes) &&
		c.Inboxes[0].Name == own.Inboxes[0].Name && reflect.DeepEqual(c.Inboxes[0].Section, own.Inboxes[0].Section)
}

// begin lets the customers in. It is called once, when everything listens.
func (d *show) begin(ctx context.Context, at service.Addresses) {
	doors := newDoors(at, d.fakes)
	d.hints(ctx, at, doors)
	d.running.Go(func() { d.screen.acknowledgements(ctx, d.service.Store()) })
	if at.HTTP != "" {
		d.running.Go(func() { doors.settleSMS(ctx) })
	}
	d.running.Go(func() { d.play(ctx, doors) })
}

// hints say where to look, and who is left out because a listener was switched off.
func (d *show) hints(ctx context.Context, at service.Addresses, doors *doors) {
	mails := filepath.Join(d.dataDir, "sink")
	if at.Ops != "" {
		page := "http://" + service.Dialable(at.Ops)
		d.screen.hint("page", d.pageLink(ctx, page))
		mails = page + "/sink  (also as .eml files in " + mails + ")"
	}
	if at.Desk != "" {
		d.employ(ctx, "http://"+service.Dialable(at.Desk))
	}
	d.screen.hint("mail sent", mails)
	if doors.smtp == "" {
		d.screen.hint("note", "there is no SMTP listener; the customers who write mail are left out")
	}
	if doors.public == "" {
		d.screen.hint("note", "there is no public HTTP listener; the customers who use SMS, the form or the API are left out")
	}
}

// employ makes the accounts of the desk and has those work who do so by themselves. Who cannot go on says so, and signs in again after a while.
func (d *show) employ(ctx context.Context, desk string) {
	hands, secret := d.staff(ctx, desk)
	for _, w := range hands {
		d.running.Go(func() {
			for again := true; again; again = workers.Sleep(ctx, time.Minute) {
				if err := w.work(ctx, secret); err != nil && ctx.Err() == nil {
					d.screen.hint("note", fmt.Sprintf("%s takes a break: %v", w.login, err))
				}
			}
		})
	}
}

// pageLink is the page with a link that signs in once.
func (d *show) pageLink(ctx context.Context, page string) string {
	const what = "  (tickets, queues, promises, live"
	link, err := d.service.Link(ctx, page)
	switch {
	case err != nil:
		return page + "/" + what + "; 'frontdesk login' makes a link that signs in)"
	case link == "":
		return page + "/" + what + ")"
	}
	return fmt.Sprintf("%s%s; good once, for %d minutes, 'frontdesk login' makes another)", link, what, int(service.LinkFor.Minutes()))
}

// play lets the customers of the script write at their times, and then one more now and then for as
// long as the service runs.
func (d *show) play(ctx context.Context, doors *doors) {
	cast := newCast(time.Now())
	var script sync.WaitGroup
	for _, s := range cast.script() {
		script.Go(func() { d.act(ctx, doors, s) })
	}
	script.Wait()
	for cast.pause(ctx) {
		d.act(ctx, doors, cast.passerby())
	}
}

// act lets one customer write, within 30 s. What goes wrong is said, and the show goes on.
func (d *show) act(ctx context.Context, doors *doors, s scene) {
	if !doors.open(s.door) || !workers.Sleep(ctx, s.after) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := s.act(ctx, doors); err != nil && ctx.Err() == nil {
		d.screen.hint("note", fmt.Sprintf("a customer was not heard by %s: %v", s.door, err))
	}
}
