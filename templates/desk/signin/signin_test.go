package signin

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"frontdesk/templates/words"
)

// samples are the pages with everything that may stand on them.
func samples() map[string][]any {
	now := time.Date(2026, 11, 30, 8, 5, 0, 0, time.UTC)
	f := Frame{Title: "title.me", Desk: "Topay <b>", Lang: English, Zone: time.UTC, Languages: []Choice{{Tag: "en", Name: "English", URL: "?lang=en", Here: true}}}
	asks := f
	asks.Script = true
	key, none := Passkey{Ask: "/ask", Finish: "/finish", Next: "/desk", Origin: "https://desk.example"}, Passkey{Why: "passkey.localhost", Instead: "http://localhost:8082"}
	return map[string][]any{
		"signin":  {SignIn{Frame: f}, SignIn{Frame: f, Login: "li.na", Next: "/desk", Notice: "signin.undone", Wrong: "signin.slow", Wait: 7, Kept: "</textarea><script>"}, SignIn{Frame: f, Wrong: "signin.wrong", Issuer: "Example", IssuerURL: "/x", Next: "/desk"}, SignIn{Frame: f, IssuerURL: "/x", Wrong: "issuer.away"}, SignIn{Frame: asks, Passkey: key, Kept: "hello"}, SignIn{Frame: f, Passkey: none}},
		"welcome": {Welcome{Frame: f, Login: "li.na", Name: "Li Na", Shortest: 10}, Welcome{Frame: f, Wrong: "password.short", Shortest: 10}, Welcome{Frame: f, Wrong: "password.weak", Shortest: 10}},
		"step":    {Step{Frame: f, Login: "li.na"}, Step{Frame: f, Wrong: "step.slow", Wait: 7}, Step{Frame: f, Wrong: "step.wrong", App: true, Code: true}, Step{Frame: asks, Passkey: key}, Step{Frame: asks, Passkey: key, Code: true}, Step{Frame: f, Passkey: none}},
		"second":  {Second{Frame: f, Asked: true, Password: true}, Second{Frame: f, Wrong: "second.again"}, Second{Frame: f, Secret: "ABCD", Picture: "M0 0h1", Size: 21, Wrong: "password.before"}, Second{Frame: f, On: true, Any: true, Left: 3, Codes: []string{"abc"}},
			Second{Frame: asks, Any: true, Passkey: key, Password: true, Device: "Firefox", Done: "second.done.added", Keys: []Key{{Name: "a", Title: "<b>Laptop</b>", Made: now}, {Name: "b", Title: "Phone", Made: now, Used: now}}}, Second{Frame: f, Passkey: none}, Second{Frame: asks, Passkey: key, Full: true}},
		"nothing": {Nothing{Frame: f, Message: "nothing.link"}},
		"me": {Me{Frame: f, Login: "li.na", Name: "Li Na", Shortest: 10, Second: true}, Me{Frame: f, Language: "zh", Wrong: "password.short", Shortest: 10, Done: "done.saved", Roles: []Role{{"agent", ""}, {"lead", "cards"}, {"administrator", ""}, {"auditor", ""}},
			Sessions: []Session{{ID: "a1", Browser: "Firefox, Linux", Address: "192.0.2.7", Since: now, Seen: now, This: true}, {ID: "a2", Since: now, Seen: now}}}},
	}
}

