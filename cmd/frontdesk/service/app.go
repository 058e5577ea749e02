// Package service is one running process: its roles, listeners and workers, the operator's page, and what SIGHUP exchanges.
package service

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

	"frontdesk/channels/guard"
	"frontdesk/channels/limits"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/policy"
	"frontdesk/cmd/frontdesk/wiring"
	"frontdesk/configs"
	"frontdesk/pipeline"
	"frontdesk/workers"
	"frontdesk/workers/copying"
	"frontdesk/workers/decide"
	"frontdesk/workers/deliver"
	"frontdesk/workers/dispatch"
	"frontdesk/workers/engine"
	"frontdesk/workers/enrich"
	"frontdesk/workers/gauges"
	"frontdesk/workers/ops/watch"
	"frontdesk/workers/receive"
	"frontdesk/workers/store"
	"frontdesk/workers/store/service"
	"frontdesk/workers/sweep"
)

// Service is one running process: everything of its roles, joined. New binds and joins, Run serves, Close ends; each
// is called once, in that order, by one goroutine. Methods that a page or a demonstration calls beside (Store, Meter,
// Events, Link, Addresses) may be called at any time between New and the end of Run.
//
// Every worker is made whatever the roles are, since they are cheap and refer to each other; Run starts those of the
// roles.
type Service struct {
	// config is that of the start; what SIGHUP has taken over stands in the Reloader, and in what was exchanged.
	config configs.Config
	logger *slog.Logger
	base   *installation.Base
	engine *engine.Engine
	// redis is the one in the process; nil where a Redis is configured.
	redis    *engine.Embedded
	wiring   *wiring.Wiring
	settings *pipeline.Settings
	// promotion is the number of that of the model that decides; 0: none was promoted.
	promotion int64

	counts    *workers.Meter
	notifier  *workers.Notifier
	courtesy  workers.Courtesy
	checks    *deliver.Checks
	intake    *receive.Intake
	health    *workers.Health
	processor *decide.Processor
	deliverer *deliver.Deliverer
	sweep     *sweep.Sweep
	audit     *sweep.Audit
	sources   *receive.Sources
	enrich    *enrich.Step
	door      *receive.Door
	onlooker  *watch.Onlooker
	registry  *prometheus.Registry

	// public, operator and desk are nil where they are not configured, or not of this process's roles.
	public, operator, desk, control net.Listener
	doors                           []wiring.MailDoor
	// holder is the name of this very process in what it claims (leases, outbox rows); owner holds the data directory,
	// journal is its sent.log.
	holder  string
	owner   *installation.Owner
	journal *deliver.Journal

	life context.Context // of the process, for what is called without a context of its own; it ends in close
	end  context.CancelFunc

	// What SIGHUP exchanges, and with what.
	// needs is what connectors are made with, at a reload again.
	needs       wiring.Needs
	certificate *wiring.Certificate
	routed      exchangeable
	fetching    fetching
	prints      map[string][32]byte // of the files behind each inbox; of ca_file at ""
	outdated    bool                // what is no inbox's goes on with the ca_file of the start

	token operatorToken
	given Options
}

// Options are what a process is given beside its configuration. Around, Begin and Connectors exist for the bench and
// for tests, Ready for the demonstration: nothing of theirs stands in the service itself.
type Options struct {
	Logger  *slog.Logger
	Version string          // for the log
	Out     io.Writer       // where the ready line goes
	Notes   io.Writer       // where a person is told how to sign in; nil: nowhere
	Ready   func(Addresses) // told the same; nil: nobody
	Reload  *Reloader       // what SIGHUP asks for; nil: nothing
	Demo    bool            // accounts of a demonstration are let in at the desk
	// Connectors stand in the place of those that are built in, by channel.
	Connectors map[string]wiring.Connect
	// Around stands around the work on every task; nil: nothing does.
	Around func(engine.Handler) engine.Handler
	// Begin is waited for before the first message is decided; after an error none is. nil: at once.
	Begin func(ctx context.Context) error
	// Poll is how often an idle pool of the queue looks, and how long a stop may wait for it; a second if 0.
	Poll time.Duration
}

// Addresses is what a process listens on, as it prints and writes it (addresses.json, read by check, login and
// scripts): host:port, or unix:path for LMTP; "" for what is not there.
type Addresses struct {
	HTTP string `json:"http,omitempty"`
	Ops  string `json:"ops,omitempty"`
	Desk string `json:"desk,omitempty"`
	SMTP string `json:"smtp,omitempty"`
	LMTP string `json:"lmtp,omitempty"`
	PID  int    `json:"pid"`
}

