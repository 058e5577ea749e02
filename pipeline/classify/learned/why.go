package learned

import (
	"cmp"
	"slices"
	"strings"

	"frontdesk/pipeline/words"
)

// Reason is a word of a message, and what it is worth for a category against the mean of all categories.
type Reason struct {
	Text   string
	Weight float64
}

// maxReasons is how many words are told.
const maxReasons = 6

// Why tells the words of a message that speak most for a category or against it, by the linear model; the networks
// have no words of their own. None where the model does not know the category. The first words are tried, each once, by
// what the beginning of the message would be worth without it.
func (m *Model) Why(subject, text, category string) []Reason {
	class := slices.Index(m.header.Classes, category)
	if class < 0 {
		return nil
	}
	all := parts(m.folder.Fold(subject[:min(len(subject), maxText)] + "\n\n" + text[:min(len(text), maxText)]))
	all = all[:min(len(all), maxWords)]
	base := m.score(strings.Join(all, " "), class)
	var out []Reason
	tried := map[string]bool{}
	for _, word := range all {
		if tried[word] {
			continue
		}
		tried[word] = true
		without := slices.DeleteFunc(slices.Clone(all), func(p string) bool { return p == word })
		if weight := base - m.score(strings.Join(without, " "), class); weight != 0 {
			out = append(out, Reason{word, weight})
		}
	}
	slices.SortStableFunc(out, func(a, b Reason) int { return cmp.Compare(max(b.Weight, -b.Weight), max(a.Weight, -a.Weight)) })
	return out[:min(len(out), maxReasons)]
}

// maxWords is how many words of a message are tried: each costs as much as all of them.
const maxWords = 64

// score is the linear model's for one category, less the mean of all.
func (m *Model) score(text string, class int) float64 {
	s := m.pool.Get().(*state)
	defer m.pool.Put(s)
	v := s.weigher.Weigh(s.reader.Read("", text))
	sums := make([]float64, len(m.bias))
	mean := 0.0
	for c := range sums {
		sums[c] = float64(m.bias[c])
		for k, f := range v.Index {
			sums[c] += float64(v.Value[k] * m.line[int(f)*len(sums)+c])
		}
		mean += sums[c] / float64(len(sums))
	}
	return sums[class] - mean
}

// parts are the words of a folded text; Chinese ones are pairs of characters.
func parts(folded string) []string {
	var out []string
	for word := range strings.FieldsSeq(folded) {
		letters := []rune(word)
		from := 0
		for i := 0; i <= len(letters); i++ {
			if i == len(letters) || words.Han(letters[i]) != words.Han(letters[from]) {
				out = appendPart(out, letters[from:i])
				from = i
			}
		}
	}
	return out
}

func appendPart(out []string, letters []rune) []string {
	if len(letters) == 0 {
		return out
	}
	if !words.Han(letters[0]) {
		return append(out, string(letters))
	}
	for i := 0; i < len(letters); i += 2 {
		out = append(out, string(letters[i:min(i+2, len(letters))]))
	}
	return out
}
