package classify

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/classify/classifytest"
)

// messages are all labelled ones.
func messages(t testing.TB) []classifytest.Message {
	t.Helper()
	return slices.Concat(labelled(t, "tune.txt"), labelled(t, "held.txt"))
}

// wide is a text with its ASCII in full width.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r > ' ' && r < 0x7f:
			return r + 0xfee0
		case r == ' ':
			return '\u3000'
		}
		return r
	}, s)
}

// TestTheDressOfAMessageDoesNotChangeItsCategory: case, width, lines, pictures, marks that nobody sees.
func TestTheDressOfAMessageDoesNotChangeItsCategory(t *testing.T) {
	t.Parallel()
	c := standard(t)
	for _, m := range messages(t) {
		want := c.Classify(Input{Subject: m.Subject, Text: m.Text})
		for name, dress := range map[string]func(string) string{
			"capitals":                strings.ToUpper,
			"small letters":           strings.ToLower,
			"full width":              wide,
			"white space around":      func(s string) string { return "\n\n  " + s + " \t\n" },
			"a picture behind":        func(s string) string { return s + " 🙏" },
			"marks of direction":      func(s string) string { return "\u202a" + s + "\u202c" },
			"a byte order mark":       func(s string) string { return "\ufeff" + s },
			"quotation marks around":  func(s string) string { return "“" + s + "”" },
			"apostrophes that bow":    func(s string) string { return strings.ReplaceAll(s, "'", "’") },
			"a joiner in each word":   func(s string) string { return strings.ReplaceAll(s, "a", "a\u200d") },
			"two spaces for each one": func(s string) string { return strings.ReplaceAll(s, " ", "  ") },
		} {
			got := c.Classify(Input{Subject: dress(m.Subject), Text: dress(m.Text)})
			if got.Category != want.Category || got.Score != want.Score {
				t.Errorf("%s: %q is %s with %v, without it %s with %v", name, m.Text, got.Category, got.Score, want.Category, want.Score)
			}
		}
	}
}

// TestEveryFindingSaysWhy: its reasons add up to its score, the runners come behind it and are not it.
func TestEveryFindingSaysWhy(t *testing.T) {
	t.Parallel()
	c := standard(t)
	for _, m := range messages(t) {
		for _, topic := range []string{"", "refund", "other", "nonsense"} {
			f := c.Classify(Input{Subject: m.Subject, Text: m.Text, Topic: topic})
			if len(f.Reasons) == 0 || len(f.Runners) > maxRunners || f.Confidence <= 0 || f.Confidence > 1 {
				t.Errorf("%q: %+v", m.Text, f)
			}
			if f.Category == Other {
				if f.Score != 0 || len(f.Reasons) != 1 {
					t.Errorf("%q is of no category: %+v", m.Text, f)
				}
				continue
			}
			sum := 0.0
			for _, r := range f.Reasons {
				weight, err := strconv.ParseFloat(r[strings.LastIndexByte(r, ' ')+1:], 64)
				if err != nil {
					t.Errorf("%q: the reason %q has no weight", m.Text, r)
				}
				sum += weight
			}
			if math.Abs(sum-f.Score) > 0.011*float64(len(f.Reasons)) || f.Score < c.threshold {
				t.Errorf("%q: the reasons %q add up to %v, the score is %v", m.Text, f.Reasons, sum, f.Score)
			}
			before := f.Score
			for _, r := range f.Runners {
				if r.Category == f.Category || r.Score > before || r.Score <= 0 {
					t.Errorf("%q: %s with %v runs behind %s with %v", m.Text, r.Category, r.Score, f.Category, before)
				}
				before = r.Score
			}
		}
	}
}