// New joins everything and binds the listeners; nothing is taken in before run.
// The order matters. The data directory is owned before anything in it is read, so that two processes never share
// one. The database is migrated before the engine asks it for the installation's id. Ports are bound before the last
// process's claims are taken over, since a taken port mostly means that it still lives. On an error everything that
// was opened is closed again.
func New(ctx context.Context, c configs.Config, o Options) (_ *Service, err error) {
	logger := o.Logger
	if err := wholeRoles(c); err != nil {
		return nil, err
	}
	if err := installation.RefuseConstantKey(c); err != nil {
		return nil, err
	}
	a := &Service{config: c, logger: logger, registry: prometheus.NewRegistry(), onlooker: watch.NewOnlooker(), given: o}
	a.life, a.end = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if err := errors.Join(installation.CloseDataDir(c.DataDir, logger), installation.CloseBlobsDir(c.Blobs.Dir, logger)); err != nil {
		return nil, err
	}
	if a.owner, err = installation.Own(c.DataDir); err != nil {
		return nil, err
	}
	if warning := installation.TooMuchKnown(c); warning != "" {
		logger.Warn("this process knows more than it needs", "error", warning)
	}
	a.holder = a.owner.Holder(os.Getpid(), time.Now().UnixNano())
	if a.base, err = installation.Open(ctx, c, true); err != nil {
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

// Store is what the process keeps.
func (a *Service) Store() *store.Store { return a.base.Store }

// Meter is what the process counts.
func (a *Service) Meter() *workers.Meter { return a.counts }

// Events tells of each decided message until end is called. A listener that does not keep up loses events, and holds
// nobody up.
func (a *Service) Events() (events <-chan watch.Event, end func()) { return a.onlooker.Listen() }

// wholeRoles refuses a part of the roles on a database or a Redis that no other process can reach: what this process
// takes in would wait for workers that cannot exist.
func wholeRoles(c configs.Config) error {
	if len(c.Roles) >= 3 {
		return nil
	}
	if !strings.HasPrefix(c.Database.URL.Reveal(), "postgres") || c.Redis.Embedded() {
		return errors.New("starting with a part of the roles: the others cannot share SQLite or the in-process Redis; set database.url to postgres://… and redis.url to unix:///path (all on one machine) or rediss://…, or run all roles in one process")
	}
	return nil
}

func (a *Service) has(role string) bool { return slices.Contains(a.config.Roles, role) }

// reclaim takes over at once what the last process of this data directory held: that one is gone. A
// SQLite file is ours alone, and so is whatever anybody held in it. What that process had sent without
// writing it down is written down first, before anybody could send it again.
func (a *Service) reclaim(ctx context.Context) error {
	journal, left, err := deliver.OpenJournal(filepath.Join(a.config.DataDir, "sent.log"), a.logger)
	if err != nil {
		return err
	}
	a.journal = journal
	known, err := a.base.Store.Outbox.Confirm(ctx, left, time.Now())
	if err != nil {
		return err
	}
	if known > 0 {
		a.logger.Info("the last process had sent what it could not write down any more", "effects", known)
	}
	if err := journal.Forget(); err != nil {
		return err
	}
	if a.base.Store.Base.Dialect() == "sqlite" {
		return a.base.Store.Service.Reclaim(ctx, time.Now())
	}
	return a.base.Store.Service.ReclaimFrom(ctx, a.owner.Name, time.Now())
}

// startEngine connects to Redis, or starts the one in the process. Tasks get three quarters of the time of a stop:
// the rest is for handing back what did not end. A shared Redis needs the installation's id in the names of queues;
// that in the process is nobody else's.
func (a *Service) startEngine(ctx context.Context) error {
	c := engine.Config{Grace: time.Duration(a.config.Limits.Shutdown) * 3 / 4, Logger: a.logger, Dead: a.dead, Poll: a.given.Poll}
	var err error
	if a.config.Redis.Embedded() { // nobody else comes there
		if a.redis, err = engine.StartEmbedded(ctx); err != nil {
			return err
		}
		c.Redis = a.redis.Client()
	} else {
		now := time.Now()
		who, err := a.base.Store.Service.Installation(ctx, now)
		if err != nil {
			return err
		}
		if c.Redis, err = installation.ConnectRedis(a.config); err != nil {
			return err
		}
		c.Installation, c.Heir = who.ID, now.Before(who.HeirUntil)
	}
	a.engine, err = engine.New(c)
	return err
}

// dead keeps a task that failed for the last time, for people; its ids are still open in the database and are rung
// for again. So nothing hangs on the letter: when it cannot be kept, the log has it. Ten seconds of its own, since
// the task's time may be over.
func (a *Service) dead(ctx context.Context, w engine.Work, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	a.logger.Error("task given up; its ids stay open and are rung for again", "kind", string(w.Kind), "ids", len(w.IDs), "error", err)
	letter := service.Letter{Task: string(w.Kind), Payload: fmt.Sprint(w.IDs), Error: err.Error()}
	if err := a.base.Store.Service.DeadLetter(ctx, letter, time.Now()); err != nil {
		a.logger.Error("keeping the dead letter failed", "error", err)
	}
}

// join makes the workers of this process's roles. It is long because it is the whole wiring in one place, in the
// order in which parts need each other: budget and shares, connectors, settings, notifier and health, intake,
// enrichment, processor, deliverer, sweep. Nothing runs yet. One Courtesy is shared by all who do bulk or live work,
// one budget and one set of shares by all doors.
func (a *Service) join() (err error) {
	s, ring := a.base.Store, a.base.Ring
	meter := workers.NewMeter(a.registry)
	a.counts = meter
	a.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	most := a.config.Limits
	budget := limits.NewBudget(int64(most.MaxInFlight), int64(max(most.MaxBody, most.MaxMessage)))
	meter.Crowd(a.registry, budget)
	shares := sharesOf(budget, int64(max(most.MaxBody, most.MaxMessage)))
	a.door = &receive.Door{Limit: int64(most.MaxBody), Budget: budget, Shares: shares,
		Requests: guard.NewShares(int64(most.ConnectionsPerAddress), int64(most.ConnectionsPerNetwork)), Proxies: proxies(a.config), Logger: a.logger, Meter: meter}
	if a.door.Checks, err = a.checkPages(); err != nil {
		return err
	}
	n := wiring.Needs{Config: a.config, Store: s, Digest: ring.Digest, Token: ring.Token, Logger: a.logger, Budget: budget, Shares: shares, Port: a.publicAddress, Remote: a.door.Remote, Connectors: a.given.Connectors}
	if a.config.Listen.TLSCert != "" {
		a.certificate = &wiring.Certificate{}
		if _, err := a.certificate.Load(a.config.Listen.TLSCert, a.config.Listen.TLSKey); err != nil {
			return err
		}
	}
	n.Certificate = a.certificate
	if a.wiring, err = wiring.All(n); err != nil {
		return err
	}
	a.needs, a.prints = n, map[string][32]byte{"": filePrint(configs.Config{CAFile: a.config.CAFile}, configs.Inbox{})}
	for _, in := range a.config.Inboxes {
		a.prints[in.Name] = filePrint(a.config, in)
	}
	if a.settings, err = a.deciding(); err != nil {
		return err
	}
	a.notifier = workers.NewNotifier(a.engine, a.logger)
	a.health = workers.NewHealth(s, a.logger, a.alarm)
	a.intake = receive.NewIntake(receive.IntakeConfig{Store: s, Notifier: a.notifier, Courtesy: &a.courtesy, Meter: meter, Logger: a.logger, Heard: a.health.Heard})
	a.door.Intake = a.intake
	a.sources = receive.NewSources(s, a.intake, a.health, a.holder, a.config.Limits.MaxUndecided, meter, a.logger)
	quarantine := decide.NewQuarantine(s)
	out := &a.wiring.Outlets
	if a.enrich, out.Scanners, err = a.enriching(n, quarantine); err != nil {
		return err
	}
	out.Health, out.Journal, out.Courtesy = a.health, a.journal, &a.courtesy
	a.processor = decide.NewProcessor(decide.ProcessorConfig{Store: s, Notifier: a.notifier, Decoders: a.wiring.Decoders, Settings: a.settings, Quarantine: quarantine,
		Courtesy: &a.courtesy, Enrich: a.enrich, Weights: weights(a.config), Meter: meter, Logger: a.logger, Watch: a.onlooker.Passed})
	writer, err := a.writer()
	if err != nil {
		return err
	}
	if out.Alerts, err = a.alerts(); err != nil {
		return err
	}
	a.deliverer = deliver.NewDeliverer(s, a.notifier, a.holder, *out, writer, meter, a.logger)
	a.checks = deliver.NewChecks(s, a.intake.Lot, out.Senders, a.logger)
	a.sweep = sweep.New(sweep.Config{Store: s, Notifier: a.notifier, Process: a.processor.Wake, Checks: a.checks, Engine: a.engine, Notices: wiring.NoticesTo(a.config), Counting: sweep.Counting(a.settings.Promise, a.settings.Groups), Escalating: sweep.Escalating(a.settings.Promise, a.settings.Groups), Alerts: a.alerting(), Meter: meter, Logger: a.logger})
	a.audit = sweep.NewAudit(s, a.holder, time.Duration(a.config.Audit.Every), policy.PromisedBy(a.settings), a.logger)
	a.registry.MustRegister(gauges.New(a.life, s, a.engine))
	if a.has(configs.RoleIntake) {
		a.doors, err = wiring.MailDoors(a.wiring, n)
	}
	return err
}

// sharesOf are what one client, and one site, may take of the memory of messages by all doors together: a quarter and
// a half, and one message of the largest size in any case. So neither one client nor one network fills it, and one
// large mail always fits.
func sharesOf(budget *limits.Budget, largest int64) *guard.Shares {
	largest += 1 << 10 // what a buffer has beyond its message
	return guard.NewShares(max(budget.Most()/4, largest), max(budget.Most()/2, largest))
}

// publicAddress is where the public listener really listens: with port 0 the kernel has chosen.
func (a *Service) publicAddress() string {
	if a.public == nil {
		return a.config.Listen.HTTP
	}
	return a.public.Addr().String()
}

// writer is what makes the texts of acknowledgements when they are handed over. Fallback is an order of kinds of
// addresses, not of channels.
func (a *Service) writer() (*deliver.Writer, error) {
	texts, err := policy.Texts(a.config)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(a.config.Desk.Timezone)
	if err != nil {
		return nil, fmt.Errorf("reading time zone: %w", err)
	}
	w := &deliver.Writer{Texts: texts, DeskName: a.config.Desk.Name, Names: a.config.Desk.Names, Domain: a.config.Desk.Domain, Language: a.config.Desk.DefaultLanguage, Zone: zone,
		Calendars: a.settings.Promise.Calendars, Channels: a.config.Kinds.Traits(), Short: a.config.Acknowledgements.ShortChannels,
		Content: a.base.Store.Answering.Content, SignReply: a.config.Acknowledgements.SignReplyAddress, Inboxes: a.settings.Inboxes, Answering: a.settings.Answering, MAC: a.settings.MAC, Phone: a.settings.SMS.Look, Caps: a.settings.Caps}
	for _, channel := range a.config.Acknowledgements.Fallback {
		w.Fallback = append(w.Fallback, a.config.Kinds.Line()[channel].Address)
	}
	return w, nil
}

// weights are the weights of the inboxes that have one.
func weights(c configs.Config) map[string]int {
	out := map[string]int{}
	for _, in := range c.Inboxes {
		if in.Weight > 0 {
			out[in.Name] = in.Weight
		}
	}
	return out
}

// alarm tells the operator's webhooks that an inbox has begun to fail, at most once an hour for each: the hour (UTC)
// is part of the key, and the outbox keeps one row a key. It goes by the outbox like every outward act, so it
// survives this process.
func (a *Service) alarm(st service.InboxStatus) {
	ctx, cancel := context.WithTimeout(a.life, 10*time.Second)
	defer cancel()
	now := time.Now()
	event, err := json.Marshal(map[string]string{"event": "inbox.failing", "inbox": st.Inbox, "since": now.UTC().Format(time.RFC3339)})
	if err != nil {
		return
	}
	key := fmt.Sprintf("inbox.failing:%s:%s", st.Inbox, now.UTC().Format("2006010215"))
	if err := a.base.Store.Outbox.Notify(ctx, deliver.Notices(wiring.NoticesTo(a.config), "inbox.failing", key, event, now), now); err != nil {
		a.logger.Error("recording the alarm failed", "inbox", st.Inbox, "error", err)
	}
}

// Run serves until ctx ends or a listener fails, then stops: doors first, then whatever is under way is finished or
// handed back. There are two contexts: the front's ends first (doors, fetchers, workers), the back's (notifier,
// health) when nobody is left who could tell them something. It returns the error of the listener, nil after an
// ordinary stop. If the process is killed instead, nothing is lost: what it held is taken over at the next start.
func (a *Service) Run(ctx context.Context) (failure error) {
	defer a.Close()
	if err := a.connected(ctx); err != nil {
		return err
	}
	ctx, stopFront := context.WithCancel(ctx)
	defer stopFront()
	back, stopBack := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBack()
	var front, behind sync.WaitGroup
	behind.Go(func() { a.notifier.Run(back, a.local()) })
	behind.Go(func() { a.health.Run(back) })
	behind.Go(func() { a.passOn(back) })
	if a.has(configs.RoleWork) {
		if err := a.startWork(ctx, &front); err != nil {
			return err
		}
		front.Go(func() { a.sweep.Run(ctx) })
		front.Go(func() { a.audit.Run(ctx) })
		front.Go(func() { sweep.NewSearch(a.base.Store, &a.courtesy, a.logger).Run(ctx) })
		front.Go(func() {
			copying.New(copying.Config{Store: a.base.Store, Open: a.originals(), Mask: a.settings.Mask, Polite: &a.courtesy, Logger: a.logger}).Run(ctx)
		})
		front.Go(func() { a.enrich.Run(ctx) })
	}
	if a.has(configs.RoleWork) || a.config.Listen.Desk != "" {
		front.Go(func() { a.chain(ctx) }) // also where no desk is: commands are in its log
		front.Go(func() {
			dispatch.New(dispatch.Config{Store: a.base.Store, Rules: a.handOut(), Logger: a.logger}).Run(ctx)
		})
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

// startWork starts the workers: those that take batches, who listen for the word of other processes, and the engine's
// pools.
func (a *Service) startWork(ctx context.Context, front *sync.WaitGroup) error {
	front.Go(func() {
		if a.given.Begin == nil || a.given.Begin(ctx) == nil {
			a.processor.Run(ctx)
		}
	})
	front.Go(func() { a.engine.Listen(ctx, a.processor.Wake) })
	return a.engine.Start(ctx, a.worker())
}

// local are the workers of this process, who are told at once of what it commits. Without the role work there are
// none, and only Redis tells. Around is put around the deliverer in a goroutine of its own, because it may hold a
// task back and the notifier must not wait.
func (a *Service) local() workers.Local {
	if !a.has(configs.RoleWork) {
		return workers.Local{}
	}
	deliver := a.deliverer.Begin
	if a.given.Around != nil {
		deliver = func(ctx context.Context, t engine.Task) {
			begin := a.given.Around(func(ctx context.Context, _ engine.Work) error {
				a.deliverer.Begin(ctx, t)
				return nil
			})
			go func() {
				if err := begin(ctx, engine.Work{Kind: t.Kind, IDs: t.IDs, Inbox: t.Inbox, Due: true}); err != nil {
					a.logger.Warn("beginning with effects failed", "error", err)
				}
			}()
		}
	}
	return workers.Local{Process: a.processor.Wake, Deliver: deliver}
}

// worker does the tasks.
func (a *Service) worker() engine.Handler {
	if a.given.Around == nil {
		return a.handle
	}
	return a.given.Around(a.handle)
}

func (a *Service) handle(ctx context.Context, w engine.Work) error {
	switch w.Kind {
	case engine.Process:
		return a.processor.Handle(ctx, w)
	case engine.Deliver:
		return a.deliverer.Handle(ctx, w)
	default:
		return fmt.Errorf("handling task: unknown kind %q", w.Kind)
	}
}

// stop ends in order: the front first, so that nothing new comes in; then the tasks that run. After limits.shutdown
// it goes on without them: their claims stand in the database and are taken over, so a stop that is too short costs a
// repetition and no message.
func (a *Service) stop(front *sync.WaitGroup) {
	a.logger.Info("stopping; what is under way is finished or handed back")
	done := make(chan struct{})
	go func() {
		front.Wait()
		if a.has(configs.RoleWork) {
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

// Close ends what the service has opened. Run has returned, or was never called. It may be called on a service that
// New has only half made: every part is looked at. The owner goes last, since from then on another process may take
// the data directory.
func (a *Service) Close() {
	a.disarm()
	if a.wiring != nil {
		a.wiring.Close()
	}
	if a.engine != nil {
		a.engine.Close()
	}
	if a.redis != nil {
		a.redis.Close()
	}
	a.end()
	for _, l := range []net.Listener{a.public, a.operator, a.desk, a.control} {
		if l != nil {
			l.Close()
		}
	}
	if a.base != nil {
		a.base.Close()
	}
	a.journal.Close()
	a.owner.Close()
}
