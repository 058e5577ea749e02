package normalize

import (
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
)

// unbounded is larger than what is measured, so that no bound hides a square.
const unbounded = 1 << 30

// TestReadingATextIsLinear: whatever somebody writes into a plain text. What knows of quotations and signatures is measured
// around them too.
func TestReadingATextIsLinear(t *testing.T) {
	bare := [][2]string{{"", ""}}
	framed := append(bare, [2]string{"hello\n\n", "\nOn 1 Jan 2026, X wrote:\n> q\n"}, [2]string{"Dear Sir,\n", "\nBest regards,\nX"})
	for name, work := range map[string]struct {
		frames [][2]string
		do     func(s string)
	}{
		"body":        {framed, func(s string) { Body(message.Message{Text: s, Subject: "Re: x"}, unbounded) }},
		"forward":     {framed, func(s string) { Body(message.Message{Text: s, Subject: "Fwd: x"}, unbounded) }},
		"core":        {framed, func(s string) { Core(s) }},
		"fingerprint": {bare, func(s string) { Fingerprint(s) }},
		"language":    {bare, func(s string) { Language(s) }},
		"subject":     {bare, func(s string) { Subject(s); ReplyPrefix(s); isForward(s) }},
	} {
		t.Run(name, func(t *testing.T) {
			for _, frame := range work.frames {
				doubling.Text(t, 16<<10, frame[0], frame[1], doubling.Units(), work.do)
			}
		})
	}
}
