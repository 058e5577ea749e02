package latin

import (
	"bytes"
	"cmp"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"frontdesk/pipeline/words"
)

var update = flag.Bool("update", false, "write the model that the training gives")

// TestTheModelIsWhatTheTrainingGives, bit for bit: the weights are the outcome of the rows and of nothing else. Run with -update after a
// change of the features or the rows.
func TestTheModelIsWhatTheTrainingGives(t *testing.T) {
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		t.Skip("FRONTDESK_SHARED is not set: the public sentences are not at hand")
	}
	if testing.Short() {
		t.Skip("the training takes some seconds")
	}
	got := train(gather(t, filepath.Join(root, "datasets/langid")))
	if *update {
		if err := os.WriteFile("model.bin", got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, []byte(weights)) {
		t.Error("model.bin is not what the training gives; run go test ./pipeline/normalize/latin -run TestTheModel -update")
	}
}

// row is one text with its language, an index in codes; -1 for none of them.
type row struct {
	text     string
	language int
}

// rows are those of the training, in an order that does not change.
type rows []row

// gather reads all texts that the model is made of. Of the public ones every fifth is never learned from: the tests of normalize measure with it.
func gather(t *testing.T, root string) (out rows) {
	for _, code := range append(slices.Clone(codes[:]), "ms") {
		if code == "pl" {
			continue // the public texts have no Polish
		}
		language := languageOf(code)
		for _, line := range learned(lines(t, filepath.Join(root, "sentences", code+".txt"))) {
			out.pieces(line, language)
		}
		for _, kind := range []string{"word-pairs", "single-words"} {
			for _, line := range learned(lines(t, filepath.Join(root, kind, code+".txt"))) {
				out = append(out, row{line, language})
			}
		}
	}
	for _, s := range sections(lines(t, "testdata/phrases.txt")) {
		for _, line := range s.lines {
			for range 2 {
				out.pieces(line, languageOf(s.name))
			}
		}
	}
	for _, s := range sections(lines(t, "testdata/others.txt")) {
		for _, line := range learned(s.lines) {
			for range 3 {
				out.pieces(line, -1)
			}
		}
	}
	out.trade(t)
	return out
}

// trade adds the words of the trade in each language, and what customers write in English, by the letters, so that a message that goes to another category
// changes nothing here.
func (out *rows) trade(t *testing.T) {
	lists := words.MustReadLists("words.txt", strings.Join(lines(t, "testdata/words.txt"), "\n"))
	for _, code := range codes {
		for _, w := range lists.Words(code + " words") {
			*out = append(*out, row{w, languageOf(code)}, row{w, languageOf(code)})
		}
	}
	var english []string
	for _, name := range []string{"train.txt", "outside.txt"} {
		for _, s := range sections(lines(t, filepath.Join("../../classify/testdata", name))) {
			for _, line := range s.lines {
				if !strings.ContainsFunc(line, words.Han) {
					english = append(english, line)
				}
			}
		}
	}
	slices.Sort(english)
	for _, line := range slices.Compact(english) {
		out.pieces(line, languageOf("en"))
	}
}

// pieces adds a text whole, its pairs of words and its words, since most of what is hard is short.
func (out *rows) pieces(text string, language int) {
	list := split(text)
	*out = append(*out, row{text, language})
	for i, w := range list {
		*out = append(*out, row{w, language})
		if i%2 == 1 {
			*out = append(*out, row{list[i-1] + " " + w, language})
		}
	}
}

// languageOf is the index of a language. Malay is taken for Indonesian: their words are mostly the same.
func languageOf(code string) int {
	if code == "ms" {
		code = "id"
	}
	return slices.Index(codes[:], code)
}

// split is a text's words, as the reading of messages gives them.
func split(text string) (out []string) {
	for token := range strings.FieldsSeq(text) {
		if strings.ContainsAny(token, "0123456789@") || strings.Contains(token, "://") {
			continue
		}
		out = append(out, strings.FieldsFunc(token, func(r rune) bool {
			return !unicode.IsLetter(r) && r != '\'' && (r < 0x300 || r > 0x36f)
		})...)
	}
	return out
}

// learned leaves out every fifth.
func learned(all []string) (out []string) {
	for i, line := range all {
		if i%5 != 4 {
			out = append(out, line)
		}
	}
	return out
}

// lines of a file.
func lines(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// section is what stands under [name] in a file.
type section struct {
	name  string
	lines []string
}

func sections(all []string) (out []section) {
	for _, line := range all {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			out = append(out, section{name: strings.Trim(line, "[]")})
		default:
			last := &out[len(out)-1]
			last.lines = append(last.lines, line)
		}
	}
	return out
}

// vector is a row as the training sees it: its buckets, some twice, and one over its length.
type vector struct {
	buckets  []uint32
	norm     float64
	language int
	alpha    [languages]float64 // how much the row counts in each language's weights
}

func vectorOf(r row) vector {
	var list []uint32
	for _, w := range split(r.text) {
		if !isBrand(w) {
			list = buckets(w, list)
		}
	}
	slices.Sort(list)
	length := 0
	for i := 0; i < len(list); {
		n := 1
		for i+n < len(list) && list[i+n] == list[i] {
			n++
		}
		length += n * n
		i += n
	}
	return vector{buckets: list, norm: 1 / math.Sqrt(float64(max(length, 1))), language: r.language}
}

