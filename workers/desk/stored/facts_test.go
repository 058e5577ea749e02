package stored

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/templates/desk"
	agents "frontdesk/workers/store/desk"
)

// TestFactsOfATicket: what the customer's messages tell stands with the numbers, the oldest first and each once, and what is missing behind it. What
// a third party wrote, and what was erased, tells nothing.
func TestFactsOfATicket(t *testing.T) {
	line := func(minutes int, m *agents.Message) agents.Line {
		return agents.Line{Mark: agents.Mark{At: monday.Add(time.Duration(minutes) * time.Minute).UnixMicro()}, Message: m}
	}
	hongKong := time.FixedZone("HKT", 8*3600)
	k := agents.Ticket{Numbers: []string{"TP20260815"}, Missing: []string{"a screenshot"}}
	lines := []agents.Line{ // the newest first
		line(30, &agents.Message{Visible: "十块钱", Erased: true}),
		line(20, &agents.Message{Visible: "20 euros", Side: 7}),
		line(10, &agents.Message{Visible: "3500 元,转账给张伟。版本5.2.1,iPhone 15"}),
		{Mark: agents.Mark{At: monday.UnixMicro()}, Reply: &agents.Reply{Text: "$5"}},
		line(0, &agents.Message{Subject: "两笔", Visible: "昨天下午三点扣了三千五百块,应该是上周五"}),
	}
	want := []desk.Fact{
		{Key: "order-number", Value: "TP20260815"}, {Key: "amount", Value: "3500 CNY"}, {Key: "time", Value: "2026-11-30 15:00"}, {Key: "time", Value: "2026-11-27"},
		{Key: "phone-model", Value: "iPhone 15"}, {Key: "app-version", Value: "5.2.1"}, {Key: "recipient", Value: "张伟"}, {Key: "a screenshot"},
	}
	if diff := cmp.Diff(want, facts(k, lines, hongKong)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	many := facts(agents.Ticket{}, []agents.Line{line(0, &agents.Message{Visible: "1元 2元 3元 4元 5元 6元"})}, nil)
	if len(many) != manyFacts {
		t.Errorf("%d sums are listed: %v", len(many), many)
	}
}
