package worldtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// live is the life of a world: it opens in peace, goes through some phases of traffic and trouble,
// comes to rest, and ages until every deadline has passed.
func (w *world) liveOn() {
	d := w.script
	time.Sleep(time.Until(time.Date(2026, 11, 16, d.n(24), d.n(60), d.n(60), 0, time.UTC).AddDate(0, 0, d.n(7))))
	if d.chance(0.6) {
		w.queue = newQueue(w, nil)
	}
	w.wanted = [][]string{{"promise.warning", "promise.breach"}, {"promise.breach"}, {}}[w.seed%3]
	w.skew = d.between(-20*time.Second, 20*time.Second)
	w.mailboxes = []*mailbox{newMailbox(w, "support", support, w.skew), newMailbox(w, "billing", billing, 0)}
	w.calm.Store(true)
	w.revive()
	time.Sleep(time.Minute) // every inbox is connected: what comes from now on is no history
	w.calm.Store(false)
	for phase := range 2 + d.n(4) {
		w.story.tell("--- phase %d", phase+1)
		w.phase()
		w.judge.always()
		if w.failed() {
			break
		}
	}
	if !w.failed() {
		w.rest()
	}
	if !w.failed() {
		w.age()
	}
	w.end()
}

// act is something that happens in a phase.
type act struct {
	at time.Duration
	do func()
}

// phase is some traffic with some trouble in it, or a lull of hours.
func (w *world) phase() {
	d := w.script
	if d.chance(0.2) {
		w.lull()
		return
	}
	span := d.between(10*time.Second, 90*time.Second)
	var acts []act
	add := func(do func()) { acts = append(acts, act{d.between(0, span), do}) }
	for range 3 + d.n(14) {
		add(w.customer)
	}
	for range d.n(w.odds.attacks + 1) {
		add(w.mallory)
	}
	for _, t := range []struct {
		odds float64
		do   func()
	}{{w.odds.crash, w.crash}, {w.odds.crash / 2, w.fuse}, {w.odds.second, w.second}, {w.odds.asleep, w.standstill}, {w.odds.flush, w.flush}, {w.odds.renumber, w.renumber}, {w.odds.outage, w.outage}, {0.3, w.desk}, {0.3, w.desk}, {0.1, w.restart},
		{0.12, w.leaves}, {0.12, w.imports}, {0.12, w.newcomers}} {
		if d.chance(t.odds) {
			add(t.do)
		}
	}
	for range w.shifts() {
		acts = append(acts, act{w.agents.between(0, span), w.work})
	}
	for range w.pages() {
		acts = append(acts, act{w.pens.between(0, span), w.writes})
	}
	if w.crowds.chance(0.15) {
		acts = append(acts, act{w.crowds.between(0, span), w.crowd})
	}
	slices.SortStableFunc(acts, func(a, b act) int { return cmp.Compare(a.at, b.at) })
	begun := time.Now()
	for _, a := range acts {
		time.Sleep(time.Until(begun.Add(a.at)))
		a.do()
	}
	time.Sleep(time.Until(begun.Add(span)) + d.between(0, 30*time.Second))
	if d.chance(0.3) { // long enough for what was put off to come up again
		time.Sleep(d.between(time.Minute, 8*time.Minute))
	}
}

// lull is a stretch of hours in which nobody runs the program while customers write on.
func (w *world) lull() {
	d := w.script
	w.down.Store(true)
	for p := w.someone(); p != nil; p = w.someone() {
		if d.chance(0.5) {
			p.die("the machine is switched off")
		} else {
			p.stop()
		}
	}
	w.story.tell("nobody runs the program")
	for range d.n(6) {
		time.Sleep(d.between(time.Minute, 2*time.Hour))
		w.customer()
	}
	if d.chance(0.15) { // until what was promised is late
		w.dark.Store(true)
		time.Sleep(d.between(20*time.Hour, 28*time.Hour))
	}
	w.down.Store(false)
	w.revive()
	time.Sleep(30 * time.Second)
}

func (w *world) crash() {
	if p := w.someone(); p != nil {
		p.die("kill -9")
	}
}

// fuse has a process die at one of its next points.
func (w *world) fuse() {
	if p := w.someone(); p != nil {
		p.fuse.Store(int64(1 + w.chaos.n(120)))
	}
}

// second begins another process beside the first. They share a queue, or each has its own.
func (w *world) second() { w.beside(w.script.chance(0.8), w.script.chance(0.6)) }

func (w *world) beside(works, takes bool) {
	w.mu.Lock()
	n := len(w.processes)
	w.mu.Unlock()
	if n > 2 || w.down.Load() {
		return
	}
	if _, err := w.start(works, takes); err != nil {
		w.story.tell("a second process did not come up: %v", err)
	}
}

// newcomers are people who write twice at once, as nobody knows them yet: two processes that take their
// time each make a contact of them, of which one must not be kept.
func (w *world) newcomers() {
	w.beside(true, true)
	w.ponder(10 * time.Second)
	for range 2 {
		w.met++
		who := fmt.Sprintf("new%d@c1.example", w.met)
		for range 2 {
			w.deliver(w.mail(person, who, support, who, "A first question", w.words()), support)
		}
	}
}

