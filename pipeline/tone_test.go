package pipeline_test

import (
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/answer/fit"
	"frontdesk/pipeline/domain/effects"
)

// TestWhatIsAtStakeIsHeard: danger, need, threats and waiting raise the priority with their reason, and choose what the acknowledgement says. To an address that nobody
// has proven nothing is said of anybody's circumstances.
func TestWhatIsAtStakeIsHeard(t *testing.T) {
	ready := func(p *pipeline.AckPayload) bool { return len(p.FAQ) > 0 }
	for _, c := range []struct {
		name, category, text string
		claimed, off         bool
		level, why           string
		tone, told           string
		answered             bool
	}{
		{"danger to life", "refund", "How long does a refund take? I don't want to live any more", false, false, "urgent", "danger to life: ", "danger", "other", false},
		{"the same from an address that is not proven", "refund", "How long does a refund take? I don't want to live any more", true, false, "urgent", "danger to life: ", "danger", "other", false},
		{"danger and a stolen account", "security-fraud", "他拿刀逼我转账，我的账户被盗了", false, false, "urgent", "danger to life: ", "danger", "security-fraud", false},
		{"a customer in need", "refund", "How long does a refund take? I lost my job and we have nothing to eat", false, false, "high", "customer in need: ", "careful", "refund", false},
		{"the same from an address that is not proven", "refund", "How long does a refund take? I lost my job and we have nothing to eat", true, false, "high", "customer in need: ", "", "refund", false},
		{"a legal threat in a complaint", "complaint", "I am disgusted, my lawyer will contact you", false, false, "high", "legal threat: ", "sober", "other", false},
		{"the same from an address that is not proven", "complaint", "I am disgusted, my lawyer will contact you", true, false, "high", "legal threat: ", "sober", "other", false},
		{"a complaint", "complaint", "你们的服务态度太差了", false, false, "normal", "default", "", "complaint", false},
		{"a long wait", "refund", "How long does a refund take? I have been waiting for three weeks", false, false, "high", "long wait: ", "warm", "refund", true},
		{"nothing but the matter", "refund", "How long does a refund take?", false, false, "normal", "default", "", "refund", true},
		{"no tone is wanted", "refund", "How long does a refund take? I don't want to live any more", false, true, "urgent", "danger to life: ", "", "refund", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings(t)
			s.Classifier, s.Tones = says{Category: c.category}, !c.off
			var err error
			if s.Answers, err = fit.New([]fit.Entry{{Key: "long", Category: "refund", Texts: map[string]*fit.Text{"en": {Question: "How long does a refund take?", Answer: "A week."}}}}, nil); err != nil {
				t.Fatal(err)
			}
			m := mail(1, "support", "li@customer.example", "Refund", c.text)
			if !c.claimed {
				m = proven(m)
			}
			plan := batch(t, s, pipeline.NewFacts(), counter{}, m)[0].Plan
			if plan.Ticket.Open.Priority != c.level {
				t.Errorf("priority %s, want %s", plan.Ticket.Open.Priority, c.level)
			}
			if why := reasonOf(plan, "prioritize"); !strings.Contains(why, c.why) {
				t.Errorf("the reason is %q, want %q in it", why, c.why)
			}
			for _, e := range plan.Effects {
				if e.Kind != effects.KindAcknowledgement {
					continue
				}
				var p pipeline.AckPayload
				if err := json.Unmarshal(e.Payload, &p); err != nil {
					t.Fatal(err)
				}
				if p.Tone != c.tone || p.Category != c.told || ready(&p) != c.answered {
					t.Errorf("tone %q, told %q, answers %d; want %q, %q, any: %v", p.Tone, p.Category, len(p.FAQ), c.tone, c.told, c.answered)
				}
				return
			}
			t.Error("there is no acknowledgement")
		})
	}
}

// reasonOf is why a stage decided as it did.
func reasonOf(p pipeline.Plan, stage string) string {
	for _, l := range p.Trace {
		if l.Stage == stage {
			return l.Why
		}
	}
	return ""
}
