package intake

import (
	"testing"
)

func TestContentsDiffer(t *testing.T) {
	for _, c := range []struct {
		name, stored, given string
		want                bool
	}{
		{"a repeat", "a", "a", false}, {"another text", "a", "b", true},
		{"one recorded before contents were kept", "", "b", false}, {"a channel whose keys are not chosen", "a", "", false},
	} {
		if got := differ(c.stored, c.given); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
