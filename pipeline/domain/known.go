package domain

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/desk"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
)

// Needs names rows, which are read and locked. Rows that do not exist are left out of the answer.
type Needs struct {
	Messages         []int64
	Tickets          []int64
	Effects          []int64  // outbox rows by their ids,
	Keys             []string // their keys,
	Providers        []string // and their providers' names
	Early            []EarlyNeed
	Covered          []int64            // what these digests cover
	Acknowledgements []int64            // the promise of an acknowledgement, of these tickets
	Promises         []int64            // all promises of these tickets
	Appends          []int64            // what these messages have changed in the tickets that they continue
	Dismissed        []int64            // whether a person has dismissed these messages
	Closed           []int64            // when a person has closed these tickets for the last time, and what their work items were then
	Desk             []int64            // the work items of these tickets
	Agents           []int64            // these users, as far as they work at the desk
	Addresses        []contacts.Address // what was said about writing to these, by their keys and identities
	Talk             []int64            // how much was said in these tickets
	Replies          []int64            // what agents wrote, by its id,
	Pages            []string           // and by the page on which it was written
	Roots            []int64            // into which tickets these are merged,
	Members          []int64            // which ones are merged into these,
	Tags             []Tagged           // whether these stand
	Merges           []int64            // and the merging of these that stands
	Sharing          []int64            // for which tickets these outbox rows of answers count, too: see Known.Sharing
	Persons          []int64            // whom these contacts are one person with: the pointers of all of them
	Steps            []int64            // what was done with who is one person, by its id
}

// Owed adds the promises that an outbox row keeps when it is sent: of its ticket, or of those that a digest covers.
func (n *Needs) Owed(k *Known, e effects.Effect) {
	switch e.Kind {
	case effects.KindAcknowledgement:
		n.Acknowledgements = append(n.Acknowledgements, e.Ticket)
	case effects.KindReply:
		n.Roots = append(n.Roots, e.Ticket)
		n.Whole(k, k.Root(e.Ticket))
	case effects.KindDigest:
		n.Covered = append(n.Covered, e.ID)
		for _, c := range k.Covered[e.ID] {
			n.Acknowledgements = append(n.Acknowledgements, c.Ticket)
		}
	}
}

// Whole adds the work item of a ticket, and the promises of it and of those that are merged into it.
func (n *Needs) Whole(k *Known, ticket int64) {
	n.Members, n.Desk = append(n.Members, ticket), append(n.Desk, ticket)
	n.Promises = append(append(n.Promises, ticket), k.Members[ticket]...)
}

// Shared adds the tickets for which an answer counts, too: see Known.Sharing.
func (n *Needs) Shared(k *Known, e effects.Effect) {
	if e.Kind != effects.KindReply {
		return
	}
	n.Sharing = append(n.Sharing, e.ID)
	for _, ticket := range k.Sharing[e.ID] {
		n.Roots = append(n.Roots, ticket)
		n.Whole(k, k.Root(ticket))
	}
}

// EarlyNeed asks for the receipts that came before their row was known by these names.
type EarlyNeed struct {
	Effect        int64
	Key, Provider string
}

// Covered is an acknowledgement that was withheld, and for which a digest stands.
type Covered struct {
	Effect, Ticket int64
	State          effects.State
}

// Merge is a ticket that a person has merged into another one. A chain of them ends in the root: see tickets.Status.MergedInto.
type Merge struct {
	Source, Target int64
	Actor          string
	Undone         bool
	Before, After  entries.Snapshot // of its entry
}

// Tagged is a tag on a ticket.
type Tagged struct {
	Ticket int64
	Tag    string
}

// Known is what was read for commands, and what they have made of it so far.
type Known struct {
	Messages  map[int64]messages.Status
	Tickets   map[int64]tickets.Status
	Effects   map[int64]effects.Effect
	Promises  map[promises.Key]promises.Promise
	Early     map[int64][]effects.Receipt // by effect
	Covered   map[int64][]Covered         // by digest
	Appends   map[int64]entries.Entry     // by message
	Dismissed map[int64]bool
	Closed    map[int64]time.Time
	Left      map[int64]desk.Item         // the work items of closed tickets, as they were when a person closed them
	Desk      map[int64]desk.Item         // by ticket; of one that is not there there is none
	Agents    map[int64]agents.Agent      // by user; who is not known is asked nothing
	Addresses map[string]contacts.Address // by their keys; of one that is not there nobody has said anything
	Talk      map[int64]int64             // entries of a ticket that are somebody's words
	Replies   map[int64]replies.Reply
	Pages     map[string]int64  // what was sent from a page before
	Roots     map[int64]int64   // the ticket into which one is merged; of one that is not there it is its own
	Members   map[int64][]int64 // all that are merged into a ticket, by whatever ways
	Tags      map[Tagged]bool
	Merges    map[int64]Merge            // by source: those that stand
	Sharing   map[int64][]int64          // by outbox row of an answer: the tickets that were worked on in its own when it was written, and are not any more
	Persons   map[int64]contacts.Pointer // by contact; who is not there is no contact
	Steps     map[int64]contacts.Step

	byKey, byProvider map[string]int64
}

