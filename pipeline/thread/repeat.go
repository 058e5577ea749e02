package thread

import (
	"slices"
	"time"

	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
)

// The ways in which a message finds its ticket that names none.
const (
	ByWords  How = "near-copy"   // it says nearly the same as an earlier message
	ByNumber How = "same-number" // it is about the same order or transaction
	ByMatter How = "same-matter" // the same problem with the same sum, on a second channel
)

// Folds reports whether a message was added to a ticket that it does not name, so that people should be told why.
func (h How) Folds() bool { return h == ByWords || h == ByNumber || h == ByMatter }

// Again is a ticket in which the sender has lately said something that is like the message: as a proven person, or in the
// name of an address that nobody has proven. Which of the two it is, is the same for both.
type Again struct {
	Ticket tickets.Ticket `json:"ticket"`
	At     time.Time      `json:"at"`              // when he said it for the last time
	Words  bool           `json:"words,omitempty"` // in nearly the same words
	Money  bool           `json:"money,omitempty"` // the same sum, and no number that contradicts
	Told   bool           `json:"told,omitempty"`  // its acknowledgement went to the address from which he said it
}

// repeats finds the open ticket in which the customer has said the same before: in nearly the same words, about the same number, or on a
// second channel in the same category with the same sum. Nothing else is joined, since text cannot tell a rewording from another problem;
// whoever sees both tickets is told that they may be one.
func repeats(in Input, w Windows) (Finding, bool) {
	if in.Blank || in.History || in.DMARC == message.VerdictFail || in.Foreign {
		return Finding{}, false
	}
	for _, how := range [...]How{ByWords, ByNumber, ByMatter} {
		for _, a := range in.Again {
			if t := a.Ticket; in.same(a, how) && in.mine(t) && (a.Told || in.Unanswered) && in.goesOn(t, a.At, w.Problem) {
				return Finding{Ticket: t.ID, Version: t.Version, How: how, Reason: reasons[how]}, true
			}
		}
	}
	return Finding{}, false
}

var reasons = map[How]string{
	ByWords:  "same sender says nearly the same once more",
	ByNumber: "same sender writes about the same number, in the same category",
	ByMatter: "same person tells the same problem on a second channel, with the same sum",
}

// same reports whether the message is about what was said in a ticket. Numbers that contradict each other, two orders say, are two
// problems.
func (in Input) same(a Again, how How) bool {
	switch t := a.Ticket; how {
	case ByWords:
		return a.Words
	case ByNumber:
		return t.Category == in.Category && share(in.Numbers, t.Numbers)
	case ByMatter:
		return a.Money && in.Proven && t.Category == in.Category && in.Category != "" && in.Category != "other" &&
			!slices.Contains(t.Channels, in.Channel) && !contradict(in.Numbers, t.Numbers)
	default:
		return false
	}
}

// mine reports whether a ticket is the sender's to write in without naming it. A proven person's is. In the name of an address that
// nobody has proven anyone can write: what he says again goes where it was said under the same name, nobody else takes part, and an
// answer would go to that address alone. So whoever forges it learns nothing, and whoever has laid a trap catches nothing.
func (in Input) mine(t tickets.Ticket) bool {
	if in.Proven {
		return in.Contact != 0 && t.Contact == in.Contact && !t.Claimed
	}
	box := in.From.Mailbox()
	return !in.Owned && in.Alone && t.Claimed && t.OpenedBy(in.From) && !in.disowned() &&
		!slices.ContainsFunc(t.Participants, func(p message.Identity) bool { return p.Mailbox() != box })
}

// goesOn reports whether a ticket is being worked on, and it is not longer ago than the window that something was said there.
func (in Input) goesOn(t tickets.Ticket, at time.Time, window time.Duration) bool {
	return t.Status == tickets.Open && window > 0 && in.At.Sub(at).Abs() <= window && !in.owesNothing(t) && !in.outlived(t)
}

// share reports whether both name the same number.
func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(n string) bool { return slices.Contains(b, n) })
}

// contradict reports whether both name numbers and have none in common.
// Where one of them names none, nothing is contradicted.
func contradict(a, b []string) bool { return len(a) > 0 && len(b) > 0 && !share(a, b) }
