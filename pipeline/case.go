// Package pipeline decides what becomes of a message. Read finds out what the message itself says
// and which facts it needs; Decide takes those facts, in the order of stages.go, to a Plan. Both are
// pure: no clock, no network, no database, no logger. So a decision can be replayed, explained
// and compared.
package pipeline

import (
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/answer/fit"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/dedupe/copies"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/redact"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/tact"
	"frontdesk/pipeline/thread"
)

// Inbox is what the line knows of a configured account.
type Inbox struct {
	// Name is the configured account. Channel is the name of its channel, a key of Settings.Channels.
	Name     string
	Channel  string
	Address  string // its own address: what customers write to
	Language string // for customers whose language cannot be told
	Queue    string // of tickets that no rule and no category claims
	Silent   bool   // acknowledgements are switched off
	Mark     bool   // a post-action on the source is wanted

	// ReplyToFrom are senders that write for others, who are in Reply-To: addresses, and "@domain" for all of a domain.
	ReplyToFrom []string

	ClaimedSMS bool // a number that somebody typed here gets a text before he has shown that it is his
}

// Settings is the configuration a case is decided with. It is read-only and shared.
// A new one is made at each change of the configuration; cases that are under way keep theirs.
type Settings struct {
	// Digest and MAC are keyed with the installation's keys: the first is for what is kept, the second for what customers carry.
	Version   string // digest of the configuration, kept with each decision
	Digest    dedupe.Digest
	Copies    *copies.Maker // draws what messages are known again by; nil: none is
	MAC       thread.MAC
	BounceKey func(address string) (key string, ok bool) // reads our signed envelope addresses; may be nil
	Channels  map[string]message.Traits                  // by the channel's name
	Inboxes   map[string]Inbox
	Answering map[message.AddressKind]string // inbox that answers addresses of that kind, where the message's own cannot
	Domains   []string                       // our own, lower-case, with all below them; none of a mailbox provider's
	Languages []string                       // languages that texts exist in; the first is the default
	BodyLimit int                            // bytes of text kept readable

	// What follows is one stage's policy each, checked and made ready when the configuration was read, so that no stage can fail for it.
	Mask       *redact.Masker // nil knows the built-in order numbers alone
	Screen     screen.Settings
	Windows    thread.Windows
	Caps       acknowledge.Caps
	SMS        acknowledge.SMS
	Classifier classify.Model
	Words      classify.Model // what tells whether words name a matter at all: the rules, since a learned model always has a guess; nil: Classifier
	Prioritize *prioritize.Prioritizer
	Signs      *tact.Reader // of danger, need, threats and waiting; nil: none is read
	Tones      bool         // acknowledgements have a tone by those signs
	Route      route.Policy
	Promise    promise.Policy
	Groups     match.Groups // of contacts
	Finder     *answer.Finder
	Answers    *fit.Book           // ready answers; nil: none
	Desk       map[string]Category // by key
}

// Case is one message on its way along the line, with one field for each stage's finding.
// It is a plain value of some kilobytes and stays off the heap (work says why); stages get a pointer to it. A field is zero until its
// stage has run, and stays so when the line ended before.
type Case struct {
	// Message is as the decoder made it, then changed by three stages: author sets From and Proven, redact masks names and fields, and scan
	// takes the bytes out of infected files.
	Message  message.Message
	Known    Known
	Now      time.Time
	Settings *Settings

	// These are found by Read, from the message alone.
	Author   identify.Author // who wrote it, behind what carried it; Message.From and Message.Proven are his
	Text     normalize.Text  // redacted
	Subject  string          // redacted, as shown
	Base     string          // redacted base subject, for comparison
	IsReply  bool
	Core     string   // redacted words without salutation and closing; the beginning of a long text
	Numbers  []string // order numbers and the like that it names
	Language string
	Untold   bool // Language is a hint or a guess: the words do not tell it
	Nothing  bool // neither its text nor its fields say what it is about: see normalize.SaysNothing
	Redacted []redact.Finding
	codes    []string            // that the sender may have been sent, before they are masked; they go into no plan, trace or fact
	sums     []prioritize.Amount // that it names; nil until somebody has asked
	Keys     dedupe.Keys
	Asks     Asks
	// Recipient is where an acknowledgement would go; zero for nowhere.
	Recipient message.Address

	// What follows are the findings of the stages, in the order of stages.go.
	Class    classify.Finding
	Screen   screen.Finding
	Copy     dedupe.Finding
	Who      identify.Finding
	Thread   thread.Finding
	Signs    []tact.Heard
	Priority prioritize.Decision
	Queue    route.Decision
	Promises []promise.Promise
	Answers  Answers
	Ack      acknowledge.Finding
	Counts   []acknowledge.Count // of what the acknowledgement uses up

	Plan Plan
}

// Category is what the desk does about one kind of request.
type Category struct {
	// Queue is empty where the category claims none. A language without facts has no key.
	Queue string
	Facts map[string]*answer.Checklist // by language
}

// Answers is the answer stage's finding.
type Answers struct {
	// Both are in the customer's language. They are looked for only where an acknowledgement may carry them.
	FAQ     []FAQ    // at most three
	Missing []string // how each missing fact is asked for
}

// note adds the stage's line to the trace.
func (c *Case) note(s stage, found, why string) {
	c.Plan.Trace = append(c.Plan.Trace, Line{Stage: string(s), Found: found, Why: why})
}

// park ends the case with a parking cause.
// evidence is masked, since it may quote a name or a header; it is kept for the person who looks at the parked message.
func (c *Case) park(cause, evidence string) {
	if c.Settings != nil {
		evidence, _ = c.Settings.Mask.Text(evidence)
	}
	c.Plan.State, c.Plan.Cause, c.Plan.Evidence = messages.Parked, cause, evidence
}

// inbox is the account that the message came by; a name that is not configured any more is an
// account without an address.
func (c *Case) inbox() Inbox {
	in, ok := c.Settings.Inboxes[c.Message.Inbox]
	if !ok {
		return Inbox{Name: c.Message.Inbox, Channel: c.Message.Channel}
	}
	return in
}

// Read finds out all that the message alone tells, and what must be asked of the database.
// The result may be decided more than once, with newer facts, after a conflict at the commit. Many cases may be read at the same
// time with the same Settings. m's lists are not changed in place.
func Read(m message.Message, s *Settings, now time.Time) Case {
	return ReadHeard(m, nil, s, now)
}

// ReadHeard is Read of a message about which others were asked before: its sender is who he is known to be now, and a second opinion of its category
// counts. Decide is given the same opinions.
func ReadHeard(m message.Message, heard []screen.Opinion, s *Settings, now time.Time) Case {
	m = screen.Resolve(m, heard)
	m.Traits = s.Channels[m.Channel]
	c := Case{Message: m, Settings: s, Now: now, Known: Known{Opinions: heard}, Plan: Plan{Message: m.ID, Trace: make([]Line, 0, len(reading))}}
	walk(&c, reading[:])
	return c
}

// Decide takes a read case and what is known to a plan.
// c is not changed: the result is another Case. It is as pure as Read, and replay relies on that: the same case, facts and settings give
// the same plan.
func Decide(c Case, known Known) Case {
	c.Known = known
	c.Plan.Trace = append(make([]Line, 0, len(c.Plan.Trace)+len(deciding)), c.Plan.Trace...) // a repeated decision starts from the same reading
	walk(&c, deciding[:])
	finish(&c)
	return c
}
