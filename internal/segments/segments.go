// Package segments counts what a text costs as SMS: the septets of GSM-7 or the code units of UCS-2, and the segments that they fill.
// Whoever writes texts and whoever sends them count here, so that both know the same alphabet.
package segments

import (
	"strings"
	"unicode/utf16"
)

// What one SMS carries: GSM-7 septets and UCS-2 code units, alone and as one of several, where a
// header takes 6 octets (3GPP TS 23.040 §9.2.3.24).
const (
	gsmAlone, gsmJoined = 160, 153
	ucsAlone, ucsJoined = 70, 67
)

// The alphabets of 3GPP TS 23.038 §6.2.1, without the escape that stands at 0x1b, and, behind that escape, §6.2.1.1.
// Characters that look strange in an editor are written as they are: a test walks all 128 codes.
const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// septets is how many GSM-7 septets a character takes; 0 when it is not in the alphabet.
func septets(r rune) int {
	switch {
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extension, r):
		return 2
	}
	return 0
}

// Gauge counts the segments of a growing text in both encodings.
// The zero Gauge is not ready; NewGauge makes one.
type Gauge struct {
	gsm, ucs tally
	unicode  bool // a character outside GSM-7 was seen; it never goes back to false
	units    int  // UTF-16 code units
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

// NewGauge begins with an empty text.
func NewGauge() *Gauge {
	return &Gauge{gsm: tally{alone: gsmAlone, joined: gsmJoined}, ucs: tally{alone: ucsAlone, joined: ucsJoined}}
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

// Add counts a character in both encodings, since a later one decides which of them is used.
// The cost is linear in the alphabet's 137 characters.
func (g *Gauge) Add(r rune) {
	n := max(1, utf16.RuneLen(r)) // what is no character travels as U+FFFD
	g.units += n
	g.ucs.add(n)
	if s := septets(r); s > 0 {
		g.gsm.add(s)
	} else {
		g.unicode = true
	}
}

// Units is the length so far in UTF-16 code units, whichever encoding the text needs.
func (g *Gauge) Units() int { return g.units }

// Segments are those of the encoding that the text needs. No text has none.
func (g *Gauge) Segments() int {
	if g.unicode {
		return g.ucs.count()
	}
	return g.gsm.count()
}

// Left is how many more septets or code units the last segment has room for, in the encoding that the text needs so far. Characters of one
// unit are meant: two of them make room for one that takes two.
func (g *Gauge) Left() int {
	t := g.gsm
	if g.unicode {
		t = g.ucs
	}
	if t.total <= t.alone {
		return t.alone - t.total
	}
	return t.joined - t.used
}

// Count is how many segments a whole text has.
func Count(text string) int {
	g := NewGauge()
	for _, r := range text {
		g.Add(r)
	}
	return g.Segments()
}
