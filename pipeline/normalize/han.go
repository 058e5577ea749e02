package normalize

import (
	_ "embed" // the two character tables
	"sync"
)

//go:embed opencc/simplified.txt
var simplifiedOnly string

//go:embed opencc/traditional.txt
var traditionalPairs string

// script tells which of the two Chinese scripts a character belongs to.
type script struct {
	sides      []side            // of the common characters, by rune less firstHan
	simplified map[rune]struct{} // characters of Simplified Chinese alone
	fold       map[rune]rune     // characters of Traditional Chinese alone, with their simplified form
}

// The tables are made at the first use and never change; they come from OpenCC's lists (NOTICE).
var hanScript = sync.OnceValue(func() script {
	s := script{simplified: make(map[rune]struct{}, 4096), fold: make(map[rune]rune, 4096)}
	for _, r := range simplifiedOnly {
		s.simplified[r] = struct{}{}
	}
	var from rune
	for _, r := range traditionalPairs {
		if from == 0 {
			from = r
			continue
		}
		s.fold[from], from = r, 0
	}
	s.sides = make([]side, lastHan-firstHan+1)
	for i := range s.sides {
		s.sides[i] = s.look(firstHan + rune(i))
	}
	return s
})

// side is the script that alone has a character.
type side uint8

const (
	bothSides side = iota
	simplifiedSide
	traditionalSide
)

// The blocks of CJK Extension A (from U+3400) and the Unified Ideographs, which end at U+9FFF.
const firstHan, lastHan = 0x3400, 0x9fff

// commonHan knows nearly all Chinese characters that are in use, without a search in the tables of
// Unicode: the unified ideographs with extension A.
func commonHan(r rune) bool { return r >= 0x4e00 && r <= lastHan || r >= firstHan && r <= 0x4dbf }

// side says which script alone has the character.
func (s *script) side(r rune) side {
	if r >= firstHan && r <= lastHan {
		return s.sides[r-firstHan]
	}
	return s.look(r)
}

// look asks the maps, for the table and for rare characters.
func (s *script) look(r rune) side {
	if _, ok := s.simplified[r]; ok {
		return simplifiedSide
	}
	if _, ok := s.fold[r]; ok {
		return traditionalSide
	}
	return bothSides
}

// chinese tells Simplified from Traditional by the characters that only one of them has.
// A text of shared characters alone counts as Simplified, unless it is Cantonese, and so does one with as many of each.
func chinese(text string) string {
	s := hanScript()
	simplified, traditional, cantonese := 0, 0, 0
	for _, r := range text {
		if r < firstHan {
			continue
		}
		switch s.side(r) {
		case simplifiedSide:
			simplified++
		case traditionalSide:
			traditional++
		default:
			if r <= lastHan && roles[r-firstHan]&fromHongKong != 0 {
				cantonese++
			}
		}
	}
	if traditional > simplified || simplified == 0 && cantonese > 0 {
		return "zh-Hant"
	}
	return "zh-Hans"
}
