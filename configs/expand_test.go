package configs

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"queue", "queue", 0}, {"adress", "address", 1}, {"mial", "mail", 1}, {"abc", "", 3}, {"chanel", "channels", 2}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%s to %s: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestSuggestKeepsSilentAboutStrangers(t *testing.T) {
	if diff := cmp.Diff("", suggest("zzzzzz", []string{"host", "port"})); diff != "" {
		t.Error(diff)
	}
	if got, want := suggest("Pasword", []string{"host", "password"}), "did you mean "+strconv.Quote("password")+"?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
