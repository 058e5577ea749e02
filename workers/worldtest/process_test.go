package worldtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/parse"
	"frontdesk/channels/email/smtpd"
	"frontdesk/channels/kinds"
	"frontdesk/channels/telegram"
	"frontdesk/channels/twilio"
	"frontdesk/channels/web"
	"frontdesk/pipeline/message"
	"frontdesk/workers"
	"frontdesk/workers/copying"
	"frontdesk/workers/decide"
	"frontdesk/workers/deliver"
	"frontdesk/workers/engine"
	"frontdesk/workers/receive"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/sweep"
)

// process is one running Frontdesk, joined as cmd/frontdesk/service joins it. It dies at any of its
// points: from then on every call of its store, its providers and its queue fails.
type process struct {
	w            *world
	n            int
	host         int  // the machine that it runs on, with the notes of what was sent
	works, takes bool // roles: work; intake
	dead         atomic.Bool
	stopping     atomic.Bool
	fuse         atomic.Int64 // points until it dies; 0: it lives
	asleep       atomic.Int64 // it stands still until then, in nanoseconds of the world's clock

	front, back         context.Context
	stopFront, stopBack context.CancelFunc
	ahead, behind       sync.WaitGroup
	mu                  sync.Mutex // of tasks
	tasks               sync.WaitGroup

	closed    atomic.Bool
	store     *store.Store
	notifier  *workers.Notifier
	every     time.Duration // between two sweeps
	intake    *receive.Intake
	health    *workers.Health
	journal   *deliver.Journal
	processor *decide.Processor
	deliverer *deliver.Deliverer
	sweep     *sweep.Sweep
	maker     *copying.Maker
	hindsight *decide.Hindsight
	sources   *receive.Sources
	door      http.Handler
	smtp      *pipeListener
}

func (p *process) name() string { return fmt.Sprintf("process %d", p.n) }

// point is a place where the process may die.
func (p *process) point(where string) error {
	if p.dead.Load() {
		return errDead
	}
	if p.fuse.Load() > 0 && p.fuse.Add(-1) == 0 {
		p.die(where)
		return errDead
	}
	return nil
}

// die ends the process as kill -9 does.
func (p *process) die(where string) {
	if p.dead.Swap(true) {
		return
	}
	p.w.story.tell("%s dies at: %s", p.name(), where)
	if p.w.writing.Load() > 0 {
		p.w.killed.Add(1)
	}
	p.stopFront()
	p.stopBack()
	if p.smtp != nil {
		p.smtp.Close()
	}
	p.w.died(p)
}

// gate holds the process while it stands still. It is asked where work begins and where it meets a
// provider, never below the store: a lock that is held over a sleep would freeze the world's clock.
func (p *process) gate() {
	if until := p.asleep.Load(); until > 0 {
		time.Sleep(time.Until(time.Unix(0, until)))
	}
}

// handing is where the process is about to hand something over: sometimes it stands still just there,
// about as long as its claim lasts, and whoever runs the program begins another beside it.
func (p *process) handing() {
	if w := p.w; p.trouble(w.odds.held, "it stands still just before it hands something over") {
		p.asleep.Store(time.Now().Add(w.chaos.between(100*time.Second, 220*time.Second)).UnixNano())
		if w.chaos.chance(0.7) {
			w.after(10*time.Second, func() { w.beside(true, w.chaos.chance(0.5)) })
		}
		if w.chaos.chance(0.5) {
			w.put("quick relay", 6*time.Minute)
		}
	}
	p.gate()
}

// trouble throws the dice of the world for this process.
func (p *process) trouble(odds float64, what string) bool {
	return !p.dead.Load() && p.w.trouble(odds, p.name()+": "+what)
}

// blobbing is the blob store as one process reaches it.
type blobbing struct {
	p *process
	blobs.Store
}

var errDisk = errors.New("the disk is full")

func (b blobbing) Put(ctx context.Context, digest string, sealed []byte) error {
	if err := b.p.point("putting a blob"); err != nil {
		return err
	}
	if b.p.trouble(b.p.w.odds.blob, "a blob is refused") {
		return errDisk
	}
	if err := b.Store.Put(ctx, digest, sealed); err != nil {
		return err
	}
	if b.p.trouble(b.p.w.odds.blob, "a blob is put and the answer lost") {
		return errDisk
	}
	return b.p.point("having put a blob")
}

