package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Progress shows how far a long command is: one line that is written over on a terminal, a plain line now and then
// elsewhere, nothing where the output is for machines. It is for one goroutine. It writes to standard error, so that
// a result can be redirected.
type Progress struct {
	w        io.Writer
	terminal bool
	what     string
	began    time.Time
	last     time.Time
	shown    bool
}

// Beats of the display: five a second look smooth; a line each ten seconds does not fill the log of a cron job.
const (
	progressTerminal = 200 * time.Millisecond
	progressPlain    = 10 * time.Second
)

// NewProgress begins at once. quiet shows nothing.
func NewProgress(w io.Writer, what string, quiet bool, now time.Time) *Progress {
	if quiet {
		w = io.Discard
	}
	return &Progress{w: w, terminal: IsTerminal(w), what: what, began: now, last: now}
}

// IsTerminal reports whether somebody sits at the other end of a stream. The null device is a character
// device as well, and nobody sits there.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// At tells of part out of whole, in whatever unit, and of how many items that were.
func (p *Progress) At(part, whole int64, items int, now time.Time) {
	beat := progressPlain
	if p.terminal {
		beat = progressTerminal
	}
	if now.Sub(p.last) < beat {
		return
	}
	p.last = now
	p.show(p.words(part, whole, items, now))
}

// words are the line: share, items, rate, and the time left if it goes on as it went on average. whole 0 means that
// the size is not known.
func (p *Progress) words(part, whole int64, items int, now time.Time) string {
	took := now.Sub(p.began)
	rate := float64(items) / max(took.Seconds(), 0.001)
	if whole <= 0 {
		return fmt.Sprintf("%s: %d, %.0f/s", p.what, items, rate)
	}
	share := min(float64(part)/float64(whole), 1)
	left := "?"
	if share > 0.001 {
		left = (time.Duration(float64(took)*(1-share)/share) + 500*time.Millisecond).Truncate(time.Second).String()
	}
	bar := ""
	if p.terminal {
		const width = 24
		full := int(share * width)
		bar = " [" + strings.Repeat("=", full) + strings.Repeat(" ", width-full) + "]"
	}
	return fmt.Sprintf("%s:%s %3.0f %%, %d, %.0f/s, %s left", p.what, bar, share*100, items, rate, left)
}

func (p *Progress) show(line string) {
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%s", line)
		p.shown = true
		return
	}
	fmt.Fprintln(p.w, line)
}

// Clear takes the line off the terminal, before something else is written there.
func (p *Progress) Clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
