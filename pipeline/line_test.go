package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

var now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

var mac = pipelinetest.MAC

func settings(t testing.TB) *pipeline.Settings {
	t.Helper()
	return pipelinetest.Settings(t, pipeline.Inbox{Name: "support", Channel: "email", Address: "support@desk.example"},
		pipeline.Inbox{Name: "billing", Channel: "email", Address: "billing@desk.example"}, pipeline.Inbox{Name: "hotline", Channel: "sms", Address: "+85230000000"})
}

// counter hands out ids in order.
type counter map[string]int64

func (c counter) Next(sequence string) int64 { c[sequence]++; return c[sequence] }

func mail(id int64, inbox, from, subject, text string) message.Message {
	a := message.Address{Kind: message.Email, Value: from}
	to := message.Address{Kind: message.Email, Value: inbox + "@desk.example"}
	return message.Message{ID: id, Inbox: inbox, Channel: "email", Key: fmt.Sprint("k", id), At: now.Add(time.Duration(id) * time.Second), From: a, To: []message.Address{to},
		Envelope: message.Envelope{MailFrom: from, HasMailFrom: true, Recipients: []string{to.Value}}, Subject: subject, Text: text,
		MessageID: fmt.Sprintf("m%d@customer.example", id), Headers: message.Headers{{Name: "From", Value: from}, {Name: "To", Value: to.Value}}}
}

// batch decides messages as the processor does: one view, each plan applied to it.
func batch(t testing.TB, s *pipeline.Settings, facts *pipeline.Facts, ids counter, messages ...message.Message) []pipeline.Case {
	t.Helper()
	var out []pipeline.Case
	for _, m := range messages {
		c := pipeline.Read(m, s, now)
		c = pipeline.Decide(c, facts.For(c.Message, c.Asks))
		c.Plan.Assign(ids)
		facts.Apply(c, c.Plan)
		out = append(out, c)
	}
	return out
}

func proven(m message.Message) message.Message {
	m.Proven = true
	return m
}

func TestTwoFirstMessagesOfOneCustomerInOneBatchSeeEachOther(t *testing.T) {
	first, second := mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed."),
		mail(2, "support", "li@customer.example", "Re: Payment failed", "I forgot: it was yesterday at noon.")
	got := batch(t, settings(t), pipeline.NewFacts(), counter{}, first, second)
	if got[0].Plan.State != messages.Ticketed || got[1].Plan.State != messages.Ticketed || got[0].Plan.Contact.ID == got[1].Plan.Contact.ID {
		t.Fatalf("where nothing proves the sender: states = %s, %s, contacts %d, %d; want two of each", got[0].Plan.State, got[1].Plan.State,
			got[0].Plan.Contact.ID, got[1].Plan.Contact.ID)
	}
	got = batch(t, settings(t), pipeline.NewFacts(), counter{}, proven(first), proven(second))
	if got[0].Plan.State != messages.Ticketed || got[1].Plan.State != messages.Appended {
		t.Fatalf("states = %s, %s", got[0].Plan.State, got[1].Plan.State)
	}
	if got[1].Plan.Ticket.ID != got[0].Plan.Ticket.ID || got[1].Plan.Contact.ID != got[0].Plan.Contact.ID || got[1].Plan.Contact.New {
		t.Errorf("second plan = %+v %+v, want the first one's ticket and contact", got[1].Plan.Ticket, got[1].Plan.Contact)
	}
	if len(got[1].Plan.Effects) != 0 {
		t.Errorf("the second message is acknowledged too: %+v", got[1].Plan.Effects)
	}
}

func TestSameMailToTwoInboxesIsOneMessageAndInforms(t *testing.T) {
	first := mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed.")
	second := first
	second.ID, second.Inbox, second.Key = 2, "billing", "k2"
	got := batch(t, settings(t), pipeline.NewFacts(), counter{}, first, second)
	if got[1].Plan.State != messages.Duplicate || got[1].Plan.Duplicate != 1 || got[1].Plan.Inform == "" {
		t.Errorf("second copy = %s of %d, informs %q", got[1].Plan.State, got[1].Plan.Duplicate, got[1].Plan.Inform)
	}
}

func TestACappedAcknowledgementIsListedInADigestOnce(t *testing.T) {
	got := batch(t, settings(t), pipeline.NewFacts(), counter{},
		mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed."),
		mail(2, "support", "li@customer.example", "Card lost", "I have lost my card."),
		mail(3, "support", "li@customer.example", "Change of address", "I have moved house."))
	var words []string
	for _, c := range got {
		for _, e := range c.Plan.Effects {
			words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Key, e.Cause, e.Due.Sub(now))))
		}
	}
	want := []string{"acknowledgement:1  0s", "acknowledgement:2 sender-cap 0s", "digest:f81331547f4871a7:20261120:early  1h0m0s", "acknowledgement:3 sender-cap 0s", "digest:f81331547f4871a7:p1795240803:late  20h0m3s"}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
}

