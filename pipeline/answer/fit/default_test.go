package fit

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/classifytest"
	"frontdesk/pipeline/classify/learned"
	"frontdesk/pipeline/classify/mind"
	"frontdesk/pipeline/classify/training"
	"frontdesk/templates/home"
)

var (
	update = flag.Bool("update", false, "write default.model anew")
	show   = flag.Bool("show", false, "print what is offered and does not fit")
)

// read reads a file of labelled messages beside the classifier's.
func read(t testing.TB, name string) []classifytest.Message {
	t.Helper()
	return classifytest.Read(t, filepath.Join("..", "..", "classify", "testdata", name))
}

// builtIn are the entries of the first home, by their keys, and what stands beside them.
func builtIn(t testing.TB) (entries []Entry, aside []Aside) {
	t.Helper()
	for _, c := range home.Categories() {
		for _, f := range c.FAQ {
			e := Entry{Key: f.Key, Category: c.Key, Texts: map[string]*Text{}, Terms: f.Terms, BuiltIn: true}
			for tag, q := range f.Question {
				e.Texts[tag] = &Text{q, f.Answer[tag]}
			}
			e.Variants = slices.Concat(f.Variants["en"], f.Variants["zh"])
			entries = append(entries, e)
		}
		if len(c.Others) > 0 {
			aside = append(aside, Aside{c.Key, slices.Concat(c.Others["en"], c.Others["zh"])})
		}
	}
	return entries, aside
}

// marked are the messages of testdata/marked.txt with the class that answers them.
func marked(t testing.TB) (out []training.Example) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "marked.txt"))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string][]classifytest.Message{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			clear(by)
			for _, m := range read(t, strings.Trim(line, "[]")) {
				by[m.Category] = append(by[m.Category], m)
			}
		default:
			key, figures, _ := strings.Cut(line, " ")
			figures = strings.ReplaceAll(figures, " ", "")
			if len(figures) > len(by[key]) {
				t.Fatalf("%d messages of %s are marked, there are %d", len(figures), key, len(by[key]))
			}
			for i, figure := range figures {
				m := by[key][i]
				out = append(out, training.Example{Subject: m.Subject, Text: m.Text, Label: fmt.Sprintf("%s/%c", key, figure)})
			}
		}
	}
	return out
}

// asked are the ways to ask the built-in entries, and what is asked beside them.
func asked(t testing.TB) (out []training.Example) {
	t.Helper()
	entries, aside := builtIn(t)
	for _, e := range entries {
		for _, question := range e.questions() {
			out = append(out, training.Example{Text: question, Label: e.Key})
		}
	}
	for _, a := range aside {
		for _, question := range a.Questions {
			out = append(out, training.Example{Text: question, Label: a.Category + noEntry})
		}
	}
	return out
}

// strangers are messages that no category claims, and such as are none of the desk's business.
func strangers(t testing.TB) (out []training.Example) {
	t.Helper()
	for _, name := range []string{"outside.txt", "train.txt", "train-en.txt", "train-zh.txt"} {
		for _, m := range read(t, name) {
			if m.Category == mind.Outside || m.Category == classify.Other {
				out = append(out, training.Example{Subject: m.Subject, Text: m.Text, Label: classify.Other + noEntry})
			}
		}
	}
	return out
}

// teach makes the model of examples as the embedded one is made, with the weights that its file holds.
func teach(t testing.TB, examples []training.Example) (learned.Parts, []byte) {
	t.Helper()
	parts := training.Linear(examples, 2, training.Options{Name: "faq", Seed: 1, Promise: Promise, Workers: runtime.GOMAXPROCS(0)})
	var file bytes.Buffer
	if err := learned.Write(&file, parts); err != nil {
		t.Fatal(err)
	}
	parts, err := learned.Read(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return parts, file.Bytes()
}

func TestTheEmbeddedModelIsWhatItsExamplesTeach(t *testing.T) {
	_, file := teach(t, slices.Concat(asked(t), marked(t), strangers(t)))
	t.Logf("%d bytes", len(file))
	if *update {
		if err := os.WriteFile("default.model", file, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(file, defaultModel) {
		t.Error("default.model is not what the examples teach: run the test with -update where they were changed")
	}
}

// reader is what decides about categories in the tests: the default mind.
type reader struct{ mind *mind.Mind }

func newReader(t testing.TB) reader {
	t.Helper()
	m, err := mind.Default()
	if err != nil {
		t.Fatal(err)
	}
	return reader{m}
}

// asks is a message as the line would ask about it.
func (r reader) asks(subject, text string) Asked {
	o := r.mind.Judge(classify.Input{Subject: subject, Text: text})
	in := Asked{Subject: subject, Text: text}
	for _, c := range o.Top {
		in.Chances = append(in.Chances, Chance{c.Category, float64(c.Share)})
	}
	if o.Outside {
		in.Chances = []Chance{{classify.Other, 1}}
	}
	return in
}

// tally counts what a book does with messages of which is known what answers them.
type tally struct {
	answerable, first, third    int     // and the entry that answers is the best, among the three best
	asked, offered, fits, given float64 // offers, and answerable messages that get a fitting one
}

// add counts one message. A message that nothing answers counts with a weight.
func (c *tally) add(t testing.TB, b *Book, in Asked, key string, weight float64) {
	answers := !strings.HasSuffix(key, noEntry)
	if answers {
		weight = 1
		c.answerable++
		for i, m := range b.ranked(in, 3, false) {
			if m.Entry.Key == key {
				c.third++
				if i == 0 {
					c.first++
				}
			}
		}
	}
	c.asked += weight
	for _, m := range b.Find(in, 3) {
		c.offered += weight
		if m.Entry.Key == key {
			c.fits++
			c.given++
		} else if *show {
			t.Logf("%.2f %s offered, %s would fit: %s // %s", m.Share, m.Entry.Key, key, in.Subject, in.Text)
		}
	}
}

func (c tally) fit() float64     { return c.fits / max(c.offered, 1) }
func (c tally) reached() float64 { return c.given / float64(max(c.answerable, 1)) }
func (c tally) r1() float64      { return float64(c.first) / float64(max(c.answerable, 1)) }
func (c tally) r3() float64      { return float64(c.third) / float64(max(c.answerable, 1)) }
func (c tally) String() string {
	return fmt.Sprintf("%d answerable of %.0f: best %.3f, among three %.3f; %.0f offered, of those fit %.3f, of the answerable get a fitting one %.3f",
		c.answerable, c.asked, c.r1(), c.r3(), c.offered, c.fit(), c.reached())
}
