package acknowledge

import (
	"testing"

	"frontdesk/pipeline/message"
)

func TestTrusted(t *testing.T) {
	proven := mail("li@customer.example", "bounce@mailer.example")
	proven.Proven = true
	for _, c := range []struct {
		name string
		m    message.Message
		to   message.Address
		want bool
	}{
		{"a proven sender at his own address", proven, message.Address{Kind: message.Email, Value: "LI@customer.example"}, true},
		{"a proven sender at somebody else's", proven, message.Address{Kind: message.Email, Value: "victim@third.example"}, false},
		{"a sender who proves nothing", mail("li@customer.example", "li@customer.example"), message.Address{Kind: message.Email, Value: "li@customer.example"}, false},
		{"nobody", proven, message.Address{}, false},
	} {
		if got := Trusted(c.m, c.to); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestPlainID(t *testing.T) {
	for id, want := range map[string]bool{
		"CAF1+x=abc-_@mail.gmail.com": true, "tencent_AB12@qq.com": true, "000001d3$ab$@mail.example": true,
		"visit/evil.example?now@x": false, "no-host": false, "a b@x": false, "a@b@c": false, "@x": false, "急@x": false,
	} {
		if got := PlainID(id); (got == id) != want || got != "" && got != id {
			t.Errorf("PlainID(%q) = %q", id, got)
		}
	}
}
