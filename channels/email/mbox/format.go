package mbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"frontdesk/channels/email/header"
)

// mboxBuffer is how far ahead an mbox is looked at: the line after a separator must fit.
// It also is the reader's buffer, so a file of any size costs this and one mail of memory.
const mboxBuffer = 128 << 10

// boxed is one mail out of an mbox.
type boxed struct {
	// raw is what was kept of it, at most the reader's limit.
	raw      []byte
	size     int64     // of the whole mail
	at       time.Time // from the From_ line
	internal bool      // a mail program's own note at the beginning of its folder
}

// mbox reads one file of mails, one at a time (RFC 4155 and what came before it). A mail begins with
// a From_ line after an empty one; lines of its text that look like one were quoted with ">" by
// whoever wrote the file, which is undone. A file whose first mail has a Content-Length that leads
// exactly to its end is one whose lengths are believed, as long as they do so.
//
// There are four dialects, and nothing in a file says which one it is: with or without ">" before From_ lines of texts, with or
// without Content-Length. So each decision is taken by what surrounds it (begins, byLength). A wrong one would cut a mail in two or
// join two, which an import could not undo.
type mbox struct {
	// limit is how many bytes of one mail are kept; begun, that the first separator was read.
	r      *bufio.Reader
	limit  int64
	single bool // the file is one mail

	begun     bool
	distrusts bool   // lengths in this file are not believed
	proven    bool   // the first mail's was right
	ahead     []byte // From_ line of the mail after this one
}

// next returns the next mail, or io.EOF.
// After an error the file cannot be read on.
func (m *mbox) next() (boxed, error) {
	if m.single {
		return m.whole()
	}
	from, err := m.separator()
	if err != nil {
		return boxed{}, err
	}
	w := &boxWriter{limit: m.limit, from: fromDate(from)}
	done, err := m.header(w)
	if err == nil && !done {
		err = m.body(w)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return boxed{}, err
	}
	return w.mail(), nil
}

// whole reads a file that is one mail, without the From_ line that some programs put before it.
func (m *mbox) whole() (boxed, error) {
	if m.begun {
		return boxed{}, io.EOF
	}
	m.begun = true
	w := &boxWriter{limit: m.limit}
	head, err := m.r.Peek(5)
	if err != nil && !errors.Is(err, io.EOF) {
		return boxed{}, err
	}
	if isFrom(head) {
		line, err := m.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return boxed{}, err
		}
		w.from = fromDate(line)
	}
	for {
		line, err := m.r.ReadSlice('\n')
		w.add(line)
		switch {
		case errors.Is(err, io.EOF):
			return boxed{raw: w.b, size: w.size, at: w.from}, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return boxed{}, err
		}
	}
}

// separator reads the From_ line of the next mail; empty lines before the first are passed over.
func (m *mbox) separator() ([]byte, error) {
	if m.ahead != nil {
		line := m.ahead
		m.ahead = nil
		return line, nil
	}
	if m.begun {
		return nil, io.EOF
	}
	m.begun = true
	return m.line()
}

// line reads one line; one that is longer than the buffer comes without its rest, which is passed over.
func (m *mbox) line() ([]byte, error) {
	line, err := m.r.ReadSlice('\n')
	out := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = m.r.ReadSlice('\n')
	}
	return out, err
}

// header copies the header. done says that the next mail has begun already.
// A field of any length comes in pieces of the buffer; start says whether a piece begins a line.
func (m *mbox) header(w *boxWriter) (done bool, err error) {
	start := true
	for {
		line, err := m.r.ReadSlice('\n')
		if len(line) == 0 {
			return true, err
		}
		if start && isFrom(line) {
			line = bytes.Clone(line) // looking ahead moves the buffer
		}
		if start && isFrom(line) && m.begins(line, false) {
			m.ahead = line
			return true, nil
		}
		w.add(line)
		blank := start && isBlank(line)
		start = line[len(line)-1] == '\n'
		switch {
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return true, err
		case blank:
			w.blank = true
			return false, nil
		}
	}
}

