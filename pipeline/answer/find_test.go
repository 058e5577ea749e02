package answer

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// deskFAQ are questions that lie close to each other.
func deskFAQ() []FAQ {
	return []FAQ{
		{"How long does a transfer to a bank account take?", "transfer-time", []string{"how long", "transfer time"}},
		{"Why was my transfer declined?", "transfer-declined", []string{"declined", "rejected"}},
		{"Why was my card declined?", "card-declined", []string{"card declined"}},
		{"How do I order a new card?", "new-card", []string{"new card", "replacement"}},
		{"How do I close my account?", "close", []string{"close my account", "delete my account"}},
		{"转账多久到账？", "转账时间", []string{"多久到账"}},
		{"转账失败怎么办？", "转账失败", []string{"转账失败"}},
		{"银行卡丢了怎么办？", "丢卡", []string{"卡丢了", "丢失"}},
		{"如何注销账户？", "注销", []string{"注销"}},
	}
}

func found(shelf *Shelf, text string, n int) []string {
	var out []string
	for _, m := range shelf.Find(text, n) {
		out = append(out, m.FAQ.Answer)
	}
	return out
}

func TestTheAnswerOfANeighbourIsNotTaken(t *testing.T) {
	shelf := New(nil).Shelve(deskFAQ())
	for _, c := range []struct{ name, text, first, never string }{
		{"the time of a transfer", "How long will my transfer take?", "transfer-time", "new-card"},
		{"a declined transfer", "my transfer was rejected, why?", "transfer-declined", "new-card"},
		{"a declined card", "my card declined again", "card-declined", "close"},
		{"a new card", "please send a replacement card", "new-card", "transfer-time"},
		{"an account to close", "I want you to close my account", "close", "new-card"},
		{"the Chinese time", "请问转账多久到账", "转账时间", "注销"},
		{"the Chinese failure", "昨天转账失败了", "转账失败", "丢卡"},
		{"a lost card", "我的卡丢了", "丢卡", "转账时间"},
		{"a found card", "我的卡找到了", "", "丢卡"},
		{"closing in Chinese", "我要注销", "注销", "丢卡"},
		{"a greeting", "hello, good morning", "", "transfer-time"},
		{"a Chinese greeting", "您好，请问怎么办？", "", "转账失败"},
		{"only words that every question has", "how do I do what is my", "", "close"},
		{"another language", "où est ma carte ?", "", "new-card"},
		{"a word that holds a term", "the declinedness", "", "card-declined"},
		{"nothing", "", "", "close"},
		{"signs", "？！🙏", "", "close"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := found(shelf, c.text, 9)
			if c.first == "" && len(got) > 0 || c.first != "" && (len(got) == 0 || got[0] != c.first) {
				t.Errorf("%q finds %v, want %q first", c.text, got, c.first)
			}
			if slices.Contains(got, c.never) {
				t.Errorf("%q finds %q", c.text, c.never)
			}
		})
	}
}

// TestAQuestionFindsItself: in each spelling in which somebody may copy it.
func TestAQuestionFindsItself(t *testing.T) {
	for name, faqs := range map[string][]FAQ{"refunds": refundFAQ(), "desk": deskFAQ()} {
		shelf := New(nil).Shelve(faqs)
		for _, q := range faqs {
			for _, text := range []string{q.Question, strings.ToUpper(q.Question), "您好，" + q.Question + "谢谢", "Hello,\n\n" + q.Question + "\n\nAnna", strings.Trim(q.Question, "?？")} {
				if got := found(shelf, text, 2); !slices.Contains(got, q.Answer) {
					t.Errorf("%s: %q finds %v, want %s among them", name, text, got, q.Answer)
				}
			}
		}
	}
}

func TestAMatchSaysWhy(t *testing.T) {
	shelf := New(nil).Shelve([]FAQ{{"When?", "A", []string{"refund", "退款", "money", "back", "refund"}}})
	for _, c := range []struct {
		name, text string
		score      float64
		reasons    []string
	}{
		{"a term", "refund", 1, []string{"refund"}},
		{"a term that stands there twice counts once", "refund refund", 1, []string{"refund"}},
		{"two terms", "refund 退款", 2, []string{"refund", "退款"}},
		{"no more than three", "back money 退款 refund", 3, []string{"refund", "退款", "money"}},
		{"a question of common words gives nothing", "when", 0, nil},
	} {
		var got Match
		if m := shelf.Find(c.text, 1); len(m) > 0 {
			got = m[0]
		}
		if got.Score != c.score || !slices.Equal(got.Reasons, c.reasons) {
			t.Errorf("%s: %v for %q, want %v for %q", c.name, got.Score, got.Reasons, c.score, c.reasons)
		}
	}
}

