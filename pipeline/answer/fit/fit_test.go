package fit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/classify"
)

// plain is an entry of a category without variants.
func plain(category, question string, terms ...string) Entry {
	return Entry{Key: question, Category: category, Texts: map[string]*Text{"en": {question, "answer"}}, Terms: terms}
}

// about asks of one category.
func about(category, text string) Asked {
	return Asked{Text: text, Chances: []Chance{{category, .97}}}
}

// found are the keys of what is offered.
func found(b *Book, in Asked, n int) (out []string) {
	for _, m := range b.Find(in, n) {
		out = append(out, m.Entry.Key)
	}
	return out
}

func TestAnAnswerIsForItsCategoryAlone(t *testing.T) {
	entries, aside := builtIn(t)
	for name, b := range map[string]*Book{"embedded": book(t, entries, nil), "trained": book(t, by(entries, true), aside), "words": book(t, by(entries, false), nil)} {
		text := "I have forgotten my password. How do I set a new one?"
		if got := found(b, about("password-reset", text), 3); len(got) != 1 || got[0] != "password-reset/1" {
			t.Errorf("%s: %v is offered", name, got)
		}
		in := about("invoice", text)
		in.Chances[0].Share = 1
		if got := found(b, in, 3); len(got) > 0 {
			t.Errorf("%s: %v is offered to whom an invoice matters", name, got)
		}
	}
}

// TestWhoeverWritesAboutSomethingElseGetsNoAnswer: least of all how to reach a person.
func TestWhoeverWritesAboutSomethingElseGetsNoAnswer(t *testing.T) {
	entries, aside := builtIn(t)
	r := newReader(t)
	for name, b := range map[string]*Book{"embedded": book(t, entries, nil), "trained": book(t, by(entries, true), aside), "words": book(t, by(entries, false), nil)} {
		for _, c := range []struct{ who, text string }{
			{"a reporter", "I write for a business weekly and would like to reach a person in your press office about the new fees"},
			{"a supplier", "We are a printing house and would like to send you our prices for stickers. Whom may I contact?"},
			{"an applicant", "您好，我想应聘贵公司的客服岗位，附件是我的简历，请问怎么联系人事"},
			{"a student", "我在写关于移动支付的毕业论文，想采访一位产品经理"},
			{"a joker", "What is the meaning of life?"},
			{"a parcel's receiver", "我的快递三天没动了，帮我查一下"},
		} {
			if got := found(b, r.asks("", c.text), 3); len(got) > 0 {
				t.Errorf("%s: %s is told %v", name, c.who, got)
			}
		}
		if got := found(b, Asked{Text: "How can I reach a person?", Chances: []Chance{{"refund", .2}, {classify.Other, .7}}}, 3); len(got) > 0 {
			t.Errorf("%s: %v is offered to what belongs to no category", name, got)
		}
		if got := found(b, Asked{Text: "How can I reach a person?"}, 3); len(got) > 0 {
			t.Errorf("%s: %v is offered where nothing is known of the category", name, got)
		}
	}
}

func TestTheSameEntriesMakeTheSameBook(t *testing.T) {
	entries, aside := builtIn(t)
	in := about("funds-missing", "I topped up my wallet yesterday and sent a transfer, nothing has arrived")
	for name, list := range map[string][]Entry{"trained": by(entries, true), "words": by(entries, false)} {
		shares := func() (out []string) {
			for _, m := range book(t, list, aside).ranked(in, 9, false) {
				out = append(out, fmt.Sprint(m.Entry.Key, m.Share))
			}
			return out
		}
		if diff := cmp.Diff(shares(), shares()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWords(t *testing.T) {
	b := book(t, []Entry{
		plain("cards", "Why was my card declined?", "card declined"),
		plain("cards", "How do I order a new card?", "new card", "replacement"),
		plain("account", "How do I close my account?", "delete my account", "注销"),
		plain("account", "银行卡丢了怎么办？", "卡丢了"),
	}, nil)
	for _, c := range []struct {
		name, category, text string
		want                 []string
	}{
		{"the question itself", "cards", "How do I order a new card?", []string{"How do I order a new card?"}},
		{"its words and a term", "cards", "where can I order a new card, please", []string{"How do I order a new card?"}},
		{"a greeting", "cards", "hello", nil},
		{"half of two questions", "cards", "card", nil},
		{"another category's question", "account", "How do I order a new card?", nil},
		{"Traditional for Simplified", "account", "銀行卡丟了怎麼辦", []string{"银行卡丢了怎么办？"}},
		{"upper case", "account", "HOW DO I CLOSE MY ACCOUNT", []string{"How do I close my account?"}},
		{"nothing", "cards", "", nil},
	} {
		if diff := cmp.Diff(c.want, found(b, about(c.category, c.text), 3)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestNoMoreThanIsAskedFor(t *testing.T) {
	var entries []Entry
	for i := range 6 {
		e := plain(fmt.Sprint("c", i), "refund of the deposit")
		e.Key = fmt.Sprint(i)
		entries = append(entries, e)
	}
	b := book(t, entries, nil)
	in := Asked{Text: "refund of the deposit"}
	for i := range 6 {
		in.Chances = append(in.Chances, Chance{fmt.Sprint("c", i), 1})
	}
	for n, want := range map[int]int{0: 0, 1: 1, 3: 3, 9: 6} {
		if got := len(b.Find(in, n)); got != want {
			t.Errorf("%d are asked for, %d come", n, got)
		}
	}
	if got := found(b, in, 3); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("equal ones come as %v", got)
	}
}

func TestABookWithoutEntriesHasNoAnswer(t *testing.T) {
	var none *Book
	if got := none.Find(about("x", "x"), 3); got != nil {
		t.Error(got)
	}
	if got := book(t, nil, nil).Find(about("x", "x"), 3); got != nil {
		t.Error(got)
	}
	if got := book(t, []Entry{{Category: "x"}, {Category: "x", Variants: []string{""}}}, nil).Find(about("x", "x"), 3); got != nil {
		t.Error(got)
	}
}

// FuzzFind: a question finds itself beside another one, and shares stay within their bounds.
func FuzzFind(f *testing.F) {
	f.Add("How long does it take?", "转账失败怎么办", "transfer")
	f.Add("a", "a a a", "")
	f.Add("card card card", "the card", "ＣＡＲＤ")
	f.Fuzz(func(t *testing.T, one, two, text string) {
		entries := []Entry{plain("c", one, text), plain("d", two), {Key: "v", Category: "c", Variants: []string{one, text}}}
		b := book(t, entries, nil)
		for _, in := range []string{one, two, text, strings.Repeat(text, 50)} {
			for _, m := range b.ranked(about("c", in), 9, false) {
				if !(m.Share >= 0 && m.Share <= 1) {
					t.Errorf("%q has a share of %v for %q", m.Entry.Key, m.Share, in)
				}
			}
			if got := b.Find(about("c", in), 9); len(got) > 3 {
				t.Errorf("%d of three are offered", len(got))
			}
		}
	})
}
