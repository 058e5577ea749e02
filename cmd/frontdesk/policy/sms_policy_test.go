package policy

import (
	"testing"

	"frontdesk/channels/kinds"
	"frontdesk/channels/twilio"
	"frontdesk/configs"
	"frontdesk/pipeline/acknowledge"
)

// TestTheCountriesOfTheOwnNumbersAreServed08: where none are configured.
func TestTheCountriesOfTheOwnNumbersAreServed08(t *testing.T) {
	c := configs.Default(t.TempDir(), kinds.All())
	c.Inboxes = append(c.Inboxes, configs.Inbox{Name: "hotline", Channel: twilio.Channel, Address: "+85221234567"})
	own, err := smsPolicy(c)
	if err != nil {
		t.Fatal(err)
	}
	c.SMS.Countries, c.SMS.Prices = []string{"US"}, map[string]float64{"US": 0.01}
	us, err := smsPolicy(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		name   string
		sms    acknowledge.SMS
		number string
		want   bool
	}{
		{"a mobile of the own country", own, "+85291234567", true},
		{"one of another", own, "+37259012345", false},
		{"a configured country", us, "+12125550123", true},
		{"another one with the same code", us, "+18762345678", false},
		{"premium there", us, "+19005550199", false},
		{"the own country, which is not configured", us, "+85291234567", false},
		{"a satellite", own, "+881612345678", false},
	} {
		if p := k.sms.Look(k.number); (p.Served && p.Mobile && !p.Never) != k.want {
			t.Errorf("%s: %+v", k.name, p)
		}
	}
	if p := us.Look("+12125550123"); p.Price != 30_000 {
		t.Errorf("price %d", p.Price)
	}
	c.SMS.Countries = []string{"XX"}
	if _, err := smsPolicy(c); err == nil {
		t.Error("a country without numbers is taken")
	}
}
