package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"frontdesk/channels"
	"frontdesk/channels/email/smtpd"
	"frontdesk/channels/guard"
	"frontdesk/configs"
	"frontdesk/pipeline"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/enrich"
	"frontdesk/workers/ops"
	"frontdesk/workers/store"
)

// Roles of a process.
const (
	roleIntake = "intake" // listeners and fetchers
	roleWork   = "work"   // deciding, delivering, sweeping
	roleDesk   = "desk"   // the operator's pages
)

// app is one running process: everything of its roles, joined.
type app struct {
	config   configs.Config
	logger   *slog.Logger
	base     *base
	engine   *engine.Engine
	redis    *engine.Embedded
	wiring   *wiring
	settings *pipeline.Settings

	measuring *measuring // nil: nobody measures
	meter     *workers.Meter
	bell      *workers.Bell
	intake    *workers.Intake
	health    *workers.Health
	processor *workers.Processor
	deliverer *workers.Deliverer
	sweep     *workers.Sweep
	audit     *workers.Audit
	sources   *workers.Sources
	enrich    *enrich.Step
	door      *workers.Door
	onlooker  *ops.Onlooker
	registry  *prometheus.Registry

	public, operator, control net.Listener
	doors                     []*smtpd.Listener
	holder                    string
	owner                     *owner
	slips                     *workers.Slips

	life context.Context // of the process, for what is called without a context of its own; it ends in close
	end  context.CancelFunc

	// What SIGHUP exchanges, and with what.
	reloader    *reloader // nil: nothing
	needs       needs
	certificate *certificate
	routed      exchangeable
	fetching    fetching
	prints      map[string][32]byte // of the files behind each inbox; of ca_file at ""
	outdated    bool                // what is no inbox's goes on with the ca_file of the start

	token operatorToken
	out   io.Writer       // where the ready line goes
	notes io.Writer       // where a person is told how to sign in; nil: nowhere
	ready func(addresses) // told the same, when it is set
}

// addresses is what a process listens on, as it prints and writes it.
type addresses struct {
	HTTP string `json:"http,omitempty"`
	Ops  string `json:"ops,omitempty"`
	SMTP string `json:"smtp,omitempty"`
	LMTP string `json:"lmtp,omitempty"`
	PID  int    `json:"pid"`
}

// newApp joins everything and binds the listeners; nothing is taken in before run.
func newApp(ctx context.Context, c configs.Config, logger *slog.Logger) (_ *app, err error) {
	if err := wholeRoles(c); err != nil {
		return nil, err
	}
	if err := refuseConstantKey(c); err != nil {
		return nil, err
	}
	a := &app{config: c, logger: logger, registry: prometheus.NewRegistry(), onlooker: ops.NewOnlooker(), out: os.Stdout}
	a.life, a.end = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if err := errors.Join(closeDataDir(c.DataDir, logger), closeBlobsDir(c.Blobs.Dir, logger)); err != nil {
		return nil, err
	}
	if a.owner, err = own(c.DataDir); err != nil {
		return nil, err
	}
	if warning := tooMuchKnown(c); warning != "" {
		logger.Warn("this process knows more than it needs", "error", warning)
	}
	a.holder = a.owner.holder(os.Getpid(), time.Now().UnixNano())
	if a.base, err = openBase(ctx, c, true); err != nil {
		return nil, err
	}
	if err := a.startEngine(ctx); err != nil {
		return nil, err
	}
	if err := a.listen(); err != nil {
		return nil, err
	}
	if err := a.arm(ctx); err != nil {
		return nil, err
	}
	if err := a.reclaim(ctx); err != nil {
		return nil, err
	}
	if err := a.join(); err != nil {
		return nil, err
	}
	return a, nil
}

// wholeRoles refuses a part of the roles on a database or a Redis that no other process can reach.
func wholeRoles(c configs.Config) error {
	if len(c.Roles) >= 3 {
		return nil
	}
	if !strings.HasPrefix(c.Database.URL.Reveal(), "postgres") || c.Redis.Embedded() {
		return errors.New("starting with a part of the roles: the others cannot share SQLite or the in-process Redis; set database.url to postgres://… and redis.url to unix:///path (all on one machine) or rediss://…, or run all roles in one process")
	}
	return nil
}

func (a *app) has(role string) bool { return slices.Contains(a.config.Roles, role) }

