package worldtest

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"sync"
	"time"

	"frontdesk/channels"
)

// What an item is, as the world knows it.
const (
	person  = "person"  // somebody wants something
	machine = "machine" // wrote by itself: no answer may go to it
	other   = "desk"    // another ticket system that confirms whatever comes
	optOut  = "opt-out" // STOP
	optIn   = "opt-in"  // START
	killer  = "killer"  // kills the process that decodes it
	garbage = "garbage" // cannot be decoded
)

// item is one thing that somebody wrote.
type item struct {
	n        int
	what     string
	from, to string // the address that it names; where it is sent to
	envelope string
	by       string // who really wrote it: from, unless somebody names an address that is not his
	proof    proof  // of a mail: what its sender's domain says of it
	signed   bool   // of a call of the app: it vouches for the sender
	cc       []string
	names    string // of a report: the Message-ID of ours that it names
	final    string // of a report: the address that it says took nothing
	subject  string
	chat     int64
	number   int // of a chat message
	text     string
	raw      []byte
	made     time.Time         // when it was written
	born     time.Time         // when its source received it first, by the source's clock
	keys     map[string]string // where a source holds it: inbox → key
	doors    []string          // inboxes at whose SMTP door it was taken
}

// mentions reports whether an address stands in what was written, or on its envelope.
func (it *item) mentions(address string) bool {
	return it.envelope == address || bytes.Contains(it.raw, []byte(address))
}

// place is one delivery as a source knows it.
type place struct{ inbox, key string }

// lying is an item at its place.
type lying struct {
	item *item
	at   time.Time
	told time.Time // when we said that we have it; zero: not yet
}

// send is one message of ours that a provider has taken.
type send struct {
	channel, key, id, to, text string
	at, until                  time.Time // when it was taken; when the process's claim on it ends
	p                          *process
	lost                       bool      // the provider's answer never came
	noted                      time.Time // when the process had read that answer, and noted it on its host; zero: not yet
	tickets                    []int64
	retried                    time.Time // of what an agent wrote: when somebody had it sent once more
}

// claim is for how long an attempt is nobody else's.
const claim = 2 * time.Minute

// excused reports whether a later attempt cannot have known that the provider had it. Whoever has read
// the answer has a note of it, and so has every later process of its host, whatever fails in between.
// Another host learns of it by the database: not if the process died, stood still, or had no database
// until its claim had run out. A row that is closed by then does not tell when the later attempt began:
// a process of the first one's host has written down meanwhile what it had noted.
func (s *send) excused(later *send) bool {
	began, closed := later.until.Add(-claim), later.until.Before(later.at)
	stood := time.Unix(0, s.p.asleep.Load()).After(s.at)
	unread := s.noted.IsZero()
	switch {
	case s.lost, unread && s.p.dead.Load():
		return true
	case !closed && began.Before(s.until):
		return false
	case unread, !closed && began.Before(s.noted):
		return stood
	}
	return later.p.host != s.p.host && (s.p.dead.Load() || stood || s.p.w.awayAfter("database", s.at))
}

// book is what the world knows of itself. The code under test never writes it.
type book struct {
	w       *world
	mu      sync.Mutex
	items   []*item
	places  map[place]*lying
	sends   []*send
	events  map[string]int
	stops   map[string]time.Time // numbers that said STOP, and when that was decided
	deaths  map[string]int       // of killers
	gone    []*leaver
	answers map[string]*page // by the key of the outbox
	drafts  map[string]draft // that were saved last, by ticket, author and kind
}

func newBook(w *world) *book {
	return &book{w: w, places: map[place]*lying{}, events: map[string]int{}, stops: map[string]time.Time{}, deaths: map[string]int{}, answers: map[string]*page{}}
}

func (b *book) add(it *item) *item {
	b.mu.Lock()
	defer b.mu.Unlock()
	it.n, it.made, it.keys = len(b.items)+1, time.Now(), map[string]string{}
	it.by = cmp.Or(it.by, it.from)
	b.items = append(b.items, it)
	return it
}

// lies notes that a source holds an item.
func (b *book) lies(it *item, inbox, key string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	it.keys[inbox] = key
	if it.born.IsZero() {
		it.born = at
	}
	b.places[place{inbox, key}] = &lying{item: it, at: at}
	b.w.story.tell("item %d (%s) lies at %s %s", it.n, it.what, inbox, short(key))
}

// received notes that we told the source that we have it, and holds us to that at once.
func (b *book) received(it *item, inbox, key string) {
	b.mu.Lock()
	l := b.places[place{inbox, key}]
	if l == nil {
		l = &lying{item: it, at: time.Now()}
		b.places[place{inbox, key}] = l
	}
	first, renamed := l.told.IsZero(), b.renamed(it, inbox)
	if first {
		l.told = time.Now()
	}
	b.mu.Unlock()
	if first {
		b.w.story.tell("item %d was taken by %s", it.n, inbox)
		if !renamed {
			b.w.judge.recorded(it, inbox, key)
		}
	}
}

