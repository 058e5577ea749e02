// Package recipients says whom a person's answer to a mail goes to: everybody who was written to, and none of us. It is pure; its caller
// knows who is ours, and who wants or gets no mail.
package recipients

import (
	"slices"
	"strings"

	"frontdesk/pipeline/message"
)

// mostCopies bounds the copies of one answer, whatever a channel would carry.
const mostCopies = 50

// Reason says why somebody who was named gets no answer.
type Reason string

// The reasons.
const (
	OptedOut Reason = "opted-out" // he has said STOP
	Failed   Reason = "failed"    // his mailbox is gone for good
	Unproven Reason = "unproven"  // a stranger names him as the one to be answered
	TooMany  Reason = "too-many"  // the channel carries no more copies
	Aside    Reason = "aside"     // he is a third party who is asked about the ticket
	NoWay    Reason = "no-way"    // no inbox writes to such addresses
)

// Of an address of mail.
const (
	longest = 320                // bytes (RFC 3696 §3: 64 + 1 + 255)
	unfit   = " \t<>,;:\"\\()[]" // what stands in none that mail programs write without quotes
)

// Asked is what the recipients of an answer are made of.
type Asked struct {
	// From is the sender, or where the acknowledgement of his mail went. Proven says that the channel vouches for him.
	From    message.Address
	Proven  bool
	Reading Reading
	Ours    func(message.Identity) bool
	Shut    map[message.Identity]Reason // who has said STOP, and whose mailbox is gone
	Most    int                         // copies that the channel carries
}

// Left is somebody who was named, and gets no answer.
type Left struct {
	Address message.Address
	Why     Reason
}

// Set is whom an answer goes to. To is zero where there is nobody.
type Set struct {
	To   message.Address
	Cc   []message.Address
	Left []Left
}

// Answer is whom an answer goes to. To is whom the sender asks to be answered (Reply-To), else himself; everybody else of Reply-To, To and Cc gets
// a copy. A Reply-To counts where the channel vouches for its sender, or where it names his own mailbox: an acknowledgement goes to no
// other (acknowledge.Recipient), so a stranger's Reply-To does not turn an answer to a third person either. Whom he wrote to beside us
// is another matter: they have his mail, and the agent sees them by name before he answers.
//
// Addresses of ours are left out, and so is what arrives in a mailbox that is there already. Who has said STOP or cannot be reached gets no
// copy; where he is the only one to be answered he stays in To, and the answer is withheld, or fails, before its writer's eyes.
func Answer(in Asked) Set {
	b := &builder{Asked: in, seen: map[message.Identity]bool{}}
	named, refused := b.named()
	first := slices.IndexFunc(named, func(a message.Address) bool { return in.Shut[a.Identity()] == "" })
	first = max(first, 0)
	if len(named) > 0 {
		b.out.To = named[first]
		b.seen[named[first].Identity().Mailbox()] = true
	}
	if b.out.To.IsZero() {
		return Set{}
	}
	for _, a := range slices.Concat(named, in.Reading.To, in.Reading.Cc) {
		b.copy(a)
	}
	for _, a := range refused { // who was written to as well has his copy
		b.leave(a, Unproven)
	}
	return b.out
}

// builder makes one Set.
type builder struct {
	Asked
	seen map[message.Identity]bool // mailboxes
	out  Set
}

// foreign reports whether an address can be written to, and is none of ours.
func (b *builder) foreign(a message.Address) bool { return Usable(a) && !b.Ours(a.Identity()) }

// named are those who are to be answered: of Reply-To those that the sender may name, else he himself. refused are the rest of Reply-To.
func (b *builder) named() (out, refused []message.Address) {
	for _, a := range b.Reading.ReplyTo {
		switch {
		case !b.foreign(a):
		case b.Shut[a.Identity()] == Aside: // what is for the customer is not for whom he names as a third party
			b.leave(a, Aside)
		case b.Proven, a.Identity().Mailbox() == b.From.Identity().Mailbox():
			out = append(out, a)
		default:
			refused = append(refused, a)
		}
	}
	if len(out) == 0 && b.foreign(b.From) {
		out = []message.Address{b.From}
	}
	return out, refused
}

// copy has somebody get a copy who gets nothing yet.
func (b *builder) copy(a message.Address) {
	id := a.Identity()
	if !b.foreign(a) || b.seen[id.Mailbox()] {
		return
	}
	switch why := b.Shut[id]; {
	case why != "":
		b.leave(a, why)
	case len(b.out.Cc) >= min(b.Most, mostCopies):
		b.leave(a, TooMany)
	default:
		b.seen[id.Mailbox()] = true
		b.out.Cc = append(b.out.Cc, a)
	}
}

// leave notes once that somebody gets nothing.
func (b *builder) leave(a message.Address, why Reason) {
	if id := a.Identity().Mailbox(); !b.seen[id] {
		b.seen[id] = true
		b.out.Left = append(b.out.Left, Left{a, why})
	}
}

// Usable reports whether it is an address of mail as programs write them, not a name, a group or a sentence.
func Usable(a message.Address) bool {
	local, domain, ok := strings.Cut(a.Value, "@")
	return ok && a.Kind == message.Email && local != "" && domain != "" && len(a.Value) <= longest && !strings.Contains(domain, "@") &&
		!strings.ContainsAny(a.Value, unfit) && strings.IndexFunc(a.Value, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }) < 0
}
