package home

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestHomeCategoriesAreTheSeventeen(t *testing.T) {
	want := strings.Fields("payment-failed wrong-amount funds-missing refund password-reset account-locked account-details registration " +
		"security-fraud payment-methods cross-border promotion technical complaint invoice suggestion other")
	var got []string
	for _, c := range Categories() {
		got = append(got, c.Key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryTextExistsInEveryLanguage(t *testing.T) {
	for _, c := range Categories() {
		if c.Queue == "" || !regexp.MustCompile(`^(low|normal|high|urgent)$`).MatchString(c.Priority) {
			t.Errorf("%s: queue %q, priority %q", c.Key, c.Queue, c.Priority)
		}
		if len(c.FAQ) < 2 {
			t.Errorf("%s: %d FAQ", c.Key, len(c.FAQ))
		}
		complete(t, c.Key+" name", c.Names)
		for _, f := range c.Facts {
			complete(t, c.Key+" fact "+f.Key, f.Ask)
		}
		for _, f := range c.FAQ {
			complete(t, c.Key+" question", f.Question)
			complete(t, c.Key+" answer", f.Answer)
			if len(f.Terms) < 3 {
				t.Errorf("%s: %q has only the terms %v", c.Key, f.Question[English], f.Terms)
			}
		}
	}
}

func complete(t *testing.T, what string, texts map[string]string) {
	t.Helper()
	for _, lang := range []string{English, Simplified, Traditional} {
		if strings.TrimSpace(texts[lang]) == "" {
			t.Errorf("%s has no text in %s", what, lang)
		}
	}
	if len(texts) != 3 {
		t.Errorf("%s is written in %d languages", what, len(texts))
	}
}

// TestScriptsAreNotMixed looks for characters that exist in one script only.
func TestScriptsAreNotMixed(t *testing.T) {
	simplified := regexp.MustCompile(`[账户户册证请们为这个时后会银转单问题页码处认额优发现电联]`)
	onlySimplified := regexp.MustCompile(`[账册证请们为这个时会银转单问题页码处认额优发现电联]`)
	onlyTraditional := regexp.MustCompile(`[帳戶冊證請們為這個時會銀轉單問題頁碼處認額優發現電聯]`)
	for _, c := range Categories() {
		for _, f := range c.FAQ {
			if m := onlyTraditional.FindString(f.Answer[Simplified]); m != "" {
				t.Errorf("%s: traditional %s in %q", c.Key, m, f.Answer[Simplified])
			}
			if m := onlySimplified.FindString(f.Answer[Traditional]); m != "" {
				t.Errorf("%s: simplified %s in %q", c.Key, m, f.Answer[Traditional])
			}
			if !simplified.MatchString(f.Answer[Simplified]) {
				t.Errorf("%s: %q does not look Simplified", c.Key, f.Answer[Simplified])
			}
		}
	}
}

func TestHomeCategoriesAreCopies(t *testing.T) {
	Categories()[0].Names[English] = "changed"
	Categories()[0].Facts[0].Ask[English] = "changed"
	Categories()[0].FAQ[0].Answer[English] = "changed"
	Categories()[0].FAQ[0].Terms[0] = "changed"
	Categories()[0].FAQ[0].Variants[English][0] = "changed"
	c := Categories()[0]
	for _, text := range []string{c.Names[English], c.Facts[0].Ask[English], c.FAQ[0].Answer[English], c.FAQ[0].Terms[0], c.FAQ[0].Variants[English][0]} {
		if text == "changed" {
			t.Error("a caller changed the embedded texts")
		}
	}
}

func TestParsingRefuses(t *testing.T) {
	facts := "fact time\nen the time\n"
	for want, files := range map[string]fstest.MapFS{
		"reading facts":                   {},
		"facts.txt: line 1: unknown line": {"data/facts.txt": {Data: []byte("en no fact yet")}},
		`unknown fact "size"`:             {"data/facts.txt": {Data: []byte(facts)}, "data/1.txt": {Data: []byte("facts time size")}},
		"question without an answer":      {"data/facts.txt": {Data: []byte(facts)}, "data/1.txt": {Data: []byte("faq\nen Why?")}},
		`1.txt: line 3: unknown language "de" of a question: write ask-en or ask-zh`: {"data/facts.txt": {Data: []byte(facts)},
			"data/1.txt": {Data: []byte("# a remark\nfaq\nask-de Warum?")}},
		"line 2: no question behind ask-en or no-en": {"data/facts.txt": {Data: []byte(facts)}, "data/1.txt": {Data: []byte("faq\nask-en")}},
		"line 2: a question of more than 200 characters": {"data/facts.txt": {Data: []byte(facts)},
			"data/1.txt": {Data: []byte("faq\nask-zh " + strings.Repeat("问", maxVariantLength+1))}},
		"line 66: more than 64 questions in en":         {"data/facts.txt": {Data: []byte(facts)}, "data/1.txt": {Data: []byte("faq\n" + manyQuestions(maxVariants+1))}},
		`line 3: the question "Why" stands there twice`: {"data/facts.txt": {Data: []byte(facts)}, "data/1.txt": {Data: []byte("faq\nask-en Why\nask-en Why")}},
		`line 1: unknown line "ask-en"`:                 {"data/facts.txt": {Data: []byte(facts)}, "data/1.txt": {Data: []byte("ask-en Why no block?")}},
		`unknown line "nonsense"`:                       {"data/facts.txt": {Data: []byte(facts)}, "data/1.txt": {Data: []byte("nonsense x")}},
	} {
		if _, err := parseAll(files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// manyQuestions are so many lines of questions, no two alike.
func manyQuestions(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "ask-en question %d\n", i)
	}
	return b.String()
}

// TestEveryQuestionCanBeAskedInTwelveWays: in English and in Chinese, and no two entries share a way, since it would speak for both.
func TestEveryQuestionCanBeAskedInTwelveWays(t *testing.T) {
	asked := map[string]string{}
	for _, c := range Categories() {
		for _, f := range c.FAQ {
			title := c.Key + ": " + f.Question[English]
			for _, tag := range []string{English, "zh"} {
				if len(f.Variants[tag]) < 12 {
					t.Errorf("%s has %d variants in %s", title, len(f.Variants[tag]), tag)
				}
				for _, v := range f.Variants[tag] {
					if han := regexp.MustCompile(`\p{Han}`).MatchString(v); han != (tag == "zh") {
						t.Errorf("%s: %q stands under %s", title, v, tag)
					}
					if other, twice := asked[strings.ToLower(v)]; twice {
						t.Errorf("%q asks both %s and %s", v, other, title)
					}
					asked[strings.ToLower(v)] = title
				}
			}
		}
	}
}

func TestTheNumberOfQuestionsHasABound(t *testing.T) {
	c, err := parseCategory("faq\n"+manyQuestions(maxVariants), nil)
	if err != nil || len(c.FAQ[0].Variants[English]) != maxVariants {
		t.Errorf("got %v, want as many as are allowed", err)
	}
}
