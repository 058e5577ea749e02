package redact

import (
	"strings"

	"frontdesk/pipeline/redact/fold"
)

// SpeaksOfCard reports whether a text speaks of a payment card, or had the number of one: a picture beside it may show the card, which
// nothing here can mask. It errs on the side of yes, since the answer is a mark for who opens the picture.
func SpeaksOfCard(text string) bool {
	f := fold.Text(text)
	x := scanner{Folded: f, s: f.Text, src: text, spoken: -1}
	x.run()
	if x.last[cardWord] > 0 || x.last[cvvWord] > 0 || x.count[card] > 0 || strings.Contains(text, cardMask) {
		return true
	}
	for _, w := range pictureWords {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// pictureWords say in Chinese that the card is meant that one pays with.
var pictureWords = wordLists.Words("picture")
