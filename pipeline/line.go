package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/answer/fit"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/identify"
	"frontdesk/pipeline/match"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/particulars"
	"frontdesk/pipeline/prioritize"
	"frontdesk/pipeline/promise"
	"frontdesk/pipeline/route"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/tact"
	"frontdesk/pipeline/thread"
)

// findAuthor puts the author into the place of whatever carried the message.
func findAuthor(c *Case) {
	in := c.inbox()
	c.Author = identify.WhoWrote(c.Message, identify.Desk{Ours: c.Settings.Screen.Ours, Domains: c.Settings.Domains, Forms: in.ReplyToFrom})
	c.Message.From, c.Message.Proven = c.Author.From, c.Author.Proven
}

// hearScanners writes down what spam filter and virus scanner said, or that the message went on
// without them. A file in which something was found is not kept, whoever releases the message.
func hearScanners(c *Case) {
	if len(c.Known.Opinions) == 0 {
		return
	}
	if screen.Malware(c.Known.Opinions) != "" {
		c.Message.Attachments = slices.Clone(c.Message.Attachments)
		for i := range c.Message.Attachments {
			c.Message.Attachments[i].Content = nil
		}
	}
	found, why := screen.Heard(c.Known.Opinions)
	c.note(stageScan, found, why)
}

// screenSender decides whether a person wrote, and what happens if none did. The order of its cases is one of consequences: what was
// erased stays away whatever it is; what is suppressed leaves no work; what is parked waits for a person. A message that a person
// has let out (Released) is never parked here again.
func screenSender(c *Case) (ended bool) {
	bounce, misfit := c.bounce()
	answersAck := c.answersAck()
	c.Screen = screen.Check(c.Message, screen.Facts{
		KnownBounce: c.Known.Bounced != nil && misfit == "", Misfit: misfit, TicketReference: len(c.Asks.Tokens) > 0 || c.Known.Side != nil || len(c.Known.Named) > 0, Recent: c.Known.LastHour,
		Text: c.Text.Visible, OwnAcknowledgement: answersAck, Opinions: c.Known.Opinions,
		Stopped:  c.Known.To != nil && c.Known.To.OptedOut,
		Excepted: c.Known.Excepted, Blocked: c.Known.Blocked, Prompt: answersAck && c.prompt(), Returned: c.Asks.returned(), Matter: matter(c.Settings.words(), c.Language),
		Form: c.Author.Via == identify.Form, NamedForm: c.Author.Named, OwnList: c.Author.Via == identify.List, Forwarded: c.Author.Via == identify.Forward,
	}, c.Settings.Screen)
	c.Plan.Row.Kind = string(c.Screen.Kind)
	c.note(stageScreen, string(c.Screen.Kind), strings.Join(c.Screen.Reasons, "; "))
	if c.Screen.Kind == screen.DSN {
		c.Plan.Bounce = bounce
	}
	if on := contacts.Event(c.Screen.OptOut); on == contacts.Stop || on == contacts.Start {
		c.Plan.Consent = &commands.ConsentCame{Address: contacts.Address{Identity: c.Message.From.Identity()}, On: on}
	}
	c.alive()
	switch {
	case c.Known.Forgotten:
		c.Plan.State, c.Plan.Cause, c.Plan.Erased, c.Plan.Consent = messages.Suppressed, causes.Erased, true, nil
		c.Plan.Alive = message.Identity{}
		return true
	case c.copiesErased(): // whatever it is, nothing of it comes back
		return foldCopies(c)
	case c.Screen.Suppress != "":
		c.Plan.State, c.Plan.Cause = messages.Suppressed, c.Screen.Suppress
		c.Plan.Erased = c.Known.Bounced != nil && c.Known.Bounced.Erased
		return true
	case c.Message.Exceeded != "" && !c.Known.Released:
		c.park(causes.TooLarge, "it goes beyond the limit of "+c.Message.Exceeded+"; what lies within was read")
		return true
	case c.Screen.Park != "" && !c.Known.Released:
		c.park(c.Screen.Park, strings.Join(c.Screen.Reasons, "; "))
		return true
	}
	return false
}

