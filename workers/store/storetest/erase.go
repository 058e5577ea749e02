package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/domain/replies"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/recipients"
	"frontdesk/workers/store"
	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/plans"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/view"
)

// Household is a store in which two people have written, Ann by all ways and in all states, Bob in
// his own matter and in Ann's.
type Household struct {
	Ann, Bob erasure.Person
	// Secrets are words that nothing may hold once Ann is erased; Kept are Bob's.
	Secrets, Kept []string
	AnnMessages   []int64
	AnnTicket     int64
	BobTicket     int64
	Shared, Own   string // attachments: held by both, held by Ann
	Large         intake.Item
	Chat          intake.Item
}

var (
	annMail = message.Address{Kind: message.Email, Value: "ann.smith@customer.example", Name: "Ann Elisabeth Smith"}
	annChat = message.Address{Kind: "telegram", Value: "7712345678"}
	bobMail = message.Address{Kind: message.Email, Value: "bob@elsewhere.example", Name: "Robert Underhill"}
)

// mailItem is a mail as a provider hands it over.
func mailItem(key string, from message.Address, body string) intake.Item {
	raw := "From: " + from.Value + "\r\nMessage-ID: <" + key + "@" + from.Domain() + ">\r\nSubject: s\r\n\r\n" + body
	return intake.Item{Delivery: channels.Delivery{Inbox: "support", Channel: "email", Key: key, At: start, Raw: []byte(raw),
		Meta: map[string]string{meta.MailFrom: from.Value}}}
}

// NewHousehold fills a store.
func NewHousehold(t testing.TB, s *store.Store) *Household {
	t.Helper()
	d := newDesk(t, s)
	h := &Household{Secrets: []string{annMail.Value, annChat.Value, annMail.Name, "blue suitcase with the broken lock", phone(1).Value},
		Kept: []string{bobMail.Value, "green umbrella that I left in the hall"}}
	h.Large = mailItem("annlarge", annMail, "I lost my blue suitcase with the broken lock.\r\n"+strings.Repeat("filler ", 60_000))
	h.Chat = intake.Item{Delivery: channels.Delivery{Inbox: "bot", Channel: "telegram", Key: annChat.Value + ":55", At: start,
		Raw: []byte(`{"message":{"from":{"id":` + annChat.Value + `},"text":"hello again from me"}}`)}}
	shared, err := s.Files.PutBlob(d.ctx, []byte("the form that everybody fills in"))
	d.must(err)
	own, err := s.Files.PutBlob(d.ctx, []byte("a picture of Ann's passport"))
	d.must(err)
	h.Shared, h.Own = shared, own

	h.ann(d)
	h.bob(d)
	h.reports(d)
	ann, err := s.Erasure.PersonAt(d.ctx, annMail.Identity())
	d.must(err)
	bob, err := s.Erasure.PersonAt(d.ctx, bobMail.Identity())
	d.must(err)
	h.Ann, h.Bob = ann, bob
	return h
}

