package training

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/classify/learned"
)

// topics are what invented messages are made of: some words that tell, among words that tell nothing.
var topics = map[string][]string{
	"refund":  {"refund", "money back", "return", "reimburse", "退款", "退钱"},
	"locked":  {"locked", "frozen", "suspended", "blocked out", "冻结", "锁定"},
	"missing": {"not arrived", "never came", "still waiting", "missing", "没到账", "没收到"},
}

var filler = strings.Fields("the my account since monday please help order app i we today you it was very 您好 请 谢谢 昨天 账户")

// invented makes messages of each topic. sure is how many of the telling words are used of each.
func invented(n, sure int, seed uint64) []Example {
	random := rand.New(rand.NewPCG(seed, 5))
	var out []Example
	for i := range n {
		for _, topic := range []string{"refund", "locked", "missing"} {
			words := []string{topics[topic][random.IntN(sure)]}
			for range 4 + random.IntN(6) {
				words = append(words, filler[random.IntN(len(filler))])
			}
			random.Shuffle(len(words), func(a, b int) { words[a], words[b] = words[b], words[a] })
			out = append(out, Example{Text: strings.Join(words, " "), Label: topic, Subject: []string{"", "Question"}[i%2]})
		}
	}
	return out
}

// right is the share of messages that a model names as they are labelled.
func right(t *testing.T, p learned.Parts, examples []Example) float64 {
	t.Helper()
	m, err := learned.New(p)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range examples {
		shares, _ := m.Shares(nil, e.Subject, e.Text, nil)
		best := 0
		for c, s := range shares {
			if s > shares[best] {
				best = c
			}
		}
		if m.Header().Classes[best] == e.Label {
			n++
		}
	}
	return float64(n) / float64(len(examples))
}

