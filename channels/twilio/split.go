package twilio

import (
	"frontdesk/channels/internal/parts"
	"frontdesk/internal/segments"
)

// maxBody is how many characters Twilio takes in one message (error 21617), counted in UTF-16 code
// units to be on the safe side.
const maxBody = 1600

// split cuts a text into messages of at most limitSegments segments and 1600 characters each, between
// whole characters as a reader sees them, behind a word or sentence where one ends late enough. A
// limit of 0 leaves only the 1600 characters.
// Twilio bills each segment. The cost is linear in the text.
func split(text string, limitSegments int) []string {
	return parts.Split(text, func() parts.Meter {
		g := segments.NewGauge()
		return func(r rune) bool {
			g.Add(r)
			return g.Units() <= maxBody && (limitSegments <= 0 || g.Segments() <= limitSegments)
		}
	})
}