// promptly is how soon after a ticket was opened an answer to its acknowledgement is one that a program may have
// given.
const promptly = 5 * time.Minute

// prompt reports whether a ticket that the message names was opened minutes before.
func (c *Case) prompt() bool {
	return slices.ContainsFunc(c.Known.Named, func(n thread.Named) bool { return c.Message.At.Sub(n.Ticket.OpenedAt).Abs() <= promptly })
}

// words is what tells whether words name a matter.
func (s *Settings) words() classify.Model {
	if s.Words != nil {
		return s.Words
	}
	return s.Classifier
}

// matter returns what tells whether a text is about something that the desk has a category for.
func matter(model classify.Model, language string) func(text string) bool {
	return func(text string) bool {
		if model == nil {
			return false
		}
		found := model.Classify(classify.Input{Text: text, Language: language}).Category
		return found != "" && found != classify.Other
	}
}

// machine reports whether no person wrote it to us: it is kept with the ticket that it answers, opens none, and
// opens none again.
func (c *Case) machine() bool {
	return (c.Screen.Kind == screen.Auto || c.Screen.Kind == screen.Reaction) && !c.Known.Released && !c.Known.Excepted
}

// copiesErased reports whether the message is a copy of one that was erased with its person.
func (c *Case) copiesErased() bool {
	first := c.Known.First
	return first != nil && first.Erased && first.Message != c.Message.ID
}

// answersAck reports whether the mail answers one that we sent by ourselves, to its sender.
func (c *Case) answersAck() bool {
	for _, ref := range answered(&c.Message) {
		if ticket, ours := thread.ParseMessageID(c.Settings.MAC, ref); ours {
			if t, known := c.ticket(ticket); !known || !c.elsewhere(t) {
				return true
			}
		}
	}
	return false
}

// foldVersions makes a copy of an edit that shows nothing new.
func foldVersions(c *Case) (ended bool) {
	same, ok := dedupe.Unchanged(c.Message, c.Keys.Seen, c.Known.Version)
	if !ok {
		return false
	}
	c.Copy = same
	c.Plan.State, c.Plan.Duplicate, c.Plan.Erased = messages.Duplicate, same.Of, c.Known.Version.Erased
	c.note(stageDedupe, fmt.Sprintf("copy of message %d", same.Of), same.Reason)
	return true
}

// elsewhere reports whether what we sent about a ticket went to somebody else than the sender of this mail: of a proven
// person's ticket to that person. Who is merely on Cc there has got none of it, and whoever sent him its Message-ID must not
// keep his acknowledgement away. Where nothing proves who opened it, it may have gone to the envelope's sender.
func (c *Case) elsewhere(t tickets.Ticket) bool {
	if c.Known.Contact != nil && c.Known.Contact.ID == t.Contact {
		return false
	}
	opener := len(t.Participants) > 0 && t.Participants[0].Mailbox() == c.Message.From.Identity().Mailbox()
	return !opener && (!t.Claimed || c.Message.Proven)
}