// TestEachBuiltInTermCanBeFound: a sentence of the first words of a term's groups has its weight; so no term is dead, and no exclusion of
// its own stands in its way.
func TestEachBuiltInTermCanBeFound(t *testing.T) {
	t.Parallel()
	rules, err := DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, category := range rules.Categories {
		for i, term := range category.Terms {
			n++
			alone := category
			alone.Terms = []Term{term}
			alone.Terms[0].Weight = 5
			c, err := New(Rules{Threshold: 1, Categories: []Category{alone}})
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range term.Groups {
				for _, w := range g {
					var sentence []string
					for _, other := range term.Groups {
						if &other[0] == &g[0] {
							sentence = append(sentence, strings.Trim(w, "*"))
						} else {
							sentence = append(sentence, strings.Trim(fitting(c.folder, other, term.Not), "*"))
						}
					}
					text := strings.Join(sentence, ", ")
					if excluded(c.folder, text, term.Not) {
						continue
					}
					if got, scores := c.Look(nil, Input{Text: text, Language: term.Language}); scores[0] != 5 || got.Must != term.Must {
						t.Errorf("%s, term %d: %q is not found", category.Key, i+1, text)
					}
				}
			}
		}
	}
	if n < 200 {
		t.Errorf("there are %d terms", n)
	}
}

// fitting is the first word of a group that no exclusion forbids.
func fitting(f *Folder, group, not []string) string {
	for _, w := range group {
		if !excluded(f, strings.Trim(w, "*"), not) {
			return w
		}
	}
	return group[0]
}

func excluded(f *Folder, text string, not []string) bool {
	folded := " " + f.Fold(text) + " "
	return slices.ContainsFunc(not, func(w string) bool { return strings.Contains(folded, f.Fold(strings.Trim(w, "*"))) })
}

// TestNoBuiltInWordStandsTwice in one group: it would say nothing, and whoever takes one out would leave the other.
func TestNoBuiltInWordStandsTwice(t *testing.T) {
	t.Parallel()
	rules, err := DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	f := NewFolder()
	for _, category := range rules.Categories {
		for i, term := range category.Terms {
			for _, list := range append(slices.Clone(term.Groups), term.Not) {
				seen := map[string]bool{}
				for _, w := range list {
					key := f.Fold(w)
					if strings.HasSuffix(w, "*") {
						key += "*"
					}
					if strings.HasPrefix(w, "*") {
						key = "*" + key
					}
					if seen[key] {
						t.Errorf("%s, term %d: %q stands twice", category.Key, i+1, w)
					}
					seen[key] = true
				}
			}
		}
	}
}

func TestNegatorsAndTheirReach(t *testing.T) {
	t.Parallel()
	c := small(t, sampleRules)
	for _, c2 := range []struct {
		name, text, want string
	}{
		{"directly before", "不是要退款", "other"},
		{"with one character between", "不是要去退款", "other"},
		{"with four between", "不是要去你们那退款", "other"},
		{"with five between", "不是要去你们那里退款", "refund"},
		{"behind it", "退款不是要", "refund"},
		{"in the sentence before", "不是要。退款", "refund"},
		{"over a comma", "不是要，退款", "other"},
		{"twice, once negated", "不是要退款，后来又想退款", "refund"},
		{"another word of the same term, farther away", "不是要退款，而是想退钱", "refund"},
		{"in English", "I am not asking for a refund", "other"},
		{"in English, with a word between", "I am not asking for a full refund", "refund"},
		{"in capitals", "I AM NOT ASKING FOR A REFUND", "other"},
		{"an exclusion is not negated", "不是要 test 支付失败", "other"},
	} {
		if got := c.Classify(Input{Text: c2.text}); got.Category != c2.want {
			t.Errorf("%s: %q is %s, want %s: %v", c2.name, c2.text, got.Category, c2.want, got.Reasons)
		}
	}
}

