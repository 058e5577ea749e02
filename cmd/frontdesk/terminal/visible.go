// Package terminal is how commands speak to people: what strangers wrote made harmless, tables, times, and how far a long command is.
package terminal

import (
	"io"
	"strings"
	"unicode"
)

// Visible is a text as it may go to somebody's terminal: what a stranger wrote must not move the cursor, turn lines round
// or speak to the terminal (ECMA-48; UAX #9). Control characters are shown as U+FFFD, marks of direction are left out.
// JSON needs none of it: encoding/json escapes control characters, though not marks of direction.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return unicode.ReplacementChar
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

// Visibly writes to w what is visible. Each Write must hold whole characters, as those of fmt do.
func Visibly(w io.Writer) io.Writer { return visibly{w} }

// visibly passes on a writer's bytes through Visible.
type visibly struct{ to io.Writer }

func (v visibly) Write(p []byte) (int, error) {
	if _, err := io.WriteString(v.to, Visible(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
