package console

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestColoursCanBeRead computes the contrast of every pair of colours that the pages of operators and customers put upon each
// other, light and dark (WCAG 2.2: 4.5 for words, 1.4.3; 3 for the edges of what is filled in, 1.4.11).
func TestColoursCanBeRead(t *testing.T) {
	const words, edges = 4.5, 3.0
	own := map[string]float64{"ink on paper": words, "ink on card": words, "soft on card": words, "soft on paper": words, "link on card": words, "link on paper": words,
		"good on good-bg": words, "warn on warn-bg": words, "bad on bad-bg": words, "busy on busy-bg": words, "calm on calm-bg": words, "bad on card": words, "ink on calm-bg": words,
		"soft on calm-bg": words, "busy on card": words, "soft on busy-bg": words, "focus on card": edges, "focus on paper": edges}
	form := map[string]float64{"ink on paper": words, "soft on paper": words, "act on paper": words, "paper on act": words, "bad on paper": words, "line on paper": edges}
	for file, pairs := range map[string]map[string]float64{"assets/console.css": own, "../../channels/web/page/page.css": form} {
		css, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for scheme, colours := range palettes(t, string(css)) {
			for pair, want := range pairs {
				above, below, _ := strings.Cut(pair, " on ")
				if got := contrast(t, colours[above], colours[below]); got < want {
					t.Errorf("%s, %s: %s has a contrast of %.2f, want %.1f", file, scheme, pair, got, want)
				}
			}
		}
		if regexp.MustCompile(`opacity:\s*\.[0-9]`).MatchString(regexp.MustCompile(`(?s)@keyframes.*?\n|button\[disabled\]\{[^}]*\}`).ReplaceAllString(string(css), "")) {
			t.Errorf("%s makes words paler than their colour by opacity", file)
		}
	}
}

// palettes are the colours of a style, light and dark, by their names.
func palettes(t *testing.T, css string) map[string]map[string]string {
	t.Helper()
	light, dark := map[string]string{}, map[string]string{}
	first, second, both := strings.Cut(css, "prefers-color-scheme")
	second, _, _ = strings.Cut(second, "*")
	named := regexp.MustCompile(`--([a-z-]+):\s*(#[0-9a-f]{3,6})`)
	for _, m := range named.FindAllStringSubmatch(first, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range named.FindAllStringSubmatch(second, -1) {
		dark[m[1]] = m[2]
	}
	if !both || len(light) < 6 {
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
	hex := strings.TrimPrefix(colour, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
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
