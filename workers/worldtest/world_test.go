package worldtest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/pipeline/domain/contacts"
	"frontdesk/workers/decide"
	"frontdesk/workers/store/blobs"
)

// world is one run of one seed.
type world struct {
	seed  uint64
	ready *ready
	ctx   context.Context
	dir   string

	script    *dice        // what happens: the plan of the world, in its own order
	chaos     *dice        // what goes wrong
	crowds    *dice        // what comes among messages that kill
	agents    *dice        // what people do with tickets all day
	joins     *dice        // whom they take for one person
	staffed   bool         // there are such people
	writing   atomic.Int64 // answers that somebody is about to send
	killed    atomic.Int64 // processes that died meanwhile
	pens      *dice        // what they write
	clerks    *dice        // what the person at the desk does twice, and takes back
	busy      bool         // the person does so
	odds      odds
	skew      time.Duration // of the providers' clocks
	calm      atomic.Bool   // the faults are over
	blind     atomic.Bool   // the SMS provider cannot be asked reliably
	over      atomic.Bool   // the world ends
	story     *story
	logs      *logs
	book      *book
	judge     *judge
	blobs     blobs.Store
	queue     *queue // nil: each process has its own
	mailboxes []*mailbox
	phone     *phone
	chat      *chat
	relay     *relayServer
	watcher   *watcher
	wanted    []string // events that the operator's system is told of

	policy policy
	freed  map[int64]bool // acknowledgements that a person has let go; of the judge's lock

	live        sync.WaitGroup // everything that moves
	pending     atomic.Int64   // what customers, providers and the queue are still about
	mu          sync.Mutex
	begun       int
	processes   []*process
	hosts       map[int]*process // who has a host's files
	broken      []broken
	said, mails int
	met         int                  // newcomers
	deeds       map[deedKey]int      // how often a person was told that it is done
	hasty       atomic.Int64         // until when newcomers write faster than processes think, in ns
	confirmed   int                  // by the other desk
	outages     map[string]time.Time // what is away, and until when
	slowly      atomic.Bool
	down        atomic.Bool // nobody starts the program for now
	dark        atomic.Bool // nobody ran it for a day
	leased      atomic.Bool // a process has run on a host where none begins again
}

// broken is an invariant that did not hold.
type broken struct{ invariant, how string }

func (w *world) fail(invariant, how string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := broken{invariant, fmt.Sprintf(how, args...)}
	w.broken = append(w.broken, b)
	w.story.tell("!!! %s: %s", b.invariant, b.how)
}

func (w *world) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.broken) > 0
}

// story is what happened, for people.
type story struct {
	mu   sync.Mutex
	said []said
}

// said is one line of it; it is put into words only where the world fails.
type said struct {
	at     time.Time
	format string
	args   []any
}

func (s *story) tell(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, said{time.Now(), format, args})
}

// lines are the last lines of the story.
func (s *story) lines(most int) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.said[max(0, len(s.said)-most):] {
		out = append(out, stamp(l.at)+"  "+fmt.Sprintf(l.format, l.args...))
	}
	return out
}

// logs are all log lines of all processes.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func newWorld(seed uint64, r *ready) *world {
	w := &world{seed: seed, ready: r, dir: r.file.dir, script: newDice(seed, "script"), chaos: newDice(seed, "chaos"), crowds: newDice(seed, "crowds"), clerks: newDice(seed, "clerks"), agents: newDice(seed, "agents"), joins: newDice(seed, "joins"), pens: newDice(seed, "pens"), deeds: map[deedKey]int{},
		outages: map[string]time.Time{}, hosts: map[int]*process{}, story: &story{}, logs: &logs{}, blobs: blobs.NewMemory()}
	w.odds = newOdds(newDice(seed, "odds"))
	w.policy = pick(newDice(seed, "policy"), policy{20, 60, false}, policy{20, 60, true}, policy{5, 14, true}, policy{5, 100, false})
	w.freed = map[int64]bool{}
	w.staffed = w.agents.chance(0.5)
	w.busy = w.clerks.chance(0.4) // the other worlds go on as they did
	w.book = newBook(w)
	w.phone, w.chat, w.relay, w.watcher = &phone{w: w}, &chat{w: w}, &relayServer{w: w}, &watcher{w}
	w.ctx = context.Background()
	return w
}

// trouble throws the dice for one fault. Nothing goes wrong in a calm world.
func (w *world) trouble(odds float64, what string) bool {
	if w.calm.Load() || !w.chaos.chance(odds) {
		return false
	}
	w.story.tell("trouble: %s", what)
	return true
}

