package service

import (
	"testing"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/templates/home"
)

// TestOnlyWhatIsUnsureIsAsked: the default mind is asked; what it is sure of asks nobody, and a greeting says nothing yet.
func TestOnlyWhatIsUnsureIsAsked(t *testing.T) {
	m, err := mind.Default()
	if err != nil {
		t.Fatal(err)
	}
	guess := guesses(func() classify.Model { return m }, home.Categories())
	for _, c := range []struct {
		text       string
		says, asks bool
	}{
		{"Hello,\n\nhello", false, false}, {"您好", false, false},
		{"I want my refund for the order that I sent back", true, false}, {"我忘记密码了，怎么重置密码", true, false},
		{"The thing with the other thing from Tuesday is still like that, you know", true, true}, {"还是不行", true, true},
	} {
		may, says := guess("", c.text, "")
		if says != c.says || (len(may) > 1) != c.asks {
			t.Errorf("%q: says %v, %+v", c.text, says, may)
		}
		for _, g := range may {
			if g.Category == "" || g.Queue == "" {
				t.Errorf("%q: %+v", c.text, g)
			}
		}
	}
}
