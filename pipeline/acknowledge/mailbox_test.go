package acknowledge

import (
	"testing"

	"frontdesk/pipeline/message"
)

func TestMailbox(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a plain address stands for itself", "li.wei@customer.example", "li.wei@customer.example"},
		{"a tag is dropped", "li+shop@customer.example", "li@customer.example"},
		{"everything after the first plus sign is the tag", "li+a+b@customer.example", "li@customer.example"},
		{"case does not count", "Li+Shop@Customer.Example", "li@customer.example"},
		{"Gmail knows no dots", "l.i.wei+x@gmail.com", "liwei@gmail.com"},
		{"nor under its other name", "li.wei@googlemail.com", "liwei@gmail.com"},
		{"a local part that is all tag stays", "+li@customer.example", "+li@customer.example"},
		{"nor does one of dots become nothing", ".@gmail.com", ".@gmail.com"},
		{"what is no address stays", "li", "li"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Mailbox(message.Identity{Kind: message.Email, Value: c.in}); got.Value != c.want {
				t.Errorf("got %q, want %q", got.Value, c.want)
			}
		})
	}
	phone := message.Identity{Kind: message.Phone, Value: "+8613800138000"}
	if got := Mailbox(phone); got != phone {
		t.Errorf("a number became %v", got)
	}
}

func TestPhrasesAreFoundWhereverTheyStand(t *testing.T) {
	for _, s := range robotLists.Words("robots") {
		for _, text := range []string{s, "x" + s, s + "x", s[:1] + s, "é " + s + " é"} {
			if !robotSigns.In(text, nil) {
				t.Errorf("%q is not found in %q", s, text)
			}
		}
	}
	for _, text := range []string{"", "a", "au", "thank you for your mess", "do not repl", "自动"} {
		if robotSigns.In(text, nil) {
			t.Errorf("something is found in %q", text)
		}
	}
}