func TestWordsAndTheirBoundaries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, word, text string
		want             bool
	}{
		{"a word", "card", "my card", true},
		{"in another", "card", "cards", false},
		{"open at its end", "card*", "cards", true},
		{"open at its beginning", "*card", "postcard", true},
		{"open at its beginning only", "*card", "postcards", false},
		{"open on both sides", "*card*", "postcards", true},
		{"beside Chinese", "card", "我的card丢了", true},
		{"beside a digit", "card", "card2", false},
		{"beside an underscore", "card", "my_card", true},
		{"beside a letter with an accent", "caf", "café", false},
		{"Chinese in a sentence", "退款", "请退款给我", true},
		{"Chinese over a space", "退款", "退 款", true},
		{"Chinese over a comma", "退款", "退，款", false},
		{"Chinese over the end of a line", "退款", "退\n款", true},
		{"Chinese over an empty line", "退款", "退\n\n款", false},
		{"Traditional", "账户", "帳戶", true},
		{"Traditional in the rules", "帳戶", "账户", true},
		{"full width", "card", "ｃａｒｄ", true},
		{"an apostrophe", "cant", "can't", true},
		{"an apostrophe in the rules", "can't", "cant", true},
		{"a phrase", "lost card", "a lost card", true},
		{"a phrase over a line", "lost card", "lost\ncard", true},
		{"a phrase over a sentence", "lost card", "lost. card", false},
		{"a phrase over a comma", "lost card", "lost, card", true},
		{"a hyphen", "log in", "log-in", true},
		{"Japanese", "カード", "クレジットカードを", true},
		{"Japanese in half width", "カード", "ｶｰﾄﾞ", true},
		{"Korean with its particle", "카드", "카드를", false},
		{"Korean, open at its end", "카드*", "카드를", true},
		{"Cyrillic", "карта", "моя карта", true},
		{"Cyrillic in capitals", "карта", "КАРТА", true},
		{"a number", "404", "error 404", true},
		{"a number within one", "404", "4045", false},
		{"a decimal", "5.2", "version 5.2", true},
		{"a picture beside it", "card", "💳card💳", true},
		{"a mark that nobody sees", "card", "ca\u200brd", true},
		{"a null byte", "card", "ca\x00rd", false},
	} {
		model, err := New(Rules{Threshold: 1, Categories: []Category{{Key: "x", Terms: []Term{{Groups: [][]string{{c.word}}, Weight: 1}}}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := model.Classify(Input{Text: c.text}).Category == "x"; got != c.want {
			t.Errorf("%s: %q in %q: %v", c.name, c.word, c.text, got)
		}
	}
}

func TestThresholdsAndWeights(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rules, subject, text, want string
	}{
		{"at the threshold", "threshold 2\n[a]\n2 x", "", "x", "a"},
		{"below it", "threshold 2\n[a]\n1.99 x", "", "x", "other"},
		{"the default", "[a]\n2 x", "", "x", "a"},
		{"two terms reach it together", "[a]\n1 x\n1 y", "", "x y", "a"},
		{"a subject weighs more", "threshold 3\nsubject 1.5\n[a]\n2 x", "x", "", "a"},
		{"a subject's factor of one", "threshold 3\nsubject 1\n[a]\n2 x", "x", "", "other"},
		{"a weight below nought takes back", "[a]\n3 x\n-2 y", "", "x y", "other"},
		{"a sum below nought is no runner", "[a]\n-2 x\n[b]\n2 x", "", "x", "b"},
		{"the first of two alike", "[a]\n2 x\n[b]\n2 x", "", "x", "a"},
		{"the better of two", "[a]\n2 x\n[b]\n3 x", "", "x", "b"},
		{"the category other is never chosen by its terms", "[other]\n9 x\n[a]\n2 x", "", "x", "a"},
		{"an exclusion in the subject does not reach the text", "[a]\n2 x ! y", "y", "x", "a"},
		{"an exclusion in its sentence does", "[a]\n2 x ! y", "", "x y", "other"},
		{"a set", "@s = x | y\n[a]\n2 @s", "", "y", "a"},
		{"a set that goes on", "@s = x\n@s = y\n[a]\n2 @s", "", "y", "a"},
		{"a set in a set", "@s = x\n@t = @s | y\n[a]\n2 @t", "", "x", "a"},
		{"a comment between", "# a\n[a]\n# b\n2 x\n", "", "x", "a"},
	} {
		if got := small(t, c.rules).Classify(Input{Subject: c.subject, Text: c.text}); got.Category != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
}

func TestRulesThatCannotBeReadAreToldWithTheirLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"a category without a name", "\n[]", "line 2"},
		{"a bracket that nothing closes", "# x\n\n[a", "line 3"},
		{"a weight that is none", "[a]\nx y", "line 2"},
		{"no words", "[a]\n2", "line 2"},
		{"an empty alternative", "[a]\n2 x |", "line 2"},
		{"an empty group", "[a]\n2 x +  + y", "line 2"},
		{"an empty exclusion", "[a]\n2 x ! ", "line 2"},
		{"an empty last group", "[a]\n2 x + ", "line 2"},
		{"a set that is not there yet", "[a]\n2 @s\n@s = x", "line 2"},
		{"a set without words", "@s = ", "line 1"},
		{"a term before any category", "2 x", "line 1"},
		{"a threshold that is no number", "threshold many", "line 1"},
		{"negators without words", "negators ", "line 1"},
	} {
		if r, err := ParseRules(c.text); err == nil || !strings.Contains(err.Error(), c.want+":") {
			t.Errorf("%s: %+v and %v, want an error on %s", c.name, r, err, c.want)
		}
	}
}

