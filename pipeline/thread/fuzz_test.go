package thread

import (
	"strings"
	"testing"
)

// FuzzSigned signs references to any ticket and reads them again, as mail systems mangle them, and
// believes none that was changed.
func FuzzSigned(f *testing.F) {
	f.Add(int64(123), "support@desk.example", "acknowledgement:123", "Re: x ")
	f.Add(int64(1), "a+b@x", "", "[#T-")
	f.Add(int64(1<<62), "@", "\xff", "]")
	f.Fuzz(func(t *testing.T, ticket int64, address, key, around string) {
		if ticket <= 0 {
			return
		}
		token := SubjectToken(testMAC, ticket)
		if got, ok := FindSubjectToken(testMAC, strings.ReplaceAll(around, "[#T-", "")+token+around); !ok || got != ticket {
			t.Errorf("token %q among %q is read as %d, %v", token, around, got, ok)
		}
		if got, ok := FindSubjectToken(testMAC, strings.Replace(token, "-", "-1", 1)); ok {
			t.Errorf("the token of another ticket is believed as %d", got)
		}
		id := MessageID(testMAC, "ack", ticket, key, "desk.example")
		if got, ok := ParseMessageID(testMAC, "<"+id+">"); !ok || got != ticket {
			t.Errorf("Message-ID %q is read as %d, %v", id, got, ok)
		}
		if !MadeFor(testMAC, id, key) || MadeFor(testMAC, id, key+"1") {
			t.Errorf("Message-ID %q is made for %q: %v", id, key, MadeFor(testMAC, id, key))
		}
		if local, domain, ok := strings.Cut(address, "@"); ok && !strings.Contains(local+domain, "@") {
			signed := ReplyAddress(testMAC, address, ticket)
			if got, ok := ParseReplyAddress(testMAC, signed); !ok || got != ticket {
				t.Errorf("address %q is read as %d, %v", signed, got, ok)
			}
		}
	})
}
