// Package assign decides which ticket an agent gets, and which agent a ticket gets. It is pure: the store reads who is there and what waits,
// and claims what is decided here.
package assign

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/desk"
)

// Level is how well a person knows a matter, or whether a queue is his.
type Level int64

// The levels.
const (
	Own       Level = 1 // in the first place
	Secondary Level = 2 // where nobody is free whose it is in the first place
	Any       Level = 3 // not at all: where nobody else is free for Rules.RelaxAfter
)

// Agent is somebody who could get work.
type Agent struct {
	User       int64
	Queues     map[string]Level // whose work is his; nil: that of every queue
	Languages  []string         // BCP 47; nil: he answers in every one. Never given up for the sake of speed
	Categories map[string]Level // what he knows; nil: each as his own
	Channels   []string         // by which he answers; nil: by every one
	Hands      []Held           // what is his and our turn
	Room       int64            // weights that he may have in hand; 0: as the rules say
	Got        time.Time        // when he last got something
}

// Held is a ticket in somebody's hands.
type Held struct {
	Queue, Channel string
	Weight         int64
}

// Waiting is a ticket that waits and that nobody has.
type Waiting struct {
	Ticket                             int64
	Queue, Language, Category, Channel string
	Rank, Half, Since                  time.Time
	LastOwner                          int64
	Declined                           int64 // who has given it back, or let it lie
}

// Rules say how work is handed out. The zero Rules leave it to agents to ask for it.
type Rules struct {
	Limit    int64                                    // weights that an agent may have in hand; 0: agents.DefaultRoom
	Weights  map[string]int64                         // of a ticket, by channel; 1 where there is none
	Channels map[string]int64                         // limits of channels: weights of each that an agent may have in hand
	Queues   map[string]Queue                         // by name
	Relax    time.Duration                            // after so much waiting those get a ticket, too, who do not know its matter; 0: RelaxAfter
	Waited   func(since, now time.Time) time.Duration // how long that is in working hours; nil: by the clock
}

// RelaxAfter is how long those are waited for who know a matter.
const RelaxAfter = 5 * time.Minute

// Queue is how the work of one queue is handed out.
type Queue struct {
	Push     bool          // to whom has room, without being asked; else who presses "next" gets it
	Ahead    int           // so many may wait in the hands of who is given another one
	InOrder  bool          // nobody chooses: but for who directs, tickets are taken by "next" alone
	Limit    int64         // weights of this queue that an agent may have in hand; 0: none of its own
	Overflow string        // the queue to which goes what waits too long; "" for none
	After    time.Duration // how long that is, in working hours
}

// Weigh is how much room a ticket of that channel takes.
func (r Rules) Weigh(channel string) int64 { return max(1, r.Weights[channel]) }

// Pushes reports whether any queue hands out its work by itself, and how many tickets may at most wait in the hands of who is given another.
func (r Rules) Pushes() (most int, any bool) {
	for _, q := range r.Queues {
		if q.Push {
			most, any = max(most, q.Ahead), true
		}
	}
	return most, any
}

// waited is how long a ticket waits, in working hours.
func (r Rules) waited(since, now time.Time) time.Duration {
	if r.Waited == nil {
		return now.Sub(since)
	}
	return r.Waited(since, now)
}

// Relaxed reports whether a ticket has waited so long for those who know its matter that others get it, too.
func (r Rules) Relaxed(since, now time.Time) bool {
	return r.waited(since, now) >= cmp.Or(r.Relax, RelaxAfter)
}

// Overflows reports whether a ticket has waited so long in a queue that it goes to another one.
func (r Rules) Overflows(w Waiting, now time.Time) (to string, ok bool) {
	q := r.Queues[w.Queue]
	return q.Overflow, q.Overflow != "" && q.Overflow != w.Queue && r.waited(w.Since, now) >= q.After
}

// Class is the first part of an order: what is of a lower one goes before.
type Class int

// The classes.
const (
	Hot       Class = iota // half of the time until its deadline is used, or it is urgent
	Skilled                // its matter is the agent's own
	Second                 // or his second
	Unskilled              // or neither, and it has waited for others
)

// Offer is a ticket that an agent may get.
type Offer struct {
	Agent  Agent
	Ticket Waiting
	Class  Class
	Level  Level
	Weight int64 // how much room it takes
}

// Reasons for which it was this agent, or this ticket: see desk.ReasonHalf and desk.ReasonRank as well.
const (
	ReasonBefore    = "last-owner"     // he had it before
	ReasonSecondary = "second-skill"   // its matter is his second; nobody was free whose first it is, or he had nothing of his own
	ReasonRelaxed   = "nobody-skilled" // it has waited for who knows its matter
	ReasonOverflow  = "waited-long"    // of a ticket that goes to another queue: it has waited too long in its own
)

// Reason says in one code why it was this ticket and this agent.
func (o Offer) Reason() string {
	switch {
	case o.Ticket.LastOwner == o.Agent.User:
		return ReasonBefore
	case o.Class == Hot:
		return desk.ReasonHalf
	case o.Level == Secondary:
		return ReasonSecondary
	case o.Level == Any:
		return ReasonRelaxed
	}
	return desk.ReasonRank
}

