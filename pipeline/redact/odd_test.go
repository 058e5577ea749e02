package redact

import (
	"os"
	"strings"
	"testing"
)

// oddLists are lists of odd spellings, by kind, a message a line. The later ones were written before any rule was changed for
// them, so what they found when they were first tried tells how secrets fare that nobody has seen (docs/understanding.md).
var oddLists = []string{"odd.txt", "odd-second.txt", "odd-third.txt", "odd-fourth.txt", "odd-fifth.txt", "odd-sixth.txt", "odd-seventh.txt"}

// TestOddSpellings holds each spelling: two lines of one secret are joined by "\n", and {{}} stands around what may not stay.
func TestOddSpellings(t *testing.T) {
	t.Parallel()
	for _, name := range oddLists {
		t.Run(name, func(t *testing.T) {
			all, missed := map[string]int{}, map[string]int{}
			for _, c := range oddCases(t, name) {
				all[c.kind]++
				if why := c.wrong(); why != "" {
					missed[c.kind]++
					t.Errorf("[%s] %s", c.kind, why)
				}
			}
			for _, kind := range append(kinds[:], "otp or password", "none") {
				t.Logf("%s: %d of %d", kind, all[kind]-missed[kind], all[kind])
			}
		})
	}
}

// oddCase is a line of a list.
type oddCase struct {
	kind, text string
	secrets    []string
}

// wrong says what is wrong with how the message is masked, nothing where all is well.
func (c oddCase) wrong() string {
	got, found := Text(c.text)
	if c.kind == "none" || c.kind == "left readable" {
		if found != nil {
			return c.text + " became " + got
		}
		return ""
	}
	for _, f := range found {
		if !strings.Contains(c.kind, f.Kind) {
			continue
		}
		if len(c.secrets) == 1 && strings.Contains(got, c.secrets[0]) {
			return c.text + " became " + got
		}
		return ""
	}
	return c.text + " became " + got + ", of another kind"
}

// oddCases reads a list of testdata.
func oddCases(t *testing.T, name string) (out []oddCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	kind := ""
	for l := range strings.Lines(string(data)) {
		switch l = strings.TrimSpace(l); {
		case l == "" || strings.HasPrefix(l, "# "):
		case strings.HasPrefix(l, "["):
			kind = strings.Trim(l, "[]")
		default:
			out = append(out, oddOf(kind, strings.ReplaceAll(l, `\n`, "\n")))
		}
	}
	return out
}

// oddOf takes the marks off a line.
func oddOf(kind, line string) oddCase {
	c := oddCase{kind: kind}
	for i, part := range strings.Split(line, "{{") {
		secret, rest, marked := strings.Cut(part, "}}")
		if i > 0 && marked {
			c.secrets = append(c.secrets, secret)
			c.text += secret + rest
			continue
		}
		c.text += part
	}
	return c
}
