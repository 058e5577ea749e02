package telegram

import (
	"testing"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/values"
)

func TestWhereAChatsIDStands(t *testing.T) {
	traits := Kind().Traits
	for _, c := range []struct {
		name string
		got  bool
		want bool
	}{
		{"a delivery of the chat", traits.KeyNames("7712345678:5", "7712345678"), true},
		{"of a chat whose id is longer", traits.KeyNames("77123456789:5", "7712345678"), false},
		{"the number of a message", traits.KeyNames("1:7712345678", "7712345678"), false},
		{"an update", traits.OriginalNames([]byte(`{"from":{"id":7712345678,"x":1}}`), "7712345678"), true},
		{"of another", traits.OriginalNames([]byte(`{"from":{"id":77123456789}}`), "7712345678"), false},
		{"a number in a text", traits.OriginalNames([]byte(`{"text":"order 7712345678"}`), "7712345678"), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", c.name, c.got)
		}
	}
}

func TestRenew(t *testing.T) {
	old := &Section{Telegram: &Bot{Token: values.NewSecret("1:old"), Mode: "poll", BaseURL: "https://a"}}
	for name, c := range map[string]struct {
		next descriptor.Section
		want string
	}{
		"another token of the same bot": {&Section{Telegram: &Bot{Token: values.NewSecret("1:new"), Mode: byWebhook, BaseURL: "https://b"}}, "1:new"},
		"another bot waits":             {&Section{Telegram: &Bot{Token: values.NewSecret("2:new")}}, "1:old"},
		"without the section":           {&Section{}, "1:old"},
	} {
		got := old.Renew(c.next).(*Section).Telegram
		if got.Token.Reveal() != c.want || got.Mode != "poll" || got.BaseURL != "https://a" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if old.Telegram.Token.Reveal() != "1:old" {
		t.Error("the running section has changed")
	}
}
