package route

import (
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/match"
)

// TestRoutingIsLinear: of what a rule asks for, the language may come from outside.
func TestRoutingIsLinear(t *testing.T) {
	p := Policy{Default: "all", Rules: []Rule{{Rule: match.Rule{Languages: []string{"zh", "en-GB", "de"}}, To: "a"}, {Rule: match.Rule{Languages: []string{"fr"}, Categories: []string{"refund"}}, To: "b"}}}
	units := append(doubling.Units(), "zh-", "en-gb-", "DE")
	for _, frame := range [][2]string{{"", ""}, {"zh-", "-hant"}, {"xx-", "-"}} {
		doubling.Text(t, 2<<10, frame[0], frame[1], units, func(s string) {
			p.Choose(Facts{Case: match.Case{Category: s, Language: s, Inbox: s, Channel: s, Priority: s}, CategoryQueue: s})
		})
	}
}