func (h *Household) ann(d *desk) {
	first := d.opening(d.pending(d.record(h.Large)...)[0], annMail)
	first.Plan.Contact.Name = annMail.Name
	first.Plan.Contact.Add = append(first.Plan.Contact.Add, contacts.Claim{Address: annChat, Verified: true}, contacts.Claim{Address: phone(1)})
	first.Plan.Row.Subject, first.Plan.Row.Visible = "My blue suitcase", "I lost my blue suitcase with the broken lock."
	first.Plan.Row.Fields = map[string]string{"account": "ann.smith@customer.example", "colour": "blue \"suitcase\""}
	first.Plan.Row.Content, first.Plan.Row.Reference = d.Base.Digest([]byte("content"), []byte("annlarge")), d.Base.Digest([]byte("reference annlarge"))[:32]
	first.Plan.Ticket.Display, first.Plan.Ticket.Open.Subject = "My blue suitcase with the broken lock", "blue suitcase"
	first.Plan.Ticket.Open.Numbers = []string{"A-4711"}
	first.Plan.Ticket.Open.Participants = []message.Identity{annMail.Identity(), bobMail.Identity()}
	first.Plan.Row.Reading = recipients.Reading{MessageID: "annlarge@customer.example", To: mails("support@desk.example"), Cc: []message.Address{bobMail}}
	first.Plan.Row.Attachments = []message.Attachment{{Name: "form.pdf", MediaType: "application/pdf", Size: 1, Digest: h.Shared}, {Name: "ann.png", MediaType: "image/png", Size: 1, Digest: h.Own}}
	first.Plan.Effects[0].Payload = json.RawMessage(`{"language":"en","name":"Ann Elisabeth Smith","in_reply_to":"annlarge@customer.example"}`)
	first.Known = []byte(`{"contact":{"name":"Ann Elisabeth Smith"}}`)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	h.AnnTicket = first.Plan.Ticket.ID
	h.answers(d)

	next := d.following(d.pending(d.record(h.Chat)...)[0], first.Plan, 1, 1)
	next.Plan.Row.From, next.Plan.Row.Thread = annChat, "bot|"+annChat.Value
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{next}, d.now))
	parked := d.pending(d.record(mailItem("annparked", annMail, "please look at this"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: parked, Known: []byte(`{}`), Plan: pipeline.Plan{Message: parked.ID, State: messages.Parked,
		Cause: causes.Automated, Row: pipeline.MessageRow{Kind: "message", From: annMail, Visible: "please look at this"}}}}, d.now))
	broken := mailItem("annbroken", annMail, "cannot be read")
	broken.Cause, broken.Evidence = causes.Unparsable, "cut off"
	h.AnnMessages = append(d.record(broken), first.Pending.ID, next.Pending.ID, parked.ID)

	// One attempt at the acknowledgement, whose provider said more than it should.
	d.claim(first.Plan.Effects[0].ID)
	d.must(d.Outbox.Settle(d.ctx, []commands.SendEnded{{ID: first.Plan.Effects[0].ID, State: effects.Due, Next: d.now.Add(time.Hour), Code: "451",
		Detail: "<ann.smith@customer.example> is busy", Attempt: 1, Unknown: true,
		Words: d.words(first.Plan.Effects[0].ID, 1, "Dear Ann Elisabeth Smith, we look for your blue suitcase with the broken lock.")}}, d.now))
}

// answers are what agents wrote in Ann's ticket: an answer that is still due, a note about her, and what is not sent yet.
func (h *Household) answers(d *desk) {
	answer := answering.Writing{Key: "page-ann", Kind: replies.Answer, Ticket: h.AnnTicket, Seen: 1, Text: "Dear Ann Elisabeth Smith, your blue suitcase stands in Bremen.", Channel: "email", Inbox: "support", Carries: house.Carries["email"],
		Recipients: replies.Recipients{To: []message.Address{annMail}, Cc: []message.Address{bobMail}}, Subject: "Re: My blue suitcase"}
	d.sends(chen, answer)
	d.sends(chen, answering.Writing{Key: "page-note", Kind: replies.Note, Ticket: h.AnnTicket, Seen: 2, Text: "Ann Elisabeth Smith called again about the blue suitcase."})
	_, err := d.Answering.SaveDraft(d.ctx, chen, answering.Draft{Ticket: h.AnnTicket, Kind: replies.Answer, Version: 1, Text: "Dear Ann Elisabeth Smith, and the broken lock"}, d.now)
	d.must(err)
}

