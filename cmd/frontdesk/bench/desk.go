package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"frontdesk/cmd/frontdesk/bench/consoles"
	"frontdesk/cmd/frontdesk/bench/filled"
	"frontdesk/cmd/frontdesk/bench/histogram"
	"frontdesk/cmd/frontdesk/bench/measured"
	"frontdesk/cmd/frontdesk/bench/proc"
)

// The desk that is measured: so many agents with a page open each, who act so often together, beside so many messages a second.
const (
	deskAgents   = 200
	deskActs     = 20
	deskMessages = 500
)

// theDesk measures the agents' pages on a database of many tickets, with some thousands of them open: what each kind of act takes, beside
// messages that come in, how soon what is done is before everybody's eyes, and what of it the intake feels.
func theDesk(ctx context.Context, r *run) (err error) {
	s, err := r.newSite(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(ctx)) }()
	if err := s.serveDesk(); err != nil {
		return err
	}
	secrets, err := r.peopled(ctx, s)
	if err != nil {
		return err
	}
	v, err := startService(ctx, s, false)
	if err != nil {
		return err
	}
	defer v.stop()
	who := newCustomers(1)
	if err := r.opened(ctx, v, who, r.count(1000, 20_000)); err != nil {
		return err
	}
	alone, err := r.taken(ctx, v, who)
	if err != nil {
		return err
	}
	c := consoles.New(v.Desk, secrets)
	if err := r.connected(ctx, v, c); err != nil {
		return err
	}
	defer c.Close()
	if err := r.worked(ctx, v, c, who); err != nil {
		return err
	}
	if err := r.found(ctx, v, c, who); err != nil {
		return err
	}
	return r.besideIntake(ctx, v, c, who, alone)
}

