package acknowledge

import (
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"

	"github.com/google/go-cmp/cmp"
)

func mail(from, envelope string) message.Message {
	return message.Message{Channel: "email", Traits: message.Traits{Mail: true}, From: message.Address{Kind: message.Email, Value: from}, Envelope: message.Envelope{MailFrom: envelope, HasMailFrom: true}}
}

func TestDecide(t *testing.T) {
	human := mail("li@customer.example", "li@customer.example")
	for _, c := range []struct {
		name string
		in   Input
		want Finding
	}{
		{"a human who opens a ticket is answered", Input{Message: human, Opened: true}, Finding{Owed: true}},
		{"item 17: an answer in an existing ticket is not", Input{Message: human}, Finding{}},
		{"the screen's cause is kept", Input{Message: human, Opened: true, Withhold: "list"}, Finding{Owed: true, Cause: "list"}},
		{"item 15: history is not answered", Input{Message: human, Opened: true, History: true}, Finding{Owed: true, Cause: causes.History}},
		{"who said STOP is not answered", Input{Message: human, Opened: true, OptedOut: true}, Finding{Owed: true, Cause: causes.OptedOut}},
		{"item 36: an address that failed for good is not written to", Input{Message: human, Opened: true, Failed: true}, Finding{Owed: true, Cause: causes.AddressFailed}},
		{"item 16: a second one within the hour goes into the digest", Input{Message: human, Opened: true, Sent: Sent{Hour: 1, Day: 1}}, Finding{Owed: true, Cause: causes.SenderCap, Digest: true}},
		{"item 16: a fifth within the day goes into the digest", Input{Message: human, Opened: true, Sent: Sent{Day: 4}}, Finding{Owed: true, Cause: causes.SenderCap, Digest: true}},
		{"a machine that says the same thrice is not even in the digest", Input{Message: human, Opened: true, Sent: Sent{Hour: 1, Day: 1, Repeats: 3}}, Finding{Owed: true, Cause: causes.RepeatedText}},
		{"robot-like words that were answered once are not again, whoever sends them", Input{Message: human, Opened: true, RobotLike: true, Sent: Sent{SameText: 1}}, Finding{Owed: true, Cause: causes.RepeatedText}},
		{"the same human words from many people are answered", Input{Message: human, Opened: true, Sent: Sent{SameText: 50}}, Finding{Owed: true}},
		{"the circuit breaker for robot-like words from one domain", Input{Message: human, Opened: true, RobotLike: true, Sent: Sent{DomainHour: 20}}, Finding{Owed: true, Cause: causes.DomainCap}},
		{"an assistant that says the same again after a mail of ours is not answered, nor listed", Input{Message: human, Opened: true, Sent: Sent{Hour: 1, Day: 1, Week: 1}}, Finding{Owed: true, Cause: causes.RepeatedText}},
		{"nor is one that answers a digest", Input{Message: human, Opened: true, Sent: Sent{Digest: true, Week: 1}}, Finding{Owed: true, Cause: causes.RepeatedText}},
		{"a person who says the same after some days is answered", Input{Message: human, Opened: true, Sent: Sent{Week: 1}}, Finding{Owed: true}},
		{"a business that reports one order after another is listed", Input{Message: human, Opened: true, Numbers: true, Sent: Sent{Hour: 1, Day: 1, Repeats: 2, Week: 9}}, Finding{Owed: true, Cause: causes.SenderCap, Digest: true}},
		{"the same long text from ever new addresses of a domain is answered", Input{Message: human, Opened: true, Stranger: true, Length: 90, Sent: Sent{SameText: 999}}, Finding{Owed: true}},
		{"and not without end", Input{Message: human, Opened: true, Stranger: true, Length: 90, Sent: Sent{SameText: 1000}}, Finding{Owed: true, Cause: causes.RepeatedText}},
		{"unless the sender is known", Input{Message: human, Opened: true, Length: 90, Sent: Sent{SameText: 1000}}, Finding{Owed: true}},
		{"or the text is a few words", Input{Message: human, Opened: true, Stranger: true, Length: 12, Sent: Sent{SameText: 1000}}, Finding{Owed: true}},
		{"or the domain is a mail provider's", Input{Message: mail("li@qq.com", "li@qq.com"), Opened: true, Stranger: true, Length: 90, Sent: Sent{SameText: 1000}}, Finding{Owed: true}},
		{"a large provider's many customers are answered", Input{Message: human, Opened: true, Sent: Sent{DomainHour: 5000}}, Finding{Owed: true}},
		{"nobody to write to", Input{Message: message.Message{Channel: "email", Traits: message.Traits{Mail: true}}, Opened: true}, Finding{Owed: true, Cause: causes.NoAddress}},
		{"switched off", Input{Message: human, Opened: true, Disabled: true, Withhold: "list"}, Finding{Owed: true, Cause: causes.Disabled}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Decide(addressed(c.in), DefaultCaps())
			got.To, got.Reason = message.Address{}, ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
}

func back(m message.Message) message.Address {
	return message.Address{Kind: message.Email, Value: m.Envelope.MailFrom}
}

// addressed is the input with its recipient.
func addressed(in Input) Input {
	in.To = Recipient(in.Message, back(in.Message))
	return in
}

func TestRecipientItem20(t *testing.T) {
	proven := mail("li@customer.example", "bounce@mailer.example")
	proven.Proven = true
	for _, c := range []struct {
		name string
		m    message.Message
		want string
	}{
		{"From when the envelope is of the same domain", mail("li@customer.example", "li+x@customer.example"), "li@customer.example"},
		{"the envelope sender when the domains differ", mail("li@customer.example", "real@elsewhere.example"), "real@elsewhere.example"},
		{"From when the envelope is a carrier's", mail("li@customer.example", ""), "li@customer.example"},
		{"From when DMARC proves it", proven, "li@customer.example"},
		{"From when the envelope is not known; the screen decides about that", mail("li@customer.example", ""), "li@customer.example"},
		{"nobody without an address", mail("", ""), ""},
		{"nobody when there is no domain", mail("root", ""), ""},
		{"the number of an SMS", message.Message{Channel: "sms", Traits: message.Traits{Carrier: true}, From: message.Address{Kind: message.Phone, Value: "+8613800138000"}}, "+8613800138000"},
		{"the address in a form", message.Message{Channel: "form", Traits: message.Traits{Typed: true}, From: message.Address{Kind: message.Email, Value: "li@customer.example"}}, "li@customer.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Recipient(c.m, back(c.m)); got.Value != c.want {
				t.Errorf("recipient = %q, want %q", got.Value, c.want)
			}
		})
	}
}

func TestRobotLike(t *testing.T) {
	for _, c := range []struct {
		subject, text string
		want          bool
	}{
		{"[Ticket 991] Your request has been received", "An agent will be with you shortly.", true},
		{"工单已创建", "尊敬的客户，我们已收到您的来信，工单编号 20260506。", true},
		{"支付失败", "我昨天付款失败了，钱扣了但是订单没有成功，请帮忙看看。", false},
		{"refund", "I bought shoes and want my money back.", false},
	} {
		if got := RobotLike(c.subject, c.text); got != c.want {
			t.Errorf("RobotLike(%q) = %v, want %v", c.subject, got, c.want)
		}
	}
}