func (h *Household) bob(d *desk) {
	own := d.opening(d.pending(d.record(mailItem("bobown", bobMail, "I miss the green umbrella that I left in the hall."))...)[0], bobMail)
	own.Plan.Contact.Name = bobMail.Name
	own.Plan.Row.Visible = "I miss the green umbrella that I left in the hall."
	own.Plan.Row.Attachments = []message.Attachment{{Name: "form.pdf", MediaType: "application/pdf", Size: 1, Digest: h.Shared}}
	own.Plan.Ticket.Display = "Umbrella"
	own.Plan.Ticket.Open.Participants = []message.Identity{bobMail.Identity(), annMail.Identity()}
	own.Known = []byte(`{"tickets":[{"participants":[{"kind":"email","value":"ann.smith@customer.example"}]}]}`)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{own}, d.now))
	h.BobTicket = own.Plan.Ticket.ID
	d.sends(chen, answering.Writing{Key: "page-bob", Kind: replies.Note, Ticket: h.BobTicket, Seen: 1, Text: "He may mean ann.smith@customer.example."})
	_, err := d.Answering.SaveDraft(d.ctx, chen, answering.Draft{Ticket: h.BobTicket, Kind: replies.Answer, Text: "Your friend ann.smith@customer.example"}, d.now)
	d.must(err)

	said := d.following(d.pending(d.record(mailItem("bobsaid", bobMail, "Please write to Ann.Smith@customer.example, she knows more."))...)[0], own.Plan, 1, 1)
	said.Plan.Row.Fields = map[string]string{"friend": "ann.smith@customer.example", "note": "a \"friend\" <of mine>"}
	said.Plan.Row.From, said.Plan.Row.Visible = bobMail, "Please write to Ann.Smith@customer.example, she knows more; not to joann.smith@customer.example."
	said.Plan.Row.Reading = recipients.Reading{MessageID: "bobsaid@elsewhere.example", References: []string{"bobown@elsewhere.example", "ann.smith@customer.example"},
		To: []message.Address{annMail, mails("support@desk.example")[0]}, Cc: []message.Address{{Kind: message.Email, Value: "carl@elsewhere.example", Name: "for Ann.Smith@customer.example"}}}
	said.Known = []byte(`{"taken":[{"kind":"email","value":"ann.smith@customer.example"}]}`)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{said}, d.now))

	inAnns := d.following(d.pending(d.record(mailItem("bobinann", bobMail, "I found it"))...)[0], own.Plan, 2, 2)
	inAnns.Plan.Ticket = tickets.Plan{ID: h.AnnTicket, Version: 2, At: inAnns.Pending.At, Channel: "email"}
	inAnns.Plan.Row.From, inAnns.Plan.Row.Visible, inAnns.Plan.Row.Quoted = bobMail, "I found it.", "> I lost my blue suitcase with the broken lock."
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{inAnns}, d.now))
}

// reports are what machines said about mail to Ann.
func (h *Household) reports(d *desk) {
	p := d.pending(d.record(mailItem("bounce", message.Address{Kind: message.Email, Value: "mailer-daemon@customer.example"}, "Final-Recipient: rfc822; ann.smith@customer.example"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Known: []byte(`{}`), Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "bounce",
		Row: pipeline.MessageRow{Kind: "bounce", From: message.Address{Kind: message.Email, Value: "mailer-daemon@customer.example"}, Visible: "<ann.smith@customer.example>: unknown user"}}}}, d.now))
	h.AnnMessages = append(h.AnnMessages, p.ID)
	_, err := d.Intake.Record(d.ctx, intake.Lot{Receipts: []plans.InboxReceipt{{Inbox: "support", Receipt: channels.Receipt{ProviderID: "nobody-knows", Status: channels.StatusFailed,
		Reason: "550 ann.smith@customer.example unknown"}}}}, d.now)
	d.must(err)
	d.must(d.Service.DeadLetter(d.ctx, service.Letter{Queue: "live", Task: "message:process", Payload: `{"ids":[1]}`, Error: "reading ann.smith@customer.example", Attempts: 25}, d.now))
}

