package main

import (
	"strings"
	"testing"
)

// Mail to postmaster@ and abuse@ of a domain with an inbox reaches the first inbox of that domain as a person's
// mail: a ticket, and an acknowledgement.
func TestPostmasterAndAbuseAreHeard(t *testing.T) {
	c := mailConfig(t, doorInbox("support", "support@desk.example")+doorInbox("billing", "billing@desk.example")+
		doorInbox("shop", "help@shop.example", "aliases: [abuse@shop.example]")+doorInbox("sales", "sales@shop.example"), "")
	r := start(t, c)
	for i, to := range []string{"postmaster@desk.example", "abuse@desk.example", "postmaster@shop.example", "ABUSE@shop.example"} {
		from := "kim" + string(rune('a'+i)) + "@customer.example"
		raw := strings.Replace(human(from, "Your server sends me spam", from, "Somebody at your address writes to me every day."), "support@desk.example", to, 1)
		r.mustMail(from, raw, to)
	}
	if err := r.mail("kim@customer.example", []string{"postmaster@elsewhere.example"}, "Subject: x\n\nx\n"); err == nil {
		t.Error("the postmaster of a foreign domain was taken")
	}
	r.settled(4)
	for from, inbox := range map[string]string{"kima@customer.example": "support", "kimb@customer.example": "support", "kimc@customer.example": "shop", "kimd@customer.example": "shop"} {
		if m := r.one(from); m.Inbox != inbox || m.Ticket == 0 {
			t.Errorf("mail of %s: inbox %s, ticket %d, %s %s; want %s and a ticket", from, m.Inbox, m.Ticket, m.State, m.Cause, inbox)
		}
	}
	if n := len(r.sent()); n != 4 {
		t.Errorf("%d acknowledgements, want 4", n)
	}
}
