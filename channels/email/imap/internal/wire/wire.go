// Package wire stands between an IMAP server and the library that reads it: it mends what servers in use get wrong and
// bounds what they may send.
package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
)

// Limits of what one answer of a server may hold outside of a message body.
const (
	maxLine    = 16 << 20  // a SEARCH answer over two million messages is one line
	maxLiteral = 256 << 10 // strings that the library would keep in memory
	maxBody    = 1 << 30   // no mail is so large
)

var (
	// ErrLine says that the server sent more without an end of line than one answer may hold.
	ErrLine = errors.New("the server's answer has a line without end")
	// errLiteral is for strings outside of bodies: names, flags, envelopes; the library keeps them whole in memory.
	errLiteral = errors.New("the server's answer has an oversized string")
)

// Reader stands between the socket and the IMAP library, which drops the connection at everything
// that it does not know. It follows the stream line by line and literal by literal (RFC 9051 §4.3),
// leaves out untagged answers that nobody asked for, and mends what servers in use get wrong: a
// space before a closing parenthesis, response codes that are no atoms, lines that belong to no
// answer. Literals pass untouched. Answers that the library would buffer without a bound end the
// stream with an error.
//
// A stream that ends within a literal is filled up with zeros to the literal's end, and cut is set:
// the library reads on after an error in a literal, in two goroutines at once.
//
// One goroutine reads. Cut, Shut and Inject are for others: the two flags are atomic, and Inject comes before the first Read.
type Reader struct {
	// src reads the socket, in pieces of 32 KiB.
	src     *bufio.Reader
	out     []byte // bytes of the current line that are still to be handed on
	line    []byte // space for lines that do not fit into src's buffer
	literal int64  // bytes of the current literal still to come
	within  bool   // the answer goes on after the literal
	drop    bool   // the answer is not handed on
	fetch   bool   // the answer is a FETCH
	// err ends the stream: the socket's error or one of the two above. What was read before it is handed on first.
	err  error
	Cut  atomic.Bool // the last literal is not the server's to its end
	Shut atomic.Bool // the last folder was opened read-only, in the server's words
}

// New reads what a server sends by r.
func New(r io.Reader) *Reader {
	return &Reader{src: bufio.NewReaderSize(r, 32<<10)}
}

// Inject hands on a line that the server did not send, before everything else.
func (w *Reader) Inject(line string) { w.out = append([]byte(line), w.out...) }

// Read hands on the next bytes of the mended stream.
func (w *Reader) Read(p []byte) (int, error) {
	for {
		switch {
		case len(w.out) > 0:
			n := copy(p, w.out)
			w.out = w.out[n:]
			return n, nil
		case w.literal > 0 && !w.drop:
			return w.pass(p), nil
		case w.err != nil:
			return 0, w.err
		case w.literal > 0:
			w.skip()
		default:
			w.next()
		}
	}
}

// pass hands on bytes of a literal.
func (w *Reader) pass(p []byte) int {
	p = p[:min(int64(len(p)), w.literal)]
	var n int
	if w.err == nil {
		n, w.err = w.src.Read(p)
	}
	if n == 0 && w.err != nil {
		w.Cut.Store(true)
		clear(p)
		n = len(p)
	}
	w.literal -= int64(n)
	return n
}

// skip throws the literal of a dropped answer away.
func (w *Reader) skip() {
	n, err := io.CopyN(io.Discard, w.src, w.literal)
	w.literal -= n
	if err != nil {
		w.err = err
	}
}

// next reads one line and decides what becomes of it.
// A response is one line, or several with literals between them; within, drop and fetch carry over from one line of it to the next.
// Whether it is kept is decided by its first line alone.
func (w *Reader) next() {
	line, err := w.readLine()
	if err != nil {
		w.err = err
		// What came before the stream's end is handed on, so that the library sees a cut answer.
		if !w.drop {
			w.out = line
		}
		return
	}
	text, within := false, w.within
	if !within {
		var keep bool
		keep, text, w.fetch = kind(line)
		w.drop = !keep
		w.note(line)
	}
	if !w.drop {
		line = w.mend(line, text, within)
	}
	size, isBody, lit := int64(0), false, false
	if !text {
		size, isBody, lit = literal(line)
	}
	w.within = lit
	w.literal = size
	if lit && (size > maxBody || !isBody && !w.drop && size > maxLiteral) {
		w.err, w.literal = errLiteral, 0
		return
	}
	if !w.drop {
		w.out = line
	}
}

// note hears how a folder was opened (RFC 9051 §7.1), which the library does not tell.
func (w *Reader) note(line []byte) {
	if len(line) == 0 || line[0] == '*' || line[0] == '+' {
		return
	}
	_, rest, _ := bytes.Cut(line, []byte(" "))
	switch words := bytes.ToUpper(rest[:min(len(rest), 20)]); {
	case bytes.HasPrefix(words, []byte("OK [READ-ONLY]")):
		w.Shut.Store(true)
	case bytes.HasPrefix(words, []byte("OK [READ-WRITE]")):
		w.Shut.Store(false)
	}
}

