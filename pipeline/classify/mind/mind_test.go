package mind

import (
	"testing"

	"frontdesk/pipeline/classify"
)

// made is a mind of the default model and of rules that somebody has changed.
func made(t testing.TB, change func(*classify.Rules)) *Mind {
	t.Helper()
	r, err := classify.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	change(&r)
	c, err := classify.New(r)
	if err != nil {
		t.Fatal(err)
	}
	m, err := DefaultModel()
	if err != nil {
		t.Fatal(err)
	}
	return New(c, m)
}

func asItIs(*classify.Rules) {}

func TestWhatStandsAboveTheModel(t *testing.T) {
	m := made(t, asItIs)
	for _, c := range []struct {
		name, text, topic, want string
		unsure, outside         bool
	}{
		{"a stolen telephone", "my phone was stolen on the tram, and by the way where do I find my points", "", "security-fraud", false, false},
		{"a transaction that he did not authorize, within a wish for a refund", "退款怎么申请？另外有一笔交易不是本人操作的，未经授权", "", "security-fraud", false, false},
		{"a legal threat among ordinary words", "The voucher did not show. My solicitor will write to you.", "", "complaint", false, false},
		{"danger to life has the rules' category", "我不想活了", "", "other", false, false},
		{"the press has the rules' category", "I am a journalist and have some questions", "", "other", false, false},
		{"what no word names, learned", "I sent it yesterday and my sister has not seen a cent of it", "", "funds-missing", false, false},
		{"the customer's choice, where the words name nothing", "hello, about what we said", "invoice", "invoice", false, false},
		{"a choice that is no category of the desk's", "hello, about what we said", "pizza", "other", false, false},
		{"none of the desk's business", "Does your bakery have gluten free sourdough on Sundays?", "", "other", true, true},
	} {
		got := m.Classify(classify.Input{Text: c.text, Topic: c.topic})
		if got.Category != c.want || got.Unsure != c.unsure || got.Outside != c.outside {
			t.Errorf("%s: %s, unsure %t, outside %t; want %s, %t, %t (%v, %v)", c.name, got.Category, got.Unsure, got.Outside, c.want, c.unsure, c.outside, got.Reasons, got.Top)
		}
	}
}

// TestCategoriesOfADesk: the mind names none that the desk has not, and rules alone decide about those that the model does not know.
func TestCategoriesOfADesk(t *testing.T) {
	own := classify.Category{Key: "parking", Terms: []classify.Term{{Groups: [][]string{{"car park"}}, Weight: 3}}}
	with := made(t, func(r *classify.Rules) { r.Categories = append(r.Categories, own) })
	if f := with.Classify(classify.Input{Text: "The car park would not let me out"}); f.Category != "parking" || f.Unsure {
		t.Errorf("a category of the desk's own: %+v", f)
	}
	few := made(t, func(r *classify.Rules) {
		kept := r.Categories[:0]
		for _, k := range r.Categories {
			if k.Key == "refund" || k.Key == "invoice" || k.Key == classify.Other {
				kept = append(kept, k)
			}
		}
		r.Categories = kept
	})
	alone := made(t, func(r *classify.Rules) { r.Categories = []classify.Category{own, {Key: classify.Other}} })
	for _, m := range read(t, "held.txt") {
		in := classify.Input{Subject: m.Subject, Text: m.Text}
		f := few.Classify(in)
		for _, top := range f.Top {
			if top.Category != "" && top.Category != "refund" && top.Category != "invoice" && top.Category != classify.Other {
				t.Errorf("%q: %s is no category of the desk's", m.Text, top.Category)
			}
		}
		if f := alone.Classify(in); f.Category != classify.Other || f.Unsure || f.Model != "" {
			t.Errorf("%q: a model that knows none of the desk's categories has a say: %+v", m.Text, f)
		}
	}
	if f := alone.Classify(classify.Input{Text: "The car park would not let me out"}); f.Category != "parking" {
		t.Errorf("the rules alone: %+v", f)
	}
}

// TestOneAnswer: what was asked before changes nothing.
func TestOneAnswer(t *testing.T) {
	m := made(t, asItIs)
	asked := read(t, "held.txt")
	var first []classify.Finding
	for _, x := range asked {
		first = append(first, m.Classify(classify.Input{Subject: x.Subject, Text: x.Text}))
	}
	for i := len(asked) - 1; i >= 0; i-- {
		again := m.Classify(classify.Input{Subject: asked[i].Subject, Text: asked[i].Text})
		if again.Category != first[i].Category || again.Top != first[i].Top || again.Unsure != first[i].Unsure {
			t.Errorf("%q: %+v, then %+v", asked[i].Text, first[i], again)
		}
	}
}

func BenchmarkClassify(b *testing.B) {
	m := made(b, asItIs)
	asked := read(b, "held.txt")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x := asked[i%len(asked)]
		m.Classify(classify.Input{Subject: x.Subject, Text: x.Text})
	}
}

func BenchmarkRulesAlone(b *testing.B) {
	c := rules(b)
	asked := read(b, "held.txt")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x := asked[i%len(asked)]
		c.Classify(classify.Input{Subject: x.Subject, Text: x.Text})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := DefaultModel(); err != nil {
			b.Fatal(err)
		}
	}
}
