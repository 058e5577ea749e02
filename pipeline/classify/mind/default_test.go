package mind

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/classifytest"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/training"
)

var update = flag.Bool("update", false, "write default.model anew")

// read reads a file of labelled messages.
func read(t testing.TB, name string) []classifytest.Message {
	t.Helper()
	return classifytest.Read(t, filepath.Join("..", "testdata", name))
}

// examples are the messages of a file to learn from.
func examples(t testing.TB, name string, tuned bool) (out []training.Example) {
	t.Helper()
	for _, m := range read(t, name) {
		out = append(out, training.Example{Subject: m.Subject, Text: m.Text, Label: m.Category, Tuned: tuned})
	}
	return out
}

func rules(t testing.TB) *classify.Classifier {
	t.Helper()
	r, err := classify.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	c, err := classify.New(r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// defaultSize leaves room for the small layers below 4 MB, which every copy of the program carries.
const defaultSize = 3_900_000

// promise is what thresholds are to hold on messages that are left out. They hold more of what the finished model is asked: it has learned from a third more
// messages than the ones that were measured, and here each message of nobody's business that is named counts as a wrong one, of which there are 479.
// docs/understanding.md says what came of it on messages that nobody tuned on.
const promise = 0.92

// trainDefault makes the default model from the examples. The rules were written with tune.txt, so that what is said of it
// flatters; a third of train.txt and all of the files behind it were written to be hard, so that what is said of them frightens. They teach and measure nothing.
func trainDefault(t testing.TB) training.Result {
	t.Helper()
	all := slices.Concat(examples(t, "tune.txt", true), examples(t, "train.txt", true), examples(t, "train-en2.txt", true), examples(t, "indirect-en.txt", true), examples(t, "train-zh2.txt", true), examples(t, "outside2.txt", true))
	for _, name := range []string{"held.txt", "train-en.txt", "train-zh.txt", "outside.txt"} {
		all = append(all, examples(t, name, false)...)
	}
	c := rules(t)
	var factors func(classify.Input) []float32
	result, err := training.Train(t.Context(), all, nil, training.Options{Name: "default", Seed: 1, Size: defaultSize, Turns: 4, Promise: promise, Workers: runtime.GOMAXPROCS(0),
		Prior: func(classes []string, e training.Example) []float32 {
			if factors == nil {
				factors = Prior(c, classes)
			}
			return factors(classify.Input{Subject: e.Subject, Text: e.Text})
		}})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestTheDefaultModelIsWhatItsExamplesTeach(t *testing.T) {
	if testing.Short() && !*update {
		t.Skip("training takes some ten seconds of both cores")
	}
	result := trainDefault(t)
	var file bytes.Buffer
	if err := learned.Write(&file, result.Parts); err != nil {
		t.Fatal(err)
	}
	r := result.Report
	t.Logf("%d features, %d bytes; on %d messages not seen: right %.3f, named %.3f, of those right %.3f", len(result.Parts.Vocabulary), file.Len(), r.Checked, r.Accuracy, r.Coverage, r.Precision)
	if *update {
		if err := os.WriteFile("default.model", file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(file.Bytes(), defaultModel) {
		t.Error("default.model is not what the examples teach: run the test with -update where they were changed")
	}
}

// blind counts what the mind says of messages whose writer knew nothing but the categories' descriptions.
type blind struct{ right, all, named, namedRight, outside, leftAlone int }

func (b *blind) add(label string, o Opinion) {
	if label == Outside {
		b.outside++
		if o.Unsure || o.Category == classify.Other {
			b.leftAlone++
		}
		return
	}
	b.all++
	if o.Category == label {
		b.right++
	}
	if !o.Unsure {
		b.named++
		if o.Category == label {
			b.namedRight++
		}
	}
}

func TestTheDefaultMindOnMessagesThatNobodyTunedOn(t *testing.T) {
	mind, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, chinese := range []bool{true, false} {
		var b blind
		for _, m := range read(t, "blind.txt") {
			if m.Chinese() != chinese {
				continue
			}
			o := mind.Judge(classify.Input{Subject: m.Subject, Text: m.Text})
			b.add(m.Category, o)
			if *show && m.Category != Outside && o.Category != m.Category {
				t.Logf("%s taken for %s %.2f: %s // %s", m.Category, o.Category, o.Confidence, m.Subject, m.Text)
			}
		}
		share := func(a, b int) float64 { return 100 * float64(a) / float64(max(b, 1)) }
		t.Logf("Chinese %v: %d messages, right %.1f %%; named %.1f %%, of those right %.1f %%; of %d outside left alone %.1f %%", chinese, b.all,
			share(b.right, b.all), share(b.named, b.all), share(b.namedRight, b.named), b.outside, share(b.leftAlone, b.outside))
	}
}

var show = flag.Bool("show", false, "print what is taken for another")