// readLine reads to the next line feed. Short lines stand in src's buffer and are not copied; the result is valid, and may be
// changed, until the next call.
func (w *Reader) readLine() ([]byte, error) {
	line, err := w.src.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	w.line = append(w.line[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = w.src.ReadSlice('\n')
		if len(w.line)+len(line) > maxLine {
			return nil, ErrLine
		}
		w.line = append(w.line, line...)
	}
	line = w.line
	if cap(w.line) > 1<<20 {
		w.line = nil // a giant answer is rare: do not keep its space
	}
	return line, err
}

// mend repairs one line; line is ours to change.
func (w *Reader) mend(line []byte, text, within bool) []byte {
	switch {
	case w.fetch:
		return tighten(knownItems(line, within))
	case text:
		return cleanCode(line)
	}
	return line
}

// kind looks at the first words of an answer: is it handed on, does free text follow (in which
// braces mean nothing), is it a FETCH?
// The lists below hold what the library understands; they must grow with it. What is not there is dropped with its literals.
func kind(line []byte) (keep, text, fetch bool) {
	if len(line) == 0 {
		return false, false, false
	}
	first, rest := firstWord(line)
	switch {
	case first[0] == '+':
		return true, true, false
	case tag(first):
		return true, true, false
	case string(first) != "*":
		return false, true, false
	}
	word, rest := firstWord(rest)
	if len(word) > 0 && word[0] >= '0' && word[0] <= '9' {
		word, _ = firstWord(rest)
		fetch = is(word, "FETCH")
		return fetch || is(word, "EXISTS") || is(word, "RECENT") || is(word, "EXPUNGE"), false, fetch
	}
	for _, known := range [...]string{"OK", "NO", "BAD", "BYE", "PREAUTH"} {
		if is(word, known) {
			return true, true, false
		}
	}
	for _, known := range [...]string{"CAPABILITY", "FLAGS", "SEARCH", "LIST", "STATUS", "ENABLED", "MYRIGHTS"} {
		if is(word, known) {
			return true, false, false
		}
	}
	return false, false, false
}

// tag reports whether the word is a tag as the library makes them: T and a number.
func tag(word []byte) bool {
	return len(word) > 1 && word[0] == 'T' && word[1] >= '0' && word[1] <= '9'
}

// is compares without regard to case: keywords of IMAP have none (RFC 9051 §9).
func is(word []byte, name string) bool {
	return len(word) == len(name) && bytes.EqualFold(word, []byte(name))
}

// firstWord cuts the first word off a line. The word is never empty for a line that is not.
func firstWord(line []byte) (word, rest []byte) {
	i := bytes.IndexAny(line, " \r\n")
	switch {
	case i < 0:
		return line, nil
	case i == 0:
		return line[:1], line[1:]
	}
	if line[i] == ' ' {
		return line[:i], line[i+1:]
	}
	return line[:i], nil
}

// literal reads the announcement {size} at the end of a line, and whether it is that of a
// message body.
// A body follows a section or an offset (BODY[], BODY[]<0>), so its announcement stands behind ] or >; only such may be large.
func literal(line []byte) (size int64, body, ok bool) {
	end := bytes.TrimRight(line, "\r\n")
	if len(end) < 3 || end[len(end)-1] != '}' {
		return 0, false, false
	}
	open := bytes.LastIndexByte(end, '{')
	if open < 0 {
		return 0, false, false
	}
	size, err := strconv.ParseInt(string(end[open+1:len(end)-1]), 10, 64)
	if err != nil || size < 0 {
		return 0, false, false
	}
	item := bytes.TrimRight(end[:open], " ~")
	body = bytes.HasSuffix(item, []byte("]")) || bytes.HasSuffix(item, []byte(">"))
	return size, body, true
}

// tighten takes out spaces that stand before a closing or after an opening parenthesis, and
// doubled ones, outside of quoted strings.
// It works in place and costs nothing for a line that has no such space.
func tighten(line []byte) []byte {
	if !bytes.Contains(line, []byte(" )")) && !bytes.Contains(line, []byte("( ")) && !bytes.Contains(line, []byte("  ")) {
		return line
	}
	out := line[:0]
	quoted := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quoted && c == '\\' && i+1 < len(line):
			out = append(out, c)
			i++
			c = line[i]
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted && stray(out, line[i+1:]):
			continue
		}
		out = append(out, c)
	}
	return out
}

// stray reports whether a space between the two is one too many.
func stray(before, after []byte) bool {
	if len(after) > 0 && (after[0] == ')' || after[0] == ' ') {
		return true
	}
	return len(before) > 0 && before[len(before)-1] == '('
}

// cleanCode takes out a response code that is no atom with arguments, such as Exchange's
// [Error="…"].
func cleanCode(line []byte) []byte {
	open := bytes.IndexByte(line, '[')
	if open < 0 || open > 64 || bytes.Count(line[:open], []byte(" ")) > 2 {
		return line
	}
	i := open + 1
	for i < len(line) && AtomChar(line[i]) {
		i++
	}
	end := bytes.IndexByte(line[open:], ']')
	if end < 0 {
		line[open] = '(' // a bracket that never closes
		return line
	}
	if i > open+1 && (line[i] == ']' || line[i] == ' ') {
		return line
	}
	return append(line[:open], bytes.TrimLeft(line[open+end+1:], " ")...)
}

// AtomChar reports whether c may stand in an atom (RFC 9051 §9).
func AtomChar(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte(`(){%*"\]`, c) < 0
}