// Match is how well an agent fits a ticket, apart from whether he has room; ok is false where he does not at all.
func (r Rules) Match(a Agent, w Waiting, now time.Time) (o Offer, ok bool) {
	if !a.Suits(w) {
		return o, false
	}
	level := a.level(w)
	o = Offer{Agent: a, Ticket: w, Level: level, Class: Class(level), Weight: r.Weigh(w.Channel)}
	if level == Any && !r.Relaxed(w.Since, now) {
		return o, false
	}
	if !w.Half.IsZero() && !w.Half.After(now) {
		o.Class = Hot
	}
	return o, true
}

// Suits reports whether a ticket can be the agent's at any time: its queue, its language and its channel are his.
func (a Agent) Suits(w Waiting) bool {
	return a.level(w) != 0 && Speaks(a.Languages, w.Language) && (a.Channels == nil || w.Channel == "" || slices.Contains(a.Channels, w.Channel))
}

// Pull is what an agent who asks for the next ticket may get: it fits him, and into his hands.
func (r Rules) Pull(a Agent, w Waiting, now time.Time) (o Offer, ok bool) {
	if !r.Room(a, w.Queue, w.Channel) {
		return o, false
	}
	return r.Match(a, w, now)
}

// Push is what an agent may be given unasked: its queue hands it out, he is a member of that, has not given it back before, and can begin
// it, but for the few that may wait in his hands.
func (r Rules) Push(a Agent, w Waiting, now time.Time) (o Offer, ok bool) {
	if w.Declined == a.User || !r.Begins(a, w.Queue) {
		return o, false
	}
	return r.Pull(a, w, now)
}

// Begins reports whether an agent can begin work of a queue that hands it out by itself, and whose member he is.
func (r Rules) Begins(a Agent, queue string) bool {
	q := r.Queues[queue]
	return q.Push && a.Queues != nil && len(a.Hands) <= q.Ahead
}

// Room reports whether a ticket fits into an agent's hands. Who has nothing in hand takes any.
func (r Rules) Room(a Agent, queue, channel string) bool {
	weight := r.Weigh(channel)
	all, ofQueue, ofChannel := weight, weight, weight
	for _, h := range a.Hands {
		all += h.Weight
		if h.Queue == queue {
			ofQueue += h.Weight
		}
		if h.Channel == channel {
			ofChannel += h.Weight
		}
	}
	within := func(sum, limit int64) bool { return limit == 0 || sum <= limit || sum == weight }
	return within(all, cmp.Or(a.Room, r.Limit, agents.DefaultRoom)) && within(ofQueue, r.Queues[queue].Limit) && within(ofChannel, r.Channels[channel])
}

// level is the worse of whose queue it is and who knows its matter; 0: it is not his.
func (a Agent) level(w Waiting) Level {
	queue, category := Own, Own
	if a.Queues != nil {
		queue = a.Queues[w.Queue]
	}
	if queue == 0 {
		return 0
	}
	if a.Categories != nil && w.Category != "" {
		category = cmp.Or(a.Categories[w.Category], Any)
	}
	return max(queue, category)
}

// load is how full an agent's hands are, as a share.
func (o Offer) load() float64 {
	sum := int64(0)
	for _, h := range o.Agent.Hands {
		sum += h.Weight
	}
	return float64(sum) / float64(cmp.Or(o.Agent.Room, agents.DefaultRoom))
}

// Before orders offers: by class; of hot ones by the moment at which half of their time was used, then by rank; of one ticket first who had it
// before, then who knows its matter best, whose hands are emptier, and who has got nothing for longest.
func Before(a, b Offer) int {
	if c := cmp.Compare(a.Class, b.Class); c != 0 && a.Ticket.Ticket != b.Ticket.Ticket {
		return c
	}
	if a.Ticket.Ticket != b.Ticket.Ticket {
		hot := 0
		if a.Class == Hot {
			hot = a.Ticket.Half.Compare(b.Ticket.Half)
		}
		return cmp.Or(hot, a.Ticket.Rank.Compare(b.Ticket.Rank), cmp.Compare(a.Ticket.Ticket, b.Ticket.Ticket))
	}
	before := func(o Offer) int {
		if o.Agent.User == o.Ticket.LastOwner {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(before(a), before(b)), cmp.Compare(a.Level, b.Level), cmp.Compare(a.load(), b.load()), a.Agent.Got.Compare(b.Agent.Got), cmp.Compare(a.Agent.User, b.Agent.User))
}

// Speaks reports whether who knows these languages (nil: all) can answer in one. Nobody need know a language that is not known.
func Speaks(languages []string, language string) bool {
	return languages == nil || language == "" || language == "und" ||
		slices.ContainsFunc(languages, func(l string) bool { return strings.EqualFold(primary(l), primary(language)) })
}

// primary is the language of a tag, without script and region.
func primary(tag string) string {
	l, _, _ := strings.Cut(tag, "-")
	return l
}
