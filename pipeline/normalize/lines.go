package normalize

import (
	"frontdesk/pipeline/normalize/device"
	"slices"
	"strings"
	"unicode"
)

// kind says what one line of a mail is. The letters make the whole mail readable as one word.
type kind byte

const (
	blank     kind = 'e' // nothing
	text      kind = 't' // words
	quoted    kind = 'q' // "> words"
	label     kind = 'h' // "From: …": only a candidate until headers() has seen its neighbours
	header    kind = 'H' // a label inside a block of at least three
	wrote     kind = 'w' // "On Monday X wrote:"
	original  kind = 'o' // "-----Original Message-----"
	forwarded kind = 'f' // "---------- Forwarded message"
	rule      kind = 'd' // "----------", "*****"
	dash      kind = '-' // "-- ", the signature separator of RFC 3676 §4.3
	signature kind = 's' // "Sent from my iPhone"
)

// line is one line of the text, without its line end.
type line struct {
	// s is without its line end and without white space behind; label is 0 where the kind is another.
	start, end int // offsets into the text; end is after the line end
	s          string
	kind       kind
	label      labelKind
}

// Bounds of what is looked at; longer lines are words.
const (
	maxLabel  = 48  // bytes before the colon of a header label
	maxWrote  = 480 // bytes of a joined "X wrote:" line
	wroteSpan = 5   // lines over which it may be folded
)

// scan splits s into lines and says of each what it is. Lines at or after quoteAt are quoted.
// The four passes behind the first need their neighbours; each is linear. Their order matters: introductions end header runs, and bars count
// only below an introduction.
func scan(s string, quoteAt int) []line {
	lines := make([]line, 0, strings.Count(s, "\n")+1)
	for at := 0; at < len(s); {
		end := strings.IndexByte(s[at:], '\n')
		if end < 0 {
			end = len(s)
		} else {
			end += at + 1
		}
		l := line{start: at, end: end, s: strings.TrimRight(s[at:end], " \t\n\u00a0\u3000\u200e\u200f\u202c")}
		l.kind, l.label = identify(l.s)
		inside := at >= quoteAt || len(l.s) > 0 && l.kind == forwarded && strings.TrimLeft(l.s, " \t")[0] == '>'
		if at >= quoteAt && l.kind != blank && l.kind != forwarded || l.kind == forwarded && inside && afterQuote(lines) {
			l.kind = quoted
		}
		lines = append(lines, l)
		at = end
	}
	findWrote(lines)
	findBars(lines)
	findHeaders(lines)
	findLazyQuotes(lines)
	return lines
}

// afterQuote reports whether the last line that says something is quoted: a forwarded mail below
// it is part of the history.
func afterQuote(lines []line) bool {
	for _, line := range slices.Backward(lines) {
		if line.kind != blank {
			return line.kind == quoted
		}
	}
	return false
}

// identify looks at one line alone.
func identify(s string) (kind, labelKind) {
	t := strings.TrimLeftFunc(s, unicode.IsSpace)
	switch {
	case t == "" || t == "\u1427": // the mark that Streak leaves
		return blank, 0
	case isForwardMark(strings.TrimLeft(t, "> ")):
		return forwarded, 0
	case t[0] == '>' || strings.HasPrefix(t, "＞"):
		return quoted, 0
	case isSignatureDash(t):
		return dash, 0
	case isRule(t):
		return rule, 0
	case isOriginalMark(t):
		return original, 0
	case device.Signature(t):
		return signature, 0
	}
	if k := labelOf(t); k != 0 {
		return label, k
	}
	return text, 0
}

// isSignatureDash accepts "--" and the dashes that word processors make of it.
func isSignatureDash(t string) bool {
	switch t {
	case "--", "- -", "\u2014", "\u2013\u2013", "\u2014\u2014", "\u2014\u2014\u2014\u2014\u2014", "__":
		return true
	}
	return false
}