// body copies the text up to the next mail.
// It copies line by line; a line that only seems to separate mails stays in the text.
func (m *mbox) body(w *boxWriter) error {
	if ok, err := m.byLength(w); ok || err != nil {
		return err
	}
	start := true
	for {
		line, err := m.r.ReadSlice('\n')
		if len(line) == 0 {
			return err
		}
		if start && isFrom(line) {
			line = bytes.Clone(line)
		}
		if start && isFrom(line) && m.begins(line, w.blank) {
			m.ahead = line
			return nil
		}
		w.blank = start && isBlank(line)
		if start && isQuotedFrom(line) {
			line = line[1:]
		}
		w.add(line)
		start = len(line) > 0 && line[len(line)-1] == '\n'
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// begins reports whether a line that begins with "From " separates two mails. blank says that the
// line before it is empty. A line that has no date, or no empty line before it, must be followed by
// the header of a mail.
// RFC 4155 wants both; programs write one of the two, and customers' texts have lines that begin with "From " and neither.
func (m *mbox) begins(line []byte, blank bool) bool {
	dated := hasFromDate(line)
	if blank && dated {
		return true
	}
	if !blank && !dated {
		return false
	}
	ahead, _ := m.r.Peek(128)
	ahead, _, _ = bytes.Cut(ahead, []byte("\n"))
	return knownField(ahead)
}

// byLength takes the text as long as Content-Length says, where that leads exactly to the next mail
// or to the end of the file.
// A length that leads elsewhere was written for another form of the mail (other line ends, an edited text). What was read for it is
// put back, so the file is then read by its separators.
func (m *mbox) byLength(w *boxWriter) (bool, error) {
	length, ok := contentLength(w.b)
	if m.distrusts || !ok || length > m.limit-w.size {
		m.distrusts = m.distrusts || !m.proven
		return false, nil
	}
	var text bytes.Buffer
	n, err := io.CopyN(&text, m.r, length)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if n == length && m.ends() {
		m.proven, w.blank = true, false
		w.text(text.Bytes())
		return true, m.toSeparator()
	}
	m.distrusts = true
	m.r = bufio.NewReaderSize(io.MultiReader(&text, m.r), mboxBuffer)
	return false, nil
}

// ends reports whether what comes next is the end of the file or a separator, with at most one empty
// line before it.
func (m *mbox) ends() bool {
	ahead, _ := m.r.Peek(7)
	if len(bytes.Trim(ahead, "\r\n")) == 0 {
		rest, err := m.r.Peek(8)
		return errors.Is(err, io.EOF) && len(bytes.Trim(rest, "\r\n")) == 0
	}
	ahead = bytes.TrimPrefix(bytes.TrimPrefix(ahead, []byte("\r")), []byte("\n"))
	return isFrom(ahead)
}

// toSeparator reads over the empty lines to the next From_ line, or to the end of the file.
func (m *mbox) toSeparator() error {
	for {
		line, err := m.line()
		if isFrom(line) {
			m.ahead = line
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// contentLength reads the field of that name in a header.
func contentLength(header []byte) (int64, bool) {
	n, err := strconv.ParseInt(fieldOf(header, "content-length:"), 10, 64)
	return n, err == nil && n >= 0
}

// isFrom reports whether a line could be a From_ line: the word and a space, in this case of letters.
func isFrom(line []byte) bool { return bytes.HasPrefix(line, []byte("From ")) }

// isBlank reports whether a line with its end has nothing else.
func isBlank(line []byte) bool { return len(line) == 1 || len(line) == 2 && line[0] == '\r' }

// isQuotedFrom reports whether a line is "From " behind at least one ">".
func isQuotedFrom(line []byte) bool {
	return len(line) > 0 && line[0] == '>' && isFrom(bytes.TrimLeft(line, ">"))
}

// hasFromDate reports whether a From_ line names a time of day and a month, or a numeric date.
func hasFromDate(line []byte) bool {
	if !isFrom(line) {
		return false
	}
	clock, month := false, false
	for word := range strings.FieldsSeq(string(line[5:min(len(line), 512)])) {
		h, rest, ok := strings.Cut(word, ":")
		clock = clock || ok && len(h) <= 2 && len(h) > 0 && isDigit(h[0]) && len(rest) >= 2 && isDigit(rest[0])
		month = month || isMonth(word) || len(word) == 10 && strings.Count(word, "-") == 2 && isDigit(word[0])
	}
	return clock && month
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isMonth knows the English names as ctime writes them; the index is a multiple of three for whole names only.
func isMonth(word string) bool {
	return len(word) == 3 && strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", word)%3 == 0
}

// fromDate reads the date of a From_ line: what comes behind the sender's address.
func fromDate(line []byte) time.Time {
	if !hasFromDate(line) {
		return time.Time{}
	}
	words := strings.Fields(string(line[5:]))
	return header.Date(strings.Join(words[min(1, len(words)):], " "))
}

// boxWriter gathers one mail.
type boxWriter struct {
	// b is what is kept, limit bytes at most; size counts all of it. from is the time of the From_ line, zero for none.
	b     []byte
	size  int64
	limit int64
	from  time.Time
	blank bool // the last line was empty
}

// add counts p and keeps what there is room for.
func (w *boxWriter) add(p []byte) {
	w.size += int64(len(p))
	if room := w.limit - int64(len(w.b)); room > 0 {
		w.b = append(w.b, p[:min(int64(len(p)), room)]...)
	}
}

// text adds a text of known length. Where a line of it begins with "From " nothing was quoted.
func (w *boxWriter) text(p []byte) {
	if isFrom(p) || bytes.Contains(p, []byte("\nFrom ")) {
		w.add(p)
		return
	}
	for line := range bytes.Lines(p) {
		if isQuotedFrom(line) {
			line = line[1:]
		}
		w.add(line)
	}
}

// mail is what was gathered, without the empty line before the next separator.
func (w *boxWriter) mail() boxed {
	if w.size == int64(len(w.b)) && w.blank {
		before := len(w.b)
		if rest, ok := bytes.CutSuffix(w.b, []byte("\r\n")); ok {
			w.b = rest
		} else {
			w.b = bytes.TrimSuffix(w.b, []byte("\n"))
		}
		w.size -= int64(before - len(w.b))
	}
	return boxed{raw: w.b, size: w.size, at: w.from, internal: isInternal(w.b)}
}

// isInternal recognises the note in which mail programs keep a folder's state.
func isInternal(raw []byte) bool {
	return strings.Contains(fieldOf(raw, "subject:"), "DON'T DELETE THIS MESSAGE") &&
		(fieldOf(raw, "x-imap:") != "" || fieldOf(raw, "x-imapbase:") != "")
}
