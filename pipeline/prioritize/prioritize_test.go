package prioritize

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/words"
)

func standard(t testing.TB) *Prioritizer {
	t.Helper()
	p := Default()
	p.Categories = map[string]Level{"suggestion": Low, "security-fraud": Urgent, "refund": Normal}
	p.VIP = []string{"email:Boss@big.example", "@partner.example", "phone:+85212345678"}
	made, err := New(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestDecide(t *testing.T) {
	p := standard(t)
	cases := []struct {
		name  string
		facts Facts
		want  Decision
	}{
		{"the category gives the start", Facts{Category: "suggestion"}, Decision{Low, []string{"category suggestion: low"}}},
		{"a category without a level has the default", Facts{Category: "x"}, Decision{Normal, []string{"default: normal"}}},
		{"a security word raises to urgent", Facts{Category: "refund", Text: "我的卡被盗刷了"}, Decision{Urgent, []string{"category refund: normal", "security: 盗刷: urgent"}}},
		{"a word in the subject counts", Facts{Category: "refund", Subject: "URGENT please"}, Decision{High, []string{"category refund: normal", "urgency: urgent: high"}}},
		{"a word inside another does not", Facts{Category: "refund", Text: "the issue: a courtesy, fraudster"}, Decision{Normal, []string{"category refund: normal"}}},
		{"the highest sign wins, lower ones are not named", Facts{Category: "refund", Text: "hacked, I call my lawyer"}, Decision{Urgent, []string{"category refund: normal", "security: hacked: urgent"}}},
		{"lower signs that came first stay named", Facts{Category: "suggestion", Text: "lawyer", Unanswered: 5}, Decision{Urgent, []string{"category suggestion: low", "escalation: lawyer: high", "5 earlier messages without an answer: urgent"}}},
		{"a sign cannot lower", Facts{Category: "security-fraud", Text: "lawyer"}, Decision{Urgent, []string{"category security-fraud: urgent"}}},
		{"a large amount in its currency", Facts{Category: "refund", Amounts: []Amount{{"CNY", 10}, {"cny", 50000}}}, Decision{High, []string{"category refund: normal", "amount of at least 50000 CNY: high"}}},
		{"a large amount in a small currency", Facts{Category: "refund", Amounts: []Amount{{"JPY", 50000}, {"", 60000}}}, Decision{Normal, []string{"category refund: normal"}}},
		{"one message without an answer is no repeat", Facts{Category: "refund", Unanswered: 1}, Decision{Normal, []string{"category refund: normal"}}},
		{"repeated contact goes up one level", Facts{Category: "refund", Unanswered: 2}, Decision{High, []string{"category refund: normal", "2 earlier messages without an answer: high"}}},
		{"a VIP by address", Facts{Category: "refund", Identity: "email:boss@BIG.example"}, Decision{High, []string{"category refund: normal", "on the VIP list: high"}}},
		{"a VIP by domain", Facts{Category: "refund", Identity: "email:x@partner.example"}, Decision{High, []string{"category refund: normal", "on the VIP list: high"}}},
		{"a domain that only ends alike is no VIP", Facts{Category: "refund", Identity: "email:x@notpartner.example"}, Decision{Normal, []string{"category refund: normal"}}},
		{"an unknown identity is no VIP", Facts{Category: "refund"}, Decision{Normal, []string{"category refund: normal"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, p.Decide(c.facts)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWordsAreFolded(t *testing.T) {
	fold := func(s string) string {
		return strings.ToLower(strings.NewReplacer("盜", "盗", "-", " ").Replace(s))
	}
	p, err := New(Policy{Words: []Words{{Name: "w", Level: High, Words: []string{"盜刷", "charge-back*"}}}}, fold)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Level{"被盜刷": High, "被盗刷": High, "two CHARGE backs": High, "recharge back": Normal, "charge, back": Normal} {
		if got := p.Decide(Facts{Text: text}); got.Level != want {
			t.Errorf("%q: got %+v, want %s", text, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, p := range map[string]Policy{
		`unknown level "x"`:   {Default: "x"},
		`unknown level "y"`:   {Categories: map[string]Level{"a": "y"}},
		`unknown level "z"`:   {Words: []Words{{Level: "z"}}},
		`unknown level ""`:    {Sums: []Sum{{AtLeast: 1}}},
		"more than 0":         {Sums: []Sum{{Level: High}}},
		"negative number":     {Repeats: -1},
		"holds no letters":    {Words: []Words{{Level: High, Words: []string{"*"}}}},
		`unknown level "vip"`: {VIPLevel: "vip"},
	} {
		if _, err := New(p, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestPairsKnowEveryPart: a word that a text holds is never left out.
func TestPairsKnowEveryPart(t *testing.T) {
	text := "I was 被盗刷 twice, sue\xff"
	for from := range text {
		for to := from; to <= len(text); to++ {
			if !words.PairsOf(text).May(text[from:to]) {
				t.Errorf("%q is a part of %q", text[from:to], text)
			}
		}
	}
	for _, word := range []string{"suit", "盗用", "tw,"} {
		if words.PairsOf(text).May(word) {
			t.Errorf("%q has pairs that %q has not", word, text)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	p := standard(b)
	f := Facts{Category: "refund", Subject: "退款", Text: strings.Repeat("请问我的退款什么时候可以到账，订单号是一二三四。", 4)}
	b.ReportAllocs()
	for b.Loop() {
		p.Decide(f)
	}
}
