package domain

import (
	"errors"
	"slices"
	"time"
)

// Command is something that happened, or that a person wants, and that changes what the desk keeps.
type Command interface {
	// Needs names what must be known beyond what is known already. It is asked again with the answer, until it names
	// nothing new.
	Needs(k *Known) Needs
	// decide says what becomes of what is known. ErrNotSo: it means nothing in the state in which things are.
	decide(d *deciding) error
}

// ErrNotSo says that a command means nothing in the state in which things are: a ticket that is closed cannot be closed.
var ErrNotSo = errors.New("it is not in a state in which that could be done")

// Needs names rows, which are read and locked. Rows that do not exist are left out of the answer.
type Needs struct {
	Messages         []int64
	Tickets          []int64
	Effects          []int64  // outbox rows by their ids,
	Keys             []string // their keys,
	Providers        []string // and their providers' names
	Early            []EarlyNeed
	Covered          []int64 // what these digests cover
	Acknowledgements []int64 // the promise of an acknowledgement, of these tickets
	Promises         []int64 // all promises of these tickets
	Appends          []int64 // what these messages have changed in the tickets that they continue
	Dismissed        []int64 // whether a person has dismissed these messages
	Closed           []int64 // when a person has closed these tickets for the last time
}

// EarlyNeed asks for the receipts that came before their row was known by these names.
type EarlyNeed struct {
	Effect        int64
	Key, Provider string
}

// Covered is an acknowledgement that was withheld, and for which a digest stands.
type Covered struct {
	Effect, Ticket int64
	State          EffectState
}

// PromiseKey names a promise.
type PromiseKey struct {
	Ticket int64
	Kind   string
}

// Known is what was read for commands, and what they have made of it so far.
type Known struct {
	Messages  map[int64]Message
	Tickets   map[int64]TicketStatus
	Effects   map[int64]Effect
	Promises  map[PromiseKey]Promise
	Early     map[int64][]Receipt // by effect
	Covered   map[int64][]Covered // by digest
	Appends   map[int64]Entry     // by message
	Dismissed map[int64]bool
	Closed    map[int64]time.Time

	byKey, byProvider map[string]int64
}

// NewKnown knows nothing yet.
func NewKnown() *Known {
	return &Known{
		Messages: map[int64]Message{}, Tickets: map[int64]TicketStatus{}, Effects: map[int64]Effect{}, Promises: map[PromiseKey]Promise{},
		Early: map[int64][]Receipt{}, Covered: map[int64][]Covered{}, Appends: map[int64]Entry{}, Dismissed: map[int64]bool{}, Closed: map[int64]time.Time{},
		byKey: map[string]int64{}, byProvider: map[string]int64{},
	}
}

// AddEffect adds an outbox row that was read.
func (k *Known) AddEffect(e Effect) {
	k.Effects[e.ID] = e
	k.byKey[e.Key] = e.ID
	if e.Provider != "" {
		k.byProvider[e.Provider] = e.ID
	}
}

// effect finds a row by its key or its provider's name for it.
func (k *Known) effect(key, provider string) (Effect, bool) {
	id, ok := k.byKey[key]
	if key == "" || !ok {
		id, ok = k.byProvider[provider]
		ok = ok && provider != ""
	}
	if !ok {
		return Effect{}, false
	}
	e, ok := k.Effects[id]
	return e, ok
}

// Change is a row before and after.
type Change[T any] struct{ Before, After T }

// Plan is what becomes of commands: what is to be written, in one transaction.
type Plan struct {
	Messages  []Change[Message]
	Tickets   []Change[TicketStatus]
	Effects   []Change[Effect]
	Promises  []Change[Promise]
	Attempts  []Attempt
	Fallbacks []Fallback
	Checks    []Check
	Covers    []CoverChange
	Receipts  []Receipt // that no row waits for yet: they are kept
	Dead      []string  // recipients to whom nothing can be sent any more
	OptedOut  []string  // recipients who said STOP
	Moved     []Moved   // what the clock has brought, in the order of the commands
	Entries   []Entry
}

// Attempt is one attempt at an effect, for its story.
type Attempt struct {
	Effect       int64
	N            int
	Outcome      string
	Code, Detail string
	Words        []byte // what was handed over, sealed; nil for nothing
}

// Fallback is a row that goes on at another address, in the place of one that failed.
type Fallback struct {
	Of  Effect
	Row *EffectPlan
}

// Check says when the provider is to be asked what became of a row, if it has not said so by then.
type Check struct {
	Effect int64
	At     time.Time
}

// CoverChange is what becomes of the acknowledgements that a digest covers: for another cause withheld, or covered no more.
type CoverChange struct {
	Digest int64
	Cause  string // why they are withheld from now on
	Free   bool   // another digest may cover them
}

// deciding is a plan being made.
type deciding struct {
	*Known
	now  time.Time
	plan Plan

	effects  map[int64]int // places in the plan
	promises map[PromiseKey]int
	touched  []Change[Promise] // by the act that is being decided
}

// Decide says what becomes of commands, each decided upon what those before it have made of what is known. known has all that
// they need, and is as after the plan when it returns. The first command that means nothing ends it with ErrNotSo.
func Decide(commands []Command, known *Known, now time.Time) (Plan, error) {
	d := &deciding{Known: known, now: now, effects: map[int64]int{}, promises: map[PromiseKey]int{}}
	for _, c := range commands {
		if err := c.decide(d); err != nil {
			return Plan{}, err
		}
	}
	return d.plan, nil
}

// setEffect writes what became of an outbox row.
func (d *deciding) setEffect(before, after Effect) {
	d.AddEffect(after)
	at, there := d.effects[after.ID]
	switch {
	case there:
		d.plan.Effects[at].After = after
		return
	case before == after:
		return
	}
	d.effects[after.ID] = len(d.plan.Effects)
	d.plan.Effects = append(d.plan.Effects, Change[Effect]{before, after})
}

// setPromise writes what a step made of a promise.
func (d *deciding) setPromise(before, after Promise, changed bool) {
	if !changed {
		return
	}
	key := PromiseKey{after.Ticket, after.Kind}
	d.Promises[key] = after
	d.touched = append(d.touched, Change[Promise]{before, after})
	if at, there := d.promises[key]; there {
		d.plan.Promises[at].After = after
		return
	}
	d.promises[key] = len(d.plan.Promises)
	d.plan.Promises = append(d.plan.Promises, Change[Promise]{before, after})
}

// acknowledgement takes a step of the promise of a ticket's acknowledgement, if there is one.
func (d *deciding) acknowledgement(ticket int64, step func(Promise) (Promise, bool)) {
	if p, ok := d.Promises[PromiseKey{ticket, Acknowledgement}]; ok {
		after, changed := step(p)
		d.setPromise(p, after, changed)
	}
}

// each takes a step of each promise of a ticket, in the order of their kinds.
func (d *deciding) each(ticket int64, step func(Promise) (Promise, bool)) {
	var kinds []string
	for key := range d.Promises {
		if key.Ticket == ticket {
			kinds = append(kinds, key.Kind)
		}
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		p := d.Promises[PromiseKey{ticket, kind}]
		after, changed := step(p)
		d.setPromise(p, after, changed)
	}
}
