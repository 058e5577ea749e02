// Package pipeline decides what becomes of a message. Read finds out what the message itself says
// and which facts it needs; Decide takes those facts, in the order of stages.go, to a Plan. Both are
// pure: no clock, no network, no database, no logger. So a decision can be replayed, explained
// and compared.
package pipeline

import (
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/redact"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

// Inbox is what the line knows of a configured account.
type Inbox struct {
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
type Settings struct {
	Version   string // digest of the configuration, kept with each decision
	Digest    dedupe.Digest
	MAC       thread.MAC
	BounceKey func(address string) (key string, ok bool) // reads our signed envelope addresses; may be nil
	Channels  map[string]message.Traits                  // by the channel's name
	Inboxes   map[string]Inbox
	Answering map[message.AddressKind]string // inbox that answers addresses of that kind, where the message's own cannot
	Domains   []string                       // our own, lower-case, with all below them; none of a mailbox provider's
	Languages []string                       // languages that texts exist in; the first is the default
	BodyLimit int                            // bytes of text kept readable

	Mask       *redact.Masker // nil knows the built-in order numbers alone
	Screen     screen.Settings
	Windows    thread.Windows
	Caps       acknowledge.Caps
	SMS        acknowledge.SMS
	Classifier classify.Model
	Prioritize *prioritize.Prioritizer
	Route      route.Policy
	Promise    promise.Policy
	Finder     *answer.Finder
	Desk       map[string]Category // by key
}

// Case is one message on its way along the line, with one field for each stage's finding.
type Case struct {
	Message  message.Message
	Known    Known
	Now      time.Time
	Settings *Settings

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
	Keys     dedupe.Keys
	Asks     Asks
	// Recipient is where an acknowledgement would go; zero for nowhere.
	Recipient message.Address

	Class    classify.Finding
	Screen   screen.Finding
	Copy     dedupe.Finding
	Who      identify.Finding
	Thread   thread.Finding
	Priority prioritize.Decision
	Queue    route.Decision
	Promises []promise.Promise
	Answers  answers
	Ack      acknowledge.Finding
	Counts   []acknowledge.Count // of what the acknowledgement uses up

	Plan Plan
}

// Category is what the desk does about one kind of request.
type Category struct {
	Queue string
	FAQ   map[string]*answer.Shelf     // by language
	Facts map[string]*answer.Checklist // by language
}

// answers is the answer stage's finding.
type answers struct {
	FAQ     []answer.FAQ // at most three
	Missing []string     // how each missing fact is asked for
}

// note adds the stage's line to the trace.
func (c *Case) note(s stage, found, why string) {
	c.Plan.Trace = append(c.Plan.Trace, Line{Stage: string(s), Found: found, Why: why})
}

// park ends the case with a parking cause.
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
func Read(m message.Message, s *Settings, now time.Time) Case {
	m.Traits = s.Channels[m.Channel]
	c := Case{Message: m, Settings: s, Now: now, Plan: Plan{Message: m.ID, Trace: make([]Line, 0, len(reading))}}
	walk(&c, reading[:])
	return c
}

// Decide takes a read case and what is known to a plan.
func Decide(c Case, known Known) Case {
	c.Known = known
	c.Plan.Trace = append(make([]Line, 0, len(c.Plan.Trace)+len(deciding)), c.Plan.Trace...) // a repeated decision starts from the same reading
	walk(&c, deciding[:])
	finish(&c)
	return c
}
