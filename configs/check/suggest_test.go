package check

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
	if diff := cmp.Diff("", Suggest("zzzzzz", []string{"host", "port"})); diff != "" {
		t.Error(diff)
	}
	if got, want := Suggest("Pasword", []string{"host", "password"}), "did you mean "+strconv.Quote("password")+"?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
