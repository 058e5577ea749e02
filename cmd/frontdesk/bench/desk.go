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

	"frontdesk/channels/kinds"
	"frontdesk/cmd/frontdesk/bench/measured"
	"frontdesk/cmd/frontdesk/bench/proc"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store"
	"frontdesk/workers/store/signins"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/viewer"
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
	c := newConsoles(v.Desk, secrets)
	if err := r.connected(ctx, v, c); err != nil {
		return err
	}
	defer c.close()
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
	if err := os.WriteFile(s.file, []byte(strings.Replace(string(text), "listen: {", "listen: {desk: 127.0.0.1:0, ", 1)), 0o600); err != nil {
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
	grow, shown := growing{config: s.file}, time.Now()
	if err := grow.grow(ctx, n, func(stored int64) {
		if time.Since(shown) > 5*time.Second {
			shown = time.Now()
			r.say("  %s of %s tickets stored", thousands(stored), thousands(n))
		}
	}); err != nil {
		return nil, err
	}
	c, err := configs.Load(s.file, func(string) (string, bool) { return "", false }, kinds.All())
	if err != nil {
		return nil, err
	}
	b, err := installation.Open(ctx, c, false)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if err := r.indexed(ctx, b.Store); err != nil {
		return nil, err
	}
	return hired(ctx, b.Store, queueNames(c))
}

// indexed makes all tickets findable, as a service does beside its work.
func (r *run) indexed(ctx context.Context, s *store.Store) error {
	shown := time.Now()
	for {
		w, err := s.Find.Walk(ctx, time.Now())
		if err != nil {
			return err
		}
		for more := 1; more > 0; {
			if more, err = s.Find.Index(ctx); err != nil {
				return err
			}
		}
		if w.Done {
			return nil
		}
		if time.Since(shown) > 5*time.Second {
			shown = time.Now()
			r.say("  %.0f %% of the tickets can be found", 100*(1-w.Left))
		}
	}
}

func queueNames(c configs.Config) (names []string) {
	for _, q := range c.Queues {
		names = append(names, q.Name)
	}
	return names
}

