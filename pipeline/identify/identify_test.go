package identify

import (
	"strings"
	"testing"

	"frontdesk/pipeline/message"

	"github.com/google/go-cmp/cmp"
)

func TestSender(t *testing.T) {
	li := message.Address{Kind: message.Email, Value: "Li@Customer.example", Name: "李  雷"}
	phone := message.Address{Kind: message.Phone, Value: "+8613800138000"}
	known := &Contact{ID: 5, Version: 2, Identities: []Identity{{Identity: li.Identity()}}}
	for _, c := range []struct {
		name  string
		m     message.Message
		known *Contact
		taken map[message.Identity]bool
		want  Finding
	}{
		{"a first message makes a contact with its address", message.Message{From: li}, nil, nil,
			Finding{Name: "李 雷", Add: []Claim{{Address: message.Address{Kind: message.Email, Value: "li@customer.example", Name: "李 雷"}}}}},
		{"a known address is its contact", message.Message{From: li}, known, nil, Finding{Contact: 5, Version: 2, Name: "李 雷"}},
		{"a proof is kept", message.Message{From: li, Proven: true}, known, nil,
			Finding{Contact: 5, Version: 2, Verified: true, Name: "李 雷", Add: []Claim{{Address: message.Address{Kind: message.Email, Value: "li@customer.example", Name: "李 雷"}, Verified: true}}}},
		{"a claimed number is added", message.Message{From: li, Also: []message.Address{phone}}, known, nil,
			Finding{Contact: 5, Version: 2, Name: "李 雷", Add: []Claim{{Address: phone}}}},
		{"a claimed number that is somebody's never merges", message.Message{From: li, Also: []message.Address{phone}}, known,
			map[message.Identity]bool{phone.Identity(): true}, Finding{Contact: 5, Version: 2, Name: "李 雷"}},
		{"nobody at all is a contact without addresses", message.Message{}, nil, nil, Finding{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Sender(c.m, c.known, c.taken)
			got.Reason = ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
	long := Sender(message.Message{From: message.Address{Kind: message.Email, Value: "a@b.example", Name: strings.Repeat("名", 300)}}, nil, nil)
	if n := len([]rune(long.Name)); n != 140 {
		t.Errorf("a name of 300 characters is kept with %d, want 140", n)
	}
}
