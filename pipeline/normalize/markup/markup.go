// Package markup reads the HTML of a mail as text, in one pass and with a stack of its own, and notes what markup says of it:
// where the quoted history begins, and where a signature does. It bounds its work on hostile markup.
package markup

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"frontdesk/pipeline/normalize/tidy"
)

// Page is the readable text of an HTML body.
type Page struct {
	// Text is UTF-8 with line ends "\n"; Truncated says that markup was left out at the end, for its size or that of the text.
	Text      string
	QuoteAt   int // offset of the quoted history that markup points out; len(Text) without one
	SignAt    int // offset of the signature that it points out above that; QuoteAt without one
	Truncated bool
}

// Limits of the walk. They bound the work on hostile input; no honest mail comes near them.
const (
	maxDepth  = 4096     // open elements that are remembered
	maxMarkup = 16 << 20 // bytes of HTML that are read at all
	maxQuote  = 10       // depth of "> " prefixes
	maxToken  = 1 << 20  // bytes of one tag, comment or text
	maxScan   = 32       // open elements that an inline end tag looks through
	maxURL    = 1024     // longer link targets are left out
)

// element is one open element.
type element struct {
	// href is the target of a link, as far as a person could open it; empty for other elements.
	// at is only looked at where href is set.
	tag    tag
	hidden bool // its text is not shown
	marker bool // it holds quoted history
	signed bool // it holds a signature
	href   string
	at     int // offset of the output where a link's text starts
}

// walker turns tags and texts into text. It keeps a stack of open elements of its own, because
// html.Parse refuses deep mails and costs several times as much.
//
// A marked region counts as history only when nothing follows it (toEnd and endMarks are the exceptions): people answer below quotations.
// So quoteAt and signAt are taken back as soon as words come that belong to neither.
type walker struct {
	// out is the text so far, limit the most of it.
	out   []byte
	limit int
	// showHidden ignores styles that hide text.
	showHidden bool

	// stack has the innermost element last. It begins empty: what a mail writes outside of <body> counts as well.
	stack []element
	open  [tagCount]int // open elements by tag

	hidden, quotes, markers, pre int // how many open elements are of that sort
	inHead                       bool
	lineStart                    bool // nothing is written on this line
	space                        bool // white space is owed before the next word
	blanks                       int  // empty lines at the end of the output
	quoteAt                      int  // where the last marked region starts; -1 without one
	toEnd                        bool // the region reaches to the end by its nature
	signatures                   int  // open elements that hold a signature
	signAt                       int  // where the last of them above the history starts; -1 without one
}

// Text returns at most limit bytes of text. Where everything is hidden, the hidden text is
// better than none: a style that was never closed must not lose a customer's words.
// It does not fail. Cost is linear in src up to maxMarkup; the second reading is made only where the first one shows nothing.
func Text(src string, limit int) Page {
	src, cut := tidy.Text(src, maxMarkup)
	p := walk(src, limit, false)
	if strings.TrimSpace(p.Text) == "" {
		p = walk(src, limit, true)
	}
	p.Truncated = p.Truncated || cut
	return p
}

// walk reads the markup once.
func walk(src string, limit int, showHidden bool) Page {
	return walkOn(newReader(src), limit, showHidden)
}

// walkOn lets the reader hand everything over and settles where the regions begin.
func walkOn(r *reader, limit int, showHidden bool) Page {
	w := walker{limit: limit, showHidden: showHidden, lineStart: true, quoteAt: -1, signAt: -1, out: make([]byte, 0, min(len(r.src)/2, limit)+64)}
	for len(w.out) <= limit && r.next(&w) {
	}
	text := tidy.Clip(string(w.out), limit)
	p := Page{Text: text, QuoteAt: len(text), Truncated: len(text) < len(w.out)}
	if w.quoteAt >= 0 {
		p.QuoteAt = min(w.quoteAt, len(text))
	}
	if p.SignAt = p.QuoteAt; w.signAt >= 0 {
		p.SignAt = min(w.signAt, p.QuoteAt)
	}
	return p
}

// text takes what stands between two tags.
func (w *walker) text(s string) {
	if w.hidden == 0 && !w.inHead {
		w.words(html.UnescapeString(s))
	}
}

