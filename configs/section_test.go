package configs

import (
	"strings"
	"testing"

	"frontdesk/channels/email"
	"frontdesk/channels/kinds"
)

// TestKeysOfChannels: they are keys like all others, in an inbox and at the top of the file.
func TestKeysOfChannels(t *testing.T) {
	inbox := func(words string) string {
		return minimal + "listen: {public_url: https://desk.example, smtp: ':25'}\ninboxes:\n  - {name: a, " + words + "}\n"
	}
	const sms = "channel: sms, address: '+85221234567', twilio: {account_sid: AC00000000000000000000000000000001, auth_token: b}"
	for _, c := range []struct {
		name, text string
		want       string // part of what is said; empty for nothing
	}{
		{"a key at the top of the file that is nearly a channel's", minimal + "relay: []\n", `4:1: unknown key "relay"; did you mean "relays"?`},
		{"a file that is a list", "[]", "default_queue, categories"},
		{"a file that is a list, of keys that belong to channels", "[]", "limits, relays"},
		{"an inbox that is a word", minimal + "inboxes: [a]\n", "imap, smtp_door"},
		{"a mistake in what inboxes share", minimal + "relays: [{name: r, host: h, port: 70000}]\n", "4:35: relays[0].port: this is no port"},
		{"a secret of it twice", minimal + "relays: [{name: r, host: h, user: u, password: p, password_file: x}]\n", "keep one of relays[0].password and its _file twin"},
		{"another channel's key", inbox(sms + ", relay: x"), "6:135: inboxes[0].relay: this belongs to an inbox of channel email; remove it, or correct the channel"},
		{"another channel's key without a value", inbox(sms + ", trusted_authserv: [], smtp_door: false"), ""},
		{"a key while the channel is missing", inbox("channel: null, relay: x"), "6:24: inboxes[0].channel: the value is missing; add channel"},
		{"an inbox's own keys", inbox("channel: email, address: a@desk.example, smtp_door: true"), ""},
	} {
		_, err := Parse([]byte(c.text), "fd.yaml", fake(nil), kinds.All())
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestWhatInboxesShareIsRead, filled and told with whole paths.
func TestWhatInboxesShareIsRead(t *testing.T) {
	c, err := Parse([]byte(minimal+"relays: [{name: r, host: h, ca_file: section_test.go}]\n"), "fd.yaml", fake(nil), kinds.All())
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Shared[email.Channel].(*email.Shared).Relays[0]; r.Port != 587 || r.Envelope != "null" {
		t.Errorf("the relay is %+v", r)
	}
	if files := c.Files(); len(files) != 1 || files[0].Path != "relays[0].ca_file" || files[0].Secret {
		t.Errorf("the files are %+v", files)
	}
}
