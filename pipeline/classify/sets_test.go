package classify

import (
	"strings"
	"testing"

	"frontdesk/templates/home"
)

// TestTheTrainingSetHasEnoughOfEverything: a category with few messages is one that a model cannot learn, and a message that also
// measures is one that flatters.
func TestTheTrainingSetHasEnoughOfEverything(t *testing.T) {
	type part struct {
		category string
		chinese  bool
	}
	count, where := map[part]int{}, map[string]string{}
	for _, name := range []string{"tune.txt", "held.txt", "blind.txt", "train.txt", "train-en.txt", "train-en2.txt", "indirect-en.txt", "train-zh2.txt", "outside2.txt", "train-zh.txt", "outside.txt"} {
		for _, m := range labelled(t, name) {
			text := strings.ToLower(m.Subject + " // " + m.Text)
			if before, twice := where[text]; twice && name != "blind.txt" { // whose writer had seen none of the others
				t.Errorf("%q stands in %s and in %s", text, before, name)
			}
			where[text] = name
			if name == "train.txt" || name == "outside.txt" {
				count[part{m.Category, m.Chinese()}]++
			}
		}
	}
	want := map[string]int{"invoice": 60, "other": 80, "outside": 230}
	known := map[string]bool{"outside": true}
	for _, c := range home.Categories() {
		known[c.Key] = true
	}
	for key := range known {
		for _, chinese := range []bool{true, false} {
			if n := count[part{key, chinese}]; n < max(want[key], 40) {
				t.Errorf("%s, Chinese %v: %d messages, want %d", key, chinese, n, max(want[key], 40))
			}
		}
	}
	for p := range count {
		if !known[p.category] {
			t.Errorf("there is no category %q", p.category)
		}
	}
}