// start takes a start tag. What lies in <head> is never shown.
// A signature below the history belongs to it, so it counts as more of it (marker).
func (w *walker) start(t tag, a *attributes) {
	if t == tagHead {
		w.inHead = true
		return
	}
	if w.inHead && endsHead(t) {
		w.inHead = false
	}
	if t == tagNone {
		return
	}
	w.layout(t, a)
	if !t.void() {
		w.push(element{tag: t, hidden: t.silent() || !w.showHidden && a.hidden(), marker: a.quote(t) || w.quoteAt >= 0 && a.signature(), signed: w.quoteAt < 0 && a.signature(), href: a.href, at: len(w.out)}, a)
	}
}

// layout writes the line ends, tabs and prefixes that a start tag stands for.
// A line is ended only if something stands on it (fresh), so that nested blocks make no empty lines.
func (w *walker) layout(t tag, a *attributes) {
	if w.hidden > 0 {
		return
	}
	switch {
	case t == tagBr:
		w.newline()
	case t == tagHr:
		w.fresh()
		w.words("----")
		w.newline()
	case t == tagTd:
		if !w.lineStart {
			w.raw("\t")
			w.space = false
		}
	case t == tagImg:
		w.picture(a.alt)
	case t.block():
		w.fresh()
	}
	if t == tagLi {
		w.raw("- ")
	}
}

// picture writes the alternative text of an emoji; other alternative texts are file names and slogans.
func (w *walker) picture(alt string) {
	if alt == "" || len(alt) > 32 {
		return
	}
	for i := 0; i < len(alt); i++ {
		if alt[i] < 0x80 {
			return
		}
	}
	w.words(alt)
}

// push opens an element. A block closes an open paragraph, as browsers do it. Beyond maxDepth elements are no longer remembered; their text is
// still shown.
func (w *walker) push(e element, a *attributes) {
	if e.tag.block() && w.open[tagP] > 0 && len(w.stack) > 0 && w.stack[len(w.stack)-1].tag == tagP {
		w.pop()
	}
	if len(w.stack) >= maxDepth {
		return
	}
	if e.marker && w.hidden == 0 {
		w.enterQuote(a.toEnd())
	}
	if e.signed && w.hidden == 0 {
		w.fresh()
		if w.signAt < 0 {
			w.signAt = len(w.out)
		}
	}
	w.stack = append(w.stack, e)
	w.open[e.tag]++
	w.count(e, 1)
}

// count keeps the numbers of open elements of each sort, so that no question has to look through the stack.
func (w *walker) count(e element, n int) {
	if e.hidden {
		w.hidden += n
	}
	if e.marker {
		w.markers += n
	}
	if e.signed {
		w.signatures += n
	}
	if e.tag == tagBlockquote {
		w.quotes += n
	}
	if e.tag == tagPre {
		w.pre += n
	}
}

// enterQuote notes where quoted history starts. A region that follows another one without words
// between them belongs to it.
// The first start counts: two answers that were quoted one after the other are one history.
func (w *walker) enterQuote(toEnd bool) {
	w.fresh()
	if w.quoteAt < 0 {
		w.quoteAt = len(w.out)
	}
	w.toEnd = w.toEnd || toEnd
}

// end takes an end tag. One that fits nothing open is ignored; a block's closes all that was left open inside of it.
func (w *walker) end(t tag) {
	if t == tagHead {
		w.inHead = false
		return
	}
	if t == tagNone || w.open[t] == 0 {
		return
	}
	if !t.block() && !w.reachable(t) {
		return
	}
	for w.open[t] > 0 {
		if w.pop() == t {
			return
		}
	}
}

// reachable reports whether an inline element can be closed without closing a block.
// Without it a stray </b> would close a table cell, as old programs leave them. The bound keeps closings of nothing linear.
func (w *walker) reachable(t tag) bool {
	for i := len(w.stack) - 1; i >= 0 && i >= len(w.stack)-maxScan; i-- {
		if w.stack[i].tag == t {
			return true
		}
		if w.stack[i].tag.block() {
			return false
		}
	}
	return false
}

// pop closes the innermost element and says which it was.
func (w *walker) pop() tag {
	e := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	w.open[e.tag]--
	if w.hidden == 0 {
		if e.href != "" {
			w.link(e)
		}
		if e.tag.block() && e.tag != tagTd {
			w.fresh()
		}
	}
	w.count(e, -1)
	return e.tag
}

