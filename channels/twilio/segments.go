package twilio

import (
	"strings"
	"unicode/utf16"

	"frontdesk/channels/internal/parts"
)

// What one SMS carries: GSM-7 septets and UCS-2 code units, alone and as one of several, where a
// header takes 6 octets (3GPP TS 23.040 §9.2.3.24).
const (
	gsmAlone, gsmJoined = 160, 153
	ucsAlone, ucsJoined = 70, 67
)

// maxBody is how many characters Twilio takes in one message (error 21617), counted in UTF-16 code
// units to be on the safe side.
const maxBody = 1600

// The alphabets of 3GPP TS 23.038 §6.2.1 and, behind an escape septet, §6.2.1.1.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑܧ¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtra = "|^€{}[]~\\\f"
)

// septets is how many GSM-7 septets a character takes; 0 when it is not in the alphabet.
func septets(r rune) int {
	switch {
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtra, r):
		return 2
	}
	return 0
}

// gauge counts the segments of a growing text in both encodings.
// unicode never goes back to false. Which encoding a text needs is known at its end only, so both are counted.
type gauge struct {
	// units are UTF-16 code units, for maxBody.
	gsm, ucs tally
	unicode  bool // a character outside GSM-7 was seen
	units    int
}

// tally counts segments of one encoding. What belongs together, an escape and its character or the
// halves of a surrogate pair, is never divided.
// Capacities are in septets or code units, as total and used are.
type tally struct {
	alone, joined int // capacities
	total         int
	segments      int // as one of several
	used          int // of the last one
}

// newGauge begins with an empty text.
func newGauge() *gauge {
	return &gauge{gsm: tally{alone: gsmAlone, joined: gsmJoined}, ucs: tally{alone: ucsAlone, joined: ucsJoined}}
}

// add takes a character of n units in: it goes into the last segment where it fits whole.
func (t *tally) add(n int) {
	t.total += n
	if t.segments == 0 || t.used+n > t.joined {
		t.segments++
		t.used = 0
	}
	t.used += n
}

// count is how many segments there are: one where everything fits without the header of joined ones.
func (t *tally) count() int {
	if t.total > 0 && t.total <= t.alone {
		return 1
	}
	return t.segments
}

// add counts a character in both encodings, since a later one decides which of them is used.
func (g *gauge) add(r rune) {
	n := utf16.RuneLen(r)
	g.units += n
	g.ucs.add(n)
	if s := septets(r); s > 0 {
		g.gsm.add(s)
	} else {
		g.unicode = true
	}
}

// segments are those of the encoding that the text needs: one character outside GSM-7 makes all of it UCS-2.
func (g *gauge) segments() int {
	if g.unicode {
		return g.ucs.count()
	}
	return g.gsm.count()
}

// split cuts a text into messages of at most limitSegments segments and 1600 characters each, between
// whole characters as a reader sees them, behind a word or sentence where one ends late enough. A
// limit of 0 leaves only the 1600 characters.
// Twilio bills each segment. The cost is linear in the text, times the alphabet's 137 characters.
func split(text string, limitSegments int) []string {
	return parts.Split(text, func() parts.Meter {
		g := newGauge()
		return func(r rune) bool {
			g.add(r)
			return g.units <= maxBody && (limitSegments <= 0 || g.segments() <= limitSegments)
		}
	})
}