// foldCopies ends the line for a copy: the same mail to two of our addresses, the same edit, or a mail that differs from the first one
// under its Message-ID only in what roads change. The kept message has the words; a copy only tells another queue.
func foldCopies(c *Case) (ended bool) {
	if foldVersions(c) {
		return true
	}
	if c.Screen.Withhold != "" || c.history() { // its owner would not be answered either
		c.Known.First = c.Known.First.Told()
	}
	c.Copy = dedupe.Check(c.Message, c.Known.First)
	if c.Copy.Of == 0 && c.Known.Altered != nil {
		c.Copy = dedupe.Fold(c.Message, *c.Known.Altered)
	}
	if c.Copy.Of == 0 {
		if first := c.Known.First; first != nil && (first.Vouched || first.Message != c.Message.ID) {
			c.Keys.Content = c.Asks.Vouched // the other one is taken
		}
		c.note(stageDedupe, "new", c.Copy.Reason)
		return false
	}
	c.Plan.State, c.Plan.Duplicate = messages.Duplicate, c.Copy.Of
	c.Plan.Erased = c.Known.First != nil && c.Known.First.Erased
	if c.Copy.Inform {
		queue := c.Settings.Route.Choose(c.routeFacts())
		c.Plan.Inform = queue.Queue
	}
	c.note(stageDedupe, fmt.Sprintf("copy of message %d", c.Copy.Of), c.Copy.Reason)
	return true
}

// identifySender finds the contact of a proven sender. What a contact last wrote in decides the language where the message does not tell it.
func identifySender(c *Case) {
	c.Who = identify.Sender(c.Message, c.Known.Contact)
	if known := c.Known.Contact; c.Untold && known != nil && known.Language != "" {
		c.Language = known.Language
	}
	c.Plan.Contact = contacts.Plan{ID: c.Who.Contact, New: c.Who.Contact == 0, Version: c.Who.Version,
		Name: c.Who.Name, Add: c.Who.Add}
	if !c.Untold { // a guess that was kept would be taken for his words next time
		c.Plan.Contact.Language = c.Language
	}
	why := c.Who.Reason
	if c.Author.Reason != "" {
		why += "; " + c.Author.Reason
	}
	if c.Known.Owned {
		why += "; a contact has proven to own it"
	}
	c.note(stageIdentify, contactWords(c.Who), why)
}

// contactWords is the trace's finding, for people.
func contactWords(f identify.Finding) string {
	switch {
	case f.Contact == 0 && f.Verified:
		return "new contact"
	case f.Contact == 0:
		return "unproven sender"
	}
	return fmt.Sprintf("contact %d", f.Contact)
}

// findTicket ends the line for what thread parks, and for what a machine wrote to nobody's ticket. Everything else either continues a
// ticket or opens one.
func findTicket(c *Case) (ended bool) {
	c.Thread = thread.Decide(thread.Input{
		From: c.Message.From.Identity(), Contact: c.Who.Contact, Proven: c.Who.Verified, Owned: c.Known.Owned, DMARC: c.Message.Envelope.DMARC, Foreign: foreign(&c.Message), Channel: c.Message.Channel,
		At: c.Message.At, Subject: c.Base, IsReply: c.IsReply, Category: c.Class.Category,
		Numbers: c.Numbers, Named: c.Known.Named, Recent: c.Known.Recent, Again: c.Known.Again, Unanswered: c.inbox().Silent, Alone: c.alone(), Released: c.Known.Released, Apart: c.Known.Apart, Machine: c.machine(), Blank: c.Nothing,
		Inbox: c.Message.Inbox, Since: c.Known.Since, History: c.history(),
	}, c.Settings.Windows)
	if c.Thread.Park != "" {
		c.note(stageThread, "parked", c.Thread.Reason)
		c.park(c.Thread.Park, c.Thread.Reason)
		return true
	}
	if first := c.Known.First; first != nil && c.Thread.Ticket == 0 && c.Thread.Follows == 0 && first.Message != c.Message.ID {
		c.Thread.Follows = first.Ticket // the same words from somebody who proved nothing
	}
	if c.Thread.Ticket == 0 && c.machine() {
		c.note(stageThread, "no ticket", c.Thread.Reason)
		c.park(causes.Automated, "no person wrote it, and no open ticket takes it: "+c.Thread.Reason)
		return true
	}
	c.note(stageThread, threadWords(c.Thread), c.Thread.Reason)
	c.attribute()
	c.answerCheck()
	return false
}

