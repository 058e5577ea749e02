package message

import (
	"slices"
	"strings"
)

// Speaks reports whether a language is one of a list, or a kind of one: "zh" covers "zh-Hans" and "zh-Hant-HK", and
// "zh-Hant" covers "zh-HK", whose script everybody knows (BCP 47, RFC 4647 §3.3.1). Letter case does not count. An empty
// list covers every language.
func Speaks(list []string, language string) bool {
	if len(list) == 0 {
		return true
	}
	spoken := scripted(language)
	return slices.ContainsFunc(list, func(l string) bool {
		l = scripted(l)
		return l != "" && (spoken == l || strings.HasPrefix(spoken, l+"-"))
	})
}

// scripted is a language tag in lower case that names the script where a region of Chinese implies it.
func scripted(tag string) string {
	tag = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(tag)), "_", "-")
	switch base, rest, _ := strings.Cut(tag, "-"); {
	case base != "zh":
		return tag
	case rest == "tw" || rest == "hk" || rest == "mo":
		return "zh-hant-" + rest
	case rest == "cn" || rest == "sg" || rest == "my":
		return "zh-hans-" + rest
	}
	return tag
}
