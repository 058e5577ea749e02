package words

import (
	_ "embed"
	"strings"
)

//go:embed traditional.txt
var traditional string

// The bounds of what Han takes: CJK Unified Ideographs Extension A, and the block of Unified Ideographs.
const firstHan, lastHan = 0x3400, 0x9fff

// Simplifier gives Traditional characters their Simplified form. It does not change, so that many may use it at a time.
type Simplifier struct {
	simplified []uint16 // by rune less firstHan; 0 keeps the rune
}

// NewSimplifier reads the table of characters.
// It costs a pass over the file and 55 kB, so one is made for each policy that needs it, not for each text.
func NewSimplifier() *Simplifier {
	s := &Simplifier{simplified: make([]uint16, lastHan-firstHan+1)}
	for line := range strings.Lines(traditional) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		pairs := []rune(strings.TrimSpace(line))
		for i := 0; i+1 < len(pairs); i += 2 {
			s.simplified[pairs[i]-firstHan] = uint16(pairs[i+1])
		}
	}
	s.simplified['帐'-firstHan] = '账' // both are in use for the same word
	s.simplified['帳'-firstHan] = '账'
	return s
}

// Simple is the Simplified form of a character that Han takes for a Chinese one.
// Any other character is out of the table's range: ask Han first.
func (s *Simplifier) Simple(r rune) rune {
	if simple := s.simplified[r-firstHan]; simple != 0 {
		return rune(simple)
	}
	return r
}