// isRule reports whether a line holds nothing but a ruler.
func isRule(t string) bool {
	if len(t) < 3 || len(t) > 400 {
		return false
	}
	for i, r := range t {
		if !strings.ContainsRune("-_=*#~+\u2014\u2013\u2500\u2501\u2015 ", r) || i == 0 && r == ' ' {
			return false
		}
	}
	return true
}

// bare strips the rulers, stars and brackets around the words of a mark.
func bare(t string) string {
	return strings.Trim(t, "-_*=~#\u2014\u2013\u2500 \t\u00a0\u3000")
}

// isOriginalMark reports whether the line says that the original message follows. The words
// must stand between rulers: alone they are words.
func isOriginalMark(t string) bool {
	if len(t) > 160 || !mayBeFenced(t) || !fenced(t) {
		return false
	}
	return originalMarks[strings.ToLower(bare(t))]
}

// isForwardMark reports whether the line says that a forwarded message follows.
func isForwardMark(t string) bool {
	if len(t) > 160 || t == "" {
		return false
	}
	announces := strings.HasSuffix(t, ":") || strings.HasSuffix(t, "：")
	between := mayBeFenced(t) && fenced(t)
	if !announces && !between {
		return false
	}
	words := strings.ToLower(strings.TrimRight(bare(t), ":： "))
	return between && forwardMarks[words] || announces && forwardLines[words]
}

// mayBeFenced looks at the first byte, which settles it for nearly every line.
func mayBeFenced(t string) bool {
	switch t[0] {
	case '*', ' ', '-', '_', '=', 0xc2, 0xe2: // of U+00A0, and of U+2014 and U+2500
		return true
	}
	return false
}

// fenced reports whether the line starts and ends with at least two dashes or stars.
func fenced(t string) bool {
	t = strings.Trim(t, "* \u00a0")
	n := len(t) - len(strings.TrimLeft(t, "-_=\u2014\u2500"))
	m := len(t) - len(strings.TrimRight(t, "-_=\u2014\u2500 "))
	return n >= 2 && m >= 2
}

// findHeaders turns runs of at least three different labels, with the sender and a subject or an
// address among them, into header blocks. All other labels are words.
func findHeaders(lines []line) {
	for i := 0; i < len(lines); {
		if lines[i].kind != label {
			i++
			continue
		}
		end, block := headerRun(lines, i)
		for j := i; j < end; j++ {
			switch {
			case block && lines[j].kind != blank:
				lines[j].kind = header
			case lines[j].kind == label:
				lines[j].kind = text
			}
		}
		i = end
	}
}

// headerRun finds the end of the run of labels that starts at i and tells whether it is the
// header of a mail. A blank line or one continuation line may stand between two labels.
// Three labels are the bound: customers write "To: …" and "Subject: …" themselves, hardly three of them with a sender.
func headerRun(lines []line, i int) (end int, block bool) {
	var seen labelKind
	kinds, address := 0, false
	end = i
	for j := i; j < len(lines) && j <= end+2; j++ {
		l := &lines[j]
		if l.kind == label {
			if seen&l.label == 0 {
				kinds++
			}
			seen |= l.label
			end = j + 1
		} else if l.kind != blank && (l.kind != text || j != end) {
			break
		}
		address = address || strings.IndexByte(l.s, '@') >= 0
	}
	return max(end, i+1), kinds >= 3 && seen&labelFrom != 0 && (seen&(labelSubject|labelSent) != 0 || address)
}

// findLazyQuotes marks words between two quoted lines as quoted where they are the tail of a long
// line that a mail program has folded.
func findLazyQuotes(lines []line) {
	for i := 1; i+1 < len(lines); i++ {
		if lines[i].kind == text && lines[i-1].kind == quoted && lines[i+1].kind == quoted &&
			len(lines[i-1].s) >= 60 && len(lines[i].s) <= 60 {
			lines[i].kind = quoted
		}
	}
}