// attribute gives an unproven message to the contact of the ticket that its sender has opened with the
// same claim. No contact is touched by it: a claim changes nobody's name or language.
func (c *Case) attribute() {
	t, ok := c.ticket(c.Thread.Ticket)
	if !ok || c.Who.Verified || !t.OpenedBy(c.Message.From.Identity()) {
		return
	}
	c.Plan.Belongs, c.Plan.Contact = t.Contact, contacts.Plan{Add: c.Plan.Contact.Add}
}

// foreign reports whether a mail's envelope contradicts its From: another domain, or one whose SPF
// record does not know the host. An envelope that is not known contradicts nothing.
func foreign(m *message.Message) bool {
	if !m.Traits.Mail || m.Proven {
		return false
	}
	if m.Envelope.SPF == message.VerdictFail {
		return true
	}
	from := m.From.Domain()
	envelope := message.Address{Kind: message.Email, Value: strings.Trim(m.Envelope.MailFrom, "<> ")}.Domain()
	return envelope != "" && from != "" && envelope != from && !strings.HasSuffix(envelope, "."+from) && !strings.HasSuffix(from, "."+envelope)
}

// threadWords is the trace's finding, for people.
func threadWords(f thread.Finding) string {
	switch {
	case f.Ticket == 0:
		return "new ticket"
	case f.Reopen:
		return fmt.Sprintf("reopens ticket %d", f.Ticket)
	default:
		return fmt.Sprintf("continues ticket %d", f.Ticket)
	}
}

// setPriority judges each message, of a continued ticket too: it may raise that one.
func setPriority(c *Case) {
	from := c.Message.From.Identity()
	if c.Settings.Signs != nil && !c.machine() {
		c.Signs = c.Settings.Signs.Read(c.Base, c.Core, c.Language, len(c.amounts()) > 0)
	}
	c.Priority = c.Settings.Prioritize.Decide(prioritize.Facts{
		Category: c.Class.Category, Subject: c.Base, Text: c.Core, Amounts: c.amounts(), Identity: string(from.Kind) + ":" + from.Value, Unanswered: c.unanswered(), Signs: raising(c.Signs),
	})
	why := strings.Join(c.Priority.Reasons, "; ")
	for _, s := range raising(c.Signs) {
		if !strings.Contains(why, s.Why) {
			why += "; also " + s.Why // it raises nothing, and still chooses the tone
		}
	}
	c.note(stagePrioritize, string(c.Priority.Level), why)
}

// raising is what signs do to a priority.
func raising(heard []tact.Heard) (out []prioritize.Sign) {
	for _, h := range heard {
		out = append(out, prioritize.Sign{Level: prioritize.Level(h.Level()), Why: h.Why()})
	}
	return out
}

// tone is how the message is acknowledged.
func (c *Case) tone() tact.Tone {
	if !c.Settings.Tones {
		return tact.Plain
	}
	return tact.ToneOf(c.Signs)
}

// settles reports whether the message is the first that says something in a ticket that was opened by a greeting: where the
// ticket belongs is decided by it.
func (c *Case) settles() bool {
	t, ok := c.ticket(c.Thread.Ticket)
	return ok && !t.Blank.IsZero() && !c.Nothing && !c.machine() && !c.history()
}

// amounts are the sums of money that the message names, in the form that prioritize takes; the stages do not know each other.
func (c *Case) amounts() []prioritize.Amount {
	if c.sums != nil {
		return c.sums
	}
	out := []prioritize.Amount{}
	for _, a := range particulars.Amounts(c.Subject + "\n" + c.Core) {
		out = append(out, prioritize.Amount{Currency: a.Currency, Value: a.Value})
	}
	c.sums = out
	return out
}

// unanswered counts the messages of the ticket that this one continues, its own included.
func (c *Case) unanswered() int {
	if t, ok := c.ticket(c.Thread.Ticket); ok && !c.settles() {
		return t.Messages + 1
	}
	return 0
}

