// Package thread decides whether a message continues a ticket or opens one, and guards against
// strangers who quote a ticket that is not theirs. It is pure.
package thread

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
)

// How a message names a ticket, in the order in which a way is believed.
type How string

// The ways, strongest first.
const (
	ByReplyAddress How = "reply-address"  // signed plus-address of ours in the recipients
	BySubjectToken How = "subject-token"  // signed token in the subject
	ByOwnMessageID How = "own-message-id" // one of our Message-IDs in In-Reply-To or References
	ByCopy         How = "copy"           // the same mail, altered on the way
	ByReference    How = "reference"      // Message-ID of a customer's mail that we hold
	ByConversation How = "conversation"   // the channel's own conversation
)

// ours reports whether only somebody who saw a mail of ours can name a ticket that way.
func (h How) ours() bool {
	return h == ByReplyAddress || h == ByOwnMessageID || h == BySubjectToken
}

// addressed reports whether the answer carries a signed reference of ours on its face: whoever writes
// a new topic does not write it there.
func (h How) addressed() bool { return h == ByReplyAddress || h == BySubjectToken }

// Named is a ticket that the message names, and how.
// A ticket may be named several ways; each is a Named of its own.
type Named struct {
	Ticket tickets.Ticket
	How    How
}

// Windows are the spans of time within which things belong together.
// A span of 0 means never; a message from the very end of a span still belongs.
type Windows struct {
	Reopen       time.Duration // a closed ticket is reopened by an answer that comes this soon
	Subject      time.Duration // a reply without headers finds its ticket by its subject
	Problem      time.Duration // what is said again, or told on a second channel, is the same problem
	Conversation time.Duration // a chat or SMS conversation goes on
	// Conversations are the spans of single channels, in the place of Conversation.
	Conversations map[string]time.Duration
}

// conversation is how long a conversation of the channel may be quiet and still go on.
func (w Windows) conversation(channel string) time.Duration {
	if d, ok := w.Conversations[channel]; ok {
		return d
	}
	return w.Conversation
}

// DefaultWindows are two weeks, a week, three days and three days.
func DefaultWindows() Windows {
	const day = 24 * time.Hour
	return Windows{Reopen: 14 * day, Subject: 7 * day, Problem: 3 * day, Conversation: 3 * day}
}

// Input is all that the decision needs.
type Input struct {
	// From, Contact and Owned come from the identify stage, Category and Numbers from this message's own stages; Named and Recent were read out
	// of the database beforehand.
	From     message.Identity
	Contact  int64 // 0: nobody known
	Proven   bool  // the channel vouches for From on this message
	Owned    bool  // a contact has proven to own From, and this message proves nothing
	DMARC    message.Verdict
	Foreign  bool // the envelope contradicts From: whoever only knows an address and a subject is not believed
	Channel  string
	At       time.Time
	Subject  string // base subject
	IsReply  bool   // the subject had a reply prefix
	Category string
	Numbers  []string
	Named    []Named          // in the order of How
	Recent   []tickets.Ticket // the contact's tickets, newest first
	Again    []Again          // where he has said something like it, newest first
	// Unanswered says that this inbox acknowledges nothing. In any other nothing is added to a ticket of which its sender was told nothing.
	Unanswered bool
	Alone      bool  // it names nobody beside its sender, and an answer to it goes to him alone
	Released   bool  // a person has looked and let it through
	Apart      int64 // a person has taken it out of this ticket; 0: of none
	Machine    bool  // no person wrote it: it opens no ticket, and none again
	Blank      bool  // it says nothing: see Ticket.Blank
	Inbox      string
	Since      time.Time // when the inbox was first connected
	History    bool      // the message is history itself: imported, or older than the inbox
}

// owesNothing reports whether a ticket holds only what was imported as history, or what the inbox
// received before it was connected: it was never acknowledged, so a new message opens a ticket of its
// own, which is. Tickets of older programs do not say so themselves.
// An unknown Since is the zero time, before which no ticket was.
func (in Input) owesNothing(t tickets.Ticket) bool {
	return !in.History && (t.History || t.Inbox == in.Inbox && t.LastAt.Before(in.Since))
}

// outlived reports whether a message that says something comes to a ticket that held nothing but greetings and is over:
// closed, or past its promise. It would have none of its own there.
func (in Input) outlived(t tickets.Ticket) bool {
	return !t.Blank.IsZero() && !in.Blank && !in.Machine && !in.History && (t.Status == tickets.Closed || !in.At.Before(t.Blank))
}

// Finding is the decision.
type Finding struct {
	// Park and Ticket exclude each other. Reason is plain English, for the trace; it holds numbers of tickets and no words of the customer's.
	// How is empty where the ticket was found by its subject.
	Ticket  int64  // ticket to continue; 0: open one
	Version int64  // its version as read
	Reopen  bool   // the ticket was closed
	Follows int64  // the new ticket follows that one
	Park    string // parking cause, or ""
	How     How
	Reason  string
}

