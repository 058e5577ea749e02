package learning

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/pipeline/classify/classifytest"
	"frontdesk/pipeline/words"
)

// TestAWrapperCostsNoPoint: messages that nobody tuned on are classified bare, and wrapped as mail programs and people wrap mails. Of a hundred
// at most one fewer may be right.
func TestAWrapperCostsNoPoint(t *testing.T) {
	wrappers := wrappersOf(t)
	for _, chinese := range []bool{true, false} {
		var bare, wrapped strings.Builder
		var want []string
		i := 0
		for _, m := range classifytest.Read(t, "../../../pipeline/classify/testdata/blind.txt") {
			if m.Chinese() != chinese {
				continue
			}
			list := wrappers[chinese]
			mail := list[i%len(list)]
			text, key := m.Text, "text"
			if i++; strings.HasPrefix(mail, "<") {
				text, key = strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(m.Text), "html"
			}
			line(t, &bare, map[string]string{"channel": "mail", "subject": m.Subject, "text": m.Text})
			line(t, &wrapped, map[string]string{"channel": "mail", "subject": m.Subject, key: strings.Replace(mail, "%", text, 1)})
			want = append(want, m.Category)
		}
		before, after := hits(t, bare.String(), want), hits(t, wrapped.String(), want)
		t.Logf("Chinese %v: of %d messages %d are right bare, %d wrapped", chinese, len(want), before, after)
		if (before-after)*100 > len(want) {
			t.Errorf("Chinese %v: wrappers cost %d of %d messages", chinese, before-after, len(want))
		}
	}
}

// wrappersOf are the mails of the reading's lists that hold one stretch of words, with % in its place, by whether they are Chinese.
func wrappersOf(t *testing.T) map[bool][]string {
	t.Helper()
	out := map[bool][]string{}
	files, _ := filepath.Glob("../../../pipeline/normalize/testdata/wrapped/*.txt")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, mail := range strings.Split(string(data), "\n=== ")[1:] {
			name, body, _ := strings.Cut(mail, "\n")
			before, rest, found := strings.Cut(body, "{{")
			inside, after, closed := strings.Cut(rest, "}}")
			if !found || !closed || strings.Contains(after, "{{") || strings.Contains(name, "kept") || strings.ContainsAny(before+after, "%") {
				continue
			}
			chinese := strings.ContainsFunc(inside, words.Han)
			out[chinese] = append(out[chinese], before+"%"+after)
		}
	}
	if len(out[true]) < 20 || len(out[false]) < 20 {
		t.Fatalf("%d and %d wrappers", len(out[true]), len(out[false]))
	}
	return out
}

// line writes one line of JSON.
func line(t *testing.T, b *strings.Builder, fields map[string]string) {
	t.Helper()
	data, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(data)
	b.WriteByte('\n')
}

// hits counts the messages that are understood as what they are.
func hits(t *testing.T, lines string, want []string) (n int) {
	t.Helper()
	out, err := run(t, t.TempDir(), lines, "understand", "--jsonl", "-")
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Split(strings.TrimSpace(out), "\n")
	if len(said) != len(want) {
		t.Fatalf("%d lines for %d messages", len(said), len(want))
	}
	for i, l := range said {
		var u understood
		if err := json.Unmarshal([]byte(l), &u); err != nil {
			t.Fatal(err)
		}
		if u.Category == want[i] || want[i] == "outside" && (u.Outside || u.Unsure) {
			n++
		}
	}
	return n
}