// routeFacts is what routing may ask. Queue is empty in it: it is being chosen.
func (c *Case) routeFacts() route.Facts {
	of := c.matched()
	if c.Class.Unsure { // a guess sends nobody to a queue
		of.Category = ""
	}
	return route.Facts{Case: of, CategoryQueue: c.claimed()}
}

// matched is what rules of the configuration may ask, as far as it is decided.
func (c *Case) matched() match.Case {
	return match.Case{Channel: c.Message.Channel, Inbox: c.Message.Inbox, Queue: c.Queue.Queue, Category: c.Class.Category,
		Priority: string(c.Priority.Level), Language: c.Language, Group: c.group()}
}

// group is the group of contacts to which the sender has proven to belong.
func (c *Case) group() string {
	if !c.Message.Proven {
		return ""
	}
	return c.Settings.Groups.Of(c.Message.From.Identity())
}

// claimed is the queue that the category claims, or the inbox where the category claims none but the
// general one. A category that is a guess claims none.
func (c *Case) claimed() string {
	queue, own := c.Settings.Desk[c.Class.Category].Queue, c.inbox().Queue
	if c.Class.Unsure {
		queue = ""
	}
	if own != "" && (queue == "" || queue == c.Settings.Route.Default) {
		return own
	}
	return queue
}

// chooseQueue is for a ticket that is opened, or that a first real message settles; else a person's choice would be undone.
func chooseQueue(c *Case) {
	if c.Thread.Ticket != 0 && !c.settles() {
		return
	}
	c.Queue = c.Settings.Route.Choose(c.routeFacts())
	c.note(stageRoute, c.Queue.Queue, c.Queue.Reason)
}

// makePromises is for the same tickets. Deadlines count from Message.At, the source's time; Now only says which are over already.
func makePromises(c *Case) {
	if c.Thread.Ticket != 0 && !c.settles() || c.history() {
		return
	}
	c.Promises = promise.Make(c.Settings.Promise, promise.Facts{Case: c.matched()}, c.Message.At, c.Now)
	var words []byte
	for i, p := range c.Promises {
		if i > 0 {
			words = append(words, ", "...)
		}
		words = p.Due.UTC().AppendFormat(append(append(words, p.Kind...), " by "...), time.RFC3339)
	}
	c.note(stagePromise, string(words), "")
}

// history is what came before the inbox was first connected, or by import. It owes nobody anything. What somebody hands over
// at a door of ours comes now; only what is fetched can have come before.
func (c *Case) history() bool {
	fetchedLate := !c.Known.Handed && !c.Known.Since.IsZero() && c.Message.At.Before(c.Known.Since)
	return c.Known.Imported || fetchedLate
}

// findAnswers is for the same tickets, since only their acknowledgement carries answers. A greeting is asked nothing, and nothing is asked
// for upon a guess. What is offered fits by itself, whichever of the likeliest categories it is.
func findAnswers(c *Case) {
	if c.Thread.Ticket != 0 && !c.settles() || c.blank() {
		return
	}
	desk, why := c.Settings.Desk[c.Class.Category], ""
	if c.Class.Unsure {
		desk.Facts, why = nil, "the category is a guess"
	}
	if !tact.Personal(tact.ToneOf(c.Signs)) { // who is in danger, in need or about to sue wants no ready answer
		c.Answers.FAQ = c.Settings.Fitting(fit.Asked{Subject: c.Base, Text: c.Core, Chances: chances(c.Class)}, c.Language)
	}
	if list := inLanguage(desk.Facts, c); list != nil {
		for _, f := range list.Missing(c.evidence()) {
			c.Answers.Missing = append(c.Answers.Missing, f.Ask)
		}
	}
	c.note(stageAnswer, strconv.Itoa(len(c.Answers.FAQ))+" answers, "+strconv.Itoa(len(c.Answers.Missing))+" facts missing", why)
}

