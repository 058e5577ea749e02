package match

import (
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

func TestWhichCasesARuleTakes(t *testing.T) {
	c := Case{Channel: "sms", Inbox: "hotline", Queue: "payments", Category: "refund", Priority: "high", Language: "zh-Hant"}
	for _, tc := range []struct {
		name  string
		rule  Rule
		want  bool
		asked string
	}{
		{"an empty rule takes everything", Rule{}, true, ""},
		{"a channel", Rule{Channels: []string{"email", "sms"}}, true, "channel sms"},
		{"another channel", Rule{Channels: []string{"email"}}, false, "channel sms"},
		{"an inbox", Rule{Inboxes: []string{"hotline"}}, true, "inbox hotline"},
		{"a queue", Rule{Queues: []string{"payments"}}, true, "queue payments"},
		{"a category", Rule{Categories: []string{"refund"}}, true, "category refund"},
		{"a category is not the start of another", Rule{Categories: []string{"ref"}}, false, "category refund"},
		{"a priority", Rule{Priorities: []string{"urgent"}}, false, "priority high"},
		{"a language takes its scripts", Rule{Languages: []string{"zh"}}, true, "language zh-Hant"},
		{"a script does not take the other", Rule{Languages: []string{"zh-Hans"}}, false, "language zh-Hant"},
		{"every list must take it", Rule{Channels: []string{"sms"}, Priorities: []string{"low"}}, false, "priority high, channel sms"},
		{"all of them do", Rule{Channels: []string{"sms"}, Categories: []string{"refund"}, Languages: []string{"zh-Hant"}}, true, "category refund, language zh-Hant, channel sms"},
	} {
		if got := tc.rule.Takes(c); got != tc.want {
			t.Errorf("%s: %t", tc.name, got)
		}
		if got := strings.Join(tc.rule.Asked(c), ", "); got != tc.asked {
			t.Errorf("%s: asked for %q, want %q", tc.name, got, tc.asked)
		}
	}
	if (Rule{Languages: []string{"zh"}}).Takes(Case{}) {
		t.Error("a language that is not known is taken for one")
	}
}

func TestWhoBelongsToAGroup(t *testing.T) {
	g := Groups{"li@shop.example": "vip", "@bank.example": "banks", "+85291234567": "vip"}
	for _, c := range []struct {
		kind  message.AddressKind
		value string
		want  string
	}{
		{message.Email, "li@shop.example", "vip"},
		{message.Email, "Li@Shop.Example", "vip"},
		{message.Email, "wang@shop.example", ""},
		{message.Email, "wang@bank.example", "banks"},
		{message.Email, "wang@sub.bank.example", ""},
		{message.Phone, "+85291234567", "vip"},
		{message.Phone, "x@bank.example", ""},
		{"", "", ""},
	} {
		if got := g.Of(message.Identity{Kind: c.kind, Value: c.value}); got != c.want {
			t.Errorf("%s %q belongs to %q, want %q", c.kind, c.value, got, c.want)
		}
	}
}

// TestEachListAsksForItsOwn: a rule with one list takes the cases that are on it, whatever else they are, and no others.
func TestEachListAsksForItsOwn(t *testing.T) {
	t.Parallel()
	full := Case{Channel: "a", Inbox: "b", Queue: "c", Category: "d", Priority: "e", Language: "zh", Group: "f"}
	for name, rule := range map[string]Rule{
		"channel":  {Channels: []string{"a"}},
		"inbox":    {Inboxes: []string{"b"}},
		"queue":    {Queues: []string{"c"}},
		"category": {Categories: []string{"d"}},
		"priority": {Priorities: []string{"e"}},
		"language": {Languages: []string{"zh"}},
		"group":    {Groups: []string{"f"}},
	} {
		if !rule.Takes(full) || rule.Takes(Case{}) || rule.Takes(Case{Channel: "b", Inbox: "c", Queue: "d", Category: "e", Priority: "zh", Language: "a"}) {
			t.Errorf("a rule for the %s takes others than its own", name)
		}
		if asked := rule.Asked(full); len(asked) != 1 || !strings.HasPrefix(asked[0], name+" ") {
			t.Errorf("a rule for the %s asked for %q", name, asked)
		}
	}
}
