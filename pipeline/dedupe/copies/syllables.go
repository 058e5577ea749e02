package copies

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

//go:embed syllables.txt
var syllablesText string

// The characters that the table knows.
const firstHan, lastHan = 0x4E00, 0x9FFF

// syllables holds the loose syllable of each character, numbered from 1; 0 is none.
// Slips of a Chinese input method are homophones, and people mix up the initials and finals that their own dialect does not part.
var syllables = readSyllables(syllablesText)

// readSyllables reads lines of a syllable and its characters. It goes through the table once, at start: well below a millisecond.
func readSyllables(text string) *[lastHan - firstHan + 1]uint16 {
	out := new([lastHan - firstHan + 1]uint16)
	numbers := map[string]uint16{}
	for line := range strings.Lines(text) {
		syllable, characters, _ := strings.Cut(strings.TrimSpace(line), " ")
		if syllable == "" || syllable == "#" {
			continue
		}
		key := loose(syllable)
		if numbers[key] == 0 {
			numbers[key] = uint16(len(numbers) + 1)
		}
		for _, r := range characters {
			if r >= firstHan && r <= lastHan {
				out[r-firstHan] = numbers[key]
			}
		}
	}
	return out
}

// loose makes one of syllables that many do not tell apart: zh and z, ch and c, sh and s, n and l at the beginning, ng and n at the end.
func loose(syllable string) string {
	if len(syllable) > 2 && syllable[1] == 'h' && strings.IndexByte("zcs", syllable[0]) >= 0 {
		syllable = syllable[:1] + syllable[2:]
	}
	if len(syllable) > 2 {
		if cut, ok := strings.CutSuffix(syllable, "ng"); ok {
			syllable = cut + "n"
		}
	}
	if len(syllable) > 1 && syllable[0] == 'n' {
		syllable = "l" + syllable[1:]
	}
	return syllable
}

// sound is how a character of the Han stream is compared: by its syllable, one without a syllable by itself.
func sound(r rune) uint32 {
	if r >= firstHan && r <= lastHan {
		if s := syllables[r-firstHan]; s != 0 {
			return utf8.MaxRune + uint32(s)
		}
	}
	return uint32(r)
}