// erasePerson erases Ann and looks at what is left.
func erasePerson(d *desk) {
	h := NewHousehold(d.t, d.Store)
	bobBefore, booksBefore := h.others(d), books(d)
	d.same("an answer to Bob goes to Ann, too", []message.Address{plain(annMail), mails("carl@elsewhere.example")[0]}, h.copiesOfBob(d))
	found, err := d.Erasure.Find(d.ctx, h.Ann, nil)
	d.must(err)
	slices.Sort(h.AnnMessages)
	d.same("a search finds her messages and changes nothing", h.AnnMessages, sortedIDs(found.Messages))

	got, err := d.Erasure.Erase(d.ctx, h.Ann, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("left", 0, got.Proof.Left())
	d.same("messages, tickets, effects: the acknowledgement and the answer", []int{5, 1, 2}, []int{got.Messages, got.Tickets, got.Effects})
	d.same("the shared attachment stays", 1, got.Shared)
	h.gone(d)
	d.same("what is Bob's", bobBefore, h.others(d))
	d.same("and no more to her", []message.Address{mails("carl@elsewhere.example")[0]}, h.copiesOfBob(d))
	readings := d.readings()
	d.same("of what answers stand on nothing is hers", 1, len(readings))
	for _, text := range readings {
		h.silent(d, text)
	}
	h.torn(d)
	d.counted()
	for place := range books(d) {
		if !booksBefore[place] {
			d.t.Errorf("the books do not hold any more at %s", place)
		}
	}

	again, err := d.Erasure.Erase(d.ctx, h.Ann, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("erased again", []int{0, 0, 0, 0}, []int{again.Messages, again.Tickets, again.Effects, again.Proof.Left()})
	if _, err := d.Erasure.Person(d.ctx, h.Ann.Contact); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("the contact is there still: %v", err)
	}
}

// torn: an original of Bob's that named Ann went because of her, not because its time was over. Where the original did not
// name her, but what was known when it was decided, that alone went: the message cannot be decided again.
func (h *Household) torn(d *desk) {
	d.t.Helper()
	messages, err := d.View.Messages(d.ctx, view.Page{Ticket: h.BobTicket})
	d.must(err)
	var torn, forgotten int
	for _, m := range messages {
		decided, err := d.Decided.Decided(d.ctx, []int64{m.ID})
		d.must(err)
		if decided[0].OriginalGone != decided[0].Torn || decided[0].Missing != "" {
			d.t.Errorf("message %d: original gone %t, torn %t, missing %q", m.ID, decided[0].OriginalGone, decided[0].Torn, decided[0].Missing)
		}
		if decided[0].Torn {
			torn++
		}
		if decided[0].Forgotten && !decided[0].OriginalGone {
			forgotten++
		}
	}
	d.same("of Bob's with an original and nothing that was known", 1, forgotten)
	if torn == 0 {
		d.t.Error("no original of Bob's went because of Ann")
	}
}

// books are the places where the audit finds that a sum does not hold.
func books(d *desk) map[string]bool {
	d.t.Helper()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	out := map[string]bool{}
	for _, f := range b.Findings {
		out[fmt.Sprintf("%s: message %d, ticket %d", f.Rule, f.Message, f.Ticket)] = true
	}
	return out
}

func sortedIDs(ids []int64) []int64 {
	slices.Sort(ids)
	return ids
}

// gone looks for Ann in all that the store tells by itself.
func (h *Household) gone(d *desk) {
	for _, id := range h.AnnMessages {
		st, err := d.View.Trace(d.ctx, id)
		d.must(err)
		text, err := json.Marshal(st)
		d.must(err)
		h.silent(d, string(text))
		if st.OriginalIs != "gone" || len(st.Attachments) > 0 {
			d.t.Errorf("message %d keeps its original (%s) or files (%d)", id, st.OriginalIs, len(st.Attachments))
		}
	}
	if _, err := d.Files.Blob(d.ctx, h.Own); !errors.Is(err, blobs.ErrNotFound) {
		d.t.Errorf("Ann's own file: %v", err)
	}
	if b, err := d.Files.Blob(d.ctx, h.Shared); err != nil || !bytes.Contains(b, []byte("everybody")) {
		d.t.Errorf("the file of both: %v", err)
	}
	outbox, err := d.View.Outbox(d.ctx, view.Page{})
	d.must(err)
	for _, o := range outbox {
		if o.Ticket == h.AnnTicket && (o.State != "withheld" || o.Cause != causes.Erased) {
			d.t.Errorf("her acknowledgement is %s %s", o.State, o.Cause)
		}
	}
	promises, err := d.View.Promises(d.ctx, view.Page{Ticket: h.AnnTicket})
	d.must(err)
	d.same("her promise", []string{"void", causes.Erased}, []string{promises[0].State, promises[0].Cause})
}

func (h *Household) silent(d *desk, text string) {
	d.t.Helper()
	for _, s := range h.Secrets {
		if strings.Contains(strings.ToLower(text), strings.ToLower(s)) {
			d.t.Errorf("%q is in %s", s, text)
		}
	}
}

// others is what can be seen of Bob's own matter, but for where it names Ann.
func (h *Household) others(d *desk) []string {
	var out []string
	messages, err := d.View.Messages(d.ctx, view.Page{Ticket: h.BobTicket})
	d.must(err)
	for _, m := range messages {
		out = append(out, m.From, m.Subject, strings.ReplaceAll(strings.ReplaceAll(m.Text, "Ann.Smith@customer.example", "…"), "[erased]", "…"))
	}
	tickets, err := d.View.Tickets(d.ctx, view.Page{})
	d.must(err)
	for _, t := range tickets {
		if t.ID == h.BobTicket {
			out = append(out, t.Subject, t.Status)
		}
	}
	return out
}

// eraseTombs brings everything again that Ann had sent.
func eraseTombs(d *desk) {
	h := NewHousehold(d.t, d.Store)
	_, err := d.Erasure.Erase(d.ctx, h.Ann, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)

	recorded, err := d.Intake.Record(d.ctx, intake.Lot{Items: []intake.Item{h.Large, h.Chat}}, d.now)
	d.must(err)
	d.same("the same keys are repeats", []bool{false, false}, []bool{recorded[0].New, recorded[1].New})
	d.same("of what was erased", true, slices.Contains(h.AnnMessages, recorded[1].ID))
	left, err := d.Files.CollectBlobs(d.ctx, time.Now().Add(48*time.Hour))
	d.must(err)
	d.same("blobs that the repeats left", 0, left)

	copied := h.Large
	copied.Key = "annlarge-elsewhere"
	p := d.pending(d.record(copied)...)[0]
	content := d.Base.Digest([]byte("content"), []byte("annlarge"))
	asks := pipeline.Asks{From: annMail.Identity(), Proven: true, Recipient: annMail.Identity(), Content: content}
	known := d.facts(asks).For(message.Message{ID: p.ID, Inbox: p.Inbox}, asks)
	if known.First == nil || !known.First.Erased || known.Contact != nil {
		d.t.Fatalf("known of a copy: %+v", known)
	}
	finding := dedupe.Check(message.Message{ID: p.ID, Inbox: p.Inbox}, known.First)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Known: []byte(`{"x":"ann.smith@customer.example"}`), Plan: pipeline.Plan{Message: p.ID,
		State: messages.Duplicate, Duplicate: finding.Of, Erased: true, DropOriginal: true, Row: pipeline.MessageRow{Kind: "message"}}}}, d.now))
	st, err := d.View.Trace(d.ctx, p.ID)
	d.must(err)
	d.same("a copy", []string{"duplicate", "gone", "", ""}, []string{st.Message.State, st.OriginalIs, st.Message.Text, string(st.Known)})
	found, err := d.Erasure.Find(d.ctx, h.Ann, nil)
	d.must(err)
	d.same("found of her", 0, found.Left())
}

