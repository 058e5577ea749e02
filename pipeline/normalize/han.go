package normalize

import (
	_ "embed" // the two character tables
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed opencc/simplified.txt
var simplifiedOnly string

//go:embed opencc/traditional.txt
var traditionalPairs string

// script tells which of the two Chinese scripts a character belongs to.
type script struct {
	simplified map[rune]struct{} // characters of Simplified Chinese alone
	fold       map[rune]rune     // characters of Traditional Chinese alone, with their simplified form
}

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
	return s
})

// Simplified folds Traditional Chinese characters into their simplified forms, one by one, so that
// both scripts meet the same rules. All other text is returned as it is.
func Simplified(text string) string {
	fold := hanScript().fold
	for i, r := range text {
		if r < 0x3400 {
			continue
		}
		if _, ok := fold[r]; ok {
			return text[:i] + strings.Map(func(r rune) rune {
				if to, ok := fold[r]; ok {
					return to
				}
				return r
			}, text[i:])
		}
	}
	return text
}

// chinese tells Simplified from Traditional by the characters that only one of them has.
func chinese(text string) string {
	s := hanScript()
	simplified, traditional := 0, 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		if r < 0x3400 {
			continue
		}
		if _, ok := s.simplified[r]; ok {
			simplified++
		} else if _, ok := s.fold[r]; ok {
			traditional++
		}
	}
	if traditional > simplified {
		return "zh-Hant"
	}
	return "zh-Hans"
}