func TestAModelLearnsWhatTells(t *testing.T) {
	r, err := Train(t.Context(), invented(40, 6, 1), nil, Options{Name: "x", Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := right(t, r.Parts, invented(50, 6, 2)); got < .95 {
		t.Errorf("of messages that it has not seen it names %.2f right", got)
	}
	if r.Report.Accuracy < .9 || r.Report.Checked != 120 || r.Report.Classes != 3 || r.Report.Third != 1 {
		t.Errorf("its report: %+v", r.Report)
	}
	sum := 0
	for _, c := range r.Report.ByClass {
		sum += c.Count
	}
	if sum != r.Report.Checked {
		t.Errorf("its categories have %d messages, %d were checked", sum, r.Report.Checked)
	}
}

func TestTheSameMessagesGiveTheSameModelOnAnyNumberOfCores(t *testing.T) {
	var files [][]byte
	for _, workers := range []int{1, 3} {
		r, err := Train(t.Context(), invented(15, 6, 1), invented(30, 6, 3), Options{Name: "x", Seed: 7, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := learned.Write(&b, r.Parts); err != nil {
			t.Fatal(err)
		}
		files = append(files, b.Bytes())
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("one core and three give two models")
	}
}

// Each labelled message shows one telling word of six; messages without a label show which words go together.
func TestMessagesWithoutALabelTeachWhichWordsGoTogether(t *testing.T) {
	var labelled, others []Example
	random := rand.New(rand.NewPCG(9, 9))
	for topic, words := range topics {
		for i := range 6 {
			labelled = append(labelled, Example{Text: words[0] + " " + filler[i], Label: topic})
		}
		for range 200 {
			a, b := words[random.IntN(6)], words[random.IntN(6)]
			others = append(others, Example{Text: a + " " + b + " " + filler[random.IntN(len(filler))]})
		}
	}
	slices.SortFunc(labelled, func(a, b Example) int { return strings.Compare(a.Label+a.Text, b.Label+b.Text) })
	slices.SortFunc(others, func(a, b Example) int { return strings.Compare(a.Text, b.Text) })
	var strange []Example
	for topic, words := range topics {
		for _, w := range words[1:] {
			strange = append(strange, Example{Text: w, Label: topic})
		}
	}
	alone, err := Train(t.Context(), labelled, nil, Options{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	taught, err := Train(t.Context(), labelled, others, Options{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	before, after := right(t, alone.Parts, strange), right(t, taught.Parts, strange)
	t.Logf("words that no label explains: %.2f right without, %.2f with", before, after)
	if after < before+.2 || after < .8 {
		t.Errorf("words that no label explains: %.2f right without the others, %.2f with them", before, after)
	}
}

func TestWhatCannotBeLearnedIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		examples []Example
		say      string
	}{
		"no messages":                {nil, "0 categories"},
		"one category alone":         {[]Example{{Text: "a", Label: "x"}, {Text: "b", Label: "x"}}, "1 categories"},
		"one message of a category":  {[]Example{{Text: "a", Label: "x"}, {Text: "b", Label: "x"}, {Text: "c", Label: "odd"}}, `"odd"`},
		"a message without category": {[]Example{{Text: "a", Label: "x"}, {Text: "b", Label: ""}}, "empty category"},
	} {
		if _, err := Train(t.Context(), c.examples, nil, Options{}); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, want %s", name, err, c.say)
		}
	}
}

func TestTrainingEndsWithItsContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Train(ctx, invented(10, 6, 1), nil, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestWordsThatNoExampleHasMakeNoModelFail(t *testing.T) {
	var examples []Example
	for i := range 8 { // no two have a feature in common, so that there is nothing to learn
		examples = append(examples, Example{Text: string(rune('一' + i*97)), Label: fmt.Sprint(i % 2)})
	}
	r, err := Train(t.Context(), examples, nil, Options{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := learned.New(r.Parts); err != nil {
		t.Error(err)
	}
}

func TestThresholdsHoldWhatIsPromised(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var guesses []confidence
	for range 4000 { // of class 0 a confidence is what it says, of class 1 it boasts
		share := random.Float32()
		class := int32(random.IntN(2))
		ok := random.Float32() < share
		if class == 1 {
			ok = random.Float32() < share*share
		}
		g := confidence{best: class, truth: class, share: share}
		if !ok {
			g.truth = 1 - class
		}
		guesses = append(guesses, g)
	}
	for _, promise := range []float64{.7, .9, .96} {
		limits := thresholds(guesses, 3, promise)
		for class := range int32(2) {
			named, ok := 0, 0
			for _, g := range guesses {
				if g.best == class && g.share >= limits[class] {
					named++
					if g.truth == class {
						ok++
					}
				}
			}
			if named == 0 || float64(ok) < promise*float64(named) {
				t.Errorf("promised %.2f: of %d named as %d are %d right", promise, named, class, ok)
			}
		}
		if limits[1] <= limits[0] {
			t.Errorf("promised %.2f: who boasts needs %v, who does not %v", promise, limits[1], limits[0])
		}
	}
	if limit := threshold(guesses[:0], .9); limit <= 1 {
		t.Errorf("where nothing was measured, %v is enough", limit)
	}
}

func TestAxesAreOrthonormal(t *testing.T) {
	texts := read(invented(30, 6, 1))
	x := weigh(texts, learned.NewVocabulary(vocabulary(texts, 2)))
	a := findAxes(x, 12, 1)
	for i := range a.count {
		for j := range a.count {
			sum := 0.0
			for f := range x.width {
				sum += float64(a.basis[f*a.count+i]) * float64(a.basis[f*a.count+j])
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if sum < want-1e-3 || sum > want+1e-3 {
				t.Errorf("axes %d and %d: %v, want %v", i, j, sum, want)
			}
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	examples := invented(200, 6, 1)
	for b.Loop() {
		if _, err := Train(b.Context(), examples, nil, Options{Workers: 2}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAModelStaysBelowItsSize(t *testing.T) {
	for _, c := range []struct{ features, classes, networks int }{
		{1_000, 77, 4},      // as many networks as are any good
		{40_000, 150, 2},    // rather fewer features than one network
		{1_000_000, 500, 2}, // however many there are
		{30_000, 18, 3},     // small ones
	} {
		r := standard(1, c.classes)
		networks, kept := r.fitting(c.features, c.classes)
		size := kept*(9+c.classes+networks*(r.network.inner+4)) + 4*networks*r.network.hidden*(r.network.inner+c.classes)
		if networks != c.networks || kept > c.features || kept < 1 || size > 8_000_000 {
			t.Errorf("%d features, %d categories: %d networks over %d features, %d bytes", c.features, c.classes, networks, kept, size)
		}
	}
}
