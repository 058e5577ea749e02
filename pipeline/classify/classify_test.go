package classify

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func small(t testing.TB, text string) *Classifier {
	t.Helper()
	rules, err := ParseRules(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const sampleRules = `
# a small set
threshold 2
subject 1.5
negators 不是要 | not asking for a
@fail = 失败 | fail* | declined
[refund]
3 退款 | 退钱 | refund*
2 订单 + 取消 | cancel*
[payment-failed]
3 @fail + 支付 | 付款 | pay* ! 退款失败 | test
1 zh: card
-2 already solved
[other]
`

func TestClassify(t *testing.T) {
	c := small(t, sampleRules)
	cases := []struct {
		name string
		in   Input
		want Finding
	}{
		{"a term in the text", Input{Text: "我要退款"}, Finding{Category: "refund", Score: 3, Reasons: []string{"退款 +3"}}},
		{"Traditional and full width are folded", Input{Text: "請協助退錢，ＲＥＦＵＮＤＥＤ？"}, Finding{Category: "refund", Score: 3, Reasons: []string{"退钱 +3"}}},
		{"a term in the subject weighs more", Input{Subject: "Refund", Text: "refund"}, Finding{Category: "refund", Score: 4.5, Reasons: []string{"refund in subject +4.5"}}},
		{"a term counts once", Input{Text: "退款退款！退款。"}, Finding{Category: "refund", Score: 3, Reasons: []string{"退款 +3"}}},
		{"all of several groups, in any order", Input{Text: "the payment has Failed"}, Finding{Category: "payment-failed", Score: 3, Reasons: []string{"pay + fail +3"}}},
		{"groups in different sentences do not add up", Input{Text: "I wanted to pay. It is fine! No failures"}, Finding{Category: "other", Reasons: []string{"no category reaches 2"}}},
		{"an exclusion in the same sentence", Input{Text: "支付退款失败"}, Finding{Category: "refund", Score: 3, Reasons: []string{"退款 +3"}}},
		{"an exclusion in another sentence does nothing", Input{Text: "just a test. my payment failed"}, Finding{Category: "payment-failed", Score: 3, Reasons: []string{"pay + fail +3"}}},
		{"a word inside another is none", Input{Text: "prerefund, undeclined payments"}, Finding{Category: "other", Reasons: []string{"no category reaches 2"}}},
		{"a negated term", Input{Text: "我不是要退款"}, Finding{Category: "other", Reasons: []string{"no category reaches 2"}}},
		{"a negated term in English", Input{Text: "I am not asking for a refund"}, Finding{Category: "other", Reasons: []string{"no category reaches 2"}}},
		{"a negator reaches a few characters only", Input{Text: "不是要别的什么东西而是退款"}, Finding{Category: "refund", Score: 3, Reasons: []string{"退款 +3"}}},
		{"a negative weight", Input{Text: "payment failed, already solved"}, Finding{Category: "other", Reasons: []string{"no category reaches 2"}, Runners: []Runner{{"payment-failed", 1}}}},
		{"a term of another language", Input{Text: "payment failed card", Language: "en"}, Finding{Category: "payment-failed", Score: 3, Reasons: []string{"pay + fail +3"}}},
		{"a term of the language, with its script", Input{Text: "payment failed card", Language: "zh-Hant"}, Finding{Category: "payment-failed", Score: 4, Reasons: []string{"pay + fail +3", "card +1"}}},
		{"the runner-up is named", Input{Text: "订单取消了，付款失败"}, Finding{Category: "payment-failed", Score: 3, Reasons: []string{"付款 + 失败 +3"}, Runners: []Runner{{"refund", 2}}}},
		{"a tie goes to the earlier category", Input{Text: "退款。支付失败"}, Finding{Category: "refund", Score: 3, Reasons: []string{"退款 +3"}, Runners: []Runner{{"payment-failed", 3}}}},
		{"the customer's own choice", Input{Text: "help", Topic: "refund"}, Finding{Category: "refund", Score: 3, Reasons: []string{"chosen by the customer +3"}}},
		{"a choice that is no category", Input{Text: "help", Topic: "nonsense"}, Finding{Category: "other", Reasons: []string{"no category reaches 2"}}},
		{"nothing", Input{}, Finding{Category: "other", Reasons: []string{"no category reaches 2"}}},
	}
	for _, cs := range cases {
		t.Run(cs.name, func(t *testing.T) {
			got := c.Classify(cs.in)
			got.Confidence = 0
			if diff := cmp.Diff(cs.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConfidenceOrdersFindings(t *testing.T) {
	c := small(t, sampleRules)
	of := func(text string) float64 { return c.Classify(Input{Text: text}).Confidence }
	clear, mixed, none, weak := of("退款退钱，订单取消"), of("退款。支付失败"), of("你好"), of("订单取消")
	if !(clear > mixed && mixed < none && weak < clear && none > 0.5 && clear < 1) {
		t.Errorf("clear %v, mixed %v, weak %v, none %v", clear, mixed, weak, none)
	}
}

func TestRepeatedUseGivesTheSame(t *testing.T) {
	c := standard(t)
	messages := labelled(t, "tune.txt")
	var first []Finding
	for round := range 2 {
		for i, m := range messages {
			f := c.Classify(Input{Subject: m.Subject, Text: m.Text})
			if round == 0 {
				first = append(first, f)
			} else if diff := cmp.Diff(first[i], f); diff != "" {
				t.Fatalf("%s: %s", m.Text, diff)
			}
		}
	}
}

func TestFold(t *testing.T) {
	f := NewFolder()
	for text, want := range map[string]string{
		"Hello,  World!":        "hello world",
		"我的帳號\u3000被　鎖了":        "我的账号被锁了",
		"退 款":                   "退款",
		"退，款":                   "退 款",
		"第一句。第二句":               "第一句\n第二句",
		"one. two 3.5":          "one\ntwo 3 5",
		"line\nwrapped\n\nnext": "line wrapped\nnext",
		"don’t CAN'T":           "dont cant",
		"ＡＢＣ１２３":                "abc123",
		"ﬁne ½ ㎏":               "fine 1 2 kg",
		"log-in\u200bnow":       "log innow",
		"App闪退":                 "app闪退",
		"\xff\xfe bad":          "bad",
		"Ärger über Straße":     "ärger über straße",
		"転送 リフト":                "転送 リフト",
		"":                      "",
		"  !!  ":                "",
		"頭髮乾淨；關於裡面":             "头发干净\n关于里面",
	} {
		if got := f.Fold(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestFoldIsStable(t *testing.T) {
	f := NewFolder()
	for _, m := range labelled(t, "tune.txt") {
		once := f.Fold(m.Subject + " " + m.Text)
		if twice := f.Fold(once); strings.ReplaceAll(twice, " ", "") != strings.ReplaceAll(strings.ReplaceAll(once, "\n", ""), " ", "") {
			t.Errorf("%q becomes %q", once, twice)
		}
	}
}

// TestMatcherAgreesWithASearch compares the automaton with the plain search for every pattern.
func TestMatcherAgreesWithASearch(t *testing.T) {
	words := []string{"he", "she", "his", "hers", "退", "退款", "款到", "退款到账", "a b", "e", "her"}
	var patterns []pattern
	for _, w := range words {
		patterns = append(patterns, pattern{text: []rune(w)})
	}
	m := newMatcher(patterns)
	for _, text := range []string{"ushers", "退款到账了退退款", "xa b c hershe", "", "ee", "hishers退"} {
		got := map[string]int{}
		m.find([]rune(text), func(id int32, from, to int) {
			if string([]rune(text)[from:to]) != words[id] {
				t.Errorf("%q: %q reported at %d:%d", text, words[id], from, to)
			}
			got[words[id]]++
		})
		for _, w := range words {
			want := 0
			for i := range []rune(text) {
				if strings.HasPrefix(string([]rune(text)[i:]), w) {
					want++
				}
			}
			if got[w] != want {
				t.Errorf("%q in %q: got %d, want %d", w, text, got[w], want)
			}
		}
	}
}

func TestParseRulesRefuses(t *testing.T) {
	for want, text := range map[string]string{
		"line 1: category without":   "[x",
		"before the first category":  "3 退款",
		"reading number":             "[a]\nthree 退款",
		"unknown set @x":             "[a]\n3 @x",
		"empty word":                 "[a]\n3 a | | b",
		"set without =":              "@a b",
		"line 2: reading rules":      "",
		"reading rules, line 3: rea": "\n\nthreshold high",
	} {
		if text == "" {
			continue
		}
		if _, err := ParseRules(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, r := range map[string]Rules{
		"given twice":        {Categories: []Category{{Key: "a"}, {Key: "a"}}},
		"is empty":           {Categories: []Category{{}}},
		"1 to 30 groups":     {Categories: []Category{{Key: "a", Terms: []Term{{Weight: 1}}}}},
		"a group without":    {Categories: []Category{{Key: "a", Terms: []Term{{Groups: [][]string{{}}}}}}},
		"holds no letters":   {Categories: []Category{{Key: "a", Terms: []Term{{Groups: [][]string{{"!"}}}}}}},
		"end of a sentence":  {Categories: []Category{{Key: "a", Terms: []Term{{Groups: [][]string{{"a. b"}}}}}}},
		"weight 1e+06":       {Categories: []Category{{Key: "a", Terms: []Term{{Groups: [][]string{{"b"}}, Weight: 1e6}}}}},
		"compiling negators": {Negators: []string{"?"}},
	} {
		if _, err := New(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestLongTextIsBounded(t *testing.T) {
	c := standard(t)
	if f := c.Classify(Input{Text: strings.Repeat("好", maxText) + "退款"}); f.Category != Other {
		t.Errorf("text behind the limit was read: %+v", f)
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("退款", "Ｒefund ½ 退 款。", "refund")
	f.Add("\xff", "a\x00b\n\n!", "")
	c := standard(f)
	f.Fuzz(func(t *testing.T, subject, text, topic string) {
		got := c.Classify(Input{Subject: subject, Text: text, Topic: topic})
		if got.Confidence < 0 || got.Confidence > 1 || got.Category == "" || len(got.Reasons) == 0 {
			t.Fatalf("%+v", got)
		}
	})
}

func FuzzParseRules(f *testing.F) {
	f.Add(sampleRules, "payment failed")
	f.Fuzz(func(t *testing.T, rules, text string) {
		r, err := ParseRules(rules)
		if err != nil {
			return
		}
		if c, err := New(r); err == nil {
			c.Classify(Input{Text: text})
		}
	})
}

func BenchmarkClassifyChinese(b *testing.B) {
	benchmark(b, Input{Subject: "退款", Text: "您好，我上个星期在你们的App里买了一件商品，订单号TP20260501001，后来商家说没有货就取消了订单，但是到现在退款还没有收到，请帮忙查一下是什么原因，谢谢！"})
}

func BenchmarkClassifyEnglish(b *testing.B) {
	benchmark(b, Input{Subject: "Refund", Text: "Hello, last week I bought something in your app and the merchant cancelled the order because it was out of stock, but I have still not received my refund. Could you please check what is going on? Thank you!"})
}

func benchmark(b *testing.B, in Input) {
	c := standard(b)
	b.ReportAllocs()
	for b.Loop() {
		c.Classify(in)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		standard(b)
	}
}
