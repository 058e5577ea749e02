package training

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessagesAboutTheSameThingAreTogether(t *testing.T) {
	var examples []Example
	add := func(topic string, texts ...string) {
		for _, text := range texts {
			examples = append(examples, Example{Text: text, Label: topic})
		}
	}
	add("instalments", "Can I pay in instalments?", "do you offer payment in instalments", "is it possible to pay in three instalments", "instalments for my order, can I pay so", "how do I pay in instalments")
	add("pdf", "导出账单成表格", "账单能导出表格吗", "怎么把账单导出", "账单导出")
	add("fingerprint", "sign in with my fingerprint", "fingerprint instead of a password to sign in", "how do I sign in by fingerprint")
	add("alone", "zebra")
	groups := Groups(examples, 1)
	var got []string
	for _, g := range groups {
		topics := map[string]bool{}
		for _, i := range g {
			topics[examples[i].Label] = true
		}
		if len(topics) != 1 {
			t.Errorf("together: %v", topics)
		}
		got = append(got, fmt.Sprint(examples[g[0]].Label, len(g)))
	}
	if diff := cmp.Diff([]string{"instalments5", "pdf4", "fingerprint3"}, got); diff != "" {
		t.Error(diff)
	}
	if again := Groups(examples, 1); !slices.EqualFunc(groups, again, slices.Equal) {
		t.Errorf("the same messages give %v, then %v", groups, again)
	}
}

func TestNothingIsGroupedOfNothing(t *testing.T) {
	for name, examples := range map[string][]Example{"none": nil, "one": {{Text: "a word"}}, "signs": {{Text: "?"}, {Text: "!"}}, "empty ones": {{}, {}}} {
		if got := Groups(examples, 1); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func BenchmarkGroups(b *testing.B) {
	var examples []Example
	for i := range 2000 {
		examples = append(examples, Example{Text: fmt.Sprintf("the %c%c of my order number %d is %c%c", 'a'+i%26, 'a'+i/26%26, i, 'a'+i%7, 'b'+i%11)})
	}
	for b.Loop() {
		Groups(examples, 1)
	}
}
