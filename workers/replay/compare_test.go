package replay

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline"
	"frontdesk/pipeline/classify"
)

func TestWhatBecameAGuessIsToldBesideItsCategory(t *testing.T) {
	of := func(category, why string) outcome {
		return outcome{trace: []pipeline.Line{{Stage: "classify", Found: category, Why: why}}}
	}
	sure, unsure := of("refund", "退款 +4"), of("refund", "model default 0.41"+classify.SaysUnsure)
	outside := of("other", "model default 0.80"+classify.SaysOutside)
	for _, c := range []struct {
		name string
		a, b outcome
		want []Difference
	}{
		{"as it was", sure, of("refund", "model default 0.97"), nil},
		{"a fact becomes a guess", sure, unsure, []Difference{{"classify", "sureness", "sure", "unsure"}}},
		{"a guess becomes a fact", unsure, sure, []Difference{{"classify", "sureness", "unsure", "sure"}}},
		{"another category, and outside", unsure, outside, []Difference{{"classify", "category", "refund", "other"}, {"classify", "sureness", "unsure", "outside"}}},
	} {
		if d := cmp.Diff(c.want, compare(c.a, c.b, false)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
