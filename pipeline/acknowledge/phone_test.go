package acknowledge

import (
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// look is a world of four numbers.
func look(number string) Phone {
	return map[string]Phone{
		"+85291234567": {Mobile: true, Served: true, Prefix: "+852912", Price: 150_000},
		"+85221234567": {Served: true, Prefix: "+852212", Price: 150_000},
		"+37259012345": {Mobile: true, Prefix: "+372590", Price: 900_000},
		"+88161234567": {Never: true},
	}[number]
}

func TestDecideAboutNumbers08(t *testing.T) {
	policy := SMS{Look: look, ClaimedPrefix: 10, ShownPrefix: 500, Budget: 1_000_000}
	abroad := policy
	abroad.Abroad = true
	for _, c := range []struct {
		name       string
		number     string
		shown, may bool
		sms        SMS
		sent       Sent
		want       string
	}{
		{"who wrote from a number here is answered", "+85291234567", true, false, policy, Sent{}, ""},
		{"a number that somebody typed is not", "+85291234567", false, false, policy, Sent{}, causes.UnprovenNumber},
		{"unless the inbox's policy says so", "+85291234567", false, true, policy, Sent{}, ""},
		{"a satellite telephone is not, whatever the policy", "+88161234567", false, true, policy, Sent{}, causes.PremiumNumber},
		{"nor when it wrote itself", "+88161234567", true, true, abroad, Sent{}, causes.PremiumNumber},
		{"a number abroad that somebody typed is not", "+37259012345", false, true, abroad, Sent{}, causes.NoServiceArea},
		{"who wrote from abroad is not", "+37259012345", true, false, policy, Sent{}, causes.NoServiceArea},
		{"unless the desk answers abroad", "+37259012345", true, false, abroad, Sent{}, ""},
		{"a landline that somebody typed is not", "+85221234567", false, true, policy, Sent{}, causes.NoServiceArea},
		{"one that wrote is", "+85221234567", true, true, policy, Sent{}, ""},
		{"so many of one range a day", "+85291234567", false, true, policy, Sent{Prefix: 10}, causes.SMSPrefixCap},
		{"who wrote himself has a larger share", "+85291234567", true, true, policy, Sent{Prefix: 499}, ""},
		{"and not without end", "+85291234567", true, true, policy, Sent{Prefix: 500}, causes.SMSPrefixCap},
		{"the day's money is spent", "+85291234567", false, true, policy, Sent{Spent: 900_000}, causes.SMSBudget},
		{"which is for typed numbers alone", "+85291234567", true, true, policy, Sent{Spent: 900_000}, ""},
		{"a typed number that had its text gets no list of the others, which may be long", "+85291234567", false, true, policy, Sent{Hour: 1, Day: 1}, causes.UnprovenNumber},
		{"who wrote himself gets one", "+85291234567", true, true, policy, Sent{Hour: 1, Day: 1}, causes.SenderCap},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := message.Message{Channel: "form", Traits: message.Traits{Typed: true}, From: message.Address{Kind: message.Phone, Value: c.number}}
			in := Input{Message: m, Opened: true, Trusted: c.shown, Shown: c.shown, ClaimedSMS: c.may, SMS: c.sms, Sent: c.sent}
			f := Decide(addressed(in), DefaultCaps())
			if f.Cause != c.want {
				t.Errorf("cause %q, want %q", f.Cause, c.want)
			}
			if f.Digest != (c.want == causes.SenderCap) {
				t.Errorf("listed in a digest: %v", f.Digest)
			}
			if n := Counts(in, f, DefaultCaps()); (len(n) > 0) != f.Send() {
				t.Errorf("counted: %+v", n)
			}
		})
	}
}

func TestTheDeskAnswersSoManyStrangers07(t *testing.T) {
	for _, c := range []struct {
		name    string
		trusted bool
		sent    Sent
		want    string
	}{
		{"below the hour's", false, Sent{StrangerHour: 199, StrangerDay: 999}, ""},
		{"at the hour's", false, Sent{StrangerHour: 200, StrangerDay: 200}, causes.StrangerCap},
		{"at the day's", false, Sent{StrangerDay: 1000}, causes.StrangerCap},
		{"who is proven is no stranger", true, Sent{StrangerHour: 200, StrangerDay: 1000}, ""},
	} {
		m := mail("li@customer.example", "li@customer.example")
		m.Proven = c.trusted
		if f := Decide(addressed(Input{Message: m, Opened: true, Trusted: c.trusted, Sent: c.sent}), DefaultCaps()); f.Cause != c.want {
			t.Errorf("%s: %q", c.name, f.Cause)
		}
	}
}
