package pipeline

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/promises"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/normalize/tidy"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/recipients"
	"frontdesk/pipeline/tact"
	"frontdesk/pipeline/thread"
)

// AckPayload is what a row of the outbox needs to know to render an acknowledgement when it is
// handed over. It holds redacted text only.
type AckPayload struct {
	// Language (BCP 47) and Category choose the text. Subject is redacted; without one the text's own heading is used.
	Language string `json:"language"`
	Category string `json:"category"`
	Subject  string `json:"subject,omitempty"`
	Thread   string `json:"thread,omitempty"`
	// InReplyTo and References are Message-IDs without brackets, for mail only; Thread is the channel's own conversation.
	InReplyTo  string   `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
	// Missing are the questions for facts that are missing, in the customer's language; FAQ are at most maxAnswers.
	// Name is the customer's, for the salutation; empty where the address may be a third person's (Bare).
	Missing []string `json:"missing,omitempty"`
	FAQ     []FAQ    `json:"faq,omitempty"`
	Name    string   `json:"name,omitempty"`
	// Greeting says that the ticket holds nothing but a greeting: it is answered as one.
	Greeting bool `json:"greeting,omitempty"`
	// Unproven says that it goes to an address that nobody has proven: it holds no words of the sender's,
	// and a digest names its tickets by their numbers alone.
	Unproven bool `json:"unproven,omitempty"`
	// Tone chooses a paragraph by what the message tells beside its matter: one of tact's tones; empty for none.
	Tone string `json:"tone,omitempty"`
	// Tried lists the addresses of earlier rows for the same ticket that could not be reached.
	Tried []message.Identity `json:"tried,omitempty"`
}

// FAQ is one ready answer as it lies in an outbox row.
type FAQ struct {
	// Both are the desk's own words. The short keys are part of what lies in the database.
	Question string `json:"q"`
	Answer   string `json:"a"`
}

// MediaPayload names the files of a message that the provider keeps for us.
// Refs are those of message.Attachment: a provider's URL or file id, without any secret.
type MediaPayload struct {
	Refs []string `json:"refs"`
}

// finish turns the findings into the rows to be committed. A stage that ended the line early has
// set the state already.
// A message that a stage has parked, suppressed or folded has its row and nothing else. One that continues a ticket gets no
// acknowledgement: the ticket had its own when it was opened.
func finish(c *Case) {
	c.Plan.Row = row(c)
	if c.Plan.Erased {
		forget(c)
		return
	}
	if c.Plan.Side != nil {
		c.Plan.Row.Reading = letter(c)
	}
	if c.Plan.State != "" {
		return
	}
	c.Plan.Row.Reading = letter(c)
	if c.Thread.Ticket != 0 {
		c.Plan.State = messages.Appended
		c.Plan.Ticket = continued(c)
		if c.settles() {
			c.Plan.Ticket.Settle, c.Plan.Promises = settled(c), promised(c)
		}
		c.Plan.Turn = turn(c)
	} else {
		c.Plan.State = messages.Ticketed
		c.Plan.Ticket = opened(c)
		c.Plan.Promises = promised(c)
		c.Plan.Effects = acknowledged(c)
		c.Plan.Counts = counts(c)
	}
	c.Plan.Effects = append(c.Plan.Effects, media(c)...)
	if c.inbox().Mark {
		c.Plan.Effects = append(c.Plan.Effects, effects.Plan{Kind: effects.KindMark, Inbox: c.Message.Inbox, Channel: c.Message.Channel, Due: c.Now,
			Payload: encode(map[string]string{"key": c.Message.Key})})
	}
}

// forget leaves of a message what the books need: that it came, and what became of it.
func forget(c *Case) {
	c.Plan.Row = MessageRow{Kind: c.Plan.Row.Kind, Language: c.Language, Category: c.Class.Category}
	c.Plan.Evidence, c.Plan.DropOriginal = "", true
	c.Plan.Trace = c.Plan.Trace[max(0, len(c.Plan.Trace)-1):]
}

// row gathers what of the message is kept readable. Everything in it is redacted already.
func row(c *Case) MessageRow {
	mine, sketch := "", c.Asks.Sketch
	if c.machine() || c.history() {
		sketch = nil // nobody says it now
	}
	if c.Known.Borne {
		mine = dedupe.Mine(c.Keys.Reference, c.Asks.Writer(), c.Settings.Digest)
	}
	return MessageRow{Mine: mine, Formatted: c.Message.HTML != "" && len(c.Plan.Row.Redacted) == 0 && !c.Plan.DropOriginal,
		Kind: c.Plan.Row.Kind, From: c.Message.From, Proven: c.Message.Proven, SentAt: c.Message.SentAt, Subject: c.Subject, Visible: c.Text.Visible, Quoted: hidden(c.Text),
		Language: c.Language, Category: c.Class.Category, Thread: c.Asks.Thread, Content: c.Keys.Content,
		Fingerprint: c.Keys.Fingerprint, Reference: c.Keys.Reference, Version: c.Keys.Version, Seen: c.Keys.Seen, Sketch: sketch, Attachments: c.Message.Attachments, Fields: beside(c.Message), Redacted: c.Plan.Row.Redacted,
	}
}

// beside is what people see beside the text: what the sender gave, and what the provider adds, of which nothing takes the name
// of what he gave.
func beside(m message.Message) map[string]string {
	if len(m.About) == 0 {
		return m.Fields
	}
	out := maps.Clone(m.About)
	maps.Copy(out, m.Fields)
	return out
}

// hidden is the text that is one click away: the quoted history and the signature.
func hidden(t normalize.Text) string {
	if t.Signature == "" {
		return t.Quoted
	}
	return t.Signature + "\n\n" + t.Quoted
}

// status is that of a ticket that is opened: history was answered in its own time, so an import opens closed ones,
// unless whoever imports says otherwise, or a person has let the message out of the parked ones.
func status(k *Known) tickets.State {
	if k.Imported && !k.KeptOpen && !k.Released {
		return tickets.Closed
	}
	return tickets.Open
}

// opened is the new ticket: what it is and who takes part. Its deadlines and its acknowledgement are other parts of the plan.
func opened(c *Case) tickets.Plan {
	return tickets.Plan{New: true, At: c.Message.At, Channel: c.Message.Channel, Display: display(c), Open: tickets.Ticket{
		Inbox: c.Message.Inbox, Queue: c.Queue.Queue, Category: c.Class.Category, Priority: string(c.Priority.Level),
		Status: status(&c.Known), Subject: c.Base, Language: c.Language, Channels: []string{c.Message.Channel},
		Numbers:      c.Numbers,
		Participants: people(c), Messages: 1, OpenedAt: c.Message.At, LastAt: c.Message.At, Follows: c.Thread.Follows, History: c.history(),
		Claimed: !c.Who.Verified, Blank: blankUntil(c), Guesses: guessed(c),
	}}
}

// guessed are the categories that the message may be about where nobody is sure of it, as tickets.Ticket.Guesses has them. A greeting is about nothing yet.
func guessed(c *Case) string {
	if !c.Class.Unsure || c.Nothing {
		return ""
	}
	var names []string
	for _, t := range c.Class.Top {
		if t.Category != "" {
			names = append(names, t.Category)
		}
	}
	return cmp.Or(strings.Join(names, ","), c.Class.Category)
}

// sure is what a message that continues a ticket says for sure of what that is about, where it was a guess. That it is none of the desk's categories says
// nothing of the ticket: most thanks are that.
func sure(c *Case, t tickets.Ticket) *tickets.SurePlan {
	if t.Guesses == "" || t.MergedInto != 0 || c.settles() || c.Nothing || c.machine() || c.history() || c.Class.Unsure || c.Class.Category == classify.Other {
		return nil
	}
	return &tickets.SurePlan{Queue: c.Settings.Desk[c.Class.Category].Queue, Category: c.Class.Category}
}

// blankUntil is until when the next message decides where a ticket belongs that a greeting opens; zero for any other.
func blankUntil(c *Case) time.Time {
	if !c.blank() || c.history() {
		return time.Time{}
	}
	until := c.Message.At.AddDate(1, 0, 0) // the windows of a conversation are far shorter
	for _, p := range c.Promises {
		if p.Kind != promise.Acknowledgement && p.Due.Before(until) {
			until = p.Due
		}
	}
	return until
}

// settled is what the message makes of a ticket that a greeting has opened. The ticket is called by the words of its
// owner alone, which are erased with him.
func settled(c *Case) *tickets.SettlePlan {
	out := &tickets.SettlePlan{Queue: c.Queue.Queue, Category: c.Class.Category, Priority: string(c.Priority.Level), Language: c.Language, Guesses: guessed(c),
		Ack: encode(payload(c)), To: c.Asks.Recipient}
	if current, _ := c.ticket(c.Thread.Ticket); c.owns(current, c.Plan.Ticket.Adopt) {
		out.Display = display(c)
	}
	return out
}

// continued is what the message adds to a ticket. A claimed ticket is taken over by whoever proves to own the address that opened it.
// The priority only ever rises here; a person may lower it.
func continued(c *Case) tickets.Plan {
	p := tickets.Plan{ID: c.Thread.Ticket, Version: c.Thread.Version, Reopen: c.Thread.Reopen, At: c.Message.At,
		Channel: c.Message.Channel, Numbers: c.Numbers, Machine: c.machine()}
	if c.Thread.How.Folds() {
		p.Because = string(c.Thread.How)
	}
	current, ok := c.ticket(p.ID)
	p.Root, p.RootVersion = current.MergedInto, current.RootVersion
	p.Sure = sure(c, current)
	p.Adopt = ok && current.Claimed && c.Who.Verified && current.OpenedBy(c.Message.From.Identity())
	if ok && c.owns(current, p.Adopt) {
		p.People = people(c)
	}
	if ok && !c.settles() && higher(c.Priority.Level, prioritize.Level(current.Priority)) {
		p.Priority = string(c.Priority.Level)
	}
	return p
}

// higher orders the levels of priority.
func higher(a, b prioritize.Level) bool {
	order := []prioritize.Level{prioritize.Low, prioritize.Normal, prioritize.High, prioritize.Urgent}
	return slices.Index(order, a) > slices.Index(order, b)
}

// ticket finds a ticket among those that were cut out for this message.
func (c *Case) ticket(id int64) (tickets.Ticket, bool) {
	for _, n := range c.Known.Named {
		if n.Ticket.ID == id {
			return n.Ticket, true
		}
	}
	for _, t := range c.Known.Recent {
		if t.ID == id {
			return t, true
		}
	}
	for _, a := range c.Known.Again {
		if a.Ticket.ID == id {
			return a.Ticket, true
		}
	}
	return tickets.Ticket{}, false
}

// owns reports whether the message is the ticket's owner's: whom he names takes part.
func (c *Case) owns(t tickets.Ticket, adopts bool) bool {
	if c.Who.Verified {
		return adopts || !t.Claimed && c.Who.Contact != 0 && c.Who.Contact == t.Contact
	}
	return t.Claimed && t.OpenedBy(c.Message.From.Identity())
}

// people are those who may continue the ticket: its sender, the address that our acknowledgement goes to, those where it
// goes on if that one fails, and whom the sender wrote to beside us. A stranger cannot put himself there.
func people(c *Case) []message.Identity {
	var out []message.Identity
	add := func(a message.Address) {
		if id := a.Identity(); !id.IsZero() && !slices.Contains(out, id) && len(out) < 20 && !c.ours(id) {
			out = append(out, id)
		}
	}
	if c.Message.From.IsZero() {
		return nil // the first of a ticket's participants is who opened it
	}
	add(c.Message.From)
	if c.Ack.Owed && (c.Ack.Cause == "" || c.Ack.Digest || slices.Contains(causes.Held(), c.Ack.Cause)) {
		add(c.Ack.To)
	}
	for _, a := range slices.Concat(c.Message.Also, c.Message.Cc, c.Message.To) {
		add(a)
	}
	return out
}

// ours reports whether an address reaches this desk, with or without a plus-part.
func (c *Case) ours(id message.Identity) bool {
	for _, in := range c.Settings.Inboxes {
		if in.Address == id.Value {
			return true
		}
	}
	return c.Settings.Screen.Ours(id.Value)
}

// Ours reports whether an address reaches this desk: an inbox's, one of those that screen knows, with or without a plus-part, or one that we
// have signed, for people's answers or for mail that comes back.
func (s *Settings) Ours(id message.Identity) bool {
	for _, in := range s.Inboxes {
		if in.Address != "" && in.Address == id.Value {
			return true
		}
	}
	if id.Kind != message.Email {
		return false
	}
	if s.BounceKey != nil {
		if _, ok := s.BounceKey(id.Value); ok {
			return true
		}
	}
	if _, aside := thread.ParseSideAddress(s.MAC, id.Value); aside {
		return true
	}
	_, signed := thread.ParseReplyAddress(s.MAC, id.Value)
	return signed || s.Screen.Ours(id.Value)
}

// display is what people see as the ticket's subject: without one, the beginning of what was said, without its salutation.
func display(c *Case) string {
	if c.Subject != "" && (c.Nothing || !normalize.SaysNothing(c.Base)) {
		return tidy.Short(c.Subject, 200)
	}
	said := strings.Join(strings.Fields(c.Core), " ")
	if said == "" {
		said = strings.Join(strings.Fields(beginning(c.Text.Visible, coreBytes)), " ")
	}
	return tidy.Short(said, 80)
}

// promised turns the deadlines into rows. The acknowledgement's is void from the beginning where none will go out, with the same cause;
// where a digest will list the ticket, the digest keeps it.
func promised(c *Case) []promises.Plan {
	var out []promises.Plan
	if n := len(c.Promises); n > 0 {
		out = make([]promises.Plan, 0, n)
	}
	for _, p := range c.Promises {
		plan := promises.Plan{Kind: string(p.Kind), Due: p.Due, Half: p.Half, Warn: p.Warn, Step: p.Step, Calendar: p.Calendar}
		if c.settles() && p.Kind == promise.Acknowledgement {
			continue // the greeting's counts from the greeting
		}
		if p.Kind == promise.Acknowledgement && c.Ack.Cause != "" && !c.Ack.Digest {
			plan.Void = c.Ack.Cause
		}
		out = append(out, plan)
	}
	if len(out) == 0 && !c.settles() && c.Ack.Owed && c.Ack.Cause != "" {
		out = append(out, promises.Plan{Kind: string(promise.Acknowledgement), Due: c.Message.At.Add(promise.DefaultAcknowledgement), Void: c.Ack.Cause})
	}
	return out
}

// turn is the deadline of the answer to a message that continues a ticket, by what the ticket is about.
func turn(c *Case) *promises.Plan {
	t, known := c.ticket(c.Thread.Ticket)
	if !known || c.machine() || c.history() || c.settles() {
		return nil
	}
	about := match.Case{Channel: c.Message.Channel, Inbox: c.Message.Inbox, Queue: t.Queue, Category: t.Category, Priority: cmp.Or(c.Plan.Ticket.Priority, t.Priority), Language: t.Language, Group: c.group()}
	p, ok := promise.Next(c.Settings.Promise, promise.Facts{Case: about}, c.Message.At, c.Now)
	if !ok {
		return nil
	}
	return &promises.Plan{Kind: string(p.Kind), Due: p.Due, Half: p.Half, Warn: p.Warn, Step: p.Step, Calendar: p.Calendar}
}

// acknowledged makes the acknowledgement's row, sent or withheld, and where a cap withholds it the
// row of the digest that will list it.
func acknowledged(c *Case) []effects.Plan {
	if !c.Ack.Owed {
		return nil
	}
	by := c.answering(c.Ack.To)
	ack := effects.Plan{Kind: effects.KindAcknowledgement, Inbox: by.Name, Channel: by.Channel, To: c.Ack.To, Due: c.Now, Unproven: !c.Asks.Trusted,
		Cause: c.Ack.Cause, Print: c.Keys.Fingerprint, Payload: encode(payload(c))}
	if !c.Ack.Digest {
		return []effects.Plan{ack}
	}
	plan := acknowledge.PlanDigest(c.Message.At, c.Now, c.Known.Sent)
	digest := effects.Plan{Kind: effects.KindDigest, Inbox: by.Name, Channel: by.Channel, To: c.Ack.To, Due: plan.Due, Part: plan.Part, Unproven: !c.Asks.Trusted,
		Key: acknowledge.DigestKey(c.digestTo(), plan)}
	words := AckPayload{Language: c.Language, Name: c.Message.From.Name}
	if !c.Asks.Trusted {
		words = words.Bare()
	}
	digest.Payload = encode(words)
	return []effects.Plan{ack, digest}
}

// counts is what the acknowledgement uses up of the whole desk's allowances. Seen and Room let the commit notice that others have used
// them up meanwhile.
func counts(c *Case) []CountPlan {
	var out []CountPlan
	for _, n := range c.Counts {
		out = append(out, CountPlan{Scope: n.Scope, At: c.Now, N: n.N, Room: n.Room, Seen: c.Known.Scopes[n.Scope].Before})
	}
	return out
}

// digestTo names a recipient within a key without showing his address: 64 bits of a keyed digest are enough among the digests of one day.
func (c *Case) digestTo() string {
	to := acknowledge.DigestTo(c.Ack.To.Identity(), c.Asks.Trusted)
	return c.Settings.Digest([]byte("digest to"), []byte(to.Kind), []byte(to.Value))[:16]
}

// answering is the inbox that writes to an address: the message's own where it can, else the one
// that is configured for that kind of address.
func (c *Case) answering(to message.Address) Inbox {
	own := c.inbox()
	if own.Address != "" && c.Settings.Channels[own.Channel].Address == to.Kind {
		return own
	}
	if name, ok := c.Settings.Answering[to.Kind]; ok {
		return c.Settings.Inboxes[name]
	}
	return own
}

// payload is what the text will be made of, later and perhaps by a newer program; so it holds facts and no finished words.
func payload(c *Case) AckPayload {
	p := AckPayload{Language: c.Language, Category: c.told(), Subject: c.Subject, Thread: c.Message.Thread,
		Missing: c.Answers.Missing, FAQ: c.Answers.FAQ, Name: c.Message.From.Name, Greeting: c.blank(), Tone: string(c.tone())}
	if c.Message.Traits.Mail {
		for _, id := range c.readable(c.Message.MessageID) {
			p.InReplyTo = id
		}
		p.References = c.readable(c.Message.References[max(0, len(c.Message.References)-maxReferences):]...)
	}
	if !c.Asks.Trusted {
		return p.Bare()
	}
	return p
}

// These categories' paragraphs meet a tone: an apology beside a legal threat reads as an admission, and beside danger to life nothing is said but what guards
// against more of it.
const (
	complaintCategory = "complaint"
	securityCategory  = "security-fraud"
)

// told is the category as the customer's text may take it for granted: none of its own where it is a guess.
func (c *Case) told() string {
	tone := c.tone()
	switch {
	case c.Class.Unsure, tone == tact.Sober && c.Class.Category == complaintCategory, tone == tact.ForDanger && c.Class.Category != securityCategory:
		return classify.Other
	}
	return c.Class.Category
}

// Bare is the payload without anything that its sender has chosen, for an address that may be a third
// person's: no subject, no name, no conversation of the channel's, and of the references only the
// Message-ID that is answered, if a program made it. Missing facts and answers are the desk's own words.
func (p AckPayload) Bare() AckPayload {
	p.Subject, p.Name, p.Thread, p.References, p.Unproven = "", "", "", nil, true
	p.InReplyTo = acknowledge.PlainID(p.InReplyTo)
	if p.Tone != string(tact.ForDanger) && p.Tone != string(tact.Sober) { // a third person is told of nobody's circumstances; these two speak of none
		p.Tone = ""
	}
	return p
}

// readable leaves out the Message-IDs in which something would have to be masked: a row of the outbox
// is no place for it, and an acknowledgement without them is still found by its subject.
func (c *Case) readable(ids ...string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, found := c.Settings.Mask.Text(id)
		return len(found) > 0
	})
}

// letter is what an answer to a mail stands on; empty where the rules of mail do not hold. As in an acknowledgement, nothing stands in it that
// would have to be masked; and an answer repeats to others what a stranger has put into a Message-ID only where a program makes such.
func letter(c *Case) recipients.Reading {
	if !c.Message.Traits.Mail {
		return recipients.Reading{}
	}
	r := recipients.Read(c.Message, func(text string) bool { return len(c.readable(text)) > 0 })
	if !c.Message.Proven {
		r.MessageID = acknowledge.PlainID(r.MessageID)
		r.References = slices.DeleteFunc(r.References, func(id string) bool { return acknowledge.PlainID(id) == "" })
	}
	return r
}

// media fetches what the provider keeps for us, before it expires there.
func media(c *Case) []effects.Plan {
	var p MediaPayload
	for _, a := range c.Message.Attachments {
		if a.Ref != "" {
			p.Refs = append(p.Refs, a.Ref)
		}
	}
	if len(p.Refs) == 0 {
		return nil
	}
	return []effects.Plan{{Kind: effects.KindMedia, Inbox: c.Message.Inbox, Channel: c.Message.Channel, Due: c.Now, Payload: encode(p)}}
}

// encode cannot fail: the payloads are plain structs of strings.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