// reclaim takes over at once what the last process of this data directory held: that one is gone. A
// SQLite file is ours alone, and so is whatever anybody held in it. What that process had sent without
// writing it down is written down first, before anybody could send it again.
func (a *app) reclaim(ctx context.Context) error {
	slips, left, err := workers.OpenSlips(filepath.Join(a.config.DataDir, "sent.log"), a.logger)
	if err != nil {
		return err
	}
	a.slips = slips
	known, err := a.base.store.Confirm(ctx, left, time.Now())
	if err != nil {
		return err
	}
	if known > 0 {
		a.logger.Info("the last process had sent what it could not write down any more", "effects", known)
	}
	if err := slips.Forget(); err != nil {
		return err
	}
	if a.base.store.Dialect() == "sqlite" {
		return a.base.store.Reclaim(ctx, time.Now())
	}
	return a.base.store.ReclaimFrom(ctx, a.owner.name, time.Now())
}

func (a *app) startEngine(ctx context.Context) error {
	c := engine.Config{Grace: time.Duration(a.config.Limits.Shutdown) * 3 / 4, Logger: a.logger, Dead: a.dead}
	var err error
	if a.config.Redis.Embedded() { // nobody else comes there
		if a.redis, err = engine.StartEmbedded(ctx); err != nil {
			return err
		}
		c.Redis = a.redis.Client()
	} else {
		now := time.Now()
		who, err := a.base.store.Installation(ctx, now)
		if err != nil {
			return err
		}
		if c.Redis, err = connectRedis(a.config); err != nil {
			return err
		}
		c.Installation, c.Heir = who.ID, now.Before(who.HeirUntil)
	}
	a.engine, err = engine.New(c)
	return err
}

// dead keeps a task that failed for the last time, for people; its ids are still open in the database
// and are rung for again.
func (a *app) dead(ctx context.Context, w engine.Work, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	a.logger.Error("task given up; its ids stay open and are rung for again", "kind", string(w.Kind), "ids", len(w.IDs), "error", err)
	letter := store.Letter{Task: string(w.Kind), Payload: fmt.Sprint(w.IDs), Error: err.Error()}
	if err := a.base.store.DeadLetter(ctx, letter, time.Now()); err != nil {
		a.logger.Error("keeping the dead letter failed", "error", err)
	}
}

// connectRedis makes the client of the configured Redis; it does not connect yet.
func connectRedis(c configs.Config) (redis.UniversalClient, error) {
	r, err := redisConfig(c.Redis, c.CAFile)
	if err != nil {
		return nil, err
	}
	return engine.Connect(r)
}

// redisConfig is the configured Redis. common is a file of authorities, for where it has none of its own.
func redisConfig(c configs.Redis, common string) (engine.RedisConfig, error) {
	believed, err := roots("", common)
	if err != nil {
		return engine.RedisConfig{}, err
	}
	out := engine.RedisConfig{URL: c.URL.Reveal(), CAFile: c.CAFile, Roots: believed}
	if s := c.Sentinel; s != nil {
		out.Master, out.Sentinel, out.Username, out.Password = s.Master, s.Addrs, s.Username, s.Password.Reveal()
		out.SentinelPassword, out.DB, out.TLS = s.SentinelPassword.Reveal(), s.DB, s.TLS
	}
	if s := c.Cluster; s != nil {
		out.Cluster, out.Username, out.Password, out.TLS = s.Addrs, s.Username, s.Password.Reveal(), s.TLS
	}
	return out, nil
}