// Decide finds the ticket of a message. What a person has taken out of a ticket opens one of its own that follows it, whatever it
// names.
// The danger is a stranger who gets into a customer's ticket: he would read our answer. The other mistake costs little: a ticket too
// many. So whatever is not proven opens a ticket of its own or is set aside.
func Decide(in Input, w Windows) Finding {
	f := find(in, w)
	if in.Apart != 0 && f.Ticket != 0 && in.root(f.Ticket) == in.root(in.Apart) {
		return Finding{Follows: in.Apart, How: f.How, Reason: fmt.Sprintf("a person has taken it out of ticket %d", in.Apart)}
	}
	return f
}

// root is the ticket in which a known one is worked on: itself, if it is merged into no other.
func (in Input) root(id int64) int64 {
	for _, n := range in.Named {
		if n.Ticket.ID == id {
			return cmp.Or(n.Ticket.MergedInto, id)
		}
	}
	for _, t := range in.Recent {
		if t.ID == id {
			return cmp.Or(t.MergedInto, id)
		}
	}
	return id
}

// find asks in the order of what is believed most: what the message names, its subject, what was said before, its matter. The cost is linear in the tickets given.
func find(in Input, w Windows) Finding {
	if f, done := byName(in, w); done || in.Machine {
		f.Reason = cmp.Or(f.Reason, "names no ticket")
		return f
	}
	if f, done := bySubject(in, w); done {
		return f
	}
	if f, done := repeats(in, w); done {
		return f
	}
	for _, n := range in.Named {
		if in.opened(n) {
			return Finding{Follows: n.Ticket.ID, How: n.How, Reason: fmt.Sprintf("answers a mail of ticket %d, which was opened in the sender's name without proof", n.Ticket.ID)}
		}
	}
	return Finding{Reason: "names no ticket"}
}

// opened reports whether nothing but a Message-ID leads a proven sender to a ticket that somebody has opened in
// his name. A Message-ID of his is known to all whom he wrote to, so the ticket may be a trap for
// what he writes next: he takes it over with a reference of ours, which went to his address.
func (in Input) opened(n Named) bool {
	return in.Proven && !in.Released && n.How == ByReference && n.Ticket.Claimed && n.Ticket.OpenedBy(in.From)
}

// byName follows what the message itself points at. Somebody who names a ticket that is not his, by a reference of ours,
// is set aside, unless he names one of his own the same way: then that is where his mail belongs.
func byName(in Input, w Windows) (Finding, bool) {
	stranger := Finding{}
	for _, n := range in.Named {
		if !participates(in, n.Ticket) {
			if n.How.ours() && !in.Released && stranger.Park == "" {
				stranger = Finding{Park: causes.UnauthenticatedReply, How: n.How,
					Reason: fmt.Sprintf("names ticket %d by %s, but its sender takes no part in it", n.Ticket.ID, n.How)}
			}
			continue
		}
		if stranger.Park != "" && !n.How.ours() {
			break
		}
		if in.Foreign && n.How == ByReference && !in.Released || in.opened(n) {
			continue
		}
		if n.How == ByCopy && (in.disowned() || in.mayNotJoin(n) != "") { // it stands for itself
			continue
		}
		if in.disowned() {
			return Finding{Park: causes.UnauthenticatedReply, How: n.How,
				Reason: fmt.Sprintf("names ticket %d, but DMARC says that its sender is forged, or could not say", n.Ticket.ID)}, true
		}
		if why := in.mayNotJoin(n); why != "" {
			return Finding{Follows: n.Ticket.ID, How: n.How, Reason: fmt.Sprintf("answers ticket %d, but %s", n.Ticket.ID, why)}, true
		}
		if in.Machine {
			return Finding{Ticket: n.Ticket.ID, Version: n.Ticket.Version, How: n.How, Reason: "a machine's answer to the ticket, which stays as it is, by " + string(n.How)}, true
		}
		if in.owesNothing(n.Ticket) {
			return renew(in, n, w), true
		}
		return join(in, n, w), true
	}
	return stranger, stranger.Park != ""
}

// disowned reports whether the sender's domain says that the mail is not its own. Where it could not
// say, since its name servers did not answer, that counts as no: whoever forges may see to it.
func (in Input) disowned() bool {
	return !in.Released && (in.DMARC == message.VerdictFail || in.DMARC == message.VerdictTempError)
}

// mayNotJoin says why an unproven sender does not continue a ticket though he seems to take part in it.
// In a ticket of a proven person he needs a signed reference of ours, and an address that nobody else
// has proven; a Message-ID of the customer's own is known to everyone he ever wrote to.
func (in Input) mayNotJoin(n Named) string {
	switch {
	case in.Proven || in.Released || n.Ticket.Claimed:
		return ""
	case in.Owned:
		return "its sender does not prove that the address is his, as its owner does"
	case !n.How.ours():
		return "nothing proves its sender, and the ticket is a proven person's"
	}
	return ""
}

