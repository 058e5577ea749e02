package telegram

import (
	"testing"

	"frontdesk/channels/descriptor"
	"frontdesk/configs/values"
)

func TestWhereAChatsIDStands(t *testing.T) {
	traits := Kind().Traits
	in := func(update, id string) bool { return traits.OriginalNames([]byte(update), id) }
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
		{"of an author whose id only begins so, in the chat itself", in(`{"update_id":1,"message":{"message_id":5,"from":{"id":1112},"chat":{"id":111}}}`, "111"), true},
		{"of a chat whose id only begins so, from the author himself", in(`{"message":{"chat":{"id":1112},"from":{"id":111}}}`, "111"), true},
		{"of many others, and the last is the one", in(`{"a":{"id":1110},"b":{"id":1111},"c":{"id":-111},"d":{"id":111}}`, "111"), true},
		{"a group, whose id is below zero", in(`{"chat":{"id":-100111}}`, "-100111"), true},
		{"a group with the digits of a user", in(`{"chat":{"id":-111}}`, "111"), false},
		{"with white space, as some write JSON", in("{\"chat\" : { \"id\" :\n 111 } }", "111"), true},
		{"an update that was cut off behind it", in(`{"chat":{"id":111`, "111"), true},
		{"the contact of the user that another sent", in(`{"from":{"id":5},"contact":{"user_id":111}}`, "111"), true},
		{"the chat into which a group went", in(`{"from":{"id":5},"migrate_to_chat_id":-111}`, "-111"), true},
		{"the number of a message", in(`{"message_id":111,"update_id":111}`, "111"), false},
		{"words that look like a field", in(`{"text":"\"id\":111","from":{"id":5}}`, "111"), false},
		{"a word that is the name of the field", in(`{"text":"id","caption":111}`, "111"), false},
		{"no id", in(`{"chat":{"id":111}}`, ""), false},
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
