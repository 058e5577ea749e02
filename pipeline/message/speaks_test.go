package message_test

import (
	"testing"

	"frontdesk/pipeline/message"
)

func TestALanguageCoversItsScriptsAndRegions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		list []string
		tag  string
		want bool
	}{
		{"no list covers everything", nil, "ko", true},
		{"Chinese covers the simplified script", []string{"zh"}, "zh-Hans", true},
		{"Chinese covers the traditional script", []string{"zh"}, "zh-Hant", true},
		{"Chinese covers a region", []string{"zh"}, "zh-TW", true},
		{"a script covers a region that writes it", []string{"zh-Hant"}, "zh-HK", true},
		{"and the full tag of that region", []string{"zh-Hant"}, "zh-Hant-TW", true},
		{"a region covers its full tag", []string{"zh-HK"}, "zh-Hant-HK", true},
		{"Singapore writes simplified", []string{"zh-Hans"}, "zh_SG", true},
		{"English covers Britain's, whatever the case", []string{"EN"}, "en-gb", true},
		{"a script covers no other", []string{"zh-Hant"}, "zh-Hans", false},
		{"a region is more than its script", []string{"zh-TW"}, "zh-Hant", false},
		{"and no other region", []string{"zh-TW"}, "zh-HK", false},
		{"a beginning of letters is no language", []string{"e"}, "en", false},
		{"no language is none of the list", []string{"zh"}, "", false},
		{"an empty entry covers nothing", []string{""}, "en", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := message.Speaks(c.list, c.tag); got != c.want {
				t.Errorf("Speaks(%q, %q) = %v, want %v", c.list, c.tag, got, c.want)
			}
		})
	}
}