// ponder has processes take their time for so long.
func (w *world) ponder(d time.Duration) { w.hasty.Store(time.Now().Add(d).UnixNano()) }

// standstill holds a process for a while, as a debugger, a virtual machine's move or SIGSTOP does.
func (w *world) standstill() {
	if p := w.someone(); p != nil {
		d := w.chaos.between(time.Second, 4*time.Minute)
		p.asleep.Store(time.Now().Add(d).UnixNano())
		w.story.tell("%s stands still for %s", p.name(), d)
	}
}

func (w *world) flush() {
	w.story.tell("the queue is emptied")
	if w.queue != nil {
		w.queue.flush()
	}
}

func (w *world) renumber() { pick(w.chaos, w.mailboxes...).renumber() }

// restart stops a process in an orderly way and begins another.
func (w *world) restart() {
	if p := w.someone(); p != nil {
		p.stop()
		w.revive()
	}
}

// desk is a person who looks after what was set aside, and closes tickets.
func (w *world) desk() {
	p := w.anyone(func(p *process) bool { return p.works })
	if p == nil {
		return
	}
	parked := w.judge.ids(`SELECT id FROM messages WHERE state = 'parked' AND cause <> 'unparsable' ORDER BY id`)
	open := w.judge.ids(`SELECT id FROM tickets WHERE status = 'open' ORDER BY id`)
	switch {
	case w.script.chance(0.3) && w.letsGo(p):
	case len(parked) > 0 && w.script.chance(0.5):
		id := pick(w.script, parked...)
		w.clerk(deed{"release", id, func(p *process) error { return p.store.Acts.Release(p.back, id, time.Now(), "li") }}, nil)
	case len(parked) > 0 && w.script.chance(0.5):
		id := pick(w.script, parked...)
		w.clerk(deed{"dismiss", id, func(p *process) error { return p.store.Acts.Dismiss(p.back, id, time.Now(), "li") }},
			&deed{"undismiss", id, func(p *process) error { return p.store.Acts.Undismiss(p.back, id, time.Now(), "wu") }})
	case len(open) > 0:
		id := pick(w.script, open...)
		w.clerk(deed{"close", id, func(p *process) error { return p.store.Acts.CloseTicket(p.back, id, time.Now(), "li") }},
			&deed{"reopen", id, func(p *process) error { return p.store.Acts.ReopenTicket(p.back, id, time.Now(), "wu") }})
	}
}

func (j *judge) ids(query string) (out []int64) {
	j.each(query, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		out = append(out, id)
		return err
	})
	return out
}

// leases is how long a process that ended on a host of its own, and could not give its leases back, may keep the others from catching up.
const leases = 6 * time.Minute

// Bounds of settle. The last is long enough for a server that tries again every ten minutes and meets
// nobody, and then hands in a message that kills the process: twice among others and three times alone,
// and each time somebody has to start it again.
const (
	settleAgain = 7 * time.Minute
	settleLast  = time.Hour
)

// rest ends the faults and gives the desk time to come after.
func (w *world) rest() {
	w.story.tell("--- the faults are over")
	w.calm.Store(true)
	w.calmer()
	w.revive()
	time.Sleep(time.Minute)
	w.finishErasures()
	w.bringAgain()
	if w.leased.Load() {
		time.Sleep(leases)
	}
	for _, most := range []time.Duration{settleAgain, settleLast} { // a fresh start asks the SMS provider for what its webhook did not bring
		w.stopAll()
		w.revive()
		w.settle(most)
	}
	w.judge.always()
	w.judge.rest()
	for _, l := range w.book.leavers() {
		w.judge.forgotten(l)
	}
}

// settle waits until nobody is about anything any more, or for so long. What is still undone then is
// the judge's business.
func (w *world) settle(most time.Duration) {
	for begun, calm := time.Now(), 0; calm < 2 && time.Since(begun) < most; {
		time.Sleep(25 * time.Second)
		if w.pending.Load() == 0 && w.judge.idle() {
			calm++
		} else {
			calm = 0
		}
	}
}

// calmer takes the fuses out.
func (w *world) calmer() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.processes {
		p.fuse.Store(0)
	}
}

// age lets every deadline pass, with one process that works and sweeps now and then.
func (w *world) age() {
	w.story.tell("--- days pass")
	w.stopAll()
	w.slowly.Store(true)
	if _, err := w.start(true, false); err != nil {
		w.fail("a calm process comes up", "%v", err)
		return
	}
	for range 4 * 8 {
		time.Sleep(3 * time.Hour)
		w.judge.early()
	}
	w.judge.always()
	w.judge.settled()
	w.judge.books()
	w.judge.again()
	w.judge.actsAgain()
}

func (w *world) stopAll() {
	for p := w.someone(); p != nil; p = w.someone() {
		p.stop()
	}
}

// end stops everything that moves.
func (w *world) end() {
	w.calm.Store(true)
	w.over.Store(true)
	w.stopAll()
	w.live.Wait()
}
