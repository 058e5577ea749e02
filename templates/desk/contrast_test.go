package desk

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestColoursCanBeRead computes the contrast of every pair of colours that the desk puts upon each other, light and dark (WCAG 2.2: 4.5
// for words, 1.4.3; 3 for icons, marks and the edges of what is filled in, 1.4.11).
func TestColoursCanBeRead(t *testing.T) {
	const words, edges = 4.5, 3.0
	pairs := map[string]float64{
		"g10 on g0": words, "g9 on g0": words, "g8 on g0": words, "g7 on g0": words, "b7 on g0": words,
		"g10 on g1": words, "g9 on g1": words, "g8 on g1": words, "g7 on g1": words, "b7 on g1": words,
		"g10 on g2": words, "g7 on g2": words, "b7 on b2": words, "g8 on b2": words, "g7 on b2": words, "g10 on b2": words,
		"g10 on b1": words, "g7 on b1": words, "on-b6 on b6": words, "on-b6 on b7": words, "g8 on g3": words,
		"am7 on g0": words, "am7 on g1": words, "am7 on b2": words, "am7 on am1": words, "am7 on note1": words, "g7 on note1": words, "g10 on note1": words, "g10 on am1": words,
		"rd7 on g0": words, "rd7 on g1": words, "rd7 on b2": words, "rd7 on rd1": words, "on-rd6 on rd6": words, "ok7 on g0": words,
		"g0 on g10": words, "g0 on g9": words,
		"g6 on g0": edges, "g6 on g1": edges, "b6 on g0": edges, "b6 on g1": edges, "b6 on b2": edges, "rd5 on g0": edges, "am5 on note1": edges, "am5 on g0": edges, "am5 on g1": edges,
	}
	css, err := fs.ReadFile(Assets(), "desk.css")
	if err != nil {
		t.Fatal(err)
	}
	for scheme, colours := range palettes(t, string(css)) {
		for pair, want := range pairs {
			above, below, _ := strings.Cut(pair, " on ")
			if got := contrast(t, colours[above], colours[below]); got < want {
				t.Errorf("%s: %s has a contrast of %.2f, want %.1f", scheme, pair, got, want)
			}
		}
	}
}

// Below the tokens no rule names a colour of its own, pales words by opacity, or writes below 12 px.
func TestTheStyleKeepsToItsTokens(t *testing.T) {
	css, err := fs.ReadFile(Assets(), "desk.css")
	if err != nil {
		t.Fatal(err)
	}
	_, rules, found := strings.Cut(string(css), "/* ground */")
	if !found {
		t.Fatal("the style has no rules")
	}
	for _, bad := range []string{`#[0-9a-f]{3,6}\b`, `opacity:`, `font-size:\s*(\.[0-6]|\.7[0-4])`, `font-style:\s*italic`, `letter-spacing`, `animation:\s*[a-z]+ \d`} {
		if m := regexp.MustCompile(bad).FindString(rules); m != "" {
			t.Errorf("the style holds %q", m)
		}
	}
	used := regexp.MustCompile(`var\((--[a-z0-9-]+)\)`)
	for _, m := range used.FindAllStringSubmatch(string(css), -1) {
		if !strings.Contains(string(css), m[1]+":") {
			t.Errorf("%s is used and nowhere set", m[1])
		}
	}
}

// palettes are the colours of a style, light and dark, by their names.
func palettes(t *testing.T, css string) map[string]map[string]string {
	t.Helper()
	light, dark := map[string]string{}, map[string]string{}
	first, second, both := strings.Cut(css, "prefers-color-scheme")
	second, _, _ = strings.Cut(second, "/* ground */")
	named := regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{6})`)
	for _, m := range named.FindAllStringSubmatch(first, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range named.FindAllStringSubmatch(second, -1) {
		dark[m[1]] = m[2]
	}
	if !both || len(light) < 20 || light["g0"] == dark["g0"] {
		t.Fatalf("the style has %d colours", len(light))
	}
	return map[string]map[string]string{"light": light, "dark": dark}
}

// contrast is the ratio of the relative luminances of two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + .05) / (math.Min(x, y) + .05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	part := func(v uint64) float64 {
		s := float64(v&255) / 255
		if s <= .04045 {
			return s / 12.92
		}
		return math.Pow((s+.055)/1.055, 2.4)
	}
	return .2126*part(n>>16) + .7152*part(n>>8) + .0722*part(n)
}
