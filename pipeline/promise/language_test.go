package promise

import (
	"testing"
	"time"

	"frontdesk/pipeline/match"
)

func TestAPromiseForALanguageHoldsForItsScripts(t *testing.T) {
	t.Parallel()
	policy := Policy{Rules: []Rule{
		{Kind: FirstReply, Rule: match.Rule{Languages: []string{"zh-Hant"}}, Within: time.Hour, Clock: Wall},
		{Kind: FirstReply, Rule: match.Rule{Languages: []string{"zh"}}, Within: 2 * time.Hour, Clock: Wall},
		{Kind: FirstReply, Within: 8 * time.Hour, Clock: Wall},
	}}
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for language, want := range map[string]time.Duration{"zh-Hans": 2 * time.Hour, "zh-CN": 2 * time.Hour, "zh": 2 * time.Hour, "zh-Hant": time.Hour,
		"zh-HK": time.Hour, "zh-Hant-TW": time.Hour, "en": 8 * time.Hour, "": 8 * time.Hour, "zha": 8 * time.Hour} {
		made, ok := makeOne(policy, FirstReply, Facts{Case: match.Case{Language: language}}, at, at)
		if !ok || made.Due.Sub(at) != want {
			t.Errorf("%q: due after %v, want %v", language, made.Due.Sub(at), want)
		}
	}
}