// join makes the workers of this process's roles.
func (a *app) join() (err error) {
	s, ring := a.base.store, a.base.ring
	meter := workers.NewMeter(a.registry)
	a.meter = meter
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	limits := a.config.Limits
	budget := channels.NewBudget(int64(limits.MaxInFlight), int64(max(limits.MaxBody, limits.MaxMessage)))
	meter.Crowd(a.registry, budget)
	shares := sharesOf(budget, int64(max(limits.MaxBody, limits.MaxMessage)))
	a.door = &workers.Door{Limit: int64(limits.MaxBody), Budget: budget, Shares: shares,
		Requests: guard.NewShares(int64(limits.ConnectionsPerAddress), int64(limits.ConnectionsPerNetwork)), Proxies: proxies(a.config), Logger: a.logger, Meter: meter}
	n := needs{config: a.config, store: s, digest: ring.Digest, token: ring.Token, logger: a.logger, budget: budget, shares: shares, port: a.publicAddress, remote: a.door.Remote}
	if a.config.Listen.TLSCert != "" {
		a.certificate = &certificate{}
		if _, err := a.certificate.load(a.config.Listen.TLSCert, a.config.Listen.TLSKey); err != nil {
			return err
		}
	}
	n.certificate = a.certificate
	if a.wiring, err = wire(n); err != nil {
		return err
	}
	a.needs, a.prints = n, map[string][32]byte{"": filePrint(configs.Config{CAFile: a.config.CAFile}, configs.Inbox{})}
	for _, in := range a.config.Inboxes {
		a.prints[in.Name] = filePrint(a.config, in)
	}
	if a.settings, err = settings(a.config, ring); err != nil {
		return err
	}
	a.bell = workers.NewBell(a.engine, a.logger)
	a.health = workers.NewHealth(s, a.logger, a.alarm)
	a.intake = workers.NewIntake(s, a.bell, meter, a.logger)
	a.intake.Heard = a.health.Heard
	a.door.Intake = a.intake
	a.sources = workers.NewSources(s, a.intake, a.health, a.holder, a.config.Limits.MaxUndecided, meter, a.logger)
	a.processor = workers.NewProcessor(s, a.bell, a.wiring.decoders, a.settings, meter, a.logger, a.onlooker.Passed)
	a.enrich, a.wiring.outlets.Scanners = a.enriching(n)
	a.processor.Gather = a.engine.Gather
	a.processor.AskFirst(a.enrich)
	a.wiring.outlets.Health = a.health
	writer, err := a.writer()
	if err != nil {
		return err
	}
	a.deliverer = workers.NewDeliverer(s, a.bell, a.holder, a.wiring.outlets, writer, meter, a.logger)
	a.deliverer.Slips = a.slips
	a.sweep = workers.NewSweep(s, a.bell, a.engine, noticesTo(a.config), meter, a.logger)
	a.sweep.Checks = workers.NewChecks(s, a.intake, a.wiring.outlets.Senders, a.logger)
	a.audit = workers.NewAudit(s, a.holder, time.Duration(a.config.Audit.Every), promisedBy(a.settings), a.logger)
	a.share()
	a.registry.MustRegister(workers.NewGauges(a.life, s, a.engine))
	if a.has(roleIntake) {
		a.doors, err = mailDoors(a.wiring, n)
	}
	return err
}

// sharesOf are what one client, and one site, may take of the memory of messages by all doors together: a quarter and a
// half, and one message of the largest size in any case.
func sharesOf(budget *channels.Budget, largest int64) *guard.Shares {
	largest += 1 << 10 // what a buffer has beyond its message
	return guard.NewShares(max(budget.Most()/4, largest), max(budget.Most()/2, largest))
}

func (a *app) publicAddress() string {
	if a.public == nil {
		return a.config.Listen.HTTP
	}
	return a.public.Addr().String()
}

func (a *app) writer() (*workers.Writer, error) {
	texts, err := textsOf(a.config)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(a.config.Desk.Timezone)
	if err != nil {
		return nil, fmt.Errorf("reading time zone: %w", err)
	}
	w := &workers.Writer{Texts: texts, DeskName: a.config.Desk.Name, Names: a.config.Desk.Names, Domain: a.config.Desk.Domain, Language: a.config.Desk.DefaultLanguage, Zone: zone,
		Calendars: a.settings.Promise.Calendars, Short: append([]string{configs.ChannelTelegram}, a.config.Acknowledgements.ShortChannels...),
		SignReply: a.config.Acknowledgements.SignReplyAddress, Inboxes: a.settings.Inboxes, Answering: a.settings.Answering, MAC: a.settings.MAC, Phone: a.settings.SMS.Look, Caps: a.settings.Caps}
	for _, channel := range a.config.Acknowledgements.Fallback {
		w.Fallback = append(w.Fallback, kindOf[channel])
	}
	return w, nil
}

// share lets the workers of this process know of each other: who is live goes before an import, and
// each inbox gets its share.
func (a *app) share() {
	a.processor.Polite, a.deliverer.Polite = a.intake.Polite, a.intake.Polite
	a.processor.Share(shares(a.config))
	if a.has(roleWork) {
		a.intake.Late = a.sweep.Late
	}
}

// shares are the weights of the inboxes that have one.
func shares(c configs.Config) workers.Shares {
	out := workers.Shares{}
	for _, in := range c.Inboxes {
		if in.Weight > 0 {
			out[in.Name] = in.Weight
		}
	}
	return out
}