// The training finds for each language the weights that part its rows from all others: a linear support vector machine with squared
// loss, by coordinate descent in the dual. It uses nothing but sums, products and square roots, which are the same on every machine.
const (
	rounds = 8
	cost   = 2.0
)

func train(all rows) []byte {
	vectors := make([]vector, len(all))
	for i, r := range all {
		vectors[i] = vectorOf(r)
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	weights := make([]float64, languages<<bits)
	random := uint64(1)
	for range rounds {
		for i := len(order) - 1; i > 0; i-- {
			random = random*6364136223846793005 + 1442695040888963407
			j := int(random>>33) % (i + 1)
			order[i], order[j] = order[j], order[i]
		}
		for _, i := range order {
			vectors[i].learn(weights)
		}
	}
	out := make([]byte, len(weights))
	for i, w := range weights {
		out[i] = byte(offset + math.Round(min(127, max(-127, w*unit))))
	}
	return out
}

// learn moves the weights as far as this row wants it.
func (v *vector) learn(weights []float64) {
	var scores, steps [languages]float64
	for _, b := range v.buckets {
		for k, w := range weights[int(b)*languages:][:languages] {
			scores[k] += w
		}
	}
	moved := false
	for k := range scores {
		side := -1.0
		if k == v.language {
			side = 1
		}
		slope := float64(side*scores[k]*v.norm) - 1 + v.alpha[k]/(2*cost)
		alpha := max(0, v.alpha[k]-slope/(1+1/(2*cost)))
		if cmp.Compare(alpha, v.alpha[k]) != 0 {
			steps[k] = float64((alpha - v.alpha[k]) * side * v.norm)
			v.alpha[k], moved = alpha, true
		}
	}
	if !moved {
		return
	}
	for _, b := range v.buckets {
		row := weights[int(b)*languages:][:languages]
		for k, s := range steps {
			row[k] += s
		}
	}
}

// TestFourAdditionsAtOnceAreFour: the sums of packed bytes are those of one after the other, for the longest word, too.
func TestFourAdditionsAtOnceAreFour(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"a", "refund", "don't", "rückzahlung", strings.Repeat("x", 200), "không", ""} {
		var got Scores
		got.Add(word)
		var want [languages]int32
		list := buckets(word, nil)
		for _, b := range list {
			for i := range want {
				want[i] += int32(weights[int(b)*languages+i]) - offset
			}
		}
		if got.sum != want || got.grams != int32(len(list)) || len(list) > maxBuckets {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}

// TestTheWordsOfTheTradeSpeakForTheirLanguage: three of them in a row that no other language has are hardly ever too few, and never
// another language.
func TestTheWordsOfTheTradeSpeakForTheirLanguage(t *testing.T) {
	t.Parallel()
	lists := words.MustReadLists("words.txt", strings.Join(lines(t, "testdata/words.txt"), "\n"))
	owners := map[string]int{}
	for _, code := range codes {
		for _, w := range lists.Words(code + " words") {
			owners[w]++
		}
	}
	untold, all := 0, 0
	for _, code := range codes {
		var own []string
		for _, w := range lists.Words(code + " words") {
			if owners[w] == 1 {
				own = append(own, w)
			}
		}
		if len(own) < 20 {
			t.Errorf("%s has %d words of its own", code, len(own))
		}
		for i := 0; i+3 <= len(own); i++ {
			var s Scores
			for _, w := range own[i : i+3] {
				s.Add(w)
			}
			all++
			switch got := s.Language(); got {
			case code:
			case "":
				untold++
			default:
				t.Errorf("%q is %q, want %s", own[i:i+3], got, code)
			}
		}
	}
	if untold*100 > all {
		t.Errorf("%d of %d do not tell", untold, all)
	}
}

// TestNoLanguageIsNamedForOthers: of lines that only measure, at most a few are taken for one of ours.
func TestNoLanguageIsNamedForOthers(t *testing.T) {
	t.Parallel()
	named, all := 0, 0
	for _, section := range sections(lines(t, "testdata/others.txt")) {
		for i, line := range section.lines {
			if i%5 != 4 {
				continue
			}
			var s Scores
			for _, w := range split(line) {
				s.Add(w)
			}
			all++
			if got := s.Language(); got != "" {
				named++
				t.Logf("%s is %s: %s", section.name, got, line)
			}
		}
	}
	if named*10 > all {
		t.Errorf("%d of %d are named", named, all)
	}
}

func TestBrandsSayNothing(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]bool{"PayPal": true, "paypal": true, "PAYPAL": true, "iPhone": true, "McDonald": true, "ok": true, "Refund": false, "REFUND": false, "refund": false, "": false,
		strings.Repeat("x", 30) + "Y": false} {
		if got := isBrand(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
		var s Scores
		if s.Add(word) == want || want && s != (Scores{}) {
			t.Errorf("%q is counted: %v", word, s)
		}
	}
}
