package answer

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/words"
)

// scanner is a scanner with the expression that it stands for.
type scanner struct {
	name     string
	scan     func(string) bool
	stands   func(string) bool
	examples []string
}

func matches(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

func scanners() []scanner {
	return []scanner{
		{"telephone number", phoneNumber, matches(`\b1[3-9][0-9]{9}\b|\+[0-9][0-9 -]{7,16}[0-9]`),
			[]string{"13812345678", "x13812345678", "12812345678", "138123456789", "13812345678x", "打13812345678吧", "+852 1234 5678", "+1234567", "+12345678", "+123456789", "+1 - - - - 9", "+1 - - - - - - - - - 9", "++123456789", "+a13812345678"}},
		{"mail address", mailAddress, matches(`[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+`),
			[]string{"a@b.c", "@b.c", "a@b", "a@.c", "a@b.", "a@b@c.d", "一@b.c", "a+%@b-.-", "a@b..c"}},
		{"version", version, matches(`(?:版本|version|\bv|ios|android|安卓|鸿蒙|鴻蒙|harmonyos)\s?[号號:]?\s?[0-9]{1,2}`),
			[]string{"v2", "av2", "一v2", "v 2", "v  2", "v   2", "v : 2", "v  :2", "v:  2", "版本号：2", "版本号:2", "版本號 2", "ios17", "bios 17", "android\n\n14", "harmonyos号4", "version12", "version two"}},
	}
}

func TestScannersStandForTheirExpressions(t *testing.T) {
	for _, s := range scanners() {
		t.Run(s.name, func(t *testing.T) {
			found := 0
			for _, text := range s.examples {
				want := s.stands(text)
				if got := s.scan(text); got != want {
					t.Errorf("%q: %v, the expression says %v", text, got, want)
				}
				if want {
					found++
				}
			}
			if found == 0 || found == len(s.examples) {
				t.Errorf("%d of %d examples are found: they prove little", found, len(s.examples))
			}
		})
	}
}

func FuzzScanners(f *testing.F) {
	all := scanners()
	for _, s := range all {
		for _, text := range s.examples {
			f.Add(text)
		}
	}
	for _, list := range append(slices.Collect(maps.Values(namesFor)), times) {
		for word := range list.All() {
			f.Add(word + word + "," + word + "x")
		}
	}
	promotion := newSigns()
	for _, text := range []string{"双11活动", "满300", "spring promotion", "code ab12", "首单", "11.11节", "a campaign", "ＡＢＣ￥１２\u3000İK\xe4\xb8x\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range all {
			if got, want := s.scan(text), s.stands(text); got != want {
				t.Errorf("%s in %q: %v, the expression says %v", s.name, text, got, want)
			}
		}
		if n := len(text); n > 0 && !words.PairsOf(text).May(text[n/3:n-n/4]) {
			t.Errorf("the pairs of %q do not know a part of it", text)
		}
		for _, list := range append(slices.Collect(maps.Values(namesFor)), times) {
			if got, want := stands(list, text), anyHeld(text, list); got != want {
				t.Errorf("names in %q: %v, want %v", text, got, want)
			}
		}
		if got, want := lower(text), strings.ToLower(halfWidth(text)); got != want {
			t.Errorf("lower(%q) = %q, want %q", text, got, want)
		}
		if got, want := promotion.promoted(text), promotion.promotion.MatchString(text); got != want {
			t.Errorf("promotion in %q: %v, the expression says %v", text, got, want)
		}
	})
}

// anyHeld looks for the names one by one.
func anyHeld(text string, list *words.List) bool {
	for w := range list.All() {
		if holds(text, w) {
			return true
		}
	}
	return false
}
