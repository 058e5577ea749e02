package console

import (
	"bytes"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/templates/words"
)

func pages(t *testing.T) *Pages {
	t.Helper()
	p, err := New(Config{Words: map[string]map[string]string{English: {"category.refund": "Refund"}}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, en := range words[English] {
		zh := words[Chinese][key]
		if en == "" || zh == "" {
			t.Errorf("%s: a word is missing: %q, %q", key, en, zh)
		}
		if diff := cmp.Diff(verbs.FindAllString(en, -1), verbs.FindAllString(zh, -1)); diff != "" {
			t.Errorf("%s: the languages differ in their verbs (-en +zh):\n%s", key, diff)
		}
	}
}

func TestEveryWordOfThePagesIsInTheTable(t *testing.T) {
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	used := regexp.MustCompile(`\bt "([a-z.]+)"`)
	err = fs.WalkDir(files, "pages", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := fs.ReadFile(files, name)
		for _, m := range used.FindAllSubmatch(text, -1) {
			if _, ok := words[English][string(m[1])]; !ok {
				t.Errorf("%s uses %q, which is not in words.txt", name, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The content security policy allows no inline script and style, and nothing of another host.
func TestPagesHoldNothingThatThePolicyForbids(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script>|https?://`)
	err := fs.WalkDir(files, "pages", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if found := forbidden.Find(text); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnknownPageIsAnError(t *testing.T) {
	if err := pages(t).Render(&bytes.Buffer{}, English, "nowhere", nil); err == nil {
		t.Error("a page that is not there was rendered")
	}
}

func TestValues(t *testing.T) {
	p := pages(t)
	for _, c := range []struct{ name, got, want string }{
		{"a word of ours", p.value(Chinese, "state", "parked"), "待人工"},
		{"a word that was given", p.value(English, "category", "refund"), "Refund"},
		{"a value without a word stands for itself", p.value(Chinese, "category", "vip"), "vip"},
		{"a key without a word stands for itself", p.Text(English, "no.such"), "no.such"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	p := pages(t)
	now := time.Date(2026, 5, 6, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct{ name, got, want string }{
		{"today is a clock time", p.when(English, now.Add(-time.Hour), now), "09:00:00"},
		{"this year has no year", p.when(English, now.AddDate(0, -1, 0), now), "6 Apr 10:00"},
		{"another year has one", p.when(English, now.AddDate(-1, 0, 0), now), "6 May 2025 10:00"},
		{"in Chinese", p.when(Chinese, now.AddDate(0, 0, 1), now), "5月7日 10:00"},
		{"in Chinese with the year", p.when(Chinese, now.AddDate(1, 0, 0), now), "2027年5月6日 10:00"},
		{"a moment ago", p.ago(English, 300*time.Millisecond), "just now"},
		{"two units", p.ago(English, 26*time.Hour+5*time.Minute), "1 d 2 h ago"},
		{"to come", p.ago(Chinese, -90*time.Second), "1 分 30 秒后"},
		{"nothing", p.span(English, 0), "0 s"},
		{"small", size(900), "900 B"},
		{"middle", size(2048), "2.0 KiB"},
		{"large", size(3 << 20), "3.0 MiB"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestLanguagesAreCalledByTheirNames(t *testing.T) {
	p := pages(t)
	for tag, want := range map[string][2]string{"en": {"English", "英文"}, "zh-Hant": {"Chinese (traditional)", "繁体中文"}, "ar": {"Arabic", "阿拉伯语"}, "pt-BR": {"Brazilian Portuguese", "巴西葡萄牙语"},
		"th": {"Thai", "泰语"}, "und": {"undetermined", "未识别"}, "no such tag": {"no such tag", "no such tag"}, "": {"", ""}} {
		if en, zh := p.tongue(English, tag), p.tongue(Chinese, tag); en != want[0] || zh != want[1] {
			t.Errorf("%q: %q and %q, want %q", tag, en, zh, want)
		}
	}
}
