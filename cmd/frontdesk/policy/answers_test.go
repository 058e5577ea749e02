package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/configs"
	"frontdesk/configs/rules"
)

// TestBuiltInAnswersAreOptIn: nobody gets an answer that nobody has reviewed, and check names it.
func TestBuiltInAnswersAreOptIn(t *testing.T) {
	t.Parallel()
	var c configs.Config
	c.Acknowledgements.ReviewedAnswers = []string{"refund", "refunds"}
	c.Categories = []rules.Category{{Key: "complaint"}, {Key: "own", FAQ: []rules.FAQ{{Question: map[string]string{"en": "Q"}, Answer: map[string]string{"en": "A"}}}}}
	for _, k := range Categories(c) {
		if given := len(k.FAQ) > 0; given != slices.Contains([]string{"refund", "own"}, k.Key) {
			t.Errorf("%s: given %v", k.Key, given)
		}
	}
	notes := AnswersNotes(c).Error()
	for word, want := range map[string]bool{"payment-failed": true, `category "refunds"`: true, "them: refund": false} {
		if strings.Contains(notes, word) != want {
			t.Errorf("%q in the notes: want %v\n%s", word, want, notes)
		}
	}
	if at := strings.Index(notes, "never reviewed"); at < 0 || strings.Contains(notes[at:], " refund,") || strings.Contains(notes[at:], "complaint") {
		t.Errorf("reviewed or replaced ones are named:\n%s", notes)
	}
}

// TestVariantsOfTheFileReachTheirCategory, since a matcher asks the category, not the file.
func TestVariantsOfTheFileReachTheirCategory(t *testing.T) {
	c := configs.Config{}
	c.Categories = []rules.Category{{Key: "own", FAQ: []rules.FAQ{{Question: map[string]string{"en": "How long?"}, Answer: map[string]string{"en": "A week."},
		Variants: map[string][]string{"en": {"when is it done"}, "zh": {"要多久"}}}}}}
	all := Categories(c)
	if diff := cmp.Diff(map[string][]string{"en": {"when is it done"}, "zh": {"要多久"}}, all[len(all)-1].FAQ[0].Variants); diff != "" {
		t.Error(diff)
	}
}
