package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"testing"
	"time"

	"frontdesk/channels/web"
	"frontdesk/configs/values"
)

const appIdentityKey = "test-identity-key-of-32-letters-and-more"

// signedAs signs a user as an application does (docs/channels/api.md).
func signedAs(inbox, kind, value, until string) string {
	mac := hmac.New(sha256.New, []byte(appIdentityKey))
	io.WriteString(mac, "frontdesk-identity-v1\n"+inbox+"\n"+kind+"\n"+value+"\n"+until)
	return hex.EncodeToString(mac.Sum(nil))
}

// TestASignedUserOfTheApplicationIsTheSamePerson: he joins the ticket that he has open on another channel. Who only
// names his number does not, and a forged signature is refused before anything is recorded.
func TestASignedUserOfTheApplicationIsTheSamePerson(t *testing.T) {
	c := testConfig(t)
	withHotline(t, &c)
	withDoors(&c)
	for i := range c.Inboxes {
		if s, is := c.Inboxes[i].Section.(*web.APISection); is {
			s.API.IdentityKeys = []values.Secret{values.NewSecret(appIdentityKey)}
		}
	}
	r := opened(t, c)
	const owner = "+8613800138000"
	first := r.sms(url.Values{"MessageSid": {"SM" + fmt.Sprintf("%032d", 1)}, "AccountSid": {twilioAccount}, "From": {owner}, "To": {twilioNumber}, "Body": {"My refund for order 77810066 has not arrived"}})
	if first.status/100 != 2 {
		t.Fatalf("SMS: %d %s", first.status, first.body)
	}
	r.settled(1)
	until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	say := func(id, signature string) reply {
		from := map[string]any{"phone": owner}
		if signature != "" {
			from["signature"], from["signed_until"] = signature, until
		}
		return r.api(id, map[string]any{"from": from, "text": "Where is my refund for order 77810066?"})
	}
	if got := say("forged", signedAs("app", "phone", "+8613900139000", until)); got.status != 422 {
		t.Errorf("somebody else's signature: %d %s", got.status, got.body)
	}
	if got := say("claimed", ""); got.status != 202 {
		t.Fatalf("unsigned: %d %s", got.status, got.body)
	}
	r.settled(2)
	if got := say("signed", signedAs("app", "phone", owner, until)); got.status != 202 {
		t.Fatalf("signed: %d %s", got.status, got.body)
	}
	r.settled(3)
	tickets := map[string]int64{}
	for _, m := range r.messages() {
		if want := m.Key != "api:claimed"; m.Proven != want {
			t.Errorf("%s: proven %v", m.Key, m.Proven)
		}
		tickets[m.Key] = m.Ticket
	}
	sms := tickets["SM"+fmt.Sprintf("%032d", 1)]
	if sms == 0 || tickets["api:signed"] != sms || tickets["api:claimed"] == sms || tickets["api:claimed"] == 0 {
		t.Errorf("tickets: %v", tickets)
	}
}
