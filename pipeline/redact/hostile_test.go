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
		"spoken digits":           "one two ",
		"doubled digits":          "double one ",
		"letters like digits":     "lO1 ",
		"circled digits":          "①",
		"digits of a script":      "٤",
		"references":              "&#52;",
		"percent":                 "%34",
		"marks":                   "4\u0336",
		"tags":                    "4<br>",
		"joined with and":         "4111 and ",
		"accounts":                "DE89 3704 ",
		"track data":              ";4111111111111111=2712101",
		"identifiers":             "a4111111111111111-",
		"values":                  "cvv is not 123 ",
		"expiry dates":            "4111111111111111 12/27 ",
		"many passwords":          "my pass is ",
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

// TestCostGrowsWithLength: twice the text costs about twice as much, whatever it is made of.
func TestCostGrowsWithLength(t *testing.T) {
	for _, unit := range []string{"1 ", "4", "4111 ", "①", "one two ", "四", "&#52;", "cvv is not 123 ", "4111 and ", "DE89 3704 ", "password is ", "4\u0336", "a4111111111111111-"} {
		var once, twice time.Duration
		for range 15 { // a busy machine may disturb some of them
			if once, twice = cost(unit, 128<<10), cost(unit, 256<<10); float64(twice) <= 2.6*float64(once) {
				break
			}
		}
		if float64(twice) > 2.6*float64(once) {
			t.Errorf("%q: %v for 128 KiB, %v for twice as much", unit, once, twice)
		}
	}
}

// cost is the least time that n bytes of a unit took.
func cost(unit string, n int) time.Duration {
	s, best := strings.Repeat(unit, n/len(unit)), time.Duration(1<<62)
	for range 3 {
		start := time.Now()
		Text(s)
		best = min(best, time.Since(start))
	}
	return best
}
