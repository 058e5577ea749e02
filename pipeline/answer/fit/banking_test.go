package fit

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"frontdesk/pipeline/classify/classifytest"
)

// TestBanking77: each of the 77 intents is a question with ten variants, three draws of them; what is left of the training part asks.
// Nothing is known of categories here.
func TestBanking77(t *testing.T) {
	rows := classifytest.Banking77(t)
	var first, third, ranks, asked float64
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 77))
		random.Shuffle(len(rows)-1, func(a, b int) { rows[a+1], rows[b+1] = rows[b+1], rows[a+1] })
		places := map[string]int{}
		var entries []Entry
		var left [][]string
		for _, row := range rows[1:] {
			place, known := places[row[1]]
			if !known {
				place = len(entries)
				places[row[1]] = place
				title := strings.ReplaceAll(row[1], "_", " ")
				entries = append(entries, Entry{Key: row[1], Category: row[1], Texts: map[string]*Text{"en": {title, "answer"}}})
			}
			if len(entries[place].Variants) < 10 {
				entries[place].Variants = append(entries[place].Variants, row[0])
			} else if len(left) < 1500 {
				left = append(left, row)
			}
		}
		b := book(t, entries, nil)
		for _, row := range left {
			asked++
			found := b.ranked(Asked{Text: row[0]}, 10, false)
			at := slices.IndexFunc(found, func(m Match) bool { return m.Entry.Key == row[1] })
			if at < 0 {
				continue
			}
			ranks += 1 / float64(at+1)
			if at == 0 {
				first++
			}
			if at < 3 {
				third++
			}
		}
	}
	t.Logf("of %.0f questions: best %.3f, among three %.3f, mean reciprocal rank %.3f", asked, first/asked, third/asked, ranks/asked)
	if third/asked < .88 || ranks/asked < .805 {
		t.Error("this is less than was reached")
	}
}