// evidence is where a fact may be given: text, fields, files, and the addresses that the sender has.
func (c *Case) evidence() answer.Evidence {
	m := &c.Message
	return answer.Evidence{Subject: c.Subject, Text: c.Core, Fields: m.Fields, Attachments: m.Attachments,
		Addresses: append([]message.Address{m.From}, m.Also...)}
}

// inLanguage picks texts in the customer's language, else in one of the same tongue ("zh-HK" reads
// zh-Hant), else in the desk's first.
func inLanguage[T any](texts map[string]*T, c *Case) *T {
	for _, list := range [][]string{languageChain(c.Language), c.Settings.Languages} {
		for _, l := range list {
			if t, ok := texts[l]; ok {
				return t
			}
		}
	}
	return nil
}

// languageChain lists the languages in which somebody reads, best first. The two forms of Chinese stand for each other before English does.
func languageChain(language string) []string {
	out := append(make([]string, 0, 3), language)
	switch base, region, _ := strings.Cut(language, "-"); {
	case base == "zh" && (region == "HK" || region == "TW" || region == "MO"):
		out = append(out, "zh-Hant", "zh-Hans")
	case base == "zh":
		out = append(out, "zh-Hans", "zh-Hant")
	case base != language:
		out = append(out, base, "en")
	default:
		out = append(out, "en")
	}
	return out
}

// written reports whether the message came now, from the very address that an answer to it goes to. What a form or a program
// names was only typed.
func (c *Case) written() bool {
	return !c.Message.Traits.Typed && !c.history() && c.Asks.Recipient == c.Message.From.Identity()
}

// alive notes that an address lives to which nothing could be sent: somebody has just written from it, whatever he wrote, and the
// channel vouches for him. A claim takes no mark away.
func (c *Case) alive() {
	if to := c.Known.To; to != nil && to.Failed && c.Message.Proven && c.written() {
		c.Plan.Alive = c.Asks.Recipient
	}
}

// acknowledgeSender gathers what acknowledge.Decide weighs. It runs for continued tickets too (Opened is false then), so that the trace says why
// nothing goes out.
func acknowledgeSender(c *Case) {
	_, capable := c.Settings.Answering[c.Asks.Recipient.Kind]
	in := acknowledge.Input{
		Message: c.Message, To: c.Recipient, Trusted: c.Asks.Trusted, Opened: c.Thread.Ticket == 0, Withhold: c.Screen.Withhold, RobotLike: acknowledge.RobotLike(c.Message.Subject, c.Text.Visible),
		Stranger: c.Who.Contact == 0, Numbers: len(particulars.Numbers(c.Base+"\n"+c.Text.Visible)) > 0, Length: utf8.RuneCountInString(c.Core),
		History: c.history(), Disabled: c.inbox().Silent || (!capable && !c.Asks.Recipient.IsZero()),
		OptedOut: c.Known.To != nil && c.Known.To.OptedOut && c.Screen.OptOut != "start", Failed: c.Known.To != nil && c.Known.To.Failed && !c.written(),
		SMS: c.Settings.SMS, Number: c.Asks.Number, Shown: c.Asks.Trusted || c.Known.To != nil && c.Known.To.Verified, ClaimedSMS: c.inbox().ClaimedSMS,
		Sent: c.Known.Sent, At: c.Message.At, Now: c.Now,
	}
	c.Ack = acknowledge.Decide(in, c.Settings.Caps)
	c.Counts = acknowledge.Counts(in, c.Ack, c.Settings.Caps)
	c.note(stageAcknowledge, ackWords(c.Ack), c.Ack.Reason)
}

// ackWords is the trace's finding, for people.
func ackWords(f acknowledge.Finding) string {
	switch {
	case f.Send():
		return "acknowledged"
	case f.Owed && f.Digest:
		return "listed in a digest"
	case f.Owed:
		return "withheld"
	default:
		return "none owed"
	}
}
