package normalize

import (
	"strings"
	"unicode/utf8"
)

// barred reports whether a line begins with a bar, with which some programs mark what they quote.
func barred(s string) bool { return strings.HasPrefix(strings.TrimLeft(s, " \t"), "|") }

// findBars marks the barred lines below an introduction as quoted. Anywhere else bars draw a table, which is words.
func findBars(lines []line) {
	for i := range lines {
		if lines[i].kind != wrote || i+1 < len(lines) && lines[i+1].kind == wrote {
			continue
		}
		for j := i + 1; j < len(lines) && (lines[j].kind == blank || barred(lines[j].s)); j++ {
			if lines[j].kind != blank {
				lines[j].kind = quoted
			}
		}
	}
}

// Bounds of a card below a text.
const (
	maxCard     = 24 // lines
	maxCardCell = 60 // runes of a line in it
)

// card returns where the card begins that NetEase Mail Master puts below a text; end where there is none above end.
// It is a table that was written as text: its bars stand on lines of their own, and between them the lines of a
// visiting card. A table of the customer has its cells between bars.
// It needs two bars at least, and words of the customer's above.
func (c *cutter) card(end int) int {
	if end <= c.from || !isBar(c.lines[end-1].s) {
		return end
	}
	top, bars, words := end, 0, 0
	for i := end - 1; i >= max(c.from, end-maxCard); i-- {
		s := c.lines[i].s
		switch {
		case isBar(s):
			top, bars = i, bars+1
			continue
		case c.lines[i].kind == blank || barred(s) || utf8.RuneCountInString(s) > maxCardCell:
		case top-i <= maxCellLines:
			words++
			continue
		}
		break
	}
	if bars < 2 || words == 0 || !c.written(c.from, top) {
		return end
	}
	return top
}

// maxCellLines is how many lines a cell of a card has.
const maxCellLines = 3

// isBar reports whether a line consists of bars.
func isBar(s string) bool {
	return strings.IndexByte(s, '|') >= 0 && strings.Trim(s, "| \t\u00a0") == ""
}
