package redact

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzFields masks the fields of a form, whose names come from the configuration and whose values
// from anyone: no name is lost, a card number in a value is gone, and the given map is not touched.
func FuzzFields(f *testing.F) {
	f.Add("order", "4111 1111 1111 1111")
	f.Add("cvv", "123")
	f.Add("密码", "abc")
	f.Add("", "\xff")
	f.Fuzz(func(t *testing.T, name, value string) {
		in := map[string]string{name: value, "other": "card 5105105105105100"}
		got, _ := Fields(in)
		if len(got) != len(in) {
			t.Errorf("%d fields became %d", len(in), len(got))
		}
		if name != "other" && (strings.Contains(got["other"], "5105105105105100") || in[name] != value) {
			t.Errorf("other is %q, the given value %q", got["other"], in[name])
		}
		if utf8.ValidString(value) && !utf8.ValidString(got[name]) {
			t.Errorf("value %q became %q", value, got[name])
		}
	})
}

// FuzzCard writes a card number with foreign bytes between its groups: once it is found, it is masked
// whole, and what stands around it stays.
func FuzzCard(f *testing.F) {
	f.Add("my card ", " ", " please")
	f.Add("卡号：", "-", "。")
	f.Add("", "\u00a0", "\n")
	f.Fuzz(func(t *testing.T, before, between, after string) {
		text := before + "\n#\ncard " + strings.Join([]string{"4111", "1111", "1111", "1111"}, between) + "\n#\n" + after
		got, found := Text(text)
		if len(found) == 0 && got != text {
			t.Errorf("nothing is found in %q, but it became %q", text, got)
		}
		if simple := between == "" || between == " " || between == "-" || between == "."; simple && strings.Contains(got, "4111"+between+"1111"+between+"1111"+between+"1111") {
			t.Errorf("a card number stays in %q", got)
		}
	})
}