// eraseClaimed: a ticket that was opened under an address that nobody had proven goes with the address, be it
// erased by itself or with the contact who has proven it since.
func eraseClaimed(d *desk) {
	mail, other := message.Address{Kind: message.Email, Value: "ann@example.com"}, message.Address{Kind: message.Email, Value: "bob@example.com"}
	claim := func(key string) pipeline.Plan {
		dec := d.opening(d.pending(d.record(item("hotline", key, key))...)[0], mail)
		dec.Plan.Ticket.Open.Participants = []message.Identity{mail.Identity(), other.Identity()}
		dec.Plan.Contact.Add[0].Verified, dec.Plan.Row.Proven, dec.Plan.Ticket.Open.Claimed = false, false, true
		dec.Plan.Contact.Name, dec.Plan.Ticket.Display = "Ann Elisabeth", "My suitcase"
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
		return dec.Plan
	}
	erase := func(claimed pipeline.Plan) {
		d.t.Helper()
		named, err := d.Erasure.Person(d.ctx, claimed.Contact.ID)
		d.must(err)
		p, err := d.Erasure.PersonAt(d.ctx, mail.Identity())
		d.must(err)
		if p.Contact == 0 { // else the address is a proven person's, and the claim has none
			d.same("what a claim is known by", []message.Identity{mail.Identity()}, []message.Identity{named.Addresses[0].Identity})
		}
		out, err := d.Erasure.Erase(d.ctx, p, erasure.Erasure{Who: "li"}, d.now)
		d.must(err)
		d.same("left", 0, out.Proof.Left())
		listed, err := d.View.Tickets(d.ctx, view.Page{})
		d.must(err)
		for _, k := range listed {
			d.same("a ticket of nobody else", []string{"erased", string(tickets.Closed)}, []string{k.Subject, k.Status})
			left := d.facts(pipeline.Asks{Tokens: []pipeline.Token{{Ticket: k.ID}}}).Tickets[k.ID]
			d.same("opened by who was on Cc", false, left.OpenedBy(other.Identity()))
		}
		if _, err := d.Erasure.Person(d.ctx, claimed.Contact.ID); !errors.Is(err, store.ErrNotFound) {
			d.t.Errorf("the name that was given is there still: %v", err)
		}
		d.counted()
	}
	erase(claim("k1"))
	later := claim("k2")
	d.open("k3", mail) // proves the address, by a ticket of its own
	erase(later)
}

