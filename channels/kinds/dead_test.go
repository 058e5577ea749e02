package kinds

import "testing"

func TestOnlyTheAddressesOwnFaultKillsIt(t *testing.T) {
	for _, c := range []struct {
		channel, code string
		want          bool
	}{
		{"email", "550 5.1.1", true}, {"email", "553 5.7.1", false}, {"email", "550", false}, {"email", "553 5.1.8", false},
		{"sms", "21211", true}, {"sms", "21606", false}, {"sms", "21408", false}, {"telegram", "403", false}, {"telegram", "401", false}, {"webhook", "400", false},
	} {
		if got := All().Traits()[c.channel].Unreachable(c.code); got != c.want {
			t.Errorf("%s, %s: %v, want %v", c.channel, c.code, got, c.want)
		}
	}
}
