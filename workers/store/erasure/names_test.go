package erasure

import (
	"testing"

	"frontdesk/channels/kinds"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
)

// annsNames are those of a person with a mail address, a number and a Telegram id.
func annsNames(t *testing.T) *names {
	t.Helper()
	ring, err := keyring.Open([]keyring.Master{{Name: "test", Key: make([]byte, keyring.KeySize)}})
	if err != nil {
		t.Fatal(err)
	}
	var p Person
	for _, id := range []message.Identity{{Kind: message.Email, Value: "ann@x.example"}, {Kind: message.Phone, Value: "+8613800138001"}, {Kind: "telegram", Value: "7712345678"}} {
		p.Addresses = append(p.Addresses, KnownAddress{Identity: id})
	}
	return New(&base.Store{Ring: ring, Channels: kinds.All().Traits()}, nil, nil, nil).names(p)
}

func TestMaskingNames(t *testing.T) {
	n := annsNames(t)
	for _, c := range []struct{ name, in, want string }{
		{"an address between words", "write to ann@x.example please", "write to [erased] please"},
		{"in any case, at a sentence's end, in brackets", "Ann@X.Example. <ANN@x.example>", "[erased]. <[erased]>"},
		{"twice in a row", "ann@x.example,ann@x.example", "[erased],[erased]"},
		{"as a link writes it", "mailto:ann%40x.example?x=1", "mailto:[erased]?x=1"},
		{"not another's that ends alike", "joann@x.example jo.ann@x.example jo+ann@x.example", "joann@x.example jo.ann@x.example jo+ann@x.example"},
		{"not another's that begins alike", "ann@x.example.org ann@x.example-mail.org", "ann@x.example.org ann@x.example-mail.org"},
		{"another's first, then hers", "joann@x.example and ann@x.example", "joann@x.example and [erased]"},
		{"a number with its plus sign", "call +8613800138001 now", "call [erased] now"},
		{"without it, and with the sign of old", "8613800138001 008613800138001", "[erased] 00[erased]"},
		{"not within a longer number", "order 18613800138001 and 86138001380012", "order 18613800138001 and 86138001380012"},
		{"no Telegram id: in a text it is any number", "order 7712345678", "order 7712345678"},
		{"beside letters of other scripts", "请写信给ann@x.example谢谢", "请写信给[erased]谢谢"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := n.mask(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := n.in(c.in); got != (c.in != c.want) {
				t.Errorf("found: %v", got)
			}
		})
	}
}

func TestNamesInKeysAndOriginals(t *testing.T) {
	n := annsNames(t)
	for _, c := range []struct {
		name string
		got  bool
		want bool
	}{
		{"a conversation of the chat", n.inKey("", "bot|7712345678"), true},
		{"a topic of the chat", n.inKey("", "bot|7712345678/5"), true},
		{"a topic of another chat whose number is longer", n.inKey("", "bot|77123456789/5"), false},
		{"a topic whose number is that of the chat", n.inKey("", "bot|-1005/7712345678"), false},
		{"a group with the digits of the chat", n.inKey("", "bot|-7712345678/5"), false},
		{"a delivery of the chat", n.inKey("telegram", "7712345678:5"), true},
		{"another chat whose number is longer", n.inKey("telegram", "77123456789:5"), false},
		{"the number of a mail's UID", n.inKey("email", "7712345678:5"), false},
		{"an SMS conversation", n.inKey("", "hotline|+8613800138001"), true},
		{"an update", n.inOriginal("telegram", []byte(`{"from":{"id":7712345678,"x":1}}`), nil), true},
		{"an update of another person", n.inOriginal("telegram", []byte(`{"from":{"id":77123456789}}`), nil), false},
		{"a form's body", n.inOriginal("form", []byte("email=Ann%40x.example&text=x"), nil), true},
		{"a number in a form's body", n.inOriginal("sms", []byte("From=%2B8613800138001&Body=x"), nil), true},
		{"a form's number behind an encoded character", n.inOriginal("sms", []byte("From=%2B1&Body=%E5%8F%B78613800138001"), nil), true},
		{"a form's number behind an encoded space", n.inOriginal("form", []byte("text=call%208613800138001"), nil), true},
		{"a form's number within a longer one", n.inOriginal("sms", []byte("From=%2B1&Body=%318613800138001"), nil), false},
		{"a number in JSON of a later look", n.inOriginal("sms", []byte(`{"from":"\u002b8613800138001"}`), nil), true},
		{"a posted file with a percent sign", n.inOriginal("form", []byte("50%208613800138001"), map[string]string{"contenttype": "multipart/form-data; boundary=b"}), false},
		{"an address behind an escaped line end", n.inOriginal("api", []byte(`{"text":"write to\nann@x.example"}`), nil), true},
		{"an address with its sign escaped", n.inOriginal("api", []byte(`{"text":"Ann\u0040X.example"}`), nil), true},
		{"an address behind escaped Chinese", n.inOriginal("telegram", []byte(`{"text":"\u8bf7\u5199\u7ed9ann@x.example"}`), nil), true},
		{"another's address behind escaped letters", n.inOriginal("telegram", []byte(`{"text":"jo\u0061nn@x.example"}`), nil), false},
		{"a mail in base64", n.inOriginal("email", []byte("Content-Transfer-Encoding: base64\r\n\r\nYW5uQHguZXhhbXBsZQ==\r\n"), nil), true},
		{"a mail with a soft line break", n.inOriginal("email", []byte("Content-Transfer-Encoding: quoted-printable\r\n\r\nann@x.=\r\nexample\r\n"), nil), true},
		{"a channel that is not there any more", n.inOriginal("fax", []byte("ann@x.example"), nil), true},
		{"an envelope", n.inOriginal("email", nil, map[string]string{"mail_from": "ann@x.example"}), true},
		{"a delivery of another channel's, under the same number", n.inKey("toy", "7712345678:5"), true},
		{"a participant of a ticket", n.inJSON(`[{"kind":"telegram","value":"7712345678"}]`), true},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", c.name, c.got)
		}
	}
}

func TestTellingKeys(t *testing.T) {
	s := &base.Store{Channels: kinds.All().Traits()}
	for _, c := range []struct {
		channel, key string
		want         bool
	}{
		{"email", "INBOX:1700000000:17", false}, {"email", "ann@x.example:1:2", true}, {"sms", "SM0123", false},
		{"telegram", "7712345678:5", true}, {"api", "order of ann", true}, {"form", "form:0a1b", false}, {"a channel of a newer program", "7:5", true},
	} {
		if got := s.Telling(c.channel, c.key); got != c.want {
			t.Errorf("%s %s: %v", c.channel, c.key, got)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("write to ann@x.example or +8613800138001")
	f.Add("ann%40x.exampleann@x.example")
	n := &names{forms: []form{{"ann@x.example", mailEdge}, {"8613800138001", digitEdge}}}
	f.Fuzz(func(t *testing.T, s string) {
		if got := n.mask(s); n.in(got) {
			t.Errorf("%q still names the person in %q", s, got)
		}
	})
}
