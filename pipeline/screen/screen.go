// Package screen looks at what a message is before anybody reads it: a person's words, a bounce,
// an automatic reply, list mail, an echo of our own; whether it is set aside; and whether it may be
// acknowledged. It looks at headers, envelope, addresses and a few words only, and says why.
//
// The rules of who is never acknowledged are those of RFC 3834 §2, RFC 5230 §4.5-4.6 and of the
// loops that help desks have been seen to run into.
package screen

import (
	"cmp"
	"strings"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// Kind is what a message is.
type Kind string

// The kinds of message.
const (
	Human Kind = "human" // a person wrote it to us
	Auto  Kind = "auto"  // a machine wrote it: vacation notice, notification, newsletter
	List  Kind = "list"  // a person wrote it to a mailing list
	DSN   Kind = "dsn"   // delivery status, also in the forms that no standard knows
	MDN   Kind = "mdn"   // read receipt (RFC 8098)
	ARF   Kind = "arf"   // abuse report (RFC 5965)
	Own   Kind = "own"   // from one of our own addresses
	Echo  Kind = "echo"  // our own send, handed back to us, or the post of a channel or group to its members
	Empty Kind = "empty" // no subject, no text, no attachment

	Reaction Kind = "reaction" // a 👍 to what we wrote
)

// Machines are the kinds of messages that nobody has written to be answered: none is acknowledged, and none is anybody's work.
func Machines() []Kind { return []Kind{Auto, List, DSN, MDN, ARF, Own, Echo, Reaction} }

// Reasons for which a message is understood and needs no ticket.
const (
	SuppressBounce   = "bounce"  // of our own mail
	SuppressReceipt  = "receipt" // somebody has opened our mail
	SuppressEcho     = "echo"
	SuppressOwnPost  = "own-post" // what a channel or a group says to its members
	SuppressReaction = "reaction" // to no ticket that is known
	SuppressOptOut   = "opt-out"
	SuppressOptIn    = "opt-in"
	SuppressHelp     = "help" // the word that the provider answers itself
)

// Causes for which no acknowledgement is sent: a closed list.
const (
	withholdNullSender     = "null-sender"
	withholdNoReturnPath   = "no-return-path"
	withholdAutoSubmitted  = "auto-submitted"
	withholdReport         = "report"
	withholdList           = "list"
	withholdPrecedence     = "precedence"
	withholdSuppressHeader = "suppress-header"
	withholdRobotHeader    = "robot-header"
	withholdRobotAddress   = "robot-address"
	withholdRobotText      = "robot-text" // subject and text of an absence notice without headers, or its heading over a text that says more
	withholdOwnAddress     = "own-address"
	withholdOwnReply       = "reply-to-acknowledgement"
	withholdNotToUs        = "not-to-us"
	withholdSpam           = causes.Spam
	withholdForged         = "unauthenticated" // SPF or DMARC failed: the sender may be a victim
	withholdOptedOut       = causes.OptedOut
	withholdParked         = "parked"
	withholdSuppressed     = "suppressed"
)

// Settings is the part of the configuration that screening needs.
type Settings struct {
	// Own lists our addresses and aliases on all channels, lower-case, without plus-parts.
	Own []string
	// Roles lists addresses that reach us for their domain's sake (postmaster@, abuse@), lower-case. Mail from
	// them is somebody's: our mail server's, say.
	Roles []string
	// Blocked lists addresses, numbers and domains; a domain counts for its subdomains.
	Blocked []string
	// SpamThreshold parks mail whose recorded score is at least as high; 0 for never.
	SpamThreshold float64
	// FloodPerHour parks a sender's messages once so many came within an hour; 0 for never.
	FloodPerHour int
	// LoopID is the value of the X-Loop field of our own mail.
	LoopID string
}

// Facts is what others know about a message.
type Facts struct {
	Text               string // what the person wrote; the message's text when empty
	KnownBounce        bool   // the report names a mail that we have sent, and fits it
	Misfit             string // why a report that names one does not fit it, in plain English
	TicketReference    bool   // the message refers to a ticket: signed address, own Message-ID or token
	OwnMessage         bool   // its Message-ID is one that we have given
	OwnAcknowledgement bool   // In-Reply-To or References names an acknowledgement of ours
	Prompt             bool   // it answers our acknowledgement, and came within minutes of it
	Returned           bool   // it came to the signed envelope address of a mail of ours
	Recent             int    // messages of this sender in the last hour, this one not counted
	Stopped            bool   // the sender has opted out
	Excepted           bool   // a person has let such messages in: that a machine wrote parks them no more
	Blocked            bool   // a person has blocked the sender: whatever he writes is parked
	// Matter tells whether a text names a matter of the desk. It is asked only where words decide; nil knows none.
	Matter   func(text string) bool
	Opinions []Opinion // what scanners said before the decision

	// How it came, where that is not straight from its sender: what the carrier's envelope and fields say is about the carrier.
	Form      bool // a web site wrote it for a visitor
	NamedForm bool // and the operator has named that sender
	OwnList   bool // a list that is one of our own addresses handed it on
	Forwarded bool // another mailbox handed it on
}

// Finding is the verdict on one message.
type Finding struct {
	Kind     Kind
	Park     string // parking cause; empty to go on
	Suppress string // reason for which no ticket is needed; empty to go on
	Withhold string // the cause that speaks against an acknowledgement; empty when nothing does
	// OptOut is "stop", "start" or "help" where the customer or the provider said so.
	OptOut  string
	Reasons []string // for the trace, in plain English, without addresses or text
}

// Check screens one message.
// It is pure and looks at lookAt bytes of the text at most. The findings do not exclude each other: a parked message has a kind, and a reason
// to withhold. Whoever calls decides what wins (pipeline's screenSender).
func Check(m message.Message, f Facts, s Settings) Finding {
	c := check{m: m, f: f, s: s, text: message.Lower(clip(strings.TrimSpace(f.Text), lookAt)), subject: fold(m.Subject)}
	if c.text == "" {
		c.text = message.Lower(clip(strings.TrimSpace(m.Text), lookAt))
	}
	c.headers = headersOf(m.Headers)
	c.kind()
	c.optOut()
	c.suppress()
	c.park()
	c.withhold()
	return c.Finding
}

// check is one message being screened.
type check struct {
	Finding
	m       message.Message
	f       Facts
	s       Settings
	text    string // the beginning of the text, lower-case
	subject string // lower-case, white space folded
	headers headers
	whole   string // the beginning of the text with all that it quotes, lower-case; see raw
	judged  bool   // words is known
	server  bool   // a server's notice that is none of ours
	words   noticed
	unclear bool // the word that stops deliveries may have been meant otherwise
}

// lookAt is how much of a text is looked at, in bytes.
// Programs say what they are at the beginning.
const lookAt = 4096

// mail reports whether the rules of mail apply. Other channels have no headers.
func (c *check) mail() bool { return c.m.Traits.Mail }

// carried reports whether the envelope is that of somebody who handed the message on or wrote it down.
func (c *check) carried() bool { return c.f.Form || c.f.OwnList || c.f.Forwarded }

// because adds a reason to the trace.
func (c *check) because(reason string) { c.Reasons = append(c.Reasons, reason) }

// suppress names messages that are understood and need no ticket.
func (c *check) suppress() {
	switch {
	case c.Kind == Echo && c.m.OwnPost:
		c.Suppress = SuppressOwnPost
	case c.Kind == Echo:
		c.Suppress = SuppressEcho
	case c.Kind == DSN && c.f.KnownBounce:
		c.Suppress = SuppressBounce
		c.because("the report names a mail that we have sent")
	case c.Kind == MDN:
		c.Suppress = SuppressReceipt
	case c.Kind == Reaction && !c.f.TicketReference:
		c.Suppress = SuppressReaction
	case c.OptOut == "stop" && !c.unclear:
		c.Suppress = SuppressOptOut
	case c.OptOut == "start" && c.m.Traits.Carrier: // the provider says so to the customer; in a chat nobody does
		c.Suppress = SuppressOptIn
	case c.OptOut == "help":
		c.Suppress = SuppressHelp
	}
}

// park names messages that a person must look at first, the gravest cause first.
// Malware comes before everything else, suppressed or not: nobody may come upon the file by chance.
func (c *check) park() {
	if c.Kind == Echo {
		return
	}
	if c.m.Envelope.Malware != "" || Malware(c.f.Opinions) != "" {
		c.setAside(causes.Malware, "a scanner has found malware")
		return
	}
	if c.Suppress != "" {
		return
	}
	switch {
	case c.looped():
		c.setAside(causes.Loop, "the message carries the loop mark of our own mail")
	case c.Kind == Own:
		c.setAside(causes.FromOwnAddress, "the sender is one of our own addresses")
	case c.blocked():
		c.setAside(causes.BlockedSender, "the sender is blocked")
	case c.f.Blocked:
		c.setAside(causes.BlockedSender, "a person at the desk has blocked the sender")
	case c.spam():
		c.setAside(causes.Spam, "the spam score reaches the threshold, or a spam filter would refuse it")
	case c.f.Excepted && (c.server || c.Kind == DSN || c.Kind == ARF || c.Kind == Auto):
		c.because("a person has let in what comes from this sender, or under this subject")
	case c.Kind == DSN:
		c.setAside(causes.Backscatter, cmp.Or(c.f.Misfit, "the report names no mail that we have sent"))
	case c.server:
		c.setAside(causes.ServerNotice, "it is no mail of a person, and names no ticket's matter")
	case c.Kind == ARF:
		c.setAside(causes.Automated, "an abuse report is for the operators")
	case c.Kind == Auto && !c.f.TicketReference:
		c.setAside(causes.Automated, "a machine's message without reference to a ticket")
	case c.s.FloodPerHour > 0 && c.f.Recent >= c.s.FloodPerHour:
		c.setAside(causes.SenderFlood, "the sender has reached the limit of messages an hour")
	}
}

// setAside parks the message, with the reason for the trace.
func (c *check) setAside(cause, reason string) {
	c.Park = cause
	c.because(reason)
}

// looped reports whether our own mail has come back; a bounce of it has the mark, too, and is none.
func (c *check) looped() bool {
	return c.Kind != DSN && c.s.LoopID != "" && c.headers.contains("x-loop", strings.ToLower(c.s.LoopID))
}

// spam asks the score that came with the mail and the filters that were asked.
func (c *check) spam() bool {
	score := c.m.Envelope.SpamScore
	return c.s.SpamThreshold > 0 && (score != nil && *score >= c.s.SpamThreshold || c.heardSpam())
}

// blocked reports whether the sender or the envelope sender is on the list.
func (c *check) blocked() bool {
	if len(c.s.Blocked) == 0 {
		return false
	}
	from, mailFrom := addr(c.m.From.Value), addr(c.m.Envelope.MailFrom)
	for _, b := range c.s.Blocked {
		if b = strings.ToLower(strings.TrimSpace(b)); matches(b, from) || matches(b, mailFrom) {
			return true
		}
	}
	return false
}

// matches reports whether a list entry names an address: exactly, or by its domain ("example.com",
// "@example.com").
func matches(entry, address string) bool {
	if entry == "" || address == "" {
		return false
	}
	if entry == address {
		return true
	}
	domain := strings.TrimPrefix(entry, "@")
	if strings.Contains(domain, "@") || !strings.Contains(domain, ".") {
		return false
	}
	_, have, ok := strings.Cut(address, "@")
	return ok && (have == domain || strings.HasSuffix(have, "."+domain))
}
