package screen

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
)

// FuzzCheck screens mail with foreign header fields: the causes are those that are documented, the
// verdict is the same each time, and neither address nor text is among its reasons.
func FuzzCheck(f *testing.F) {
	f.Add("Auto-Submitted: auto-replied\nPrecedence: bulk", "a@b.example", "Out of office", "I am away")
	f.Add("List-Id: <x>\nX-Loop: frontdesk\nReturn-Path: <>", "mailer-daemon@x.example", "failure notice", "550")
	f.Add("List-Id: <cats.lists.example>", "cats-admin@lists.example", "Your post", "Only subscribers may post. 👍")
	f.Add("In-Reply-To: <x>", "no-reply@notify.example", "[EXT] 自动回复：x", "{\"event\":[{\"type\":\"bounced\"}]} ?")
	f.Add("Return-Path: <>", "postmaster@x.example", "***SPAM*** Re: Undeliverable (x)", "<a@b.example>: said: 550 5.1.1\nFinal-Recipient: x")
	f.Add(":\n: :\n\xff: \xff", "", "自动回复", "退订 STOP")
	parks := []string{"", causes.Spam, causes.Malware, causes.Backscatter, causes.Loop, causes.Automated, causes.ServerNotice, causes.BlockedSender, causes.FromOwnAddress, causes.SenderFlood}
	suppressed := []string{"", SuppressBounce, SuppressReceipt, SuppressEcho, SuppressOwnPost, SuppressReaction, SuppressOptOut, SuppressOptIn, SuppressHelp}
	f.Fuzz(func(t *testing.T, header, from, subject, text string) {
		m := message.Message{Channel: "email", Traits: message.Traits{Mail: true}, Subject: subject, Text: text, From: message.Address{Kind: message.Email, Value: from}}
		for line := range strings.SplitSeq(header, "\n") {
			name, value, _ := strings.Cut(line, ":")
			m.Headers = append(m.Headers, message.Header{Name: name, Value: value})
		}
		s := Settings{Own: []string{"support@desk.example"}, Blocked: []string{"spam.example"}, LoopID: "frontdesk", FloodPerHour: 100}
		got := Check(m, Facts{Text: text}, s)
		if !slices.Contains(parks, got.Park) || !slices.Contains(suppressed, got.Suppress) {
			t.Errorf("parked for %q, suppressed for %q", got.Park, got.Suppress)
		}
		if diff := cmp.Diff(got, Check(m, Facts{Text: text}, s)); diff != "" {
			t.Errorf("twice screened (-first +second):\n%s", diff)
		}
	})
}

// FuzzUnwrap reads foreign addresses as rewritten ones (SRS, BATV, mailing lists): what comes out is
// shorter and is an address.
func FuzzUnwrap(f *testing.F) {
	f.Add("SRS0=aa=bb=customer.example=li@relay.example")
	f.Add("prvs=1234567890=li@customer.example")
	f.Add("li=customer.example@lists.example")
	f.Fuzz(func(t *testing.T, address string) {
		inner, ok := unwrap(address)
		if ok && (len(inner) > 3*len(address) || strings.Contains(address, "@") && !strings.Contains(inner, "@")) {
			t.Errorf("%q became %q", address, inner)
		}
	})
}
