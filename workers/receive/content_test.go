package receive

import (
	"testing"
	"time"

	"frontdesk/channels"
)

// TestAKeyWithAnotherContentIsTold: in one call and in later ones, and what was recorded stays.
func TestAKeyWithAnotherContentIsTold(t *testing.T) {
	r := newRig(t)
	d := func(content string) channels.Delivery {
		return channels.Delivery{Inbox: "hotline", Channel: "sms", Key: "k1", Content: content, At: time.Now(), Raw: []byte(content + "x")}
	}
	for _, c := range []struct {
		name     string
		contents []string
		want     []bool
	}{
		{"three at once", []string{"a", "b", "a"}, []bool{false, true, false}},
		{"a repeat", []string{"a"}, []bool{false}},
		{"another text twice", []string{"b", "b"}, []bool{true, true}},
		{"another text before a repeat", []string{"b", "a"}, []bool{true, false}},
		{"one that compares nothing", []string{""}, []bool{false}},
	} {
		var all []channels.Delivery
		for _, content := range c.contents {
			all = append(all, d(content))
		}
		recorded, err := r.intake.Accept(t.Context(), all...)
		if err != nil {
			t.Fatal(err)
		}
		var got []bool
		for _, one := range recorded {
			got = append(got, one.Other)
		}
		r.Same(c.name, c.want, got)
	}
	r.Same("recorded", 1, r.Undecided("hotline"))
}
