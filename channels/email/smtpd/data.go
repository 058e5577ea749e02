package smtpd

import (
	"bufio"
	"io"
	"reflect"
)

// States of what DATA brings, numbered as the library numbers them.
const (
	lineBegins = iota
	lineDot    // a dot at the beginning of a line
	lineDotCR  // and CR behind it
	lineCR     // CR, which may be the first half of a line end
	lineGoesOn // within a line
	linesEnded // CR LF . CR LF was read
)

// lines reads the message that DATA brings, up to the line with a dot alone (RFC 5321 §4.1.1.4), and takes the dots of transparency away
// (§4.5.2). Line ends are CR LF and nothing else: what takes a bare LF for one can be made to see a second mail within the first.
//
// The library's own reader (go-smtp v0.25.1 and v0.26.0, data.go) overlooks a line end behind another CR: a mail whose last line ends in
// CR CR LF was never whole, and its sender tried again for days. lines takes the library's place at its buffer, and leaves the library's
// state as if it had read itself.
type lines struct {
	from  *bufio.Reader
	state *int
}

// linesOf gives what reads r, which the library gives for the data of a message; r itself where it is no reader of DATA: chunks (RFC 3030)
// are counted, not read by lines.
func linesOf(r io.Reader) io.Reader {
	v := reflect.ValueOf(r)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return r
	}
	from, state := v.Elem().FieldByName("r"), v.Elem().FieldByName("state")
	if !from.IsValid() || from.Type() != reflect.TypeFor[*bufio.Reader]() || !state.IsValid() || state.Kind() != reflect.Int {
		return r // TestDataIsReadByLines fails when the library comes to this
	}
	return &lines{(*bufio.Reader)(from.UnsafePointer()), (*int)(state.Addr().UnsafePointer())}
}

// Read fills b, or reads to the end of the message. The end of the connection before that is io.ErrUnexpectedEOF.
func (l *lines) Read(b []byte) (n int, err error) {
	for n < len(b) && *l.state != linesEnded {
		c, err := l.from.ReadByte()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return n, err
		}
		if *l.state == lineDotCR && c != '\n' { // the CR behind the dot was the message's, and what c is depends on it
			if err := l.from.UnreadByte(); err != nil {
				return n, err
			}
			c, *l.state = '\r', lineGoesOn
		}
		var shown bool
		if *l.state, shown = next(*l.state, c); shown {
			b[n] = c
			n++
		}
	}
	if *l.state == linesEnded {
		return n, io.EOF
	}
	return n, nil
}

// next is the state behind c, and whether c is the message's.
func next(state int, c byte) (to int, shown bool) {
	switch {
	case state == lineBegins && c == '.':
		return lineDot, false
	case state == lineDot && c == '\r':
		return lineDotCR, false
	case state == lineDotCR: // c is LF
		return linesEnded, false
	case c == '\r':
		return lineCR, true
	case state == lineCR && c == '\n':
		return lineBegins, true
	}
	return lineGoesOn, true
}
