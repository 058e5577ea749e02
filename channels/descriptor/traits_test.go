package descriptor

import "testing"

func TestAnIDIsFoundWhereItStandsByItself(t *testing.T) {
	own := func(text, id string) bool { return text == id }
	for _, c := range []struct {
		name, text string
		traits     Traits
		want       bool
	}{
		{"alone", "u_7x", Traits{}, true},
		{"in JSON", `{"from":"u_7x","text":"hello"}`, Traits{}, true},
		{"in a longer one", `{"from":"u_7xy"}`, Traits{}, false},
		{"at the end of a longer one", `{"from":"au_7x"}`, Traits{}, false},
		{"behind a longer one", "u_7xy:u_7x", Traits{}, true},
		{"nowhere", "hello", Traits{}, false},
		{"as the channel says", "u_7x:1", Traits{InKey: own, InOriginal: func(raw []byte, id string) bool { return own(string(raw), id) }}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.traits.KeyNames(c.text, "u_7x"); got != c.want {
				t.Errorf("in a key: %v", got)
			}
			if got := c.traits.OriginalNames([]byte(c.text), "u_7x"); got != c.want {
				t.Errorf("in an original: %v", got)
			}
		})
	}
	if (Traits{}).KeyNames("anything", "") {
		t.Error("an empty id is found")
	}
}

func TestACodeIsOneOfItsWords(t *testing.T) {
	traits := Traits{Dead: []string{"5.1.1", "no-such-user"}}
	for code, want := range map[string]bool{"550 5.1.1": true, "no-such-user": true, "550 5.7.1": false, "5.1.10": false, "": false} {
		if got := traits.Unreachable(code); got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
}