// eraseNamed: an address that somebody else has given beside his own leaves the index of his ticket with the person whose it is.
func eraseNamed(d *desk) {
	ann := message.Address{Kind: message.Email, Value: "ann@example.com"}
	d.letter("k1", ann, "Luggage", "my suitcase")
	bob := d.letter("k2", message.Address{Kind: message.Email, Value: "bob@example.com"}, "Umbrella", "it is green", func(dec *commit.Decision) {
		dec.Plan.Contact.Add = append(dec.Plan.Contact.Add, contacts.Claim{Address: ann})
	})
	d.index()
	d.same("found by her address", true, slices.Contains(d.find(ann.Value), bob.Ticket.ID))
	p, err := d.Erasure.PersonAt(d.ctx, ann.Identity())
	d.must(err)
	out, err := d.Erasure.Erase(d.ctx, p, erasure.Erasure{Who: "li"}, d.now)
	d.must(err)
	d.same("left in the index", []int64(nil), out.Proof.Others.Indexed)
	d.same("left", 0, out.Proof.Left())
	d.index()
	d.same("found by her address afterwards", []int64{}, d.find(ann.Value))
	d.same("found by what he wrote", []int64{bob.Ticket.ID}, d.find("green"))
}

// eraseStopped erases somebody who said STOP, and somebody who is to be blocked.
func eraseStopped(d *desk) {
	plan := d.open("k1", phone(7))
	ask := pipeline.Asks{From: phone(7).Identity(), Proven: true, Recipient: phone(7).Identity()}
	say := func(key string, out bool) {
		p := d.pending(d.record(item("hotline", key, "STOP"))...)[0]
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Suppressed, Cause: "opt-out",
			Row: pipeline.MessageRow{Kind: "message", From: phone(7)}, Consent: said(phone(7).Identity(), out)}}}, d.now))
	}
	known := func() pipeline.Known { return d.facts(ask).For(message.Message{Inbox: "hotline"}, ask) }
	say("stop", true)
	person, err := d.Erasure.Person(d.ctx, plan.Contact.ID)
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, person, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	k := known()
	d.same("the STOP stays, the contact does not", true, k.To != nil && k.To.OptedOut && k.Contact == nil)

	again := d.open("k2", phone(7))
	k = known()
	d.same("also when the person has become a new customer", true, k.To != nil && k.To.OptedOut)
	addresses, err := d.Outbox.Addresses(d.ctx, again.Contact.ID, again.Message)
	d.must(err)
	d.same("and for the fallback", true, len(addresses) == 1 && addresses[0].OptedOut)
	say("start", false)
	k = known()
	d.same("until START", false, k.To.OptedOut)
	d.same("forgotten", false, k.Forgotten)

	person, err = d.Erasure.PersonAt(d.ctx, phone(7).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, person, erasure.Erasure{Who: "op", Block: true}, d.now)
	d.must(err)
	d.same("blocked", true, known().Forgotten)
}

