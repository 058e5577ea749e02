package polite

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

func TestClausesOfPoliteness(t *testing.T) {
	for kind, clauses := range map[Kind][]string{
		Thanking: {"i would be grateful if someone could look into it at the earliest opportunity", "thanks a lot for your help with this", "many thanks", "we’d really appreciate a swift reply", "如蒙早日赐复，不胜感荷", "祝您工作顺利", "非常感谢您的耐心帮助", "thanks 谢谢"},
		Asking:   {"please look into this as soon as possible", "kindly advise", "i trust you will treat this with urgency", "烦请您抽空帮我核实", "望贵平台高度重视并给予书面答复", "請盡快回覆", "不知能否麻烦帮忙看看"},
		Plain:    {"看看", "look into it", "in the matter"},
		Words: {"", "...", "please cancel my card", "please refund me", "thanks to you my account is locked", "i would be grateful if you refunded me", "please look into order 17", "i do not appreciate this", "when will somebody look into it", "nobody answers",
			"请尽快退款", "麻烦帮我取消转账", "谢谢，但是钱没到", "希望能提高额度", "this is urgent", strings.Repeat("thanks ", 60), strings.Repeat("谢", 40)},
	} {
		for _, c := range clauses {
			if got := Of(c); got != kind {
				t.Errorf("%q is %d, want %d", c, got, kind)
			}
		}
	}
}

// TestNoWordOfTwoKinds: which kind a word is of may not follow from the order of the lists.
func TestNoWordOfTwoKinds(t *testing.T) {
	seen := map[string]Kind{}
	for _, list := range pieces {
		for _, p := range list {
			if k, ok := seen[p.word]; ok && k != p.kind {
				t.Errorf("%s stands as %d and as %d", p.word, k, p.kind)
			}
			seen[p.word] = p.kind
		}
	}
	for w := range plain {
		if len(w) > longestWord {
			t.Errorf("%q is longer than any word is looked at", w)
		}
	}
}

func TestClausesCostTimeInProportion(t *testing.T) {
	doubling.Text(t, 16<<10, "thanks ", "", doubling.Units(), func(text string) { Of(text) })
}

func BenchmarkOf(b *testing.B) {
	for b.Loop() {
		Of("i would be grateful if someone could look into it at the earliest opportunity")
		Of("烦请您抽空帮我核实")
	}
}
