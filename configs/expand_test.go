package configs

import "testing"

func TestExpand(t *testing.T) {
	env := fake(map[string]string{"A": "one", "EMPTY": "", "NESTED": "${A}"})
	for text, want := range map[string]string{
		"plain $ text": "plain $ text", "${A}": "one", "x${A}y${A}z": "xoneyonez", "${B:-two}": "two", "${EMPTY:-three}": "three", "${B:-}": "",
		"$${A}": "${A}", "$$${A}": "$${A}", "${EMPTY}": "", "${NESTED}": "${A}", "a$${b${A}": "a${bone", "${B:-a:-b}": "a:-b",
	} {
		got, wrong := expand(text, env)
		if wrong != nil || got != want {
			t.Errorf("%s: got %q %v, want %q", text, got, wrong, want)
		}
	}
	for _, text := range []string{"${", "${}", "${1A}", "${B}", "${A-b}", "${A:b}", "${A B}"} {
		if got, wrong := expand(text, env); wrong == nil {
			t.Errorf("%s is read as %q", text, got)
		}
	}
}
