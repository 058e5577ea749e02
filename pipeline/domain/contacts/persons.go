package contacts

import "time"

// Pointer says with whom a contact is one person. It is flattened: a root has none itself.
type Pointer struct {
	Contact int64 `json:"contact"`
	Root    int64 `json:"root,omitempty"` // the contact under which all of the person are found; 0: the contact itself
	Step    int64 `json:"step,omitempty"` // the joining that brought it there: see Step.ID
}

// Why two contacts were joined or parted: the closed list, so that no entry and no log holds a customer's words.
const (
	WhyCode      = "code"      // a code that went to one of them came back from the other: by no person
	WhyNumber    = "number"    // one of them writes the other's number or address
	WhyOrder     = "order"     // both name the same order
	WhyTold      = "told"      // the customer has said so, and shown it
	WhyKnown     = "known"     // we know it from elsewhere
	WhyDistinct  = "distinct"  // something spoke for it, and a person has looked
	WhyMistake   = "mistake"   // they were never the same
	WhyShared    = "shared"    // several people use the address
	WhyRecycled  = "recycled"  // the number or address is somebody else's by now
	WhyRequested = "requested" // the customer wants it so
)

// Joins are the reasons that a person may give for a joining, and Parts those for a parting, in the order in which pages list them.
func Joins() []string { return []string{WhyTold, WhyNumber, WhyOrder, WhyKnown} }

// Parts are the reasons that a person may give for a parting.
func Parts() []string { return []string{WhyMistake, WhyShared, WhyRecycled, WhyRequested} }

// Kinds of steps.
const (
	StepJoin  = "join"
	StepPart  = "part"
	StepApart = "apart" // they were never one, and are not to be
)

// Step is one thing that was done with who is one person. Steps are kept for ever, also those that are taken back.
type Step struct {
	ID      int64   `json:"id"`
	Kind    string  `json:"kind"`
	Contact int64   `json:"contact"`        // who was joined: the root of its own until then; or who was parted
	Root    int64   `json:"root"`           // the root that it was joined to, or the root of the person that it was part of; itself, where it was that
	Heir    int64   `json:"heir,omitempty"` // of a parting of the root: who is the root of those that stay
	With    []int64 `json:"with,omitempty"` // who came along with a joining, or stays behind a parting of the root, the heir left out; sorted
	Took    int64   `json:"took,omitempty"` // of a parting: the joining that it ended
	Why     string  `json:"why"`
	Ticket  int64   `json:"ticket"` // on whose page it was done
	Actor   string  `json:"actor"`
	Stands  bool    `json:"stands"` // of a joining: a pointer hangs on it; of a parting: it was not taken back
	Undone  string  `json:"undone,omitempty"`
}

// Reassigned is how long a telephone number that its owner gave back may be kept from others before it is given to somebody else: operators wait for 45 days and more
// (FCC 47 CFR 52.15(f)(1)(ii)), so a number from which something came in the meantime is the same person's still.
const Reassigned = 45 * 24 * time.Hour

// Span is a time in which something came from a number.
type Span struct{ From, To time.Time }

// Lapsed reports whether a number was silent for so long that it may be somebody else's since: between two of its times, which are given in the order of From, or
// since the last one. What nothing is known of has lapsed.
func Lapsed(heard []Span, now time.Time) bool {
	if len(heard) == 0 {
		return true
	}
	last := heard[0].To
	for _, s := range heard[1:] {
		if s.From.Sub(last) > Reassigned {
			return true
		}
		if s.To.After(last) {
			last = s.To
		}
	}
	return now.Sub(last) > Reassigned
}