// TestABounceIsKnownBeforeItsSendIsRecorded: by the row that its Message-ID was made for, and by no other.
func TestABounceIsKnownBeforeItsSendIsRecorded(t *testing.T) {
	s := settings(t)
	first, second := effects.AcknowledgementKey(7), effects.FallbackKey(7, message.Identity{Kind: message.Email, Value: "li@customer.example"}, s.Digest)
	facts := func() *pipeline.Facts {
		f := pipeline.NewFacts()
		f.Effects[pipeline.BouncedBy{Key: first}] = pipeline.Effect{ID: 70, Key: first, Kind: effects.KindAcknowledgement, Ticket: 7, To: "li@customer.example"}
		f.Effects[pipeline.BouncedBy{Key: second}] = pipeline.Effect{ID: 71, Key: second, Kind: effects.KindAcknowledgement, Ticket: 7, To: "li@customer.example"}
		return f
	}
	id := func(m thread.MAC, key string) string { return thread.MessageID(m, "ack", 7, key, "desk.example") }
	forged := func(parts ...[]byte) string { return mac(append(parts, []byte("guessed"))...) }
	for _, c := range []struct {
		name, original string
		references     []string
		effect         int64 // 0: backscatter
	}{
		{"the first acknowledgement, by the report", id(mac, first), nil, 70},
		{"the first acknowledgement, in another case", strings.ToUpper(id(mac, first)), nil, 70},
		{"the first acknowledgement, by references alone", "", []string{id(mac, first)}, 70},
		{"the one to another address", id(mac, second), nil, 71},
		{"another row of the ticket", id(mac, "digest:3:early"), nil, 0},
		{"a Message-ID that somebody else signed", id(forged, first), nil, 0},
		{"a Message-ID of somebody else", "x.7.y.z@desk.example", nil, 0},
		{"nothing", "", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mail(1, "support", "mailer-daemon@mx.customer.example", "Undelivered", "It could not be delivered.")
			m.Envelope = message.Envelope{HasMailFrom: true, Recipients: []string{"support@desk.example"}}
			m.References = c.references
			m.Report = &message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1", FinalRecipient: "Li@customer.example", OriginalMessageID: c.original}
			plan := batch(t, s, facts(), counter{}, m)[0].Plan
			want := pipeline.Plan{State: messages.Parked, Cause: causes.Backscatter}
			if c.effect != 0 {
				want = pipeline.Plan{State: messages.Suppressed, Cause: screen.SuppressBounce, Bounce: &pipeline.BouncePlan{Effect: c.effect, Reason: "bounce 5.1.1"}}
			}
			if got := (pipeline.Plan{State: plan.State, Cause: plan.Cause, Bounce: plan.Bounce}); cmp.Diff(want, got) != "" {
				t.Errorf("plan (-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

func TestDecideIsPure(t *testing.T) {
	s := settings(t)
	m := mail(1, "support", "li@customer.example", "支付失败", "我的卡 4111 1111 1111 1111 付款失败，密码是 hunter2。")
	m.Fields = map[string]string{"note": "card 4111111111111111"}
	m.Attachments = []message.Attachment{{Name: "4111111111111111.png"}}
	c := pipeline.Read(m, s, now)
	known := pipeline.NewFacts().For(m, c.Asks)
	a, b := pipeline.Decide(c, known), pipeline.Decide(c, known)
	if diff := cmp.Diff(a.Plan, b.Plan); diff != "" {
		t.Errorf("deciding twice gives two plans:\n%s", diff)
	}
	if m.Attachments[0].Name != "4111111111111111.png" || m.Fields["note"] != "card 4111111111111111" {
		t.Error("the message itself was changed")
	}
	if all := fmt.Sprintf("%+v", a.Plan); strings.Contains(all, "4111 1111") || strings.Contains(all, "4111111111111111") || strings.Contains(all, "hunter2") {
		t.Errorf("a secret is readable in the plan: %s", all)
	}
}

func TestNothingIsOwedForHistory(t *testing.T) {
	s := settings(t)
	facts := pipeline.NewFacts()
	facts.Since["support"] = now.Add(time.Hour)
	got := batch(t, s, facts, counter{}, mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed."))
	p := got[0].Plan
	if p.State != messages.Ticketed || len(p.Effects) != 1 || p.Effects[0].Cause != causes.History {
		t.Fatalf("plan = %s %+v", p.State, p.Effects)
	}
	for _, pr := range p.Promises {
		if pr.Void == "" {
			t.Errorf("promise %+v is not void", pr)
		}
	}
}

// TestWhatIsHandedOverIsNoHistory: somebody hands it over now, whatever is written down about when the inbox was connected.
func TestWhatIsHandedOverIsNoHistory(t *testing.T) {
	s := settings(t)
	for name, c := range map[string]struct {
		since            time.Duration // of the inbox's first contact, from now
		handed, imported bool
		history          bool
	}{
		"fetched, from before the first contact":    {time.Hour, false, false, true},
		"fetched, from after it":                    {-time.Hour, false, false, false},
		"handed over, though the clock was ahead":   {8 * time.Hour, true, false, false},
		"handed over, as ever":                      {-time.Hour, true, false, false},
		"handed over by an import":                  {-time.Hour, true, true, true},
		"handed over before anything was connected": {0, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c1 := pipeline.Read(mail(1, "support", "li@customer.example", "Payment failed", "My payment of 200 USD failed."), s, now)
			facts := pipeline.NewFacts()
			if c.since != 0 {
				facts.Since["support"] = now.Add(c.since)
			}
			known := facts.For(c1.Message, c1.Asks)
			known.Handed, known.Imported = c.handed, c.imported
			got := pipeline.Decide(c1, known).Plan.Effects[0].Cause
			if (got == causes.History) != c.history {
				t.Errorf("the acknowledgement is withheld for %q, want history = %v", got, c.history)
			}
		})
	}
}

func TestReleasedMessagesAreDecidedAsAPersonSaw(t *testing.T) {
	s := settings(t)
	m := mail(1, "support", "news@shop.example", "Sale", "Buy now.")
	m.Headers = append(m.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-generated"})
	c := pipeline.Read(m, s, now)
	if got := pipeline.Decide(c, pipeline.Known{}); got.Plan.State != messages.Parked || got.Plan.Cause != causes.Automated {
		t.Fatalf("plan = %s %s, want it parked", got.Plan.State, got.Plan.Cause)
	}
	got := pipeline.Decide(c, pipeline.Known{Released: true})
	if got.Plan.State != messages.Ticketed {
		t.Errorf("released: %s %s, want a ticket", got.Plan.State, got.Plan.Cause)
	}
	for _, e := range got.Plan.Effects {
		if e.Cause == "" {
			t.Errorf("a robot is acknowledged: %+v", e)
		}
	}
}

// TestWhatWasErasedComesBackInNoState: a mail that was set aside, and erased with its person, would be
// set aside again, words and all, when its mailbox is read anew, if only its like were asked about copies.
func TestWhatWasErasedComesBackInNoState(t *testing.T) {
	s := settings(t)
	robot := mail(2, "support", "news@shop.example", "Sale", "Buy now.")
	robot.Headers = append(robot.Headers, message.Header{Name: "Auto-Submitted", Value: "auto-generated"})
	large := mail(3, "support", "li@customer.example", "Refund", "Where is my refund?")
	large.Exceeded = "depth"
	for _, m := range []message.Message{robot, large, mail(4, "support", "li@customer.example", "Refund", "Where is my refund?")} {
		got := pipeline.Decide(pipeline.Read(m, s, now), pipeline.Known{First: &dedupe.Copy{Message: 1, Inbox: "support", Erased: true}})
		if got.Plan.State != messages.Duplicate || !got.Plan.Erased || got.Plan.Duplicate != 1 {
			t.Errorf("message %d: %s %s, erased %t, want a forgotten copy", m.ID, got.Plan.State, got.Plan.Cause, got.Plan.Erased)
		}
		if got.Plan.Row.Subject != "" || got.Plan.Row.Visible != "" || !got.Plan.DropOriginal {
			t.Errorf("message %d keeps %q, its original dropped: %t", m.ID, got.Plan.Row.Subject, got.Plan.DropOriginal)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	s := settings(b)
	sms := message.Message{ID: 1, Inbox: "hotline", Channel: "sms", At: now, From: message.Address{Kind: message.Phone, Value: "+8613800138000"}, Proven: true,
		Thread: "a b", Text: "我昨天转账500元到朋友账户，钱扣了但是对方没有收到，订单号20261120001，请帮我查一下"}
	letter := mail(2, "support", "li@customer.example", "Payment failed", strings.Repeat("My payment of 200 USD failed yesterday and nobody could tell me why. ", 170))
	for _, c := range []struct {
		name string
		m    message.Message
	}{{"sms", sms}, {"mail of 12 KB", letter}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			facts := pipeline.NewFacts()
			for b.Loop() {
				read := pipeline.Read(c.m, s, now)
				decided := pipeline.Decide(read, facts.For(c.m, read.Asks))
				if decided.Plan.State == "" {
					b.Fatal("no state")
				}
			}
		})
	}
}

// TestMailBeyondTheLimitsOfItsStructureWaitsForAPerson: with what was read of it, which a release turns
// into a ticket.
func TestMailBeyondTheLimitsOfItsStructureWaitsForAPerson(t *testing.T) {
	s := settings(t)
	m := mail(1, "support", "li@customer.example", "Refund", "Where is my refund?")
	m.Exceeded = "depth"
	c := pipeline.Read(m, s, now)
	got := pipeline.Decide(c, pipeline.Known{})
	if got.Plan.State != messages.Parked || got.Plan.Cause != causes.TooLarge || !strings.Contains(got.Plan.Evidence, "depth") || got.Plan.Row.Subject != "Refund" {
		t.Errorf("plan = %s %s (%s), subject %q", got.Plan.State, got.Plan.Cause, got.Plan.Evidence, got.Plan.Row.Subject)
	}
	if got := pipeline.Decide(c, pipeline.Known{Released: true}); got.Plan.State != messages.Ticketed {
		t.Errorf("released: %s %s, want a ticket", got.Plan.State, got.Plan.Cause)
	}
}

// TestATypedAddressFindsNobody06: a form with somebody's number or address beside one's own neither takes what belongs
// to him nor proves anything by arriving beside it, in whatever order the messages come.
func TestATypedAddressFindsNobody06(t *testing.T) {
	victim := message.Address{Kind: message.Phone, Value: "+8613900001111"}
	box := message.Address{Kind: message.Email, Value: "wang.fang@victim.example"}
	attacker, mobile := message.Address{Kind: message.Email, Value: "attacker@evil.example"}, message.Address{Kind: message.Phone, Value: "+85299887766"}
	form := func(id int64, from message.Address, also ...message.Address) message.Message {
		return message.Message{ID: id, Inbox: "contact", Channel: "form", At: now, From: from, Also: also, Text: "My refund has not arrived."}
	}
	sms := func(id int64, from message.Address) message.Message {
		return message.Message{ID: id, Inbox: "hotline", Channel: "sms", At: now, From: from, Proven: true, Thread: from.Value, Text: "My refund has not arrived."}
	}
	letter := proven(mail(1, "support", box.Value, "Refund", "My refund has not arrived."))
	for _, c := range []struct {
		name string
		all  []message.Message
	}{
		{"a stranger's form before the victim's first text", []message.Message{form(1, attacker, victim), sms(2, victim)}},
		{"and after it", []message.Message{sms(1, victim), form(2, attacker, victim)}},
		{"the victim's mail beside the stranger's number, then a text from that number", []message.Message{letter, form(2, box, mobile), sms(3, mobile)}},
		{"the victim's address alone, by form", []message.Message{letter, form(2, box)}},
		{"by an application that vouches for nobody", []message.Message{letter, {ID: 2, Inbox: "app", Channel: "api", At: now, From: box, Text: "My refund has not arrived."}}},
		{"by a mail that nothing proves", []message.Message{letter, mail(2, "support", box.Value, "Re: Refund", "My refund has not arrived.")}},
		{"two strangers under one address", []message.Message{form(1, box), {ID: 2, Inbox: "contact", Channel: "form", At: now, From: box, Text: "How do I change my password for the app?"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			facts := pipeline.NewFacts()
			contacts := map[int64]bool{}
			for _, got := range batch(t, settings(t), facts, counter{}, c.all...) {
				if got.Plan.State != messages.Ticketed || contacts[got.Plan.Contact.ID] {
					t.Errorf("message %d is %s with contact %d, want a ticket and a contact of its own", got.Message.ID, got.Plan.State, got.Plan.Contact.ID)
				}
				contacts[got.Plan.Contact.ID] = true
			}
			for id := range facts.Owners {
				if !slices.ContainsFunc(c.all, func(m message.Message) bool { return m.Proven && m.From.Identity() == id }) {
					t.Errorf("%s belongs to a contact, and nothing has proven it", id.Value)
				}
			}
		})
	}
}

// TestWhoIsBlockedIsNotAnswered: neither when he writes nor when somebody else's mail would be answered to him.
func TestWhoIsBlockedIsNotAnswered(t *testing.T) {
	blocked := message.Identity{Kind: message.Email, Value: "mallory@evil.example"}
	facts := pipeline.NewFacts()
	facts.Forgotten[blocked] = true
	forged := mail(1, "support", "li@customer.example", "Refund", "Where is my refund?")
	forged.Envelope.MailFrom = blocked.Value
	got := batch(t, settings(t), facts, counter{}, forged)[0]
	if got.Asks.Recipient != blocked || got.Ack.Send() || got.Ack.Digest {
		t.Errorf("answered to %v: %+v", got.Asks.Recipient, got.Ack)
	}
}