func (b blobbing) Get(ctx context.Context, digest string) ([]byte, error) {
	if err := b.p.point("getting a blob"); err != nil {
		return nil, err
	}
	if b.p.trouble(b.p.w.odds.blob, "a blob cannot be read") {
		return nil, errDisk
	}
	return b.Store.Get(ctx, digest)
}

func (b blobbing) Delete(ctx context.Context, digest string) error {
	if err := b.p.point("deleting a blob"); err != nil {
		return err
	}
	return b.Store.Delete(ctx, digest)
}

func (b blobbing) List(ctx context.Context) iter.Seq2[blobs.Blob, error] { return b.Store.List(ctx) }

// start begins a process on the world's file. An error means that it did not come up.
func (w *world) start(works, takes bool) (*process, error) {
	w.mu.Lock()
	w.begun++
	p := &process{w: w, n: w.begun, host: w.host(), works: works, takes: takes}
	w.hosts[p.host] = p
	if p.host > 1 {
		w.leased.Store(true)
	}
	w.mu.Unlock()
	p.front, p.stopFront = context.WithCancel(w.ctx)
	p.back, p.stopBack = context.WithCancel(w.ctx)
	ring, err := keyring.Open([]keyring.Master{{Name: "test", Key: make([]byte, keyring.KeySize)}})
	if err != nil {
		return nil, err
	}
	p.store, err = store.Open(p.front, store.Options{Channels: kinds.All().Traits(), Dir: w.dir, Keyring: ring, Blobs: blobbing{p, w.blobs}, PoolSize: 1,
		Connector: func(name string) driverConnector { return connector{p, name} }}, time.Now())
	if err != nil {
		p.dead.Store(true)
		w.forget(p)
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	if err = p.reclaim(); err == nil {
		err = p.join(ring)
	}
	if err == nil {
		err = p.connected()
	}
	if err != nil {
		p.dead.Store(true)
		w.forget(p)
		p.bury()
		return nil, err
	}
	p.run()
	w.mu.Lock()
	w.processes = append(w.processes, p)
	w.mu.Unlock()
	w.story.tell("%s runs: work %v, intake %v, sweeps every %s", p.name(), works, takes, p.every)
	return p, nil
}

// reclaim takes over what the last process of this host held, as cmd/frontdesk/service does.
func (p *process) reclaim() error {
	journal, left, err := deliver.OpenJournal(p.w.notes(p.host), slog.New(slog.NewTextHandler(p.w.logs, nil)))
	if err != nil {
		return err
	}
	p.journal = journal
	known, err := p.store.Outbox.Confirm(p.front, left, time.Now())
	if err != nil {
		return err
	}
	if known > 0 {
		p.w.story.tell("%s knows of %d sends that the last process of its host could not write down", p.name(), known)
	}
	if err := journal.Forget(); err != nil {
		return err
	}
	return p.store.Service.ReclaimFrom(p.front, p.holder(""), time.Now())
}

// holder names the process in what it claims.
func (p *process) holder(process string) string { return fmt.Sprintf("host%d:%s", p.host, process) }

func (p *process) join(ring *keyring.Ring) error {
	w := p.w
	logger := slog.New(slog.NewTextHandler(w.logs, nil))
	own := w.queue
	if own == nil {
		own = newQueue(w, p)
	}
	settings := w.ready.settings(ring, w.policy)
	sms, err := twilio.New(twilio.Config{Inbox: "hotline", AccountSID: accountSID, AuthToken: authToken, Number: hotline, From: hotline, PublicURL: hookURL,
		BaseURL: "https://api.twilio.test", Client: &http.Client{Transport: wire{p, w.phone}}})
	if err != nil {
		return err
	}
	bot, err := telegram.New(telegram.Config{Inbox: "bot", Token: botToken, WebhookSecret: botSecret, BaseURL: "https://api.telegram.test",
		Client: &http.Client{Transport: wire{p, w.chat}}})
	if err != nil {
		return err
	}
	app, err := web.NewAPI(web.APIConfig{Inbox: "app", Tokens: []string{apiToken}, Digest: ring.Digest, IdentityKeys: []string{identityKey}})
	if err != nil {
		return err
	}
	mails := parse.NewDecoder(parse.DecoderConfig{TrustedAuthserv: []string{authserv}})
	p.hindsight = decide.NewHindsight(map[string]channels.Decoder{"support": mails, "billing": mails, "hotline": sms, "bot": bot, "app": app, "form": w.ready.form}, settings, logger)
	decoders := map[string]channels.Decoder{"support": poisoned{p, mails}, "billing": poisoned{p, mails},
		"hotline": poisoned{p, sms}, "bot": poisoned{p, bot}, "app": poisoned{p, app}, "form": poisoned{p, w.ready.form}}
	relay := noted{p, relaying{p, w.relay}}
	outlets := deliver.Outlets{Senders: map[string]channels.Sender{"support": relay, "billing": relay, "hotline": asking{noted{p, sms}, sms}, "bot": noted{p, bot}},
		Journal: p.journal, Notices: map[string]deliver.NoticeSender{"ops": noticing{p, w.watcher}}}
	p.notifier = workers.NewNotifier(doorbell{p, own}, logger)
	p.health = workers.NewHealth(p.store, logger, nil)
	p.intake = receive.NewIntake(receive.IntakeConfig{Store: p.store, Notifier: p.notifier, Logger: logger, Heard: p.health.Heard})
	holder := p.holder(fmt.Sprint(p.n))
	p.sources = receive.NewSources(p.store, p.intake, p.health, holder, 24, nil, logger)
	p.processor = decide.NewProcessor(decide.ProcessorConfig{Store: p.store, Notifier: p.notifier, Decoders: decoders, Settings: settings,
		Quarantine: decide.NewQuarantine(p.store), Courtesy: &workers.Courtesy{}, Logger: logger, Watch: w.passed})
	p.deliverer = deliver.NewDeliverer(p.store, p.notifier, holder, outlets, w.ready.writer(settings), nil, logger)
	p.maker = copying.New(copying.Config{Store: p.store, Open: decide.Originals{Store: p.store, Decoders: decoders, Mask: settings.Mask}.Open, Mask: settings.Mask, Polite: &workers.Courtesy{}, Logger: logger})
	p.every = w.pace()
	p.sweep = sweep.New(sweep.Config{Store: p.store, Notifier: p.notifier, Process: p.processor.Wake, Every: p.every,
		Notices: []deliver.NoticeTo{{Name: "ops", Events: w.wanted}}, Logger: logger})
	p.door = (&receive.Door{Intake: p.intake, Logger: logger}).Handler([]receive.Route{
		{Inbox: "hotline", Pattern: "/hooks/hotline", Webhook: sms}, {Inbox: "bot", Pattern: "/hooks/bot", Webhook: bot}, {Inbox: "app", Pattern: "/api/app", Webhook: app},
		{Inbox: "form", Pattern: "/form/form", Webhook: w.ready.form}})
	p.behind.Go(func() { p.notifier.Run(p.back, p.local()) })
	if p.takes {
		return p.open(sms, ring)
	}
	return nil
}

// local are the workers of this process, who are told at once of what it commits, unless the word gets lost.
func (p *process) local() workers.Local {
	if !p.works {
		return workers.Local{}
	}
	heard := func() bool {
		p.gate()
		return !p.dead.Load() && !p.stopping.Load() && !p.trouble(p.w.odds.ringLost, "nobody in the process is told")
	}
	return workers.Local{
		Process: func(bulk bool) {
			if heard() {
				p.processor.Wake(bulk)
			}
		},
		Deliver: func(ctx context.Context, t engine.Task) {
			if heard() {
				p.deliverer.Begin(ctx, t)
			}
		},
	}
}

// open starts what takes messages in; the doors are knocked at only once the process is known.
func (p *process) open(sms *twilio.Connector, ring *keyring.Ring) error {
	p.smtp = newPipeListener()
	door, err := smtpd.New(smtpd.Config{Listener: p.smtp, Domain: "desk.example", Digest: ring.Digest, Verdicts: judging{p.w},
		Recipients: func(a string) (string, bool) { in, ok := mailboxes[a]; return in, ok }})
	if err != nil {
		return err
	}
	p.ahead.Go(func() { door.Serve(p.front, p.accept) })
	p.ahead.Go(func() {
		<-time.After(10 * time.Millisecond) // behind connected
		if p.front.Err() == nil {
			p.sources.Catchup(p.front, "hotline", sms)
		}
	})
	for _, box := range p.w.mailboxes {
		src := receive.Source{Inbox: box.inbox, Channel: "email", Address: box.address, Stream: "imap:INBOX", Fetcher: &fetcher{p: p, box: box}}
		p.ahead.Go(func() {
			<-time.After(10 * time.Millisecond)
			p.sources.Run(p.front, src)
		})
	}
	return nil
}

// accept is the listener's way in.
func (p *process) accept(ctx context.Context, deliveries ...channels.Delivery) ([]channels.Recorded, error) {
	return p.intake.Accept(ctx, deliveries...)
}

func (p *process) connected() (err error) {
	if !p.takes {
		return nil
	}
	for in, channel := range map[string]string{"support": "email", "billing": "email", "hotline": "sms", "bot": "telegram", "app": "api", "form": "form"} {
		p.health.Open(in, channel, "", channel == "email", time.Now())
	}
	for range 10 {
		if err = p.health.Flush(p.front); err == nil {
			return nil
		}
		time.Sleep(time.Second)
	}
	return err
}

func (p *process) run() {
	if p.takes {
		p.behind.Go(func() { p.health.Run(p.back) })
	}
	if p.works {
		p.ahead.Go(func() { p.processor.Run(p.front) })
		p.ahead.Go(func() { p.sweep.Run(p.front) })
		p.ahead.Go(p.copies)
	}
}

// copies makes copies of formatted mails, as seldom as a world can wait for them.
func (p *process) copies() {
	for {
		select {
		case <-p.front.Done():
			return
		case <-time.After(20 * time.Second):
		}
		if _, err := p.maker.Beat(p.front, time.Now()); err != nil {
			fmt.Fprintln(p.w.logs, p.name(), "copies:", err)
		}
	}
}

// work does one task. A process that dies meanwhile gives no answer.
func (p *process) work(task engine.Work) error {
	p.mu.Lock()
	if p.stopping.Load() || p.dead.Load() {
		p.mu.Unlock()
		return errDead
	}
	done := make(chan error, 1)
	p.tasks.Go(func() {
		failed := errDead // where the process dies under it
		defer func() { done <- failed }()
		p.gate()
		ctx, cancel := context.WithTimeout(p.back, 5*time.Minute)
		defer cancel()
		if task.Kind == engine.Process {
			failed = p.processor.Handle(ctx, task)
		} else {
			failed = p.deliverer.Handle(ctx, task)
		}
	})
	p.mu.Unlock()
	return <-done
}

// stop ends the process as SIGTERM does: what is under way is finished.
func (p *process) stop() {
	p.w.story.tell("%s is stopped", p.name())
	p.stopFront()
	if p.smtp != nil {
		p.smtp.Close()
	}
	p.ahead.Wait()
	p.mu.Lock()
	p.stopping.Store(true)
	p.mu.Unlock()
	p.tasks.Wait()
	p.deliverer.Stop()
	p.stopBack()
	p.behind.Wait()
	if !p.dead.Load() {
		p.journal.Close()
	}
	p.w.forget(p)
	p.w.live.Go(func() {
		time.Sleep(5 * time.Minute)
		p.close()
	})
}

// bury closes the file of a dead process, once nothing of it moves any more.
func (p *process) bury() {
	p.stopFront()
	p.stopBack()
	p.w.live.Go(func() {
		p.ahead.Wait()
		p.mu.Lock() // a task that has just begun is waited for; no further one begins
		p.stopping.Store(true)
		p.mu.Unlock()
		p.tasks.Wait()
		if p.deliverer != nil { // it did not die while it started
			p.deliverer.Stop()
		}
		p.behind.Wait()
		time.Sleep(10 * time.Minute)
		p.close()
	})
}

// close closes the file, be it that the process died while it was being stopped.
func (p *process) close() {
	if !p.closed.Swap(true) {
		p.store.Close(p.w.ctx) //nolint:errcheck // the dead hand nothing back
	}
}

// poisoned is a decoder that some messages kill the process in.
type poisoned struct {
	p *process
	channels.Decoder
}

func (d poisoned) Decode(in channels.Delivery) (message.Message, error) {
	if d.p.gate(); d.p.dead.Load() {
		runtime.Goexit()
	}
	if d.p.w.book.poison(in) {
		d.p.die("decoding a message that kills it")
		runtime.Goexit()
	}
	return d.Decoder.Decode(in)
}
