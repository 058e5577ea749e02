package accepts

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

func TestLanguages(t *testing.T) {
	for header, want := range map[string]string{
		"": "", "en": "en", "zh-CN,zh;q=0.9,en;q=0.8": "zh-CN zh en", "en;q=0.5, fr": "fr en", ";;;": "", strings.Repeat("x", 36) + ",en": "en",
		strings.Repeat("de,", 16) + "en": strings.TrimSpace(strings.Repeat("de ", 16)), "en;q=" + strings.Repeat("0", 100) + ",fr": "fr",
	} {
		var got []string
		for _, tag := range Languages(header) {
			got = append(got, tag.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%.60q: %v, want %s", header, got, want)
		}
	}
	if _, ok := Tag("zh-Hans-" + strings.Repeat("a", maxTag)); ok {
		t.Error("a long tag is read")
	}
}

// TestReadingLanguagesIsLinear: an operator's page and the form are asked by strangers.
func TestReadingLanguagesIsLinear(t *testing.T) {
	units := append(doubling.Units(), "@-", "-00000", "-a-bb", "123456789-", "en,", "en;", ";q=0", "q=", "*,", "x-", "-x")
	for _, head := range []string{"", "en-", "en;q=", "en,"} {
		doubling.Text(t, 16<<10, head, ",de", units, func(s string) { Languages(s); Tag(s) })
	}
}