// taken notes that one of our doors has said 250 to a mail. Its key is the door's business.
func (b *book) taken(it *item, inbox string) {
	b.mu.Lock()
	it.doors = append(it.doors, inbox)
	b.mu.Unlock()
	b.w.story.tell("item %d was taken at the door of %s", it.n, inbox)
	b.w.judge.atDoor(it, inbox)
}

// sent notes what a provider took.
func (b *book) sent(s *send) {
	s.at, s.tickets, s.until = time.Now(), named(s.text), b.w.judge.claimed(s.key)
	if s.person() {
		s.retried = b.w.judge.retried(s.key)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.w.story.tell("%s hands over by %s to %s: tickets %v (answer lost: %v)", s.p.name(), s.channel, s.to, s.tickets, s.lost)
	b.once(s)
	b.rightly(s)
	b.asWritten(s)
	b.sends = append(b.sends, s)
}

// once: one acknowledgement of a kind a ticket, unless nobody could know of the one before; then a
// mail has the same Message-ID.
func (b *book) once(s *send) {
	for _, o := range b.sends {
		same := o.channel == s.channel && o.key == s.key && (s.channel == "email" || o.to == s.to && o.text == s.text) // one SMS may have several parts
		if !same || s.retried.After(o.at) {
			continue
		}
		switch {
		case s.channel == "email" && o.id != s.id:
			b.w.fail("a repeated mail keeps its Message-ID", "to %s, tickets %v", s.to, s.tickets)
		case s.channel == "sms" && !b.w.blind.Load():
			b.w.fail("one acknowledgement a ticket", "an SMS to %s about %v went out twice, although the provider can be asked", s.to, s.tickets)
		case !o.excused(s):
			b.w.fail("one acknowledgement a ticket", "by %s to %s about %v, first by %s at %s, then by %s", s.channel, s.to, s.tickets, o.p.name(), stamp(o.at), s.p.name())
		}
	}
}

// noted notes that a process has read the provider's answer.
func (b *book) noted(p *process, key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sends {
		if s.p == p && s.key == key {
			s.noted = time.Now()
		}
	}
}

// namedAnew reports whether a message that came since a ticket was erased names it: an agent's answer repeats what the customer writes himself.
func (j *judge) namedAnew(ticket int64) bool {
	return j.count(`SELECT count(*) FROM messages WHERE erased_at = 0 AND (subject || char(10) || visible || char(10) || quoted) LIKE '%T-' || ? || '%'`, ticket) > 0
}

// rightly: no answer goes to a machine, to ourselves, or to somebody who said STOP.
func (b *book) rightly(s *send) {
	if s.to == support || s.to == billing || s.to == hotline {
		b.w.fail("no answer to ourselves", "to %s", s.to)
	}
	if !s.person() && (strings.HasPrefix(s.to, "machine") || strings.HasPrefix(s.to, "mailer-daemon")) { // an agent may write to whom he likes
		b.w.fail("no answer to a machine", "to %s about %v", s.to, s.tickets)
	}
	if at, ok := b.stops[s.channel+" "+s.to]; ok && time.Since(at) > 3*time.Minute && !b.w.judge.startedAgain(s.to, at) {
		b.w.fail("no answer after STOP", "to %s about %v; STOP was decided at %s", s.to, s.tickets, stamp(at))
	}
	l := b.leaverOf(s.to)
	if l == nil || l.done.IsZero() {
		return
	}
	if l.block && time.Since(l.done) > 3*time.Minute {
		b.w.fail("no answer to somebody who is blocked", "to %s about %v", s.to, s.tickets)
	}
	for _, id := range s.tickets {
		if l.tickets[id] && !(s.person() && b.w.judge.namedAnew(id)) {
			b.w.fail("who is erased stays forgotten", "%s is told about ticket %d", s.to, id)
		}
	}
}

// told notes an event that the operator was told of.
func (b *book) told(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events[key]++
}

// poison reports whether this delivery kills whoever decodes it.
func (b *book) poison(d channels.Delivery) bool {
	if !bytes.Contains(d.Raw, []byte(deadly)) {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deaths[d.Inbox+" "+d.Key]++
	return true
}

const deadly = "DEADLY-9d1c"

// named are the tickets that a text of ours names.
func named(text string) []int64 {
	var out []int64
	for _, part := range strings.Split(text, "T-")[1:] {
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		known := false
		for _, o := range out {
			known = known || o == n
		}
		if !known {
			out = append(out, n)
		}
	}
	return out
}

func short(s string) string {
	if len(s) > 28 {
		return s[:12] + "…" + s[len(s)-12:]
	}
	return s
}

func stamp(t time.Time) string { return t.UTC().Format("01-02 15:04:05.000") }
