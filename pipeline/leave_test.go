package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
)

// hostile are words that a stranger would like us to carry to somebody else.
const hostile = "evil.example"

func stranger(channel string, to message.Address) message.Message {
	m := mail(1, "support", to.Value, "Call +1 900 555 0199 at "+hostile+"\r\nBcc: x@"+hostile, "I have a question about my payment, see "+hostile)
	m.Channel, m.From = channel, to
	m.From.Name = "Visit " + hostile + "\r\nBcc: y@" + hostile
	m.Thread, m.Language = hostile, "en"
	m.MessageID, m.References = "visit/"+hostile+"?now@x", []string{"see." + hostile + "@x"}
	m.Attachments = []message.Attachment{{Name: hostile + ".pdf", MediaType: "application/pdf"}}
	return m
}

func address(kind message.AddressKind, value string) message.Address {
	return message.Address{Kind: kind, Value: value}
}

// TestNothingOfAStrangersWordsLeaves07: whichever way he writes, and whatever he fills in.
func TestNothingOfAStrangersWordsLeaves07(t *testing.T) {
	for _, c := range []struct {
		name    string
		channel string
		from    message.Address
	}{
		{"a mail with a forged From", "email", address(message.Email, "victim@third.example")},
		{"a form with somebody's address", "form", address(message.Email, "victim@third.example")},
		{"the API with somebody's address", "api", address(message.Email, "victim@third.example")},
		{"the API with somebody's number", "api", address(message.Phone, "+85291234567")},
		{"the API with somebody's chat", "api", address("telegram", "4711")},
	} {
		t.Run(c.name, func(t *testing.T) {
			second := stranger(c.channel, c.from)
			second.ID, second.Thread, second.References, second.Text, second.Subject = 2, "other "+hostile, nil, "I lost my card, see "+hostile, "Card lost "+hostile
			got := batch(t, pipelinetest.Settings(t, pipeline.Inbox{Name: "support", Channel: "email", Address: "support@desk.example"},
				pipeline.Inbox{Name: "hotline", Channel: "sms", Address: "+85230000000"}, pipeline.Inbox{Name: "bot", Channel: "telegram", Address: "bot"}),
				pipeline.NewFacts(), counter{}, stranger(c.channel, c.from), second)
			for _, d := range got {
				if d.Plan.State != messages.Parked && len(d.Plan.Effects) == 0 {
					t.Errorf("state %s and nothing is written to the sender", d.Plan.State)
				}
				for _, e := range d.Plan.Effects {
					all, _ := json.Marshal([]any{e.To, e.Payload})
					if strings.Contains(string(all), hostile) || strings.Contains(string(all), "900") {
						t.Errorf("%s carries %s", e.Kind, all)
					}
					if !e.Unproven {
						t.Errorf("%s counts as proven", e.Kind)
					}
				}
			}
		})
	}
}

func TestAProvenSendersOwnWordsComeBackToHim(t *testing.T) {
	m := mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed.")
	m.Proven, m.From.Name, m.References = true, "Li Lei", []string{"a@b"}
	var p pipeline.AckPayload
	e := batch(t, settings(t), pipeline.NewFacts(), counter{}, m)[0].Plan.Effects[0]
	if err := json.Unmarshal(e.Payload, &p); err != nil {
		t.Fatal(err)
	}
	if p.Subject != "Payment failed" || p.Name != "Li Lei" || p.Unproven || e.Unproven || p.InReplyTo != m.MessageID {
		t.Errorf("payload %+v of %+v", p, e)
	}
}

// TestAStrangersPostWithholdsNothingFromTheOwner17: by address, by fingerprint, by domain, by flood.
func TestAStrangersPostWithholdsNothingFromTheOwner17(t *testing.T) {
	const text = "Your request has been received: my payment of 200 USD failed."
	post := func(id int64, from string) message.Message {
		m := mail(id, "support", from, "Payment", text)
		m.Channel, m.Inbox, m.Envelope = "form", "contact", message.Envelope{}
		return m
	}
	owner := func(subject, words string) message.Message {
		m := mail(99, "support", "li@customer.example", subject, words)
		m.Proven = true
		return m
	}
	for _, c := range []struct {
		name  string
		posts []message.Message
		own   message.Message
	}{
		{"one post under his address", []message.Message{post(1, "li@customer.example")}, owner("Card", "My card was stolen.")},
		{"four posts under spellings of his mailbox", []message.Message{post(1, "li@customer.example"), post(2, "li+a@customer.example"), post(3, "li+b@customer.example"), post(4, "li+c@customer.example")}, owner("Card", "My card was stolen.")},
		{"posts with his very words", []message.Message{post(1, "li@customer.example"), post(2, "li@customer.example"), post(3, "li@customer.example")}, owner("Payment", text)},
		{"posts worded like a machine from his domain", []message.Message{post(1, "a@customer.example"), post(2, "b@customer.example")}, owner("Payment", text)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings(t)
			s.Inboxes["contact"] = pipeline.Inbox{Name: "contact", Channel: "form"}
			s.Screen.FloodPerHour = 2
			got := batch(t, s, pipeline.NewFacts(), counter{}, append(c.posts, c.own)...)
			if own := got[len(got)-1]; own.Plan.State == messages.Parked || own.Thread.Ticket == 0 && !own.Ack.Send() {
				t.Errorf("the owner's: %s %s, acknowledgement %+v", own.Plan.State, own.Plan.Cause, own.Ack)
			}
		})
	}
}