// hired makes agents who know everything, each with a session. A password is nothing that is measured.
func hired(ctx context.Context, s *store.Store, queues []string) (secrets []string, err error) {
	const who = "bench"
	now := time.Now()
	var members []users.Member
	for _, q := range queues {
		members = append(members, users.Member{Queue: q, Level: users.Primary})
	}
	var speaks []users.Ability
	for _, l := range []string{"en", "zh"} {
		speaks = append(speaks, users.Ability{Kind: users.AbilityLanguage, Value: l, Level: users.Primary})
	}
	for i := range deskAgents {
		u, err := s.Users.Add(ctx, users.User{Login: fmt.Sprintf("agent%d", i+1), Name: fmt.Sprintf("Agent %d", i+1), Language: "en"}, now, who)
		if err == nil {
			err = s.Users.SetGrants(ctx, u.ID, []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}, now, who)
		}
		if err == nil {
			err = s.Users.SetMembers(ctx, u.ID, members, now, who)
		}
		if err == nil {
			err = s.Users.SetAbilities(ctx, u.ID, speaks, now, who)
		}
		if err != nil {
			return nil, fmt.Errorf("making agents: %w", err)
		}
		_, secret, err := s.Signins.SignIn(ctx, signins.Entry{Person: u.ID, Browser: "bench", Address: "127.0.0.1"}, now)
		if err != nil {
			return nil, fmt.Errorf("making agents: %w", err)
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

// opened has so many new customers write, and waits until each has his ticket and his acknowledgement.
func (r *run) opened(ctx context.Context, v *process, who *customers, n int) error {
	requests, _ := who.firsts(n)
	if _, err := post(ctx, v.HTTP, 64, requests); err != nil {
		return err
	}
	return v.until(ctx, func(f measured.Figures) bool { return f.Decided >= int64(n) && f.Sent >= int64(n) })
}

// taken is how many SMS a second are accepted and decided over 64 connections.
func (r *run) taken(ctx context.Context, v *process, who *customers) (rate float64, err error) {
	n := r.count(3000, 20_000)
	requests := who.sms(n)
	f, err := v.figures(ctx)
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	if _, err := post(ctx, v.HTTP, 64, requests); err != nil {
		return 0, err
	}
	err = v.decided(ctx, f.Decided+int64(n))
	return float64(n) / time.Since(begin).Seconds(), err
}

// settle is how long a process is left alone before its memory is read.
const settle = 3 * time.Second

// connected opens a stream for each agent, and tells what they take.
func (r *run) connected(ctx context.Context, v *process, c *consoles) error {
	if err := rest(ctx, settle); err != nil {
		return err
	}
	before, _ := proc.Memory(v.cmd.Process.Pid)
	if err := c.listen(ctx); err != nil {
		return err
	}
	if err := rest(ctx, settle); err != nil {
		return err
	}
	after, _ := proc.Memory(v.cmd.Process.Pid)
	r.put("streams.memory", fmt.Sprintf("%d open pages", deskAgents), "MiB", max(0, float64(after-before)/(1<<20)))
	return c.look(ctx)
}

// worked has the agents act, beside messages that come in, and tells what each kind of act took.
func (r *run) worked(ctx context.Context, v *process, c *consoles, who *customers) error {
	n := r.count(10*deskActs, 60*deskActs)
	before, _ := proc.Memory(v.cmd.Process.Pid)
	requests, _ := who.firsts(n / deskActs * deskMessages)
	enough, stop := context.WithCancel(ctx)
	var intake load
	var failed error
	var wait sync.WaitGroup
	wait.Go(func() { intake, failed = r.beaten(enough, v, requests) })
	err := r.profiled(ctx, v, "acts", func() error { return c.act(ctx, n) })
	stop()
	wait.Wait()
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	after, _ := proc.Memory(v.cmd.Process.Pid)
	for _, kind := range actKinds() {
		h := c.took(kind)
		r.put(kind+".p50", kind+", p50", "ms", h.quantile(0.50).Seconds()*1000)
		r.put(kind+".p95", kind+", p95", "ms", h.quantile(0.95).Seconds()*1000)
	}
	shown := c.shown()
	r.latency("shown.", "a note is before all eyes, ", &shown)
	r.latency("beside.accept.", fmt.Sprintf("beside it %d messages a second accepted, ", deskMessages), &intake.latency)
	r.put("beside.memory", "memory of the service grew by", "MiB", max(0, float64(after-before)/(1<<20)))
	f, err := v.figures(ctx)
	if err != nil {
		return err
	}
	return v.decided(ctx, f.Accepted)
}

// beaten posts messages by the clock until ctx ends.
func (r *run) beaten(ctx context.Context, v *process, requests [][]byte) (l load, err error) {
	const lanes = 32
	var mu sync.Mutex
	var wait sync.WaitGroup
	begin := time.Now()
	for lane := range lanes {
		p, derr := dialPoster(context.WithoutCancel(ctx), v.HTTP)
		if derr != nil {
			return l, derr
		}
		p.requests = requests
		wait.Go(func() {
			defer p.Close() // its work is done
			var own histogram
			var failed error
			for i := lane; i < len(requests) && failed == nil; i += lanes {
				due := begin.Add(time.Duration(i) * time.Second / deskMessages)
				if !pause(ctx, time.Until(due), nil) {
					break
				}
				failed = p.send(i)
				own.record(time.Since(due))
			}
			mu.Lock()
			defer mu.Unlock()
			l.latency.merge(&own)
			err = errors.Join(err, failed)
		})
	}
	wait.Wait()
	return l, err
}

// found tells how soon what a customer has written can be found.
func (r *run) found(ctx context.Context, v *process, c *consoles, who *customers) error {
	var h histogram
	for range r.count(10, 30) {
		word := fmt.Sprintf("zq%012x", rand.Uint64N(1<<48))
		who.known++
		who.serial++
		if _, err := post(ctx, v.HTTP, 1, [][]byte{who.smsSaying(who.first+who.known, "My order is "+word)}); err != nil {
			return err
		}
		begin := time.Now()
		if err := c.find(ctx, word); err != nil {
			return err
		}
		h.record(time.Since(begin))
	}
	r.latency("fresh.", "accepted until found by a word, ", &h)
	return nil
}

// besideIntake tells what the intake loses to agents who act.
func (r *run) besideIntake(ctx context.Context, v *process, c *consoles, who *customers, alone float64) error {
	acting, stop := context.WithCancel(ctx)
	var failed error
	var wait sync.WaitGroup
	wait.Go(func() { failed = c.act(acting, 1<<20) })
	var beside float64
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
	r.put("intake.alone.rate", "SMS accepted and decided, nobody at the desk", "/s", alone)
	r.put("intake.beside.rate", "SMS accepted and decided, agents acting", "/s", beside)
	r.put("intake.kept", "of it is kept", "%", 100*beside/alone)
	return nil
}
