package message

import "testing"

func TestNamedTakesTheNearestTag(t *testing.T) {
	all := map[string]string{"zh": "示例客服", "zh-Hant": "示範客服", "zh-Hant-HK": "示範客戶服務", "en": "Example Desk"}
	for _, c := range []struct {
		name, language string
		names          map[string]string
		want           string
	}{
		{"the tag itself", "en", all, "Example Desk"},
		{"a kind of it", "zh-Hans", all, "示例客服"},
		{"the longest that fits", "zh-HK", all, "示範客戶服務"},
		{"the script of a region", "zh-TW", all, "示範客服"},
		{"a language that has none reads English", "de", all, "Example Desk"},
		{"Chinese that has none keeps the desk's", "zh-Hans", map[string]string{"zh-Hant": "示範客服", "en": "Example Desk"}, "Desk"},
		{"an empty one is none", "en", map[string]string{"en": ""}, "Desk"},
		{"no names at all", "en", nil, "Desk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Named(c.names, c.language, "Desk"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
