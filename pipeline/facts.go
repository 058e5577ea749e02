package pipeline

import (
	"slices"
	"strings"
	"time"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// For cuts out of the shared view what concerns one message, as it was read: Case.Message.
// The result shares nothing with f that Apply changes: tickets and contacts are copied (snapshot). A fact that was not loaded reads as one
// that is not there, so the loader must have asked for all of Asks.
func (f *Facts) For(m message.Message, a Asks) Known {
	k := Known{
		Since:    f.Since[m.Inbox],
		Released: f.Released[m.ID], Imported: f.Imported[m.ID], Apart: f.Apart[m.ID], Forgotten: f.Forgotten[a.From], Blocked: f.Blocked[a.From],
		Sent: f.sent(a), Bounced: f.bounced(a.Bounced),
	}
	k.LastHour = f.sender(a.Sender()).LastHour
	for _, name := range a.Scopes {
		if s := f.Scopes[name]; s != nil {
			if k.Scopes == nil {
				k.Scopes = map[string]Scope{}
			}
			k.Scopes[name] = *s
		}
	}
	if owner := f.contact(a.From); a.Proven {
		k.Contact = owner
	} else {
		k.Owned = owner != nil
	}
	if k.Contact != nil {
		k.Recent = f.recent(k.Contact.ID)
	}
	if k.First = f.first(a); k.First == nil {
		if twin, ok := f.Twins[a.Own]; ok && a.Own != "" && twin.Message != m.ID {
			k.Altered = f.altered(m, a, twin)
		}
	}
	if last, ok := f.Versions[a.Version]; ok && a.Version != "" {
		k.Version = &last
	}
	speaking := int64(0)
	if k.Contact != nil {
		speaking = k.Contact.ID
	}
	k.Again = f.again(m, a, speaking)
	k.Side = f.side(a.Sides)
	k.Named = f.named(a, k.Altered, k.takesPart(a.From))
	k.Borne = a.Own != "" && f.References[a.Own] != 0
	if a.Coded {
		k.Checks = f.waiting(k)
	}
	if owner := f.contact(a.Recipient); owner != nil {
		if id, ok := owner.Lookup(a.Recipient); ok {
			k.To = &id
		}
	}
	if stopped, failed := f.Stopped[a.Recipient] || f.Forgotten[a.Recipient], f.Failed[a.Recipient]; stopped || failed {
		if k.To == nil {
			k.To = &contacts.Identity{Identity: a.Recipient}
		}
		k.To.OptedOut, k.To.Failed = k.To.OptedOut || stopped, k.To.Failed || failed
	}
	k.Excepted = slices.ContainsFunc(a.Exceptions, func(e Exception) bool { return f.Exceptions[e] })
	k.used(a)
	return k
}

// owned reports whether a ticket is the proven sender's own: opened by him, or taken over. In a ticket of somebody else's
// what he wrote may lie because that one has put it there.
// It is asked before a copy is folded into what came first.
func (f *Facts) owned(t *tickets.Ticket, a Asks) bool {
	owner, known := f.Owners[a.From]
	return known && a.Proven && !t.Claimed && t.Contact == owner
}

// altered says how a message differs from the one that came before under its Message-ID. A proven message is no copy of
// a claim, unless that lies in a ticket of the owner's or he was told of it. Of two claims the later is compared only where
// nobody takes part in its ticket whom this message does not name: somebody else may have sent it to be there first.
func (f *Facts) altered(m message.Message, a Asks, twin dedupe.Twin) *dedupe.Altered {
	t := f.Tickets[twin.Ticket]
	if t == nil || a.Text == nil || m.Proven && !twin.Proven && !twin.Told && !f.owned(t, a) {
		return nil
	}
	found, ok := dedupe.Compare(m, a.Text(), twin)
	if !ok {
		return nil
	}
	if !twin.Proven {
		for _, p := range t.Participants {
			if p != m.From.Identity() && !slices.ContainsFunc(slices.Concat(m.To, m.Cc), func(to message.Address) bool { return to.Identity() == p }) {
				return nil
			}
		}
	}
	return &found
}

// first is the first copy that is known: of a proven mail one that was proven too, if there is any.
// It is a copy: its marks depend on who asks.
func (f *Facts) first(a Asks) *dedupe.Copy {
	for _, key := range []string{a.Vouched, a.Content} {
		first, ok := f.Contents[key]
		if !ok || key == "" {
			continue
		}
		if t := f.Tickets[first.Ticket]; t != nil {
			first.Unproven = first.Unproven && !f.owned(t, a)
		}
		first.Vouched = key == a.Vouched
		return &first
	}
	return nil
}

// used carries what the desk has used up into what the acknowledgement is decided upon.
func (k *Known) used(a Asks) {
	shown := a.Trusted || k.To != nil && k.To.Verified
	for name, s := range k.Scopes {
		switch {
		case name == acknowledge.ScopeStranger:
			k.Sent.StrangerHour, k.Sent.StrangerDay = int(s.Hour), int(s.Day)
		case name == acknowledge.ScopeMoney:
			k.Sent.Spent = s.Day
		case shown == strings.HasPrefix(name, "sms:"):
			k.Sent.Prefix = int(s.Day)
		}
	}
}

// contact is a copy of an identity's owner, nil for none.
// It is copied with its list, as tickets are.
func (f *Facts) contact(id message.Identity) *contacts.Contact {
	owner, ok := f.Owners[id]
	if !ok || id.IsZero() {
		return nil
	}
	c := f.Contacts[owner]
	if c == nil {
		return nil
	}
	value := *c
	value.Identities = slices.Clone(c.Identities)
	return &value
}

// recent are copies of a contact's latest tickets, newest first, closed ones included.
func (f *Facts) recent(contact int64) []tickets.Ticket {
	ids := f.ByContact[contact]
	out := make([]tickets.Ticket, 0, min(len(ids), recentTickets))
	for _, id := range ids {
		if t := f.Tickets[id]; t != nil && len(out) < recentTickets {
			out = append(out, f.within(t))
		}
	}
	return out
}

// named lists the tickets that the message points at, the strongest way first.
// A ticket that several ways point at is listed once, under the strongest. What a person has signed stands before what mail programs
// fill in; see thread.How.
func (f *Facts) named(a Asks, altered *dedupe.Altered, aside int64) []thread.Named {
	var out []thread.Named
	add := func(id int64, how thread.How) {
		t := f.Tickets[id]
		if t == nil || slices.ContainsFunc(out, func(n thread.Named) bool { return n.Ticket.ID == id }) {
			return
		}
		out = append(out, thread.Named{Ticket: f.within(t), How: how})
	}
	for _, t := range a.Tokens {
		add(t.Ticket, t.How)
	}
	add(aside, thread.ByOwnMessageID)
	if altered != nil {
		add(altered.Ticket, thread.ByCopy)
	}
	for i, ref := range a.References {
		if i < len(a.Mine) {
			add(f.References[a.Mine[i]], thread.ByReference) // one's own comes before one of somebody who took its Message-ID
		}
		add(f.References[ref], thread.ByReference)
	}
	if a.Thread != "" {
		add(f.Threads[a.Thread], thread.ByConversation)
		add(f.Threads[a.Beside], thread.ByConversation)
	}
	return out
}

// bounced is the first row that one of the names finds; nil for none.
func (f *Facts) bounced(by []BouncedBy) *Effect {
	for _, b := range by {
		if e, ok := f.Effects[b]; ok {
			return &e
		}
	}
	return nil
}

// sent gathers the counters by which the caps decide: of the recipient's mailbox, of his domain, and of the sender's own repetitions.
func (f *Facts) sent(a Asks) acknowledge.Sent {
	to, from, domain := f.sender(a.Mailbox()), f.sender(a.Sender()), f.domain(a.Domain())
	return acknowledge.Sent{
		Hour: to.AcksHour, Day: to.AcksDay, Digest: to.Digest, Digests: to.Digests, Late: to.Late,
		DomainHour: domain.AcksHour, SameText: domain.Prints[a.Print], Repeats: from.Prints[a.Print], Week: from.Week[a.Print],
	}
}

// sender makes what is not there, so that Apply can count in it; the zero identity has counters that are thrown away.
func (f *Facts) sender(id message.Identity) *SenderFacts {
	s := f.Senders[id]
	if s == nil {
		s = &SenderFacts{}
		if !id.IsZero() {
			f.Senders[id] = s
		}
	}
	if s.Prints == nil {
		s.Prints = map[string]int{}
	}
	if s.Week == nil {
		s.Week = map[string]int{}
	}
	return s
}

// domain is the same for a mail domain.
func (f *Facts) domain(name string) *DomainFacts {
	d := f.Domains[name]
	if d == nil {
		d = &DomainFacts{}
		if name != "" {
			f.Domains[name] = d
		}
	}
	if d.Prints == nil {
		d.Prints = map[string]int{}
	}
	return d
}

// within is a copy of a ticket; one that is merged stands where its root does.
func (f *Facts) within(t *tickets.Ticket) tickets.Ticket {
	value := snapshot(t)
	if root := f.Tickets[t.MergedInto]; t.MergedInto != 0 && root != nil {
		return value.Within(*root)
	}
	return value
}

// snapshot copies a ticket with its lists: what Apply does to the view must not change a case that was cut out before.
func snapshot(t *tickets.Ticket) tickets.Ticket {
	value := *t
	value.Channels = slices.Clone(t.Channels)
	value.Numbers = slices.Clone(t.Numbers)
	value.Participants = slices.Clone(t.Participants)
	value.Informed = slices.Clone(t.Informed)
	return value
}

// Apply carries a plan (its ids assigned) into the view, so that the next message of the batch is
// decided as if this one were committed.
// It is called in the order of decisions, once for each plan that is to be committed. What it makes of the view must be what the store
// makes of the rows; storetest compares the two.
func (f *Facts) Apply(c Case, p Plan) {
	f.applyContact(p.Contact)
	f.applyTicket(p)
	f.applyKeys(c, p)
	f.say(p, c.Message.At)
	f.applySends(c, p)
	if p.Consent != nil {
		f.applyConsent(*p.Consent, c.Now)
	}
	if !p.Alive.IsZero() {
		f.applyAlive(p.Alive)
	}
}

// applyAlive takes the mark of a dead address away.
// It is for whom a send had failed, and who has written from there now.
func (f *Facts) applyAlive(id message.Identity) {
	delete(f.Failed, id)
	if c := f.Contacts[f.Owners[id]]; c != nil {
		for i := range c.Identities {
			if c.Identities[i].Identity == id {
				c.Identities[i].Failed = false
			}
		}
	}
}

// applyContact adds what a message has proven. A version counts up with each plan, as the store's row does: a commit that finds another
// version is a conflict.
func (f *Facts) applyContact(p contacts.Plan) {
	if p.ID == 0 {
		return
	}
	c := f.Contacts[p.ID]
	if c == nil {
		c = &contacts.Contact{ID: p.ID, Version: p.Version, Name: p.Name, Language: p.Language}
		f.Contacts[p.ID] = c
	}
	c.Version++
	if p.Language != "" {
		c.Language = p.Language
	}
	for _, add := range p.Add {
		id := add.Address.Identity()
		if _, taken := f.Owners[id]; taken || !add.Verified {
			continue // a claim stays with its message
		}
		c.Identities = append(c.Identities, contacts.Identity{Identity: id, Verified: true})
		f.Owners[id] = p.ID
	}
}

// applyTicket opens or continues the plan's ticket; a copy may only inform another queue.
// Recent tickets are kept newest first, as the loader gives them.
func (f *Facts) applyTicket(p Plan) {
	id := p.Ticket.ID
	if id == 0 {
		if first := p.Inform; first != "" {
			f.inform(p.Duplicate, first)
		}
		return
	}
	if p.Ticket.New {
		t := p.Ticket.Open
		t.ID, t.Contact, t.Version = id, p.Contact.ID, 1
		f.Tickets[id] = &t
		f.ByContact[t.Contact] = slices.Insert(f.ByContact[t.Contact], 0, id)
		return
	}
	t := f.Tickets[id]
	if t == nil {
		return
	}
	before := t.Contact
	p.Ticket.Continue(t)
	if root := f.Tickets[p.Ticket.Root]; p.Ticket.Root != 0 && root != nil {
		p.Ticket.Lead(root)
	}
	if t.Contact != before {
		f.ByContact[t.Contact] = slices.Insert(f.ByContact[t.Contact], 0, id)
	}
}

// untold reports whether nothing has told the address in From of a message that proved nothing. What is appended tells
// nobody: the ticket may be anyone's. The store asks the same of the rows.
func (p Plan) untold() bool {
	return !p.Row.Proven && !p.acknowledges()
}

// inform lets a queue know of the ticket in which the first copy lies. It looks through the batch's content keys, which are few.
func (f *Facts) inform(message int64, queue string) {
	for _, first := range f.Contents {
		if first.Message == message && f.Tickets[first.Ticket] != nil {
			f.Tickets[first.Ticket].Inform(queue)
			return
		}
	}
}

// applyKeys remembers what a later message of the batch would be compared with. The first owner of a Message-ID keeps it; of a
// conversation the latest ticket counts.
func (f *Facts) applyKeys(c Case, p Plan) {
	row := p.Row
	if row.Content != "" && p.State != messages.Duplicate {
		f.Contents[row.Content] = dedupe.Copy{Message: p.Message, Inbox: c.Message.Inbox, Ticket: p.Ticket.ID, Unproven: p.untold()}
	}
	if row.Version != "" && p.Shown() {
		f.Versions[row.Version] = dedupe.Version{Message: p.Message, Seen: row.Seen}
	}
	if p.Ticket.ID == 0 {
		return
	}
	if row.Reference != "" {
		if _, known := f.References[row.Reference]; !known {
			f.References[row.Reference] = p.Ticket.ID
			f.Twins[row.Reference] = dedupe.Twin{Message: p.Message, Inbox: c.Message.Inbox, Ticket: p.Ticket.ID, From: c.Message.From.Identity(), Proven: row.Proven, Told: !p.untold(),
				SentAt: row.SentAt, Text: row.Visible + "\n" + row.Quoted, Files: files(row.Attachments)}
		}
	}
	if row.Mine != "" && f.References[row.Mine] == 0 {
		f.References[row.Mine] = p.Ticket.ID
	}
	if row.Thread != "" {
		f.Threads[row.Thread] = p.Ticket.ID
	}
}

// files are the names by which attachments are compared.
func files(list []message.Attachment) (out []string) {
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

// Use counts what a plan uses up of the whole desk's allowances: one that was applied, or one that is committed together with those that are decided
// upon these facts, and was decided upon others.
func (f *Facts) Use(counts []CountPlan) {
	for _, n := range counts {
		if f.Scopes[n.Scope] == nil {
			f.Scopes[n.Scope] = &Scope{}
		}
		f.Scopes[n.Scope].Hour += n.N
		f.Scopes[n.Scope].Day += n.N
	}
}

// applySends counts what the plan uses up. Copies and imports count nothing, or an import would use up its customers' acknowledgements.
// Only what goes out counts: an acknowledgement with a cause was withheld. Hours and days are not aged within a batch, which takes
// some milliseconds.
func (f *Facts) applySends(c Case, p Plan) {
	if counted := !c.Known.Imported && p.State != messages.Duplicate; counted { // as the store counts: storetest holds both to each other
		from := f.sender(c.Asks.Sender())
		from.LastHour++
		if c.Asks.Print != "" {
			from.Prints[c.Asks.Print]++
			from.Week[c.Asks.Print]++
		}
	}
	f.Use(p.Counts)
	for _, e := range p.Effects {
		to := f.sender(acknowledge.CountedAs(acknowledge.Mailbox(e.To.Identity()), !e.Unproven))
		switch {
		case e.Kind == effects.KindDigest:
			if to.List(e.Key, c.Now, e.Due) { // it is a mail to the domain like any other
				f.domain(acknowledge.CountedDomain(e.To.Domain(), !e.Unproven)).AcksHour++
			}
		case e.Kind == effects.KindAcknowledgement && e.Cause == "":
			to.AcksHour++
			to.AcksDay++
			domain := f.domain(acknowledge.CountedDomain(e.To.Domain(), !e.Unproven))
			domain.AcksHour++
			domain.Prints[e.Print]++
		}
	}
}

// applyConsent decides STOP and START as the store does, upon what the view knows of the address, whether or not it is a contact's.
// The next message of the batch already gets no answer there.
func (f *Facts) applyConsent(c commands.ConsentCame, now time.Time) {
	id := c.Address.Identity
	c.Address.Key = string(id.Kind) + ":" + id.Value
	known := domain.NewKnown()
	known.Addresses[c.Address.Key] = contacts.Address{Key: c.Address.Key, Identity: id, Consent: contacts.ConsentOf(f.Stopped[id])}
	plan, err := domain.Decide([]domain.Command{c}, known, now)
	if err != nil {
		return
	}
	for _, a := range plan.Addresses {
		out := a.Consent == contacts.OptedOut
		f.Stopped[id] = out
		owner := f.Contacts[f.Owners[id]]
		if owner == nil {
			continue
		}
		for i := range owner.Identities {
			if owner.Identities[i].Identity == id {
				owner.Identities[i].OptedOut = out
			}
		}
	}
}
