package prioritize

import (
	"slices"
	"strings"
	"testing"
)

// TestEveryDecisionSaysWhy: whatever speaks for a case, its level only rises, each rise has its reason, and the last one names the level.
func TestEveryDecisionSaysWhy(t *testing.T) {
	t.Parallel()
	p := made(t, Policy{
		Categories: map[string]Level{"suggestion": Low, "refund": High, "security-fraud": Urgent},
		Words:      []Words{{Name: "legal", Level: High, Words: []string{"lawyer", "律师", "律師"}}, {Name: "security", Level: Urgent, Words: []string{"hack*", "盗刷"}}},
		Sums:       []Sum{{Currency: "CNY", AtLeast: 5000, Level: High}, {AtLeast: 100000, Level: Urgent}},
		Repeats:    2,
		VIP:        []string{"@vip.example"},
	})
	signs := []func(*Facts){
		func(*Facts) {},
		func(f *Facts) { f.Text += " my lawyer" },
		func(f *Facts) { f.Text += "我的律师" },
		func(f *Facts) { f.Subject += " hacked" },
		func(f *Facts) { f.Subject += "盗刷" },
		func(f *Facts) { f.Amounts = append(f.Amounts, Amount{"CNY", 5000}) },
		func(f *Facts) { f.Amounts = append(f.Amounts, Amount{"", 100000}) },
		func(f *Facts) { f.Unanswered += 2 },
		func(f *Facts) { f.Identity = "email:ann@vip.example" },
	}
	for _, category := range []string{"", "suggestion", "refund", "security-fraud", "nonsense"} {
		start := p.Decide(Facts{Category: category})
		for i, a := range signs {
			for _, b := range signs[i:] {
				f := Facts{Category: category, Text: "hello"}
				a(&f)
				one := p.Decide(f)
				b(&f)
				two := p.Decide(f)
				if one.Level.rank() < start.Level.rank() || two.Level.rank() < one.Level.rank() {
					t.Errorf("%s: %s, with one sign %s, with two %s", category, start.Level, one.Level, two.Level)
				}
				if len(two.Reasons) == 0 || !strings.HasSuffix(two.Reasons[len(two.Reasons)-1], ": "+string(two.Level)) || len(two.Reasons) > 4 {
					t.Errorf("%s: %q does not lead to %s", category, two.Reasons, two.Level)
				}
				if !slices.Equal(p.Decide(f).Reasons, two.Reasons) {
					t.Errorf("%s: the same case has other reasons", category)
				}
			}
		}
	}
}

func TestWordsBesideOtherScripts(t *testing.T) {
	t.Parallel()
	p := made(t, Policy{Words: []Words{{Name: "w", Level: High, Words: []string{"card", "hack*", "律师", "карта", "カード"}}}})
	for text, want := range map[string]bool{
		"my card":           true,
		"my cards":          false,
		"我的card丢了":          true,
		"card2":             false,
		"hacked":            true,
		"shack":             false,
		"找律师去":              true,
		"моя карта":         true,
		"карта2":            false,
		"クレジットカードです":        true,
		"postcard, card":    true,
		"":                  false,
		"CARD":              true,
		"card\x00":          true,
		"💳card💳":            true,
		"ca\u200brd":        false,
		"\xffcard\xfe":      true,
		"cardé":             false,
		"律 师":               false,
		"a hack, an attack": true,
	} {
		if got := p.Decide(Facts{Text: text}).Level == High; got != want {
			t.Errorf("%q: %v", text, got)
		}
		if got := p.Decide(Facts{Subject: text}).Level == High; got != want {
			t.Errorf("%q in the subject: %v", text, got)
		}
	}
}