func TestNoMoreAnswersThanAskedFor(t *testing.T) {
	shelf := New(nil).Shelve(deskFAQ())
	text := "how long does a transfer take, why was it declined, card declined, new card, close my account, 转账失败, 卡丢了, 注销, 多久到账"
	for n, want := range map[int]int{0: 0, 1: 1, 3: 3, 9: 9, 100: 9} {
		if got := shelf.Find(text, n); len(got) != want {
			t.Errorf("%d are asked for, %d come", n, len(got))
		}
	}
	all := shelf.Find(text, 100)
	if !slices.IsSortedFunc(all, func(a, b Match) int { return int(1000 * (b.Score - a.Score)) }) {
		t.Errorf("they are not sorted: %v", all)
	}
}

func TestAnEmptyShelfHasNoAnswer(t *testing.T) {
	for name, faqs := range map[string][]FAQ{"none": nil, "one without words": {{"", "A", nil}}, "one of signs": {{"？", "A", []string{"", "  "}}}} {
		if got := New(nil).Shelve(faqs).Find("？ anything 什么", 3); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEqualAnswersStayInTheirOrder(t *testing.T) {
	var faqs []FAQ
	for _, a := range []string{"c", "a", "b", "d"} {
		faqs = append(faqs, FAQ{Answer: a, Terms: []string{"refund"}})
	}
	for range 20 {
		if diff := cmp.Diff([]string{"c", "a", "b", "d"}, found(New(nil).Shelve(faqs), "refund", 9)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// TestTheSameShelfGivesTheSameScores: sums in one order give one result, though maps have none.
func TestTheSameShelfGivesTheSameScores(t *testing.T) {
	text := "how long does my transfer to a bank account take, and why was my card declined? 转账多久到账，银行卡丢了怎么办"
	want := New(nil).Shelve(deskFAQ()).Find(text, 9)
	for range 30 {
		if diff := cmp.Diff(want, New(nil).Shelve(deskFAQ()).Find(text, 9)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestATermStandsAlone(t *testing.T) {
	for _, c := range []struct {
		name, term, text string
		want             bool
	}{
		{"a word", "card", "my card is lost", true},
		{"at the beginning", "card", "card is lost", true},
		{"at the end", "card", "my card", true},
		{"the beginning of a word", "card", "my cardholder", false},
		{"the end of a word", "card", "my postcard", false},
		{"the second time", "card", "postcard, card", true},
		{"before a digit", "card", "card2", false},
		{"beside Chinese", "card", "我的card丢了", true},
		{"beside an apostrophe", "card", "the card's number", true},
		{"before a letter with an accent", "cart", "cartão", false},
		{"a Cyrillic word", "карта", "моя карта", true},
		{"the beginning of a Cyrillic word", "карт", "моя карта", false},
		{"Chinese within a sentence", "丢了", "卡丢了怎么办", true},
		{"Chinese that is parted", "丢了", "丢 了", false},
		{"Korean is written apart", "카드", "제 카드", true},
		{"Korean with its particle", "카드", "카드를", false},
		{"Japanese within a word", "カード", "クレジットカードです", true},
		{"two words", "lost card", "a lost card", true},
		{"two words with two spaces", "lost card", "a lost  card", false},
	} {
		shelf := New(nil).Shelve([]FAQ{{Answer: "A", Terms: []string{c.term}}})
		if got := len(shelf.Find(c.text, 1)) == 1; got != c.want {
			t.Errorf("%s: %q in %q: %v", c.name, c.term, c.text, got)
		}
	}
}

func TestNoMoreThanTheBeginningIsSearched(t *testing.T) {
	shelf := New(nil).Shelve([]FAQ{{Answer: "A", Terms: []string{"refund", "退款"}}})
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"within", strings.Repeat(".", maxText-10) + "refund", 1},
		{"behind", strings.Repeat(".", maxText) + "refund", 0},
		{"cut in the middle of a word", strings.Repeat(".", maxText-3) + "refund", 0},
		{"cut in the middle of a character", strings.Repeat(".", maxText-4) + "退款", 0},
		{"huge", strings.Repeat("x ", 1<<20) + "refund", 0},
	} {
		if got := len(shelf.Find(c.text, 3)); got != c.want {
			t.Errorf("%s: %d", c.name, got)
		}
	}
}

// FuzzFind: every question finds itself, whatever the others are, and scores stay within their bounds.
func FuzzFind(f *testing.F) {
	f.Add("How long does it take?", "转账失败怎么办", "transfer")
	f.Add("a", "a a a", "")
	f.Add("card card card", "the card", "ＣＡＲＤ")
	f.Fuzz(func(t *testing.T, one, two, text string) {
		shelf := New(nil).Shelve([]FAQ{{Question: one, Answer: "1"}, {Question: two, Answer: "2"}})
		for i, q := range []string{one, two} {
			if len(q) > maxText || len(distinct(strings.ToLower(q))) == 0 {
				continue
			}
			if got := shelf.Find(q, 2); !slices.ContainsFunc(got, func(m Match) bool { return m.FAQ.Answer == string(rune('1'+i)) && m.Score >= textScore-0.01 }) {
				t.Errorf("%q does not find itself: %v", q, got)
			}
		}
		for _, m := range shelf.Find(text, 2) {
			if m.Score < threshold || m.Score > textScore+0.01 {
				t.Errorf("%q scores %v", text, m.Score)
			}
		}
	})
}