// eraseHalf breaks an erasure off at each of its transactions and runs it again.
func eraseHalf(d *desk) {
	h := NewHousehold(d.t, d.Store)
	ctx, cancel := context.WithCancel(d.ctx)
	rows := 0
	_, err := d.Erasure.Erase(ctx, h.Ann, erasure.Erasure{Who: "op", Tell: func(table string, _ int64) {
		if rows++; table == "originals" && rows > 20 { // in the second search: the first mending is done
			cancel()
		}
	}}, d.now)
	if err == nil {
		d.t.Fatal("the erasure was not broken off")
	}
	open, err := d.Erasure.Unfinished(d.ctx)
	d.must(err)
	d.same("a half-done erasure is seen", []int64{h.Ann.Contact}, open)
	person, err := d.Erasure.Person(d.ctx, h.Ann.Contact)
	d.must(err)
	got, err := d.Erasure.Erase(d.ctx, person, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("left", 0, got.Proof.Left())
	h.gone(d)
	open, err = d.Erasure.Unfinished(d.ctx)
	d.must(err)
	d.same("unfinished", []int64{}, open)
}

// eraseBusy refuses while a message of the person is not decided yet.
func eraseBusy(d *desk) {
	h := NewHousehold(d.t, d.Store)
	waiting := d.record(mailItem("annnew", annMail, "one more thing"))
	asked := 0
	_, err := d.Erasure.Erase(d.ctx, h.Ann, erasure.Erasure{Who: "op", Wait: func(context.Context) bool { asked++; return asked < 3 }}, d.now)
	var busy *erasure.BusyError
	if !errors.As(err, &busy) || !slices.Equal(busy.Messages, waiting) || asked != 3 {
		d.t.Fatalf("error is %v after %d questions, want the undecided message", err, asked)
	}
	open, err := d.Erasure.Unfinished(d.ctx)
	d.must(err)
	d.same("nothing was begun", []int64{}, open)
}

// eraseCovered: two wrote in one matter without proof; a digest to the one lists nothing of what was erased of the other.
func eraseCovered(d *desk) {
	first := d.opening(d.pending(d.record(mailItem("ann", annMail, "I wait"))...)[0], annMail)
	first.Plan.Contact.Add[0].Verified, first.Plan.Ticket.Open.Claimed, first.Plan.Row.Proven = false, true, false
	first.Plan.Effects[0].Cause, first.Plan.Effects[0].Unproven = "sender-cap", true
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{first}, d.now))
	next := d.following(d.pending(d.record(mailItem("bob", bobMail, "we both wait"))...)[0], first.Plan, 1, 1)
	next.Plan.Row.From, next.Plan.Row.Proven = bobMail, false
	next.Plan.Effects = []effects.Plan{{Kind: effects.KindDigest, Inbox: "support", Channel: "email", To: bobMail, Unproven: true, Due: d.now.Add(time.Hour)}}
	next = d.assigned(next)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{next}, d.now))
	ann, err := d.Erasure.PersonAt(d.ctx, annMail.Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, ann, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.now = d.now.Add(time.Hour)
	rows := d.claim(next.Plan.Effects[0].ID)
	d.same("digests that go out", 1, len(rows))
	d.same("what it lists", 0, len(rows[0].Covers))
	d.settle(commands.SendEnded{ID: rows[0].ID, State: effects.Withheld, Code: "nothing"})
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}