// TestPagesHaveNothingInlineAndNoWordMissing renders all of them in both languages. One script there is, on pages that ask for a passkey.
func TestPagesHaveNothingInlineAndNoWordMissing(t *testing.T) {
	p, err := New(map[string]string{"signin.css": "/s.css", "icon.svg": "/i.svg", "passkey.js": "/p.js"})
	if err != nil {
		t.Fatal(err)
	}
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for page, all := range samples() {
		for _, lang := range []string{English, Chinese} {
			for _, data := range all {
				out, err := p.Render(lang, page, data)
				if err != nil {
					t.Fatal(err)
				}
				html := strings.Replace(string(out), `<script src="/p.js" defer></script>`, "", 1)
				if asked := strings.Contains(html, `class="passkey"`); asked && len(html) == len(out) {
					t.Errorf("%s in %s asks for a passkey without the script", page, lang)
				}
				if found := regexp.MustCompile(`<script|\son[a-z]+="|\sstyle="|<style|%!|%d|%s`).FindString(html); found != "" {
					t.Errorf("%s in %s has %q:\n%s", page, lang, found, html)
				}
				for key := range words[English] {
					if strings.Contains(html, ">"+key+"<") {
						t.Errorf("%s in %s shows the key %s", page, lang, key)
					}
				}
				if strings.Contains(html, "Topay <b>") {
					t.Errorf("%s does not escape the name of the desk", page)
				}
			}
		}
	}
	if _, err := p.Render(English, "none", nil); err == nil {
		t.Error("a page that is not there was rendered")
	}
}

// TestEveryWordIsWritten in both languages, with the verbs in both.
func TestEveryWordIsWritten(t *testing.T) {
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, english := range words[English] {
		chinese := words[Chinese][key]
		if english == "" || chinese == "" {
			t.Errorf("%s is not written", key)
		}
		if verbs := regexp.MustCompile(`%[ds]`); strings.Join(verbs.FindAllString(english, -1), "") != strings.Join(verbs.FindAllString(chinese, -1), "") {
			t.Errorf("%s has other verbs in Chinese", key)
		}
		if regexp.MustCompile(`[\p{Han}][,.!?;:]`).MatchString(chinese) || regexp.MustCompile(`[\p{Han}][A-Za-z0-9]|[A-Za-z0-9][\p{Han}]`).MatchString(chinese) {
			t.Errorf("%s: %q has half-width punctuation, or no space between Chinese and others", key, chinese)
		}
		if strings.ContainsFunc(english, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s is Chinese in English", key)
		}
	}
}

// TestColoursCanBeRead computes the contrast of the pairs that stand upon each other, light and dark (WCAG 2.2, 1.4.3 and 1.4.11).
func TestColoursCanBeRead(t *testing.T) {
	css, err := fs.ReadFile(Assets(), "signin.css")
	if err != nil {
		t.Fatal(err)
	}
	first, second, _ := strings.Cut(string(css), "prefers-color-scheme")
	second, _, _ = strings.Cut(second, "/* ground */")
	light, dark := map[string]string{}, map[string]string{}
	named := regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{6})`)
	for _, m := range named.FindAllStringSubmatch(first, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range named.FindAllStringSubmatch(second, -1) {
		dark[m[1]] = m[2]
	}
	for scheme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for pair, want := range map[string]float64{"g10 g0": 4.5, "g10 g1": 4.5, "g10 g2": 4.5, "g7 g0": 4.5, "g7 g1": 4.5, "b7 g0": 4.5, "b7 g1": 4.5, "b7 b2": 4.5, "on-b6 b6": 4.5, "on-b6 b7": 4.5, "ok7 ok1": 4.5, "rd7 g0": 4.5, "g6 g0": 3, "b6 g0": 3} {
			above, below, _ := strings.Cut(pair, " ")
			if got := contrast(t, colours[above], colours[below]); got < want {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", scheme, above, below, got, want)
			}
		}
	}
}

// contrast is the ratio of the relative luminances of two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	of := func(hex string) float64 {
		n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
		if err != nil {
			t.Fatalf("%q is no colour", hex)
		}
		linear := func(c uint64) float64 {
			v := float64(c&255) / 255
			if v <= 0.04045 {
				return v / 12.92
			}
			return math.Pow((v+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
	}
	high, low := of(a), of(b)
	if low > high {
		high, low = low, high
	}
	return (high + 0.05) / (low + 0.05)
}
