package fit

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/classify/classifytest"
	"frontdesk/pipeline/classify/training"
)

// messages are those of testdata/asked-….txt, which measure and are never learned from.
func messages(t testing.TB, language string) []classifytest.Message {
	t.Helper()
	out := classifytest.Read(t, filepath.Join("testdata", "asked-"+language+".txt"))
	for i, m := range out {
		if m.Category == "none" {
			out[i].Category = noEntry
		}
	}
	return out
}

func book(t testing.TB, entries []Entry, aside []Aside) *Book {
	t.Helper()
	b, err := New(entries, aside)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// by gives the built-in entries as those of a configuration that has them as its own: with variants, or without.
func by(entries []Entry, variants bool) []Entry {
	out := slices.Clone(entries)
	for i := range out {
		out[i].BuiltIn = false
		if !variants {
			out[i].Variants = nil
		}
	}
	return out
}

// TestMessagesThatNobodyTunedOn: two thirds of them are answered by an entry. The bounds lie a little below what is reached.
func TestMessagesThatNobodyTunedOn(t *testing.T) {
	entries, aside := builtIn(t)
	r := newReader(t)
	for _, c := range []struct {
		name                    string
		book                    *Book
		fit, reached, r1, third float64
	}{
		{"built-in entries", book(t, entries, nil), .925, .60, .86, .965},
		{"entries with variants of a configuration", book(t, by(entries, true), aside), .92, .40, .87, .97},
		{"entries with variants and nothing beside them", book(t, by(entries, true), nil), .84, .40, .87, .96},
		{"entries without variants", book(t, by(entries, false), nil), .88, .18, .72, .94},
	} {
		var both tally
		for _, language := range []string{"en", "zh"} {
			var one tally
			for _, m := range messages(t, language) {
				in := r.asks(m.Subject, m.Text)
				one.add(t, c.book, in, m.Category, 1)
				both.add(t, c.book, in, m.Category, 1)
			}
			t.Logf("%s, %s: %s", c.name, language, one)
		}
		if both.fit() < c.fit || both.reached() < c.reached || both.r1() < c.r1 || both.r3() < c.third {
			t.Errorf("%s: %s", c.name, both)
		}
	}
}

// TestTheThresholdsHoldTheirPromise: on messages that were left out in turns, of which a third has no answer.
func TestTheThresholdsHoldTheirPromise(t *testing.T) {
	const turns = 5
	entries, _ := builtIn(t)
	r := newReader(t)
	measured := slices.Concat(marked(t), strangers(t))
	unanswered := 0
	for _, e := range measured {
		if strings.HasSuffix(e.Label, noEntry) {
			unanswered++
		}
	}
	weight := float64(len(measured)-unanswered) / 2 / float64(unanswered)
	var embedded tally
	for turn := range turns {
		var left []training.Example
		taught := asked(t)
		for i, e := range measured {
			if i%turns == turn {
				left = append(left, e)
			} else {
				taught = append(taught, e)
			}
		}
		parts, _ := teach(t, taught)
		known := map[string]*Entry{}
		for i := range entries {
			known[entries[i].Key] = &entries[i]
		}
		f, err := newLinearFinder(parts, known, embeddedCut)
		if err != nil {
			t.Fatal(err)
		}
		b := &Book{entries: entries, finders: []finder{f}, categories: 17}
		for _, e := range left {
			embedded.add(t, b, r.asks(e.Subject, e.Text), e.Label, weight)
		}
	}
	t.Logf("the embedded model: %s", embedded)
	if embedded.fit() < Promise-.01 || embedded.reached() < .57 {
		t.Errorf("the embedded model: %s", embedded)
	}
}

// TestVariantsThatWereLeftOut: each is a question of some words, shorter than what people write, and a third has no answer.
func TestVariantsThatWereLeftOut(t *testing.T) {
	const turns = 6
	entries, aside := builtIn(t)
	r := newReader(t)
	var got tally
	for turn := range turns {
		taught, rest := by(entries, true), slices.Clone(aside)
		var left []training.Example
		split := func(questions []string, class string) (stay []string) {
			for i, q := range questions {
				if i%turns == turn {
					left = append(left, training.Example{Text: q, Label: class})
				} else {
					stay = append(stay, q)
				}
			}
			return stay
		}
		for i := range taught {
			taught[i].Variants = split(taught[i].Variants, taught[i].Key)
		}
		for i := range rest {
			rest[i].Questions = split(rest[i].Questions, rest[i].Category+noEntry)
		}
		for i, e := range strangers(t) {
			if i%turns == turn {
				left = append(left, e)
			}
		}
		b := book(t, taught, rest)
		for _, e := range left {
			got.add(t, b, r.asks("", e.Text), e.Label, 912./2/float64(320+len(strangers(t))))
		}
	}
	t.Logf("%s", got)
	if got.fit() < .84 || got.reached() < .15 {
		t.Errorf("%s", got)
	}
}

// BenchmarkNew is what the settings take to load with 38 questions of 24 variants.
func BenchmarkNew(b *testing.B) {
	entries, aside := builtIn(b)
	for name, list := range map[string][]Entry{"trained": by(entries, true), "words": by(entries, false), "embedded": entries} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				book(b, list, aside)
			}
		})
	}
}

// BenchmarkFind is one message.
func BenchmarkFind(b *testing.B) {
	entries, aside := builtIn(b)
	in := Asked{Text: "The money I sent to my brother on Monday hasn't arrived at his bank yet, how long does it take?", Chances: []Chance{{"funds-missing", .95}, {"refund", .02}}}
	for name, list := range map[string][]Entry{"trained": by(entries, true), "words": by(entries, false), "embedded": entries} {
		book := book(b, list, aside)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				book.Find(in, 3)
			}
		})
	}
}
