package parse

import (
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/channels/meta"
)

// TestDecodeBrokenFrom: a mail has an author who can be answered whenever anything in it says who that is.
func TestDecodeBrokenFrom(t *testing.T) {
	for _, c := range []struct {
		name, header, envelope, want string
	}{
		{"no From, an ordinary envelope", "Subject: x", "jim@cust.example", "jim@cust.example"},
		{"an empty From", "From:", "jim@cust.example", "jim@cust.example"},
		{"two @ in From", "From: jane@@cust.example", "jane@cust.example", "jane@cust.example"},
		{"two @ in From and no envelope", "From: Jane <jane@@cust.example>", "", "jane@cust.example"},
		{"a name without an address", "From: Jim Kay", "jim@cust.example", "jim@cust.example"},
		{"a name in Chinese without an address", "From: =?utf-8?B?546L5bCP5piO?=", "wang@cust.example", "wang@cust.example"},
		{"brackets around nothing", "From: Jim <>", "jim@cust.example", "jim@cust.example"},
		{"a group without members", "From: undisclosed-senders:;", "jim@cust.example", "jim@cust.example"},
		{"a group with one member", "From: Sales team: jim@cust.example;", "bounce@relay.example", "jim@cust.example"},
		{"a domain that begins with a dot", "From: jim@.cust.example", "jim@cust.example", "jim@cust.example"},
		{"a domain without a name", "From: jim@", "jim@cust.example", "jim@cust.example"},
		{"an address without a domain", "From: jim", "jim@cust.example", "jim@cust.example"},
		{"a host of one organization, and a full envelope", "From: root@web1", "root@web1.cust.example", "root@web1.cust.example"},
		{"a host of one organization alone", "From: root@web1", "", "root@web1"},
		{"a wide @ as Chinese keyboards type it", "From: wang＠cust.example", "other@relay.example", "wang@cust.example"},
		{"wide brackets", "From: 王 ＜wang@cust.example＞", "other@relay.example", "wang@cust.example"},
		{"a comma for the dot", "From: jim@cust,example", "jim@cust.example", "jim@cust.example"},
		{"letters that no address has", "From: jim[at]cust.example", "jim@cust.example", "jim@cust.example"},
		{"Sender is better than the envelope", "From: nobody\r\nSender: Jim <jim@cust.example>", "bounce@relay.example", "jim@cust.example"},
		{"Reply-To where nothing else is", "From: <>\r\nReply-To: jim@cust.example", "", "jim@cust.example"},
		{"two authors, and Sender says which sent it", "From: boss@cust.example, jim@cust.example\r\nSender: jim@cust.example", "", "jim@cust.example"},
		{"two authors, and a secretary sent it", "From: boss@cust.example, jim@cust.example\r\nSender: office@cust.example", "", "boss@cust.example"},
		{"two From fields, and Sender says which", "From: boss@cust.example\r\nFrom: jim@cust.example\r\nSender: jim@cust.example", "", "jim@cust.example"},
		{"two From fields, the first empty", "From:\r\nFrom: jim@cust.example", "", "jim@cust.example"},
		{"a mail system stays one", "From: MAILER-DAEMON", "", "MAILER-DAEMON"},
		{"dots where the standard wants none", "From: a..b.@docomo.example", "x@relay.example", "a..b.@docomo.example"},
		{"an address in Chinese", "From: 李娜@中国.example", "x@relay.example", "李娜@中国.example"},
		{"the whole domain in an encoded word", "From: =?utf-8?Q?jim=40cust.example?=", "x@relay.example", "jim@cust.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			facts := map[string]string{meta.MailFrom: c.envelope}
			if c.envelope == "" {
				delete(facts, meta.MailFrom)
			}
			m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Inbox: "support", Raw: []byte(c.header + "\r\nTo: support@desk.example\r\n\r\nhello"), Meta: facts})
			if err != nil {
				t.Fatal(err)
			}
			if m.From.Value != c.want {
				t.Errorf("from %q, want %q (%v)", m.From.Value, c.want, m.Problems)
			}
		})
	}
}

// What was taken from elsewhere than a plain From is proven by nothing.
func TestDecodeBrokenFromIsNeverProven(t *testing.T) {
	for _, header := range []string{"Subject: x", "From: jane@@cust.example", "From: a@cust.example, jane@cust.example\r\nSender: jane@cust.example", "From:\r\nFrom: jane@cust.example"} {
		m, err := NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: []byte(header + "\r\n\r\nhello"), Meta: map[string]string{
			meta.MailFrom: "jane@cust.example", meta.SPF: "pass", meta.DMARC: "pass", meta.Proven: "yes"}})
		if err != nil {
			t.Fatal(err)
		}
		if m.Proven || m.From.Value != "jane@cust.example" {
			t.Errorf("%q: from %s, proven %v", header, m.From.Value, m.Proven)
		}
	}
}

func TestDecodeManyAuthorsCostLinearTime(t *testing.T) {
	twice(t, 1<<9, func(n int) func() {
		raw := []byte(strings.Repeat("From: a@@b.example, c@d\r\n", n) + "Sender: z@y.example\r\n\r\nhello")
		return func() { _, _ = NewDecoder(DecoderConfig{}).Decode(channels.Delivery{Raw: raw}) }
	})
}