// away reports whether something is out of reach as a whole.
func (w *world) away(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.calm.Load() && time.Now().Before(w.outages[what])
}

// awayAfter reports whether something was out of reach later than that.
func (w *world) awayAfter(what string, at time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.outages[what].After(at)
}

// outage puts one provider, or the database, out of reach for a while.
func (w *world) outage() {
	what, most := pick(w.chaos, "email", "sms", "telegram", "database"), 15*time.Minute
	if what == "database" {
		most = time.Minute // far below a claim: what was sent must not be forgotten
	}
	d := w.chaos.between(5*time.Second, most)
	w.put(what, d)
}

// put puts something out of reach.
func (w *world) put(what string, d time.Duration) {
	w.mu.Lock()
	w.outages[what] = time.Now().Add(d)
	w.mu.Unlock()
	w.story.tell("%s is away for %s", what, d)
}

// storm is how often something is repeated for no reason.
func (w *world) storm() int {
	if w.calm.Load() || !w.chaos.chance(w.odds.repeat) {
		return 0
	}
	return 1 + w.chaos.n(4)
}

func (w *world) lateness() time.Duration {
	if w.calm.Load() || !w.chaos.chance(w.odds.late) {
		return w.chaos.between(10*time.Millisecond, time.Second)
	}
	return w.chaos.between(time.Second, 3*time.Minute)
}

// fate is what becomes of an SMS.
func (w *world) fate(string) string {
	if w.trouble(w.odds.undelivered, "an SMS does not arrive") {
		return "undelivered"
	}
	return "delivered"
}

// after does something later, unless the world has ended.
func (w *world) after(d time.Duration, f func()) {
	w.pending.Add(1)
	w.live.Go(func() {
		defer w.pending.Add(-1)
		time.Sleep(d)
		if !w.over.Load() {
			f()
		}
	})
}

func (w *world) box(address string) *mailbox {
	i := slices.IndexFunc(w.mailboxes, func(m *mailbox) bool { return m.address == address })
	return w.mailboxes[i]
}

// anyone is a process that lives and fits, by chance.
func (w *world) anyone(fits func(*process) bool) *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*process
	for _, p := range w.processes {
		if !p.dead.Load() && !p.stopping.Load() && fits(p) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return pick(w.chaos, all...)
}

func (w *world) someone() *process { return w.anyone(func(*process) bool { return true }) }

// host is the first machine that no process runs on.
func (w *world) host() int {
	n := 1
	for w.hosts[n] != nil {
		n++
	}
	return n
}

// notes is a host's file of what was sent.
func (w *world) notes(host int) string { return filepath.Join(w.dir, fmt.Sprintf("sent-%d.log", host)) }

func (w *world) forget(p *process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.processes = slices.DeleteFunc(w.processes, func(o *process) bool { return o == p })
	maps.DeleteFunc(w.hosts, func(_ int, o *process) bool { return o == p })
}

// died buries a process and has another one begin.
func (w *world) died(p *process) {
	w.forget(p)
	p.bury()
	w.live.Go(func() { // whoever runs the program starts it again
		time.Sleep(w.chaos.between(time.Second, 40*time.Second))
		w.revive()
	})
}

// revive sees to it that somebody works and takes.
func (w *world) revive() {
	for !w.over.Load() && !w.down.Load() && w.anyone(func(p *process) bool { return p.works && p.takes }) == nil {
		p, err := w.start(true, true)
		if err == nil {
			return
		}
		w.story.tell("a process did not come up: %v", err)
		_ = p
		time.Sleep(w.chaos.between(time.Second, 10*time.Second))
	}
}

// pace is how often a process that begins now sweeps: one that sweeps every second through five days
// would be all that a world has time for.
func (w *world) pace() time.Duration {
	switch {
	case w.slowly.Load():
		return 6 * time.Hour
	case w.calm.Load():
		return 30 * time.Second
	}
	return pick(w.chaos, 2*time.Second, 5*time.Second, 15*time.Second, 30*time.Second)
}

// committed is told of each transaction that wrote decisions, in their order.
func (w *world) committed(ids []int64) {
	if len(ids) > 0 {
		w.judge.batch(ids)
	}
}

// passed is told of each decision once it is committed.
func (w *world) passed(d decide.Passed) {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	if c := d.Plan.Consent; c != nil {
		who := d.Channel + " " + c.Address.Identity.Value
		if delete(w.book.stops, who); c.On == contacts.Stop {
			w.book.stops[who] = time.Now()
		}
	}
}
