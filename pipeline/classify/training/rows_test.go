package training

import (
	"testing"

	"frontdesk/pipeline/classify/learned"
)

// TestWhereThereIsNoRoomPiecesOfWordsGoFirst: of features that are equally rare a piece of a word is left out before a Chinese pair, and what came last before what
// came first; their order stays.
func TestWhereThereIsNoRoomPiecesOfWordsGoFirst(t *testing.T) {
	entry := func(hash uint32, block learned.Block, weight float32) learned.Entry {
		return learned.Entry{Feature: learned.Feature{Hash: hash, Block: block}, Weight: weight}
	}
	all := []learned.Entry{entry(1, learned.Pieces, 5), entry(2, learned.Han, 5), entry(3, learned.Pieces, 2), entry(4, learned.Words, 5), entry(5, learned.Han, 9), entry(6, learned.Words, 5)}
	for most, want := range map[int][]uint32{6: {1, 2, 3, 4, 5, 6}, 5: {1, 2, 3, 4, 6}, 4: {2, 3, 4, 6}, 3: {2, 3, 4}, 1: {3}, 0: {}} {
		got := frequent(append([]learned.Entry(nil), all...), most)
		same := len(got) == len(want)
		for i := range want {
			same = same && got[i].Hash == want[i]
		}
		if !same {
			t.Errorf("room for %d: %v, want %v", most, got, want)
		}
	}
}

// TestTheSurestAreBelieved: the surest share of the messages without a label becomes examples of what they are taken for; the others of nothing.
func TestTheSurestAreBelieved(t *testing.T) {
	s := &school{labelled: 1, targets: make([]target, 5), r: recipe{believed: .5}}
	s.targets[0] = target{2, 1}
	s.take([][]float32{{.9, .1, 0}, {.3, .4, .3}, {.2, .1, .7}, {.5, .5, 0}}, .5)
	want := []target{{2, 1}, {0, .45}, {}, {2, .35}, {}}
	for i, w := range want {
		if got := s.targets[i]; got.class != w.class || got.weight < w.weight-1e-6 || got.weight > w.weight+1e-6 {
			t.Errorf("message %d: %+v, want %+v", i, got, w)
		}
	}
}
