package training

import (
	"slices"
	"testing"

	"frontdesk/pipeline/classify/learned"
)

func TestTheLabelsThatWouldTeachMost(t *testing.T) {
	r, err := Train(t.Context(), invented(40, 6, 1), nil, Options{Name: "x", Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	m, err := learned.New(r.Parts)
	if err != nil {
		t.Fatal(err)
	}
	doubtful := []Example{{Text: "refund locked"}, {Text: "退款 冻结"}, {Text: "not arrived suspended"}}
	others := slices.Concat(invented(30, 6, 8), doubtful, doubtful, doubtful) // the same words again teach nothing
	got := Suggest(m, others, 4)
	if len(got) != 4 {
		t.Fatalf("four are wanted, %d given", len(got))
	}
	texts := map[string]int{}
	for i, s := range got {
		texts[s.Text]++
		if s.Guess == s.Second || s.Margin < 0 || s.Margin > 1 || i > 0 && s.Margin < got[i-1].Margin {
			t.Errorf("suggestion %d: %+v", i, s)
		}
	}
	for _, e := range doubtful {
		if texts[e.Text] > 1 {
			t.Errorf("%q is given %d times", e.Text, texts[e.Text])
		}
	}
	if texts["refund locked"]+texts["退款 冻结"]+texts["not arrived suspended"] < 2 {
		t.Errorf("of what speaks for two categories nearly nothing is given: %+v", got)
	}
	if got := Suggest(m, doubtful[:1], 5); len(got) != 1 {
		t.Errorf("of one message %d are given", len(got))
	}
	if got := Suggest(m, nil, 5); len(got) != 0 {
		t.Errorf("of none %d are given", len(got))
	}
}
