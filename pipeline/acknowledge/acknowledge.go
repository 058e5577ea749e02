// Package acknowledge decides whether a message gets our automatic "received", to which address,
// and what is withheld and why. It is pure; the words are rendered when the mail is handed over.
package acknowledge

import (
	"fmt"
	"strings"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// Caps bound what one sender, one text and one domain can make us send.
// A cap of 0 is no cap. Each answers its own attack: a loop between two programs, a flood, our use as a sender of spam to third persons.
type Caps struct {
	SenderHour int // acknowledgements to one address within an hour
	SenderDay  int // and within a day
	SameText   int // acknowledgements for one robot-like text to one domain within a day
	FormLetter int // acknowledgements for one long text from ever new addresses of one domain within a day
	DomainHour int // circuit breaker: acknowledgements of robot-like texts to one domain within an hour

	StrangerHour int // acknowledgements and digests of the whole desk to unproven addresses within an hour
	StrangerDay  int // and within a day
}

// DefaultCaps are the figures of RFC 5230's spirit: one an hour and four a day to one address. A desk
// whose mailbox gives no verdicts has unproven senders only, so the caps over all of them are those of
// a small desk's busy day.
func DefaultCaps() Caps {
	return Caps{SenderHour: 1, SenderDay: 4, SameText: 1, FormLetter: 1000, DomainHour: 20, StrangerHour: 200, StrangerDay: 1000}
}

// Sent counts what went out already. What goes to an unproven address counts apart from what goes to
// a proven one, so that no stranger's post uses up what the address's owner is due.
type Sent struct {
	Hour       int  `json:"hour,omitempty"`        // to this address within the last hour
	Day        int  `json:"day,omitempty"`         // within the last 24 hours
	SameText   int  `json:"same_text,omitempty"`   // for this fingerprint to this domain within the last 24 hours
	DomainHour int  `json:"domain_hour,omitempty"` // to this domain within the last hour
	Repeats    int  `json:"repeats,omitempty"`     // messages of this sender with this fingerprint within 24 hours
	Week       int  `json:"week,omitempty"`        // likewise within 7 days
	Digest     bool `json:"digest,omitempty"`      // a digest to this address went out or waits, within 24 hours
	Digests    int  `json:"digests,omitempty"`     // how many did, to whatever spelling of its mailbox

	Late time.Time `json:"late,omitzero"` // when the last of them is due that is a late one; zero: there is none

	StrangerHour int `json:"stranger_hour,omitempty"` // to unproven addresses, by the whole desk, within the last hour
	StrangerDay  int `json:"stranger_day,omitempty"`  // and within the last 24 hours

	Prefix int   `json:"prefix,omitempty"` // texts to numbers that begin alike, within 24 hours
	Spent  int64 `json:"spent,omitempty"`  // on texts to numbers that somebody typed, within 24 hours, in millionths
}

// Input is all that the decision needs.
// Counts and addresses were read out of the database before; Now is the time of the decision, At that of the message's arrival.
type Input struct {
	Message    message.Message
	To         message.Address // see Recipient
	Opened     bool            // the message opened a ticket
	Trusted    bool            // see Trusted
	Withhold   string          // the screen stage's cause, or ""
	RobotLike  bool            // worded like a machine's confirmation
	Stranger   bool            // the sender has never written before
	Numbers    bool            // the text names an order or the like, so that equal fingerprints may be different matters
	Length     int             // characters of the text
	History    bool
	Disabled   bool
	OptedOut   bool // at the address it would go to
	Failed     bool // likewise
	SMS        SMS
	Number     *Phone // what SMS.Look says of the recipient, where it has been asked
	Shown      bool   // a number from which somebody has written, now or before
	ClaimedSMS bool   // the inbox's policy lets a text go to a number that somebody only typed
	Sent       Sent
	At         time.Time
	Now        time.Time
}

// Finding is the decision.
type Finding struct {
	// Owed says that an acknowledgement is promised; with a Cause the promise is void, unless Digest.
	// Reason is for the trace: "to the sender", or "withheld: " and the cause. To is set even where nothing is sent.
	Owed   bool
	Cause  string
	Digest bool // withheld from sending by itself, and listed in the sender's digest instead
	To     message.Address
	Reason string
}

// withheldFor stands before the cause in the reason of a finding that sends nothing.
const withheldFor = "withheld: "

// WithheldFor reads the cause out of a finding's reason, which is all that the trace of a decision keeps of it.
func WithheldFor(reason string) (cause string, ok bool) {
	return strings.CutPrefix(reason, withheldFor)
}

// Send reports whether an acknowledgement goes out by itself.
func (f Finding) Send() bool { return f.Owed && f.Cause == "" }

// Decide applies the rules in the order of their weight.
// Where several causes hold, the first one is named: what the operator has set comes before what is known of the message, that before the
// address, and the caps come last, since only they change with time. It is pure; whoever sends counts what it decided (Counts), and decides
// anew where another has counted meanwhile.
func Decide(in Input, caps Caps) Finding {
	if !in.Opened {
		return Finding{Reason: "continues a ticket that was acknowledged when it was opened"}
	}
	to, cause := in.To, ""
	if to.IsZero() {
		cause = causes.NoAddress
	}
	if !in.Trusted {
		to.Name = "" // a stranger's words
	}
	f := Finding{Owed: true, To: to}
	switch {
	case in.Disabled:
		f.Cause = causes.Disabled
	case in.Withhold != "":
		f.Cause = in.Withhold
	case in.History:
		f.Cause = causes.History
	case cause != "":
		f.Cause = cause
	case in.OptedOut:
		f.Cause = causes.OptedOut
	case in.Failed:
		f.Cause = causes.AddressFailed
	case phoneCause(in, to) != "":
		f.Cause = phoneCause(in, to)
	default:
		f.Cause, f.Digest = capped(in, caps)
		switch {
		case f.Cause == "":
			f.Cause = phoneCapped(in, to)
		case f.Digest && !in.Trusted && to.Kind == message.Phone && in.SMS.Look != nil:
			f.Cause, f.Digest = causes.UnprovenNumber, false // a list is as long, and as dear, as whoever types wants it
		case f.Digest && in.fresh() && in.Sent.Digests >= mostDigests:
			f.Cause, f.Digest = causes.DigestCap, false
		case f.Digest && in.fresh() && strangersFull(in, caps):
			f.Cause, f.Digest = causes.StrangerCap, false
		}
	}
	f.Reason = "to the sender"
	if f.Cause != "" {
		f.Reason = withheldFor + f.Cause
	}
	return f
}

// capped is the cap that is reached, if any. Only the sender's own cap earns a digest: he is a person who writes much. The others stop
// machines, to which a list would be one more mail to answer, and floods in the names of strangers.
func capped(in Input, caps Caps) (cause string, digest bool) {
	switch {
	case in.RobotLike && caps.SameText > 0 && in.Sent.SameText >= caps.SameText:
		return causes.RepeatedText, false
	case in.RobotLike && caps.DomainHour > 0 && in.Sent.DomainHour >= caps.DomainHour:
		return causes.DomainCap, false
	case echoes(in), formLetter(in, caps):
		return causes.RepeatedText, false
	case caps.SenderHour > 0 && in.Sent.Hour >= caps.SenderHour, caps.SenderDay > 0 && in.Sent.Day >= caps.SenderDay:
		return causes.SenderCap, true
	case strangersFull(in, caps):
		return causes.StrangerCap, false
	}
	return "", false
}

// strangersFull reports whether the desk has written to as many unproven addresses as it may, for one more of them.
func strangersFull(in Input, caps Caps) bool {
	return !in.Trusted && (caps.StrangerHour > 0 && in.Sent.StrangerHour >= caps.StrangerHour || caps.StrangerDay > 0 && in.Sent.StrangerDay >= caps.StrangerDay)
}

// mostDigests bounds the digests a day to one mailbox. One address has two or three; who writes from ever new spellings
// of his mailbox, and proves each, would get one for each.
const mostDigests = 6

// fresh reports whether what is withheld now needs a digest of its own, rather than one that waits for more already. One that
// waits at another spelling of the mailbox is none of this address's.
func (in Input) fresh() bool {
	return in.Trusted && in.To.Identity() != Mailbox(in.To.Identity()) || !in.Sent.waits(in.Now)
}

// Full reports whether an unproven address has had as many acknowledgements as it may, or all such have together.
func (c Caps) Full(sent Sent) bool {
	cause, _ := capped(Input{Sent: sent}, c)
	return cause != ""
}

// echoes reports whether a sender says again what he said before, while an automatic mail of ours is
// less than a day old: an assistant that answers everything. Where the text names numbers it may be
// a business that reports one order after another, so it takes more of them.
func echoes(in Input) bool {
	answered := in.Sent.Day > 0 || in.Sent.Digest
	return answered && (in.Sent.Repeats >= 3 || in.Sent.Week >= 1 && !in.Numbers)
}

// formLetter reports whether ever new addresses of one domain send the same long text: another desk
// that confirms our confirmations from a new address each time, in words that RobotLike does not
// know. A shop that hands on its customers' complaints writes like that too, so only the circuit
// breaker stops it. The customers of a mail provider have nothing in common but their domain.
func formLetter(in Input, caps Caps) bool {
	return in.Stranger && caps.FormLetter > 0 && in.Sent.SameText >= caps.FormLetter && in.Length >= formLetterLength && !SharedDomain(in.Message.From.Domain())
}

// formLetterLength is from where on two people do not choose the same words by chance.
const formLetterLength = 60

// Recipient is the one address that an acknowledgement may go to; zero for none. For mail that is From where it is
// proven, where the envelope is of the same domain, or where the envelope is a carrier's; else the envelope sender (RFC 3834
// §4), back, which is zero where it is not the author's.
// Never more than one: an acknowledgement to all recipients would let one mail make many.
func Recipient(m message.Message, back message.Address) message.Address {
	if m.Traits.Typed || m.From.Kind != message.Email {
		return m.From
	}
	if !m.Traits.Mail || m.Proven || back.Domain() == "" || back.Domain() == m.From.Domain() {
		return orNone(m.From)
	}
	back.Name = m.From.Name
	return orNone(back)
}

// orNone drops what is no mail address, or of a kind that is not mail.
func orNone(a message.Address) message.Address {
	if a.Domain() == "" {
		return message.Address{}
	}
	return a
}

// Digest is when a sender's digest goes out and what is particular about its key.
type Digest struct {
	Due  time.Time
	Part string // "early" or "late"
}

// The parts.
const (
	digestPartEarly = "early"
	digestPartLate  = "late"
)

// Delays of a digest: the hour is over for which the cap holds; or, when the day's first digest is
// gone, well within the day in which the acknowledgement is promised.
const (
	digestEarly = time.Hour
	digestLate  = 20 * time.Hour
)

// Late reports whether a digest that was planned at one time and is due at another is a late one.
func Late(planned, due time.Time) bool { return due.Sub(planned) > digestEarly }

// Bounds of a late digest.
const (
	digestMargin = 5 * time.Minute           // before it is due, in which it may be on its way already
	digestBehind = digestEarly + time.Minute // for what came too late for 20 hours: it is a late one as well
)

// waits reports whether a late digest waits that lists what comes meanwhile.
func (s Sent) waits(now time.Time) bool { return s.Digest && s.Late.After(now.Add(digestMargin)) }

// PlanDigest says when what a cap withholds now is listed to its sender. at is when the source
// received the message; sent says which digests went out or wait already. While a late one waits, it
// lists what comes meanwhile; the next one is due as long after it.
// An early digest goes out after an hour. Late ones are rare on purpose: whoever gets so many acknowledgements has been told by the first
// list that his mail arrives.
func PlanDigest(at, now time.Time, sent Sent) Digest {
	if !sent.Digest {
		return Digest{Due: now.Add(digestEarly), Part: digestPartEarly}
	}
	if sent.waits(now) {
		return Digest{Due: sent.Late, Part: digestPartLate}
	}
	due := at.Add(digestLate)
	for _, least := range []time.Time{now.Add(digestBehind), sent.Late.Add(digestLate)} {
		if due.Before(least) {
			due = least
		}
	}
	return Digest{Due: due, Part: digestPartLate}
}

// DigestKey names one of the digests that an address can get: an early one a day, and late ones by when they are
// due. Of one that has gone out already the key must not come again: what is withheld then would be listed
// nowhere. to is a keyed digest of the address, as DigestTo gives it: the key outlives the address when its
// person is erased.
func DigestKey(to string, d Digest) string {
	period := d.Due.UTC().Format("20060102")
	if d.Part == digestPartLate {
		period = fmt.Sprintf("p%d", d.Due.Unix())
	}
	return fmt.Sprintf("digest:%s:%s:%s", to, period, d.Part)
}