// NewKnown knows nothing yet.
func NewKnown() *Known {
	return &Known{
		Messages: map[int64]messages.Status{}, Tickets: map[int64]tickets.Status{}, Effects: map[int64]effects.Effect{}, Promises: map[promises.Key]promises.Promise{},
		Early: map[int64][]effects.Receipt{}, Covered: map[int64][]Covered{}, Appends: map[int64]entries.Entry{}, Dismissed: map[int64]bool{}, Closed: map[int64]time.Time{},
		Left: map[int64]desk.Item{}, Desk: map[int64]desk.Item{}, Agents: map[int64]agents.Agent{},
		Addresses: map[string]contacts.Address{}, Talk: map[int64]int64{}, Replies: map[int64]replies.Reply{}, Pages: map[string]int64{},
		Roots: map[int64]int64{}, Members: map[int64][]int64{}, Merges: map[int64]Merge{}, Sharing: map[int64][]int64{}, Tags: map[Tagged]bool{},
		Persons: map[int64]contacts.Pointer{}, Steps: map[int64]contacts.Step{},
		byKey: map[string]int64{}, byProvider: map[string]int64{},
	}
}

// AddEffect adds an outbox row that was read.
func (k *Known) AddEffect(e effects.Effect) {
	k.Effects[e.ID] = e
	k.byKey[e.Key] = e.ID
	if e.Provider != "" {
		k.byProvider[e.Provider] = e.ID
	}
}

// Named finds an outbox row by its key or its provider's name for it.
func (k *Known) Named(key, provider string) (effects.Effect, bool) {
	id, ok := k.byKey[key]
	if key == "" || !ok {
		id, ok = k.byProvider[provider]
		ok = ok && provider != ""
	}
	if !ok {
		return effects.Effect{}, false
	}
	e, ok := k.Effects[id]
	return e, ok
}

// Item is the work item of a ticket; of one that has none it is gone.
func (k *Known) Item(ticket int64) desk.Item {
	if i, there := k.Desk[ticket]; there {
		return i
	}
	return desk.Item{Ticket: ticket, State: desk.Gone}
}

// Newest is the newest promise of a reply that is owed in a ticket and in those that are merged into it: of each the one of its last turn, before
// the first turn the first reply; and of these the one that began last. owed: one of all is not settled.
func (k *Known) Newest(root int64) (newest promises.Promise, owed bool) {
	for _, ticket := range append([]int64{root}, k.Members[root]...) {
		var last promises.Promise
		for key, p := range k.Promises {
			if key.Ticket != ticket || !p.Reply() {
				continue
			}
			owed = owed || p.Settled.IsZero()
			if last.Kind == "" || p.Turn > last.Turn {
				last = p
			}
		}
		if last.Kind != "" && (newest.Kind == "" || last.Start.After(newest.Start)) {
			newest = last
		}
	}
	return newest, owed
}

// Root is the ticket in which one is worked on: itself, where it is merged into no other.
func (k *Known) Root(ticket int64) int64 { return cmp.Or(k.Roots[ticket], ticket) }

// Person is the contact under which a person is found of whom that contact is one: itself, where it is joined with no other. there: it is a contact.
func (k *Known) Person(contact int64) (root int64, there bool) {
	p, there := k.Persons[contact]
	return cmp.Or(p.Root, contact), there
}

// Joined are the contacts that point at a root, the oldest first.
func (k *Known) Joined(root int64) (out []int64) {
	for contact, p := range k.Persons {
		if p.Root == root {
			out = append(out, contact)
		}
	}
	slices.Sort(out)
	return out
}

// Within reports whether a ticket is worked on in that one.
func (k *Known) Within(ticket, root int64) bool {
	return ticket == root || slices.Contains(k.Members[root], ticket)
}

// Fresh is the work item of an open ticket of which nothing is known but the ticket.
func (k *Known) Fresh(t tickets.Status) desk.Item {
	return k.Owing(desk.Item{Ticket: t.ID, Last: t.Last}.As(t.Queue, t.Language, t.Category, t.Priority).Came(t.Opened))
}

// Owing is an item with the earliest deadline of what is owed in its ticket and in those that are merged into it, whose promises are known.
// The acknowledgement is no work of anybody's, and nothing is owed as long as its clock stands still.
func (k *Known) Owing(i desk.Item) desk.Item {
	if i.Gone() {
		return i
	}
	var next promises.Promise
	for key, p := range k.Promises {
		earlier := next.Due.IsZero() || cmp.Or(p.Due.Compare(next.Due), cmp.Compare(p.Kind, next.Kind), cmp.Compare(p.Ticket, next.Ticket), cmp.Compare(p.Turn, next.Turn)) < 0
		if k.Within(key.Ticket, i.Ticket) && key.Kind != promises.Acknowledgement && p.Settled.IsZero() && !p.Stands() && earlier {
			next = p
		}
	}
	return i.Owes(next.Start, next.Half, next.Due)
}