// eraseListed: what a digest lists that is being sent is erased once that is over, and its promise was kept.
func eraseListed(d *desk) {
	dec := d.opening(d.pending(d.record(mailItem("ann", annMail, "I wait"))...)[0], annMail)
	dec.Plan.Effects[0].Cause = "sender-cap"
	dec.Plan.Effects = append(dec.Plan.Effects, effects.Plan{Kind: effects.KindDigest, Inbox: "support", Channel: "email", To: annMail, Due: d.now})
	dec = d.assigned(dec)
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	ann, err := d.Erasure.PersonAt(d.ctx, annMail.Identity())
	d.must(err)
	waits := 0
	digest := dec.Plan.Effects[1].ID
	_, err = d.Erasure.Erase(d.ctx, ann, erasure.Erasure{Who: "op", Tell: func(table string, done int64) {
		if waits == 0 && table == "outbox" { // after it was quiet
			waits++
			d.same("digests that go out", 1, len(d.claim(digest)))
		}
	}, Wait: func(context.Context) bool {
		if waits++; waits == 3 {
			d.settle(commands.SendEnded{ID: digest, State: effects.Sent})
		}
		return true
	}}, d.now)
	d.must(err)
	d.same("waits", 3, waits)
	state, _ := d.promise(dec.Plan.Ticket.ID)
	d.same("promise", "kept", state)
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}

// eraseReader: an acknowledgement that went to the erased person about somebody else's ticket is owed no more.
func eraseReader(d *desk) {
	dec := d.opening(d.pending(d.record(mailItem("ann", annMail, "I wait"))...)[0], annMail)
	dec.Plan.Contact.Add[0].Verified, dec.Plan.Ticket.Open.Claimed, dec.Plan.Row.Proven = false, true, false
	dec.Plan.Effects[0].To, dec.Plan.Effects[0].Unproven = bobMail, true
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	bob, err := d.Erasure.PersonAt(d.ctx, bobMail.Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, bob, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("effect", "withheld", d.effect(dec.Plan.Effects[0].ID).State)
	state, _ := d.promise(dec.Plan.Ticket.ID)
	d.same("promise", "void", state)
	d.counted()
	b, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{}, d.now)
	d.must(err)
	d.same("findings", []auditing.Finding{}, b.Findings)
}

// eraseSendIDs: ids that the provider gave our sends are kept for receipts where the channel says that they name nobody.
func eraseSendIDs(d *desk) {
	for _, c := range []struct {
		channel   string
		to        message.Address
		id, after string
	}{
		{"telegram", annChat, annChat.Value + ":9", ""},
		{"sms", phone(1), "SM0001", "SM0001"},
		{"email", annMail, "ack.1@desk.example", "ack.1@desk.example"},
		{"a channel of a newer program", message.Address{Kind: "page", Value: "ann"}, "ann:9", ""},
	} {
		one := item("hotline", c.channel, "one")
		one.Delivery.Channel = c.channel
		dec := d.opening(d.pending(d.record(one)...)[0], c.to)
		d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
		d.claim(dec.Plan.Effects[0].ID)
		d.settle(commands.SendEnded{ID: dec.Plan.Effects[0].ID, State: effects.Sent, ProviderID: c.id})
		p, err := d.Erasure.PersonAt(d.ctx, c.to.Identity())
		d.must(err)
		out, err := d.Erasure.Erase(d.ctx, p, erasure.Erasure{Who: "li"}, d.now)
		d.must(err)
		d.same(c.channel+": left", 0, out.Proof.Left())
		d.same(c.channel+": id of the send", c.after, d.effect(dec.Plan.Effects[0].ID).ProviderID)
	}
}

// copiesOfBob are who would get a copy of an answer to Bob, without their names.
func (h *Household) copiesOfBob(d *desk) (out []message.Address) {
	d.t.Helper()
	for _, a := range d.ground(chen, h.BobTicket).Recipients.Cc {
		out = append(out, plain(a))
	}
	return out
}
