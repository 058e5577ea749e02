package normalize

import (
	"slices"
	"strings"

	"frontdesk/pipeline/normalize/markup"
)

// parts is a mail's text taken apart.
type parts struct{ visible, quoted, signature string }

// maxSignature is how many lines below "-- " still pass for a signature.
const maxSignature = 12

// split takes the text of one mail apart, by its words and by what its markup says. A forwarded mail is kept whole: what
// was forwarded is what the customer has to say.
func split(p markup.Page, forward bool) parts {
	s := p.Text
	if forward {
		return parts{visible: trimBlank(s)}
	}
	c := cutter{s: s, lines: scan(s, p.QuoteAt)}
	c.signed(p.SignAt, p.QuoteAt)
	c.index()
	if f := c.find(0, forwarded); f < len(c.lines) && c.cut(0, f) == f {
		return parts{visible: trimBlank(s)}
	}
	c.run()
	return c.parts()
}

// signed marks the lines between two offsets, which markup calls a signature, unless there are more than one has.
func (c *cutter) signed(from, to int) {
	first := slices.IndexFunc(c.lines, func(l line) bool { return l.start >= from })
	if from >= to || first < 0 {
		return
	}
	said, end := 0, first
	for ; end < len(c.lines) && c.lines[end].start < to; end++ {
		if c.lines[end].kind != blank {
			said++
		}
	}
	if said > maxSignature {
		return
	}
	for i := first; i < end; i++ {
		if k := c.lines[i].kind; k == text || k == label || k == rule {
			c.lines[i].kind = signature
		}
	}
}

// cutter works on the lines of one mail.
// The lines are read as a word of letters (kind), and the questions below are asked of that word. Everything is linear: index answers in
// one step what would else be looked for again and again in a mail of a hundred thousand lines.
type cutter struct {
	s     string
	lines []line
	drop  []bool // lines that belong to the history, between lines that do not
	from  int    // first line of the reply
	to    int    // line after the reply
	sig   int    // first line of the signature; to without one

	// For each line: the next line with words at or after it, the last signature separator before
	// it, and how many lines before it say something. They keep the questions below cheap.
	nextWords, lastDash, said []int
}

// index answers the questions that are asked again and again, in one pass each way.
func (c *cutter) index() {
	n := len(c.lines)
	c.nextWords, c.lastDash, c.said = make([]int, n+1), make([]int, n+1), make([]int, n+1)
	c.nextWords[n], c.lastDash[0] = n, -1
	for i, l := range c.lines {
		c.lastDash[i+1], c.said[i+1] = c.lastDash[i], c.said[i]
		if l.kind == dash {
			c.lastDash[i+1] = i
		}
		if l.kind != blank {
			c.said[i+1]++
		}
	}
	for i := n - 1; i >= 0; i-- {
		switch c.nextWords[i] = c.nextWords[i+1]; c.lines[i].kind {
		case text, label, forwarded:
			c.nextWords[i] = i
		}
	}
}

// run settles in this order what the rest relies on: where the reply begins, where it ends, what is taken out of it, its signature.
func (c *cutter) run() {
	c.drop = make([]bool, len(c.lines))
	c.from = c.leading()
	c.to = c.cut(c.from, len(c.lines))
	c.dropWrote()
	c.sig = c.signature()
}

// find returns the first line of that kind at or after i.
func (c *cutter) find(i int, k kind) int {
	for ; i < len(c.lines); i++ {
		if c.lines[i].kind == k {
			return i
		}
	}
	return i
}

// skip returns the first line at or after i that is not of these kinds.
func (c *cutter) skip(i int, kinds ...kind) int {
	for ; i < len(c.lines); i++ {
		known := false
		for _, k := range kinds {
			known = known || c.lines[i].kind == k
		}
		if !known {
			return i
		}
	}
	return i
}

// leading returns the first line of a reply that stands below the only quotation of the mail;
// 0 for all other mails.
func (c *cutter) leading() int {
	i := c.skip(0, blank, rule)
	w := c.skip(i, wrote, blank)
	q := c.skip(w, quoted, blank)
	if q == w || !c.words(q, len(c.lines)) {
		return 0
	}
	if again := c.find(q, quoted); again < len(c.lines) && c.cut(q, len(c.lines)) > again {
		return 0 // an answer between quotations needs them all
	}
	return q
}

// words reports whether somebody has written something in lines i to n, apart from a signature.
func (c *cutter) words(i, n int) bool {
	next := c.nextWords[min(i, len(c.lines))]
	if next >= n {
		return false
	}
	d := c.lastDash[next]
	return d < i || !c.short(d+1, n)
}

// short reports whether so little follows that it passes for a signature.
func (c *cutter) short(i, n int) bool {
	return c.said[n]-c.said[min(i, n)] <= maxSignature
}