// serveDesk has the services of the site serve the desk as well.
func (s *site) serveDesk() error {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	if err := os.WriteFile(s.file, []byte(strings.Replace(string(text), "listen: {", "listen: {desk: 127.0.0.1:0, ", 1)), 0o600); err != nil { //nolint:gosec // a file of our own in a folder of our own
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return nil
}

// peopled fills the database of a site, and makes the agents; their sessions come back.
func (r *run) peopled(ctx context.Context, s *site) (secrets []string, err error) {
	if err := r.original(ctx, s); err != nil {
		return nil, err
	}
	n := int64(r.count(10_000, 1_000_000))
	grow, shown := filled.Growing{Config: s.file}, time.Now()
	if err := grow.Grow(ctx, n, func(stored int64) {
		if time.Since(shown) > 5*time.Second {
			shown = time.Now()
			r.say("  %s of %s tickets stored", thousands(stored), thousands(n))
		}
	}); err != nil {
		return nil, err
	}
	return filled.Staff(ctx, s.file, deskAgents, func(part float64) { r.say("  %.0f %% of the tickets can be found", 100*part) })
}

// opened has so many new customers write, and waits until each has his ticket and his acknowledgement.
func (r *run) opened(ctx context.Context, v *process, who *customers, n int) error {
	requests, _ := who.firsts(n)
	if _, err := post(ctx, v.HTTP, 64, requests); err != nil {
		return err
	}
	return v.until(ctx, func(f measured.Figures) bool { return f.Decided >= int64(n) && f.Sent >= int64(n) })
}

// intake is how many SMS a second are accepted and decided, and what CPU the service takes meanwhile for each, in µs: who plays the agents takes
// of the same cores, which the rate feels and the CPU does not.
type intake struct{ rate, cpu float64 }

// taken takes SMS over 64 connections.
func (r *run) taken(ctx context.Context, v *process, who *customers) (in intake, err error) {
	n := r.count(3000, 20_000)
	requests := who.sms(n)
	f, err := v.figures(ctx)
	if err != nil {
		return in, err
	}
	begin, used := time.Now(), proc.CPU(v.cmd.Process.Pid)
	if _, err := post(ctx, v.HTTP, 64, requests); err != nil {
		return in, err
	}
	err = v.decided(ctx, f.Decided+int64(n))
	in.rate = float64(n) / time.Since(begin).Seconds()
	in.cpu = float64((proc.CPU(v.cmd.Process.Pid) - used).Microseconds()) / float64(n)
	return in, err
}

// settle is how long a process is left alone before its memory is read.
const settle = 3 * time.Second

// connected opens a stream for each agent, and tells what they take.
func (r *run) connected(ctx context.Context, v *process, c *consoles.Consoles) error {
	if err := rest(ctx, settle); err != nil {
		return err
	}
	before, _ := proc.Memory(v.cmd.Process.Pid)
	if err := c.Listen(ctx); err != nil {
		return err
	}
	if err := rest(ctx, settle); err != nil {
		return err
	}
	after, _ := proc.Memory(v.cmd.Process.Pid)
	r.put("streams.memory", fmt.Sprintf("%d open pages", deskAgents), "MiB", max(0, float64(after-before)/(1<<20)))
	return c.Look(ctx)
}

// worked has the agents act, beside messages that come in, and tells what each kind of act took.
func (r *run) worked(ctx context.Context, v *process, c *consoles.Consoles, who *customers) error {
	n := r.count(10*deskActs, 60*deskActs)
	warm := r.count(3, 60)
	requests, _ := who.firsts((n/deskActs + warm) * deskMessages)
	enough, stop := context.WithCancel(ctx)
	var posted load
	var failed error
	var wait sync.WaitGroup
	defer func() { stop(); wait.Wait() }()
	wait.Go(func() { posted, failed = beaten(enough, v, requests, deskMessages, nil, func(int) {}) })
	before, err := proc.Steady(enough, v.cmd.Process.Pid, warm) // what messages alone take is not what agents take
	if err != nil {
		return err
	}
	begin := time.Now()
	start, err := v.figures(ctx)
	if err != nil {
		return err
	}
	err = r.profiled(ctx, v, "acts", func() error { return c.Act(ctx, n, deskActs) })
	end, ferr := v.figures(ctx)
	took := time.Since(begin).Seconds()
	stop()
	wait.Wait()
	if err = errors.Join(err, failed, ferr); err != nil {
		return err
	}
	r.put("beside.accepted", fmt.Sprintf("of %d SMS a second, accepted", deskMessages), "/s", float64(end.Accepted-start.Accepted)/took)
	r.put("beside.decided", "and decided meanwhile", "/s", float64(end.Decided-start.Decided)/took)
	after, _ := proc.Memory(v.cmd.Process.Pid)
	for _, kind := range consoles.Kinds() {
		h := c.Took(kind)
		r.put(kind+".p50", kind+", p50", "ms", h.Quantile(0.50).Seconds()*1000)
		r.put(kind+".p95", kind+", p95", "ms", h.Quantile(0.95).Seconds()*1000)
	}
	shown := c.Shown()
	r.latency("shown.", "a note is before all eyes, ", &shown)
	r.latency("beside.accept.", fmt.Sprintf("beside it %d messages a second accepted, ", deskMessages), &posted.latency)
	r.put("beside.memory", "memory of the service grew by, beside messages alone", "MiB", max(0, float64(after-before)/(1<<20)))
	f, err := v.figures(ctx)
	if err != nil {
		return err
	}
	return v.decided(ctx, f.Accepted)
}

// found tells how soon what a customer has written can be found.
func (r *run) found(ctx context.Context, v *process, c *consoles.Consoles, who *customers) error {
	var h histogram.Histogram
	for range r.count(10, 30) {
		word := fmt.Sprintf("zq%012x", rand.Uint64N(1<<48))
		who.known++
		who.serial++
		if _, err := post(ctx, v.HTTP, 1, [][]byte{who.smsSaying(who.first+who.known, "My order is "+word)}); err != nil {
			return err
		}
		begin := time.Now()
		if err := c.Find(ctx, word); err != nil {
			return err
		}
		h.Record(time.Since(begin))
	}
	r.latency("fresh.", "accepted until found by a word, ", &h)
	return nil
}

// besideIntake tells what the intake loses to agents who act.
func (r *run) besideIntake(ctx context.Context, v *process, c *consoles.Consoles, who *customers, alone intake) error {
	acting, stop := context.WithCancel(ctx)
	var failed error
	var wait sync.WaitGroup
	wait.Go(func() { failed = c.Act(acting, 1<<20, deskActs) })
	var beside intake
	err := r.profiled(ctx, v, "beside", func() (err error) {
		beside, err = r.taken(ctx, v, who)
		return err
	})
	stop()
	wait.Wait()
	if err == nil && !errors.Is(failed, context.Canceled) {
		err = failed
	}
	if err != nil {
		return err
	}
	r.put("intake.alone.rate", "SMS accepted and decided, nobody at the desk", "/s", alone.rate)
	r.put("intake.beside.rate", "SMS accepted and decided, agents acting", "/s", beside.rate)
	r.put("intake.kept", "of it is kept", "%", 100*beside.rate/alone.rate)
	r.put("intake.alone.cpu", "CPU of the service for each, nobody at the desk", "µs", alone.cpu)
	r.put("intake.beside.cpu", "CPU of the service for each, agents acting", "µs", beside.cpu)
	return nil
}
