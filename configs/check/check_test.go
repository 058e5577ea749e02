package check

import (
	"strings"
	"testing"
)

func TestWhatSectionsAskAlike(t *testing.T) {
	at := func(i int) string { return []string{"first", "second"}[i] }
	for _, c := range []struct {
		name string
		ask  func(Report)
		want string // path: mistake; remedy
	}{
		{"a word that is allowed", func(r Report) { r.Word("a", "b", "queue", []string{"b"}) }, ""},
		{"a word that is nearly one", func(r Report) { r.Word("a", "genral", "queue", []string{"general", "risk"}) }, `a: there is no queue "genral"; did you mean "general"?`},
		{"a word like none", func(r Report) { r.Words("a", []string{"general", "zzzz"}, "queue", []string{"general"}) }, `a[1]: there is no queue "zzzz"; write one of: general`},
		{"a word where there is nothing", func(r Report) { r.Word("a", "b", "relay", nil) }, `a: there is no relay "b"; none is configured yet`},
		{"two names that are one", func(r Report) { r.Unique([]string{"a", "A"}, at, "key") }, `second: the key "A" is there twice; give each its own`},
		{"names left out", func(r Report) { r.Unique([]string{"", ""}, at, "key") }, ""},
		{"a time zone", func(r Report) { r.Zone("a", "Asia/Hong_Kong") }, ""},
		{"the machine's own", func(r Report) { r.Zone("a", "Local") }, `a: there is no time zone "Local"; write an IANA name such as Asia/Shanghai, Asia/Hong_Kong or UTC`},
		{"a language that the desk has not", func(r Report) { r.Language("a", "fr", []string{"en"}) }, `a: there is no language of the desk "fr"; write one of: en`},
		{"texts in no language", func(r Report) { r.Texts("a", map[string]string{"en": "x", "!!": "y"}) }, `a.!!: "!!" is no language; write a BCP 47 tag such as zh-Hans, zh-Hant or en`},
	} {
		var got []string
		c.ask(Report{Add: func(path, mistake, remedy string) { got = append(got, path+": "+mistake+"; "+remedy) }})
		if all := strings.Join(got, "\n"); all != c.want {
			t.Errorf("%s: %q, want %q", c.name, all, c.want)
		}
	}
}
