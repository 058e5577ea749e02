package identify

import (
	"strings"
	"testing"

	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/message"

	"github.com/google/go-cmp/cmp"
)

func TestSender(t *testing.T) {
	li := message.Address{Kind: message.Email, Value: "Li@Customer.example", Name: "李  雷"}
	same := message.Address{Kind: message.Email, Value: "li@customer.example", Name: "李 雷"}
	phone := message.Address{Kind: message.Phone, Value: "+8613800138000"}
	known := &contacts.Contact{ID: 5, Version: 2, Identities: []contacts.Identity{{Identity: li.Identity(), Verified: true}}}
	for _, c := range []struct {
		name  string
		m     message.Message
		known *contacts.Contact
		want  Finding
	}{
		{"a first proven message makes a contact with its address", message.Message{From: li, Proven: true}, nil,
			Finding{Verified: true, Name: "李 雷", Add: []contacts.Claim{{Address: same, Verified: true}}}},
		{"a proven address that is known is its contact", message.Message{From: li, Proven: true}, known,
			Finding{Contact: 5, Version: 2, Verified: true, Name: "李 雷"}},
		{"an address that nothing proves is a claim", message.Message{From: li}, nil,
			Finding{Name: "李 雷", Add: []contacts.Claim{{Address: same}}}},
		{"an address that nothing proves finds nobody, whoever owns it", message.Message{From: li}, known,
			Finding{Name: "李 雷", Add: []contacts.Claim{{Address: same}}}},
		{"a number beside a proven address stays a claim", message.Message{From: li, Proven: true, Also: []message.Address{phone}}, known,
			Finding{Contact: 5, Version: 2, Verified: true, Name: "李 雷", Add: []contacts.Claim{{Address: phone}}}},
		{"what is claimed twice is one claim", message.Message{From: li, Proven: true, Also: []message.Address{phone, li, phone, {}}}, known,
			Finding{Contact: 5, Version: 2, Verified: true, Name: "李 雷", Add: []contacts.Claim{{Address: phone}}}},
		{"nobody at all is a contact without addresses", message.Message{}, nil, Finding{}},
		{"nobody is not proven by a channel that names none", message.Message{Proven: true}, nil, Finding{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Sender(c.m, c.known)
			got.Reason = ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
	long := Sender(message.Message{From: message.Address{Kind: message.Email, Value: "a@b.example", Name: strings.Repeat("名", 300)}}, nil)
	if n := len([]rune(long.Name)); n != 140 {
		t.Errorf("a name of 300 characters is kept with %d, want 140", n)
	}
}
