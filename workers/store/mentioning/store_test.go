package mentioning

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhomANoteNames(t *testing.T) {
	var many strings.Builder
	for n := range 100 {
		fmt.Fprintf(&many, "@user%d ", n)
	}
	for _, c := range []struct{ name, text, want string }{
		{"nobody", "call him back", "[]"},
		{"somebody", "@li.na please look", "[li.na]"},
		{"at the end of a sentence", "Ask @Li.Na.", "[li.na]"},
		{"in Chinese text", "请 @wang 看一下，（@li）", "[wang li]"},
		{"twice", "@li and @LI", "[li]"},
		{"an address is nobody's name", "write to li@example.com", "[]"},
		{"a login that is an address", "@li@example.com, please", "[li@example.com]"},
		{"a sign alone", "@ @. @@", "[]"},
	} {
		if got := fmt.Sprint(Named(c.text)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := Named(many.String()); len(got) != mostNamed {
		t.Errorf("of a hundred %d are named", len(got))
	}
}
