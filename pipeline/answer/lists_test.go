package answer

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// sources is the code of the package, without its tests.
func sources(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no code is found: %v", err)
	}
	var all strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(content)
	}
	return all.String()
}

func TestEachListOfFactsIsRead(t *testing.T) {
	code := sources(t)
	for _, name := range factLists.Names() {
		if !strings.Contains(code, strconv.Quote(name)) {
			t.Errorf("nothing reads the list [%s]", name)
		}
	}
}

// TestWordsAreWrittenAsTheyAreCompared: texts are compared in lower case and in half width, so that another word is never found.
func TestWordsAreWrittenAsTheyAreCompared(t *testing.T) {
	for _, name := range factLists.Names() {
		for _, w := range factLists.Words(name) {
			if w != lower(w) && !strings.ContainsAny(w, "：") {
				t.Errorf("[%s] has %q, texts have %q", name, w, lower(w))
			}
		}
	}
	for _, fact := range nameLists.Names() {
		for _, w := range nameLists.Words(fact) {
			if spelled(w) != w || strings.Contains(w, "-") {
				t.Errorf("[%s] has %q, names are spelled %q", fact, w, spelled(w))
			}
		}
	}
}

// TestANameIsOfOneFact: a field that two facts claim would answer the one that the order of a map picks.
func TestANameIsOfOneFact(t *testing.T) {
	owner := map[string]string{}
	for _, fact := range nameLists.Names() {
		for _, w := range nameLists.Words(fact) {
			if other, taken := owner[w]; taken {
				t.Errorf("%q is of %s and of %s", w, other, fact)
			}
			owner[w] = fact
		}
	}
}

// TestASecretIsRefusedHoweverItIsWritten: each word of the list, in forms in which an operator may write it.
func TestASecretIsRefusedHoweverItIsWritten(t *testing.T) {
	for _, list := range []string{"secrets", "card numbers"} {
		for _, w := range factLists.Words(list) {
			word := strings.Trim(w, " ,)")
			for _, ask := range []string{word, "your " + strings.ToUpper(word), "the " + strings.ReplaceAll(word, " ", "-"), strings.ReplaceAll(word, " ", "_"), "(" + strings.ReplaceAll(word, " ", "  ") + " )", "请提供 " + word + " ？"} {
				if err := validateFact("x", ask); err == nil {
					t.Errorf("%q is asked for as %q", word, ask)
				}
			}
		}
	}
}

func TestAFactWithoutARuleHasItsNames(t *testing.T) {
	for fact, list := range namesFor {
		n := 0
		for w := range list.All() {
			n++
			if missing(t, fact, Evidence{Text: "x " + w + " y"}) {
				t.Errorf("%s is not given by its own name %q", fact, w)
			}
		}
		if n == 0 {
			t.Errorf("%s has no names", fact)
		}
	}
}

// missing reports whether a text lacks a fact.
func missing(t testing.TB, key string, e Evidence) bool {
	t.Helper()
	return len(checklist(t, New(nil), Fact{Key: key, Ask: "it"}).Missing(e)) > 0
}
