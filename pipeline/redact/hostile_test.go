package redact

import (
	"strings"
	"testing"
	"time"
)

// TestHostileTextIsLinear feeds what makes a scanner go back and forth. The bound is an order of
// magnitude above what a slow machine needs.
func TestHostileTextIsLinear(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"single digits":           "1 ",
		"pairs":                   "41-",
		"one long run":            "4",
		"fours":                   "4111 ",
		"digits and soft breaks":  "4=\n",
		"digits and quotes":       "1\n>>>>>>>>",
		"full-width digits":       "４",
		"zero-width":              "4\u200b",
		"Chinese digits":          "四",
		"password words":          "password ",
		"password for for":        "password for for for ",
		"password and spaces":     "password          ",
		"Chinese password words":  "密码是",
		"code words and numbers":  "code 1234 is ",
		"security words":          "security code 123 ",
		"open quotes":             "password \"",
		"cards":                   "4111111111111111 12/27 123 ",
		"broken characters":       "\xe5\xef\xbc",
		"separators without end":  "1   ",
		"identity numbers":        "11010519491231002X",
		"letters":                 "a",
		"password with long gaps": "password is" + strings.Repeat(" ", 500),
	} {
		t.Run(name, func(t *testing.T) {
			s := strings.Repeat(unit, 256<<10/len(unit))
			start := time.Now()
			Text(s)
			if d := time.Since(start); d > 15*time.Second {
				t.Errorf("%d bytes took %v", len(s), d)
			} else {
				t.Logf("%.0f MB/s", float64(len(s))/1e6/d.Seconds())
			}
		})
	}
}