// renew takes a message that names a history ticket to the ticket that follows it, or opens that.
func renew(in Input, n Named, w Windows) Finding {
	heir := func(t tickets.Ticket) bool { return t.Follows == n.Ticket.ID && !in.owesNothing(t) }
	for _, other := range in.Named {
		if heir(other.Ticket) && participates(in, other.Ticket) {
			return join(in, other, w)
		}
	}
	for _, t := range in.Recent {
		if heir(t) {
			return join(in, Named{Ticket: t, How: n.How}, w)
		}
	}
	return Finding{Follows: n.Ticket.ID, How: n.How, Reason: fmt.Sprintf("ticket %d is history, which was never acknowledged", n.Ticket.ID)}
}

// join continues a ticket, unless the message is about something else or the ticket is long closed.
// Spans are asked by the ticket's last message, so a lively ticket never grows too old. Where a message cannot join, its new ticket says
// which one it follows, so that the agent sees both.
func join(in Input, n Named, w Windows) Finding {
	t := n.Ticket
	if n.How != ByConversation && n.How != ByCopy && !n.How.addressed() && !sameTopic(in.Subject, t.Subject) {
		return Finding{Follows: t.ID, How: n.How, Reason: fmt.Sprintf("answers ticket %d under a new subject", t.ID)}
	}
	if in.outlived(t) {
		return Finding{Follows: t.ID, How: n.How, Reason: fmt.Sprintf("ticket %d held only a greeting, and is over", t.ID)}
	}
	window := w.Reopen
	if n.How == ByConversation {
		window = w.conversation(in.Channel)
		if in.At.Sub(t.LastAt) > window {
			return Finding{Follows: t.ID, How: n.How, Reason: fmt.Sprintf("conversation of ticket %d has been quiet too long", t.ID)}
		}
	}
	if t.Status == tickets.Closed {
		if in.At.Sub(t.LastAt) > window {
			return Finding{Follows: t.ID, How: n.How, Reason: fmt.Sprintf("ticket %d has been closed too long", t.ID)}
		}
		if in.History || n.How == ByCopy {
			return Finding{Ticket: t.ID, Version: t.Version, How: n.How, Reason: "nothing new for a closed ticket, by " + string(n.How)}
		}
		return Finding{Ticket: t.ID, Version: t.Version, Reopen: true, How: n.How, Reason: "reopens by " + string(n.How)}
	}
	return Finding{Ticket: t.ID, Version: t.Version, How: n.How, Reason: "continues by " + string(n.How)}
}

// sameTopic reports whether the subject of an answer says nothing but the ticket's: it is the same,
// it was cut on the way, or nothing but prefix and token is left of it.
func sameTopic(subject, ticket string) bool {
	if subject == ticket || ticket == "" || wordless(subject) {
		return true
	}
	// A gateway has put its mark before it.
	if before, ends := strings.CutSuffix(subject, ticket); ends && tag(before) {
		return true
	}
	kept := strings.TrimSuffix(subject, "...") // our own mails end a cut subject so
	return len(kept) >= minCut && strings.HasPrefix(ticket, kept)
}

// maxTag is the longest that a mail system puts before a subject, in bytes.
const maxTag = 80

// tag reports whether what stands before a subject is what mail systems put there: "***SPAM***", "EXTERNAL:",
// "[External] Re:". It ends with a mark, not with a word.
func tag(before string) bool {
	before = strings.TrimSpace(before)
	if before == "" || len(before) > maxTag {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return strings.ContainsRune(":*])}>】》」!|~=#", last)
}

// minCut is the shortest beginning of a subject that is taken for a cut one, in bytes.
const minCut = 60

// wordless reports whether a subject has only prefixes and tokens.
func wordless(subject string) bool {
	for word := range strings.FieldsSeq(subject) {
		if !strings.HasSuffix(word, ":") && !(strings.HasPrefix(word, "[#") && strings.HasSuffix(word, "]")) {
			return false
		}
	}
	return true
}

// bySubject catches the answer that lost its headers on the way.
// A subject is no secret, so only a proven sender, or one whom a person let through, is believed with it.
func bySubject(in Input, w Windows) (Finding, bool) {
	if !in.IsReply || in.Subject == "" || in.Contact == 0 || !in.Proven && !in.Released || in.Foreign && !in.Released {
		return Finding{}, false
	}
	for _, t := range in.Recent {
		if t.Subject != in.Subject || in.At.Sub(t.LastAt).Abs() > w.Subject || in.owesNothing(t) || in.outlived(t) {
			continue
		}
		if in.disowned() {
			return Finding{}, false
		}
		return Finding{Ticket: t.ID, Version: t.Version, Reopen: t.Status == tickets.Closed && !in.History, Reason: "same person answers under the same subject"}, true
	}
	return Finding{}, false
}

// participates reports whether the sender is the ticket's contact or one of those who may continue it, under any
// spelling of his mailbox: people answer from the address that their program takes, not from the one they wrote to us with.
func participates(in Input, t tickets.Ticket) bool {
	if in.Contact != 0 && in.Contact == t.Contact {
		return true
	}
	box := in.From.Mailbox()
	return !in.From.IsZero() && slices.ContainsFunc(t.Participants, func(p message.Identity) bool { return p.Mailbox() == box })
}