// link writes the target behind the text of a link, where the text does not say it already.
// A phishing link says one address and leads to another: the agent shall see the real one. A text that names its target is left alone.
func (w *walker) link(e element) {
	if e.at > len(w.out) {
		return
	}
	if len(w.out)-e.at > 8*maxURL {
		return // thousands of links may hold each other: no one may look through all that stands in it
	}
	text := bytes.TrimSpace(w.out[e.at:])
	bare := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(e.href, "https://"), "http://"), "/")
	if len(text) == 0 || bare == "" || len(text) > 4*maxURL || bytes.Contains(text, []byte(bare)) {
		return
	}
	w.space = false
	w.raw(" <" + e.href + ">")
}

// words writes text with its white space folded, or as it stands inside <pre>.
func (w *walker) words(b string) {
	for len(b) > 0 && len(w.out) <= w.limit {
		i, hides := wordEnd(b)
		if i == 0 {
			w.blank(b[0])
			b = b[1:]
			continue
		}
		w.word(b[:i], hides)
		b = b[i:]
	}
}

// wordEnd is where the white space of HTML begins, or the end. hides says that the word may hold
// characters that tidy removes.
func wordEnd(b string) (end int, hides bool) {
	for i := range len(b) {
		switch htmlBytes[b[i]] {
		case blankByte:
			return i, hides
		case hidingByte:
			hides = true
		}
	}
	return len(b), hides
}

// htmlBytes are the bytes that words looks for.
var htmlBytes = [256]uint8{' ': blankByte, '\t': blankByte, '\n': blankByte, '\r': blankByte, '\f': blankByte,
	0: hidingByte, 0xc2: hidingByte, 0xcd: hidingByte, 0xe2: hidingByte, 0xef: hidingByte}

// The two sorts of byte in it.
const blankByte, hidingByte = 1, 2

// blank takes one white space: outside of <pre> it is owed as one space, if words follow.
func (w *walker) blank(c byte) {
	switch {
	case w.pre == 0:
		w.space = !w.lineStart
	case c == '\n':
		w.newline()
	case c != '\r':
		w.raw(string(c))
	}
}

// word writes one word, with the space owed before it.
// It is the one place at which a region ends to be the last one: only words can follow it, no layout.
func (w *walker) word(b string, hides bool) {
	if w.markers == 0 && w.quoteAt >= 0 && !w.toEnd && !invisible(b) {
		w.quoteAt = -1 // words follow: what was marked is not the end of the mail
	}
	if w.signAt >= 0 && w.signatures == 0 && w.quoteAt < 0 && !invisible(b) {
		w.signAt = -1 // words follow: it was not the end of what was written
	}
	if w.space && !w.lineStart {
		w.out = append(w.out, ' ')
	}
	w.space = false
	w.prefix()
	if hides {
		b = tidy.Marks(b) // written as character references
	}
	w.out = append(w.out, b...)
}

// invisible reports whether a word is only no-break spaces and zero-width characters.
func invisible(b string) bool {
	return strings.Trim(b, " \u00a0\u200b\u200c\u200d\ufeff") == ""
}

// raw writes text of ours, such as the marks of a list.
func (w *walker) raw(s string) {
	w.prefix()
	w.out = append(w.out, s...)
}

// prefix starts a line with the "> " of its quotation depth.
func (w *walker) prefix() {
	if !w.lineStart {
		return
	}
	for range min(w.quotes, maxQuote) {
		w.out = append(w.out, "> "...)
	}
	w.lineStart, w.blanks = false, 0
}

// fresh ends the line if anything is on it.
func (w *walker) fresh() {
	w.space = false
	if !w.lineStart {
		w.newline()
	}
}

// newline ends the line; more than two empty lines in a row are folded.
// In a quotation an empty line has its "> ", and is empty all the same.
func (w *walker) newline() {
	w.space = false
	if w.lineStart {
		if w.blanks >= 2 || len(w.out) == 0 {
			return
		}
		blanks := w.blanks + 1
		if w.quotes > 0 {
			w.prefix()
		}
		w.blanks = blanks
	}
	w.out = append(w.out, '\n')
	w.lineStart = true
}
