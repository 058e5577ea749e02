package tact

import (
	"os"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

// said are the lines of a list by the sign that stands above them; "" for none.
func said(t *testing.T, name string) map[Sign][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	out, sign := map[Sign][]string{}, Sign("")
	for line := range strings.Lines(string(data)) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			sign = sections[strings.Trim(line, "[]")]
		default:
			out[sign] = append(out[sign], line)
		}
	}
	return out
}

// TestSignsThatPeopleWrite: each message has its sign, and neighbours have none.
func TestSignsThatPeopleWrite(t *testing.T) {
	r := New()
	for _, name := range []string{"first.txt", "second.txt", "third.txt"} {
		for sign, lines := range said(t, name) {
			found := 0
			for _, line := range lines {
				heard := r.Read("", line, "", true)
				ok := slices.ContainsFunc(heard, func(h Heard) bool { return h.Sign == sign })
				if sign == "" {
					ok = !slices.ContainsFunc(heard, func(h Heard) bool { return h.Sign != Pressing && h.Sign != InFlight })
				}
				if ok {
					found++
					continue
				}
				t.Errorf("%s: %q: %q has %v", name, sign, line, heard)
			}
			t.Logf("%s: %q: %d of %d", name, sign, found, len(lines))
		}
	}
}

// TestEachSignHasItsKey, by which pages have words for it.
func TestEachSignHasItsKey(t *testing.T) {
	seen := map[string]bool{"": true}
	for _, s := range order {
		if seen[s.Key()] || strings.Contains(s.Key(), " ") {
			t.Errorf("%s has the key %q", s, s.Key())
		}
		seen[s.Key()] = true
	}
	if len(order) != len(sections) || len(New().signs) != len(order) {
		t.Errorf("%d signs in order, %d sections, %d in the file", len(order), len(sections), len(New().signs))
	}
}

func TestSignsCostTimeInProportion(t *testing.T) {
	r := New()
	doubling.Text(t, 1<<10, "", "", doubling.Units(), func(text string) { r.Read("", text, "", false) })
}

func BenchmarkRead(b *testing.B) {
	r := New()
	b.ReportAllocs()
	for b.Loop() {
		r.Read("", "I tried to add my new card three times today but it says the bank refused it, what can I do?", "en", false)
	}
}
