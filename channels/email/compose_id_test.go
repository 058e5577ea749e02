package email

import (
	"strings"
	"testing"

	"frontdesk/channels"
)

func smtpOtherDigest(parts ...[]byte) string {
	return smtpTestDigest(append([][]byte{[]byte("another installation")}, parts...)...)
}

func TestOutboundMessageID(t *testing.T) {
	id := OutboundMessageID("ack", 123, "ack:123", "Desk.example", smtpTestDigest)
	if again := OutboundMessageID("ack", 123, "ack:123", "desk.example", smtpTestDigest); again != id {
		t.Error("the same key gave another id")
	}
	if !strings.HasPrefix(id, "ack.123.") || !strings.HasSuffix(id, "@desk.example") || !composeGoodID(id) {
		t.Errorf("id = %s", id)
	}
	others := map[string]bool{id: true}
	for _, other := range []string{
		OutboundMessageID("ack", 124, "ack:123", "desk.example", smtpTestDigest),
		OutboundMessageID("ack", 123, "ack:124", "desk.example", smtpTestDigest),
		OutboundMessageID("reply", 123, "ack:123", "desk.example", smtpTestDigest),
		OutboundMessageID("ack", 123, "ack:123", "desk.example", smtpOtherDigest),
	} {
		others[other] = true
	}
	if len(others) != 5 {
		t.Errorf("%d different ids, want 5", len(others))
	}
	if got := OutboundMessageID("Ack é.x", 1, "k", "d.example", smtpTestDigest); !strings.HasPrefix(got, "ackx.1.") {
		t.Errorf("id of an odd kind = %s", got)
	}
}

func TestParseMessageID(t *testing.T) {
	id := OutboundMessageID("ack", 123, "ack:123", "desk.example", smtpTestDigest)
	for _, tc := range []struct {
		name, id string
		mac      channels.Digest
		ok       bool
	}{
		{"as it was sent", id, smtpTestDigest, true},
		{"in brackets", " <" + id + "> ", smtpTestDigest, true},
		{"in capitals", strings.ToUpper(id), smtpTestDigest, true},
		{"another ticket", strings.Replace(id, ".123.", ".124.", 1), smtpTestDigest, false},
		{"another kind", "reply" + strings.TrimPrefix(id, "ack"), smtpTestDigest, false},
		{"another domain", strings.Replace(id, "desk", "evil", 1), smtpTestDigest, false},
		{"another installation", id, smtpOtherDigest, false},
		{"without signature", "ack.123.x.@desk.example", smtpTestDigest, false},
		{"too few parts", "ack.123@desk.example", smtpTestDigest, false},
		{"somebody's", "CAF=x@mail.example", smtpTestDigest, false},
		{"empty", "", smtpTestDigest, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ticket, ok := ParseMessageID(tc.id, tc.mac)
			if ok != tc.ok || ok && ticket != 123 {
				t.Errorf("ParseMessageID = %d, %v, want ok %v", ticket, ok, tc.ok)
			}
		})
	}
}

func TestVERP(t *testing.T) {
	for _, key := range []string{"ack:12", "reply-7_x", "ACK.12=+@é", "=3a", "1"} {
		addr, ok := VERP(key, "Bounce@Desk.example", smtpTestDigest)
		if !ok {
			t.Fatalf("no address for %q", key)
		}
		if _, err := composeParse(addr, false); err != nil || addr != strings.ToLower(addr) {
			t.Errorf("address %s is no plain one: %v", addr, err)
		}
		for _, seen := range []string{addr, "<" + strings.ToUpper(addr) + ">"} {
			if got, ok := ParseVERP(seen, smtpTestDigest); !ok || got != key {
				t.Errorf("ParseVERP(%s) = %q, %v, want %q", seen, got, ok, key)
			}
		}
		if _, ok := ParseVERP(addr, smtpOtherDigest); ok {
			t.Error("another installation's address was taken for ours")
		}
		forged := strings.Replace(addr, "+", "+a", 1)
		if got, ok := ParseVERP(forged, smtpTestDigest); ok {
			t.Errorf("forged address gave key %q", got)
		}
	}
	for _, bad := range [][2]string{{strings.Repeat("k", 50), "bounce@desk.example"}, {"", "bounce@desk.example"}, {"k", "bounce"}} {
		if addr, ok := VERP(bad[0], bad[1], smtpTestDigest); ok {
			t.Errorf("VERP(%q, %q) = %s, want none", bad[0], bad[1], addr)
		}
	}
	for _, bad := range []string{"", "bounce@desk.example", "bounce+k@desk.example", "bounce+.x@desk.example", "bounce+=zz.0@d", "bounce+=6b.0@d"} {
		if _, ok := ParseVERP(bad, smtpTestDigest); ok {
			t.Errorf("ParseVERP(%q) is ok", bad)
		}
	}
}

func FuzzParseVERP(f *testing.F) {
	addr, _ := VERP("ack:12", "bounce@desk.example", smtpTestDigest)
	f.Add(addr, "ack:12")
	f.Add("bounce+=3a=.x@y", "é\x00")
	f.Fuzz(func(t *testing.T, addr, key string) {
		if got, ok := ParseVERP(addr, smtpTestDigest); ok {
			if back, ok := VERP(got, "bounce@desk.example", smtpTestDigest); !ok || back == "" {
				t.Errorf("key %q was read but cannot be written", got)
			}
		}
		if a, ok := VERP(key, "bounce@desk.example", smtpTestDigest); ok {
			if got, ok := ParseVERP(a, smtpTestDigest); !ok || got != key {
				t.Errorf("key %q came back as %q, %v", key, got, ok)
			}
		}
	})
}

func FuzzParseMessageID(f *testing.F) {
	f.Add(OutboundMessageID("ack", 12, "k", "desk.example", smtpTestDigest))
	f.Add("<a.-1.b.c@d>")
	f.Fuzz(func(t *testing.T, id string) {
		if ticket, ok := ParseMessageID(id, smtpTestDigest); ok && !strings.Contains(strings.ToLower(id), "@desk.example") {
			t.Errorf("id %q of ticket %d was never ours", id, ticket)
		}
	})
}
