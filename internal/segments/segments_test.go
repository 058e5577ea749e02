package segments

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// segmentsOf tells in which encoding a text travels, "GSM-7" or "UCS-2", and as how many SMS it is charged.
func segmentsOf(text string) (encoding string, count int) {
	g := NewGauge()
	for _, r := range text {
		g.Add(r)
	}
	if g.unicode {
		return "UCS-2", g.Segments()
	}
	return "GSM-7", g.Segments()
}

// codes reads a table of the standard: the character of each code.
func codes(t *testing.T, file string) map[int]rune {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]rune{}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var code int
		var char rune
		if n, err := fmt.Sscanf(line, "%x\t%x\t", &code, &char); n != 2 {
			t.Fatalf("reading %q: %v", line, err)
		}
		out[code] = char
	}
	return out
}

// TestTheAlphabetsAreThoseOfTheStandard walks all codes both ways: each character costs what the standard says, and no other one is in an alphabet.
func TestTheAlphabetsAreThoseOfTheStandard(t *testing.T) {
	const escape = 0x1b
	want := map[rune]int{}
	for code, char := range codes(t, "gsm7.txt") {
		if code != escape {
			want[char] = 1
		}
	}
	for _, char := range codes(t, "extension.txt") {
		want[char] = 2
	}
	if len(want) != 127+10 {
		t.Fatalf("the fixtures hold %d characters, want 137", len(want))
	}
	if n := len([]rune(basic)); n != 127 {
		t.Errorf("the basic alphabet holds %d characters, want 127", n)
	}
	for r := rune(0); r <= 0xffff; r++ {
		if got := septets(r); got != want[r] {
			t.Errorf("%q (U+%04x) takes %d septets, want %d", r, r, got, want[r])
		}
	}
}

// TestTheAlphabetsStandInTheStandardsOrder makes a character that was put into a wrong place visible.
func TestTheAlphabetsStandInTheStandardsOrder(t *testing.T) {
	for _, c := range []struct{ name, alphabet, file string }{{"the basic alphabet", basic, "gsm7.txt"}, {"the extension table", extension, "extension.txt"}} {
		t.Run(c.name, func(t *testing.T) {
			table := codes(t, c.file)
			var want []string
			for code := range 128 {
				if char, ok := table[code]; ok && char != 0x1b {
					want = append(want, strconv.QuoteRune(char))
				}
			}
			var got []string
			for _, r := range c.alphabet {
				got = append(got, strconv.QuoteRune(r))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("characters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSegmentsOfTheSharedVectors(t *testing.T) {
	shared := os.Getenv("FRONTDESK_SHARED")
	if shared == "" {
		t.Skip("FRONTDESK_SHARED names no folder with the shared vectors")
	}
	raw, err := os.ReadFile(filepath.Join(shared, "vectors/sms-segments.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Escape string `json:"gsm7_escape_chars"`
		Cases  []struct {
			Name, Body, Encoding string
			Segments             int
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Cases) == 0 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if enc, n := segmentsOf(c.Body); enc != c.Encoding || n != c.Segments {
				t.Errorf("Segments = %s %d, want %s %d", enc, n, c.Encoding, c.Segments)
			}
		})
	}
	for _, r := range file.Escape {
		if septets(r) != 2 {
			t.Errorf("%q takes %d septets, want 2", r, septets(r))
		}
	}
}

func TestSegments(t *testing.T) {
	for _, c := range []struct {
		name, text, encoding string
		count                int
	}{
		{"nothing", "", "GSM-7", 0},
		{"80 euro signs fill one", strings.Repeat("€", 80), "GSM-7", 1},
		{"81 do not", strings.Repeat("€", 81), "GSM-7", 2},
		{"an escape is not divided: 76 of them fit into 153", strings.Repeat("€", 153), "GSM-7", 3},
		{"70 Chinese characters", strings.Repeat("汉", 70), "UCS-2", 1},
		{"71 of them", strings.Repeat("汉", 71), "UCS-2", 2},
		{"134 fill two", strings.Repeat("汉", 134), "UCS-2", 2},
		{"135 need three", strings.Repeat("汉", 135), "UCS-2", 3},
		{"emoji are not divided: 33 fit into 67", strings.Repeat("😀", 67), "UCS-2", 3},
		{"one Chinese character changes all", strings.Repeat("a", 100) + "汉", "UCS-2", 2},
		{"a Greek capital of the alphabet", "ΔΩ", "GSM-7", 1},
		{"a Greek small letter is not in it", "α", "UCS-2", 1},
		{"a backtick is not in it", "`", "UCS-2", 1},
		{"160 letters fill one", strings.Repeat("a", 160), "GSM-7", 1},
		{"161 do not", strings.Repeat("a", 161), "GSM-7", 2},
		{"306 fill two", strings.Repeat("a", 306), "GSM-7", 2},
		{"307 need three", strings.Repeat("a", 307), "GSM-7", 3},
		{"35 emoji fill one", strings.Repeat("😀", 35), "UCS-2", 1},
		{"36 of them do not", strings.Repeat("😀", 36), "UCS-2", 2},
		{"German capitals and the section sign are of the alphabet", "GEMÄSS §5 ÜBER ÖL", "GSM-7", 1},
		{"a Syriac letter whose bytes are in the alphabet is not", "\u0727", "UCS-2", 1},
		{"a small c with cedilla is not, though the capital is", "ç", "UCS-2", 1},
		{"the escape itself is no character", "\x1b", "UCS-2", 1},
		{"a broken byte travels as U+FFFD", "a\xff", "UCS-2", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if enc, n := segmentsOf(c.text); enc != c.encoding || n != c.count {
				t.Errorf("Segments = %s %d, want %s %d", enc, n, c.encoding, c.count)
			}
		})
	}
}