func TestLanguagesOfTerms(t *testing.T) {
	t.Parallel()
	model := small(t, "[a]\n2 zh: x\n[b]\n2 zh-Hant: y\n[c]\n2 en: z")
	for _, c := range []struct{ language, text, want string }{
		{"zh", "x", "a"},
		{"zh-Hans", "x", "a"},
		{"zh-Hant", "x", "a"},
		{"zh-Hant-HK", "x", "a"},
		{"ZH", "x", "a"},
		{"en", "x", "other"},
		{"", "x", "a"},
		{"zha", "x", "other"},
		{"zh-Hant", "y", "b"},
		{"zh-Hans", "y", "other"},
		{"zh", "y", "other"},
		{"zh-Hant-TW", "y", "b"},
		{"en", "z", "c"},
		{"en-GB", "z", "c"},
		{"eng", "z", "other"},
		{"", "z", "c"},
	} {
		if got := model.Classify(Input{Text: c.text, Language: c.language}).Category; got != c.want {
			t.Errorf("%q in %q is %s, want %s", c.text, c.language, got, c.want)
		}
	}
}

// TestFoldingTwiceChangesNothing but the ends of sentences, which become spaces.
func TestFoldingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	f := NewFolder()
	for _, text := range []string{
		"Hello,  World!", "我的帳號\u3000被　鎖了", "don’t CAN'T", "ＡＢＣ１２３", "ﬁne ½ ㎏", "log-in\u200bnow", "\xff\xfe bad", "Ärger über Straße", "転送 リフト ｶｰﾄﾞ", "👨‍👩‍👧 ok", "e\u0301 é", "أريد استرداد", "ﷺ", "①②", "Ⅷ", "İstanbul", "ǅ", "a\u0000b", "\U0001F1ED\U0001F1F0",
	} {
		once := f.Fold(text)
		if twice := f.Fold(once); twice != strings.ReplaceAll(once, "\n", " ") && strings.ReplaceAll(twice, " ", "") != strings.NewReplacer("\n", "", " ", "").Replace(once) {
			t.Errorf("%q becomes %q, and then %q", text, once, twice)
		}
		if !utf8.ValidString(once) || strings.TrimSpace(once) != once {
			t.Errorf("%q becomes %q", text, once)
		}
	}
}

func TestManyAtATimeFindTheSame(t *testing.T) {
	t.Parallel()
	c := standard(t)
	all := messages(t)[:200]
	want := make([]Finding, len(all))
	for i, m := range all {
		want[i] = c.Classify(Input{Subject: m.Subject, Text: m.Text})
	}
	done := make(chan string, 8)
	for worker := range cap(done) {
		go func() {
			diff := ""
			for i := range all {
				k := (i*7 + worker*31) % len(all)
				if d := cmp.Diff(want[k], c.Classify(Input{Subject: all[k].Subject, Text: all[k].Text})); d != "" {
					diff = d
				}
			}
			done <- diff
		}()
	}
	for range cap(done) {
		if diff := <-done; diff != "" {
			t.Error(diff)
		}
	}
}
