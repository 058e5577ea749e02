package route

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/match"
)

func TestChoose(t *testing.T) {
	p := Policy{Default: "general", Rules: []Rule{
		{Name: "fraud first", Rule: match.Rule{Categories: []string{"security-fraud"}}, To: "security"},
		{Rule: match.Rule{Priorities: []string{"urgent"}, Channels: []string{"sms", "telegram"}}, To: "hot"},
		{Rule: match.Rule{Categories: []string{"refund"}, Languages: []string{"zh"}}, To: "refunds-cn"},
		{Rule: match.Rule{Inboxes: []string{"partners"}}, To: "partners"},
	}}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		facts Facts
		want  Decision
	}{
		{"the first match wins over a later one", Facts{Case: match.Case{Category: "security-fraud", Priority: "urgent", Channel: "sms"}}, Decision{"security", "fraud first: category security-fraud"}},
		{"every condition of a rule must hold", Facts{Case: match.Case{Priority: "urgent", Channel: "email"}}, Decision{"general", "default queue: no rule matches"}},
		{"several conditions are all named", Facts{Case: match.Case{Priority: "urgent", Channel: "sms"}}, Decision{"hot", "rule 2: priority urgent, channel sms"}},
		{"a language matches its scripts", Facts{Case: match.Case{Category: "refund", Language: "zh-Hant"}}, Decision{"refunds-cn", "rule 3: category refund, language zh-Hant"}},
		{"a language is not the start of another's name", Facts{Case: match.Case{Category: "refund", Language: "zha"}}, Decision{"general", "default queue: no rule matches"}},
		{"no language matches no language rule", Facts{Case: match.Case{Category: "refund"}}, Decision{"general", "default queue: no rule matches"}},
		{"without a rule the category's queue is taken", Facts{Case: match.Case{Category: "refund", Language: "en"}, CategoryQueue: "refunds"}, Decision{"refunds", "queue of category refund"}},
		{"a rule wins over the category's queue", Facts{Case: match.Case{Inbox: "partners"}, CategoryQueue: "refunds"}, Decision{"partners", "rule 4: inbox partners"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, p.Choose(c.facts)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARuleWithoutConditionsMatchesEverything(t *testing.T) {
	p := Policy{Default: "general", Rules: []Rule{{To: "all"}}}
	if got := p.Choose(Facts{}); got != (Decision{"all", "rule 1: matches everything"}) {
		t.Errorf("got %+v", got)
	}
}

func TestValidateRefuses(t *testing.T) {
	for want, p := range map[string]Policy{
		"no default queue": {Rules: []Rule{{To: "x"}}},
		"rule 1: no queue": {Default: "x", Rules: []Rule{{}}},
	} {
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