func noticesTo(c configs.Config) []workers.NoticeTo {
	var out []workers.NoticeTo
	for i, h := range c.Webhooks {
		out = append(out, workers.NoticeTo{Name: noticeName(i), Events: h.Events})
	}
	return out
}

// alarm tells the operator's webhooks that an inbox has begun to fail.
func (a *app) alarm(st store.InboxStatus) {
	ctx, cancel := context.WithTimeout(a.life, 10*time.Second)
	defer cancel()
	now := time.Now()
	event, err := json.Marshal(map[string]string{"event": "inbox.failing", "inbox": st.Inbox, "since": now.UTC().Format(time.RFC3339)})
	if err != nil {
		return
	}
	key := fmt.Sprintf("inbox.failing:%s:%s", st.Inbox, now.UTC().Format("2006010215"))
	if err := a.base.store.Notify(ctx, workers.Notices(noticesTo(a.config), "inbox.failing", key, event, now), now); err != nil {
		a.logger.Error("recording the alarm failed", "inbox", st.Inbox, "error", err)
	}
}

// run serves until ctx ends or a listener fails, then stops: doors first, then whatever is under way
// is finished or handed back.
func (a *app) run(ctx context.Context) (failure error) {
	defer a.close()
	if err := a.connected(ctx); err != nil {
		return err
	}
	ctx, stopFront := context.WithCancel(ctx)
	defer stopFront()
	back, stopBack := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBack()
	var front, behind sync.WaitGroup
	behind.Go(func() { a.bell.Run(back) })
	behind.Go(func() { a.health.Run(back) })
	if a.has(roleWork) {
		if err := a.startWork(ctx, &front); err != nil {
			return err
		}
		front.Go(func() { a.sweep.Run(ctx) })
		front.Go(func() { a.audit.Run(ctx) })
		front.Go(func() { workers.NewSearch(a.base.store, a.intake.Polite, a.logger).Run(ctx) })
		front.Go(func() { a.enrich.Run(ctx) })
	}
	failed := a.open(ctx, &front)
	a.announce(ctx)
	settleMemory(int64(a.config.Limits.MaxInFlight))
	select {
	case <-ctx.Done():
	case failure = <-failed:
		a.logger.Error("a listener failed; stopping", "error", failure)
		stopFront()
	}
	a.stop(&front)
	stopBack()
	behind.Wait()
	a.withdraw()
	return failure
}

// startWork opens the pools, at once or, while somebody measures, when they are released.
func (a *app) startWork(ctx context.Context, front *sync.WaitGroup) error {
	handle := func(task context.Context, w engine.Work) error {
		if w.Kind == engine.Deliver {
			if err := a.measuring.mayDeliver(task, ctx.Done()); err != nil {
				return err
			}
		}
		return a.handle(task, w)
	}
	if a.measuring == nil {
		return a.engine.Start(ctx, a.handle)
	}
	front.Go(func() {
		if !a.measuring.work.pass(ctx, nil) {
			return
		}
		if err := a.engine.Start(ctx, handle); err != nil {
			a.logger.Error("starting the workers failed", "error", err)
		}
	})
	return nil
}

func (a *app) handle(ctx context.Context, w engine.Work) error {
	switch w.Kind {
	case engine.Process:
		return a.processor.Handle(ctx, w)
	case engine.Deliver:
		return a.deliverer.Handle(ctx, w)
	default:
		return fmt.Errorf("handling task: unknown kind %q", w.Kind)
	}
}

func (a *app) sinkPage() ops.Sink {
	if a.wiring.sink == nil {
		return nil
	}
	return sinkView{a.wiring.sink}
}

// stop ends in order: the front first, so that nothing new comes in; then the tasks that run.
func (a *app) stop(front *sync.WaitGroup) {
	a.logger.Info("stopping; what is under way is finished or handed back")
	done := make(chan struct{})
	go func() {
		front.Wait()
		if a.has(roleWork) {
			a.engine.Stop()
			a.deliverer.Stop()
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Duration(a.config.Limits.Shutdown)):
		a.logger.Warn("stopping took too long; the rest is handed back at the next start")
	}
}

func (a *app) close() {
	a.disarm()
	if a.wiring != nil {
		a.wiring.close()
	}
	if a.engine != nil {
		a.engine.Close()
	}
	if a.redis != nil {
		a.redis.Close()
	}
	a.end()
	for _, l := range []net.Listener{a.public, a.operator, a.control} {
		if l != nil {
			l.Close()
		}
	}
	if a.base != nil {
		a.base.close()
	}
	a.slips.Close()
	a.owner.close()
}
