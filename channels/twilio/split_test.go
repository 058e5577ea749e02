package twilio

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/segments"
)

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
			n := segments.Count(p)
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