func TestTheDigestOfAStrangerAndOfTheOwnerAreTwo(t *testing.T) {
	first, second := mail(1, "support", "li@customer.example", "One", "My payment failed."), mail(2, "support", "li@customer.example", "Two", "My card was stolen.")
	third, fourth := mail(3, "support", "li@customer.example", "Three", "My refund is late."), mail(4, "support", "li@customer.example", "Four", "I have moved house.")
	third.Proven, fourth.Proven = true, true
	keys := map[string]bool{}
	for _, c := range batch(t, settings(t), pipeline.NewFacts(), counter{}, first, second, third, fourth) {
		for _, e := range c.Plan.Effects {
			if e.Kind == effects.KindDigest {
				keys[e.Key] = e.Unproven
			}
		}
	}
	if len(keys) != 2 {
		t.Errorf("digests: %v", keys)
	}
}

// TestAFloodOfStrangersIsCappedAndTheOwnerIsNot07: in one batch, as in many.
func TestAFloodOfStrangersIsCappedAndTheOwnerIsNot07(t *testing.T) {
	s := settings(t)
	s.Caps.StrangerHour = 5
	var all []message.Message
	for i := range int64(12) {
		all = append(all, mail(i+1, "support", fmt.Sprintf("v%d@d%d.example", i, i), "Payment", "I have a question about my payment."))
	}
	own := mail(99, "support", "li@customer.example", "Card", "My card was stolen.")
	own.Proven = true
	sent, held := 0, 0
	got := batch(t, s, pipeline.NewFacts(), counter{}, append(all, own)...)
	for _, c := range got[:12] {
		switch {
		case c.Ack.Send():
			sent++
		case c.Ack.Cause == causes.StrangerCap && c.Plan.Promises[0].Void == causes.StrangerCap:
			held++
		}
	}
	if sent != 5 || held != 7 || !got[12].Ack.Send() {
		t.Errorf("%d sent, %d held, the owner's %+v", sent, held, got[12].Ack)
	}
}

// paid is a text that is no other one's, whatever its digits.
func paid(i int64) string {
	return fmt.Sprintf("Where is what I paid to the shop %c%c for article %d?", 'a'+i/26, 'a'+i%26, 100+i)
}

// TestDigestsOfSpellingsOfOneMailboxAreBounded: whoever writes from ever new spellings of a mailbox, proven or not, does not
// fill it with digests; what is over waits for a person.
func TestDigestsOfSpellingsOfOneMailboxAreBounded(t *testing.T) {
	for _, tc := range []struct {
		name   string
		proven bool
		most   int
		over   string
	}{
		{"proven", true, 6, causes.DigestCap},
		{"not proven", false, 3, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var all []message.Message
			for i := range int64(60) {
				m := mail(i+1, "support", fmt.Sprintf("li+%d@customer.example", i), "Payment", paid(i))
				m.Proven = tc.proven
				all = append(all, m)
			}
			keys, held := map[string]bool{}, 0
			for _, c := range batch(t, settings(t), pipeline.NewFacts(), counter{}, all...) {
				for _, e := range c.Plan.Effects {
					if e.Kind == effects.KindDigest {
						keys[e.Key] = true
					}
				}
				if tc.over != "" && c.Ack.Cause == tc.over && c.Plan.Promises[0].Void == tc.over {
					held++
				}
			}
			if len(keys) > tc.most || len(keys) == 0 || tc.over != "" && held != 59-len(keys) {
				t.Errorf("%d digests, %d held", len(keys), held)
			}
		})
	}
}

// TestManyMailsFromOneAddressAreListed: a person who writes a lot gets his digests, whatever the spelling of his address.
func TestManyMailsFromOneAddressAreListed(t *testing.T) {
	for _, from := range []string{"li@customer.example", "li+desk@customer.example", "li.wei@gmail.com"} {
		t.Run(from, func(t *testing.T) {
			var all []message.Message
			for i := range int64(60) {
				m := mail(i+1, "support", from, "Payment", paid(i))
				m.Proven = true
				all = append(all, m)
			}
			for i, c := range batch(t, settings(t), pipeline.NewFacts(), counter{}, all...)[1:] {
				if c.Ack.Cause != causes.SenderCap || !c.Ack.Digest {
					t.Fatalf("mail %d: %+v", i+2, c.Ack)
				}
			}
		})
	}
}

// TestDigestsToStrangersCountForTheirCap: each is a mail to somebody who may never have written.
func TestDigestsToStrangersCountForTheirCap(t *testing.T) {
	s := settings(t)
	s.Caps.StrangerHour = 5
	var all []message.Message
	for i := range int64(8) {
		for k := range int64(3) {
			all = append(all, mail(i*3+k+1, "support", fmt.Sprintf("v%d@d%d.example", i, i), "Payment", paid(i*10+k)))
		}
	}
	out, held := map[string]bool{}, 0
	for _, c := range batch(t, s, pipeline.NewFacts(), counter{}, all...) {
		for _, e := range c.Plan.Effects {
			if e.Kind == effects.KindDigest || e.Cause == "" {
				out[e.Key] = true
			}
		}
		if c.Ack.Cause == causes.StrangerCap && !c.Ack.Digest {
			held++
		}
	}
	if len(out) != 5 || held == 0 {
		t.Errorf("%d mails leave, %d held", len(out), held)
	}
}