// cut returns the line where the history starts, n if there is none that can be cut off: some
// words must stand before it and none after it.
// An answer between quotations, or below one, must not lose a word: so a quotation that words follow is stepped over. A header block
// or an "original message" line has only history below it.
func (c *cutter) cut(i, n int) int {
	seen := false
	for i < n {
		switch c.lines[i].kind {
		case text, label, forwarded:
			seen = true
		case original, header:
			if seen {
				return c.above(i)
			}
			return n
		case wrote:
			next := c.skip(i, wrote, blank)
			if seen && (next >= len(c.lines) || c.lines[next].kind != quoted) {
				return c.above(i)
			}
			if end := c.quotation(next); seen && !c.words(end, n) {
				return c.above(i)
			}
			i = max(next, i+1)
			continue
		case quoted:
			end := c.quotation(i)
			if seen && !c.words(end, n) {
				return c.above(i)
			}
			i = max(end, i+1)
			continue
		}
		i++
	}
	return n
}

// quotation returns the line after the quoted block that starts at i.
func (c *cutter) quotation(i int) int {
	end := i
	for ; i < len(c.lines); i++ {
		switch c.lines[i].kind {
		case quoted:
			end = i + 1
		case blank, wrote:
		default:
			return end
		}
	}
	return end
}

// above moves a cut over the rulers and blank lines that stand before it.
func (c *cutter) above(i int) int {
	for i > 0 && (c.lines[i-1].kind == blank || c.lines[i-1].kind == rule || c.heads(i)) {
		i--
	}
	return i
}

// heads reports whether the line above i says without rulers what stands below it, a header: "原始邮件".
func (c *cutter) heads(i int) bool {
	return c.lines[i].kind == header && len(c.lines[i-1].s) <= 40 && originalMarks[strings.ToLower(strings.TrimSpace(c.lines[i-1].s))]
}

// dropWrote takes the "X wrote:" lines out of a reply that goes on between or below quotations.
func (c *cutter) dropWrote() {
	for i := c.from; i < c.to; i++ {
		if c.lines[i].kind == wrote {
			c.drop[i] = true
		}
	}
	if !c.written(c.from, c.to) {
		clear(c.drop)
	}
}

// written reports whether any line would stay that is not blank.
func (c *cutter) written(i, n int) bool {
	for ; i < n; i++ {
		if !c.drop[i] && c.lines[i].kind != blank && c.lines[i].kind != rule {
			return true
		}
	}
	return false
}

// signature returns the first line of the signature at the end of the reply.
func (c *cutter) signature() int {
	end := c.tail(c.to)
	for i := c.from; i < end; i++ {
		if c.lines[i].kind == dash && c.written(c.from, i) && c.short(i+1, end) {
			end = c.tail(i)
			break
		}
	}
	end = c.tail(c.card(end))
	end = c.tail(c.ruled(end))
	if !c.written(c.from, end) {
		return c.to
	}
	return end
}

// tail walks up over blank lines, rulers and the lines that mail programs add.
func (c *cutter) tail(end int) int {
	for end > c.from {
		switch c.lines[end-1].kind {
		case blank, rule, signature, dash:
			end--
			continue
		}
		break
	}
	return end
}

// parts joins the lines to the three texts. Where the reply would be blank the whole text is visible.
func (c *cutter) parts() parts {
	var p parts
	p.visible = trimBlank(c.text(c.from, c.sig))
	if p.visible == "" {
		return parts{visible: trimBlank(c.s)}
	}
	p.signature = strings.TrimSpace(c.s[c.offset(c.sig):c.offset(c.to)])
	p.quoted = strings.TrimSpace(c.s[c.offset(0):c.offset(c.from)] + c.dropped() + c.s[c.offset(c.to):])
	return p
}

// dropped are the lines that were taken out of the reply.
func (c *cutter) dropped() string {
	var b strings.Builder
	for i := c.from; i < c.to; i++ {
		if c.drop[i] {
			b.WriteString(c.s[c.offset(i):c.offset(i+1)])
		}
	}
	return b.String()
}

// text joins the lines i to n that stay.
func (c *cutter) text(i, n int) string {
	var b strings.Builder
	for start := i; i <= n; i++ {
		if i == n || c.drop[i] {
			b.WriteString(c.s[c.offset(start):c.offset(i)])
			start = i + 1
		}
	}
	return b.String()
}

// offset returns where line i starts.
func (c *cutter) offset(i int) int {
	if i >= len(c.lines) {
		return len(c.s)
	}
	return c.lines[i].start
}

// trimBlank drops blank lines at both ends, keeps the indentation of the first line that is not,
// and the white space at the end of no line.
func trimBlank(s string) string {
	s = strings.TrimRight(s, " \t\n\u00a0\u3000")
	for {
		i := strings.IndexByte(s, '\n')
		if i < 0 || strings.TrimSpace(s[:i]) != "" {
			return s
		}
		s = s[i+1:]
	}
}
