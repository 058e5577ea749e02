package twilio

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

func TestSegmentsOfTheSharedVectors(t *testing.T) {
	raw, err := os.ReadFile(shared(t, "vectors/sms-segments.json"))
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
	} {
		t.Run(c.name, func(t *testing.T) {
			if enc, n := segmentsOf(c.text); enc != c.encoding || n != c.count {
				t.Errorf("Segments = %s %d, want %s %d", enc, n, c.encoding, c.count)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	chinese := strings.Repeat("汉", 3000)
	for _, c := range []struct {
		name, text string
		limit      int
		want       []int // lengths in characters
	}{
		{"nothing", "", 1, nil},
		{"3000 Chinese characters by Twilio's limit", chinese, 0, []int{1600, 1400}},
		{"3000 Chinese characters by ten segments", chinese, 10, []int{670, 670, 670, 670, 320}},
		{"161 letters by one segment", strings.Repeat("a", 161), 1, []int{160, 1}},
		{"euro signs by one segment", strings.Repeat("€", 161), 1, []int{80, 80, 1}},
		{"800 emoji are 1600 units", strings.Repeat("😀", 801), 0, []int{800, 1}},
		{"the part with a Chinese character is shorter", strings.Repeat("a", 150) + "汉", 1, []int{150, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []int
			for _, p := range split(c.text, c.limit) {
				got = append(got, len([]rune(p)))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("lengths (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("hello 汉字 😀€", 1)
	f.Add(strings.Repeat("👩\u200d👧", 900), 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = (limit & 0xff) % 12
		text = strings.ToValidUTF8(text, "?")
		got := split(text, limit)
		if strings.Join(got, "") != text {
			t.Fatalf("the parts of %q do not join to it", text)
		}
		for _, p := range got {
			_, n := segmentsOf(p)
			if p == "" || len(utf16.Encode([]rune(p))) > maxBody || limit > 0 && n > limit {
				t.Fatalf("part %q has %d segments, limit %d", p, n, limit)
			}
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	text := strings.Repeat("您好，我们已经收到您的来信。", 200)
	for b.Loop() {
		split(text, 10)
	}
}
